//! Functions that were written for the [`lambda_runtime`](https://docs.rs/lambda_runtime) crate.
//!
//! Libraries for Lambda make such functions. The SDK for
//! [durable functions](https://docs.aws.amazon.com/lambda/latest/dg/durable-functions.html) is one of them:
//!
//! ```no_run
//! # mod aws_durable_execution_sdk {
//! #     pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
//! #     #[derive(Default)]
//! #     pub struct Options;
//! #     pub struct DurableContext;
//! #     pub fn wrap<F, T>(
//! #         handler: F,
//! #         _: Options,
//! #     ) -> impl Fn(lambda_runtime::LambdaEvent<String>) -> std::future::Ready<Result<String, BoxError>> + Send + Sync
//! #     where
//! #         F: Fn(String, DurableContext) -> T + Send + Sync,
//! #     {
//! #         |event| std::future::ready(Ok(event.payload))
//! #     }
//! # }
//! use std::process::ExitCode;
//!
//! use aws_durable_execution_sdk::{self as durable, DurableContext};
//!
//! async fn greet(name: String, _: DurableContext) -> Result<String, durable::BoxError> {
//!     Ok(format!("hello {name}"))
//! }
//!
//! fn main() -> ExitCode {
//!     let function = durable::wrap(greet, durable::Options::default());
//!     lambda_native::start(lambda_native::lambda_runtime::handler_fn(function))
//! }
//! ```

use std::sync::{Arc, OnceLock};

use ::lambda_runtime::{Config, Diagnostic, LambdaEvent};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::context::Context;
use crate::error::Error;
use crate::handler::Handler;

/// Makes a [`Handler`] from a function that takes a [`LambdaEvent`], as `service_fn` and `run` of
/// `lambda_runtime` take it.
///
/// Event and response are JSON. An error is reported with the type and the message that `lambda_runtime` reports.
/// Functions that return a stream are not accepted.
///
/// ```
/// use lambda_native::{lambda_runtime::handler_fn, testing};
/// use lambda_runtime::{Error, LambdaEvent};
///
/// async fn greet(event: LambdaEvent<String>) -> Result<String, Error> {
///     let (name, context) = event.into_parts();
///     Ok(format!("{}: hello {name}", context.request_id))
/// }
///
/// // `lambda_native::start(handler_fn(greet))` in `main`.
/// let context = testing::ContextBuilder::new().request_id("7").build();
/// let reply = testing::call(&handler_fn(greet), r#""Ada""#, &context).unwrap();
/// assert_eq!(reply, br#""7: hello Ada""#);
/// ```
pub fn handler_fn<F, T, E, R, X>(function: F) -> impl Handler
where
    F: Fn(LambdaEvent<E>) -> T + Send + Sync + 'static,
    T: Future<Output = Result<R, X>> + 'static,
    E: DeserializeOwned + 'static,
    R: Serialize + 'static,
    X: Into<Diagnostic> + 'static,
{
    let config = OnceLock::new();
    crate::handler_fn(async move |payload: E, context: &Context| {
        let context = converted(context, &config)?;
        function(LambdaEvent::new(payload, context)).await.map_err(|error| {
            let Diagnostic { error_type, error_message } = error.into();
            Error::new(error_type, error_message)
        })
    })
}

/// Converts the context of an invocation. `config` keeps what is the same for all invocations.
fn converted(
    context: &Context,
    config: &OnceLock<Arc<Config>>,
) -> Result<::lambda_runtime::Context, Error> {
    let config = config.get_or_init(|| {
        Arc::new(Config {
            function_name: context.function_name().to_owned(),
            memory: i32::try_from(context.memory_mb()).unwrap_or(i32::MAX),
            version: context.function_version().to_owned(),
            log_stream: context.log_stream().to_owned(),
            log_group: context.log_group().to_owned(),
        })
    });
    // The struct may get more fields, so it cannot be written as an expression.
    let mut converted = ::lambda_runtime::Context::default();
    converted.request_id.push_str(context.request_id());
    converted.deadline = context.deadline_ms.unwrap_or_default();
    converted.invoked_function_arn.push_str(context.invoked_function_arn().unwrap_or_default());
    converted.xray_trace_id = context.trace_id().map(str::to_owned);
    converted.client_context = context.client_context()?;
    converted.identity = context.cognito_identity_as()?;
    converted.tenant_id = context.tenant_id().map(str::to_owned);
    converted.env_config = Arc::clone(config);
    Ok(converted)
}
