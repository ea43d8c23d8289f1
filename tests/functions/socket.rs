//! A function that does what its event says, including what no library would do: it speaks to the Runtime
//! API with nothing but the sockets of the standard library.
//!
//! The environment variable `FAULT` makes it fail before it asks for an event.

#![expect(clippy::unwrap_used, reason = "where anything goes wrong here, a test must fail")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, ExitCode};
use std::sync::Barrier;
use std::time::Duration;

/// Tests change this to get another version.
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
        Ok("extension") => api.probe_extensions(),
        Ok("silent-extension") => {
            let id = api.register("own", "");
            api.extension.clone_from(&id);
            std::thread::spawn(move || Api::connect().print_events(&id));
        }
        Ok("extension-init-error") => {
            let id = api.register("own", "");
            api.fail_extension("init", &id);
            std::thread::park();
        }
        _ => {}
    }
    if let Ok(concurrency) = std::env::var("AWS_LAMBDA_MAX_CONCURRENCY") {
        for _ in 1..concurrency.parse().unwrap() {
            std::thread::spawn(|| {
                let code = Api::connect().run();
                std::process::exit(if code == ExitCode::SUCCESS { 0 } else { 3 });
            });
        }
    }
    api.run()
}

/// Returns what an event asks for. In one of API Gateway, it is in the path.
fn order(body: &str) -> String {
    let path =
        ["\"rawPath\":\"/do/", "\"path\":\"/do/"].iter().find_map(|path| body.split_once(path));
    match path.and_then(|(_, path)| path.split('"').next()) {
        Some(path) => path.replace('-', " "),
        None => body.trim().trim_matches('"').to_owned(),
    }
}

/// Waits until three invocations wait at the same time.
fn meet() {
    static THREE: Barrier = Barrier::new(3);
    THREE.wait();
}

/// Starts child processes that do not end, one of them in a session of its own, and a daemon, and waits for
/// them.
fn hang() {
    let mut child = Command::new("sleep").arg("1000").spawn().unwrap();
    let mut away = Command::new("setsid").args(["sleep", "1000"]).spawn().unwrap();
    let daemon = start_daemon();
    eprintln!("hanging: {} {} {} {daemon}", std::process::id(), child.id(), away.id());
    child.wait().unwrap();
    away.wait().unwrap();
}

