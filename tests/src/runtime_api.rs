//! A Runtime API that follows a script, faults included, and records all requests.
//!
//! A hand-written server records every request of any connection and sends the next answer of the
//! script, byte for byte. At the end of the script it leaves the next request waiting, as Lambda does if
//! there is no event.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::log::Log;

/// The time in which a function must send its next request or end.
const PATIENCE: Duration = Duration::from_secs(20);

/// One answer of the script.
#[derive(Clone, Debug)]
pub struct Answer {
    pieces: Vec<Vec<u8>>,
    early: bool,
    wait: bool,
    then: Then,
}

/// The fate of a connection after an answer.
#[derive(Clone, Copy, Debug)]
enum Then {
    GoOn,
    Close,
    /// It stays open, but nobody reads from it.
    Ignore,
}

impl Answer {
    /// Sends exactly these bytes.
    pub fn raw(bytes: impl AsRef<[u8]>) -> Self {
        let pieces = vec![bytes.as_ref().to_vec()];
        Self { pieces, early: false, wait: false, then: Then::GoOn }
    }

    /// Sends a status and a body with its length.
    pub fn status(status: u16, body: &str) -> Self {
        Self::raw(format!("HTTP/1.1 {status} -\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
    }

    /// Sends `202 Accepted`, as for a response that Lambda accepts.
    pub fn accepted() -> Self {
        Self::status(202, "")
    }

    /// Sends an event with all headers of Lambda.
    pub fn event(request_id: &str, payload: &str) -> Self {
        Self::event_with(
            &format!(
                "Lambda-Runtime-Aws-Request-Id: {request_id}\r\n\
                 Lambda-Runtime-Deadline-Ms: 4102444800000\r\n\
                 Lambda-Runtime-Invoked-Function-Arn: \
                 arn:aws:lambda:us-east-1:123456789012:function:test\r\n\
                 Lambda-Runtime-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793\r\n"
            ),
            payload,
        )
    }

    /// Sends an event with these header lines, each with CR LF.
    pub fn event_with(headers: &str, payload: &str) -> Self {
        Self::raw(format!(
            "HTTP/1.1 200 OK\r\n{headers}Content-Length: {}\r\n\r\n{payload}",
            payload.len()
        ))
    }

    /// Closes the connection without an answer.
    pub fn hang_up() -> Self {
        Self { pieces: Vec::new(), ..Self::raw("").then_close() }
    }

    /// Answers when only the head of the request has been read, and closes the connection.
    #[must_use]
    pub fn before_the_body(self) -> Self {
        Self { early: true, then: Then::Close, ..self }
    }

    /// Answers when only the head of the request has been read, and keeps the connection open without
    /// ever reading the rest.
    #[must_use]
    pub fn in_place_of_reading(self) -> Self {
        Self { early: true, then: Then::Ignore, ..self }
    }

    /// Does not answer on this connection, while others go on with the script.
    pub fn wait() -> Self {
        Self { wait: true, ..Self::raw("") }
    }

    /// Closes the connection after the answer.
    #[must_use]
    pub fn then_close(self) -> Self {
        Self { then: Then::Close, ..self }
    }

    /// Sends the answer in pieces of `size` bytes, one segment each.
    #[must_use]
    pub fn in_pieces_of(self, size: usize) -> Self {
        let pieces = self.pieces.concat().chunks(size).map(<[u8]>::to_vec).collect();
        Self { pieces, ..self }
    }
}

/// A recorded request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method and the path.
    pub call: String,
    /// The headers, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, with the framing of chunks if there is one.
    pub body: Vec<u8>,
}

impl Request {
    /// The value of the header with this lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The call and the body, if there is one: `POST …/invocation/id/response {"a":1}`.
    #[must_use]
    pub fn summary(&self) -> String {
        let call = self.call.replacen("/2018-06-01/runtime/", "…/", 1);
        let body = String::from_utf8_lossy(&self.body);
        format!("{call} {body}").trim_end().to_owned()
    }

    /// Reads the head and the bytes that came with it; `None` at the end of the connection.
    fn read_head(stream: &mut TcpStream) -> io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        let head = loop {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            if !read_more(stream, &mut bytes)? {
                return Ok(None);
            }
        };
        let body = bytes.split_off(head + 4);
        let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
        let mut lines = text.split("\r\n");
        let call = lines.next().unwrap_or_default();
        Ok(Some(Self {
            call: call.strip_suffix(" HTTP/1.1").unwrap_or(call).to_owned(),
            headers: lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect(),
            body,
        }))
    }

    /// Reads the rest of the body, or as much of it as arrives.
    fn read_body(&mut self, stream: &mut TcpStream) -> io::Result<()> {
        let length = self.header("content-length").map_or(0, |value| value.parse().unwrap());
        let chunked = self.header("transfer-encoding") == Some("chunked");
        // A chunked body ends with the empty line of its trailer.
        while (chunked && !self.body.ends_with(b"\r\n\r\n")) || self.body.len() < length {
            if !read_more(stream, &mut self.body)? {
                break;
            }
        }
        Ok(())
    }
}

/// Reads once; `false` at the end of the connection.
fn read_more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> io::Result<bool> {
    let mut room = vec![0; 64 * 1024];
    let count = stream.read(&mut room)?;
    bytes.extend_from_slice(&room[..count]);
    Ok(count > 0)
}

/// The running server.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    requests: Receiver<Request>,
    connections: Arc<Mutex<usize>>,
    /// The value of `AWS_LAMBDA_RUNTIME_API`.
    api: String,
    /// The standard error of the function, if it is not to be read.
    stderr: Option<Stdio>,
}

