//! `tower` services as handlers, such as a router of `axum`.

use std::error::Error as StdError;
use std::future::poll_fn;
use std::pin::pin;

use ::http::{HeaderName, HeaderValue, Request as HttpRequest, Response as HttpResponse};
use bytes::{Buf, Bytes};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tower_service::Service;

use super::request::Request;
use super::request_info::RequestInfo;
use super::respond::respond;
use super::response::Response;
use super::stream::{end_stream, stream};
use crate::context::Context;
use crate::error::Error;
use crate::handler::Handler;
use crate::response::Reply;

/// The error type of `tower`.
type BoxError = Box<dyn StdError + Send + Sync>;

/// Makes a [`Handler`] from a `tower` service, such as a `Router` of `axum` that also serves a port.
///
/// The service gets each request
/// [converted](Request#impl-TryFrom%3CRequest%3C'_%3E%3E-for-Request%3CVec%3Cu8%3E%3E), with the
/// [`RequestKind`](super::RequestKind), the [`RequestInfo`] and the invocation's [`Context`] in its extensions, and
/// with the header `x-amzn-trace-id` if the invocation is traced. The response is written when its body is complete;
/// [`stream_service`] sends it as it comes. An error of the service becomes a response like any other
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
    S::Error: Into<BoxError>,
    B: Body<Error: Into<BoxError>> + 'static,
{
    ServiceHandler(service)
}

/// Like [`service`], but sends the response while its body is being made.
///
/// The caller must accept streams: a Function URL with the invoke mode `RESPONSE_STREAM`, or a REST API whose
/// integration has the response transfer mode `STREAM`. A body that fails ends the stream with the error in its
/// trailer.
///
/// ```
/// use std::convert::Infallible;
///
/// use bytes::Bytes;
/// use http_body_util::Full;
/// use lambda_native::{http, testing};
/// use tower::service_fn;
///
/// let hello = service_fn(async |_: ::http::Request<Full<Bytes>>| {
///     Ok::<_, Infallible>(::http::Response::new(String::from("hello")))
/// });
///
/// let event = r#"{"requestContext":{"http":{"method":"GET"}},"version":"2.0","rawPath":"/hello"}"#;
/// let reply = testing::call(&http::stream_service(hello), event, &testing::context()).unwrap();
/// assert_eq!(reply, b"{\"statusCode\":200,\"headers\":{},\"cookies\":[]}\0\0\0\0\0\0\0\0hello");
/// ```
pub fn stream_service<S, B>(service: S) -> impl Handler
where
    S: Service<HttpRequest<Full<Bytes>>, Response = HttpResponse<B>>,
    S: Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    B: Body<Error: Into<BoxError>> + 'static,
{
    StreamServiceHandler(service)
}

struct ServiceHandler<S>(S);

impl<S, B> Handler for ServiceHandler<S>
where
    S: Service<HttpRequest<Full<Bytes>>, Response = HttpResponse<B>>,
    S: Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    B: Body<Error: Into<BoxError>> + 'static,
{
    async fn call(&self, event: &[u8], context: &Context, reply: &mut Reply) -> Result<(), Error> {
        let request = Request::from_slice(event)?;
        let kind = request.kind();
        let response = match call(self.0.clone(), request, context).await {
            Ok(response) => collect(response).await,
            Err(error) => Err(error),
        };
        respond(response, kind, reply)
    }
}

struct StreamServiceHandler<S>(S);

impl<S, B> Handler for StreamServiceHandler<S>
where
    S: Service<HttpRequest<Full<Bytes>>, Response = HttpResponse<B>>,
    S: Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    B: Body<Error: Into<BoxError>> + 'static,
{
    async fn call(&self, event: &[u8], context: &Context, reply: &mut Reply) -> Result<(), Error> {
        let request = Request::from_slice(event)?;
        match call(self.0.clone(), request, context).await {
            Ok(response) => {
                let (parts, body) = response.into_parts();
                let head = Response::from(HttpResponse::from_parts(parts, "")).or_refused();
                if head.error().is_some() {
                    return end_stream(head, reply).await;
                }
                let mut out = stream(head, reply).await?;
                let mut body = pin!(body);
                while let Some(frame) = body.frame().await {
                    // Lambda's streams have no place for trailers of HTTP.
                    let Ok(mut data) = frame.map_err(to_error)?.into_data() else { continue };
                    while data.has_remaining() {
                        out.write(data.chunk()).await?;
                        data.advance(data.chunk().len());
                    }
                }
                Ok(())
            }
            Err(error) => end_stream(Response::of(error), reply).await,
        }
    }
}

/// Passes a request to the service.
async fn call<S, B>(
    mut service: S,
    request: Request<'_>,
    context: &Context,
) -> Result<HttpResponse<B>, Error>
where
    S: Service<HttpRequest<Full<Bytes>>, Response = HttpResponse<B>>,
    S::Error: Into<BoxError>,
{
    const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");

    let info = RequestInfo::of(&request);
    let mut request = HttpRequest::<Vec<u8>>::try_from(request)?.map(|body| Full::new(body.into()));
    request.extensions_mut().insert(info);
    request.extensions_mut().insert(context.clone());
    if let Some(Ok(trace)) = context.trace_id().map(HeaderValue::from_str) {
        // Nearer than that of the client: its parent is the segment of the function.
        request.headers_mut().insert(TRACE_ID, trace);
    }
    poll_fn(|task| service.poll_ready(task)).await.map_err(to_error)?;
    service.call(request).await.map_err(to_error)
}

/// Waits for the whole body of a response.
async fn collect<B>(response: HttpResponse<B>) -> Result<Response, Error>
where
    B: Body<Error: Into<BoxError>>,
{
    let (parts, body) = response.into_parts();
    let body = body.collect().await.map_err(to_error)?.to_bytes();
    Ok(HttpResponse::from_parts(parts, Vec::from(body)).into())
}

fn to_error(error: impl Into<BoxError>) -> Error {
    Error::from_dyn(&*error.into())
}
