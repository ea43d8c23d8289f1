//! A program with every kind of parameter gets any event: the bytes as they are, or a request that is put
//! together out of them. It responds, and nothing that the client sent reaches a header, a log line or a
//! problem document with its control characters.

#![no_main]

mod program;
mod sent;

use std::cell::OnceCell;

use lambda_native::Context;
use lambda_native::fuzzing::{Program, no_context};
use libfuzzer_sys::arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

use self::program::Handlers;

thread_local! {
    static PROGRAM: OnceCell<(Program<Handlers>, Context)> = const { OnceCell::new() };
}

fuzz_target!(|data: &[u8]| {
    PROGRAM.with(|program| {
        let (program, context) = program
            .get_or_init(|| (Program::new().expect("the handlers need no state"), no_context()));
        // Events in the seeds begin with a brace.
        if data.first() == Some(&b'{') {
            check(program.call(data, context), data);
        } else if let Ok(event) = sent::event(&mut Unstructured::new(data)) {
            let event = event.to_string();
            let response = program.call(event.as_bytes(), context);
            assert!(response.is_ok(), "{event} is a request: {response:?}");
            check(response, event.as_bytes());
        }
    });
});

fn check(response: Result<Vec<u8>, lambda_native::Error>, event: &[u8]) {
    let event = String::from_utf8_lossy(event);
    let response = match response {
        Ok(response) => response,
        Err(error) => {
            assert_eq!(error.error_type(), "Runtime.UnmarshalError", "{event}");
            // The log has it as it is.
            assert_printable(&error.to_string(), &event);
            return;
        }
    };
    let response: Value = serde_json::from_slice(&response).expect("the response is JSON");
    let status = response["statusCode"].as_u64().expect("the response has a status");
    assert!((200..500).contains(&status), "{response} to {event}");
    let headers: Vec<(&String, &Value)> = ["headers", "multiValueHeaders"]
        .iter()
        .filter_map(|name| response[*name].as_object())
        .flatten()
        .collect();
    for (name, value) in &headers {
        assert_printable(name, &event);
        texts(value, &mut |text| assert_printable(text, &event));
    }
    texts(&response["cookies"], &mut |text| assert_printable(text, &event));
    let is_problem = headers.iter().any(|(_, value)| value.to_string().contains("problem+json"));
    let body = response["body"].as_str().expect("the body is a string");
    if is_problem && !body.is_empty() {
        let problem: Value = serde_json::from_str(body).expect("a problem document is JSON");
        assert_eq!(problem["status"], status, "{event}");
        texts(&problem, &mut |text| assert_printable(text, &event));
    }
}

/// Calls `visit` with each string in a value.
fn texts(value: &Value, visit: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, visit)),
        Value::Object(members) => {
            for (name, value) in members {
                visit(name);
                texts(value, visit);
            }
        }
        _ => {}
    }
}

#[track_caller]
fn assert_printable(text: &str, event: &str) {
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(is_hidden), "{text:?} from {event}");
}
