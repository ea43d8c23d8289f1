//! Names the default flavor.

// event: 2
// reply: 2

use lambda_native::lambda_handler;

#[lambda_handler(flavor = "current_thread")]
async fn echo(number: u32) -> u32 {
    number
}
