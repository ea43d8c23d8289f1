//! An API whose program and handlers are wrapped, with a hook after each invocation.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use lambda_native::http::{self, Problem, Request, Response};
use lambda_native::{Context, Error, lambda_handler};

/// Answers preflight requests, and allows the responses in the browser.
async fn cors(request: &Request<'_>, next: impl AsyncFnOnce(&Request<'_>) -> Response) -> Response {
    let response = if request.method() == "OPTIONS" {
        Response::new(204).with_header("access-control-allow-methods", "GET, POST")
    } else {
        next(request).await
    };
    match request.header("origin") {
        Some(origin) => {
            response.with_header("access-control-allow-origin", origin.escape_debug().to_string())
        }
        None => response,
    }
}

/// Tells how long the rest took.
async fn timed(
    request: &Request<'_>,
    next: impl AsyncFnOnce(&Request<'_>) -> Response,
) -> Response {
    let start = Instant::now();
    let response = next(request).await;
    let time = start.elapsed().as_millis();
    response.with_header("server-timing", format!("handler;dur={time}"))
}

/// Refuses requests without a key, and passes the name of the user on.
async fn with_user(
    request: &Request<'_>,
    next: impl AsyncFnOnce(&Request<'_>) -> Response,
) -> Result<Response, Problem> {
    let key = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let Some(key) = key else {
        return Err(Problem::new(401).with_detail("the header `authorization` is missing"));
    };
    let request = request.clone().with_header("x-user", key.to_uppercase());
    Ok(next(&request).await)
}

/// A wrapper whose error has a status.
async fn strict(
    request: &Request<'_>,
    next: impl AsyncFnOnce(&Request<'_>) -> Response,
) -> Result<Response, Error> {
    match request.query("mood").as_deref() {
        Some("bad") => Err(Error::new("Mood", "not today").with_status(403)),
        Some("worse") => Err(Error::new("Mood", "a secret reason")),
        _ => Ok(next(request).await),
    }
}

#[lambda_handler(named, get = "/open/{id}")]
async fn open(id: u32) -> String {
    format!("open {id}")
}

#[lambda_handler(named, get = "/mine/{id}", post = "/mine/{id}", wrap = [with_user, strict])]
async fn mine(id: u32, #[header] x_user: &str, #[query] word: Vec<String>) -> String {
    println!("mine is called");
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    format!("{x_user} has {id} {word:?}")
}

/// Responds with the count; a count that is not a number is an error, which fails the invocation.
#[lambda_handler(named, get = "/stock/{count}", wrap = http::fail_invocation)]
async fn stock(count: &str) -> Result<Response, Error> {
    match count {
        "0" => Err(Error::new("SoldOut", "sold out").with_status(409)),
        "many" => Ok(Response::new(200).with_header("x-bad", "a\nb")),
        count => Ok(Response::new(200).with_body(count.parse::<u32>()?.to_string())),
    }
}

#[lambda_handler(named, get = "/panic")]
async fn panic() -> String {
    panic!("on purpose")
}

/// Not a request, so nothing wraps it.
#[lambda_handler(named)]
async fn double(number: u32) -> Result<u32, Error> {
    number.checked_mul(2).ok_or_else(|| Error::new("TooLarge", "too large"))
}

/// Tells the Runtime API that it runs.
async fn flush(context: &Context) {
    let id = context.request_id();
    tell(&format!("/flush/{id}"));
    assert!(!id.contains("hook-panics"), "in the hook");
}

fn tell(path: &str) {
    let authority = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap_or_default();
    let Ok(mut stream) = TcpStream::connect(authority) else { return };
    let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    let mut answer = [0; 12];
    let told = stream.write_all(request.as_bytes()).and_then(|()| stream.read_exact(&mut answer));
    println!("told {path}: {}", told.is_ok());
}

lambda_native::main!(open, mine, stock, panic, double, wrap = [cors, timed], after = flush);
