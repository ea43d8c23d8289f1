//! Warnings about the project, which `scaffold dev` reads again and again.

use std::collections::BTreeSet;

use crate::term::message;

/// Prints each warning once, until it is no longer true.
#[derive(Debug, Default)]
pub(crate) struct Warnings {
    /// The warnings of the reading before.
    previous: BTreeSet<(String, String)>,
    current: BTreeSet<(String, String)>,
}

impl Warnings {
    /// Begins to read the project again.
    pub(super) fn begin(&mut self) {
        self.previous = std::mem::take(&mut self.current);
    }

    /// Prints a warning and its fix, unless the reading before had it too.
    pub(super) fn warn(&mut self, message: &str, hint: &str) {
        let warning = (message.to_owned(), hint.to_owned());
        let is_new = !self.previous.contains(&warning);
        if self.current.insert(warning) && is_new {
            message::warn_with_hint(message, hint);
        }
    }
}
