//! What Lambda authorizers are asked, what their answers mean, and what functions and clients see of it.

use super::*;
use crate::application::{Authorizer, LambdaAuthorizer};

/// A route for each kind of authorizer.
const TEMPLATE: &str = r"
Globals:
  HttpApi:
    StageVariables: {color: blue}
    Auth:
      DefaultAuthorizer: Simple
      Authorizers:
        Simple:
          FunctionArn: !GetAtt Doorman.Arn
          AuthorizerPayloadFormatVersion: '2.0'
          EnableSimpleResponses: true
          Identity: {Headers: [Authorization], QueryStrings: [key]}
        Policy:
          FunctionArn: !GetAtt Doorman.Arn
          AuthorizerPayloadFormatVersion: '2.0'
        Old:
          FunctionArn: !GetAtt Doorman.Arn
          AuthorizerPayloadFormatVersion: '1.0'
          Identity: {Headers: [Authorization], StageVariables: [color]}
Resources:
  Doorman: {Type: AWS::Serverless::Function}
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Simple: {Type: HttpApi, Properties: {Method: GET, Path: '/simple/{id}'}}
        SimpleV1: {Type: HttpApi, Properties: {Method: GET, Path: /simple-v1, PayloadFormatVersion: '1.0'}}
        Policy: {Type: HttpApi, Properties: {Method: GET, Path: /policy, Auth: {Authorizer: Policy}}}
        Old: {Type: HttpApi, Properties: {Method: POST, Path: /old, Auth: {Authorizer: Old}}}
        Open: {Type: HttpApi, Properties: {Method: GET, Path: /open, Auth: {Authorizer: NONE}}}
        Token: {Type: Api, Properties: {Method: GET, Path: '/token/{id}', RestApiId: !Ref Shop}}
        Request:
          Type: Api
          Properties: {Method: POST, Path: '/request/{id}', RestApiId: !Ref Shop, Auth: {Authorizer: Request}}
  Shop:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      Variables: {color: red}
      Auth:
        DefaultAuthorizer: Token
        Authorizers:
          Token:
            FunctionArn: !GetAtt Doorman.Arn
            Identity: {Header: X-Token, ValidationExpression: 'Bearer [a-z]+'}
          Request:
            FunctionArn: !GetAtt Doorman.Arn
            FunctionPayloadType: REQUEST
            Identity: {Headers: [X-A], QueryStrings: [q], Context: [identity.sourceIp, stage], StageVariables: [color]}
";

/// The route of a request, and its authorizer.
fn asked(text: &str) -> (Parts, Route, LambdaAuthorizer) {
    let request = request(text);
    let route = route(&router(TEMPLATE), &request);
    match route.authorizer.as_deref() {
        Some(Authorizer::Lambda(authorizer)) => (request, route.clone(), authorizer.clone()),
        other => panic!("{text} has {other:?}"),
    }
}

/// The event for the authorizer of a request.
fn question(text: &str) -> Result<Value, Failure> {
    let (request, route, authorizer) = asked(text);
    let now = SystemTime::UNIX_EPOCH + Duration::from_millis(1_584_039_838_390);
    let event =
        authorizer_event(&authorizer, &route, &request, IpAddr::from([203, 0, 113, 7]), now);
    let event = event.map_err(|refusal| refusal.failure)?;
    Ok(serde_json::from_slice(&event).unwrap())
}

fn arn(rest: &str) -> String {
    format!("arn:aws:execute-api:{}:012345678912:{rest}", region())
}

#[test]
fn a_token_authorizer_gets_the_token() {
    assert_eq!(
        question("GET http://a.example/token/1?a=b\nX-Token: Bearer abc"),
        Ok(json!({
            "type": "TOKEN",
            "authorizationToken": "Bearer abc",
            "methodArn": arn("Shop/live/GET/token/1"),
        }))
    );
}

/// What the function gets, without the body, and what it is asked for.
#[test]
fn a_request_authorizer_gets_the_request() {
    let text = "POST http://a.example/request/a%20b?q=1\nX-A: 2\nContent-Type: text/plain";
    let event = question(text).unwrap();
    let (request, route, _) = asked(text);
    let now = SystemTime::UNIX_EPOCH + Duration::from_millis(1_584_039_838_390);
    let own = super::event(&route, &request, b"body", IpAddr::from([203, 0, 113, 7]), now);
    let mut own: Value = serde_json::from_slice(&own).unwrap();
    let fields = own.as_object_mut().unwrap();
    assert_eq!(fields.remove("body"), Some(json!("body")));
    assert_eq!(fields.remove("isBase64Encoded"), Some(json!(false)));
    fields.insert("type".to_owned(), json!("REQUEST"));
    fields.insert("methodArn".to_owned(), json!(arn("Shop/live/POST/request/a%20b")));
    assert_eq!(event, own);
    assert_eq!(event["pathParameters"], json!({"id": "a%20b"}));
    assert_eq!(event["headers"]["X-A"], "2");
}

