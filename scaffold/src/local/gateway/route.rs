//! A request that has been matched to a route.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Method, Response};
use serde_json::{Map, Value};

use super::request_ids::RequestIds;
use crate::aws::{ACCOUNT_ID, region};
use crate::sam::{Api, ApiAuthorizer, PayloadFormat};

#[derive(Clone, Debug)]
pub(crate) struct RouteMatch {
    /// The function's name in the template.
    pub(crate) function: Arc<str>,
    pub(crate) api: Arc<Api>,
    pub(crate) payload_format: PayloadFormat,
    /// The response is sent while the function produces it.
    pub(crate) is_streamed: bool,
    /// The time for which the API waits for the function, if the template sets it.
    pub(crate) integration_timeout: Option<Duration>,
    pub(crate) authorizer: Option<Arc<ApiAuthorizer>>,
    /// The context from the authorizer, once it has allowed the request.
    pub(crate) authorizer_context: Option<AuthorizerContext>,
    /// The response that the gateway gives in place of the function, once the authorizer has allowed it.
    pub(crate) own_response: Option<Box<Response<Vec<u8>>>>,
    /// `GET /orders/{id}`, `ANY /{proxy+}` or `$default`.
    pub(super) route_key: Arc<str>,
    /// `/orders/{id}`, `/{proxy+}` or `$default`.
    pub(super) resource: Arc<str>,
    /// The request's path without the stage, still percent-encoded.
    pub(super) path: String,
    /// Still percent-encoded.
    pub(super) path_parameters: Vec<(String, String)>,
    pub(crate) ids: RequestIds,
    /// The request's `Origin` header, for CORS.
    pub(super) origin: Option<HeaderValue>,
    /// The request's `Accept` header, which decides whether a REST API decodes a body.
    pub(super) accept: Option<HeaderValue>,
}

/// The context that an authorizer adds to a request.
#[derive(Clone, Debug)]
pub(crate) enum AuthorizerContext {
    /// The result of a Lambda authorizer.
    Lambda {
        /// As the authorizer returned it, for payload format 2.0.
        context: Option<Map<String, Value>>,
        /// Together with the `principalId`, for payload format 1.0.
        with_principal: Map<String, Value>,
    },
    /// The claims and the scopes of a token.
    Token(Map<String, Value>),
}

impl RouteMatch {
    /// The route as people write it: `GET /orders/{id}`, or `ANY` with a path for one of any method.
    pub(crate) fn route_key(&self) -> String {
        self.route_key.to_string()
    }

    /// Returns the ARN by which policies refer to the request:
    /// `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/GET/orders/1`.
    pub(super) fn execute_api_arn(&self, method: &Method) -> String {
        let Self { api, path, .. } = self;
        let (region, name, stage) = (region(), &api.name, &api.stage);
        format!("arn:aws:execute-api:{region}:{ACCOUNT_ID}:{name}/{stage}/{method}{path}")
    }
}
