//! Requests, the events made of them, and what becomes of payloads: whole values, by kind of API.

mod authorizers;

use std::fs;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use http::Request;
use http::request::Parts;
use serde_json::{Value, json};

use super::*;
use crate::application::{Application, Kind, region};

/// Each kind of API, and routes that compete.
const TEMPLATE: &str = r#"
Globals:
  HttpApi:
    StageVariables: {color: blue}
Resources:
  Http:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Exact: {Type: HttpApi, Properties: {Method: GET, Path: /pets/dog}}
        Any: {Type: HttpApi, Properties: {Method: any, Path: /pets/dog}}
        Variable: {Type: HttpApi, Properties: {Method: get, Path: '/pets/{id}'}}
        Nested: {Type: HttpApi, Properties: {Method: get, Path: '/pets/{id}/toys/{toy}'}}
        Greedy: {Type: HttpApi, Properties: {Method: GET, Path: '/pets/{rest+}'}}
        Root: {Type: HttpApi, Properties: {Method: GET, Path: /}}
        Old: {Type: HttpApi, Properties: {Method: POST, Path: /v1, PayloadFormatVersion: '1.0'}}
        Staged: {Type: HttpApi, Properties: {Method: POST, Path: '/staged/{id}', ApiId: !Ref Staged}}
        StagedOld:
          Type: HttpApi
          Properties: {Method: POST, Path: '/staged-v1/{id}', ApiId: !Ref Staged, PayloadFormatVersion: '1.0'}
  Rest:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Orders: {Type: Api, Properties: {Method: get, Path: '/rest/orders/{id}', RestApiId: !Ref Shop}}
        Greedy: {Type: Api, Properties: {Method: any, Path: '/rest/{proxy+}', RestApiId: !Ref Shop}}
        Only: {Type: Api, Properties: {Method: get, Path: /rest/only, RestApiId: !Ref Shop}}
  Url:
    Type: AWS::Serverless::Function
    Properties:
      FunctionUrlConfig:
        AuthType: NONE
        Cors: {AllowOrigins: ['https://a.example', 'http://*'], AllowMethods: [GET, PUT], AllowHeaders: [x-a, x-b], MaxAge: 60, AllowCredentials: true, ExposeHeaders: [x-c]}
  Stream:
    Type: AWS::Serverless::Function
    Properties:
      FunctionUrlConfig: {AuthType: NONE, InvokeMode: RESPONSE_STREAM}
  Shop:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      Variables: {color: red}
      BinaryMediaTypes: [image~1*, application/octet-stream]
      Cors: {AllowOrigin: "'https://shop.example'", AllowHeaders: "'x-a,x-b'"}
  Staged:
    Type: AWS::Serverless::HttpApi
    Properties:
      StageName: beta
      StageVariables: {size: '1'}
      CorsConfiguration: true
"#;

fn router(template: &str) -> Router {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("template.yaml");
    fs::write(&path, template).unwrap();
    Router::new(&Application::read(&path).unwrap())
}

/// `GET /path` and headers, one a line.
fn request(text: &str) -> Parts {
    let mut lines = text.lines();
    let (method, uri) = lines.next().unwrap().split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(uri);
    for line in lines {
        let (name, value) = line.trim().split_once(": ").unwrap();
        request = request.header(name, value);
    }
    request.body(()).unwrap().into_parts().0
}

fn route(router: &Router, request: &Parts) -> Route {
    match router.route(request) {
        Routed::Function(route) => Route {
            ids: Ids { request: "ID".into(), extended: "EXTENDED".into(), trace: "TRACE".into() },
            ..route
        },
        Routed::Answer(answer) => panic!("{} is answered by {answer:?}", request.uri),
    }
}

fn made(text: &str, body: &[u8]) -> Vec<u8> {
    let request = request(text);
    let route = route(&router(TEMPLATE), &request);
    // 2020-03-12 19:03:58.390 UTC, as in AWS's documentation.
    let now = SystemTime::UNIX_EPOCH + Duration::from_millis(1_584_039_838_390);
    event(&route, &request, body, IpAddr::from([203, 0, 113, 7]), now)
}

