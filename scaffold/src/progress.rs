//! A long-running program: its last line on a terminal, all of its lines where it fails.

use std::io::IsTerminal;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use std::{io, str};

use indicatif::ProgressBar;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

/// Runs `command`, which writes its log to standard error. On a terminal one line tells where it is,
/// and the whole log is printed only if it fails; elsewhere the log is printed as it comes.
pub(crate) async fn run(mut command: Command, what: &str) -> io::Result<ExitStatus> {
    command.stdin(Stdio::null()).stdout(io::stderr()).kill_on_drop(true);
    if !io::stderr().is_terminal() {
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
                bar.set_message(format!("{what}: {line}"));
            }
            start = log.len();
        }
    }
    let status = child.wait().await?;
    bar.finish_and_clear();
    if !status.success() {
        anstream::eprint!("{}", String::from_utf8_lossy(&log));
    }
    Ok(status)
}
