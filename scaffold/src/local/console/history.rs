//! The newest invocations.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::timeout;

use super::recorded::RecordedInvocation;

/// The number of invocations that are kept.
const MAX_COUNT: usize = 1000;
/// The bytes of their events, bodies and logs that are kept.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// The number of invocations that a page can lag behind; then it gets all of them again.
const MAX_LAG: usize = 256;

/// The time for which the page waits for an invocation that it has sent.
const WAIT: Duration = Duration::from_secs(5);

/// The newest invocations; older ones are dropped.
#[derive(Debug)]
pub(crate) struct History {
    kept: Mutex<Kept>,
    finished: broadcast::Sender<Arc<RecordedInvocation>>,
}

#[derive(Debug, Default)]
struct Kept {
    invocations: VecDeque<Arc<RecordedInvocation>>,
    bytes: usize,
}

impl History {
    pub(crate) fn new() -> Self {
        Self { kept: Mutex::default(), finished: broadcast::Sender::new(MAX_LAG) }
    }

    pub(crate) fn add(&self, invocation: RecordedInvocation) {
        let invocation = Arc::new(invocation);
        let mut kept = self.lock();
        kept.bytes += invocation.size();
        kept.invocations.push_back(Arc::clone(&invocation));
        while kept.invocations.len() > MAX_COUNT || kept.bytes > MAX_BYTES {
            let Some(oldest) = kept.invocations.pop_front() else { break };
            kept.bytes -= oldest.size();
        }
        // Within the lock, so that none is missing from what `follow` returns, or there twice. It fails if
        // no page is open.
        let _ = self.finished.send(invocation);
    }

    pub(crate) fn get(&self, id: &str) -> Option<Arc<RecordedInvocation>> {
        self.lock().invocations.iter().rev().find(|it| it.id == id).cloned()
    }

    /// Returns an invocation that has been sent, once it is over.
    pub(crate) async fn wait_for(&self, id: &str) -> Option<Arc<RecordedInvocation>> {
        let mut finished = self.finished.subscribe();
        let ended = async {
            loop {
                if let Some(invocation) = self.get(id) {
                    return Some(invocation);
                }
                if let Err(RecvError::Closed) = finished.recv().await {
                    return None;
                }
            }
        };
        timeout(WAIT, ended).await.ok().flatten()
    }

    /// Returns all that are kept, the oldest first, and a receiver of those that follow.
    pub(crate) fn follow(
        &self,
    ) -> (Vec<Arc<RecordedInvocation>>, broadcast::Receiver<Arc<RecordedInvocation>>) {
        let kept = self.lock();
        (kept.invocations.iter().cloned().collect(), self.finished.subscribe())
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use hyper::body::Bytes;
    use time::OffsetDateTime;

    use super::*;
    use crate::local::lambda::FinishedInvocation;

    fn invocation(id: usize, event: Bytes) -> RecordedInvocation {
        let finished = FinishedInvocation {
            time: OffsetDateTime::UNIX_EPOCH,
            source: "Invoke".to_owned(),
            status: 200,
            function: None,
            duration: Duration::ZERO,
            is_cold: false,
            is_old: false,
            reason: None,
        };
        RecordedInvocation {
            id: id.to_string(),
            finished,
            route: None,
            version: 1,
            request: None,
            event: Some(event),
            answer: None,
            response: None,
            details: None,
        }
    }

    #[test]
    fn keeps_the_newest_thousand_and_at_most_64_mb_of_them() {
        let history = History::new();
        for id in 0..1100 {
            history.add(invocation(id, Bytes::from_static(b"{}")));
        }
        let (all, _) = history.follow();
        assert_eq!((all.len(), all[0].id.as_str()), (1000, "100"));
        let large = Bytes::from(vec![b'1'; 6 * 1024 * 1024]);
        for id in 1100..1120 {
            history.add(invocation(id, large.clone()));
        }
        let (all, _) = history.follow();
        assert_eq!((all.len(), all[0].id.as_str()), (10, "1110"));
        assert!(history.get("1109").is_none() && history.get("1119").is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn waits_for_an_invocation_that_is_not_over() {
        let history = Arc::new(History::new());
        let waiting = tokio::spawn({
            let history = Arc::clone(&history);
            async move { history.wait_for("7").await.map(|it| it.id.clone()) }
        });
        tokio::task::yield_now().await;
        history.add(invocation(7, Bytes::new()));
        assert_eq!(waiting.await.unwrap(), Some("7".to_owned()));
        assert!(history.wait_for("8").await.is_none());
    }
}
