//! The executable of this program.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::term::quote;

/// The path for running this program again, even if its file has been replaced since it started.
pub(crate) fn executable() -> PathBuf {
    if cfg!(target_os = "linux") { PathBuf::from("/proc/self/exe") } else { path() }
}

/// The path of the program's file, as it was when the program started.
pub(crate) fn path() -> PathBuf {
    let path = env::current_exe().unwrap_or_else(|_| PathBuf::from("scaffold"));
    match path.to_str().and_then(|path| path.strip_suffix(" (deleted)")) {
        // Linux adds this to the path of a file that has been replaced.
        Some(was) if cfg!(target_os = "linux") && !path.exists() => OsString::from(was).into(),
        _ => path,
    }
}

/// Returns the word that starts this program in a shell: its name if `PATH` finds it, else its path.
pub(crate) fn command() -> String {
    let (name, this) = ("scaffold", path());
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    let found = env::var_os("PATH")
        .and_then(|path| env::split_paths(&path).map(|dir| dir.join(&file)).find(|f| f.is_file()));
    if found.is_some_and(|found| is_same(&found, &this)) {
        name.to_owned()
    } else {
        quote::quote(&this.to_string_lossy()).into_owned()
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((dunce::canonicalize(one), dunce::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}
