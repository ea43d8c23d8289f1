//! A generated project's executable under AWS's own Runtime Interface Emulator, as in Lambda's
//! container images.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what a test does not expect ends it"
)]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lambda_native_tests::project::Project;
use serde_json::{Value, json};

/// The emulator with a function, stopped when dropped.
struct Emulator {
    process: Child,
    address: SocketAddr,
}

impl Emulator {
    fn start(bootstrap: &Path) -> Self {
        let program: PathBuf = std::env::var_os("AWS_LAMBDA_RIE")
            .expect("AWS_LAMBDA_RIE is the path of AWS's Runtime Interface Emulator")
            .into();
        let [address, runtime_api] = free_addresses();
        let process = Command::new(&program)
            .args(["--log-level", "error"])
            .args(["--runtime-interface-emulator-address", &address.to_string()])
            .args(["--runtime-api-address", &runtime_api.to_string()])
            .arg(bootstrap)
            .env("AWS_LAMBDA_FUNCTION_NAME", "hello")
            .env("AWS_LAMBDA_FUNCTION_TIMEOUT", "10")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("`{}` does not start: {error}", program.display()));
        let emulator = Self { process, address };
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(address).is_err() {
            assert!(Instant::now() < deadline, "the emulator does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        emulator
    }

    /// Sends an event, and gives the status and the body of the answer.
    fn invoke(&self, event: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        write!(
            stream,
            "POST /2015-03-31/functions/function/invocations HTTP/1.0\r\nContent-Length: {}\r\n\r\n\
             {event}",
            event.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It ends its function where it is asked to end, and not where it is killed.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

/// Two addresses that nobody uses; that another program takes one before we do is unlikely.
fn free_addresses() -> [SocketAddr; 2] {
    [(); 2]
        .map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap())
        .map(|listener| listener.local_addr().unwrap())
}

/// The event of the template, greeting this name.
fn greet(event: &Value, name: &str) -> String {
    let mut event = event.clone();
    event["pathParameters"] = json!({ "name": name });
    event.to_string()
}

#[test]
#[ignore = "needs AWS's Runtime Interface Emulator: set AWS_LAMBDA_RIE to its path"]
fn a_generated_project_answers_awss_own_emulator() {
    let project = Project::new(&[]);
    let event = std::fs::read_to_string(project.path().join("events/event.json")).unwrap();
    let event: Value = serde_json::from_str(&event).unwrap();
    let emulator = Emulator::start(&project.bootstrap());

    let greeting = |name: &str| {
        let body = json!({ "message": format!("hello {name}"), "source_ip": "203.0.113.17" });
        let body = Value::from(body.to_string());
        format!(
            "{{\"statusCode\":200,\"headers\":{{\"content-type\":\"application/json\"}},\
             \"cookies\":[],\"body\":{body},\"isBase64Encoded\":false}}"
        )
    };
    for name in ["Ada", "Grace \"Amazing\" Hopper", "Zoë 🦀"] {
        assert_eq!(emulator.invoke(&greet(&event, name)), (200, greeting(name)));
    }

    let long = "x".repeat(1_000_000);
    assert!(emulator.invoke(&greet(&event, &long)) == (200, greeting(&long)));

    let (status, body) = emulator.invoke("[1]");
    assert_eq!(status, 200);
    let error: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(error["errorType"], "Runtime.UnmarshalError", "{body}");

    // The function goes on after an error.
    assert_eq!(emulator.invoke(&greet(&event, "again")), (200, greeting("again")));
}
