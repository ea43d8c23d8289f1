//! Fails with a boxed error.

// event: "x"
// error: {"errorType":"Error","errorMessage":"invalid digit found in string","stackTrace":[]}
// event: "0"
// error: {"errorType":"Error","errorMessage":"nothing is ordered","stackTrace":[]}

use std::error::Error;

use lambda_native::lambda_handler;

#[lambda_handler]
async fn parse(count: &str) -> Result<u32, Box<dyn Error>> {
    match count.parse()? {
        0 => Err("nothing is ordered".into()),
        count => Ok(count),
    }
}
