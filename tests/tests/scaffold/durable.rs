//! Durable functions in `scaffold dev`. The tests play the function: `functions/scripted.rs` passes its events on.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use lambda_native_tests::command::{Run, program, workspace};
use lambda_native_tests::dev::{Dev, Response, SocketProject};
use regex::Regex;
use serde_json::{Value, json};

const TEMPLATE: &str = "
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {CodeUri: ., Handler: bootstrap, Runtime: provided.al2023, Timeout: 20}
Resources:
  Main:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: orders
      DurableConfig: {ExecutionTimeout: 600, RetentionPeriodInDays: 1}
      Events:
        Any: {Type: HttpApi, Properties: {Path: /orders, Method: POST}}
  Short:
    Type: AWS::Serverless::Function
    Properties:
      DurableConfig: {ExecutionTimeout: 1}
  Long:
    Type: AWS::Serverless::Function
    Properties:
      DurableConfig: {ExecutionTimeout: 3600}
  Plain:
    Type: AWS::Serverless::Function
";

static PROJECT: LazyLock<SocketProject> = LazyLock::new(project);

fn source() -> String {
    fs::read_to_string(workspace().join("tests/functions/scripted.rs")).unwrap()
}

fn project() -> SocketProject {
    let project = SocketProject::new(TEMPLATE);
    project.write("src/main.rs", &source());
    project
}

/// `scaffold dev`, and the invocations of its functions.
struct Durable {
    dev: Dev,
    told: Receiver<Invocation>,
}

/// An invocation that waits for a response.
struct Invocation {
    /// The version and the variables of the function.
    head: String,
    event: Value,
    /// The token of the next checkpoint.
    token: String,
    arn: String,
    stream: TcpStream,
}

impl Invocation {
    fn read(mut stream: TcpStream) -> Self {
        let mut reader = BufReader::new(&mut stream);
        let (mut head, mut event) = (String::new(), String::new());
        reader.read_line(&mut head).unwrap();
        reader.read_to_string(&mut event).unwrap();
        let event: Value = serde_json::from_str(&event).unwrap();
        let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        let [token, arn] = ["CheckpointToken", "DurableExecutionArn"].map(text);
        Self { head: head.trim().to_owned(), event, token, arn, stream }
    }

    /// The operations in the event, without the execution itself.
    fn operations(&self) -> Vec<String> {
        let operations = self.event["InitialExecutionState"]["Operations"].as_array().unwrap();
        operations.iter().skip(1).map(short).collect()
    }

    fn say(mut self, told: &str) {
        self.stream.write_all(told.as_bytes()).unwrap();
        self.stream.shutdown(Shutdown::Both).unwrap();
    }

    fn suspend(self) {
        self.say(r#"{"Status":"PENDING"}"#);
    }

    fn succeed(self, result: &Value) {
        self.say(&json!({ "Status": "SUCCEEDED", "Result": result.to_string() }).to_string());
    }
}

/// The most interesting parts of an operation.
fn short(operation: &Value) -> String {
    let text = |name: &str| operation[name].as_str().unwrap_or_default();
    let details = operation.as_object().unwrap().iter().find(|(name, _)| name.ends_with("Details"));
    let mut details = details.unwrap().1.clone();
    details.as_object_mut().unwrap().retain(|name, _| !name.ends_with("Timestamp"));
    stable(&format!("{} {} {} {details}", text("Type"), text("Id"), text("Status")))
}

fn stable(text: &str) -> String {
    [
        ("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[UUID]"),
        ("[0-9a-f]{32}", "[ID]"),
        (r"\b\d\d:\d\d:\d\d\b", "[CLOCK]"),
        (r"\bafter \d+\.\d s\b", "after [TIME]"),
        (r"\b[0-9]+\.[0-9]+ ms", "[TIME]"),
        (r"127\.0\.0\.1:\d+", "[ADDRESS]"),
        (r#"("[A-Za-z]*Timestamp":)[0-9.]+"#, "$1[TIME]"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (pattern, name)| {
        Regex::new(pattern).unwrap().replace_all(&text, *name).into_owned()
    })
}

fn encode(text: &str) -> String {
    text.replace(':', "%3A").replace('/', "%2F").replace('$', "%24")
}

/// The status, the type of the error, and the body.
fn show(response: &Response) -> String {
    let error = response.header("x-amzn-errortype").unwrap_or_default();
    stable(&format!("{} {error} {}", response.status, response.body))
}

impl Durable {
    fn start(arguments: &[&str]) -> Self {
        Self::of(&PROJECT, arguments)
    }

