//! HTTP functions behind the Runtime API: the event of each kind in, the answer in its shape out.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test has nobody to report to")]

use std::path::Path;
use std::process::Command;

use lambda_native_tests::runtime_api::{Answer, Run, RuntimeApi};
use serde_json::{Value, json};

const NEXT: &str = "GET …/invocation/next";

/// The events of the runtime's own tests, one of each kind.
const KINDS: [&str; 6] = [
    "http_api",
    "http_api_1_0",
    "rest_api",
    "function_url",
    "load_balancer",
    "load_balancer_multi_value",
];

fn event(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/tests/events");
    std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap()
}

/// The event with the header that says how it is to be answered.
fn event_for(name: &str, answer: &str) -> Value {
    let mut event: Value = serde_json::from_str(&event(name)).unwrap();
    let mut set = |headers: &str, value: Value| {
        if let Some(headers) = event.get_mut(headers).and_then(Value::as_object_mut) {
            headers.insert("x-answer".to_owned(), value);
        }
    };
    set("headers", json!(answer));
    set("multiValueHeaders", json!([answer]));
    event
}

/// Runs the function with these events.
fn run<E: ToString>(events: &[E]) -> Run {
    let script = events.iter().enumerate().flat_map(|(index, event)| {
        [Answer::event(&format!("id-{index}"), &event.to_string()), Answer::accepted()]
    });
    let script: Vec<_> = script.collect();
    let requests = script.len() + 1;
    let function = env!("CARGO_BIN_EXE_function-http");
    RuntimeApi::start(script).run(&mut Command::new(function), requests)
}

/// The replies to the events, byte for byte.
#[track_caller]
fn replies(run: &Run, count: usize) -> Vec<&str> {
    assert_eq!(run.requests.len(), 2 * count + 1, "{run:#?}");
    let replies = run.requests.iter().enumerate().filter_map(|(index, request)| {
        let call = request.call.replacen("/2018-06-01/runtime/", "…/", 1);
        if index % 2 == 0 {
            assert_eq!(call, NEXT);
            return None;
        }
        assert_eq!(call, format!("POST …/invocation/id-{}/response", index / 2));
        assert_eq!(request.header("content-type"), Some("application/json"));
        Some(std::str::from_utf8(&request.body).unwrap())
    });
    replies.collect()
}

/// The answers in their shapes, and what is logged for each: HTTP APIs and Function URLs, REST APIs and
/// payload 1.0, load balancers, and those with multi-value headers.
#[track_caller]
fn assert_answers(answer: &str, expected: [&str; 4], log: &str) {
    let [v2, v1, balancer, multi_value] = expected;
    let events = KINDS.map(|kind| event_for(kind, answer));
    let run = run(&events);
    assert_eq!(
        replies(&run, events.len()),
        [v2, v1, v1, v2, balancer, multi_value],
        "the order is {KINDS:?}"
    );
    let logged = |index| match log {
        "" => String::new(),
        log => format!("ERROR RequestId: id-{index} {log}\n"),
    };
    assert_eq!(run.stderr, (0..events.len()).map(logged).collect::<String>());
    assert_eq!(run.stdout, "");
    assert!(run.status.is_none());
}

/// What the function says that it was asked.
#[track_caller]
fn asked(kind: &str) -> Value {
    let run = run(&[event(kind)]);
    let reply: Value = serde_json::from_str(replies(&run, 1)[0]).unwrap();
    assert_eq!(run.stderr, "");
    assert_eq!(reply["statusCode"], 200);
    assert_eq!(reply["isBase64Encoded"], false);
    serde_json::from_str(reply["body"].as_str().unwrap()).unwrap()
}

#[test]
fn an_http_api_is_understood() {
    assert_eq!(
        asked("http_api"),
        json!({
            "kind": "an API Gateway HTTP API (payload 2.0)",
            "method": "POST",
            "path": "/orders/7 b",
            "query": [["tag", "green tea"], ["tag", "café"], ["empty", ""], ["flag", ""], ["tag", "a&b"]],
            "cookies": [["session", "1234"], ["theme", "\"dark\""]],
            "source_ip": "203.0.113.17",
            "body": "{\"item\":\"tea\",\"count\":2}",
        })
    );
}

#[test]
fn a_rest_api_is_understood() {
    assert_eq!(
        asked("rest_api"),
        json!({
            "kind": "an API Gateway REST API (payload 1.0)",
            "method": "PUT",
            "path": "/orders/7%20b",
            "query": [["tag", "green tea"], ["tag", "100%"], ["name", "Ada"]],
            "cookies": [["session", "1234"], ["theme", "dark"]],
            "source_ip": "203.0.113.19",
            "body": "item=green+tea&count=2",
        })
    );
}

