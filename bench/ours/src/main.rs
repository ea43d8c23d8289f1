//! The function under test, on `lambda_native`.

use lambda_native::http::{IntoResponse, Json, Request, Response};
use lambda_native::{Error, lambda_handler};
use serde::Serialize;

#[derive(Serialize)]
struct Greeting<'a> {
    message: String,
    path: &'a str,
}

#[lambda_handler(http)]
async fn hello(request: Request<'_>) -> Result<Response, Error> {
    if request.method() == "POST" {
        return Ok(request.text()?.to_owned().into_response());
    }
    let name = request.query("name").unwrap_or("world".into());
    let message = format!("hello {name}");
    Ok(Json(Greeting { message, path: request.path() }).into_response())
}