fn made_value(text: &str, body: &[u8]) -> Value {
    serde_json::from_slice(&made(text, body)).unwrap()
}

#[test]
fn the_most_exact_route_with_the_method_gets_a_request() {
    let router = router(TEMPLATE);
    for (request_line, function, key, path, parameters) in [
        ("GET /pets/dog", "Http", "GET /pets/dog", "/pets/dog", vec![]),
        ("GET /pets/d%6Fg", "Http", "GET /pets/dog", "/pets/d%6Fg", vec![]),
        ("PUT /pets/dog", "Http", "ANY /pets/dog", "/pets/dog", vec![]),
        ("GET /pets/a%20b", "Http", "GET /pets/{id}", "/pets/a%20b", vec![("id", "a%20b")]),
        ("GET /pets/1/", "Http", "GET /pets/{rest+}", "/pets/1/", vec![("rest", "1/")]),
        ("GET /pets/1/2", "Http", "GET /pets/{rest+}", "/pets/1/2", vec![("rest", "1/2")]),
        (
            "GET /pets/1/toys/2?a=b",
            "Http",
            "GET /pets/{id}/toys/{toy}",
            "/pets/1/toys/2",
            vec![("id", "1"), ("toy", "2")],
        ),
        (
            "GET /pets/1/toys/",
            "Http",
            "GET /pets/{rest+}",
            "/pets/1/toys/",
            vec![("rest", "1/toys/")],
        ),
        ("GET /", "Http", "GET /", "/", vec![]),
        ("POST /staged/7", "Http", "POST /staged/{id}", "/staged/7", vec![("id", "7")]),
        (
            "GET /rest/orders/7/",
            "Rest",
            "GET /rest/orders/{id}",
            "/rest/orders/7/",
            vec![("id", "7")],
        ),
        ("PUT /rest/a/b", "Rest", "ANY /rest/{proxy+}", "/rest/a/b", vec![("proxy", "a/b")]),
        ("GET /live/rest/only", "Rest", "GET /rest/only", "/rest/only", vec![]),
        ("POST /beta/staged/7", "Http", "POST /staged/{id}", "/staged/7", vec![("id", "7")]),
        ("PUT /Url", "Url", "$default", "/", vec![]),
        ("PUT /Url/", "Url", "$default", "/", vec![]),
        ("PUT /Url/a%20b/c?d", "Url", "$default", "/a%20b/c", vec![]),
        ("GET /Stream/x", "Stream", "$default", "/x", vec![]),
    ] {
        let route = route(&router, &request(request_line));
        let found: Vec<_> =
            route.path_parameters.iter().map(|(name, it)| (name.as_str(), it.as_str())).collect();
        let found = (&*route.function, &*route.key, route.path.as_str(), found);
        assert_eq!(found, (function, key, path, parameters), "{request_line}");
    }
}

