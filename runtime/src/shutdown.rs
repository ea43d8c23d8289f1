//! What is to be done before Lambda ends the process.
//!
//! Lambda sends `SIGTERM` only to functions that have an extension, so the runtime registers one of
//! its own, which asks for no events ("Lambda Extensions API" in AWS's documentation).

use std::net::ToSocketAddrs;

#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};

use crate::client::place;
use crate::http1::Connection;
use crate::{Error, Failure};

const PREFIX: &str = "/2020-01-01/extension";

/// Runs `hook` when Lambda is about to end the process, which then exits with 0. To be called in
/// `init`; Lambda gives the hook up to 500 ms. On Windows, where a function is only tried, there is no
/// such signal, and the hook never runs.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// use lambda_native::{Context, handler_fn, shutdown, start_with};
///
/// fn main() -> ExitCode {
///     start_with(async || {
///         shutdown::on_shutdown(async { println!("bye") }).await?;
///         Ok(handler_fn(async |text: String, _: &Context| Ok(text)))
///     })
/// }
/// ```
///
/// # Errors
/// The Extensions API is not there or does not take the extension.
pub async fn on_shutdown(hook: impl Future<Output = ()> + Send + 'static) -> Result<(), Failure> {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").map_err(|_| Error::not_on_lambda())?;
    let (authority, base) = place(&api);
    let addresses: Vec<_> = authority.to_socket_addrs()?.collect();
    // Before Lambda can send the signal.
    #[cfg(unix)]
    let mut terminate = signal(SignalKind::terminate())?;
    let mut connection = Connection::open(&addresses)?;

    let body = br#"{"events":[]}"#;
    let head = format!(
        "POST {base}{PREFIX}/register HTTP/1.1\r\n\
         Host: {authority}\r\n\
         Lambda-Extension-Name: lambda-native-shutdown\r\n\
         Content-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    connection.exchange(head.as_bytes(), body).await?;
    let answer = connection.answer();
    if answer.status != 200 {
        return Err(Error::refused("extension/register", answer.status, answer.body).into());
    }
    let id = answer
        .headers()
        .find(|(name, _)| name.eq_ignore_ascii_case("lambda-extension-identifier"))
        .and_then(|(_, id)| std::str::from_utf8(id).ok())
        .unwrap_or_default();
    let head = format!(
        "GET {base}{PREFIX}/event/next HTTP/1.1\r\n\
         Host: {authority}\r\n\
         Lambda-Extension-Identifier: {id}\r\n\r\n"
    );
    tokio::spawn(async move {
        // Says that the extension is ready; as it asks for no events, there is no answer.
        if connection.exchange(head.as_bytes(), &[]).await.is_ok() {
            std::future::pending::<()>().await;
        }
    });
    tokio::spawn(async move {
        #[cfg(unix)]
        terminate.recv().await;
        #[cfg(not(unix))]
        std::future::pending::<()>().await;
        hook.await;
        std::process::exit(0);
    });
    Ok(())
}
