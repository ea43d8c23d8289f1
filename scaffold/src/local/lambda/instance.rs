//! An instance of a function: one execution environment, from its start to its stop.
//!
//! An instance that handles several invocations at a time lends [slots](Instance::next_slot). A slot is an
//! instance for one invocation, which shares the process with the others.

use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, Sleep, sleep_until};

use super::configuration::FunctionConfiguration;
use super::function_error::{Exit, FunctionError};
use super::instance_log::InstanceLog;
use super::invocation::{FunctionResponse, Invocation, PendingInvocation, Timed};
use super::output_pipe::OutputLog;
use super::process::{FunctionProcess, SharedProcess};
use super::process_status;
use super::report::InvocationReport;
use super::runtime_api::RuntimeApi;
use super::shared_log::SharedLog;
use crate::aws;
use crate::sam::logical_id;
use crate::term::error::{Error, Result};

/// Lambda's limit for the init phase.
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// The limit for that of Lambda Managed Instances ("Understanding the Lambda Managed Instances execution environment"
/// in AWS's documentation).
const MANAGED_INIT_LIMIT: Duration = Duration::from_secs(130);

/// Lambda's limit for the shutdown phase of a function with extensions in its own process.
const SHUTDOWN_LIMIT: Duration = Duration::from_millis(500);

/// A function's process with its Runtime API.
#[derive(Debug)]
pub(crate) struct Instance {
    function: Arc<FunctionConfiguration>,
    function_arn: String,
    api: Arc<RuntimeApi>,
    process: Process,
    log: Arc<InstanceLog>,
    started: Instant,
    /// The duration of the init phase, until the first report.
    init: Option<Duration>,
    peak_memory: Option<(Instant, u64)>,
    /// When the current phase must be over. All phases share one timer: moving it is cheaper than
    /// creating another.
    deadline: Pin<Box<Sleep>>,
    /// The server of the API; dropping it stops the server.
    _server: JoinSet<()>,
}

#[derive(Debug)]
enum Process {
    Own(FunctionProcess),
    Lender(FunctionProcess, Lender),
    Lent(Lent),
}

/// The slots of an instance that handles several invocations at a time.
#[derive(Debug)]
struct Lender {
    /// One permit for each slot that is not lent.
    free: Arc<Semaphore>,
    slots: u32,
    exit: watch::Sender<Option<Exit>>,
    log: Arc<SharedLog>,
}

/// A process that an instance shares with others.
#[derive(Debug)]
struct Lent {
    process: SharedProcess,
    /// The log of the process.
    log: Arc<SharedLog>,
    _slot: OwnedSemaphorePermit,
}

impl Process {
    fn id(&self) -> Option<u32> {
        match self {
            Self::Own(process) | Self::Lender(process, _) => process.id(),
            Self::Lent(lent) => lent.process.id(),
        }
    }

    fn drain(&self) {
        match self {
            Self::Own(process) | Self::Lender(process, _) => process.drain(),
            Self::Lent(lent) => lent.process.drain(),
        }
    }

    fn try_exited(&mut self) -> Option<Exit> {
        match self {
            Self::Own(process) | Self::Lender(process, _) => process.try_exited(),
            Self::Lent(lent) => lent.process.try_exited(),
        }
    }

    async fn exited(&mut self) -> Exit {
        match self {
            Self::Own(process) | Self::Lender(process, _) => process.exited().await,
            Self::Lent(lent) => lent.process.exited().await,
        }
    }
}

impl Instance {
    /// Starts the function's process. Its output goes to `log`.
    pub(crate) async fn start(
        function: Arc<FunctionConfiguration>,
        log: InstanceLog,
    ) -> Result<Self> {
        let no_api = |error| Error::new("cannot open a port on 127.0.0.1").because(error);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(no_api)?;
        let address = listener.local_addr().map_err(no_api)?;
        let api = Arc::new(RuntimeApi::new(Arc::clone(&function)));
        let mut server = JoinSet::new();
        server.spawn(Arc::clone(&api).serve(listener));

        let log = Arc::new(log);
        let started = Instant::now();
        let lender = function.max_concurrency.map(|slots| Lender {
            free: Arc::new(Semaphore::new(slots.into())),
            slots: slots.into(),
            exit: watch::Sender::new(None),
            log: Arc::new(SharedLog::new(Arc::clone(&log))),
        });
        let output = match &lender {
            None => OutputLog::Instance(Arc::clone(&log)),
            Some(lender) => OutputLog::Shared(Arc::clone(&lender.log)),
        };
        let process = FunctionProcess::start(&function, address, output).map_err(|error| {
            Error::new(format!("cannot start `{}`", function.executable.display())).because(error)
        })?;
        // Lambda restarts a function that exceeds the limit, and then allows it its own timeout.
        let limit = match function.max_concurrency {
            None => INIT_LIMIT,
            Some(_) => MANAGED_INIT_LIMIT,
        };
        let deadline = Box::pin(sleep_until(started + limit.max(function.timeout)));
        let process = match lender {
            None => Process::Own(process),
            Some(lender) => Process::Lender(process, lender),
        };
        Ok(Self {
            function_arn: aws::function_arn(logical_id(&function.name)),
            function,
            api,
            process,
            log,
            started,
            init: None,
            peak_memory: None,
            deadline,
            _server: server,
        })
    }

