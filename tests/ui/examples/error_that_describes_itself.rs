//! Fails with an error type of its own that has its own types for Lambda.

// event: "tea"
// reply: 12
// event: "ink"
// error: {"errorType":"SoldOut","errorMessage":"sold out","stackTrace":[]}
// event: "pen"
// error: {"errorType":"UnknownItem","errorMessage":"no item `pen`","stackTrace":["the table is empty"]}

use std::error::Error;
use std::fmt;
use std::io;

use lambda_native::{HandlerError, lambda_handler};

#[derive(Debug)]
enum StockError {
    UnknownItem(String, io::Error),
    SoldOut,
}

impl fmt::Display for StockError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownItem(item, _) => write!(formatter, "no item `{item}`"),
            Self::SoldOut => formatter.write_str("sold out"),
        }
    }
}

impl Error for StockError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::UnknownItem(_, cause) => Some(cause),
            Self::SoldOut => None,
        }
    }
}

impl HandlerError for StockError {
    fn error_type(&self) -> &'static str {
        match self {
            Self::UnknownItem(..) => "UnknownItem",
            Self::SoldOut => "SoldOut",
        }
    }
}

#[lambda_handler]
async fn stock(item: String) -> Result<u32, StockError> {
    match item.as_str() {
        "tea" => Ok(12),
        "ink" => Err(StockError::SoldOut),
        _ => Err(StockError::UnknownItem(item, io::Error::other("the table is empty"))),
    }
}
