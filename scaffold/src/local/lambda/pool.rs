//! The instances of one function: as many as its concurrent invocations need.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tempfile::TempPath;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::configuration::FunctionConfiguration;
use super::debugger;
use super::finished_invocation::BelowLine;
use super::function_error::FunctionError;
use super::instance::Instance;
use super::instance_log::InstanceLog;
use super::invocation::{FunctionResponse, Invocation};
use super::invocation_details::{InvocationDetails, Phases};
use super::log::Log;
use super::report::{InitReport, MEGABYTE};
use crate::term::error::Error;

/// The time for which invocations wait before another instance is started: most functions respond
/// within it.
const PATIENCE: Duration = Duration::from_millis(10);

/// Lambda's error message for an invocation that does not name a tenant.
pub(crate) const NO_TENANT: &str = "The invoked function is enabled with tenancy configuration. Add a valid tenant ID \
                                    in your request and try again.";

/// The outcome of an invocation on its way to the caller: see [`Invoked`].
type Responded = (Result<FunctionResponse, FunctionError>, bool, Option<String>);

/// The instances of one version of a function.
#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) function: Arc<FunctionConfiguration>,
    /// The maximum number of instances; further invocations wait.
    concurrency: usize,
    log: Arc<Log>,
    /// Kept for as long as instances can be started from it.
    executable: Arc<TempPath>,
    instances: Mutex<Instances>,
    /// The instances of each tenant, if the function isolates its tenants.
    tenants: Mutex<HashMap<String, TenantPool>>,
}

/// The instances of one tenant.
#[derive(Debug)]
struct TenantPool {
    pool: Arc<Pool>,
    last_used: Instant,
}

#[derive(Debug, Default)]
struct Instances {
    idle: Vec<Instance>,
    /// Invocations, the longest waiting first.
    waiting: VecDeque<oneshot::Sender<Result<Instance, FailedStart>>>,
    /// Since when invocations have been waiting, or an instance was last started for them.
    since: Option<Instant>,
    /// The number of instances, including those that are starting.
    count: usize,
    starting: usize,
    is_retired: bool,
    /// The instances that lend slots.
    lenders: Vec<LenderHandle>,
}

/// Retires an instance that lends slots.
#[derive(Debug)]
struct LenderHandle {
    retire: oneshot::Sender<()>,
    /// Closed once the instance has ended, or turns out to be busy when it is retired.
    stopped: oneshot::Receiver<()>,
}

/// The result of an invocation.
#[derive(Debug)]
pub(crate) struct Invoked {
    pub(crate) result: Result<FunctionResponse, FunctionError>,
    /// The function was started for it.
    pub(crate) is_cold: bool,
    /// Why the function failed, if it did.
    pub(crate) reason: Option<String>,
}

/// Takes the log and the figures of an invocation that is over.
type OnOver = Box<dyn FnOnce(InvocationDetails) + Send>;

/// An instance that has not become ready.
#[derive(Debug)]
struct FailedStart {
    error: FunctionError,
    /// The output of the function.
    lines: Vec<u8>,
    details: Box<InvocationDetails>,
}

impl From<FunctionError> for FailedStart {
    fn from(error: FunctionError) -> Self {
        Self { error, lines: Vec::new(), details: Box::default() }
    }
}

impl Pool {
    pub(crate) fn new(
        function: FunctionConfiguration,
        executable: Arc<TempPath>,
        concurrency: usize,
        log: Arc<Log>,
    ) -> Arc<Self> {
        Self::of_function(Arc::new(function), executable, concurrency, log)
    }

    fn of_function(
        function: Arc<FunctionConfiguration>,
        executable: Arc<TempPath>,
        concurrency: usize,
        log: Arc<Log>,
    ) -> Arc<Self> {
        Arc::new(Self {
            function,
            concurrency,
            log,
            executable,
            instances: Mutex::default(),
            tenants: Mutex::default(),
        })
    }