    /// Waits until the function asks for its first event. The duration is Lambda's init duration.
    pub(crate) async fn init(&mut self) -> Timed<()> {
        let result = self.ready(self.deadline.deadline() - self.started).await;
        let duration = self.started.elapsed();
        self.init = Some(duration);
        Timed { result, duration }
    }

    /// Gives the function an event and waits for its response. The function must be waiting for an
    /// event. After a timeout, and if the process has ended, the instance must be stopped.
    pub(crate) async fn invoke(&mut self, invocation: Invocation) -> Timed<FunctionResponse> {
        let timeout = self.function.timeout;
        let queued = Instant::now();
        self.deadline.as_mut().reset(queued + timeout);
        let (pending, mut response) =
            PendingInvocation::new(invocation, self.function_arn.clone(), timeout);
        self.api.queue(pending);
        let error = tokio::select! {
            biased;
            // Receiving fails only without an API, and `self` has it.
            Ok(response) = &mut response => return response,
            error = self.api.extension_failed() => error,
            status = self.process.exited() => FunctionError::Exited { status },
            () = &mut self.deadline => FunctionError::TimedOut { limit: timeout },
        };
        Timed { result: Err(error), duration: queued.elapsed() }
    }

    /// Waits until the function asks for another event, and lends it a slot for the event. Fails if the process
    /// has ended or an extension has failed, and returns whether an invocation was running then. The lines of the
    /// invocation go to `log`.
    pub(super) async fn next_slot(
        &mut self,
        log: impl FnOnce() -> InstanceLog,
    ) -> std::result::Result<Self, (FunctionError, bool)> {
        let Process::Lender(process, lender) = &mut self.process else {
            return std::future::pending().await;
        };
        let polled = async {
            let slot = Arc::clone(&lender.free).acquire_owned().await;
            self.api.claim_poll().await;
            slot
        };
        let slot = tokio::select! {
            biased;
            error = self.api.extension_failed() => return Err((error, self.api.is_busy())),
            status = process.exited() => {
                let is_busy = self.api.is_busy();
                lender.exit.send_replace(Some(status.clone()));
                return Err((FunctionError::Exited { status }, is_busy));
            }
            slot = polled => slot,
        };
        // Acquiring fails only once the semaphore is closed, which it never is.
        let Ok(slot) = slot else { return std::future::pending().await };
        let process = process.share(&lender.exit);
        if self.init.is_some() {
            // Lines of the init phase do not belong to an invocation.
            self.log.print(self.log.take());
        }
        Ok(Self {
            function: Arc::clone(&self.function),
            function_arn: self.function_arn.clone(),
            api: Arc::clone(&self.api),
            process: Process::Lent(Lent { process, log: Arc::clone(&lender.log), _slot: slot }),
            log: Arc::new(log()),
            started: self.started,
            init: self.init.take(),
            peak_memory: None,
            deadline: Box::pin(sleep_until(Instant::now() + self.function.timeout)),
            _server: JoinSet::new(),
        })
    }

    /// Returns the permits of the slots that are not lent, and the number of all slots, if it lends some.
    pub(super) fn slots(&self) -> Option<(Arc<Semaphore>, u32)> {
        match &self.process {
            Process::Lender(_, Lender { free, slots, .. }) => Some((Arc::clone(free), *slots)),
            Process::Own(_) | Process::Lent(_) => None,
        }
    }

    /// Returns whether it is a slot, whose process is for others too.
    pub(super) fn is_slot(&self) -> bool {
        matches!(self.process, Process::Lent(_))
    }

