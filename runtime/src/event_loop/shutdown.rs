//! Runs cleanup before Lambda stops the process.
//!
//! Lambda sends `SIGTERM` only to functions with an extension, so the runtime registers an internal
//! one, which subscribes to no events ("Lambda Extensions API" in AWS's documentation).

use std::net::ToSocketAddrs;
use std::sync::atomic::{AtomicUsize, Ordering};

#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::OnceCell;

use crate::error::{Error, RuntimeError};
use crate::runtime_api::http1::connection::Connection;
use crate::runtime_api::request::{Endpoint, RequestHead};

const PREFIX: &str = "/2020-01-01/extension";

/// Runs `hook` when Lambda is about to stop the process, then exits with status 0.
///
/// Call it in `init`. Several hooks run at the same time, and the process exits when all are done.
/// Lambda gives them up to 500 ms. On Windows, where functions only run locally, that signal does not
/// exist, and no hook ever runs.
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
/// If the Extensions API is unreachable, refuses the extension or gives it no identifier.
pub async fn on_shutdown(hook: impl Future<Output = ()> + Send + 'static) -> Result<(), Error> {
    /// The process has one extension for all hooks: Lambda accepts a name only once.
    static EXTENSION: OnceCell<()> = OnceCell::const_new();
    /// The number of hooks that are not done.
    static HOOKS: AtomicUsize = AtomicUsize::new(0);

    // Set up before Lambda can send the signal.
    #[cfg(unix)]
    let mut terminate = signal(SignalKind::terminate())?;
    EXTENSION.get_or_try_init(register).await?;
    HOOKS.fetch_add(1, Ordering::Relaxed);
    tokio::spawn(async move {
        #[cfg(unix)]
        terminate.recv().await;
        #[cfg(not(unix))]
        std::future::pending::<()>().await;
        hook.await;
        if HOOKS.fetch_sub(1, Ordering::Relaxed) == 1 {
            std::process::exit(0);
        }
    });
    Ok(())
}

/// Registers the extension, and tells Lambda that it is ready.
async fn register() -> Result<(), Error> {
    const BODY: &[u8] = br#"{"events":[]}"#;
    let endpoint = Endpoint::from_env()?;
    let addresses: Vec<_> = endpoint.authority.to_socket_addrs()?.collect();
    let mut connection = Connection::open(&addresses)?;

    let mut head = RequestHead::default();
    head.begin("POST", &endpoint, &format_args!("{PREFIX}/register"));
    head.header("Lambda-Extension-Name", "lambda-native-shutdown");
    head.header("Content-Type", "application/json");
    head.header("Content-Length", BODY.len());
    connection.exchange(head.end(), BODY).await?;
    let response = connection.response();
    if response.status != 200 {
        return Err(
            RuntimeError::refused("extension/register", response.status, response.body).into()
        );
    }
    let id = response
        .headers()
        .find(|(name, _)| name.eq_ignore_ascii_case(b"lambda-extension-identifier"))
        .and_then(|(_, id)| std::str::from_utf8(id).ok())
        .filter(|id| !id.is_empty())
        .ok_or_else(RuntimeError::no_extension_id)?;
    head.begin("GET", &endpoint, &format_args!("{PREFIX}/event/next"));
    head.header("Lambda-Extension-Identifier", id);
    tokio::spawn(async move {
        // No response follows, as the extension subscribes to no events.
        if connection.exchange(head.end(), &[]).await.is_ok() {
            std::future::pending::<()>().await;
        }
    });
    Ok(())
}
