//! Lambda authorizers: the events that they receive, what their responses mean, and what functions and
//! clients receive.

use super::responses::errors;
use super::*;
use crate::sam::{ApiAuthorizer, LambdaAuthorizer};

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

/// A request, its route, and the route's authorizer.
fn protected(text: &str) -> (Parts, RouteMatch, LambdaAuthorizer) {
    let request = request(text);
    let route = route(&router(TEMPLATE), &request);
    match route.authorizer.as_deref() {
        Some(ApiAuthorizer::Lambda(authorizer)) => (request, route.clone(), authorizer.clone()),
        other => panic!("{text} has {other:?}"),
    }
}

/// The event for the authorizer of a request.
fn event_for(text: &str) -> Result<Vec<u8>, GatewayError> {
    let (request, route, authorizer) = protected(text);
    authorizer_event(&authorizer, &route, &request, CLIENT, now())
}

fn arn(rest: &str) -> String {
    format!("arn:aws:execute-api:{}:012345678912:{rest}", region())
}

#[test]
fn a_token_authorizer_receives_the_token() {
    let text = "GET http://a.example/token/1?a=b | X-Token: Bearer abc";
    assert_snapshot!(pretty(&event_for(text).unwrap()), @r#"
    {
      "type": "TOKEN",
      "authorizationToken": "Bearer abc",
      "methodArn": "arn:aws:execute-api:REGION:012345678912:Shop/live/GET/token/1"
    }
    "#);
}

/// The event is the function's, without its body.
#[test]
fn a_request_authorizer_receives_the_request() {
    let text = "POST http://a.example/request/a%20b?q=1 | X-A: 2 | Content-Type: text/plain";
    let found: Value = serde_json::from_slice(&event_for(text).unwrap()).unwrap();
    let (request, route, _) = protected(text);
    let event = event(&route, &request, b"body", CLIENT, now());
    let mut expected: Value = serde_json::from_slice(&event).unwrap();
    let fields = expected.as_object_mut().unwrap();
    assert_eq!(fields.remove("body"), Some(json!("body")));
    assert_eq!(fields.remove("isBase64Encoded"), Some(json!(false)));
    fields.insert("type".to_owned(), json!("REQUEST"));
    fields.insert("methodArn".to_owned(), json!(arn("Shop/live/POST/request/a%20b")));
    assert_eq!(found, expected);
    assert_eq!(found["pathParameters"], json!({"id": "a%20b"}));
    assert_eq!(found["headers"]["X-A"], "2");
}

#[test]
fn an_authorizer_of_an_http_api_receives_format_2() {
    let text = "GET http://a.example/simple/1?key=k&x=y | Authorization: Bearer abc | Cookie: a=1 | \
        User-Agent: test/1";
    assert_snapshot!(pretty(&event_for(text).unwrap()), @r#"
    {
      "type": "REQUEST",
      "routeArn": "arn:aws:execute-api:REGION:012345678912:ServerlessHttpApi/$default/GET/simple/1",
      "identitySource": ["Bearer abc", "k"],
      "version": "2.0",
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
        "x-forwarded-proto": "http"
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
          "userAgent": "test/1"
        },
        "requestId": "ID",
        "routeKey": "GET /simple/{id}",
        "stage": "$default",
        "time": "12/Mar/2020:19:03:58 +0000",
        "timeEpoch": 1584039838390
      },
      "pathParameters": {"id": "1"},
      "stageVariables": {"color": "blue"}
    }
    "#);
    let event: Value =
        serde_json::from_slice(&event_for("GET http://a.example/policy").unwrap()).unwrap();
    assert_eq!(event["identitySource"], json!([]));
}

