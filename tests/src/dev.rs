//! Runs `scaffold dev` and talks to it over sockets.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::MutexGuard;

use regex::Regex;
use tempfile::TempDir;

use crate::command::{Scaffold, program, workspace};
use crate::log::{Log, Printed};
use crate::snapshot::normalise;
use crate::wait::{PATIENCE, wait_for};

/// A template with one function, `Main`, which gets every request to an HTTP API.
pub const ONE_FUNCTION: &str = "
Transform: AWS::Serverless-2016-10-31
Resources:
  Main:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: bootstrap
      Runtime: provided.al2023
      Events:
        Any: {Type: HttpApi, Properties: {Path: '/{proxy+}', Method: ANY}}
";

/// A project whose function is `functions/socket.rs`, with a target folder to itself.
#[derive(Debug)]
pub struct SocketProject {
    folder: TempDir,
}

impl SocketProject {
    /// Creates it with this `template.yaml`, in which `$GATE` stands for the file that opens the gate.
    #[must_use]
    pub fn new(template: &str) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        project.write(
            "Cargo.toml",
            "[package]\nname = \"socket\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
             [[bin]]\nname = \"bootstrap\"\npath = \"src/main.rs\"\n[workspace]\n",
        );
        project.write("src/main.rs", &source("one"));
        project.write("events/event.json", "\"version\"");
        project.write_template(template);
        project
    }

    /// The project's folder.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        dunce::canonicalize(self.folder.path()).unwrap()
    }

    /// Writes a file.
    pub fn write(&self, name: &str, contents: &str) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }

    /// Replaces a file in one step, as editors do: a reader sees the old or the new file, never a part.
    pub fn replace(&self, name: &str, contents: &str) {
        self.write("replaced", contents);
        fs::rename(self.folder.path().join("replaced"), self.folder.path().join(name)).unwrap();
    }

    /// Writes `template.yaml`.
    pub fn write_template(&self, template: &str) {
        let gate = self.path().join("gate");
        self.write("template.yaml", &template.replace("$GATE", gate.to_str().unwrap()));
    }

    /// Lets waiting functions go on.
    pub fn open_gate(&self) {
        self.write("gate", "");
    }

    /// Adds records of handlers to the function.
    pub fn write_records(&self, records: &[Vec<u8>]) {
        let source = fs::read_to_string(self.path().join("src/main.rs")).unwrap();
        let main = "fn main() -> ExitCode {\n";
        assert!(source.contains(main));
        let source = source.replace(main, &format!("{main}    std::hint::black_box(RECORDS);\n"));
        let records = records.concat();
        self.write("src/main.rs", &format!("{source}\nstatic RECORDS: &[u8] = &{records:?};\n"));
    }

    /// Changes the version of the function.
    pub fn write_version(&self, version: &str) {
        self.write("src/main.rs", &source(version));
    }

    /// `scaffold` in the project.
    #[must_use]
    pub fn scaffold(&self, arguments: &[&str]) -> Scaffold {
        Scaffold::new(arguments).current_dir(&self.path())
    }

    /// Starts `scaffold dev`, and waits until it is ready.
    #[must_use]
    pub fn dev(&self, arguments: &[&str]) -> Dev {
        let dev = self.start(arguments);
        dev.wait_for("\nready in ");
        dev
    }

    /// Starts `scaffold dev`, and waits until it listens.
    #[must_use]
    pub fn start(&self, arguments: &[&str]) -> Dev {
        Dev::start(self.scaffold(&[&["dev", "--port", "0"], arguments].concat()))
    }
}

/// The source of the function, with this version.
fn source(version: &str) -> String {
    let source = fs::read_to_string(workspace().join("tests/functions/socket.rs")).unwrap();
    let one = "const VERSION: &str = \"one\"";
    assert!(source.contains(one));
    source.replace(one, &format!("const VERSION: &str = \"{version}\""))
}

/// `scaffold dev` while it runs.
#[derive(Debug)]
pub struct Dev {
    child: Child,
    /// The address at which it listens.
    pub address: SocketAddr,
    log: Log,
}

impl Dev {
    /// Starts this `scaffold dev --port 0`, and waits until it listens.
    #[must_use]
    pub fn start(mut scaffold: Scaffold) -> Self {
        let mut child = scaffold
            .command()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Log::read(child.stderr.take().unwrap());
        let listening = Regex::new(r"(?m)^listening on http://(.*)$").unwrap();
        let text = log.wait_until("listening on", |log| listening.is_match(log));
        let address = listening.captures(&text).unwrap()[1].parse().unwrap();
        Self { child, address, log }
    }

