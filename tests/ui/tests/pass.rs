//! Runs the functions in `examples/` against a Runtime API. The comment at the top of each function
//! lists its events and the expected calls:
//!
//! | line | |
//! |---|---|
//! | `env: NAME=value` | a variable of its environment |
//! | `event: …` | an event, with the id `id-1`, `id-2` and so on |
//! | `reply: …`, `error: …` | the response or the error that Lambda gets |
//! | `streams: …` | a streamed response with its chunks and trailers, escaped as in Rust |
//! | `stops: …` | the error that Lambda gets from a function that cannot start |

#![allow(clippy::unwrap_used, reason = "a test panics when it fails")]

use std::fs;
use std::path::Path;
use std::process::Command;

use lambda_native_ui::runtime_api::{Answer, Request, RuntimeApi};

#[test]
fn functions_make_the_expected_calls() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let functions = built();
    let mut count = 0;
    for source in fs::read_dir(sources).unwrap() {
        let source = source.unwrap().path();
        let name = source.file_stem().unwrap().to_str().unwrap().to_owned();
        check(&name, &fs::read_to_string(&source).unwrap(), &functions.join(&name));
        count += 1;
    }
    assert!(count >= 25, "{count} functions");
}

/// Builds the functions and returns their folder.
fn built() -> std::path::PathBuf {
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--examples", "--package", env!("CARGO_PKG_NAME")])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(status.success());
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join("examples")
}

fn check(name: &str, source: &str, function: &Path) {
    let mut command = Command::new(function);
    command.env_remove("_HANDLER");
    let mut script = Vec::new();
    let mut calls = Vec::new();
    let mut stops = false;
    for line in source.lines().filter_map(|line| line.strip_prefix("// ")) {
        let Some((key, value)) = line.split_once(": ") else { continue };
        let id = format!("id-{}", script.len() / 2 + 1);
        match key {
            "env" => {
                let (name, value) = value.split_once('=').unwrap();
                command.env(name, value);
            }
            "event" => {
                calls.push("GET …/invocation/next".to_owned());
                script.push(Answer::event(&id, value));
            }
            "reply" | "error" => {
                let id = format!("id-{}", script.len().div_ceil(2));
                let call = if key == "reply" { "response" } else { "error" };
                calls.push(format!("POST …/invocation/{id}/{call} {value}"));
                script.push(Answer::accepted());
            }
            "streams" => {
                let id = format!("id-{}", script.len().div_ceil(2));
                calls.push(format!("POST …/invocation/{id}/response {value}"));
                script.push(Answer::accepted());
            }
            "stops" => {
                calls.push(format!("POST …/init/error {value}"));
                script.push(Answer::accepted());
                stops = true;
            }
            _ => {}
        }
    }
    assert!(!calls.is_empty(), "{name} lists no calls");
    if !stops {
        calls.push("GET …/invocation/next".to_owned());
    }
    let run = RuntimeApi::start(script).run(&mut command, calls.len());
    assert_eq!(run.requests.iter().map(told).collect::<Vec<_>>(), calls, "{name}: {run:#?}");
    assert_eq!(run.stdout, "", "{name}");
}

/// Formats a request as at the top of a function, with escapes if it is streamed.
fn told(request: &Request) -> String {
    if request.header("transfer-encoding").is_none() {
        return request.summary();
    }
    let head = Request { body: Vec::new(), ..request.clone() };
    let body = request.body.escape_ascii().to_string().replace("\\\"", "\"");
    format!("{} {body}", head.summary())
}
