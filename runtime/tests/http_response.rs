//! Writes all sorts of responses for every kind of request, and compares the whole output.

#![cfg(feature = "http")]

use std::borrow::Cow;
use std::collections::BTreeMap;

use lambda_native::http::{self, IntoResponse, Json, RequestKind, Response};
use lambda_native::{Error, Reply, testing};

const BALANCER: RequestKind = RequestKind::LoadBalancer { multi_value_headers: false };
const MULTI_VALUE_BALANCER: RequestKind = RequestKind::LoadBalancer { multi_value_headers: true };
const KINDS: [RequestKind; 5] = [
    RequestKind::HttpApi,
    RequestKind::RestApi,
    RequestKind::FunctionUrl,
    BALANCER,
    MULTI_VALUE_BALANCER,
];

#[expect(clippy::expect_used, reason = "a test fails by it")]
fn written(response: impl IntoResponse, kind: RequestKind) -> String {
    let mut reply = Reply::default();
    http::respond(response, kind, &mut reply).expect("it is a response");
    let text = String::from_utf8(reply.body().to_vec()).expect("JSON is UTF-8");
    let json = serde_json::from_str::<serde_json::Value>(&text);
    assert!(json.is_ok(), "{text} is JSON");
    text
}

/// Checks the output for a REST API, which has the fewest fields.
#[track_caller]
fn check(response: impl IntoResponse, expected: &str) {
    assert_eq!(written(response, RequestKind::RestApi), expected);
}

#[test]
fn every_kind_has_its_shape() {
    let response = || Response::new(200).with_header("content-type", "text/plain").with_body("hi");
    let cases = [
        (
            RequestKind::HttpApi,
            r#"{"statusCode":200,"headers":{"content-type":"text/plain"},"cookies":[],"body":"hi","isBase64Encoded":false}"#,
        ),
        (
            RequestKind::FunctionUrl,
            r#"{"statusCode":200,"headers":{"content-type":"text/plain"},"cookies":[],"body":"hi","isBase64Encoded":false}"#,
        ),
        (
            RequestKind::RestApi,
            r#"{"statusCode":200,"headers":{"content-type":"text/plain"},"body":"hi","isBase64Encoded":false}"#,
        ),
        (
            BALANCER,
            r#"{"statusCode":200,"statusDescription":"200 OK","headers":{"content-type":"text/plain"},"body":"hi","isBase64Encoded":false}"#,
        ),
        (
            MULTI_VALUE_BALANCER,
            r#"{"statusCode":200,"statusDescription":"200 OK","multiValueHeaders":{"content-type":["text/plain"]},"body":"hi","isBase64Encoded":false}"#,
        ),
    ];
    for (kind, expected) in cases {
        assert_eq!(written(response(), kind), expected, "{kind:?}");
    }
}

#[test]
fn repeated_headers_and_cookies() {
    let response = || {
        Response::new(204)
            .with_header("Vary", "accept")
            .with_cookie("session=1234; HttpOnly")
            .with_added_header("vary", "origin")
            .with_added_header("Set-Cookie", "theme=dark, or not")
            .with_header("etag", "\"7\"")
            .with_cookie("seen=1")
    };
    let cases = [
        (
            RequestKind::HttpApi,
            r#"{"statusCode":204,"headers":{"Vary":"accept, origin","etag":"\"7\""},"cookies":["session=1234; HttpOnly","theme=dark, or not","seen=1"],"body":"","isBase64Encoded":false}"#,
        ),
        (
            RequestKind::FunctionUrl,
            r#"{"statusCode":204,"headers":{"Vary":"accept, origin","etag":"\"7\""},"cookies":["session=1234; HttpOnly","theme=dark, or not","seen=1"],"body":"","isBase64Encoded":false}"#,
        ),
        (
            RequestKind::RestApi,
            r#"{"statusCode":204,"headers":{"etag":"\"7\""},"multiValueHeaders":{"Vary":["accept","origin"],"set-cookie":["session=1234; HttpOnly","theme=dark, or not","seen=1"]},"body":"","isBase64Encoded":false}"#,
        ),
        (
            BALANCER,
            r#"{"statusCode":204,"statusDescription":"204 No Content","headers":{"Vary":"accept, origin","set-cookie":"session=1234; HttpOnly","Set-cookie":"theme=dark, or not","sEt-cookie":"seen=1","etag":"\"7\""},"body":"","isBase64Encoded":false}"#,
        ),
        (
            MULTI_VALUE_BALANCER,
            r#"{"statusCode":204,"statusDescription":"204 No Content","multiValueHeaders":{"Vary":["accept","origin"],"set-cookie":["session=1234; HttpOnly","theme=dark, or not","seen=1"],"etag":["\"7\""]},"body":"","isBase64Encoded":false}"#,
        ),
    ];
    for (kind, expected) in cases {
        assert_eq!(written(response(), kind), expected, "{kind:?}");
    }
}

