//! API Gateway and function URLs, without the network: which function a request is for, the event
//! that the function gets, and what its payload is as a response.
//!
//! All of an application's APIs share one port:
//! - The paths are those of the template. A named stage may come before them, as on AWS, and may be
//!   left out; events have it where AWS has it. No base path of a domain is a part of them.
//! - The most exact route gets a request, whichever API it is of; `$default` gets what is left. Of two
//!   routes alike, in two APIs, it is the first; the other is left its stage, if that has a name.
//! - An authorizer that is a function is asked for each request: its answers are not kept.
//! - A function URL is at `/{name of the function}/`, or at `/` where it is all there is.

mod authorizer;
mod cors;
mod event;
mod failure;
mod pattern;
mod response;
mod router;
mod stream;
#[cfg(test)]
mod tests;

pub(crate) use self::authorizer::{Caller, Refusal, authorizer_event, granted};
pub(crate) use self::event::event;
pub(crate) use self::failure::{Failure, failure};
pub(crate) use self::response::{Malformed, response};
pub(crate) use self::router::{Ids, Route, Routed, Router};
pub(crate) use self::stream::Prelude;

/// The most bytes that Lambda takes from a client, or gives it, in one piece.
pub(crate) const MAX_PAYLOAD: usize = 6 * 1024 * 1024;

/// An answer to a client.
pub(crate) type Response = http::Response<Vec<u8>>;
