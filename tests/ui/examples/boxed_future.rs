//! Returns a boxed future of a `Result`.

// event: "3"
// reply: 3
// event: "x"
// error: {"errorType":"ParseIntError","errorMessage":"invalid digit found in string","stackTrace":[]}

use std::num::ParseIntError;
use std::pin::Pin;

use lambda_native::lambda_handler;

#[lambda_handler]
fn parse(number: String) -> Pin<Box<dyn Future<Output = Result<u8, ParseIntError>>>> {
    Box::pin(async move { number.parse() })
}
