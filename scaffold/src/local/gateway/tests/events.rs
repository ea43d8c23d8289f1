//! The events that functions receive, in AWS's order of fields.

use super::*;

fn event_of(text: &str, body: &[u8]) -> Vec<u8> {
    let request = request(text);
    let route = route(&router(TEMPLATE), &request);
    event(&route, &request, body, CLIENT, now())
}

#[test]
fn an_http_api_sends_format_2() {
    let text = "GET /pets/a%20b%2Fc?x=1&y=%C3%A9+e&x=2&z | host: api.example:3000 | \
        user-agent: test/1 | x-a: 1 | x-a: 2 | cookie: a=1; b=2 | cookie: c=3 | connection: close";
    assert_snapshot!(pretty(&event_of(text, b"")), @r#"
    {
      "version": "2.0",
      "routeKey": "GET /pets/{id}",
      "rawPath": "/pets/a b/c",
      "rawQueryString": "x=1&y=%C3%A9+e&x=2&z",
      "cookies": ["a=1", "b=2", "c=3"],
      "headers": {
        "content-length": "0",
        "host": "api.example:3000",
        "user-agent": "test/1",
        "x-a": "1,2",
        "x-amzn-trace-id": "TRACE",
        "x-forwarded-for": "203.0.113.7",
        "x-forwarded-port": "3000",
        "x-forwarded-proto": "http"
      },
      "queryStringParameters": {"x": "1,2", "y": "é e", "z": ""},
      "requestContext": {
        "accountId": "012345678912",
        "apiId": "ServerlessHttpApi",
        "domainName": "api.example",
        "domainPrefix": "api",
        "http": {
          "method": "GET",
          "path": "/pets/a b/c",
          "protocol": "HTTP/1.1",
          "sourceIp": "203.0.113.7",
          "userAgent": "test/1"
        },
        "requestId": "ID",
        "routeKey": "GET /pets/{id}",
        "stage": "$default",
        "time": "12/Mar/2020:19:03:58 +0000",
        "timeEpoch": 1584039838390
      },
      "pathParameters": {"id": "a b/c"},
      "isBase64Encoded": false,
      "stageVariables": {"color": "blue"}
    }
    "#);
}

#[test]
fn an_http_api_with_a_stage_puts_it_before_the_path() {
    let text = "POST /staged/7 | content-type: application/json; charset=utf-8";
    assert_snapshot!(pretty(&event_of(text, b"{}")), @r#"
    {
      "version": "2.0",
      "routeKey": "POST /staged/{id}",
      "rawPath": "/beta/staged/7",
      "rawQueryString": "",
      "headers": {
        "content-length": "2",
        "content-type": "application/json; charset=utf-8",
        "x-amzn-trace-id": "TRACE",
        "x-forwarded-for": "203.0.113.7",
        "x-forwarded-port": "80",
        "x-forwarded-proto": "http"
      },
      "requestContext": {
        "accountId": "012345678912",
        "apiId": "Staged",
        "domainName": "",
        "domainPrefix": "",
        "http": {
          "method": "POST",
          "path": "/beta/staged/7",
          "protocol": "HTTP/1.1",
          "sourceIp": "203.0.113.7",
          "userAgent": ""
        },
        "requestId": "ID",
        "routeKey": "POST /staged/{id}",
        "stage": "beta",
        "time": "12/Mar/2020:19:03:58 +0000",
        "timeEpoch": 1584039838390
      },
      "body": "{}",
      "pathParameters": {"id": "7"},
      "isBase64Encoded": false,
      "stageVariables": {"color": "blue", "size": "1"}
    }
    "#);
}

#[test]
fn a_function_url_sends_format_2_with_its_own_path() {
    let text = "PUT /Url/a%20b?x=%20 | host: 127.0.0.1:3000 | cookie: a=1; b=2 | \
        x-forwarded-for: 198.51.100.1 | x-amzn-trace-id: Root=1-2-3 | content-length: 2";
    assert_snapshot!(pretty(&event_of(text, &[0xff, 0])), @r#"
    {
      "version": "2.0",
      "routeKey": "$default",
      "rawPath": "/a%20b",
      "rawQueryString": "x=%20",
      "cookies": ["a=1", "b=2"],
      "headers": {
        "content-length": "2",
        "cookie": "a=1; b=2",
        "host": "127.0.0.1:3000",
        "x-amzn-trace-id": "TRACE",
        "x-forwarded-for": "198.51.100.1, 203.0.113.7",
        "x-forwarded-port": "3000",
        "x-forwarded-proto": "http"
      },
      "queryStringParameters": {"x": " "},
      "requestContext": {
        "accountId": "anonymous",
        "apiId": "url",
        "domainName": "url.lambda-url.REGION.on.aws",
        "domainPrefix": "url",
        "http": {
          "method": "PUT",
          "path": "/a%20b",
          "protocol": "HTTP/1.1",
          "sourceIp": "203.0.113.7",
          "userAgent": ""
        },
        "requestId": "ID",
        "routeKey": "$default",
        "stage": "$default",
        "time": "12/Mar/2020:19:03:58 +0000",
        "timeEpoch": 1584039838390
      },
      "body": "/wA=",
      "isBase64Encoded": true
    }
    "#);
}

#[test]
fn a_rest_api_sends_format_1_without_a_version() {
    let text = "GET /rest/orders/a%20b/?x=1&y=%C3%A9&x=2 | host: api.example | user-agent: test/1 | \
        x-a: 1 | x-a: 2 | cookie: a=1; b=2 | content-length: 0";
    assert_snapshot!(pretty(&event_of(text, b"")), @r#"
    {
      "resource": "/rest/orders/{id}",
      "path": "/rest/orders/a%20b/",
      "httpMethod": "GET",
      "headers": {
        "Cookie": "a=1; b=2",
        "Host": "api.example",
        "User-Agent": "test/1",
        "X-A": "2",
        "X-Amzn-Trace-Id": "TRACE",
        "X-Forwarded-For": "203.0.113.7",
        "X-Forwarded-Port": "80",
        "X-Forwarded-Proto": "http"
      },
      "multiValueHeaders": {
        "Cookie": ["a=1; b=2"],
        "Host": ["api.example"],
        "User-Agent": ["test/1"],
        "X-A": ["1", "2"],
        "X-Amzn-Trace-Id": ["TRACE"],
        "X-Forwarded-For": ["203.0.113.7"],
        "X-Forwarded-Port": ["80"],
        "X-Forwarded-Proto": ["http"]
      },
      "queryStringParameters": {"x": "2", "y": "é"},
      "multiValueQueryStringParameters": {
        "x": ["1", "2"],
        "y": ["é"]
      },
      "pathParameters": {"id": "a%20b"},
      "stageVariables": {"color": "red"},
      "requestContext": {
        "resourceId": "local0",
        "resourcePath": "/rest/orders/{id}",
        "httpMethod": "GET",
        "extendedRequestId": "EXTENDED",
        "requestTime": "12/Mar/2020:19:03:58 +0000",
        "path": "/live/rest/orders/a%20b/",
        "accountId": "012345678912",
        "protocol": "HTTP/1.1",
        "stage": "live",
        "domainPrefix": "api",
        "requestTimeEpoch": 1584039838390,
        "requestId": "ID",
        "identity": {
          "cognitoIdentityPoolId": null,
          "accountId": null,
          "cognitoIdentityId": null,
          "caller": null,
          "sourceIp": "203.0.113.7",
          "principalOrgId": null,
          "accessKey": null,
          "cognitoAuthenticationType": null,
          "cognitoAuthenticationProvider": null,
          "userArn": null,
          "userAgent": "test/1",
          "user": null
        },
        "domainName": "api.example",
        "deploymentId": "local0",
        "apiId": "Shop"
      },
      "body": null,
      "isBase64Encoded": false
    }
    "#);
}

#[test]
fn an_http_api_can_send_format_1() {
    let text = "POST /staged-v1/a%20b | content-type: text/plain";
    assert_snapshot!(pretty(&event_of(text, b"hi")), @r#"
    {
      "version": "1.0",
      "resource": "/staged-v1/{id}",
      "path": "/beta/staged-v1/a%20b",
      "httpMethod": "POST",
      "headers": {
        "Content-Length": "2",
        "Content-Type": "text/plain",
        "X-Amzn-Trace-Id": "TRACE",
        "X-Forwarded-For": "203.0.113.7",
        "X-Forwarded-Port": "80",
        "X-Forwarded-Proto": "http"
      },
      "multiValueHeaders": {
        "Content-Length": ["2"],
        "Content-Type": ["text/plain"],
        "X-Amzn-Trace-Id": ["TRACE"],
        "X-Forwarded-For": ["203.0.113.7"],
        "X-Forwarded-Port": ["80"],
        "X-Forwarded-Proto": ["http"]
      },
      "queryStringParameters": null,
      "multiValueQueryStringParameters": null,
      "pathParameters": {"id": "a b"},
      "stageVariables": {"color": "blue", "size": "1"},
      "requestContext": {
        "resourceId": "POST /staged-v1/{id}",
        "resourcePath": "/staged-v1/{id}",
        "httpMethod": "POST",
        "extendedRequestId": "EXTENDED",
        "requestTime": "12/Mar/2020:19:03:58 +0000",
        "path": "/beta/staged-v1/a b",
        "accountId": "012345678912",
        "protocol": "HTTP/1.1",
        "stage": "beta",
        "domainPrefix": "",
        "requestTimeEpoch": 1584039838390,
        "requestId": "ID",
        "identity": {
          "cognitoIdentityPoolId": null,
          "accountId": null,
          "cognitoIdentityId": null,
          "caller": null,
          "sourceIp": "203.0.113.7",
          "principalOrgId": null,
          "accessKey": null,
          "cognitoAuthenticationType": null,
          "cognitoAuthenticationProvider": null,
          "userArn": null,
          "userAgent": "",
          "user": null
        },
        "domainName": "",
        "apiId": "Staged",
        "authorizer": {"claims": null, "scopes": null}
      },
      "body": "hi",
      "isBase64Encoded": false
    }
    "#);
}

#[test]
fn a_rest_api_splits_the_query_at_semicolons_too() {
    let query = |text: &str| {
        let event: Value = serde_json::from_slice(&event_of(text, b"")).unwrap();
        event["multiValueQueryStringParameters"].to_string()
    };
    assert_eq!(query("GET /rest/x?a=1;b=2&c=3%3B4;"), r#"{"a":["1"],"b":["2"],"c":["3;4"]}"#);
    assert_eq!(query("POST /v1?a=1;b=2"), r#"{"a":["1;b=2"]}"#);
}

#[test]
fn a_rest_api_keeps_some_headers_from_the_function() {
    let headers = "authorization: Basic a | content-md5: b | max-forwards: 1 | server: c | \
        proxy-authenticate: d | www-authenticate: e | te: f | upgrade: g | via: h";
    let names = |line: &str| {
        let event: Value =
            serde_json::from_slice(&event_of(&format!("{line} | {headers}"), b"")).unwrap();
        let names = event["headers"].as_object().unwrap().keys().map(|name| name.to_lowercase());
        names.filter(|name| !name.starts_with("x-")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names("GET /rest/x"), "authorization via");
    assert_eq!(names("GET /rest/x | content-length: 0"), "authorization via");
    assert_eq!(
        names("POST /v1"),
        "authorization content-length content-md5 max-forwards proxy-authenticate server via \
         www-authenticate"
    );
    let signed = event_of("GET /rest/x | authorization: AWS4-HMAC-SHA256 Credential=a", b"");
    let event: Value = serde_json::from_slice(&signed).unwrap();
    assert_eq!(event["headers"]["Authorization"], Value::Null);
}

#[test]
fn bodies_are_in_base64_by_the_rule_of_their_kind_of_api() {
    for (text, body, expected, is_base64) in [
        ("POST /v1 | content-type: text/html", &b"hi"[..], "hi", false),
        ("PUT /Url | content-type: text/css; charset=x", b"hi", "hi", false),
        ("PUT /Url | content-type: application/json", b"hi", "hi", false),
        ("PUT /Url | content-type: Application/XML", b"hi", "hi", false),
        ("PUT /Url | content-type: application/javascript", b"hi", "hi", false),
        ("PUT /Url | content-type: application/x-www-form-urlencoded", b"a=1", "YT0x", true),
        ("PUT /Url | content-type: application/problem+json", b"{}", "e30=", true),
        ("PUT /Url | content-type: image/png", b"\x89P", "iVA=", true),
        ("PUT /Url | content-type: multipart/form-data; boundary=x", b"hi", "aGk=", true),
        ("PUT /Url | content-type: text/plain", b"\xffhi", "\u{fffd}hi", false),
        ("PUT /Url | content-type: text/plain | content-encoding: gzip", b"hi", "aGk=", true),
        ("PUT /Url", b"hi", "aGk=", true),
        ("PUT /rest/x | content-type: application/x-www-form-urlencoded", b"a=1", "a=1", false),
        ("PUT /rest/x | content-type: image/png", b"\x89P", "iVA=", true),
        ("PUT /rest/x | content-type: application/octet-stream", b"\0", "AA==", true),
        ("PUT /rest/x | content-type: audio/wav", b"\x89P", "\u{fffd}P", false),
    ] {
        let event: Value = serde_json::from_slice(&event_of(text, body)).unwrap();
        let found = (event["body"].as_str().unwrap(), event["isBase64Encoded"].as_bool().unwrap());
        assert_eq!(found, (expected, is_base64), "{text}");
    }
}
