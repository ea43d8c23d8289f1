//! Services of `tower` as handlers.

#![cfg(feature = "tower")]
#![allow(clippy::unwrap_used, reason = "what a test does not expect ends it")]

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use lambda_native::http::{RequestInfo, RequestKind, service, stream_service};
use lambda_native::testing::ContextBuilder;
use lambda_native::{Context, Error, Handler, testing};
use serde_json::{Value, json};
use tower::{BoxError, Service, service_fn};

type Request = http::Request<Full<Bytes>>;

/// The reply to an event.
fn call(handler: &impl Handler, event: impl AsRef<[u8]>) -> Value {
    let reply = testing::call(handler, event, &testing::context()).unwrap();
    serde_json::from_slice(&reply).unwrap()
}

fn internal_error() -> Value {
    json!({
        "statusCode": 500,
        "headers": { "content-type": "application/json" },
        "body": "{\"message\":\"Internal Server Error\"}",
        "isBase64Encoded": false,
    })
}

#[test]
fn a_service_sees_the_request_and_the_invocation() {
    let echo = service_fn(async |request: Request| {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let context = parts.extensions.get::<Context>().unwrap();
        assert_eq!(context.request_id(), testing::context().request_id());
        assert_eq!(parts.extensions.get(), Some(&RequestKind::RestApi));
        let text = format!("{} {} {}", parts.method, parts.uri, body.escape_ascii());
        let response = http::Response::builder().status(201).header("set-cookie", "a=1");
        Ok::<_, Infallible>(response.header("content-type", "text/plain").body(text).unwrap())
    });
    assert_eq!(
        call(&service(echo), include_bytes!("events/rest_api.json")),
        json!({
            "statusCode": 201,
            "headers": { "content-type": "text/plain" },
            "multiValueHeaders": { "set-cookie": ["a=1"] },
            "body": "PUT /orders/7%20b?tag=green+tea&tag=100%25&name=Ada item=green+tea&count=2",
            "isBase64Encoded": false,
        })
    );
}

#[test]
fn a_service_sees_what_the_gateway_adds() {
    let echo = service_fn(async |request: Request| {
        let info = request.extensions().get::<RequestInfo>().unwrap();
        let text = format!(
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            info.source_ip(),
            info.stage(),
            info.stage_variable("table"),
            info.route_key(),
            info.resource(),
            info.path_parameter("id"),
            info.authorizer().is_some(),
        );
        let trace = request.headers().get_all("x-amzn-trace-id");
        let trace: Vec<_> = trace.iter().map(|value| value.to_str().unwrap()).collect();
        Ok::<_, Infallible>(http::Response::new(format!("{text} {trace:?}")))
    });
    let context = ContextBuilder::new().trace_id("Root=1;Parent=2").build();
    for (event, expected) in [
        (
            &include_bytes!("events/http_api.json")[..],
            r#"Some("203.0.113.17") Some("prod") Some("orders-prod") Some("POST /orders/{id}") None Some("7 b") true ["Root=1;Parent=2"]"#,
        ),
        (
            &include_bytes!("events/rest_api.json")[..],
            r#"Some("203.0.113.19") Some("prod") Some("orders-prod") None Some("/orders/{id}") Some("7%20b") true ["Root=1;Parent=2"]"#,
        ),
    ] {
        let reply = testing::call(&service(echo), event, &context).unwrap();
        let reply: Value = serde_json::from_slice(&reply).unwrap();
        assert_eq!(reply["body"], expected);
    }
}

#[test]
fn boxed_errors_of_a_service_are_responses() {
    let fails = service_fn(async |_: Request| -> Result<http::Response<String>, BoxError> {
        Err(Error::new("Closed", "come back tomorrow").with_status(503).into())
    });
    let reply = call(&service(fails), include_bytes!("events/http_api_minimal.json"));
    assert_eq!(reply["statusCode"], 503);
    let fails = service_fn(async |_: Request| -> Result<http::Response<String>, BoxError> {
        Err("out of tea".into())
    });
    let reply = call(&service(fails), include_bytes!("events/http_api_minimal.json"));
    assert_eq!(reply["statusCode"], 500);
    assert_eq!(reply["body"], internal_error()["body"]);
}

#[test]
fn a_stream_service_sends_the_head_and_each_frame() {
    let hello = service_fn(async |_: Request| {
        let response = http::Response::builder().status(201).header("set-cookie", "a=1");
        Ok::<_, Infallible>(response.body(Frames(vec!["hel", "lo", ""])).unwrap())
    });
    let event = include_bytes!("events/http_api_minimal.json");
    let reply = testing::call(&stream_service(hello), event, &testing::context()).unwrap();
    assert_eq!(
        reply.escape_ascii().to_string(),
        r#"{\"statusCode\":201,\"headers\":{},\"cookies\":[\"a=1\"]}\x00\x00\x00\x00\x00\x00\x00\x00hello"#
    );
}