#[test]
fn an_authorizer_of_an_http_api_gets_the_format_that_it_asks_for() {
    let event = question(
        "GET http://a.example/simple/1?key=k&x=y\nAuthorization: Bearer abc\nCookie: a=1\n\
         User-Agent: test/1",
    );
    assert_eq!(
        event,
        Ok(json!({
            "version": "2.0",
            "type": "REQUEST",
            "routeArn": arn("ServerlessHttpApi/$default/GET/simple/1"),
            "identitySource": ["Bearer abc", "k"],
            "routeKey": "GET /simple/{id}",
            "rawPath": "/simple/1",
            "rawQueryString": "key=k&x=y",
            "cookies": ["a=1"],
            "headers": {
                "authorization": "Bearer abc",
                "content-length": "0",
                "host": "a.example",
                "user-agent": "test/1",
                "x-amzn-trace-id": "TRACE",
                "x-forwarded-for": "203.0.113.7",
                "x-forwarded-port": "80",
                "x-forwarded-proto": "http",
            },
            "queryStringParameters": {"key": "k", "x": "y"},
            "requestContext": {
                "accountId": "012345678912",
                "apiId": "ServerlessHttpApi",
                "domainName": "a.example",
                "domainPrefix": "a",
                "http": {
                    "method": "GET",
                    "path": "/simple/1",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "203.0.113.7",
                    "userAgent": "test/1",
                },
                "requestId": "ID",
                "routeKey": "GET /simple/{id}",
                "stage": "$default",
                "time": "12/Mar/2020:19:03:58 +0000",
                "timeEpoch": 1_584_039_838_390_i64,
            },
            "pathParameters": {"id": "1"},
            "stageVariables": {"color": "blue"},
        }))
    );

    // The other format, though the function gets 2.0.
    let event = question("POST http://a.example/old\nAuthorization: Bearer abc").unwrap();
    for (field, expected) in [
        ("version", json!("1.0")),
        ("type", json!("REQUEST")),
        ("methodArn", json!(arn("ServerlessHttpApi/$default/POST/old"))),
        ("identitySource", json!("Bearer abc,blue")),
        ("authorizationToken", json!("Bearer abc,blue")),
        ("httpMethod", json!("POST")),
        ("resource", json!("/old")),
        ("path", json!("/old")),
        ("body", Value::Null),
        ("rawPath", Value::Null),
    ] {
        assert_eq!(event[field], expected, "{field}");
    }
    assert_eq!(event["requestContext"].get("authorizer"), None);

    let event = question("GET http://a.example/policy").unwrap();
    assert_eq!(event["identitySource"], json!([]));
}

#[test]
fn nobody_is_asked_without_what_tells_who_the_caller_is() {
    for text in [
        "GET /simple/1?key=k",
        "GET /simple/1\nAuthorization: a",
        "GET /simple/1?key=\nAuthorization: a",
        "POST /old",
        "GET /token/1",
        "GET /token/1\nX-Token: Basic abc",
        "GET /token/1\nAuthorization: Bearer abc",
        "POST /request/1?q=1",
        "POST /request/1\nX-A: 1",
    ] {
        assert_eq!(question(text), Err(Failure::Unauthorized), "{text}");
    }
    for text in
        ["GET /simple/1?key=&key=k\nAUTHORIZATION: a", "GET /token/1\nX-Token: Bearer abc 1"]
    {
        assert!(question(text).is_ok(), "{text}");
    }
}

/// What becomes of an answer to a request: the caller in format 1.0, or why it goes no further.
fn answered(text: &str, answer: &str) -> Result<Value, (Failure, String)> {
    let (request, route, authorizer) = asked(text);
    granted(&authorizer, &route, &request, answer.as_bytes())
        .map(|caller| caller.named.into())
        .map_err(|refusal| (refusal.failure, refusal.why.unwrap_or_default()))
}

fn policy(statements: &Value) -> String {
    json!({"principalId": "ada", "policyDocument": {"Statement": statements}}).to_string()
}

