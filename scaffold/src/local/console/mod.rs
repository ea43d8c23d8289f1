//! The console of `scaffold dev`: the files of its web page, and the history of invocations. The
//! [server](super::server) answers its requests.

mod description;
mod head;
mod history;
mod page;
mod recorded;
mod recording;
mod texts;

use std::path::PathBuf;

pub(crate) use self::description::{content, header_pairs};
pub(crate) use self::history::History;
pub(crate) use self::page::file;
pub(crate) use self::recorded::{Arrival, Outcome, StreamEnd};
pub(crate) use self::recording::{Recording, StreamRecording};

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
        Self { history: History::default(), root, manifest_path }
    }
}
