//! Runs `scaffold dev` and talks to it over sockets.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use regex::Regex;
use tempfile::TempDir;

use crate::command::{Scaffold, workspace};

/// How long anything may take that must happen: a build on a busy machine, mostly.
const PATIENCE: Duration = Duration::from_secs(90);

/// A project whose function is `functions/socket.rs`, with a target folder to itself.
#[derive(Debug)]
pub struct SocketProject {
    folder: TempDir,
}

impl SocketProject {
    /// With this `template.yaml`, in which `$GATE` is a path that the tests can make.
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

    /// Replaces a file as editors do: who reads it sees the old one or the new one, and no part.
    pub fn replace(&self, name: &str, contents: &str) {
        self.write("replaced", contents);
        fs::rename(self.folder.path().join("replaced"), self.folder.path().join(name)).unwrap();
    }

    /// Writes `template.yaml`.
    pub fn write_template(&self, template: &str) {
        let gate = self.path().join("gate");
        self.write("template.yaml", &template.replace("$GATE", gate.to_str().unwrap()));
    }

    /// Lets the functions go on that wait.
    pub fn open_gate(&self) {
        self.write("gate", "");
    }

    /// Gives the function another version.
    pub fn write_version(&self, version: &str) {
        self.write("src/main.rs", &source(version));
    }

    /// Runs `scaffold` in it.
    #[must_use]
    pub fn scaffold(&self, arguments: &[&str]) -> Scaffold {
        let mut scaffold = Scaffold::new(arguments).current_dir(&self.path());
        scaffold.command().env_remove("CARGO_TARGET_DIR").env("RUST_BACKTRACE", "0");
        scaffold
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

/// The function's source, of this version.
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
    /// Where it listens.
    pub address: SocketAddr,
    log: Arc<(Mutex<String>, Condvar)>,
}

impl Dev {
    /// Starts this `scaffold dev --port 0`, and waits until it listens; what is printed before is of the
    /// log too.
    #[must_use]
    pub fn start(mut scaffold: Scaffold) -> Self {
        let mut child = scaffold
            .command()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut first = String::new();
        let address = loop {
            assert_ne!(stderr.read_line(&mut first).unwrap(), 0, "{first}");
            let line = first.lines().next_back().unwrap();
            if let Some(address) = line.strip_prefix("listening on http://") {
                break address.parse().unwrap();
            }
        };
        let log = Arc::new((Mutex::new(first), Condvar::new()));
        let shared = Arc::clone(&log);
        thread::spawn(move || {
            let mut bytes = vec![0; 64 * 1024];
            while let Ok(count @ 1..) = stderr.read(&mut bytes) {
                let (log, changed) = &*shared;
                let mut log = log.lock().unwrap();
                // A flood is not kept.
                if log.len() < 4 * 1024 * 1024 {
                    log.push_str(&String::from_utf8_lossy(&bytes[..count]));
                }
                changed.notify_all();
            }
        });
        Self { child, address, log }
    }

    /// Its process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has printed so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.0.lock().unwrap().clone()
    }

    /// Reads no more of what it prints until this is dropped.
    pub fn hold_log(&self) -> MutexGuard<'_, String> {
        self.log.0.lock().unwrap()
    }

    /// Waits until it has printed this.
    #[track_caller]
    pub fn wait_for(&self, text: &str) {
        self.wait_until(text, |log| log.contains(text));
    }

    /// Waits until it has built so many times.
    #[track_caller]
    pub fn wait_for_builds(&self, count: usize) {
        self.wait_until("ready", |log| log.matches("\nready in ").count() >= count);
    }

    #[track_caller]
    /// Waits until this holds for what it has printed.
    pub fn wait_until(&self, what: &str, holds: impl Fn(&str) -> bool) {
        let (log, changed) = &*self.log;
        let (log, timeout) =
            changed.wait_timeout_while(log.lock().unwrap(), PATIENCE, |log| !holds(log)).unwrap();
        assert!(!timeout.timed_out(), "no `{what}` in the log:\n{log}");
    }

    /// Connects.
    #[must_use]
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Asks for a path, and gives the answer.
    #[must_use]
    pub fn get(&self, path: &str) -> Answer {
        self.request(&format!("GET {path}"), &[], b"")
    }

    /// Sends a request, `GET /path`, on a connection of its own.
    #[must_use]
    pub fn request(&self, call: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut stream = self.connect();
        send(&mut stream, call, headers, body);
        Answer::read(stream)
    }

    /// Invokes the function through Lambda's API.
    #[must_use]
    pub fn invoke(&self, function: &str, headers: &[(&str, &str)], event: &str) -> Answer {
        let call = format!("POST /2015-03-31/functions/{function}/invocations");
        self.request(&call, headers, event.as_bytes())
    }

    /// The log with the names of what differs each time, without what cargo says.
    #[must_use]
    pub fn normalised_log(&self) -> String {
        let patterns = [
            (r"(?m)^ +(Blocking|Compiling|Finished|Locking|Updating) .*\n", ""),
            (r"\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b", "ID"),
            (r"(?m)^(\w+) [0-9a-f]{8} ", "$1 ID8 "),
            (r"Billed Duration: [1-9][0-9]* ms", "Billed Duration: T ms"),
            (r"Duration: [0-9]+\.[0-9]{2} ms", "Duration: T ms"),
            (r"Max Memory Used: [1-9][0-9]* MB", "Max Memory Used: M MB"),
            (r"(?m) [0-9]+\.[0-9] ms$", " T ms"),
            (r"ready in [0-9]+\.[0-9]{2} s", "ready in T s"),
            (r"127\.0\.0\.1:[0-9]+", "ADDRESS"),
        ];
        patterns.into_iter().fold(self.log(), |text, (pattern, name)| {
            Regex::new(pattern).unwrap().replace_all(&text, name).into_owned()
        })
    }

    /// Sends a signal, and waits for the end.
    pub fn end(&mut self, signal: &str) -> ExitStatus {
        let id = self.id().to_string();
        let status = std::process::Command::new("kill").args(["-s", signal, &id]).status();
        assert!(status.unwrap().success());
        self.child.wait().unwrap()
    }

    /// The most memory that it has held, in bytes.
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

/// Writes a request that closes its connection.
pub fn send(stream: &mut TcpStream, call: &str, headers: &[(&str, &str)], body: &[u8]) {
    let length = body.len();
    let mut head = format!(
        "{call} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n"
    );
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.push_str("\r\n");
    // Who refuses a request does not read all of it.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
}

/// An answer, read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// With names in lower case.
    pub headers: Vec<(String, String)>,
    /// What follows, without the framing of chunks.
    pub body: String,
}

impl Answer {
    /// Reads to the end of the connection.
    #[track_caller]
    #[must_use]
    pub fn read(mut stream: TcpStream) -> Self {
        let mut bytes = Vec::new();
        // A connection that breaks has said what it has said.
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

    /// Status and body.
    #[must_use]
    pub fn pair(&self) -> (u16, &str) {
        (self.status, &self.body)
    }
}

/// Waits until a process has ended: one that nobody has waited for yet has ended too.
#[track_caller]
pub fn assert_ends(process: &str) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while let Ok(stat) = fs::read_to_string(format!("/proc/{process}/stat")) {
        if stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z')) {
            return;
        }
        assert!(Instant::now() < deadline, "{stat}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Waits until this holds.
#[track_caller]
pub fn wait_for(holds: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "it does not come");
        thread::sleep(Duration::from_millis(5));
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
