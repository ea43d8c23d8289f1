//! HTTP functions: events of each kind, and responses in the format of each kind.

use std::path::Path;

use insta::assert_snapshot;
use lambda_native_tests::assert_run;
use lambda_native_tests::command::program;
use lambda_native_tests::runtime_api::{Answer, Run, RuntimeApi};
use serde_json::{Value, json};

const NEXT: &str = "GET …/invocation/next";

/// The events of the tests of the runtime, one of each kind.
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

/// The event with the header that chooses the response.
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
    RuntimeApi::start(script).run(&mut program(function), requests)
}

/// The responses to the events, byte for byte.
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

/// The response of each kind, and the log.
#[track_caller]
fn responses(answer: &str) -> String {
    let events = KINDS.map(|kind| event_for(kind, answer));
    let run = run(&events);
    assert_eq!((run.stdout.as_str(), run.status), ("", None));
    let replies = replies(&run, events.len()).into_iter();
    let replies: Vec<_> =
        KINDS.iter().zip(replies).map(|(kind, reply)| format!("{kind}: {reply}\n")).collect();
    replies.concat() + &*run.stderr
}

/// The request, as the function describes it.
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
fn reads_requests_of_an_http_api() {
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
fn reads_requests_of_a_rest_api() {
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
fn reads_requests_of_a_function_url() {
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
fn reads_requests_of_a_load_balancer() {
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
fn reads_requests_of_a_load_balancer_with_multi_value_headers() {
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
fn sends_text_in_the_format_of_each_kind() {
    assert_snapshot!(responses("a \"text\""), @r#"
    http_api: {"statusCode":200,"headers":{"content-type":"text/plain; charset=utf-8"},"cookies":[],"body":"a \"text\"","isBase64Encoded":false}
    http_api_1_0: {"statusCode":200,"headers":{"content-type":"text/plain; charset=utf-8"},"body":"a \"text\"","isBase64Encoded":false}
    rest_api: {"statusCode":200,"headers":{"content-type":"text/plain; charset=utf-8"},"body":"a \"text\"","isBase64Encoded":false}
    function_url: {"statusCode":200,"headers":{"content-type":"text/plain; charset=utf-8"},"cookies":[],"body":"a \"text\"","isBase64Encoded":false}
    load_balancer: {"statusCode":200,"statusDescription":"200 OK","headers":{"content-type":"text/plain; charset=utf-8"},"body":"a \"text\"","isBase64Encoded":false}
    load_balancer_multi_value: {"statusCode":200,"statusDescription":"200 OK","multiValueHeaders":{"content-type":["text/plain; charset=utf-8"]},"body":"a \"text\"","isBase64Encoded":false}
    "#);
}

#[test]
fn sends_bytes_as_base64() {
    assert_snapshot!(responses("binary"), @r#"
    http_api: {"statusCode":200,"headers":{"content-type":"application/octet-stream"},"cookies":[],"body":"AAH+/w==","isBase64Encoded":true}
    http_api_1_0: {"statusCode":200,"headers":{"content-type":"application/octet-stream"},"body":"AAH+/w==","isBase64Encoded":true}
    rest_api: {"statusCode":200,"headers":{"content-type":"application/octet-stream"},"body":"AAH+/w==","isBase64Encoded":true}
    function_url: {"statusCode":200,"headers":{"content-type":"application/octet-stream"},"cookies":[],"body":"AAH+/w==","isBase64Encoded":true}
    load_balancer: {"statusCode":200,"statusDescription":"200 OK","headers":{"content-type":"application/octet-stream"},"body":"AAH+/w==","isBase64Encoded":true}
    load_balancer_multi_value: {"statusCode":200,"statusDescription":"200 OK","multiValueHeaders":{"content-type":["application/octet-stream"]},"body":"AAH+/w==","isBase64Encoded":true}
    "#);
}

#[test]
fn returns_a_binary_body_unchanged() {
    let run = run(&[event_for("function_url", "body")]);
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-0/response {"statusCode":200,"headers":{},"cookies":[],"body":"AAH+/w==","isBase64Encoded":true}
    GET …/invocation/next
    "#);
}

#[test]
fn sends_cookies_and_repeated_headers_in_the_format_of_each_kind() {
    assert_snapshot!(responses("cookies"), @r#"
    http_api: {"statusCode":201,"headers":{"x-tag":"one, two"},"cookies":["a=1; HttpOnly","b=2"],"body":"made","isBase64Encoded":false}
    http_api_1_0: {"statusCode":201,"headers":{},"multiValueHeaders":{"set-cookie":["a=1; HttpOnly","b=2"],"x-tag":["one","two"]},"body":"made","isBase64Encoded":false}
    rest_api: {"statusCode":201,"headers":{},"multiValueHeaders":{"set-cookie":["a=1; HttpOnly","b=2"],"x-tag":["one","two"]},"body":"made","isBase64Encoded":false}
    function_url: {"statusCode":201,"headers":{"x-tag":"one, two"},"cookies":["a=1; HttpOnly","b=2"],"body":"made","isBase64Encoded":false}
    load_balancer: {"statusCode":201,"statusDescription":"201 Created","headers":{"set-cookie":"a=1; HttpOnly","Set-cookie":"b=2","x-tag":"one, two"},"body":"made","isBase64Encoded":false}
    load_balancer_multi_value: {"statusCode":201,"statusDescription":"201 Created","multiValueHeaders":{"set-cookie":["a=1; HttpOnly","b=2"],"x-tag":["one","two"]},"body":"made","isBase64Encoded":false}
    "#);
}

#[test]
fn sends_204_for_nothing() {
    assert_snapshot!(responses("nothing"), @r#"
    http_api: {"statusCode":204,"headers":{},"cookies":[],"body":"","isBase64Encoded":false}
    http_api_1_0: {"statusCode":204,"headers":{},"body":"","isBase64Encoded":false}
    rest_api: {"statusCode":204,"headers":{},"body":"","isBase64Encoded":false}
    function_url: {"statusCode":204,"headers":{},"cookies":[],"body":"","isBase64Encoded":false}
    load_balancer: {"statusCode":204,"statusDescription":"204 No Content","headers":{},"body":"","isBase64Encoded":false}
    load_balancer_multi_value: {"statusCode":204,"statusDescription":"204 No Content","body":"","isBase64Encoded":false}
    "#);
}

#[test]
fn an_error_is_a_500_without_details_and_a_line_in_the_log() {
    assert_snapshot!(responses("error"), @r#"
    http_api: {"statusCode":500,"headers":{"content-type":"application/json"},"cookies":[],"body":"{\"message\":\"Internal Server Error\"}","isBase64Encoded":false}
    http_api_1_0: {"statusCode":500,"headers":{"content-type":"application/json"},"body":"{\"message\":\"Internal Server Error\"}","isBase64Encoded":false}
    rest_api: {"statusCode":500,"headers":{"content-type":"application/json"},"body":"{\"message\":\"Internal Server Error\"}","isBase64Encoded":false}
    function_url: {"statusCode":500,"headers":{"content-type":"application/json"},"cookies":[],"body":"{\"message\":\"Internal Server Error\"}","isBase64Encoded":false}
    load_balancer: {"statusCode":500,"statusDescription":"500 Internal Server Error","headers":{"content-type":"application/json"},"body":"{\"message\":\"Internal Server Error\"}","isBase64Encoded":false}
    load_balancer_multi_value: {"statusCode":500,"statusDescription":"500 Internal Server Error","multiValueHeaders":{"content-type":["application/json"]},"body":"{\"message\":\"Internal Server Error\"}","isBase64Encoded":false}
    ERROR RequestId: id-0 ParseIntError: invalid digit found in string
    ERROR RequestId: id-1 ParseIntError: invalid digit found in string
    ERROR RequestId: id-2 ParseIntError: invalid digit found in string
    ERROR RequestId: id-3 ParseIntError: invalid digit found in string
    ERROR RequestId: id-4 ParseIntError: invalid digit found in string
    ERROR RequestId: id-5 ParseIntError: invalid digit found in string
    "#);
}

#[test]
fn a_failure_with_a_status_of_500_and_above_is_sent_and_logged() {
    assert_snapshot!(responses("busy"), @r#"
    http_api: {"statusCode":503,"headers":{"content-type":"application/json"},"cookies":[],"body":"{\"message\":\"try again\"}","isBase64Encoded":false}
    http_api_1_0: {"statusCode":503,"headers":{"content-type":"application/json"},"body":"{\"message\":\"try again\"}","isBase64Encoded":false}
    rest_api: {"statusCode":503,"headers":{"content-type":"application/json"},"body":"{\"message\":\"try again\"}","isBase64Encoded":false}
    function_url: {"statusCode":503,"headers":{"content-type":"application/json"},"cookies":[],"body":"{\"message\":\"try again\"}","isBase64Encoded":false}
    load_balancer: {"statusCode":503,"statusDescription":"503 Service Unavailable","headers":{"content-type":"application/json"},"body":"{\"message\":\"try again\"}","isBase64Encoded":false}
    load_balancer_multi_value: {"statusCode":503,"statusDescription":"503 Service Unavailable","multiValueHeaders":{"content-type":["application/json"]},"body":"{\"message\":\"try again\"}","isBase64Encoded":false}
    ERROR RequestId: id-0 Busy: try again
    ERROR RequestId: id-1 Busy: try again
    ERROR RequestId: id-2 Busy: try again
    ERROR RequestId: id-3 Busy: try again
    ERROR RequestId: id-4 Busy: try again
    ERROR RequestId: id-5 Busy: try again
    "#);
}

#[test]
fn a_failure_of_the_caller_is_sent_and_not_logged() {
    assert_snapshot!(responses("not found"), @r#"
    http_api: {"statusCode":404,"headers":{"content-type":"application/json"},"cookies":[],"body":"{\"message\":\"no such order\"}","isBase64Encoded":false}
    http_api_1_0: {"statusCode":404,"headers":{"content-type":"application/json"},"body":"{\"message\":\"no such order\"}","isBase64Encoded":false}
    rest_api: {"statusCode":404,"headers":{"content-type":"application/json"},"body":"{\"message\":\"no such order\"}","isBase64Encoded":false}
    function_url: {"statusCode":404,"headers":{"content-type":"application/json"},"cookies":[],"body":"{\"message\":\"no such order\"}","isBase64Encoded":false}
    load_balancer: {"statusCode":404,"statusDescription":"404 Not Found","headers":{"content-type":"application/json"},"body":"{\"message\":\"no such order\"}","isBase64Encoded":false}
    load_balancer_multi_value: {"statusCode":404,"statusDescription":"404 Not Found","multiValueHeaders":{"content-type":["application/json"]},"body":"{\"message\":\"no such order\"}","isBase64Encoded":false}
    "#);
}

#[test]
fn a_body_that_cannot_be_read_is_a_400_with_the_position() {
    let mut wrong = event_for("http_api", "order");
    wrong["body"] = json!(r#"{"count":"two"}"#);
    let mut empty = event_for("rest_api", "order");
    empty["body"] = Value::Null;
    let run = run(&[wrong, empty, event_for("http_api", "order")]);
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-0/response {"statusCode":400,"headers":{"content-type":"application/json"},"cookies":[],"body":"{\"message\":\"cannot read the body as JSON at `count`: invalid type: string \\\"two\\\", expected u32 at line 1 column 14\"}","isBase64Encoded":false}
    GET …/invocation/next
    POST …/invocation/id-1/response {"statusCode":400,"headers":{"content-type":"application/json"},"body":"{\"message\":\"cannot read the body as JSON: it is empty\"}","isBase64Encoded":false}
    GET …/invocation/next
    POST …/invocation/id-2/response {"statusCode":204,"headers":{},"cookies":[],"body":"","isBase64Encoded":false}
    GET …/invocation/next
    "#);
}

#[test]
fn a_response_that_http_does_not_allow_is_a_500() {
    assert_snapshot!(responses("bad header"), @r#"
    http_api: {"statusCode":500,"headers":{"content-type":"application/json"},"cookies":[],"body":"{\"message\":\"Internal Server Error\"}","isBase64Encoded":false}
    http_api_1_0: {"statusCode":500,"headers":{"content-type":"application/json"},"body":"{\"message\":\"Internal Server Error\"}","isBase64Encoded":false}
    rest_api: {"statusCode":500,"headers":{"content-type":"application/json"},"body":"{\"message\":\"Internal Server Error\"}","isBase64Encoded":false}
    function_url: {"statusCode":500,"headers":{"content-type":"application/json"},"cookies":[],"body":"{\"message\":\"Internal Server Error\"}","isBase64Encoded":false}
    load_balancer: {"statusCode":500,"statusDescription":"500 Internal Server Error","headers":{"content-type":"application/json"},"body":"{\"message\":\"Internal Server Error\"}","isBase64Encoded":false}
    load_balancer_multi_value: {"statusCode":500,"statusDescription":"500 Internal Server Error","multiValueHeaders":{"content-type":["application/json"]},"body":"{\"message\":\"Internal Server Error\"}","isBase64Encoded":false}
    ERROR RequestId: id-0 Runtime.InvalidResponse: a response cannot have the header `x-a: one\r\ntwo`
    ERROR RequestId: id-1 Runtime.InvalidResponse: a response cannot have the header `x-a: one\r\ntwo`
    ERROR RequestId: id-2 Runtime.InvalidResponse: a response cannot have the header `x-a: one\r\ntwo`
    ERROR RequestId: id-3 Runtime.InvalidResponse: a response cannot have the header `x-a: one\r\ntwo`
    ERROR RequestId: id-4 Runtime.InvalidResponse: a response cannot have the header `x-a: one\r\ntwo`
    ERROR RequestId: id-5 Runtime.InvalidResponse: a response cannot have the header `x-a: one\r\ntwo`
    "#);
}

#[test]
fn an_event_that_is_not_a_request_fails_and_the_function_goes_on() {
    let run = run(&[json!({"Records": []}), event_for("http_api", "nothing")]);
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-0/error {"errorType":"Runtime.UnmarshalError","errorMessage":"cannot read the event as an HTTP request: it looks like an event from an API Gateway HTTP API (payload 2.0), but `rawPath` and `requestContext.http.method` are missing","stackTrace":[]}
    GET …/invocation/next
    POST …/invocation/id-1/response {"statusCode":204,"headers":{},"cookies":[],"body":"","isBase64Encoded":false}
    GET …/invocation/next
    ----- stderr -----
    ERROR RequestId: id-0 Runtime.UnmarshalError: cannot read the event as an HTTP request: it looks like an event from an API Gateway HTTP API (payload 2.0), but `rawPath` and `requestContext.http.method` are missing
    "#);
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