#[test]
fn a_function_url_is_understood() {
    assert_eq!(
        asked("function_url"),
        json!({
            "kind": "a Function URL",
            "method": "PATCH",
            "path": "/files/a%2Fb",
            "query": [["q", "€ 5"], ["q", "2"]],
            "cookies": [["session", "1234"]],
            "source_ip": "192.0.2.44",
            "body": "\u{0}\u{1}��",
        })
    );
}

#[test]
fn a_load_balancer_is_understood() {
    assert_eq!(
        asked("load_balancer"),
        json!({
            "kind": "an Application Load Balancer",
            "method": "POST",
            "path": "/orders/7%20b",
            "query": [["tag", "a&b"], ["full name", "Ada C. Lovelace"], ["flag", ""]],
            "cookies": [["session", "1234"], ["theme", "dark"]],
            "source_ip": "203.0.113.21",
            "body": "café 🍵",
        })
    );
}

#[test]
fn a_load_balancer_with_multi_value_headers_is_understood() {
    assert_eq!(
        asked("load_balancer_multi_value"),
        json!({
            "kind": "an Application Load Balancer",
            "method": "GET",
            "path": "/orders",
            "query": [["tag", "green tea"], ["tag", "a&b"], ["name", "Ada"]],
            "cookies": [["session", "1234"], ["theme", "dark"]],
            "source_ip": "203.0.113.22",
            "body": "",
        })
    );
}

#[test]
fn text_is_answered_in_the_shape_of_each_kind() {
    assert_answers(
        "a \"text\"",
        [
            r#"{"statusCode":200,"headers":{"content-type":"text/plain; charset=utf-8"},"cookies":[],"body":"a \"text\"","isBase64Encoded":false}"#,
            r#"{"statusCode":200,"headers":{"content-type":"text/plain; charset=utf-8"},"body":"a \"text\"","isBase64Encoded":false}"#,
            r#"{"statusCode":200,"statusDescription":"200 OK","headers":{"content-type":"text/plain; charset=utf-8"},"body":"a \"text\"","isBase64Encoded":false}"#,
            r#"{"statusCode":200,"statusDescription":"200 OK","multiValueHeaders":{"content-type":["text/plain; charset=utf-8"]},"body":"a \"text\"","isBase64Encoded":false}"#,
        ],
        "",
    );
}

#[test]
fn bytes_are_answered_as_base64() {
    assert_answers(
        "binary",
        [
            r#"{"statusCode":200,"headers":{"content-type":"application/octet-stream"},"cookies":[],"body":"AAH+/w==","isBase64Encoded":true}"#,
            r#"{"statusCode":200,"headers":{"content-type":"application/octet-stream"},"body":"AAH+/w==","isBase64Encoded":true}"#,
            r#"{"statusCode":200,"statusDescription":"200 OK","headers":{"content-type":"application/octet-stream"},"body":"AAH+/w==","isBase64Encoded":true}"#,
            r#"{"statusCode":200,"statusDescription":"200 OK","multiValueHeaders":{"content-type":["application/octet-stream"]},"body":"AAH+/w==","isBase64Encoded":true}"#,
        ],
        "",
    );
}

#[test]
fn a_binary_body_comes_back_as_it_was_sent() {
    let run = run(&[event_for("function_url", "body")]);
    assert_eq!(
        replies(&run, 1),
        [
            r#"{"statusCode":200,"headers":{},"cookies":[],"body":"AAH+/w==","isBase64Encoded":true}"#
        ]
    );
}

#[test]
fn cookies_and_repeated_headers_are_answered_as_each_kind_takes_them() {
    assert_answers(
        "cookies",
        [
            r#"{"statusCode":201,"headers":{"x-tag":"one, two"},"cookies":["a=1; HttpOnly","b=2"],"body":"made","isBase64Encoded":false}"#,
            r#"{"statusCode":201,"headers":{},"multiValueHeaders":{"set-cookie":["a=1; HttpOnly","b=2"],"x-tag":["one","two"]},"body":"made","isBase64Encoded":false}"#,
            r#"{"statusCode":201,"statusDescription":"201 Created","headers":{"set-cookie":"a=1; HttpOnly","Set-cookie":"b=2","x-tag":"one, two"},"body":"made","isBase64Encoded":false}"#,
            r#"{"statusCode":201,"statusDescription":"201 Created","multiValueHeaders":{"set-cookie":["a=1; HttpOnly","b=2"],"x-tag":["one","two"]},"body":"made","isBase64Encoded":false}"#,
        ],
        "",
    );
}

#[test]
fn nothing_is_answered_with_204() {
    assert_answers(
        "nothing",
        [
            r#"{"statusCode":204,"headers":{},"cookies":[],"body":"","isBase64Encoded":false}"#,
            r#"{"statusCode":204,"headers":{},"body":"","isBase64Encoded":false}"#,
            r#"{"statusCode":204,"statusDescription":"204 No Content","headers":{},"body":"","isBase64Encoded":false}"#,
            r#"{"statusCode":204,"statusDescription":"204 No Content","body":"","isBase64Encoded":false}"#,
        ],
        "",
    );
}

