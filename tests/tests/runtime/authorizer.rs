//! Lambda authorizers: each format of events that API Gateway sends, and the handlers behind them.

use lambda_native_tests::command::program;
use lambda_native_tests::runtime_api::{Answer, RuntimeApi};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_function-authorizer");

const ARN: &str = "arn:aws:execute-api:eu-central-1:123456789012:abcdef123/live/GET/orders/7";

/// The event of a `TOKEN` authorizer of a REST API.
fn token(token: &str) -> Value {
    json!({ "type": "TOKEN", "authorizationToken": token, "methodArn": ARN })
}

/// The event of a `REQUEST` authorizer of a REST API.
fn rest(path: &str, headers: &Value, query: &Value) -> Value {
    json!({
        "type": "REQUEST",
        "methodArn": ARN,
        "resource": "/orders/{id}",
        "path": path,
        "httpMethod": "GET",
        "headers": headers,
        "multiValueHeaders": null,
        "queryStringParameters": query,
        "multiValueQueryStringParameters": null,
        "pathParameters": { "id": "7" },
        "stageVariables": null,
        "requestContext": {
            "path": format!("/live{path}"), "accountId": "123456789012", "resourceId": "05c7jb", "stage": "live",
            "requestId": "r", "identity": { "apiKey": null, "sourceIp": "203.0.113.7" },
            "resourcePath": "/orders/{id}", "httpMethod": "GET", "apiId": "abcdef123"
        }
    })
}

/// The event of an HTTP API with payload 1.0: that of a REST API, with a version.
fn http_1_0(path: &str, headers: &Value, query: &Value) -> Value {
    let mut event = rest(path, headers, query);
    event["version"] = "1.0".into();
    event["identitySource"] = "ada".into();
    event["authorizationToken"] = "ada".into();
    event
}

/// The event of an HTTP API with payload 2.0.
fn http_2_0(path: &str, headers: &Value, query: &str) -> Value {
    json!({
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": ARN,
        "identitySource": ["ada"],
        "routeKey": "GET /orders/{id}",
        "rawPath": path,
        "rawQueryString": query,
        "cookies": ["a=1"],
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012", "apiId": "abcdef123", "domainName": "a.execute-api.eu-central-1.amazonaws.com",
            "http": { "method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7", "userAgent": "t" },
            "requestId": "r", "routeKey": "GET /orders/{id}", "stage": "$default"
        },
        "pathParameters": { "id": "7" }
    })
}

/// What a handler answers: the response, or the error.
fn answer(handler: &str, event: &Value) -> Value {
    let script = [Answer::event("id", &event.to_string()), Answer::accepted()];
    let run = RuntimeApi::start(script).run(program(PROGRAM).env("_HANDLER", handler), 3);
    let reply = run.requests.get(1).unwrap();
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    if reply.call.ends_with("/error") {
        json!({ "error": body["errorType"], "message": body["errorMessage"] })
    } else {
        body
    }
}

/// The answers of a handler to several events, one on each line.
fn answers(handler: &str, events: &[(&str, Value)]) -> String {
    let lines = events.iter().map(|(name, event)| format!("{name}: {}\n", answer(handler, event)));
    lines.collect()
}

fn with_token(token: &str) -> Value {
    json!({ "X-Token": token, "Accept": "*/*" })
}

