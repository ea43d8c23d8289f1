//! The terminal itself: whether a person sits at it, and what it can do.

use std::env;
use std::io::{self, IsTerminal};
#[cfg(unix)]
use std::sync::{Mutex, PoisonError};

use crossterm::cursor::Show;
use crossterm::terminal::{Clear, ClearType, disable_raw_mode};
#[cfg(unix)]
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use super::message;

/// The mode of the terminal before the prompt.
#[cfg(unix)]
static MODE: Mutex<Option<Termios>> = Mutex::new(None);

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

/// Remembers the mode of the terminal, which a prompt changes, for [`restore`].
pub(crate) fn remember() {
    #[cfg(unix)]
    if let Ok(mode) = tcgetattr(io::stdin()) {
        *MODE.lock().unwrap_or_else(PoisonError::into_inner) = Some(mode);
    }
}

/// Leaves a prompt that was interrupted: shows the cursor and clears what is below it.
pub(crate) fn restore() {
    if can_redraw() {
        // Nothing is left to do if the terminal is gone.
        let _ = disable_raw_mode();
        #[cfg(unix)]
        if let Some(mode) = &*MODE.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, mode);
        }
        let _ = crossterm::execute!(io::stderr(), Show, Clear(ClearType::FromCursorDown));
        message::note(format_args!(""));
    }
}
