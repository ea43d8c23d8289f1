//! Runs `scaffold` in a terminal: a real one to the program, a screen and a keyboard to the test.

use std::fmt;
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, PtySize, native_pty_system};

use crate::command;

const ROWS: NonZero<u16> = NonZero::new(60).unwrap();
const COLS: NonZero<u16> = NonZero::new(100).unwrap();
const PATIENCE: Duration = Duration::from_secs(20);

/// What the Backspace key types.
pub const BACKSPACE: &str = "\x7f";
/// What Ctrl-C types.
pub const CTRL_C: &str = "\x03";
/// What the Enter key types.
pub const ENTER: &str = "\r";
/// What the arrow down types.
pub const DOWN: &str = "\x1b[B";

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

    /// The same, in a terminal that is so wide, with more environment variables.
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
        command.env("PATH", command::path());
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("`scaffold` starts");
        let mut reader = pair.master.try_clone_reader().expect("the terminal can be read");
        let keyboard = pair.master.take_writer().expect("the terminal has a keyboard");
        let (sender, output) = mpsc::channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            // A terminal whose program has ended gives an error.
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

    /// Types this.
    pub fn send(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    /// Waits until this is on the screen.
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

    /// The process in the terminal.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.child.process_id().expect("it was started")
    }

    /// Waits for the program's end: its exit status and the last screen.
    #[must_use]
    pub fn end(self) -> (ExitStatus, String) {
        let (status, screen, _) = self.end_with_all();
        (status, screen)
    }

    /// The same, and everything that was written to the terminal.
    #[must_use]
    pub fn end_with_all(mut self) -> (ExitStatus, String, String) {
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
        (status, self.contents(), self.written())
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
        // It has ended, but in a test that fails.
        let _ = self.child.kill();
    }
}
