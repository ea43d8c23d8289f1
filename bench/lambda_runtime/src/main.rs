//! The function under test, on `lambda_runtime`, its event types from `aws_lambda_events`.

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::encodings::Body;
use aws_lambda_events::http::{HeaderMap, HeaderValue, Method};
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};
use serde::Serialize;

#[derive(Serialize)]
struct Greeting<'a> {
    message: String,
    path: &'a str,
}

async fn hello(
    event: LambdaEvent<ApiGatewayV2httpRequest>,
) -> Result<ApiGatewayV2httpResponse, Error> {
    let request = event.payload;
    let mut headers = HeaderMap::new();
    let body = if request.request_context.http.method == Method::POST {
        headers.insert("content-type", HeaderValue::from_static("text/plain; charset=utf-8"));
        request.body.unwrap_or_default()
    } else {
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        let name = request.query_string_parameters.first("name").unwrap_or("world");
        let path = request.raw_path.as_deref().unwrap_or("/");
        serde_json::to_string(&Greeting { message: format!("hello {name}"), path })?
    };
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = 200;
    response.headers = headers;
    response.body = Some(Body::Text(body));
    Ok(response)
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    run(service_fn(hello)).await
}
