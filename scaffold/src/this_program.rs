//! This very program.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

/// What to run to have it a second time, also where its file has been replaced since.
pub(crate) fn executable() -> PathBuf {
    if cfg!(target_os = "linux") { PathBuf::from("/proc/self/exe") } else { path() }
}

/// Where its file is, or was when it started.
pub(crate) fn path() -> PathBuf {
    let path = env::current_exe().unwrap_or_else(|_| PathBuf::from("scaffold"));
    match path.to_str().and_then(|path| path.strip_suffix(" (deleted)")) {
        // Linux says so of a file that has been replaced.
        Some(was) if cfg!(target_os = "linux") && !path.exists() => OsString::from(was).into(),
        _ => path,
    }
}
