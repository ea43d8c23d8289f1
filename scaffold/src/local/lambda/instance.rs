//! An instance of a function: one execution environment, from its start to its stop.

use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{Instant, Sleep, sleep_until};

use super::configuration::FunctionConfiguration;
use super::function_error::{Exit, FunctionError};
use super::instance_log::InstanceLog;
use super::invocation::{FunctionResponse, Invocation, PendingInvocation, Timed};
use super::process::FunctionProcess;
use super::report::InvocationReport;
use super::runtime_api::RuntimeApi;
use crate::aws;
use crate::sam::logical_id;
use crate::term::error::{Error, Result};

/// Lambda's limit for the init phase.
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// Lambda's limit for the shutdown phase of a function with extensions in its own process.
const SHUTDOWN_LIMIT: Duration = Duration::from_millis(500);

/// A function's process with its Runtime API.
#[derive(Debug)]
pub(crate) struct Instance {
    function: Arc<FunctionConfiguration>,
    function_arn: String,
    api: Arc<RuntimeApi>,
    process: FunctionProcess,
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
        let process = FunctionProcess::start(&function, address, &log).map_err(|error| {
            Error::new(format!("cannot start `{}`", function.executable.display())).because(error)
        })?;
        // Lambda restarts a function that exceeds the limit, and then allows it its own timeout.
        let deadline = Box::pin(sleep_until(started + INIT_LIMIT.max(function.timeout)));
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
    /// for the next event.
    pub(crate) async fn finish(&mut self) -> std::result::Result<(), FunctionError> {
        self.ready(self.function.timeout).await
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
            self.peak_memory = self.process.peak_memory().map(|peak| (Instant::now(), peak));
        }
        self.peak_memory.map(|(_, peak)| peak)
    }

    /// Stops the function after its last invocation, as Lambda does: one with an extension gets a signal
    /// and some time first ("Lambda Extensions API" in AWS's documentation).
    pub(crate) async fn shut_down(mut self) {
        if self.api.has_extensions() {
            self.process.terminate(SHUTDOWN_LIMIT).await;
        }
        self.stop().await;
    }

    /// Kills the function's processes, waits until they have ended, and logs the rest of their output.
    pub(crate) async fn stop(self) {
        let log = Arc::clone(&self.log);
        log.print(self.stop_and_take_log().await);
    }

    /// The same, but returns the lines that have not been printed.
    pub(super) async fn stop_and_take_log(self) -> Vec<u8> {
        self.process.stop().await;
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