    fn of(project: &SocketProject, arguments: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let script = format!("SCRIPT={}", listener.local_addr().unwrap());
        let (sender, told) = channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                if sender.send(Invocation::read(stream.unwrap())).is_err() {
                    break;
                }
            }
        });
        let arguments =
            [&["--no-credentials", "--log", "raw", "--env", &script], arguments].concat();
        Self { dev: project.dev(&arguments), told }
    }

    /// Waits for the next invocation of a function.
    #[track_caller]
    fn next(&self) -> Invocation {
        self.told.recv_timeout(Duration::from_secs(30)).unwrap()
    }

    fn is_idle(&self) -> bool {
        self.told.try_recv().is_err()
    }

    /// Invokes a function, and returns the thread that waits for its response.
    fn invoke(&self, function: &'static str, name: Option<&'static str>) -> Call {
        let address = self.dev.address;
        Call(thread::spawn(move || invoke(address, function, name, false)))
    }

    /// Starts an execution, and returns its ARN.
    fn start_execution(&self, function: &str, name: Option<&str>) -> String {
        let response = invoke(self.dev.address, function, name, true);
        assert_eq!(response.pair(), (202, ""));
        response.header("x-amz-durable-execution-arn").unwrap().to_owned()
    }

    fn checkpoint(&self, invocation: &mut Invocation, updates: Value) -> Vec<String> {
        let body = json!({ "CheckpointToken": invocation.token, "Updates": updates });
        let path = format!("durable-executions/{}/checkpoint", encode(&invocation.arn));
        let response = self.post(&path, &body.to_string());
        assert_eq!(response.status, 200, "{response:?}");
        let body: Value = serde_json::from_str(&response.body).unwrap();
        body["CheckpointToken"].as_str().unwrap().clone_into(&mut invocation.token);
        body["NewExecutionState"]["Operations"].as_array().unwrap().iter().map(short).collect()
    }

    fn post(&self, path: &str, body: &str) -> Response {
        self.dev.request(&format!("POST /2025-12-01/{path}"), &[], body.as_bytes())
    }

    fn get(&self, path: &str) -> Response {
        self.dev.get(&format!("/2025-12-01/{path}"))
    }

    /// The id of the only callback of an execution.
    fn callback(&self, invocation: &mut Invocation, options: Value) -> String {
        let update = json!({ "Id": "approval", "Name": "approval", "Type": "CALLBACK",
                             "Action": "START", "CallbackOptions": options });
        let body = json!({ "CheckpointToken": invocation.token, "Updates": [update] });
        let path = format!("durable-executions/{}/checkpoint", encode(&invocation.arn));
        let response = self.post(&path, &body.to_string());
        let body: Value = serde_json::from_str(&response.body).unwrap();
        let operation = &body["NewExecutionState"]["Operations"][0];
        operation["CallbackDetails"]["CallbackId"].as_str().unwrap().to_owned()
    }

    /// The lines of the log about executions, once one of them has this text.
    fn log(&self, last: &str) -> String {
        self.dev.wait_for(last);
        let log = self.dev.log();
        let lines = log.lines().filter(|line| line.contains(": execution "));
        stable(&lines.collect::<Vec<_>>().join("\n"))
    }
}

/// A synchronous invocation.
struct Call(thread::JoinHandle<Response>);

impl Call {
    fn response(self) -> Response {
        self.0.join().unwrap()
    }
}

fn invoke(address: SocketAddr, function: &str, name: Option<&str>, is_event: bool) -> Response {
    let mut stream = TcpStream::connect(address).unwrap();
    let name =
        name.map_or_else(String::new, |name| format!("X-Amz-Durable-Execution-Name: {name}\r\n"));
    let kind = if is_event { "X-Amz-Invocation-Type: Event\r\n" } else { "" };
    write!(
        stream,
        "POST /2015-03-31/functions/{function}/invocations HTTP/1.1\r\nHost: localhost\r\n\
         Connection: close\r\n{name}{kind}Content-Length: 7\r\n\r\n{{\"a\":1}}"
    )
    .unwrap();
    Response::read(stream)
}

fn wait_update(seconds: u32) -> Value {
    json!([{ "Id": "w", "Name": "cooldown", "Type": "WAIT", "Action": "START",
             "WaitOptions": { "WaitSeconds": seconds } }])
}

