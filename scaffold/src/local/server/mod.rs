//! The port of `scaffold dev`: requests to APIs and function URLs, Lambda's Invoke API, and its API
//! for durable executions.
//!
//! [`Server`](http::Server) takes each request to the [`Deployment`](deployment::Deployment) that is
//! current when it arrives.

mod answer;
mod api_request;
mod body;
mod console;
pub(crate) mod deployment;
mod durable_api;
mod event_stream;
pub(crate) mod http;
mod invoke_api;
mod page;
mod service_error;

pub(crate) use self::console::PATH;