    /// Invokes the function. The invocation runs to its end even if the caller stops waiting; then `on_over`
    /// gets its log and its figures.
    pub(crate) async fn invoke(
        self: &Arc<Self>,
        invocation: Invocation,
        on_over: impl FnOnce(InvocationDetails) + Send + 'static,
    ) -> Invoked {
        let pool = if self.function.isolates_tenants {
            let Some(tenant) = &invocation.tenant_id else {
                let reason = NO_TENANT.to_owned();
                let error = FunctionError::NotStarted { reason: reason.clone() };
                return Invoked { result: Err(error), is_cold: false, reason: Some(reason) };
            };
            self.of_tenant(tenant)
        } else {
            Arc::clone(self)
        };
        let (response, result) = oneshot::channel();
        tokio::spawn(pool.run(invocation, response, Box::new(on_over)));
        let (result, is_cold, reason) = result.await.unwrap_or_else(|_| {
            let error = abandoned();
            let reason = error.reason();
            (Err(error), false, Some(reason))
        });
        Invoked { result, is_cold, reason }
    }

    /// Returns the instances of a tenant. If there are too many tenants, those of the one that was not served for
    /// the longest time are stopped.
    fn of_tenant(&self, tenant: &str) -> Arc<Self> {
        let mut tenants = self.lock_tenants();
        if let Some(known) = tenants.get_mut(tenant) {
            known.last_used = Instant::now();
            return Arc::clone(&known.pool);
        }
        if tenants.len() >= self.concurrency
            && let Some((oldest, _)) = tenants.iter().min_by_key(|(_, known)| known.last_used)
        {
            let oldest = oldest.clone();
            if let Some(TenantPool { pool, .. }) = tenants.remove(&oldest) {
                pool.retire().detach_all();
            }
        }
        let (function, executable) = (Arc::clone(&self.function), Arc::clone(&self.executable));
        let pool = Self::of_function(function, executable, self.concurrency, Arc::clone(&self.log));
        let known = TenantPool { pool: Arc::clone(&pool), last_used: Instant::now() };
        tenants.insert(tenant.to_owned(), known);
        pool
    }

    fn lock_tenants(&self) -> MutexGuard<'_, HashMap<String, TenantPool>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line about the function to the log.
    pub(crate) fn note(&self, line: impl fmt::Display) {
        self.log.line(format_args!("{}: {line}", self.function.name));
    }

    /// Stops the idle instances now, and the others after the invocations that wait. Returns the tasks that
    /// stop the idle ones.
    pub(crate) fn retire(&self) -> JoinSet<()> {
        let (idle, lenders) = {
            let mut instances = self.lock();
            instances.is_retired = true;
            let mut idle = std::mem::take(&mut instances.idle);
            // The lender ends their process.
            idle.retain(|instance| !instance.is_slot());
            instances.count -= idle.len();
            (idle, std::mem::take(&mut instances.lenders))
        };
        let mut stopping: JoinSet<()> = idle.into_iter().map(Instance::shut_down).collect();
        for LenderHandle { retire, stopped } in lenders {
            // It fails if the instance has ended.
            let _ = retire.send(());
            stopping.spawn(async { drop(stopped.await) });
        }
        for (_, TenantPool { pool, .. }) in std::mem::take(&mut *self.lock_tenants()) {
            let of_tenant = pool.retire();
            stopping.spawn(async { drop(of_tenant.join_all().await) });
        }
        stopping
    }