/// Starts a process that does not end, with a session of its own, without environment variables, and whose
/// parent has ended. Returns its id.
fn start_daemon() -> String {
    let script = "env -i setsid sleep 1000 > /dev/null 2>&1 & echo $!";
    let output = Command::new("sh").args(["-c", script]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Waits until the file that `GATE` names exists.
fn wait() {
    let gate = std::env::var_os("GATE").unwrap();
    while !std::path::Path::new(&gate).exists() {
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The peak of this process's resident memory, as the kernel counts it.
fn peak_memory_kb() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().strip_suffix(" kB").unwrap().to_owned()
}

/// Prints one line of as many megabytes as `FLOOD` says.
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
    /// The id of an extension that has registered.
    extension: String,
}

impl Api {
    fn connect() -> Self {
        let address = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap();
        let stream = TcpStream::connect(&address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { address, stream: BufReader::new(stream), count: 0, extension: String::new() }
    }

    /// Handles events until one tells it to end.
    fn run(&mut self) -> ExitCode {
        let is_told = std::env::var("FAULT").is_ok_and(|fault| fault == "told");
        loop {
            let event = self.next();
            if is_told {
                self.answer_as_told(&event);
            } else if let Some(code) = self.act(&event) {
                return code;
            }
        }
    }

    fn act(&mut self, event: &Event) -> Option<ExitCode> {
        let Event { id, head, body } = event;
        let respond = format!("invocation/{id}/response");
        let fail = format!("invocation/{id}/error");
        let order = order(body);
        match order.as_str() {
            "exit" => return Some(ExitCode::from(3)),
            "return" => return Some(ExitCode::SUCCESS),
            "kill" => {
                let own = std::process::id().to_string();
                Command::new("kill").args(["-s", "KILL", &own]).status().unwrap();
            }
            "hang" => hang(),
            "leave a daemon" => {
                eprintln!("hanging: {}", start_daemon());
                return Some(ExitCode::from(3));
            }
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
            "json" => {
                let backtrace = "panicked at src/main.rs:1:1:\\nas told\\n   0: main";
                println!(r#"{{"level":"ERROR","requestId":"7","message":"{backtrace}"}}"#);
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
            "credentials" => {
                let credentials = std::env::vars().filter(|(name, _)| {
                    name.starts_with("AWS_") && !name.contains("LAMBDA") && !name.contains("REGION")
                });
                let mut names: Vec<_> =
                    credentials.map(|(name, value)| format!("{name}={value}")).collect();
                names.sort();
                self.post(&respond, "", &names.join("\n"));
            }
            "hostile" => {
                let text = "\x1b]52;c;ZXZpbA==\x07";
                println!("{text} \x1b[31mred");
                self.post(&respond, "", text);
            }
            "memory" => {
                std::hint::black_box(vec![1_u8; 64 * 1024 * 1024]);
                self.post(&respond, "", &peak_memory_kb());
            }
            "too much memory" => {
                std::hint::black_box(vec![1_u8; 192 * 1024 * 1024]);
                self.post(&respond, "", "\"held\"");
            }
            "protocol" => self.protocol(id),
            "extension error" => {
                let id = self.extension.clone();
                self.fail_extension("exit", &id);
                std::thread::park();
            }
            order => self.act_for_dev(order, event, &respond),
        }
        None
    }

    /// Prints the event of a gateway and returns the header `X-NAME` of the request, with the name of this
    /// function, or the token of an authorizer. `fail:` and a message is an error.
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

    /// Handles the orders of the tests of `scaffold dev`, and returns any other event.
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
            "stream in parts" => return self.stream_in_parts(respond, ""),
            "stream with a prelude" => {
                let prelude = "{\"statusCode\":201,\"multiValueHeaders\":{\"x-a\":[\"1\",\"2\"]}}";
                return self.stream_in_parts(respond, &format!("{prelude}{}", "\0".repeat(8)));
            }
            order if order.starts_with("stream MB ") => {
                let megabytes = order.trim_start_matches("stream MB ").parse().unwrap();
                return self.stream_megabytes(respond, megabytes);
            }
            "process" => std::process::id().to_string(),
            "meet" => {
                println!(r#"{{"level":"INFO","requestId":"{}","message":"meeting"}}"#, event.id);
                meet();
                std::process::id().to_string()
            }
            "respond late" => {
                std::thread::sleep(Duration::from_millis(1500));
                let status = self.post(respond, "", "\"late\"");
                eprintln!("status {status}");
                return;
            }
            "tenant" => {
                self.count += 1;
                let tenant = header(&event.head, "lambda-runtime-aws-tenant-id");
                format!("{} {}", tenant.unwrap_or("nobody"), self.count)
            }
            _ => event.body.clone(),
        };
        self.post(respond, "", &answer);
    }

    fn stream_in_parts(&mut self, path: &str, prelude: &str) {
        self.start_stream(path);
        self.chunk(&format!("{prelude}first"));
        wait();
        self.send("6\r\nsecond\r\n0\r\n\r\n");
    }

    /// Streams a response of this size, and prints the status that Lambda returns, if it does.
    fn stream_megabytes(&mut self, path: &str, megabytes: usize) {
        self.start_stream(path);
        let megabyte = "x".repeat(1024 * 1024);
        self.chunk(&format!("{{}}{}", "\0".repeat(8)));
        for _ in 0..megabytes {
            if !self.try_chunk(&megabyte) {
                eprintln!("cut off");
                *self = Self::connect();
                return;
            }
        }
        let (head, _) = self.send("0\r\n\r\n");
        eprintln!("status {}", status(&head));
    }

    fn start_stream(&mut self, path: &str) {
        let address = &self.address;
        let start = format!(
            "POST /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: {address}\r\n\
             Lambda-Runtime-Function-Response-Mode: streaming\r\nContent-Type: text/plain\r\n\
             Transfer-Encoding: chunked\r\n\r\n"
        );
        self.stream.get_mut().write_all(start.as_bytes()).unwrap();
    }

    fn chunk(&mut self, data: &str) {
        assert!(self.try_chunk(data));
    }

    /// Sends a chunk. Returns `false` if the API does not take any more.
    fn try_chunk(&mut self, data: &str) -> bool {
        let chunk = format!("{:x}\r\n{data}\r\n", data.len());
        self.stream.get_mut().write_all(chunk.as_bytes()).is_ok()
    }

    /// Sends calls that Lambda refuses, one that it accepts, and again calls that it refuses.
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

    /// Sends requests of extensions, most of which Lambda refuses, and leaves one extension that prints
    /// its events.
    fn probe_extensions(&mut self) {
        let name = "Lambda-Extension-Name: first\r\n";
        let unknown =
            "Lambda-Extension-Identifier: 00000000-0000-4000-8000-000000000000\r\n".to_owned();
        let register = "/2020-01-01/extension/register";
        let next = "/2020-01-01/extension/event/next";
        for (method, path, headers, body) in [
            ("PUT", "/2022-07-01/telemetry", "", "{}"),
            ("PUT", "/2020-08-15/logs", "", "{}"),
            ("GET", register, "", ""),
            ("POST", "/2020-01-01/extension/other", "", ""),
            ("POST", register, "", "{}"),
            ("POST", register, name, "no JSON"),
            ("POST", register, name, r#"{"events":["SHUTDOWN"]}"#),
            ("POST", register, name, r#"{"events":["OTHER"]}"#),
            ("GET", next, "", ""),
            ("GET", next, "Lambda-Extension-Identifier: 7\r\n", ""),
            ("GET", next, &unknown, ""),
            ("POST", "/2020-01-01/extension/init/error", &unknown, "{}"),
        ] {
            let (head, body) = self.request(method, path, headers, body);
            eprintln!("{} {}", status(&head), body.trim_end());
        }
        self.extension = self.register("first", "\"INVOKE\"");
        // One of that name is there already, and there can be ten.
        self.register("first", "");
        let others: Vec<_> =
            (2..=11).map(|number| self.register(&number.to_string(), "")).collect();
        for id in others.into_iter().filter(|id| !id.is_empty()).chain([self.extension.clone()]) {
            std::thread::spawn(move || Self::connect().print_events(&id));
        }
    }

    /// Registers an extension, and returns its id. Prints the response if Lambda refuses it.
    fn register(&mut self, name: &str, events: &str) -> String {
        let headers = format!(
            "Lambda-Extension-Name: {name}\r\nLambda-Extension-Accept-Feature: a, accountId\r\n"
        );
        let body = format!("{{\"events\":[{events}]}}");
        let (head, body) = self.request("POST", "/2020-01-01/extension/register", &headers, &body);
        let id = header(&head, "lambda-extension-identifier");
        if name == "first" || id.is_none() {
            eprintln!("{} {}", status(&head), body.trim_end());
        }
        id.unwrap_or_default().to_owned()
    }

    /// Waits for events of an extension. Prints them before it asks for the next one.
    fn print_events(&mut self, id: &str) {
        let id = format!("Lambda-Extension-Identifier: {id}\r\n");
        loop {
            let (head, body) = self.request("GET", "/2020-01-01/extension/event/next", &id, "");
            assert!(header(&head, "lambda-extension-event-identifier").is_some());
            eprintln!("extension: {} {body}", status(&head));
        }
    }

    fn fail_extension(&mut self, phase: &str, id: &str) {
        let path = format!("/2020-01-01/extension/{phase}/error");
        let mut headers = format!("Lambda-Extension-Identifier: {id}\r\n");
        let (head, body) = self.request("POST", &path, &headers, "{}");
        eprintln!("{} {}", status(&head), body.trim_end());
        headers += "Lambda-Extension-Function-Error-Type: Extension.NoTable\r\n";
        let report = r#"{"errorType":"NoTable","errorMessage":"TABLE is not set","stackTrace":[]}"#;
        // What follows is not printed for sure: the process is killed.
        self.request("POST", &path, &headers, report);
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
        self.request(method, &format!("/2018-06-01/runtime/{path}"), headers, body)
    }

    fn request(&mut self, method: &str, path: &str, headers: &str, body: &str) -> (String, String) {
        let address = &self.address;
        self.send(&format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\n{headers}\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    /// Sends a request, and returns the head and the body of the response.
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

/// The environment variables of Lambda and those whose names start with `MY_`, and the current folder.
fn environment() -> String {
    let mut lines: Vec<_> = std::env::vars()
        .filter(|(name, _)| {
            name.contains("LAMBDA")
                || name.contains("REGION")
                || name.starts_with("MY_")
                || ["FAULT", "GATE", "TZ", "_HANDLER"].contains(&name.as_str())
        })
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    lines.sort();
    lines.push(format!("in {}", std::env::current_dir().unwrap().display()));
    lines.join("\n")
}
