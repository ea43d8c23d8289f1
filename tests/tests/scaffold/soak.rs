//! `scaffold dev` under load: while one version of the function replaces the other, 64 clients get the right
//! responses on connections that stay open, and neither memory nor descriptors grow.
//!
//! The test is ignored. `SOAK_SECONDS` sets its duration:
//!
//! ```text
//! SOAK_SECONDS=300 cargo test -p lambda-native-tests --test scaffold soak:: -- --ignored --nocapture
//! ```

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use lambda_native_tests::dev::{Dev, ONE_FUNCTION, SocketProject};
use lambda_native_tests::wait::wait_for;

const CLIENTS: usize = 64;
/// The number of builds after which memory must not grow any more.
const WARM: usize = 4;
/// The number of bytes that the log can hold while it waits for its reader.
const GROWTH: u64 = 16 * 1024 * 1024;

#[test]
#[ignore = "takes 20 seconds; `.ci/run soak` runs it"]
fn serves_many_clients_while_it_rebuilds() {
    let seconds = std::env::var("SOAK_SECONDS").map_or(20, |seconds| seconds.parse().unwrap());
    let project = SocketProject::new(ONE_FUNCTION);
    let dev = project.dev(&[]);
    let descriptors = dev.descriptors();
    let started = Instant::now();
    let is_over = AtomicBool::new(false);
    let mut builds = 1;
    let mut warm = None;
    let responses: usize = thread::scope(|scope| {
        let serve = |client| {
            let mut client = Client::new(&dev, client);
            while !is_over.load(Ordering::Relaxed) {
                client.ask();
            }
            client.asked
        };
        let clients: Vec<_> =
            (0..CLIENTS).map(|client| scope.spawn(move || serve(client))).collect();
        while builds <= WARM || started.elapsed() < Duration::from_secs(seconds) {
            let version = format!("version {builds}");
            project.write_version(&version);
            wait_for(|| dev.get("/do/version").pair() == (200, &version));
            builds += 1;
            if builds == WARM {
                warm = Some(dev.peak_memory());
            }
        }
        is_over.store(true, Ordering::Relaxed);
        clients.into_iter().map(|client| client.join().unwrap()).sum()
    });

    let (warm, last) = (warm.unwrap(), dev.peak_memory());
    println!("{responses} responses and {builds} builds in {:.1?}", started.elapsed());
    println!("peak memory: {warm} bytes after {WARM} builds, {last} at the end");
    assert!(last <= warm + GROWTH);
    // The next version has no instance yet.
    project.write_version("last");
    wait_for(|| dev.descriptors() <= descriptors);
}

/// A client with one connection.
struct Client {
    number: usize,
    stream: BufReader<TcpStream>,
    asked: usize,
}

impl Client {
    fn new(dev: &Dev, number: usize) -> Self {
        Self { number, stream: BufReader::new(dev.connect()), asked: 0 }
    }

    /// Sends a request, by turns to the API and to Lambda's, and checks the response.
    fn ask(&mut self) {
        let own = format!("{}/{}", self.number, self.asked);
        if self.asked.is_multiple_of(2) {
            let event = self.send(&format!("GET /{own}"), "");
            assert!(event.contains(&format!("\"rawPath\":\"/{own}\"")), "{own}: {event}");
        } else {
            let event = format!("\"{own}\"");
            let echo = self.send("POST /2015-03-31/functions/Main/invocations", &event);
            assert_eq!(echo, event);
        }
        self.asked += 1;
    }

    fn send(&mut self, call: &str, body: &str) -> String {
        let length = body.len();
        let request =
            format!("{call} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{body}");
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(self.stream.read_line(&mut head).unwrap(), 0, "{call}: {head}");
        }
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{call}: {head}");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        self.stream.read_exact(&mut body).unwrap();
        String::from_utf8(body).unwrap()
    }
}
