//! Passes each event to a test, and does what the test says: it speaks to the Runtime API with nothing but the
//! sockets of the standard library.
//!
//! `SCRIPT` is the address of the test. It gets a line with the name and the version of the function and some of its
//! variables, and the event. It sends `exit`, `fail MESSAGE`, or the response.

#![expect(clippy::unwrap_used, reason = "where anything goes wrong here, a test must fail")]

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::exit;

/// Tests change this to get another version.
const VERSION: &str = "one";

const NAMES: [&str; 3] =
    ["AWS_LAMBDA_FUNCTION_NAME", "AWS_ENDPOINT_URL_LAMBDA", "AWS_ACCESS_KEY_ID"];

fn main() {
    let mut api =
        BufReader::new(TcpStream::connect(env::var("AWS_LAMBDA_RUNTIME_API").unwrap()).unwrap());
    loop {
        let (head, event) = call(&mut api, "GET", "next", "");
        let id = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("lambda-runtime-aws-request-id").then_some(value)
        });
        let id = id.unwrap();
        let mut script = TcpStream::connect(env::var("SCRIPT").unwrap()).unwrap();
        let variables = NAMES.map(|name| env::var(name).unwrap_or_default()).join(" ");
        write!(script, "{VERSION} {variables}\n{event}").unwrap();
        script.shutdown(Shutdown::Write).unwrap();
        let mut told = String::new();
        script.read_to_string(&mut told).unwrap();
        if told == "exit" {
            exit(3);
        }
        let (what, body) = match told.strip_prefix("fail ") {
            Some(message) => {
                ("error", format!(r#"{{"errorType":"Told","errorMessage":"{message}"}}"#))
            }
            None => ("response", told),
        };
        let _ = call(&mut api, "POST", &format!("{id}/{what}"), &body);
    }
}

/// Calls the Runtime API, and returns the head and the body of the answer.
fn call(api: &mut BufReader<TcpStream>, method: &str, path: &str, body: &str) -> (String, String) {
    let length = body.len();
    let head = format!(
        "{method} /2018-06-01/runtime/invocation/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
    );
    api.get_mut().write_all((head + body).as_bytes()).unwrap();
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(api.read_line(&mut head).unwrap(), 0);
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then_some(value)
    });
    let mut body = vec![0; length.unwrap_or("0").parse().unwrap()];
    api.read_exact(&mut body).unwrap();
    (head, String::from_utf8(body).unwrap())
}
