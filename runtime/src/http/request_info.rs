//! The parts of a request that the types of HTTP have no place for.

use std::borrow::Cow;
use std::sync::Arc;

use super::authorizer::Authorizer;
use super::request::Request;

/// The parts of a request that the gateway adds to it, and the decoded query, for a service of `tower`: an extension of each request that
/// [`service`](super::service) passes on.
///
/// A handler of `axum` takes it as `Extension<RequestInfo>`:
///
/// ```
/// # mod axum { pub struct Extension<T>(pub T); }
/// use axum::Extension;
/// use lambda_native::http::RequestInfo;
///
/// async fn greet(Extension(info): Extension<RequestInfo>) -> String {
///     format!("hello {}", info.source_ip().unwrap_or("stranger"))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct RequestInfo(Arc<Request<'static>>);

impl RequestInfo {
    pub(super) fn of(request: &Request<'_>) -> Self {
        Self(Arc::new(request.details()))
    }

    /// Returns the address of the client, as [`Request::source_ip`] does.
    #[must_use]
    pub fn source_ip(&self) -> Option<&str> {
        self.0.source_ip()
    }

    /// Returns the caller, as the API's authorizer identified it, if there is one.
    #[must_use]
    pub fn authorizer(&self) -> Option<Authorizer<'_>> {
        self.0.authorizer()
    }

    /// Returns the stage of the API, such as `$default`. Load balancers have none.
    #[must_use]
    pub fn stage(&self) -> Option<&str> {
        self.0.stage()
    }

    /// Returns a variable of the API's stage.
    #[must_use]
    pub fn stage_variable(&self, name: &str) -> Option<&str> {
        self.0.stage_variable(name)
    }

    /// Returns the matched route of an HTTP API: `GET /hello/{name}`, or `$default`.
    #[must_use]
    pub fn route_key(&self) -> Option<&str> {
        self.0.route_key()
    }

    /// Returns the matched resource of a REST API: `/hello/{name}`.
    #[must_use]
    pub fn resource(&self) -> Option<&str> {
        self.0.resource()
    }

    /// Returns a parameter of the path of the API's route, as [`Request::path_parameter`] does.
    #[must_use]
    pub fn path_parameter(&self, name: &str) -> Option<&str> {
        self.0.path_parameter(name)
    }

    /// Returns the first value of that name in the query, decoded, as [`Request::query`] does.
    ///
    /// ```
    /// use std::convert::Infallible;
    ///
    /// use bytes::Bytes;
    /// use http_body_util::Full;
    /// use lambda_native::http::{self, RequestInfo};
    /// use lambda_native::testing;
    /// use tower::service_fn;
    ///
    /// let greet = service_fn(async |request: ::http::Request<Full<Bytes>>| {
    ///     let info = request.extensions().get::<RequestInfo>();
    ///     let name = info.and_then(|info| info.query("name")).unwrap_or_default();
    ///     Ok::<_, Infallible>(::http::Response::new(format!("hello {name}")))
    /// });
    ///
    /// let event = r#"{"requestContext":{"http":{"method":"GET"}},"version":"2.0","rawPath":"/",
    ///     "rawQueryString":"name=Ada%20L"}"#;
    /// let reply = testing::call(&http::service(greet), event, &testing::context()).unwrap();
    /// let reply: serde_json::Value = serde_json::from_slice(&reply).unwrap();
    /// assert_eq!(reply["body"], "hello Ada L");
    /// ```
    #[must_use]
    pub fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        self.0.query(name)
    }
}
