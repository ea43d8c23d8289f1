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

/// How long a request waits for an instance before another one is started, which takes longer than
/// that: most functions have answered by then.
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
    idle: Vec<Instance>,
    /// Requests, the longest waiting first.
    waiting: VecDeque<oneshot::Sender<Turn>>,
    /// How many instances there are, those that start included.
    count: usize,
    retired: bool,
}

/// What a request was waiting for.
#[derive(Debug)]
enum Turn {
    Instance(Box<Instance>),
    /// It may start one.
    Start,
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
        let (mut instance, init) = match self.take().await {
            Turn::Instance(instance) => (instance, None),
            Turn::Start => match self.start().await {
                Ok((instance, init)) => (instance, Some(init)),
                Err(failure) => {
                    let _ = reply.send(Err(failure));
                    self.lost();
                    return;
                }
            },
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
            self.put(instance);
        }
    }

    /// Waits for an instance, or for the permission to start one.
    async fn take(&self) -> Turn {
        let mut turn = {
            let mut state = self.lock();
            while let Some(mut instance) = state.idle.pop() {
                let Some(exit) = instance.has_exited() else {
                    return Turn::Instance(Box::new(instance));
                };
                state.count -= 1;
                instance.log(&format!("ended without an event: {exit}"));
            }
            if state.count == 0 {
                state.count = 1;
                return Turn::Start;
            }
            let (sender, turn) = oneshot::channel();
            state.waiting.push_back(sender);
            turn
        };
        tokio::select! {
            biased;
            Ok(turn) = &mut turn => return turn,
            () = sleep(PATIENCE) => {}
        }
        {
            let mut state = self.lock();
            // It may have come just now.
            if let Ok(turn) = turn.try_recv() {
                return turn;
            }
            if state.count < self.concurrency {
                state.count += 1;
                return Turn::Start;
            }
        }
        // The senders are in `self`.
        turn.await.unwrap_or(Turn::Start)
    }

    async fn start(&self) -> Result<(Box<Instance>, Duration), Failure> {
        let not_started = |error: crate::error::Error| {
            self.log.line(format_args!("{}: {error}", self.function.name));
            Failure::NotStarted { reason: error.to_string() }
        };
        let function = Arc::clone(&self.function);
        let mut instance = Instance::start(function, Some(&self.log)).await.map_err(not_started)?;
        let init = instance.init().await;
        match init.result {
            Ok(()) => Ok((Box::new(instance), init.duration)),
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
    fn put(&self, instance: Box<Instance>) {
        let mut state = self.lock();
        let mut turn = Turn::Instance(instance);
        while let Some(waiting) = state.waiting.pop_front() {
            match waiting.send(turn) {
                Ok(()) => return,
                Err(back) => turn = back,
            }
        }
        match turn {
            Turn::Instance(instance) if !state.retired => state.idle.push(*instance),
            Turn::Instance(instance) => {
                state.count -= 1;
                drop(state);
                drop(instance);
            }
            Turn::Start => {}
        }
    }

    /// An instance is gone: a request that waits may start another.
    fn lost(&self) {
        let mut state = self.lock();
        state.count -= 1;
        while let Some(waiting) = state.waiting.pop_front() {
            if waiting.send(Turn::Start).is_ok() {
                state.count += 1;
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
