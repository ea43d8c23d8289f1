//! The function under test, on `lambda_http`.

use lambda_http::http::Method;
use lambda_http::{Body, Error, Request, RequestExt, Response, run, service_fn, tracing};
use serde::Serialize;

#[derive(Serialize)]
struct Greeting<'a> {
    message: String,
    path: &'a str,
}

async fn hello(request: Request) -> Result<Response<Body>, Error> {
    if request.method() == Method::POST {
        let response = Response::builder().header("content-type", "text/plain; charset=utf-8");
        return Ok(response.body(request.into_body())?);
    }
    let parameters = request.query_string_parameters();
    let name = parameters.first("name").unwrap_or("world");
    let greeting = Greeting { message: format!("hello {name}"), path: request.uri().path() };
    let response = Response::builder().header("content-type", "application/json");
    Ok(response.body(Body::Text(serde_json::to_string(&greeting)?))?)
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    run(service_fn(hello)).await
}
