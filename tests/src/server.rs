//! Servers that other programs run, on addresses of this machine.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use crate::command::program;
use crate::wait::wait_for;

/// Free addresses. It is unlikely that another program takes one before the server does.
#[must_use]
pub fn free_addresses<const N: usize>() -> [SocketAddr; N] {
    [(); N]
        .map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap())
        .map(|listener| listener.local_addr().unwrap())
}

/// A free address.
#[must_use]
pub fn free_address() -> SocketAddr {
    let [address] = free_addresses();
    address
}

/// A server, stopped when dropped.
#[derive(Debug)]
pub struct Server(Child);

impl Server {
    /// Starts a server, and waits until it listens at the address.
    #[must_use]
    pub fn start(mut command: Command, address: SocketAddr) -> Self {
        let mut server = Self(command.stdin(Stdio::null()).spawn().expect("the server starts"));
        wait_for(|| {
            assert!(server.0.try_wait().unwrap().is_none(), "{command:?} has ended");
            TcpStream::connect(address).is_ok()
        });
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Unlike a kill, a request to end lets it end what it has started: SAM its containers, the
        // Runtime Interface Emulator and cargo lambda the function.
        let _ = program("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

/// Sends a `GET`, and returns the status and the body of the response.
#[must_use]
pub fn get(address: SocketAddr, path: &str) -> (u16, String) {
    request(address, &format!("GET {path}"), "")
}

/// Sends a `POST`, and returns the status and the body of the response.
#[must_use]
pub fn post(address: SocketAddr, path: &str, body: &str) -> (u16, String) {
    request(address, &format!("POST {path}"), body)
}

fn request(address: SocketAddr, call: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let head = format!("{call} HTTP/1.0\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all((head + body).as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap_or((&response, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("{response:?} is not HTTP")), body.to_owned())
}
