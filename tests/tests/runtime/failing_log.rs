//! A log that cannot be written: the function goes on, and Lambda hears of every error.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::process::Stdio;

use lambda_native_tests::command::program;
use lambda_native_tests::runtime_api::{Answer, Run, RuntimeApi};

const NEXT: &str = "GET …/invocation/next";
const FAULTS: &str = env!("CARGO_BIN_EXE_function-faults");
const HTTP: &str = env!("CARGO_BIN_EXE_function-http");
const OBSERVED: &str = env!("CARGO_BIN_EXE_function-observed");
const STREAM: &str = env!("CARGO_BIN_EXE_function-stream");
/// `O_NONBLOCK` on Linux.
const NON_BLOCKING: i32 = 0o4000;

/// A pipe whose reader is gone.
fn closed_pipe() -> Stdio {
    let (_, writer) = io::pipe().unwrap();
    writer.into()
}

/// A full disk.
fn full_disk() -> Stdio {
    File::create("/dev/full").unwrap().into()
}

/// A pipe that is full, and its reader. Writing to it fails or, if it is `blocking`, never ends.
fn full_pipe(blocking: bool) -> (Stdio, File) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    assert!(program("mkfifo").arg(&path).status().unwrap().success());
    let mut options = OpenOptions::new();
    options.write(true).custom_flags(NON_BLOCKING);
    let reader = OpenOptions::new().read(true).custom_flags(NON_BLOCKING).open(&path).unwrap();
    let mut writer = options.open(&path).unwrap();
    while writer.write(&[b'x'; 4096]).is_ok() {}
    while writer.write(b"x").is_ok() {}
    let writer = if blocking { options.custom_flags(0).open(&path).unwrap() } else { writer };
    (writer.into(), reader)
}

fn run(function: &str, stderr: Stdio, script: impl IntoIterator<Item = Answer>) -> Run {
    let script: Vec<_> = script.into_iter().collect();
    let requests = script.len() + 1;
    RuntimeApi::start(script).with_stderr(stderr).run(&mut program(function), requests)
}

/// Runs `function` once with each log that fails at once.
fn with_each_log(function: &str, script: &[Answer], check: impl Fn(&Run)) {
    let (full, _reader) = full_pipe(false);
    for stderr in [closed_pipe(), full_disk(), full] {
        check(&run(function, stderr, script.iter().cloned()));
    }
}

#[test]
fn goes_on_after_errors_and_panics() {
    let script = [
        Answer::event("a", "\"fail Bad\""),
        Answer::accepted(),
        Answer::event("b", "\"panic now\""),
        Answer::accepted(),
        Answer::event("c", "\"refused\""),
        Answer::status(413, "too large"),
    ];
    with_each_log(FAULTS, &script, |run| {
        let calls = run.calls();
        assert!(
            calls[1].starts_with("POST …/invocation/a/error {\"errorType\":\"Bad\""),
            "{run:#?}"
        );
        assert!(
            calls[3].starts_with("POST …/invocation/b/error {\"errorType\":\"Panic\""),
            "{run:#?}"
        );
        assert_eq!(calls[5..], ["POST …/invocation/c/response \"refused\"", NEXT]);
        assert!(run.status.is_none(), "{run:#?}");
    });
}

#[test]
fn responds_to_requests_that_fail() {
    let event = r#"{"version":"2.0","rawPath":"/","headers":{"x-answer":"error"},"requestContext":{"http":{"method":"GET"}}}"#;
    let script = [Answer::event("id", event), Answer::accepted()];
    with_each_log(HTTP, &script, |run| {
        let calls = run.calls();
        assert!(
            calls[1].starts_with("POST …/invocation/id/response {\"statusCode\":500"),
            "{run:#?}"
        );
        assert_eq!(calls[2..], [NEXT]);
    });
}

#[test]
fn goes_on_when_a_stream_is_refused() {
    let script = [Answer::event("id", "[1]"), Answer::status(413, "too large")];
    with_each_log(STREAM, &script, |run| assert_eq!(run.calls()[2..], [NEXT]));
}

#[test]
fn goes_on_when_tracing_cannot_write() {
    let script = [Answer::event("id", "3"), Answer::accepted()];
    with_each_log(OBSERVED, &script, |run| {
        assert_eq!(run.calls(), [NEXT, "POST …/invocation/id/response 4", NEXT]);
        assert!(run.status.is_none(), "{run:#?}");
    });
}

#[test]
fn exits_with_its_status_when_it_cannot_go_on() {
    with_each_log(FAULTS, &[Answer::status(500, "enough")], |run| {
        assert_eq!(run.status.and_then(|status| status.code()), Some(1), "{run:#?}");
    });
}

#[test]
fn reports_errors_before_a_log_that_blocks() {
    for order in ["fail Bad", "panic now"] {
        let (full, _reader) = full_pipe(true);
        let script = [Answer::event("id", &format!("{order:?}")), Answer::accepted()];
        let api = RuntimeApi::start(script).with_stderr(full);
        let run = api.run(&mut program(FAULTS), 2);
        assert!(run.calls()[1].starts_with("POST …/invocation/id/error"), "{run:#?}");
    }
}

#[test]
fn reports_an_init_that_fails_before_a_log_that_blocks() {
    for init in ["fail", "panic"] {
        let (full, _reader) = full_pipe(true);
        let api = RuntimeApi::start([Answer::accepted()]).with_stderr(full);
        let run = api.run(program(FAULTS).env("INIT", init), 1);
        assert!(run.calls()[0].starts_with("POST …/init/error"), "{run:#?}");
    }
}

#[test]
fn responds_to_a_request_that_fails_before_a_log_that_blocks() {
    let (full, _reader) = full_pipe(true);
    let event = r#"{"version":"2.0","rawPath":"/","headers":{"x-answer":"error"},"requestContext":{"http":{"method":"GET"}}}"#;
    let api = RuntimeApi::start([Answer::event("id", event), Answer::accepted()]).with_stderr(full);
    let run = api.run(&mut program(HTTP), 2);
    assert!(run.calls()[1].starts_with("POST …/invocation/id/response"), "{run:#?}");
}
