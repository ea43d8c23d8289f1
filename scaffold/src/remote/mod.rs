//! The functions that are on AWS: lists and invokes them, and reads their logs.

pub(crate) mod compare;
pub(crate) mod function;
pub(crate) mod invoke;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod outputs;
pub(crate) mod project;
pub(crate) mod since;
pub(crate) mod stack;

use crate::aws::aws_cli::{CallError, Service};
use crate::term::error::Error;
use crate::term::message;

/// Describes the failure of a call, with its fix. `message` says what failed.
fn failed(message: impl Into<String>, service: Service, error: &CallError) -> Error {
    let fix = if error.is_throttled() {
        "AWS limits the number of calls, and for functions that of concurrent invocations: try again in a moment"
            .to_owned()
    } else {
        error.fix(service)
    };
    let failed = Error::new(message).because(error.to_string());
    if fix.is_empty() { failed } else { failed.hint(fix) }
}

/// Prints the failure of something that the command can do without.
fn warn(error: &Error) {
    if error.fix().is_empty() {
        message::warn(format_args!("{}", error.explain()));
    } else {
        message::warn_with_hint(&error.explain(), error.fix());
    }
}
