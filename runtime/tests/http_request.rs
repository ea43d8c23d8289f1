//! Reads events of every kind: all that a request tells about each.

#![cfg(feature = "http")]

use std::fmt::Write as _;

use lambda_native::http::{Authorizer, Fields, Request, RequestKind};
use serde::Deserialize;

macro_rules! event {
    ($name:literal) => {
        Request::from_slice(include_bytes!(concat!("events/", $name, ".json")))
            .expect("the event is an HTTP request")
    };
}

/// All that a request tells, one fact on each line, without those that are missing.
fn describe(request: &Request<'_>) -> String {
    let mut text = format!("{:?}\n{} {}\n", request.kind(), request.method(), request.path());
    let mut line = |name: &str, value: &dyn std::fmt::Debug| {
        let _ = writeln!(text, "{name}: {value:?}");
    };
    if request.raw_path() != request.path() {
        line("raw path", &request.raw_path());
    }
    for (name, value) in [
        ("stage", request.stage()),
        ("route key", request.route_key()),
        ("resource", request.resource()),
        ("source ip", request.source_ip()),
        ("user agent", request.user_agent()),
    ] {
        if let Some(value) = value {
            line(name, &value);
        }
    }
    if !request.raw_query().is_empty() {
        line("raw query", &request.raw_query());
    }
    for pair in request.query_pairs() {
        line("query", &pair);
    }
    for pair in request.headers().filter(|(name, _)| !matches!(*name, "host" | "Host")) {
        line("header", &pair);
    }
    for pair in request.cookies() {
        line("cookie", &pair);
    }
    for pair in request.path_parameters() {
        line("path parameter", &pair);
    }
    if let Some(table) = request.stage_variable("table") {
        line("stage variable", &table);
    }
    match request.authorizer() {
        Some(Authorizer::Jwt(jwt)) => {
            line("claims", &pairs(jwt.claims));
            line("scopes", &jwt.scopes);
        }
        Some(Authorizer::Lambda(fields)) => line("authorizer", &pairs(fields)),
        Some(other) => line("authorizer", &other),
        None => {}
    }
    match (request.text(), request.body()) {
        (Ok(""), _) => {}
        (Ok(text), _) => line("text", &text),
        (_, Ok(bytes)) => line("bytes", &bytes),
        (_, Err(error)) => line("unreadable", &error),
    }
    text
}

fn pairs(fields: Fields<'_>) -> Vec<String> {
    fields.iter().map(|(name, value)| format!("{name} = {value}")).collect()
}

fn check(request: &Request<'_>, expected: &str) {
    let actual = describe(request);
    assert_eq!(actual, expected, "\n{actual}\n");
}

#[test]
fn http_api() {
    check(
        &event!("http_api"),
        r#"HttpApi
POST /orders/7 b
raw path: "/prod/orders/7 b"
stage: "prod"
route key: "POST /orders/{id}"
source ip: "203.0.113.17"
user agent: "ExampleClient/1.0 (\"quoted\")"
raw query: "tag=green+tea&tag=caf%C3%A9&empty=&flag&tag=a%26b"
query: ("tag", "green tea")
query: ("tag", "café")
query: ("empty", "")
query: ("flag", "")
query: ("tag", "a&b")
header: ("accept", "text/html,application/json")
header: ("content-length", "24")
header: ("content-type", "application/json")
header: ("user-agent", "ExampleClient/1.0 (\"quoted\")")
header: ("x-amzn-trace-id", "Root=1-65f00000-000000000000000000000001")
header: ("x-forwarded-for", "203.0.113.17")
header: ("x-forwarded-port", "443")
header: ("x-forwarded-proto", "https")
header: ("x-tag", "one,two")
cookie: ("session", "1234")
cookie: ("theme", "\"dark\"")
path parameter: ("id", "7 b")
stage variable: "orders-prod"
claims: ["sub = ada", "iss = https://issuer.example.com/", "exp = 1710000000", "groups = [staff readers]"]
scopes: ["orders.read", "orders.write"]
text: "{\"item\":\"tea\",\"count\":2}"
"#,
    );
}

#[test]
fn http_api_minimal() {
    check(
        &event!("http_api_minimal"),
        r#"HttpApi
GET /
stage: "$default"
route key: "$default"
source ip: "2001:db8::17"
user agent: "ExampleClient/1.0"
header: ("content-length", "0")
header: ("x-forwarded-for", "2001:db8::17")
"#,
    );
}

