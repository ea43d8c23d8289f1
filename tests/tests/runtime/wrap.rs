//! Wrapped handlers, and the hook between a response and the next event.

use lambda_native_tests::assert_run;
use lambda_native_tests::command::program;
use lambda_native_tests::runtime_api::{Answer, Run, RuntimeApi};
use serde_json::{Map, Value, json};

const WRAPPED: &str = env!("CARGO_BIN_EXE_function-wrapped");
const BY_HAND: &str = env!("CARGO_BIN_EXE_function-wrapped-by-hand");

/// The event of a Function URL.
fn event(method: &str, target: &str, headers: &[(&str, &str)]) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers: Map<String, Value> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": { "http": { "method": method, "path": path } },
    })
    .to_string()
}

/// Answers the three calls for one event: the next event, its response, and that of the hook.
fn answers(id: &str, event: &str) -> [Answer; 3] {
    [Answer::event(id, event), Answer::accepted(), Answer::accepted()]
}

fn run(handler: &str, script: impl IntoIterator<Item = Answer>) -> Run {
    let script: Vec<_> = script.into_iter().collect();
    let requests = script.len() + 1;
    RuntimeApi::start(script).run(program(WRAPPED).env("_HANDLER", handler), requests)
}

/// The response to one request.
#[track_caller]
fn response(method: &str, target: &str, headers: &[(&str, &str)]) -> (Value, Run) {
    let run = run("bootstrap", answers("id", &event(method, target, headers)));
    let response = run.requests.get(1).unwrap();
    assert!(response.call.ends_with("/invocation/id/response"), "{run:#?}");
    (serde_json::from_slice(&response.body).unwrap(), run)
}

/// The status and the body.
fn told(response: &Value) -> String {
    format!("{} {}", response["statusCode"], response["body"].as_str().unwrap())
}

#[test]
fn a_wrapper_answers_in_place_of_the_handler() {
    let (refused, run) = response("GET", "/mine/7", &[]);
    assert_eq!(
        told(&refused),
        concat!(
            r#"401 {"title":"Unauthorized","status":401,"#,
            r#""detail":"the header `authorization` is missing"}"#
        )
    );
    assert!(!run.stdout.contains("mine is called"), "{}", run.stdout);
    let (answered, run) = response("GET", "/mine/7", &[("authorization", "Bearer ada")]);
    assert_eq!(told(&answered), "200 ADA has 7 []");
    assert!(run.stdout.contains("mine is called"), "{}", run.stdout);
}

