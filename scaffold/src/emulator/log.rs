//! The log of many functions on one standard error: whole lines, each with its function's name and
//! its request's id.
//!
//! A thread writes, so that a terminal that does not take more holds up nobody; the functions' pipes
//! are read no further while much is unwritten. It writes what has come in a few milliseconds at once:
//! to wake it for each line would cost more than all else that a request needs.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use tokio::sync::Notify;

/// How many bytes may be unwritten before the functions' own have to wait.
const FULL: usize = 256 * 1024;
/// How many bytes are kept for a terminal that takes no more; what comes then is lost.
const MOST: usize = 16 * 1024 * 1024;
/// How long lines are collected.
const COLLECT: Duration = Duration::from_millis(3);
/// The longest line; a longer one becomes several, as on Lambda.
const MAX_LINE: usize = 64 * 1024;
/// What Lambda gives of an invocation's log to who asks for it.
const TAIL: usize = 4 * 1024;

/// Where lines go; they are written when this is dropped, at the latest.
#[derive(Debug)]
pub(crate) struct Log {
    shared: Arc<Shared>,
    writer: Option<JoinHandle<()>>,
    color: bool,
}

#[derive(Debug, Default)]
struct Shared {
    unwritten: Mutex<Unwritten>,
    more: Condvar,
    room: Notify,
}

#[derive(Debug, Default)]
struct Unwritten {
    bytes: Vec<u8>,
    /// Whether the writer waits to be told of more.
    waits: bool,
    closed: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Unwritten> {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    /// On standard error.
    pub(crate) fn new() -> Self {
        let shared = Arc::new(Shared::default());
        let color = anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never;
        let writer = std::thread::Builder::new().name("log".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || write_all(&shared)
        });
        // Without the thread there is no log, which is better than no answers.
        Self { shared, writer: writer.ok(), color }
    }

    /// Adds a line of this program's own.
    pub(crate) fn line(&self, line: impl fmt::Display) {
        let line = format!("{line}\n");
        let line = if self.color { line } else { anstream::adapter::strip_str(&line).to_string() };
        self.push(line.as_bytes());
    }

    fn push(&self, bytes: &[u8]) {
        if self.writer.is_some() {
            let mut unwritten = self.shared.lock();
            if unwritten.bytes.len() < MOST {
                unwritten.bytes.extend_from_slice(bytes);
            }
            if std::mem::take(&mut unwritten.waits) {
                self.shared.more.notify_one();
            }
        }
    }

    /// Waits until there is room for what a function prints.
    pub(super) async fn room(&self) {
        loop {
            let room = self.shared.room.notified();
            if self.shared.lock().bytes.len() < FULL {
                return;
            }
            room.await;
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.more.notify_one();
        if let Some(writer) = self.writer.take() {
            // It does not panic.
            let _ = writer.join();
        }
    }
}

fn write_all(shared: &Shared) {
    let mut bytes = Vec::new();
    loop {
        let mut unwritten = shared.lock();
        while unwritten.bytes.is_empty() && !unwritten.closed {
            unwritten.waits = true;
            unwritten = shared.more.wait(unwritten).unwrap_or_else(PoisonError::into_inner);
        }
        if unwritten.bytes.is_empty() {
            return;
        }
        std::mem::swap(&mut bytes, &mut unwritten.bytes);
        drop(unwritten);
        shared.room.notify_waiters();
        // Nobody reads it any more: there is no one to tell.
        let _ = io::stderr().write_all(&bytes);
        if bytes.len() < FULL {
            std::thread::sleep(COLLECT);
        }
        bytes.clear();
    }
}

/// The log of one instance.
#[derive(Debug)]
pub(super) struct InstanceLog {
    pub(super) log: Arc<Log>,
    name: String,
    style: Style,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    prefix: String,
    /// A line whose end is still to come.
    partial: Vec<u8>,
    /// The last of what the invocation has logged.
    tail: Vec<u8>,
}

impl InstanceLog {
    pub(super) fn new(log: Arc<Log>, name: &str) -> Self {
        const COLORS: [AnsiColor; 5] = [
            AnsiColor::Cyan,
            AnsiColor::Magenta,
            AnsiColor::Green,
            AnsiColor::Blue,
            AnsiColor::Yellow,
        ];
        let hash = name
            .bytes()
            .fold(0_usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(usize::from(byte)));
        let color = COLORS.get(hash % COLORS.len()).copied().unwrap_or(AnsiColor::Cyan);
        let style = if log.color { color.on_default() } else { Style::new() };
        let log = Self { log, name: name.to_owned(), style, state: Mutex::default() };
        log.begin("init");
        log
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What follows is of this request.
    pub(super) fn begin(&self, request_id: &str) {
        let id = request_id.get(..8).unwrap_or(request_id);
        let mut state = self.lock();
        state.prefix = format!("{}{} {id:<8}{:#} ", self.style, self.name, self.style);
        state.tail.clear();
    }

    /// Adds lines of Lambda's.
    pub(super) fn lines(&self, lines: &str) {
        let mut state = self.lock();
        let mut out = Vec::with_capacity(lines.len() + 128);
        state.end_partial(&mut out);
        for line in lines.lines() {
            state.add(line.as_bytes(), &mut out);
        }
        drop(state);
        self.log.push(&out);
    }

    /// Adds what the function printed, in whatever pieces it came.
    pub(super) fn printed(&self, bytes: &[u8]) {
        let mut state = self.lock();
        let mut out = Vec::with_capacity(bytes.len() + 128);
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let whole = piece.strip_suffix(b"\n");
            state.partial.extend_from_slice(whole.unwrap_or(piece));
            if whole.is_some() || state.partial.len() >= MAX_LINE {
                let line = std::mem::take(&mut state.partial);
                state.add(&line, &mut out);
            }
        }
        drop(state);
        self.log.push(&out);
    }

    /// The last 4 KB that the invocation logged.
    pub(super) fn tail(&self) -> Vec<u8> {
        let state = self.lock();
        let start = state.tail.len().saturating_sub(TAIL);
        state.tail.get(start..).unwrap_or_default().to_vec()
    }
}

impl State {
    fn end_partial(&mut self, out: &mut Vec<u8>) {
        if !self.partial.is_empty() {
            let line = std::mem::take(&mut self.partial);
            self.add(&line, out);
        }
    }

    fn add(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        out.extend_from_slice(self.prefix.as_bytes());
        out.extend_from_slice(line);
        out.push(b'\n');
        self.tail.extend_from_slice(line);
        self.tail.push(b'\n');
        if self.tail.len() > 4 * TAIL {
            self.tail.drain(..self.tail.len() - TAIL);
        }
    }
}
