//! From and to the types of the `http` crate.

#![cfg(feature = "http-types")]

use http::header::{HeaderValue, SET_COOKIE};
use lambda_native::http::{IntoResponse, Kind, Request, Response};

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
    assert_eq!(request.extensions().get(), Some(&Kind::HttpApi));
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

#[test]
fn what_http_does_not_allow() {
    let refused = [
        Request::new("GET /", "/"),
        Request::new("GET", ""),
        Request::new("GET", "/?a b"),
        Request::new("GET", "/").with_header("a b", "c"),
        Request::new("GET", "/").with_header("a", "b\n"),
        Request::new("GET", "/").with_cookie("a", "b\0c"),
    ];
    for request in refused {
        let text = format!("{request:?}");
        let failure = http::Request::<Vec<u8>>::try_from(request).expect_err(&text);
        assert_eq!(failure.status(), Some(400));
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
