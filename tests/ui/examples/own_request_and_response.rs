//! Has an event and a response of its own with the names of HTTP's types, and names their lifetime.

// event: {"name":"Ada"}
// reply: {"greeting":"hello","name":"Ada"}
// event: {"name":""}
// error: {"errorType":"Error","errorMessage":"nobody to greet","stackTrace":[]}

use lambda_native::lambda_handler;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Request<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Response<'a> {
    greeting: &'static str,
    name: &'a str,
}

#[lambda_handler]
#[expect(clippy::elidable_lifetime_names, reason = "a handler can name its lifetimes")]
async fn greet<'r>(request: Request<'r>) -> Result<Response<'r>, &'static str> {
    if request.name.is_empty() {
        return Err("nobody to greet");
    }
    Ok(Response { greeting: "hello", name: request.name })
}
