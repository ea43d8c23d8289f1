//! What sent a request.

use std::fmt;

/// What sent a request, which decides the shape that the response is written in.
///
/// ```
/// use lambda_native::http::{Kind, Request};
///
/// assert_eq!(Request::new("GET", "/").kind(), Kind::HttpApi);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// An API Gateway HTTP API, payload format 2.0.
    HttpApi,
    /// An API Gateway REST API, or an HTTP API with payload format 1.0.
    RestApi,
    /// A Lambda Function URL.
    FunctionUrl,
    /// An Application Load Balancer.
    LoadBalancer {
        /// Whether `lambda.multi_value_headers.enabled` is set on its target group.
        multi_value_headers: bool,
    },
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::HttpApi => "an API Gateway HTTP API (payload 2.0)",
            Self::RestApi => "an API Gateway REST API (payload 1.0)",
            Self::FunctionUrl => "a Function URL",
            Self::LoadBalancer { .. } => "an Application Load Balancer",
        })
    }
}
