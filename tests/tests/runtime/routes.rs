//! Functions with routes: requests of each kind of event, and hostile ones.

use lambda_native_tests::command::program;
use lambda_native_tests::runtime_api::{Answer, Run, RuntimeApi};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

/// A service that sends requests, with or without the route that it has chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sender {
    HttpApi,
    HttpApiDefault,
    HttpApi1_0,
    RestApi,
    RestApiProxy,
    FunctionUrl,
    LoadBalancer,
}

const SENDERS: [Sender; 7] = [
    Sender::HttpApi,
    Sender::HttpApiDefault,
    Sender::HttpApi1_0,
    Sender::RestApi,
    Sender::RestApiProxy,
    Sender::FunctionUrl,
    Sender::LoadBalancer,
];

/// A request as the client sends it.
#[derive(Clone, Default)]
struct Sent<'a> {
    method: &'a str,
    /// The route that a gateway has for it.
    template: &'a str,
    path: &'a str,
    query: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    body: &'a str,
}

fn get<'a>(template: &'a str, path: &'a str, query: &'a str) -> Sent<'a> {
    Sent { method: "GET", template, path, query, ..Sent::default() }
}

fn post<'a>(path: &'a str, content_type: &'a str, body: &'a str) -> Sent<'a> {
    let headers = vec![("content-type", content_type)];
    Sent { method: "POST", template: path, path, headers, body, ..Sent::default() }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

impl Sent<'_> {
    /// The values of the placeholders, as they stand in the path.
    fn parameters(&self, template: &str) -> Map<String, Value> {
        let mut parameters = Map::new();
        let mut path = self.path.split('/');
        for segment in template.split('/') {
            let value = path.next().unwrap_or_default();
            let Some(name) = segment.strip_prefix('{') else { continue };
            let (name, value) = match name.strip_suffix("+}") {
                Some(name) => {
                    let rest: Vec<&str> = std::iter::once(value).chain(path.by_ref()).collect();
                    (name, rest.join("/"))
                }
                None => (name.trim_end_matches('}'), value.to_owned()),
            };
            parameters.insert(name.to_owned(), json!(value));
        }
        parameters
    }

    /// The event of the sender.
    fn event(&self, sender: Sender) -> Value {
        let headers: Map<String, Value> =
            self.headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let pairs = || {
            let pairs = self.query.split('&').filter(|pair| !pair.is_empty());
            pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        };
        let mut multi_query: Map<String, Value> = Map::new();
        let mut raw_multi_query: Map<String, Value> = Map::new();
        for (name, value) in pairs() {
            let entry = multi_query.entry(decoded(name)).or_insert_with(|| json!([]));
            entry.as_array_mut().unwrap().push(json!(decoded(value)));
            let entry = raw_multi_query.entry(name).or_insert_with(|| json!([]));
            entry.as_array_mut().unwrap().push(json!(value));
        }
        let with_decoded = |parameters: Map<String, Value>| -> Map<String, Value> {
            let decode =
                |(name, value): (String, Value)| (name, json!(decoded(value.as_str().unwrap())));
            parameters.into_iter().map(decode).collect()
        };
        match sender {
            Sender::HttpApi | Sender::HttpApiDefault => {
                let is_routed = sender == Sender::HttpApi;
                json!({
                    "version": "2.0",
                    "routeKey": if is_routed {
                        format!("{} {}", self.method, self.template)
                    } else {
                        "$default".to_owned()
                    },
                    "rawPath": format!("/live{}", decoded(self.path)),
                    "rawQueryString": self.query,
                    "headers": headers,
                    "pathParameters": is_routed
                        .then(|| with_decoded(self.parameters(self.template))),
                    "requestContext": {
                        "stage": "live",
                        "domainName": "a.execute-api.eu-west-1.amazonaws.com",
                        "http": { "method": self.method, "path": decoded(self.path) },
                    },
                    "body": self.body,
                })
            }
            Sender::HttpApi1_0 => json!({
                "version": "1.0",
                "resource": self.template,
                "path": format!("/live{}", self.path),
                "httpMethod": self.method,
                "headers": headers,
                "multiValueQueryStringParameters": multi_query,
                "pathParameters": with_decoded(self.parameters(self.template)),
                "requestContext": { "stage": "live" },
                "body": self.body,
            }),
            Sender::RestApi => json!({
                "resource": self.template,
                "path": format!("/base{}", self.path),
                "httpMethod": self.method,
                "headers": headers,
                "multiValueQueryStringParameters": multi_query,
                "pathParameters": self.parameters(self.template),
                "requestContext": { "stage": "live" },
                "body": self.body,
            }),
            Sender::RestApiProxy => json!({
                "resource": "/{proxy+}",
                "path": format!("/base{}", self.path),
                "httpMethod": self.method,
                "headers": headers,
                "multiValueQueryStringParameters": multi_query,
                "pathParameters": self.parameters("/{proxy+}"),
                "requestContext": { "stage": "live" },
                "body": self.body,
            }),
            Sender::FunctionUrl => json!({
                "version": "2.0",
                "routeKey": "$default",
                "rawPath": self.path,
                "rawQueryString": self.query,
                "headers": headers,
                "requestContext": {
                    "stage": "$default",
                    "domainName": "a.lambda-url.eu-west-1.on.aws",
                    "http": { "method": self.method, "path": self.path },
                },
                "body": self.body,
            }),
            Sender::LoadBalancer => json!({
                "path": self.path,
                "httpMethod": self.method,
                "multiValueHeaders": headers
                    .into_iter()
                    .map(|(name, value)| (name, json!([value])))
                    .collect::<Map<_, _>>(),
                "multiValueQueryStringParameters": raw_multi_query,
                "requestContext": { "elb": { "targetGroupArn": "arn" } },
                "body": self.body,
            }),
        }
    }
}

