//! `scaffold invoke`: real functions that cargo builds, with real events.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::LazyLock;

use lambda_native_tests::assert_run;
use lambda_native_tests::command::{Run, Scaffold, program, workspace};
use lambda_native_tests::dev::Dev;
use lambda_native_tests::project::{Project, lock_target, share_target};
use lambda_native_tests::terminal::{CTRL_C, Terminal};
use lambda_native_tests::wait::{assert_ends, wait_for};
use regex::Regex;
use tempfile::TempDir;

/// The folder of a built project whose function is `functions/socket.rs`.
static SOCKET: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("socket");
    let main = workspace().join("tests/functions/socket.rs");
    write(&folder, "Cargo.toml", &manifest("socket", &[("bootstrap", main.to_str().unwrap())]));
    write(&folder, "events/event.json", r#"{"hello": "world"}"#);
    fs::create_dir_all(folder.join("src")).unwrap();
    let _ = in_folder(&folder, &[]).run().success();
    folder
});

fn manifest(name: &str, bins: &[(&str, &str)]) -> String {
    let package = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n"
    );
    let bin = |(name, path)| format!("[[bin]]\nname = \"{name}\"\npath = \"{path}\"\n");
    package + &bins.iter().copied().map(bin).collect::<String>()
}

fn write(folder: &Path, name: &str, contents: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, contents).unwrap();
}

/// `scaffold invoke` in a project with its own target folder.
fn in_folder(folder: &Path, arguments: &[&str]) -> Scaffold {
    Scaffold::new([&["invoke"], arguments].concat()).current_dir(folder)
}

fn invoke(arguments: &[&str]) -> Scaffold {
    in_folder(&SOCKET, arguments)
}

/// The process ids that a hanging function logs: its own and that of its child.
#[track_caller]
fn hanging(log: &str) -> Vec<&str> {
    let line = log.lines().find_map(|line| line.strip_prefix("hanging: ")).expect(log);
    line.split(' ').collect()
}

