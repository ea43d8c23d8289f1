//! The newest invocations.
//!
//! Requests only add to it and fill in their own entry. The pages read what has changed since they last
//! asked, so that nothing is copied or described while no page is open.

use std::collections::VecDeque;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::timeout;

use super::recorded::{Progress, RecordedInvocation};

/// The number of invocations that are kept.
const MAX_COUNT: usize = 1000;
/// The bytes of their events, bodies and logs that are kept.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// The time for which the page waits for the log of an invocation that has its response.
const WAIT: Duration = Duration::from_secs(5);

/// The newest invocations, running ones included; older ones are dropped.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// The oldest first.
    kept: Mutex<VecDeque<Arc<RecordedInvocation>>>,
    bytes: AtomicUsize,
    /// The number of changes so far.
    changes: AtomicU64,
    changed: Notify,
}

impl History {
    pub(super) fn add(&self, invocation: Arc<RecordedInvocation>) {
        {
            let mut kept = self.lock();
            {
                let mut progress = invocation.progress();
                progress.is_kept = true;
                progress.changed = self.next_change();
                self.bytes.fetch_add(invocation.size(&progress), Ordering::Relaxed);
            }
            kept.push_back(invocation);
            self.drop_oldest(kept);
        }
        self.changed.notify_waiters();
    }

    /// Changes an invocation. One that ends after it has been dropped is among the newest again.
    pub(super) fn update(
        &self,
        invocation: &Arc<RecordedInvocation>,
        change: impl FnOnce(&mut Progress),
    ) {
        let is_dropped = {
            let mut progress = invocation.progress();
            let before = invocation.size(&progress);
            change(&mut progress);
            progress.changed = self.next_change();
            if progress.is_kept {
                self.bytes.fetch_add(invocation.size(&progress) - before, Ordering::Relaxed);
            }
            !progress.is_kept && progress.outcome.is_some()
        };
        if is_dropped {
            self.add(Arc::clone(invocation));
            return;
        }
        if self.bytes.load(Ordering::Relaxed) > MAX_BYTES {
            self.drop_oldest(self.lock());
        }
        self.changed.notify_waiters();
    }

    pub(crate) fn get(&self, id: &str) -> Option<Arc<RecordedInvocation>> {
        self.lock().iter().rev().find(|it| it.id == id).cloned()
    }

    /// Returns an invocation. If it has its response, waits for the rest, but not for long.
    pub(crate) async fn wait_for(&self, id: &str) -> Option<Arc<RecordedInvocation>> {
        let invocation = self.get(id)?;
        let over = async {
            loop {
                let changed = self.changed();
                if !invocation.progress().is_finishing() {
                    return;
                }
                changed.await;
            }
        };
        let _ = timeout(WAIT, over).await;
        Some(invocation)
    }

    /// Returns a future of the next change, counted from this call.
    pub(crate) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// Describes the invocations that have changed after `seen` changes, the oldest first. The number of
    /// changes so far comes with them.
    pub(crate) fn changes(&self, seen: u64) -> (Vec<Value>, u64) {
        // Each change is counted and marked within a lock, so that none is missed.
        let now = self.changes.load(Ordering::SeqCst);
        let all: Vec<_> = self.lock().iter().cloned().collect();
        let changed = all.iter().filter(|it| it.progress().changed > seen);
        (changed.map(|it| it.summary()).collect(), now)
    }