#[test]
fn waits_and_attempts_resume_an_execution_whose_result_the_caller_gets() {
    let durable = Durable::start(&[]);
    let call = durable.invoke("orders:$LATEST", Some("first"));
    let mut first = durable.next();
    assert_eq!(stable(&first.head), "one Main http://[ADDRESS] placeholder");
    assert_eq!(
        first.event["InitialExecutionState"]["Operations"][0]["ExecutionDetails"],
        json!({ "InputPayload": "{\"a\":1}" })
    );
    let started = Instant::now();
    let _ = durable.checkpoint(&mut first, wait_update(1));
    first.suspend();
    let mut second = durable.next();
    assert!(started.elapsed() >= Duration::from_secs(1));
    let waited = second.operations();
    let retry = json!([{ "Id": "s", "Type": "STEP", "Action": "START" },
                       { "Id": "s", "Type": "STEP", "Action": "RETRY", "Error": { "ErrorType": "Busy" },
                         "StepOptions": { "NextAttemptDelaySeconds": 1 } }]);
    let pending = durable.checkpoint(&mut second, retry);
    second.suspend();
    let third = durable.next();
    let ready = third.operations();
    third.succeed(&json!({ "total": 7 }));
    let response = call.response();
    let arn = response.header("x-amz-durable-execution-arn").unwrap();
    let answer = format!("{} {}\n{}", response.status, response.body, stable(arn));
    assert_snapshot!([waited, pending, ready, vec![answer]].concat().join("\n"), @r#"
    WAIT w SUCCEEDED {}
    STEP s PENDING {"Attempt":1,"Error":{"ErrorType":"Busy"}}
    WAIT w SUCCEEDED {}
    STEP s READY {"Attempt":1,"Error":{"ErrorType":"Busy"}}
    200 {"total":7}
    arn:aws:lambda:us-east-1:012345678912:function:Main:$LATEST/durable-execution/first/[UUID]
    "#);
    assert_snapshot!(durable.log("execution first succeeded"), @r#"
    Main: execution first started
    Main: execution first suspended until [CLOCK]: wait `cooldown`
    Main: execution first resumed: wait `cooldown` is over
    Main: execution first suspended until [CLOCK]: a step
    Main: execution first resumed: a step is attempted again
    Main: execution first succeeded after [TIME]: {"total":7}
    "#);
}

#[test]
fn callbacks_are_completed_and_time_out() {
    let durable = Durable::start(&[]);
    let complete = |id: &str, action: &str, body: &str| {
        show(&durable.post(&format!("durable-execution-callbacks/{id}/{action}"), body))
    };
    let run = |name: &str, options: Value, act: &dyn Fn(&str) -> Vec<String>| {
        let arn = durable.start_execution("Main", Some(name));
        let mut first = durable.next();
        let id = durable.callback(&mut first, options);
        first.suspend();
        durable.dev.wait_for(&format!("execution {name} suspended"));
        let mut shown = act(&id);
        let second = durable.next();
        assert_eq!(second.arn, arn);
        shown.extend(second.operations());
        second.succeed(&json!(name));
        durable.dev.wait_for(&format!("execution {name} succeeded"));
        // Nothing can complete it again.
        shown.push(complete(&id, "succeed", "1"));
        shown
    };
    let shown = [
        run("success", json!({}), &|id| vec![complete(id, "succeed", "\"yes\"")]),
        run("nothing", json!({}), &|id| vec![complete(id, "succeed", "")]),
        run("failure", json!({}), &|id| {
            let error = r#"{"ErrorType":"Denied","ErrorMessage":"no"}"#;
            vec![complete(id, "fail", "{"), complete(id, "fail", error)]
        }),
        run("timeout", json!({ "TimeoutSeconds": 1 }), &|_| Vec::new()),
        run("heartbeat", json!({ "HeartbeatTimeoutSeconds": 2 }), &|id| {
            let started = Instant::now();
            thread::sleep(Duration::from_millis(1200));
            let beat = complete(id, "heartbeat", "");
            thread::sleep(Duration::from_millis(1200));
            assert!(durable.is_idle() && started.elapsed() > Duration::from_secs(2));
            vec![beat]
        }),
        vec![complete("00000000000000000000000000000000", "succeed", "1")],
        vec![complete("%FF", "heartbeat", "").lines().next().unwrap().to_owned()],
    ];
    assert_snapshot!(shown.concat().join("\n"), @r#"
    200  {}
    CALLBACK approval SUCCEEDED {"CallbackId":"[ID]","Result":"\"yes\""}
    404 ResourceNotFoundException {"Message":"Callback is not active","Type":"User"}
    200  {}
    CALLBACK approval SUCCEEDED {"CallbackId":"[ID]"}
    404 ResourceNotFoundException {"Message":"Callback is not active","Type":"User"}
    400 InvalidParameterValueException {"Type":"User","message":"EOF while parsing an object at line 1 column 1"}
    200  {}
    CALLBACK approval FAILED {"CallbackId":"[ID]","Error":{"ErrorMessage":"no","ErrorType":"Denied"}}
    404 ResourceNotFoundException {"Message":"Callback is not active","Type":"User"}
    CALLBACK approval TIMED_OUT {"CallbackId":"[ID]","Error":{"ErrorMessage":"Callback timed out","ErrorType":"Callback.Timeout"}}
    400 CallbackTimeoutException {"Message":"Callback has timed out","Type":"User"}
    200  {}
    CALLBACK approval TIMED_OUT {"CallbackId":"[ID]","Error":{"ErrorMessage":"Callback timed out on heartbeat","ErrorType":"Callback.Heartbeat"}}
    400 CallbackTimeoutException {"Message":"Callback has timed out","Type":"User"}
    404 ResourceNotFoundException {"Message":"Callback does not exist","Type":"User"}
    404  {"message":"Not Found"}
    "#);
    assert_snapshot!(durable.log("execution heartbeat succeeded"), @r#"
    Main: execution success started
    Main: execution success suspended: callback `approval` [ID]
    Main: execution success resumed: callback `approval` succeeded
    Main: execution success succeeded after [TIME]: "success"
    Main: execution nothing started
    Main: execution nothing suspended: callback `approval` [ID]
    Main: execution nothing resumed: callback `approval` succeeded
    Main: execution nothing succeeded after [TIME]: "nothing"
    Main: execution failure started
    Main: execution failure suspended: callback `approval` [ID]
    Main: execution failure resumed: callback `approval` failed
    Main: execution failure succeeded after [TIME]: "failure"
    Main: execution timeout started
    Main: execution timeout suspended: callback `approval` [ID]
    Main: execution timeout resumed: callback `approval` timed out
    Main: execution timeout succeeded after [TIME]: "timeout"
    Main: execution heartbeat started
    Main: execution heartbeat suspended: callback `approval` [ID]
    Main: execution heartbeat resumed: callback `approval` timed out
    Main: execution heartbeat succeeded after [TIME]: "heartbeat"
    "#);
}

#[test]
fn one_function_invokes_another() {
    let durable = Durable::start(&[]);
    let chain = |id: &str, function: &str| {
        json!({ "Id": id, "Name": id, "Type": "CHAINED_INVOKE", "Action": "START", "Payload": "\"tea\"",
                "ChainedInvokeOptions": { "FunctionName": function } })
    };
    let call = durable.invoke("Main", Some("parent"));
    let mut parent = durable.next();
    let started =
        durable.checkpoint(&mut parent, json!([chain("plain", "Plain"), chain("none", "Nobody")]));
    parent.suspend();
    let plain = durable.next();
    let plain_event = plain.event.to_string();
    plain.say("250");
    let mut parent = durable.next();
    let second = parent.operations();
    let _ = durable
        .checkpoint(&mut parent, json!([chain("durable", "Short"), chain("failing", "Plain")]));
    parent.suspend();
    // They are invoked at the same time.
    let (one, other) = (durable.next(), durable.next());
    let (child, failing) = if one.arn.is_empty() { (other, one) } else { (one, other) };
    failing.say("fail no tea");
    let parent = durable.next();
    let third = parent.operations();
    parent.suspend();
    child.say(r#"{"Status":"FAILED","Error":{"ErrorType":"Empty","ErrorMessage":"no tea left"}}"#);
    let parent = durable.next();
    let fourth = parent.operations();
    parent.succeed(&json!("done"));
    let answer = vec![plain_event, call.response().body];
    let all: Vec<_> = [started, second, third, fourth, answer]
        .into_iter()
        .flat_map(|lines| lines.into_iter().chain([String::new()]))
        .collect();
    assert_snapshot!(all.join("\n"), @r#"
    CHAINED_INVOKE plain STARTED {}
    CHAINED_INVOKE none FAILED {"Error":{"ErrorMessage":"Function not found: arn:aws:lambda:us-east-1:012345678912:function:Nobody","ErrorType":"ResourceNotFoundException"}}

    CHAINED_INVOKE plain SUCCEEDED {"Result":"250"}
    CHAINED_INVOKE none FAILED {"Error":{"ErrorMessage":"Function not found: arn:aws:lambda:us-east-1:012345678912:function:Nobody","ErrorType":"ResourceNotFoundException"}}

    CHAINED_INVOKE plain SUCCEEDED {"Result":"250"}
    CHAINED_INVOKE none FAILED {"Error":{"ErrorMessage":"Function not found: arn:aws:lambda:us-east-1:012345678912:function:Nobody","ErrorType":"ResourceNotFoundException"}}
    CHAINED_INVOKE durable STARTED {}
    CHAINED_INVOKE failing FAILED {"Error":{"ErrorMessage":"no tea","ErrorType":"Told"}}

    CHAINED_INVOKE plain SUCCEEDED {"Result":"250"}
    CHAINED_INVOKE none FAILED {"Error":{"ErrorMessage":"Function not found: arn:aws:lambda:us-east-1:012345678912:function:Nobody","ErrorType":"ResourceNotFoundException"}}
    CHAINED_INVOKE durable FAILED {"Error":{"ErrorMessage":"no tea left","ErrorType":"Empty"}}
    CHAINED_INVOKE failing FAILED {"Error":{"ErrorMessage":"no tea","ErrorType":"Told"}}

    "tea"
    "done"
    "#);
}

#[test]
fn an_invocation_that_fails_is_repeated() {
    let durable = Durable::start(&[]);
    let call = durable.invoke("Main", Some("faulty"));
    let started = Instant::now();
    let mut first = durable.next();
    let _ = durable.checkpoint(
        &mut first,
        json!([{ "Id": "s", "Type": "STEP", "Action": "SUCCEED", "Payload": "1" }]),
    );
    first.say("exit");
    let second = durable.next();
    assert!(started.elapsed() >= Duration::from_secs(5));
    let operations = second.operations();
    second.say("fail \\u001b[31mred");
    let third = durable.next();
    assert_eq!(third.operations(), operations);
    third.say("7");
    let answer = call.response();
    let answer = format!(
        "{} {} {}",
        answer.header("x-amz-function-error").unwrap(),
        answer.status,
        answer.body
    );
    assert_snapshot!([operations, vec![answer]].concat().join("\n"), @r#"
    STEP s SUCCEEDED {"Attempt":1,"Result":"1"}
    Unhandled 200 {"errorMessage":"The response is not that of a durable function: invalid type: integer `7`, expected an object with `Status` at line 1 column 1","errorType":"InvalidParameterValueException"}
    "#);
    assert_snapshot!(durable.log("execution faulty failed after"), @r#"
    Main: execution faulty started
    Main: execution faulty is invoked again at [CLOCK] after failure 1: RequestId: [UUID] Error: Runtime exited with error: exit status 3
    Main: execution faulty is invoked again at [CLOCK] after failure 2: \x1b[31mred
    Main: execution faulty failed after [TIME]: InvalidParameterValueException: The response is not that of a durable function: invalid type: integer `7`, expected an o…
    "#);
}

#[test]
fn executions_time_out_and_are_stopped() {
    let durable = Durable::start(&[]);
    let call = durable.invoke("Short", Some("short"));
    let mut late = durable.next();
    let timed_out = call.response();
    // The function still runs; its checkpoints come too late.
    let path = format!("durable-executions/{}/checkpoint", encode(&late.arn));
    let body = json!({ "CheckpointToken": late.token });
    let stale = durable.post(&path, &body.to_string());
    late.token.clear();
    late.suspend();

    let arn = encode(&durable.start_execution("Main", Some("long")));
    let mut first = durable.next();
    let _ = durable.checkpoint(&mut first, wait_update(500));
    let state = format!("durable-executions/{arn}/state?CheckpointToken={}", first.token);
    let state = durable.get(&state);
    let invalid = durable.get(&format!("durable-executions/{arn}/state?CheckpointToken=x"));
    first.suspend();
    durable.dev.wait_for("execution long suspended");
    let running = durable.get(&format!("durable-executions/{arn}"));
    let stop = durable.post(&format!("durable-executions/{arn}/stop"), r#"{"ErrorType":"Enough"}"#);
    let again = durable.post(&format!("durable-executions/{arn}/stop"), "");
    let stopped = durable.get(&format!("durable-executions/{arn}?IncludeExecutionData=false"));
    let shown =
        [timed_out, stale, state, invalid, running, stop, again, stopped].map(|it| show(&it));
    assert_snapshot!(shown.join("\n"), @r#"
    200  {"errorMessage":"Execution timed out after 1 seconds."}
    400 InvalidParameterValueException {"Type":"User","message":"Invalid Checkpoint Token"}
    200  {"Operations":[{"ExecutionDetails":{"InputPayload":"{\"a\":1}"},"Id":"[UUID]","Name":"long","StartTimestamp":[TIME],"Status":"STARTED","Type":"EXECUTION"},{"Id":"w","Name":"cooldown","StartTimestamp":[TIME],"Status":"STARTED","Type":"WAIT","WaitDetails":{"ScheduledEndTimestamp":[TIME]}}]}
    400 InvalidParameterValueException {"Type":"User","message":"Invalid Checkpoint Token"}
    200  {"DurableExecutionArn":"arn:aws:lambda:us-east-1:012345678912:function:Main:$LATEST/durable-execution/long/[UUID]","DurableExecutionName":"long","ExecutionDataIncluded":true,"FunctionArn":"arn:aws:lambda:us-east-1:012345678912:function:Main:$LATEST","InputPayload":"{\"a\":1}","StartTimestamp":[TIME],"Status":"RUNNING","Version":"$LATEST"}
    200  {"StopTimestamp":[TIME]}
    200  {"StopTimestamp":[TIME]}
    200  {"DurableExecutionArn":"arn:aws:lambda:us-east-1:012345678912:function:Main:$LATEST/durable-execution/long/[UUID]","DurableExecutionName":"long","EndTimestamp":[TIME],"ExecutionDataIncluded":false,"FunctionArn":"arn:aws:lambda:us-east-1:012345678912:function:Main:$LATEST","StartTimestamp":[TIME],"Status":"STOPPED","Version":"$LATEST"}
    "#);
    let of_main = durable.get("functions/orders%3A%24LATEST/durable-executions");
    let none = durable.get("functions/Main/durable-executions?Statuses=RUNNING&Statuses=FAILED");
    let wrong = durable.get("functions/Main/durable-executions?Statuses=DREAMING");
    let early =
        durable.get("functions/Main/durable-executions?StartedBefore=2020-01-01T00%3A00%3A00Z");
    let nobody = durable.get("functions/Nobody/durable-executions");
    let shown = [of_main, none, wrong, early, nobody].map(|it| show(&it));
    assert_snapshot!(shown.join("\n"), @r#"
    200  {"DurableExecutions":[{"DurableExecutionArn":"arn:aws:lambda:us-east-1:012345678912:function:Main:$LATEST/durable-execution/long/[UUID]","DurableExecutionName":"long","EndTimestamp":[TIME],"FunctionArn":"arn:aws:lambda:us-east-1:012345678912:function:Main:$LATEST","StartTimestamp":[TIME],"Status":"STOPPED"}]}
    200  {"DurableExecutions":[]}
    400 InvalidParameterValueException {"Type":"User","message":"unknown variant `DREAMING`, expected one of `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `STOPPED`"}
    200  {"DurableExecutions":[]}
    404 ResourceNotFoundException {"Message":"Function not found: arn:aws:lambda:us-east-1:012345678912:function:Nobody","Type":"User"}
    "#);
    assert_snapshot!(durable.log("execution long was stopped"), @"
    Short: execution short started
    Short: execution short timed out after [TIME]: Execution timed out after 1 seconds.
    Main: execution long started
    Main: execution long suspended until [CLOCK]: wait `cooldown`
    Main: execution long was stopped after [TIME]: Enough
    ");
}

#[test]
fn a_name_identifies_an_execution() {
    let durable = Durable::start(&[]);
    let arn = durable.start_execution("Main", Some("order-7"));
    assert_eq!(durable.start_execution("orders", Some("order-7")), arn);
    let invocation = durable.next();
    let call = durable.invoke("Main", Some("order-7"));
    invocation.succeed(&json!("tea"));
    assert_eq!(call.response().pair(), (200, "\"tea\""));
    assert_eq!(durable.invoke("Main", Some("order-7")).response().pair(), (200, "\"tea\""));
    assert!(durable.is_idle());
    let send = |function: &str, name: &str, event: &str| {
        show(&durable.dev.invoke(function, &[("X-Amz-Durable-Execution-Name", name)], event))
    };
    let refused = [
        send("Main", "order-7", "{\"a\":2}"),
        send("Main", "../order", "{}"),
        send("Main", &"x".repeat(65), "{}"),
        send("Plain", "order-7", "{}"),
    ];
    assert_snapshot!(refused.join("\n"), @r#"
    409 DurableExecutionAlreadyStartedException {"Message":"An execution of this name has already been started with another event.","Type":"User"}
    400 ValidationException {"Message":"1 validation error detected: Value '../order' at 'durableExecutionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9-_]+, with 1 to 64 characters","Type":"User"}
    400 ValidationException {"Message":"1 validation error detected: Value 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' at 'durableExecutionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9-_]+, with 1 to 64 characters","Type":"User"}
    400 InvalidParameterValueException {"Type":"User","message":"The invoked function is not durable, so its invocations have no execution name."}
    "#);
}

#[test]
fn executions_go_on_with_the_next_version() {
    let project = project();
    let durable = Durable::of(&project, &[]);
    let _ = durable.start_execution("Main", Some("old"));
    let mut first = durable.next();
    let id = durable.callback(&mut first, json!({}));
    first.suspend();
    durable.dev.wait_for("execution old suspended");
    project.write(
        "src/main.rs",
        &source().replace("VERSION: &str = \"one\"", "VERSION: &str = \"two\""),
    );
    durable.dev.wait_for_builds(2);
    let succeed = format!("durable-execution-callbacks/{id}/succeed");
    assert_eq!(durable.post(&succeed, "1").pair(), (200, "{}"));
    let second = durable.next();
    assert_eq!(stable(&second.head), "two Main http://[ADDRESS] placeholder");
    let operations = second.operations();
    second.suspend();
    assert_snapshot!(operations.join("\n"), @r#"CALLBACK approval SUCCEEDED {"CallbackId":"[ID]","Result":"1"}"#);

    // Without the function, nothing can go on.
    let _ = durable.start_execution("Main", Some("orphan"));
    let mut third = durable.next();
    let id = durable.callback(&mut third, json!({}));
    third.suspend();
    durable.dev.wait_for("execution orphan suspended");
    project.write_template(&TEMPLATE.replace("  Main:", "  Other:"));
    durable.dev.wait_for_builds(3);
    let succeed = format!("durable-execution-callbacks/{id}/succeed");
    assert_eq!(durable.post(&succeed, "1").pair(), (200, "{}"));
    let log = durable.log("execution orphan failed");
    assert_snapshot!(log.lines().last().unwrap(), @"Main: execution orphan failed after [TIME]: ResourceNotFoundException: the project has no such function any more");
}

#[test]
fn text_of_functions_does_not_reach_the_terminal_as_it_is() {
    let durable = Durable::start(&[]);
    let call = durable.invoke("Main", Some("hostile"));
    let invocation = durable.next();
    let result = format!("\u{1b}]0;title\u{7}\n17:02:41 GET / 200 {}", "x".repeat(200));
    invocation.say(&json!({ "Status": "SUCCEEDED", "Result": result }).to_string());
    assert_eq!(call.response().body, result);
    assert_snapshot!(durable.log("execution hostile succeeded"), @r#"
    Main: execution hostile started
    Main: execution hostile succeeded after [TIME]: \x1b]0;title\x07\n17:02:41 GET / 200 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
    "#);
}

#[test]
fn apis_start_executions_too() {
    let durable = Durable::start(&[]);
    let address = durable.dev.address;
    let request = thread::spawn(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "POST /orders HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 3\r\n\r\ntea").unwrap();
        Response::read(stream)
    });
    let mut first = durable.next();
    let input =
        first.event["InitialExecutionState"]["Operations"][0]["ExecutionDetails"]["InputPayload"]
            .clone();
    let input: Value = serde_json::from_str(input.as_str().unwrap()).unwrap();
    assert_eq!(
        (input["rawPath"].as_str(), input["body"].as_str()),
        (Some("/orders"), Some("dGVh"))
    );
    let _ = durable.checkpoint(&mut first, wait_update(1));
    first.suspend();
    durable.next().succeed(&json!({ "statusCode": 201, "body": "ordered" }));
    assert_eq!(request.join().unwrap().pair(), (201, "ordered"));
}

#[test]
fn web_pages_cannot_use_the_api() {
    let durable = Durable::start(&[]);
    let _ = durable.start_execution("Main", None);
    let mut first = durable.next();
    let id = durable.callback(&mut first, json!({}));
    first.suspend();
    let post = |headers: &[(&str, &str)]| {
        let call = format!("POST /2025-12-01/durable-execution-callbacks/{id}/succeed");
        show(&durable.dev.request(&call, headers, b"1"))
    };
    let refused = [
        post(&[("Origin", "https://page.example")]),
        post(&[("Sec-Fetch-Site", "cross-site")]),
        post(&[("Host", "page.example")]),
    ];
    assert_snapshot!(refused.join("\n"), @r#"
    403 AccessDeniedException {"Message":"web pages of `https://page.example` must not call this API","Type":"User"}
    403 AccessDeniedException {"Message":"web pages of other sites must not call this API","Type":"User"}
    403 AccessDeniedException {"Message":"`page.example` is not a name of this machine (see `scaffold dev --allowed-host`)","Type":"User"}
    "#);
    assert!(durable.is_idle());
}

#[test]
fn long_executions_are_for_asynchronous_invocations() {
    let durable = Durable::start(&[]);
    let _ = durable.start_execution("Long", Some("asynchronous"));
    durable.next().succeed(&json!(1));
    durable.dev.wait_for("execution asynchronous succeeded");
    assert!(!durable.dev.log().contains("warning"));
    for name in ["one", "two"] {
        let call = durable.invoke("Long", Some(name));
        durable.next().succeed(&json!(1));
        assert_eq!(call.response().pair(), (200, "1"));
    }
    let log = durable.dev.log();
    let warnings: Vec<_> = log.lines().filter(|line| line.contains("warning")).collect();
    assert_snapshot!(warnings.join("\n"), @"Long: warning: on Lambda, a durable function whose `ExecutionTimeout` is longer than 15 minutes can only be invoked asynchronously");
}

#[test]
fn a_function_keeps_its_own_endpoint_and_credentials() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let script = format!("SCRIPT={}", listener.local_addr().unwrap());
    let endpoint = "AWS_ENDPOINT_URL_LAMBDA=http://localhost:1";
    let arguments = ["dev", "--port", "0", "--env", &script, "--env", endpoint];
    let mut scaffold = PROJECT.scaffold(&arguments);
    scaffold.command().env("AWS_ACCESS_KEY_ID", "own").env("AWS_SECRET_ACCESS_KEY", "own");
    let dev = Dev::start(scaffold);
    dev.wait_for("\nready in ");
    assert_eq!(invoke(dev.address, "Main", None, true).status, 202);
    let invocation = Invocation::read(listener.accept().unwrap().0);
    assert_eq!(invocation.head, "one Main http://localhost:1 own");
    invocation.succeed(&json!(1));
}

#[test]
fn the_newest_executions_are_kept() {
    let durable = Durable::start(&[]);
    let open = durable.start_execution("Main", Some("open"));
    let waiting = durable.next();
    for index in 0..102 {
        let name = format!("number-{index}");
        let _ = durable.start_execution("Main", Some(&name));
        durable.next().succeed(&json!(index));
        durable.dev.wait_for(&format!("execution {name} succeeded"));
    }
    let list = |query: &str| {
        let response = durable.get(&format!("functions/Main/durable-executions?{query}"));
        let body: Value = serde_json::from_str(&response.body).unwrap();
        let names = body["DurableExecutions"].as_array().unwrap().iter();
        let names = names.map(|it| it["DurableExecutionName"].as_str().unwrap().to_owned());
        (names.collect::<Vec<_>>(), body["NextMarker"].as_str().map(str::to_owned))
    };
    let (names, marker) = list("MaxItems=1000");
    assert_eq!((names.len(), names[0].as_str(), marker), (101, "number-101", None));
    assert_eq!(names[99..], ["number-2", "open"]);
    let (names, marker) = list("MaxItems=2&ReverseOrder=true&Marker=99");
    assert_eq!(
        (names, marker.as_deref()),
        (vec!["number-100".to_owned(), "number-101".to_owned()], None)
    );
    let (names, marker) = list("MaxItems=1&Statuses=SUCCEEDED");
    assert_eq!((names, marker.as_deref()), (vec!["number-101".to_owned()], Some("1")));
    // An execution that has not ended is kept.
    assert_eq!(durable.get(&format!("durable-executions/{}", encode(&open))).status, 200);
    waiting.succeed(&json!(1));
}

#[test]
fn invoke_needs_a_running_dev() {
    let project = project();
    let run = |project: &SocketProject| project.scaffold(&["invoke", "Main", "--data", "1"]).run();
    lambda_native_tests::assert_run!(run(&project), @"
    exit code: 1
    ----- stderr -----
    error: `Main` is a durable function, which only a running `scaffold dev` can invoke
    hint: start `scaffold dev` in another terminal: it keeps the checkpoints
    ");
    let durable = Durable::of(&project, &[]);
    let told = thread::scope(|scope| {
        let run = scope.spawn(|| run(&project));
        durable.next().succeed(&json!("through dev"));
        run.join().unwrap().success()
    });
    assert_eq!(told, "\"through dev\"\n");
}

#[test]
#[ignore = "needs the AWS CLI and boto3 in `AWS_CLIENTS`"]
fn answers_the_aws_cli_and_boto3() {
    let programs = PathBuf::from(std::env::var_os("AWS_CLIENTS").unwrap());
    let durable = Durable::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, arguments: &[&str]| {
        let mut command = program(programs.join(name));
        command
            .args(arguments)
            .current_dir(folder.path())
            .env("AWS_ACCESS_KEY_ID", "none")
            .env("AWS_SECRET_ACCESS_KEY", "none")
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_ENDPOINT_URL_LAMBDA", format!("http://{}", durable.dev.address));
        stable(&Run::from(command.output().unwrap()).success())
    };
    let arn = durable.start_execution("Main", Some("first"));
    let mut first = durable.next();
    let id = durable.callback(&mut first, json!({}));
    first.suspend();
    let callback = ["--callback-id", &id, "--result", "\"yes\""];
    let told = run(
        "aws",
        &[&["lambda", "send-durable-execution-callback-success"], callback.as_slice()].concat(),
    );
    assert_eq!(told, "");
    let second = durable.next();
    let operations = second.operations();
    second.succeed(&json!({ "total": 7 }));
    durable.dev.wait_for("execution first succeeded");
    fs::write(
        folder.path().join("client.py"),
        r#"
import boto3, sys
arn, callback = sys.argv[1:]
client = boto3.client("lambda")
def say(*values): print(*values, sep=" | ")
got = client.get_durable_execution(DurableExecutionArn=arn)
say(got["Status"], got["InputPayload"], got["Result"], (got["EndTimestamp"] - got["StartTimestamp"]).days)
for page in client.get_paginator("list_durable_executions_by_function").paginate(FunctionName="orders"):
    for execution in page["DurableExecutions"]: say(execution["DurableExecutionName"], execution["Status"])
history = client.get_paginator("get_durable_execution_history").paginate(DurableExecutionArn=arn, PaginationConfig={"PageSize": 3})
for page in history:
    say(*[f"{event['EventId']} {event['EventType']}" for event in page["Events"]])
say(client.invoke(FunctionName="Main", Payload=b'{"a":1}', DurableExecutionName="first")["Payload"].read())
for call in (
    lambda: client.invoke(FunctionName="Main", Payload=b"{}", DurableExecutionName="first"),
    lambda: client.get_durable_execution(DurableExecutionArn=arn[:-1] + "x"),
    lambda: client.send_durable_execution_callback_heartbeat(CallbackId=callback),
    lambda: client.checkpoint_durable_execution(DurableExecutionArn=arn, CheckpointToken="old"),
):
    try: call()
    except client.exceptions.ClientError as error:
        say(type(error).__name__, error.response["Error"]["Message"], error.response["ResponseMetadata"]["HTTPStatusCode"])
client.stop_durable_execution(DurableExecutionArn=arn)
"#,
    )
    .unwrap();
    let told = run("python", &["client.py", &arn, &id]);
    assert_snapshot!(format!("{}\n{told}", operations.join("\n")), @r#"
    CALLBACK approval SUCCEEDED {"CallbackId":"[ID]","Result":"\"yes\""}
    SUCCEEDED | {"a":1} | {"total":7} | 0
    first | SUCCEEDED
    1 ExecutionStarted | 2 CallbackStarted | 3 InvocationCompleted
    4 CallbackSucceeded | 5 InvocationCompleted | 6 ExecutionSucceeded
    b'{"total":7}'
    DurableExecutionAlreadyStartedException | An execution of this name has already been started with another event. | 409
    ResourceNotFoundException | Durable Execution does not exist | 404
    ResourceNotFoundException | Callback is not active | 404
    InvalidParameterValueException | Invalid Checkpoint Token | 400
    "#);
}