#[test]
fn a_wrapper_passes_a_request_of_its_own_on() {
    // What the client claims is replaced, and the path and the query are still read.
    let headers = [("authorization", "Bearer ada"), ("x-user", "root")];
    let (answered, _) = response("POST", "/mine/8?word=a%20b&word=c", &headers);
    assert_eq!(told(&answered), r#"200 ADA has 8 ["a b", "c"]"#);
    let (refused, _) = response("GET", "/mine/x", &headers);
    assert_eq!(
        told(&refused),
        concat!(
            r#"400 {"title":"Bad Request","status":400,"detail":"the request has wrong parameters","#,
            r#""errors":[{"in":"path","name":"id","reason":"expected an unsigned integer of 32 bits, "#,
            r#"found `x`"}]}"#
        )
    );
}

#[test]
fn a_wrapper_times_the_handler_and_adds_headers() {
    let headers = [("authorization", "Bearer ada"), ("origin", "https://example.com")];
    let (answered, _) = response("GET", "/mine/7", &headers);
    let headers = &answered["headers"];
    assert_eq!(headers["access-control-allow-origin"], "https://example.com");
    assert_eq!(headers["content-type"], "text/plain; charset=utf-8");
    let timing = headers["server-timing"].as_str().unwrap();
    let time: u64 = timing.strip_prefix("handler;dur=").unwrap().parse().unwrap();
    assert!(time >= 20, "the handler sleeps for 20 ms, and took {time} ms");
}

#[test]
fn wrappers_of_the_program_wrap_what_no_route_takes() {
    let origin = [("origin", "https://example.com")];
    let (unknown, _) = response("GET", "/unknown", &origin);
    assert_eq!(
        told(&unknown),
        r#"404 {"title":"Not Found","status":404,"detail":"no route has this path"}"#
    );
    let (wrong_method, _) = response("PUT", "/open/1", &origin);
    assert_eq!(wrong_method["statusCode"], 405);
    assert_eq!(wrong_method["headers"]["allow"], "GET, HEAD");
    let (preflight, _) = response("OPTIONS", "/open/1", &origin);
    assert_eq!(preflight["statusCode"], 204);
    assert_eq!(preflight["headers"]["access-control-allow-methods"], "GET, POST");
    // The outer one has answered.
    assert_eq!(preflight["headers"]["server-timing"], Value::Null);
    for response in [unknown, wrong_method, preflight] {
        let allowed = &response["headers"]["access-control-allow-origin"];
        assert_eq!(allowed, "https://example.com", "{response}");
    }
    let (head, _) = response("HEAD", "/open/1", &origin);
    assert_eq!(told(&head), "200 ");
    assert_eq!(head["headers"]["access-control-allow-origin"], "https://example.com");
}

#[test]
fn errors_of_wrappers_are_problem_documents() {
    let key = [("authorization", "Bearer ada")];
    let (refused, _) = response("GET", "/mine/7?mood=bad", &key);
    assert_eq!(told(&refused), r#"403 {"title":"Forbidden","status":403,"detail":"not today"}"#);
    let (failed, run) = response("GET", "/mine/7?mood=worse", &key);
    assert_eq!(told(&failed), r#"500 {"title":"Internal Server Error","status":500}"#);
    assert!(run.stderr.contains("RequestId: id Mood: a secret reason"), "{}", run.stderr);
    assert!(failed["headers"]["server-timing"].is_string(), "{failed}");
}

#[test]
fn errors_fail_the_invocation_if_a_wrapper_says_so() {
    let paths = ["/stock/7", "/stock/0", "/stock/few", "/stock/many"];
    let events = paths.map(|path| event("GET", path, &[]));
    let script = events.iter().zip(["7", "0", "few", "many"]);
    let run = run("stock", script.flat_map(|(event, id)| answers(id, event)));
    let calls = run.requests.iter().filter(|request| request.call.starts_with("POST"));
    let told: Vec<_> = calls
        .map(|request| {
            let (_, end) = request.call.split_once("/invocation/").unwrap();
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            let what = if end.ends_with("/error") {
                body["errorType"].as_str().unwrap().to_owned()
            } else {
                told(&body)
            };
            format!("{end}: {what}")
        })
        .collect();
    assert_eq!(
        told,
        [
            "7/response: 200 7",
            r#"0/response: 409 {"title":"Conflict","status":409,"detail":"sold out"}"#,
            "few/error: ParseIntError",
            "many/error: Runtime.InvalidResponse",
        ]
    );
    assert!(run.stderr.contains("RequestId: few ParseIntError: invalid digit"), "{}", run.stderr);
}

#[test]
fn a_program_that_serves_one_route_is_wrapped_too() {
    let events = [event("GET", "/mine/7", &[]), event("GET", "/open/1", &[])];
    let script = events.iter().flat_map(|event| answers("id", event));
    let run = run("mine", script);
    let statuses = [1, 4].map(|index| {
        let response: Value = serde_json::from_slice(&run.requests[index].body).unwrap();
        assert!(response["headers"]["server-timing"].is_string(), "{response}");
        response["statusCode"].clone()
    });
    assert_eq!(statuses, [401, 404]);
}

#[test]
fn the_hook_runs_between_the_response_and_the_next_event() {
    let panic = event("GET", "/panic", &[]);
    let script = [
        answers("id-1", &event("GET", "/unknown", &[])),
        answers("id-2", "not an event"),
        answers("id-3", &panic),
    ];
    let run = run("bootstrap", script.into_iter().flatten());
    let calls: Vec<_> = run.requests.iter().map(|request| request.call.as_str()).collect();
    let runtime = "/2018-06-01/runtime/invocation";
    assert_eq!(
        calls,
        [
            &format!("GET {runtime}/next"),
            &format!("POST {runtime}/id-1/response"),
            "GET /flush/id-1",
            &format!("GET {runtime}/next"),
            &format!("POST {runtime}/id-2/error"),
            "GET /flush/id-2",
            &format!("GET {runtime}/next"),
            &format!("POST {runtime}/id-3/error"),
            "GET /flush/id-3",
            &format!("GET {runtime}/next"),
        ],
        "{run:#?}"
    );
    assert!(run.stderr.contains("ERROR RequestId: id-3 Panic: on purpose"), "{}", run.stderr);
}

#[test]
fn the_hook_runs_after_events_too_and_its_panic_is_survived() {
    let script = [answers("hook-panics", "21"), answers("id-2", "4294967295")];
    let run = run("double", script.into_iter().flatten());
    assert!(run.stderr.contains("ERROR RequestId: hook-panics Panic: in the hook"), "{run:#?}");
    let run = Run { stderr: String::new(), ..run };
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/hook-panics/response 42
    GET /flush/hook-panics
    GET …/invocation/next
    POST …/invocation/id-2/error {"errorType":"TooLarge","errorMessage":"too large","stackTrace":[]}
    GET /flush/id-2
    GET …/invocation/next
    ----- stdout -----
    told /flush/hook-panics: true
    told /flush/id-2: true
    "#);
}

#[test]
fn wrappers_and_the_hook_work_without_the_macros() {
    let key = [("x-api-key", "secret")];
    let script = [
        Answer::event("id-1", &event("GET", "/a", &[])),
        Answer::accepted(),
        Answer::event("id-2", &event("GET", "/a", &key)),
        Answer::accepted(),
    ];
    let run = RuntimeApi::start(script).run(&mut program(BY_HAND), 5);
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response {"statusCode":401,"headers":{"content-type":"application/problem+json","x-request":"state id-1"},"cookies":[],"body":"{\"title\":\"Unauthorized\",\"status\":401}","isBase64Encoded":false}
    GET …/invocation/next
    POST …/invocation/id-2/response {"statusCode":200,"headers":{"content-type":"text/plain; charset=utf-8","x-checked":"yes","x-request":"state id-2"},"cookies":[],"body":"hello, /a","isBase64Encoded":false}
    GET …/invocation/next
    ----- stdout -----
    flush id-1
    flush id-2
    "#);
}
