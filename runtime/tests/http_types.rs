//! Conversions from and to the types of the `http` crate.

#![cfg(feature = "http-types")]

use http::header::{HeaderValue, SET_COOKIE};
use lambda_native::http::{IntoResponse, Request, RequestKind, Response};

#[expect(clippy::expect_used, reason = "a test fails by it")]
fn convert(request: Request<'_>) -> http::Request<Vec<u8>> {
    request.try_into().expect("HTTP allows all of it")
}

#[test]
fn a_request() {
    let request = convert(
        Request::from_slice(include_bytes!("events/http_api.json")).expect("it is a request"),
    );
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "/orders/7%20b?tag=green+tea&tag=caf%C3%A9&empty=&flag&tag=a%26b");
    assert_eq!(request.headers()["content-type"], "application/json");
    assert_eq!(request.headers()["cookie"], "session=1234; theme=\"dark\"");
    assert_eq!(request.extensions().get(), Some(&RequestKind::HttpApi));
    assert_eq!(request.body(), br#"{"item":"tea","count":2}"#);
}

#[test]
fn a_path_that_is_encoded_stays_so() {
    let request = convert(
        Request::from_slice(include_bytes!("events/load_balancer.json")).expect("it is a request"),
    );
    assert_eq!(request.uri(), "/orders/7%20b?tag=a%26b&full+name=Ada+%43.%20Lovelace&flag=");
    assert_eq!(request.headers()["cookie"], "session=1234; theme=dark");
}

#[test]
fn repeated_headers_stay_apart() {
    let request = convert(
        Request::from_slice(include_bytes!("events/rest_api.json")).expect("it is a request"),
    );
    assert_eq!(request.headers().get_all("x-tag").iter().collect::<Vec<_>>(), ["one", "two"]);
}

/// HTTP APIs have decoded the path once already, and a router decodes it again.
#[test]
fn a_path_is_decoded_once() {
    for (kind, expected) in [
        (RequestKind::HttpApi, "/a%252e%252e%252fb%20c%3F"),
        (RequestKind::RestApi, "/a%2e%2e%2fb%20c%3F"),
        (RequestKind::FunctionUrl, "/a%2e%2e%2fb%20c%3F"),
        (RequestKind::LoadBalancer { multi_value_headers: false }, "/a%2e%2e%2fb%20c%3F"),
    ] {
        let event = br#"{
            "rawPath": "/a%2e%2e%2fb c?",
            "requestContext": {"http": {"method": "GET"}}
        }"#;
        let request = Request::from_slice(event).expect("it is a request");
        assert_eq!(convert(request.with_kind(kind)).uri(), expected, "{kind:?}");
    }
}

#[test]
fn a_path_that_does_not_begin_with_a_slash() {
    for (target, expected) in
        [("", "/"), ("?a=1", "/?a=1"), ("a", "/a"), ("http://b/c", "/http://b/c"), ("*", "*")]
    {
        assert_eq!(convert(Request::new("GET", target)).uri(), expected, "{target}");
    }
}

#[test]
fn a_query_that_is_not_encoded() {
    assert_eq!(convert(Request::new("GET", "/?a b#c=%20")).uri(), "/?a%20b%23c=%20");
}

#[test]
fn cookies_without_a_name_stay_in_the_header() {
    let event = br#"{
        "rawPath": "/",
        "cookies": ["a=1", "flag"],
        "requestContext": {"http": {"method": "GET"}}
    }"#;
    let request = convert(Request::from_slice(event).expect("it is a request"));
    assert_eq!(request.headers()["cookie"], "a=1; flag");
}

#[test]
fn what_http_does_not_allow() {
    let refused = [
        Request::new("GET /", "/"),
        Request::new("GET", "/").with_header("a b", "c"),
        Request::new("GET", "/").with_header("a", "b\n"),
        Request::new("GET", "/").with_cookie("a", "b\0c"),
    ];
    for request in refused {
        let text = format!("{request:?}");
        let error = http::Request::<Vec<u8>>::try_from(request).expect_err(&text);
        assert_eq!(error.status(), Some(400));
    }
}

#[test]
fn a_response() {
    let response = http::Response::builder()
        .status(201)
        .header("vary", "accept")
        .header("set-cookie", "a=1")
        .header("set-cookie", "b=2")
        .body("made")
        .expect("it is allowed");
    let response = Response::from(response);
    assert_eq!(response.status(), 201);
    assert_eq!(
        response.headers().collect::<Vec<_>>(),
        [("vary", "accept"), ("set-cookie", "a=1"), ("set-cookie", "b=2")]
    );
    assert_eq!(response.body(), b"made");
}

#[test]
fn a_response_with_bytes_in_a_header() {
    let mut response = http::Response::new(vec![7]);
    let value = HeaderValue::from_bytes(b"\xff").expect("it is allowed");
    response.headers_mut().insert(SET_COOKIE, value);
    assert_eq!(response.into_response().status(), 500);
}
