//! The console of `scaffold dev`: the files of its web page, and the history of invocations. The
//! [server](super::server) answers its requests.

mod history;
mod page;
mod recorded;

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::oneshot;

pub(crate) use self::history::History;
pub(crate) use self::page::file;
pub(crate) use self::recorded::{
    RecordedInvocation, RecordedRequest, RecordedResponse, content, header_pairs,
};
use super::lambda::InvocationDetails;

/// The console of a running `scaffold dev`.
#[derive(Debug)]
pub(crate) struct Console {
    pub(crate) history: History,
    /// The folder of the project.
    pub(crate) root: PathBuf,
    pub(crate) manifest_path: Option<PathBuf>,
}

impl Console {
    pub(crate) fn new(root: PathBuf, manifest_path: Option<PathBuf>) -> Self {
        Self { history: History::new(), root, manifest_path }
    }

    /// Keeps an invocation, once its function is ready for the next event.
    pub(crate) fn keep(
        self: &Arc<Self>,
        mut recorded: RecordedInvocation,
        details: oneshot::Receiver<InvocationDetails>,
    ) {
        let console = Arc::clone(self);
        tokio::spawn(async move {
            // There are none if the process ends.
            recorded.details = details.await.ok();
            console.history.add(recorded);
        });
    }
}
