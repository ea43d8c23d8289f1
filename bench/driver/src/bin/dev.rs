//! Benchmarks `scaffold dev` beside its peers in one run: `cargo run --release --bin dev` in `bench/`.
//!
//! Each program serves the same function, built in the same way, and gets the same requests: Lambda's
//! Invoke API, which all of them have, with a 1.7 kB event. Rounds are interleaved, so that a drift of the
//! machine's speed affects all of them alike; quote the ratios. The second part measures the time from
//! saving a source file to the first response of the new version, beside what cargo takes for the same.
//! `CARGO_LAMBDA` and `AWS_LAMBDA_RIE` name the programs to compare with; one that is not named is left
//! out. `--quick` does less of everything.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(300);

fn main() -> io::Result<()> {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let (rounds, calls, saves) = if quick { (3, 800, 3) } else { (8, 2000, 7) };
    let scaffold = scaffold()?;
    let cargo_lambda = std::env::var_os("CARGO_LAMBDA").map(PathBuf::from);
    let watched = Project::new("watched")?;
    let event = include_str!("../event.json").replace("$METHOD", "GET").replace("\"$BODY\",", "");

    watched.build(&["--release"])?;
    let mut servers = vec![
        Server::scaffold(&scaffold, &watched, &["--release"])?,
        Server::scaffold(&scaffold, &watched, &["--release", "--no-console"])?,
    ];
    if let Some(program) = &cargo_lambda {
        servers.push(Server::cargo_lambda(program, &watched, &["--release"])?);
    }
    if let Some(program) = std::env::var_os("AWS_LAMBDA_RIE") {
        servers.push(Server::emulator(Path::new(&program), &watched)?);
    }
    println!("\n{rounds} rounds of {calls} calls\n");
    let names: Vec<_> = servers.iter().map(|server| server.name).collect();
    println!("| | {} |\n|---|{}", names.join(" | "), "---|".repeat(names.len()));
    for connections in [1, 16] {
        let mut loads: Vec<Load> = servers.iter().map(|_| Load::default()).collect();
        for _ in 0..rounds {
            for (server, all) in servers.iter().zip(&mut loads) {
                all.add(load(server, &event, connections, calls));
            }
        }
        let row = |what: &str, value: &mut dyn FnMut(&mut Load) -> f64| {
            let cells: Vec<_> =
                loads.iter_mut().map(|load| format!("{:.0}", value(load))).collect();
            println!("| {what}, {connections} connections | {} |", cells.join(" | "));
        };
        rows(row);
    }
    drop(servers);

    let plain = Project::new("plain")?;
    plain.build(&[])?;
    let (mut cargo, mut ours, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..saves {
        plain.save(&format!("version {round}"))?;
        let started = Instant::now();
        plain.build(&[])?;
        cargo.push(started.elapsed());
        // One server at a time: each has cargo build.
        let server = Server::scaffold(&scaffold, &watched, &[])?;
        ours.push(watched.save_to_answer(&server, &event, &format!("ours {round}"))?);
        drop(server);
        if let Some(program) = &cargo_lambda {
            let server = Server::cargo_lambda(program, &watched, &[])?;
            theirs.push(watched.save_to_answer(&server, &event, &format!("theirs {round}"))?);
        }
    }
    println!("\n| save to answer, ms | median | each |\n|---|---|---|");
    for (name, mut times) in
        [("cargo build alone", cargo), ("scaffold dev", ours), ("cargo lambda watch", theirs)]
    {
        times.sort();
        let each: Vec<_> = times.iter().map(|time| time.as_millis().to_string()).collect();
        println!(
            "| {name} | {} | {} |",
            each.get(each.len() / 2).map_or("–", |it| it),
            each.join(" ")
        );
    }
    Ok(())
}

fn rows(mut row: impl FnMut(&str, &mut dyn FnMut(&mut Load) -> f64)) {
    row("requests/s", &mut |load| load.times.len() as f64 / load.took.as_secs_f64());
    row("p50 µs", &mut |load| load.percentile(0.5));
    row("p99 µs", &mut |load| load.percentile(0.99));
    row("failed", &mut |load| load.failed as f64);
}

/// A project with the function of this bench.
struct Project {
    folder: PathBuf,
}

impl Project {
    fn new(name: &str) -> io::Result<Self> {
        let folder = target().join(name);
        let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runtime").canonicalize()?;
        fs::create_dir_all(folder.join("src"))?;
        fs::write(
            folder.join("Cargo.toml"),
            format!(
                "[package]\nname = \"bench-dev\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
                 [[bin]]\nname = \"bootstrap\"\npath = \"src/main.rs\"\n\
                 [dependencies]\nlambda-native = {{ path = \"{}\" }}\n[workspace]\n",
                runtime.display()
            ),
        )?;
        let project = Self { folder };
        project.save("first")?;
        Ok(project)
    }

    /// Makes the function respond with this version.
    fn save(&self, version: &str) -> io::Result<()> {
        let source = format!(
            "use lambda_native::http::{{Request, Response}};\nuse lambda_native::lambda_handler;\n\n\
             #[lambda_handler(http)]\nasync fn answer(request: Request<'_>) -> Response {{\n    \
             Response::new(200).with_body(format!(\"{{}}: version {version}.\", request.path()))\n}}\n"
        );
        fs::write(self.folder.join("src/main.rs"), source)
    }

    fn save_to_answer(&self, server: &Server, event: &str, version: &str) -> io::Result<Duration> {
        self.save(version)?;
        let started = Instant::now();
        let version = format!("version {version}.");
        while !server.call(event).is_ok_and(|answer| answer.contains(&version)) {
            assert!(started.elapsed() < PATIENCE, "{}: no new version", server.name);
            thread::sleep(Duration::from_millis(1));
        }
        Ok(started.elapsed())
    }

    fn build(&self, arguments: &[&str]) -> io::Result<()> {
        run(self.command("cargo").args(["build", "--quiet"]).args(arguments))
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).env_remove("CARGO_TARGET_DIR");
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("CARGO_PKG") {
                command.env_remove(name);
            }
        }
        command
    }
}

