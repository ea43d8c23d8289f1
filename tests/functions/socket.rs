//! A function that does what its event says, down to what no library does: the standard library's
//! sockets, and nothing else, against the Runtime API.
//!
//! What `FAULT` says in the environment happens before the first event is asked for.

#![expect(clippy::unwrap_used, reason = "where anything goes wrong here, a test must fail")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, ExitCode};
use std::time::Duration;

/// What a test changes, to have another version.
const VERSION: &str = "one";

fn main() -> ExitCode {
    let mut api = Api::connect();
    match std::env::var("FAULT").as_deref() {
        Ok("exit") => return ExitCode::from(5),
        Ok("return") => return ExitCode::SUCCESS,
        Ok("hang") => hang(),
        Ok("all-but-one-hang") => {
            let gate = std::env::var("GATE").unwrap();
            if std::fs::File::create_new(gate + ".started").is_err() {
                hang();
            }
        }
        Ok("init-error") => {
            api.post(
                "init/error",
                "Lambda-Runtime-Function-Error-Type: Function.NoTable\r\n",
                r#"{"errorType":"NoTable","errorMessage":"TABLE is not set","stackTrace":[]}"#,
            );
            return ExitCode::from(1);
        }
        _ => {}
    }
    let is_told = std::env::var("FAULT").is_ok_and(|fault| fault == "told");
    loop {
        let event = api.next();
        if is_told {
            api.answer_as_told(&event);
        } else if let Some(code) = api.act(&event) {
            return code;
        }
    }
}

/// Does not end, and has started a process that does not end either.
fn hang() {
    let mut child = Command::new("sleep").arg("1000").spawn().unwrap();
    eprintln!("hanging: {} {}", std::process::id(), child.id());
    child.wait().unwrap();
}

