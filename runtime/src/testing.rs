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
use crate::{CognitoIdentity, Context, Failure, Handler, Reply};

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
/// 128 MB. What a test needs to be otherwise, it says:
///
/// ```
/// use std::time::Duration;
///
/// use lambda_native::testing;
///
/// let context = testing::context()
///     .with_remaining_time(Duration::from_millis(5))
///     .with_tenant_id("blue")
///     .with_client_context(r#"{"custom":{"name":"Ada"}}"#);
///
/// assert!(context.remaining_time() <= Some(Duration::from_millis(5)));
/// assert_eq!(context.tenant_id(), Some("blue"));
/// ```
#[must_use]
pub fn context() -> Context {
    let context = Context {
        request_id: "00000000-0000-0000-0000-000000000000".into(),
        invoked_function_arn: Some("arn:aws:lambda:us-east-1:123456789012:function:test".into()),
        function: Arc::new(Function {
            name: "test".into(),
            version: "$LATEST".into(),
            memory_mb: 128,
        }),
        ..Context::default()
    };
    context.with_remaining_time(Duration::from_secs(30))
}

/// For tests: what [`context`] makes up, made otherwise.
impl Context {
    /// With another request id.
    #[must_use]
    pub fn with_request_id(self, id: impl Into<String>) -> Self {
        Self { request_id: id.into(), ..self }
    }

    /// With a deadline that is so far away, to the millisecond.
    #[must_use]
    pub fn with_remaining_time(self, time: Duration) -> Self {
        let deadline = SystemTime::now().checked_add(time);
        let deadline = deadline.and_then(|deadline| deadline.duration_since(UNIX_EPOCH).ok());
        let deadline_ms = deadline.and_then(|deadline| deadline.as_millis().try_into().ok());
        Self { deadline_ms, ..self }
    }

    /// With another ARN that the caller used.
    #[must_use]
    pub fn with_invoked_function_arn(self, arn: impl Into<String>) -> Self {
        Self { invoked_function_arn: Some(arn.into()), ..self }
    }

    /// With an X-Ray tracing header.
    #[must_use]
    pub fn with_trace_id(self, id: impl Into<String>) -> Self {
        Self { trace_id: Some(id.into()), ..self }
    }

    /// With a client context, the JSON that the caller sent beside the event.
    #[must_use]
    pub fn with_client_context(self, json: impl Into<String>) -> Self {
        Self { client_context: Some(json.into()), ..self }
    }

    /// With a caller known to Amazon Cognito.
    #[must_use]
    pub fn with_cognito_identity(self, identity: &CognitoIdentity) -> Self {
        // Strings always have a JSON form.
        Self { cognito_identity: serde_json::to_string(identity).ok(), ..self }
    }

    /// With a tenant that the invocation is for.
    #[must_use]
    pub fn with_tenant_id(self, id: impl Into<String>) -> Self {
        Self { tenant_id: Some(id.into()), ..self }
    }
}
