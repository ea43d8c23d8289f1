//! The log lines of one instance, each with its function's name and the request's id.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anstyle::{AnsiColor, Style};

use super::log::Log;
use crate::term::escape;

/// The longest line, in bytes; a longer one is split, as on Lambda.
const MAX_LINE: usize = 64 * 1024;
/// The part of an invocation's log that Lambda returns to the caller, in bytes.
const TAIL: usize = 4 * 1024;

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

    /// The log of the only function, without its name before each line.
    pub(crate) fn without_labels(log: Arc<Log>) -> Self {
        Self { log, label: None, lines: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Labels the lines that follow with this request.
    pub(super) fn begin(&self, request_id: &str) {
        let id = request_id.get(..8).unwrap_or(request_id);
        let label = self.label.as_ref();
        let mut lines = self.lock();
        lines.prefix = label
            .map_or_else(String::new, |(name, style)| format!("{style}{name} {id:<8}{style:#} "));
        lines.tail.clear();
    }

    /// Adds Lambda's own lines.
    pub(super) fn lines(&self, text: &str) {
        let mut lines = self.lock();
        let mut out = Vec::with_capacity(text.len() + 128);
        lines.end_partial(&mut out);
        for line in text.lines() {
            lines.add(line.as_bytes(), &mut out);
        }
        drop(lines);
        self.log.push(out);
    }

    /// Adds output of the function, which can start and end anywhere in a line.
    pub(super) fn printed(&self, bytes: &[u8]) {
        let mut lines = self.lock();
        let mut out = Vec::with_capacity(bytes.len() + 128);
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let whole = piece.strip_suffix(b"\n");
            lines.partial.extend_from_slice(whole.unwrap_or(piece));
            if whole.is_some() || lines.partial.len() >= MAX_LINE {
                let line = std::mem::take(&mut lines.partial);
                lines.add(&line, &mut out);
            }
        }
        drop(lines);
        self.log.push(out);
    }

    /// The last 4 KB of the invocation's log.
    pub(super) fn tail(&self) -> Vec<u8> {
        let lines = self.lock();
        let start = lines.tail.len().saturating_sub(TAIL);
        lines.tail.get(start..).unwrap_or_default().to_vec()
    }

    /// Waits until there is room for more output.
    pub(super) async fn wait_for_room(&self) {
        self.log.wait_for_room().await;
    }
}

impl Lines {
    fn end_partial(&mut self, out: &mut Vec<u8>) {
        if !self.partial.is_empty() {
            let line = std::mem::take(&mut self.partial);
            self.add(&line, out);
        }
    }

    fn add(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        out.extend_from_slice(self.prefix.as_bytes());
        out.extend_from_slice(&escape::colored(line));
        if line.contains(&ESCAPE) {
            // The colours of a line end with it.
            out.extend_from_slice(RESET);
        }
        out.push(b'\n');
        self.tail.extend_from_slice(line);
        self.tail.push(b'\n');
        if self.tail.len() > 4 * TAIL {
            self.tail.drain(..self.tail.len() - TAIL);
        }
    }
}
