//! The processes of one instance.

use std::io;
use std::process::Stdio;

#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

use super::failure::Exit;

/// A running function and what it has started; all of it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    /// The process group, while there may be processes in it.
    #[cfg(unix)]
    group: Option<Pid>,
}

impl Process {
    /// Starts `command` with its standard output and error on our standard error.
    pub(super) fn start(mut command: Command) -> io::Result<Self> {
        command
            .stdin(Stdio::null())
            .stdout(io::stderr())
            .stderr(Stdio::inherit())
            .kill_on_drop(true);
        // A group of its own: it can be ended with all that it has started, and Ctrl-C in the
        // terminal is ours to handle.
        #[cfg(unix)]
        command.process_group(0);
        let child = command.spawn()?;
        Ok(Self {
            #[cfg(unix)]
            group: child.id().and_then(|id| Pid::from_raw(id.cast_signed())),
            child,
        })
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
        #[cfg(unix)]
        if let Some(group) = self.group.take() {
            // It fails where no process is left.
            let _ = kill_process_group(group, Signal::KILL);
        }
        #[cfg(not(unix))]
        let _ = self.child.start_kill();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
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
