//! Ours beside its peers, in one run: `cargo run --release -p bench` in `bench/`.
//!
//! Each function is a process that talks to a Runtime API served here, on one connection. Starts
//! and calls of all functions are interleaved round by round, so that a drift of the machine's speed
//! touches them alike; quote the ratios. Whether the API and a function share a CPU is otherwise
//! chance, and matters more than what is measured: so they share one, as on a small Lambda, but for
//! one row in which each has its own. The peers are as `cargo lambda new` writes them: with their
//! default features, `#[tokio::main]` and the default subscriber. `--quick` makes fewer starts and
//! calls and skips the clean builds.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The functions, ours first: name, package, binary.
const FUNCTIONS: [(&str, &str, &str); 5] = [
    ("lambda_native", "ours", "ours"),
    ("the same, static", "", "ours_static"),
    ("lambda_runtime", "peer_lambda_runtime", "peer_lambda_runtime"),
    ("lambda_http", "peer_lambda_http", "peer_lambda_http"),
    ("floor (C, static)", "", "floor"),
];
/// Named, or the flags would be those of the macros too, which cannot be static.
const HOST: &str = if cfg!(target_arch = "aarch64") {
    "aarch64-unknown-linux-gnu"
} else {
    "x86_64-unknown-linux-gnu"
};
/// Those that stream.
const STREAMS: [(&str, &str); 2] =
    [("lambda_native", "ours_stream"), ("lambda_runtime", "peer_lambda_runtime_stream")];

fn main() -> io::Result<()> {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let (starts, rounds) = if quick { (30, 10) } else { (60, 20) };
    let binaries = build()?;
    let builds = if quick {
        Vec::new()
    } else {
        FUNCTIONS.iter().map(|(_, package, _)| clean_build(package)).collect::<io::Result<_>>()?
    };
    run_on(SHARED)?;
    println!("\n{starts} starts, {rounds} rounds of calls\n");

    let mut columns: Vec<(&str, Vec<f64>)> = Vec::new();
    let functions: Vec<PathBuf> = FUNCTIONS.iter().map(|(.., name)| binaries.join(name)).collect();

    columns.push(("start to first `next` µs", measure_starts(&functions, starts)?));
    for (size, calls, names) in [
        (0, 1000, ["1.7 kB p50 µs", "1.7 kB p99 µs", "1.7 kB CPU µs per call"]),
        (100_000, 200, ["100 kB p50 µs", "100 kB p99 µs", "100 kB CPU µs per call"]),
        (5_000_000, 10, ["5 MB p50 µs", "5 MB p99 µs", "5 MB CPU µs per call"]),
    ] {
        let measured = measure_calls(&functions, &event(size), rounds, calls, SHARED)?;
        for (index, name) in names.into_iter().enumerate() {
            columns.push((name, measured.iter().map(|values| values[index]).collect()));
        }
        if size == 0 {
            columns.push(("peak memory kB", measured.iter().map(|values| values[3]).collect()));
            let measured = measure_calls(&functions, &event(size), rounds, calls, APART)?;
            let times = measured.iter().map(|values| values[0]).collect();
            columns.push(("1.7 kB p50 µs, a CPU each", times));
        }
    }
    let sizes = functions.iter().map(|path| Ok(fs::metadata(path)?.len() as f64 / 1000.0));
    columns.push(("size kB", sizes.collect::<io::Result<_>>()?));
    columns.push(("crates", FUNCTIONS.iter().map(|(_, package, _)| crates(package)).collect()));
    if !builds.is_empty() {
        columns.push(("clean release build s", builds));
    }
    let names: Vec<&str> = FUNCTIONS.iter().map(|(name, ..)| *name).collect();
    print_table(&names, &columns);

    let streams: Vec<PathBuf> = STREAMS.iter().map(|(_, name)| binaries.join(name)).collect();
    let measured = measure_calls(&streams, &event(0), rounds, 20, SHARED)?;
    let columns = [("5 MB streamed p50 µs", 0), ("5 MB streamed CPU µs per call", 2)]
        .map(|(name, index)| (name, measured.iter().map(|values| values[index]).collect()));
    println!();
    print_table(&STREAMS.map(|(name, _)| name), &columns);
    Ok(())
}

/// The CPU of this process, and of functions that share it.
const SHARED: u32 = 0;
/// That of functions which do not.
const APART: u32 = 1;

