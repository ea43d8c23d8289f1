//! The log of `scaffold dev`: whole lines on standard error.
//!
//! A thread writes them, so that a terminal that blocks does not block requests. While much is
//! unwritten, the functions' pipes are not read. The thread collects lines for a few milliseconds:
//! waking it for each line would cost more than everything else that a request needs.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::Notify;

use super::finished_invocation::FinishedInvocation;
use super::log_format::LogFormat;
use crate::term::escape;

/// The number of unwritten bytes from which on functions have to wait.
const FULL: usize = 256 * 1024;
/// The number of bytes that are kept for a terminal that blocks; further lines are lost.
const MAX_UNWRITTEN: usize = 16 * 1024 * 1024;
/// The time for which lines are collected before they are written.
const COLLECT: Duration = Duration::from_millis(3);

/// A log on standard error. Dropping it writes the lines that are left.
#[derive(Debug)]
pub(crate) struct Log {
    /// `None` without a thread: then there is no log, but requests are still served.
    sender: Option<Sender<Vec<u8>>>,
    unwritten: Arc<Unwritten>,
    writer: Option<JoinHandle<()>>,
    pub(super) has_color: bool,
    pub(super) format: LogFormat,
}

#[derive(Debug, Default)]
struct Unwritten {
    bytes: AtomicUsize,
    room: Notify,
}

impl Log {
    pub(crate) fn new(format: LogFormat) -> Self {
        let (sender, receiver) = mpsc::channel();
        let unwritten = Arc::<Unwritten>::default();
        let writer = std::thread::Builder::new().name("log".to_owned()).spawn({
            let unwritten = Arc::clone(&unwritten);
            move || write_all(&receiver, &unwritten)
        });
        let choice = anstream::AutoStream::choice(&io::stderr());
        Self {
            sender: writer.is_ok().then_some(sender),
            unwritten,
            writer: writer.ok(),
            has_color: choice != anstream::ColorChoice::Never,
            format,
        }
    }

    /// Adds a request or an event that has its response. All of them pass here.
    pub(crate) fn finished(&self, invocation: &FinishedInvocation) {
        self.styled_line(invocation);
    }

    /// Adds a line of this program, in which text from outside can be.
    pub(crate) fn line(&self, line: impl fmt::Display) {
        self.styled_line(escape::line(&line.to_string()));
    }

    /// Adds a line with colours, in which text from outside has been escaped.
    pub(crate) fn styled_line(&self, line: impl fmt::Display) {
        let line = format!("{line}\n");
        let line =
            if self.has_color { line } else { anstream::adapter::strip_str(&line).to_string() };
        self.push(line.into_bytes());
    }

    /// Waits until all lines are written.
    pub(crate) async fn flush(&self) {
        self.wait_until_below(1).await;
    }

    pub(super) fn push(&self, bytes: Vec<u8>) {
        if let Some(sender) = &self.sender
            && !bytes.is_empty()
            && self.unwritten.bytes.load(Relaxed) < MAX_UNWRITTEN
        {
            self.unwritten.bytes.fetch_add(bytes.len(), Relaxed);
            // The thread ends only after the sender.
            let _ = sender.send(bytes);
        }
    }

    /// Waits until there is room for the output of a function.
    pub(super) async fn wait_for_room(&self) {
        self.wait_until_below(FULL).await;
    }

    async fn wait_until_below(&self, bytes: usize) {
        loop {
            let room = self.unwritten.room.notified();
            if self.unwritten.bytes.load(Relaxed) < bytes {
                return;
            }
            room.await;
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(writer) = self.writer.take() {
            // It does not panic.
            let _ = writer.join();
        }
    }
}

fn write_all(lines: &Receiver<Vec<u8>>, unwritten: &Unwritten) {
    while let Ok(mut bytes) = lines.recv() {
        for more in lines.try_iter() {
            bytes.extend_from_slice(&more);
        }
        // If nobody reads standard error any more, there is nowhere to report that.
        let _ = io::stderr().write_all(&bytes);
        unwritten.bytes.fetch_sub(bytes.len(), Relaxed);
        unwritten.room.notify_waiters();
        if bytes.len() < FULL {
            std::thread::sleep(COLLECT);
        }
    }
}