#[test]
fn what_no_route_takes_is_answered_as_api_gateway_does() {
    let router = router(TEMPLATE);
    for (request_line, status, body) in [
        ("GET /none", 404, r#"{"message":"Not Found"}"#),
        ("GET /live", 404, r#"{"message":"Not Found"}"#),
        ("GET /live/pets/dog", 404, r#"{"message":"Not Found"}"#),
        ("GET /beta/rest/only", 404, r#"{"message":"Not Found"}"#),
        ("PUT /live/rest/only", 403, r#"{"message":"Missing Authentication Token"}"#),
        ("POST /pets/cat", 404, r#"{"message":"Not Found"}"#),
        ("GET /Urls", 404, r#"{"message":"Not Found"}"#),
        ("GET /pets/", 404, r#"{"message":"Not Found"}"#),
        // A REST API settles for the path first.
        ("POST /rest/only", 403, r#"{"message":"Missing Authentication Token"}"#),
        ("PUT /rest/orders/7", 403, r#"{"message":"Missing Authentication Token"}"#),
    ] {
        let Routed::Answer(answer) = router.route(&request(request_line)) else {
            panic!("{request_line} has a route");
        };
        let found = (answer.status().as_u16(), std::str::from_utf8(answer.body()).unwrap());
        assert_eq!(found, (status, body), "{request_line}");
        assert_eq!(answer.headers()["content-type"], "application/json");
    }
    let rest = "Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {Events: {
        E: {Type: Api, Properties: {Method: get, Path: /a}}}}}}";
    let Routed::Answer(answer) = self::router(rest).route(&request("GET /none")) else { panic!() };
    assert_eq!(answer.status(), 403);
    assert_eq!(answer.headers()["x-amzn-errortype"], "MissingAuthenticationTokenException");
}

#[test]
fn a_url_or_a_function_alone_is_at_the_root() {
    let url = "Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {
        FunctionUrlConfig: {AuthType: NONE}}}}";
    let found = route(&router(url), &request("DELETE /F/a?b"));
    assert_eq!((&*found.function, &*found.path), ("F", "/F/a"));
    let twins = router(
        "Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {Events: {
            A: {Type: HttpApi, Properties: {Method: get, Path: /x}},
            B: {Type: Api, Properties: {Method: get, Path: /x}}}}}}",
    );
    let kinds = ["GET /x", "GET /Prod/x"].map(|line| route(&twins, &request(line)).api.kind);
    assert_eq!(kinds, [Kind::Http, Kind::Rest]);
    let alone = Application::of_one("orders", std::path::Path::new("."));
    let found = route(&Router::new(&alone), &request("DELETE /a/b"));
    assert_eq!((&*found.function, &*found.key, &*found.path), ("orders", "$default", "/a/b"));
    let router = router(TEMPLATE);
    let listed = router.list();
    let expected = [
        ("GET /", Kind::Http, "Http"),
        ("ANY /pets/dog", Kind::Http, "Http"),
        ("GET /pets/dog", Kind::Http, "Http"),
        ("GET /pets/{id}", Kind::Http, "Http"),
        ("GET /pets/{id}/toys/{toy}", Kind::Http, "Http"),
        ("GET /pets/{rest+}", Kind::Http, "Http"),
        ("GET /rest/only", Kind::Rest, "Rest"),
        ("GET /rest/orders/{id}", Kind::Rest, "Rest"),
        ("ANY /rest/{proxy+}", Kind::Rest, "Rest"),
        ("POST /staged-v1/{id}", Kind::Http, "Http"),
        ("POST /staged/{id}", Kind::Http, "Http"),
        ("POST /v1", Kind::Http, "Http"),
        ("ANY /Url/", Kind::FunctionUrl { stream: false }, "Url"),
        ("ANY /Stream/", Kind::FunctionUrl { stream: true }, "Stream"),
    ];
    assert_eq!(listed, expected.map(|(key, kind, function)| (key.to_owned(), kind, function)));
}

#[test]
fn an_http_api_makes_format_2() {
    let text = "GET /pets/a%20b%2Fc?x=1&y=%C3%A9+e&x=2&z\n host: api.example:3000\n \
        user-agent: test/1\n x-a: 1\n x-a: 2\n cookie: a=1; b=2\n cookie: c=3\n connection: close";
    let expected = r#"{"version":"2.0","routeKey":"GET /pets/{id}","rawPath":"/pets/a b/c","#
        .to_owned()
        + r#""rawQueryString":"x=1&y=%C3%A9+e&x=2&z","cookies":["a=1","b=2","c=3"],"#
        + r#""headers":{"content-length":"0","host":"api.example:3000","user-agent":"test/1","#
        + r#""x-a":"1,2","x-amzn-trace-id":"TRACE","x-forwarded-for":"203.0.113.7","#
        + r#""x-forwarded-port":"3000","x-forwarded-proto":"http"},"#
        + r#""queryStringParameters":{"x":"1,2","y":"é e","z":""},"requestContext":{"#
        + r#""accountId":"012345678912","apiId":"ServerlessHttpApi","domainName":"api.example","#
        + r#""domainPrefix":"api","http":{"method":"GET","path":"/pets/a b/c","protocol":"HTTP/1.1","#
        + r#""sourceIp":"203.0.113.7","userAgent":"test/1"},"requestId":"ID","#
        + r#""routeKey":"GET /pets/{id}","stage":"$default","time":"12/Mar/2020:19:03:58 +0000","#
        + r#""timeEpoch":1584039838390},"pathParameters":{"id":"a b/c"},"isBase64Encoded":false,"#
        + r#""stageVariables":{"color":"blue"}}"#;
    assert_eq!(String::from_utf8(made(text, b"")).unwrap(), expected);

    let posted =
        made_value("POST /staged/7\n content-type: application/json; charset=utf-8", b"{}");
    assert_eq!(
        posted,
        json!({
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
                "x-forwarded-proto": "http",
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
                    "userAgent": "",
                },
                "requestId": "ID",
                "routeKey": "POST /staged/{id}",
                "stage": "beta",
                "time": "12/Mar/2020:19:03:58 +0000",
                "timeEpoch": 1_584_039_838_390_i64,
            },
            "body": "{}",
            "pathParameters": {"id": "7"},
            "isBase64Encoded": false,
            "stageVariables": {"color": "blue", "size": "1"},
        })
    );
}

