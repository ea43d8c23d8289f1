//! The kinds of requests.

use std::fmt;

/// The service that sent a request. It decides the format of the response.
///
/// ```
/// use lambda_native::http::{Request, RequestKind};
///
/// assert_eq!(Request::new("GET", "/").kind(), RequestKind::HttpApi);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestKind {
    /// An API Gateway HTTP API, payload format 2.0.
    HttpApi,
    /// An API Gateway REST API, or an HTTP API with payload format 1.0.
    RestApi,
    /// A Lambda Function URL.
    FunctionUrl,
    /// An Application Load Balancer.
    LoadBalancer {
        /// The target group has the attribute `lambda.multi_value_headers.enabled`.
        multi_value_headers: bool,
    },
    /// A service of VPC Lattice, with version V2 of its events.
    VpcLattice,
}

impl fmt::Display for RequestKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::HttpApi => "an API Gateway HTTP API (payload 2.0)",
            Self::RestApi => "an API Gateway REST API (payload 1.0)",
            Self::FunctionUrl => "a Function URL",
            Self::LoadBalancer { .. } => "an Application Load Balancer",
            Self::VpcLattice => "VPC Lattice (version V2)",
        })
    }
}