#[test]
fn sends_the_event_beside_the_manifest() {
    assert_run!(invoke(&[]).run(), @r#"
    exit code: 0
    ----- stdout -----
    {"hello": "world"}
    ----- stderr -----
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    "#);
    assert_run!(in_folder(&SOCKET.join("src"), &[]).run(), @r#"
    exit code: 0
    ----- stdout -----
    {"hello": "world"}
    ----- stderr -----
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    "#);
    let manifest = SOCKET.join("Cargo.toml");
    let elsewhere = TempDir::new().unwrap();
    let arguments = ["--manifest-path", manifest.to_str().unwrap()];
    assert_run!(in_folder(elsewhere.path(), &arguments).run(), @r#"
    exit code: 0
    ----- stdout -----
    {"hello": "world"}
    ----- stderr -----
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    "#);
}

#[test]
fn sends_the_event_that_it_is_given() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "order.json", "[1, 2]\n");
    let file = folder.path().join("order.json");
    assert_run!(invoke(&["--event", file.to_str().unwrap()]).run(), @"
    exit code: 0
    ----- stdout -----
    [1, 2]
    [blank line]
    ----- stderr -----
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    ");
    assert_run!(invoke(&["--event", "-"]).input("[3]").run(), @"
    exit code: 0
    ----- stdout -----
    [3]
    ----- stderr -----
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    ");
    assert_run!(invoke(&["--data", "[4]"]).run(), @"
    exit code: 0
    ----- stdout -----
    [4]
    ----- stderr -----
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    ");
}

#[test]
fn carries_large_events_and_responses_whole() {
    let event = format!("\"{}\"", "x".repeat(5_000_000));
    let echo = invoke(&["--event", "-"]).input(event.as_str()).run();
    let is_whole = echo.stdout == event + "\n";
    assert!(is_whole, "the response is not the event");
    assert_run!(Run { stdout: String::new(), ..echo }, @"
    exit code: 0
    ----- stderr -----
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    ");

    let large = invoke(&["--data", r#""large""#]).run();
    let is_whole = large.stdout == "x".repeat(6_291_556) + "\n";
    assert!(is_whole, "the response is cut");
    assert_run!(Run { stdout: String::new(), ..large }, @"
    exit code: 0
    ----- stderr -----
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    ");
}

#[test]
fn shows_the_functions_log_on_standard_error() {
    assert_run!(invoke(&["--data", r#""log""#]).run(), @r#"
    exit code: 0
    ----- stdout -----
    "logged"
    ----- stderr -----
    on standard output
    on standard error
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    "#);
    assert_run!(invoke(&["--data", r#""answer, then log""#]).run(), @r#"
    exit code: 0
    ----- stdout -----
    "answered"
    ----- stderr -----
    logged after the answer
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    "#);
}

#[test]
fn takes_streamed_responses() {
    assert_run!(invoke(&["--data", r#""stream""#]).run(), @r#"
    exit code: 0
    ----- stdout -----
    "streamed"
    ----- stderr -----
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    "#);
    assert_run!(invoke(&["--data", r#""broken stream""#]).run(), @r#"
    exit code: 1
    ----- stdout -----
    {"errorType":"Broken"}
    ----- stderr -----
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]	Status: error	Error Type: Function.Broken
    error: the function failed: Broken
    "#);
}

#[test]
fn gives_the_function_the_environment_and_headers_of_lambda() {
    let environment = invoke(&["--data", r#""environment""#])
        .env("AWS_REGION", "eu-north-1")
        .env("AWS_LAMBDA_MAX_CONCURRENCY", "10")
        .env("FAULT", "none");
    let stream = r"=[0-9]{4}/[01][0-9]/[0-3][0-9]/\[\$LATEST\][0-9a-f]{32}\n";
    assert_run!(environment.run().replace(stream, "=[LOG STREAM]\n"), @"
    exit code: 0
    ----- stdout -----
    AWS_DEFAULT_REGION=eu-north-1
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128
    AWS_LAMBDA_FUNCTION_NAME=socket
    AWS_LAMBDA_FUNCTION_VERSION=$LATEST
    AWS_LAMBDA_INITIALIZATION_TYPE=on-demand
    AWS_LAMBDA_LOG_FORMAT=Text
    AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/socket
    AWS_LAMBDA_LOG_STREAM_NAME=[LOG STREAM]
    AWS_LAMBDA_RUNTIME_API=[ADDRESS]
    AWS_REGION=eu-north-1
    FAULT=none
    LAMBDA_TASK_ROOT=[TARGET]/tmp/socket
    TZ=:UTC
    _HANDLER=bootstrap
    in [TARGET]/tmp/socket
    ----- stderr -----
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    ");

    let started = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let head = invoke(&["--data", r#""head""#, "--timeout", "100"]).run();
    let deadline = Regex::new("-deadline-ms: ([0-9]+)\n").unwrap();
    let deadline = &deadline.captures(&head.stdout).unwrap()[1];
    let left = deadline.parse::<u128>().unwrap() - started.as_millis();
    assert!((100_000..110_000).contains(&left), "{head:?}");
    let head = head.replace("-deadline-ms: [0-9]+", "-deadline-ms: [DEADLINE]");
    assert_run!(head.replace("\ndate: .*", "\ndate: [DATE]"), @"
    exit code: 0
    ----- stdout -----
    content-type: application/json
    lambda-runtime-aws-request-id: [ID]
    lambda-runtime-deadline-ms: [DEADLINE]
    lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:012345678912:function:socket
    lambda-runtime-trace-id: [TRACE]
    content-length: 6
    date: [DATE]
    ----- stderr -----
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    ");
}

#[test]
fn refuses_requests_that_lambda_refuses() {
    assert_run!(invoke(&["--data", r#""protocol""#]).run(), @r#"
    exit code: 0
    ----- stdout -----
    "probed"
    ----- stderr -----
    404 404 page not found
    405 
    405 
    403 {"errorType":"InvalidStateTransition","errorMessage":"State transition from Running to InitError failed for runtime. Error: State transition is not allowed"}
    400 {"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}
    400 {"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}
    200 "protocol"
    202 {"status":"OK"}
    403 {"errorType":"InvalidStateTransition","errorMessage":"State transition from RuntimeResponseSentState to InvocationResponse failed for runtime. Error: State transition is not allowed"}
    403 {"errorType":"InvalidStateTransition","errorMessage":"State transition from RuntimeResponseSentState to InvocationErrorResponse failed for runtime. Error: State transition is not allowed"}
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    "#);
    assert_run!(invoke(&["--data", r#""too large""#]).run(), @r#"
    exit code: 1
    ----- stdout -----
    {"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size (6291557 bytes) exceeded maximum allowed payload size (6291556 bytes)."}
    ----- stderr -----
    status 413
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]	Status: error	Error Type: Function.ResponseSizeTooLarge
    error: the function failed: its response has 6291557 bytes; Lambda's limit is 6291556
    "#);
}

#[test]
fn serves_extensions_in_the_functions_process() {
    let with = |fault: &str, event: &str| {
        let run = invoke(&["--data", event]).env("FAULT", fault).run();
        run.replace(r#""deadlineMs":\d{13}"#, r#""deadlineMs":[TIME]"#)
    };
    assert_run!(with("extension", "7"), @r#"
    exit code: 0
    ----- stdout -----
    7
    ----- stderr -----
    202 {"errorType":"Telemetry.NotSupported","errorMessage":"Telemetry API is not supported"}
    202 {"errorType":"Logs.NotSupported","errorMessage":"Logs API is not supported"}
    405 
    404 404 page not found
    403 {"errorType":"Extension.InvalidExtensionName","errorMessage":"Empty extension name"}
    403 {"errorType":"InvalidRequestFormat","errorMessage":"expected ident at line 1 column 2"}
    403 {"errorType":"Extension.InvalidEventType","errorMessage":"SHUTDOWN: ShutdownEventNotSupportedForInternalExtension"}
    403 {"errorType":"Extension.InvalidEventType","errorMessage":"OTHER: ErrorInvalidEventType"}
    403 {"errorType":"Extension.MissingExtensionIdentifier","errorMessage":"Missing Lambda-Extension-Identifier header"}
    403 {"errorType":"Extension.InvalidExtensionIdentifier","errorMessage":"Invalid Lambda-Extension-Identifier"}
    403 {"errorType":"Extension.UnknownExtensionIdentifier","errorMessage":"Unknown extension [ID]"}
    403 {"errorType":"Extension.MissingHeader","errorMessage":"Lambda-Extension-Function-Error-Type not found"}
    200 {"accountId":"012345678912","functionName":"socket","functionVersion":"$LATEST","handler":"bootstrap"}
    403 {"errorType":"Extension.InvalidExtensionState","errorMessage":"Extension with this name already registered"}
    403 {"errorType":"Extension.TooManyExtensions","errorMessage":"Extension limit (10) reached"}
    extension: 200 {"deadlineMs":[TIME],"eventType":"INVOKE","invokedFunctionArn":"arn:aws:lambda:us-east-1:012345678912:function:socket","requestId":"[ID]","tracing":{"type":"X-Amzn-Trace-Id","value":"[TRACE]"}}
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    "#);
    assert_run!(with("silent-extension", r#""extension error""#), @r#"
    exit code: 1
    ----- stdout -----
    {"errorType":"NoTable","errorMessage":"TABLE is not set","stackTrace":[]}
    ----- stderr -----
    403 {"errorType":"Extension.MissingHeader","errorMessage":"Lambda-Extension-Function-Error-Type not found"}
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]	Status: error	Error Type: Extension.ExitError
    error: an extension failed: NoTable: TABLE is not set
    "#);
    assert_run!(with("extension-init-error", "7"), @r#"
    exit code: 1
    ----- stdout -----
    {"errorType":"NoTable","errorMessage":"TABLE is not set","stackTrace":[]}
    ----- stderr -----
    403 {"errorType":"Extension.MissingHeader","errorMessage":"Lambda-Extension-Function-Error-Type not found"}
    INIT_REPORT Init Duration: [TIME]	Phase: init	Status: error	Error Type: Extension.InitError
    error: an extension failed: NoTable: TABLE is not set
    "#);
}

#[test]
fn ends_a_function_with_an_extension_as_lambda_does() {
    let folder = TempDir::new().unwrap();
    let runtime = workspace().join("runtime");
    let manifest = manifest("farewell", &[("bootstrap", "main.rs")]);
    let dependency = format!(
        "[dependencies]\nlambda-native = {{ path = '{}', features = ['shutdown'] }}\n",
        runtime.display()
    );
    write(folder.path(), "Cargo.toml", &(manifest + &dependency));
    write(
        folder.path(),
        "main.rs",
        "use lambda_native::{Context, handler_fn, shutdown, start_with};
        fn main() -> std::process::ExitCode {
            start_with(async || {
                shutdown::on_shutdown(async { eprintln!(\"goodbye\") }).await?;
                Ok(handler_fn(async |number: u64, _: &Context| Ok(number + 1)))
            })
        }",
    );
    let _alone = lock_target();
    let mut scaffold = in_folder(folder.path(), &["--data", "7"]);
    share_target(scaffold.command());
    let run = scaffold.run();
    assert_eq!((run.code, run.stdout.trim()), (Some(0), "8"), "{run:?}");
    assert!(run.stderr.contains("\ngoodbye\n"), "{run:?}");

    for signal in ["INT", "TERM"] {
        let mut scaffold = Scaffold::new(["dev", "--port", "0"]).current_dir(folder.path());
        share_target(scaffold.command());
        let mut dev = Dev::start(scaffold);
        assert_eq!(dev.invoke("farewell", &[], "7").pair(), (200, "8"));
        assert_eq!(dev.end(signal).code(), Some(130));
        dev.wait_for(" goodbye\n");
    }
}

#[test]
fn fails_if_the_function_reports_an_error() {
    assert_run!(invoke(&["--data", r#""error""#]).run(), @r#"
    exit code: 1
    ----- stdout -----
    {"errorType":"OutOfStock","errorMessage":"no oranges","stackTrace":[]}
    ----- stderr -----
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]	Status: error	Error Type: Runtime.Unknown
    error: the function failed: OutOfStock: no oranges
    "#);
    assert_run!(invoke(&["--data", r#""plain error""#]).run(), @"
    exit code: 1
    ----- stdout -----
    no JSON at all
    ----- stderr -----
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]	Status: error	Error Type: Runtime.Unknown
    error: the function failed: Runtime.Unknown
    ");
}

#[test]
fn fails_if_the_function_ends() {
    let cases = ["\"exit\"", "\"return\"", "\"kill\"", "\"answer, then exit\""]
        .map(|event| (event, invoke(&["--data", event]).run()));
    assert_run!(Vec::from(cases), @r#"
    # "exit"
    exit code: 1
    ----- stdout -----
    {"errorType":"Runtime.ExitError","errorMessage":"RequestId: [ID] Error: Runtime exited with error: exit status 3"}
    ----- stderr -----
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Init Duration: [TIME]	Status: error	Error Type: Runtime.ExitError
    error: the function exited before it responded: exit status 3

    # "return"
    exit code: 1
    ----- stdout -----
    {"errorType":"Runtime.ExitError","errorMessage":"RequestId: [ID] Error: Runtime exited without providing a reason"}
    ----- stderr -----
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Init Duration: [TIME]	Status: error	Error Type: Runtime.ExitError
    error: the function exited before it responded: exit status 0

    # "kill"
    exit code: 1
    ----- stdout -----
    {"errorType":"Runtime.ExitError","errorMessage":"RequestId: [ID] Error: Runtime exited with error: signal: 9 (SIGKILL)"}
    ----- stderr -----
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Init Duration: [TIME]	Status: error	Error Type: Runtime.ExitError
    error: the function exited before it responded: signal: 9 (SIGKILL)

    # "answer, then exit"
    exit code: 1
    ----- stdout -----
    "answered"
    ----- stderr -----
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Init Duration: [TIME]	Status: error	Error Type: Runtime.ExitError
    error: the function exited before it asked for another event: exit status 4
    "#);
}

#[test]
fn fails_if_the_function_does_not_start() {
    assert_run!(invoke(&[]).env("FAULT", "exit").run(), @r#"
    exit code: 1
    ----- stdout -----
    {"errorType":"Runtime.ExitError","errorMessage":"RequestId: [ID] Error: Runtime exited with error: exit status 5"}
    ----- stderr -----
    INIT_REPORT Init Duration: [TIME]	Phase: init	Status: error	Error Type: Runtime.ExitError
    error: the function exited before it asked for an event: exit status 5
    "#);
    assert_run!(invoke(&[]).env("FAULT", "return").run(), @r#"
    exit code: 1
    ----- stdout -----
    {"errorType":"Runtime.ExitError","errorMessage":"RequestId: [ID] Error: Runtime exited without providing a reason"}
    ----- stderr -----
    INIT_REPORT Init Duration: [TIME]	Phase: init	Status: error	Error Type: Runtime.ExitError
    error: the function exited before it asked for an event: exit status 0
    hint: does its `main` handle events? `#[lambda_handler]` generates one that does
    "#);
    assert_run!(invoke(&[]).env("FAULT", "init-error").run(), @r#"
    exit code: 1
    ----- stdout -----
    {"errorType":"NoTable","errorMessage":"TABLE is not set","stackTrace":[]}
    ----- stderr -----
    INIT_REPORT Init Duration: [TIME]	Phase: init	Status: error	Error Type: Function.NoTable
    error: the function failed: NoTable: TABLE is not set
    "#);
}

#[test]
fn stops_a_function_that_takes_too_long() {
    let cases = [("none", "\"hang\""), ("hang", "{}")].map(|(fault, event)| {
        let run = invoke(&["--data", event, "--timeout", "1"]).env("FAULT", fault).run();
        for process in hanging(&run.stderr) {
            assert_ends(process);
        }
        (format!("FAULT={fault} {event}"), run.replace("hanging: [0-9 ]+", "hanging: [PROCESSES]"))
    });
    assert_run!(Vec::from(cases), @r#"
    # FAULT=none "hang"
    exit code: 1
    ----- stdout -----
    {"errorType":"Sandbox.Timedout","errorMessage":"RequestId: [ID] Error: Task timed out after 1.00 seconds"}
    ----- stderr -----
    hanging: [PROCESSES]
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]	Status: timeout
    error: the function timed out after 1.00 seconds, before it responded
    hint: use `--timeout SECONDS` to give it more time

    # FAULT=hang {}
    exit code: 1
    ----- stdout -----
    {"errorType":"Sandbox.Timedout","errorMessage":"RequestId: [ID] Error: Task timed out after 10.00 seconds"}
    ----- stderr -----
    hanging: [PROCESSES]
    INIT_REPORT Init Duration: [TIME]	Phase: init	Status: timeout
    error: the function timed out after 10.00 seconds, before it asked for an event
    hint: use `--timeout SECONDS` to give it more time
    "#);
}

#[test]
fn a_signal_ends_the_function_too() {
    for signal in ["INT", "TERM", "HUP"] {
        let mut scaffold = invoke(&["--data", r#""hang""#, "--timeout", "900"]);
        let mut child = scaffold
            .command()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut log = String::new();
        while !log.contains("hanging: ") {
            assert_ne!(stderr.read_line(&mut log).unwrap(), 0, "{log}");
        }
        kill(signal, &child.id().to_string());
        let mut rest = String::new();
        stderr.read_to_string(&mut rest).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(rest, "error: interrupted\n");
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(130), &[][..]));
        for process in hanging(&log) {
            assert_ends(process);
        }
    }
}

#[test]
fn a_function_that_ends_leaves_no_daemon_behind() {
    let run = invoke(&["--data", r#""leave a daemon""#]).run();
    assert_eq!(run.code, Some(1), "{run:?}");
    let [daemon] = hanging(&run.stderr)[..] else { panic!("{run:?}") };
    assert_ends(daemon);
}

#[test]
fn ctrl_c_in_a_terminal_ends_the_function_too() {
    let mut terminal =
        Terminal::start(&["invoke", "--data", r#""hang""#, "--timeout", "900"], &SOCKET);
    terminal.wait_for("hanging: ");
    terminal.send(CTRL_C);
    let screen = terminal.end();
    // The terminal shows the key at the cursor: after the line of the function, or within it.
    let last_line = screen.last_line().trim_start_matches("^C");
    assert_eq!((screen.code, last_line), (Some(130), "error: interrupted"));
    for process in hanging(&screen.text) {
        assert_ends(process.trim_end());
    }
}

#[test]
fn a_signal_ends_cargo_too() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "Cargo.toml", &manifest("slow", &[("bootstrap", "main.rs")]));
    write(folder.path(), "main.rs", "fn main() {}");
    write(
        folder.path(),
        "build.rs",
        "fn main() {\n    std::fs::write(\"started\", std::process::id().to_string()).unwrap();\n    \
         std::thread::sleep(std::time::Duration::from_secs(900));\n}\n",
    );
    let mut scaffold = in_folder(folder.path(), &["--data", "{}"]);
    // A terminal sends Ctrl-C to the group of processes in its foreground.
    let child = scaffold
        .command()
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let started = folder.path().join("started");
    wait_for(|| fs::read_to_string(&started).is_ok_and(|id| !id.is_empty()));
    kill("INT", &format!("-{}", child.id()));
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(130), &[][..]));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.ends_with("error: interrupted\n"), "{stderr}");
    assert_ends(&fs::read_to_string(started).unwrap());
}

fn kill(signal: &str, process: &str) {
    let status = program("kill").args(["-s", signal, "--", process]).status().unwrap();
    assert!(status.success());
}

#[test]
fn reports_the_peak_memory_of_the_function() {
    // The function holds 64 MB for a moment, and answers with its peak.
    let run = invoke(&["--data", r#""memory""#]).run();
    let own: u64 = run.stdout.trim().parse().expect(&run.stdout);
    let own = own.div_ceil(1024);
    assert!(own > 64, "{run:?}");
    let reported = Regex::new("Max Memory Used: ([0-9]+) MB").unwrap();
    let reported: u64 = reported.captures(&run.stderr).expect(&run.stderr)[1].parse().unwrap();
    // Sending the answer takes memory too, but less than a megabyte.
    assert!((own..=own + 1).contains(&reported), "{run:?}");
}

#[test]
fn warns_about_more_memory_than_lambda_gives() {
    let run = invoke(&["--data", r#""too much memory""#]).run();
    assert_run!(run.replace("used 19[0-9] MB", "used [MEMORY]"), @r#"
    exit code: 0
    ----- stdout -----
    "held"
    ----- stderr -----
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    warning: the function used [MEMORY] of memory; Lambda ends it at 128 MB
    "#);
}

#[test]
fn explains_what_is_wrong_with_the_event() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    write(folder, "Cargo.toml", &manifest("empty", &[("bootstrap", "main.rs")]));
    write(folder, "main.rs", "this is never built");
    assert_run!(in_folder(folder, &[]).run(), @"
    exit code: 1
    ----- stderr -----
    error: cannot read the event `[TEMP]/events/event.json`
      caused by: No such file or directory (os error 2)
    hint: create it, or pass an event with `--event FILE` or `--data JSON`
    ");
    assert_run!(in_folder(folder, &["--event", "nowhere.json"]).run(), @"
    exit code: 1
    ----- stderr -----
    error: cannot read the event `nowhere.json`
      caused by: No such file or directory (os error 2)
    ");
    let events = ["{\"a\": 1,\n \"b\": }", "", "{} {}"];
    let cases = events.map(|event| {
        write(folder, "bad.json", event);
        (format!("{event:?}"), in_folder(folder, &["--event", "bad.json"]).run())
    });
    assert_run!(Vec::from(cases), @r#"
    # "{\"a\": 1,\n \"b\": }"
    exit code: 1
    ----- stderr -----
    error: `bad.json` is not valid JSON, and Lambda accepts nothing else
      caused by: expected value at line 2 column 7

    # ""
    exit code: 1
    ----- stderr -----
    error: `bad.json` is not valid JSON, and Lambda accepts nothing else
      caused by: EOF while parsing a value at line 1 column 0

    # "{} {}"
    exit code: 1
    ----- stderr -----
    error: `bad.json` is not valid JSON, and Lambda accepts nothing else
      caused by: trailing characters at line 1 column 4
    "#);
    fs::write(folder.join("latin.json"), b"\"\xe9\"").unwrap();
    assert_run!(in_folder(folder, &["--event", "latin.json"]).run(), @"
    exit code: 1
    ----- stderr -----
    error: `latin.json` is not valid JSON, and Lambda accepts nothing else
      caused by: invalid utf-8 sequence of 1 bytes from index 1
    ");
    let large = format!("\"{}\"", "x".repeat(6_291_455));
    assert_run!(in_folder(folder, &["--event", "-"]).input(large).run(), @"
    exit code: 1
    ----- stderr -----
    error: standard input has 6291457 bytes; Lambda's limit is 6291456
    hint: store large data in S3 and put its key into the event
    ");
    assert_run!(Terminal::start(&["invoke", "--event", "-"], folder).end(), @"
    exit code: 1
    ----- screen -----
    error: no event on standard input (it is a terminal)
    hint: pipe it in, or pass an event with `--event FILE` or `--data JSON`
    ");
}

#[test]
fn fails_if_there_is_no_function() {
    let folder = TempDir::new().unwrap();
    let folder = dunce::canonicalize(folder.path()).unwrap();
    assert_run!(in_folder(&folder, &[]).run(), @"
    exit code: 1
    ----- stderr -----
    error: no `Cargo.toml` in `[TEMP]` or a folder above it
    hint: run the command in a project, or create one with `scaffold new`
    ");

    write(&folder, "Cargo.toml", &manifest("tools", &[("one", "main.rs"), ("two", "main.rs")]));
    write(&folder, "main.rs", "fn main() {}");
    assert_run!(in_folder(&folder, &[]).run(), @r#"
    exit code: 1
    ----- stderr -----
    error: no binary named `bootstrap` in this project
    hint: the project has `one` and `two`; set `name = "bootstrap"` under `[[bin]]` in `Cargo.toml`, because Lambda only runs a file with this name, or choose one with `--bin one`
    "#);
    assert_run!(in_folder(&folder, &["--bin", "three"]).run(), @"
    exit code: 1
    ----- stderr -----
    error: no binary named `three` in this project
    hint: the project has `one` and `two`
    ");
    assert_run!(in_folder(&folder, &["--package", "three"]).run(), @"
    exit code: 1
    ----- stderr -----
    error: no package named `three` in this workspace
    hint: the workspace has `tools`
    ");

    write(&folder, "Cargo.toml", "[package]\nname = \"tools\"\nedition = \"2077\"\n");
    let run = in_folder(&folder, &[]).run();
    // The rest differs between versions of cargo.
    let run = run.replace(r"(?s)(failed to parse manifest).*\n(error: cargo)", "$1 [...]\n$2");
    assert_run!(run, @"
    exit code: 1
    ----- stderr -----
    error: failed to parse manifest [...]
    error: cargo could not read the project
    ");
}

#[test]
fn chooses_among_the_packages_of_a_workspace() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    write(folder, "Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\nresolver = \"3\"\n");
    for name in ["one", "two"] {
        let member = manifest(name, &[("bootstrap", "main.rs")]).replace("[workspace]\n", "");
        write(folder, &format!("{name}/Cargo.toml"), &member);
        write(
            folder,
            &format!("{name}/main.rs"),
            &format!("fn main() {{ eprintln!(\"{name}\") }}"),
        );
    }
    assert_run!(in_folder(folder, &["--data", "{}"]).run(), @"
    exit code: 1
    ----- stderr -----
    error: more than one package has a binary named `bootstrap`: `one`, `two`
    hint: choose one with `--package one`
    ");
    for (at, arguments) in [("", &["-p", "two"][..]), ("two", &[]), ("one", &["--package", "two"])]
    {
        let run = in_folder(&folder.join(at), &[&["--data", "{}"], arguments].concat()).run();
        assert_eq!(run.code, Some(1));
        // The function prints this, and ends.
        assert!(run.stderr.contains("\ntwo\n"), "{run:?}");
    }
}

#[test]
fn shows_the_errors_of_cargo() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "Cargo.toml", &manifest("broken", &[("bootstrap", "main.rs")]));
    write(folder.path(), "main.rs", "fn main() {\n    let () = 1;\n}\n");
    let run = in_folder(folder.path(), &["--data", "{}"]).run();
    // The rest differs between versions of Rust.
    let run = run
        .replace(r"(?s)(mismatched types).*(error: could not compile)[^\n]*", "$1 [...]\n$2 [...]");
    assert_run!(run, @"
    exit code: 1
    ----- stderr -----
    error[E0308]: mismatched types [...]
    error: could not compile [...]
    error: cargo could not build the function
    ");
}

#[test]
fn invokes_a_generated_project() {
    let project = Project::new(&[]);
    let _alone = lock_target();
    let _ = project.cargo_alone(&["build"]).success();
    let invoke = |arguments: &[&str]| {
        let mut scaffold =
            Scaffold::new([&["invoke"], arguments].concat()).current_dir(&project.path());
        share_target(scaffold.command());
        scaffold.run()
    };
    assert_run!(invoke(&[]), @r#"
    exit code: 0
    ----- stdout -----
    {"statusCode":200,"headers":{"content-type":"application/json"},"cookies":[],"body":"{\"message\":\"hello Ada\",\"source_ip\":\"203.0.113.17\"}","isBase64Encoded":false}
    ----- stderr -----
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 256 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    "#);
    assert_run!(invoke(&["--data", "[1]"]), @r#"
    exit code: 1
    ----- stdout -----
    {"errorType":"Runtime.UnmarshalError","errorMessage":"cannot read the event: invalid type: sequence, expected an object at line 1 column 0","stackTrace":[]}
    ----- stderr -----
    ERROR RequestId: [ID] Runtime.UnmarshalError: cannot read the event: invalid type: sequence, expected an object at line 1 column 0
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 256 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]	Status: error	Error Type: Runtime.UnmarshalError
    error: the function failed: Runtime.UnmarshalError: cannot read the event: invalid type: sequence, expected an object at line 1 column 0
    "#);
}

#[test]
fn runs_the_function_as_the_template_says() {
    let folder = TempDir::new().unwrap();
    let folder = dunce::canonicalize(folder.path()).unwrap();
    let main = workspace().join("tests/functions/socket.rs");
    write(&folder, "Cargo.toml", &manifest("socket", &[("bootstrap", main.to_str().unwrap())]));
    let template = "Resources:\n  Socket:\n    Type: AWS::Serverless::Function\n    Properties:\n      \
                    CodeUri: .\n      Handler: bootstrap\n      Runtime: provided.al2023\n      \
                    MemorySize: 512\n      Timeout: 1\n      Environment:\n        Variables:\n          \
                    FAULT: none\n          TZ: CET\n          AWS_LAMBDA_FUNCTION_NAME: mine\n";
    write(&folder, "template.yaml", template);
    let environment = in_folder(&folder, &["--data", r#""environment""#]).run().success();
    for line in ["MEMORY_SIZE=512", "FUNCTION_NAME=Socket", "FAULT=none", "TZ=CET"] {
        assert!(environment.contains(&format!("{line}\n")), "{line}: {environment}");
    }
    let hang = in_folder(&folder, &["Socket", "--data", r#""hang""#]).run();
    assert_run!(hang.replace("hanging: [0-9 ]+", "hanging: [PROCESSES]"), @r#"
    exit code: 1
    ----- stdout -----
    {"errorType":"Sandbox.Timedout","errorMessage":"RequestId: [ID] Error: Task timed out after 1.00 seconds"}
    ----- stderr -----
    warning: [TEMP]/template.yaml:14: the variable `AWS_LAMBDA_FUNCTION_NAME` of `Socket` is ignored: Lambda reserves it
    hint: remove it: Lambda refuses a function with it
    hanging: [PROCESSES]
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 512 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]	Status: timeout
    error: the function timed out after 1.00 seconds, before it responded
    hint: use `--timeout SECONDS` to give it more time
    "#);
    assert_run!(in_folder(&folder, &["Other", "--data", "{}"]).run(), @"
    exit code: 1
    ----- stderr -----
    warning: [TEMP]/template.yaml:14: the variable `AWS_LAMBDA_FUNCTION_NAME` of `Socket` is ignored: Lambda reserves it
    hint: remove it: Lambda refuses a function with it
    error: no function named `Other`
    hint: the functions are: `Socket`
    ");
}

#[test]
fn repeats_an_event_and_reports_latencies() {
    assert_run!(invoke(&["--data", r#""count""#, "--repeat", "20"]).run(), @"
    exit code: 0
    ----- stdout -----
    20
    ----- stderr -----
    20 invocations: 0 failed, 1 with a cold start
    latency  min [TIME]  p50 [TIME]  p99 [TIME]  max [TIME]
    init     max [TIME]
    ");
    // A function that ends is started again.
    assert_run!(invoke(&["--data", r#""exit""#, "--repeat", "3"]).run(), @r#"
    exit code: 1
    ----- stdout -----
    {"errorType":"Runtime.ExitError","errorMessage":"RequestId: [ID] Error: Runtime exited with error: exit status 3"}
    ----- stderr -----
    3 invocations: 3 failed, 3 with a cold start
    latency  min [TIME]  p50 [TIME]  p99 [TIME]  max [TIME]
    init     max [TIME]
    error: the function exited before it responded: exit status 3
    "#);
}

#[test]
fn prints_json_for_programs() {
    let json = |arguments: &[&str]| {
        let run = invoke(&[arguments, &["--json"]].concat()).run();
        run.replace("(_ms\":)[0-9.]+", "$1[TIME]").replace("(max_memory_mb\":)[0-9]+", "$1[MEMORY]")
    };
    assert_run!(json(&["--data", r#"{"a": [1, 2]}"#]), @r#"
    exit code: 0
    ----- stdout -----
    {"function":"socket","request_id":"[ID]","response":{"a": [1, 2]},"error":null,"memory_mb":128,"init_ms":[TIME],"duration_ms":[TIME],"max_memory_mb":[MEMORY]}
    "#);
    assert_run!(json(&["--data", r#""plain error""#]), @r#"
    exit code: 1
    ----- stdout -----
    {"function":"socket","request_id":"[ID]","response":null,"error":"no JSON at all","memory_mb":128,"init_ms":[TIME],"duration_ms":[TIME],"max_memory_mb":[MEMORY]}
    ----- stderr -----
    error: the function failed: Runtime.Unknown
    "#);
    assert_run!(json(&["--data", "7", "--repeat", "5"]), @r#"
    exit code: 0
    ----- stdout -----
    {"function":"socket","request_id":"[ID]","response":7,"error":null,"memory_mb":128,"init_ms":null,"duration_ms":[TIME],"max_memory_mb":[MEMORY],"repeat":{"calls":5,"failed":0,"starts":1,"max_init_ms":[TIME],"min_ms":[TIME],"p50_ms":[TIME],"p99_ms":[TIME],"max_ms":[TIME]}}
    "#);
}

#[test]
fn lists_the_examples() {
    assert_run!(invoke(&["--event", "example:nothing"]).run(), @"
    exit code: 2
    ----- stderr -----
    error: invalid value 'example:nothing' for '--event <FILE>': unknown example `nothing`; the examples are: alb, authorizer, cloudwatch-logs, cognito, dynamodb, eventbridge, function-url, http-api-v1, http-api-v2, kafka, kinesis, rest, s3, schedule, ses, sns, sqs, websocket

    For more information, try '--help'.
    ");
}
