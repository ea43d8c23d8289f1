//! The console of `scaffold dev`: the files of its web page, and the history of invocations. The
//! [server](super::server) answers its requests.

mod history;
mod page;
mod recorded;

use std::path::PathBuf;

pub(crate) use self::history::History;
pub(crate) use self::page::file;
pub(crate) use self::recorded::{
    RecordedInvocation, RecordedRequest, RecordedResponse, content, header_pairs,
};

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
}