#[test]
fn a_function_url_makes_format_2_with_its_own_path() {
    let text = "PUT /Url/a%20b?x=%20\n host: 127.0.0.1:3000\n cookie: a=1; b=2\n \
        x-forwarded-for: 198.51.100.1\n x-amzn-trace-id: Root=1-2-3\n content-length: 2";
    assert_eq!(
        made_value(text, &[0xff, 0]),
        json!({
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
                "x-forwarded-proto": "http",
            },
            "queryStringParameters": {"x": " "},
            "requestContext": {
                "accountId": "anonymous",
                "apiId": "url",
                "domainName": format!("url.lambda-url.{}.on.aws", region()),
                "domainPrefix": "url",
                "http": {
                    "method": "PUT",
                    "path": "/a%20b",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "203.0.113.7",
                    "userAgent": "",
                },
                "requestId": "ID",
                "routeKey": "$default",
                "stage": "$default",
                "time": "12/Mar/2020:19:03:58 +0000",
                "timeEpoch": 1_584_039_838_390_i64,
            },
            "body": "/wA=",
            "isBase64Encoded": true,
        })
    );
}

#[test]
fn a_rest_api_makes_format_1_without_a_version() {
    let text = "GET /rest/orders/a%20b/?x=1&y=%C3%A9&x=2\n host: api.example\n user-agent: test/1\n \
        x-a: 1\n x-a: 2\n cookie: a=1; b=2\n content-length: 0";
    let headers = json!({
        "Cookie": ["a=1; b=2"],
        "Host": ["api.example"],
        "User-Agent": ["test/1"],
        "X-A": ["1", "2"],
        "X-Amzn-Trace-Id": ["TRACE"],
        "X-Forwarded-For": ["203.0.113.7"],
        "X-Forwarded-Port": ["80"],
        "X-Forwarded-Proto": ["http"],
    });
    let expected = json!({
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
            "X-Forwarded-Proto": "http",
        },
        "multiValueHeaders": headers,
        "queryStringParameters": {"x": "2", "y": "é"},
        "multiValueQueryStringParameters": {"x": ["1", "2"], "y": ["é"]},
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
            "requestTimeEpoch": 1_584_039_838_390_i64,
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
                "user": null,
            },
            "domainName": "api.example",
            "deploymentId": "local0",
            "apiId": "Shop",
        },
        "body": null,
        "isBase64Encoded": false,
    });
    assert_eq!(made_value(text, b""), expected);
}

