//! Takes the event and the state, and no context.

// event: "tea"
// reply: "green tea"

use lambda_native::lambda_handler;

async fn load() -> String {
    "green".to_owned()
}

#[lambda_handler(init = load)]
async fn name(item: &str, prefix: &String) -> String {
    format!("{prefix} {item}")
}