#[test]
fn what_a_function_may_return() {
    check(
        "hé\n",
        r#"{"statusCode":200,"headers":{"content-type":"text/plain; charset=utf-8"},"body":"hé\n","isBase64Encoded":false}"#,
    );
    check(
        String::from("text"),
        r#"{"statusCode":200,"headers":{"content-type":"text/plain; charset=utf-8"},"body":"text","isBase64Encoded":false}"#,
    );
    check(
        Cow::Borrowed("text"),
        r#"{"statusCode":200,"headers":{"content-type":"text/plain; charset=utf-8"},"body":"text","isBase64Encoded":false}"#,
    );
    check(
        vec![0, 1, 254, 255],
        r#"{"statusCode":200,"headers":{"content-type":"application/octet-stream"},"body":"AAH+/w==","isBase64Encoded":true}"#,
    );
    check(
        &b"text"[..],
        r#"{"statusCode":200,"headers":{"content-type":"application/octet-stream"},"body":"text","isBase64Encoded":false}"#,
    );
    check(
        Json(BTreeMap::from([("message", "a \"b\"")])),
        r#"{"statusCode":200,"headers":{"content-type":"application/json"},"body":"{\"message\":\"a \\\"b\\\"\"}","isBase64Encoded":false}"#,
    );
    check((), r#"{"statusCode":204,"headers":{},"body":"","isBase64Encoded":false}"#);
    check(202, r#"{"statusCode":202,"headers":{},"body":"","isBase64Encoded":false}"#);
    check(
        (201, Json(7)),
        r#"{"statusCode":201,"headers":{"content-type":"application/json"},"body":"7","isBase64Encoded":false}"#,
    );
    check(
        Response::redirect(303, "/orders/7"),
        r#"{"statusCode":303,"headers":{"location":"/orders/7"},"body":"","isBase64Encoded":false}"#,
    );
    check(
        Response::html("<p>hi</p>"),
        r#"{"statusCode":200,"headers":{"content-type":"text/html; charset=utf-8"},"body":"<p>hi</p>","isBase64Encoded":false}"#,
    );
    check(Some(201), r#"{"statusCode":201,"headers":{},"body":"","isBase64Encoded":false}"#);
    check(
        None::<String>,
        r#"{"statusCode":404,"headers":{"content-type":"application/json"},"body":"{\"message\":\"Not Found\"}","isBase64Encoded":false}"#,
    );
    check(
        Ok::<_, Error>(201),
        r#"{"statusCode":201,"headers":{},"body":"","isBase64Encoded":false}"#,
    );
}

const SILENT: &str = r#"{"statusCode":500,"headers":{"content-type":"application/json"},"body":"{\"message\":\"Internal Server Error\"}","isBase64Encoded":false}"#;

#[test]
fn failures_tell_what_they_are_meant_to() {
    check("x".parse::<u8>().map(|_| ()), SILENT);
    check(Err::<(), _>(Error::new("Secret", "the password is wrong")), SILENT);
    check(Error::new("Secret", "the password is wrong"), SILENT);
    check(
        Err::<(), _>(Error::new("OutOfStock", "no \"tea\" left").with_status(409)),
        r#"{"statusCode":409,"headers":{"content-type":"application/json"},"body":"{\"message\":\"no \\\"tea\\\" left\"}","isBase64Encoded":false}"#,
    );
    check(
        Err::<(), _>(Error::new("Busy", "try again").with_status(503)),
        r#"{"statusCode":503,"headers":{"content-type":"application/json"},"body":"{\"message\":\"try again\"}","isBase64Encoded":false}"#,
    );
}

#[test]
fn json_that_cannot_be_written_is_a_500_whatever_status_it_was_to_have() {
    let keys_are_no_strings = || Json(BTreeMap::from([((1, 2), 3)]));
    check(keys_are_no_strings(), SILENT);
    check((201, keys_are_no_strings()), SILENT);
}

#[test]
fn what_http_does_not_allow_is_a_500() {
    let ok = || Response::new(200);
    let refused = [
        ok().with_status(0),
        ok().with_status(99),
        ok().with_status(100),
        ok().with_status(101),
        ok().with_status(199),
        ok().with_status(600),
        ok().with_status(u16::MAX),
        ok().with_header("", "value"),
        ok().with_header("a b", "value"),
        ok().with_header("a:", "value"),
        ok().with_header("é", "value"),
        ok().with_header("x-name\r\nset-cookie", "value"),
        ok().with_header("x-name", "value\r\nset-cookie: stolen=1"),
        ok().with_header("x-name", "value\n"),
        ok().with_header("x-name", "\0"),
        ok().with_header("x-name", "\u{7f}"),
        ok().with_cookie("session=1\r\n\r\n<script>"),
        Response::redirect(303, "/\r\nx: y"),
        Error::new("Odd", "odd").with_status(7).into_response(),
    ];
    for response in refused {
        check(response, SILENT);
    }
    let allowed = [
        ok().with_status(200),
        ok().with_status(599),
        ok().with_header("x-Name_1.~!#$%&'*+^`|", "a\tb é"),
        ok().with_header("x-empty", ""),
    ];
    for response in allowed {
        let status = response.status();
        assert!(written(response, BALANCER).starts_with(&format!("{{\"statusCode\":{status},")));
    }
}

#[test]
fn statuses_without_a_name_have_a_description_too() {
    let expected = r#"{"statusCode":299,"statusDescription":"299 Unassigned","headers":{},"body":"","isBase64Encoded":false}"#;
    assert_eq!(written(299, BALANCER), expected);
}

#[test]
fn bytes_are_sent_as_text_if_they_are_utf_8() {
    let is_base64 = |content_type: Option<&'static str>, body: &'static [u8]| {
        let mut response = Response::new(200).with_body(body);
        if let Some(content_type) = content_type {
            response = response.with_header("Content-Type", content_type);
        }
        let written = KINDS
            .map(|kind| written(response.clone(), kind).ends_with(r#""isBase64Encoded":true}"#));
        assert!(written.iter().all(|is_base64| *is_base64 == written[0]), "all kinds agree");
        written[0]
    };
    for content_type in [
        None,
        Some("text/html; charset=utf-8"),
        Some("application/json"),
        Some("application/jsonl"),
        Some("application/x-ndjson"),
        Some("application/yaml"),
        Some("application/octet-stream"),
        Some("image/svg+xml"),
        Some("image/png"),
        Some(""),
    ] {
        assert!(!is_base64(content_type, "é\0".as_bytes()), "{content_type:?}");
        assert!(!is_base64(content_type, b""), "{content_type:?}, empty");
        assert!(is_base64(content_type, b"\xff"), "{content_type:?}, but not text");
    }
}

#[test]
fn an_empty_body_is_text_even_if_it_is_encoded() {
    let response = Response::new(304).with_header("content-encoding", "br").with_body(b"");
    check(
        response,
        r#"{"statusCode":304,"headers":{"content-encoding":"br"},"body":"","isBase64Encoded":false}"#,
    );
}

#[test]
fn an_encoded_body_is_bytes_whatever_its_type() {
    let response = Response::new(200)
        .with_header("content-type", "text/plain")
        .with_header("content-encoding", "br")
        .with_body(b"a");
    check(
        response,
        r#"{"statusCode":200,"headers":{"content-type":"text/plain","content-encoding":"br"},"body":"YQ==","isBase64Encoded":true}"#,
    );
}

#[test]
fn text_is_text_whatever_its_type() {
    let response = Response::new(200).with_header("content-type", "image/svg").with_body("<svg/>");
    check(
        response,
        r#"{"statusCode":200,"headers":{"content-type":"image/svg"},"body":"<svg/>","isBase64Encoded":false}"#,
    );
}

#[test]
fn a_header_replaces_those_of_its_name_or_comes_beside_them() {
    let response = Json(7)
        .into_response()
        .with_header("Content-Type", "application/problem+json")
        .with_added_header("link", "</a>")
        .with_added_header("Link", "</b>");
    assert_eq!(
        response.headers().collect::<Vec<_>>(),
        [("Content-Type", "application/problem+json"), ("link", "</a>"), ("Link", "</b>")]
    );
    assert_eq!(response.with_header("LINK", "</c>").header("link"), Some("</c>"));
}

#[test]
fn every_character_comes_back() {
    let all: String = ('\0'..='\u{2ff}').chain(['\u{2028}', '🍵', '\u{10ffff}']).collect();
    for start in 0..40 {
        // At each distance from the start, as text is looked through in steps.
        let body = format!("{}{all}{}", "-".repeat(start), "\\\"".repeat(start));
        let written = written(body.clone(), RequestKind::HttpApi);
        let json: serde_json::Value = serde_json::from_str(&written).unwrap();
        assert_eq!(json["body"], body);
    }
}

#[test]
fn streams_after_a_prelude() {
    let mut reply = Reply::default();
    let head = Response::new(201)
        .with_header("content-type", "text/plain")
        .with_cookie("a=1")
        .with_cookie("b=2")
        .with_body("one ");
    testing::block_on(async {
        let mut body = http::stream(head, &mut reply).await?;
        Ok::<_, Error>(body.write(b"two").await?)
    })
    .expect("memory takes it all");
    assert_eq!(
        String::from_utf8_lossy(reply.body()),
        "{\"statusCode\":201,\"headers\":{\"content-type\":\"text/plain\"},\
         \"cookies\":[\"a=1\",\"b=2\"]}\0\0\0\0\0\0\0\0one two"
    );
}

#[test]
fn does_not_stream_after_a_head_that_http_does_not_allow() {
    let mut reply = Reply::default();
    let head = Response::new(200).with_header("a", "b\r\nc: d").with_body("kept to itself");
    let error = testing::block_on(http::stream(head, &mut reply)).map(drop);
    let message = r"a response cannot have the header `a: b\r\nc: d`";
    assert_eq!(error, Err(Error::new("Runtime.InvalidResponse", message)));
    assert_eq!(reply.body(), b"");
}

#[test]
fn vpc_lattice_takes_one_string_for_each_header() {
    let response = Response::new(200)
        .with_header("content-type", "text/plain; charset=utf-8")
        .with_body("hello")
        .with_added_header("x-tag", "one")
        .with_added_header("x-tag", "two")
        .with_cookie("a=1")
        .with_cookie("b=2");
    assert_eq!(
        written(response, RequestKind::VpcLattice),
        r#"{"statusCode":200,"headers":{"content-type":"text/plain; charset=utf-8","x-tag":"one, two","set-cookie":"a=1","Set-cookie":"b=2"},"body":"hello","isBase64Encoded":false}"#
    );
}
