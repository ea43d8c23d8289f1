//! Returns a type alias of `Result`, with an `Error`.

// event: 0
// error: {"errorType":"OutOfStock","errorMessage":"there is no tea","stackTrace":[]}
// event: 2
// reply: 2

use lambda_native::{Error, lambda_handler};

type Outcome<T> = Result<T, Error>;

#[lambda_handler]
async fn take(count: u32) -> Outcome<u32> {
    if count == 0 { Err(Error::new("OutOfStock", "there is no tea")) } else { Ok(count) }
}
