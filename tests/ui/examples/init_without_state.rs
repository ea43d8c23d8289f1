//! Has an `init` that returns nothing.

// event: "tea"
// reply: "tea"

use lambda_native::lambda_handler;

async fn prepare() {}

#[lambda_handler(init = prepare)]
async fn echo(item: String) -> String {
    item
}
