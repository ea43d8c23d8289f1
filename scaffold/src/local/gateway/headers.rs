//! The headers that the gateway adds to every response.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::cors;
use super::route::RouteMatch;
use crate::sam::ApiKind;

pub(super) const APIGW_REQUEST_ID: HeaderName = HeaderName::from_static("apigw-requestid");
pub(super) const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const APIGW_ID: HeaderName = HeaderName::from_static("x-amz-apigw-id");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// Adds the request's ids, and the CORS headers except those of REST APIs, which are the function's
/// own.
pub(super) fn add_gateway_headers(headers: &mut HeaderMap, route: &RouteMatch) {
    let mut add = |name, value: &str| {
        // Leaves out a client's trace id that is not a valid header value.
        HeaderValue::from_str(value).map(|value| headers.insert(name, value)).ok();
    };
    match route.api.kind {
        ApiKind::Http => add(APIGW_REQUEST_ID, &route.ids.request),
        ApiKind::Rest => {
            add(REQUEST_ID, &route.ids.request);
            add(APIGW_ID, &route.ids.extended);
            add(TRACE_ID, &route.ids.trace);
        }
        ApiKind::FunctionUrl { .. } => {
            add(REQUEST_ID, &route.ids.request);
            add(TRACE_ID, &route.ids.trace);
        }
    }
    if route.api.kind != ApiKind::Rest {
        cors::apply(&route.api, route.origin.as_ref(), headers);
    }
}
