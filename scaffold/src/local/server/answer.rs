//! A response, and what the log says about it.

use std::sync::Arc;

use super::body::HttpResponse;

/// A response, and what the log says about it.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) response: HttpResponse,
    /// The name of the source of the event; `None` for the method and the target of the request.
    pub(super) source: Option<&'static str>,
    pub(super) function: Option<Arc<str>>,
    pub(super) is_cold: bool,
    /// Why the request failed, unless the function itself decided that.
    pub(super) reason: Option<String>,
}

impl Answer {
    /// A response without a function.
    pub(super) fn of(response: HttpResponse) -> Self {
        Self { response, source: None, function: None, is_cold: false, reason: None }
    }

    /// A response without a function, to a request that fails.
    pub(super) fn own(response: HttpResponse, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..Self::of(response) }
    }
}
