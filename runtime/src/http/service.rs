//! `tower` services as handlers, such as a router of `axum`.

use std::future::poll_fn;

use ::http::{Request as HttpRequest, Response as HttpResponse};
use bytes::Bytes;
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tower_service::Service;

use super::request::Request;
use super::respond::respond;
use super::response::Response;
use crate::context::Context;
use crate::error::Error;
use crate::handler::Handler;
use crate::response::Reply;

/// Makes a [`Handler`] from a `tower` service, such as a `Router` of `axum` that also serves a port.
///
/// The service gets each request
/// [converted](Request#impl-TryFrom%3CRequest%3C'_%3E%3E-for-Request%3CVec%3Cu8%3E%3E), with the
/// [`RequestKind`](super::RequestKind) and the invocation's [`Context`] in its extensions. The response
/// is written when its body is complete. An error of the service becomes a response like any other
/// [error](super#errors), and a request that HTTP does not allow becomes a `400`.
///
/// ```
/// use std::convert::Infallible;
///
/// use bytes::Bytes;
/// use http_body_util::Full;
/// use lambda_native::{http, testing};
/// use tower::service_fn;
///
/// // With axum: `http::service(Router::new().route("/hello", get(hello)))`.
/// let hello = service_fn(async |request: ::http::Request<Full<Bytes>>| {
///     let response = ::http::Response::builder().header("content-type", "text/plain");
///     Ok::<_, Infallible>(response.body(request.uri().path().to_owned()).unwrap())
/// });
///
/// let event = r#"{"requestContext":{"http":{"method":"GET"}},"version":"2.0","rawPath":"/hello"}"#;
/// let reply = testing::call(&http::service(hello), event, &testing::context()).unwrap();
/// let reply: serde_json::Value = serde_json::from_slice(&reply).unwrap();
/// assert_eq!((&reply["statusCode"], &reply["body"]), (&200.into(), &"/hello".into()));
/// ```
pub fn service<S, B>(service: S) -> impl Handler
where
    S: Service<HttpRequest<Full<Bytes>>, Response = HttpResponse<B>>,
    S: Clone + Send + Sync + 'static,
    S::Error: Into<Error>,
    B: Body<Error: Into<Error>> + 'static,
{
    ServiceHandler(service)
}

struct ServiceHandler<S>(S);

impl<S, B> Handler for ServiceHandler<S>
where
    S: Service<HttpRequest<Full<Bytes>>, Response = HttpResponse<B>>,
    S: Clone + Send + Sync + 'static,
    S::Error: Into<Error>,
    B: Body<Error: Into<Error>> + 'static,
{
    async fn call(&self, event: &[u8], context: &Context, reply: &mut Reply) -> Result<(), Error> {
        let request = Request::from_slice(event)?;
        let kind = request.kind();
        let response = respond_to(self.0.clone(), request, context).await;
        respond(response, kind, reply);
        Ok(())
    }
}

async fn respond_to<S, B>(
    mut service: S,
    request: Request<'_>,
    context: &Context,
) -> Result<Response, Error>
where
    S: Service<HttpRequest<Full<Bytes>>, Response = HttpResponse<B>>,
    S::Error: Into<Error>,
    B: Body<Error: Into<Error>>,
{
    let mut request = HttpRequest::<Vec<u8>>::try_from(request)?.map(|body| Full::new(body.into()));
    request.extensions_mut().insert(context.clone());
    poll_fn(|task| service.poll_ready(task)).await.map_err(Into::into)?;
    let (parts, body) = service.call(request).await.map_err(Into::into)?.into_parts();
    let body = body.collect().await.map_err(Into::into)?.to_bytes();
    Ok(HttpResponse::from_parts(parts, Vec::from(body)).into())
}