#[test]
fn a_stream_service_fails_in_mid_stream_if_its_body_does() {
    let broken = service_fn(async |_: Request| {
        Ok::<_, Infallible>(http::Response::new(Frames(vec!["hello", "!"])))
    });
    let event = include_bytes!("events/http_api_minimal.json");
    let error = testing::call(&stream_service(broken), event, &testing::context()).unwrap_err();
    assert_eq!(error.message(), "an exclamation mark");
}

#[test]
fn a_stream_service_answers_what_the_service_refuses() {
    let fails = service_fn(async |_: Request| -> Result<http::Response<String>, BoxError> {
        Err(Error::new("Closed", "come back tomorrow").with_status(503).into())
    });
    let event = include_bytes!("events/http_api_minimal.json");
    let reply = testing::call(&stream_service(fails), event, &testing::context()).unwrap();
    let reply = reply.escape_ascii().to_string();
    assert!(reply.starts_with(r#"{\"statusCode\":503"#), "{reply}");
    assert!(reply.ends_with(r#"{\"message\":\"come back tomorrow\"}"#), "{reply}");
}

/// A body that fails at an exclamation mark.
struct Frames(Vec<&'static str>);

impl http_body::Body for Frames {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Task<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, BoxError>>> {
        if self.0.is_empty() {
            return Poll::Ready(None);
        }
        Poll::Ready(Some(match self.0.remove(0) {
            "!" => Err("an exclamation mark".into()),
            text => Ok(http_body::Frame::data(text.into())),
        }))
    }
}

#[test]
fn more_headers_than_http_types_hold_are_refused() {
    let never =
        service_fn(async |_: Request| Ok::<_, Infallible>(http::Response::new(String::new())));
    let headers: serde_json::Map<_, _> =
        (0..40_000).map(|number| (format!("x-{number}"), "".into())).collect();
    let event = json!({
        "version": "2.0",
        "rawPath": "/",
        "headers": headers,
        "requestContext": { "http": { "method": "GET" } },
    });
    assert_eq!(call(&service(never), event.to_string())["statusCode"], 431);
}

#[test]
fn bytes_are_base64() {
    let bytes = service_fn(async |_: Request| {
        Ok::<_, Infallible>(http::Response::new(Full::new(Bytes::from_static(b"\xff\x00"))))
    });
    let reply = call(&service(bytes), include_bytes!("events/http_api.json"));
    assert_eq!((&reply["body"], &reply["isBase64Encoded"]), (&json!("/wA="), &json!(true)));
}

#[test]
fn an_error_of_the_service_is_a_response() {
    let fails = service_fn(async |_: Request| -> Result<http::Response<String>, Error> {
        Err(Error::new("Closed", "come back tomorrow").with_status(503))
    });
    let reply = call(&service(fails), include_bytes!("events/http_api_minimal.json"));
    assert_eq!(reply["statusCode"], 503);
    assert_eq!(reply["body"], "{\"message\":\"come back tomorrow\"}");
}

#[test]
fn an_error_of_the_body_is_a_response() {
    struct Broken;

    impl http_body::Body for Broken {
        type Data = Bytes;
        type Error = std::fmt::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Task<'_>,
        ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
            Poll::Ready(Some(Err(std::fmt::Error)))
        }
    }

    let broken = service_fn(async |_: Request| Ok::<_, Infallible>(http::Response::new(Broken)));
    let reply = call(&service(broken), include_bytes!("events/rest_api_console_test.json"));
    assert_eq!(reply, internal_error());
}

#[test]
fn what_http_does_not_allow_does_not_reach_the_service() {
    let unreachable =
        service_fn(async |_: Request| -> Result<http::Response<String>, Infallible> {
            panic!("it was called")
        });
    let event = json!({
        "version": "2.0",
        "rawPath": "/",
        "headers": { "a b": "c" },
        "requestContext": { "http": { "method": "GET" } },
    });
    assert_eq!(call(&service(unreachable), event.to_string())["statusCode"], 400);
}

#[test]
fn what_is_no_request_fails() {
    let never =
        service_fn(async |_: Request| Ok::<_, Infallible>(http::Response::new(String::new())));
    let error = testing::call(&service(never), "[]", &testing::context()).unwrap_err();
    assert_eq!(error.error_type(), "Runtime.UnmarshalError");
}

/// Each call has its own clone of the service, which is polled until it is ready.
#[test]
fn a_service_is_called_when_it_is_ready() {
    #[derive(Default)]
    struct Gate {
        polls: u32,
    }

    impl Clone for Gate {
        fn clone(&self) -> Self {
            Self::default()
        }
    }

    impl Service<Request> for Gate {
        type Response = http::Response<String>;
        type Error = Infallible;
        type Future = std::future::Ready<Result<Self::Response, Infallible>>;

        fn poll_ready(&mut self, task: &mut Task<'_>) -> Poll<Result<(), Infallible>> {
            self.polls += 1;
            if self.polls < 3 {
                task.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Request) -> Self::Future {
            std::future::ready(Ok(http::Response::new(self.polls.to_string())))
        }
    }

    let handler = service(Gate::default());
    for _ in 0..2 {
        assert_eq!(call(&handler, include_bytes!("events/http_api.json"))["body"], "3");
    }
}
