//! The styles of everything that the program prints.

use anstyle::{AnsiColor, Style};

/// `error:`, and checks that fail.
pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
/// `warning:`, and checks that are optional and fail.
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// `hint:`.
pub(crate) const HINT: Style = AnsiColor::Cyan.on_default().bold();
/// The first word of a message about a step that runs or has succeeded.
pub(crate) const STATUS: Style = AnsiColor::Green.on_default().bold();
/// A command to type, and the name of a thing to choose.
pub(crate) const COMMAND: Style = AnsiColor::Cyan.on_default();
/// The title of a report.
pub(crate) const TITLE: Style = Style::new().bold();
/// The label beside a value.
pub(crate) const LABEL: Style = Style::new().dimmed();