    async fn run(
        self: Arc<Self>,
        invocation: Invocation,
        response: oneshot::Sender<Responded>,
        on_over: OnOver,
    ) {
        // Sending fails if the caller no longer waits.
        let id = invocation.request_id.clone();
        let below = invocation.below.clone();
        let arrived = Instant::now();
        let mut instance = match self.take().await {
            Ok(instance) => instance,
            Err(FailedStart { error, lines, details }) => {
                let reason = error.reason();
                let reason = reason.strip_prefix("the function failed: ").unwrap_or(&reason);
                let reason = format!("init failed: {reason}");
                let _ = response.send((Err(error), true, Some(reason)));
                on_over(*details);
                self.print(lines, below).await;
                return;
            }
        };
        let is_cold = instance.is_cold();
        instance.begin_log(&id);
        instance.log(&format!("START RequestId: {id} Version: $LATEST"));
        if self.function.debug {
            let print = |text: &str| self.log.line(text);
            debugger::wait(&self.function.name, &instance, print).await;
        }

        let started = Instant::now();
        let waited = started - arrived;
        let invoked = instance.invoke(invocation).await;
        let responded = Instant::now();
        let is_streamed = matches!(invoked.result, Ok(FunctionResponse::Streamed(_)));
        let mut error = invoked.result.as_ref().err().cloned();
        let reason = error.as_ref().map(FunctionError::reason);
        let has_failed = reason.is_some();
        let _ = response.send((invoked.result, is_cold, reason));
        if !error.as_ref().is_some_and(FunctionError::is_fatal) {
            error = error.or(instance.finish(&id).await.err());
        }
        let duration = if is_streamed { started.elapsed() } else { invoked.duration };

        let report = instance.report(&id, duration, error.as_ref());
        let reason = match &error {
            Some(error @ (FunctionError::Exited { .. } | FunctionError::TimedOut { .. })) => {
                format!("{}\n", error.message(&id))
            }
            _ => String::new(),
        };
        let warning = report.memory_warning();
        let peak_memory_mb = report.peak_memory.map(|bytes| bytes.div_ceil(MEGABYTE));
        let init = report.init;
        let phases = Phases {
            queue: waited.saturating_sub(init.unwrap_or_default()),
            init,
            handler: invoked.duration,
            after: responded.elapsed(),
        };
        let report = report.to_string();
        instance.log(&format!("{reason}END RequestId: {id}\n{report}"));
        if let Some(error) = error.as_ref().filter(|_| !has_failed) {
            instance.note(&format!("warning: after the response: {}", error.reason()));
        }
        if let Some(warning) = warning {
            instance.note(&warning);
        }
        let log = instance.take_log_tail();
        on_over(InvocationDetails { log, report, peak_memory_mb, phases: Some(phases) });
        let lines = if instance.is_slot() {
            // The lender lends it again when the function asks for another event.
            instance.take_log()
        } else if error.as_ref().is_some_and(FunctionError::is_fatal) {
            let lines = instance.stop_and_take_log().await;
            self.lost();
            lines
        } else {
            let lines = instance.take_log();
            self.put(instance);
            lines
        };
        self.print(lines, below).await;
    }

    /// Prints lines of a function below the line of its request.
    async fn print(&self, lines: Vec<u8>, below: Option<BelowLine>) {
        if lines.is_empty() {
            return;
        }
        if let Some(below) = below {
            below.wait().await;
        }
        self.log.push(lines);
    }

    /// Waits for the first instance that is idle, whether it was running or is started for this.
    async fn take(self: &Arc<Self>) -> Result<Instance, FailedStart> {
        let mut ready = {
            let mut instances = self.lock();
            while let Some(mut instance) = instances.idle.pop() {
                let Some(exit) = instance.try_exited() else { return Ok(instance) };
                if instance.is_slot() {
                    continue;
                }
                instances.count -= 1;
                let message = format!("exited between invocations: {exit}");
                instance.log(&message);
                instance.note(&message);
            }
            let (sender, ready) = oneshot::channel();
            instances.waiting.push_back(sender);
            let since = *instances.since.get_or_insert_with(Instant::now);
            if instances.count == 0 || since.elapsed() >= PATIENCE {
                self.start_another(&mut instances);
            }
            ready
        };
        // Receiving fails only without a sender, and `self` has it.
        tokio::select! {
            biased;
            ready = &mut ready => return ready.unwrap_or_else(|_| Err(abandoned().into())),
            () = sleep(PATIENCE) => {}
        }
        self.start_another(&mut self.lock());
        ready.await.unwrap_or_else(|_| Err(abandoned().into()))
    }

    /// Starts an instance if more invocations wait than the instances that are starting can handle, and the
    /// limit allows another.
    fn start_another(self: &Arc<Self>, instances: &mut Instances) {
        let each = usize::from(self.function.max_concurrency.unwrap_or(1));
        let expected = instances.starting.saturating_mul(each);
        if expected >= instances.waiting.len() || instances.count >= self.concurrency {
            return;
        }
        instances.count += 1;
        instances.starting += 1;
        instances.since = Some(Instant::now());
        let pool = Arc::clone(self);
        tokio::spawn(async move {
            let started = pool.start().await;
            pool.lock().starting -= 1;
            match started {
                Ok(instance) => match instance.slots() {
                    None => pool.put(instance),
                    Some((free, slots)) => pool.lend(instance, &free, slots).await,
                },
                Err(failed) => {
                    let waiting = pool.lock().next_waiting();
                    match waiting {
                        // An invocation always waits for its instance.
                        Some(waiting) => drop(waiting.send(Err(failed))),
                        None => pool.log.push(failed.lines),
                    }
                    pool.lost();
                }
            }
        });
    }

