//! HTTP events: parsing, everything that a function can read from a request, and the response.

#![no_main]

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use lambda_native::Reply;
use lambda_native::http::{self, Authorizer, Request, RequestKind, Response};
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;
use serde_json::Value;

fuzz_target!(|event: &[u8]| {
    let request = Request::from_slice(event);
    if serde_json::from_slice::<IgnoredAny>(event).is_err() {
        assert!(request.is_err());
    }
    let request = match request {
        Ok(request) => request,
        Err(error) => {
            assert_eq!(error.error_type(), "Runtime.UnmarshalError");
            return;
        }
    };
    ask(&request);
    let padded = [b" \n", event, b"\t\r\n"].concat();
    let same = Request::from_slice(&padded).expect("blanks around an event say nothing");
    assert_eq!(format!("{same:?}"), format!("{request:?}"));
    respond(&request);
});

/// Reads everything twice, by its name and in the list.
fn ask(request: &Request<'_>) {
    assert!(
        request.raw_path().ends_with(request.path())
            || request.kind() != RequestKind::HttpApi
            || request.path() == "/"
    );
    for (name, _) in request.headers() {
        assert_eq!(request.header(name), request.header_all(name).next());
        assert_eq!(request.header(&name.to_ascii_uppercase()), request.header(name));
    }
    for (name, value) in request.cookies() {
        assert!(!value.contains(';'));
        assert!(request.cookie(name).is_some());
    }
    for (name, _) in request.path_parameters() {
        assert!(request.path_parameter(name).is_some());
    }
    let pairs: Vec<_> = request.query_pairs().collect();
    for (name, value) in pairs.iter().take(50) {
        assert!(request.query_all(name).any(|other| other == *value));
        assert_eq!(request.query(name), request.query_all(name).next());
    }
    // A query that is split and put together again stays the same.
    let raw = request.raw_query();
    let again = Request::new("GET", format!("/?{raw}"));
    let again: Vec<_> = again.query_pairs().collect();
    assert_eq!(again, pairs, "{raw:?}");

    let _ = (request.stage(), request.route_key(), request.resource(), request.source_ip());
    let _ = (request.user_agent(), request.stage_variable("a"), request.method());
    match request.authorizer() {
        Some(Authorizer::Jwt(token)) => fields(&token.claims),
        Some(Authorizer::Lambda(context)) => fields(&context),
        _ => {}
    }
    let body = match request.body() {
        Ok(body) => body,
        Err(error) => {
            assert_eq!(error.error_type(), "Runtime.UnmarshalError");
            assert!(request.text().is_err() && request.json::<Value>().is_err());
            return;
        }
    };
    if let Ok(text) = request.text() {
        assert_eq!(text.as_bytes(), body);
    }
    if let Err(error) = request.json::<Value>() {
        assert_eq!(error.status(), Some(400));
    }
    let form = request.form::<Vec<(String, Cow<'_, str>)>>();
    assert!(form.is_ok(), "every body is a form of some names: {form:?}");
}

fn fields(fields: &http::Fields<'_>) {
    for (name, _) in fields.iter() {
        assert!(fields.get(&name).is_some());
    }
    let _ = fields.json::<Value>();
}

/// Sends the request back as the response: JSON with only the members that the kind allows, and an
/// unchanged body.
fn respond(request: &Request<'_>) {
    let Ok(body) = request.body() else { return };
    let mut response = Response::new(200).with_body(body.to_vec());
    for (name, value) in request.headers().take(10) {
        response = response.with_added_header(name.to_owned(), value.to_owned());
    }
    for (name, value) in request.cookies().take(10) {
        response = response.with_cookie(format!("{name}={value}"));
    }
    let kind = request.kind();
    let mut reply = Reply::default();
    // A header that HTTP does not allow is a `500`, with a line in the log.
    let is_allowed = response.headers().all(|(name, value)| {
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        !name.is_empty()
            && name.bytes().all(token)
            && !value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t')
    });
    if !is_allowed {
        return;
    }
    let cookies: Vec<_> = response
        .headers()
        .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        .map(|(_, value)| value.to_owned())
        .collect();
    http::respond(response, kind, &mut reply).expect("it is a response");

    let written: Value = serde_json::from_slice(reply.body()).expect("the reply is JSON");
    assert_eq!(written["statusCode"], 200);
    let text = written["body"].as_str().expect("the body is a string");
    let written_body = match written["isBase64Encoded"] {
        Value::Bool(true) => BASE64_STANDARD.decode(text).expect("the body is base64"),
        _ => text.as_bytes().to_vec(),
    };
    assert_eq!(written_body, body);
    let allowed: &[&str] = match kind {
        RequestKind::HttpApi | RequestKind::FunctionUrl => {
            &["statusCode", "headers", "cookies", "body", "isBase64Encoded"]
        }
        RequestKind::RestApi => {
            &["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"]
        }
        _ => &[
            "statusCode",
            "statusDescription",
            "headers",
            "multiValueHeaders",
            "body",
            "isBase64Encoded",
        ],
    };
    let members = written.as_object().expect("the reply is an object");
    assert!(members.keys().all(|name| allowed.contains(&name.as_str())), "{members:?}");
    if matches!(kind, RequestKind::HttpApi | RequestKind::FunctionUrl) {
        assert_eq!(written["cookies"], serde_json::json!(cookies));
    }
}
