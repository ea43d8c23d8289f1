//! AWS's own library for durable functions behind `scaffold dev`.

use std::fs;
use std::thread;

use insta::assert_snapshot;
use lambda_native_tests::command::{Run, Scaffold, cargo, workspace};
use lambda_native_tests::dev::Dev;
use lambda_native_tests::project::{lock_target, share_target};
use regex::Regex;

/// Starts `scaffold dev` in a copy of the project `tests/durable`.
fn dev() -> (tempfile::TempDir, Dev) {
    let folder = tempfile::tempdir().unwrap();
    let project = workspace().join("tests/durable");
    fs::create_dir_all(folder.path().join("src/bin")).unwrap();
    for file in ["Cargo.toml", "template.yaml", "src/bin/workflow.rs", "src/bin/price.rs"] {
        fs::copy(project.join(file), folder.path().join(file)).unwrap();
    }
    let _alone = lock_target();
    // It takes longer than a start of `scaffold dev` may take.
    let mut build = cargo();
    share_target(build.arg("build").current_dir(folder.path()));
    let _ = Run::from(build.output().unwrap()).success();
    let arguments = ["dev", "--port", "0", "--no-credentials", "--log", "raw"];
    let mut scaffold = Scaffold::new(arguments).current_dir(folder.path());
    share_target(scaffold.command());
    let dev = Dev::start(scaffold);
    dev.wait_for("\nready in ");
    (folder, dev)
}

/// The lines about an execution, without what differs between runs: the invoked function can respond before the
/// execution is suspended.
fn log(dev: &Dev) -> String {
    let log = dev.log();
    let lines: Vec<_> = log
        .lines()
        .filter(|line| line.contains(": execution ") && !line.contains("`price`"))
        .collect();
    [
        (r"\b\d\d:\d\d:\d\d\b", "[CLOCK]"),
        (r"\bafter \d+\.\d s\b", "after [TIME]"),
        ("[0-9a-f]{32}", "[ID]"),
    ]
    .iter()
    .fold(lines.join("\n"), |text, (pattern, name)| {
        Regex::new(pattern).unwrap().replace_all(&text, *name).into_owned()
    })
}

#[test]
#[ignore = "compiles the AWS SDK: `.ci/run libraries`"]
fn a_workflow_with_every_kind_of_operation_runs_to_its_end() {
    let (_folder, dev) = dev();
    let name = [("X-Amz-Durable-Execution-Name", "first")];
    let response = thread::scope(|scope| {
        let call = scope.spawn(|| dev.invoke("Workflow", &name, "{\"a\":1}"));
        let callback = Regex::new("suspended: callback of `approval` ([0-9a-f]{32})\n").unwrap();
        dev.wait_until("the callback", |log| callback.is_match(log));
        let id = callback.captures(&dev.log()).unwrap()[1].to_owned();
        let path = format!("POST /2025-12-01/durable-execution-callbacks/{id}/succeed");
        assert_eq!(dev.request(&path, &[], b"\"yes\"").pair(), (200, "{}"));
        call.join().unwrap()
    });
    assert_snapshot!(format!("{} {}", response.status, response.body), @r#"200 {"attempt":2,"branches":["now","later"],"event":{"a":1},"name":"tea","price":{"cents":250,"item":"tea"},"sizes":[10,20,30]}"#);
    dev.wait_for("execution first succeeded");
    assert_snapshot!(log(&dev), @r#"
    Workflow: execution first started
    Workflow: execution first suspended until [CLOCK]: wait `cooldown`
    Workflow: execution first resumed: wait `cooldown` is over
    Workflow: execution first suspended until [CLOCK]: step `flaky`
    Workflow: execution first resumed: step `flaky` is attempted again
    Workflow: execution first suspended until [CLOCK]: wait `short`
    Workflow: execution first resumed: wait `short` is over
    Workflow: execution first suspended: callback of `approval` [ID]
    Workflow: execution first resumed: callback of `approval` succeeded
    Workflow: execution first succeeded after [TIME]: {"attempt":2,"branches":["now","later"],"event":{"a":1},"name":"tea","price":{"cents":250,"item":"tea"},"sizes":[10,20,3…
    "#);
}

#[test]
#[ignore = "compiles the AWS SDK: `.ci/run libraries`"]
fn a_handler_that_fails_fails_the_execution() {
    let (_folder, dev) = dev();
    let response = thread::scope(|scope| {
        let call = scope.spawn(|| dev.invoke("Workflow", &[], "1"));
        let callback = Regex::new("suspended: callback of `approval` ([0-9a-f]{32})\n").unwrap();
        dev.wait_until("the callback", |log| callback.is_match(log));
        let id = callback.captures(&dev.log()).unwrap()[1].to_owned();
        let path = format!("POST /2025-12-01/durable-execution-callbacks/{id}/fail");
        let error = br#"{"ErrorType":"Denied","ErrorMessage":"too much tea"}"#;
        assert_eq!(dev.request(&path, &[], error).pair(), (200, "{}"));
        call.join().unwrap()
    });
    assert_eq!(response.header("x-amz-function-error"), Some("Unhandled"));
    assert_snapshot!(format!("{} {}", response.status, response.body), @r#"200 {"errorMessage":"too much tea","errorType":"Denied"}"#);
}
