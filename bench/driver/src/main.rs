//! Benchmarks `lambda_native` beside its peers in one run: `cargo run --release -p bench` in `bench/`.
//!
//! Each function is a process that talks to a Runtime API served here. The starts and
//! calls of all functions are interleaved round by round, so that a drift of the machine's speed affects
//! all of them alike; quote the ratios. Whether the API and a function share a CPU would otherwise be
//! chance, and matters more than what is measured. They share one, as on a small Lambda function, except
//! in one row in which each has its own. The peers are as `cargo lambda new` writes them: with their
//! default features, `#[tokio::main]` and the default subscriber. `--quick` makes fewer starts and
//! calls and skips the clean builds.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// The functions, `lambda_native` first: name, package, binary.
const FUNCTIONS: [(&str, &str, &str); 6] = [
    ("lambda_native", "ours", "ours_static"),
    ("the same, dynamic", "ours", "ours"),
    ("lambda_runtime", "peer_lambda_runtime", "peer_lambda_runtime"),
    ("lambda_http", "peer_lambda_http", "peer_lambda_http"),
    ("C, static, glibc", "", "floor"),
    ("C, static, musl", "", "floor_musl"),
];
/// The targets of static executables: that of this machine, and that of Lambda's other processor.
const TARGETS: [&str; 2] = if cfg!(target_arch = "aarch64") {
    ["aarch64-unknown-linux-musl", "x86_64-unknown-linux-musl"]
} else {
    ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"]
};
/// The functions with one route and with fifty.
const ROUTES: [(&str, &str); 2] = [("one route", "ours_route"), ("50 routes", "ours_routes")];
/// The functions that stream their response.
const STREAMS: [(&str, &str); 2] =
    [("lambda_native", "ours_stream"), ("lambda_runtime", "peer_lambda_runtime_stream")];

/// The functions that handle the messages of a queue.
const BATCHES: [(&str, &str); 2] =
    [("lambda_native", "ours_sqs_static"), ("lambda_runtime", "peer_lambda_runtime_sqs")];

fn main() -> io::Result<()> {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let (starts, rounds) = if quick { (30, 10) } else { (60, 20) };
    let binaries = build()?;
    let builds = if quick {
        Vec::new()
    } else {
        FUNCTIONS
            .iter()
            .map(|(_, package, binary)| clean_build(package, is_static(binary)))
            .collect::<io::Result<_>>()?
    };
    run_on(SHARED)?;
    println!("\n{starts} starts, {rounds} rounds of calls\n");

    let mut columns: Vec<(&str, Vec<f64>)> = Vec::new();
    let functions: Vec<PathBuf> = FUNCTIONS.iter().map(|(.., name)| binaries.join(name)).collect();

    columns.push(("start to first `next` µs", measure_starts(&functions, starts)?));
    for (method, size, calls, names) in [
        ("GET", 0, 1000, ["1.7 kB p50 µs", "1.7 kB p99 µs", "1.7 kB CPU µs per call"]),
        (
            "GET",
            100_000,
            200,
            ["100 kB unread p50 µs", "100 kB unread p99 µs", "100 kB unread CPU µs"],
        ),
        ("POST", 100_000, 200, ["100 kB p50 µs", "100 kB p99 µs", "100 kB CPU µs per call"]),
        ("POST", 5_000_000, 10, ["5 MB p50 µs", "5 MB p99 µs", "5 MB CPU µs per call"]),
    ] {
        let event = event(method, size);
        let measured = measure_calls(&functions, &event, rounds, calls, SHARED)?;
        for (index, name) in names.into_iter().enumerate() {
            columns.push((name, measured.iter().map(|values| values[index]).collect()));
        }
        if size == 0 {
            columns.push(("peak memory kB", measured.iter().map(|values| values[3]).collect()));
            let measured = measure_calls(&functions, &event, rounds, calls, APART)?;
            let times = measured.iter().map(|values| values[0]).collect();
            columns.push(("1.7 kB p50 µs, a CPU each", times));
        }
    }
    let sizes = functions.iter().map(|path| Ok(fs::metadata(path)?.len() as f64 / 1000.0));
    columns.push(("size kB", sizes.collect::<io::Result<_>>()?));
    let crates = FUNCTIONS.iter().map(|(_, package, binary)| crates(package, is_static(binary)));
    columns.push(("crates", crates.collect()));
    if !builds.is_empty() {
        columns.push(("clean release build s", builds));
    }
    let names: Vec<&str> = FUNCTIONS.iter().map(|(name, ..)| *name).collect();
    print_table(&names, &columns);
    let other = fs::metadata(binaries.join("ours_other"))?.len() as f64 / 1000.0;
    println!("Size for {}: {other:.0} kB", TARGETS[1]);

    let streams: Vec<PathBuf> = STREAMS.iter().map(|(_, name)| binaries.join(name)).collect();
    let measured = measure_calls(&streams, &event("GET", 0), rounds, 20, SHARED)?;
    let columns = [("5 MB streamed p50 µs", 0), ("5 MB streamed CPU µs per call", 2)]
        .map(|(name, index)| (name, measured.iter().map(|values| values[index]).collect()));
    println!();
    print_table(&STREAMS.map(|(name, _)| name), &columns);

    let routes: Vec<PathBuf> = ROUTES.iter().map(|(_, name)| binaries.join(name)).collect();
    let starts = measure_starts(&routes, starts)?;
    let measured = measure_calls(&routes, &event("GET", 0), rounds, 1000, SHARED)?;
    let times = measured.iter().map(|values| values[0]).collect();
    let sizes = routes.iter().map(|path| Ok(fs::metadata(path)?.len() as f64 / 1000.0));
    let columns = [
        ("start to first `next` µs", starts),
        ("1.7 kB p50 µs", times),
        ("size kB", sizes.collect::<io::Result<_>>()?),
    ];
    println!();
    print_table(&ROUTES.map(|(name, _)| name), &columns);

    let batches: Vec<PathBuf> = BATCHES.iter().map(|(_, name)| binaries.join(name)).collect();
    let mut columns = Vec::new();
    for (messages, calls, names) in [
        (10, 500, ["10 messages p50 µs", "10 messages CPU µs", "10 messages peak memory kB"]),
        (
            1000,
            20,
            ["1,000 messages p50 µs", "1,000 messages CPU µs", "1,000 messages peak memory kB"],
        ),
    ] {
        let measured = measure_calls(&batches, &batch(messages), rounds, calls, SHARED)?;
        for (name, index) in names.into_iter().zip([0, 2, 3]) {
            columns.push((name, measured.iter().map(|values| values[index]).collect()));
        }
    }
    println!();
    print_table(&BATCHES.map(|(name, _)| name), &columns);
    Ok(())
}

