//! The runtime against a Runtime API whose answers are scripted: the requests that it makes, what
//! it prints, how it ends.

#![allow(clippy::unwrap_used, reason = "a test has nobody to report to")]

use std::collections::VecDeque;
use std::process::Command;
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine};
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

/// Runs `function` against the answers of `script`, up to its first request after them.
fn run(function: &str, script: impl IntoIterator<Item = Answer>) -> Run {
    let script: Vec<_> = script.into_iter().collect();
    let requests = script.len() + 1;
    RuntimeApi::start(script).run(&mut Command::new(function), requests)
}

/// The function made these calls, printed nothing, and waits for the next event.
#[track_caller]
fn assert_goes_on(run: &Run, calls: &[&str]) {
    assert_eq!(run.calls(), calls, "{run:#?}");
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    assert!(run.status.is_none(), "{run:#?}");
}

/// The function made these calls and ended with 1 and this message.
#[track_caller]
fn assert_ends(run: &Run, calls: &[&str], stderr: &str) {
    assert_eq!(run.calls(), calls, "{run:#?}");
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", stderr));
    assert_eq!(run.status.and_then(|status| status.code()), Some(1), "{run:#?}");
}

#[test]
fn answers_events_one_after_the_other_on_one_connection() {
    let run = run(
        ORDER,
        [
            Answer::event("id-1", r#"{"item":"pen","count":"3"}"#),
            Answer::accepted(),
            Answer::event("id-2", r#"{"item":"ink","count":"10","more":[1,{}]}"#),
            Answer::accepted(),
        ],
    );
    assert_goes_on(
        &run,
        &[
            NEXT,
            r#"POST …/invocation/id-1/response {"request":"id-1","item":"pen","count":3}"#,
            NEXT,
            r#"POST …/invocation/id-2/response {"request":"id-2","item":"ink","count":10}"#,
            NEXT,
        ],
    );
    assert_eq!(run.connections, 1);
}

#[test]
fn sends_the_headers_that_the_runtime_api_asks_for() {
    let api = RuntimeApi::start([
        Answer::event("id-1", r#"{"item":"pen","count":"x"}"#),
        Answer::accepted(),
        Answer::event("id-2", r#"{"item":"pen","count":"1"}"#),
        Answer::accepted(),
    ]);
    let authority = api.authority();
    let run = api.run(&mut Command::new(ORDER), 5);
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
    assert_eq!(
        run.calls(),
        [
            NEXT,
            r#"POST …/invocation/id-1/error {"errorType":"OrderError","errorMessage":"the count is not a number","stackTrace":["invalid digit found in string"]}"#,
            NEXT,
            r#"POST …/invocation/id-2/response {"request":"id-2","item":"pen","count":3}"#,
            NEXT,
        ]
    );
    assert_eq!(
        run.stderr,
        "ERROR RequestId: id-1 OrderError: the count is not a number: \
         invalid digit found in string\n"
    );
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
fn tells_the_function_its_context() {
    let run = run(
        CONTEXT,
        [
            Answer::event("id-1", "null"),
            Answer::accepted(),
            // Nothing of the first is left in the second.
            Answer::event_with("LAMBDA-RUNTIME-AWS-REQUEST-ID:   id-2  \r\n", "[1]"),
            Answer::accepted(),
        ],
    );
    assert_goes_on(
        &run,
        &[
            NEXT,
            r#"POST …/invocation/id-1/response ["id-1","Ok(4102444800s)","true","arn:aws:lambda:us-east-1:123456789012:function:test","Root=1-5759e988-bd862e3fe1be46a994272793","test","$LATEST","128"]"#,
            NEXT,
            r#"POST …/invocation/id-2/response ["id-2",null,null,null,null,"test","$LATEST","128"]"#,
            NEXT,
        ],
    );
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
    assert_eq!(
        run.calls(),
        [
            NEXT,
            r#"POST …/invocation/id-1/error {"errorType":"NoText","errorMessage":"id-1: no text","stackTrace":[]}"#,
            NEXT,
            r#"POST …/invocation/id-2/error {"errorType":"Runtime.MarshalError","errorMessage":"cannot write the reply: key must be a string","stackTrace":[]}"#,
            NEXT,
        ]
    );
}

#[test]
fn carries_payloads_of_many_sizes_byte_for_byte() {
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
fn reads_answers_however_they_are_framed() {
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
fn sends_a_request_again_when_the_connection_dropped_without_an_answer() {
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
    let (first, second) = ("POST …/invocation/id/response 1", "POST …/invocation/id/response 2");
    assert_goes_on(&run, &[NEXT, first, first, NEXT, NEXT, second, NEXT]);
    assert_eq!(run.connections, 3);
}

#[test]
fn logs_a_reply_that_is_not_taken_and_goes_on() {
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
fn ends_when_the_runtime_api_says_that_it_cannot_go_on() {
    for status in [403, 500, 301] {
        assert_ends(
            &run(ECHO, [Answer::status(status, "no more")]),
            &[NEXT],
            &format!("error: the Lambda Runtime API answered `next` with {status}: no more\n"),
        );
    }
    assert_ends(
        &run(ECHO, [Answer::event("id", "1"), Answer::status(500, "")]),
        &[NEXT, "POST …/invocation/id/response 1"],
        "error: the Lambda Runtime API answered `response` with 500\n",
    );
}

#[test]
fn ends_when_an_event_has_no_usable_request_id() {
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
    let long = format!("HTTP/1.1 200 OK\r\nA: {}", "b".repeat(64 * 1024));
    let cases = [
        ("SSH-2.0-OpenSSH\r\n\r\n", "the head cannot be read"),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "its length is not a number"),
        ("HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n", "its length is not a number"),
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
            "two lines give different lengths",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "it is both counted and chunked",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
            "its transfer encoding is not `chunked`",
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
            "a chunk is longer than its size says",
        ),
        (&many, "the head has more than 96 lines"),
        (&long, "the head is longer than 64 KiB"),
    ];
    for (answer, what) in cases {
        let api = RuntimeApi::start([Answer::raw(answer)]);
        let message = format!(
            "error: lost the Lambda Runtime API at `{}`: the answer is not valid HTTP/1.1: {what}\n",
            api.authority()
        );
        assert_ends(&api.run(&mut Command::new(ECHO), 2), &[NEXT], &message);
    }
}

#[test]
fn ends_when_an_answer_is_cut_short() {
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
            "error: lost the Lambda Runtime API at `{}`: the connection failed: \
             the connection ended in the middle of an answer\n",
            api.authority()
        );
        assert_ends(&api.run(&mut Command::new(ECHO), 2), &[NEXT], &message);
    }
}

#[test]
fn says_what_it_is_where_there_is_no_lambda() {
    let output = Command::new(ORDER).env_remove("AWS_LAMBDA_RUNTIME_API").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "");
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error: this program is an AWS Lambda function: it takes its events from the Lambda \
         Runtime API, and `AWS_LAMBDA_RUNTIME_API` does not say where that is\n\
         hint: try it here with `scaffold invoke`, or deploy it to AWS Lambda as `bootstrap` on \
         the `provided.al2023` runtime\n"
    );
}

#[test]
fn says_where_it_looked_for_the_runtime_api() {
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (authority, cause) in [
        (free.to_string(), "Connection refused (os error 111)"),
        ("localhost".to_owned(), "invalid socket address"),
    ] {
        let output =
            Command::new(ORDER).env("AWS_LAMBDA_RUNTIME_API", &authority).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let stderr = String::from_utf8(output.stderr).unwrap();
        let message =
            format!("error: cannot connect to the Lambda Runtime API at `{authority}`: {cause}\n");
        // The words of the cause are the operating system's.
        if cfg!(target_os = "linux") {
            assert_eq!(stderr, message);
        } else {
            assert!(stderr.starts_with("error: cannot connect"), "{stderr}");
        }
    }
}

/// An event for the function `faults`, its order in quotes.
fn order(order: &str) -> Answer {
    Answer::event("id", &json!(order).to_string())
}

/// The report of a failure: the call with its body.
fn report(error_type: &str, message: &str, causes: &str) -> String {
    format!(
        r#"POST …/invocation/id/error {{"errorType":"{error_type}","errorMessage":"{message}","stackTrace":[{causes}]}}"#
    )
}

/// Where `code` stands in the source of a function: `at file:line:column`.
fn place(file: &str, code: &str) -> String {
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
    let panic = place("faults.rs", "panic!(\"{rest}\")");
    let panic_any = place("faults.rs", "std::panic::panic_any(");
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
    let run = api.run(Command::new(FAULTS).env("RUST_LIB_BACKTRACE", "1"), 3);
    let body = String::from_utf8(run.requests[1].body.clone()).unwrap();
    assert!(body.contains("function_faults::obey"), "{body}");
    assert!(run.stderr.contains("function_faults::obey"), "{}", run.stderr);
}

#[test]
fn leaves_a_panic_that_the_function_lives_through_alone() {
    let run = run(FAULTS, [order("panic-elsewhere"), Answer::accepted()]);
    assert_eq!(run.calls(), [NEXT, "POST …/invocation/id/response \"true\"", NEXT]);
    assert!(run.stderr.contains("panicked at tests/functions/faults.rs"), "{}", run.stderr);
}

#[test]
fn names_the_class_of_an_error_as_lambda_counts_it() {
    for (error_type, header) in [
        ("OutOfStock", "Function.OutOfStock"),
        ("Function.OutOfStock", "Function.OutOfStock"),
        ("Runtime.Bad", "Runtime.Bad"),
        ("Out of\\r\\nX-Stock: \u{e9}", "Function.OutofrnXStock"),
    ] {
        let run = run(FAULTS, [order(&format!("fail {error_type}")), Answer::accepted()]);
        let request = &run.requests[1];
        assert_eq!(request.header("lambda-runtime-function-error-type"), Some(header));
    }
}

#[test]
fn tells_x_ray_the_causes() {
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
    // In ASCII it would be longer than a header may be.
    assert_eq!(run.requests[1].header("lambda-runtime-function-xray-error-cause"), None);
    assert_eq!(run.calls()[2], NEXT);
}

#[test]
fn hands_on_the_client_context_the_identity_and_the_tenant() {
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
fn reports_an_init_that_fails_and_ends() {
    let script = [Answer::accepted()];
    let run = RuntimeApi::start(script).run(Command::new(FAULTS).env("INIT", "fail"), 2);
    assert_ends(
        &run,
        &[
            r#"POST …/init/error {"errorType":"ParseIntError","errorMessage":"invalid digit found in string","stackTrace":[]}"#,
        ],
        "ERROR ParseIntError: invalid digit found in string\n\
         error: the function cannot start\n",
    );
    assert_eq!(
        run.requests[0].header("lambda-runtime-function-error-type"),
        Some("Function.ParseIntError")
    );
}

#[test]
fn reports_an_init_that_panics_and_ends() {
    let script = [Answer::accepted()];
    let run = RuntimeApi::start(script).run(Command::new(FAULTS).env("INIT", "panic"), 2);
    let place = place("faults.rs", "panic!(\"no table\")");
    assert_ends(
        &run,
        &[&format!(
            r#"POST …/init/error {{"errorType":"Panic","errorMessage":"no table","stackTrace":["{place}"]}}"#
        )],
        &format!("ERROR Panic: no table: {place}\nerror: the function cannot start\n"),
    );
}

#[test]
fn runs_init_once() {
    let script = [order("a"), Answer::accepted(), order("b"), Answer::accepted()];
    let run = RuntimeApi::start(script).run(Command::new(FAULTS).env("INIT", "print"), 5);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("made once\n", ""));
}

#[test]
fn ends_with_a_function_that_leaves() {
    let run = run(FAULTS, [order("exit 7")]);
    assert_eq!(run.calls(), [NEXT]);
    assert_eq!(run.status.and_then(|status| status.code()), Some(7));
}

#[test]
fn streams_a_reply_in_chunks() {
    let run = run(
        STREAM,
        [
            Answer::event("id", "[3,1,17]"),
            Answer::accepted(),
            Answer::event("id", "[1]"),
            Answer::accepted(),
        ],
    );
    let first = "3\r\nxxx\r\n1\r\nx\r\n11\r\nxxxxxxxxxxxxxxxxx\r\n0";
    assert_goes_on(
        &run,
        &[
            NEXT,
            &format!("POST …/invocation/id/response {first}"),
            NEXT,
            "POST …/invocation/id/response 1\r\nx\r\n0",
            NEXT,
        ],
    );
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
fn answers_an_empty_stream_with_an_empty_reply() {
    let run = run(STREAM, [Answer::event("id", "[]"), Answer::accepted()]);
    assert_goes_on(&run, &[NEXT, "POST …/invocation/id/response", NEXT]);
}

#[test]
fn fails_a_stream_before_its_first_byte_like_any_reply() {
    let run = run(STREAM, [Answer::event("id", "[0]"), Answer::accepted()]);
    assert_eq!(run.calls(), [NEXT, &report("Stopped", "at a zero", ""), NEXT]);
}

#[test]
fn puts_a_failure_in_mid_stream_into_the_trailer() {
    let panic = place("stream.rs", "panic!(");
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
fn ends_a_stream_whose_reader_goes_away_and_goes_on() {
    // More than the socket takes: the function is in the middle when the connection closes.
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
    assert!(run.stderr.starts_with("ERROR RequestId: id Error: "), "{}", run.stderr);
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
    assert_goes_on(&run, &[NEXT, "POST …/invocation/id/response 1\r\nx\r\n0", NEXT]);
    assert_eq!(run.connections, 2);
}

#[test]
fn hears_the_answer_to_a_reply_that_is_refused_before_it_was_read() {
    // As Lambda does with more than 6 MB.
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

/// Windows takes all of it at once, and does not tell that nobody reads it.
#[cfg(unix)]
#[test]
fn stops_sending_a_reply_that_nobody_reads_once_it_is_answered() {
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
fn writes_its_log_as_json_when_asked_to() {
    let api = RuntimeApi::start([order("fail Bad"), Answer::accepted()]);
    let run = api.run(Command::new(FAULTS).env("AWS_LAMBDA_LOG_FORMAT", "JSON"), 3);
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
fn answers_as_many_events_at_a_time_as_it_is_told_to() {
    let event = |id: &str, order: &str| Answer::event(id, &format!("{order:?}"));
    let api = RuntimeApi::start([
        event("slow", "sleep 700"),
        event("quick-1", "panic no"),
        Answer::accepted(),
        event("quick-2", "b"),
        Answer::accepted(),
        // The quick one waits for an event while the slow one answers.
        Answer::wait(),
        Answer::accepted(),
    ]);
    let run = api.run(Command::new(FAULTS).env("AWS_LAMBDA_MAX_CONCURRENCY", "2"), 8);
    let panic = place("faults.rs", "panic!(\"{rest}\")");
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
            "POST …/invocation/slow/response \"700\"",
            NEXT
        ]
    );
    assert_eq!(run.stderr, format!("ERROR RequestId: quick-1 Panic: no: {panic}\n"));
    assert_eq!(run.connections, 2);
}

#[test]
fn ends_all_of_its_invocations_when_one_cannot_go_on() {
    let api = RuntimeApi::start([Answer::wait(), Answer::status(500, "enough")]);
    let run = api.run(Command::new(FAULTS).env("AWS_LAMBDA_MAX_CONCURRENCY", "2"), 3);
    assert_ends(
        &run,
        &[NEXT, NEXT],
        "error: the Lambda Runtime API answered `next` with 500: enough\n",
    );
}

#[cfg(unix)]
#[test]
fn runs_the_shutdown_hook_on_sigterm_and_ends_with_0() {
    let registered = "HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: me\r\n\
                      Content-Length: 2\r\n\r\n{}";
    // Two calls wait: the extension's for events, the runtime's for an invocation.
    let api = RuntimeApi::start([Answer::raw(registered), Answer::wait(), Answer::wait()]);
    let run = api.run_then(Command::new(OBSERVED).env("FAREWELL", "1"), 3, |function| {
        let kill = Command::new("kill").arg(function.id().to_string()).status().unwrap();
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
    assert_eq!(run.requests[0].header("lambda-extension-name"), Some("lambda-native-shutdown"));
    let next = run.requests.iter().find(|request| request.call.contains("event/next")).unwrap();
    assert_eq!(next.header("lambda-extension-identifier"), Some("me"));
    assert_eq!(run.stdout, "farewell\n");
    assert_eq!(run.status.and_then(|status| status.code()), Some(0));
}

#[test]
fn cannot_start_if_the_extension_is_refused() {
    let api = RuntimeApi::start([Answer::status(403, "too late"), Answer::accepted()]);
    let run = api.run(Command::new(OBSERVED).env("FAREWELL", "1"), 3);
    assert_eq!(
        run.calls(),
        [
            r#"POST /2020-01-01/extension/register {"events":[]}"#,
            r#"POST …/init/error {"errorType":"Error","errorMessage":"the Lambda Runtime API answered `extension/register` with 403: too late","stackTrace":[]}"#,
        ]
    );
}

#[test]
fn logs_through_tracing_as_text() {
    let run = run(OBSERVED, [Answer::event("id", "3"), Answer::accepted()]);
    assert_eq!(run.calls(), [NEXT, "POST …/invocation/id/response 4", NEXT]);
    assert_eq!(
        run.stderr,
        "INFO function_observed: starting\n\
         WARN RequestId: id function_observed: answer{number=3}: a \"number\" number=3 odd=true \
         name=\"test\"\n"
    );
}

#[test]
fn logs_through_tracing_as_json() {
    let api = RuntimeApi::start([Answer::event("id", "3"), Answer::accepted()]);
    let run = api.run(
        Command::new(OBSERVED)
            .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
            .env("AWS_LAMBDA_LOG_LEVEL", "debug"),
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
                "span": "answer{number=3}", "message": "not wanted",
            }),
            json!({
                "level": "WARN", "requestId": "id", "target": target,
                "span": "answer{number=3}", "message": "a \"number\"",
                "fields": {"number": 3, "odd": true, "name": "\"test\""},
            }),
        ]
    );
}

/// An event for the function `faults`, with these header lines beside the request id.
fn order_with(headers: &str, order: &str) -> Answer {
    let headers = format!("Lambda-Runtime-Aws-Request-Id: id\r\n{headers}");
    Answer::event_with(&headers, &json!(order).to_string())
}

/// The reply of the function `faults`.
fn reply(text: &str) -> String {
    format!("POST …/invocation/id/response {text:?}")
}

/// What is said where the Runtime API is lost.
fn lost(authority: &str, why: &str) -> String {
    format!("error: lost the Lambda Runtime API at `{authority}`: {why}\n")
}

#[test]
fn shares_what_an_async_init_made_among_all_calls() {
    let basket = |payload: &str| Answer::event("id", payload);
    let script = [
        basket(r#"{"items":[{"price":2},{"price":5}]}"#),
        Answer::accepted(),
        basket(r#"{"items":[],"by name":{"tea":{"price":4,"kind":"tea","size":[1,2]}}}"#),
        Answer::accepted(),
    ];
    let run = RuntimeApi::start(script).run(Command::new(SHOP).env("RATE", "3"), 5);
    assert_goes_on(
        &run,
        &[
            NEXT,
            r#"POST …/invocation/id/response {"total":21,"call":1}"#,
            NEXT,
            r#"POST …/invocation/id/response {"total":12,"call":2}"#,
            NEXT,
        ],
    );
    assert_eq!(run.connections, 1);
}

const NO_RATE: &str = r#"POST …/init/error {"errorType":"NoRate","errorMessage":"the rate is not known","stackTrace":["environment variable not found"]}"#;
const NO_RATE_LOG: &str = "ERROR NoRate: the rate is not known: environment variable not found\n";

#[test]
fn reports_an_async_init_that_fails_with_its_causes() {
    let run = RuntimeApi::start([Answer::accepted()]).run(&mut Command::new(SHOP), 2);
    assert_ends(&run, &[NO_RATE], &format!("{NO_RATE_LOG}error: the function cannot start\n"));
}

#[test]
fn ends_with_the_reason_when_the_report_of_init_is_refused() {
    for status in [403, 500] {
        let script = [Answer::status(status, "no")];
        let run = RuntimeApi::start(script).run(&mut Command::new(SHOP), 2);
        let refused =
            format!("error: the Lambda Runtime API answered `init/error` with {status}: no\n");
        assert_ends(&run, &[NO_RATE], &format!("{NO_RATE_LOG}{refused}"));
    }
}

#[test]
fn reports_init_again_when_the_connection_dropped_without_an_answer() {
    let script = [Answer::hang_up(), Answer::accepted()];
    let run = RuntimeApi::start(script).run(&mut Command::new(SHOP), 3);
    let stderr = format!("{NO_RATE_LOG}error: the function cannot start\n");
    assert_ends(&run, &[NO_RATE, NO_RATE], &stderr);
}

#[test]
fn logs_an_init_that_fails_as_json_without_a_request_id() {
    let script = [Answer::accepted()];
    let run = RuntimeApi::start(script)
        .run(Command::new(FAULTS).env("INIT", "fail").env("AWS_LAMBDA_LOG_FORMAT", "JSON"), 2);
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
    let run = api.run(Command::new(FAULTS).env("AWS_LAMBDA_LOG_FORMAT", "json"), 3);
    let panic = place("faults.rs", "panic!(\"{rest}\")");
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
fn logs_a_reply_that_is_not_taken_as_json() {
    let api = RuntimeApi::start([order("a"), Answer::status(413, "too \"large\"")]);
    let run = api.run(Command::new(FAULTS).env("AWS_LAMBDA_LOG_FORMAT", "JSON"), 3);
    assert_eq!(run.calls(), [NEXT, &reply("a"), NEXT]);
    let line: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(
        line["message"],
        "the Lambda Runtime API answered `response` with 413: too \"large\""
    );
    assert_eq!(line["requestId"], "id");
}

/// The report of a failure is answered with `status`.
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
            "ERROR RequestId: id Bad: as told\n\
             ERROR RequestId: id the Lambda Runtime API answered `error` with {status}: because\n"
        )
    );
    assert!(run.status.is_none() && run.connections == 1);
}

#[test]
fn goes_on_when_the_report_of_a_failure_is_a_bad_request() {
    assert_goes_on_after_answer_to_error(400);
}

#[test]
fn goes_on_when_the_report_of_a_failure_is_forbidden() {
    assert_goes_on_after_answer_to_error(403);
}

#[test]
fn goes_on_when_the_report_of_a_failure_is_late() {
    assert_goes_on_after_answer_to_error(410);
}

#[test]
fn goes_on_when_the_report_of_a_failure_is_too_large() {
    assert_goes_on_after_answer_to_error(413);
}

#[test]
fn ends_when_the_answer_to_the_report_of_a_failure_is_that_nothing_can_go_on() {
    assert_ends(
        &run_with_answer_to_error(500),
        &[NEXT, &report("Bad", "as told", "")],
        "ERROR RequestId: id Bad: as told\n\
         error: the Lambda Runtime API answered `error` with 500: because\n",
    );
}

#[test]
fn takes_every_status_of_success_for_a_reply() {
    let run = run(
        FAULTS,
        [order("a"), Answer::status(200, "{}"), order("b"), Answer::raw("HTTP/1.1 204 -\r\n\r\n")],
    );
    assert_goes_on(&run, &[NEXT, &reply("a"), NEXT, &reply("b"), NEXT]);
    assert_eq!(run.connections, 1);
}

#[test]
fn ends_when_everything_is_answered_with_202() {
    assert_ends(
        &run(ECHO, [Answer::accepted(), Answer::accepted()]),
        &[NEXT],
        "error: the Lambda Runtime API answered `next` with 202\n",
    );
}

#[test]
fn ends_when_a_reply_is_redirected() {
    assert_ends(
        &run(FAULTS, [order("a"), Answer::status(307, "")]),
        &[NEXT, &reply("a")],
        "error: the Lambda Runtime API answered `response` with 307\n",
    );
}

#[test]
fn reads_over_100_continue_before_the_answer_to_a_reply() {
    let taken = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
    let run = run(FAULTS, [order("a"), Answer::raw(taken), order("b"), Answer::accepted()]);
    assert_goes_on(&run, &[NEXT, &reply("a"), NEXT, &reply("b"), NEXT]);
    assert_eq!(run.connections, 1);
}

#[test]
fn connects_again_after_close_in_a_list_of_options() {
    let event = order_with("Connection: x, Close\r\n", "a");
    let run = run(FAULTS, [event, Answer::accepted()]);
    assert_goes_on(&run, &[NEXT, &reply("a"), NEXT]);
    assert_eq!(run.connections, 2);
}

#[test]
fn gives_up_when_the_connection_drops_twice() {
    let api = RuntimeApi::start([Answer::hang_up(), Answer::hang_up()]);
    let lost = lost(&api.authority(), "the connection was closed without an answer");
    let run = api.run(&mut Command::new(ECHO), 3);
    assert_ends(&run, &[NEXT, NEXT], &lost);
    assert_eq!(run.connections, 2);
}

#[test]
fn does_not_send_a_reply_again_that_was_answered_in_part() {
    let api =
        RuntimeApi::start([Answer::event("id", "1"), Answer::raw("HTTP/1.1 202 Acc").then_close()]);
    let lost = lost(
        &api.authority(),
        "the connection failed: the connection ended in the middle of an answer",
    );
    let run = api.run(&mut Command::new(ECHO), 3);
    assert_ends(&run, &[NEXT, "POST …/invocation/id/response 1"], &lost);
}

#[test]
fn does_not_read_a_second_answer_out_of_what_followed_the_first() {
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
    assert_goes_on(&run, &[NEXT, &reply("a"), NEXT, &reply("b"), NEXT]);
    assert_eq!(run.connections, 2);
}

#[cfg(target_os = "linux")]
#[test]
fn ends_when_the_runtime_api_is_gone_when_it_connects_again() {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let function = Command::new(ECHO)
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
fn reads_a_head_of_64_kib() {
    let run = run(FAULTS, [event_with_head_of(64 * 1024), Answer::accepted()]);
    assert_goes_on(&run, &[NEXT, &reply("a"), NEXT]);
}

#[test]
fn refuses_a_head_of_more_than_64_kib() {
    let api = RuntimeApi::start([event_with_head_of(64 * 1024 + 1)]);
    let lost =
        lost(&api.authority(), "the answer is not valid HTTP/1.1: the head is longer than 64 KiB");
    assert_ends(&api.run(&mut Command::new(FAULTS), 2), &[NEXT], &lost);
}

#[test]
fn leaves_out_a_header_that_is_not_utf_8() {
    let head = "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id\r\nLambda-Runtime-Trace-Id: ";
    let event = [head.as_bytes(), b"\xff\r\nContent-Length: 7\r\n\r\n\"trace\""].concat();
    let run = run(FAULTS, [Answer::raw(event), Answer::accepted()]);
    assert_goes_on(&run, &[NEXT, &reply("None"), NEXT]);
}

#[test]
fn ends_when_a_request_id_is_not_utf_8() {
    let event =
        b"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: \xff\r\nContent-Length: 1\r\n\r\n1";
    assert_ends(
        &run(ECHO, [Answer::raw(event)]),
        &[NEXT],
        "error: the Lambda Runtime API sent an event without a valid \
         `Lambda-Runtime-Aws-Request-Id`\n",
    );
}

#[test]
fn tells_the_trace_id_of_each_event() {
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
    assert_goes_on(
        &run,
        &[
            NEXT,
            &reply("Some(\"Root=1-a;Parent=b;Sampled=1\")"),
            NEXT,
            &reply("Some(\"Root=1-c\")"),
            NEXT,
            &reply("Some(\"Root=1-5759e988-bd862e3fe1be46a994272793\")"),
            NEXT,
        ],
    );
}

/// What the function makes of a deadline: when it is, and the thousands of seconds until then.
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

/// The clock of Windows does not reach it.
#[cfg(unix)]
#[test]
fn takes_the_latest_deadline_that_can_be_written() {
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
fn has_no_deadline_where_it_is_not_a_number() {
    for header in ["", "soon", "-1", "1.5", "18446744073709551616"] {
        assert_deadline(header, "None None");
    }
}

#[test]
fn does_not_mind_a_malformed_client_context_that_nobody_reads() {
    let headers = "Lambda-Runtime-Client-Context: {\r\nLambda-Runtime-Cognito-Identity: [\r\n";
    let run = run(FAULTS, [order_with(headers, "a"), Answer::accepted()]);
    assert_goes_on(&run, &[NEXT, &reply("a"), NEXT]);
}

/// What is said of a basket that cannot be read.
#[track_caller]
fn assert_unreadable(basket: &str, message: &str) {
    let api = RuntimeApi::start([Answer::event("id", basket), Answer::accepted()]);
    let run = api.run(Command::new(SHOP).env("RATE", "1"), 3);
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
fn names_the_path_through_a_key_that_is_no_name() {
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
fn names_the_path_to_a_variant_that_is_not_known() {
    assert_unreadable(
        r#"{"items":[{"price":1,"kind":"milk"}]}"#,
        " at `items[0].kind`: unknown variant `milk`, expected `tea` or `ink` at line 1 column 34",
    );
}

#[test]
fn says_where_a_document_breaks_off() {
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
fn tells_x_ray_in_visible_ascii_only() {
    // Found by fuzzing: JSON does not escape the last control character, which no header may have.
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
fn echoes_the_invocation_id_on_a_streamed_reply() {
    let headers = "Lambda-Runtime-Aws-Request-Id: id\r\nLambda-Runtime-Invocation-Id: abc/1\r\n";
    let run = run(STREAM, [Answer::event_with(headers, "[1]"), Answer::accepted()]);
    assert_goes_on(&run, &[NEXT, "POST …/invocation/id/response 1\r\nx\r\n0", NEXT]);
    assert_eq!(run.requests[1].header("lambda-runtime-invocation-id"), Some("abc/1"));
}

#[test]
fn streams_json() {
    let api = RuntimeApi::start([Answer::event("id", "[1]"), Answer::accepted()]);
    let run = api.run(Command::new(STREAM).env("CONTENT_TYPE", "application/json"), 3);
    assert_goes_on(&run, &[NEXT, "POST …/invocation/id/response 1\r\nx\r\n0", NEXT]);
    let request = &run.requests[1];
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("lambda-runtime-function-response-mode"), Some("streaming"));
}

#[test]
fn logs_a_stream_that_is_not_taken_and_goes_on() {
    let run = run(STREAM, [Answer::event("id", "[1]"), Answer::status(413, "too large")]);
    assert_eq!(run.calls(), [NEXT, "POST …/invocation/id/response 1\r\nx\r\n0", NEXT]);
    assert_eq!(
        run.stderr,
        "ERROR RequestId: id the Lambda Runtime API answered `response` with 413: too large\n"
    );
    assert_eq!(run.connections, 1);
}

#[test]
fn ends_when_the_answer_to_a_stream_is_that_nothing_can_go_on() {
    assert_ends(
        &run(STREAM, [Answer::event("id", "[1]"), Answer::status(500, "")]),
        &[NEXT, "POST …/invocation/id/response 1\r\nx\r\n0"],
        "error: the Lambda Runtime API answered `response` with 500\n",
    );
}

#[test]
fn goes_on_when_a_whole_stream_is_not_answered() {
    let api = RuntimeApi::start([
        Answer::event("id", "[1]"),
        Answer::hang_up(),
        Answer::event("id", "[2]"),
        Answer::accepted(),
    ]);
    let lost = lost(&api.authority(), "the connection was closed without an answer");
    let run = api.run(&mut Command::new(STREAM), 5);
    assert_eq!(
        run.calls(),
        [
            NEXT,
            "POST …/invocation/id/response 1\r\nx\r\n0",
            NEXT,
            "POST …/invocation/id/response 2\r\nxx\r\n0",
            NEXT
        ]
    );
    assert_eq!(run.stderr, lost.replacen("error:", "ERROR RequestId: id", 1));
    assert_eq!(run.connections, 2);
}

/// The most memory that a process had so far, in kB.
#[cfg(target_os = "linux")]
fn peak_kb(process: &std::process::Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn waits_for_a_slow_reader_of_a_stream() {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut function = Command::new(STREAM)
        .env("AWS_LAMBDA_RUNTIME_API", listener.local_addr().unwrap().to_string())
        .spawn()
        .unwrap();
    let (mut stream, _) = listener.accept().unwrap();
    let mut bytes = vec![0; 1024 * 1024];
    assert!(stream.read(&mut bytes).unwrap() > 0);
    // 200 MB.
    let event = format!("[{}]", vec!["100000"; 2_000].join(","));
    let head = "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id\r\nContent-Length:";
    write!(stream, "{head} {}\r\n\r\n{event}", event.len()).unwrap();

    // It does not run ahead while nobody reads.
    std::thread::sleep(Duration::from_millis(300));
    let before = peak_kb(&function);
    let mut read = 0;
    let mut last = Vec::new();
    while !last.ends_with(b"\r\n0\r\n\r\n") {
        let count = stream.read(&mut bytes).unwrap();
        assert!(count > 0, "it ended after {read} bytes");
        read += count;
        last.extend_from_slice(&bytes[count.saturating_sub(7)..count]);
        last.drain(..last.len().saturating_sub(7));
    }
    let after = peak_kb(&function);
    function.kill().unwrap();
    function.wait().unwrap();
    // Each chunk has a size line of 7 bytes and ends with a line break.
    assert!(read > 2_000 * (100_000 + 9), "{read} bytes");
    assert!(after < before + 1_024 && after < 16 * 1_024, "{before} kB, then {after} kB");
}

#[test]
fn holds_up_none_of_ten_for_slow_and_failing_ones() {
    let mut orders: VecDeque<_> =
        (0..3).map(|number| (format!("slow-{number}"), "sleep 1500".to_owned())).collect();
    for number in 0..20 {
        orders.push_back((format!("bad-{number}"), "fail Bad".to_owned()));
        orders.push_back((format!("panic-{number}"), "panic now".to_owned()));
        orders.push_back((format!("good-{number}"), "good".to_owned()));
    }
    let total = orders.len();
    let api = RuntimeApi::answering(move |request: &Request| {
        if request.call.starts_with("POST") {
            return Some(Answer::accepted());
        }
        let (id, order) = orders.pop_front()?;
        Some(Answer::event(&id, &format!("{order:?}")))
    });
    let started = Instant::now();
    // Each is asked for and answered, and then ten wait.
    let run = api.run(Command::new(FAULTS).env("AWS_LAMBDA_MAX_CONCURRENCY", "10"), 2 * total + 10);
    assert!(started.elapsed() < Duration::from_secs(4), "the slow ones ran side by side");
    assert_eq!(run.connections, 10);
    assert!(run.status.is_none());

    let calls = run.calls();
    assert_eq!(calls.iter().filter(|call| *call == NEXT).count(), total + 10);
    let answers: Vec<_> = calls.iter().filter(|call| *call != NEXT).collect();
    let panic = place("faults.rs", "panic!(\"{rest}\")");
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
        assert_eq!(*call, format!("POST …/invocation/slow-{number}/response \"1500\""));
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
    expected.sort_unstable();
    assert_eq!(log, expected);
}

#[cfg(unix)]
#[test]
fn runs_the_shutdown_hook_on_sigterm_in_the_middle_of_a_call() {
    let api = RuntimeApi::answering(|request: &Request| match request.call.as_str() {
        "POST /2020-01-01/extension/register" => Some(Answer::raw(
            "HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: me\r\nContent-Length: 2\r\n\r\n{}",
        )),
        "GET /2018-06-01/runtime/invocation/next" => Some(Answer::event("id", "60000")),
        _ => None,
    });
    let started = Instant::now();
    let run = api.run_then(Command::new(OBSERVED).env("FAREWELL", "1"), 3, |function| {
        // It is in the call when it has begun to wait.
        std::thread::sleep(Duration::from_millis(300));
        let kill = Command::new("kill").arg(function.id().to_string()).status().unwrap();
        assert!(kill.success());
    });
    assert!(started.elapsed() < Duration::from_secs(20), "it does not wait for the call");
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

/// What the function logs at the level that is asked for.
#[track_caller]
fn assert_logs_at(level: &str, expected: &[&str]) {
    let api = RuntimeApi::start([Answer::event("id", "2"), Answer::accepted()]);
    let run = api.run(Command::new(OBSERVED).env("AWS_LAMBDA_LOG_LEVEL", level), 3);
    assert_eq!(run.calls(), [NEXT, "POST …/invocation/id/response 3", NEXT]);
    let levels: Vec<_> = run.stderr.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(levels, expected);
}

#[test]
fn logs_nothing_below_the_level_that_is_asked_for() {
    assert_logs_at("FATAL", &[]);
    assert_logs_at("error", &[]);
    assert_logs_at("WARN", &["WARN"]);
    assert_logs_at("INFO", &["INFO", "WARN"]);
    assert_logs_at("Debug", &["INFO", "DEBUG", "WARN"]);
}

#[test]
fn logs_at_info_where_the_level_is_not_known() {
    assert_logs_at("loud", &["INFO", "WARN"]);
    assert_logs_at("", &["INFO", "WARN"]);
}

#[test]
fn finds_the_runtime_api_by_a_url() {
    // As `cargo lambda watch` has it.
    let script = [order("a"), Answer::accepted(), order("fail Bad"), Answer::accepted()];
    let api = RuntimeApi::start(script).below("/.rt/bootstrap");
    let host = api.authority();
    let run = api.run(&mut Command::new(FAULTS), 5);
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
