//! Fails with an error type of its own that makes the response.

// event: {"requestContext":{"http":{"method":"GET"}},"version":"2.0","rawPath":"/tea"}
// reply: {"statusCode":200,"headers":{},"cookies":[],"body":"","isBase64Encoded":false}
// event: {"requestContext":{"http":{"method":"GET"}},"version":"2.0","rawPath":"/ink"}
// reply: {"statusCode":404,"headers":{"content-type":"text/plain; charset=utf-8"},"cookies":[],"body":"no such item","isBase64Encoded":false}
// event: {"requestContext":{"http":{"method":"GET"}},"version":"2.0","rawPath":"/pen"}
// reply: {"statusCode":503,"headers":{"content-type":"text/plain; charset=utf-8"},"cookies":[],"body":"closed until Monday","isBase64Encoded":false}

use std::fmt;

use lambda_native::http::{IntoResponse, Request, Response};
use lambda_native::lambda_handler;

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

#[lambda_handler(http)]
async fn stock(request: Request<'_>) -> Result<u16, StockError> {
    match request.path() {
        "/tea" => Ok(200),
        "/ink" => Err(StockError::UnknownItem),
        _ => Err(StockError::Closed),
    }
}
