//! `scaffold dev`: real functions behind real sockets, and everything that can go wrong.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lambda_native_tests::assert_run;
use lambda_native_tests::command::{Run, program};
use lambda_native_tests::dev::{Dev, ONE_FUNCTION, Response, SocketProject, processes_below, send};
use lambda_native_tests::elf::{record, record_of_routes, record_of_source};
use lambda_native_tests::snapshot::normalise;
use lambda_native_tests::wait::{assert_ends, wait_for};
use serde_json::{Value, json};

/// A function for every route, and functions that time out, stream and fail to start. Their architecture
/// is unknown, which does not matter here.
const TEMPLATE: &str = r#"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Machine: {Type: String}
Globals:
  Function:
    Architectures: [!Ref Machine]
    CodeUri: .
    Handler: bootstrap
    Runtime: provided.al2023
    MemorySize: 256
    Environment:
      Variables:
        GATE: $GATE
        FLOOD: "256"
Resources:
  Main:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: main-on-aws
      Timeout: 60
      Events:
        Any:
          Type: HttpApi
          Properties:
            Path: /{proxy+}
            Method: ANY
  Hasty:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: 1
      Environment:
        Variables:
          FAULT: none
  Streaming:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: 60
      FunctionUrlConfig:
        AuthType: NONE
        InvokeMode: RESPONSE_STREAM
  Unwell:
    Type: AWS::Serverless::Function
    Properties:
      Environment:
        Variables:
          FAULT: init-error
"#;

/// A project that no test changes, built once.
static PROJECT: LazyLock<SocketProject> = LazyLock::new(|| SocketProject::new(TEMPLATE));

fn ok(body: &str) -> (u16, String) {
    (200, body.to_owned())
}

fn pair(answer: &Response) -> (u16, String) {
    (answer.status, answer.body.clone())
}

