//! Accepts connections and serves HTTP/1.1 on them.

use std::convert::Infallible;
use std::error::Error;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_io_timeout::TimeoutStream;

/// The pauses after the first and after later failures to accept a connection: too many files are open.
const PAUSES: [Duration; 2] = [Duration::from_millis(10), Duration::from_secs(1)];

/// The longest time for which a client can leave a response unread: within Lambda's longest timeout, AWS
/// has ended every response.
const UNREAD: Duration = Duration::from_mins(15);

/// The most headers of a request. Their size has a limit of its own in API Gateway, their number has not.
const MAX_HEADERS: usize = 1000;

/// The addresses of the two ends of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ends {
    pub(super) client: IpAddr,
    /// The address of this machine that the client has connected to.
    pub(super) local: IpAddr,
}

/// The limits for clients that nobody controls.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClientLimits {
    /// The time for the head of a request, from the end of the previous one.
    head: Duration,
    /// The time for which a client can leave a response unread; `None` without a limit.
    unread: Option<Duration>,
    /// The number of connections. Beyond it, idle ones are closed, and further clients wait.
    connections: usize,
}

impl ClientLimits {
    /// Half of the files that this process can open are for clients, the rest for functions and builds. While
    /// functions are debugged, their clients can stand in a debugger too, without reading.
    pub(super) fn new(debug: bool) -> Self {
        const MAX_CONNECTIONS: usize = 16 * 1024;
        #[cfg(unix)]
        let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        #[cfg(not(unix))]
        let files: Option<u64> = None;
        let half = files.and_then(|files| usize::try_from(files / 2).ok());
        Self {
            head: Duration::from_secs(20),
            unread: (!debug).then_some(UNREAD),
            connections: half.unwrap_or(MAX_CONNECTIONS).clamp(1, MAX_CONNECTIONS),
        }
    }
}

/// Answers the requests of all clients until this future is dropped. Then the connections are closed too.
/// Without limits, clients can take their time: a function computes between its requests.
pub(super) async fn serve<B, F>(
    listener: TcpListener,
    limits: Option<ClientLimits>,
    answer: impl Fn(Request<Incoming>, Ends) -> F + Send + Sync + 'static,
) where
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
{
    let answer = Arc::new(answer);
    let mut http = http1::Builder::new();
    if let Some(limits) = limits {
        http.timer(TokioTimer::new()).header_read_timeout(limits.head);
        http.max_headers(MAX_HEADERS);
    }
    // Tells the connections to close as soon as they are idle.
    let full = watch::Sender::new(());
    let mut connections = JoinSet::new();
    let [mut pause, max_pause] = PAUSES;
    loop {
        let (stream, client) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(_) => {
                    if limits.is_some() {
                        full.send_replace(());
                    }
                    sleep(pause).await;
                    pause = max_pause.min(pause * 2);
                    continue;
                }
            },
            Some(_) = connections.join_next() => continue,
        };
        [pause, _] = PAUSES;
        let Ok(local) = stream.local_addr() else { continue };
        let ends = Ends { client: client.ip(), local: local.ip() };
        while limits.is_some_and(|limits| connections.len() >= limits.connections) {
            full.send_replace(());
            connections.join_next().await;
        }

        let answer = Arc::clone(&answer);
        let http = http.clone();
        let mut full = full.subscribe();
        connections.spawn(async move {
            // Otherwise a response can wait for the acknowledgement of the previous one. A failure
            // costs time only.
            let _ = stream.set_nodelay(true);
            let service = service_fn(|request| {
                let response = answer(request, ends);
                async move { Ok::<_, Infallible>(response.await) }
            });
            let mut stream = TimeoutStream::new(stream);
            stream.set_write_timeout(limits.and_then(|limits| limits.unread));
            let io = TokioIo::new(Box::pin(stream));
            let mut connection = pin!(http.serve_connection(io, service));
            // A client can close its connection at any time.
            tokio::select! {
                _ = &mut connection => {}
                Ok(()) = full.changed() => {
                    connection.as_mut().graceful_shutdown();
                    let _ = connection.await;
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::net::{Ipv4Addr, SocketAddr};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    /// Serves with at most this many connections, and returns the address.
    async fn start(connections: usize) -> io::Result<SocketAddr> {
        let limits = ClientLimits { connections, ..ClientLimits::new(false) };
        start_with(limits, |_, _| async { Response::new("answered".to_owned()) }).await
    }

    async fn start_with<F>(
        limits: ClientLimits,
        answer: impl Fn(Request<Incoming>, Ends) -> F + Send + Sync + 'static,
    ) -> io::Result<SocketAddr>
    where
        F: Future<Output = Response<String>> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        tokio::spawn(serve(listener, Some(limits), answer));
        Ok(address)
    }

    async fn get(client: &mut TcpStream) -> io::Result<String> {
        client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await?;
        let mut response = String::new();
        client.read_to_string(&mut response).await?;
        Ok(response)
    }

    // The clock moves on by itself while everything waits.
    #[tokio::test(start_paused = true)]
    async fn closes_connections_whose_request_does_not_arrive() -> io::Result<()> {
        let address = start(10).await?;
        for part in ["", "GET / HTTP/1.1\r\nHost: "] {
            let mut client = TcpStream::connect(address).await?;
            client.write_all(part.as_bytes()).await?;
            assert_eq!(client.read(&mut [0]).await?, 0, "{part}");
        }
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn cuts_off_clients_that_do_not_read() -> io::Result<()> {
        /// More than the buffers of both sockets hold.
        const LENGTH: usize = 64 * 1024 * 1024;
        for (debug, is_whole) in [(false, false), (true, true)] {
            let limits = ClientLimits::new(debug);
            let answer = |_, _| async { Response::new("x".repeat(LENGTH)) };
            let mut client = TcpStream::connect(start_with(limits, answer).await?).await?;
            client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await?;
            sleep(UNREAD * 2).await;
            let mut response = Vec::new();
            // A connection that is cut off can end with an error.
            let _ = client.read_to_end(&mut response).await;
            assert_eq!(response.len() > LENGTH, is_whole, "{debug}");
        }
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn waits_for_slow_functions() -> io::Result<()> {
        let answer = |_, _| async {
            sleep(UNREAD * 2).await;
            Response::new("answered".to_owned())
        };
        let address = start_with(ClientLimits::new(false), answer).await?;
        let mut client = TcpStream::connect(address).await?;
        assert!(get(&mut client).await?.ends_with("answered"));
        Ok(())
    }

    #[tokio::test]
    async fn idle_clients_make_room_for_others() -> io::Result<()> {
        let address = start(2).await?;
        let mut idle = Vec::new();
        for _ in 0..64 {
            idle.push(TcpStream::connect(address).await?);
        }
        let mut client = TcpStream::connect(address).await?;
        assert!(get(&mut client).await?.ends_with("answered"));
        Ok(())
    }
}
