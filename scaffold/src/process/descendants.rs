//! The processes that descend from this one, found in `/proc` by the ids of their parents.

use std::collections::HashMap;
use std::time::Duration;
use std::{fs, thread};

use rustix::process::{Pid, Signal, getpid, kill_process};

/// The most searches: each finds what was started during the one before.
const SEARCHES: usize = 100;
/// The time that the kernel gets for ending processes before they are searched again.
const PAUSE: Duration = Duration::from_millis(2);

/// Kills all descendants of this process that this user can kill, and waits until they have ended.
pub(super) fn kill() {
    for _ in 0..SEARCHES {
        let killed =
            find().into_iter().filter(|id| kill_process(*id, Signal::KILL).is_ok()).count();
        if killed == 0 {
            return;
        }
        thread::sleep(PAUSE);
    }
}

/// Finds the descendants that have not ended.
fn find() -> Vec<Pid> {
    let mut children: HashMap<i32, Vec<(i32, bool)>> = HashMap::new();
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(id) = process.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // It fails if the process has ended.
        let Ok(stat) = fs::read(process.path().join("stat")) else { continue };
        if let Some((parent, has_ended)) = parent(&String::from_utf8_lossy(&stat)) {
            children.entry(parent).or_default().push((id, has_ended));
        }
    }
    let mut found = Vec::new();
    let mut parents = vec![getpid().as_raw_nonzero().get()];
    while let Some(parent) = parents.pop() {
        for (id, has_ended) in children.remove(&parent).unwrap_or_default() {
            parents.push(id);
            found.extend(Pid::from_raw(id).filter(|_| !has_ended));
        }
    }
    found
}

/// Reads the id of the parent, and whether the process has ended, from a file `stat`, which
/// `man 5 proc_pid_stat` describes.
fn parent(stat: &str) -> Option<(i32, bool)> {
    // The name of the program can contain anything.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    let state = fields.next()?;
    Some((fields.next()?.parse().ok()?, matches!(state, "Z" | "X")))
}