/// The answers of every kind that are a status with a message.
fn messages(status: &str, message: &str) -> [String; 4] {
    let code = &status[..3];
    let head = r#""content-type":"application/json""#;
    let list = r#""content-type":["application/json"]"#;
    let body = format!(r#""body":"{{\"message\":\"{message}\"}}","isBase64Encoded":false}}"#);
    let plain =
        |cookies: &str| format!(r#"{{"statusCode":{code},"headers":{{{head}}},{cookies}{body}"#);
    let described = format!(r#"{{"statusCode":{code},"statusDescription":"{status}""#);
    [
        plain(r#""cookies":[],"#),
        plain(""),
        format!(r#"{described},"headers":{{{head}}},{body}"#),
        format!(r#"{described},"multiValueHeaders":{{{list}}},{body}"#),
    ]
}

#[test]
fn an_error_is_a_500_that_tells_nothing_and_a_line_in_the_log() {
    assert_answers(
        "error",
        messages("500 Internal Server Error", "Internal Server Error")
            .each_ref()
            .map(String::as_str),
        "ParseIntError: invalid digit found in string",
    );
}

#[test]
fn a_failure_with_a_status_of_500_and_above_is_told_and_logged() {
    assert_answers(
        "busy",
        messages("503 Service Unavailable", "try again").each_ref().map(String::as_str),
        "Busy: try again",
    );
}

#[test]
fn a_failure_of_the_caller_is_told_and_not_logged() {
    assert_answers(
        "not found",
        messages("404 Not Found", "no such order").each_ref().map(String::as_str),
        "",
    );
}

#[test]
fn a_body_that_cannot_be_read_is_a_400_that_says_where() {
    let mut wrong = event_for("http_api", "order");
    wrong["body"] = json!(r#"{"count":"two"}"#);
    let mut empty = event_for("rest_api", "order");
    empty["body"] = Value::Null;
    let run = run(&[wrong, empty, event_for("http_api", "order")]);
    let message = |cookies: &str, message: &str| {
        format!(
            r#"{{"statusCode":400,"headers":{{"content-type":"application/json"}},{cookies}"body":"{{\"message\":\"cannot read the body as JSON{message}\"}}","isBase64Encoded":false}}"#
        )
    };
    assert_eq!(
        replies(&run, 3),
        [
            message(
                r#""cookies":[],"#,
                r#" at `count`: invalid type: string \\\"two\\\", expected u32 at line 1 column 14"#
            ),
            message("", ": it is empty"),
            r#"{"statusCode":204,"headers":{},"cookies":[],"body":"","isBase64Encoded":false}"#
                .to_owned(),
        ]
    );
    assert_eq!(run.stderr, "");
}

#[test]
fn a_response_that_http_does_not_allow_is_a_500() {
    assert_answers(
        "bad header",
        messages("500 Internal Server Error", "Internal Server Error")
            .each_ref()
            .map(String::as_str),
        r"Runtime.InvalidResponse: a response cannot have the header `x-a: one\r\ntwo`",
    );
}

#[test]
fn an_event_that_is_no_request_fails_and_the_function_goes_on() {
    let run = run(&[json!({"Records": []}), event_for("http_api", "nothing")]);
    assert_eq!(
        run.calls(),
        [
            NEXT,
            r#"POST …/invocation/id-0/error {"errorType":"Runtime.UnmarshalError","errorMessage":"cannot read the event as an HTTP request: it is nearest to one of an API Gateway HTTP API (payload 2.0), but lacks `rawPath` and `requestContext.http.method`","stackTrace":[]}"#,
            NEXT,
            r#"POST …/invocation/id-1/response {"statusCode":204,"headers":{},"cookies":[],"body":"","isBase64Encoded":false}"#,
            NEXT,
        ]
    );
}

#[test]
fn a_panic_fails_the_invocation_and_the_function_goes_on() {
    let run = run(&[event_for("rest_api", "panic"), event_for("rest_api", "nothing")]);
    let error = &run.calls()[1];
    let report = r#"POST …/invocation/id-0/error {"errorType":"Panic","errorMessage":"for id-0","stackTrace":["at tests/functions/http.rs:"#;
    assert!(error.starts_with(report), "{error}");
    assert_eq!(
        run.calls()[3..],
        [
            r#"POST …/invocation/id-1/response {"statusCode":204,"headers":{},"body":"","isBase64Encoded":false}"#,
            NEXT
        ]
    );
    assert!(run.stderr.starts_with("ERROR RequestId: id-0 Panic: for id-0: at "), "{}", run.stderr);
}
