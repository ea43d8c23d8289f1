//! The newest invocations.
//!
//! Requests only add to it and fill in their own entry. The pages read what has changed since they last
//! asked, so that nothing is copied or described while no page is open.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::timeout;

use super::recorded::{Arrival, Record, RecordedInvocation};

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
    /// A record that was dropped, whose memory the next one uses.
    spare: Mutex<Option<Arc<RecordedInvocation>>>,
    bytes: AtomicUsize,
    /// The number of changes so far.
    changes: AtomicU64,
    changed: Notify,
    /// A page waits for the next change.
    is_awaited: AtomicBool,
}

impl History {
    /// Adds an invocation that `describe` has described.
    pub(super) fn add(
        &self,
        arrival: Arrival,
        describe: impl FnOnce(&mut Record),
    ) -> Arc<RecordedInvocation> {
        let spare = lock(&self.spare).take();
        let mut invocation = spare.unwrap_or_else(|| Arc::new(RecordedInvocation::new(arrival)));
        // Nothing else has it yet, or any more.
        if let Some(invocation) = Arc::get_mut(&mut invocation) {
            let record = invocation.get_mut();
            record.reset(arrival);
            describe(record);
        }
        self.keep(Arc::clone(&invocation));
        invocation
    }

    fn keep(&self, invocation: Arc<RecordedInvocation>) {
        let mut kept = lock(&self.kept);
        {
            let mut record = invocation.lock();
            record.is_kept = true;
            record.changed = self.next_change();
            self.bytes.fetch_add(record.size(), Ordering::Relaxed);
        }
        kept.push_back(invocation);
        self.drop_oldest(kept);
        self.tell_pages();
    }

    /// Changes an invocation. One that ends after it has been dropped is among the newest again.
    pub(super) fn update<T>(
        &self,
        invocation: &Arc<RecordedInvocation>,
        change: impl FnOnce(&mut Record) -> T,
    ) -> T {
        let (result, is_dropped) = {
            let mut record = invocation.lock();
            let before = record.size();
            let result = change(&mut record);
            record.changed = self.next_change();
            let added = record.size() - before;
            if record.is_kept && added > 0 {
                self.bytes.fetch_add(added, Ordering::Relaxed);
            }
            (result, !record.is_kept && record.outcome.is_some())
        };
        if is_dropped {
            self.keep(Arc::clone(invocation));
            return result;
        }
        if self.bytes.load(Ordering::Relaxed) > MAX_BYTES {
            self.drop_oldest(lock(&self.kept));
        }
        self.tell_pages();
        result
    }

    pub(crate) fn get(&self, id: &str) -> Option<Arc<RecordedInvocation>> {
        lock(&self.kept).iter().rev().find(|it| it.has_id(id)).cloned()
    }