impl RuntimeApi {
    /// Starts the server with these answers.
    pub fn start(script: impl IntoIterator<Item = Answer>) -> Self {
        let mut script = script.into_iter().collect::<Vec<_>>().into_iter();
        Self::answering(move |_| script.next())
    }

    /// Starts the server with a function that answers requests.
    pub fn answering(answer: impl FnMut(&Request) -> Option<Answer> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, requests) = mpsc::channel();
        let answer = Arc::new(Mutex::new(answer));
        let connections = Arc::new(Mutex::new(0));
        let count = Arc::clone(&connections);
        thread::spawn(move || {
            for stream in listener.incoming() {
                *count.lock().unwrap() += 1;
                let (sender, answer) = (sender.clone(), Arc::clone(&answer));
                thread::spawn(move || {
                    let mut answer = |request: &Request| answer.lock().unwrap()(request);
                    // The function can close the connection at any time.
                    let _ = serve(stream.unwrap(), &sender, &mut answer);
                });
            }
        });
        Self { address, api: address.to_string(), requests, connections, stderr: None }
    }

    /// Gives the function a URL with this path instead of host and port.
    #[must_use]
    pub fn below(self, path: &str) -> Self {
        Self { api: format!("http://{}{path}", self.address), ..self }
    }

    /// Gives the function this value of `AWS_LAMBDA_RUNTIME_API`.
    #[must_use]
    pub fn called(self, api: &str) -> Self {
        Self { api: api.to_owned(), ..self }
    }

    /// Gives the function this standard error.
    #[must_use]
    pub fn with_stderr(self, stderr: impl Into<Stdio>) -> Self {
        Self { stderr: Some(stderr.into()), ..self }
    }

    /// The host and port.
    #[must_use]
    pub fn authority(&self) -> String {
        self.address.to_string()
    }

    /// Runs `function` until it has sent `expected` requests or has ended.
    ///
    /// # Panics
    /// If the function neither makes its next request nor ends.
    #[must_use]
    pub fn run(self, function: &mut Command, expected: usize) -> Run {
        self.run_then(function, expected, |function, _| function.kill().unwrap())
    }

    /// The same, but ends the function with `end`, which gets its log on standard error.
    ///
    /// # Panics
    /// If the function neither makes its next request nor ends.
    #[must_use]
    pub fn run_then(
        self,
        function: &mut Command,
        expected: usize,
        end: impl FnOnce(&mut Child, &Log),
    ) -> Run {
        let mut child = Running(
            function
                .env("AWS_LAMBDA_RUNTIME_API", &self.api)
                .env("AWS_LAMBDA_FUNCTION_NAME", "test")
                .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
                .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
                .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/test")
                .env("AWS_LAMBDA_LOG_STREAM_NAME", "2026/01/31/[$LATEST]0")
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(self.stderr.unwrap_or_else(Stdio::piped))
                .spawn()
                .unwrap(),
        );
        let child = &mut child.0;
        let stdout = Log::read(child.stdout.take().unwrap());
        let stderr = match child.stderr.take() {
            Some(stderr) => Log::read(stderr),
            None => Log::read(io::empty()),
        };
        let mut requests = Vec::new();
        let deadline = std::time::Instant::now() + PATIENCE;
        let mut status = None;
        while requests.len() < expected && status.is_none() {
            status = child.try_wait().unwrap();
            // After its end, the remaining requests are still received.
            while let Ok(request) = self.requests.recv_timeout(Duration::from_millis(20)) {
                requests.push(request);
                if requests.len() == expected {
                    break;
                }
            }
            assert!(
                std::time::Instant::now() < deadline,
                "{} of {expected} requests: {requests:#?}",
                requests.len()
            );
        }
        if status.is_none() {
            end(child, &stderr);
            // A function that was killed has no status of its own; Windows does not tell it apart.
            status =
                Some(child.wait().unwrap()).filter(|status| cfg!(unix) && status.code().is_some());
        }
        Run {
            requests,
            status,
            stdout: stdout.end(),
            stderr: stderr.end(),
            connections: *self.connections.lock().unwrap(),
        }
    }
}

/// A process that is killed when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It can have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Everything that a function did.
#[derive(Debug)]
pub struct Run {
    /// Its requests in order.
    pub requests: Vec<Request>,
    /// Its exit status; `None` if it was waiting for the next event.
    pub status: Option<ExitStatus>,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
    /// The number of connections that it opened.
    pub connections: usize,
}

impl Run {
    /// The [summaries](Request::summary) of its requests.
    #[must_use]
    pub fn calls(&self) -> Vec<String> {
        self.requests.iter().map(Request::summary).collect()
    }
}

fn serve(
    mut stream: TcpStream,
    requests: &Sender<Request>,
    next: &mut dyn FnMut(&Request) -> Option<Answer>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    while let Some(mut request) = Request::read_head(&mut stream)? {
        let answer = next(&request);
        if !answer.as_ref().is_some_and(|answer| answer.early) {
            request.read_body(&mut stream)?;
        }
        // At the end of the test nobody receives it.
        let _ = requests.send(request);
        let Some(answer) = answer.filter(|answer| !answer.wait) else {
            // Waits until the function closes the connection.
            stream.read_to_end(&mut Vec::new())?;
            break;
        };
        let several = answer.pieces.len() > 1;
        for piece in &answer.pieces {
            stream.write_all(piece)?;
            if several {
                thread::sleep(Duration::from_micros(500));
            }
        }
        match answer.then {
            Then::GoOn => {}
            Then::Close => break,
            Then::Ignore => loop {
                thread::park();
            },
        }
    }
    Ok(())
}