#[test]
fn http_api_iam() {
    check(
        &event!("http_api_iam"),
        r#"HttpApi
GET /orders
stage: "prod"
route key: "GET /orders"
source ip: "198.51.100.9"
user agent: "ExampleClient/1.0"
raw query: "limit=10"
query: ("limit", "10")
header: ("authorization", "AWS4-HMAC-SHA256 Credential=EXAMPLE")
authorizer: Iam(Iam { access_key: Some("ASIAEXAMPLE"), account_id: Some("111122223333"), caller_id: Some("AROAEXAMPLE:session"), principal_org_id: Some("o-example"), user_arn: Some("arn:aws:sts::111122223333:assumed-role/reader/session"), user_id: Some("AROAEXAMPLE:session"), cognito_identity_id: Some("eu-central-1:00000000-0000-0000-0000-000000000001"), cognito_identity_pool_id: Some("eu-central-1:00000000-0000-0000-0000-000000000002") })
"#,
    );
}

#[test]
fn http_api_lambda_authorizer() {
    check(
        &event!("http_api_lambda_authorizer"),
        r#"HttpApi
DELETE /
raw path: "/prod"
stage: "prod"
route key: "ANY /{proxy+}"
source ip: "192.0.2.33"
user agent: "ExampleClient/1.0"
path parameter: ("proxy", "")
authorizer: ["tenant = acme", "level = 3", "admin = false", "roles = [\"reader\", \"writer\"]", "note = a \"b\""]
"#,
    );
}

#[test]
fn http_api_1_0() {
    check(
        &event!("http_api_1_0"),
        r#"RestApi
GET /orders/7
raw path: "/prod/orders/7"
stage: "prod"
resource: "/orders/{id}"
source ip: "203.0.113.18"
user agent: "ExampleClient/1.0"
raw query: "tag=green+tea&tag=a%26b"
query: ("tag", "green tea")
query: ("tag", "a&b")
header: ("Content-Length", "0")
header: ("X-Tag", "one")
header: ("X-Tag", "two")
path parameter: ("id", "7")
"#,
    );
}

#[test]
fn rest_api() {
    check(
        &event!("rest_api"),
        r#"RestApi
PUT /orders/7%20b
raw path: "/prod/orders/7%20b"
stage: "prod"
resource: "/orders/{id}"
source ip: "203.0.113.19"
user agent: "ExampleClient/1.0"
raw query: "tag=green+tea&tag=100%25&name=Ada"
query: ("tag", "green tea")
query: ("tag", "100%")
query: ("name", "Ada")
header: ("Accept", "*/*")
header: ("Content-Type", "application/x-www-form-urlencoded")
header: ("Cookie", "session=1234; theme=dark")
header: ("User-Agent", "ExampleClient/1.0")
header: ("X-Forwarded-For", "203.0.113.19, 198.51.100.20")
header: ("X-Tag", "one")
header: ("X-Tag", "two")
cookie: ("session", "1234")
cookie: ("theme", "dark")
path parameter: ("id", "7%20b")
stage variable: "orders-prod"
claims: ["sub = 00000000-0000-0000-0000-000000000003", "cognito:groups = staff,readers", "email_verified = true", "token_use = id"]
scopes: []
text: "item=green+tea&count=2"
"#,
    );
}

#[test]
fn rest_api_lambda_authorizer() {
    check(
        &event!("rest_api_lambda_authorizer"),
        r#"RestApi
HEAD /prod/status
raw path: "/prod/prod/status"
stage: "prod"
resource: "/prod/{proxy+}"
source ip: "203.0.113.20"
user agent: "ExampleClient/1.0"
path parameter: ("proxy", "status")
authorizer: ["principalId = ada", "level = 3", "integrationLatency = 12"]
"#,
    );
}

#[test]
fn rest_api_console_test() {
    check(
        &event!("rest_api_console_test"),
        r#"RestApi
POST /orders
stage: "test-invoke-stage"
resource: "/orders"
source ip: "test-invoke-source-ip"
user agent: "aws-internal/3"
authorizer: Iam(Iam { access_key: Some("ASIAEXAMPLE"), account_id: Some("123456789012"), caller_id: Some("AROAEXAMPLE:tester"), principal_org_id: None, user_arn: Some("arn:aws:sts::123456789012:assumed-role/tester/tester"), user_id: Some("AROAEXAMPLE:tester"), cognito_identity_id: None, cognito_identity_pool_id: None })
text: "{\r\n\t\"item\": \"tea\"\r\n}"
"#,
    );
}

