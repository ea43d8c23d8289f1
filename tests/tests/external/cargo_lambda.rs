//! An unchanged generated project under `cargo lambda`.

use std::fs;

use lambda_native_tests::command::{self, Run, Scaffold};
use lambda_native_tests::project::{self, Project};
use lambda_native_tests::server::{Server, free_address, get};
use serde_json::{Value, json};

#[test]
#[ignore = "needs cargo-lambda: `.ci/run cargo-lambda`"]
fn builds_a_zip_that_lambda_can_run() {
    let project = Project::new(&[]);
    let _ = project.cargo(&["lambda", "build", "--release", "--output-format", "zip"]).success();
    let zip = command::target_folder().join("lambda/bootstrap/bootstrap.zip");
    let inspect = Scaffold::new(["inspect", "--json"]).arg(zip).current_dir(&project.path());
    let found: Value = serde_json::from_str(&inspect.run().success()).unwrap();
    assert_eq!(found["problems"], json!([]));
    assert_eq!(found["executable"]["handlers"][0]["name"], "hello");
}

#[test]
#[ignore = "needs cargo-lambda: `.ci/run cargo-lambda`"]
fn answers_requests_and_events() {
    let project = Project::new(&[]);
    // `cargo lambda watch` gives up if the build takes long.
    let _ = project.cargo(&["build"]).success();
    let cargo = |arguments: &[&str]| {
        let mut cargo = command::cargo();
        cargo.arg("lambda").args(arguments).current_dir(project.path());
        project::share_target(&mut cargo);
        cargo
    };
    let address = free_address();
    let port = address.port().to_string();
    let here = ["--invoke-address", "127.0.0.1", "--invoke-port", &port];
    let _watch = Server::start(cargo(&[&["watch"], &here[..]].concat()), address);

    let greeting = |name: &str, from: &str| {
        json!({ "message": format!("hello {name}"), "source_ip": from }).to_string()
    };
    assert_eq!(get(address, "/hello/Ada"), (200, greeting("Ada", "127.0.0.1")));
    assert_eq!(get(address, "/hello"), (200, greeting("world", "127.0.0.1")));
    // It does not decode the path of its events as API Gateway does, so the name is plain.
    let path = "/lambda-url/bootstrap/hello/Grace";
    assert_eq!(get(address, path), (200, greeting("Grace", "127.0.0.1")));

    let invoke = |file: &str| {
        let arguments = [&["invoke", "--data-file", file], &here[..]].concat();
        Run::from(cargo(&arguments).output().unwrap())
    };
    let answer: Value = serde_json::from_str(&invoke("events/event.json").success()).unwrap();
    assert_eq!(answer["body"], greeting("Ada", "203.0.113.17"));

    fs::write(project.path().join("wrong.json"), "[1]").unwrap();
    let run = invoke("wrong.json");
    assert_ne!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.contains("Runtime.UnmarshalError"), "{run:?}");
}
