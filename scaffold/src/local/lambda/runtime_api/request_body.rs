//! The bodies and trailers that a function posts.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt;
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::HeaderMap;

use crate::aws::MAX_PAYLOAD;
use crate::local::lambda::function_error::FunctionError;

/// The largest response that Lambda accepts, in bytes.
pub(super) const MAX_RESPONSE: usize = MAX_PAYLOAD + 100;

const ERROR_TYPE: &str = "Lambda-Runtime-Function-Error-Type";
const ERROR_BODY: &str = "Lambda-Runtime-Function-Error-Body";

/// The body of a response or an error.
pub(super) enum RequestBody {
    Complete(Bytes),
    /// A streamed response that ended with an error in its trailers.
    Failed(FunctionError),
    TooLarge {
        size: usize,
    },
}

/// Reads a body to its end, even if it is too large: a function that is still sending would not see
/// the response.
pub(super) async fn read(mut body: Incoming) -> Result<RequestBody, hyper::Error> {
    let mut bytes = Vec::new();
    let mut size = 0;
    let mut error = None;
    while let Some(frame) = body.frame().await {
        match frame?.into_data() {
            Ok(data) => {
                size += data.len();
                if size <= MAX_RESPONSE {
                    bytes.extend_from_slice(&data);
                }
            }
            Err(frame) => error = stream_error(frame),
        }
    }
    Ok(match error {
        Some(error) => RequestBody::Failed(error),
        None if size > MAX_RESPONSE => RequestBody::TooLarge { size },
        None => RequestBody::Complete(bytes.into()),
    })
}

/// Returns the error that the trailers of a streamed response report.
pub(super) fn stream_error(trailers: Frame<Bytes>) -> Option<FunctionError> {
    let trailers = trailers.into_trailers().ok()?;
    trailers.get(ERROR_TYPE)?;
    let body = trailers.get(ERROR_BODY).and_then(|body| STANDARD.decode(body).ok());
    Some(reported(&trailers, body.unwrap_or_default().into()))
}

/// The error that a function reports with these headers and this body.
pub(super) fn reported(headers: &HeaderMap, payload: Bytes) -> FunctionError {
    let error_type = headers.get(ERROR_TYPE).and_then(|value| value.to_str().ok());
    FunctionError::Reported {
        error_type: known_error_type(error_type.unwrap_or_default()).to_owned(),
        payload,
    }
}

/// Replaces error types that are not in Lambda's own form, as Lambda does in its reports.
fn known_error_type(error_type: &str) -> &str {
    let name = error_type.strip_prefix("Function.").or(error_type.strip_prefix("Runtime."));
    match name {
        Some(name)
            if name.starts_with(|first: char| first.is_ascii_uppercase())
                && name.len() > 1
                && name.chars().all(|char| char.is_ascii_alphabetic()) =>
        {
            error_type
        }
        _ if error_type.starts_with("Function.") => "Function.Unknown",
        _ => "Runtime.Unknown",
    }
}
