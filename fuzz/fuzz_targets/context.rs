//! The headers of an invocation, and what the runtime makes of them: the context and the error report.

#![no_main]

use std::sync::LazyLock;
use std::time::{Duration, UNIX_EPOCH};

use lambda_native::fuzzing::{context, no_context, report};
use lambda_native::{Context, Error};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// A context of which nothing must remain.
static BEFORE: LazyLock<Context> = LazyLock::new(|| {
    let response = "HTTP/1.1 200 OK\r\n\
                  Lambda-Runtime-Aws-Request-Id: before\r\n\
                  Lambda-Runtime-Deadline-Ms: 1\r\n\
                  Lambda-Runtime-Invoked-Function-Arn: before\r\n\
                  Lambda-Runtime-Trace-Id: before\r\n\
                  Lambda-Runtime-Invocation-Id: before\r\n\
                  Lambda-Runtime-Client-Context: \"before\"\r\n\
                  Lambda-Runtime-Cognito-Identity: \"before\"\r\n\
                  Lambda-Runtime-Aws-Tenant-Id: before\r\n\
                  Content-Length: 0\r\n\r\n";
    context(response.as_bytes(), &no_context()).expect("it is well-formed")
});

fuzz_target!(|input: &[u8]| {
    let (lines, text) = match input.iter().position(|byte| *byte == 0) {
        Some(end) => (&input[..end], &input[end + 1..]),
        None => (input, input),
    };
    let response = [b"HTTP/1.1 200 OK\r\n", lines, b"\r\nContent-Length: 0\r\n\r\n"].concat();
    let found = context(&response, &no_context());
    let after_another = context(&response, &BEFORE);
    assert_eq!(format!("{found:?}"), format!("{after_another:?}"));
    let Ok(context) = found else { return };

    assert!(!context.request_id().is_empty());
    assert!(context.request_id().bytes().all(|byte| byte.is_ascii_graphic()));
    assert!(context.deadline().is_none_or(|deadline| deadline >= UNIX_EPOCH));
    if context.remaining_time().is_some_and(|time| time > Duration::ZERO) {
        assert!(context.deadline().is_some());
    }
    for text in [context.invoked_function_arn(), context.trace_id(), context.tenant_id()] {
        assert!(text.is_none_or(|text| !text.contains(['\r', '\n', '\0'])));
    }
    if let Err(error) = context.client_context::<Value>() {
        assert_eq!(error.error_type(), "Runtime.MalformedContext");
    }
    if let Err(error) = context.cognito_identity() {
        assert_eq!(error.error_type(), "Runtime.MalformedContext");
    }

    // What comes from outside cannot break out of its line.
    let text = String::from_utf8_lossy(text);
    let (error_type, message) = text.split_once('\n').unwrap_or(("", &text));
    let error = Error::new(error_type.to_owned(), message)
        .caused_by(&std::io::Error::other(message.to_owned()));
    let (head, body) = report(&context, &error).expect("every text is JSON");
    let mut lines = [httparse::EMPTY_HEADER; 8];
    let mut request = httparse::Request::new(&mut lines);
    assert_eq!(request.parse(&head), Ok(httparse::Status::Complete(head.len())));
    let path = format!("/2018-06-01/runtime/invocation/{}/error", context.request_id());
    assert_eq!((request.method, request.path), (Some("POST"), Some(&*path)));
    let names: Vec<_> = request.headers.iter().map(|line| line.name).collect();
    let all = [
        "Host",
        "User-Agent",
        "Lambda-Runtime-Invocation-Id",
        "Content-Length",
        "Content-Type",
        "Lambda-Runtime-Function-Error-Type",
        "Lambda-Runtime-Function-XRay-Error-Cause",
    ];
    assert!(all.iter().filter(|name| names.contains(name)).eq(&names), "{names:?}");
    for line in &*request.headers {
        if line.name == "Lambda-Runtime-Function-XRay-Error-Cause" {
            serde_json::from_slice::<Value>(line.value).expect("the cause is JSON");
            assert!(line.value.is_ascii());
        }
    }
    let body: Value = serde_json::from_slice(&body).expect("the body is JSON");
    assert!(!error.error_type().is_empty());
    assert_eq!(body["errorType"], error.error_type());
    assert_eq!(body["errorMessage"], error.message());
});