/// The CPU of this process and of the functions that share it.
const SHARED: u32 = 0;
/// The CPU of the functions that do not share it.
const APART: u32 = 1;

/// Pins this process, and those that it starts from now on, to one CPU.
fn run_on(cpu: u32) -> io::Result<()> {
    run(Command::new("taskset")
        .args(["-cp", &cpu.to_string(), &std::process::id().to_string()])
        .stdout(Stdio::null()))
}

/// Builds everything and returns the folder of the binaries.
fn build() -> io::Result<PathBuf> {
    run(cargo().args(["build", "--release", "-p", "ours"]))?;
    // One by one, so that features that one asks of a shared dependency do not reach another.
    run(cargo().args(["build", "--release", "-p", "peer_lambda_runtime"]))?;
    run(cargo().args(["build", "--release", "-p", "peer_lambda_http"]))?;
    run(Command::new("rustup").args(["target", "add"]).args(TARGETS))?;
    let release = target().join("release");
    for (target, binary, name) in [
        (TARGETS[0], "ours", "ours_static"),
        (TARGETS[1], "ours", "ours_other"),
        (TARGETS[0], "ours_sqs", "ours_sqs_static"),
    ] {
        run(cargo()
            .args(["build", "--release", "--bin", binary, "-p", "ours"])
            .args(static_options(target)))?;
        let built = self::target().join(target).join("release").join(binary);
        fs::copy(built, release.join(name))?;
    }
    let floor = Path::new(env!("CARGO_MANIFEST_DIR")).join("../floor/floor.c");
    for (compiler, name) in [("cc", "floor"), ("musl-gcc", "floor_musl")] {
        run(Command::new(compiler)
            .args(["-O2", "-static", "-s", "-o"])
            .arg(release.join(name))
            .arg(&floor))
        .map_err(|error| io::Error::other(format!("{compiler}: {error}")))?;
    }
    Ok(release)
}

