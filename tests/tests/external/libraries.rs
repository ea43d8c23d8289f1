//! The examples of the documentation with libraries of others, as they stand there: the AWS SDK, its SDK for durable
//! functions, and OpenTelemetry.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::thread;

use lambda_native_tests::command::{Run, Scaffold, cargo, program, target_folder, workspace};
use lambda_native_tests::dev::Dev;
use lambda_native_tests::project::{lock_target, share_target};
use lambda_native_tests::runtime_api::{Answer, Request, RuntimeApi};
use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

const TRACE: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:5759e988:0";

/// The project of a page: the manifest and the program that stand in this section of it, or in all of it.
fn documented(page: &str, section: Option<&str>) -> TempDir {
    let page = fs::read_to_string(workspace().join("docs").join(page)).unwrap();
    let section = match section {
        Some(section) => page.split_once(&format!("## {section}\n")).unwrap().1,
        None => &page,
    };
    let manifest = block(section, "toml");
    let runtime = format!(
        "lambda-native = {{ path = '{}', version = \"0.1\"",
        workspace().join("runtime").display()
    );
    let mut manifest = manifest.replace("lambda-native = { version = \"0.1\"", &runtime);
    assert!(manifest.contains(&runtime), "{manifest}");
    if !manifest.starts_with("[package]") {
        let package = "[package]\nname = \"documented\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
        manifest.insert_str(0, package);
    }
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("Cargo.toml"), format!("{manifest}\n[workspace]\n")).unwrap();
    fs::write(folder.path().join("src/main.rs"), block(section, "rust,ignore")).unwrap();
    folder
}

/// The first code block of this kind.
fn block<'t>(text: &'t str, kind: &str) -> &'t str {
    let (_, block) = text.split_once(&format!("```{kind}\n")).unwrap();
    block.split_once("```").unwrap().0
}

/// Builds the example of a section of `docs/logs-and-traces.md`.
fn example(section: &str) -> (TempDir, PathBuf) {
    let folder = documented("logs-and-traces.md", Some(section));
    let _alone = lock_target();
    let mut build = cargo();
    share_target(build.arg("build").current_dir(folder.path()));
    let _ = Run::from(build.output().unwrap()).success();
    let function = folder.path().join("function");
    fs::copy(target_folder().join("debug/documented"), &function).unwrap();
    (folder, function)
}

/// Answers the Runtime API with one event, and all others with this JSON.
fn answering(event: &'static str, others: &'static str) -> RuntimeApi {
    let mut events = vec![event];
    RuntimeApi::answering(move |request: &Request| {
        if request.call.ends_with("/invocation/next") {
            let headers = format!(
                "Lambda-Runtime-Aws-Request-Id: id\r\nLambda-Runtime-Deadline-Ms: 4102444800000\r\n\
                 Lambda-Runtime-Trace-Id: {TRACE}\r\n"
            );
            return events.pop().map(|event| Answer::event_with(&headers, event));
        }
        let is_of_lambda = request.call.contains("/runtime/");
        Some(if is_of_lambda { Answer::accepted() } else { Answer::status(200, others) })
    })
}

#[test]
#[ignore = "compiles the AWS SDK: `.ci/run libraries`"]
fn a_client_of_the_aws_sdk_sends_the_trace_id_of_the_invocation() {
    let (_folder, function) = example("Clients of the AWS SDK");
    let api = answering("\"tea\"", r#"{"MessageId":"1","MD5OfMessageBody":"x"}"#);
    let endpoint = format!("http://{}", api.authority());
    let mut function = program(function);
    function
        .env("AWS_ENDPOINT_URL", &endpoint)
        .env("QUEUE_URL", format!("{endpoint}/123456789012/orders"))
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_ACCESS_KEY_ID", "key")
        .env("AWS_SECRET_ACCESS_KEY", "secret");
    let run = api.run(&mut function, 4);
    let calls: Vec<_> = run.requests.iter().map(|it| it.call.as_str()).collect();
    let runtime = "/2018-06-01/runtime/invocation";
    assert_eq!(
        calls,
        [
            &format!("GET {runtime}/next"),
            "POST /",
            &format!("POST {runtime}/id/response"),
            &format!("GET {runtime}/next"),
        ],
        "{run:#?}"
    );
    assert_eq!(run.requests[1].header("x-amz-target"), Some("AmazonSQS.SendMessage"));
    assert_eq!(run.requests[1].header("x-amzn-trace-id"), Some(TRACE));
}

#[test]
#[ignore = "compiles OpenTelemetry: `.ci/run libraries`"]
fn spans_reach_a_collector_as_part_of_the_trace_of_the_invocation() {
    let (_folder, function) = example("OpenTelemetry");
    let api = answering("\"tea\"", "{}");
    let mut function = program(function);
    function.env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{}", api.authority()));
    let run = api.run(&mut function, 4);
    let calls: Vec<_> = run.requests.iter().map(|it| it.call.as_str()).collect();
    let runtime = "/2018-06-01/runtime/invocation";
    // The spans are sent between the response and the next event.
    assert_eq!(
        calls,
        [
            &format!("GET {runtime}/next"),
            &format!("POST {runtime}/id/response"),
            "POST /v1/traces",
            &format!("GET {runtime}/next"),
        ],
        "{run:#?}"
    );
    let sent: Value = serde_json::from_slice(&run.requests[2].body).unwrap();
    let spans = sent["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap();
    let told: BTreeSet<_> = spans
        .iter()
        .map(|span| {
            let field = |name: &str| span[name].as_str().unwrap().to_owned();
            (field("name"), field("traceId"), field("parentSpanId"))
        })
        .collect();
    let expected = ["ship", "5759e988bd862e3fe1be46a994272793", "53995c3f42cd8ad8"];
    assert_eq!(told, [expected.map(str::to_owned).into()].into(), "{sent:#}");
    assert!(run.stderr.contains("shipping"), "{}", run.stderr);
}

#[test]
#[ignore = "compiles the AWS SDK: `.ci/run libraries`"]
fn a_durable_function_passes_its_test_and_goes_on_after_a_callback() {
    let folder = documented("durable-functions.md", None);
    let page = fs::read_to_string(workspace().join("docs/durable-functions.md")).unwrap();
    let template = format!("Transform: AWS::Serverless-2016-10-31\n{}", block(&page, "yaml"));
    fs::write(folder.path().join("template.yaml"), template).unwrap();
    let _alone = lock_target();
    let mut test = cargo();
    share_target(test.arg("test").current_dir(folder.path()));
    let _ = Run::from(test.output().unwrap()).success();

    let mut scaffold = Scaffold::new(["dev", "--port", "0"]).current_dir(folder.path());
    share_target(scaffold.command());
    let dev = Dev::start(scaffold);
    thread::scope(|scope| {
        let order = r#"{"item":"tea","quantity":2}"#;
        let response = scope.spawn(|| dev.invoke("OrdersFunction", &[], order));
        let waiting = Regex::new(r#"callback_id="?([\w-]+)"#).unwrap();
        dev.wait_until("a callback", |log| waiting.is_match(log));
        let id = waiting.captures(&dev.log()).unwrap()[1].to_owned();
        let call = format!("POST /2025-12-01/durable-execution-callbacks/{id}/succeed");
        assert_eq!(dev.request(&call, &[], br#""Ada""#).status, 200);
        let response = response.join().unwrap();
        let expected = r#"{"parcel":"2 x tea","approved_by":"Ada"}"#;
        assert_eq!(response.pair(), (200, expected), "{}", dev.log());
    });
}
