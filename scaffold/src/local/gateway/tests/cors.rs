//! CORS: preflight requests, and the headers of other responses.

use super::*;

#[test]
fn the_gateway_answers_preflight_requests() {
    let router = router(TEMPLATE);
    let requests = [
        "OPTIONS /Url | origin: https://a.example | access-control-request-method: PUT",
        "OPTIONS /Url | origin: https://b.example | access-control-request-method: PUT",
        "OPTIONS /staged/7 | origin: https://b.example | access-control-request-method: PUT",
        "OPTIONS /rest/only",
        "OPTIONS /pets/cat | origin: https://b.example | access-control-request-method: PUT",
    ];
    let describe = |text: &str| {
        let Routing::Response(response) = router.route(&request(text)) else {
            panic!("{text} has a route");
        };
        format!("{} {}", response.status().as_u16(), headers(response.headers()))
    };
    assert_snapshot!(list(requests, describe), @"
    OPTIONS /Url | origin: https://a.example | access-control-request-method: PUT
        204 access-control-allow-credentials: true | access-control-allow-headers: x-a,x-b | access-control-allow-methods: GET,PUT | access-control-allow-origin: https://a.example | access-control-max-age: 60
    OPTIONS /Url | origin: https://b.example | access-control-request-method: PUT
        204
    OPTIONS /staged/7 | origin: https://b.example | access-control-request-method: PUT
        204 access-control-allow-origin: *
    OPTIONS /rest/only
        200 access-control-allow-headers: x-a,x-b | access-control-allow-methods: GET,OPTIONS | access-control-allow-origin: https://shop.example | content-type: application/json
    OPTIONS /pets/cat | origin: https://b.example | access-control-request-method: PUT
        404 content-type: application/json
    ");
}

/// A REST API and an HTTP API with CORS and a default authorizer.
const AUTHORIZED: &str = "
Resources:
  Doorman: {Type: AWS::Serverless::Function}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Any: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: '/rest/{proxy+}', Method: any}}
        Own: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /rest/own, Method: options}}
        Get: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /http/get, Method: get}}
        Every: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /http/any, Method: any}}
        Open: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /http/open, Method: options}}
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      Cors: \"'*'\"
      Auth: {DefaultAuthorizer: A, PREFLIGHT Authorizers: {A: {FunctionArn: !GetAtt Doorman.Arn}}}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration: true
      Auth: {DefaultAuthorizer: A, Authorizers: {A: {FunctionArn: !GetAtt Doorman.Arn, AuthorizerPayloadFormatVersion: '2.0'}}}
";

/// Describes who answers a request: the gateway or a function, and after which authorizer.
fn answer(router: &Router, text: &str) -> String {
    match router.route(&request(text)) {
        Routing::Response(response) => format!("gateway {}", response.status().as_u16()),
        Routing::Function(route) => {
            let authorized = if route.authorizer.is_some() { ", authorized" } else { "" };
            match &route.own_response {
                Some(response) => format!("gateway {}{authorized}", response.status().as_u16()),
                None => format!("{} {}{authorized}", route.function, route.route_key),
            }
        }
    }
}

#[test]
fn options_of_a_rest_api_is_answered_by_the_api_unless_the_path_has_its_own() {
    let requests = ["OPTIONS /rest/x", "OPTIONS /rest/own", "GET /rest/x"];
    for (setting, expected) in [
        ("", ["gateway 200, authorized", "Hello OPTIONS /rest/own, authorized"]),
        ("AddDefaultAuthorizerToCorsPreflight: false,", ["gateway 200", "Hello OPTIONS /rest/own"]),
    ] {
        let router = router(&AUTHORIZED.replace("PREFLIGHT", setting));
        let answers = requests.map(|text| answer(&router, text));
        assert_eq!(answers[..2], expected);
        assert_eq!(answers[2], "Hello ANY /rest/{proxy+}, authorized");
    }
    // The API of the other tests has no authorizer, and `ANY` under `{proxy+}`.
    assert_eq!(answer(&self::router(TEMPLATE), "OPTIONS /rest/x"), "gateway 200");
}

#[test]
fn a_preflight_request_asks_the_authorizer_of_a_route_that_takes_it() {
    let router = router(&AUTHORIZED.replace("PREFLIGHT", ""));
    let preflight = " | origin: https://a.example | access-control-request-method: GET";
    let answers = ["get", "any", "open"]
        .map(|path| answer(&router, &format!("OPTIONS /http/{path}{preflight}")));
    assert_eq!(answers, ["gateway 204", "gateway 204, authorized", "gateway 204"]);
    assert_eq!(answer(&router, "OPTIONS /http/open"), "Hello OPTIONS /http/open");
}

#[test]
fn configured_headers_replace_those_of_the_function_except_in_rest_apis() {
    let router = router(TEMPLATE);
    let payload =
        br#"{"statusCode":200,"headers":{"access-control-allow-origin":"mine","vary":"x"}}"#;
    let requests = [
        "GET /Url | origin: https://a.example",
        "GET /Url | origin: http://any.example",
        "GET /Url",
        "GET / | origin: https://a.example",
        "GET /rest/x | origin: https://a.example",
    ];
    let describe =
        |text: &str| headers(response(&route(&router, &request(text)), payload).unwrap().headers());
    assert_snapshot!(list(requests, describe), @"
    GET /Url | origin: https://a.example
        access-control-allow-credentials: true | access-control-allow-origin: https://a.example | access-control-expose-headers: x-c | content-type: application/json | vary: x
    GET /Url | origin: http://any.example
        access-control-allow-credentials: true | access-control-allow-origin: http://any.example | access-control-expose-headers: x-c | content-type: application/json | vary: x
    GET /Url
        content-type: application/json | vary: x
    GET / | origin: https://a.example
        access-control-allow-origin: mine | content-type: text/plain; charset=utf-8 | vary: x
    GET /rest/x | origin: https://a.example
        access-control-allow-origin: mine | content-type: application/json | vary: x
    ");
}