fn statement(effect: &str, action: &str, resource: &str) -> Value {
    json!({"Effect": effect, "Action": action, "Resource": resource})
}

#[test]
fn policies_say_whether_a_request_may_pass() {
    const INVOKE: &str = "execute-api:Invoke";
    const ALLOWED: Result<(), Failure> = Ok(());
    const NOT_ALLOWED: Result<(), Failure> = Err(Failure::Denied { explicitly: false });
    const DENIED: Result<(), Failure> = Err(Failure::Denied { explicitly: true });

    let own = arn("Shop/live/GET/token/1.a");
    let allow = |resource: &str| statement("Allow", INVOKE, resource);
    let deny = |resource: &str| statement("Deny", INVOKE, resource);
    for (statements, expected) in [
        (json!([allow(&own)]), ALLOWED),
        (allow("*"), ALLOWED),
        (json!([allow(&arn("Shop/live/*"))]), ALLOWED),
        (json!([allow(&arn("Shop/*/GET/token/?.a"))]), ALLOWED),
        (json!([allow("arn:aws:execute-api:*:*:*/live/GET/*")]), ALLOWED),
        (json!([statement("Allow", "execute-api:*", &own)]), ALLOWED),
        (json!([statement("Allow", "*", "*")]), ALLOWED),
        (json!([{"Effect": "Allow", "Action": ["a:b", INVOKE], "Resource": ["x", own]}]), ALLOWED),
        (json!([deny(&arn("Other/*")), allow("*")]), ALLOWED),
        (json!([allow(&arn("Shop/live/POST/*"))]), NOT_ALLOWED),
        (json!([allow(&arn("Shop/live/GET/token/1"))]), NOT_ALLOWED),
        (json!([allow(&arn("Shop/live/GET/token/1?a?"))]), NOT_ALLOWED),
        (json!([allow(&arn("Shop/live/GET/token/1xa"))]), NOT_ALLOWED),
        (json!([statement("Allow", "lambda:Invoke", "*")]), NOT_ALLOWED),
        (json!([{"Effect": "Allow"}]), NOT_ALLOWED),
        (json!([deny(&own)]), DENIED),
        (json!([allow("*"), deny(&arn("*/token/*"))]), DENIED),
    ] {
        let found = answered("GET /token/1.a\nX-Token: Bearer a", &policy(&statements));
        let found = found.map(drop).map_err(|(failure, why)| {
            assert_eq!(why, "");
            failure
        });
        assert_eq!(found, expected, "{statements}");
    }
}

