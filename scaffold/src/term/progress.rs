//! Progress of long work: a spinner on a terminal. Of a program, it shows the last line, and the whole log if it
//! fails.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use std::{io, str};

use indicatif::ProgressBar;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use super::style::STATUS;
use super::{escape, message, terminal};

/// Does a step of a longer work. A terminal shows a spinner until it is done; its line stays. `verb` is the first
/// word: "creating".
pub(crate) async fn step<T>(verb: &str, what: &str, work: impl Future<Output = T>) -> T {
    let line = format!("{STATUS}{verb}{STATUS:#} {}", escape::line(what));
    if !terminal::can_redraw() {
        message::note(format_args!("{line}"));
        return work.await;
    }
    let bar = ProgressBar::new_spinner().with_message(format!("{verb} {}", escape::line(what)));
    bar.enable_steady_tick(Duration::from_millis(100));
    let result = work.await;
    bar.finish_and_clear();
    message::note(format_args!("{line}"));
    result
}

/// Runs `command`, which writes its log to standard error. A terminal shows the last line, and the
/// whole log only if the program fails; without a terminal, the log is printed as it comes.
pub(crate) async fn run(mut command: Command, what: &str) -> io::Result<ExitStatus> {
    command.stdin(Stdio::null()).stdout(io::stderr()).kill_on_drop(true);
    if !terminal::can_redraw() {
        return command.status().await;
    }
    let mut child = command.stderr(Stdio::piped()).spawn()?;
    let bar = ProgressBar::new_spinner().with_message(what.to_owned());
    bar.enable_steady_tick(Duration::from_millis(100));
    let mut log = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        let mut lines = BufReader::new(stderr);
        let mut start = 0;
        while lines.read_until(b'\n', &mut log).await? > 0 {
            let line = log.get(start..).and_then(|line| str::from_utf8(line).ok());
            if let Some(line) = line.map(str::trim_end).filter(|line| !line.is_empty()) {
                bar.set_message(format!("{what}: {}", escape::line(line)));
            }
            start = log.len();
        }
    }
    let status = child.wait().await?;
    bar.finish_and_clear();
    if !status.success() {
        message::print_log(&log);
    }
    Ok(status)
}