    async fn start(&self) -> Result<Instance, FailedStart> {
        let not_started = |error: Error| FunctionError::NotStarted { reason: error.explain() };
        let function = Arc::clone(&self.function);
        let log = self.instance_log();
        let mut instance = Instance::start(function, log).await.map_err(not_started)?;
        let init = instance.init().await;
        match init.result {
            Ok(()) => Ok(instance),
            Err(error) => {
                let report = InitReport { duration: init.duration, error: &error }.to_string();
                instance.log(&report);
                if let Some(hint) = error.init_hint() {
                    let hint = format!("hint: {hint}");
                    instance.log(&hint);
                    instance.note(&hint);
                }
                let log = instance.take_log_tail();
                let details =
                    Box::new(InvocationDetails { log, report, ..InvocationDetails::default() });
                let lines = instance.stop_and_take_log().await;
                Err(FailedStart { error, lines, details })
            }
        }
    }

    fn instance_log(&self) -> InstanceLog {
        InstanceLog::new(Arc::clone(&self.log), &self.function.name)
    }

    /// Lends the slots of an instance to invocations until its process ends, or until the pool is retired and
    /// none of them waits or runs. `free` has one permit for each slot that is not lent.
    async fn lend(self: &Arc<Self>, mut instance: Instance, free: &Semaphore, slots: u32) {
        let (retire, mut retired) = oneshot::channel();
        let (running, stopped) = oneshot::channel::<()>();
        let mut is_retired = {
            let mut instances = self.lock();
            instances.lenders.retain(|lender| !lender.retire.is_closed());
            instances.lenders.push(LenderHandle { retire, stopped });
            instances.is_retired
        };
        let mut running = Some(running);
        let ended = loop {
            tokio::select! {
                biased;
                slot = instance.next_slot(|| self.instance_log()) => match slot {
                    Ok(slot) => self.put(slot),
                    Err(ended) => break Some(ended),
                },
                _ = &mut retired, if !is_retired => is_retired = true,
                _ = free.acquire_many(slots), if is_retired => {
                    if self.lock().waiting.is_empty() {
                        break None;
                    }
                    sleep(PATIENCE).await;
                }
                () = std::future::ready(()), if is_retired && running.is_some() => {
                    // It is busy, and nobody waits for it to stop.
                    running = None;
                }
            }
        };
        match ended {
            Some((error, is_busy)) => {
                // The invocations that were running report it.
                if !is_busy {
                    let reason = match &error {
                        FunctionError::Exited { status } => {
                            format!("exited between invocations: {status}")
                        }
                        error => error.reason(),
                    };
                    instance.log(&reason);
                    instance.note(&reason);
                }
                instance.stop().await;
            }
            None => instance.shut_down().await,
        }
        drop(running);
        self.lost();
    }

    /// Gives a ready instance to the next invocation.
    fn put(&self, mut instance: Instance) {
        let mut instances = self.lock();
        while let Some(waiting) = instances.next_waiting() {
            match waiting.send(Ok(instance)) {
                Err(Ok(back)) => instance = back,
                _ => return,
            }
        }
        if instances.is_retired && instance.is_slot() {
            drop(instances);
            drop(instance);
        } else if instances.is_retired {
            instances.count -= 1;
            drop(instances);
            tokio::spawn(instance.shut_down());
        } else {
            instances.idle.push(instance);
        }
    }

    /// Counts an instance that has ended, and starts another if invocations wait.
    fn lost(self: &Arc<Self>) {
        let mut instances = self.lock();
        instances.count -= 1;
        self.start_another(&mut instances);
    }

    fn lock(&self) -> MutexGuard<'_, Instances> {
        self.instances.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Instances {
    fn next_waiting(&mut self) -> Option<oneshot::Sender<Result<Instance, FailedStart>>> {
        let next = self.waiting.pop_front();
        if self.waiting.is_empty() {
            self.since = None;
        }
        next
    }
}

/// The error of an invocation whose task was dropped.
fn abandoned() -> FunctionError {
    FunctionError::NotStarted { reason: "the invocation was abandoned".to_owned() }
}
