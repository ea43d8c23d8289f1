//! The pipe from a function's standard output and standard error to the log.

use std::io;
use std::sync::Arc;

#[cfg(unix)]
use tokio::net::unix::pipe::Receiver;
#[cfg(windows)]
use tokio::net::windows::named_pipe::NamedPipeServer as Receiver;
use tokio::time::{Instant, timeout_at};

use super::instance_log::InstanceLog;
use super::shared_log::SharedLog;

/// The reading end, which never blocks.
#[derive(Debug)]
pub(super) struct OutputPipe {
    receiver: Receiver,
    log: OutputLog,
}

/// The log of the output of a process.
#[derive(Clone, Debug)]
pub(super) enum OutputLog {
    /// The log of an instance with one invocation at a time.
    Instance(Arc<InstanceLog>),
    /// The logs of several invocations.
    Shared(Arc<SharedLog>),
}

impl OutputLog {
    fn printed(&self, bytes: &[u8]) {
        match self {
            Self::Instance(log) => log.printed(bytes),
            Self::Shared(log) => log.printed(bytes),
        }
    }

    fn held_until(&self) -> Option<Instant> {
        match self {
            Self::Instance(log) => log.held_until(),
            Self::Shared(log) => log.held_until(),
        }
    }

    fn release_old(&self) {
        match self {
            Self::Instance(log) => log.release_old(),
            Self::Shared(log) => log.release_old(),
        }
    }

    async fn wait_for_room(&self) {
        match self {
            Self::Instance(log) => log.wait_for_room().await,
            Self::Shared(log) => log.wait_for_room().await,
        }
    }
}

impl OutputPipe {
    /// Creates a pipe into `log`; returns it and its writing end.
    #[cfg(unix)]
    pub(super) fn new(log: OutputLog) -> io::Result<(Arc<Self>, io::PipeWriter)> {
        let (receiver, sender) = io::pipe()?;
        Ok((Self::start(Receiver::from_owned_fd(receiver.into())?, log), sender))
    }

    /// The same on Windows, where only a named pipe can be read without blocking.
    #[cfg(windows)]
    pub(super) fn new(log: OutputLog) -> io::Result<(Arc<Self>, std::fs::File)> {
        use tokio::net::windows::named_pipe::ServerOptions;
        let name = format!(r"\\.\pipe\scaffold-{}", uuid::Uuid::new_v4());
        let mut options = ServerOptions::new();
        let receiver = options.access_outbound(false).first_pipe_instance(true).create(&name)?;
        let sender = std::fs::File::options().write(true).open(&name)?;
        Ok((Self::start(receiver, log), sender))
    }

    fn start(receiver: Receiver, log: OutputLog) -> Arc<Self> {
        let pipe = Arc::new(Self { receiver, log });
        // The task ends with the last process that holds the writing end.
        tokio::spawn(Arc::clone(&pipe).read());
        pipe
    }

    async fn read(self: Arc<Self>) {
        // The writing end is open already.
        #[cfg(windows)]
        let _ = self.receiver.connect().await;
        loop {
            let readable = self.receiver.readable();
            let is_open = match self.log.held_until() {
                // Needs no timer.
                None => readable.await.is_ok(),
                Some(time) => match timeout_at(time, readable).await {
                    Ok(readable) => readable.is_ok(),
                    Err(_) => {
                        self.log.release_old();
                        continue;
                    }
                },
            };
            if !is_open || !self.drain() {
                return;
            }
            self.log.wait_for_room().await;
        }
    }

    /// Logs what the pipe holds; returns `false` at its end.
    pub(super) fn drain(&self) -> bool {
        let mut bytes = [0; 16 * 1024];
        // At most the pipe's capacity: a function that prints without a pause must not keep us here.
        for _ in 0..4 {
            match self.receiver.try_read(&mut bytes) {
                Ok(0) => return false,
                Ok(count) => self.log.printed(bytes.get(..count).unwrap_or_default()),
                Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
            }
        }
        true
    }
}
