//! Descriptions of routes as OpenAPI: what `scaffold openapi` prints.
//!
//! With the feature `openapi`, the macros describe each handler with a route: its parameters, its body, its
//! responses and its documentation. Only debug builds contain these descriptions.
//!
//! Types of yours have a schema if they are [`JsonSchema`]. Derive it for your own feature, so that no other
//! build contains it; the schema follows the attributes of `serde`:
//!
//! ```toml
//! [dependencies]
//! schemars = { version = "1", optional = true }
//!
//! [features]
//! openapi = ["dep:schemars", "lambda-native/openapi"]
//! ```
//!
//! ```
//! # use serde::Serialize;
//! #[derive(Serialize)]
//! #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
//! struct Order {
//!     /// The number of the order.
//!     id: u64,
//!     item: String,
//! }
//! ```
//!
//! A type without a schema does not stop the build: the document allows any JSON in its place, and `scaffold
//! openapi` lists it.
//!
//! An error of yours that is [`IntoResponse`](crate::http::IntoResponse) can list its responses, too:
//! implement [`DescribeResponses`].

pub(crate) mod document;
pub(crate) mod operation;
mod problem;
pub(crate) mod program;
mod responses;
mod schemas;
mod security;
pub(crate) mod types;

pub use schemars;
pub use schemars::JsonSchema;

pub use self::responses::{DescribeResponses, Responses};
