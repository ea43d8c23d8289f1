//! The functions that executions invoke: those of the newest build.

use std::fmt;
use std::sync::Arc;

use crate::local::lambda::{Log, Pool};
use crate::local::server::deployment::{CurrentDeployment, Deployment};

/// The functions of the project.
#[derive(Debug)]
pub(super) struct Functions {
    pub(super) current: CurrentDeployment,
    pub(super) log: Arc<Log>,
    /// Invocations wait for the build that is running.
    pub(super) wait: bool,
}

impl Functions {
    /// The instances of the function of this name in the template.
    pub(super) async fn pool(&self, name: &str) -> Option<Arc<Pool>> {
        let serving = self.current.for_request(self.wait).await;
        serving.deployment?.function(name).cloned()
    }

    /// The functions as they are now, if they have been built.
    pub(super) fn deployment(&self) -> Option<Arc<Deployment>> {
        self.current.get()
    }

    /// Adds a line about a function to the log.
    pub(super) fn note(&self, function: &str, line: impl fmt::Display) {
        self.log.line(format_args!("{function}: {line}"));
    }
}