/// Although the function receives format 2.0.
#[test]
fn an_authorizer_of_an_http_api_can_choose_format_1() {
    let text = "POST http://a.example/old | Authorization: Bearer abc";
    assert_snapshot!(pretty(&event_for(text).unwrap()), @r#"
    {
      "type": "REQUEST",
      "methodArn": "arn:aws:execute-api:REGION:012345678912:ServerlessHttpApi/$default/POST/old",
      "identitySource": "Bearer abc,blue",
      "authorizationToken": "Bearer abc,blue",
      "version": "1.0",
      "resource": "/old",
      "path": "/old",
      "httpMethod": "POST",
      "headers": {
        "Authorization": "Bearer abc",
        "Content-Length": "0",
        "Host": "a.example",
        "X-Amzn-Trace-Id": "TRACE",
        "X-Forwarded-For": "203.0.113.7",
        "X-Forwarded-Port": "80",
        "X-Forwarded-Proto": "http"
      },
      "multiValueHeaders": {
        "Authorization": ["Bearer abc"],
        "Content-Length": ["0"],
        "Host": ["a.example"],
        "X-Amzn-Trace-Id": ["TRACE"],
        "X-Forwarded-For": ["203.0.113.7"],
        "X-Forwarded-Port": ["80"],
        "X-Forwarded-Proto": ["http"]
      },
      "queryStringParameters": null,
      "multiValueQueryStringParameters": null,
      "pathParameters": null,
      "stageVariables": {"color": "blue"},
      "requestContext": {
        "resourceId": "POST /old",
        "resourcePath": "/old",
        "httpMethod": "POST",
        "extendedRequestId": "EXTENDED",
        "requestTime": "12/Mar/2020:19:03:58 +0000",
        "path": "/old",
        "accountId": "012345678912",
        "protocol": "HTTP/1.1",
        "stage": "$default",
        "domainPrefix": "a",
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
        "domainName": "a.example",
        "apiId": "ServerlessHttpApi"
      }
    }
    "#);
}

#[test]
fn a_request_without_an_identity_source_is_unauthorized() {
    for text in [
        "GET /simple/1?key=k",
        "GET /simple/1 | Authorization: a",
        "GET /simple/1?key= | Authorization: a",
        "POST /old",
        "GET /token/1",
        "GET /token/1 | X-Token: Basic abc",
        "GET /token/1 | Authorization: Bearer abc",
        "POST /request/1?q=1",
        "POST /request/1 | X-A: 1",
    ] {
        assert_eq!(event_for(text), Err(GatewayError::Unauthorized), "{text}");
    }
    for text in
        ["GET /simple/1?key=&key=k | AUTHORIZATION: a", "GET /token/1 | X-Token: Bearer abc 1"]
    {
        assert!(event_for(text).is_ok(), "{text}");
    }
}

/// The context in format 1.0 that the response of an authorizer gives a request, or the reason for
/// which it does not pass.
fn authorized(text: &str, response: &str) -> Result<Value, (GatewayError, String)> {
    let (request, route, authorizer) = protected(text);
    authorize(&authorizer, &route, &request, response.as_bytes())
        .map(|context| match context {
            AuthorizerContext::Lambda { with_principal: fields, .. }
            | AuthorizerContext::Token(fields) => fields.into(),
        })
        .map_err(|error| (error.error, error.reason.unwrap_or_default()))
}

fn policy(statements: &Value) -> String {
    json!({"principalId": "ada", "policyDocument": {"Statement": statements}}).to_string()
}

fn statement(effect: &str, action: &str, resource: &str) -> Value {
    json!({"Effect": effect, "Action": action, "Resource": resource})
}

#[test]
fn policies_decide_whether_a_request_may_pass() {
    const INVOKE: &str = "execute-api:Invoke";
    const ALLOWED: Result<(), GatewayError> = Ok(());
    const NOT_ALLOWED: Result<(), GatewayError> =
        Err(GatewayError::AccessDenied { explicit: false });
    const DENIED: Result<(), GatewayError> = Err(GatewayError::AccessDenied { explicit: true });

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
        let found = authorized("GET /token/1.a | X-Token: Bearer a", &policy(&statements));
        let found = found.map(drop).map_err(|(error, reason)| {
            assert_eq!(reason, "");
            error
        });
        assert_eq!(found, expected, "{statements}");
    }
}

