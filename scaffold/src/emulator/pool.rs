//! The instances of one function: one event at a time for each, as many as are needed at once.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tempfile::TempPath;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::debugger;
use super::failure::{Exit, Failure};
use super::instance::{Function, Instance};
use super::invocation::{Event, Response};
use super::log::Log;
use super::report::{InitReport, Report};

/// How long requests wait for an instance before another one is started: most functions have answered
/// by then.
const PATIENCE: Duration = Duration::from_millis(10);

/// The instances of one version of a function.
#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) function: Arc<Function>,
    /// The most instances at a time; requests above that wait.
    concurrency: usize,
    log: Arc<Log>,
    /// Kept as long as instances may be started from it.
    _executable: Arc<TempPath>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    idle: Vec<Ready>,
    /// Requests, the longest waiting first.
    waiting: VecDeque<oneshot::Sender<Result<Ready, Failure>>>,
    /// Since when there are some all the time, or since an instance was last started for them.
    since: Option<Instant>,
    /// How many instances there are, those that start included.
    count: usize,
    /// How many of them start.
    starting: usize,
    retired: bool,
}

/// An instance that waits for an event.
#[derive(Debug)]
struct Ready {
    instance: Box<Instance>,
    /// How long it took to start, until its first event.
    init: Option<Duration>,
}

/// What became of an event.
#[derive(Debug)]
pub(crate) struct Invoked {
    pub(crate) result: Result<Response, Failure>,
    /// The last 4 KB of the invocation's log, once it is over.
    pub(crate) log: oneshot::Receiver<Vec<u8>>,
}

impl Pool {
    pub(crate) fn new(
        function: Function,
        executable: Arc<TempPath>,
        concurrency: usize,
        log: Arc<Log>,
    ) -> Arc<Self> {
        Arc::new(Self {
            function: Arc::new(function),
            concurrency,
            log,
            _executable: executable,
            state: Mutex::default(),
        })
    }

    /// Has an instance answer the event. It does so to the end, also where nobody waits for it any
    /// more.
    pub(crate) async fn invoke(self: &Arc<Self>, event: Event) -> Invoked {
        let (reply, result) = oneshot::channel();
        let (tail, log) = oneshot::channel();
        tokio::spawn(Arc::clone(self).run(event, reply, tail));
        let gone = || Failure::NotStarted { reason: "the invocation was given up".to_owned() };
        Invoked { result: result.await.unwrap_or_else(|_| Err(gone())), log }
    }

    /// Ends the instances that have nothing to do; the others answer who is waiting first.
    pub(crate) fn retire(&self) {
        let idle = {
            let mut state = self.lock();
            state.retired = true;
            state.count -= state.idle.len();
            std::mem::take(&mut state.idle)
        };
        drop(idle);
    }

    async fn run(
        self: Arc<Self>,
        event: Event,
        reply: oneshot::Sender<Result<Response, Failure>>,
        tail: oneshot::Sender<Vec<u8>>,
    ) {
        // Those who waited for these may be gone.
        let id = event.request_id.as_str();
        let Ready { mut instance, init } = match self.take().await {
            Ok(ready) => ready,
            Err(failure) => {
                let _ = reply.send(Err(failure));
                return;
            }
        };
        instance.begin_log(id);
        instance.log(&format!("START RequestId: {id} Version: $LATEST"));
        if self.function.debug {
            let say = |text: &str| self.log.line(text);
            debugger::wait(&self.function.name, &instance, say).await;
        }

        let started = Instant::now();
        let answer = instance.invoke(&event).await;
        let streams = matches!(answer.result, Ok(Response::Stream(_)));
        let mut failure = answer.result.as_ref().err().cloned();
        let _ = reply.send(answer.result);
        if !failure.as_ref().is_some_and(Failure::is_end) {
            let over = instance.finish().await;
            failure = failure.or(over.err());
        }
        let duration = if streams { started.elapsed() } else { answer.duration };

        let report = Report {
            request_id: id,
            duration,
            init,
            memory_mb: self.function.memory_mb,
            peak_memory: instance.peak_memory(),
            failure: failure.as_ref(),
        };
        let why = match &failure {
            Some(failure @ (Failure::Exited { .. } | Failure::TimedOut { .. })) => {
                format!("{}\n", failure.message(id))
            }
            _ => String::new(),
        };
        instance.log(&format!("{why}END RequestId: {id}\n{report}"));
        let _ = tail.send(instance.log_tail());
        if failure.as_ref().is_some_and(Failure::is_end) {
            instance.stop().await;
            self.lost();
        } else {
            self.put(Ready { instance, init: None });
        }
    }

