//! A `Result` that is called something else, of a `Failure`.

// event: 0
// error: {"errorType":"OutOfStock","errorMessage":"there is no tea","stackTrace":[]}
// event: 2
// reply: 2

use lambda_native::{Failure, lambda_handler};

type Outcome<T> = Result<T, Failure>;

#[lambda_handler]
async fn take(count: u32) -> Outcome<u32> {
    if count == 0 { Err(Failure::new("OutOfStock", "there is no tea")) } else { Ok(count) }
}
