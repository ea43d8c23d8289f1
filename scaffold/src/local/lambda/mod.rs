//! Lambda on this machine: a function's process with Lambda's environment variables and a Runtime API
//! of its own.
//!
//! An [`Instance`] is one execution environment: it starts, initialises, handles one invocation at a
//! time, or several as on Lambda Managed Instances, and is stopped. Dropping it kills its processes. A
//! [`Pool`] runs as many instances of a function as its concurrent invocations need, apart by tenant if the
//! function isolates its tenants.

mod configuration;
pub(crate) mod debugger;
mod environment_variables;
mod finished_invocation;
mod function_error;
mod instance;
mod instance_log;
mod invocation;
mod invocation_details;
mod log;
mod log_format;
mod output_pipe;
mod pool;
mod process;
mod process_status;
pub(crate) mod report;
mod runtime_api;
mod shared_log;

pub(crate) use self::configuration::{DEBUG_TIMEOUT, DurableConfiguration, FunctionConfiguration};
pub(crate) use self::finished_invocation::{FinishedInvocation, PendingLine};
pub(crate) use self::function_error::{FunctionError, error_text};
pub(crate) use self::instance::Instance;
pub(crate) use self::instance_log::InstanceLog;
pub(crate) use self::invocation::{FunctionResponse, Invocation, StreamPart, StreamedResponse};
pub(crate) use self::invocation_details::{InvocationDetails, Phases};
pub(crate) use self::log::Log;
pub(crate) use self::log_format::{LogFormat, readable};
pub(crate) use self::pool::{Invoked, NO_TENANT, Pool};
