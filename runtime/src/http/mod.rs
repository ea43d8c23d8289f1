//! HTTP requests and responses: API Gateway, Function URLs and Application Load Balancers.
//!
//! A function that takes a [`Request`] and returns anything that is [`IntoResponse`] serves them
//! all. The event is parsed once, its strings stay borrowed, and the response is written in the
//! shape that the [`Kind`] of the request demands.
//!
//! ```
//! use lambda_native::http::{IntoResponse, Json, Request};
//! use lambda_native::Failure;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize)]
//! struct Order<'a> {
//!     item: &'a str,
//!     count: u32,
//! }
//!
//! #[derive(Serialize)]
//! struct Receipt {
//!     total: u32,
//! }
//!
//! // With `#[lambda_handler(http)]` this is a whole program.
//! async fn checkout(request: Request<'_>) -> Result<Json<Receipt>, Failure> {
//!     let order: Order<'_> = request.json()?; // answers 400 if it is not an `Order`
//!     let price = price_of(order.item)
//!         .ok_or_else(|| Failure::new("UnknownItem", "no such item").with_status(404))?;
//!     Ok(Json(Receipt { total: price * order.count }))
//! }
//!
//! fn price_of(item: &str) -> Option<u32> {
//!     (item == "tea").then_some(3)
//! }
//!
//! # use lambda_native::testing::block_on;
//! let request = Request::new("POST", "/orders").with_body(r#"{"item":"tea","count":2}"#);
//! let response = block_on(checkout(request)).into_response();
//! assert_eq!(response.status(), 200);
//! assert_eq!(response.body(), br#"{"total":6}"#);
//!
//! let request = Request::new("POST", "/orders").with_body(r#"{"item":"ink","count":2}"#);
//! let response = block_on(checkout(request)).into_response();
//! assert_eq!(response.status(), 404);
//! assert_eq!(response.body(), br#"{"message":"no such item"}"#);
//! ```
//!
//! # Failures
//!
//! A function's error is any type that turns into a [`Failure`], and a [`Failure`] is answered as
//! its [`status`](Failure::status) says:
//!
//! | status | the caller is told | the log is told |
//! |---|---|---|
//! | none, as every [`std::error::Error`] has after `?` | `500`, `{"message":"Internal Server Error"}` | the failure and its causes |
//! | 500 to 599 | that status, `{"message":"…"}` | the failure and its causes |
//! | 400 to 499, as when a [`Request`]'s body cannot be read | that status, `{"message":"…"}` | nothing |
//!
//! A response that HTTP does not allow (a line break in a header, a status of 0) is a `500` too,
//! never one that a gateway has to refuse.

mod authorizer;
mod body;
mod encode;
mod event;
mod form;
#[cfg(feature = "http-types")]
mod interop;
mod into_response;
mod kind;
mod query;
mod request;
mod response;
#[cfg(feature = "tower")]
mod service;
mod stream;

pub use self::authorizer::{Authorizer, Fields, Iam, Jwt};
pub use self::body::Body;
pub use self::into_response::{IntoResponse, Json};
pub use self::kind::Kind;
pub use self::request::Request;
pub use self::response::Response;
#[cfg(feature = "tower")]
pub use self::service::service;
pub(crate) use self::stream::end_stream;
pub use self::stream::stream;

use crate::log::log;
use crate::{Context, Failure, Reply};

/// Writes `response` as the reply to a request of the given kind; `#[lambda_handler(http)]` ends
/// with it.
///
/// What failed with a status of 500 and above is said in the log, with the id of the request and all
/// causes.
///
/// ```
/// use lambda_native::http::{self, Request};
/// use lambda_native::{Context, Failure, Handler, Reply};
///
/// struct Hello;
///
/// impl Handler for Hello {
///     async fn call(
///         &self,
///         event: &[u8],
///         context: &Context,
///         reply: &mut Reply<'_>,
///     ) -> Result<(), Failure> {
///         let request = Request::from_slice(event)?;
///         let kind = request.kind();
///         http::respond("hello", kind, context, reply)
///     }
/// }
/// ```
///
/// # Errors
/// None as yet: what goes wrong with a response is itself answered, with a `500`.
pub fn respond(
    response: impl IntoResponse,
    kind: Kind,
    context: &Context,
    reply: &mut Reply<'_>,
) -> Result<(), Failure> {
    write(&response.into_response().or_refused(), kind, context, reply);
    Ok(())
}

fn write(response: &Response, kind: Kind, context: &Context, reply: &mut Reply<'_>) {
    log_failure(response, context);
    encode::encode(response, kind, reply.body_mut());
}

fn log_failure(response: &Response, context: &Context) {
    if let Some(failure) = response.failure() {
        log(context.request_id(), failure);
    }
}
