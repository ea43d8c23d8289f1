//! The responses that clients receive: converted from payloads, and those of the gateway itself.

use super::*;

const HTTP: &str = "GET /";
const HTTP_V1: &str = "POST /v1";
const REST: &str = "GET /rest/x";
const URL: &str = "GET /Url";

/// The response to the client of each request for a payload.
fn responses(cases: &[(&str, &str)]) -> String {
    let router = router(TEMPLATE);
    let describe = |(text, payload): &(&str, &str)| {
        let response = response(&route(&router, &request(text)), payload.as_bytes()).unwrap();
        let (head, body) = response.into_parts();
        let (status, body) = (head.status.as_u16(), String::from_utf8(body).unwrap());
        let result = format!("{status} {}\n    {body}", headers(&head.headers));
        format!("{text} => {payload}\n    {}\n", result.trim_end())
    };
    cases.iter().map(describe).collect()
}

#[test]
fn payloads_are_converted_as_their_kind_of_api_does() {
    assert_snapshot!(responses(&[
        (HTTP, r#"{"statusCode":201,"body":"made"}"#),
        (HTTP, r#"{"statusCode":"404"}"#),
        (HTTP, r#"{"a":1}"#),
        (HTTP, " [1] "),
        (HTTP, "null"),
        (HTTP, r#""hi""#),
        (HTTP, r#"{"a":"#),
        (HTTP, ""),
        (URL, r#""hi""#),
        (URL, r#"{"statusCode":200,"body":"hi"}"#),
        (
            HTTP,
            r#"{"statusCode":200,"headers":{"X-A":"1","x-n":2,"content-length":"9"},"cookies":["a=1; HttpOnly","b=2"],"body":"aGk=","isBase64Encoded":true,"unknown":1}"#,
        ),
        (HTTP, r#"{"statusCode":200,"multiValueHeaders":{"x-a":["1"]},"body":"hi"}"#),
        (
            HTTP_V1,
            r#"{"statusCode":200,"multiValueHeaders":{"x-a":["1","2"]},"headers":{"x-a":"2","x-b":"3"},"cookies":["a=1"],"unknown":1}"#,
        ),
        (
            HTTP_V1,
            r#"{"statusCode":200,"multiValueHeaders":{"x-a":["1","1","2"]},"headers":{"x-a":"3","server":"a"}}"#,
        ),
        (REST, r#"{"body":"hi"}"#),
        (
            REST,
            r#"{"statusCode":401,"headers":{"WWW-Authenticate":"Basic","Content-Type":"text/plain"},"body":null}"#,
        ),
        (
            REST,
            r#"{"multiValueHeaders":{"x-a":["1","2"]},"headers":{"x-a":"3","authorization":"a","connection":"b","content-md5":"c","date":"d","max-forwards":"4","server":"e","user-agent":"f","www-authenticate":"g","expect":"h","host":"i","proxy-authenticate":"j","te":"k","trailer":"l","transfer-encoding":"m","upgrade":"n","via":"o","age":"5","warn":"6"}}"#,
        ),
        // The client's `Accept` decides whether a REST API decodes the body.
        ("GET /rest/x | accept: image/png, */*", r#"{"body":"aGk=","isBase64Encoded":true}"#),
        ("GET /rest/x | accept: text/html", r#"{"body":"aGk=","base64Encoded":true}"#),
    ]), @r#"
    GET / => {"statusCode":201,"body":"made"}
        201 content-type: text/plain; charset=utf-8
        made
    GET / => {"statusCode":"404"}
        404 content-type: text/plain; charset=utf-8
    GET / => {"a":1}
        200 content-type: application/json
        {"a":1}
    GET / =>  [1] 
        200 content-type: application/json
         [1]
    GET / => null
        200 content-type: application/json
        null
    GET / => "hi"
        200 content-type: application/json
        hi
    GET / => {"a":
        200 content-type: application/json
        {"a":
    GET / => 
        200 content-type: application/json
    GET /Url => "hi"
        200 content-type: application/json
        "hi"
    GET /Url => {"statusCode":200,"body":"hi"}
        200 content-type: application/json
        hi
    GET / => {"statusCode":200,"headers":{"X-A":"1","x-n":2,"content-length":"9"},"cookies":["a=1; HttpOnly","b=2"],"body":"aGk=","isBase64Encoded":true,"unknown":1}
        200 content-type: text/plain; charset=utf-8 | set-cookie: a=1; HttpOnly | set-cookie: b=2 | x-a: 1 | x-n: 2
        hi
    GET / => {"statusCode":200,"multiValueHeaders":{"x-a":["1"]},"body":"hi"}
        200 content-type: text/plain; charset=utf-8
        hi
    POST /v1 => {"statusCode":200,"multiValueHeaders":{"x-a":["1","2"]},"headers":{"x-a":"2","x-b":"3"},"cookies":["a=1"],"unknown":1}
        200 content-type: text/plain; charset=utf-8 | x-a: 2 | x-a: 1 | x-b: 3
    POST /v1 => {"statusCode":200,"multiValueHeaders":{"x-a":["1","1","2"]},"headers":{"x-a":"3","server":"a"}}
        200 content-type: text/plain; charset=utf-8 | server: a | x-a: 3 | x-a: 1 | x-a: 1 | x-a: 2
    GET /rest/x => {"body":"hi"}
        200 content-type: application/json
        hi
    GET /rest/x => {"statusCode":401,"headers":{"WWW-Authenticate":"Basic","Content-Type":"text/plain"},"body":null}
        401 content-type: text/plain | x-amzn-remapped-www-authenticate: Basic
    GET /rest/x => {"multiValueHeaders":{"x-a":["1","2"]},"headers":{"x-a":"3","authorization":"a","connection":"b","content-md5":"c","date":"d","max-forwards":"4","server":"e","user-agent":"f","www-authenticate":"g","expect":"h","host":"i","proxy-authenticate":"j","te":"k","trailer":"l","transfer-encoding":"m","upgrade":"n","via":"o","age":"5","warn":"6"}}
        200 age: 5 | content-type: application/json | warn: 6 | x-a: 1 | x-a: 2 | x-a: 3 | x-amzn-remapped-authorization: a | x-amzn-remapped-connection: b | x-amzn-remapped-content-md5: c | x-amzn-remapped-date: d | x-amzn-remapped-max-forwards: 4 | x-amzn-remapped-server: e | x-amzn-remapped-user-agent: f | x-amzn-remapped-www-authenticate: g
    GET /rest/x | accept: image/png, */* => {"body":"aGk=","isBase64Encoded":true}
        200 content-type: application/json
        hi
    GET /rest/x | accept: text/html => {"body":"aGk=","base64Encoded":true}
        200 content-type: application/json
        aGk=
    "#);
}

#[test]
fn errors_in_payloads_are_explained() {
    let router = router(TEMPLATE);
    for (text, payload, expected) in [
        (REST, "[]", "the response is an array, not an object"),
        (REST, "{", "the response is not JSON: EOF while parsing an object at line 1 column 1"),
        (REST, r#"{"cookies":[]}"#, "unknown field `cookies`, which a REST API rejects"),
        (REST, r#"{"statusCode":0}"#, "`statusCode` is `0`, not a number from 200 to 599"),
        (REST, r#"{"statusCode":null}"#, "`statusCode` is `null`, not a number from 200 to 599"),
        (REST, r#"{"body":{}}"#, "`body` is an object, not a string"),
        (HTTP_V1, r#"{"body":"hi"}"#, "`statusCode` is missing"),
        (HTTP_V1, r#"{"statusCode":200,"headers":[]}"#, "`headers` is an array, not an object"),
        (
            HTTP_V1,
            r#"{"statusCode":200,"multiValueHeaders":{"x-a":"1"}}"#,
            "`multiValueHeaders.x-a` is a string, not an array of strings",
        ),
        (HTTP, r#"{"statusCode":101}"#, "`statusCode` is `101`, not a number from 200 to 599"),
        (
            REST,
            r#"{"statusCode":"199"}"#,
            "`statusCode` is `\"199\"`, not a number from 200 to 599",
        ),
        (HTTP, r#"{"statusCode":200.5}"#, "`statusCode` is `200.5`, not a number from 200 to 599"),
        (HTTP, r#"{"statusCode":200,"body":1}"#, "`body` is a number, not a string"),
        (
            HTTP,
            r#"{"statusCode":200,"cookies":"a"}"#,
            "`cookies` is a string, not an array of strings",
        ),
        (
            HTTP,
            r#"{"statusCode":200,"headers":{"x-a":null}}"#,
            "`headers.x-a` is null, not a string",
        ),
        (HTTP, r#"{"statusCode":200,"headers":{"x a":"1"}}"#, "`x a` is not a valid header name"),
        (
            HTTP,
            r#"{"statusCode":200,"headers":{"x-a":"1\n2"}}"#,
            r#"invalid value for the header `x-a`: "1\n2""#,
        ),
        (
            HTTP,
            r#"{"statusCode":200,"isBase64Encoded":1}"#,
            "`isBase64Encoded` is a number, not true or false",
        ),
        (
            URL,
            r#"{"statusCode":200,"isBase64Encoded":true,"body":"?"}"#,
            "`isBase64Encoded` is true, but `body` is not base64: Invalid symbol 63, offset 0.",
        ),
    ] {
        let error = response(&route(&router, &request(text)), payload.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), expected, "{text} {payload}");
    }
    let route = route(&router, &request(HTTP));
    let too_large = response(&route, " ".repeat(MAX_PAYLOAD + 1).as_bytes()).unwrap_err();
    assert_snapshot!(too_large, @"the response has 6291457 bytes; Lambda accepts at most 6291456");
}

/// The response to the client of each request for an error.
pub(super) fn errors<'a>(
    cases: impl IntoIterator<Item = (&'a str, GatewayError)>,
    router: &Router,
) -> String {
    let describe = |(text, error): (&str, GatewayError)| {
        let (head, body) = error.response(&route(router, &request(text))).into_parts();
        let (status, body) = (head.status.as_u16(), String::from_utf8(body).unwrap());
        format!("{text} => {error:?}\n    {status} {}\n    {body}\n", headers(&head.headers))
    };
    cases.into_iter().map(describe).collect()
}

#[test]
fn errors_get_the_responses_of_their_kind_of_api() {
    use GatewayError::{Integration, IntegrationTimeout, RequestTooLarge};

    let errors = errors(
        [
            (HTTP, Integration),
            (HTTP, IntegrationTimeout),
            (HTTP, RequestTooLarge),
            (REST, Integration),
            (REST, IntegrationTimeout),
            (REST, RequestTooLarge),
            (URL, Integration),
            (URL, RequestTooLarge),
        ],
        &router(TEMPLATE),
    );
    assert_snapshot!(errors, @r#"
    GET / => Integration
        500 content-type: application/json
        {"message":"Internal Server Error"}
    GET / => IntegrationTimeout
        503 content-type: application/json
        {"message":"Service Unavailable"}
    GET / => RequestTooLarge
        413 content-type: application/json
        {"message":"Request Entity Too Large"}
    GET /rest/x => Integration
        502 content-type: application/json | x-amzn-errortype: InternalServerErrorException
        {"message": "Internal server error"}
    GET /rest/x => IntegrationTimeout
        504 content-type: application/json | x-amzn-errortype: InternalServerErrorException
        {"message": "Endpoint request timed out"}
    GET /rest/x => RequestTooLarge
        413 content-type: application/json | x-amzn-errortype: RequestTooLargeException
        {"message": "Request Too Long"}
    GET /Url => Integration
        502 content-type: application/json
        Internal Server Error
    GET /Url => RequestTooLarge
        413 content-type: application/json
        {"Message":"Request must be smaller than 6291456 bytes for the InvokeFunction operation"}
    "#);
    assert!(errors.contains(&format!("smaller than {MAX_PAYLOAD} bytes")));
}

#[test]
fn each_response_has_the_gateways_ids() {
    let router = router(TEMPLATE);
    let describe = |text: &str| {
        let response = response(&route(&router, &request(text)), br#"{"statusCode":200}"#).unwrap();
        let mut ids: Vec<_> = response.headers().iter().collect();
        ids.retain(|(name, _)| *name != "content-type");
        ids.sort_by_key(|(name, _)| name.as_str());
        let ids = ids.iter().map(|(name, id)| format!("{name}: {}", id.to_str().unwrap()));
        ids.collect::<Vec<_>>().join(" | ")
    };
    assert_snapshot!(list([HTTP, REST, URL], describe), @"
    GET /
        apigw-requestid: ID
    GET /rest/x
        x-amz-apigw-id: EXTENDED | x-amzn-requestid: ID | x-amzn-trace-id: TRACE
    GET /Url
        x-amzn-requestid: ID | x-amzn-trace-id: TRACE
    ");
}

const INTEGRATION: Option<&str> = Some("application/vnd.awslambda.http-integration-response");

/// The response to the client after each part of a stream.
fn streamed(content_type: Option<&str>, parts: &[&[u8]]) -> String {
    streamed_by("GET /Stream", content_type, parts)
}

/// The same for this request.
fn streamed_by(text: &str, content_type: Option<&str>, parts: &[&[u8]]) -> String {
    let route = route(&router(TEMPLATE), &request(text));
    let mut prelude = Prelude::new(route.api.kind, content_type);
    let describe = |part: &&[u8]| match prelude.push(&route, part) {
        Ok(Some(StreamHead { head, rest: body, .. })) => {
            let (status, body) = (head.status.as_u16(), body.escape_ascii());
            format!("{status} {} | body: {body}\n", headers(&head.headers))
        }
        Ok(None) => "nothing\n".to_owned(),
        Err(error) => format!("malformed: {error}\n"),
    };
    parts.iter().map(describe).collect()
}

#[test]
fn the_prelude_of_a_stream_is_separated_from_its_body() {
    let prelude = br#"{"statusCode":201,"headers":{"x-a":"1"},"cookies":["a=1"]}"#;
    let stream = [&prelude[..], &[0; 8], b"body\0"].concat();
    let (start, rest) = stream.split_at(prelude.len() + 3);
    let (until_body, _) = stream.split_at(prelude.len() + 8);
    let streams = [
        streamed(INTEGRATION, &[&stream]),
        streamed(INTEGRATION, &[start, rest]),
        streamed(INTEGRATION, &[until_body]),
        streamed(None, &[b"{}"]),
        streamed(Some("text/plain"), &[b"{}"]),
    ];
    assert_snapshot!(streams.join("\n"), @r"
    201 content-type: application/octet-stream | set-cookie: a=1 | x-a: 1 | body: body\x00

    nothing
    201 content-type: application/octet-stream | set-cookie: a=1 | x-a: 1 | body: body\x00

    201 content-type: application/octet-stream | set-cookie: a=1 | x-a: 1 | body: 

    200 content-type: application/octet-stream | body: {}

    200 content-type: text/plain | body: {}
    ");
}

#[test]
fn errors_in_a_prelude_are_explained() {
    assert_snapshot!(streamed(INTEGRATION, &[b"hi\0\0\0\0\0\0\0\0"]), @"malformed: the prelude of the streamed response is not a JSON object: expected value at line 1 column 1");
    assert_snapshot!(streamed(INTEGRATION, &[&vec![b' '; 70_000]]), @"malformed: the prelude of the streamed response does not end (with eight NUL bytes) in the first 70000 bytes");
    let route = route(&router(TEMPLATE), &request("GET /Stream"));
    let mut prelude = Prelude::new(route.api.kind, INTEGRATION);
    assert!(prelude.push(&route, b"{}").unwrap().is_none());
    assert_snapshot!(prelude.end(), @"the streamed response ended after 2 bytes, before the end of its prelude");
}

#[test]
fn a_stream_of_a_rest_api_always_has_a_prelude() {
    let fields = br#"{"headers":{"x-a":"1","server":"s"},"multiValueHeaders":{"x-b":["2","3"]},"cookies":["a=1"]}"#;
    let stream = [&fields[..], &[0; 8], b"body"].concat();
    let long = [&vec![b' '; 16_377][..], &[0; 8]].concat();
    let streams = [
        streamed_by("GET /rest/only", INTEGRATION, &[&stream]),
        streamed_by("GET /rest/only", Some("text/plain"), &[&stream]),
        streamed_by("GET /rest/only", Some("text/plain"), &[&vec![b'x'; 16_385]]),
        streamed_by("GET /rest/only", INTEGRATION, &[&long]),
    ];
    assert_snapshot!(streams.join("\n"), @"
    200 content-type: application/octet-stream | set-cookie: a=1 | x-a: 1 | x-amzn-remapped-server: s | x-b: 2 | x-b: 3 | body: body

    200 content-type: application/octet-stream | set-cookie: a=1 | x-a: 1 | x-amzn-remapped-server: s | x-b: 2 | x-b: 3 | body: body

    malformed: the prelude of the streamed response does not end (with eight NUL bytes) in the first 16385 bytes

    malformed: the prelude of the streamed response has 16377 bytes; at most 16376 are allowed
    ");
}
