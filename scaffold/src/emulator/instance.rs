//! One execution environment of a function, from its start to its stop.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{Instant, Sleep, sleep_until};

use super::api::{Phase, RuntimeApi};
use super::environment;
use super::failure::{Exit, Failure};
use super::invocation::{Event, Invocation, Response};
use super::log::{InstanceLog, Log};
use super::process::Process;
use crate::application::{logical_id, region};
use crate::error::{Error, Result};

/// How long Lambda lets a function start.
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// The time that a function has while a debugger is attached.
pub(crate) const DEBUG_TIMEOUT: Duration = Duration::from_hours(24);

/// A function as Lambda is told of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) executable: PathBuf,
    /// Where it runs: what is `/var/task` on Lambda.
    pub(crate) folder: PathBuf,
    pub(crate) handler: String,
    pub(crate) memory_mb: u32,
    pub(crate) timeout: Duration,
    /// What its template sets.
    pub(crate) environment: BTreeMap<String, String>,
    /// Whether a debugger is to attach before it gets an event.
    pub(crate) debug: bool,
}

/// What came of one stage of an instance's life, and how long it took.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    pub(crate) result: std::result::Result<T, Failure>,
    pub(crate) duration: Duration,
}

/// A function's process with a Runtime API to itself.
#[derive(Debug)]
pub(crate) struct Instance {
    function: Arc<Function>,
    api: Arc<RuntimeApi>,
    process: Process,
    log: Option<Arc<InstanceLog>>,
    started: Instant,
    peak_memory: Option<(Instant, u64)>,
    /// When the current stage must be over. One for all of them: a timer that is put off costs less than
    /// a new one.
    deadline: Pin<Box<Sleep>>,
    /// The API's server: it stops when this is dropped.
    _server: JoinSet<()>,
}

impl Instance {
    /// Starts the function's process; what it prints goes to standard error as it is, or to `log`.
    pub(crate) async fn start(function: Arc<Function>, log: Option<&Arc<Log>>) -> Result<Self> {
        let no_api = |error| Error::new("cannot open a port on 127.0.0.1").because(error);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(no_api)?;
        let address = listener.local_addr().map_err(no_api)?;
        let api = Arc::new(RuntimeApi::new());
        let mut server = JoinSet::new();
        server.spawn(Arc::clone(&api).serve(listener));

        let log = log.map(|log| Arc::new(InstanceLog::new(Arc::clone(log), &function.name)));
        let variables = environment::variables(&function, address);
        let started = Instant::now();
        let process = Process::start(
            &function.executable,
            &function.folder,
            variables.iter().map(|(name, value)| (*name, value.as_str())),
            &environment::REMOVED,
            function.debug,
            log.as_ref(),
        )
        .map_err(|error| {
            Error::new(format!("cannot start `{}`", function.executable.display())).because(error)
        })?;
        drop(variables);
        // A function that takes longer is started once more by Lambda, with its own timeout as the
        // limit.
        let deadline = Box::pin(sleep_until(started + INIT_LIMIT.max(function.timeout)));
        Ok(Self {
            function,
            api,
            process,
            log,
            started,
            peak_memory: None,
            deadline,
            _server: server,
        })
    }

    /// Waits until the function asks for its first event; the duration is Lambda's init duration.
    pub(crate) async fn init(&mut self) -> Answer<()> {
        let result = self.ready(self.deadline.deadline() - self.started).await;
        Answer { result, duration: self.started.elapsed() }
    }

    /// Gives the function an event and waits for its response; the function must be ready for it.
    /// After a timeout, or where the process is gone, the instance is of no more use.
    pub(crate) async fn invoke(&mut self, event: &Event) -> Answer<Response> {
        let timeout = self.function.timeout;
        let arn = format!(
            "arn:aws:lambda:{}:012345678912:function:{}",
            region(),
            logical_id(&self.function.name)
        );
        let queued = Instant::now();
        self.deadline.as_mut().reset(queued + timeout);
        let (invocation, mut reply) = Invocation::new(event, arn, timeout);
        self.api.queue(invocation);
        let failure = tokio::select! {
            biased;
            // It fails only without an API, and that is in `self`.
            Ok(reply) = &mut reply => {
                return Answer { result: reply.result, duration: reply.took };
            }
            status = self.process.exited() => Failure::Exited { status },
            () = &mut self.deadline => Failure::TimedOut { limit: timeout },
        };
        Answer { result: Err(failure), duration: queued.elapsed() }
    }

    /// The id of the function's process, while it runs.
    pub(crate) fn id(&self) -> Option<u32> {
        self.process.id()
    }

    /// How its process ended, if it has.
    pub(crate) fn has_exited(&mut self) -> Option<Exit> {
        self.process.has_exited()
    }

    /// Has the lines that follow in the log be of this request.
    pub(super) fn begin_log(&self, request_id: &str) {
        if let Some(log) = &self.log {
            self.process.drain();
            log.begin(request_id);
        }
    }

    /// Adds lines of Lambda's to the log, after all that the function has printed.
    pub(super) fn log(&self, lines: &str) {
        if let Some(log) = &self.log {
            self.process.drain();
            log.lines(lines);
        }
    }

    /// The last 4 KB that were logged for the request.
    pub(super) fn log_tail(&self) -> Vec<u8> {
        self.log.as_ref().map(|log| log.tail()).unwrap_or_default()
    }

    /// Waits until the invocation is over: it goes on after the response, until the function asks for
    /// another event.
    pub(crate) async fn finish(&mut self) -> std::result::Result<(), Failure> {
        self.ready(self.function.timeout).await
    }

    /// The most memory that the function has held so far, in bytes; `None` where it is gone, or where
    /// the system does not tell. As it costs as much as a short invocation, it is looked up no more
    /// than ten times a second.
    pub(crate) fn peak_memory(&mut self) -> Option<u64> {
        const KNOWN: Duration = Duration::from_millis(100);
        if self.peak_memory.is_none_or(|(when, _)| when.elapsed() >= KNOWN) {
            self.peak_memory = self.process.peak_memory().map(|peak| (Instant::now(), peak));
        }
        self.peak_memory.map(|(_, peak)| peak)
    }

    /// Ends the function's processes, and returns when they have ended.
    pub(crate) async fn stop(self) {
        self.process.stop().await;
    }

    async fn ready(&mut self, limit: Duration) -> std::result::Result<(), Failure> {
        let mut phase = self.api.watch();
        tokio::select! {
            biased;
            Ok(phase) = phase.wait_for(|phase| {
                matches!(phase, Phase::Ready | Phase::InitFailed(_))
            }) => match &*phase {
                Phase::InitFailed(failure) => Err(failure.clone()),
                _ => Ok(()),
            },
            status = self.process.exited() => Err(Failure::Exited { status }),
            () = &mut self.deadline => Err(Failure::TimedOut { limit }),
        }
    }
}
