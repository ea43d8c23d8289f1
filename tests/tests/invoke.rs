//! `scaffold invoke`: real functions, built by cargo and sent real events.

#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "what a test does not expect ends it")]

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use lambda_native_tests::command::{Run, Scaffold, workspace};
use lambda_native_tests::project::{Project, clean_environment};
use lambda_native_tests::terminal::{CTRL_C, Terminal};
use regex::Regex;
use tempfile::TempDir;

/// What ends the log of an invocation; of one whose process is gone there is no memory to tell.
const REPORT: &str = "REPORT RequestId: ID\tDuration: T ms\tBilled Duration: T ms\t\
                      Memory Size: 128 MB\tMax Memory Used: M MB\tInit Duration: T ms";
const REPORT_GONE: &str = "REPORT RequestId: ID\tDuration: T ms\tBilled Duration: T ms\t\
                           Memory Size: 128 MB\tInit Duration: T ms";
const INIT_REPORT: &str = "INIT_REPORT Init Duration: T ms\tPhase: init";

/// The folder of a project whose function is `functions/socket.rs`, built.
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

/// `scaffold invoke` in a project that has its target folder to itself.
fn in_folder(folder: &Path, arguments: &[&str]) -> Scaffold {
    let mut scaffold = Scaffold::new([&["invoke"], arguments].concat()).current_dir(folder);
    scaffold.command().env_remove("CARGO_TARGET_DIR").env("RUST_BACKTRACE", "0");
    scaffold
}

fn invoke(arguments: &[&str]) -> Scaffold {
    in_folder(&SOCKET, arguments)
}

/// Runs it, and gives its output with the names of what differs each time: ids, times, memory. What
/// cargo says of its progress is left out.
fn run(scaffold: Scaffold) -> Run {
    let mut run = scaffold.run();
    run.stdout = normalise(&run.stdout);
    run.stderr = normalise(&run.stderr);
    run
}

fn normalise(text: &str) -> String {
    let patterns = [
        (r"(?m)^ +(Blocking|Compiling|Finished|Locking) .*\n", ""),
        (r"\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b", "ID"),
        (r"Billed Duration: [1-9][0-9]* ms", "Billed Duration: T ms"),
        (r"Duration: [0-9]+\.[0-9]{2} ms", "Duration: T ms"),
        (r"Max Memory Used: [1-9][0-9]* MB", "Max Memory Used: M MB"),
    ];
    patterns.into_iter().fold(text.to_owned(), |text, (pattern, name)| {
        Regex::new(pattern).unwrap().replace_all(&text, name).into_owned()
    })
}

/// Waits until a process has ended: one that nobody has waited for yet has ended too.
#[track_caller]
fn assert_ends(process: &str) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while let Ok(stat) = fs::read_to_string(format!("/proc/{process}/stat")) {
        if stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z')) {
            return;
        }
        assert!(Instant::now() < deadline, "{stat}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The processes of which the function that hangs tells: its own and its child's.
#[track_caller]
fn hanging(log: &str) -> Vec<&str> {
    let line = log.lines().find_map(|line| line.strip_prefix("hanging: ")).expect(log);
    line.split(' ').collect()
}

#[test]
fn sends_the_event_beside_the_manifest() {
    let expected = Run::new(0, "{\"hello\": \"world\"}\n", format!("{REPORT}\n"));
    assert_eq!(run(invoke(&[])), expected);
    assert_eq!(run(in_folder(&SOCKET.join("src"), &[])), expected);
    let manifest = SOCKET.join("Cargo.toml");
    let elsewhere = TempDir::new().unwrap();
    let arguments = ["--manifest-path", manifest.to_str().unwrap()];
    assert_eq!(run(in_folder(elsewhere.path(), &arguments)), expected);
}

#[test]
fn sends_the_event_that_it_is_given() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "order.json", "[1, 2]\n");
    let file = folder.path().join("order.json");
    let report = format!("{REPORT}\n");
    assert_eq!(
        run(invoke(&["--event", file.to_str().unwrap()])),
        Run::new(0, "[1, 2]\n\n", &report)
    );
    assert_eq!(run(invoke(&["--event", "-"]).input("[3]")), Run::new(0, "[3]\n", &report));
    assert_eq!(run(invoke(&["--data", "[4]"])), Run::new(0, "[4]\n", &report));
}