#[test]
fn prints_the_routes_and_a_log_of_each_request() {
    let dev = PROJECT.dev(&["--log", "text"]);
    assert_eq!(pair(&dev.get("/do/version")), ok("one"));
    assert_eq!(dev.get("/").status, 404);
    assert_eq!(pair(&dev.invoke("Main", &[], "\"log\"")), ok("\"logged\""));
    dev.wait_for("on standard error\n");
    for order in ["json", "error", "exit", "garbage"] {
        let _ = dev.get(&format!("/do/{order}"));
    }
    assert_eq!(dev.invoke("Unwell", &[], "{}").status, 200);
    assert_eq!(dev.invoke("Nobody", &[], "{}").status, 404);
    assert_eq!(dev.request("PUT /Streaming", &[], b"{}").status, 200);
    dev.wait_for("PUT /Streaming 200 ");
    insta::assert_snapshot!(normalise(&dev.log()), @r#"
    console: http://[ADDRESS]/_scaffold/
    listening on http://[ADDRESS]
    ready in [TIME]: Hasty, Main, Streaming, Unwell
      ANY  http://[ADDRESS]/{proxy+}                                 Main       HTTP API
      ANY  http://[ADDRESS]/Streaming/                               Streaming  function URL, streaming
      POST http://[ADDRESS]/2015-03-31/functions/Hasty/invocations   Hasty      Invoke API
      POST http://[ADDRESS]/2015-03-31/functions/Unwell/invocations  Unwell     Invoke API
    try: curl http://[ADDRESS]/Streaming/
    press Ctrl-C to stop
    [CLOCK] GET /do/version 200 Main [TIME] cold
    [CLOCK] GET / 404 [TIME]: no route; there are ANY /{proxy+} and ANY /Streaming/
    [CLOCK] Invoke 200 Main [TIME]
      Main | on standard output
      Main | on standard error
    [CLOCK] GET /do/json 200 Main [TIME]
      Main | ERROR panicked at src/main.rs:1:1:
      Main | as told
      Main |    0: main
    [CLOCK] GET /do/error 500 Main [TIME]: the function failed: OutOfStock: no oranges
    [CLOCK] GET /do/exit 500 Main [TIME]: the function exited: exit status 3
    [CLOCK] GET /do/garbage 500 Main [TIME] cold: invalid response: `statusCode` is `"many"`, not a number from 200 to 599
    [CLOCK] Invoke 200 Unwell [TIME] cold: init failed: NoTable: TABLE is not set
    [CLOCK] Invoke 404 Nobody [TIME]: ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:012345678912:function:Nobody
    [CLOCK] PUT /Streaming 200 Streaming [TIME] cold
    "#);
}

/// As CloudWatch Logs would have it.
#[test]
fn prints_the_lines_of_lambda_if_asked_to() {
    let dev = PROJECT.dev(&["--log", "aws"]);
    assert_eq!(pair(&dev.get("/do/version")), ok("one"));
    dev.wait_for("REPORT");
    assert_eq!(
        pair(&dev.invoke("Main", &[("X-Amz-Log-Type", "Tail")], "\"log\"")),
        ok("\"logged\"")
    );
    dev.wait_for("Invoke 200 Main ");
    insta::assert_snapshot!(normalise(&dev.log()), @"
    console: http://[ADDRESS]/_scaffold/
    listening on http://[ADDRESS]
    ready in [TIME]: Hasty, Main, Streaming, Unwell
      ANY  http://[ADDRESS]/{proxy+}                                 Main       HTTP API
      ANY  http://[ADDRESS]/Streaming/                               Streaming  function URL, streaming
      POST http://[ADDRESS]/2015-03-31/functions/Hasty/invocations   Hasty      Invoke API
      POST http://[ADDRESS]/2015-03-31/functions/Unwell/invocations  Unwell     Invoke API
    try: curl http://[ADDRESS]/Streaming/
    press Ctrl-C to stop
    Main [ID] START RequestId: [ID] Version: $LATEST
    [CLOCK] GET /do/version 200 Main [TIME] cold
    Main [ID] END RequestId: [ID]
    Main [ID] REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 256 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    Main [ID] START RequestId: [ID] Version: $LATEST
    Main [ID] on standard output
    Main [ID] on standard error
    Main [ID] END RequestId: [ID]
    Main [ID] REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 256 MB	Max Memory Used: [MEMORY]
    [CLOCK] Invoke 200 Main [TIME]
    ");
}

#[test]
fn answers_like_the_api_of_lambda() {
    let dev = PROJECT.dev(&[]);
    for name in [
        "Main",
        "main-on-aws",
        "Main:$LATEST",
        "arn:aws:lambda:eu-north-1:123456789012:function:Main",
        "012345678912:function:Main",
        "arn%3Aaws%3Alambda%3Aeu-north-1%3A123456789012%3Afunction%3AMain",
    ] {
        let answer = dev.invoke(name, &[], "[1, 2]");
        assert_eq!(answer.pair(), (200, "[1, 2]"), "{name}");
        assert_eq!(answer.header("x-amz-executed-version"), Some("$LATEST"));
        assert_eq!(answer.header("x-amz-function-error"), None);
        assert_eq!(answer.header("x-amzn-requestid").map(str::len), Some(36));
    }
    assert_eq!(pair(&dev.invoke("Main", &[], "")), ok("{}"));

    let answer = dev.invoke("Main", &[("X-Amz-Log-Type", "Tail")], "\"error\"");
    let error = r#"{"errorType":"OutOfStock","errorMessage":"no oranges","stackTrace":[]}"#;
    assert_eq!(answer.pair(), (200, error));
    assert_eq!(answer.header("x-amz-function-error"), Some("Unhandled"));
    let id = answer.header("x-amzn-requestid").unwrap();
    let log = STANDARD.decode(answer.header("x-amz-log-result").unwrap()).unwrap();
    let log = String::from_utf8(log).unwrap();
    let start = format!("START RequestId: {id} Version: $LATEST\nEND RequestId: {id}\nREPORT ");
    assert!(log.starts_with(&start), "{log}");
    assert!(log.ends_with("\tStatus: error\tError Type: Runtime.Unknown\n"), "{log}");

    let context = STANDARD.encode(r#"{"client": {"app_title": "café"}}"#);
    let answer = dev.invoke("Main", &[("X-Amz-Client-Context", &context)], "\"client\"");
    assert_eq!(answer.pair(), (200, r#"{"client": {"app_title": "café"}}"#));
    // The largest is 3,583 bytes long, and base64 comes in groups of four.
    let context = STANDARD.encode(format!("\"{}\"", "x".repeat(3580 / 4 * 3 - 2)));
    let answer = dev.invoke("Main", &[("X-Amz-Client-Context", &context)], "\"client\"");
    assert_eq!((context.len(), answer.status, answer.body.len()), (3580, 200, 2685));

    let answer = dev.invoke("Main", &[("X-Amz-Invocation-Type", "DryRun")], "\"log\"");
    assert_eq!(answer.pair(), (204, ""));
    let answer = dev.invoke("Main", &[("X-Amz-Invocation-Type", "Event")], "\"log\"");
    assert_eq!(answer.pair(), (202, ""));
    dev.wait_for("on standard error");
}

#[test]
fn refuses_like_the_api_of_lambda() {
    let dev = PROJECT.dev(&[]);
    let refused = |function: &str, headers: &[(&str, &str)], event: &str| {
        let answer = dev.invoke(function, headers, event);
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(body["Type"], "User");
        let error = answer.header("x-amzn-errortype").unwrap();
        let message = body["Message"].as_str().or(body["message"].as_str());
        format!("{} {error}: {}\n", answer.status, message.unwrap())
    };
    let string = |length: usize| format!("\"{}\"", "x".repeat(length));
    let refusals = [
        refused("Nobody", &[], "{}"),
        refused("Main", &[], "{\"a\":"),
        refused("Main", &[("X-Amz-Client-Context", "?")], "{}"),
        refused("Main", &[("X-Amz-Client-Context", &STANDARD.encode(string(2686)))], "{}"),
        refused("Main", &[("X-Amz-Invocation-Type", "Maybe")], "{}"),
        refused("Main", &[], &string(6 * 1024 * 1024)),
        refused("Main", &[("X-Amz-Invocation-Type", "Event")], &string(1024 * 1024)),
    ];
    insta::assert_snapshot!(refusals.concat(), @"
    404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:012345678912:function:Nobody
    400 InvalidRequestContentException: Could not parse request body into json: EOF while parsing a value at line 1 column 5
    400 InvalidRequestContentException: Client context must be a valid Base64-encoded JSON object.
    400 InvalidRequestContentException: 3584 byte client context is too large (limit 3583 bytes in base64)
    400 InvalidParameterValueException: Value 'Maybe' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]
    413 RequestTooLargeException: Request must be smaller than 6291456 bytes for the InvokeFunction operation
    413 RequestTooLargeException: 1048578 byte payload is too large for the Event invocation type (limit 1048576 bytes)
    ");
    // Other methods at such a path are requests for the functions.
    assert_eq!(dev.get("/2015-03-31/functions/Main/invocations").status, 200);
}

#[test]
fn replaces_instances_that_end() {
    let dev = PROJECT.dev(&[]);
    for (order, error, status) in [
        ("exit", "Runtime exited with error: exit status 3", "exit"),
        ("return", "Runtime exited without providing a reason", "return"),
        ("kill", "Runtime exited with error: signal: 9 (SIGKILL)", "kill"),
        ("panic", "Runtime exited with error: exit status 101", "panic"),
    ] {
        assert_eq!(pair(&dev.invoke("Main", &[], "\"count\"")), ok("1"), "{status}");
        assert_eq!(pair(&dev.invoke("Main", &[], "\"count\"")), ok("2"));
        let answer = dev.invoke("Main", &[], &format!("\"{order}\""));
        let id = answer.header("x-amzn-requestid").unwrap();
        let body = json!({
            "errorType": "Runtime.ExitError",
            "errorMessage": format!("RequestId: {id} Error: {error}"),
        });
        assert_eq!((answer.status, answer.body.parse().ok()), (200, Some(body)));
        assert_eq!(answer.header("x-amz-function-error"), Some("Unhandled"));
        let answer = dev.get(&format!("/do/{order}"));
        assert_eq!(answer.pair(), (500, r#"{"message":"Internal Server Error"}"#));
    }
    dev.wait_for("as told");
    // An instance that ends after its response is replaced, too.
    assert_eq!(pair(&dev.invoke("Main", &[], "\"answer, then exit\"")), ok("\"answered\""));
    assert_eq!(pair(&dev.invoke("Main", &[], "\"count\"")), ok("1"));
}

#[test]
fn ends_an_invocation_that_takes_too_long() {
    let dev = PROJECT.dev(&[]);
    let answer = dev.invoke("Hasty", &[], "\"hang\"");
    let id = answer.header("x-amzn-requestid").unwrap();
    let body = json!({
        "errorType": "Sandbox.Timedout",
        "errorMessage": format!("RequestId: {id} Error: Task timed out after 1.00 seconds"),
    });
    assert_eq!((answer.status, answer.body.parse().ok()), (200, Some(body)));
    dev.wait_for(": the function timed out after 1.00 seconds\n");
    let log = dev.log();
    let line = log.lines().find_map(|line| line.split_once("hanging: ")).expect(&log).1;
    for process in line.split(' ') {
        assert_ends(process);
    }
    assert_eq!(pair(&dev.invoke("Hasty", &[], "\"count\"")), ok("1"));
}

#[test]
fn logs_why_a_function_does_not_start() {
    let dev = PROJECT.dev(&["--log", "aws"]);
    let answer = dev.invoke("Unwell", &[], "{}");
    let error = r#"{"errorType":"NoTable","errorMessage":"TABLE is not set","stackTrace":[]}"#;
    assert_eq!(answer.pair(), (200, error));
    assert_eq!(answer.header("x-amz-function-error"), Some("Unhandled"));
    dev.wait_for("Invoke 200 Unwell");
    let log = normalise(&dev.log());
    let lines: Vec<_> = log.lines().filter(|line| line.starts_with("Unwell ")).collect();
    insta::assert_snapshot!(lines.join("\n"), @"Unwell init     INIT_REPORT Init Duration: [TIME]	Phase: init	Status: error	Error Type: Function.NoTable");
}

#[test]
fn answers_500_to_invalid_responses() {
    let dev = PROJECT.dev(&[]);
    let error = (500, r#"{"message":"Internal Server Error"}"#);
    assert_eq!(dev.get("/do/garbage").pair(), error);
    dev.wait_for(": invalid response: ");
    assert_eq!(dev.get("/do/7-MB").pair(), error);
    let answer = dev.invoke("Main", &[], "\"7 MB\"");
    assert_eq!(answer.header("x-amz-function-error"), Some("Unhandled"));
    assert_eq!(
        answer.body,
        "{\"errorType\":\"Function.ResponseSizeTooLarge\",\"errorMessage\":\"Response payload size \
         (7340034 bytes) exceeded maximum allowed payload size (6291556 bytes).\"}"
    );
    let body = vec![b'x'; 7 * 1024 * 1024];
    let answer = dev.request("POST /do/version", &[], &body);
    assert_eq!(answer.pair(), (413, r#"{"message":"Request Entity Too Large"}"#));
    assert_eq!(pair(&dev.get("/do/version")), ok("one"));
}

/// A small part of what the function prints: an eighth of the shortest flood.
const LITTLE: u64 = 32 * 1024 * 1024;

#[test]
fn holds_little_of_what_a_function_prints() {
    holds_little_of_a_flood(&PROJECT);
}

#[test]
#[ignore = "takes half a minute"]
fn holds_little_of_gigabytes_that_a_function_prints() {
    let template = TEMPLATE.replace(r#"FLOOD: "256""#, r#"FLOOD: "2048""#);
    holds_little_of_a_flood(&SocketProject::new(&template.replace("Timeout: 60", "Timeout: 900")));
}

fn holds_little_of_a_flood(project: &SocketProject) {
    let dev = project.dev(&[]);
    assert_eq!(pair(&dev.get("/do/version")), ok("one"));
    let before = dev.peak_memory();
    assert_eq!(pair(&dev.invoke("Main", &[], "\"flood\"")), ok("\"flooded\""));
    let held = dev.peak_memory() - before;
    assert!(held < LITTLE, "{held} bytes more");
}

#[test]
fn answers_while_nobody_reads_the_log() {
    let dev = PROJECT.dev(&[]);
    assert_eq!(pair(&dev.get("/do/version")), ok("one"));
    let before = dev.peak_memory();
    let held = dev.hold_log();
    let answer = dev.invoke("Hasty", &[], "\"flood\"");
    assert!(answer.body.contains("Task timed out after 1.00 seconds"), "{answer:?}");
    assert_eq!(pair(&dev.get("/do/version")), ok("one"));
    let more = dev.peak_memory() - before;
    assert!(more < LITTLE, "{more} bytes more");
    drop(held);
    assert_eq!(pair(&dev.get("/do/version")), ok("one"));
}

#[test]
fn answers_many_requests_at_once() {
    let dev = PROJECT.dev(&["--concurrency", "4", "--log", "aws"]);
    thread::scope(|scope| {
        let answers: Vec<_> = (0..200)
            .map(|number| {
                let dev = &dev;
                scope.spawn(move || {
                    let event = format!("[{number}]");
                    assert_eq!(dev.invoke("Main", &[], &event).pair(), (200, event.as_str()));
                })
            })
            .collect();
        for answer in answers {
            answer.join().unwrap();
        }
    });
    // There are fewer instances if they answer fast enough.
    dev.wait_until("200 reports", |log| log.matches("REPORT ").count() == 200);
    assert!((1..=4).contains(&dev.log().matches("Init Duration").count()), "{}", dev.log());
}

#[test]
fn starts_an_instance_for_each_request_at_the_same_time() {
    let project = SocketProject::new(TEMPLATE);
    let dev = project.dev(&["--concurrency", "3", "--log", "aws"]);
    thread::scope(|scope| {
        let waiting: Vec<_> = (0..5).map(|_| scope.spawn(|| pair(&dev.get("/do/wait")))).collect();
        let in_work = |log: &str| log.matches(" waiting\n").count();
        dev.wait_until("three at work", |log| in_work(log) == 3);
        project.open_gate();
        for answer in waiting {
            assert_eq!(answer.join().unwrap(), ok("one"));
        }
        dev.wait_until("five reports", |log| log.matches("REPORT ").count() == 5);
        assert_eq!(dev.log().matches("Init Duration").count(), 3);
    });
}

#[test]
fn gives_a_request_the_instance_that_is_free_first() {
    let name = "FunctionName: main-on-aws";
    let fault = "Environment: {Variables: {FAULT: all-but-one-hang}}";
    let project = SocketProject::new(&TEMPLATE.replace(name, fault));
    let dev = project.dev(&[]);
    thread::scope(|scope| {
        let first = scope.spawn(|| pair(&dev.get("/do/wait")));
        dev.wait_for(" waiting\n");
        let second = scope.spawn(|| pair(&dev.get("/do/count")));
        // The instance that starts for it never becomes ready.
        dev.wait_for(" hanging: ");
        project.open_gate();
        assert_eq!(first.join().unwrap(), ok("one"));
        assert_eq!(second.join().unwrap(), ok("1"));
    });
}

#[test]
fn slow_clients_and_clients_that_leave_hold_up_nobody() {
    let project = SocketProject::new(TEMPLATE);
    let dev = project.dev(&["--concurrency", "1", "--log", "aws"]);
    // Neither an unfinished head nor an unfinished body holds up anybody.
    let mut slow = dev.connect();
    slow.write_all(b"GET /do/version HTTP/1.1\r\nHost: ").unwrap();
    let mut slower = dev.connect();
    slower
        .write_all(b"POST /do/version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 9\r\n\r\nhalf")
        .unwrap();
    assert_eq!(pair(&dev.get("/do/version")), ok("one"));
    // The function goes on without the client, and answers the next one afterwards.
    let mut leaving = dev.connect();
    send(&mut leaving, "GET /do/wait", &[], b"");
    dev.wait_for(" waiting\n");
    leaving.shutdown(Shutdown::Both).unwrap();
    drop(leaving);
    project.open_gate();
    assert_eq!(pair(&dev.get("/do/count")), ok("1"));
    dev.wait_until("three reports", |log| log.matches("REPORT ").count() == 3);
    assert_eq!(dev.log().matches("Init Duration").count(), 1);
    // In the end they get their responses, too.
    slow.write_all(b"localhost\r\nConnection: close\r\n\r\n").unwrap();
    assert_eq!(pair(&Response::read(slow)), ok("one"));
    slower.write_all(b" done").unwrap();
    assert_eq!(pair(&Response::read(slower)), ok("one"));
}

#[test]
fn streams_while_the_function_writes() {
    let project = SocketProject::new(TEMPLATE);
    let dev = project.dev(&[]);
    let mut stream = dev.connect();
    send(&mut stream, "GET /Streaming/do/stream-in-parts", &[], b"");
    let mut got = Vec::new();
    while !String::from_utf8_lossy(&got).contains("first") {
        let mut bytes = [0; 4096];
        let count = stream.read(&mut bytes).unwrap();
        assert_ne!(count, 0, "{}", String::from_utf8_lossy(&got));
        got.extend_from_slice(&bytes[..count]);
    }
    assert!(!String::from_utf8_lossy(&got).contains("second"));
    project.open_gate();
    stream.read_to_end(&mut got).unwrap();
    let got = String::from_utf8(got).unwrap();
    assert!(got.starts_with("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n"), "{got}");
    assert!(got.ends_with("\r\n\r\n5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n"), "{got}");
    // If the function breaks off, so does the connection.
    let answer = dev.get("/Streaming/do/broken-stream");
    assert_eq!(answer.pair(), (200, "6\r\n\"strea\r\n"));
    // Without response streaming, the response comes as a whole.
    assert_eq!(pair(&dev.invoke("Main", &[], "\"stream\"")), ok("\"streamed\""));
    // The streaming call of Lambda's API sends messages.
    let call = "POST /2021-11-15/functions/Main/response-streaming-invocations";
    let answer = dev.request(call, &[], b"\"stream\"");
    assert_eq!(answer.header("content-type"), Some("application/vnd.amazon.eventstream"));
    for part in ["PayloadChunk", "\"strea", "med", "InvokeComplete"] {
        assert!(answer.body.contains(part), "{answer:?}");
    }
}

#[test]
fn loses_no_request_while_it_rebuilds() {
    let project = SocketProject::new(TEMPLATE);
    let dev = project.dev(&[]);
    let over = AtomicBool::new(false);
    let answered = AtomicUsize::new(0);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| pair(&dev.get("/do/wait")));
        dev.wait_for(" waiting\n");
        let clients: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut versions = Vec::new();
                    while !over.load(Ordering::Relaxed) {
                        let answer = dev.get("/do/version");
                        assert_eq!(answer.status, 200, "{answer:?}");
                        versions.push(answer.body);
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                    versions.dedup();
                    versions
                })
            })
            .collect();
        project.write_version("two");
        dev.wait_for_builds(2);
        assert_eq!(pair(&dev.get("/do/version")), ok("two"));
        project.write_version("three");
        dev.wait_for_builds(3);
        assert_eq!(pair(&dev.get("/do/version")), ok("three"));
        over.store(true, Ordering::Relaxed);
        for client in clients {
            let versions = client.join().unwrap();
            let index =
                |version: &String| ["one", "two", "three"].iter().position(|it| it == version);
            assert!(versions.iter().all(|version| index(version).is_some()), "{versions:?}");
            assert!(versions.iter().map(index).is_sorted_by(|a, b| a < b), "{versions:?}");
        }
        // This request was under way all the time.
        project.open_gate();
        assert_eq!(waiting.join().unwrap(), ok("one"));
    });
    assert!(answered.into_inner() > 0);
}

/// An open page of the console.
struct ConsolePage {
    stream: TcpStream,
    /// Bytes that it has received and not read.
    received: Vec<u8>,
    /// The invocations by their ids.
    invocations: BTreeMap<String, Value>,
}

impl ConsolePage {
    fn open(dev: &Dev) -> Self {
        let mut stream = dev.connect();
        send(&mut stream, "GET /_scaffold/stream", &[], b"");
        Self { stream, received: Vec::new(), invocations: BTreeMap::new() }
    }

    /// Waits until an invocation with this source has this property.
    fn wait_for(&mut self, source: &str, holds: impl Fn(&Value) -> bool) -> Value {
        loop {
            let mut found = self.invocations.values().filter(|it| it["source"] == source);
            if let Some(invocation) = found.find(|it| holds(it)) {
                return invocation.clone();
            }
            let mut bytes = [0; 4096];
            let count = self.stream.read(&mut bytes).unwrap();
            assert_ne!(count, 0, "{:?}", self.invocations);
            self.received.extend_from_slice(&bytes[..count]);
            while let Some(end) = self.received.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.received.drain(..=end).collect();
                let Some(list) = line.strip_prefix(b"data: [") else { continue };
                let list: Vec<Value> = serde_json::from_slice(&[b"[", list].concat()).unwrap();
                let named = list.into_iter().map(|it| (it["id"].as_str().unwrap().to_owned(), it));
                self.invocations.extend(named);
            }
        }
    }
}

#[test]
fn the_log_has_the_time_of_this_machine() {
    // Nepal's.
    let scaffold = PROJECT.scaffold(&["dev", "--port", "0"]).env("TZ", "<+0545>-5:45");
    let dev = Dev::start(scaffold);
    let there = || {
        let minutes = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs() / 60 + 5 * 60 + 45;
        format!("{:02}:{:02}:", minutes / 60 % 24, minutes % 60)
    };
    let before = there();
    assert_eq!(pair(&dev.get("/do/version")), ok("one"));
    dev.wait_for(" GET /do/version 200 ");
    let times = [before, there()];
    let log = dev.log();
    assert!(log.lines().any(|line| times.iter().any(|time| line.starts_with(time))), "{log}");
}

#[test]
fn the_console_follows_invocations_that_run_stream_time_out_or_lose_their_client() {
    let project = SocketProject::new(TEMPLATE);
    let dev = project.dev(&[]);
    let mut page = ConsolePage::open(&dev);
    let details = |invocation: &Value| -> Value {
        let id = invocation["id"].as_str().unwrap();
        let answer = dev.get(&format!("/_scaffold/invocation/{id}"));
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    };

    let mut leaving = dev.connect();
    send(&mut leaving, "GET /do/wait", &[("X-A", "1")], b"");
    let running = page.wait_for("GET /do/wait", |_| true);
    assert_eq!((&running["status"], &running["running"]), (&json!("running"), &json!(true)));
    let known = details(&running);
    assert_eq!(known["request"]["target"], "/do/wait");
    assert!(known["request"]["headers"].as_array().unwrap().contains(&json!(["x-a", "1"])));
    assert!(known["event"]["text"].as_str().unwrap().contains("/do/wait"), "{known}");
    assert!(known.get("response").is_none() && known.get("log").is_none(), "{known}");
    leaving.shutdown(Shutdown::Both).unwrap();
    drop(leaving);
    let closed = page.wait_for("GET /do/wait", |it| it["running"] == false);
    assert_eq!(closed["status"], "closed");
    assert_eq!(closed["reason"], "the client has closed the connection");

    assert_eq!(dev.invoke("Hasty", &[], "\"wait\"").status, 200);
    let timed_out = page.wait_for("Invoke", |it| it["running"] == false);
    assert_eq!(timed_out["status"], "error");
    assert!(timed_out["reason"].as_str().unwrap().contains("timed out"), "{timed_out}");

    let mut stream = dev.connect();
    let source = "GET /Streaming/do/stream-in-parts";
    send(&mut stream, source, &[], b"");
    let streaming = page.wait_for(source, |it| it["notes"] == json!(["cold", "streaming"]));
    assert_eq!((&streaming["status"], &streaming["running"]), (&json!("200"), &json!(true)));
    wait_for(|| details(&streaming)["response"]["body"]["text"] == "first");
    project.open_gate();
    let streamed = details(&page.wait_for(source, |it| it["running"] == false));
    assert_eq!(streamed["response"]["body"]["text"], "firstsecond");
    let parts = &streamed["stream"];
    assert_eq!(
        (&parts["length"], &parts["parts"], &parts["end"]),
        (&json!(11), &json!(2), &json!("complete"))
    );
    assert!(streamed["phases"]["stream"]["length"].as_f64().unwrap() > 0.0, "{streamed}");

    let _ = dev.get("/Streaming/do/broken-stream");
    let broken = page.wait_for("GET /Streaming/do/broken-stream", |it| it["running"] == false);
    assert_eq!(broken["reason"], "the function cut off its response");
    // It is known what has run after its client had gone.
    page.wait_for("GET /do/wait", |it| it["memory"].is_number());
    assert!(details(&closed)["report"].as_str().unwrap().starts_with("REPORT "));
}

#[test]
fn keeps_serving_the_previous_version_if_a_build_fails() {
    let project = SocketProject::new(TEMPLATE);
    let dev = project.dev(&[]);
    project.write("src/main.rs", "fn main() { let () = 1; }");
    dev.wait_for_failed_update();
    assert!(dev.log().contains("error[E0308]: mismatched types"), "{}", dev.log());
    let answer = dev.get("/do/version");
    assert_eq!(answer.pair(), (200, "one"));
    assert_eq!(answer.header("x-scaffold-version"), Some("stale"));
    dev.wait_for("GET /do/version 200 Main ");
    dev.wait_for(" ms cold old version\n");
    // The application has no route with this path.
    assert_eq!(dev.get("/").header("x-scaffold-version"), None);
    project.write_version("two");
    dev.wait_for_builds(2);
    let answer = dev.get("/do/version");
    assert_eq!(answer.pair(), (200, "two"));
    assert_eq!(answer.header("x-scaffold-version"), None);
}

#[test]
fn answers_with_the_errors_of_a_failed_build_if_asked_to() {
    let project = SocketProject::new(TEMPLATE);
    let dev = project.dev(&["--fail-stale"]);
    assert_eq!(pair(&dev.get("/do/version")), ok("one"));
    project.write("src/main.rs", "fn main() { let () = \"<script>\"; }");
    dev.wait_for_failed_update();
    let answer = dev.get("/do/version");
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    assert!(answer.body.starts_with("the last build has failed:\n"), "{answer:?}");
    assert!(answer.body.contains("\nerror[E0308]: mismatched types\n"), "{answer:?}");
    assert!(answer.body.contains("let () = \"<script>\";"), "{answer:?}");
    assert!(!answer.body.contains('\x1b'), "{answer:?}");

    let answer = dev.request("GET /do/version", &[("Accept", "text/html,*/*;q=0.8")], b"");
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(answer.body.contains("error[E0308]: mismatched types\n"), "{answer:?}");
    assert!(answer.body.contains("&quot;&lt;script&gt;&quot;"), "{answer:?}");
    assert!(!answer.body.contains("<script>"), "{answer:?}");
    assert_eq!(dev.invoke("Main", &[], "\"version\"").status, 503);
    dev.wait_for("GET /do/version 503 ");
    dev.wait_for(" ms: the last build has failed\n");

    project.write_version("two");
    dev.wait_for_builds(2);
    assert_eq!(pair(&dev.invoke("Main", &[], "\"version\"")), ok("\"two\""));
}

#[test]
fn shows_a_browser_what_there_is() {
    let project = SocketProject::new(
        r"
Resources:
  Main:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Get: {Type: HttpApi, Properties: {Path: /do/version, Method: GET}}
        Put: {Type: HttpApi, Properties: {Path: '/do/{<b>}', Method: PUT}}
  Worker: {Type: AWS::Serverless::Function}
",
    );
    let dev = project.dev(&[]);
    let browser = [("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")];
    let page = dev.request("GET /a%3Cscript%3E\"'&", &browser, b"");
    assert_eq!(page.status, 404);
    let body = page.body.split_once("<h1>").unwrap().1.replace("<tr>", "\n<tr>");
    insta::assert_snapshot!(body, @r#"
    scaffold dev</h1><p>No route for <code>/a%3Cscript%3E&quot;&#39;&amp;</code>.</p><table>
    <tr><th>Method<th>Path<th>Function<th>Served as</tr>
    <tr><td>GET<td><a href="/do/version"><code>/do/version</code></a><td>Main<td>HTTP API</tr>
    <tr><td>PUT<td><code>/do/{&lt;b&gt;}</code><td>Main<td>HTTP API</tr>
    <tr><td>POST<td><code>/2015-03-31/functions/Worker/invocations</code><td>Worker<td>Invoke API</tr></table></html>
    "#);
    // A program gets the response of API Gateway.
    for (call, headers) in [("GET /", &[][..]), ("POST /", &browser[..])] {
        let answer = dev.request(call, headers, b"");
        assert_eq!(answer.pair(), (404, r#"{"message":"Not Found"}"#));
    }
}

#[test]
fn waits_for_a_first_version_that_builds() {
    let project = SocketProject::new(TEMPLATE);
    project.write("src/main.rs", "fn main() {");
    let dev = project.start(&[]);
    dev.wait_for_failed_start();
    let answer = dev.get("/do/version");
    assert_eq!(answer.status, 503);
    assert!(answer.body.starts_with("no build has succeeded yet:\n"), "{answer:?}");
    assert!(answer.body.contains("error: this file contains an unclosed delimiter\n"));
    project.write_version("one");
    dev.wait_for_builds(1);
    assert_eq!(pair(&dev.get("/do/version")), ok("one"));
}

#[test]
fn requests_wait_for_the_new_version_if_asked_to() {
    let project = SocketProject::new(TEMPLATE);
    // The build ends only after the gate has opened.
    project.write(
        "build.rs",
        "fn main() {\n    println!(\"cargo::rerun-if-changed=input\");\n    \
         while std::path::Path::new(\"input\").exists() && !std::path::Path::new(\"gate\").exists() {\n        \
         std::thread::sleep(std::time::Duration::from_millis(5));\n    }\n}\n",
    );
    let dev = project.dev(&["--wait"]);
    assert_eq!(pair(&dev.get("/do/version")), ok("one"));
    project.write_version("two");
    project.write("input", "");
    dev.wait_for("changed: ");
    let mut waiting = dev.connect();
    send(&mut waiting, "GET /do/version", &[], b"");
    dev.wait_until_it_has_read(&waiting);
    project.open_gate();
    assert_eq!(pair(&Response::read(waiting)), ok("two"));
}

#[test]
fn watches_only_what_the_build_depends_on() {
    let project = SocketProject::new(TEMPLATE);
    project.write("src/text.txt", "ok");
    let main = std::fs::read_to_string(project.path().join("src/main.rs")).unwrap();
    let included =
        "const _: &str = include_str!(\"text.txt\");\n#[path = \"../more/mod.rs\"]\nmod more;\n";
    project.write("more/mod.rs", "");
    project.write(
        "src/main.rs",
        &main.replacen("const VERSION", &format!("{included}const VERSION"), 1),
    );
    let dev = project.dev(&[]);
    for name in ["README.md", "events/event.json", "target/x.rs", ".git/index", "src/other.txt"] {
        project.write(name, "changed");
    }
    for (build, name, contents) in [
        (2, "src/text.txt", "other"),
        (3, "more/mod.rs", "//! Other."),
        (4, "src/deep/new.rs", ""),
        (5, "template.yaml", &TEMPLATE.replace("MemorySize: 256", "MemorySize: 512")),
        (
            6,
            "Cargo.toml",
            &(std::fs::read_to_string(project.path().join("Cargo.toml")).unwrap() + "\n"),
        ),
    ] {
        project.write(name, contents);
        dev.wait_for_builds(build);
    }
    let log = dev.log();
    let changed: Vec<_> = log.lines().filter_map(|line| line.strip_prefix("changed: ")).collect();
    assert_eq!(changed[0], "src/text.txt");
    assert_eq!(changed[1], "more/mod.rs");
    assert!(changed[2].starts_with("src/deep"), "{changed:?}");
    assert_eq!(changed[3..], ["template.yaml", "Cargo.toml"]);
}

#[test]
fn reads_the_template_again() {
    let project = SocketProject::new(TEMPLATE);
    let dev = project.dev(&[]);
    assert_eq!(dev.get("/do/version").status, 200);
    project.write_template(
        &TEMPLATE.replace("/{proxy+}", "/only/here").replace("MemorySize: 256", "MemorySize: 512"),
    );
    dev.wait_for_builds(2);
    assert_eq!(dev.get("/do/version").status, 404);
    assert_eq!(dev.get("/only/here").status, 200);
    let environment = dev.invoke("Main", &[], "\"environment\"").body;
    assert!(environment.contains("AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512\n"), "{environment}");
    assert!(environment.contains("AWS_LAMBDA_FUNCTION_NAME=Main\n"), "{environment}");
    assert!(dev.log().contains("http://127.0.0.1:"), "{}", dev.log());
    // A template that cannot be read changes nothing.
    project.write_template("Resources: [");
    dev.wait_for_failed_update();
    assert_eq!(dev.get("/only/here").status, 200);
}

#[test]
fn warns_once_about_a_property_that_sam_does_not_have() {
    let template = ONE_FUNCTION.replace("Method: ANY", "Methd: GET");
    let project = SocketProject::new(&template);
    let dev = project.dev(&[]);
    insta::assert_snapshot!(dev.warnings(), @"
    warning: [TEMP]/template.yaml:11: unknown property `Methd` of the event `Any` of `Main`
    hint: did you mean `Method`?
    ");
    // Reading the template again finds the same.
    project.write_template(&format!("{template}\n# The end.\n"));
    dev.wait_for_builds(2);
    project.write_template(&template.replace("Methd: GET", "Method: GET"));
    dev.wait_for("\n  GET http://");
    let count = |log: &str| log.matches("unknown property").count();
    assert_eq!(count(&dev.log()), 1, "{}", dev.log());
    project.write_template(&template);
    dev.wait_until("the warning again", |log| count(log) == 2);
}

#[test]
fn reads_the_definition_of_an_api() {
    let definition = |path: &str| {
        let integration = r"
      x-amazon-apigateway-integration:
        payloadFormatVersion: '2.0'
        uri: {Fn::Sub: 'arn:aws:apigateway:x:lambda:path/2015-03-31/functions/${Main.Arn}/invocations'}
";
        format!("openapi: 3.0.1\npaths:\n  {path}:\n    get:{integration}")
    };
    let project = SocketProject::new(
        r"
Resources:
  Main: {Type: AWS::Serverless::Function, Properties: {Handler: bootstrap}}
  Shop:
    Type: AWS::Serverless::HttpApi
    Properties: {DefinitionUri: api/openapi.yaml}
  Far: {Type: AWS::Serverless::Api, Properties: {DefinitionUri: 's3://far/api.yaml'}}
",
    );
    project.write("api/README.md", "");
    let dev = project.dev(&[]);
    insta::assert_snapshot!(dev.warnings(), @"
    warning: [TEMP]/template.yaml:6: skipping routes of `Shop`: cannot read its OpenAPI definition `[TEMP]/api/openapi.yaml`: No such file or directory (os error 2)
    hint: paths are relative to the template's folder
    warning: [TEMP]/template.yaml:7: skipping routes of `Far`: its OpenAPI definition `s3://far/api.yaml` is not a local file
    hint: use a path, which SAM uploads at deployment
    ");
    assert_eq!(dev.get("/do/version").status, 404);

    project.replace("api/openapi.yaml", &definition("/do/version"));
    dev.wait_for_builds(2);
    dev.wait_for("\nchanged: api/openapi.yaml\n");
    assert_eq!(pair(&dev.get("/do/version")), ok("one"));

    project.replace("api/openapi.yaml", "paths: [");
    dev.wait_for_failed_update();
    dev.wait_for("/api/openapi.yaml:1: invalid YAML: ");
    assert_eq!(pair(&dev.get("/do/version")), ok("one"));

    project.replace("api/openapi.yaml", &definition("/do/count"));
    dev.wait_for_builds(3);
    assert_eq!(dev.get("/do/version").status, 404);
    assert_eq!(dev.get("/do/count").status, 200);

    // A definition that could never be read is fixed.
    project.write("more/openapi.yaml", "paths: [");
    let template = std::fs::read_to_string(project.path().join("template.yaml")).unwrap();
    project.replace("template.yaml", &template.replace("api/openapi.yaml", "more/openapi.yaml"));
    dev.wait_for("/more/openapi.yaml:1: invalid YAML: ");
    project.replace("more/openapi.yaml", &definition("/do/version"));
    dev.wait_for_builds(4);
    assert_eq!(pair(&dev.get("/do/version")), ok("one"));
}

/// It names their functions as SAM does: `Shop/Orders`.
#[test]
fn serves_nested_applications() {
    let project = SocketProject::new(
        r"
Parameters: {Stage: {Type: String, Default: live}}
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Handler: bootstrap
      Events: {Get: {Type: HttpApi, Properties: {Method: GET, Path: /do/version}}}
  Shop:
    Type: AWS::Serverless::Application
    Properties: {Location: ./shop/shop.yaml, Parameters: {Stage: !Sub '${Stage}-shop'}}
  Far:
    Type: AWS::Serverless::Application
    Properties: {Location: {ApplicationId: 'arn:aws:serverlessrepo:x', SemanticVersion: 1.0.0}}
",
    );
    let shop = r"
Parameters: {Stage: {Type: String}}
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: ..
      Handler: bootstrap
      Environment: {Variables: {FAULT: !Ref Stage}}
      Events: {Get: {Type: Api, Properties: {Method: GET, Path: /shop}}}
  Stock:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: .., Handler: bootstrap, FunctionUrlConfig: {AuthType: NONE}}
";
    project.write("shop/shop.yaml", shop);
    let dev = project.dev(&[]);
    dev.wait_for("Ctrl-C");
    insta::assert_snapshot!(normalise(&dev.log()), @"
    warning: [TEMP]/template.yaml:14: skipping nested application `Far`: its template `arn:aws:serverlessrepo:x` is not a local file
    hint: use a path, which SAM uploads at deployment
    console: http://[ADDRESS]/_scaffold/
    listening on http://[ADDRESS]
    ready in [TIME]: Orders, Shop/Orders, Shop/Stock
      GET http://[ADDRESS]/do/version   Orders       HTTP API
      GET http://[ADDRESS]/shop         Shop/Orders  REST API
      ANY http://[ADDRESS]/Shop/Stock/  Shop/Stock   function URL
    try: curl http://[ADDRESS]/do/version
    press Ctrl-C to stop
    ");

    assert_eq!(pair(&dev.get("/do/version")), ok("one"));
    assert_eq!(pair(&dev.get("/Shop/Stock/do/version")), ok("\"one\""));
    // The function echoes the event, which is not a valid response of a REST API.
    assert_eq!(dev.get("/shop").status, 502);
    let environment = |name: &str| dev.invoke(name, &[], "\"environment\"").body;
    assert!(environment("Orders").contains("AWS_LAMBDA_FUNCTION_NAME=Orders\n"));
    assert!(!environment("Orders").contains("FAULT="));
    for name in ["Shop/Orders", "Shop%2FOrders"] {
        let environment = environment(name);
        assert!(environment.contains("AWS_LAMBDA_FUNCTION_NAME=Orders\n"), "{environment}");
        assert!(environment.contains("FAULT=live-shop\n"), "{environment}");
    }
    assert_eq!(pair(&dev.invoke("Stock", &[], "\"version\"")), ok("\"one\""));
    assert_eq!(dev.invoke("Shop/Nobody", &[], "{}").status, 404);
    let run = project.scaffold(&["invoke", "Shop/Orders", "--data", "\"version\""]).run();
    assert_eq!((run.code, &*run.stdout), (Some(0), "\"one\"\n"), "{run:?}");

    project.replace("shop/shop.yaml", &shop.replace("/shop", "/new"));
    dev.wait_for_builds(2);
    dev.wait_for("\nchanged: shop/shop.yaml\n");
    assert_eq!(dev.get("/shop").status, 404);
    assert_eq!(dev.get("/new").status, 502);
}

/// Routes with authorizers: functions of the project, a missing function, and authorizers that only AWS has.
const WITH_AUTHORIZERS: &str = r"
Globals:
  Function: {Handler: bootstrap, Timeout: 20, Environment: {Variables: {FAULT: told}}}
  HttpApi:
    Auth:
      DefaultAuthorizer: Door
      Authorizers:
        Door:
          FunctionArn: !GetAtt Doorman.Arn
          AuthorizerPayloadFormatVersion: '2.0'
          EnableSimpleResponses: true
          Identity: {Headers: [X-Doorman]}
        OAuth: {JwtConfiguration: {issuer: !ImportValue Issuer, audience: [a]}}
        Far: {FunctionArn: !GetAtt Elsewhere.Arn, AuthorizerPayloadFormatVersion: '2.0'}
Resources:
  Doorman: {Type: AWS::Serverless::Function}
  Elsewhere: {Type: AWS::Serverless::Function, Properties: {CodeUri: /nowhere}}
  Http:
    Type: AWS::Serverless::Function
    Properties:
      FunctionUrlConfig: {AuthType: AWS_IAM}
      Events:
        Door: {Type: HttpApi, Properties: {Method: GET, Path: /http}}
        OAuth: {Type: HttpApi, Properties: {Method: GET, Path: /oauth, Auth: {Authorizer: OAuth}}}
        Also: {Type: HttpApi, Properties: {Method: PUT, Path: /oauth, Auth: {Authorizer: OAuth}}}
        Far: {Type: HttpApi, Properties: {Method: GET, Path: /far, Auth: {Authorizer: Far}}}
        Open: {Type: HttpApi, Properties: {Method: GET, Path: /open, Auth: {Authorizer: NONE}}}
  Rest:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Token: {Type: Api, Properties: {Method: GET, Path: /token, RestApiId: !Ref Shop}}
        Request: {Type: Api, Properties: {Method: GET, Path: /request, RestApiId: !Ref Shop, Auth: {Authorizer: Request}}}
  Shop:
    Type: AWS::Serverless::Api
    Properties:
      Auth:
        DefaultAuthorizer: Token
        Authorizers:
          Token: {FunctionArn: !GetAtt Doorman.Arn, Identity: {Header: X-Token}}
          Request: {FunctionArn: !GetAtt Doorman.Arn, FunctionPayloadType: REQUEST, Identity: {Headers: [X-Doorman]}}
";

/// Invokes Lambda authorizers, and warns once about each of the others.
#[test]
fn invokes_lambda_authorizers() {
    let project = SocketProject::new(WITH_AUTHORIZERS);
    let dev = project.dev(&[]);
    insta::assert_snapshot!(dev.warnings(), @"
    warning: no binary for `Elsewhere`: no package in `/nowhere` has one
    hint: set `CodeUri` to the folder of a package with a binary named `bootstrap`, or `Handler` to the name of a binary
    warning: the JWT authorizer `OAuth` cannot check tokens: its issuer is known only after deployment; these routes are open locally: `GET /oauth`, `PUT /oauth`
    hint: name a file or a URL with the keys of the issuer with `--jwks`
    warning: the Lambda authorizer `Far` is not emulated; these routes are open locally: `GET /far`
    hint: only JWT authorizers of HTTP APIs, and Lambda authorizers whose function is in this project, run locally
    warning: the IAM authorizer `AWS_IAM` is not emulated; these routes are open locally: the URL of `Http`
    hint: only JWT authorizers of HTTP APIs, and Lambda authorizers whose function is in this project, run locally
    ");

    let ask = |path: &str, headers: &[(&str, &str)]| {
        let answer = dev.request(&format!("GET {path}"), headers, b"");
        let error_type = answer.header("x-amzn-errortype").map(str::to_owned);
        (answer.status, answer.body, error_type)
    };
    let plain = |status: u16, body: &str| (status, body.to_owned(), None);
    let typed =
        |status: u16, body: &str, error: &str| (status, body.to_owned(), Some(error.to_owned()));
    let welcome = ("X-Http", r#"{"statusCode":201,"body":"welcome"}"#);
    let welcomed = plain(201, "welcome");

    // An HTTP API.
    let yes = ("X-Doorman", r#"{"isAuthorized":true,"context":{"user":"ada","level":3}}"#);
    assert_eq!(ask("/http", &[yes, welcome]), welcomed);
    dev.wait_for(r#"asked: {"type":"REQUEST","routeArn":"arn:aws:execute-api:"#);
    dev.wait_for(
        r#""apiId":"ServerlessHttpApi","authorizer":{"lambda":{"level":3,"user":"ada"}},"#,
    );
    for (answer, expected) in [
        (r#"{"isAuthorized":false}"#, plain(403, r#"{"message":"Forbidden"}"#)),
        ("fail:Unauthorized", plain(500, r#"{"message":"Internal Server Error"}"#)),
        ("{}", plain(500, r#"{"message":"Internal Server Error"}"#)),
    ] {
        assert_eq!(ask("/http", &[("X-Doorman", answer), welcome]), expected, "{answer}");
    }
    dev.wait_for(
        ": invalid response of authorizer `Door`: `isAuthorized` is neither true nor false\n",
    );
    assert_eq!(ask("/http", &[welcome]), plain(401, r#"{"message":"Unauthorized"}"#));
    for path in ["/oauth", "/far", "/open", "/Http/"] {
        assert_eq!(ask(path, &[welcome]).0, 201, "{path}");
    }

    // A REST API.
    let welcome = ("X-Rest", r#"{"statusCode":201,"body":"welcome"}"#);
    let policy = |effect: &str, path: &str| {
        format!(
            r#"{{"principalId":"ada","context":{{"level":3}},"policyDocument":{{"Statement":[{{"Effect":"{effect}","Action":"execute-api:Invoke","Resource":"*/Prod/GET/{path}"}}]}}}}"#
        )
    };
    for (path, header) in [("token", "X-Token"), ("request", "X-Doorman")] {
        let ask = |answer: &str| ask(&format!("/{path}"), &[(header, answer), welcome]);
        assert_eq!(ask(&policy("Allow", path)), welcomed, "{path}");
        let denied = "User is not authorized to access this resource";
        assert_eq!(
            ask(&policy("Allow", "other")),
            typed(403, &format!(r#"{{"message": "{denied}"}}"#), "AccessDeniedException")
        );
        assert_eq!(
            ask(&policy("Deny", path)),
            typed(
                403,
                &format!(r#"{{"message": "{denied} with an explicit deny"}}"#),
                "AccessDeniedException"
            )
        );
        let unauthorized = typed(401, r#"{"message": "Unauthorized"}"#, "UnauthorizedException");
        assert_eq!(ask("fail:Unauthorized"), unauthorized);
        assert_eq!(dev.get(&format!("/{path}")).status, 401);
        let broken = typed(500, r#"{"message":null}"#, "AuthorizerConfigurationException");
        assert_eq!(ask("fail:no"), broken);
        assert_eq!(ask("{}"), broken);
    }
    dev.wait_for(r#"asked: {"type":"TOKEN","authorizationToken":"#);
    dev.wait_for(r#"asked: {"type":"REQUEST","methodArn":"arn:aws:execute-api:"#);
    dev.wait_for(r#""authorizer":{"level":"3","principalId":"ada"}"#);
    // Requests do not repeat the warnings.
    let count = |log: &str| log.matches("warning: ").count();
    assert_eq!(count(&dev.log()), count(&dev.warnings()));
}

#[test]
fn serves_a_workspace_of_several_packages() {
    let project = SocketProject::new("");
    std::fs::remove_file(project.path().join("template.yaml")).unwrap();
    let member = |name: &str, bin: &str| {
        project.write(
            &format!("{name}/Cargo.toml"),
            &format!(
                "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
                 [[bin]]\nname = \"{bin}\"\npath = \"main.rs\"\n"
            ),
        );
        let source = std::fs::read_to_string(project.path().join("src/main.rs")).unwrap();
        let version = format!("VERSION: &str = \"{name}\"");
        project.write(
            &format!("{name}/main.rs"),
            &source.replace("VERSION: &str = \"one\"", &version),
        );
    };
    member("orders", "bootstrap");
    member("stock", "bootstrap");
    member("mail", "mailer");
    project.write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"orders\", \"stock\", \"mail\"]\nresolver = \"3\"\n",
    );
    let function = |name: &str, folder: &str, path: &str| {
        format!(
            "  {name}:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: {folder}\n      \
             Handler: bootstrap\n      Runtime: provided.al2023\n      Events:\n        Get:\n          \
             Type: HttpApi\n          Properties:\n            Path: {path}\n            Method: GET\n"
        )
    };
    project.write_template(&format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n{}{}{}",
        function("OrdersFunction", "orders/", "/do/version"),
        function("Stock", ".", "/stock/{proxy+}"),
        function("MailFunction", "mail", "/mail"),
    ));
    let dev = project.dev(&[]);
    assert_eq!(pair(&dev.get("/do/version")), ok("orders"));
    assert_eq!(pair(&dev.invoke("Stock", &[], "\"version\"")), ok("\"stock\""));
    assert_eq!(pair(&dev.invoke("MailFunction", &[], "\"version\"")), ok("\"mail\""));
    // Only the changed function is replaced.
    assert_eq!(pair(&dev.invoke("Stock", &[], "\"count\"")), ok("1"));
    let main = std::fs::read_to_string(project.path().join("orders/main.rs")).unwrap();
    project.write("orders/main.rs", &main.replace("\"orders\"", "\"new\""));
    dev.wait_for("ready in ");
    dev.wait_for_builds(2);
    assert_eq!(pair(&dev.get("/do/version")), ok("new"));
    assert_eq!(pair(&dev.invoke("Stock", &[], "\"count\"")), ok("2"));
    assert!(dev.log().contains(": OrdersFunction\n"), "{}", dev.log());
}

#[test]
fn serves_a_project_without_a_template() {
    let project = SocketProject::new("");
    std::fs::remove_file(project.path().join("template.yaml")).unwrap();
    let dev = project.dev(&[]);
    assert_eq!(pair(&dev.get("/do/version")), ok("one"));
    assert_eq!(pair(&dev.invoke("socket", &[], "\"version\"")), ok("\"one\""));
    assert!(dev.log().contains("/…  socket  HTTP API\n"), "{}", dev.log());
}

#[test]
fn fails_if_the_port_is_in_use() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let run = PROJECT.scaffold(&["dev", "--port", &port.to_string()]).run();
    let run = run.replace(&format!(r"\b{port}\b"), "[PORT]");
    assert_run!(run.replace(&format!(r"\b{}\b", port + 1), "[NEXT PORT]"), @"
    exit code: 1
    ----- stderr -----
    error: cannot listen on port [PORT] of 127.0.0.1
      caused by: Address already in use (os error 98)
    hint: stop the other program, or use `--port [NEXT PORT]` (`--port 0` picks a free port)
    ");
}

#[test]
fn leaves_no_process_behind() {
    for signal in ["INT", "TERM", "HUP", "KILL"] {
        let project = SocketProject::new(TEMPLATE);
        let mut dev = project.dev(&[]);
        assert_eq!(pair(&dev.get("/do/version")), ok("one"));
        let mut hanging = dev.connect();
        send(&mut hanging, "GET /do/hang", &[], b"");
        dev.wait_for("hanging: ");
        let log = dev.log();
        let line = log.lines().find_map(|line| line.split_once("hanging: ")).unwrap().1;
        let mut processes: Vec<_> = line.split(' ').map(str::to_owned).collect();
        processes.extend(processes_below(&project.path()));
        let status = dev.end(signal);
        for process in processes {
            assert_ends(&process);
        }
        let code = if signal == "KILL" { None } else { Some(130) };
        assert_eq!(status.code(), code, "{signal}");
        if signal != "KILL" {
            assert!(!project.path().join("target/scaffold-dev").read_dir().unwrap().any(|_| true));
        }
    }
}

#[test]
fn leaves_no_build_behind() {
    for signal in ["TERM", "KILL"] {
        let project = SocketProject::new(TEMPLATE);
        project.write(
            "build.rs",
            "fn main() {\n    std::fs::write(\"started\", std::process::id().to_string()).unwrap();\n    \
             std::thread::sleep(std::time::Duration::from_secs(900));\n}\n",
        );
        let mut dev = project.start(&[]);
        let started = project.path().join("started");
        wait_for(|| std::fs::read_to_string(&started).is_ok_and(|id| !id.is_empty()));
        let _ = dev.end(signal);
        assert_ends(&std::fs::read_to_string(started).unwrap());
    }
}

#[test]
fn the_environment_of_the_user_overrides_the_template() {
    let project = SocketProject::new(&TEMPLATE.replace("FAULT: none", "FAULT: !GetAtt Other.Name"));
    let mut scaffold = project.scaffold(&["dev", "--port", "0"]);
    scaffold.command().env("GATE", "other");
    let dev = Dev::start(scaffold);
    dev.wait_for_builds(1);
    insta::assert_snapshot!(dev.warnings(), @"
    warning: unset in `Hasty`, because the value is known only after deployment: `FAULT` (`!GetAtt Other.Name`)
    hint: set it with `--env FAULT=…` or in the file `.env`, or use `--stack NAME` for the values in a deployed stack
    ");
    let environment = dev.invoke("Hasty", &[], "\"environment\"").body;
    assert!(environment.contains("GATE=other\n"), "{environment}");
}

#[test]
fn serves_the_events_of_scaffold_invoke() {
    let project = SocketProject::new(TEMPLATE);
    let invoke = |arguments: &[&str]| project.scaffold(&[&["invoke"], arguments].concat()).run();
    assert_run!(invoke(&[]), @"
    exit code: 1
    ----- stderr -----
    error: more than one function: `Main`, `Hasty`, `Streaming`, `Unwell`
    hint: choose one: `scaffold invoke Main`
    ");
    let mut dev = project.dev(&[]);
    assert_run!(invoke(&["main-on-aws"]), @r#"
    exit code: 0
    ----- stdout -----
    "one"
    ----- stderr -----
    using the running `scaffold dev` at http://[ADDRESS]
    START RequestId: [ID] Version: $LATEST
    END RequestId: [ID]
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 256 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    "#);
    assert_run!(invoke(&["Main", "--data", "\"error\""]), @r#"
    exit code: 1
    ----- stdout -----
    {"errorType":"OutOfStock","errorMessage":"no oranges","stackTrace":[]}
    ----- stderr -----
    using the running `scaffold dev` at http://[ADDRESS]
    START RequestId: [ID] Version: $LATEST
    END RequestId: [ID]
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 256 MB	Max Memory Used: [MEMORY]	Status: error	Error Type: Runtime.Unknown
    error: the function failed: OutOfStock: no oranges
    "#);
    // It waits for a build that is under way.
    project.write_version("two");
    dev.wait_for("changed: ");
    assert_eq!(invoke(&["Main"]).stdout, "\"two\"\n");
    // With settings of its own, it runs the function itself.
    assert_run!(invoke(&["Main", "--timeout", "9"]), @r#"
    exit code: 0
    ----- stdout -----
    "two"
    ----- stderr -----
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 256 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    "#);
    // It does not try a `scaffold dev` that was killed.
    let _ = dev.end("KILL");
    let json: Value = invoke(&["Main", "--json"]).success().parse().unwrap();
    assert_eq!((&json["function"], &json["response"]), (&json!("Main"), &json!("two")));
}

/// Two projects with the same target folder.
#[test]
fn serves_no_events_of_another_project() {
    let [one, two] = [TEMPLATE; 2].map(SocketProject::new);
    two.write_version("two");
    let manifest = fs::read_to_string(two.path().join("Cargo.toml")).unwrap();
    two.write("Cargo.toml", &manifest.replace("name = \"socket\"", "name = \"other\""));
    let target = one.path().join("target");
    let scaffold = |project: &SocketProject, arguments: &[&str]| {
        project.scaffold(arguments).env("CARGO_TARGET_DIR", &target)
    };
    let dev = Dev::start(scaffold(&one, &["dev", "--port", "0"]));
    dev.wait_for_builds(1);
    let invoke = ["invoke", "Main", "--data", "\"version\""];
    let [own, other] = [&one, &two].map(|project| scaffold(project, &invoke).run());
    assert_eq!((&*own.stdout, &*other.stdout), ("\"one\"\n", "\"two\"\n"));
    assert!(own.stderr.starts_with("using the running `scaffold dev`"), "{own:?}");
    assert!(!other.stderr.contains("using"), "{other:?}");
}

#[test]
fn invoke_reaches_a_server_that_listens_on_all_addresses() {
    for host in ["0.0.0.0", "::"] {
        let project = SocketProject::new(TEMPLATE);
        let dev = project.dev(&["--host", host]);
        let run = project.scaffold(&["invoke", "Main", "--data", "\"version\""]).run();
        let loopback = if host == "::" { "[::1]" } else { "127.0.0.1" };
        let address = format!("http://{loopback}:{}", dev.address.port());
        assert!(
            run.stderr.starts_with(&format!("using the running `scaffold dev` at {address}\n"))
        );
        assert_eq!(run.success(), "\"one\"\n");
        assert!(dev.log().contains(&format!("{address}/{{proxy+}}")), "{}", dev.log());
    }
}

/// Runs a program that must succeed, and returns its standard output.
fn output(command: &mut Command) -> String {
    Run::from(command.output().unwrap()).success()
}

#[test]
#[ignore = "needs the AWS CLI and boto3 in `AWS_CLIENTS`"]
fn answers_the_aws_cli_and_boto3() {
    let programs = PathBuf::from(std::env::var_os("AWS_CLIENTS").unwrap());
    let dev = PROJECT.dev(&[]);
    let folder = tempfile::tempdir().unwrap();
    let endpoint = format!("http://{}", dev.address);
    let client = |name: &str| {
        let mut command = program(programs.join(name));
        command
            .current_dir(folder.path())
            .env("AWS_ACCESS_KEY_ID", "none")
            .env("AWS_SECRET_ACCESS_KEY", "none")
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("ENDPOINT", &endpoint);
        command
    };
    let invoke = |arguments: &[&str]| {
        let mut command = client("aws");
        command.args(["lambda", "invoke", "--endpoint-url", &endpoint]).args(arguments);
        command.arg("out.json").output().unwrap()
    };
    let run = invoke(&["--function-name", "Main", "--payload", "{\"a\": 1}", "--log-type", "Tail"]);
    let told: Value = Run::from(run).success().parse().unwrap();
    assert_eq!((&told["StatusCode"], &told["ExecutedVersion"]), (&json!(200), &json!("$LATEST")));
    let log = STANDARD.decode(told["LogResult"].as_str().unwrap()).unwrap();
    assert!(log.starts_with(b"START RequestId: "), "{told}");
    let answer = std::fs::read_to_string(folder.path().join("out.json")).unwrap();
    assert_eq!(answer, "{\"a\": 1}");
    let run = invoke(&["--function-name", "Main", "--payload", "\"error\""]);
    let told: Value = Run::from(run).success().parse().unwrap();
    assert_eq!(told["FunctionError"], "Unhandled");
    let run = Run::from(invoke(&["--function-name", "Nobody"]));
    assert!(run.stderr.contains("(ResourceNotFoundException)"), "{run:?}");

    std::fs::write(
        folder.path().join("client.py"),
        r#"
import base64, json, os, boto3
client = boto3.client("lambda", endpoint_url=os.environ["ENDPOINT"])
def say(*values): print(*values, sep=" | ")
answer = client.invoke(FunctionName="Main", Payload=b'"version"', LogType="Tail")
say(answer["StatusCode"], answer["Payload"].read(), b"REPORT" in base64.b64decode(answer["LogResult"]))
answer = client.invoke(FunctionName="Main", Payload=b'"exit"')
say(answer["FunctionError"], json.load(answer["Payload"])["errorType"])
context = base64.b64encode(b'{"custom": {"a": "b"}}').decode()
say(client.invoke(FunctionName="Main", Payload=b'"client"', ClientContext=context)["Payload"].read())
say(client.invoke(FunctionName="Main", Payload=b'"log"', InvocationType="Event")["StatusCode"])
say(client.invoke(FunctionName="Main", InvocationType="DryRun")["StatusCode"])
for call in (
    lambda: client.invoke(FunctionName="Nobody"),
    lambda: client.invoke(FunctionName="Main", Payload=b"{"),
    lambda: client.invoke(FunctionName="Main", Payload=b'"' + b"x" * 6291456 + b'"'),
):
    try: call()
    except client.exceptions.ClientError as error:
        say(type(error).__name__, error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"])
for order in (b'"stream"', b'"broken stream"', b'"version"', b'"error"'):
    for event in client.invoke_with_response_stream(FunctionName="Main", Payload=order)["EventStream"]:
        say(json.dumps(event, default=lambda value: value.decode()))
"#,
    )
    .unwrap();
    let error =
        r#"{\"errorType\":\"OutOfStock\",\"errorMessage\":\"no oranges\",\"stackTrace\":[]}"#;
    assert_eq!(
        output(client("python").arg("client.py")),
        format!(
            r#"200 | b'"one"' | True
Unhandled | Runtime.ExitError
b'{{"custom": {{"a": "b"}}}}'
202
204
ResourceNotFoundException | ResourceNotFoundException | 404
InvalidRequestContentException | InvalidRequestContentException | 400
RequestTooLargeException | RequestTooLargeException | 413
{{"PayloadChunk": {{"Payload": "\"strea"}}}}
{{"PayloadChunk": {{"Payload": "med"}}}}
{{"PayloadChunk": {{"Payload": "\""}}}}
{{"InvokeComplete": {{}}}}
{{"PayloadChunk": {{"Payload": "\"strea"}}}}
{{"InvokeComplete": {{"ErrorCode": "Function.Broken", "ErrorDetails": "{{\"errorType\":\"Broken\"}}"}}}}
{{"PayloadChunk": {{"Payload": "\"one\""}}}}
{{"InvokeComplete": {{}}}}
{{"InvokeComplete": {{"ErrorCode": "Runtime.Unknown", "ErrorDetails": "{error}"}}}}
"#
        )
    );
}

#[test]
#[ignore = "needs gdb"]
fn waits_for_a_debugger() {
    let dev = PROJECT.dev(&["--debug"]);
    thread::scope(|scope| {
        let answer = scope.spawn(|| pair(&dev.get("/do/version")));
        dev.wait_until("the debugger's command", |log| {
            let command = log.split_once("Main is waiting for a debugger:\n  rust-gdb -p ");
            command.is_some_and(|(_, id)| id.contains('\n'))
        });
        let log = dev.log();
        let line = log.lines().find_map(|line| line.strip_prefix("  rust-gdb -p ")).expect(&log);
        let mut gdb = program("timeout");
        gdb.args(["60", "gdb", "-batch", "-p", line, "-ex", "break bootstrap::Api::act"]);
        gdb.args(["-ex", "continue", "-ex", "delete", "-ex", "detach"]);
        let said = Run::from(gdb.output().unwrap());
        assert!(said.stdout.contains("\nBreakpoint 1, bootstrap::Api::act ("), "{said:?}");
        assert_eq!(answer.join().unwrap(), ok("one"));
    });
}

#[test]
fn serves_the_routes_of_the_code_and_warns_once_about_the_template() {
    let event = "{Type: HttpApi, Properties: {Path: /do/version, Method: GET}}";
    let template = format!(
        "Resources:\n  Main:\n    Type: AWS::Serverless::Function\n    Properties:\n      Events:\n        Do: {event}\n"
    );
    let project = SocketProject::new(&template);
    project.write_records(&[
        record_of_routes("version", &["GET /do/version"]),
        record_of_routes("act", &["GET /do/{action}"]),
    ]);
    let dev = project.dev(&[]);
    assert_eq!(pair(&dev.get("/do/version")), ok("one"));
    assert_eq!(pair(&dev.get("/do/log")), ok("logged"));
    assert_eq!(dev.get("/other").status, 404);
    let warning = "warning: `template.yaml` lacks routes of the code: `GET /do/{action}`\n\
                   hint: run `scaffold sync`\n";
    dev.wait_for(warning);

    let source = fs::read_to_string(project.path().join("src/main.rs")).unwrap();
    project.replace("src/main.rs", &source.replace("\"one\"", "\"two\""));
    wait_for(|| dev.get("/do/version").body == "two");
    assert_eq!(pair(&dev.get("/do/log")), ok("logged"));
    assert_eq!(dev.log().matches("lacks routes").count(), 1, "{}", dev.log());

    assert_eq!(project.scaffold(&["sync"]).run().success(), "");
    assert_eq!(project.scaffold(&["sync", "--check"]).run().success(), "");
}

#[test]
fn prints_the_routes_of_the_code_behind_a_function_url() {
    let url = "    Type: AWS::Serverless::Function\n    \
               Properties: {FunctionUrlConfig: {AuthType: NONE}}\n";
    let project = SocketProject::new(&format!("Resources:\n  Main:\n{url}  Other:\n{url}"));
    project.write_records(&[record_of_routes("act", &["ANY /do/{action}", "GET /"])]);
    let dev = project.dev(&[]);
    dev.wait_for("Ctrl-C");
    insta::assert_snapshot!(normalise(&dev.log()), @"
    console: http://[ADDRESS]/_scaffold/
    listening on http://[ADDRESS]
    ready in [TIME]: Main, Other
      ANY http://[ADDRESS]/Main/do/{action}   Main   function URL
      GET http://[ADDRESS]/Main/              Main   function URL
      ANY http://[ADDRESS]/Other/do/{action}  Other  function URL
      GET http://[ADDRESS]/Other/             Other  function URL
    try: curl http://[ADDRESS]/Main/
    press Ctrl-C to stop
    ");
    assert_eq!(pair(&dev.get("/Main/do/version")), ok("\"one\""));
}

#[test]
fn prints_the_sources_of_the_code_and_warns_about_a_template_without_them() {
    let main = "Main: {Type: AWS::Serverless::Function}";
    let queue = "Orders: {Type: AWS::SQS::Queue}";
    let project = SocketProject::new(&format!("Resources:\n  {main}\n  {queue}\n"));
    project.write_records(&[record_of_source("ship", "sqs", "Orders")]);
    let dev = project.dev(&[]);
    dev.wait_for("/invocations  Main  Invoke API, for sqs Orders\n");
    dev.wait_for(
        "warning: `template.yaml` lacks sources of the code: `sqs Orders`\n\
         hint: run `scaffold sync`\n",
    );
}

#[test]
fn a_handler_that_the_program_does_not_have_is_an_error() {
    let function = |name: &str, handler: &str| {
        format!(
            "  {name}: {{Type: AWS::Serverless::Function, Properties: {{Handler: {handler}}}}}\n"
        )
    };
    let template = |handler: &str| format!("Resources:\n{}", function("Main", handler));
    let project = SocketProject::new(&template("remov"));
    project.write_records(&[record("create"), record("remove")]);
    let run = project.scaffold(&["invoke", "--event", "events/event.json"]).run();
    assert_ne!(run.code, Some(0));
    let message = "error: the program of `Main` has no handler `remov`\n\
                   hint: did you mean `remove`? set `Handler` in the template to `create` or `remove`, or mark \
                   a function `remov` with `#[lambda_handler(named)]` and list it in `main!`\n";
    assert!(run.stderr.contains(message), "{}", run.stderr);

    let dev = project.start(&[]);
    dev.wait_for(message);
    // All of them are named at once.
    project.write_template(&(template("remov") + &function("Other", "creat")));
    let both = "error: the program of `Main` has no handler `remov`\nhint: did you mean `remove`? ";
    let other =
        "error: the program of `Other` has no handler `creat`\nhint: did you mean `create`? ";
    dev.wait_for(other);
    assert_eq!(dev.log().matches(both).count(), 2);
    let refused = dev.invoke("Other", &[], "1");
    assert!(refused.status == 503 && refused.body.contains(both) && refused.body.contains(other));
    project.write_template(&template("remove"));
    dev.wait_for("\nready in ");
}
