//! Runs `scaffold` in a pseudoterminal, with a screen and a keyboard for the test.

use std::fmt;
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

use crate::command;

const ROWS: NonZero<u16> = NonZero::new(60).unwrap();
const COLS: NonZero<u16> = NonZero::new(100).unwrap();
const PATIENCE: Duration = Duration::from_secs(20);

/// The Backspace key.
pub const BACKSPACE: &str = "\x7f";
/// Ctrl-C.
pub const CTRL_C: &str = "\x03";
/// Ctrl-U.
pub const CTRL_U: &str = "\x15";
/// Ctrl-W.
pub const CTRL_W: &str = "\x17";
/// The Escape key.
pub const ESCAPE: &str = "\x1b";
/// The Left key.
pub const LEFT: &str = "\x1b[D";
/// The Enter key.
pub const ENTER: &str = "\r";
/// The Down key.
pub const DOWN: &str = "\x1b[B";

/// The last screen of a program that has ended.
#[derive(Debug)]
pub struct Screen {
    /// The exit code; `None` if a signal ended the program.
    pub code: Option<i32>,
    /// The text on the screen.
    pub text: String,
    /// Everything that was written to the terminal, escape sequences and all.
    pub written: String,
}

impl Screen {
    /// The last line that is not blank.
    #[must_use]
    pub fn last_line(&self) -> &str {
        self.text.trim_end().lines().next_back().unwrap_or_default()
    }
}

/// `scaffold` in a terminal.
pub struct Terminal {
    screen: vt100::Parser,
    bytes: Vec<u8>,
    output: Receiver<Vec<u8>>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
}

impl Terminal {
    /// Starts `scaffold` with these arguments in this folder.
    #[must_use]
    pub fn start(arguments: &[&str], folder: &Path) -> Self {
        Self::start_as(arguments, folder, COLS, &[])
    }

    /// The same, in a terminal with this many columns and more environment variables.
    #[must_use]
    pub fn start_as(
        arguments: &[&str],
        folder: &Path,
        cols: NonZero<u16>,
        environment: &[(&str, &str)],
    ) -> Self {
        let size = PtySize { rows: ROWS.get(), cols: cols.get(), ..PtySize::default() };
        let pair = native_pty_system().openpty(size).expect("a terminal opens");
        let mut command = CommandBuilder::new(command::binary());
        command.args(arguments);
        command.cwd(folder);
        command.env_clear();
        for (name, value) in command::environment() {
            command.env(name, value);
        }
        command.env("PATH", command::path());
        command.env("TERM", "xterm-256color");
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("`scaffold` starts");
        let mut reader = pair.master.try_clone_reader().expect("the terminal can be read");
        let keyboard = pair.master.take_writer().expect("the terminal has a keyboard");
        let (sender, output) = mpsc::channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            // After the end of the program, reading fails.
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self {
            screen: vt100::Parser::new(ROWS, cols, 0),
            bytes: Vec::new(),
            output,
            keyboard,
            child,
        }
    }

    /// Types these keys.
    pub fn send(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    /// Waits until the screen shows this text.
    pub fn wait_for(&mut self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.contents().contains(text) {
            let left = deadline.saturating_duration_since(Instant::now());
            let bytes = self.output.recv_timeout(left);
            let bytes = bytes.unwrap_or_else(|_| panic!("no `{text}` on the screen:\n{self:?}"));
            self.see(&bytes);
        }
    }

    fn see(&mut self, bytes: &[u8]) {
        self.screen.process(bytes);
        self.bytes.extend_from_slice(bytes);
    }

    /// Everything that was written to the terminal so far, escape sequences and all.
    #[must_use]
    pub fn written(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The id of the process in the terminal.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.child.process_id().expect("it was started")
    }

    /// Waits until the program ends.
    #[must_use]
    pub fn end(mut self) -> Screen {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            match self.output.recv_timeout(Duration::from_millis(1)) {
                Ok(bytes) => self.see(&bytes),
                Err(RecvTimeoutError::Disconnected) => {
                    break self.child.wait().expect("the program can be waited for");
                }
                Err(RecvTimeoutError::Timeout) => {
                    assert!(Instant::now() < deadline, "the program goes on:\n{self:?}");
                }
            }
        };
        let code = i32::try_from(status.exit_code()).ok().filter(|_| status.signal().is_none());
        Screen { code, text: self.contents(), written: self.written() }
    }

    fn contents(&self) -> String {
        self.screen.screen().contents()
    }
}

impl fmt::Debug for Terminal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.contents())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Only if the test fails is it still running.
        let _ = self.child.kill();
    }
}