#[test]
fn an_http_api_may_make_format_1() {
    let expected = json!({
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
            "X-Forwarded-Proto": "http",
        },
        "multiValueHeaders": {
            "Content-Length": ["2"],
            "Content-Type": ["text/plain"],
            "X-Amzn-Trace-Id": ["TRACE"],
            "X-Forwarded-For": ["203.0.113.7"],
            "X-Forwarded-Port": ["80"],
            "X-Forwarded-Proto": ["http"],
        },
        "queryStringParameters": null,
        "multiValueQueryStringParameters": null,
        "pathParameters": {"id": "a b"},
        "stageVariables": {"color": "blue", "size": "1"},
        "requestContext": {
            "resourceId": null,
            "resourcePath": "/staged-v1/{id}",
            "httpMethod": "POST",
            "extendedRequestId": "EXTENDED",
            "requestTime": "12/Mar/2020:19:03:58 +0000",
            "path": "/beta/staged-v1/a%20b",
            "accountId": "012345678912",
            "protocol": "HTTP/1.1",
            "stage": "beta",
            "domainPrefix": "",
            "requestTimeEpoch": 1_584_039_838_390_i64,
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
                "userAgent": null,
                "user": null,
            },
            "domainName": "",
            "apiId": "Staged",
            "authorizer": {"claims": null, "scopes": null},
        },
        "body": "hi",
        "isBase64Encoded": false,
    });
    assert_eq!(made_value("POST /staged-v1/a%20b\n content-type: text/plain", b"hi"), expected);
}

#[test]
fn bodies_are_base64_by_the_rule_of_their_kind() {
    for (request_line, content_type, body, expected, is_base64) in [
        ("POST /v1", "text/html", &b"hi"[..], "hi", false),
        ("PUT /Url", "text/css; charset=x", b"hi", "hi", false),
        ("PUT /Url", "application/json", b"hi", "hi", false),
        ("PUT /Url", "Application/XML", b"hi", "hi", false),
        ("PUT /Url", "application/javascript", b"hi", "hi", false),
        ("PUT /Url", "application/x-www-form-urlencoded", b"a=1", "YT0x", true),
        ("PUT /Url", "application/problem+json", b"{}", "e30=", true),
        ("PUT /Url", "image/png", b"\x89P", "iVA=", true),
        ("PUT /Url", "multipart/form-data; boundary=x", b"hi", "aGk=", true),
        ("PUT /Url", "text/plain", b"\xffhi", "\u{fffd}hi", false),
        ("PUT /rest/x", "application/x-www-form-urlencoded", b"a=1", "a=1", false),
        ("PUT /rest/x", "image/png", b"\x89P", "iVA=", true),
        ("PUT /rest/x", "application/octet-stream", b"\0", "AA==", true),
        ("PUT /rest/x", "audio/wav", b"\x89P", "\u{fffd}P", false),
    ] {
        let event = made_value(&format!("{request_line}\n content-type: {content_type}"), body);
        let found = (event["body"].as_str().unwrap(), event["isBase64Encoded"].as_bool().unwrap());
        assert_eq!(found, (expected, is_base64), "{request_line} {content_type}");
    }
    let compressed = "PUT /Url\n content-type: text/plain\n content-encoding: gzip";
    assert_eq!(made_value(compressed, b"hi")["body"], "aGk=");
    assert_eq!(made_value("PUT /Url", b"hi")["body"], "aGk=");
}

/// What the client gets: the status, the headers that are not the gateway's own, and the body.
fn answered(request_text: &str, payload: &str) -> Result<(u16, Vec<String>, Vec<u8>), String> {
    let route = route(&router(TEMPLATE), &request(request_text));
    let response = response(&route, payload.as_bytes()).map_err(|error| error.to_string())?;
    let (head, body) = response.into_parts();
    Ok((head.status.as_u16(), own(&head.headers), body))
}

