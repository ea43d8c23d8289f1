//! The runtime against a Runtime API whose answers are scripted: the requests that it makes, what
//! it prints, how it ends.

use std::process::Command;

use lambda_native_tests::runtime_api::{Answer, Run, RuntimeApi};

const NEXT: &str = "GET …/invocation/next";
const ORDER: &str = env!("CARGO_BIN_EXE_function-order");
const CONTEXT: &str = env!("CARGO_BIN_EXE_function-context");
const BY_HAND: &str = env!("CARGO_BIN_EXE_function-by-hand");
const ECHO: &str = env!("CARGO_BIN_EXE_function-echo");

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
        ("", "EOF while parsing a value at line 1 column 0"),
        ("{", "EOF while parsing an object at line 1 column 1"),
        (r#"{"item":"pen"}"#, "missing field `count` at line 1 column 14"),
        (
            r#"{"item":"pen","count":3}"#,
            "invalid type: integer `3`, expected a borrowed string at line 1 column 23",
        ),
    ] {
        let run = run(ORDER, [Answer::event("id", event), Answer::accepted()]);
        let message = format!("cannot read the event: {message}");
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
            r#"POST …/invocation/id-1/response ["id-1","SystemTime { tv_sec: 4102444800, tv_nsec: 0 }","true","arn:aws:lambda:us-east-1:123456789012:function:test","Root=1-5759e988-bd862e3fe1be46a994272793","test","$LATEST","128"]"#,
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
