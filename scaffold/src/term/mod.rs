//! The terminal: errors, messages, output, styles, progress, quoting and escaping.

pub(crate) mod diff;
pub(crate) mod error;
pub(crate) mod escape;
pub(crate) mod message;
pub(crate) mod nearest;
pub(crate) mod output;
pub(crate) mod progress;
pub(crate) mod quote;
pub(crate) mod style;
pub(crate) mod terminal;
