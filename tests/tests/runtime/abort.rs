//! Panics with `panic = "abort"`: the runtime reports them before the process dies.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use base64::prelude::{BASE64_STANDARD, Engine};
use lambda_native_tests::command::{cargo, program};
use lambda_native_tests::runtime_api::{Answer, Run, RuntimeApi};

const NEXT: &str = "GET …/invocation/next";
const SIGABRT: i32 = 6;

/// The function `faults` with `panic = "abort"`: a package of its own, as `panic` is a setting of a
/// whole workspace. Its target folder stays.
fn function() -> &'static Path {
    static FUNCTION: OnceLock<PathBuf> = OnceLock::new();
    FUNCTION.get_or_init(|| {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
        let workspace = tests.parent().unwrap();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("abort");
        fs::create_dir_all(&folder).unwrap();
        let manifest = format!(
            "[package]\nname = \"faults-that-abort\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
             [workspace]\n\
             [[bin]]\nname = \"faults-that-abort\"\npath = '{}'\n\
             [[bin]]\nname = \"stream-that-aborts\"\npath = '{}'\n\
             [[bin]]\nname = \"hook-that-aborts\"\npath = '{}'\n\
             [dependencies]\n\
             lambda-native = {{ path = '{}', default-features = false, features = [\"concurrency\", \"events\", \"snap-start\"] }}\n\
             tokio = {{ version = \"1\", features = [\"io-util\", \"rt\"] }}\n\
             [profile.dev]\ndebug = false\npanic = \"abort\"\n",
            tests.join("functions/faults.rs").display(),
            tests.join("functions/stream.rs").display(),
            tests.join("functions/snap_start.rs").display(),
            workspace.join("runtime").display(),
        );
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        // The versions of the workspace.
        fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        let target = folder.join("target");
        let output = cargo()
            .args(["build", "--target-dir"])
            .arg(&target)
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        target.join("debug/faults-that-abort")
    })
}

fn run(script: impl IntoIterator<Item = Answer>, environment: &[(&str, &str)]) -> Run {
    let script: Vec<_> = script.into_iter().collect();
    let requests = script.len() + 1;
    let mut function = program(function());
    function.envs(environment.iter().copied());
    RuntimeApi::start(script).run(&mut function, requests)
}

#[track_caller]
fn assert_aborts(run: &Run, calls: &[&str], stderr: &str) {
    assert_eq!(run.calls(), calls, "{run:#?}");
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", stderr));
    assert_eq!(run.signal(), Some(SIGABRT), "{run:#?}");
}

/// The position of `code` in the source of `faults`: `at file:line:column`.
fn position(code: &str) -> String {
    position_in("faults.rs", code)
}

fn position_in(file: &str, code: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("functions").join(file);
    let source = fs::read_to_string(&file).unwrap();
    let (index, line) = source.lines().enumerate().find(|(_, line)| line.contains(code)).unwrap();
    format!("at {}:{}:{}", file.display(), index + 1, line.find(code).unwrap() + 1)
}

