//! Takes an event that can be `null`.

// event: null
// reply: "nobody"
// event: "Ada"
// reply: "Ada"

use lambda_native::lambda_handler;

#[lambda_handler]
async fn who(name: Option<String>) -> String {
    name.unwrap_or("nobody".to_owned())
}
