//! Calling a function in a test, without Lambda.
//!
//! `#[lambda_handler]` leaves a function as it is written, so a test calls it by its name:
//!
//! ```
//! use lambda_native::{Context, testing};
//!
//! async fn shout(text: &str, context: &Context) -> String {
//!     format!("{}: {}", context.request_id(), text.to_uppercase())
//! }
//!
//! let reply = testing::block_on(shout("hello", &testing::context()));
//! assert_eq!(reply, "00000000-0000-0000-0000-000000000000: HELLO");
//! ```
//!
//! [`call`] calls a [`Handler`] as Lambda does, with an event in bytes; requests of HTTP functions are
//! made with [`http::Request::new`](crate::http::Request::new).

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::context::Function;
use crate::{Context, Failure, Handler, Reply};

/// Runs a future to its end, on a tokio runtime as `#[lambda_handler]` makes one.
///
/// # Panics
/// If the operating system does not give the runtime what it needs.
pub fn block_on<F: Future>(future: F) -> F::Output {
    #[expect(clippy::expect_used, reason = "a test has nobody to report it to")]
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("the async runtime starts")
        .block_on(future)
}

/// Calls a handler as the loop does, on a tokio runtime as [`block_on`] has it: the bytes of its reply,
/// those of a streamed one joined.
///
/// ```
/// use lambda_native::{Context, handler_fn, testing};
///
/// let shout = handler_fn(async |text: String, _: &Context| Ok(text.to_uppercase()));
///
/// let reply = testing::call(&shout, r#""hello""#, &testing::context());
/// assert_eq!(reply.unwrap(), br#""HELLO""#);
///
/// let failure = testing::call(&shout, "3", &testing::context()).unwrap_err();
/// assert_eq!(failure.error_type(), "Runtime.UnmarshalError");
/// ```
///
/// # Errors
/// What Lambda would be told: the event cannot be read, the function fails, the reply cannot be
/// written. A panic is not caught.
pub fn call(
    handler: &impl Handler,
    event: impl AsRef<[u8]>,
    context: &Context,
) -> Result<Vec<u8>, Failure> {
    let mut reply = Reply::default();
    block_on(handler.call(event.as_ref(), context, &mut reply))?;
    Ok(reply.body)
}

/// A made-up context: a request id of zeros, a deadline 30 seconds away, the function `test` with
/// 128 MB.
#[must_use]
pub fn context() -> Context {
    let deadline = SystemTime::now() + Duration::from_secs(30);
    let deadline_ms = deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    Context {
        request_id: "00000000-0000-0000-0000-000000000000".into(),
        deadline_ms: u64::try_from(deadline_ms).ok(),
        invoked_function_arn: Some("arn:aws:lambda:us-east-1:123456789012:function:test".into()),
        function: Arc::new(Function {
            name: "test".into(),
            version: "$LATEST".into(),
            memory_mb: 128,
        }),
        ..Context::default()
    }
}
