//! A response, and what the log says about it.

use std::sync::Arc;

use hyper::body::Bytes;
use tokio::sync::oneshot;

use super::body::HttpResponse;
use crate::local::lambda::InvocationDetails;

/// A response, and what the log says about it.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) response: HttpResponse,
    /// The name of the source of the event; `None` for the method and the target of the request.
    pub(super) source: Option<String>,
    pub(super) function: Option<Arc<str>>,
    pub(super) is_cold: bool,
    /// Why the request failed, unless the function itself decided that.
    pub(super) reason: Option<String>,
    pub(super) exchange: Exchange,
}

/// What the console shows beside the line of the log; empty if no function was involved.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    /// The invocation's request id.
    pub(super) id: Option<String>,
    /// The route that the request took.
    pub(super) route: Option<String>,
    /// The body of the request.
    pub(super) body: Bytes,
    pub(super) event: Option<Bytes>,
    /// The response or the error of the function, unless it streams.
    pub(super) answer: Option<Bytes>,
    pub(super) details: Option<oneshot::Receiver<InvocationDetails>>,
}

impl Answer {
    /// A response without a function.
    pub(super) fn of(response: HttpResponse) -> Self {
        Self {
            response,
            source: None,
            function: None,
            is_cold: false,
            reason: None,
            exchange: Exchange::default(),
        }
    }

    /// A response without a function, to a request that fails.
    pub(super) fn own(response: HttpResponse, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..Self::of(response) }
    }
}
