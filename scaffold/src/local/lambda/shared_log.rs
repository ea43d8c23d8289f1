//! The output of a process that handles several invocations at a time: each line goes to the log of its invocation.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::time::Instant;

use super::instance_log::InstanceLog;

/// The longest line, in bytes; a longer one is split, as on Lambda.
const MAX_LINE: usize = 64 * 1024;

/// The log of a process, and those of its invocations.
#[derive(Debug)]
pub(super) struct SharedLog {
    /// Takes the lines that do not belong to an invocation.
    own: Arc<InstanceLog>,
    lines: Mutex<Lines>,
}

#[derive(Debug, Default)]
struct Lines {
    /// The start of a line whose end has not arrived.
    partial: Vec<u8>,
    /// The logs of invocations, by their request ids.
    routes: Vec<(String, Weak<InstanceLog>)>,
}

impl SharedLog {
    pub(super) fn new(own: Arc<InstanceLog>) -> Self {
        Self { own, lines: Mutex::default() }
    }

    /// Passes the lines in which this request id stands on to the log of its invocation, for as long as that exists.
    pub(super) fn route(&self, request_id: &str, log: &Arc<InstanceLog>) {
        let mut lines = self.lock();
        lines.routes.retain(|(_, log)| log.strong_count() > 0);
        lines.routes.push((request_id.to_owned(), Arc::downgrade(log)));
    }

    /// Adds output of the function, which can start and end anywhere in a line.
    pub(super) fn printed(&self, bytes: &[u8]) {
        let mut lines = self.lock();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            lines.partial.extend_from_slice(piece);
            if piece.ends_with(b"\n") || lines.partial.len() >= MAX_LINE {
                let line = std::mem::take(&mut lines.partial);
                lines.route_of(&line).as_ref().unwrap_or(&self.own).printed(&line);
            }
        }
    }

    /// Adds the last line, if it has no end.
    pub(super) fn end(&self) {
        let line = std::mem::take(&mut self.lock().partial);
        self.own.printed(&line);
    }

    /// Returns when held lines must be printed; `None` if there are none.
    pub(super) fn held_until(&self) -> Option<Instant> {
        let logs = self.lock().logs();
        logs.iter().chain([&self.own]).filter_map(|log| log.held_until()).min()
    }

    /// Prints the lines that have been held for too long.
    pub(super) fn release_old(&self) {
        let logs = self.lock().logs();
        for log in logs.iter().chain([&self.own]) {
            log.release_old();
        }
    }

    /// Waits until there is room for more output.
    pub(super) async fn wait_for_room(&self) {
        self.own.wait_for_room().await;
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines {
    /// Returns the log of the invocation to which a line belongs.
    fn route_of(&self, line: &[u8]) -> Option<Arc<InstanceLog>> {
        let line = std::str::from_utf8(line).ok()?;
        self.routes.iter().find(|(id, _)| line.contains(id)).and_then(|(_, log)| log.upgrade())
    }

    fn logs(&self) -> Vec<Arc<InstanceLog>> {
        self.routes.iter().filter_map(|(_, log)| log.upgrade()).collect()
    }
}