/// Keeps this process, and those that it starts from now on, on one CPU.
fn run_on(cpu: u32) -> io::Result<()> {
    run(Command::new("taskset")
        .args(["-cp", &cpu.to_string(), &std::process::id().to_string()])
        .stdout(Stdio::null()))
}

/// Builds everything; where the binaries are.
fn build() -> io::Result<PathBuf> {
    run(cargo().args(["build", "--release", "-p", "ours"]))?;
    // Each alone, so that none has the features that another asks of a shared dependency.
    run(cargo().args(["build", "--release", "-p", "peer_lambda_runtime"]))?;
    run(cargo().args(["build", "--release", "-p", "peer_lambda_http"]))?;
    let folder = target().join("static");
    run(cargo()
        .env("RUSTFLAGS", "-C target-feature=+crt-static")
        .env("CARGO_TARGET_DIR", &folder)
        .args(["build", "--release", "--bin", "ours", "-p", "ours", "--target", HOST]))?;
    let target = target().join("release");
    fs::copy(folder.join(HOST).join("release/ours"), target.join("ours_static"))?;
    let floor = Path::new(env!("CARGO_MANIFEST_DIR")).join("../floor/floor.c");
    run(Command::new("cc")
        .args(["-O2", "-static", "-s", "-o"])
        .arg(target.join("floor"))
        .arg(floor))?;
    Ok(target)
}

fn target() -> PathBuf {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(default, PathBuf::from)
}

fn cargo() -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    cargo
}

fn run(command: &mut Command) -> io::Result<()> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{command:?}: {status}"))) }
}

/// How many crates a package is made of, its own included.
fn crates(package: &str) -> f64 {
    let output =
        cargo().args(["tree", "-e", "normal,build", "--prefix", "none", "-p", package]).output();
    let mut lines: Vec<String> = output.map_or_else(
        |_| Vec::new(),
        |output| {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            text.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
        },
    );
    lines.sort();
    lines.dedup();
    if package.is_empty() || lines.is_empty() { f64::NAN } else { lines.len() as f64 }
}

/// Seconds that a package takes to build from nothing but downloaded sources.
fn clean_build(package: &str) -> io::Result<f64> {
    if package.is_empty() {
        return Ok(f64::NAN);
    }
    let folder = target().join("clean");
    let _ = fs::remove_dir_all(&folder);
    let start = Instant::now();
    run(cargo().env("CARGO_TARGET_DIR", &folder).args([
        "build",
        "--quiet",
        "--release",
        "--bin",
        package,
        "-p",
        package,
    ]))?;
    let seconds = start.elapsed().as_secs_f64();
    fs::remove_dir_all(&folder)?;
    Ok(seconds)
}

/// A function's process and the connection that it has opened.
struct Function {
    child: Child,
    connection: Connection,
    /// From its start to its first request.
    started: Duration,
}

impl Function {
    fn start(binary: &Path) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let mut command = Command::new(binary);
        command
            .env("AWS_LAMBDA_RUNTIME_API", listener.local_addr()?.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "bench")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
            .stdin(Stdio::null());
        let start = Instant::now();
        let child = command.spawn()?;
        let mut connection = Connection { stream: listener.accept()?.0, buffer: Vec::new() };
        connection.stream.set_nodelay(true)?;
        connection.receive()?;
        Ok(Self { child, connection, started: start.elapsed() })
    }

    /// One event and its answer: the time from the first byte of the one to the last of the other.
    fn call(&mut self, event: &[u8]) -> io::Result<Duration> {
        let start = Instant::now();
        self.connection.stream.write_all(event)?;
        self.connection.receive()?;
        let elapsed = start.elapsed();
        self.connection.stream.write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")?;
        self.connection.receive()?;
        Ok(elapsed)
    }

    /// The CPU time of all threads so far.
    fn cpu(&self) -> io::Result<Duration> {
        let mut nanos = 0;
        for task in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let text = fs::read_to_string(task?.path().join("schedstat"))?;
            nanos += text.split(' ').next().and_then(|time| time.parse().ok()).unwrap_or(0);
        }
        Ok(Duration::from_nanos(nanos))
    }

    /// The most memory that it has had, in kB.
    fn peak_memory(&self) -> io::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kb = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        Ok(kb.unwrap_or(f64::NAN))
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Reads one request to its end.
    fn receive(&mut self) -> io::Result<()> {
        self.buffer.clear();
        let mut room = vec![0; 256 * 1024];
        let (mut head, mut length, mut chunked) = (0, 0, false);
        loop {
            let count = self.stream.read(&mut room)?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.buffer.extend_from_slice(&room[..count]);
            if head == 0 {
                let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
                    continue;
                };
                head = end + 4;
                let text = String::from_utf8_lossy(&self.buffer[..head]).to_ascii_lowercase();
                let value =
                    |name: &str| text.split("\r\n").find_map(|line| line.strip_prefix(name));
                length = value("content-length:").map_or(0, |text| text.trim().parse().unwrap());
                chunked = value("transfer-encoding:").is_some();
            }
            let done = if chunked {
                self.buffer[head..].ends_with(b"0\r\n\r\n")
            } else {
                self.buffer.len() >= head + length
            };
            if done {
                return Ok(());
            }
        }
    }
}

