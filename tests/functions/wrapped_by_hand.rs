//! A wrapped handler of requests with a hook, without the macros.

use std::process::ExitCode;

use lambda_native::http::{self, IntoResponse, Problem, Request, Response};
use lambda_native::{Context, Error, after, start_with};

async fn with_key(
    request: &Request<'_>,
    next: impl AsyncFnOnce(&Request<'_>) -> Response,
) -> Response {
    if request.header("x-api-key") != Some("secret") {
        return Problem::new(401).into_response();
    }
    next(request).await.with_header("x-checked", "yes")
}

async fn hello(request: &Request<'_>) -> Response {
    format!("hello, {}", request.path()).into_response()
}

async fn flush(context: &Context) {
    println!("flush {}", context.request_id());
}

async fn init() -> Result<String, Error> {
    Ok("state".to_owned())
}

fn main() -> ExitCode {
    start_with(async || {
        let state = init().await?;
        let handler = http::handler_fn(async move |request: &Request<'_>, context: &Context| {
            let response = with_key(request, hello).await;
            response.with_header("x-request", format!("{state} {}", context.request_id()))
        });
        Ok(after(handler, flush))
    })
}
