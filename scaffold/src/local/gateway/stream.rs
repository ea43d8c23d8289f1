//! The prelude of a streamed response, which holds its status and headers.

use http::response::Parts;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Map, Value};

use super::headers::add_gateway_headers;
use super::response::{MalformedResponse, head, parse_status};
use super::route::RouteMatch;
use crate::sam::{ApiKind, PayloadFormat};

/// The content type of a response that begins with a prelude.
const INTEGRATION: &str = "application/vnd.awslambda.http-integration-response";
/// Separates the prelude from the body.
const SEPARATOR: [u8; 8] = [0; 8];
/// The number of bytes in which the separator must be found.
const MAX_PRELUDE: usize = 64 * 1024;
/// The same for REST APIs ("Set up a Lambda proxy integration with payload response streaming in API Gateway" in AWS's
/// documentation).
const MAX_REST_PRELUDE: usize = 16 * 1024;

const OCTET_STREAM: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Reads the prelude of a response that arrives in parts.
#[derive(Debug)]
pub(crate) struct Prelude {
    has_prelude: bool,
    max_length: usize,
    content_type: HeaderValue,
    read: Vec<u8>,
}

/// The start of a streamed response.
#[derive(Debug)]
pub(crate) struct StreamHead {
    pub(crate) head: Parts,
    /// The prelude as the function has sent it, if it has one.
    pub(crate) prelude: Option<Vec<u8>>,
    /// The first bytes of the body.
    pub(crate) rest: Vec<u8>,
}

impl Prelude {
    /// Starts a response that the function posts with this `Content-Type`. REST APIs do not take one without a
    /// prelude.
    pub(crate) fn new(kind: ApiKind, content_type: Option<&str>) -> Self {
        let is_rest = kind == ApiKind::Rest;
        let own = content_type.and_then(|kind| HeaderValue::from_str(kind).ok());
        Self {
            has_prelude: is_rest || content_type == Some(INTEGRATION),
            max_length: if is_rest { MAX_REST_PRELUDE } else { MAX_PRELUDE },
            content_type: own.unwrap_or(OCTET_STREAM),
            read: Vec::new(),
        }
    }

    /// Takes the next part. Once the prelude is complete, returns the start of the response; all later parts
    /// belong to the body.
    pub(crate) fn push(
        &mut self,
        route: &RouteMatch,
        part: &[u8],
    ) -> Result<Option<StreamHead>, MalformedResponse> {
        self.read.extend_from_slice(part);
        let mut response = Response::default();
        let mut prelude = None;
        if self.has_prelude {
            let end = self.read.windows(SEPARATOR.len()).position(|bytes| bytes == SEPARATOR);
            let Some(end) = end else {
                let length = self.read.len();
                return if length > self.max_length {
                    let message =
                        "the prelude of the streamed response does not end (with eight NUL bytes)";
                    Err(MalformedResponse(format!("{message} in the first {length} bytes")))
                } else {
                    Ok(None)
                };
            };
            let body = self.read.split_off(end);
            if end + SEPARATOR.len() > self.max_length {
                let message = format!(
                    "the prelude of the streamed response has {end} bytes; at most {} are allowed",
                    self.max_length - SEPARATOR.len()
                );
                return Err(MalformedResponse(message));
            }
            response = parse(route, &self.read)?;
            let body = body.get(SEPARATOR.len()..).unwrap_or_default().to_vec();
            prelude = Some(std::mem::replace(&mut self.read, body));
        } else {
            response.headers_mut().insert(header::CONTENT_TYPE, self.content_type.clone());
        }
        add_gateway_headers(response.headers_mut(), route);
        let (head, ()) = response.map(|_| ()).into_parts();
        Ok(Some(StreamHead { head, prelude, rest: std::mem::take(&mut self.read) }))
    }

    /// Returns the error of a response that ended before its prelude was complete.
    pub(crate) fn end(self) -> MalformedResponse {
        let length = self.read.len();
        MalformedResponse(format!(
            "the streamed response ended after {length} bytes, before the end of its prelude"
        ))
    }
}

fn parse(route: &RouteMatch, prelude: &[u8]) -> Result<Response<Vec<u8>>, MalformedResponse> {
    let fields: Map<String, Value> = serde_json::from_slice(prelude).map_err(|error| {
        MalformedResponse(format!(
            "the prelude of the streamed response is not a JSON object: {error}"
        ))
    })?;
    let status = fields.get("statusCode").map_or(Ok(StatusCode::OK), parse_status)?;
    head(route.api.kind, status, &fields, PayloadFormat::V2, OCTET_STREAM)
}