#[test]
fn function_url() {
    check(
        &event!("function_url"),
        r#"FunctionUrl
PATCH /files/a%2Fb
stage: "$default"
route key: "$default"
source ip: "192.0.2.44"
user agent: "ExampleClient/1.0"
raw query: "q=%E2%82%AC+5&q=2"
query: ("q", "€ 5")
query: ("q", "2")
header: ("content-length", "4")
header: ("content-type", "application/octet-stream")
header: ("cookie", "session=1234")
header: ("user-agent", "ExampleClient/1.0")
header: ("x-forwarded-for", "192.0.2.44")
header: ("x-forwarded-port", "443")
header: ("x-forwarded-proto", "https")
cookie: ("session", "1234")
authorizer: Iam(Iam { access_key: Some("AKIAEXAMPLE"), account_id: Some("111122223333"), caller_id: Some("AIDAEXAMPLE"), principal_org_id: None, user_arn: Some("arn:aws:iam::111122223333:user/example-user"), user_id: Some("AIDAEXAMPLE"), cognito_identity_id: None, cognito_identity_pool_id: None })
bytes: [0, 1, 254, 255]
"#,
    );
}

#[test]
fn load_balancer() {
    check(
        &event!("load_balancer"),
        r#"LoadBalancer { multi_value_headers: false }
POST /orders/7%20b
source ip: "203.0.113.21"
user agent: "ExampleClient/1.0"
raw query: "tag=a%26b&full+name=Ada+%43.%20Lovelace&flag="
query: ("tag", "a&b")
query: ("full name", "Ada C. Lovelace")
query: ("flag", "")
header: ("accept", "text/html,application/json")
header: ("content-type", "text/plain")
header: ("cookie", "session=1234; theme=dark")
header: ("user-agent", "ExampleClient/1.0")
header: ("x-amzn-trace-id", "Root=1-65f00000-000000000000000000000002")
header: ("x-forwarded-for", "198.51.100.1, 203.0.113.21")
header: ("x-forwarded-port", "443")
header: ("x-forwarded-proto", "https")
cookie: ("session", "1234")
cookie: ("theme", "dark")
text: "café 🍵"
"#,
    );
}

#[test]
fn load_balancer_multi_value() {
    check(
        &event!("load_balancer_multi_value"),
        r#"LoadBalancer { multi_value_headers: true }
GET /orders
source ip: "203.0.113.22"
user agent: "ExampleClient/1.0"
raw query: "tag=green%20tea&tag=a%26b&name=Ada"
query: ("tag", "green tea")
query: ("tag", "a&b")
query: ("name", "Ada")
header: ("accept", "text/html")
header: ("accept", "application/json")
header: ("cookie", "session=1234")
header: ("cookie", "theme=dark")
header: ("user-agent", "ExampleClient/1.0")
header: ("x-forwarded-for", "203.0.113.22")
cookie: ("session", "1234")
cookie: ("theme", "dark")
"#,
    );
}

#[test]
fn load_balancer_health_check() {
    check(
        &event!("load_balancer_health_check"),
        r#"LoadBalancer { multi_value_headers: false }
GET /
user agent: "ELB-HealthChecker/2.0"
header: ("user-agent", "ELB-HealthChecker/2.0")
"#,
    );
}

#[test]
fn vpc_lattice() {
    check(
        &event!("vpc_lattice"),
        r#"VpcLattice
POST /orders/7%20b
source ip: "10.0.2.100"
user agent: "ExampleClient/1.0"
raw query: "tag=a%26b&tag=c&flag="
query: ("tag", "a&b")
query: ("tag", "c")
query: ("flag", "")
header: ("accept", "*/*")
header: ("content-type", "text/plain")
header: ("user-agent", "ExampleClient/1.0")
header: ("x-forwarded-for", "10.0.2.100")
header: ("x-tag", "one")
header: ("x-tag", "two")
text: "café"
"#,
    );
}

