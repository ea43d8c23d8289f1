//! Commands printed for the user to run: they work as printed.

use std::borrow::Cow;
use std::env;
use std::path::Path;

use crate::this_program;

/// A word as a shell takes it.
pub(crate) fn quote(word: &str) -> Cow<'_, str> {
    // Only a NUL cannot be quoted, and no word of a command line has one.
    shlex::try_quote(word).unwrap_or(Cow::Borrowed(word))
}

/// A path as the user would type it here: without the current folder's.
pub(crate) fn relative(path: &Path) -> String {
    let here = env::current_dir().ok();
    let relative = here.as_deref().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path);
    relative.display().to_string()
}

/// What to type for this very program: its name where the shell finds it by that, else its path.
pub(crate) fn program() -> String {
    let name = "scaffold";
    let this = this_program::path();
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    let found = env::var_os("PATH")
        .and_then(|path| env::split_paths(&path).map(|dir| dir.join(&file)).find(|f| f.is_file()));
    if found.is_some_and(|found| is_same(&found, &this)) {
        name.to_owned()
    } else {
        quote(&this.to_string_lossy()).into_owned()
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}
