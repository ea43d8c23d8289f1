//! Has the names that the emitted code uses, for the function and its parameters.

// event: "a"
// reply: "a id-1 b"

use lambda_native::{Context, lambda_handler};

fn output() -> String {
    "b".to_owned()
}

#[lambda_handler(init = output)]
async fn event(reply: String, state: &Context, context: &str) -> String {
    format!("{reply} {} {context}", state.request_id())
}
