//! The event loop with a scripted Runtime API: its requests, its log, its exit status.

use std::collections::VecDeque;

use base64::prelude::{BASE64_STANDARD, Engine};
use lambda_native_tests::assert_run;
use lambda_native_tests::command::program;
use lambda_native_tests::runtime_api::{Answer, Request, Run, RuntimeApi};
use serde_json::json;

const NEXT: &str = "GET …/invocation/next";
const ORDER: &str = env!("CARGO_BIN_EXE_function-order");
const CONTEXT: &str = env!("CARGO_BIN_EXE_function-context");
const BY_HAND: &str = env!("CARGO_BIN_EXE_function-by-hand");
const ECHO: &str = env!("CARGO_BIN_EXE_function-echo");
const FAULTS: &str = env!("CARGO_BIN_EXE_function-faults");
const OBSERVED: &str = env!("CARGO_BIN_EXE_function-observed");
const SHOP: &str = env!("CARGO_BIN_EXE_function-shop");
const STREAM: &str = env!("CARGO_BIN_EXE_function-stream");

/// Runs `function` with the answers of `script`, until its first request after them.
fn run(function: &str, script: impl IntoIterator<Item = Answer>) -> Run {
    let script: Vec<_> = script.into_iter().collect();
    let requests = script.len() + 1;
    RuntimeApi::start(script).run(&mut program(function), requests)
}

/// Asserts that the function made these calls, printed nothing, and waits for the next event.
#[track_caller]
fn assert_goes_on(run: &Run, calls: &[&str]) {
    assert_eq!(run.calls(), calls, "{run:#?}");
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    assert!(run.status.is_none(), "{run:#?}");
}

/// Asserts that the function made these calls, printed this message and exited with 1.
#[track_caller]
fn assert_ends(run: &Run, calls: &[&str], stderr: &str) {
    assert_eq!(run.calls(), calls, "{run:#?}");
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", stderr));
    assert_eq!(run.status.and_then(|status| status.code()), Some(1), "{run:#?}");
}

