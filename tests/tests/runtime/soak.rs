//! Many invocations of one process: every response is checked, and in the end the process holds no more
//! memory and no more descriptors than after the first thousand invocations.
//!
//! The test is ignored: a million invocations take minutes. `SOAK` sets the number:
//!
//! ```text
//! SOAK=100000 cargo test -p lambda-native-tests --test runtime soak:: -- --ignored --nocapture
//! ```

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::thread;
use std::time::Instant;

use lambda_native_tests::command::program;

/// The number of invocations after which the process must not grow any more.
const WARM: u64 = 1_000;
/// The precision with which the kernel counts resident memory and its peak on two CPUs: it adds up two
/// counters, one for anonymous memory and one for files, each precise to 256 kB.
const GROWTH_KB: u64 = 512;

#[test]
#[ignore = "takes minutes; `.ci/run soak` runs 100,000"]
fn does_not_grow_over_many_invocations() {
    let count = std::env::var("SOAK").map_or(1_000_000, |count| count.parse().unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut function = Running(
        program(env!("CARGO_BIN_EXE_function-faults"))
            .env("AWS_LAMBDA_RUNTIME_API", listener.local_addr().unwrap().to_string())
            // Otherwise glibc would learn to keep blocks of the size of the largest payloads, and memory
            // would grow in steps of that size.
            .env("MALLOC_MMAP_THRESHOLD_", "131072")
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    // There is one line for each failure, and for each response that was not accepted.
    let stderr = BufReader::new(function.0.stderr.take().unwrap());
    let lines = thread::spawn(move || stderr.lines().map(Result::unwrap).count());

    let mut api = Api::new(listener);
    let started = Instant::now();
    let mut warm = None;
    let mut tally = Tally::default();
    for number in 0..count {
        if number == WARM {
            warm = Some(Held::by(&function.0));
        }
        api.invoke(number, &mut tally);
    }
    // The function asks for the next event: the last invocation is over.
    assert!(api.receive().starts_with("GET "));
    let (warm, last) = (warm.unwrap(), Held::by(&function.0));
    let seconds = started.elapsed().as_secs_f64();
    drop(function);
    let lines = lines.join().unwrap();

    println!("{count} invocations in {seconds:.1} s; {tally:?}");
    println!("after {WARM}: {warm:?}");
    println!("at the end: {last:?}");
    assert_eq!(u64::try_from(lines).unwrap(), tally.failures + tally.panics + tally.not_taken);
    assert_eq!(tally.connections, 1 + tally.closed + tally.hung_up);
    assert_eq!(last.descriptors, warm.descriptors);
    assert!(last.resident_kb <= warm.resident_kb + GROWTH_KB, "{warm:?}, then {last:?}");
    assert!(last.peak_kb <= warm.peak_kb + GROWTH_KB, "{warm:?}, then {last:?}");
}

/// The number of invocations of each kind.
#[derive(Debug, Default)]
struct Tally {
    replies: u64,
    failures: u64,
    panics: u64,
    not_taken: u64,
    closed: u64,
    hung_up: u64,
    connections: u64,
    megabytes: u64,
    bytes: u64,
}

/// The resources that the process holds.
#[derive(Debug)]
struct Held {
    resident_kb: u64,
    peak_kb: u64,
    descriptors: usize,
}

impl Held {
    fn by(process: &Child) -> Self {
        let folder = format!("/proc/{}", process.id());
        let status = fs::read_to_string(format!("{folder}/status")).unwrap();
        let kb = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
        };
        Self {
            resident_kb: kb("VmRSS:"),
            peak_kb: kb("VmHWM:"),
            descriptors: fs::read_dir(format!("{folder}/fd")).unwrap().count(),
        }
    }
}

/// A Runtime API on the thread of the test.
struct Api {
    listener: TcpListener,
    stream: Option<BufReader<TcpStream>>,
    random: Random,
    body: Vec<u8>,
}

impl Api {
    fn new(listener: TcpListener) -> Self {
        Self { listener, stream: None, random: Random(1), body: Vec::new() }
    }

    fn invoke(&mut self, number: u64, tally: &mut Tally) {
        if number % 997 == 5 {
            // Closes the connection without an answer, after which the function asks again.
            self.request("GET", "/2018-06-01/runtime/invocation/next", tally);
            self.stream = None;
            tally.hung_up += 1;
        }
        self.request("GET", "/2018-06-01/runtime/invocation/next", tally);

        // The first thousand contain all kinds, and the longest with and without chunks.
        let order = match number % 50 {
            7 => format!("fail Number{number}"),
            13 => format!("panic number {number}"),
            _ if number % 5_000 == 250 || number == 753 => "=0123456é\n".repeat(100_000),
            _ if number % 500 == 125 => self.random.text(100_000),
            _ => self.random.text(1_000),
        };
        let event = if number % 50 == 21 { format!("[{number}]") } else { json(&order) };
        let closes = number % 1_009 == 17;
        self.send_event(number, &event, closes);
        tally.bytes += event.len() as u64;
        tally.megabytes = tally.bytes / 1_000_000;
        if closes {
            self.stream = None;
            tally.closed += 1;
        }

        let call = |call: &str| format!("/2018-06-01/runtime/invocation/{number}/{call}");
        let (call, expected) = match number % 50 {
            7 => (call("error"), report(&format!("Number{number}"), "as told")),
            13 => (call("error"), report("Panic", &format!("number {number}"))),
            21 => (
                call("error"),
                report(
                    "Runtime.UnmarshalError",
                    "cannot read the event: invalid type: sequence, expected a string at line 1 \
                     column 0",
                ),
            ),
            _ => (call("response"), event),
        };
        self.request("POST", &call, tally);
        let body = String::from_utf8_lossy(&self.body);
        if number % 50 == 13 {
            // The position of the panic follows.
            let stack = body.strip_prefix(expected.strip_suffix("]}").unwrap());
            let stack = stack.unwrap_or_else(|| panic!("{number}: {body}"));
            assert!(stack.starts_with("\"at tests/functions/faults.rs:"), "{stack}");
            tally.panics += 1;
        } else {
            assert!(body == expected, "{number}: {body:.300}, not {expected:.300}");
            *if number % 50 == 7 || number % 50 == 21 {
                &mut tally.failures
            } else {
                &mut tally.replies
            } += 1;
        }
        let answer = if number % 300 == 299 {
            tally.not_taken += 1;
            "HTTP/1.1 413 -\r\nContent-Length: 2\r\n\r\nno"
        } else {
            "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
        };
        self.send(answer.as_bytes());
    }

    /// Sends an event; every third one is chunked.
    fn send_event(&mut self, number: u64, event: &str, closes: bool) {
        let mut answer = format!(
            "HTTP/1.1 200 OK\r\n\
             Lambda-Runtime-Aws-Request-Id: {number}\r\n\
             Lambda-Runtime-Deadline-Ms: 4102444800000\r\n\
             Lambda-Runtime-Trace-Id: Root=1-{number:08x}-bd862e3fe1be46a994272793\r\n"
        );
        if closes {
            answer.push_str("Connection: close\r\n");
        }
        if number.is_multiple_of(3) {
            answer.push_str("Transfer-Encoding: chunked\r\n\r\n");
            let mut rest = event;
            while !rest.is_empty() {
                let mut end = rest.len().min(60_000);
                while !rest.is_char_boundary(end) {
                    end -= 1;
                }
                let (chunk, more) = rest.split_at(end);
                write!(answer, "{:x}\r\n{chunk}\r\n", chunk.len()).unwrap();
                rest = more;
            }
            answer.push_str("0\r\n\r\n");
        } else {
            write!(answer, "Content-Length: {}\r\n\r\n{event}", event.len()).unwrap();
        }
        self.send(answer.as_bytes());
    }

    fn send(&mut self, bytes: &[u8]) {
        self.stream.as_mut().unwrap().get_mut().write_all(bytes).unwrap();
    }

    /// Receives a request, and asserts that it is this one.
    #[track_caller]
    fn request(&mut self, method: &str, path: &str, tally: &mut Tally) {
        if self.stream.is_none() {
            let (stream, _) = self.listener.accept().unwrap();
            stream.set_nodelay(true).unwrap();
            self.stream = Some(BufReader::with_capacity(64 * 1024, stream));
            tally.connections += 1;
        }
        assert_eq!(self.receive(), format!("{method} {path} HTTP/1.1"));
    }

    /// Receives a request, keeps its body, and returns its first line.
    fn receive(&mut self) -> String {
        let stream = self.stream.as_mut().unwrap();
        let mut line = |text: &mut String| {
            text.clear();
            stream.read_line(text).unwrap();
            text.truncate(text.trim_end().len());
        };
        let (mut first, mut next, mut length) = (String::new(), String::new(), 0);
        line(&mut first);
        loop {
            line(&mut next);
            if next.is_empty() {
                break;
            }
            if let Some(value) = next.strip_prefix("Content-Length: ") {
                length = value.parse().unwrap();
            }
        }
        self.body.resize(length, 0);
        stream.read_exact(&mut self.body).unwrap();
        first
    }
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn report(error_type: &str, message: &str) -> String {
    format!(r#"{{"errorType":"{error_type}","errorMessage":"{message}","stackTrace":[]}}"#)
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

/// Reproducible random numbers (xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A text of up to `most` bytes, with characters that JSON escapes and characters beyond ASCII.
    fn text(&mut self, most: u64) -> String {
        const PARTS: [&str; 8] =
            ["0123456789", "abc ", "\"", "\n", "é€🍵", "\\u0000", "\u{1}", "{\"a\":[1,2]}"];
        let length = usize::try_from(self.next() % most).unwrap();
        let mut text = String::with_capacity(length + 16);
        // No order of the function begins like this.
        text.push('=');
        while text.len() < length {
            let mut parts = self.next();
            for _ in 0..16 {
                text.push_str(PARTS[usize::try_from(parts % 8).unwrap()]);
                parts >>= 3;
            }
        }
        text
    }
}
