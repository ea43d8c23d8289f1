//! The log lines of one instance, each with its function's name.
//!
//! The lines of an invocation are held until the line of its request has been printed, so that they
//! stand below it; if it takes long, or prints much, they are printed before.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use tokio::time::Instant;

use super::log::Log;
use super::log_format::{LogFormat, readable};
use crate::term::escape;
use crate::term::style::LABEL;

/// The longest line, in bytes; a longer one is split, as on Lambda.
const MAX_LINE: usize = 64 * 1024;
/// The part of an invocation's log that is remembered, in bytes.
const TAIL: usize = 64 * 1024;

/// The time for which lines are held.
pub(super) const HOLD: Duration = Duration::from_millis(500);
/// The number of bytes that are held.
const MAX_HELD: usize = 64 * 1024;

const ESCAPE: u8 = 0x1b;
const RESET: &[u8] = b"\x1b[0m";

/// The log of one instance.
#[derive(Debug)]
pub(crate) struct InstanceLog {
    log: Arc<Log>,
    /// The function's name before each line, and its style.
    label: Option<(String, Style)>,
    lines: Mutex<Lines>,
}

#[derive(Debug, Default)]
struct Lines {
    prefix: String,
    /// The start of a line whose end has not arrived.
    partial: Vec<u8>,
    /// The last lines of the invocation.
    tail: Vec<u8>,
    /// The lines that are held; `None` while lines are printed at once.
    held: Option<Held>,
}

#[derive(Debug, Default)]
struct Held {
    lines: Vec<u8>,
    /// When the first one arrived.
    since: Option<Instant>,
}

impl InstanceLog {
    pub(crate) fn new(log: Arc<Log>, name: &str) -> Self {
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
        let style = if log.has_color { color.on_default() } else { Style::new() };
        let label = Some((escape::line(name).into_owned(), style));
        let log = Self { log, label, lines: Mutex::default() };
        log.begin("init");
        log
    }

    fn format(&self) -> LogFormat {
        // Without labels, the lines are not part of a log of requests.
        if self.label.is_some() { self.log.format } else { LogFormat::Aws }
    }

    /// The log of the only function, without its name before each line.
    pub(crate) fn without_labels(log: Arc<Log>) -> Self {
        Self { log, label: None, lines: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Labels the lines that follow with this request, and holds them.
    pub(super) fn begin(&self, request_id: &str) {
        let id = request_id.get(..8).unwrap_or(request_id);
        let is_aws = self.format() == LogFormat::Aws;
        let mut lines = self.lock();
        lines.prefix = match &self.label {
            None => String::new(),
            Some((name, style)) if is_aws => format!("{style}{name} {id:<8}{style:#} "),
            Some((name, style)) => {
                let bar = if self.log.has_color { LABEL } else { Style::new() };
                format!("  {style}{name}{style:#} {bar}|{bar:#} ")
            }
        };
        lines.tail.clear();
        if !is_aws {
            // What was printed before the first invocation belongs to it.
            lines.held.get_or_insert_default();
        }
    }

    /// Adds Lambda's own lines, which only the format `aws` prints.
    pub(super) fn lines(&self, text: &str) {
        let format = self.format();
        let mut lines = self.lock();
        let mut out = Vec::with_capacity(text.len() + 128);
        lines.end_partial(format, &mut out);
        for line in text.lines() {
            if format == LogFormat::Aws {
                lines.print(line.as_bytes(), &mut out);
            }
            lines.remember(line.as_bytes());
        }
        self.push(lines, out);
    }

    /// Prints a line about the invocation, unless the format is `aws`.
    pub(super) fn note(&self, line: &str) {
        if self.format() != LogFormat::Aws {
            let lines = self.lock();
            let mut out = Vec::new();
            lines.print(line.as_bytes(), &mut out);
            self.push(lines, out);
        }
    }

    /// Adds output of the function, which can start and end anywhere in a line.
    pub(super) fn printed(&self, bytes: &[u8]) {
        let format = self.format();
        let mut lines = self.lock();
        let mut out = Vec::with_capacity(bytes.len() + 128);
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let whole = piece.strip_suffix(b"\n");
            lines.partial.extend_from_slice(whole.unwrap_or(piece));
            if whole.is_some() || lines.partial.len() >= MAX_LINE {
                let line = std::mem::take(&mut lines.partial);
                lines.add(&line, format, &mut out);
            }
        }
        self.push(lines, out);
    }

    /// Holds or prints lines.
    fn push(&self, mut lines: MutexGuard<'_, Lines>, mut out: Vec<u8>) {
        if let Some(held) = lines.held.as_mut().filter(|_| !out.is_empty()) {
            held.lines.append(&mut out);
            held.since.get_or_insert_with(Instant::now);
            if held.lines.len() < MAX_HELD {
                return;
            }
            out = lines.held.take().unwrap_or_default().lines;
        }
        drop(lines);
        self.log.push(out);
    }

    /// Returns when the held lines must be printed; `None` if there are none.
    pub(super) fn held_until(&self) -> Option<Instant> {
        self.lock().held.as_ref()?.since.map(|since| since + HOLD)
    }

    /// Prints the lines that have been held for too long, and the lines that follow at once.
    pub(super) fn release_old(&self) {
        let mut lines = self.lock();
        if lines.held.as_ref().and_then(|held| held.since).is_some_and(|it| it.elapsed() >= HOLD) {
            let held = lines.held.take().unwrap_or_default();
            drop(lines);
            self.log.push(held.lines);
        }
    }

    /// Prints lines that [`Self::take`] has returned.
    pub(super) fn print(&self, lines: Vec<u8>) {
        self.log.push(lines);
    }

    /// Returns the lines that are held, after the last line of the invocation. Lines that follow are
    /// printed at once.
    pub(super) fn take(&self) -> Vec<u8> {
        self.lock().held.take().unwrap_or_default().lines
    }

    /// Returns the end of the invocation's log, which is then forgotten.
    pub(super) fn take_tail(&self) -> Vec<u8> {
        let tail = &mut self.lock().tail;
        let end = tail.get(tail.len().saturating_sub(TAIL)..).unwrap_or_default().to_vec();
        tail.clear();
        end
    }

    /// Waits until there is room for more output.
    pub(super) async fn wait_for_room(&self) {
        self.log.wait_for_room().await;
    }
}

impl Lines {
    fn end_partial(&mut self, format: LogFormat, out: &mut Vec<u8>) {
        if !self.partial.is_empty() {
            let line = std::mem::take(&mut self.partial);
            self.add(&line, format, out);
        }
    }

    /// Adds a line of the function.
    fn add(&mut self, line: &[u8], format: LogFormat, out: &mut Vec<u8>) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let text = if format == LogFormat::Text { readable(line) } else { None };
        match text {
            Some(text) => text.lines().for_each(|line| self.print(line.as_bytes(), out)),
            None => self.print(line, out),
        }
        self.remember(line);
    }

    fn print(&self, line: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(self.prefix.as_bytes());
        out.extend_from_slice(&escape::colored(line));
        if line.contains(&ESCAPE) {
            // The colours of a line end with it.
            out.extend_from_slice(RESET);
        }
        out.push(b'\n');
    }

    fn remember(&mut self, line: &[u8]) {
        self.tail.extend_from_slice(line);
        self.tail.push(b'\n');
        if self.tail.len() > 4 * TAIL {
            self.tail.drain(..self.tail.len() - TAIL);
        }
    }
}
