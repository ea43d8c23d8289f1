//! Events that are not HTTP requests, or are crafted to do harm, cause an error with a reason and never a
//! panic.

#![cfg(feature = "http")]

use lambda_native::http::Request;

#[expect(clippy::expect_used, reason = "a test fails by it")]
fn refusal(event: &[u8]) -> String {
    let error = Request::from_slice(event).expect_err("the event is refused");
    assert_eq!(error.error_type(), "Runtime.UnmarshalError");
    assert_eq!(error.status(), None);
    error.message().to_owned()
}

#[test]
fn the_nearest_kind_and_what_it_lacks() {
    let cases = [
        (
            "{}",
            "an API Gateway HTTP API (payload 2.0)",
            "`rawPath` and `requestContext.http.method`",
        ),
        (
            r#"{"Records":[{"eventSource":"aws:sqs","body":"{}"}]}"#,
            "an API Gateway HTTP API (payload 2.0)",
            "`rawPath` and `requestContext.http.method`",
        ),
        (
            r#"{"version":"2.0","rawPath":"/","requestContext":null}"#,
            "an API Gateway HTTP API (payload 2.0)",
            "`requestContext.http.method`",
        ),
        (
            r#"{"requestContext":{"http":{"method":"GET"}}}"#,
            "an API Gateway HTTP API (payload 2.0)",
            "`rawPath`",
        ),
        (
            r#"{"requestContext":{"domainName":"a.lambda-url.b.on.aws","http":{"path":"/"}}}"#,
            "a Function URL",
            "`requestContext.http.method`",
        ),
        (r#"{"httpMethod":"GET"}"#, "an API Gateway REST API (payload 1.0)", "`path`"),
        (r#"{"path":"/"}"#, "an API Gateway REST API (payload 1.0)", "`httpMethod`"),
        (r#"{"resource":"/"}"#, "an API Gateway REST API (payload 1.0)", "`httpMethod` and `path`"),
        (
            r#"{"requestContext":{"elb":{}},"httpMethod":"GET"}"#,
            "an Application Load Balancer",
            "`path`",
        ),
        (
            r#"{"requestContext":{"serviceArn":"arn"},"httpMethod":"GET"}"#,
            "VPC Lattice (version V2)",
            "`method` and `path`",
        ),
    ];
    for (event, kind, missing) in cases {
        let verb = if missing.contains(" and ") { "are" } else { "is" };
        let expected = format!(
            "cannot read the event as an HTTP request: it looks like an event from {kind}, but \
             {missing} {verb} missing"
        );
        assert_eq!(refusal(event.as_bytes()), expected, "{event}");
    }
}

#[test]
fn an_event_with_the_least_that_each_kind_needs() {
    let events = [
        r#"{"rawPath":"/","requestContext":{"http":{"method":"GET"}}}"#,
        r#"{"requestContext":{"http":{"method":"GET","path":"/"}}}"#,
        r#"{"requestContext":{"domainName":"a.lambda-url.b.on.aws","http":{"method":"GET","path":"/"}}}"#,
        r#"{"httpMethod":"GET","path":"/"}"#,
        r#"{"httpMethod":"GET","path":"/","requestContext":{"elb":{}}}"#,
        r#"{"method":"GET","path":"/","requestContext":{"serviceArn":"arn"}}"#,
    ];
    for event in events {
        let request = Request::from_slice(event.as_bytes()).expect(event);
        assert_eq!((request.method(), request.path()), ("GET", "/"), "{event}");
        assert_eq!(request.headers().count(), 0);
        assert_eq!(request.cookies().count(), 0);
        assert_eq!(request.body().unwrap(), b"");
        assert_eq!(request.source_ip(), None);
        assert!(request.authorizer().is_none());
    }
}

/// An event with one wrong member.
fn with(member: &str) -> String {
    format!(r#"{{"rawPath":"/","requestContext":{{"http":{{"method":"GET"}}}},{member}}}"#)
}

#[test]
fn wrong_types() {
    let events = [
        String::new(),
        "null".to_owned(),
        "7".to_owned(),
        r#""GET /""#.to_owned(),
        "[]".to_owned(),
        "[1,2,3]".to_owned(),
        "{".to_owned(),
        r#"{"rawPath":"/"} trailing"#.to_owned(),
        r#"{"rawPath":7}"#.to_owned(),
        r#"{"requestContext":"GET"}"#.to_owned(),
        r#"{"requestContext":{"http":[]}}"#.to_owned(),
        r#"{"requestContext":{"http":{"method":1e999}}}"#.to_owned(),
        r#"{"httpMethod":"GET","path":"/","requestContext":{"identity":7}}"#.to_owned(),
        r#"{"httpMethod":"GET","path":"/","queryStringParameters":"a=b"}"#.to_owned(),
        r#"{"httpMethod":"GET","path":"/","multiValueQueryStringParameters":{"a":7}}"#.to_owned(),
        r#"{"httpMethod":"GET","path":"/","multiValueHeaders":{"a":[7]}}"#.to_owned(),
        with(r#""headers":[]"#),
        with(r#""headers":{"a":7}"#),
        with(r#""headers":{"a":{"b":"c"}}"#),
        with(r#""cookies":"session=1234""#),
        with(r#""cookies":[7]"#),
        with(r#""pathParameters":{"id":7}"#),
        with(r#""body":{}"#),
        with(r#""isBase64Encoded":"true""#),
        with(r#""isBase64Encoded":1"#),
    ];
    for event in events {
        let message = refusal(event.as_bytes());
        assert!(message.starts_with("cannot read the event"), "{event}: {message}");
    }
}

#[test]
fn numbers_of_any_size_are_passed_over() {
    for number in ["1e400", "-1e-400", "99999999999999999999999999999999999999", "0.0"] {
        let event = with(&format!(r#""timeEpoch":{number}"#));
        assert!(Request::from_slice(event.as_bytes()).is_ok(), "{number}");
    }
}

#[test]
fn what_nobody_reads_may_be_nested_as_deep_as_it_likes() {
    let depth = 100_000;
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let nest = format!("{}7{}", open.repeat(depth), close.repeat(depth));
        let event = with(&format!(r#""unknown":{nest}"#));
        assert!(Request::from_slice(event.as_bytes()).is_ok());
        let event = format!(
            r#"{{"rawPath":"/","requestContext":{{"http":{{"method":"GET"}},"authorizer":{{"lambda":{nest}}}}}}}"#
        );
        let request = Request::from_slice(event.as_bytes()).unwrap();
        let _ = format!("{:?}", request.authorizer().is_some());
        for read in ["headers", "multiValueHeaders", "cookies", "pathParameters"] {
            refusal(with(&format!(r#""{read}":{nest}"#)).as_bytes());
        }
        assert!(Request::new("POST", "/").with_body(nest).json::<serde_json::Value>().is_err());
    }
}

#[test]
fn a_body_that_cannot_be_decoded_fails_when_it_is_read() {
    let cases = [
        (true, "?", ": `body` is not base64: Invalid symbol 63, offset 0."),
        (true, "AAA", ": `body` is not base64: Invalid padding"),
        (true, "AAAA=", ": `body` is not base64: Invalid symbol 61, offset 4."),
        (true, "A A A A", ": `body` is not base64: Invalid symbol 32, offset 1."),
        (true, "é", ": `body` is not base64: Invalid symbol 195, offset 0."),
        (false, r"\ud800", " at `body`: unexpected end of hex escape at line 1 column 8"),
    ];
    for (is_base64, body, message) in cases {
        let event = with(&format!(r#""isBase64Encoded":{is_base64},"body":"{body}""#));
        let request = Request::from_slice(event.as_bytes()).unwrap();
        let errors = [
            request.body().err(),
            request.text().err(),
            request.json::<serde_json::Value>().err(),
            request.form::<Vec<(String, String)>>().err(),
        ];
        for error in errors {
            let error = error.expect("the body cannot be read");
            assert_eq!(error.error_type(), "Runtime.UnmarshalError");
            assert_eq!(error.status(), Some(400));
            assert_eq!(error.message(), format!("cannot read the event{message}"));
        }
    }
    for body in ["7", "true", "{}", "[]"] {
        let message = refusal(with(&format!(r#""body":{body}"#)).as_bytes());
        let beginning = "cannot read the event: `body` is not a string at line 1 column ";
        assert!(message.starts_with(beginning), "{message}");
    }
    let event = with(r#""isBase64Encoded":true,"body":null"#);
    assert_eq!(Request::from_slice(event.as_bytes()).unwrap().body().unwrap(), b"");
}

#[test]
fn strings_that_are_not_unicode() {
    let events: [&[u8]; 5] = [
        br#"{"rawPath":"/\ud800","requestContext":{"http":{"method":"GET"}}}"#,
        br#"{"rawPath":"/\udc00\ud800","requestContext":{"http":{"method":"GET"}}}"#,
        b"{\"rawPath\":\"/\xff\",\"requestContext\":{\"http\":{\"method\":\"GET\"}}}",
        b"{\"rawPath\":\"/\xed\xa0\x80\",\"requestContext\":{\"http\":{\"method\":\"GET\"}}}",
        b"{\"rawPath\":\"/\n\",\"requestContext\":{\"http\":{\"method\":\"GET\"}}}",
    ];
    for event in events {
        refusal(event);
    }
}

#[test]
fn queries_that_are_not_unicode() {
    let request = Request::new("GET", "/?a=%ff&%zz=%&=&&b");
    let pairs: Vec<_> = request.query_pairs().collect();
    let expected = [("a", "\u{fffd}"), ("%zz", "%"), ("", ""), ("b", "")];
    assert_eq!(pairs, expected.map(|(name, value)| (name.into(), value.into())));
}

#[test]
fn cookies_that_make_no_sense() {
    let request = Request::new("GET", "/").with_header("cookie", ";;=; a ;b=1=2; =c;d= ");
    assert_eq!(
        request.cookies().collect::<Vec<_>>(),
        [("", ""), ("", "a"), ("b", "1=2"), ("", "c"), ("d", "")]
    );
}

#[test]
fn every_prefix_and_every_changed_byte_of_a_good_event() {
    let events: [&[u8]; 3] = [
        include_bytes!("events/http_api.json"),
        include_bytes!("events/rest_api.json"),
        include_bytes!("events/load_balancer_multi_value.json"),
    ];
    for event in events {
        for end in 0..event.len() - 2 {
            refusal(&event[..end]);
        }
        for position in 0..event.len() {
            for byte in *b"\"{}[],:\\0n\0\xff" {
                let mut event = event.to_vec();
                event[position] = byte;
                if let Ok(request) = Request::from_slice(&event) {
                    let _ = (request.query_pairs().count(), request.cookies().count());
                    let _ = (request.raw_query(), request.authorizer(), request.source_ip());
                }
            }
        }
    }
}

#[test]
fn a_query_of_a_load_balancer_with_what_parts_a_query() {
    // Found by fuzzing: put together again it was another query.
    let event = br#"{
        "requestContext": {"elb": {}}, "httpMethod": "GET", "path": "/",
        "queryStringParameters": {"a=b&c": "d&e=f", "g%26": "%3D+"}
    }"#;
    let request = Request::from_slice(event).expect("it is a request");
    assert_eq!(request.raw_query(), "a%3Db%26c=d%26e=f&g%26=%3D+");
    let pairs: Vec<_> = request.query_pairs().collect();
    assert_eq!(pairs, [("a=b&c".into(), "d&e=f".into()), ("g&".into(), "= ".into())]);
    let again = Request::new("GET", format!("/?{}", request.raw_query()));
    assert_eq!(again.query_pairs().collect::<Vec<_>>(), pairs);
}
