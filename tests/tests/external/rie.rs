//! The executable of a generated project under AWS's Runtime Interface Emulator, which AWS's container
//! images contain.

use std::net::SocketAddr;
use std::path::Path;

use lambda_native_tests::command::program;
use lambda_native_tests::project::Project;
use lambda_native_tests::server::{Server, free_addresses, post};
use serde_json::{Value, json};

/// Starts the emulator with a function.
fn start(bootstrap: &Path) -> (Server, SocketAddr) {
    let emulator = std::env::var_os("AWS_LAMBDA_RIE")
        .expect("AWS_LAMBDA_RIE is the path of AWS's Runtime Interface Emulator");
    let [address, runtime_api] = free_addresses();
    let mut emulator = program(emulator);
    emulator
        .args(["--log-level", "error"])
        .args(["--runtime-interface-emulator-address", &address.to_string()])
        .args(["--runtime-api-address", &runtime_api.to_string()])
        .arg(bootstrap)
        .env("AWS_LAMBDA_FUNCTION_NAME", "hello")
        .env("AWS_LAMBDA_FUNCTION_TIMEOUT", "10");
    (Server::start(emulator, address), address)
}

/// The event of the template with this name to greet.
fn greet(event: &Value, name: &str) -> String {
    let mut event = event.clone();
    event["pathParameters"] = json!({ "name": name });
    event.to_string()
}

#[test]
#[ignore = "needs AWS's Runtime Interface Emulator: set AWS_LAMBDA_RIE to its path"]
fn a_generated_project_runs_under_the_emulator_of_aws() {
    let project = Project::new(&[]);
    let event = std::fs::read_to_string(project.path().join("events/event.json")).unwrap();
    let event: Value = serde_json::from_str(&event).unwrap();
    let (_emulator, address) = start(&project.bootstrap());
    let invoke = |event: &str| post(address, "/2015-03-31/functions/function/invocations", event);

    let greeting = |name: &str| {
        let body = json!({ "message": format!("hello {name}"), "source_ip": "203.0.113.17" });
        let body = Value::from(body.to_string());
        format!(
            "{{\"statusCode\":200,\"headers\":{{\"content-type\":\"application/json\"}},\
             \"cookies\":[],\"body\":{body},\"isBase64Encoded\":false}}"
        )
    };
    for name in ["Ada", "Grace \"Amazing\" Hopper", "Zoë 🦀"] {
        assert_eq!(invoke(&greet(&event, name)), (200, greeting(name)));
    }

    let long = "x".repeat(1_000_000);
    let is_whole = invoke(&greet(&event, &long)) == (200, greeting(&long));
    assert!(is_whole, "the long name is not in the response");

    let (status, body) = invoke("[1]");
    assert_eq!(status, 200);
    let error: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(error["errorType"], "Runtime.UnmarshalError", "{body}");

    // The function goes on after an error.
    assert_eq!(invoke(&greet(&event, "again")), (200, greeting("again")));
}
