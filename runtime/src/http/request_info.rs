//! The parts of a request that the types of HTTP have no place for.

use std::sync::Arc;

use super::authorizer::Authorizer;
use super::request::Request;

/// The parts of a request that the gateway adds to it, for a service of `tower`: an extension of each request that
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
}