/// A program that serves Lambda's Invoke API.
struct Server {
    name: &'static str,
    function: &'static str,
    address: SocketAddr,
    process: Child,
}

impl Server {
    fn scaffold(program: &Path, project: &Project, arguments: &[&str]) -> io::Result<Self> {
        let has_console = !arguments.contains(&"--no-console");
        let name = if has_console { "scaffold dev" } else { "scaffold dev --no-console" };
        let address = free_address()?;
        let mut command = project.command(program);
        command.args(["dev", "--port", &address.port().to_string()]).args(arguments);
        Self::start(name, "bench-dev", address, command)
    }

    fn cargo_lambda(program: &Path, project: &Project, arguments: &[&str]) -> io::Result<Self> {
        let address = free_address()?;
        let mut command = project.command(program);
        command.args(["lambda", "watch", "--invoke-address", "127.0.0.1", "--invoke-port"]);
        command.arg(address.port().to_string()).args(arguments);
        Self::start("cargo lambda watch", "bootstrap", address, command)
    }

    fn emulator(program: &Path, project: &Project) -> io::Result<Self> {
        let (address, api) = (free_address()?, free_address()?);
        let mut command = project.command(program);
        command
            .args(["--log-level", "error"])
            .args(["--runtime-interface-emulator-address", &address.to_string()])
            .args(["--runtime-api-address", &api.to_string()])
            .arg(project.folder.join("target/release/bootstrap"))
            .env("AWS_LAMBDA_FUNCTION_NAME", "function");
        Self::start("RIE", "function", address, command)
    }