#[test]
fn simple_answers_say_whether_a_request_may_pass() {
    let simple = "GET /simple/1?key=k\nAuthorization: a";
    assert_eq!(answered(simple, r#"{"isAuthorized": true}"#), Ok(json!({})));
    let denied = Err((Failure::Denied { explicitly: false }, String::new()));
    assert_eq!(answered(simple, r#"{"isAuthorized": false, "context": {"a": 1}}"#), denied);
}

#[test]
fn what_is_no_answer_is_told() {
    let token = "GET /token/1\nX-Token: Bearer a";
    let simple = "GET /simple/1?key=k\nAuthorization: a";
    let with_context = |context: &Value| {
        let statement = [statement("Allow", "*", "*")];
        let policy = json!({"Statement": statement});
        json!({"principalId": "ada", "policyDocument": policy, "context": context}).to_string()
    };
    for (text, answer, expected) in [
        (token, "\"yes\"".to_owned(), "the answer is not an object"),
        (token, "yes".to_owned(), "the answer is not JSON: expected value at line 1 column 1"),
        (token, "{}".to_owned(), "`principalId` is not a string"),
        (token, r#"{"isAuthorized": true}"#.to_owned(), "`principalId` is not a string"),
        (token, r#"{"principalId": "a"}"#.to_owned(), "`policyDocument` has no `Statement`"),
        (token, policy(&json!([])), "`policyDocument` has no `Statement`"),
        (token, policy(&json!([1])), "a statement has no `Effect`"),
        (token, with_context(&json!("a")), "`context` is not an object"),
        (
            token,
            with_context(&json!({"a": []})),
            "`context.a` is neither text, nor a number, nor a boolean",
        ),
        (
            simple,
            r#"{"isAuthorized": "true"}"#.to_owned(),
            "`isAuthorized` is neither true nor false",
        ),
        (simple, policy(&statement("Allow", "*", "*")), "`isAuthorized` is neither true nor false"),
    ] {
        let expected = Err((Failure::Authorizer, expected.to_owned()));
        assert_eq!(answered(text, &answer), expected, "{answer}");
    }
}

#[test]
fn an_error_of_a_rest_apis_authorizer_may_mean_unauthorized() {
    let error = |text: &str, message: &str| {
        let (_, route, _) = asked(text);
        let payload = json!({"errorType": "E", "errorMessage": message}).to_string();
        Refusal::of_error(&route, payload.as_bytes()).failure
    };
    let rest = "GET /token/1\nX-Token: Bearer a";
    assert_eq!(error(rest, "Unauthorized"), Failure::Unauthorized);
    assert_eq!(error(rest, "unauthorized"), Failure::Authorizer);
    assert_eq!(error("GET /policy", "Unauthorized"), Failure::Authorizer);
}

/// What the function is told of the caller.
fn told(text: &str, answer: &Value) -> Value {
    let (request, mut route, authorizer) = asked(text);
    let caller = granted(&authorizer, &route, &request, answer.to_string().as_bytes());
    route.caller = Some(caller.unwrap());
    let event = super::event(&route, &request, b"", [203, 0, 113, 7].into(), SystemTime::now());
    let event: Value = serde_json::from_slice(&event).unwrap();
    event["requestContext"]["authorizer"].clone()
}

#[test]
fn the_function_is_told_of_the_caller() {
    let statement = statement("Allow", "*", "*");
    let context = json!({"text": "a", "number": 1.5, "flag": true, "none": null});
    let policy = json!({
        "principalId": "ada",
        "policyDocument": {"Statement": [statement]},
        "context": context,
    });
    assert_eq!(
        told("GET /token/1\nX-Token: Bearer a", &policy),
        json!({"principalId": "ada", "text": "a", "number": "1.5", "flag": "true", "none": null})
    );
    assert_eq!(told("GET /policy", &policy), json!({"lambda": context}));
    let mut without = policy.clone();
    without.as_object_mut().unwrap().remove("context");
    assert_eq!(told("GET /policy", &without), json!({"lambda": null}));
    assert_eq!(told("GET /token/1\nX-Token: Bearer a", &without), json!({"principalId": "ada"}));

    let simple = json!({"isAuthorized": true, "context": {"list": [1], "map": {"a": "b"}}});
    let query = "?key=k\nAuthorization: a";
    assert_eq!(
        told(&format!("GET /simple/1{query}"), &simple),
        json!({"lambda": {"list": [1], "map": {"a": "b"}}})
    );
    assert_eq!(
        told(&format!("GET /simple-v1{query}"), &simple),
        json!({"list": [1], "map": {"a": "b"}})
    );
}

#[test]
fn clients_are_told_as_api_gateway_tells_them() {
    let rest = "GET /token/1\nX-Token: Bearer a";
    let http = "GET /policy";
    let not_allowed = Failure::Denied { explicitly: false };
    let denied = Failure::Denied { explicitly: true };
    for (text, why, status, body, error_type) in [
        (
            rest,
            Failure::Unauthorized,
            401,
            r#"{"message": "Unauthorized"}"#,
            Some("UnauthorizedException"),
        ),
        (
            rest,
            not_allowed,
            403,
            r#"{"message": "User is not authorized to access this resource"}"#,
            Some("AccessDeniedException"),
        ),
        (
            rest,
            denied,
            403,
            r#"{"message": "User is not authorized to access this resource with an explicit deny"}"#,
            Some("AccessDeniedException"),
        ),
        (
            rest,
            Failure::Authorizer,
            500,
            r#"{"message":null}"#,
            Some("AuthorizerConfigurationException"),
        ),
        (http, Failure::Unauthorized, 401, r#"{"message":"Unauthorized"}"#, None),
        (http, not_allowed, 403, r#"{"message":"Forbidden"}"#, None),
        (http, denied, 403, r#"{"message":"Forbidden"}"#, None),
        (http, Failure::Authorizer, 500, r#"{"message":"Internal Server Error"}"#, None),
    ] {
        let (_, route, _) = asked(text);
        let response = failure(&route, why);
        let found = response.headers().get("x-amzn-errortype");
        assert_eq!(
            (
                response.status().as_u16(),
                std::str::from_utf8(response.body()).unwrap(),
                found.map(|found| found.to_str().unwrap())
            ),
            (status, body, error_type)
        );
    }
}
