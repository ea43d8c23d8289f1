//! Bodies of requests and responses.

use std::io;
use std::time::Duration;

use http_body_util::channel::Channel;
use http_body_util::{BodyExt, Either, Full, LengthLimitError, Limited};
use hyper::StatusCode;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use tokio::time::timeout;

/// The time for the whole body of a request: enough for the largest event at half a megabit per second.
const TIME: Duration = Duration::from_mins(2);

/// The body of a request: from a connection, or from the console.
pub(super) type RequestBody = Either<Incoming, Full<Bytes>>;

/// A response to a client, complete or streamed.
pub(super) type HttpResponse = hyper::Response<Either<Full<Bytes>, Channel<Bytes, io::Error>>>;

/// Why a request's body could not be read.
pub(super) enum ReadError {
    TooLarge,
    TooSlow,
    /// The client has closed the connection.
    Closed,
}

/// Reads a body of at most `limit` bytes.
pub(super) async fn read(body: RequestBody, limit: usize) -> Result<Bytes, ReadError> {
    match timeout(TIME, Limited::new(body, limit).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(ReadError::TooLarge),
        Ok(Err(_)) => Err(ReadError::Closed),
        Err(_) => Err(ReadError::TooSlow),
    }
}

/// A response of the gateway.
pub(super) fn complete(response: hyper::Response<Vec<u8>>) -> HttpResponse {
    response.map(|body| Either::Left(Full::from(body)))
}

/// A response of this program itself.
pub(super) fn plain(status: StatusCode, text: impl Into<Bytes>) -> HttpResponse {
    let mut response = HttpResponse::new(Either::Left(Full::new(text.into())));
    *response.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::local::connections::{self, ClientLimits};

    // The clock moves on by itself while everything waits.
    #[tokio::test(start_paused = true)]
    async fn does_not_wait_forever_for_the_rest_of_a_body() -> io::Result<()> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let limits = Some(ClientLimits::new(true));
        tokio::spawn(connections::serve(listener, limits, |request, _| async {
            match read(Either::Left(request.into_body()), 10).await {
                Err(ReadError::TooSlow) => plain(StatusCode::REQUEST_TIMEOUT, ""),
                _ => plain(StatusCode::OK, ""),
            }
        }));
        for (body, status) in [("whole", "200 OK"), ("part", "408 Request Timeout")] {
            let mut client = TcpStream::connect(address).await?;
            let head =
                "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\n";
            client.write_all((head.to_owned() + body).as_bytes()).await?;
            let mut response = String::new();
            client.read_to_string(&mut response).await?;
            assert!(response.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{response}");
        }
        Ok(())
    }
}