fn own(headers: &http::HeaderMap) -> Vec<String> {
    let ids = ["apigw-requestid", "x-amzn-requestid", "x-amz-apigw-id", "x-amzn-trace-id"];
    let mut lines: Vec<_> = headers
        .iter()
        .filter(|(name, _)| !ids.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    lines.sort();
    lines
}

const JSON: &str = "content-type: application/json";
const TEXT: &str = "content-type: text/plain; charset=utf-8";
const HTTP: &str = "GET /";
const HTTP_V1: &str = "POST /v1";
const REST: &str = "GET /rest/x";
const URL: &str = "GET /Url";

#[test]
fn payloads_are_read_as_their_kind_reads_them() {
    for (request, payload, status, headers, body) in [
        (HTTP, r#"{"statusCode":201,"body":"made"}"#, 201, vec![TEXT], "made"),
        (HTTP, r#"{"statusCode":"404"}"#, 404, vec![TEXT], ""),
        (HTTP, r#"{"a":1}"#, 200, vec![JSON], r#"{"a":1}"#),
        (HTTP, " [1] ", 200, vec![JSON], " [1] "),
        (HTTP, "null", 200, vec![JSON], "null"),
        (HTTP, r#""hi""#, 200, vec![JSON], "hi"),
        (HTTP, r#"{"a":"#, 200, vec![JSON], r#"{"a":"#),
        (HTTP, "", 200, vec![JSON], ""),
        (URL, r#""hi""#, 200, vec![JSON], r#""hi""#),
        (URL, r#"{"statusCode":200,"body":"hi"}"#, 200, vec![JSON], "hi"),
        (
            HTTP,
            r#"{"statusCode":200,"headers":{"X-A":"1","x-n":2,"content-length":"9"},
                "cookies":["a=1; HttpOnly","b=2"],"body":"aGk=","isBase64Encoded":true,"unknown":1}"#,
            200,
            vec![TEXT, "set-cookie: a=1; HttpOnly", "set-cookie: b=2", "x-a: 1", "x-n: 2"],
            "hi",
        ),
        (
            HTTP,
            r#"{"statusCode":200,"multiValueHeaders":{"x-a":["1"]},"body":"hi"}"#,
            200,
            vec![TEXT],
            "hi",
        ),
        (
            HTTP_V1,
            r#"{"statusCode":200,"multiValueHeaders":{"x-a":["1","2"]},"headers":{"x-a":"2","x-b":"3"},
                "cookies":["a=1"],"unknown":1}"#,
            200,
            vec![TEXT, "x-a: 1", "x-a: 2", "x-b: 3"],
            "",
        ),
        (REST, r#"{"body":"hi"}"#, 200, vec![JSON], "hi"),
        (
            REST,
            r#"{"statusCode":401,"headers":{"WWW-Authenticate":"Basic","Content-Type":"text/plain"},
                "body":null}"#,
            401,
            vec!["content-type: text/plain", "x-amzn-remapped-www-authenticate: Basic"],
            "",
        ),
        // Whether a REST API decodes is the client's choice.
        (
            "GET /rest/x\n accept: image/png, */*",
            r#"{"body":"aGk=","isBase64Encoded":true}"#,
            200,
            vec![JSON],
            "hi",
        ),
        (
            "GET /rest/x\n accept: text/html",
            r#"{"body":"aGk=","base64Encoded":true}"#,
            200,
            vec![JSON],
            "aGk=",
        ),
    ] {
        let expected = (status, headers.into_iter().map(str::to_owned).collect(), body.into());
        assert_eq!(answered(request, payload), Ok(expected), "{request} {payload}");
    }
}

#[test]
fn malformed_payloads_are_named() {
    for (request, payload, reason) in [
        (REST, "[]", "the response is an array, not an object"),
        (REST, "{", "the response is not JSON: EOF while parsing an object at line 1 column 1"),
        (REST, r#"{"cookies":[]}"#, "a REST API knows no field `cookies` in a response"),
        (REST, r#"{"statusCode":0}"#, "`statusCode` is `0`, not a number from 100 to 599"),
        (REST, r#"{"statusCode":null}"#, "`statusCode` is `null`, not a number from 100 to 599"),
        (REST, r#"{"body":{}}"#, "`body` is an object, not a string"),
        (HTTP_V1, r#"{"body":"hi"}"#, "`statusCode` is missing"),
        (HTTP_V1, r#"{"statusCode":200,"headers":[]}"#, "`headers` is an array, not an object"),
        (
            HTTP_V1,
            r#"{"statusCode":200,"multiValueHeaders":{"x-a":"1"}}"#,
            "`multiValueHeaders.x-a` is a string, not an array of strings",
        ),
        (HTTP, r#"{"statusCode":200.5}"#, "`statusCode` is `200.5`, not a number from 100 to 599"),
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
        (HTTP, r#"{"statusCode":200,"headers":{"x a":"1"}}"#, "`x a` is no name of a header"),
        (
            HTTP,
            r#"{"statusCode":200,"headers":{"x-a":"1\n2"}}"#,
            r#"the header `x-a` has a value that no header can have: "1\n2""#,
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
        assert_eq!(answered(request, payload), Err(reason.to_owned()), "{request} {payload}");
    }
    let large = " ".repeat(MAX_PAYLOAD + 1);
    let reason = "the response has 6291457 bytes, and Lambda takes 6291456 at most";
    assert_eq!(answered(HTTP, &large), Err(reason.to_owned()));
}

#[test]
fn failures_are_answered_in_the_words_of_their_kind() {
    use Failure::{Function, RequestTooLarge, TimedOut};

    let router = router(TEMPLATE);
    for (text, why, status, body) in [
        (HTTP, Function, 500, r#"{"message":"Internal Server Error"}"#),
        (HTTP, TimedOut, 503, r#"{"message":"Service Unavailable"}"#),
        (HTTP, RequestTooLarge, 413, r#"{"message":"Request Entity Too Large"}"#),
        (REST, Function, 502, r#"{"message": "Internal server error"}"#),
        (REST, TimedOut, 504, r#"{"message": "Endpoint request timed out"}"#),
        (REST, RequestTooLarge, 413, r#"{"message": "Request Too Long"}"#),
        (URL, Function, 502, "Internal Server Error"),
        (
            URL,
            RequestTooLarge,
            413,
            r#"{"Message":"Request must be smaller than 6291456 bytes for the InvokeFunction operation"}"#,
        ),
    ] {
        let answer = failure(&route(&router, &request(text)), why);
        let found = (answer.status().as_u16(), std::str::from_utf8(answer.body()).unwrap());
        assert_eq!(found, (status, body), "{text} {why:?}");
    }
}

#[test]
fn each_response_has_the_gateways_ids() {
    let router = router(TEMPLATE);
    for (text, expected) in [
        (HTTP, vec!["apigw-requestid: ID"]),
        (REST, vec!["x-amz-apigw-id: EXTENDED", "x-amzn-requestid: ID", "x-amzn-trace-id: TRACE"]),
        (URL, vec!["x-amzn-requestid: ID", "x-amzn-trace-id: TRACE"]),
    ] {
        let response = response(&route(&router, &request(text)), br#"{"statusCode":200}"#).unwrap();
        let mut found: Vec<_> = response
            .headers()
            .iter()
            .filter(|(name, _)| *name != "content-type")
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        found.sort();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn cors_is_the_gateways() {
    let router = router(TEMPLATE);
    let ask = "access-control-request-method: PUT";
    let all = [
        "access-control-allow-credentials: true",
        "access-control-allow-headers: x-a,x-b",
        "access-control-allow-methods: GET,PUT",
        "access-control-allow-origin: https://a.example",
        "access-control-max-age: 60",
    ];
    let mocked = [
        "access-control-allow-headers: x-a,x-b",
        "access-control-allow-methods: DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT",
        "access-control-allow-origin: https://shop.example",
        JSON,
    ];
    let only = "access-control-allow-methods: GET,OPTIONS";
    for (text, status, headers) in [
        (format!("OPTIONS /Url\n origin: https://a.example\n {ask}"), 204, all.to_vec()),
        (format!("OPTIONS /Url\n origin: https://b.example\n {ask}"), 204, vec![]),
        (
            format!("OPTIONS /staged/7\n origin: https://b.example\n {ask}"),
            204,
            vec!["access-control-allow-origin: *"],
        ),
        ("OPTIONS /rest/only".to_owned(), 200, vec![mocked[0], only, mocked[2], mocked[3]]),
        (format!("OPTIONS /pets/cat\n origin: https://b.example\n {ask}"), 404, vec![JSON]),
    ] {
        let Routed::Answer(answer) = router.route(&request(&text)) else {
            panic!("{text} is a function's");
        };
        let found = (answer.status().as_u16(), own(answer.headers()));
        assert_eq!(found, (status, headers.into_iter().map(str::to_owned).collect()), "{text}");
    }
    // A route of its own comes before what SAM adds.
    assert_eq!(&*route(&router, &request("OPTIONS /rest/x")).function, "Rest");

    let payload =
        r#"{"statusCode":200,"headers":{"access-control-allow-origin":"mine","vary":"x"}}"#;
    for (text, expected) in [
        (
            "GET /Url\n origin: https://a.example",
            vec![all[0], all[3], "access-control-expose-headers: x-c", JSON, "vary: x"],
        ),
        (
            "GET /Url\n origin: http://any.example",
            vec![
                all[0],
                "access-control-allow-origin: http://any.example",
                "access-control-expose-headers: x-c",
                JSON,
                "vary: x",
            ],
        ),
        ("GET /Url", vec![JSON, "vary: x"]),
        (
            "GET /\n origin: https://a.example",
            vec!["access-control-allow-origin: mine", TEXT, "vary: x"],
        ),
        (
            "GET /rest/x\n origin: https://a.example",
            vec!["access-control-allow-origin: mine", JSON, "vary: x"],
        ),
    ] {
        let (_, headers, _) = answered(text, payload).unwrap();
        assert_eq!(headers, expected, "{text}");
    }
}

/// The status and headers, and the body so far, once the head is whole.
type Head = (u16, Vec<String>, Vec<u8>);

fn streamed(content_type: Option<&str>, parts: &[&[u8]]) -> Result<Vec<Option<Head>>, String> {
    let route = route(&router(TEMPLATE), &request("GET /Stream"));
    let mut prelude = Prelude::new(content_type);
    let mut heads = Vec::new();
    for part in parts {
        let head = prelude.push(&route, part).map_err(|error| error.to_string())?;
        heads.push(head.map(|(head, body)| (head.status.as_u16(), own(&head.headers), body)));
    }
    Ok(heads)
}

#[test]
fn a_streams_head_is_split_from_its_body() {
    let kind = Some("application/vnd.awslambda.http-integration-response");
    let head = br#"{"statusCode":201,"headers":{"x-a":"1"},"cookies":["a=1"]}"#;
    let expected = |body: &[u8]| {
        let octets = "content-type: application/octet-stream";
        let lines = [octets, "set-cookie: a=1", "x-a: 1"].map(str::to_owned).to_vec();
        Some((201, lines, body.to_vec()))
    };
    let whole = [&head[..], &[0; 8], b"body\0"].concat();
    assert_eq!(streamed(kind, &[&whole]), Ok(vec![expected(b"body\0")]));
    let (first, second) = whole.split_at(head.len() + 3);
    assert_eq!(streamed(kind, &[first, second]), Ok(vec![None, expected(b"body\0")]));
    let (first, second) = whole.split_at(head.len() + 8);
    assert_eq!(streamed(kind, &[first]), Ok(vec![expected(b"")]));
    assert_eq!(second, b"body\0");

    let plain = |kind: &str| Some((200, vec![format!("content-type: {kind}")], b"{}".to_vec()));
    assert_eq!(streamed(None, &[b"{}"]), Ok(vec![plain("application/octet-stream")]));
    assert_eq!(streamed(Some("text/plain"), &[b"{}"]), Ok(vec![plain("text/plain")]));

    let error =
        "the head of the streamed response is no JSON object: expected value at line 1 column 1";
    assert_eq!(streamed(kind, &[b"hi\0\0\0\0\0\0\0\0"]), Err(error.to_owned()));
    let error = "eight NUL bytes end the head of a streamed response: there are none in its first \
        70000 bytes";
    assert_eq!(streamed(kind, &[&vec![b' '; 70_000]]), Err(error.to_owned()));
    let mut prelude = Prelude::new(kind);
    let route = route(&router(TEMPLATE), &request("GET /Stream"));
    assert!(prelude.push(&route, b"{}").unwrap().is_none());
    let error = "the streamed response ended after 2 bytes, within its head";
    assert_eq!(prelude.end().to_string(), error);
}
