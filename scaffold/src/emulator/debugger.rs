//! Lets a debugger attach before a function gets its first event.

use super::instance::Instance;

/// Says how to attach, and waits until that has happened; where the system does not tell, only says
/// so.
pub(crate) async fn wait(name: &str, instance: &Instance, say: impl FnOnce(&str)) {
    let Some(id) = instance.id() else { return };
    if is_traced(id) != Some(false) {
        return;
    }
    say(&message(name, id));
    #[cfg(target_os = "linux")]
    while is_traced(id) == Some(false) {
        // The kernel tells of no such change.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// What to type.
fn message(name: &str, id: u32) -> String {
    format!(
        "{name} waits for a debugger:\n  rust-gdb -p {id}\n  rust-lldb -p {id}\n\
         in an editor, attach to the process {id}; then set breakpoints, and continue"
    )
}

/// Whether a debugger is attached; `None` where the system does not tell, or the process is gone.
#[cfg(target_os = "linux")]
fn is_traced(id: u32) -> Option<bool> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let tracer = status.lines().find_map(|line| line.strip_prefix("TracerPid:"))?;
    Some(tracer.trim() != "0")
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "on Linux the process may be gone")]
fn is_traced(_: u32) -> Option<bool> {
    Some(false)
}