    /// The id of the function's process while it runs.
    pub(crate) fn id(&self) -> Option<u32> {
        self.process.id()
    }

    /// Returns how its process ended, if it has.
    pub(super) fn try_exited(&mut self) -> Option<Exit> {
        self.process.try_exited()
    }

    /// Labels the log lines that follow with this request.
    pub(super) fn begin_log(&self, request_id: &str) {
        self.process.drain();
        self.log.begin(request_id);
        if let Process::Lent(lent) = &self.process {
            lent.log.route(request_id, &self.log);
        }
    }

    /// Logs Lambda's own lines after everything that the function has printed.
    pub(super) fn log(&self, lines: &str) {
        self.process.drain();
        self.log.lines(lines);
    }

    /// Prints a line about the invocation, unless the log has Lambda's own lines.
    pub(super) fn note(&self, line: &str) {
        self.process.drain();
        self.log.note(line);
    }

    /// Returns the lines of the invocation that have not been printed.
    pub(super) fn take_log(&self) -> Vec<u8> {
        self.log.take()
    }

    /// Returns whether there has been no report since the start.
    pub(super) fn is_cold(&self) -> bool {
        self.init.is_some()
    }

    /// Returns the end of the log of the request.
    pub(super) fn take_log_tail(&self) -> Vec<u8> {
        self.log.take_tail()
    }

    /// Waits until the invocation is over. It continues after the response, until the function asks
    /// for the next event; in a slot, until the end of the response.
    pub(crate) async fn finish(
        &mut self,
        request_id: &str,
    ) -> std::result::Result<(), FunctionError> {
        let limit = self.function.timeout;
        let Process::Lent(lent) = &mut self.process else { return self.ready(limit).await };
        tokio::select! {
            biased;
            () = self.api.ended(request_id) => Ok(()),
            status = lent.process.exited() => Err(FunctionError::Exited { status }),
            () = &mut self.deadline => {
                self.api.cut_off(request_id);
                Err(FunctionError::TimedOut { limit })
            }
        }
    }

    /// Reports an invocation. The first report includes the init phase.
    pub(crate) fn report<'a>(
        &mut self,
        request_id: &'a str,
        duration: Duration,
        error: Option<&'a FunctionError>,
    ) -> InvocationReport<'a> {
        InvocationReport {
            request_id,
            duration,
            init: self.init.take(),
            memory_mb: self.function.memory_mb,
            peak_memory: self.peak_memory(),
            error,
        }
    }

    /// The most memory that the function has used so far, in bytes. `None` if it has ended or the
    /// system does not tell. Reading it takes as long as a short invocation, so it is read at most ten
    /// times a second.
    fn peak_memory(&mut self) -> Option<u64> {
        const MAX_AGE: Duration = Duration::from_millis(100);
        if self.peak_memory.is_none_or(|(when, _)| when.elapsed() >= MAX_AGE) {
            let peak = self.process.id().and_then(process_status::peak_memory);
            self.peak_memory = peak.map(|peak| (Instant::now(), peak));
        }
        self.peak_memory.map(|(_, peak)| peak)
    }

    /// Stops the function after its last invocation, as Lambda does: one with an extension gets a signal
    /// and some time first ("Lambda Extensions API" in AWS's documentation).
    pub(crate) async fn shut_down(mut self) {
        if self.api.has_extensions()
            && let Process::Own(process) | Process::Lender(process, _) = &mut self.process
        {
            process.terminate(SHUTDOWN_LIMIT).await;
        }
        self.stop().await;
    }

    /// Kills the function's processes unless it is a slot, waits until they have ended, and logs the rest of their output.
    pub(crate) async fn stop(self) {
        let log = Arc::clone(&self.log);
        log.print(self.stop_and_take_log().await);
    }

    /// The same, but returns the lines that have not been printed.
    pub(super) async fn stop_and_take_log(self) -> Vec<u8> {
        match self.process {
            Process::Own(process) => process.stop().await,
            Process::Lender(process, lender) => {
                process.stop().await;
                lender.log.end();
            }
            Process::Lent(_) => {}
        }
        // A line without an end, too.
        self.log.lines("");
        self.log.take()
    }

    async fn ready(&mut self, limit: Duration) -> std::result::Result<(), FunctionError> {
        tokio::select! {
            biased;
            ready = self.api.ready() => ready,
            status = self.process.exited() => Err(FunctionError::Exited { status }),
            () = &mut self.deadline => Err(FunctionError::TimedOut { limit }),
        }
    }
}
