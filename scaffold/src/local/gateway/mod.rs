//! API Gateway and function URLs, without the network: the function that a request is for, the event
//! that the function receives, and the response that the client receives.
//!
//! All APIs of an application share one port:
//! - The paths are those of the template. A named stage can stand before them, as on AWS, or be left
//!   out; events contain it as they do on AWS. Base paths of custom domains are not part of them.
//! - The most specific route of all APIs receives a request; `$default` receives the rest. Of two equal
//!   routes in different APIs the first one wins; the other can be reached through its stage, if that
//!   has a name.
//! - A Lambda authorizer is invoked for every request: its responses are not cached.
//! - A function URL is at `/{name of the function}/`, or at `/` if it is the only endpoint.

mod authorization;
mod cors;
mod error;
mod event;
mod headers;
mod media_type;
mod pattern;
mod request_ids;
mod response;
mod route;
mod router;
mod stream;
#[cfg(test)]
mod tests;
mod token;

pub(crate) use self::authorization::{AuthorizationError, authorize};
pub(crate) use self::error::GatewayError;
pub(crate) use self::event::{authorizer_event, event};
pub(crate) use self::request_ids::RequestIds;
pub(crate) use self::response::{MalformedResponse, response};
pub(crate) use self::route::{AuthorizerContext, RouteMatch};
pub(crate) use self::router::{Router, Routing};
pub(crate) use self::stream::{Prelude, StreamHead};
pub(crate) use self::token::{check_token, key_id};