#[test]
fn carries_large_events_and_responses_whole() {
    let event = format!("\"{}\"", "x".repeat(5_000_000));
    let echo = run(invoke(&["--event", "-"]).input(event.as_str()));
    assert_eq!((echo.code, echo.stderr.as_str()), (Some(0), format!("{REPORT}\n").as_str()));
    assert!(echo.stdout == event + "\n");

    let large = run(invoke(&["--data", r#""large""#]));
    assert_eq!((large.code, large.stderr.as_str()), (Some(0), format!("{REPORT}\n").as_str()));
    assert!(large.stdout == "x".repeat(6_291_556) + "\n");
}

#[test]
fn shows_the_functions_log_on_standard_error() {
    assert_eq!(
        run(invoke(&["--data", r#""log""#])),
        Run::new(0, "\"logged\"\n", format!("on standard output\non standard error\n{REPORT}\n"))
    );
    assert_eq!(
        run(invoke(&["--data", r#""answer, then log""#])),
        Run::new(0, "\"answered\"\n", format!("logged after the answer\n{REPORT}\n"))
    );
}

#[test]
fn takes_streamed_responses() {
    assert_eq!(
        run(invoke(&["--data", r#""stream""#])),
        Run::new(0, "\"streamed\"\n", format!("{REPORT}\n"))
    );
    assert_eq!(
        run(invoke(&["--data", r#""broken stream""#])),
        Run::new(
            1,
            "{\"errorType\":\"Broken\"}\n",
            format!(
                "{REPORT}\tStatus: error\tError Type: Function.Broken\n\
                 error: the function failed: Broken\n"
            )
        )
    );
}

#[test]
fn gives_the_function_what_lambda_gives() {
    let environment = run(invoke(&["--data", r#""environment""#])
        .env("AWS_REGION", "eu-north-1")
        .env("AWS_LAMBDA_MAX_CONCURRENCY", "10")
        .env("FAULT", "none"));
    let stream = Regex::new(r"=[0-9]{4}/[01][0-9]/[0-3][0-9]/\[\$LATEST\][0-9a-f]{32}\n").unwrap();
    let port = Regex::new(r"=127\.0\.0\.1:[0-9]+\n").unwrap();
    let lines = stream.replace(&environment.stdout, "=STREAM\n");
    assert_eq!(
        port.replace(&lines, "=ADDRESS\n"),
        format!(
            "AWS_DEFAULT_REGION=eu-north-1\n\
             AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128\n\
             AWS_LAMBDA_FUNCTION_NAME=socket\n\
             AWS_LAMBDA_FUNCTION_VERSION=$LATEST\n\
             AWS_LAMBDA_INITIALIZATION_TYPE=on-demand\n\
             AWS_LAMBDA_LOG_FORMAT=Text\n\
             AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/socket\n\
             AWS_LAMBDA_LOG_STREAM_NAME=STREAM\n\
             AWS_LAMBDA_RUNTIME_API=ADDRESS\n\
             AWS_REGION=eu-north-1\n\
             FAULT=none\n\
             LAMBDA_TASK_ROOT={folder}\n\
             TZ=:UTC\n\
             _HANDLER=bootstrap\n\
             in {folder}\n",
            folder = SOCKET.display()
        )
    );

    let started = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let head = run(invoke(&["--data", r#""head""#, "--timeout", "100"])).success();
    let deadline: u128 = Regex::new("-deadline-ms: ([0-9]+)\n").unwrap().captures(&head).unwrap()
        [1]
    .parse()
    .unwrap();
    assert!((100_000..110_000).contains(&(deadline - started.as_millis())), "{head}");
    let head = head.replace(&deadline.to_string(), "DEADLINE");
    let trace =
        Regex::new("Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0").unwrap();
    let date = Regex::new("\ndate: .*").unwrap();
    assert_eq!(
        date.replace(&trace.replace(&head, "TRACE"), ""),
        "content-type: application/json\n\
         lambda-runtime-aws-request-id: ID\n\
         lambda-runtime-deadline-ms: DEADLINE\n\
         lambda-runtime-invoked-function-arn: \
         arn:aws:lambda:us-east-1:012345678912:function:socket\n\
         lambda-runtime-trace-id: TRACE\n\
         content-length: 6\n"
    );
}

#[test]
fn refuses_what_lambda_refuses() {
    let transition = |from: &str, to: &str| {
        format!(
            "403 {{\"errorType\":\"InvalidStateTransition\",\"errorMessage\":\"State transition from \
             {from} to {to} failed for runtime. Error: State transition is not allowed\"}}\n"
        )
    };
    let wrong_id =
        "400 {\"errorType\":\"InvalidRequestID\",\"errorMessage\":\"Invalid request ID\"}\n";
    assert_eq!(
        run(invoke(&["--data", r#""protocol""#])),
        Run::new(
            0,
            "\"probed\"\n",
            [
                "404 404 page not found\n",
                "405 \n",
                "405 \n",
                &transition("Running", "InitError"),
                wrong_id,
                wrong_id,
                "200 \"protocol\"\n",
                "202 {\"status\":\"OK\"}\n",
                &transition("RuntimeResponseSentState", "InvocationResponse"),
                &transition("RuntimeResponseSentState", "InvocationErrorResponse"),
                REPORT,
                "\n",
            ]
            .concat()
        )
    );
    assert_eq!(
        run(invoke(&["--data", r#""too large""#])),
        Run::new(
            1,
            "{\"errorType\":\"Function.ResponseSizeTooLarge\",\"errorMessage\":\"Response payload \
             size (6291557 bytes) exceeded maximum allowed payload size (6291556 bytes).\"}\n",
            format!(
                "status 413\n\
                 {REPORT}\tStatus: error\tError Type: Function.ResponseSizeTooLarge\n\
                 error: the function failed: its response has 6291557 bytes, and Lambda takes at \
                 most 6291556\n"
            )
        )
    );
}

#[test]
fn fails_where_the_function_reports_an_error() {
    assert_eq!(
        run(invoke(&["--data", r#""error""#])),
        Run::new(
            1,
            "{\"errorType\":\"OutOfStock\",\"errorMessage\":\"no oranges\",\"stackTrace\":[]}\n",
            format!(
                "{REPORT}\tStatus: error\tError Type: Runtime.Unknown\n\
                 error: the function failed: OutOfStock: no oranges\n"
            )
        )
    );
    assert_eq!(
        run(invoke(&["--data", r#""plain error""#])),
        Run::new(
            1,
            "no JSON at all\n",
            format!(
                "{REPORT}\tStatus: error\tError Type: Runtime.Unknown\n\
                 error: the function failed: Runtime.Unknown\n"
            )
        )
    );
}

#[test]
fn fails_where_the_function_ends() {
    for (event, reason, end) in [
        ("\"exit\"", "Runtime exited with error: exit status 3", "exit status 3"),
        ("\"return\"", "Runtime exited without providing a reason", "exit status 0"),
        ("\"kill\"", "Runtime exited with error: signal: 9 (SIGKILL)", "signal: 9 (SIGKILL)"),
    ] {
        assert_eq!(
            run(invoke(&["--data", event])),
            Run::new(
                1,
                format!(
                    "{{\"errorType\":\"Runtime.ExitError\",\
                     \"errorMessage\":\"RequestId: ID Error: {reason}\"}}\n"
                ),
                format!(
                    "{REPORT_GONE}\tStatus: error\tError Type: Runtime.ExitError\n\
                     error: the function ended before it answered: {end}\n"
                )
            )
        );
    }
    assert_eq!(
        run(invoke(&["--data", r#""answer, then exit""#])),
        Run::new(
            1,
            "\"answered\"\n",
            format!(
                "{REPORT_GONE}\tStatus: error\tError Type: Runtime.ExitError\n\
                 error: the function ended before it asked for another event: exit status 4\n"
            )
        )
    );
}

#[test]
fn fails_where_the_function_does_not_start() {
    let exited = |reason: &str| {
        format!(
            "{{\"errorType\":\"Runtime.ExitError\",\
             \"errorMessage\":\"RequestId: ID Error: {reason}\"}}\n"
        )
    };
    assert_eq!(
        run(invoke(&[]).env("FAULT", "exit")),
        Run::new(
            1,
            exited("Runtime exited with error: exit status 5"),
            format!(
                "{INIT_REPORT}\tStatus: error\tError Type: Runtime.ExitError\n\
                 error: the function ended before it asked for an event: exit status 5\n"
            )
        )
    );
    assert_eq!(
        run(invoke(&[]).env("FAULT", "return")),
        Run::new(
            1,
            exited("Runtime exited without providing a reason"),
            format!(
                "{INIT_REPORT}\tStatus: error\tError Type: Runtime.ExitError\n\
                 error: the function ended before it asked for an event: exit status 0\n\
                 hint: does its `main` take events? `#[lambda_handler]` writes one that does\n"
            )
        )
    );
    assert_eq!(
        run(invoke(&[]).env("FAULT", "init-error")),
        Run::new(
            1,
            "{\"errorType\":\"NoTable\",\"errorMessage\":\"TABLE is not set\",\"stackTrace\":[]}\n",
            format!(
                "{INIT_REPORT}\tStatus: error\tError Type: Function.NoTable\n\
                 error: the function failed: NoTable: TABLE is not set\n"
            )
        )
    );
}

#[test]
fn stops_a_function_that_takes_too_long() {
    for (fault, event, report, limit, before) in [
        ("none", "\"hang\"", REPORT, "1.00", "answered"),
        ("hang", "{}", INIT_REPORT, "10.00", "asked for an event"),
    ] {
        let run = run(invoke(&["--data", event, "--timeout", "1"]).env("FAULT", fault));
        let processes = hanging(&run.stderr);
        assert_eq!(
            run,
            Run::new(
                1,
                format!(
                    "{{\"errorType\":\"Sandbox.Timedout\",\"errorMessage\":\
                     \"RequestId: ID Error: Task timed out after {limit} seconds\"}}\n"
                ),
                format!(
                    "hanging: {}\n\
                     {report}\tStatus: timeout\n\
                     error: the function timed out after {limit} seconds, before it {before}\n\
                     hint: `--timeout SECONDS` gives it more time\n",
                    processes.join(" ")
                )
            )
        );
        for process in processes {
            assert_ends(process);
        }
    }
}

#[test]
fn ends_the_function_where_it_is_ended_itself() {
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
fn ends_at_ctrl_c_in_a_terminal() {
    let mut terminal =
        Terminal::start(&["invoke", "--data", r#""hang""#, "--timeout", "900"], &SOCKET);
    terminal.wait_for("hanging: ");
    terminal.send(CTRL_C);
    let (status, screen) = terminal.end();
    assert_eq!(status.exit_code(), 130, "{screen}");
    assert!(screen.trim_end().ends_with("error: interrupted"), "{screen}");
    for process in hanging(&screen) {
        assert_ends(process.trim_end());
    }
}

#[test]
fn ends_cargo_too() {
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
    let deadline = Instant::now() + Duration::from_mins(1);
    while fs::read_to_string(&started).unwrap_or_default().is_empty() {
        assert!(Instant::now() < deadline, "cargo does not run the build script");
        std::thread::sleep(Duration::from_millis(10));
    }
    kill("INT", &format!("-{}", child.id()));
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(130), &[][..]));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.ends_with("error: interrupted\n"), "{stderr}");
    assert_ends(&fs::read_to_string(started).unwrap());
}

fn kill(signal: &str, process: &str) {
    let status = Command::new("kill").args(["-s", signal, "--", process]).status().unwrap();
    assert!(status.success());
}

#[test]
fn tells_how_much_memory_the_function_held() {
    let peak = |event: &str| -> u64 {
        let run = invoke(&["--data", event]).run();
        let pattern = Regex::new("Max Memory Used: ([0-9]+) MB").unwrap();
        pattern.captures(&run.stderr).expect(&run.stderr)[1].parse().unwrap()
    };
    assert!((1..8).contains(&peak("{}")));
    assert!((64..72).contains(&peak(r#""memory""#)));
}

#[test]
fn says_what_is_wrong_with_the_event() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    write(folder, "Cargo.toml", &manifest("empty", &[("bootstrap", "main.rs")]));
    write(folder, "main.rs", "this is never built");
    let missing = |path: &str| format!("error: cannot read the event `{path}`\n");
    let not_found = "  caused by: No such file or directory (os error 2)\n";
    let default = dunce::canonicalize(folder).unwrap().join("events/event.json");
    assert_eq!(
        run(in_folder(folder, &[])),
        Run::new(
            1,
            "",
            format!(
                "{}{not_found}hint: write it, name another with `--event FILE`, or type one as \
                 `--data JSON`\n",
                missing(default.to_str().unwrap())
            )
        )
    );
    assert_eq!(
        run(in_folder(folder, &["--event", "nowhere.json"])),
        Run::new(1, "", missing("nowhere.json") + not_found)
    );
    for (event, name, reason) in [
        ("{\"a\": 1,\n \"b\": }", "bad.json", "expected value at line 2 column 7"),
        ("", "empty.json", "EOF while parsing a value at line 1 column 0"),
        ("{} {}", "two.json", "trailing characters at line 1 column 4"),
    ] {
        write(folder, name, event);
        assert_eq!(
            run(in_folder(folder, &["--event", name])),
            Run::new(
                1,
                "",
                format!(
                    "error: `{name}` is not JSON, and Lambda takes no other event\n  \
                     caused by: {reason}\n"
                )
            )
        );
    }
    fs::write(folder.join("latin.json"), b"\"\xe9\"").unwrap();
    assert_eq!(
        run(in_folder(folder, &["--event", "latin.json"])),
        Run::new(
            1,
            "",
            "error: `latin.json` is not JSON, and Lambda takes no other event\n  \
             caused by: invalid utf-8 sequence of 1 bytes from index 1\n"
        )
    );
    assert_eq!(
        run(in_folder(folder, &["--event", "-"]).input(format!("\"{}\"", "x".repeat(6_291_455)))),
        Run::new(
            1,
            "",
            "error: standard input has 6291457 bytes, and Lambda takes at most 6291456\n\
             hint: put what is large into S3, and its key into the event\n"
        )
    );
    let (status, screen) = Terminal::start(&["invoke", "--event", "-"], folder).end();
    assert_eq!(
        (status.exit_code(), screen.as_str()),
        (
            1,
            "error: the event is to come from standard input, which is a terminal\n\
             hint: pipe it in, name a file with `--event FILE`, or type it as `--data JSON`"
        )
    );
}

#[test]
fn says_where_there_is_no_function() {
    let folder = TempDir::new().unwrap();
    let folder = dunce::canonicalize(folder.path()).unwrap();
    assert_eq!(
        run(in_folder(&folder, &[])),
        Run::new(
            1,
            "",
            format!(
                "error: no `Cargo.toml` in `{}` or a folder above it\n\
                 hint: change to a project's folder, or make one with `scaffold new`\n",
                folder.display()
            )
        )
    );

    write(&folder, "Cargo.toml", &manifest("tools", &[("one", "main.rs"), ("two", "main.rs")]));
    write(&folder, "main.rs", "fn main() {}");
    assert_eq!(
        run(in_folder(&folder, &[])),
        Run::new(
            1,
            "",
            "error: no binary named `bootstrap` in this project\n\
             hint: it has `one`, `two`: set `name = \"bootstrap\"` under `[[bin]]` in `Cargo.toml`, \
             as Lambda starts no other, or name one with `--bin one`\n"
        )
    );
    assert_eq!(
        run(in_folder(&folder, &["--bin", "three"])),
        Run::new(
            1,
            "",
            "error: no binary named `three` in this project\nhint: it has `one`, `two`\n"
        )
    );
    assert_eq!(
        run(in_folder(&folder, &["--package", "three"])),
        Run::new(
            1,
            "",
            "error: no package named `three` in this workspace\nhint: it has `tools`\n"
        )
    );

    write(&folder, "Cargo.toml", "[package]\nname = \"tools\"\nedition = \"2077\"\n");
    let broken = run(in_folder(&folder, &[]));
    assert_eq!((broken.code, broken.stdout.as_str()), (Some(1), ""));
    assert!(broken.stderr.starts_with("error: failed to parse manifest at "), "{broken:?}");
    assert!(broken.stderr.ends_with("\nerror: cargo could not read the project\n"), "{broken:?}");
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
    assert_eq!(
        run(in_folder(folder, &["--data", "{}"])),
        Run::new(
            1,
            "",
            "error: more than one package has a binary named `bootstrap`: `one`, `two`\n\
             hint: choose one with `--package one`\n"
        )
    );
    for (at, arguments) in [("", &["-p", "two"][..]), ("two", &[]), ("one", &["--package", "two"])]
    {
        let run = run(in_folder(&folder.join(at), &[&["--data", "{}"], arguments].concat()));
        assert_eq!(run.code, Some(1));
        assert!(run.stderr.starts_with("two\nINIT_REPORT"), "{run:?}");
    }
}

#[test]
fn shows_cargos_errors() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "Cargo.toml", &manifest("broken", &[("bootstrap", "main.rs")]));
    write(folder.path(), "main.rs", "fn main() {\n    let () = 1;\n}\n");
    let run = run(in_folder(folder.path(), &["--data", "{}"]));
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert!(run.stderr.starts_with("error[E0308]: mismatched types\n"), "{run:?}");
    assert!(run.stderr.ends_with("\nerror: cargo could not build the function\n"), "{run:?}");
}

/// Of what `scaffold new` makes, through the runtime that people use.
#[test]
fn invokes_a_generated_project() {
    let project = Project::new(&[]);
    let _ = project.cargo(&["build"]).success();
    let invoke = |arguments: &[&str]| {
        let mut scaffold =
            Scaffold::new([&["invoke"], arguments].concat()).current_dir(&project.path());
        clean_environment(scaffold.command());
        run(scaffold)
    };
    let response = |body: &str| {
        format!(
            "{{\"statusCode\":200,\"headers\":{{\"content-type\":\"application/json\"}},\
             \"cookies\":[],\"body\":\"{}\",\"isBase64Encoded\":false}}\n",
            body.replace('"', "\\\"")
        )
    };
    // Its template says so.
    let report = format!("{REPORT}\n").replace("Memory Size: 128 MB", "Memory Size: 256 MB");
    assert_eq!(
        invoke(&[]),
        Run::new(0, response(r#"{"message":"hello Ada","source_ip":"203.0.113.17"}"#), &report)
    );
    let message =
        "cannot read the event: invalid type: sequence, expected an object at line 1 column 0";
    assert_eq!(
        invoke(&["--data", "[1]"]),
        Run::new(
            1,
            format!(
                "{{\"errorType\":\"Runtime.UnmarshalError\",\"errorMessage\":\"{message}\",\
                 \"stackTrace\":[]}}\n"
            ),
            format!(
                "ERROR RequestId: ID Runtime.UnmarshalError: {message}\n\
                 {}\tStatus: error\tError Type: Runtime.UnmarshalError\n\
                 error: the function failed: Runtime.UnmarshalError: {message}\n",
                report.trim_end()
            )
        )
    );
}

/// A project of one function, with a template that says how to run it.
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
    let environment = run(in_folder(&folder, &["--data", r#""environment""#])).success();
    for line in ["MEMORY_SIZE=512", "FUNCTION_NAME=Socket", "FAULT=none", "TZ=CET"] {
        assert!(environment.contains(&format!("{line}\n")), "{line}: {environment}");
    }
    let hang = run(in_folder(&folder, &["Socket", "--data", r#""hang""#]));
    assert!(hang.stderr.contains("error: the function timed out after 1.00 seconds"), "{hang:?}");
    assert_eq!(
        run(in_folder(&folder, &["Other", "--data", "{}"])),
        Run::new(1, "", "error: no function named `Other`\nhint: there is `Socket`\n")
    );
}

#[test]
fn repeats_and_tells_the_latency() {
    let times = Regex::new("[0-9]+\\.[0-9]{2} ms").unwrap();
    let run = invoke(&["--data", r#""count""#, "--repeat", "20"]).run();
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "20\n"));
    assert_eq!(
        times.replace_all(&normalise(&run.stderr), "T ms"),
        "20 calls, 0 failed, 1 starts\n\
         latency  min T ms  p50 T ms  p99 T ms  max T ms\n\
         init     max T ms\n"
    );
    // Each one that ends is started anew.
    let run = invoke(&["--data", r#""exit""#, "--repeat", "3"]).run();
    assert_eq!(run.code, Some(1));
    assert!(normalise(&run.stderr).starts_with("3 calls, 3 failed, 3 starts\n"), "{run:?}");
}

#[test]
fn prints_json_for_programs() {
    let json = |arguments: &[&str]| {
        let run = invoke(&[arguments, &["--json"]].concat()).run();
        let json: serde_json::Value = run.stdout.parse().expect(&run.stdout);
        (run.code, json)
    };
    let (code, answer) = json(&["--data", r#"{"a": [1, 2]}"#]);
    assert_eq!(code, Some(0));
    let fields: Vec<_> = answer.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        fields,
        [
            "duration_ms",
            "error",
            "function",
            "init_ms",
            "max_memory_mb",
            "memory_mb",
            "request_id",
            "response"
        ]
    );
    assert_eq!(
        (&answer["function"], &answer["response"], &answer["error"], &answer["memory_mb"]),
        (
            &serde_json::json!("socket"),
            &serde_json::json!({"a": [1, 2]}),
            &serde_json::Value::Null,
            &serde_json::json!(128)
        )
    );
    assert!(answer["duration_ms"].is_f64() && answer["init_ms"].is_f64(), "{answer}");
    let (code, answer) = json(&["--data", r#""plain error""#]);
    assert_eq!(code, Some(1));
    assert_eq!(
        (&answer["error"], &answer["response"]),
        (&"no JSON at all".into(), &serde_json::Value::Null)
    );
    let (code, answer) = json(&["--data", "7", "--repeat", "5"]);
    assert_eq!((code, &answer["response"]), (Some(0), &serde_json::json!(7)));
    let repeat = &answer["repeat"];
    assert_eq!(
        (&repeat["calls"], &repeat["failed"], &repeat["starts"]),
        (&5.into(), &0.into(), &1.into())
    );
    assert!(repeat["min_ms"].as_f64() <= repeat["max_ms"].as_f64(), "{answer}");
}

#[test]
fn sends_examples() {
    let run = run(invoke(&["--event", "example:nothing"]));
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    assert!(run.stderr.contains("no example `nothing`: there are "), "{run:?}");
}