fn run(handler: &str, events: &[Value]) -> Run {
    let script: Vec<_> = events
        .iter()
        .enumerate()
        .flat_map(|(index, event)| {
            [Answer::event(&format!("id-{index}"), &event.to_string()), Answer::accepted()]
        })
        .collect();
    let requests = script.len() + 1;
    let function = env!("CARGO_BIN_EXE_function-routes");
    RuntimeApi::start(script).run(program(function).env("_HANDLER", handler), requests)
}

/// The responses to the events.
#[track_caller]
fn responses(run: &Run, count: usize) -> Vec<Value> {
    assert_eq!(run.requests.len(), 2 * count + 1, "{run:#?}");
    let responses = run.requests.iter().skip(1).step_by(2).map(|request| {
        assert!(request.call.ends_with("/response"), "{request:?}");
        serde_json::from_slice(&request.body).unwrap()
    });
    responses.collect()
}

/// The status and the body of the response to one request, whoever sends it.
#[track_caller]
fn answer(sent: &Sent<'_>) -> String {
    answer_with_header(sent, None)
}

#[track_caller]
fn answer_with_header(sent: &Sent<'_>, header: Option<&str>) -> String {
    let run = run("bootstrap", &SENDERS.map(|sender| sent.event(sender)));
    let mut told: Vec<String> = responses(&run, SENDERS.len())
        .iter()
        .map(|response| {
            let mut text = format!("{} {}", response["statusCode"], body(response));
            if let Some(header) = header {
                let multi = &response["multiValueHeaders"][header][0];
                let single = &response["headers"][header];
                let value = if single.is_null() { multi } else { single };
                text = format!("{text} {header}: {}", value.as_str().unwrap_or("-"));
            }
            text
        })
        .collect();
    let first = told.first().cloned().unwrap();
    told.retain(|other| *other != first);
    assert_eq!(told, Vec::<String>::new(), "all senders get {first}");
    first
}

fn body(response: &Value) -> &str {
    response["body"].as_str().unwrap()
}