/// The arguments with which cargo links statically with musl, as `scaffold build` does.
fn static_options(target: &str) -> [String; 4] {
    let linker = format!("target.{target}.linker=\"rust-lld\"");
    ["--target".to_owned(), target.to_owned(), "--config".to_owned(), linker]
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

/// Tells whether a function is linked with musl.
fn is_static(binary: &str) -> bool {
    binary == "ours_static"
}

/// Counts the crates that a package is built from, its own included.
fn crates(package: &str, is_static: bool) -> f64 {
    let mut command = cargo();
    command.args(["tree", "-e", "normal,build", "--prefix", "none", "-p", package]);
    if is_static {
        command.args(["--target", TARGETS[0]]);
    }
    let output = command.output();
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

/// Measures a clean build of a package in seconds; its dependencies are downloaded already.
fn clean_build(package: &str, is_static: bool) -> io::Result<f64> {
    if package.is_empty() {
        return Ok(f64::NAN);
    }
    let folder = target().join("clean");
    let _ = fs::remove_dir_all(&folder);
    let mut command = cargo();
    command.env("CARGO_TARGET_DIR", &folder).args([
        "build",
        "--quiet",
        "--release",
        "--bin",
        package,
        "-p",
        package,
    ]);
    if is_static {
        command.args(static_options(TARGETS[0]));
    }
    let start = Instant::now();
    run(&mut command)?;
    let seconds = start.elapsed().as_secs_f64();
    fs::remove_dir_all(&folder)?;
    Ok(seconds)
}

/// A function's process and the connections that it has opened.
struct Function {
    child: Child,
    connections: Connections,
    /// The time from the start of the process to its first request.
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
        let mut connections =
            Connections { listener, streams: Vec::new(), current: 0, buffer: Vec::new() };
        connections.receive()?;
        Ok(Self { child, connections, started: start.elapsed() })
    }

    /// Sends an event and returns the time from its first byte to the last byte of the response.
    fn call(&mut self, event: &[u8]) -> io::Result<Duration> {
        let start = Instant::now();
        self.connections.send(event)?;
        self.connections.receive()?;
        let elapsed = start.elapsed();
        self.connections.send(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")?;
        self.connections.receive()?;
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

    /// The peak memory in kB.
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

/// The connections of a function. Those of the peers are a pool: a request can come on a new one while an
/// older one is still open.
struct Connections {
    listener: TcpListener,
    streams: Vec<TcpStream>,
    /// The one with the last request.
    current: usize,
    buffer: Vec<u8>,
}

impl Connections {
    fn send(&mut self, response: &[u8]) -> io::Result<()> {
        self.streams[self.current].write_all(response)
    }

    /// Waits for the beginning of a request, or the end of a connection.
    fn wait(&mut self) -> io::Result<()> {
        const LIMIT: Timespec = Timespec { tv_sec: 60, tv_nsec: 0 };
        loop {
            let mut ready = vec![PollFd::new(&self.listener, PollFlags::IN)];
            ready.extend(self.streams.iter().map(|stream| PollFd::new(stream, PollFlags::IN)));
            if poll(&mut ready, Some(&LIMIT))? == 0 {
                return Err(io::ErrorKind::TimedOut.into());
            }
            let is_ready = |fd: &PollFd<'_>| !fd.revents().is_empty();
            match ready.iter().rposition(is_ready) {
                Some(0) | None => {
                    let stream = self.listener.accept()?.0;
                    stream.set_nodelay(true)?;
                    self.streams.push(stream);
                }
                Some(position) => {
                    self.current = position - 1;
                    return Ok(());
                }
            }
        }
    }

    /// Reads one request to its end.
    fn receive(&mut self) -> io::Result<()> {
        self.buffer.clear();
        let mut room = vec![0; 256 * 1024];
        let (mut head, mut length, mut chunked) = (0, 0, false);
        self.wait()?;
        loop {
            let count = self.streams[self.current].read(&mut room)?;
            if count == 0 && self.buffer.is_empty() {
                self.streams.remove(self.current);
                self.wait()?;
                continue;
            }
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

/// An HTTP API event, with all headers that Lambda sends and a body of `size` bytes. The functions send
/// the body of a `POST` back, and do not read that of a `GET`; the C programs see which it is in a header.
fn event(method: &str, size: usize) -> Vec<u8> {
    let body = match size {
        0 => String::new(),
        _ => format!(r#""body":"{}","#, "0123456789abcdef".repeat(size / 16)),
    };
    let json = include_str!("event.json").replace("$METHOD", method).replace("\"$BODY\",", &body);
    answer(method, &json)
}

/// An event with that many messages of a queue.
fn batch(messages: usize) -> Vec<u8> {
    let message = include_str!("message.json").trim_end();
    let records: Vec<_> =
        (0..messages).map(|number| message.replace("$NUMBER", &format!("{number:012}"))).collect();
    answer("POST", &format!("{{\"Records\":[{}]}}", records.join(",")))
}

/// The answer of the Runtime API with an event.
fn answer(method: &str, json: &str) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\n\
         Content-Type: application/json\r\n\
         Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n\
         Lambda-Runtime-Deadline-Ms: 4102444800000\r\n\
         Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:bench\r\n\
         Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1\r\n\
         Date: Mon, 02 Nov 2026 12:00:00 GMT\r\n\
         Bench-Method: {method}\r\n\
         Content-Length: {}\r\n\r\n",
        json.len()
    );
    [head.as_bytes(), json.as_bytes()].concat()
}

/// The median start of each function in µs.
fn measure_starts(functions: &[PathBuf], count: usize) -> io::Result<Vec<f64>> {
    let mut times = vec![Vec::new(); functions.len()];
    for _ in 0..=count {
        for (function, times) in functions.iter().zip(&mut times) {
            times.push(Function::start(function)?.started);
        }
    }
    // The first start of each also reads the file from the disk.
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

/// Prints a row per figure and a column per function: the value and, in parentheses, the ratio of `lambda_native` to it.
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
    println!("\nIn parentheses: the ratio of `lambda_native` to that column.");
}

fn number(value: f64) -> String {
    if value < 100.0 { format!("{value:.1}") } else { format!("{value:.0}") }
}
