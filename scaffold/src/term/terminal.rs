//! The terminal itself: whether a person sits at it, and what it can do.

use std::env;
use std::io::{self, IsTerminal};

use crossterm::cursor::Show;
use crossterm::terminal::{Clear, ClearType, disable_raw_mode};

use super::message;

/// Returns whether a person can be asked: standard input and standard error are a terminal that can
/// show a prompt.
pub(crate) fn is_interactive() -> bool {
    io::stdin().is_terminal() && can_redraw()
}

/// Returns whether standard error is a terminal that can redraw a line.
pub(crate) fn can_redraw() -> bool {
    io::stderr().is_terminal() && !is_dumb()
}

/// Returns whether the terminal can only print: `TERM=dumb`.
pub(crate) fn is_dumb() -> bool {
    env::var_os("TERM").is_some_and(|terminal| terminal == "dumb")
}

/// Leaves a prompt that was interrupted: shows the cursor and clears what is below it.
pub(crate) fn restore() {
    if can_redraw() {
        // Nothing is left to do if the terminal is gone.
        let _ = disable_raw_mode();
        let _ = crossterm::execute!(io::stderr(), Show, Clear(ClearType::FromCursorDown));
        message::note(format_args!(""));
    }
}