    fn next_change(&self) -> u64 {
        self.changes.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn drop_oldest(&self, mut kept: MutexGuard<'_, VecDeque<Arc<RecordedInvocation>>>) {
        while kept.len() > MAX_COUNT || self.bytes.load(Ordering::Relaxed) > MAX_BYTES {
            let Some(oldest) = kept.pop_front() else { break };
            let mut progress = oldest.progress();
            progress.is_kept = false;
            self.bytes.fetch_sub(oldest.size(&progress), Ordering::Relaxed);
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<RecordedInvocation>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use hyper::body::Bytes;
    use time::OffsetDateTime;

    use super::*;
    use crate::local::console::recorded::{Arrival, Outcome, Source};
    use crate::local::lambda::InvocationDetails;

    fn invocation(id: usize, event: &Bytes) -> Arc<RecordedInvocation> {
        let arrival = Arrival {
            time: OffsetDateTime::UNIX_EPOCH,
            started: Instant::now(),
            version: 1,
            is_old: false,
        };
        let source = Source::Event("Invoke".into());
        let id = id.to_string();
        Arc::new(RecordedInvocation::new(arrival, &id, source, None, None, Some(event)))
    }

    fn end(history: &History, invocation: &Arc<RecordedInvocation>) {
        history.update(invocation, |progress| {
            progress.outcome = Some(Outcome {
                status: Some(200),
                duration: Duration::ZERO,
                is_cold: false,
                reason: None,
            });
        });
    }

    fn ids(history: &History, seen: u64) -> Vec<String> {
        let (changed, _) = history.changes(seen);
        changed.iter().map(|it| it["id"].as_str().unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn keeps_the_newest_thousand_and_at_most_64_mb_of_them() {
        let history = History::default();
        for id in 0..1100 {
            history.add(invocation(id, &Bytes::from_static(b"{}")));
        }
        let all = ids(&history, 0);
        assert_eq!((all.len(), all[0].as_str()), (1000, "100"));
        let large = Bytes::from(vec![b'1'; 6 * 1024 * 1024]);
        for id in 1100..1120 {
            history.add(invocation(id, &large));
        }
        let all = ids(&history, 0);
        assert_eq!((all.len(), all[0].as_str()), (10, "1110"));
        assert!(history.get("1109").is_none() && history.get("1119").is_some());
    }

    #[test]
    fn counts_the_bytes_of_responses_and_frees_them() {
        let history = History::default();
        let all: Vec<_> = (0..20).map(|id| invocation(id, &Bytes::from_static(b"{}"))).collect();
        for it in &all {
            history.add(Arc::clone(it));
        }
        for it in &all {
            history.update(it, |progress| progress.answer = Some(vec![0; 6 << 20].into()));
        }
        assert_eq!(ids(&history, 0).first().map(String::as_str), Some("10"));
        // It is among the newest again, and others make room for it.
        end(&history, &all[0]);
        let kept = ids(&history, 0);
        assert_eq!((kept.len(), kept.last().map(String::as_str)), (10, Some("0")));
        let empty = invocation(0, &Bytes::new());
        let least = empty.size(&empty.progress());
        for id in 0..1000 {
            history.add(invocation(id, &Bytes::new()));
        }
        assert_eq!(history.bytes.load(Ordering::Relaxed), 1000 * least);
    }

    #[test]
    fn tells_what_has_changed_since_the_last_time() {
        let history = History::default();
        let all: Vec<_> = (0..3).map(|id| invocation(id, &Bytes::new())).collect();
        for it in &all {
            history.add(Arc::clone(it));
        }
        let (_, seen) = history.changes(0);
        assert_eq!(ids(&history, seen), [] as [&str; 0]);
        end(&history, &all[1]);
        history.add(invocation(3, &Bytes::new()));
        assert_eq!(ids(&history, seen), ["1", "3"]);
    }

    #[tokio::test(start_paused = true)]
    async fn waits_for_the_log_of_an_invocation_that_has_its_response() {
        let history = Arc::new(History::default());
        assert!(history.wait_for("7").await.is_none());
        let running = invocation(7, &Bytes::new());
        history.add(Arc::clone(&running));
        // One that runs is shown at once.
        let started = tokio::time::Instant::now();
        assert!(history.wait_for("7").await.is_some());
        assert_eq!(started.elapsed(), Duration::ZERO);
        end(&history, &running);
        let waiting = tokio::spawn({
            let history = Arc::clone(&history);
            async move { history.wait_for("7").await.is_some() }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        history.update(&running, |progress| {
            progress.awaits_details = false;
            progress.details = Some(InvocationDetails::default());
        });
        assert!(waiting.await.unwrap());
        assert_eq!(started.elapsed(), Duration::ZERO);
    }
}
