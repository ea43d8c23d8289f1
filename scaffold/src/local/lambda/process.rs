//! The processes of one instance.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Command;
use tokio::sync::watch;
use tokio::time::timeout;

use super::configuration::FunctionConfiguration;
use super::environment_variables::set_variables;
use super::function_error::Exit;
use super::output_pipe::{OutputLog, OutputPipe};
use crate::process::tree::{ProcessTree, Reach};
#[cfg(target_os = "linux")]
use crate::process::{debuggee, this_program};

/// A running function and the processes that it has started. Dropping it kills them all.
#[derive(Debug)]
pub(super) struct FunctionProcess {
    processes: ProcessTree,
    output: Arc<OutputPipe>,
}

/// The process of a function, as an invocation sees it that shares the process with others.
#[derive(Clone, Debug)]
pub(super) struct SharedProcess {
    id: Option<u32>,
    exit: watch::Receiver<Option<Exit>>,
    output: Arc<OutputPipe>,
}

impl SharedProcess {
    pub(super) fn id(&self) -> Option<u32> {
        self.id.filter(|_| self.exit.borrow().is_none())
    }

    /// Logs what the function has printed so far.
    pub(super) fn drain(&self) {
        self.output.drain();
    }

    /// Returns how the process ended, if it has.
    pub(super) fn try_exited(&self) -> Option<Exit> {
        self.exit.borrow().clone()
    }

    /// Waits until the function's process ends.
    pub(super) async fn exited(&mut self) -> Exit {
        match self.exit.wait_for(Option::is_some).await.ok().and_then(|exit| exit.clone()) {
            Some(exit) => exit,
            // Nobody watches the process any more: it is being stopped.
            None => Exit::Failure("stopped".to_owned()),
        }
    }
}

impl FunctionProcess {
    /// Shares the process. Its exit must be announced on `exit`.
    pub(super) fn share(&self, exit: &watch::Sender<Option<Exit>>) -> SharedProcess {
        let output = Arc::clone(&self.output);
        SharedProcess { id: self.id(), exit: exit.subscribe(), output }
    }

    /// Starts a function whose Runtime API is at `api`. Its output goes to `log`.
    pub(super) fn start(
        function: &FunctionConfiguration,
        api: SocketAddr,
        log: OutputLog,
    ) -> io::Result<Self> {
        let mut command = command(&function.executable, function.debug)?;
        command.current_dir(&function.folder);
        set_variables(&mut command, function, api);
        let (output, sender) = OutputPipe::new(log)?;
        command.stdout(sender.try_clone()?).stderr(sender);
        let processes = ProcessTree::spawn(command, Reach::Descendants)?;
        Ok(Self { processes, output })
    }

    /// The id of the function's process while it runs.
    pub(super) fn id(&self) -> Option<u32> {
        self.processes.id()
    }

    /// Logs what the function has printed so far.
    pub(super) fn drain(&self) {
        self.output.drain();
    }

    /// Returns how the process ended, if it has.
    pub(super) fn try_exited(&mut self) -> Option<Exit> {
        Some(self.processes.try_wait().transpose()?.into())
    }

    /// Waits until the function's process ends, and kills the processes that it leaves behind.
    pub(super) async fn exited(&mut self) -> Exit {
        self.processes.wait().await.into()
    }

    /// Asks the function's process to end, and waits until it does, at most for `limit`.
    pub(super) async fn terminate(&mut self, limit: Duration) {
        if self.id().is_some_and(ask_to_end) {
            // It is killed next, whatever this returns.
            let _ = timeout(limit, self.processes.wait()).await;
        }
    }

    /// Kills the processes and waits until they have ended.
    pub(super) async fn stop(mut self) {
        self.processes.kill();
        // Its status is of no interest.
        let _ = self.processes.wait().await;
    }
}

impl Drop for FunctionProcess {
    fn drop(&mut self) {
        self.processes.kill();
        self.drain();
    }
}

/// Asks a process to end. Returns whether it was asked: Windows has no signal for it.
#[cfg(unix)]
fn ask_to_end(process: u32) -> bool {
    let id = Pid::from_raw(process.cast_signed());
    id.is_some_and(|id| kill_process(id, Signal::TERM).is_ok())
}

#[cfg(windows)]
fn ask_to_end(_: u32) -> bool {
    false
}

/// The command that starts a function.
fn command(function: &Path, debug: bool) -> io::Result<Command> {
    // If the file is missing, the error must come from here: the new process could not report it.
    function.metadata()?;
    #[cfg(target_os = "linux")]
    if debug {
        let mut command = ProcessTree::command(this_program::executable(), Reach::Descendants);
        command.arg(debuggee::COMMAND).arg(function);
        return Ok(command);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = debug;
    Ok(ProcessTree::command(function, Reach::Descendants))
}
