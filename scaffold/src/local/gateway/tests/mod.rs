//! Requests, the events that they become, and the responses to them, for each kind of API.

mod authorizers;
mod cors;
mod events;
mod responses;
mod routing;

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, SystemTime};

use http::request::Parts;
use http::{HeaderMap, Request};
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::*;
use crate::aws::{MAX_PAYLOAD, region};
use crate::sam::{ApiKind, Application};

/// A template with every kind of API, and with routes that compete.
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

const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));

/// 2020-03-12 19:03:58.390 UTC, as in AWS's documentation.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(1_584_039_838_390)
}

fn router(template: &str) -> Router {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("template.yaml");
    fs::write(&path, template).unwrap();
    Router::new(&Application::read(&path).unwrap())
}

/// Parses `GET /path | name: value | name: value`.
fn request(text: &str) -> Parts {
    let mut parts = text.split(" | ");
    let (method, uri) = parts.next().unwrap().split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(uri);
    for header in parts {
        let (name, value) = header.split_once(": ").unwrap();
        request = request.header(name, value);
    }
    request.body(()).unwrap().into_parts().0
}

fn route(router: &Router, request: &Parts) -> RouteMatch {
    let ids =
        RequestIds { request: "ID".into(), extended: "EXTENDED".into(), trace: "TRACE".into() };
    match router.route(request) {
        Routing::Function(route) => RouteMatch { ids, ..*route },
        Routing::Response(response) => panic!("{} gets {response:?}", request.uri),
    }
}

/// The headers in order, without the ids.
fn headers(headers: &HeaderMap) -> String {
    let ids = ["apigw-requestid", "x-amzn-requestid", "x-amz-apigw-id", "x-amzn-trace-id"];
    let mut lines: Vec<_> = headers
        .iter()
        .filter(|(name, _)| !ids.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    // In the order of the names; the values of one name stay in their own.
    lines.sort_by_key(|line| line.split_once(':').map(|(name, _)| name.to_owned()));
    lines.join(" | ")
}

/// Each case, and its result on the next line.
fn list<'a>(cases: impl IntoIterator<Item = &'a str>, result: impl Fn(&str) -> String) -> String {
    let cases = cases.into_iter().map(|case| format!("{case}\n    {}\n", result(case).trim_end()));
    cases.collect()
}

#[track_caller]
fn assert_each(cases: &[(&str, &str)], result: impl Fn(&str) -> String) {
    for (case, expected) in cases {
        assert_eq!(result(case), *expected, "{case}");
    }
}

/// Indents JSON and keeps the order of its fields. Short objects stay on one line.
fn pretty(json: &[u8]) -> String {
    let json = std::str::from_utf8(json).unwrap();
    let (mut text, mut indent, mut line_until) = (String::new(), String::new(), 0);
    let mut is_quoted = false;
    for (index, character) in json.char_indices() {
        is_quoted ^= character == '"';
        if !is_quoted && index >= line_until && matches!(character, '{' | '[') {
            // Arrays, and objects without objects, have an end before the next start.
            let rest = &json[index + 1..];
            let end = rest.find(['{', '}', '[', ']']).unwrap();
            if end < 70 && matches!(rest.as_bytes()[end], b'}' | b']') {
                line_until = index + 1 + end + 1;
            }
        }
        let is_line = is_quoted || index < line_until;
        match character {
            '{' | '[' if !is_line => {
                indent.push_str("  ");
                text.extend([&character.to_string(), "\n", &indent]);
            }
            '}' | ']' if !is_line => {
                indent.truncate(indent.len() - 2);
                text.extend(["\n", &indent, &character.to_string()]);
            }
            ',' if !is_line => text.extend([",\n", &indent]),
            ',' if !is_quoted => text.push_str(", "),
            ':' if !is_quoted => text.push_str(": "),
            _ => text.push(character),
        }
    }
    text.replace(&region(), "REGION")
}
