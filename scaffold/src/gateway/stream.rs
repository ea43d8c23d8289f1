//! The head of a streamed response, ahead of its body.

use http::header;
use http::response::Parts;
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value};

use super::failure::finish;
use super::response::{add_headers, status};
use super::{Malformed, Response, Route};
use crate::application::Payload;

/// What a function posts a response as that begins with its status and headers.
const INTEGRATION: &str = "application/vnd.awslambda.http-integration-response";
/// What is between them and the body.
const SEPARATOR: [u8; 8] = [0; 8];
/// The most that is read in search of it.
const MAX_PRELUDE: usize = 64 * 1024;

/// Waits for the head of a response that arrives in parts.
#[derive(Debug)]
pub(crate) struct Prelude {
    has_prelude: bool,
    content_type: HeaderValue,
    read: Vec<u8>,
}

impl Prelude {
    /// For a response that the function posts with this `Content-Type`.
    pub(crate) fn new(content_type: Option<&str>) -> Self {
        let default = HeaderValue::from_static("application/octet-stream");
        let own = content_type.and_then(|kind| HeaderValue::from_str(kind).ok());
        Self {
            has_prelude: content_type == Some(INTEGRATION),
            content_type: own.unwrap_or(default),
            read: Vec::new(),
        }
    }

    /// Takes the next part; once the head is whole, gives it and what of the body came with it.
    /// After that the parts are the body.
    pub(crate) fn push(
        &mut self,
        route: &Route,
        part: &[u8],
    ) -> Result<Option<(Parts, Vec<u8>)>, Malformed> {
        self.read.extend_from_slice(part);
        let mut response = Response::default();
        if self.has_prelude {
            let end = self.read.windows(SEPARATOR.len()).position(|bytes| bytes == SEPARATOR);
            let Some(end) = end else {
                let length = self.read.len();
                return if length > MAX_PRELUDE {
                    let text = "eight NUL bytes end the head of a streamed response";
                    Err(Malformed(format!("{text}: there are none in its first {length} bytes")))
                } else {
                    Ok(None)
                };
            };
            let body = self.read.split_off(end);
            response = head(route, &self.read)?;
            self.read = body.get(SEPARATOR.len()..).unwrap_or_default().to_vec();
        } else {
            response.headers_mut().insert(header::CONTENT_TYPE, self.content_type.clone());
        }
        finish(route, &mut response);
        let (head, ()) = response.map(|_| ()).into_parts();
        Ok(Some((head, std::mem::take(&mut self.read))))
    }

    /// The response is over, and its head was not whole.
    pub(crate) fn end(self) -> Malformed {
        let length = self.read.len();
        Malformed(format!("the streamed response ended after {length} bytes, within its head"))
    }
}

fn head(route: &Route, prelude: &[u8]) -> Result<Response, Malformed> {
    let fields: Map<String, Value> = serde_json::from_slice(prelude).map_err(|error| {
        Malformed(format!("the head of the streamed response is no JSON object: {error}"))
    })?;
    let mut response = Response::default();
    *response.status_mut() = match fields.get("statusCode") {
        None => StatusCode::OK,
        some => status(route.api.kind, some)?,
    };
    let headers = response.headers_mut();
    add_headers(headers, &fields, Payload::V2)?;
    for name in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION] {
        headers.remove(name);
    }
    if !headers.contains_key(header::CONTENT_TYPE) {
        let default = HeaderValue::from_static("application/octet-stream");
        headers.insert(header::CONTENT_TYPE, default);
    }
    Ok(response)
}
