//! Fails with an error type of its own that has its own statuses.

// event: {"requestContext":{"http":{"method":"GET"}},"version":"2.0","rawPath":"/tea"}
// reply: {"statusCode":200,"headers":{},"cookies":[],"body":"","isBase64Encoded":false}
// event: {"requestContext":{"http":{"method":"GET"}},"version":"2.0","rawPath":"/ink"}
// reply: {"statusCode":404,"headers":{"content-type":"application/json"},"cookies":[],"body":"{\"message\":\"no such item\"}","isBase64Encoded":false}
// event: {"requestContext":{"http":{"method":"GET"}},"version":"2.0","rawPath":"/pen"}
// reply: {"statusCode":500,"headers":{"content-type":"application/json"},"cookies":[],"body":"{\"message\":\"Internal Server Error\"}","isBase64Encoded":false}

use std::fmt;

use lambda_native::http::Request;
use lambda_native::{HandlerError, lambda_handler};

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

impl HandlerError for StockError {
    fn status(&self) -> Option<u16> {
        match self {
            Self::UnknownItem => Some(404),
            Self::Closed => None,
        }
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