    /// The id of its process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Everything that it has printed so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Stops reading the log until the guard is dropped.
    pub fn hold_log(&self) -> MutexGuard<'_, Printed> {
        self.log.hold()
    }

    /// Waits until it has printed this.
    #[track_caller]
    pub fn wait_for(&self, text: &str) {
        self.wait_until(text, |log| log.contains(text));
    }

    /// Waits until it has been ready this many times.
    #[track_caller]
    pub fn wait_for_builds(&self, count: usize) {
        self.wait_until("ready", |log| log.matches("\nready in ").count() >= count);
    }

    /// Waits until an update has failed, so that it goes on with the previous version.
    #[track_caller]
    pub fn wait_for_failed_update(&self) {
        self.wait_for("still serving the previous version");
    }

    /// Waits until the first build has failed.
    #[track_caller]
    pub fn wait_for_failed_start(&self) {
        self.wait_for("\nfix the error and save");
    }

    /// Waits until the log has this property.
    #[track_caller]
    pub fn wait_until(&self, what: &str, holds: impl Fn(&str) -> bool) {
        let _ = self.log.wait_until(what, holds);
    }

    /// Opens a connection.
    #[must_use]
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends a `GET` and returns the response.
    #[must_use]
    pub fn get(&self, path: &str) -> Response {
        self.request(&format!("GET {path}"), &[], b"")
    }

    /// Sends a request such as `GET /path` on a new connection.
    #[must_use]
    pub fn request(&self, call: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
        let mut stream = self.connect();
        send(&mut stream, call, headers, body);
        Response::read(stream)
    }

    /// Invokes the function through Lambda's API.
    #[must_use]
    pub fn invoke(&self, function: &str, headers: &[(&str, &str)], event: &str) -> Response {
        let call = format!("POST /2015-03-31/functions/{function}/invocations");
        self.request(&call, headers, event.as_bytes())
    }

    /// The normalised part of the log before it listened.
    #[must_use]
    pub fn warnings(&self) -> String {
        let log = normalise(&self.log());
        log.split_once("console: ").expect(&log).0.to_owned()
    }

    /// Waits until it has read everything sent on this connection.
    pub fn wait_until_it_has_read(&self, stream: &TcpStream) {
        let [server, client] = [self.address.port(), stream.local_addr().unwrap().port()];
        // The row of its end: addresses, state, and the lengths of the queues.
        let row = format!("{server:04X} [0-9A-F]{{8}}:{client:04X} 01 [0-9A-F]{{8}}:00000000 ");
        let row = Regex::new(&row).unwrap();
        wait_for(|| row.is_match(&fs::read_to_string("/proc/net/tcp").unwrap()));
    }

    /// Sends a signal, and waits for the process to end.
    pub fn end(&mut self, signal: &str) -> ExitStatus {
        let id = self.id().to_string();
        let status = program("kill").args(["-s", signal, &id]).status();
        assert!(status.unwrap().success());
        self.child.wait().unwrap()
    }

    /// The number of files and sockets that it has open.
    #[must_use]
    pub fn descriptors(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.id())).unwrap().count()
    }

    /// The peak of its resident memory, in bytes.
    #[must_use]
    pub fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        if self.child.try_wait().unwrap().is_none() {
            let _ = self.end("TERM");
        }
    }
}

/// Writes a request after which the server closes the connection; its `Host` is `localhost` by default.
pub fn send(stream: &mut TcpStream, call: &str, headers: &[(&str, &str)], body: &[u8]) {
    let length = body.len();
    let mut head = format!("{call} HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n");
    if !headers.iter().any(|(name, _)| *name == "Host") {
        head.push_str("Host: localhost\r\n");
    }
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.push_str("\r\n");
    // A server that refuses a request does not read all of it.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
}

/// A response of `scaffold dev`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, with the framing of chunks if there is one.
    pub body: String,
}

impl Response {
    /// Reads to the end of the connection.
    #[track_caller]
    #[must_use]
    pub fn read(mut stream: TcpStream) -> Self {
        let mut bytes = Vec::new();
        // What came before a connection breaks is the response.
        let _ = stream.read_to_end(&mut bytes);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").expect(&text);
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Self { status, headers, body: body.to_owned() }
    }

    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The status and the body.
    #[must_use]
    pub fn pair(&self) -> (u16, &str) {
        (self.status, &self.body)
    }
}

/// The processes whose executables are below a folder.
#[must_use]
pub fn processes_below(folder: &Path) -> Vec<String> {
    let all = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
    all.filter(|process| {
        fs::read_link(process.join("exe")).is_ok_and(|program| program.starts_with(folder))
    })
    .map(|process| process.file_name().unwrap().to_str().unwrap().to_owned())
    .collect()
}
