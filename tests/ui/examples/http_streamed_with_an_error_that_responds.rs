//! Streams, and fails with an error that makes the response, before and after the beginning.

// event: {"requestContext":{"http":{"method":"GET"}},"version":"2.0","rawPath":"/ink"}
// streams: 6a\r\n{"statusCode":404,"headers":{"content-type":"text/plain; charset=utf-8"},"cookies":[]}\x00\x00\x00\x00\x00\x00\x00\x00no such item\r\n0\r\n\r\n
// event: {"requestContext":{"http":{"method":"GET"}},"version":"2.0","rawPath":"/pen"}
// streams: 71\r\n{"statusCode":503,"headers":{"content-type":"text/plain; charset=utf-8"},"cookies":[]}\x00\x00\x00\x00\x00\x00\x00\x00closed until Monday\r\n0\r\n\r\n
// event: {"requestContext":{"http":{"method":"GET"}},"version":"2.0","rawPath":"/tea"}
// streams: 34\r\n{"statusCode":200,"headers":{},"cookies":[]}\x00\x00\x00\x00\x00\x00\x00\x00\r\n0\r\nLambda-Runtime-Function-Error-Type: Function.StockError\r\nLambda-Runtime-Function-Error-Body: eyJlcnJvclR5cGUiOiJTdG9ja0Vycm9yIiwiZXJyb3JNZXNzYWdlIjoibm8gc3VjaCBpdGVtIiwic3RhY2tUcmFjZSI6W119\r\n\r\n

use std::fmt;

use lambda_native::http::{self, IntoResponse, Request, Response};
use lambda_native::{Reply, lambda_handler};

#[derive(Debug)]
enum StockError {
    UnknownItem,
    Closed,
}

impl fmt::Display for StockError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::UnknownItem => "no such item",
            Self::Closed => "closed until Monday",
        })
    }
}

impl std::error::Error for StockError {}

impl IntoResponse for StockError {
    fn into_response(self) -> Response {
        let status = if matches!(self, Self::UnknownItem) { 404 } else { 503 };
        (status, self.to_string()).into_response()
    }
}

#[lambda_handler(http, stream)]
async fn stock(request: Request<'_>, reply: &mut Reply) -> Result<(), StockError> {
    match request.path() {
        "/ink" => Err(StockError::UnknownItem),
        "/pen" => Err(StockError::Closed),
        _ => {
            let sent = http::stream(Response::new(200), reply).await;
            sent.map_err(|_| StockError::Closed)?;
            Err(StockError::UnknownItem)
        }
    }
}
