//! Services of the `tower` ecosystem as handlers: a router of `axum`, and what is built like one.

use std::future::poll_fn;

use ::http::{Request as HttpRequest, Response as HttpResponse};
use bytes::Bytes;
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tower_service::Service;

use super::{IntoResponse, Request, Response, respond};
use crate::{Context, Failure, Handler, Reply};

/// Makes a [`Handler`] of a `tower` service, such as a `Router` of `axum`: the same that serves a
/// port.
///
/// The service gets each request as its [conversion](Request#impl-TryFrom%3CRequest%3C'_%3E%3E-for-Request%3CVec%3Cu8%3E%3E)
/// has it, with the [`Kind`](super::Kind) and the invocation's [`Context`] in its extensions. The
/// response is written when its body is complete. An error of the service is answered as any
/// [failure](super#failures), and so is a request that HTTP does not allow, with a `400`.
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
    S::Error: Into<Failure>,
    B: Body<Error: Into<Failure>> + 'static,
{
    ServiceHandler(service)
}

struct ServiceHandler<S>(S);

impl<S, B> Handler for ServiceHandler<S>
where
    S: Service<HttpRequest<Full<Bytes>>, Response = HttpResponse<B>>,
    S: Clone + Send + Sync + 'static,
    S::Error: Into<Failure>,
    B: Body<Error: Into<Failure>> + 'static,
{
    async fn call(
        &self,
        event: &[u8],
        context: &Context,
        reply: &mut Reply<'_>,
    ) -> Result<(), Failure> {
        let request = Request::from_slice(event)?;
        let kind = request.kind();
        let response = answer(self.0.clone(), request, context).await;
        respond(response.into_response(), kind, context, reply)
    }
}

async fn answer<S, B>(
    mut service: S,
    request: Request<'_>,
    context: &Context,
) -> Result<Response, Failure>
where
    S: Service<HttpRequest<Full<Bytes>>, Response = HttpResponse<B>>,
    S::Error: Into<Failure>,
    B: Body<Error: Into<Failure>>,
{
    let mut request = HttpRequest::<Vec<u8>>::try_from(request)?.map(|body| Full::new(body.into()));
    request.extensions_mut().insert(context.clone());
    poll_fn(|task| service.poll_ready(task)).await.map_err(Into::into)?;
    let (parts, body) = service.call(request).await.map_err(Into::into)?.into_parts();
    let body = body.collect().await.map_err(Into::into)?.to_bytes();
    Ok(HttpResponse::from_parts(parts, Vec::from(body)).into())
}