/// Waits until the file that `GATE` names is there.
fn wait() {
    let gate = std::env::var_os("GATE").unwrap();
    while !std::path::Path::new(&gate).exists() {
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Prints as many megabytes as `FLOOD` says, with no end of the line but the last.
fn flood() {
    let megabytes: usize = std::env::var("FLOOD").unwrap().parse().unwrap();
    let mut stdout = std::io::stdout().lock();
    let megabyte = vec![b'x'; 1024 * 1024];
    for _ in 0..megabytes {
        stdout.write_all(&megabyte).unwrap();
    }
    stdout.write_all(b"\n").unwrap();
}

struct Event {
    id: String,
    head: String,
    body: String,
}

struct Api {
    address: String,
    stream: BufReader<TcpStream>,
    count: u32,
}

impl Api {
    fn connect() -> Self {
        let address = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap();
        let stream = TcpStream::connect(&address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { address, stream: BufReader::new(stream), count: 0 }
    }

    fn act(&mut self, event: &Event) -> Option<ExitCode> {
        let Event { id, head, body } = event;
        let respond = format!("invocation/{id}/response");
        let fail = format!("invocation/{id}/error");
        // In an event of API Gateway, the path says it.
        let path =
            body.split_once("\"rawPath\":\"/do/").and_then(|(_, path)| path.split('"').next());
        let order = path.map(|path| path.replace('-', " "));
        match order.as_deref().unwrap_or(body.trim().trim_matches('"')) {
            "exit" => return Some(ExitCode::from(3)),
            "return" => return Some(ExitCode::SUCCESS),
            "kill" => {
                let own = std::process::id().to_string();
                Command::new("kill").args(["-s", "KILL", &own]).status().unwrap();
            }
            "hang" => hang(),
            "error" => {
                self.post(
                    &fail,
                    "Lambda-Runtime-Function-Error-Type: OutOfStock\r\n",
                    r#"{"errorType":"OutOfStock","errorMessage":"no oranges","stackTrace":[]}"#,
                );
            }
            "plain error" => {
                self.post(&fail, "", "no JSON at all");
            }
            "log" => {
                println!("on standard output");
                eprintln!("on standard error");
                self.post(&respond, "", "\"logged\"");
            }
            "answer, then exit" => {
                self.post(&respond, "", "\"answered\"");
                return Some(ExitCode::from(4));
            }
            "answer, then log" => {
                self.post(&respond, "", "\"answered\"");
                std::thread::sleep(Duration::from_millis(200));
                eprintln!("logged after the answer");
            }
            "large" => {
                self.post(&respond, "", &"x".repeat(6 * 1024 * 1024 + 100));
            }
            "too large" => {
                let status = self.post(&respond, "", &"x".repeat(6 * 1024 * 1024 + 101));
                eprintln!("status {status}");
            }
            "stream" => {
                self.stream(&respond, "6\r\n\"strea\r\n3\r\nmed\r\n1\r\n\"\r\n0\r\n\r\n");
            }
            "broken stream" => self.stream(
                &respond,
                "6\r\n\"strea\r\n0\r\nLambda-Runtime-Function-Error-Type: Function.Broken\r\n\
                 Lambda-Runtime-Function-Error-Body: eyJlcnJvclR5cGUiOiJCcm9rZW4ifQ==\r\n\r\n",
            ),
            "head" => {
                let lines: Vec<_> = head.lines().skip(1).filter(|line| !line.is_empty()).collect();
                self.post(&respond, "", &lines.join("\n"));
            }
            "environment" => {
                self.post(&respond, "", &environment());
            }
            "memory" => {
                let held = std::hint::black_box(vec![1_u8; 64 * 1024 * 1024]);
                self.post(&respond, "", &held.len().to_string());
            }
            "protocol" => self.protocol(id),
            order => self.act_for_dev(order, event, &respond),
        }
        None
    }

    /// Prints the event of a gateway, and answers what the request says in the header `X-` and this
    /// function's name, or in the token of an authorizer: `fail:` and a message is an error.
    fn answer_as_told(&mut self, event: &Event) {
        let Event { id, body, .. } = event;
        eprintln!("asked: {body}");
        let name = std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap();
        let header = if body.contains("\"type\":\"TOKEN\"") {
            "\"authorizationtoken\":\"".to_owned()
        } else {
            format!("\"x-{}\":\"", name.to_ascii_lowercase())
        };
        let start = body.to_ascii_lowercase().find(&header).unwrap() + header.len();
        let answer = body[start..].replace("\\\"", "\n");
        let answer = answer.split('"').next().unwrap().replace('\n', "\"");
        match answer.strip_prefix("fail:") {
            None => self.post(&format!("invocation/{id}/response"), "", &answer),
            Some(message) => {
                let error = format!(r#"{{"errorType":"E","errorMessage":"{message}"}}"#);
                self.post(&format!("invocation/{id}/error"), "", &error)
            }
        };
    }

    /// What only `scaffold dev` is asked for; else the answer is the event.
    fn act_for_dev(&mut self, order: &str, event: &Event, respond: &str) {
        let answer = match order {
            "version" => format!("\"{VERSION}\""),
            "wait" => {
                eprintln!("waiting");
                wait();
                format!("\"{VERSION}\"")
            }
            "count" => {
                self.count += 1;
                self.count.to_string()
            }
            "flood" => {
                flood();
                "\"flooded\"".to_owned()
            }
            "panic" => panic!("as told"),
            "7 MB" => format!("\"{}\"", "x".repeat(7 * 1024 * 1024)),
            "garbage" => "{\"statusCode\":\"many\"}".to_owned(),
            "client" => {
                header(&event.head, "lambda-runtime-client-context").unwrap_or("null").to_owned()
            }
            "stream in parts" => return self.stream_in_parts(respond),
            _ => event.body.clone(),
        };
        self.post(respond, "", &answer);
    }

    fn stream_in_parts(&mut self, path: &str) {
        let address = &self.address;
        let start = format!(
            "POST /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: {address}\r\n\
             Lambda-Runtime-Function-Response-Mode: streaming\r\nContent-Type: text/plain\r\n\
             Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n"
        );
        self.stream.get_mut().write_all(start.as_bytes()).unwrap();
        wait();
        self.send("6\r\nsecond\r\n0\r\n\r\n");
    }

    /// Calls that Lambda refuses, then the one that it takes, then again what it refuses.
    fn protocol(&mut self, id: &str) {
        let respond = format!("invocation/{id}/response");
        for (method, path, body) in [
            ("GET", "no/such/path", ""),
            ("GET", "init/error", ""),
            ("POST", "invocation/next", ""),
            ("POST", "init/error", "{}"),
            ("POST", "invocation/wrong/response", "{}"),
            ("POST", "invocation/wrong/error", "{}"),
            ("GET", "invocation/next", ""),
            ("POST", &respond, "\"probed\""),
            ("POST", &respond, "{}"),
            ("POST", &format!("invocation/{id}/error"), "{}"),
        ] {
            let (head, body) = self.call(method, path, "", body);
            eprintln!("{} {}", status(&head), body.trim_end());
        }
    }

    fn next(&mut self) -> Event {
        let (head, body) = self.call("GET", "invocation/next", "", "");
        let id = header(&head, "lambda-runtime-aws-request-id").unwrap().to_owned();
        Event { id, head, body }
    }

    fn post(&mut self, path: &str, headers: &str, body: &str) -> u16 {
        status(&self.call("POST", path, headers, body).0)
    }

    fn stream(&mut self, path: &str, chunks: &str) {
        let address = &self.address;
        self.send(&format!(
            "POST /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: {address}\r\n\
             Lambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked\r\n\
             Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\r\n\
             {chunks}"
        ));
    }

    fn call(&mut self, method: &str, path: &str, headers: &str, body: &str) -> (String, String) {
        let address = &self.address;
        self.send(&format!(
            "{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: {address}\r\n{headers}\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    /// Sends a request, and gives the head and the body of the answer.
    fn send(&mut self, request: &str) -> (String, String) {
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(self.stream.read_line(&mut head).unwrap(), 0, "the API has gone");
        }
        let length = header(&head, "content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        (head, String::from_utf8(body).unwrap())
    }
}

fn status(head: &str) -> u16 {
    head.split(' ').nth(1).unwrap().parse().unwrap()
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let headers = head.lines().filter_map(|line| line.split_once(": "));
    headers.into_iter().find(|header| header.0.eq_ignore_ascii_case(name)).map(|header| header.1)
}

/// What Lambda sets, and where the function runs.
fn environment() -> String {
    let mut lines: Vec<_> = std::env::vars()
        .filter(|(name, _)| {
            name.contains("LAMBDA")
                || name.contains("REGION")
                || ["FAULT", "GATE", "TZ", "_HANDLER"].contains(&name.as_str())
        })
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    lines.sort();
    lines.push(format!("in {}", std::env::current_dir().unwrap().display()));
    lines.join("\n")
}