#[test]
fn each_event_gets_the_response_in_its_format() {
    let events = |name: &'static str| {
        let headers = with_token(name);
        [
            ("token", token(name)),
            ("REST", rest("/orders/7", &headers, &Value::Null)),
            ("HTTP 1.0", http_1_0("/orders/7", &headers, &Value::Null)),
            ("HTTP 2.0", http_2_0("/orders/7", &json!({ "x-token": name }), "")),
        ]
    };
    insta::assert_snapshot!(answers("check", &events("ada")), @r#"
    token: {"context":{"is_admin":true,"level":7,"name":"Ada \"Lovelace\""},"policyDocument":{"Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"arn:aws:execute-api:eu-central-1:123456789012:abcdef123/live/*"}],"Version":"2012-10-17"},"principalId":"ada"}
    REST: {"context":{"is_admin":true,"level":7,"name":"Ada \"Lovelace\""},"policyDocument":{"Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"arn:aws:execute-api:eu-central-1:123456789012:abcdef123/live/*"}],"Version":"2012-10-17"},"principalId":"ada"}
    HTTP 1.0: {"context":{"is_admin":true,"level":7,"name":"Ada \"Lovelace\""},"policyDocument":{"Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"arn:aws:execute-api:eu-central-1:123456789012:abcdef123/live/*"}],"Version":"2012-10-17"},"principalId":"ada"}
    HTTP 2.0: {"context":{"is_admin":true,"level":7,"name":"Ada \"Lovelace\"","principalId":"ada"},"isAuthorized":true}
    "#);
    insta::assert_snapshot!(answers("check", &events("eve")), @r#"
    token: {"policyDocument":{"Statement":[{"Action":"execute-api:Invoke","Effect":"Deny","Resource":"arn:aws:execute-api:eu-central-1:123456789012:abcdef123/live/*"}],"Version":"2012-10-17"},"principalId":"anonymous"}
    REST: {"policyDocument":{"Statement":[{"Action":"execute-api:Invoke","Effect":"Deny","Resource":"arn:aws:execute-api:eu-central-1:123456789012:abcdef123/live/*"}],"Version":"2012-10-17"},"principalId":"anonymous"}
    HTTP 1.0: {"policyDocument":{"Statement":[{"Action":"execute-api:Invoke","Effect":"Deny","Resource":"arn:aws:execute-api:eu-central-1:123456789012:abcdef123/live/*"}],"Version":"2012-10-17"},"principalId":"anonymous"}
    HTTP 2.0: {"isAuthorized":false}
    "#);
    insta::assert_snapshot!(answers("check", &events("nobody")), @r#"
    token: {"error":"Unauthorized","message":"Unauthorized"}
    REST: {"error":"Unauthorized","message":"Unauthorized"}
    HTTP 1.0: {"policyDocument":{"Statement":[{"Action":"execute-api:Invoke","Effect":"Deny","Resource":"arn:aws:execute-api:eu-central-1:123456789012:abcdef123/live/*"}],"Version":"2012-10-17"},"principalId":"anonymous"}
    HTTP 2.0: {"isAuthorized":false}
    "#);
}

#[test]
fn a_request_without_the_parameters_is_unauthorized() {
    let events = [
        ("REST", rest("/orders/7", &json!({}), &Value::Null)),
        ("HTTP 1.0", http_1_0("/orders/7", &Value::Null, &Value::Null)),
        ("HTTP 2.0", http_2_0("/orders/7", &json!({}), "")),
    ];
    insta::assert_snapshot!(answers("check", &events), @r#"
    REST: {"error":"Unauthorized","message":"Unauthorized"}
    HTTP 1.0: {"policyDocument":{"Statement":[{"Action":"execute-api:Invoke","Effect":"Deny","Resource":"arn:aws:execute-api:eu-central-1:123456789012:abcdef123/live/*"}],"Version":"2012-10-17"},"principalId":"anonymous"}
    HTTP 2.0: {"isAuthorized":false}
    "#);
    // Not a number.
    let events = [("HTTP 2.0", http_2_0("/", &json!({}), "key=abc"))];
    insta::assert_snapshot!(answers("nested", &events), @r#"HTTP 2.0: {"isAuthorized":false}"#);
}

#[test]
fn a_decision_about_the_whole_request_is_one_about_its_method() {
    let key = json!({ "key": "1" });
    let events = [
        ("token", token("abc")),
        ("REST", rest("/orders/7", &json!({}), &Value::Null)),
        ("REST with a key", rest("/orders/7", &json!({}), &key)),
        ("HTTP 1.0", http_1_0("/orders/7", &json!({ "Authorization": "x" }), &key)),
        ("HTTP 2.0", http_2_0("/orders/7", &json!({}), "key=1")),
    ];
    insta::assert_snapshot!(answers("nested", &events), @r#"
    token: {"error":"Unauthorized","message":"Unauthorized"}
    REST: {"error":"Unauthorized","message":"Unauthorized"}
    REST with a key: {"error":"Runtime.MarshalError","message":"cannot write the context of the authorizer: a REST API takes only text, numbers and booleans, and `keys` is none of them"}
    HTTP 1.0: {"context":{"keys":[1],"seen":"GET /orders/7 Some(\"x\")","stage":"live"},"policyDocument":{"Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"arn:aws:execute-api:eu-central-1:123456789012:abcdef123/live/GET/orders/7"}],"Version":"2012-10-17"},"principalId":"me"}
    HTTP 2.0: {"context":{"keys":[1],"principalId":"me","seen":"GET /orders/7 None","stage":"$default"},"isAuthorized":true}
    "#);
}

#[test]
fn errors_are_reported_unless_they_deny() {
    let events = [
        ("REST", rest("/broken", &json!({}), &Value::Null)),
        ("HTTP 2.0", http_2_0("/broken", &json!({}), "")),
        ("REST", rest("/closed", &json!({}), &Value::Null)),
        ("HTTP 2.0", http_2_0("/closed", &json!({}), "")),
        ("a list as context", http_2_0("/", &json!({}), "")),
    ];
    insta::assert_snapshot!(answers("look", &events), @r#"
    REST: {"error":"NoDatabase","message":"the database is gone"}
    HTTP 2.0: {"error":"NoDatabase","message":"the database is gone"}
    REST: {"policyDocument":{"Statement":[{"Action":"execute-api:Invoke","Effect":"Deny","Resource":"arn:aws:execute-api:eu-central-1:123456789012:abcdef123/live/GET/orders/7"}],"Version":"2012-10-17"},"principalId":"anonymous"}
    HTTP 2.0: {"isAuthorized":false}
    a list as context: {"error":"Runtime.MarshalError","message":"cannot write the context of the authorizer: it is neither a struct nor a map"}
    "#);
}

#[test]
fn events_of_other_kinds_are_refused() {
    let mut without_arn = token("ada");
    without_arn.as_object_mut().unwrap().remove("methodArn");
    let events = [
        ("empty", json!({})),
        ("list", json!([])),
        ("request", behind("GET", "/me", &Value::Null)),
        ("no ARN", without_arn),
        ("no token", json!({ "type": "TOKEN", "methodArn": ARN })),
        ("odd ARN", json!({ "type": "TOKEN", "methodArn": "arn", "authorizationToken": "ada" })),
        ("no path", json!({ "version": "2.0", "type": "REQUEST" })),
    ];
    insta::assert_snapshot!(answers("check", &events), @r#"
    empty: {"error":"Runtime.UnmarshalError","message":"the event is not one of a Lambda authorizer: its `type` is neither `REQUEST` nor `TOKEN`"}
    list: {"error":"Runtime.UnmarshalError","message":"cannot read the event: invalid length 0, expected struct Event with 4 elements at line 1 column 2"}
    request: {"error":"Runtime.UnmarshalError","message":"the event is not one of a Lambda authorizer: its `type` is neither `REQUEST` nor `TOKEN`"}
    no ARN: {"error":"Runtime.UnmarshalError","message":"the event is not one of a Lambda authorizer: `methodArn` is missing"}
    no token: {"error":"Runtime.UnmarshalError","message":"the event is not one of a Lambda authorizer: `authorizationToken` is missing"}
    odd ARN: {"context":{"is_admin":true,"level":7,"name":"Ada \"Lovelace\""},"policyDocument":{"Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"arn"}],"Version":"2012-10-17"},"principalId":"ada"}
    no path: {"error":"Runtime.UnmarshalError","message":"cannot read the event as an HTTP request: it looks like an event from an API Gateway HTTP API (payload 2.0), but `rawPath` and `requestContext.http.method` are missing"}
    "#);
}

/// The event of a request for a route of an HTTP API, with what its authorizer has found out.
fn behind(method: &str, path: &str, authorizer: &Value) -> Value {
    json!({
        "version": "2.0", "routeKey": format!("{method} {path}"), "rawPath": path, "rawQueryString": "",
        "headers": {},
        "requestContext": { "http": { "method": method, "path": path }, "authorizer": authorizer }
    })
}

/// The event of a request for a route of a REST API.
fn behind_rest(path: &str, authorizer: &Value) -> Value {
    json!({
        "resource": path, "path": path, "httpMethod": "GET", "headers": {},
        "requestContext": { "stage": "live", "authorizer": authorizer }
    })
}

/// The status and the body.
fn told(event: &Value) -> String {
    let response = answer("bootstrap", event);
    format!("{} {}\n", response["statusCode"], response["body"].as_str().unwrap_or_default())
}

#[test]
fn the_context_reaches_the_handlers() {
    let context =
        json!({ "principalId": "ada", "name": "Ada \"L\"", "level": 7, "is_admin": true });
    // A REST API turns all values into text.
    let text =
        json!({ "principalId": "ada", "name": "7", "level": "7", "is_admin": "true", "team": "x" });
    let answers: String = [
        behind("GET", "/me", &json!({ "lambda": context })),
        behind_rest("/me", &text),
        behind("GET", "/me", &json!({ "jwt": { "claims": text, "scopes": null } })),
        behind("GET", "/open", &json!({ "lambda": context })),
        behind("GET", "/open", &Value::Null),
        behind("DELETE", "/orders/7", &json!({ "lambda": context })),
    ]
    .iter()
    .map(told)
    .collect();
    insta::assert_snapshot!(answers, @r#"
    200 {"name":"Ada \"L\"","level":7,"is_admin":true,"team":null}
    200 {"name":"7","level":7,"is_admin":true,"team":"x"}
    200 {"name":"7","level":7,"is_admin":true,"team":"x"}
    200 Some(User { name: "Ada \"L\"", level: 7, is_admin: true, team: None })
    200 None
    200 deleted 7
    "#);
}

#[test]
fn a_handler_behind_an_authorizer_gets_no_other_requests() {
    let answers: String = [
        behind("GET", "/me", &Value::Null),
        behind("DELETE", "/orders/7", &Value::Null),
        behind("DELETE", "/orders/7", &json!({ "lambda": null })),
        behind_rest("/me", &Value::Null),
        // An HTTP API without an authorizer sends this with payload 1.0.
        behind_rest("/me", &json!({ "claims": null, "scopes": null })),
    ]
    .iter()
    .map(told)
    .collect();
    insta::assert_snapshot!(answers, @r#"
    401 {"title":"Unauthorized","status":401,"detail":"the request has not passed an authorizer"}
    401 {"title":"Unauthorized","status":401,"detail":"the request has not passed an authorizer"}
    401 {"title":"Unauthorized","status":401,"detail":"the request has not passed an authorizer"}
    401 {"title":"Unauthorized","status":401,"detail":"the request has not passed an authorizer"}
    401 {"title":"Unauthorized","status":401,"detail":"the request has not passed an authorizer"}
    "#);
}

#[test]
fn a_context_of_another_type_is_an_error_of_the_server() {
    let answers: String = [
        behind("GET", "/me", &json!({ "lambda": { "principalId": "a" } })),
        behind_rest("/me", &json!({ "name": "a", "level": "many\u{1b}", "is_admin": "true" })),
        behind("GET", "/open", &json!({ "lambda": { "name": "a", "level": [], "is_admin": 1 } })),
    ]
    .iter()
    .map(told)
    .collect();
    insta::assert_snapshot!(answers, @r#"
    500 {"title":"Internal Server Error","status":500}
    500 {"title":"Internal Server Error","status":500}
    500 {"title":"Internal Server Error","status":500}
    "#);
}