    /// Waits for an instance: the first that has nothing else to do, whether it had to be started or not.
    async fn take(self: &Arc<Self>) -> Result<Ready, Failure> {
        let mut ready = {
            let mut state = self.lock();
            while let Some(mut ready) = state.idle.pop() {
                let Some(exit) = ready.instance.has_exited() else { return Ok(ready) };
                state.count -= 1;
                ready.instance.log(&format!("ended without an event: {exit}"));
            }
            let (sender, ready) = oneshot::channel();
            state.waiting.push_back(sender);
            let since = *state.since.get_or_insert_with(Instant::now);
            if state.count == 0 || since.elapsed() >= PATIENCE {
                self.start_another(&mut state);
            }
            ready
        };
        // The senders are in `self`.
        let gone = || Err(Failure::NotStarted { reason: "it was given up".to_owned() });
        tokio::select! {
            biased;
            ready = &mut ready => return ready.unwrap_or_else(|_| gone()),
            () = sleep(PATIENCE) => {}
        }
        self.start_another(&mut self.lock());
        ready.await.unwrap_or_else(|_| gone())
    }

    /// Starts an instance, where fewer are about to than requests wait, and there may be more.
    fn start_another(self: &Arc<Self>, state: &mut State) {
        if state.starting >= state.waiting.len() || state.count >= self.concurrency {
            return;
        }
        state.count += 1;
        state.starting += 1;
        state.since = Some(Instant::now());
        let pool = Arc::clone(self);
        tokio::spawn(async move {
            let started = pool.start().await;
            pool.lock().starting -= 1;
            match started {
                Ok(ready) => pool.put(ready),
                Err(failure) => {
                    let waiting = pool.lock().next_waiting();
                    if let Some(waiting) = waiting {
                        // It waits to the end.
                        let _ = waiting.send(Err(failure));
                    }
                    pool.lost();
                }
            }
        });
    }

    async fn start(&self) -> Result<Ready, Failure> {
        let not_started = |error: crate::error::Error| {
            self.log.line(format_args!("{}: {error}", self.function.name));
            Failure::NotStarted { reason: error.to_string() }
        };
        let function = Arc::clone(&self.function);
        let mut instance = Instance::start(function, Some(&self.log)).await.map_err(not_started)?;
        let init = instance.init().await;
        match init.result {
            Ok(()) => Ok(Ready { instance: Box::new(instance), init: Some(init.duration) }),
            Err(failure) => {
                let report = InitReport { duration: init.duration, failure: &failure };
                let why = match &failure {
                    Failure::Exited { status: Exit::Success } => {
                        "hint: does its `main` take events? `#[lambda_handler]` writes one that does\n"
                    }
                    _ => "",
                };
                instance.log(&format!("{report}\n{why}"));
                instance.stop().await;
                Err(failure)
            }
        }
    }

    /// Gives an instance that waits for an event to the next request.
    fn put(&self, mut ready: Ready) {
        let mut state = self.lock();
        while let Some(waiting) = state.next_waiting() {
            match waiting.send(Ok(ready)) {
                Err(Ok(back)) => ready = back,
                _ => return,
            }
        }
        if state.retired {
            state.count -= 1;
            drop(state);
            drop(ready);
        } else {
            state.idle.push(ready);
        }
    }

    /// An instance is gone: requests that wait may have another.
    fn lost(self: &Arc<Self>) {
        let mut state = self.lock();
        state.count -= 1;
        self.start_another(&mut state);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next_waiting(&mut self) -> Option<oneshot::Sender<Result<Ready, Failure>>> {
        let next = self.waiting.pop_front();
        if self.waiting.is_empty() {
            self.since = None;
        }
        next
    }
}
