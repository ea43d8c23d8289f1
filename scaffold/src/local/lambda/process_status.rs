//! The state of a process, as Linux reports it in `/proc/PID/status`. On other systems it is unknown.

/// Returns whether a debugger is attached.
pub(super) fn is_traced(id: u32) -> Option<bool> {
    Some(field(id, "TracerPid:")? != "0")
}

/// Returns the most memory that the process has used so far, in bytes: the kernel's high-water mark.
/// `wait4` would report too much: a process that is about to execute another program counts with the
/// memory of the process that started it.
pub(super) fn peak_memory(id: u32) -> Option<u64> {
    let kibibytes: u64 = field(id, "VmHWM:")?.strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}

fn field(id: u32, name: &str) -> Option<String> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let value = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(value.trim().to_owned())
}
