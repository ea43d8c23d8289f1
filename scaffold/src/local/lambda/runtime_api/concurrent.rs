//! The invocations of a function that handles several at a time, as on Lambda Managed Instances: each call of
//! `next` that waits is for one of them, and responses are matched by request id.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use http_body_util::Full;
use hyper::Response;
use hyper::body::Bytes;
use tokio::sync::{Mutex as AsyncMutex, Notify, Semaphore, mpsc};

use super::responses::{event, expired, invalid_request_id};
use crate::local::lambda::invocation::PendingInvocation;

/// The invocations of one instance.
#[derive(Debug)]
pub(super) struct ConcurrentInvocations {
    /// One permit for each call of `next` that waits and is not claimed.
    polls: Semaphore,
    queue: mpsc::UnboundedSender<PendingInvocation>,
    /// The calls of `next` take turns.
    queued: AsyncMutex<mpsc::UnboundedReceiver<PendingInvocation>>,
    state: Mutex<State>,
    /// Notified whenever an invocation has ended.
    ended: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// The invocations that were handed out and have no complete response, with the times when they were.
    running: HashMap<String, (PendingInvocation, Instant)>,
    /// The number of claimed calls whose connection was lost: the calls that replace them are claimed already.
    lost: usize,
}

/// A call of `next` that waits.
struct Poll<'a> {
    invocations: &'a ConcurrentInvocations,
    is_served: bool,
}

impl ConcurrentInvocations {
    pub(super) fn new() -> Self {
        let (queue, queued) = mpsc::unbounded_channel();
        Self {
            polls: Semaphore::new(0),
            queue,
            queued: AsyncMutex::new(queued),
            state: Mutex::default(),
            ended: Notify::new(),
        }
    }

    /// Waits until a call of `next` waits, and claims it.
    pub(super) async fn claim_poll(&self) {
        // Acquiring fails only once the semaphore is closed, which it never is.
        if let Ok(poll) = self.polls.acquire().await {
            poll.forget();
        }
    }

    /// Tells whether an invocation has no complete response, unless nobody waits for it any more.
    pub(super) fn is_busy(&self) -> bool {
        self.lock().running.values().any(|(pending, _)| !pending.is_expired())
    }

    /// Hands out an event to a call of `next` that was claimed.
    pub(super) fn queue(&self, invocation: PendingInvocation) {
        // Sending fails only without a receiver, and `self` has it.
        let _ = self.queue.send(invocation);
    }

    /// Waits until there is an event.
    pub(super) async fn next(&self) -> Response<Full<Bytes>> {
        let mut poll = Poll::new(self);
        let pending = self.queued.lock().await.recv().await;
        poll.is_served = true;
        // Receiving fails only without a sender, and `self` has it.
        let Some(pending) = pending else { return invalid_request_id() };
        let response = event(&pending);
        let id = pending.invocation.request_id.clone();
        self.lock().running.insert(id, (pending, Instant::now()));
        response
    }

    /// Returns the response to a request that cannot end the invocation `request_id` now.
    pub(super) fn refuse_end(&self, request_id: &str) -> Option<Response<Full<Bytes>>> {
        let mut state = self.lock();
        match state.running.get(request_id) {
            None => Some(invalid_request_id()),
            Some((pending, _)) if pending.is_expired() => {
                state.running.remove(request_id);
                Some(expired())
            }
            // Its response is being streamed.
            Some((pending, _)) if pending.has_response() => Some(invalid_request_id()),
            Some(_) => None,
        }
    }

    /// Changes an invocation that was handed out.
    pub(super) fn with_running<T>(
        &self,
        request_id: &str,
        change: impl FnOnce(&mut PendingInvocation, Instant) -> T,
    ) -> Option<T> {
        let mut state = self.lock();
        state.running.get_mut(request_id).map(|(pending, since)| change(pending, *since))
    }

    /// Ends an invocation, and returns it.
    pub(super) fn end(&self, request_id: &str) -> Option<(PendingInvocation, Instant)> {
        let ended = self.lock().running.remove(request_id);
        self.ended.notify_waiters();
        ended
    }

    /// Ends the stream of an invocation that has timed out. One without a response stays known, so that the
    /// function learns what has happened when it responds.
    pub(super) fn cut_off(&self, request_id: &str) {
        if self.with_running(request_id, |pending, _| pending.has_response()) == Some(true) {
            drop(self.end(request_id));
        }
    }

    /// Waits until an invocation that was handed out has ended.
    pub(super) async fn ended(&self, request_id: &str) {
        loop {
            let ended = self.ended.notified();
            if !self.lock().running.contains_key(request_id) {
                return;
            }
            ended.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a> Poll<'a> {
    fn new(invocations: &'a ConcurrentInvocations) -> Self {
        let mut state = invocations.lock();
        match state.lost.checked_sub(1) {
            Some(lost) => state.lost = lost,
            None => invocations.polls.add_permits(1),
        }
        Self { invocations, is_served: false }
    }
}

impl Drop for Poll<'_> {
    fn drop(&mut self) {
        if self.is_served {
            return;
        }
        // The function has closed the connection.
        let mut state = self.invocations.lock();
        match self.invocations.polls.try_acquire() {
            Ok(poll) => poll.forget(),
            Err(_) => state.lost += 1,
        }
    }
}
