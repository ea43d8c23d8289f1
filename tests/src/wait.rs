//! Waiting for events that must happen, with a deadline.

use std::thread;
use std::time::{Duration, Instant};

/// The time after which waiting fails: it is enough for a build on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// Waits until the condition holds.
#[track_caller]
pub fn wait_for(mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "it does not happen");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until a process has ended, even if its parent has not waited for it.
#[cfg(target_os = "linux")]
#[track_caller]
pub fn assert_ends(process: &str) {
    let stat = format!("/proc/{process}/stat");
    wait_for(|| {
        let stat = std::fs::read_to_string(&stat);
        stat.map_or(true, |stat| stat.rsplit_once(") ").is_some_and(|(_, it)| it.starts_with('Z')))
    });
}
