//! Services of `tower` as handlers.

#![cfg(feature = "tower")]
#![allow(clippy::unwrap_used, reason = "what a test does not expect ends it")]

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use lambda_native::http::{RequestKind, service};
use lambda_native::{Context, Error, Handler, testing};
use serde_json::{Value, json};
use tower::{Service, service_fn};

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