#[test]
fn events_that_are_like_requests_are_named() {
    for (event, source) in [
        (
            r#"{"requestContext":{"routeKey":"$connect","eventType":"CONNECT","connectionId":"a="}}"#,
            "a WebSocket API, whose responses are sent with `PostToConnection`: take it as a type of your own with \
             a plain `#[lambda_handler]`",
        ),
        (
            r#"{"raw_path":"/api","method":"GET","headers":{},"query_string_parameters":{}}"#,
            "VPC Lattice with version V1: set `LambdaEventStructureVersion` of the target group to `V2`",
        ),
    ] {
        let error = Request::from_slice(event.as_bytes()).expect_err("it is not a request");
        let message =
            format!("cannot read the event as an HTTP request: it is an event of {source}");
        assert_eq!((error.error_type(), error.message()), ("Runtime.UnmarshalError", &*message));
    }
}

#[test]
fn strings_without_escapes_are_not_copied() {
    let event = include_bytes!("events/http_api.json");
    let request = Request::from_slice(event).expect("the event is an HTTP request");
    let is_borrowed = |text: &str| event.as_ptr_range().contains(&text.as_ptr());
    assert!(is_borrowed(request.method()));
    assert!(is_borrowed(request.path()));
    assert!(is_borrowed(request.raw_path()));
    assert!(is_borrowed(request.header("accept").unwrap()));
    assert!(is_borrowed(request.path_parameter("id").unwrap()));
    assert!(is_borrowed(request.source_ip().unwrap()));
    assert!(!is_borrowed(request.user_agent().unwrap()), "it has escapes");
    assert!(!is_borrowed(request.text().unwrap()), "it has escapes");
}

#[test]
fn names_of_headers_are_found_in_any_case() {
    let request = event!("rest_api");
    for name in ["x-tag", "X-Tag", "X-TAG"] {
        assert_eq!(request.header(name), Some("one"));
        assert_eq!(request.header_all(name).collect::<Vec<_>>(), ["one", "two"]);
    }
    assert_eq!(request.header("x-ta"), None);
    assert_eq!(request.path_parameter("ID"), None, "other names have a case");
}

#[test]
fn repeated_names_of_a_query() {
    let request = event!("http_api");
    assert_eq!(request.query("tag").as_deref(), Some("green tea"));
    assert_eq!(request.query_all("tag").collect::<Vec<_>>(), ["green tea", "café", "a&b"]);
    assert_eq!(request.query("flag").as_deref(), Some(""));
    assert_eq!(request.query("other"), None);
}

#[test]
fn a_query_without_its_raw_form_is_taken_from_the_parameters() {
    let event = br#"{
        "rawPath": "/",
        "queryStringParameters": {"name": "Ada & co", "gone": null},
        "requestContext": {"http": {"method": "GET"}}
    }"#;
    let request = Request::from_slice(event).unwrap();
    assert_eq!(request.query("name").as_deref(), Some("Ada & co"));
    assert_eq!(request.raw_query(), "name=Ada+%26+co");
}

/// Reads an event of a REST API with these further members.
#[expect(clippy::unwrap_used, reason = "a test fails by it")]
fn with_members(members: &str) -> Request<'static> {
    let event = format!(r#"{{"httpMethod":"GET","path":"/",{members}}}"#);
    Request::from_slice(event.leak().as_bytes()).unwrap()
}