    /// Starts it and waits for its first response.
    fn start(
        name: &'static str,
        function: &'static str,
        address: SocketAddr,
        mut command: Command,
    ) -> io::Result<Self> {
        const EVENT: &str = r#"{"version":"2.0","rawPath":"/","requestContext":{"http":{"method":"GET","path":"/"}}}"#;
        let log = fs::File::create(target().join(format!("{name}.log")))?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).process_group(0);
        let server = Self { name, function, address, process: command.spawn()? };
        let started = Instant::now();
        while !server.call(EVENT).is_ok_and(|answer| answer.contains("version")) {
            assert!(started.elapsed() < PATIENCE, "{name} does not answer");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    fn call(&self, event: &str) -> io::Result<String> {
        Client::connect(self)?.call(&self.request(event))
    }

    fn request(&self, event: &str) -> Vec<u8> {
        format!(
            "POST /2015-03-31/functions/{}/invocations HTTP/1.1\r\nHost: {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{event}",
            self.function,
            self.address,
            event.len()
        )
        .into_bytes()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its process group, which includes what it has started.
        for signal in ["TERM", "KILL"] {
            let group = format!("-{}", self.process.id());
            let mut kill = Command::new("kill");
            let _ = kill.args(["-s", signal, "--", &group]).stderr(Stdio::null()).status();
            thread::sleep(Duration::from_millis(200));
        }
        let _ = self.process.wait();
    }
}

struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    fn connect(server: &Server) -> io::Result<Self> {
        let stream = TcpStream::connect(server.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self { stream, buffer: vec![0; 64 * 1024] })
    }

    /// Returns the body of the response, or an error if its status is not 200.
    fn call(&mut self, request: &[u8]) -> io::Result<String> {
        self.stream.write_all(request)?;
        let mut read = 0;
        loop {
            let count = self.stream.read(&mut self.buffer[read..])?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            read += count;
            let bytes = &self.buffer[..read];
            let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length = head.split("\r\n").find_map(|line| line.strip_prefix("content-length:"));
            let is_whole = match length {
                Some(length) => read >= end + 4 + length.trim().parse::<usize>().unwrap_or(0),
                None => bytes.ends_with(b"0\r\n\r\n"),
            };
            if is_whole {
                let body = String::from_utf8_lossy(&bytes[end + 4..]).into_owned();
                let is_ok = head.split(' ').nth(1) == Some("200");
                return if is_ok { Ok(body) } else { Err(io::Error::other(body)) };
            }
        }
    }
}

/// The calls of one server.
#[derive(Default)]
struct Load {
    times: Vec<Duration>,
    took: Duration,
    failed: usize,
}

impl Load {
    fn add(&mut self, other: Self) {
        self.times.extend(other.times);
        self.took += other.took;
        self.failed += other.failed;
    }

    fn percentile(&mut self, part: f64) -> f64 {
        self.times.sort();
        let index = ((self.times.len().max(1) - 1) as f64 * part).round() as usize;
        self.times.get(index).map_or(f64::NAN, |time| time.as_secs_f64() * 1e6)
    }
}

fn load(server: &Server, event: &str, connections: usize, calls: usize) -> Load {
    let request = server.request(event);
    let started = Instant::now();
    let one = || {
        let mut load = Load::default();
        let mut client = Client::connect(server);
        for _ in 0..calls / connections {
            let started = Instant::now();
            if let Ok(Ok(_)) = client.as_mut().map(|client| client.call(&request)) {
                load.times.push(started.elapsed());
            } else {
                load.failed += 1;
                client = Client::connect(server);
            }
        }
        load
    };
    let mut all = Load::default();
    thread::scope(|scope| {
        let clients: Vec<_> = (0..connections).map(|_| scope.spawn(one)).collect();
        for client in clients {
            all.add(client.join().unwrap_or_default());
        }
    });
    all.took = started.elapsed();
    all
}

fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// The optimised `scaffold`: the one that `SCAFFOLD` names, or this workspace's.
fn scaffold() -> io::Result<PathBuf> {
    if let Some(program) = std::env::var_os("SCAFFOLD") {
        return Ok(program.into());
    }
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let built = target().join("scaffold");
    let mut cargo = Command::new("cargo");
    cargo.current_dir(workspace).env("CARGO_TARGET_DIR", &built);
    run(cargo.args(["build", "--release", "--package", "lambda-native-scaffold"]))?;
    Ok(built.join("release/scaffold"))
}

fn target() -> PathBuf {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(default, PathBuf::from);
    let folder = target.join("dev-bench");
    fs::create_dir_all(&folder).ok();
    folder.canonicalize().unwrap_or(folder)
}

fn run(command: &mut Command) -> io::Result<()> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{command:?}: {status}"))) }
}
