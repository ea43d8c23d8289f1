//! Durable functions: their executions, which survive the end of an invocation.
//!
//! A durable function is invoked with the operations that it has completed so far, and sends further ones to
//! Lambda while it runs. [`Execution`] is the state of one execution, and [`Executions`] runs them all: it invokes
//! the functions again when a wait is over, an attempt is due, or a callback or an invocation has completed.
//!
//! The protocol is Lambda's API for durable executions
//! (<https://docs.aws.amazon.com/lambda/latest/api/API_CheckpointDurableExecution.html>), and the events and the
//! ways with failures are those of AWS's testing library (`aws-durable-execution-sdk-python-testing` 1.4).

mod begun;
mod driver;
mod envelope;
mod execution;
mod executions;
mod functions;
mod history;
mod identity;
mod operation;
mod report;
mod update;

#[cfg(test)]
mod tests;

pub(crate) use self::begun::{BegunInvocation, SYNCHRONOUS};
pub(crate) use self::driver::{OnOver, SharedExecution};
pub(crate) use self::execution::{Execution, ExecutionStatus, NotOpen, OperationOutcome};
pub(crate) use self::executions::{AlreadyStarted, Executions};
pub(crate) use self::history::HistoryPage;
pub(crate) use self::identity::is_execution_name;
pub(crate) use self::operation::{ErrorObject, TimeUnit, object};