#[test]
fn a_query_is_complete_whatever_fields_hold_it() {
    for (members, expected) in [
        (r#""multiValueQueryStringParameters":{},"queryStringParameters":{"a":"1"}"#, "a=1"),
        (r#""multiValueQueryStringParameters":null,"queryStringParameters":{"a":"1"}"#, "a=1"),
        (
            r#""multiValueQueryStringParameters":{"a":["1","2"]},"queryStringParameters":{"a":"2","A":"4","b":"3"}"#,
            "a=1&a=2&A=4&b=3",
        ),
        (r#""multiValueQueryStringParameters":{"a":["1"]},"queryStringParameters":{}"#, "a=1"),
        (r#""rawQueryString":"","queryStringParameters":{"a":"1"}"#, "a=1"),
        (r#""rawQueryString":"a=2","queryStringParameters":{"a":"1"}"#, "a=2"),
    ] {
        assert_eq!(with_members(members).raw_query(), expected, "{members}");
    }
    let event = br#"{
        "httpMethod": "GET",
        "path": "/",
        "multiValueQueryStringParameters": {"a": ["%31"]},
        "queryStringParameters": {"b": "%32"},
        "requestContext": {"elb": {}}
    }"#;
    let request = Request::from_slice(event).unwrap();
    assert_eq!(
        request.query_pairs().collect::<Vec<_>>(),
        [("a".into(), "1".into()), ("b".into(), "2".into())]
    );
}

#[test]
fn headers_are_complete_whatever_fields_hold_them() {
    for (members, expected) in [
        (r#""multiValueHeaders":{},"headers":{"a":"1"}"#, "a: 1"),
        (r#""multiValueHeaders":{"a":[]},"headers":{"a":"1"}"#, "a: 1"),
        (r#""multiValueHeaders":{"A":["1","2"]},"headers":{"a":"2","b":"3"}"#, "A: 1, A: 2, b: 3"),
        (r#""multiValueHeaders":{"a":["1"]}"#, "a: 1"),
    ] {
        let request = with_members(members);
        let headers: Vec<_> =
            request.headers().map(|(name, value)| format!("{name}: {value}")).collect();
        assert_eq!(headers.join(", "), expected, "{members}");
    }
}

#[test]
fn a_cookie_without_a_name_is_kept() {
    let event = br#"{
        "rawPath": "/",
        "cookies": ["a=1", "flag"],
        "requestContext": {"http": {"method": "GET"}}
    }"#;
    let request = Request::from_slice(event).unwrap();
    assert_eq!(request.cookies().collect::<Vec<_>>(), [("a", "1"), ("", "flag")]);
}

#[test]
fn the_path_of_an_http_api_with_payload_1_0_is_encoded_with_and_without_its_stage() {
    let event = br#"{
        "version": "1.0",
        "httpMethod": "GET",
        "path": "/prod/caf%C3%A9",
        "requestContext": {"stage": "prod", "path": "/prod/caf\u00e9"}
    }"#;
    let request = Request::from_slice(event).unwrap();
    assert_eq!((request.raw_path(), request.path()), ("/prod/caf%C3%A9", "/caf%C3%A9"));
}

#[test]
fn stages_in_paths() {
    let cases = [
        ("prod", "/prod/hello", "/hello"),
        ("prod", "/prod/", "/"),
        ("prod", "/prod", "/"),
        ("prod", "/production/hello", "/production/hello"),
        ("prod", "/hello", "/hello"),
        ("prod", "", ""),
        ("$default", "/hello", "/hello"),
        ("", "/hello", "/hello"),
        ("a/b", "/a/b/hello", "/hello"),
    ];
    for (stage, raw_path, path) in cases {
        let event = format!(
            r#"{{"rawPath":"{raw_path}","requestContext":{{"stage":"{stage}","http":{{"method":"GET"}}}}}}"#
        );
        let request = Request::from_slice(event.as_bytes()).unwrap();
        assert_eq!((request.raw_path(), request.path()), (raw_path, path), "stage {stage}");
    }
}

#[test]
fn a_path_with_escapes_loses_its_stage_too() {
    let event = br#"{"rawPath":"/prod\/caf\u00e9","requestContext":{"stage":"prod","http":{"method":"GET"}}}"#;
    assert_eq!(Request::from_slice(event).unwrap().path(), "/café");
}

#[derive(Debug, Deserialize, PartialEq)]
struct Order<'a> {
    item: &'a str,
    count: u32,
}

#[test]
fn json_borrows_from_the_body() {
    let request = event!("http_api");
    assert_eq!(request.json::<Order<'_>>().unwrap(), Order { item: "tea", count: 2 });
}

#[test]
fn a_form() {
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Size {
        Small,
        Large,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Form {
        item: String,
        count: Option<u8>,
        price: Option<f64>,
        size: Option<Size>,
        gift: Option<bool>,
    }

    let request = event!("rest_api");
    let form: Form = request.form().unwrap();
    assert_eq!((form.item.as_str(), form.count), ("green tea", Some(2)));

    let body = "item=%E2%82%AC&price=1.5&size=large&gift=true&unknown=1";
    let form: Form = Request::new("POST", "/").with_body(body).form().unwrap();
    let expected = Form {
        item: "€".to_owned(),
        count: None,
        price: Some(1.5),
        size: Some(Size::Large),
        gift: Some(true),
    };
    assert_eq!(form, expected);
}

#[test]
fn bodies_that_cannot_be_read_are_the_fault_of_the_caller() {
    fn read<'r, T: Deserialize<'r>>(result: Result<T, lambda_native::Error>) -> String {
        let error = result.err().expect("it cannot be read");
        assert_eq!((error.error_type(), error.status()), ("BadRequest", Some(400)));
        error.message().to_owned()
    }

    let with = |body: &'static [u8]| Request::new("POST", "/").with_body(body);
    let message = read(with(b"\xff\xfe").text().map(str::to_owned));
    assert_eq!(
        message,
        "cannot read the body as text: invalid utf-8 sequence of 1 bytes from index 0"
    );
    let message = read(with(b"").json::<Order<'_>>());
    assert_eq!(message, "cannot read the body as JSON: it is empty");
    let message = read(with(b"{}").json::<Order<'_>>());
    assert_eq!(message, "cannot read the body as JSON: missing field `item` at line 1 column 2");
    let message = read(with(b"item=tea&count=many").form::<Order<'_>>());
    assert_eq!(
        message,
        "cannot read the body as a form: invalid value: string \"many\", expected an unsigned \
         integer of 32 bits"
    );
    let message = read(with(b"item=tea").form::<Order<'_>>());
    assert_eq!(message, "cannot read the body as a form: missing field `count`");
}

#[test]
fn an_authorizer_as_a_type() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Caller<'a> {
        tenant: &'a str,
        level: u8,
    }

    let request = event!("http_api_lambda_authorizer");
    let Some(Authorizer::Lambda(fields)) = request.authorizer() else {
        panic!("there is the context of a Lambda authorizer");
    };
    assert_eq!(fields.json::<Caller<'_>>().unwrap(), Caller { tenant: "acme", level: 3 });
    assert_eq!(fields.get("roles").as_deref(), Some(r#"["reader", "writer"]"#));
    assert_eq!(fields.get("nobody"), None);

    let error = fields.json::<u8>().unwrap_err();
    assert_eq!(error.status(), None, "the caller cannot correct it");
}

#[test]
fn an_authorizer_that_makes_no_sense_has_authorized_nobody() {
    let cases = [
        "",
        "7",
        "[]",
        r#"{"jwt":7}"#,
        r#"{"jwt":{}}"#,
        r#"{"jwt":{"claims":null}}"#,
        r#"{"jwt":{"claims":"all"}}"#,
        r#"{"lambda":null}"#,
        r#"{"iam":[]}"#,
        r#"{"iam":{"accessKey":"","userArn":""}}"#,
        "{}",
    ];
    for json in cases {
        let request = Request::new("GET", "/").with_authorizer(json);
        assert!(request.authorizer().is_none(), "{json}");
    }
    let rest_api =
        |json| Request::new("GET", "/").with_kind(RequestKind::RestApi).with_authorizer(json);
    for json in ["", "7", "[]", "{}", r#"{"claims":null,"scopes":null}"#] {
        assert!(rest_api(json).authorizer().is_none(), "{json}");
    }
    let nobody = r#"{"accessKey":"","caller":"","user":"","userArn":""}"#;
    let event =
        format!(r#"{{"httpMethod":"GET","path":"/","requestContext":{{"identity":{nobody}}}}}"#);
    assert!(Request::from_slice(event.as_bytes()).unwrap().authorizer().is_none());
    let claims_are_text = rest_api(r#"{"claims":"all","principalId":"ada"}"#);
    assert!(matches!(claims_are_text.authorizer(), Some(Authorizer::Lambda(_))));
}

#[test]
fn made_for_a_test() {
    let request = Request::new("POST", format!("/orders/{}?tag=a&tag=b", 7))
        .with_path_parameter("id", "7")
        .with_stage_variable("table", "orders-test")
        .with_header("X-Tag", "one")
        .with_header("x-tag", "two")
        .with_cookie("session", "1234")
        .with_cookie("theme", "dark")
        .with_source_ip("192.0.2.1")
        .with_authorizer(r#"{"jwt":{"claims":{"sub":"ada"},"scopes":null}}"#)
        .with_body(b"\x00\xff");
    check(
        &request,
        r#"HttpApi
POST /orders/7
stage: "$default"
source ip: "192.0.2.1"
raw query: "tag=a&tag=b"
query: ("tag", "a")
query: ("tag", "b")
header: ("x-tag", "two")
cookie: ("session", "1234")
cookie: ("theme", "dark")
path parameter: ("id", "7")
stage variable: "orders-test"
claims: ["sub = ada"]
scopes: []
bytes: [0, 255]
"#,
    );
}