    /// Returns an invocation. If it has its response, waits for the rest, but not for long.
    pub(crate) async fn wait_for(&self, id: &str) -> Option<Arc<RecordedInvocation>> {
        let invocation = self.get(id)?;
        let over = async {
            loop {
                let changed = self.changed();
                if !invocation.lock().is_finishing() {
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
        let changed = self.changed.notified();
        self.is_awaited.store(true, Ordering::SeqCst);
        changed
    }

    fn tell_pages(&self) {
        // Waking them takes a lock that all requests share.
        if self.is_awaited.load(Ordering::SeqCst) {
            self.is_awaited.store(false, Ordering::SeqCst);
            self.changed.notify_waiters();
        }
    }

    /// Describes the invocations that have changed after `seen` changes, the oldest first. The number of
    /// changes so far comes with them.
    pub(crate) fn changes(&self, seen: u64) -> (Vec<Value>, u64) {
        // Each change is counted and marked within a lock, so that none is missed.
        let now = self.changes.load(Ordering::SeqCst);
        let all: Vec<_> = lock(&self.kept).iter().cloned().collect();
        let changed = all.iter().filter(|it| it.lock().changed > seen);
        (changed.map(|it| it.summary()).collect(), now)
    }

    fn next_change(&self) -> u64 {
        self.changes.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn drop_oldest<'a>(&'a self, mut kept: MutexGuard<'a, VecDeque<Arc<RecordedInvocation>>>) {
        while kept.len() > MAX_COUNT || self.bytes.load(Ordering::Relaxed) > MAX_BYTES {
            let Some(mut oldest) = kept.pop_front() else { break };
            {
                let mut record = oldest.lock();
                record.is_kept = false;
                self.bytes.fetch_sub(record.size(), Ordering::Relaxed);
            }
            // Other requests need not wait until its memory is free.
            drop(kept);
            if Arc::get_mut(&mut oldest).is_some() {
                lock(&self.spare).replace(oldest);
            }
            kept = lock(&self.kept);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use hyper::body::Bytes;
    use time::OffsetDateTime;

    use super::*;
    use crate::local::console::recorded::Outcome;
    use crate::local::console::texts::Text;
    use crate::local::lambda::InvocationDetails;

    fn add(history: &History, id: usize, event: &Bytes) -> Arc<RecordedInvocation> {
        let arrival = Arrival {
            time: OffsetDateTime::UNIX_EPOCH,
            started: Instant::now(),
            version: 1,
            is_old: false,
        };
        history.add(arrival, |record| {
            record.awaits_details = true;
            record.texts.add(Text::Id, id.to_string().as_bytes());
            record.texts.add_body(Text::Event, event);
        })
    }

    fn end(history: &History, invocation: &Arc<RecordedInvocation>) {
        history.update(invocation, |record| {
            record.outcome = Some(Outcome {
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
            add(&history, id, &Bytes::from_static(b"{}"));
        }
        let all = ids(&history, 0);
        assert_eq!((all.len(), all[0].as_str()), (1000, "100"));
        let large = Bytes::from(vec![b'1'; 6 * 1024 * 1024]);
        for id in 1100..1120 {
            add(&history, id, &large);
        }
        let all = ids(&history, 0);
        assert_eq!((all.len(), all[0].as_str()), (10, "1110"));
        assert!(history.get("1109").is_none() && history.get("1119").is_some());
    }

    #[test]
    fn counts_the_bytes_of_responses_and_frees_them() {
        let history = History::default();
        let event = Bytes::from_static(b"{}");
        let all: Vec<_> = (0..20).map(|id| add(&history, id, &event)).collect();
        for it in &all {
            history.update(it, |record| record.add_answer(Some(&vec![0; 6 << 20].into())));
        }
        assert_eq!(ids(&history, 0).first().map(String::as_str), Some("10"));
        // It is among the newest again, and others make room for it.
        end(&history, &all[0]);
        let kept = ids(&history, 0);
        assert_eq!((kept.len(), kept.last().map(String::as_str)), (10, Some("0")));
        for id in 0..1000 {
            add(&history, id, &Bytes::new());
        }
        let kept: usize = lock(&history.kept).iter().map(|it| it.lock().size()).sum();
        assert_eq!(history.bytes.load(Ordering::Relaxed), kept);
        assert!(kept < 1_000_000, "{kept} bytes");
    }

    #[test]
    fn tells_what_has_changed_since_the_last_time() {
        let history = History::default();
        let all: Vec<_> = (0..3).map(|id| add(&history, id, &Bytes::new())).collect();
        let (_, seen) = history.changes(0);
        assert_eq!(ids(&history, seen), [] as [&str; 0]);
        end(&history, &all[1]);
        add(&history, 3, &Bytes::new());
        assert_eq!(ids(&history, seen), ["1", "3"]);
    }

    #[test]
    fn the_memory_of_a_dropped_record_is_used_by_the_next_one() {
        let history = History::default();
        let first = Arc::as_ptr(&add(&history, 0, &Bytes::from_static(b"{}")));
        for id in 1..=MAX_COUNT {
            add(&history, id, &Bytes::new());
        }
        let next = add(&history, 7000, &Bytes::new());
        assert_eq!(Arc::as_ptr(&next), first);
        assert_eq!(next.event(), Some((None, Vec::new())));
        assert!(history.get("0").is_none() && history.get("7000").is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn waits_for_the_log_of_an_invocation_that_has_its_response() {
        let history = Arc::new(History::default());
        assert!(history.wait_for("7").await.is_none());
        let running = add(&history, 7, &Bytes::new());
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
        history.update(&running, |record| record.add_details(&InvocationDetails::default()));
        assert!(waiting.await.unwrap());
        assert_eq!(started.elapsed(), Duration::ZERO);
    }
}
