//! The ids that API Gateway and function URLs give to requests.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::request::Parts;
use uuid::Uuid;

use crate::aws;
use crate::sam::ApiKind;

#[derive(Clone, Debug)]
pub(crate) struct RequestIds {
    /// The id of API Gateway or the function URL, not that of Lambda.
    pub(crate) request: String,
    /// The extended request id, which REST APIs send and payload format 1.0 contains.
    pub(crate) extended: String,
    /// The X-Ray trace header, `Root=1-…`: the client's, if it sent one.
    pub(crate) trace: String,
}

impl RequestIds {
    pub(super) fn new(kind: ApiKind, request: &Parts) -> Self {
        let extended = extended_id();
        let trace = request.headers.get("x-amzn-trace-id").and_then(|trace| trace.to_str().ok());
        Self {
            request: match kind {
                ApiKind::Http => extended.clone(),
                ApiKind::Rest | ApiKind::FunctionUrl { .. } => Uuid::new_v4().to_string(),
            },
            extended,
            trace: trace.map_or_else(aws::trace_id, str::to_owned),
        }
    }
}

/// Returns an id in API Gateway's own form: `JKJaXmPLvHcESHA=`.
pub(super) fn extended_id() -> String {
    let bytes = Uuid::new_v4().into_bytes();
    BASE64_STANDARD.encode(bytes.get(..11).unwrap_or_default())
}