#[test]
fn the_path_and_the_query_become_values() {
    assert_eq!(
        answer(&get("/orders/{id}", "/orders/7", "expand=lines&expand=price-list")),
        r#"200 {"expand":["lines","price-list"],"id":7}"#
    );
    assert_eq!(answer(&get("/orders/{id}", "/orders/7", "")), r#"200 {"expand":[],"id":7}"#);
    assert_eq!(
        answer(&get("/orders", "/orders", "page=2&tag=a%20b&tag=%2B")),
        r#"200 {"page":2,"size":null,"tag":["a b","+"]}"#
    );
    assert_eq!(answer(&get("/hello", "/hello", "")), "200 hello, world");
}

#[test]
fn the_path_is_decoded_once() {
    assert_eq!(answer(&get("/hello/{name}", "/hello/Ada%20L", "")), "200 hello, Ada L");
    // A percent sign that was encoded stays one.
    assert_eq!(answer(&get("/hello/{name}", "/hello/100%2525", "")), "200 hello, 100%25");
    assert_eq!(answer(&get("/files/{path+}", "/files/a%20b/c.txt", "")), "200 a b/c.txt");
    // The route without the greedy placeholder is preferred.
    assert_eq!(answer(&get("/files/{name}/size", "/files/%C3%A4/size", "")), "200 2");
}

#[test]
fn everything_wrong_is_in_one_response() {
    let sent = Sent {
        method: "PUT",
        template: "/notes/{id}",
        path: "/notes/99999",
        query: "dry-run=%1B%5B2Jyes",
        ..Sent::default()
    };
    assert_eq!(
        answer_with_header(&sent, Some("content-type")),
        concat!(
            r#"400 {"title":"Bad Request","status":400,"detail":"the request has wrong parameters","#,
            r#""errors":[{"in":"path","name":"id","reason":"expected an integer from -32768 to 32767, "#,
            r#"found `99999`"},{"in":"query","name":"dry-run","reason":"expected `true` or `false`, "#,
            r#"found `\\u{1b}[2Jyes`"}]} content-type: application/problem+json"#
        )
    );
    assert_eq!(
        answer(&get("/orders", "/orders", "size=256")),
        concat!(
            r#"400 {"title":"Bad Request","status":400,"detail":"the request has wrong parameters","#,
            r#""errors":[{"in":"query","name":"size","reason":"expected an integer from 0 to 255, "#,
            r#"found `256`"}]}"#
        )
    );
    assert_eq!(
        answer(&get("/orders", "/orders", "")),
        concat!(
            r#"400 {"title":"Bad Request","status":400,"detail":"the request has wrong parameters","#,
            r#""errors":[{"in":"query","name":"page","reason":"it is missing"}]}"#
        )
    );
    assert_eq!(
        answer(&get("/orders/{id}", "/orders/7", "expand=lines&expand=nothing")),
        concat!(
            r#"400 {"title":"Bad Request","status":400,"detail":"the request has wrong parameters","#,
            r#""errors":[{"in":"query","name":"expand","reason":"expected one of `lines`, "#,
            r#"`price-list`, found `nothing`"}]}"#
        )
    );
}

#[test]
fn types_of_other_crates_are_values() {
    let path = "/bookings/67e55044-10b1-426f-9247-bb680e5fe0c8";
    assert_eq!(
        answer(&get("/bookings/{id}", path, "day=2026-02-28&other=2024-02-29&other=2025-01-01")),
        "200 67e55044-10b1-426f-9247-bb680e5fe0c8 2026-02-28 2"
    );
    assert_eq!(
        answer(&get("/bookings/{id}", "/bookings/67e5", "day=2026-02-29")),
        concat!(
            r#"400 {"title":"Bad Request","status":400,"detail":"the request has wrong parameters","#,
            r#""errors":[{"in":"path","name":"id","reason":"UUID parsing failed: invalid length: found "#,
            r#"4"},{"in":"query","name":"day","reason":"day was not in range"}]}"#
        )
    );
}

#[test]
fn bodies_are_read_as_their_type_and_media_type() {
    let json = "application/json; charset=utf-8";
    assert_eq!(
        answer_with_header(
            &post("/orders", json, r#"{"item":"gr\u00fcn \"tea\"","count":2}"#),
            Some("location")
        ),
        r#"201 {"id":10,"item":"grün \"tea\"","count":2} location: /orders/10"#
    );
    assert_eq!(
        answer(&post("/orders", json, r#"{"item":"tea","count":"two"}"#)),
        concat!(
            r#"400 {"title":"Bad Request","status":400,"detail":"the request has wrong parameters","#,
            r#""errors":[{"in":"body","name":"count","reason":"invalid type: string \"two\", "#,
            r#"expected u32 at line 1 column 27"}]}"#
        )
    );
    assert_eq!(
        answer(&post("/orders", json, "")),
        concat!(
            r#"400 {"title":"Bad Request","status":400,"detail":"the request has wrong parameters","#,
            r#""errors":[{"in":"body","name":"","reason":"it is missing"}]}"#
        )
    );
    assert_eq!(
        answer(&post("/orders", "text/plain", "{}")),
        concat!(
            r#"415 {"title":"Unsupported Media Type","status":415,"#,
            r#""detail":"the body of this request is `application/json`","#,
            r#""errors":[{"in":"header","name":"content-type","reason":"expected `application/json`, "#,
            r#"found `text/plain`"}]}"#
        )
    );
    let form = "application/x-www-form-urlencoded";
    let mut login = post("/login", form, "name=Ada+L&remember=true");
    login.headers.push(("cookie", "a=b; session=7"));
    assert_eq!(
        answer_with_header(&login, Some("location")),
        "303  location: /hello/Ada%20L?remember=Some(true)&session=Some(7)"
    );
    assert_eq!(answer(&post("/bytes", "image/png", "abc")), "200 cba");
    let settings = Sent { method: "PATCH", ..post("/settings", json, r#"{"a":1.5}"#) };
    assert_eq!(answer(&settings), "200 1");
    assert_eq!(answer(&Sent { body: "", ..settings }), "200 null");
    let note = Sent {
        method: "PUT",
        template: "/notes/{id}",
        path: "/notes/-3",
        query: "dry-run=true",
        headers: vec![("x-tag", "one, two")],
        body: "text",
    };
    assert_eq!(answer(&note), r#"202 -3 "text" Some(true) ["one", "two"]"#);
}

#[test]
fn errors_are_problem_documents() {
    let order = |count| {
        let headers = vec![("content-type", "application/json")];
        (format!(r#"{{"item":"tea","count":{count}}}"#), headers)
    };
    let (body, headers) = order(0);
    let empty = Sent {
        method: "POST",
        template: "/orders",
        path: "/orders",
        headers,
        body: &body,
        query: "",
    };
    assert_eq!(
        answer(&empty),
        r#"422 {"title":"Unprocessable Content","status":422,"detail":"an order has at least one item"}"#
    );
    assert_eq!(
        answer(&get("/orders/{id}", "/orders/10", "")),
        r#"404 {"title":"Not Found","status":404}"#
    );
    let delete = |path| Sent { method: "DELETE", ..get("/orders/{id}", path, "") };
    assert_eq!(
        answer(&delete("/orders/1")),
        r#"409 {"title":"Conflict","status":409,"detail":"order 1 is paid"}"#
    );
    assert_eq!(answer(&delete("/orders/3")), "204 ");
    let (body, mut headers) = order(1);
    headers.push(("idempotency-key", "fail"));
    let failing = Sent {
        method: "POST",
        template: "/orders",
        path: "/orders",
        headers,
        body: &body,
        query: "",
    };
    assert_eq!(answer(&failing), r#"500 {"title":"Internal Server Error","status":500}"#);
    let run = run(
        "bootstrap",
        &[failing.event(Sender::HttpApi), delete("/orders/2").event(Sender::HttpApi)],
    );
    assert!(run.stderr.contains("Database: no connection"), "{}", run.stderr);
    assert!(
        run.stderr.contains("the handler's error is a response with status 503"),
        "{}",
        run.stderr
    );
}

#[test]
fn unknown_paths_and_methods_are_refused() {
    assert_eq!(
        answer(&get("/other/{path+}", "/other/x", "")),
        r#"404 {"title":"Not Found","status":404,"detail":"no route has this path"}"#
    );
    let patch = Sent { method: "PATCH", ..get("/orders/{id}", "/orders/7", "") };
    assert_eq!(
        answer_with_header(&patch, Some("allow")),
        concat!(
            r#"405 {"title":"Method Not Allowed","status":405,"#,
            r#""detail":"the route does not have this method"} allow: GET, HEAD, DELETE"#
        )
    );
    let head = Sent { method: "HEAD", ..get("/orders/{id}", "/orders/7", "") };
    assert_eq!(
        answer_with_header(&head, Some("content-type")),
        "200  content-type: application/json"
    );
    let any = Sent { method: "PROPFIND", ..get("/greetings/{name}", "/greetings/Ada", "") };
    assert_eq!(answer(&any), "200 hello, Ada");
}

#[test]
fn the_setting_handler_chooses_one_route_or_all() {
    let order = get("/orders/{id}", "/orders/7", "").event(Sender::FunctionUrl);
    let hello = get("/hello", "/hello", "").event(Sender::FunctionUrl);
    let statuses = |handler: &str| -> Vec<Value> {
        let run = run(handler, &[order.clone(), hello.clone()]);
        responses(&run, 2).iter().map(|response| response["statusCode"].clone()).collect()
    };
    assert_eq!(statuses("get_order"), [200, 404]);
    assert_eq!(statuses("shop.hello"), [404, 200]);
    for all in ["bootstrap", "", "function.handler", "rust.handler"] {
        assert_eq!(statuses(all), [200, 200], "{all}");
    }
    let function = env!("CARGO_BIN_EXE_function-routes");
    let api = RuntimeApi::start(vec![Answer::accepted()]);
    let run = api.run(program(function).env("_HANDLER", "get_ordr"), 1);
    assert!(run.requests[0].summary().contains("unknown handler `get_ordr`"), "{run:#?}");
    let api = RuntimeApi::start(vec![Answer::event("id", "21"), Answer::accepted()]);
    let run = api.run(program(function).env("_HANDLER", "double"), 3);
    assert_eq!(run.requests[1].body, b"42");
}

/// A generator of the same numbers in each run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end).unwrap()).unwrap()
    }

    fn of<'t>(&mut self, choices: &[&'t str]) -> &'t str {
        choices[self.below(choices.len())]
    }
}

const METHODS: [&str; 10] =
    ["GET", "POST", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "PROPFIND", "G\r\nET"];
const SEGMENTS: [&str; 14] = [
    "orders",
    "hello",
    "files",
    "notes",
    "login",
    "size",
    "7",
    "-1",
    "%0d%0aset-cookie:a",
    "%ff",
    "a b",
    "..",
    "{id}",
    "",
];
const VALUES: [&str; 12] = [
    "1",
    "lines",
    "%00",
    "%0d%0ax-evil:1",
    "%e2%80%ae",
    "<script>",
    "\"\\",
    "nan",
    "99999999999999999999",
    "%",
    "%zz",
    "true",
];
const NAMES: [&str; 7] = ["page", "size", "tag", "expand", "dry-run", "%00", ""];
const TYPES: [&str; 6] = [
    "application/json",
    "application/x-www-form-urlencoded",
    "text/plain",
    "application/vnd.a+json",
    "\r\nx: y",
    "",
];
const BODIES: [&str; 9] = [
    r#"{"item":"tea","count":1}"#,
    r#"{"item":"\u0000\r\n\u202e","count":-1}"#,
    r#"{"\u001b[2J":1,"item":[]}"#,
    "name=%0d%0aset-cookie:x&remember=maybe",
    "name=a&remember=true",
    "[[[[[[[[[[",
    "\u{1b}[31m",
    "",
    "null",
];

#[test]
fn hostile_requests_get_an_answer_without_their_control_characters() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut events = Vec::new();
    for _ in 0..6000 {
        let depth = random.below(4);
        let path = match random.below(8) {
            0 => "/orders".to_owned(),
            1 | 2 => "/login".to_owned(),
            _ => (0..=depth).flat_map(|_| ["/", random.of(&SEGMENTS)]).collect(),
        };
        let pairs: Vec<String> = (0..random.below(4))
            .map(|_| format!("{}={}", random.of(&NAMES), random.of(&VALUES)))
            .collect();
        let query = pairs.join("&");
        let template =
            random.of(&["/orders/{id}", "/hello/{name}", "/{proxy+}", &path, &path]).to_owned();
        let sent = Sent {
            method: random.of(&METHODS),
            template: &template,
            path: &path,
            query: &query,
            headers: vec![
                ("content-type", random.of(&TYPES)),
                ("cookie", random.of(&["session=1", "session=\u{1b}", ";;=;", ""])),
                ("x-tag", random.of(&VALUES)),
            ],
            body: random.of(&BODIES),
        };
        events.push(sent.event(SENDERS[random.below(SENDERS.len())]));
    }
    let run = run("bootstrap", &events);
    let mut seen = std::collections::BTreeSet::new();
    for (response, event) in responses(&run, events.len()).iter().zip(&events) {
        let status = response["statusCode"].as_u64().unwrap();
        assert!((200..500).contains(&status), "{response} to {event}");
        seen.insert(status);
        let headers = ["headers", "multiValueHeaders"].map(|name| response[name].to_string());
        let is_problem = headers.iter().any(|headers| headers.contains("problem+json"));
        for text in &headers {
            assert!(!text.contains("\\r") && !text.contains("\\n"), "{text} to {event}");
        }
        if is_problem {
            let problem: Value = serde_json::from_str(body(response)).unwrap_or_default();
            for text in strings(&problem) {
                let is_hidden = |c: char| c.is_control() || c == '\u{202e}';
                assert!(!text.contains(is_hidden), "{text:?} to {event}");
            }
        }
    }
    assert_eq!(run.stderr.matches("panicked").count(), 0, "{}", run.stderr);
    for expected in [200, 201, 204, 303, 400, 404, 405, 415] {
        assert!(seen.contains(&expected), "{expected} is not among {seen:?}");
    }
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| [vec![name.clone()], strings(value)].concat())
            .collect(),
        _ => Vec::new(),
    }
}
