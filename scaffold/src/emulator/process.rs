//! The processes of one instance.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process_group};
#[cfg(unix)]
use tokio::net::unix::pipe::Receiver;
#[cfg(windows)]
use tokio::net::windows::named_pipe::NamedPipeServer as Receiver;
use tokio::process::{Child, Command};

use super::failure::Exit;
use super::log::InstanceLog;
#[cfg(unix)]
use crate::this_program;

/// A running function and what it has started; all of it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    group: Option<Group>,
    output: Option<Arc<Output>>,
}

impl Process {
    /// Starts the program; what it prints goes to our standard error, or to `log`.
    pub(super) fn start<'a>(
        program: &Path,
        folder: &Path,
        set: impl IntoIterator<Item = (&'a str, &'a str)>,
        removed: &[&str],
        debug: bool,
        log: Option<&Arc<InstanceLog>>,
    ) -> io::Result<Self> {
        let mut command = command(program, debug)?;
        command.current_dir(folder).envs(set).stdin(Stdio::null()).kill_on_drop(true);
        for name in removed {
            command.env_remove(name);
        }
        let output = if let Some(log) = log {
            let (ours, its) = pipe()?;
            command.stdout(its.try_clone()?).stderr(its);
            Some(Output::new(ours, Arc::clone(log)))
        } else {
            command.stdout(io::stderr()).stderr(Stdio::inherit());
            None
        };
        let (child, group) = Group::spawn(command)?;
        Ok(Self { child, group, output })
    }

    /// The id of the function's process, while it runs.
    pub(super) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Takes in what the function has printed so far.
    pub(super) fn drain(&self) {
        if let Some(output) = &self.output {
            output.drain();
        }
    }

    /// How the process ended, if it has.
    pub(super) fn has_exited(&mut self) -> Option<Exit> {
        let status = self.child.try_wait().transpose()?;
        self.kill();
        Some(status.into())
    }

    /// Waits until the function's process ends, and ends what it leaves behind.
    pub(super) async fn exited(&mut self) -> Exit {
        let status = self.child.wait().await;
        self.kill();
        status.into()
    }

    /// Ends the processes, and returns when they have ended.
    pub(super) async fn stop(mut self) {
        self.kill();
        // It fails where the process is already gone.
        let _ = self.child.wait().await;
    }

    /// The most memory that the function's process has held so far, in bytes; `None` once it has
    /// ended, or where the system does not tell.
    pub(super) fn peak_memory(&self) -> Option<u64> {
        peak_memory(self.child.id()?)
    }

    fn kill(&mut self) {
        self.group = None;
        #[cfg(not(unix))]
        let _ = self.child.start_kill();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        self.drain();
    }
}

/// A process and all that it has started; they end when this is dropped, or this program is killed.
#[derive(Debug)]
pub(crate) struct Group {
    #[cfg(unix)]
    id: Pid,
}

impl Group {
    /// Starts `command` in a group of its own: it can be ended with all that it has started, and Ctrl-C
    /// in the terminal is ours to handle. There is no group where the system has none.
    pub(crate) fn spawn(mut command: Command) -> io::Result<(Child, Option<Self>)> {
        #[cfg(unix)]
        command.process_group(0);
        let child = command.spawn()?;
        #[cfg(unix)]
        let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed())).map(|id| {
            super::guard::watch(id);
            Self { id }
        });
        #[cfg(not(unix))]
        let group = None;
        Ok((child, group))
    }
}

#[cfg(unix)]
impl Drop for Group {
    fn drop(&mut self) {
        // It fails where no process is left.
        let _ = kill_process_group(self.id, Signal::KILL);
        super::guard::forget(self.id);
    }
}

#[cfg(unix)]
fn command(function: &Path, debug: bool) -> io::Result<Command> {
    // What this program becomes does not say why it cannot be run, where it is not there.
    function.metadata()?;
    let mut command = Command::new(this_program::executable());
    command.arg(super::start::COMMAND);
    if debug {
        command.arg("--debug");
    }
    command.arg(std::process::id().to_string()).arg::<&OsStr>(function.as_ref());
    Ok(command)
}

#[cfg(windows)]
fn command(function: &Path, _: bool) -> io::Result<Command> {
    function.metadata()?;
    Ok(Command::new::<&OsStr>(function.as_ref()))
}

/// A pipe for what a function prints: our end, which never blocks, and the function's.
#[cfg(unix)]
fn pipe() -> io::Result<(Receiver, io::PipeWriter)> {
    let (ours, its) = io::pipe()?;
    Ok((Receiver::from_owned_fd(ours.into())?, its))
}

/// Only a pipe with a name can be read there without blocking.
#[cfg(windows)]
fn pipe() -> io::Result<(Receiver, std::fs::File)> {
    use tokio::net::windows::named_pipe::ServerOptions;
    let name = format!(r"\\.\pipe\scaffold-{}", uuid::Uuid::new_v4());
    let mut options = ServerOptions::new();
    let ours = options.access_outbound(false).first_pipe_instance(true).create(&name)?;
    let its = std::fs::File::options().write(true).open(&name)?;
    Ok((ours, its))
}

/// What a function prints, on its way to the log.
#[derive(Debug)]
struct Output {
    pipe: Receiver,
    log: Arc<InstanceLog>,
}

impl Output {
    fn new(pipe: Receiver, log: Arc<InstanceLog>) -> Arc<Self> {
        let output = Arc::new(Self { pipe, log });
        // It ends with the last process that holds the other end of the pipe.
        tokio::spawn(Arc::clone(&output).read());
        output
    }

    async fn read(self: Arc<Self>) {
        // The other end is open already.
        #[cfg(windows)]
        let _ = self.pipe.connect().await;
        while self.pipe.readable().await.is_ok() && self.drain() {
            self.log.log.room().await;
        }
    }

    /// Reads what a pipe holds; `false` at its end.
    fn drain(&self) -> bool {
        let mut bytes = [0; 16 * 1024];
        // No more than the pipe's capacity: a function that does not stop printing is read on later.
        for _ in 0..4 {
            match self.pipe.try_read(&mut bytes) {
                Ok(0) => return false,
                Ok(count) => self.log.printed(bytes.get(..count).unwrap_or_default()),
                Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
            }
        }
        true
    }
}

/// The kernel's own high-water mark. What `wait4` gives would include this program: a process that
/// is about to run another counts with the memory of the one that started it.
#[cfg(target_os = "linux")]
fn peak_memory(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = peak.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(not(target_os = "linux"))]
fn peak_memory(_: u32) -> Option<u64> {
    None
}
