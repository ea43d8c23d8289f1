//! The events that functions receive for requests.
//!
//! Fields stand in AWS's own order. What AWS leaves out is absent, and what it sends as `null` is
//! `null`.

mod authorizer_event;
mod client_request;
mod v1;
mod v2;

use std::net::IpAddr;
use std::time::SystemTime;

use http::request::Parts;

pub(crate) use self::authorizer_event::authorizer_event;
use self::client_request::{ClientRequest, to_json};
use self::v1::EventV1;
use self::v2::EventV2;
use super::route::RouteMatch;
use crate::sam::PayloadFormat;

/// Returns the event for a request that came from `client` at `now`.
pub(crate) fn event(
    route: &RouteMatch,
    request: &Parts,
    body: &[u8],
    client: IpAddr,
    now: SystemTime,
) -> Vec<u8> {
    let request = ClientRequest { route, head: request, body, client, now: now.into() };
    match route.payload_format {
        PayloadFormat::V1 => to_json(&EventV1::new(&request)),
        PayloadFormat::V2 => to_json(&EventV2::new(&request)),
    }
}
