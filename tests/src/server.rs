//! Servers of other makers, on addresses of this machine.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to listen: a slow machine's time for SAM to start its containers.
const PATIENCE: Duration = Duration::from_secs(90);

/// An address that nobody uses; that another program takes it before the server does is unlikely.
#[must_use]
pub fn free_address() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

/// A server, stopped when dropped.
#[derive(Debug)]
pub struct Server(Child);

impl Server {
    /// Starts it, and waits until it listens at the address.
    #[must_use]
    pub fn start(mut command: Command, address: SocketAddr) -> Self {
        let mut server = Self(command.stdin(Stdio::null()).spawn().expect("it starts"));
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            assert!(server.0.try_wait().unwrap().is_none(), "{command:?} has ended");
            assert!(Instant::now() < deadline, "{command:?} does not listen");
            std::thread::sleep(Duration::from_millis(100));
        }
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked to end, it ends what it has started: SAM its containers, cargo lambda the function.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

/// What a server answers to a `GET`: the status and the body.
#[must_use]
pub fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("{answer:?} is no HTTP")), body.to_owned())
}
