//! A child process that ends with everything that it has started.

use std::ffi::OsStr;
use std::io;
#[cfg(unix)]
use std::io::Read;
#[cfg(unix)]
use std::net::Shutdown;
#[cfg(unix)]
use std::os::{fd::OwnedFd, unix::net::UnixStream};
use std::process::ExitStatus;
#[cfg(unix)]
use std::sync::OnceLock;
#[cfg(unix)]
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};
#[cfg(windows)]
use win32job::{ExtendedLimitInfo, Job};

#[cfg(unix)]
use super::{keeper, this_program};

/// The processes that end with a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The processes that have not become daemons: cargo can start the server of a compiler cache, which
    /// other builds use too.
    Group,
    /// All processes that the program has started.
    Descendants,
}

/// A running program and the processes that it has started. They are killed when this is dropped, or
/// when this program ends, even if it is killed.
///
/// On Unix the child process is a [keeper], which runs the program, and learns from a closed socket that
/// it must end. On Windows the program belongs to a job object.
#[derive(Debug)]
pub(crate) struct ProcessTree {
    child: Child,
    #[cfg(unix)]
    keeper: UnixStream,
    /// The id of the program's process, as the keeper reports it.
    #[cfg(unix)]
    id: OnceLock<u32>,
    #[cfg(windows)]
    job: Option<Job>,
}

/// The time in which a keeper reports the id. It does so at once, unless it is stopped.
#[cfg(unix)]
const ID_LIMIT: Duration = Duration::from_secs(1);

#[cfg(unix)]
impl ProcessTree {
    /// A command for [`Self::spawn`], which has no standard input.
    pub(crate) fn command(program: impl AsRef<OsStr>, reach: Reach) -> Command {
        let mut command = Command::new(this_program::executable());
        command.arg(keeper::COMMAND);
        if cfg!(target_os = "linux") && reach == Reach::Descendants {
            command.arg("--descendants");
        }
        command.arg("--").arg(program);
        command
    }

    /// Starts a program. Ctrl-C in the terminal reaches only this one.
    pub(crate) fn spawn(mut command: Command, _: Reach) -> io::Result<Self> {
        let (keeper, stdin) = UnixStream::pair()?;
        keeper.set_read_timeout(Some(ID_LIMIT))?;
        let child = command.stdin(OwnedFd::from(stdin)).process_group(0).spawn()?;
        Ok(Self { child, keeper, id: OnceLock::new() })
    }

    /// The id of the program's process while it runs. Right after the start, it waits for the keeper: a
    /// fast program can end its work before that has reported the id.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()?;
        let mut id = [0; 4];
        if self.id.get().is_none() && (&self.keeper).read_exact(&mut id).is_ok() {
            // Only this function sets it.
            let _ = self.id.set(u32::from_ne_bytes(id));
        }
        self.id.get().copied()
    }

    /// Kills the processes. Waiting afterwards takes until all have ended.
    pub(crate) fn kill(&mut self) {
        // It fails if the keeper has ended.
        let _ = self.keeper.shutdown(Shutdown::Both);
    }
}

#[cfg(windows)]
impl ProcessTree {
    /// A command for [`Self::spawn`], which has no standard input.
    pub(crate) fn command(program: impl AsRef<OsStr>, _: Reach) -> Command {
        let mut command = Command::new(program);
        command.stdin(std::process::Stdio::null());
        command
    }

    /// Starts a program.
    pub(crate) fn spawn(mut command: Command, reach: Reach) -> io::Result<Self> {
        let mut limits = ExtendedLimitInfo::new();
        limits.limit_kill_on_job_close();
        if reach == Reach::Group {
            // The children of cargo belong to its own job object.
            limits.limit_silent_breakaway_ok();
        }
        let job = Job::create_with_limit_info(&limits).map_err(io::Error::other)?;
        let child = command.kill_on_drop(true).spawn()?;
        if let Some(handle) = child.raw_handle() {
            job.assign_process(handle.addr().cast_signed()).map_err(io::Error::other)?;
        }
        Ok(Self { child, job: Some(job) })
    }

    /// The id of the program's process while it runs.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Kills the processes.
    pub(crate) fn kill(&mut self) {
        self.job = None;
    }
}

impl ProcessTree {
    /// Returns how the program ended, if it has. Then the other processes have ended too.
    pub(crate) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        let status = self.child.try_wait()?;
        if status.is_some() {
            self.kill();
        }
        Ok(status)
    }

    /// Waits until the program ends, and ends the other processes.
    pub(crate) async fn wait(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait().await;
        self.kill();
        status
    }

    /// Reads the program's standard output, which must be a pipe, and waits until the program ends. If its
    /// standard error is a pipe too, passes it on line by line, and returns it as well.
    pub(crate) async fn read(
        mut self,
        pass_on: fn(&[u8]),
    ) -> io::Result<(ExitStatus, Vec<u8>, Vec<u8>)> {
        let (stdout, stderr) = (self.child.stdout.take(), self.child.stderr.take());
        let output = async {
            let mut output = Vec::new();
            if let Some(mut pipe) = stdout {
                pipe.read_to_end(&mut output).await?;
            }
            io::Result::Ok(output)
        };
        let log = async {
            let mut log = Vec::new();
            let mut start = 0;
            if let Some(pipe) = stderr {
                let mut pipe = BufReader::new(pipe);
                while pipe.read_until(b'\n', &mut log).await? > 0 {
                    pass_on(log.get(start..).unwrap_or_default());
                    start = log.len();
                }
            }
            io::Result::Ok(log)
        };
        let (output, log) = tokio::try_join!(output, log)?;
        Ok((self.wait().await?, output, log))
    }
}
