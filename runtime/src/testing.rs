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
//! let response = testing::block_on(shout("hello", &testing::context()));
//! assert_eq!(response, "00000000-0000-0000-0000-000000000000: HELLO");
//! ```
//!
//! [`call`] calls a [`Handler`] as Lambda does, with an event in bytes.
//! [`http::Request::new`](crate::http::Request::new) makes requests for HTTP functions.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::context::{CognitoIdentity, Context, FunctionInfo};
use crate::error::Error;
use crate::handler::Handler;
use crate::response::Reply;

/// Runs a future to its end, on a tokio runtime like that of `#[lambda_handler]`.
///
/// # Panics
/// If the operating system does not provide what the runtime needs.
pub fn block_on<F: Future>(future: F) -> F::Output {
    #[expect(clippy::expect_used, reason = "a test can only fail")]
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("the async runtime starts")
        .block_on(future)
}

/// Calls a handler as the event loop does, [`after`](Handler::after) included, on the runtime of [`block_on`].
/// Returns the bytes of the response; the chunks of a streamed one are joined.
///
/// ```
/// use lambda_native::{Context, handler_fn, testing};
///
/// let shout = handler_fn(async |text: String, _: &Context| Ok(text.to_uppercase()));
///
/// let response = testing::call(&shout, r#""hello""#, &testing::context());
/// assert_eq!(response.unwrap(), br#""HELLO""#);
///
/// let error = testing::call(&shout, "3", &testing::context()).unwrap_err();
/// assert_eq!(error.error_type(), "Runtime.UnmarshalError");
/// ```
///
/// # Errors
/// The error that Lambda would get: the event cannot be read, the function fails, or the response
/// cannot be written. A panic is not caught.
pub fn call(
    handler: &impl Handler,
    event: impl AsRef<[u8]>,
    context: &Context,
) -> Result<Vec<u8>, Error> {
    let mut reply = Reply::default();
    let result = block_on(async {
        let result = handler.call(event.as_ref(), context, &mut reply).await;
        handler.after(context).await;
        result
    });
    result?;
    if let Some(error) = reply.take_error() {
        eprintln!("ERROR RequestId: {} {error}", context.request_id());
    }
    Ok(reply.into_body())
}

/// Makes a context for a test; [`ContextBuilder`] makes one with other values.
#[must_use]
pub fn context() -> Context {
    ContextBuilder::new().build()
}

/// Makes a [`Context`] for a test.
///
/// ```
/// use std::time::Duration;
///
/// use lambda_native::testing::ContextBuilder;
///
/// let context = ContextBuilder::new()
///     .remaining_time(Duration::from_millis(5))
///     .tenant_id("blue")
///     .client_context(r#"{"custom":{"name":"Ada"}}"#)
///     .build();
///
/// assert!(context.remaining_time() <= Some(Duration::from_millis(5)));
/// assert_eq!(context.tenant_id(), Some("blue"));
/// ```
#[derive(Clone, Debug)]
pub struct ContextBuilder(Context);

impl Default for ContextBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl ContextBuilder {
    /// Begins with a request id of zeros, a deadline in 30 seconds, and a function `test` with 128 MB.
    #[must_use]
    pub fn new() -> Self {
        let context = Context {
            request_id: "00000000-0000-0000-0000-000000000000".into(),
            invoked_function_arn: Some(
                "arn:aws:lambda:us-east-1:123456789012:function:test".into(),
            ),
            function: Arc::new(FunctionInfo {
                name: "test".into(),
                version: "$LATEST".into(),
                memory_mb: 128,
                log_group: "/aws/lambda/test".into(),
                log_stream: "2026/01/31/[$LATEST]test".into(),
            }),
            ..Context::default()
        };
        Self(context).remaining_time(Duration::from_secs(30))
    }

    /// Sets the request id.
    #[must_use]
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.0.request_id = id.into();
        self
    }

    /// Sets the deadline by the time that is left, to the millisecond.
    #[must_use]
    pub fn remaining_time(mut self, time: Duration) -> Self {
        let deadline = SystemTime::now().checked_add(time);
        let deadline = deadline.and_then(|deadline| deadline.duration_since(UNIX_EPOCH).ok());
        self.0.deadline_ms = deadline.and_then(|deadline| deadline.as_millis().try_into().ok());
        self
    }

    /// Sets the ARN that the caller used.
    #[must_use]
    pub fn invoked_function_arn(mut self, arn: impl Into<String>) -> Self {
        self.0.invoked_function_arn = Some(arn.into());
        self
    }

    /// Sets the X-Ray tracing header.
    #[must_use]
    pub fn trace_id(mut self, id: impl Into<String>) -> Self {
        self.0.trace_id = Some(id.into());
        self
    }

    /// Sets the client context, the JSON that the caller sent beside the event.
    #[must_use]
    pub fn client_context(mut self, json: impl Into<String>) -> Self {
        self.0.client_context = Some(json.into());
        self
    }

    /// Sets the caller's identity in Amazon Cognito.
    #[must_use]
    pub fn cognito_identity(mut self, identity: &CognitoIdentity) -> Self {
        // Strings always have a JSON form.
        self.0.cognito_identity = serde_json::to_string(identity).ok();
        self
    }

    /// Sets the tenant that the invocation is for.
    #[must_use]
    pub fn tenant_id(mut self, id: impl Into<String>) -> Self {
        self.0.tenant_id = Some(id.into());
        self
    }

    /// Returns the context.
    #[must_use]
    pub fn build(self) -> Context {
        self.0
    }
}