#[test]
fn answers_events_in_sequence_on_one_connection() {
    let run = run(
        ORDER,
        [
            Answer::event("id-1", r#"{"item":"pen","count":"3"}"#),
            Answer::accepted(),
            Answer::event("id-2", r#"{"item":"ink","count":"10","more":[1,{}]}"#),
            Answer::accepted(),
        ],
    );
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response {"request":"id-1","item":"pen","count":3}
    GET …/invocation/next
    POST …/invocation/id-2/response {"request":"id-2","item":"ink","count":10}
    GET …/invocation/next
    "#);
    assert_eq!(run.connections, 1);
}

#[test]
fn sends_the_headers_that_the_runtime_api_requires() {
    let api = RuntimeApi::start([
        Answer::event("id-1", r#"{"item":"pen","count":"x"}"#),
        Answer::accepted(),
        Answer::event("id-2", r#"{"item":"pen","count":"1"}"#),
        Answer::accepted(),
    ]);
    let authority = api.authority();
    let run = api.run(&mut program(ORDER), 5);
    let headers = |index: usize| {
        run.requests[index]
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect::<Vec<_>>()
    };
    let host = format!("host: {authority}");
    let agent = concat!("user-agent: lambda-native/", env!("CARGO_PKG_VERSION"));
    assert_eq!(headers(0), [&host, agent]);
    assert_eq!(
        headers(1),
        [
            &host,
            agent,
            "content-length: 116",
            "content-type: application/vnd.aws.lambda.error+json",
            "lambda-runtime-function-error-type: Function.OrderError",
            concat!(
                r#"lambda-runtime-function-xray-error-cause: {"working_directory":"","#,
                r#""exceptions":[{"type":"OrderError","message":"the count is not a number","#,
                r#""stack":[]},{"type":"cause","message":"invalid digit found in string","#,
                r#""stack":[]}],"paths":[]}"#
            ),
        ]
    );
    assert_eq!(headers(2), [&host, agent]);
    assert_eq!(headers(3), [&host, agent, "content-length: 41", "content-type: application/json"]);
}

#[test]
fn echoes_the_invocation_id_on_replies_and_errors() {
    let event = |payload| {
        Answer::event_with(
            "lambda-runtime-aws-request-id: id\r\nlambda-runtime-invocation-id: abc/1\r\n",
            payload,
        )
    };
    let run = run(
        ORDER,
        [
            event(r#"{"item":"pen","count":"3"}"#),
            Answer::accepted(),
            event("{}"),
            Answer::accepted(),
        ],
    );
    let echoed = |index: usize| run.requests[index].header("lambda-runtime-invocation-id");
    assert_eq!([echoed(0), echoed(1), echoed(3)], [None, Some("abc/1"), Some("abc/1")]);
}

#[test]
fn reports_an_error_with_its_type_and_causes_and_goes_on() {
    let run = run(
        ORDER,
        [
            Answer::event("id-1", r#"{"item":"pen","count":"three"}"#),
            Answer::accepted(),
            Answer::event("id-2", r#"{"item":"pen","count":"3"}"#),
            Answer::accepted(),
        ],
    );
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/error {"errorType":"OrderError","errorMessage":"the count is not a number","stackTrace":["invalid digit found in string"]}
    GET …/invocation/next
    POST …/invocation/id-2/response {"request":"id-2","item":"pen","count":3}
    GET …/invocation/next
    ----- stderr -----
    ERROR RequestId: id-1 OrderError: the count is not a number: invalid digit found in string
    "#);
}

#[test]
fn reports_an_event_that_cannot_be_read_and_goes_on() {
    for (event, message) in [
        ("", ": EOF while parsing a value at line 1 column 0"),
        ("{", ": EOF while parsing an object at line 1 column 1"),
        (r#"{"item":"pen"}"#, ": missing field `count` at line 1 column 14"),
        (
            r#"{"item":"pen","count":3}"#,
            " at `count`: invalid type: integer `3`, expected a borrowed string at line 1 column 23",
        ),
    ] {
        let run = run(ORDER, [Answer::event("id", event), Answer::accepted()]);
        let message = format!("cannot read the event{message}");
        let body = format!(
            r#"{{"errorType":"Runtime.UnmarshalError","errorMessage":"{message}","stackTrace":[]}}"#
        );
        assert_eq!(
            run.calls(),
            [NEXT, &format!("POST …/invocation/id/error {body}"), NEXT],
            "{event}"
        );
        assert_eq!(
            run.requests[1].header("lambda-runtime-function-error-type"),
            Some("Runtime.UnmarshalError")
        );
        assert_eq!(run.stderr, format!("ERROR RequestId: id Runtime.UnmarshalError: {message}\n"));
    }
}

#[test]
fn passes_the_context_to_the_function() {
    let run = run(
        CONTEXT,
        [
            Answer::event("id-1", "null"),
            Answer::accepted(),
            // Nothing of the first event is left in the second.
            Answer::event_with("LAMBDA-RUNTIME-AWS-REQUEST-ID:   id-2  \r\n", "[1]"),
            Answer::accepted(),
        ],
    );
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response ["id-1","Ok(4102444800s)","true","arn:aws:lambda:us-east-1:123456789012:function:test","Root=1-5759e988-bd862e3fe1be46a994272793","test","$LATEST","128","/aws/lambda/test","2026/01/31/[$LATEST]0"]
    GET …/invocation/next
    POST …/invocation/id-2/response ["id-2",null,null,null,null,"test","$LATEST","128","/aws/lambda/test","2026/01/31/[$LATEST]0"]
    GET …/invocation/next
    "#);
}

#[test]
fn runs_a_handler_fn() {
    let run = run(
        BY_HAND,
        [
            Answer::event("id-1", r#""""#),
            Answer::accepted(),
            Answer::event("id-2", r#""a b""#),
            Answer::accepted(),
        ],
    );
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/error {"errorType":"NoText","errorMessage":"id-1: no text","stackTrace":[]}
    GET …/invocation/next
    POST …/invocation/id-2/error {"errorType":"Runtime.MarshalError","errorMessage":"cannot write the response: key must be a string","stackTrace":[]}
    GET …/invocation/next
    ----- stderr -----
    ERROR RequestId: id-1 NoText: id-1: no text
    ERROR RequestId: id-2 Runtime.MarshalError: cannot write the response: key must be a string
    "#);
}

#[test]
fn carries_payloads_of_many_sizes_unchanged() {
    let payload = |size: usize| format!("\"{}\"", "0123456789abcdé".repeat(size / 16));
    let sizes = [0, 100, 16 * 1024, 17_000, 100_000, 6 * 1024 * 1024, 50];
    let run = run(
        ECHO,
        sizes.iter().flat_map(|size| [Answer::event("id", &payload(*size)), Answer::accepted()]),
    );
    assert_eq!(run.requests.len(), 2 * sizes.len() + 1);
    for (index, size) in sizes.iter().enumerate() {
        assert!(run.requests[2 * index + 1].body == payload(*size).as_bytes(), "{size}");
    }
    assert_eq!((run.stderr.as_str(), run.connections), ("", 1));
}

#[test]
fn reads_responses_in_every_framing() {
    let id = "Lambda-Runtime-Aws-Request-Id: id\r\n";
    let chunked = |chunks: &str| {
        Answer::raw(format!("HTTP/1.1 200 OK\r\n{id}Transfer-Encoding: chunked\r\n\r\n{chunks}"))
    };
    let cases = [
        ("in pieces of one byte", Answer::event("id", "\"abc\"").in_pieces_of(1), 1),
        ("chunked", chunked("2\r\n\"a\r\n3;x=y\r\nbc\"\r\n0\r\n\r\n"), 1),
        (
            "chunked in pieces of one byte",
            chunked("2\r\n\"a\r\n3;x=y\r\nbc\"\r\n0\r\nA: b\r\n\r\n").in_pieces_of(1),
            1,
        ),
        (
            "ended by the end of the connection",
            Answer::raw(format!("HTTP/1.1 200 OK\r\n{id}\r\n\"abc\"")).then_close(),
            2,
        ),
        (
            "closed after the answer",
            {
                let head = format!("{id}Connection: close\r\n");
                Answer::event_with(&head, "\"abc\"").then_close()
            },
            2,
        ),
        (
            "HTTP/1.0",
            Answer::raw(format!("HTTP/1.0 200 OK\r\n{id}Content-Length: 5\r\n\r\n\"abc\""))
                .then_close(),
            2,
        ),
        (
            "after 100 Continue",
            Answer::raw(format!(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 -\r\nA: b\r\n\r\n\
                 HTTP/1.1 200 OK\r\n{id}Content-Length: 5\r\n\r\n\"abc\""
            )),
            1,
        ),
        (
            "the same length twice",
            Answer::raw(format!(
                "HTTP/1.1 200 OK\r\n{id}content-length: 5\r\nCONTENT-LENGTH: 5\r\n\r\n\"abc\""
            )),
            1,
        ),
        (
            "bytes after the end",
            Answer::raw(format!("HTTP/1.1 200 OK\r\n{id}Content-Length: 5\r\n\r\n\"abc\"junk")),
            2,
        ),
    ];
    for (name, answer, connections) in cases {
        let run = run(ECHO, [answer, Answer::accepted()]);
        assert_goes_on(&run, &[NEXT, "POST …/invocation/id/response \"abc\"", NEXT]);
        assert_eq!(run.connections, connections, "{name}");
    }
}

#[test]
fn repeats_a_request_if_the_connection_drops_without_a_response() {
    let run = run(
        ECHO,
        [
            Answer::event("id", "1"),
            Answer::hang_up(),
            Answer::accepted(),
            Answer::hang_up(),
            Answer::event("id", "2"),
            Answer::accepted(),
        ],
    );
    assert_run!(run, @"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response 1
    POST …/invocation/id/response 1
    GET …/invocation/next
    GET …/invocation/next
    POST …/invocation/id/response 2
    GET …/invocation/next
    ");
    assert_eq!(run.connections, 3);
}

#[test]
fn logs_a_response_that_is_not_accepted_and_goes_on() {
    for status in [400, 403, 410, 413] {
        let run = run(
            ECHO,
            [Answer::event("id", "1"), Answer::status(status, r#"{"errorMessage":"no"}"#)],
        );
        assert_eq!(run.calls(), [NEXT, "POST …/invocation/id/response 1", NEXT]);
        assert_eq!(
            run.stderr,
            format!(
                "ERROR RequestId: id the Lambda Runtime API answered `response` with {status}: \
                 {{\"errorMessage\":\"no\"}}\n"
            )
        );
    }
}

#[test]
fn exits_if_the_runtime_api_is_in_a_non_recoverable_state() {
    for status in [403, 500, 301] {
        assert_ends(
            &run(ECHO, [Answer::status(status, "no more")]),
            &[NEXT],
            &format!("error: the Lambda Runtime API answered `next` with {status}: no more\n"),
        );
    }
    assert_run!(run(ECHO, [Answer::event("id", "1"), Answer::status(500, "")]), @"
    exit code: 1
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response 1
    ----- stderr -----
    error: the Lambda Runtime API answered `response` with 500
    ");
}

#[test]
fn exits_if_an_event_has_no_usable_request_id() {
    for headers in
        ["", "Lambda-Runtime-Aws-Request-Id: \r\n", "Lambda-Runtime-Aws-Request-Id: a b\r\n"]
    {
        assert_ends(
            &run(ECHO, [Answer::event_with(headers, "1")]),
            &[NEXT],
            "error: the Lambda Runtime API sent an event without a valid \
             `Lambda-Runtime-Aws-Request-Id`\n",
        );
    }
}

#[test]
fn refuses_answers_that_are_not_http() {
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(97));
    let long = format!("HTTP/1.1 200 OK\r\nA: {}", "b".repeat(1024 * 1024));
    let cases = [
        ("SSH-2.0-OpenSSH\r\n\r\n", "the head cannot be read"),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "the length is not a number"),
        ("HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n", "the length is not a number"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
            "the body is longer than 64 MiB",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
            "the body is longer than 64 MiB",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "the `content-length` lines differ",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "it has both a length and chunks",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
            "the transfer encoding is not `chunked`",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            "the size of a chunk cannot be read",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
            "the body is longer than 64 MiB",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
            "a chunk is longer than its size",
        ),
        (&many, "the head has more than 96 lines"),
        (&long, "the head is longer than 1 MiB"),
    ];
    for (answer, what) in cases {
        let api = RuntimeApi::start([Answer::raw(answer)]);
        let message = format!(
            "error: lost the connection to the Lambda Runtime API at `{}`: the response is not valid HTTP/1.1: {what}\n",
            api.authority()
        );
        assert_ends(&api.run(&mut program(ECHO), 2), &[NEXT], &message);
    }
}

#[test]
fn exits_if_a_response_is_truncated() {
    let id = "Lambda-Runtime-Aws-Request-Id: id\r\n";
    for answer in [
        "HTTP/1.1 2".to_owned(),
        format!("HTTP/1.1 200 OK\r\n{id}Content-Length: 5\r\n\r\n\"ab"),
        format!("HTTP/1.1 200 OK\r\n{id}Transfer-Encoding: chunked\r\n\r\n5\r\n\"ab"),
        format!("HTTP/1.1 200 OK\r\n{id}Transfer-Encoding: chunked\r\n\r\n1\r\n1\r\n"),
        format!("HTTP/1.1 200 OK\r\n{id}Transfer-Encoding: chunked\r\n\r\n1\r\n1\r\n0\r\n"),
    ] {
        let api = RuntimeApi::start([Answer::raw(&answer).then_close()]);
        let message = format!(
            "error: lost the connection to the Lambda Runtime API at `{}`: the connection failed: \
             the connection ended in the middle of a response\n",
            api.authority()
        );
        assert_ends(&api.run(&mut program(ECHO), 2), &[NEXT], &message);
    }
}

#[test]
fn explains_itself_outside_of_lambda() {
    let output = program(ORDER).env_remove("AWS_LAMBDA_RUNTIME_API").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "");
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error: this program is an AWS Lambda function: it gets its events from the Lambda \
         Runtime API, whose address is missing (`AWS_LAMBDA_RUNTIME_API` is not set)\n\
         hint: try it here with `scaffold invoke`, or deploy it to AWS Lambda as `bootstrap` on \
         the `provided.al2023` runtime\n"
    );
}

#[test]
fn names_the_address_at_which_it_looked_for_the_runtime_api() {
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (authority, cause) in [
        (free.to_string(), "Connection refused (os error 111)"),
        ("localhost".to_owned(), "invalid socket address"),
    ] {
        let output = program(ORDER).env("AWS_LAMBDA_RUNTIME_API", &authority).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let stderr = String::from_utf8(output.stderr).unwrap();
        let message =
            format!("error: cannot connect to the Lambda Runtime API at `{authority}`: {cause}\n");
        // The cause is worded by the operating system.
        if cfg!(target_os = "linux") {
            assert_eq!(stderr, message);
        } else {
            assert!(stderr.starts_with("error: cannot connect"), "{stderr}");
        }
    }
}

/// An event for the function `faults`.
fn order(order: &str) -> Answer {
    Answer::event("id", &json!(order).to_string())
}

/// The call that reports a failure.
fn report(error_type: &str, message: &str, causes: &str) -> String {
    format!(
        r#"POST …/invocation/id/error {{"errorType":"{error_type}","errorMessage":"{message}","stackTrace":[{causes}]}}"#
    )
}

/// The position of `code` in the source of a function: `at file:line:column`.
fn position(file: &str, code: &str) -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("functions");
    let source = std::fs::read_to_string(folder.join(file)).unwrap();
    let (index, line) = source.lines().enumerate().find(|(_, line)| line.contains(code)).unwrap();
    format!("at tests/functions/{file}:{}:{}", index + 1, line.find(code).unwrap() + 1)
}

#[test]
fn reports_a_panic_and_goes_on() {
    let run = run(
        FAULTS,
        [
            order("panic at the disco"),
            Answer::accepted(),
            order("panic-any 123"),
            Answer::accepted(),
            order("hello"),
            Answer::accepted(),
        ],
    );
    let panic = position("faults.rs", "panic!(\"{rest}\")");
    let panic_any = position("faults.rs", "std::panic::panic_any(");
    assert_eq!(
        run.calls(),
        [
            NEXT,
            &report("Panic", "at the disco", &format!("{panic:?}")),
            NEXT,
            &report("Panic", "a value that is not text", &format!("{panic_any:?}")),
            NEXT,
            "POST …/invocation/id/response \"hello\"",
            NEXT,
        ]
    );
    assert_eq!(
        run.stderr,
        format!(
            "ERROR RequestId: id Panic: at the disco: {panic}\n\
             ERROR RequestId: id Panic: a value that is not text: {panic_any}\n"
        )
    );
}

#[test]
fn reports_a_panic_with_a_backtrace_when_asked_for_one() {
    let script = [order("panic now"), Answer::accepted()];
    let api = RuntimeApi::start(script);
    let run = api.run(program(FAULTS).env("RUST_LIB_BACKTRACE", "1"), 3);
    let body = String::from_utf8(run.requests[1].body.clone()).unwrap();
    assert!(body.contains("function_faults::obey"), "{body}");
    assert!(run.stderr.contains("function_faults::obey"), "{}", run.stderr);
}

#[test]
fn does_not_report_a_panic_that_the_function_survives() {
    let run = run(FAULTS, [order("panic-elsewhere"), Answer::accepted()]);
    assert_eq!(run.calls(), [NEXT, "POST …/invocation/id/response \"true\"", NEXT]);
    assert!(run.stderr.contains("panicked at tests/functions/faults.rs"), "{}", run.stderr);
}

#[test]
fn sends_the_error_type_in_the_form_that_lambda_counts() {
    for (error_type, header) in [
        ("OutOfStock", "Function.OutOfStock"),
        ("Function.OutOfStock", "Function.OutOfStock"),
        ("Runtime.Bad", "Runtime.Bad"),
        ("Out of\\r\\nX-Stock: \u{e9}", "Function.OutofrnXStock"),
        ("", "Function.Error"),
        ("\u{e9}", "Function.Error"),
        ("Runtime.", "Runtime.Error"),
    ] {
        let run = run(FAULTS, [order(&format!("fail {error_type}")), Answer::accepted()]);
        let request = &run.requests[1];
        assert_eq!(request.header("lambda-runtime-function-error-type"), Some(header));
    }
}

#[test]
fn sends_the_causes_to_x_ray() {
    let run = run(ORDER, [Answer::event("id", r#"{"item":"pen","count":""}"#), Answer::accepted()]);
    assert_eq!(
        run.requests[1].header("lambda-runtime-function-xray-error-cause"),
        Some(
            r#"{"working_directory":"","exceptions":[{"type":"OrderError","message":"the count is not a number","stack":[]},{"type":"cause","message":"cannot parse integer from empty string","stack":[]}],"paths":[]}"#
        )
    );
}

#[test]
fn keeps_a_report_within_limits() {
    let run = run(FAULTS, [order("long 1000000"), Answer::accepted()]);
    let message = format!("{}…", "é".repeat(8 * 1024));
    assert_eq!(run.calls()[1], report("Long", &message, ""));
    // Escaped as ASCII, all of it would exceed the limit of a header.
    assert_eq!(xray_messages(&run), ["é".repeat(2 * 1024)]);
    assert_eq!(run.calls()[2], NEXT);
}

/// The messages in the header for X-Ray, which is within its limit.
#[track_caller]
fn xray_messages(run: &Run) -> Vec<String> {
    let cause = run.requests[1].header("lambda-runtime-function-xray-error-cause").unwrap();
    assert!(cause.len() <= 32 * 1024 && cause.is_ascii(), "{} bytes", cause.len());
    let cause: serde_json::Value = serde_json::from_str(cause).unwrap();
    let exceptions = cause["exceptions"].as_array().unwrap();
    exceptions.iter().map(|it| it["message"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn sends_as_many_causes_to_x_ray_as_it_accepts() {
    let run = run(FAULTS, [order("long-causes 20"), Answer::accepted()]);
    let messages = xray_messages(&run);
    let cause = format!("{}…", "c".repeat(4 * 1024));
    assert_eq!(messages.len(), 8, "the error and seven of its causes");
    assert_eq!(messages[0], "as told");
    assert!(messages[1..].iter().all(|message| *message == cause));
}

#[test]
fn limits_the_type_of_an_error() {
    let run = run(FAULTS, [order(&format!("fail {}", "T".repeat(1_000_000))), Answer::accepted()]);
    let error_type = "T".repeat(256);
    assert_eq!(run.calls()[1], report(&format!("{error_type}…"), "as told", ""));
    let header = run.requests[1].header("lambda-runtime-function-error-type");
    assert_eq!(header, Some(format!("Function.{error_type}").as_str()));
}

#[test]
fn refuses_a_content_type_that_could_change_the_request() {
    let injected =
        "text/plain\r\nX-Injected: 1\r\n\r\nPOST /2018-06-01/runtime/init/error HTTP/1.1";
    for content_type in [injected, "text/plain\n", "a\rb", "a\u{7f}b", ""] {
        let api = RuntimeApi::start([Answer::event("id", "[3]"), Answer::accepted()]);
        let run = api.run(program(STREAM).env("CONTENT_TYPE", content_type), 3);
        let message = format!("a response cannot have the content type {content_type:?}");
        let message = message.replace('\\', "\\\\").replace('"', "\\\"");
        assert_eq!(run.calls(), [NEXT, &report("io::Error", &message, ""), NEXT]);
        assert_eq!(run.connections, 1);
    }
}

#[test]
fn refuses_an_address_that_could_change_the_requests() {
    for address in ["HOST/x HTTP/1.1\r\nX-Injected: 1", "HOST/a b", "HOST/a?b", "HOST/a#b", ""] {
        let api = RuntimeApi::start([]);
        let address = address.replace("HOST", &api.authority());
        let run = api.called(&address).run(&mut program(ECHO), 1);
        let message = format!(
            "error: `AWS_LAMBDA_RUNTIME_API` is not the address of a Lambda Runtime API: \
             {address:?}, expected `host:port`\n"
        );
        assert_ends(&run, &[], &message);
    }
}

#[test]
fn passes_on_the_client_context_the_identity_and_the_tenant() {
    let event = |headers: &str, order: &str| {
        Answer::event_with(
            &format!("Lambda-Runtime-Aws-Request-Id: id\r\n{headers}"),
            &format!("{order:?}"),
        )
    };
    let identity = "lambda-runtime-cognito-identity: \
                    {\"cognitoIdentityId\":\"me\",\"cognitoIdentityPoolId\":\"all\"}\r\n\
                    lambda-runtime-aws-tenant-id: blue\r\n";
    let run = run(
        FAULTS,
        [
            event("lambda-runtime-client-context: [1, 2]\r\n", "client"),
            Answer::accepted(),
            event("", "client"),
            Answer::accepted(),
            event("Lambda-Runtime-Client-Context: {\r\n", "client"),
            Answer::accepted(),
            event(identity, "identity"),
            Answer::accepted(),
            event("Lambda-Runtime-Cognito-Identity: {}\r\n", "identity"),
            Answer::accepted(),
        ],
    );
    let reply = |text: &str| format!("POST …/invocation/id/response {text:?}");
    assert_eq!(
        run.calls(),
        [
            NEXT,
            &reply("Some([1, 2])"),
            NEXT,
            &reply("None"),
            NEXT,
            &report(
                "Runtime.MalformedContext",
                "cannot read the client context: invalid type: map, expected a sequence at line 1 \
                 column 0",
                ""
            ),
            NEXT,
            &reply(
                r#"Some(CognitoIdentity { identity_id: "me", identity_pool_id: "all" }) Some("blue")"#
            ),
            NEXT,
            &report(
                "Runtime.MalformedContext",
                "cannot read the Cognito identity: missing field `cognitoIdentityId` at line 1 \
                 column 2",
                ""
            ),
            NEXT,
        ]
    );
}

#[test]
fn reports_an_init_that_fails_and_exits() {
    let script = [Answer::accepted()];
    let run = RuntimeApi::start(script).run(program(FAULTS).env("INIT", "fail"), 2);
    assert_run!(run, @r#"
    exit code: 1
    ----- calls -----
    POST …/init/error {"errorType":"ParseIntError","errorMessage":"invalid digit found in string","stackTrace":[]}
    ----- stderr -----
    ERROR ParseIntError: invalid digit found in string
    error: the function cannot start
    "#);
    assert_eq!(
        run.requests[0].header("lambda-runtime-function-error-type"),
        Some("Function.ParseIntError")
    );
}

#[test]
fn reports_an_init_that_panics_and_exits() {
    let script = [Answer::accepted()];
    let run = RuntimeApi::start(script).run(program(FAULTS).env("INIT", "panic"), 2);
    let position = position("faults.rs", "panic!(\"no table\")");
    assert_ends(
        &run,
        &[&format!(
            r#"POST …/init/error {{"errorType":"Panic","errorMessage":"no table","stackTrace":["{position}"]}}"#
        )],
        &format!("ERROR Panic: no table: {position}\nerror: the function cannot start\n"),
    );
}

#[test]
fn runs_init_once() {
    let script = [order("a"), Answer::accepted(), order("b"), Answer::accepted()];
    let run = RuntimeApi::start(script).run(program(FAULTS).env("INIT", "print"), 5);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("made once\n", ""));
}

#[test]
fn exits_if_the_function_exits() {
    let run = run(FAULTS, [order("exit 7")]);
    assert_run!(run, @"
    exit code: 7
    ----- calls -----
    GET …/invocation/next
    ");
}

#[test]
fn streams_a_response_in_chunks() {
    let run = run(
        STREAM,
        [
            Answer::event("id", "[3,1,17]"),
            Answer::accepted(),
            Answer::event("id", "[1]"),
            Answer::accepted(),
        ],
    );
    assert_run!(run, @r"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response 3\r\nxxx\r\n1\r\nx\r\n11\r\nxxxxxxxxxxxxxxxxx\r\n0
    GET …/invocation/next
    POST …/invocation/id/response 1\r\nx\r\n0
    GET …/invocation/next
    ");
    let headers = run.requests[1].headers.iter().map(|(name, value)| format!("{name}: {value}"));
    assert_eq!(
        headers.skip(2).collect::<Vec<_>>(),
        [
            "content-type: text/plain",
            "transfer-encoding: chunked",
            "lambda-runtime-function-response-mode: streaming",
            "trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
        ]
    );
    assert_eq!(run.connections, 1);
}

#[test]
fn sends_an_empty_response_for_an_empty_stream() {
    let run = run(STREAM, [Answer::event("id", "[]"), Answer::accepted()]);
    assert_run!(run, @"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response
    GET …/invocation/next
    ");
}

#[test]
fn reports_a_failure_before_the_first_byte_of_a_stream_as_an_error() {
    let run = run(STREAM, [Answer::event("id", "[0]"), Answer::accepted()]);
    assert_eq!(run.calls(), [NEXT, &report("Stopped", "at a zero", ""), NEXT]);
}

#[test]
fn reports_a_failure_in_mid_stream_in_the_trailer() {
    let panic = position("stream.rs", "panic!(");
    for (event, error_type, body, log) in [
        (
            "[2,0]",
            "Function.Stopped",
            r#"{"errorType":"Stopped","errorMessage":"at a zero","stackTrace":[]}"#.to_owned(),
            "Stopped: at a zero".to_owned(),
        ),
        (
            "[2,-1]",
            "Function.Panic",
            format!(
                r#"{{"errorType":"Panic","errorMessage":"below zero","stackTrace":["{panic}"]}}"#
            ),
            format!("Panic: below zero: {panic}"),
        ),
    ] {
        let body = BASE64_STANDARD.encode(body);
        let run = run(
            STREAM,
            [
                Answer::event("id", event),
                Answer::accepted(),
                Answer::event("id", "[1]"),
                Answer::accepted(),
            ],
        );
        let stream = format!(
            "2\r\nxx\r\n0\r\n\
             Lambda-Runtime-Function-Error-Type: {error_type}\r\n\
             Lambda-Runtime-Function-Error-Body: {body}"
        );
        assert_eq!(
            run.calls(),
            [
                NEXT,
                &format!("POST …/invocation/id/response {stream}"),
                NEXT,
                "POST …/invocation/id/response 1\r\nx\r\n0",
                NEXT
            ]
        );
        assert_eq!(run.stderr, format!("ERROR RequestId: id {log}\n"));
        assert_eq!(run.connections, 1);
    }
}

#[test]
fn shortens_an_error_in_the_trailer_to_what_servers_take() {
    for (causes, kept) in [(5, 5), (64, 25)] {
        let event = format!("[2,-{causes}]");
        let run = run(STREAM, [Answer::event("id", &event), Answer::accepted()]);
        let calls = run.calls();
        let (_, trailer) = calls[1].split_once("\r\n0\r\n").unwrap();
        assert!(trailer.len() < 4_000, "{} bytes", trailer.len());
        let (_, body) = trailer.split_once("Error-Body: ").unwrap();
        let error: serde_json::Value =
            serde_json::from_slice(&BASE64_STANDARD.decode(body).unwrap()).unwrap();
        assert_eq!(error["errorMessage"], "as told");
        assert_eq!(error["stackTrace"].as_array().unwrap().len(), kept);
    }
}

#[test]
fn streams_through_the_traits_of_tokio() {
    let api = RuntimeApi::start([Answer::event("id", "[3,3,9]"), Answer::accepted()]);
    assert_run!(api.run(program(STREAM).env("COPY", "1"), 3), @r"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response 3\r\nxxx\r\n3\r\nxxx\r\n9\r\nxxxxxxxxx\r\n0
    GET …/invocation/next
    ");
}

#[test]
fn ends_a_stream_whose_reader_leaves_and_goes_on() {
    // More than the buffers of the connection hold: it closes while the function still sends.
    let sizes = vec!["1000000"; 50].join(",");
    let run = run(
        STREAM,
        [
            Answer::event("id", &format!("[{sizes}]")),
            Answer::raw("").before_the_body(),
            Answer::event("id", "[1]"),
            Answer::accepted(),
        ],
    );
    assert_eq!(run.calls()[2..], [NEXT, "POST …/invocation/id/response 1\r\nx\r\n0", NEXT]);
    assert!(run.stderr.starts_with("ERROR RequestId: id io::Error: "), "{}", run.stderr);
    assert_eq!(run.connections, 2);
}

#[test]
fn streams_on_a_new_connection_if_the_old_one_was_closed() {
    let run = run(
        STREAM,
        [
            Answer::event_with("Lambda-Runtime-Aws-Request-Id: id\r\nConnection: close\r\n", "[1]")
                .then_close(),
            Answer::accepted(),
        ],
    );
    assert_run!(run, @r"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response 1\r\nx\r\n0
    GET …/invocation/next
    ");
    assert_eq!(run.connections, 2);
}

#[test]
fn reads_a_refusal_that_comes_before_the_response_was_read() {
    // Lambda does so with more than 6 MB.
    let run = run(
        ECHO,
        [
            Answer::event("id", &format!("\"{}\"", "x".repeat(7 * 1024 * 1024))),
            Answer::status(413, "too large").before_the_body(),
            Answer::event("id", "1"),
            Answer::accepted(),
        ],
    );
    assert_eq!(run.calls()[2..], [NEXT, "POST …/invocation/id/response 1", NEXT]);
    assert!(run.stderr.starts_with("ERROR RequestId: id "), "{}", run.stderr);
}

/// Windows buffers all of it, so the function would not notice.
#[cfg(unix)]
#[test]
fn stops_sending_a_response_that_nobody_reads_once_it_is_answered() {
    let run = run(
        ECHO,
        [
            Answer::event("a", &format!("\"{}\"", "x".repeat(7 * 1024 * 1024))),
            Answer::status(413, "too large").in_place_of_reading(),
            Answer::event("b", "1"),
            Answer::accepted(),
        ],
    );
    assert_eq!(run.calls()[2..], [NEXT, "POST …/invocation/b/response 1", NEXT]);
    assert_eq!(
        run.stderr,
        "ERROR RequestId: a the Lambda Runtime API answered `response` with 413: too large\n"
    );
    assert_eq!(run.connections, 2);
}

#[test]
fn writes_its_log_as_json_if_asked_to() {
    let api = RuntimeApi::start([order("fail Bad"), Answer::accepted()]);
    let run = api.run(program(FAULTS).env("AWS_LAMBDA_LOG_FORMAT", "JSON"), 3);
    let line: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    let timestamp = line["timestamp"].as_str().unwrap();
    assert_eq!(
        run.stderr,
        format!(
            "{{\"timestamp\":\"{timestamp}\",\"level\":\"ERROR\",\"requestId\":\"id\",\
             \"message\":\"Bad: as told\"}}\n"
        )
    );
    assert!(timestamp.starts_with("20") && timestamp.ends_with('Z'), "{timestamp}");
}

#[test]
fn handles_as_many_events_at_a_time_as_the_environment_says() {
    let event = |id: &str, order: &str| Answer::event(id, &format!("{order:?}"));
    let folder = tempfile::tempdir().unwrap();
    let gate = folder.path().join("gate");
    let script = [
        event("slow", &format!("wait {}", gate.display())),
        event("quick-1", "panic no"),
        Answer::accepted(),
        event("quick-2", "b"),
        Answer::accepted(),
        // The quick one waits for an event; the slow one goes on.
        Answer::wait(),
        Answer::accepted(),
    ];
    let mut script = script.into_iter();
    let api = RuntimeApi::answering(move |_| {
        if script.len() == 2 {
            std::fs::write(&gate, "").unwrap();
        }
        script.next()
    });
    let run = api.run(program(FAULTS).env("AWS_LAMBDA_MAX_CONCURRENCY", "2"), 8);
    let panic = position("faults.rs", "panic!(\"{rest}\")");
    let failed = report("Panic", "no", &format!("{panic:?}")).replace("/id/", "/quick-1/");
    assert_eq!(
        run.calls(),
        [
            NEXT,
            NEXT,
            &failed,
            NEXT,
            "POST …/invocation/quick-2/response \"b\"",
            NEXT,
            "POST …/invocation/slow/response \"waited\"",
            NEXT
        ]
    );
    assert_eq!(
        run.stderr,
        format!("INFO 2 invocations at a time\nERROR RequestId: quick-1 Panic: no: {panic}\n")
    );
    assert_eq!(run.connections, 2);
}

#[test]
fn asks_again_after_an_error_while_other_invocations_go_on() {
    let script = [
        Answer::wait(),
        Answer::status(500, "enough"),
        Answer::hang_up(),
        Answer::event("id", "\"hello\""),
        Answer::status(500, "again"),
    ];
    let api = RuntimeApi::start(script);
    let run = api.run(program(FAULTS).env("AWS_LAMBDA_MAX_CONCURRENCY", "2"), 6);
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    GET …/invocation/next
    GET …/invocation/next
    GET …/invocation/next
    POST …/invocation/id/response "hello"
    GET …/invocation/next
    ----- stderr -----
    INFO 2 invocations at a time
    ERROR the Lambda Runtime API answered `next` with 500: enough
    ERROR the Lambda Runtime API answered `response` with 500: again
    "#);
}

#[test]
fn exits_if_no_invocation_can_go_on() {
    let api = RuntimeApi::answering(|_| Some(Answer::status(500, "enough")));
    let run = api.run(program(FAULTS).env("AWS_LAMBDA_MAX_CONCURRENCY", "2"), 13);
    assert_run!(run, @"
    exit code: 1
    ----- calls -----
    GET …/invocation/next
    GET …/invocation/next
    GET …/invocation/next
    GET …/invocation/next
    GET …/invocation/next
    GET …/invocation/next
    GET …/invocation/next
    GET …/invocation/next
    GET …/invocation/next
    GET …/invocation/next
    GET …/invocation/next
    GET …/invocation/next
    ----- stderr -----
    INFO 2 invocations at a time
    ERROR the Lambda Runtime API answered `next` with 500: enough
    ERROR the Lambda Runtime API answered `next` with 500: enough
    ERROR the Lambda Runtime API answered `next` with 500: enough
    ERROR the Lambda Runtime API answered `next` with 500: enough
    ERROR the Lambda Runtime API answered `next` with 500: enough
    ERROR the Lambda Runtime API answered `next` with 500: enough
    ERROR the Lambda Runtime API answered `next` with 500: enough
    ERROR the Lambda Runtime API answered `next` with 500: enough
    ERROR the Lambda Runtime API answered `next` with 500: enough
    ERROR the Lambda Runtime API answered `next` with 500: enough
    ERROR the Lambda Runtime API answered `next` with 500: enough
    error: the Lambda Runtime API answered `next` with 500: enough
    ");
}

#[test]
fn gives_the_reason_before_it_waits_for_blocking_tasks() {
    let api = RuntimeApi::start([Answer::event("id", "\"block\""), Answer::status(500, "enough")]);
    let run = api.run(&mut program(FAULTS), 3);
    assert_run!(run, @r#"
    exit code: 1
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response ""
    ----- stderr -----
    error: the Lambda Runtime API answered `response` with 500: enough
    "#);
}

#[cfg(unix)]
#[test]
fn runs_the_shutdown_hook_on_sigterm_and_exits_with_0() {
    let registered = "HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: me\r\n\
                      Content-Length: 2\r\n\r\n{}";
    // Two calls wait: that of the extension, and that of the runtime.
    let api = RuntimeApi::start([Answer::raw(registered), Answer::wait(), Answer::wait()]);
    let run = api.run_then(program(OBSERVED).env("FAREWELL", "1"), 3, |function, _| {
        let kill = program("kill").arg(function.id().to_string()).status().unwrap();
        assert!(kill.success());
    });
    let mut calls = run.calls();
    calls[1..].sort();
    assert_eq!(
        calls,
        [
            r#"POST /2020-01-01/extension/register {"events":[]}"#,
            "GET /2020-01-01/extension/event/next",
            NEXT
        ]
    );
    // The function has two hooks.
    assert_eq!(run.requests[0].header("lambda-extension-name"), Some("lambda-native-shutdown"));
    let next = run.requests.iter().find(|request| request.call.contains("event/next")).unwrap();
    assert_eq!(next.header("lambda-extension-identifier"), Some("me"));
    assert_eq!(run.stdout, "farewell\n");
    assert_eq!(run.status.and_then(|status| status.code()), Some(0));
}

#[test]
fn exits_if_the_extension_has_no_identifier() {
    let registered =
        "HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: \r\nContent-Length: 2\r\n\r\n{}";
    let api = RuntimeApi::start([Answer::raw(registered), Answer::accepted()]);
    let run = api.run(program(OBSERVED).env("FAREWELL", "1"), 3);
    assert_run!(run, @r#"
    exit code: 1
    ----- calls -----
    POST /2020-01-01/extension/register {"events":[]}
    POST …/init/error {"errorType":"RuntimeError","errorMessage":"the Lambda Extensions API sent no valid `Lambda-Extension-Identifier`","stackTrace":[]}
    ----- stderr -----
    INFO function_observed: starting
    ERROR RuntimeError: the Lambda Extensions API sent no valid `Lambda-Extension-Identifier`
    error: the function cannot start
    "#);
}

#[test]
fn exits_if_the_extension_is_refused() {
    let api = RuntimeApi::start([Answer::status(403, "too late"), Answer::accepted()]);
    let run = api.run(program(OBSERVED).env("FAREWELL", "1"), 3);
    assert_run!(run, @r#"
    exit code: 1
    ----- calls -----
    POST /2020-01-01/extension/register {"events":[]}
    POST …/init/error {"errorType":"RuntimeError","errorMessage":"the Lambda Runtime API answered `extension/register` with 403: too late","stackTrace":[]}
    ----- stderr -----
    INFO function_observed: starting
    ERROR RuntimeError: the Lambda Runtime API answered `extension/register` with 403: too late
    error: the function cannot start
    "#);
}

#[test]
fn logs_through_tracing_as_text() {
    let run = run(OBSERVED, [Answer::event("id", "3"), Answer::accepted()]);
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response 4
    GET …/invocation/next
    ----- stderr -----
    INFO function_observed: starting
    WARN RequestId: id function_observed: answer{number=3}: a "number" number=3 odd=true name="test"
    "#);
}

#[test]
fn logs_with_the_request_id_of_the_span_on_any_thread() {
    let script = [
        Answer::event("first", "100"),
        Answer::accepted(),
        Answer::event("second", "101"),
        Answer::accepted(),
    ];
    let run = run(OBSERVED, script);
    let lines = |text: &str| -> Vec<String> {
        run.stderr.lines().filter(|line| line.contains(text)).map(str::to_owned).collect()
    };
    let place = "function_observed: answer{number=100}:";
    assert_eq!(lines("late"), [format!("INFO RequestId: first {place} late")]);
    // It was not spawned in the span.
    assert_eq!(lines("alone"), ["INFO function_observed: alone"]);
}

#[test]
fn logs_through_tracing_as_json() {
    let api = RuntimeApi::start([Answer::event("id", "3"), Answer::accepted()]);
    let run = api.run(
        program(OBSERVED).env("AWS_LAMBDA_LOG_FORMAT", "JSON").env("AWS_LAMBDA_LOG_LEVEL", "debug"),
        3,
    );
    let mut lines = Vec::new();
    for line in run.stderr.lines() {
        let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
        let timestamp = line.as_object_mut().unwrap().remove("timestamp").unwrap();
        assert_eq!(timestamp.as_str().unwrap().len(), "2026-01-31T23:59:59.123Z".len());
        lines.push(line);
    }
    let target = "function_observed";
    assert_eq!(
        lines,
        [
            json!({"level": "INFO", "target": target, "message": "starting"}),
            json!({
                "level": "DEBUG", "requestId": "id", "target": target,
                "spans": [{"name": "answer", "number": 3}], "message": "not wanted",
            }),
            json!({
                "level": "WARN", "requestId": "id", "target": target,
                "spans": [{"name": "answer", "number": 3}], "message": "a \"number\"",
                "fields": {"number": 3, "odd": true, "name": "\"test\""},
            }),
        ]
    );
}

#[test]
fn logs_records_of_the_log_crate_and_the_fields_of_spans() {
    let event = || [Answer::event("id", "7"), Answer::accepted()];
    assert_run!(run(OBSERVED, event()), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response 8
    GET …/invocation/next
    ----- stderr -----
    INFO function_observed: starting
    WARN RequestId: id function_observed: answer{number=7}: a "number" number=7 odd=true name="test"
    WARN RequestId: id library: answer{number=7}: from \u{1b}[31mlog
    ERROR RequestId: id noisy: answer{number=7}: two
    lines type=1.5
    INFO RequestId: id function_observed: answer{number=7}:inner{step="a b" late=2}: within
    "#);

    let api = RuntimeApi::start(event());
    let run = api.run(program(OBSERVED).env("AWS_LAMBDA_LOG_FORMAT", "JSON"), 3);
    let lines = run.stderr.lines().skip(2).map(|line| {
        let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["timestamp"] = "".into();
        line.to_string() + "\n"
    });
    insta::assert_snapshot!(lines.collect::<String>(), @r#"
    {"level":"WARN","message":"from \u001b[31mlog","requestId":"id","spans":[{"name":"answer","number":7}],"target":"library","timestamp":""}
    {"fields":{"type":1.5},"level":"ERROR","message":"two\nlines","requestId":"id","spans":[{"name":"answer","number":7}],"target":"noisy","timestamp":""}
    {"level":"INFO","message":"within","requestId":"id","spans":[{"name":"answer","number":7},{"late":2,"name":"inner","step":"a b"}],"target":"function_observed","timestamp":""}
    "#);
}

#[test]
fn rust_log_decides_what_is_logged_by_level_and_target() {
    let stderr = |level: &str, filter: &str| {
        let api = RuntimeApi::start([Answer::event("id", "7"), Answer::accepted()]);
        let mut function = program(OBSERVED);
        api.run(function.env("AWS_LAMBDA_LOG_LEVEL", level).env("RUST_LOG", filter), 3).stderr
    };
    insta::assert_snapshot!(stderr("TRACE", "warn,noisy=off,library=debug"), @r#"
    WARN RequestId: id function_observed: a "number" number=7 odd=true name="test"
    WARN RequestId: id library: from \u{1b}[31mlog
    "#);
    insta::assert_snapshot!(stderr("FATAL", "function_observed=debug"), @r#"
    INFO function_observed: starting
    DEBUG RequestId: id function_observed: answer{number=7}: not wanted
    WARN RequestId: id function_observed: answer{number=7}: a "number" number=7 odd=true name="test"
    INFO RequestId: id function_observed: answer{number=7}:inner{step="a b" late=2}: within
    "#);
    insta::assert_snapshot!(stderr("WARN", "a=b=c"), @r#"
    WARN `RUST_LOG` is ignored: "a=b=c" is not a list like `info,my_crate=debug`
    WARN RequestId: id function_observed: a "number" number=7 odd=true name="test"
    WARN RequestId: id library: from \u{1b}[31mlog
    ERROR RequestId: id noisy: two
    lines type=1.5
    "#);
}

/// Runs the function with hooks around its snapshot.
fn snap_start(script: impl IntoIterator<Item = Answer>, fail: &str, requests: usize) -> Run {
    let mut function = program(env!("CARGO_BIN_EXE_function-snap-start"));
    function.env("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start").env("FAIL", fail);
    RuntimeApi::start(script).run(&mut function, requests)
}

#[test]
fn runs_the_hooks_around_the_snapshot() {
    let script = [Answer::status(200, ""), Answer::event("id", "\"hello\""), Answer::accepted()];
    let run = snap_start(script, "", 4);
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/restore/next
    GET …/invocation/next
    POST …/invocation/id/response "hello"
    GET …/invocation/next
    ----- stdout -----
    init, snapshot
    before: second
    before: first
    after: first
    after: second
    "#);
    // The connection from before the snapshot is closed.
    assert_eq!(run.connections, 2);
}

#[test]
fn runs_no_hook_without_a_snapshot() {
    assert_run!(run(env!("CARGO_BIN_EXE_function-snap-start"), [Answer::event("id", "\"hello\""), Answer::accepted()]), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response "hello"
    GET …/invocation/next
    ----- stdout -----
    init, no snapshot
    "#);
}

#[test]
fn reports_a_hook_that_fails_in_its_phase() {
    assert_run!(snap_start([Answer::accepted()], "before", 2), @r#"
    exit code: 1
    ----- calls -----
    POST …/init/error {"errorType":"HookFailed","errorMessage":"before second","stackTrace":[]}
    ----- stdout -----
    init, snapshot
    before: second
    ----- stderr -----
    ERROR HookFailed: before second
    error: the function cannot start
    "#);
    let script = || [Answer::status(200, ""), Answer::accepted()];
    assert_run!(snap_start(script(), "after", 3), @r#"
    exit code: 1
    ----- calls -----
    GET …/restore/next
    POST …/restore/error {"errorType":"HookFailed","errorMessage":"after first","stackTrace":[]}
    ----- stdout -----
    init, snapshot
    before: second
    before: first
    after: first
    ----- stderr -----
    ERROR HookFailed: after first
    error: the function cannot start
    "#);
    let run = snap_start(script(), "panic", 3);
    let panic = position("snap_start.rs", "panic!(");
    let report = report("Panic", "in a hook", &format!("{panic:?}"));
    assert_eq!(run.calls()[1], report.replace("invocation/id", "restore"));
    assert_eq!(run.status.and_then(|status| status.code()), Some(1));
}

#[test]
fn exits_if_the_snapshot_is_not_restored() {
    assert_run!(snap_start([Answer::status(500, "no room")], "", 2), @r#"
    exit code: 1
    ----- calls -----
    GET …/restore/next
    ----- stdout -----
    init, snapshot
    before: second
    before: first
    ----- stderr -----
    error: the Lambda Runtime API answered `restore/next` with 500: no room
    "#);
}

/// An event for the function `faults`, with more header lines than the request id.
fn order_with(headers: &str, order: &str) -> Answer {
    let headers = format!("Lambda-Runtime-Aws-Request-Id: id\r\n{headers}");
    Answer::event_with(&headers, &json!(order).to_string())
}

/// The call with a response of the function `faults`.
fn reply(text: &str) -> String {
    format!("POST …/invocation/id/response {text:?}")
}

#[test]
fn shares_the_state_of_an_async_init_among_all_invocations() {
    let basket = |payload: &str| Answer::event("id", payload);
    let script = [
        basket(r#"{"items":[{"price":2},{"price":5}]}"#),
        Answer::accepted(),
        basket(r#"{"items":[],"by name":{"tea":{"price":4,"kind":"tea","size":[1,2]}}}"#),
        Answer::accepted(),
    ];
    let run = RuntimeApi::start(script).run(program(SHOP).env("RATE", "3"), 5);
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response {"total":21,"call":1}
    GET …/invocation/next
    POST …/invocation/id/response {"total":12,"call":2}
    GET …/invocation/next
    "#);
    assert_eq!(run.connections, 1);
}

const NO_RATE: &str = r#"POST …/init/error {"errorType":"NoRate","errorMessage":"the rate is not known","stackTrace":["environment variable not found"]}"#;
const NO_RATE_LOG: &str = "ERROR NoRate: the rate is not known: environment variable not found\n";

#[test]
fn reports_an_async_init_that_fails_with_its_causes() {
    let run = RuntimeApi::start([Answer::accepted()]).run(&mut program(SHOP), 2);
    assert_run!(run, @r#"
    exit code: 1
    ----- calls -----
    POST …/init/error {"errorType":"NoRate","errorMessage":"the rate is not known","stackTrace":["environment variable not found"]}
    ----- stderr -----
    ERROR NoRate: the rate is not known: environment variable not found
    error: the function cannot start
    "#);
}

#[test]
fn exits_with_the_reason_if_the_report_of_init_is_refused() {
    for status in [403, 500] {
        let script = [Answer::status(status, "no")];
        let run = RuntimeApi::start(script).run(&mut program(SHOP), 2);
        let refused =
            format!("error: the Lambda Runtime API answered `init/error` with {status}: no\n");
        assert_ends(&run, &[NO_RATE], &format!("{NO_RATE_LOG}{refused}"));
    }
}

#[test]
fn repeats_the_report_of_init_if_the_connection_drops_without_a_response() {
    let script = [Answer::hang_up(), Answer::accepted()];
    let run = RuntimeApi::start(script).run(&mut program(SHOP), 3);
    assert_run!(run, @r#"
    exit code: 1
    ----- calls -----
    POST …/init/error {"errorType":"NoRate","errorMessage":"the rate is not known","stackTrace":["environment variable not found"]}
    POST …/init/error {"errorType":"NoRate","errorMessage":"the rate is not known","stackTrace":["environment variable not found"]}
    ----- stderr -----
    ERROR NoRate: the rate is not known: environment variable not found
    error: the function cannot start
    "#);
}

#[test]
fn logs_an_init_that_fails_as_json_without_a_request_id() {
    let script = [Answer::accepted()];
    let run = RuntimeApi::start(script)
        .run(program(FAULTS).env("INIT", "fail").env("AWS_LAMBDA_LOG_FORMAT", "JSON"), 2);
    let (line, rest) = run.stderr.split_once('\n').unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(
        line,
        json!({
            "timestamp": line["timestamp"],
            "level": "ERROR",
            "message": "ParseIntError: invalid digit found in string",
        })
    );
    assert_eq!(rest, "error: the function cannot start\n");
}

#[test]
fn logs_a_panic_as_one_line_of_json() {
    let api = RuntimeApi::start([order("panic in two\nlines"), Answer::accepted()]);
    let run = api.run(program(FAULTS).env("AWS_LAMBDA_LOG_FORMAT", "json"), 3);
    let panic = position("faults.rs", "panic!(\"{rest}\")");
    assert_eq!(
        run.calls(),
        [NEXT, &report("Panic", "in two\\nlines", &format!("{panic:?}")), NEXT]
    );
    assert_eq!(run.stderr.lines().count(), 1);
    let line: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(
        line,
        json!({
            "timestamp": line["timestamp"],
            "level": "ERROR",
            "requestId": "id",
            "message": format!("Panic: in two\nlines: {panic}"),
        })
    );
}

#[test]
fn logs_a_response_that_is_not_accepted_as_json() {
    let api = RuntimeApi::start([order("a"), Answer::status(413, "too \"large\"")]);
    let run = api.run(program(FAULTS).env("AWS_LAMBDA_LOG_FORMAT", "JSON"), 3);
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response "a"
    GET …/invocation/next
    ----- stderr -----
    {"timestamp":"[TIMESTAMP]","level":"ERROR","requestId":"id","message":"the Lambda Runtime API answered `response` with 413: too \"large\""}
    "#);
    let line: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(
        line["message"],
        "the Lambda Runtime API answered `response` with 413: too \"large\""
    );
    assert_eq!(line["requestId"], "id");
}

/// Answers the report of a failure with `status`.
fn run_with_answer_to_error(status: u16) -> Run {
    run(FAULTS, [order("fail Bad"), Answer::status(status, "because")])
}

#[track_caller]
fn assert_goes_on_after_answer_to_error(status: u16) {
    let run = run_with_answer_to_error(status);
    assert_eq!(run.calls(), [NEXT, &report("Bad", "as told", ""), NEXT]);
    assert_eq!(
        run.stderr,
        format!(
            "ERROR RequestId: id the Lambda Runtime API answered `error` with {status}: because\n\
             ERROR RequestId: id Bad: as told\n"
        )
    );
    assert!(run.status.is_none() && run.connections == 1);
}

#[test]
fn goes_on_if_the_report_of_a_failure_is_a_bad_request() {
    assert_goes_on_after_answer_to_error(400);
}

#[test]
fn goes_on_if_the_report_of_a_failure_is_forbidden() {
    assert_goes_on_after_answer_to_error(403);
}

#[test]
fn goes_on_if_the_report_of_a_failure_is_late() {
    assert_goes_on_after_answer_to_error(410);
}

#[test]
fn goes_on_if_the_report_of_a_failure_is_too_large() {
    assert_goes_on_after_answer_to_error(413);
}

#[test]
fn exits_if_the_report_of_a_failure_meets_a_non_recoverable_state() {
    assert_ends(
        &run_with_answer_to_error(500),
        &[NEXT, &report("Bad", "as told", "")],
        "ERROR RequestId: id Bad: as told\n\
         error: the Lambda Runtime API answered `error` with 500: because\n",
    );
}

#[test]
fn accepts_every_status_of_success_for_a_response() {
    let run = run(
        FAULTS,
        [order("a"), Answer::status(200, "{}"), order("b"), Answer::raw("HTTP/1.1 204 -\r\n\r\n")],
    );
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response "a"
    GET …/invocation/next
    POST …/invocation/id/response "b"
    GET …/invocation/next
    "#);
    assert_eq!(run.connections, 1);
}

#[test]
fn exits_if_next_is_answered_with_202() {
    assert_run!(run(ECHO, [Answer::accepted(), Answer::accepted()]), @"
    exit code: 1
    ----- calls -----
    GET …/invocation/next
    ----- stderr -----
    error: the Lambda Runtime API answered `next` with 202
    ");
}

#[test]
fn exits_if_a_response_is_redirected() {
    assert_run!(run(FAULTS, [order("a"), Answer::status(307, "")]), @r#"
    exit code: 1
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response "a"
    ----- stderr -----
    error: the Lambda Runtime API answered `response` with 307
    "#);
}

#[test]
fn skips_100_continue_before_the_answer_to_a_response() {
    let taken = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
    let run = run(FAULTS, [order("a"), Answer::raw(taken), order("b"), Answer::accepted()]);
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response "a"
    GET …/invocation/next
    POST …/invocation/id/response "b"
    GET …/invocation/next
    "#);
    assert_eq!(run.connections, 1);
}

#[test]
fn reconnects_after_close_in_a_list_of_options() {
    let event = order_with("Connection: x, Close\r\n", "a");
    let run = run(FAULTS, [event, Answer::accepted()]);
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response "a"
    GET …/invocation/next
    "#);
    assert_eq!(run.connections, 2);
}

#[test]
fn gives_up_if_the_connection_drops_twice() {
    let api = RuntimeApi::start([Answer::hang_up(), Answer::hang_up()]);
    let run = api.run(&mut program(ECHO), 3);
    assert_run!(run, @"
    exit code: 1
    ----- calls -----
    GET …/invocation/next
    GET …/invocation/next
    ----- stderr -----
    error: lost the connection to the Lambda Runtime API at `[ADDRESS]`: the connection was closed without a response
    ");
    assert_eq!(run.connections, 2);
}

#[test]
fn does_not_repeat_a_response_that_was_answered_in_part() {
    let api =
        RuntimeApi::start([Answer::event("id", "1"), Answer::raw("HTTP/1.1 202 Acc").then_close()]);
    let run = api.run(&mut program(ECHO), 3);
    assert_run!(run, @"
    exit code: 1
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response 1
    ----- stderr -----
    error: lost the connection to the Lambda Runtime API at `[ADDRESS]`: the connection failed: the connection ended in the middle of a response
    ");
}

#[test]
fn does_not_take_bytes_after_a_response_for_another_response() {
    let taken = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
    let run = run(
        FAULTS,
        [
            order("a"),
            Answer::raw(format!("{taken}HTTP/1.1 500 -\r\nContent-Length: 0\r\n\r\n")),
            order("b"),
            Answer::accepted(),
        ],
    );
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response "a"
    GET …/invocation/next
    POST …/invocation/id/response "b"
    GET …/invocation/next
    "#);
    assert_eq!(run.connections, 2);
}

#[cfg(target_os = "linux")]
#[test]
fn exits_if_the_runtime_api_is_gone_when_it_reconnects() {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let function = program(ECHO)
        .env("AWS_LAMBDA_RUNTIME_API", &authority)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stream, _) = listener.accept().unwrap();
    assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
    drop(listener);
    let event = "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id\r\n\
                 Connection: close\r\nContent-Length: 1\r\n\r\n1";
    stream.write_all(event.as_bytes()).unwrap();
    let output = function.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        format!(
            "error: cannot connect to the Lambda Runtime API at `{authority}`: \
             Connection refused (os error 111)\n"
        )
    );
}

/// An event whose head has `size` bytes.
fn event_with_head_of(size: usize) -> Answer {
    let head = |filler: &str| {
        format!(
            "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id\r\n\
             Lambda-Runtime-Client-Context: \"{filler}\"\r\nContent-Length: 3\r\n\r\n"
        )
    };
    let filler = "x".repeat(size - head("").len());
    Answer::raw(head(&filler) + "\"a\"")
}

#[test]
fn reads_a_head_of_1_mib() {
    let run = run(FAULTS, [event_with_head_of(1024 * 1024), Answer::accepted()]);
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response "a"
    GET …/invocation/next
    "#);
}

#[test]
fn refuses_a_head_of_more_than_1_mib() {
    let api = RuntimeApi::start([event_with_head_of(1024 * 1024 + 1)]);
    assert_run!(api.run(&mut program(FAULTS), 2), @"
    exit code: 1
    ----- calls -----
    GET …/invocation/next
    ----- stderr -----
    error: lost the connection to the Lambda Runtime API at `[ADDRESS]`: the response is not valid HTTP/1.1: the head is longer than 1 MiB
    ");
}

#[test]
fn ignores_a_header_that_is_not_utf_8() {
    let head = "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id\r\nLambda-Runtime-Trace-Id: ";
    let event = [head.as_bytes(), b"\xff\r\nContent-Length: 7\r\n\r\n\"trace\""].concat();
    let run = run(FAULTS, [Answer::raw(event), Answer::accepted()]);
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response "None"
    GET …/invocation/next
    "#);
}

#[test]
fn exits_if_a_request_id_is_not_utf_8() {
    let event =
        b"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: \xff\r\nContent-Length: 1\r\n\r\n1";
    assert_run!(run(ECHO, [Answer::raw(event)]), @"
    exit code: 1
    ----- calls -----
    GET …/invocation/next
    ----- stderr -----
    error: the Lambda Runtime API sent an event without a valid `Lambda-Runtime-Aws-Request-Id`
    ");
}

#[test]
fn passes_the_trace_id_of_each_event() {
    let trace = |id: &str| order_with(&format!("LAMBDA-runtime-TRACE-ID: {id}\r\n"), "trace");
    let run = run(
        FAULTS,
        [
            trace("Root=1-a;Parent=b;Sampled=1"),
            Answer::accepted(),
            trace("Root=1-c"),
            Answer::accepted(),
            order("trace"),
            Answer::accepted(),
        ],
    );
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response "Some(\"Root=1-a;Parent=b;Sampled=1\")"
    GET …/invocation/next
    POST …/invocation/id/response "Some(\"Root=1-c\")"
    GET …/invocation/next
    POST …/invocation/id/response "Some(\"Root=1-5759e988-bd862e3fe1be46a994272793\")"
    GET …/invocation/next
    "#);
}

/// The deadline that the function sees, and the remaining thousands of seconds.
#[track_caller]
fn assert_deadline(header: &str, expected: &str) {
    let run = run(
        FAULTS,
        [
            order_with(&format!("Lambda-Runtime-Deadline-Ms: {header}\r\n"), "time"),
            Answer::accepted(),
        ],
    );
    assert_goes_on(&run, &[NEXT, &reply(expected), NEXT]);
}

#[test]
fn has_no_time_left_after_the_deadline() {
    assert_deadline("1500", "Some(1.5s) Some(0)");
}

/// The times of Windows do not reach that far.
#[cfg(unix)]
#[test]
fn accepts_the_latest_possible_deadline() {
    let remaining = 18_446_744_073_709_551 - now();
    assert_deadline(
        "18446744073709551615",
        &format!("Some(18446744073709551.615s) Some({})", remaining / 1_000),
    );
}

#[cfg(unix)]
fn now() -> u64 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs()
}

#[test]
fn has_no_deadline_if_the_header_is_not_a_number() {
    for header in ["", "soon", "-1", "1.5", "18446744073709551616"] {
        assert_deadline(header, "None None");
    }
}

#[test]
fn ignores_a_malformed_client_context_that_nobody_reads() {
    let headers = "Lambda-Runtime-Client-Context: {\r\nLambda-Runtime-Cognito-Identity: [\r\n";
    let run = run(FAULTS, [order_with(headers, "a"), Answer::accepted()]);
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response "a"
    GET …/invocation/next
    "#);
}

/// The call that reports a basket that cannot be read.
#[track_caller]
fn assert_unreadable(basket: &str, message: &str) {
    let api = RuntimeApi::start([Answer::event("id", basket), Answer::accepted()]);
    let run = api.run(program(SHOP).env("RATE", "1"), 3);
    let message = format!("cannot read the event{message}");
    let escaped = serde_json::to_string(&message).unwrap();
    let report = report("Runtime.UnmarshalError", escaped.trim_matches('"'), "");
    assert_eq!(run.calls(), [NEXT, &report, NEXT]);
    assert_eq!(run.stderr, format!("ERROR RequestId: id Runtime.UnmarshalError: {message}\n"));
}

#[test]
fn names_the_path_to_a_value_of_another_type() {
    assert_unreadable(
        r#"{"items":[{"price":1},{"price":2},{"price":"x"}]}"#,
        " at `items[2].price`: invalid type: string \"x\", expected u32 at line 1 column 46",
    );
}

#[test]
fn names_the_path_to_a_value_out_of_range() {
    assert_unreadable(
        "{\n  \"items\": [\n    { \"price\": -1 }\n  ]\n}",
        " at `items[0].price`: invalid value: integer `-1`, expected u32 at line 3 column 17",
    );
}

#[test]
fn names_the_path_to_an_object_that_lacks_a_field() {
    assert_unreadable(
        r#"{"items":[{"price":1},{"kind":"ink"}]}"#,
        " at `items[1]`: missing field `price` at line 1 column 36",
    );
}

#[test]
fn names_the_path_through_a_key_that_is_not_an_identifier() {
    assert_unreadable(
        r#"{"items":[],"by name":{"green tea":{"price":null}}}"#,
        " at `[\"by name\"][\"green tea\"].price`: invalid type: null, expected u32 at line 1 column 48",
    );
}

#[test]
fn names_the_path_to_a_list_that_is_too_short() {
    assert_unreadable(
        r#"{"items":[{"price":1,"size":[1.5]}]}"#,
        " at `items[0].size`: invalid length 1, expected a tuple of size 2 at line 1 column 33",
    );
}

#[test]
fn names_the_path_to_an_unknown_variant() {
    assert_unreadable(
        r#"{"items":[{"price":1,"kind":"milk"}]}"#,
        " at `items[0].kind`: unknown variant `milk`, expected `tea` or `ink` at line 1 column 34",
    );
}

#[test]
fn names_the_position_at_which_a_document_is_truncated() {
    assert_unreadable(
        r#"{"items":[{"price":1},{"pri"#,
        " at `items[1]`: EOF while parsing a string at line 1 column 27",
    );
}

#[test]
fn keeps_the_first_64_causes() {
    let run = run(FAULTS, [order("causes 70"), Answer::accepted()]);
    let causes = vec!["\"again\""; 64].join(",");
    assert_eq!(run.calls(), [NEXT, &report("Deep", "as told", &causes), NEXT]);
    let stderr = format!("ERROR RequestId: id Deep: as told{}\n", ": again".repeat(64));
    assert_eq!(run.stderr, stderr);
}

#[test]
fn sends_only_visible_ascii_to_x_ray() {
    // Found by fuzzing: JSON does not escape DEL, which is not allowed in a header.
    let run = run(FAULTS, [order("say é\u{1f375}\t\u{7f}"), Answer::accepted()]);
    assert_eq!(
        run.requests[1].header("lambda-runtime-function-xray-error-cause"),
        Some(
            r#"{"working_directory":"","exceptions":[{"type":"Said","message":"\u00e9\ud83c\udf75\t\u007f","stack":[]}],"paths":[]}"#
        )
    );
    assert_eq!(run.calls(), [NEXT, &report("Said", "é\u{1f375}\\t\u{7f}", ""), NEXT]);
}

#[test]
fn echoes_the_invocation_id_on_a_streamed_response() {
    let headers = "Lambda-Runtime-Aws-Request-Id: id\r\nLambda-Runtime-Invocation-Id: abc/1\r\n";
    let run = run(STREAM, [Answer::event_with(headers, "[1]"), Answer::accepted()]);
    assert_run!(run, @r"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response 1\r\nx\r\n0
    GET …/invocation/next
    ");
    assert_eq!(run.requests[1].header("lambda-runtime-invocation-id"), Some("abc/1"));
}

#[test]
fn streams_json() {
    let api = RuntimeApi::start([Answer::event("id", "[1]"), Answer::accepted()]);
    let run = api.run(program(STREAM).env("CONTENT_TYPE", "application/json"), 3);
    assert_run!(run, @r"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response 1\r\nx\r\n0
    GET …/invocation/next
    ");
    let request = &run.requests[1];
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("lambda-runtime-function-response-mode"), Some("streaming"));
}

#[test]
fn logs_a_stream_that_is_not_accepted_and_goes_on() {
    let run = run(STREAM, [Answer::event("id", "[1]"), Answer::status(413, "too large")]);
    assert_run!(run, @r"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response 1\r\nx\r\n0
    GET …/invocation/next
    ----- stderr -----
    ERROR RequestId: id the Lambda Runtime API answered `response` with 413: too large
    ");
    assert_eq!(run.connections, 1);
}

#[test]
fn exits_if_a_stream_meets_a_non_recoverable_state() {
    assert_run!(run(STREAM, [Answer::event("id", "[1]"), Answer::status(500, "")]), @r"
    exit code: 1
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response 1\r\nx\r\n0
    ----- stderr -----
    error: the Lambda Runtime API answered `response` with 500
    ");
}

#[test]
fn goes_on_if_a_whole_stream_is_not_answered() {
    let api = RuntimeApi::start([
        Answer::event("id", "[1]"),
        Answer::hang_up(),
        Answer::event("id", "[2]"),
        Answer::accepted(),
    ]);
    let run = api.run(&mut program(STREAM), 5);
    assert_run!(run, @r"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id/response 1\r\nx\r\n0
    GET …/invocation/next
    POST …/invocation/id/response 2\r\nxx\r\n0
    GET …/invocation/next
    ----- stderr -----
    ERROR RequestId: id lost the connection to the Lambda Runtime API at `[ADDRESS]`: the connection was closed without a response
    ");
    assert_eq!(run.connections, 2);
}

/// The peak of a process's resident memory, in kB.
#[cfg(target_os = "linux")]
fn peak_kb(process: &std::process::Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
}

/// Returns whether a process sleeps.
#[cfg(target_os = "linux")]
fn is_asleep(process: &std::process::Child) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.id())).unwrap();
    stat.rsplit_once(") ").unwrap().1.starts_with('S')
}

/// Returns whether the sender of a connection holds bytes that do not fit into the buffer of the receiver.
#[cfg(target_os = "linux")]
fn is_full(sender: u16, receiver: u16) -> bool {
    let row = format!(":{sender:04X} [0-9A-F]{{8}}:{receiver:04X} 01 ([0-9A-F]{{8}}):");
    let rows = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let row = regex::Regex::new(&row).unwrap().captures(&rows).expect("there is a connection");
    &row[1] != "00000000"
}

#[cfg(target_os = "linux")]
#[test]
fn waits_for_a_slow_reader_of_a_stream() {
    let (stream, peak) = read_slowly(program(STREAM), 2_000, 100_000);
    // Each chunk has a size line of 7 bytes and ends with a line break.
    assert!(stream.len() > 2_000 * (100_000 + 9), "{} bytes", stream.len());
    assert!(peak < 16 * 1_024, "{peak} kB");
}

#[cfg(target_os = "linux")]
#[test]
fn a_write_that_is_cancelled_sends_its_chunk_or_nothing() {
    let mut function = program(STREAM);
    function.env("CANCEL", "1");
    let (stream, _) = read_slowly(function, 500, 100_000);
    let chunk = format!("186a0\r\n{}\r\n", "x".repeat(100_000));
    let mut rest = &*stream;
    let mut chunks = 0;
    while let Some(after) = rest.strip_prefix(chunk.as_bytes()) {
        (rest, chunks) = (after, chunks + 1);
    }
    assert_eq!(std::str::from_utf8(&rest[..rest.len().min(100)]), Ok("0\r\n\r\n"));
    // While nobody read, writes were cancelled.
    assert!((1..500).contains(&chunks), "{chunks} chunks");
}

/// Runs `function` with an event of `chunks` chunks of `size` bytes each, and reads its response only once it waits.
/// Returns the body, and the peak of its memory in kB.
#[cfg(target_os = "linux")]
fn read_slowly(mut function: std::process::Command, chunks: usize, size: usize) -> (Vec<u8>, u64) {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use lambda_native_tests::wait::wait_for;

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut function = function
        .env("AWS_LAMBDA_RUNTIME_API", listener.local_addr().unwrap().to_string())
        .spawn()
        .unwrap();
    let (mut stream, _) = listener.accept().unwrap();
    let mut bytes = vec![0; 1024 * 1024];
    assert!(stream.read(&mut bytes).unwrap() > 0);
    let event = serde_json::to_string(&vec![size; chunks]).unwrap();
    let head = "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id\r\nContent-Length:";
    write!(stream, "{head} {}\r\n\r\n{event}", event.len()).unwrap();

    // While nobody reads, it only fills the buffers of the connection, and sleeps.
    let [own, other] = [stream.local_addr(), stream.peer_addr()].map(|it| it.unwrap().port());
    wait_for(|| is_full(other, own) && is_asleep(&function));
    let mut response = Vec::new();
    while !response.ends_with(b"\r\n0\r\n\r\n") {
        let count = stream.read(&mut bytes).unwrap();
        assert!(count > 0, "it ended after {} bytes", response.len());
        response.extend_from_slice(&bytes[..count]);
    }
    let peak = peak_kb(&function);
    function.kill().unwrap();
    function.wait().unwrap();
    let head = response.windows(4).position(|it| it == b"\r\n\r\n").unwrap() + 4;
    response.drain(..head);
    (response, peak)
}

#[test]
fn slow_and_failing_invocations_hold_up_none_of_ten() {
    let folder = tempfile::tempdir().unwrap();
    let gate = folder.path().join("gate");
    let wait = format!("wait {}", gate.display());
    let mut orders: VecDeque<_> =
        (0..3).map(|number| (format!("slow-{number}"), wait.clone())).collect();
    for number in 0..20 {
        orders.push_back((format!("bad-{number}"), "fail Bad".to_owned()));
        orders.push_back((format!("panic-{number}"), "panic now".to_owned()));
        orders.push_back((format!("good-{number}"), "good".to_owned()));
    }
    let total = orders.len();
    let mut others = total - 3;
    let api = RuntimeApi::answering(move |request: &Request| {
        if request.call.starts_with("POST") {
            // The slow ones started first, and go on when all others have been answered.
            others = others.saturating_sub(1);
            if others == 0 {
                std::fs::write(&gate, "").unwrap();
            }
            return Some(Answer::accepted());
        }
        let (id, order) = orders.pop_front()?;
        Some(Answer::event(&id, &format!("{order:?}")))
    });
    // Two calls per event, and then ten wait for events.
    let run = api.run(program(FAULTS).env("AWS_LAMBDA_MAX_CONCURRENCY", "10"), 2 * total + 10);
    assert_eq!(run.connections, 10);
    assert!(run.status.is_none());

    let calls = run.calls();
    assert_eq!(calls.iter().filter(|call| *call == NEXT).count(), total + 10);
    let answers: Vec<_> = calls.iter().filter(|call| *call != NEXT).collect();
    let panic = position("faults.rs", "panic!(\"{rest}\")");
    for number in 0..20 {
        for expected in [
            report("Bad", "as told", "").replacen("/id/", &format!("/bad-{number}/"), 1),
            report("Panic", "now", &format!("{panic:?}")).replacen(
                "/id/",
                &format!("/panic-{number}/"),
                1,
            ),
            format!("POST …/invocation/good-{number}/response \"good\""),
        ] {
            assert_eq!(answers.iter().filter(|call| ***call == expected).count(), 1, "{expected}");
        }
    }
    // The slow ones are the last.
    let mut slow: Vec<_> = answers[answers.len() - 3..].to_vec();
    slow.sort();
    for (number, call) in slow.into_iter().enumerate() {
        assert_eq!(*call, format!("POST …/invocation/slow-{number}/response \"waited\""));
    }
    let mut log: Vec<_> = run.stderr.lines().collect();
    log.sort_unstable();
    let mut expected: Vec<_> = (0..20)
        .flat_map(|number| {
            [
                format!("ERROR RequestId: bad-{number} Bad: as told"),
                format!("ERROR RequestId: panic-{number} Panic: now: {panic}"),
            ]
        })
        .collect();
    expected.push("INFO 10 invocations at a time".to_owned());
    expected.sort_unstable();
    assert_eq!(log, expected);
}

#[cfg(unix)]
#[test]
fn runs_the_shutdown_hook_on_sigterm_during_an_invocation() {
    let api = RuntimeApi::answering(|request: &Request| match request.call.as_str() {
        "POST /2020-01-01/extension/register" => Some(Answer::raw(
            "HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: me\r\nContent-Length: 2\r\n\r\n{}",
        )),
        "GET /2018-06-01/runtime/invocation/next" => Some(Answer::event("id", "60000")),
        _ => None,
    });
    let run = api.run_then(program(OBSERVED).env("FAREWELL", "1"), 3, |function, log| {
        // The function logs this before it begins to wait, for a minute.
        let _ = log.wait_until("WARN", |log| log.contains("WARN RequestId: id "));
        let kill = program("kill").arg(function.id().to_string()).status().unwrap();
        assert!(kill.success());
    });
    // There is no response: it has not waited for the end of the call.
    let mut calls = run.calls();
    calls.sort();
    assert_eq!(
        calls,
        [
            "GET /2020-01-01/extension/event/next",
            NEXT,
            r#"POST /2020-01-01/extension/register {"events":[]}"#,
        ]
    );
    assert_eq!(run.stdout, "farewell\n");
    assert!(run.stderr.contains("WARN RequestId: id function_observed: answer{number=60000}"));
    assert_eq!(run.status.and_then(|status| status.code()), Some(0));
}

/// Asserts on the levels of the messages that the function logs at this level.
#[track_caller]
fn assert_logs_at(level: &str, expected: &[&str]) {
    let api = RuntimeApi::start([Answer::event("id", "2"), Answer::accepted()]);
    let run = api.run(program(OBSERVED).env("AWS_LAMBDA_LOG_LEVEL", level), 3);
    assert_eq!(run.calls(), [NEXT, "POST …/invocation/id/response 3", NEXT]);
    let levels: Vec<_> = run.stderr.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(levels, expected);
}

#[test]
fn logs_nothing_below_the_requested_level() {
    assert_logs_at("FATAL", &[]);
    assert_logs_at("error", &[]);
    assert_logs_at("WARN", &["WARN"]);
    assert_logs_at("INFO", &["INFO", "WARN"]);
    assert_logs_at("Debug", &["INFO", "DEBUG", "WARN"]);
}

#[test]
fn logs_at_info_if_the_level_is_unknown() {
    assert_logs_at("loud", &["INFO", "WARN"]);
    assert_logs_at("", &["INFO", "WARN"]);
}

#[test]
fn finds_the_runtime_api_by_a_url() {
    // `cargo lambda watch` sets such a URL.
    let script = [order("a"), Answer::accepted(), order("fail Bad"), Answer::accepted()];
    let api = RuntimeApi::start(script).below("/.rt/bootstrap");
    let host = api.authority();
    let run = api.run(&mut program(FAULTS), 5);
    assert_eq!(
        run.requests.iter().map(|request| request.call.as_str()).collect::<Vec<_>>(),
        [
            "GET /.rt/bootstrap/2018-06-01/runtime/invocation/next",
            "POST /.rt/bootstrap/2018-06-01/runtime/invocation/id/response",
            "GET /.rt/bootstrap/2018-06-01/runtime/invocation/next",
            "POST /.rt/bootstrap/2018-06-01/runtime/invocation/id/error",
            "GET /.rt/bootstrap/2018-06-01/runtime/invocation/next",
        ]
    );
    assert_eq!(run.requests[0].header("host"), Some(host.as_str()));
}