fn report(message: &str, position: &str) -> String {
    format!(r#"{{"errorType":"Panic","errorMessage":"{message}","stackTrace":["{position}"]}}"#)
}

#[test]
fn reports_a_panic_before_the_process_dies() {
    let script = [
        Answer::event("a", "\"hello\""),
        Answer::accepted(),
        Answer::event("b", "\"panic now\""),
        Answer::accepted(),
    ];
    let run = run(script, &[]);
    let position = position("panic!(\"{rest}\")");
    assert_aborts(
        &run,
        &[
            NEXT,
            "POST …/invocation/a/response \"hello\"",
            NEXT,
            &format!("POST …/invocation/b/error {}", report("now", &position)),
        ],
        &format!("ERROR RequestId: b Panic: now: {position}\n"),
    );
    let error = &run.requests[3];
    assert_eq!(error.header("lambda-runtime-function-error-type"), Some("Function.Panic"));
    assert_eq!(error.header("content-type"), Some("application/vnd.aws.lambda.error+json"));
    // The connection of the runtime waits for an answer to a request that was never sent.
    assert_eq!(run.connections, 2);
}

#[test]
fn a_panic_in_a_batch_fails_the_invocation_so_that_nothing_is_acknowledged() {
    let message = |id: &str, body: &str| {
        format!(
            r#"{{"messageId":"{id}","receiptHandle":"","body":"{body}","eventSourceARN":"arn"}}"#
        )
    };
    let records = [message("m-1", "hello"), message("m-2", "panic now"), message("m-3", "hello")];
    let event = format!(r#"{{"Records":[{}]}}"#, records.join(","));
    let run = run([Answer::event("a", &event), Answer::accepted()], &[("SQS", "1")]);
    let report = report("now", &position("panic!(\"{rest}\")"));
    assert_eq!(run.calls(), [NEXT, &format!("POST …/invocation/a/error {report}")], "{run:#?}");
    assert_eq!((run.stdout.as_str(), run.signal()), ("hello\n", Some(SIGABRT)));
}

#[test]
fn ends_a_stream_with_the_panic_in_its_trailer() {
    let script = [Answer::event("id", "[2,-1]"), Answer::accepted()];
    let stream = function().with_file_name("stream-that-aborts");
    let run = RuntimeApi::start(script).run(&mut program(stream), 3);
    let position = position_in("stream.rs", "panic!(");
    let body = BASE64_STANDARD.encode(report("below zero", &position));
    let stream = format!(
        "2\r\nxx\r\n0\r\n\
         Lambda-Runtime-Function-Error-Type: Function.Panic\r\n\
         Lambda-Runtime-Function-Error-Body: {body}"
    );
    assert_aborts(
        &run,
        &[NEXT, &format!("POST …/invocation/id/response {stream}")],
        &format!("ERROR RequestId: id Panic: below zero: {position}\n"),
    );
}

#[test]
fn calls_the_panic_hook_of_init_after_the_report() {
    let run = run([Answer::event("id", "\"panic now\""), Answer::accepted()], &[("HOOK", "1")]);
    let report = report("now", &position("panic!(\"{rest}\")"));
    assert_eq!(run.calls(), [NEXT, &format!("POST …/invocation/id/error {report}")], "{run:#?}");
    assert_eq!((run.stdout.as_str(), run.signal()), ("the function's hook\n", Some(SIGABRT)));
}

#[test]
fn reports_a_panic_even_if_it_cannot_log_it() {
    let script = [Answer::event("id", "\"panic now\""), Answer::accepted()];
    let (_, closed) = std::io::pipe().unwrap();
    let run = RuntimeApi::start(script).with_stderr(closed).run(&mut program(function()), 3);
    let report = report("now", &position("panic!(\"{rest}\")"));
    assert_aborts(&run, &[NEXT, &format!("POST …/invocation/id/error {report}")], "");
}

#[test]
fn echoes_the_invocation_id_when_it_aborts() {
    let headers = "Lambda-Runtime-Aws-Request-Id: id\r\nLambda-Runtime-Invocation-Id: abc/1\r\n";
    let run = run([Answer::event_with(headers, "\"panic now\""), Answer::accepted()], &[]);
    assert_eq!(run.requests[1].header("lambda-runtime-invocation-id"), Some("abc/1"));
    assert_eq!(run.signal(), Some(SIGABRT));
}

#[test]
fn reports_a_panic_in_init_before_the_process_dies() {
    let run = run([Answer::accepted()], &[("INIT", "panic")]);
    let position = position("panic!(\"no table\")");
    assert_aborts(
        &run,
        &[&format!("POST …/init/error {}", report("no table", &position))],
        &format!("ERROR Panic: no table: {position}\n"),
    );
}

#[test]
fn reports_a_panic_after_the_snapshot_as_one_of_the_restored_process() {
    let api = RuntimeApi::start([Answer::status(200, ""), Answer::accepted()]);
    let mut function = program(function().with_file_name("hook-that-aborts"));
    function.env("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start").env("FAIL", "panic");
    let run = api.run(&mut function, 3);
    let position = position_in("snap_start.rs", "panic!(\"in a hook\")");
    let report = format!("POST …/restore/error {}", report("in a hook", &position));
    assert_eq!(run.calls(), ["GET …/restore/next", &report]);
    assert_eq!(run.signal(), Some(SIGABRT), "{run:#?}");
}

#[test]
fn dies_soon_even_if_nobody_accepts_the_report() {
    for answer in [Answer::hang_up(), Answer::wait(), Answer::status(500, "")] {
        let run = run([Answer::event("id", "\"panic now\""), answer], &[]);
        assert_eq!(run.requests.len(), 2);
        assert_eq!(run.signal(), Some(SIGABRT), "{run:#?}");
    }
}

#[test]
fn leaves_panics_of_other_threads_to_the_existing_hook() {
    let run = run([Answer::event("id", "\"panic-elsewhere\"")], &[]);
    assert_eq!(run.calls(), [NEXT]);
    assert!(run.stderr.contains("panicked at"), "{}", run.stderr);
    assert_eq!(run.signal(), Some(SIGABRT));
}

#[test]
fn warns_that_a_panic_ends_all_invocations() {
    let api = RuntimeApi::start([Answer::wait()]);
    let run = api.run(program(function()).env("AWS_LAMBDA_MAX_CONCURRENCY", "2"), 2);
    assert_eq!(run.calls(), [NEXT, NEXT]);
    assert_eq!(
        run.stderr,
        "WARN a panic ends all invocations of this process, which is built with `panic = \"abort\"`\n\
         hint: set `panic = \"unwind\"` in the profile\n\
         INFO 2 invocations at a time\n"
    );
}

#[test]
fn reports_other_failures_as_usual() {
    let run = run([Answer::event("id", "\"fail Bad\""), Answer::accepted()], &[]);
    assert_eq!(
        run.calls(),
        [
            NEXT,
            r#"POST …/invocation/id/error {"errorType":"Bad","errorMessage":"as told","stackTrace":[]}"#,
            NEXT
        ]
    );
    assert!(run.status.is_none() && run.signal().is_none());
}

/// The signal that killed a process.
trait Signal {
    fn signal(&self) -> Option<i32>;
}

impl Signal for Run {
    fn signal(&self) -> Option<i32> {
        self.status.and_then(|status| status.signal())
    }
}
