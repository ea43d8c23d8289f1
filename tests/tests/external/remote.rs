//! `scaffold list --remote` and `scaffold logs` with moto, a local server of AWS's APIs, and `scaffold invoke --remote`
//! with `scaffold dev`, which has Lambda's Invoke API.

use std::fs;
use std::process::{Child, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use lambda_native_tests::assert_run;
use lambda_native_tests::aws::{self, Cloud};
use lambda_native_tests::command::{Run, program};
use lambda_native_tests::dev::{ONE_FUNCTION, SocketProject};
use lambda_native_tests::log::Log;
use serde_json::{Value, json};
use tempfile::tempdir;

/// Creates the stack `shop` with the function `Main`, and the function `hello` beside it.
fn deploy(cloud: &Cloud) {
    let function = |name: Option<&str>| {
        let mut properties = json!({
            "Runtime": "provided.al2023",
            "Handler": "bootstrap",
            "MemorySize": 256,
            "Role": { "Fn::GetAtt": ["Role", "Arn"] },
            "Code": { "ZipFile": "none" },
        });
        if let Some(name) = name {
            properties["FunctionName"] = json!(name);
        }
        json!({ "Type": "AWS::Lambda::Function", "Properties": properties })
    };
    let stack = |function: Value| {
        json!({
            "Resources": {
                "Role": {
                    "Type": "AWS::IAM::Role",
                    "Properties": {
                        "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [] },
                    },
                },
                "Main": function,
            },
            "Outputs": { "Name": { "Value": { "Ref": "Main" } } },
        })
    };
    for (name, function) in [("shop", function(None)), ("other", function(Some("hello")))] {
        let (name, template) = (format!("--stack-name={name}"), stack(function).to_string());
        let create = ["cloudformation", "create-stack", &name, "--template-body", &template];
        let _ = cloud.aws(&create);
    }
}

#[test]
#[ignore = "needs the AWS CLI and moto"]
fn lists_functions_and_reads_their_logs() {
    let project = SocketProject::new(ONE_FUNCTION);
    let config = "default: {global: {parameters: {stack_name: shop, region: eu-central-1}}}\n";
    project.write("samconfig.yaml", config);
    let cloud = Cloud::start(&project.path());
    deploy(&cloud);
    let scaffold = |arguments: &[&str]| cloud.run("scaffold", arguments, "");

    let list = scaffold(&["list", "--remote", "--all", "--json"]).success();
    let list: Value = serde_json::from_str(&list).unwrap();
    let names = list["functions"].as_array().unwrap().iter();
    let mut names: Vec<_> =
        names.map(|it| (it["logical_id"].as_str(), it["name"].as_str().unwrap())).collect();
    names.sort_unstable();
    let [(None, "hello"), (Some("Main"), main)] = names.as_slice() else { panic!("{names:?}") };
    let run = scaffold(&["list", "--remote"]);
    assert!(run.stdout.contains(&format!("\n{main}  provided.al2023")), "{run:?}");
    assert!(!run.stdout.contains("\nhello "), "{run:?}");

    let run = scaffold(&["logs"]);
    assert_eq!(run.code, Some(1));
    let error =
        format!("error: `{main}` has no log yet: there is no log group `/aws/lambda/{main}`\n");
    assert!(run.stderr.starts_with(&error), "{run:?}");
    let run = scaffold(&["logs", "helo"]);
    assert!(run.stderr.ends_with("hint: did you mean `hello`?\n"), "{run:?}");

    let group = format!("--log-group-name=/aws/lambda/{main}");
    let run = |arguments: &[&str]| {
        let _ = cloud.run("aws", &[&["logs"], arguments, &[&group]].concat(), "").success();
    };
    let follow = start(&project, &cloud, &["logs", "--follow", "--log", "text"]);
    follow.wait_for("waiting for the log group");
    run(&["create-log-group"]);
    let stream = "--log-stream-name=2026/11/30/[$LATEST]0a";
    run(&["create-log-stream", stream]);
    let put = |messages: &[&str]| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let event = |message: &&str| json!({ "timestamp": u64::try_from(now.as_millis()).unwrap(), "message": message });
        let events: Vec<_> = messages.iter().map(event).collect();
        run(&["put-log-events", stream, "--log-events", &json!(events).to_string()]);
    };
    put(&["plain", r#"{"level":"INFO","message":"order placed","id":7}"#]);
    follow.wait_for("INFO order placed id=7\n");
    put(&["the last one"]);
    follow.wait_for("the last one\n");
    let followed = follow.end();
    assert_eq!(followed.code, Some(130), "{followed:?}");
    assert_run!(followed.replace(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "[TIME]").replace(main, "[MAIN]"), @"
    exit code: 130
    ----- stdout -----
    waiting for the log group `/aws/lambda/[MAIN]`
    [TIME] plain
    [TIME] INFO order placed id=7
    [TIME] the last one
    ");
    assert_run!(scaffold(&["logs", "Main", "--filter", "last one"]), @"
    exit code: 0
    ----- stdout -----
    the last one
    ");
}

#[test]
#[ignore = "needs the AWS CLI"]
fn invokes_a_function_as_the_aws_cli_does() {
    let project = SocketProject::new(ONE_FUNCTION);
    let dev = project.dev(&[]);
    let elsewhere = tempdir().unwrap();
    let invoke = |arguments: &[&str]| {
        let arguments = [&["invoke", "--remote", "Main"], arguments].concat();
        let mut command = aws::command(elsewhere.path(), "scaffold", &arguments);
        command.env("AWS_ENDPOINT_URL_LAMBDA", format!("http://{}", dev.address));
        Run::from(command.output().unwrap())
    };
    assert_run!(invoke(&["--data", "{\"größe\": [1]}"]), @r#"
    exit code: 0
    ----- stdout -----
    {"größe": [1]}
    ----- stderr -----
    START RequestId: [ID] Version: $LATEST
    END RequestId: [ID]
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    "#);
    assert_run!(invoke(&["--data", "\"log\""]), @r#"
    exit code: 0
    ----- stdout -----
    "logged"
    ----- stderr -----
    START RequestId: [ID] Version: $LATEST
    on standard output
    on standard error
    END RequestId: [ID]
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]
    "#);
    assert_run!(invoke(&["--data", "\"error\""]), @r#"
    exit code: 1
    ----- stdout -----
    {"errorType":"OutOfStock","errorMessage":"no oranges","stackTrace":[]}
    ----- stderr -----
    START RequestId: [ID] Version: $LATEST
    END RequestId: [ID]
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Status: error	Error Type: Runtime.Unknown
    error: the function failed: OutOfStock: no oranges
    "#);
    let run = invoke(&["--data", "1", "--json"]);
    let output: Value = serde_json::from_str(&run.success()).unwrap();
    assert_eq!(output["response"], json!(1));
    assert_eq!(output["request_id"].as_str().unwrap().len(), 36);
    assert!(output["duration_ms"].as_f64().unwrap() > 0.0);

    let event = elsewhere.path().join("event.json");
    let large = format!("\"{}\"", "x".repeat(5_000_000));
    fs::write(&event, &large).unwrap();
    let run = invoke(&["--event", event.to_str().unwrap()]);
    assert!(run.success() == large + "\n", "the response is not the event");

    let mut compare =
        project.scaffold(&["invoke", "--remote", "Main", "--compare", "--data", "\"version\""]);
    compare.command().env("AWS_ENDPOINT_URL_LAMBDA", format!("http://{}", dev.address));
    let run = compare.run();
    assert!(run.code == Some(0) && run.stderr.ends_with("the responses are equal\n"), "{run:?}");
}

/// `scaffold` while it runs.
struct Running {
    child: Child,
    log: Log,
}

/// Starts `scaffold` in the project, with one stream for its output and its errors.
fn start(project: &SocketProject, cloud: &Cloud, arguments: &[&str]) -> Running {
    let script = ["-c", "exec scaffold \"$@\" 2>&1", "sh"];
    let mut command = aws::command(&project.path(), "sh", &script);
    command.args(arguments).env("AWS_ENDPOINT_URL", cloud.endpoint());
    let mut child = command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
    let log = Log::read(child.stdout.take().unwrap());
    Running { child, log }
}

impl Running {
    /// Waits until it has printed this.
    #[track_caller]
    fn wait_for(&self, text: &str) {
        let _ = self.log.wait_until(text, |log| log.contains(text));
    }

    /// Presses Ctrl-C.
    fn end(mut self) -> Run {
        let id = self.child.id().to_string();
        assert!(program("kill").args(["-s", "INT", &id]).status().unwrap().success());
        let code = self.child.wait().unwrap().code();
        Run { code, stdout: self.log.text(), stderr: String::new() }
    }
}
