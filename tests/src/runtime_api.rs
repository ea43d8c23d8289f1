//! A Runtime API with scripted faults, which records what it is asked.
//!
//! It is a hand-written server on a thread: every request, on whatever connection, is recorded and
//! given the next answer of the script, byte for byte. When the script is over, the next request is
//! recorded and left waiting, as a `next` without an event is.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How long the function may take to make its next request, or to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// One answer of the script.
#[derive(Clone, Debug)]
pub struct Answer {
    pieces: Vec<Vec<u8>>,
    early: bool,
    wait: bool,
    then: Then,
}

/// What becomes of a connection after an answer.
#[derive(Clone, Copy, Debug)]
enum Then {
    GoOn,
    Close,
    /// It stays open, and nobody reads from it.
    Ignore,
}

impl Answer {
    /// These bytes and no others.
    pub fn raw(bytes: impl AsRef<[u8]>) -> Self {
        let pieces = vec![bytes.as_ref().to_vec()];
        Self { pieces, early: false, wait: false, then: Then::GoOn }
    }

    /// A status with a body that is counted.
    pub fn status(status: u16, body: &str) -> Self {
        Self::raw(format!("HTTP/1.1 {status} -\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
    }

    /// `202 Accepted`, as for a reply that is taken.
    pub fn accepted() -> Self {
        Self::status(202, "")
    }

    /// An event, with all the headers that Lambda sends.
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

    /// An event with these header lines, each ended by CR LF.
    pub fn event_with(headers: &str, payload: &str) -> Self {
        Self::raw(format!(
            "HTTP/1.1 200 OK\r\n{headers}Content-Length: {}\r\n\r\n{payload}",
            payload.len()
        ))
    }

    /// No answer: the connection is closed.
    pub fn hang_up() -> Self {
        Self { pieces: Vec::new(), ..Self::raw("").then_close() }
    }

    /// The request is not read to its end: this is the answer to its head, and the connection is
    /// closed.
    #[must_use]
    pub fn before_the_body(self) -> Self {
        Self { early: true, then: Then::Close, ..self }
    }

    /// The request is not read to its end, ever: this is the answer to its head, and the connection
    /// stays open.
    #[must_use]
    pub fn in_place_of_reading(self) -> Self {
        Self { early: true, then: Then::Ignore, ..self }
    }

    /// No answer: the connection waits, others go on with the script.
    pub fn wait() -> Self {
        Self { wait: true, ..Self::raw("") }
    }

    /// The connection is closed after the answer.
    #[must_use]
    pub fn then_close(self) -> Self {
        Self { then: Then::Close, ..self }
    }

    /// The answer goes out in pieces of `size` bytes, each in a segment of its own.
    #[must_use]
    pub fn in_pieces_of(self, size: usize) -> Self {
        let pieces = self.pieces.concat().chunks(size).map(<[u8]>::to_vec).collect();
        Self { pieces, ..self }
    }
}

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Method and path.
    pub call: String,
    /// The header lines, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body; a chunked one as it came, frames and all.
    pub body: Vec<u8>,
}

impl Request {
    /// The value of a header, its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The call, and the body if it has one: `POST /2018-… {"a":1}`, the prefix shortened to `…`.
    #[must_use]
    pub fn summary(&self) -> String {
        let call = self.call.replacen("/2018-06-01/runtime/", "…/", 1);
        let body = String::from_utf8_lossy(&self.body);
        format!("{call} {body}").trim_end().to_owned()
    }

    /// Reads the head, and what came with it of the body; `None` at the end of the connection.
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

    /// Reads the rest of the body, or as much of it as comes.
    fn read_body(&mut self, stream: &mut TcpStream) -> io::Result<()> {
        let length = self.header("content-length").map_or(0, |value| value.parse().unwrap());
        let chunked = self.header("transfer-encoding") == Some("chunked");
        // The trailer's empty line is the last thing of a chunked body.
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

/// The server while it runs.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    requests: Receiver<Request>,
    connections: Arc<Mutex<usize>>,
    /// The value of `AWS_LAMBDA_RUNTIME_API`.
    api: String,
}

impl RuntimeApi {
    /// Starts to listen, with `script` as its answers.
    pub fn start(script: impl IntoIterator<Item = Answer>) -> Self {
        let mut script = script.into_iter().collect::<Vec<_>>().into_iter();
        Self::answering(move |_| script.next())
    }

    /// Starts to listen, and answers each request as `answer` says.
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
                    // The function may leave whenever it likes.
                    let _ = serve(stream.unwrap(), &sender, &mut answer);
                });
            }
        });
        Self { address, api: address.to_string(), requests, connections }
    }

    /// Tells the function a URL with this path in place of host and port.
    #[must_use]
    pub fn below(self, path: &str) -> Self {
        Self { api: format!("http://{}{path}", self.address), ..self }
    }

    /// Host and port.
    #[must_use]
    pub fn authority(&self) -> String {
        self.address.to_string()
    }

    /// Runs `function` against the script: `expected` requests, after which it is ended, or fewer
    /// if it ends by itself.
    ///
    /// # Panics
    /// If the function neither makes its next request nor ends.
    #[must_use]
    pub fn run(self, function: &mut Command, expected: usize) -> Run {
        self.run_then(function, expected, |function| function.kill().unwrap())
    }

    /// As [`run`](Self::run), with `end` to end the function.
    ///
    /// # Panics
    /// If the function neither makes its next request nor ends.
    #[must_use]
    pub fn run_then(
        self,
        function: &mut Command,
        expected: usize,
        end: impl FnOnce(&mut Child),
    ) -> Run {
        let mut child = Running(
            function
                .env("AWS_LAMBDA_RUNTIME_API", &self.api)
                .env("AWS_LAMBDA_FUNCTION_NAME", "test")
                .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
                .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
                .env_remove("RUST_BACKTRACE")
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap(),
        );
        let child = &mut child.0;
        let stdout = read_all(child.stdout.take().unwrap());
        let stderr = read_all(child.stderr.take().unwrap());
        let mut requests = Vec::new();
        let deadline = std::time::Instant::now() + PATIENCE;
        let mut status = None;
        while requests.len() < expected && status.is_none() {
            status = child.try_wait().unwrap();
            // Once it has ended, what it sent is taken in to the last.
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
            end(child);
            // A signal is no end of its own; on Windows nothing else shows that it was ended.
            status =
                Some(child.wait().unwrap()).filter(|status| cfg!(unix) && status.code().is_some());
        }
        Run {
            requests,
            status,
            stdout: stdout.join().unwrap(),
            stderr: stderr.join().unwrap(),
            connections: *self.connections.lock().unwrap(),
        }
    }
}

/// A process that does not outlive the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a function did.
#[derive(Debug)]
pub struct Run {
    /// The requests that it made, in their order.
    pub requests: Vec<Request>,
    /// How it ended by itself; `None` if it was waiting for the next event.
    pub status: Option<ExitStatus>,
    /// What it printed on standard output.
    pub stdout: String,
    /// What it printed on standard error.
    pub stderr: String,
    /// How many connections it opened.
    pub connections: usize,
}

impl Run {
    /// Each request as [`Request::summary`] has it.
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
        // Nobody listens any more once the test is over.
        let _ = requests.send(request);
        let Some(answer) = answer.filter(|answer| !answer.wait) else {
            // Waits until the function goes away.
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

fn read_all(mut from: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
