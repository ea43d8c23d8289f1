//! HTTP requests and responses: API Gateway, Function URLs and Application Load Balancers.
//!
//! A function that takes a [`Request`] and returns any type that is [`IntoResponse`] serves them
//! all. The event is parsed once and its strings stay borrowed. The response is written in the format
//! that the [`RequestKind`] of the request requires.
//!
//! ```
//! use std::borrow::Cow;
//!
//! use lambda_native::http::{IntoResponse, Json, Request};
//! use lambda_native::Error;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize)]
//! struct Order<'a> {
//!     #[serde(borrow)]
//!     item: Cow<'a, str>, // borrowed from the request, unless it has escapes
//!     count: u32,
//! }
//!
//! #[derive(Serialize)]
//! struct Receipt {
//!     total: u32,
//! }
//!
//! // With `#[lambda_handler(http)]` this is a whole program.
//! async fn checkout(request: Request<'_>) -> Result<Json<Receipt>, Error> {
//!     let order: Order<'_> = request.json()?; // responds with 400 if it is not an `Order`
//!     let price = price_of(&order.item)
//!         .ok_or_else(|| Error::new("UnknownItem", "no such item").with_status(404))?;
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
//! # Errors
//!
//! The error of a function becomes an [`Error`](crate::Error), whose
//! [`status`](crate::Error::status) decides the response:
//!
//! | status | response | log |
//! |---|---|---|
//! | none, as for every [`std::error::Error`] | `500`, `{"message":"Internal Server Error"}` | the error and its causes |
//! | 500 to 599 | that status, `{"message":"…"}` | the error and its causes |
//! | 400 to 499, for example if the body of a [`Request`] cannot be read | that status, `{"message":"…"}` | nothing |
//!
//! An `Error` keeps its status [within other errors](crate::Error#within-other-errors), such as
//! `anyhow::Error`.
//!
//! A response that HTTP does not allow (a line break in a header, a status of 0) becomes a `500` as
//! well, so a gateway never has to refuse one.

mod authorizer;
mod body;
mod decision;
mod encode;
mod event;
pub(crate) mod form;
mod handler_fn;
#[cfg(feature = "http-types")]
mod interop;
mod into_response;
mod kind;
mod problem;
mod query;
mod request;
mod request_body;
#[cfg(feature = "tower")]
mod request_info;
mod respond;
mod response;
mod results;
#[cfg(feature = "tower")]
mod service;
mod stream;
pub(crate) mod text;

pub use self::authorizer::{Authorizer, Fields, Iam, Jwt};
pub use self::body::Body;
pub use self::decision::{Allow, Deny};
#[cfg(feature = "openapi")]
pub(crate) use self::encode::reason;
pub use self::form::Form;
pub use self::handler_fn::{HandlerFn, handler_fn};
pub use self::into_response::{IntoResponse, Json};
pub use self::kind::RequestKind;
pub use self::problem::Problem;
pub(crate) use self::problem::into_problem;
pub use self::request::Request;
#[cfg(feature = "tower")]
pub use self::request_info::RequestInfo;
pub use self::respond::{fail_invocation, respond};
pub use self::response::Response;
pub use self::results::{Created, NoContent, Redirect};
#[cfg(feature = "tower")]
pub use self::service::{service, stream_service};
pub(crate) use self::stream::end_stream;
pub use self::stream::stream;
