//! The configuration of a function, as Lambda would have it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// The timeout of a function while a debugger is attached.
pub(crate) const DEBUG_TIMEOUT: Duration = Duration::from_hours(24);

/// The configuration of one function.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FunctionConfiguration {
    /// Its name in the template, or its package's.
    pub(crate) name: String,
    pub(crate) executable: PathBuf,
    /// Its working directory: `/var/task` on Lambda.
    pub(crate) folder: PathBuf,
    pub(crate) handler: String,
    pub(crate) memory_mb: u32,
    pub(crate) timeout: Duration,
    /// The number of invocations that one process handles at a time, as on Lambda Managed Instances. `None` for
    /// a function that handles one after the other, as by default.
    pub(crate) max_concurrency: Option<u16>,
    /// Each instance is for one tenant.
    pub(crate) isolates_tenants: bool,
    /// Makes the function durable.
    pub(crate) durable: Option<DurableConfiguration>,
    /// The environment variables that differ from the user's, beside Lambda's own.
    pub(crate) environment: BTreeMap<String, String>,
    /// Withholds the user's AWS credentials.
    pub(crate) no_credentials: bool,
    /// Waits for a debugger before the first event.
    pub(crate) debug: bool,
}

/// The configuration of a durable function.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DurableConfiguration {
    /// The time for a whole execution.
    pub(crate) execution_timeout: Duration,
    /// The URL of the API to which the function sends its checkpoints.
    pub(crate) endpoint: String,
}