#[test]
fn simple_responses_decide_whether_a_request_may_pass() {
    let simple = "GET /simple/1?key=k | Authorization: a";
    assert_eq!(authorized(simple, r#"{"isAuthorized": true}"#), Ok(json!({})));
    let denied = Err((GatewayError::AccessDenied { explicit: false }, String::new()));
    assert_eq!(authorized(simple, r#"{"isAuthorized": false, "context": {"a": 1}}"#), denied);
}

#[test]
fn errors_in_responses_are_explained() {
    let token = "GET /token/1 | X-Token: Bearer a";
    let simple = "GET /simple/1?key=k | Authorization: a";
    let with_context = |context: &Value| {
        let statement = [statement("Allow", "*", "*")];
        let policy = json!({"Statement": statement});
        json!({"principalId": "ada", "policyDocument": policy, "context": context}).to_string()
    };
    for (text, response, expected) in [
        (token, "\"yes\"".to_owned(), "the response is not an object"),
        (token, "yes".to_owned(), "the response is not JSON: expected value at line 1 column 1"),
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
        let expected = Err((GatewayError::Authorizer, expected.to_owned()));
        assert_eq!(authorized(text, &response), expected, "{response}");
    }
}

#[test]
fn an_error_of_a_rest_apis_authorizer_can_mean_unauthorized() {
    let error = |text: &str, message: &str| {
        let (_, route, _) = protected(text);
        let payload = json!({"errorType": "E", "errorMessage": message}).to_string();
        AuthorizationError::of_function_error(&route, payload.as_bytes()).error
    };
    let rest = "GET /token/1 | X-Token: Bearer a";
    assert_eq!(error(rest, "Unauthorized"), GatewayError::Unauthorized);
    assert_eq!(error(rest, "unauthorized"), GatewayError::Authorizer);
    assert_eq!(error("GET /policy", "Unauthorized"), GatewayError::Authorizer);
}

/// `requestContext.authorizer` in the function's event.
fn context(text: &str, response: &Value) -> Value {
    let (request, mut route, authorizer) = protected(text);
    let context = authorize(&authorizer, &route, &request, response.to_string().as_bytes());
    route.authorizer_context = Some(context.unwrap());
    let event = event(&route, &request, b"", CLIENT, now());
    let event: Value = serde_json::from_slice(&event).unwrap();
    event["requestContext"]["authorizer"].clone()
}

#[test]
fn the_function_receives_the_authorizers_context() {
    let statement = statement("Allow", "*", "*");
    let of_authorizer = json!({"text": "a", "number": 1.5, "flag": true, "none": null});
    let policy = json!({
        "principalId": "ada",
        "policyDocument": {"Statement": [statement]},
        "context": of_authorizer,
    });
    let mut without = policy.clone();
    without.as_object_mut().unwrap().remove("context");
    let token = "GET /token/1 | X-Token: Bearer a";
    assert_eq!(
        context(token, &policy),
        json!({"principalId": "ada", "text": "a", "number": "1.5", "flag": "true", "none": null})
    );
    assert_eq!(context(token, &without), json!({"principalId": "ada"}));
    assert_eq!(context("GET /policy", &policy), json!({"lambda": of_authorizer}));
    assert_eq!(context("GET /policy", &without), json!({"lambda": null}));

    let of_authorizer = json!({"list": [1], "map": {"a": "b"}});
    let simple = json!({"isAuthorized": true, "context": of_authorizer});
    let rest = "?key=k | Authorization: a";
    assert_eq!(context(&format!("GET /simple/1{rest}"), &simple), json!({"lambda": of_authorizer}));
    assert_eq!(context(&format!("GET /simple-v1{rest}"), &simple), of_authorizer);
}

#[test]
fn clients_receive_the_responses_of_their_kind_of_api() {
    use GatewayError::{AccessDenied, Authorizer, Unauthorized};

    let rest = "GET /token/1 | X-Token: Bearer a";
    let http = "GET /policy";
    let errors = errors(
        [
            (rest, Unauthorized),
            (rest, AccessDenied { explicit: false }),
            (rest, AccessDenied { explicit: true }),
            (rest, Authorizer),
            (http, Unauthorized),
            (http, AccessDenied { explicit: false }),
            (http, AccessDenied { explicit: true }),
            (http, Authorizer),
        ],
        &router(TEMPLATE),
    );
    assert_snapshot!(errors, @r#"
    GET /token/1 | X-Token: Bearer a => Unauthorized
        401 content-type: application/json | x-amzn-errortype: UnauthorizedException
        {"message": "Unauthorized"}
    GET /token/1 | X-Token: Bearer a => AccessDenied { explicit: false }
        403 content-type: application/json | x-amzn-errortype: AccessDeniedException
        {"message": "User is not authorized to access this resource"}
    GET /token/1 | X-Token: Bearer a => AccessDenied { explicit: true }
        403 content-type: application/json | x-amzn-errortype: AccessDeniedException
        {"message": "User is not authorized to access this resource with an explicit deny"}
    GET /token/1 | X-Token: Bearer a => Authorizer
        500 content-type: application/json | x-amzn-errortype: AuthorizerConfigurationException
        {"message":null}
    GET /policy => Unauthorized
        401 content-type: application/json
        {"message":"Unauthorized"}
    GET /policy => AccessDenied { explicit: false }
        403 content-type: application/json
        {"message":"Forbidden"}
    GET /policy => AccessDenied { explicit: true }
        403 content-type: application/json
        {"message":"Forbidden"}
    GET /policy => Authorizer
        500 content-type: application/json
        {"message":"Internal Server Error"}
    "#);
}