/// An HTTP API event, with all headers that Lambda sends: a `GET`, or a `POST` with a body of `size`
/// bytes.
fn event(size: usize) -> Vec<u8> {
    let (method, body) = match size {
        0 => ("GET", String::new()),
        _ => ("POST", format!(r#""body":"{}","#, "0123456789abcdef".repeat(size / 16))),
    };
    let json = include_str!("event.json").replace("$METHOD", method).replace("\"$BODY\",", &body);
    let head = format!(
        "HTTP/1.1 200 OK\r\n\
         Content-Type: application/json\r\n\
         Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n\
         Lambda-Runtime-Deadline-Ms: 4102444800000\r\n\
         Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:bench\r\n\
         Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1\r\n\
         Date: Mon, 02 Nov 2026 12:00:00 GMT\r\n\
         Content-Length: {}\r\n\r\n",
        json.len()
    );
    [head.into_bytes(), json.into_bytes()].concat()
}

/// The median start of each function in µs.
fn measure_starts(functions: &[PathBuf], count: usize) -> io::Result<Vec<f64>> {
    let mut times = vec![Vec::new(); functions.len()];
    for _ in 0..=count {
        for (function, times) in functions.iter().zip(&mut times) {
            times.push(Function::start(function)?.started);
        }
    }
    // The first of each has the file to read.
    Ok(times.into_iter().map(|mut times| percentile(&mut times[1..], 0.5)).collect())
}

/// For each function: p50 and p99 of a call in µs, CPU time for a call in µs, peak memory in kB.
fn measure_calls(
    functions: &[PathBuf],
    event: &[u8],
    rounds: usize,
    calls: usize,
    cpu: u32,
) -> io::Result<Vec<[f64; 4]>> {
    run_on(cpu)?;
    let mut running =
        functions.iter().map(|path| Function::start(path)).collect::<io::Result<Vec<_>>>()?;
    run_on(SHARED)?;
    for function in &mut running {
        for _ in 0..calls / 5 + 1 {
            function.call(event)?;
        }
    }
    let before = running.iter().map(Function::cpu).collect::<io::Result<Vec<_>>>()?;
    let mut times = vec![Vec::new(); running.len()];
    for _ in 0..rounds {
        for (function, times) in running.iter_mut().zip(&mut times) {
            for _ in 0..calls {
                times.push(function.call(event)?);
            }
        }
    }
    let mut results = Vec::new();
    for ((function, mut times), before) in running.iter().zip(times).zip(before) {
        let cpu = function.cpu()?.saturating_sub(before).as_secs_f64() * 1e6;
        results.push([
            percentile(&mut times, 0.5),
            percentile(&mut times, 0.99),
            cpu / times.len() as f64,
            function.peak_memory()?,
        ]);
    }
    Ok(results)
}

fn percentile(times: &mut [Duration], part: f64) -> f64 {
    times.sort();
    let index = ((times.len() - 1) as f64 * part).round() as usize;
    times[index].as_secs_f64() * 1e6
}

/// A row for each figure, a column for each function: the value, and ours as a part of it.
fn print_table(names: &[&str], rows: &[(&str, Vec<f64>)]) {
    println!("| | {} |", names.join(" | "));
    println!("|---|{}", "---|".repeat(names.len()));
    for (name, values) in rows {
        let cells = values.iter().enumerate().map(|(index, value)| match (value.is_nan(), index) {
            (true, _) => "–".to_owned(),
            (false, 0) => number(*value),
            _ => format!("{} ({:.2})", number(*value), values[0] / value),
        });
        println!("| {name} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    println!("\nIn brackets: ours as a part of that.");
}

fn number(value: f64) -> String {
    if value < 100.0 { format!("{value:.1}") } else { format!("{value:.0}") }
}
