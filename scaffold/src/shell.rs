//! Commands printed for the user to run: they work as printed.

use std::borrow::Cow;
use std::env;
use std::path::Path;

use crate::this_program;

/// A word as this system's shells take it.
pub(crate) fn quote(word: &str) -> Cow<'_, str> {
    if cfg!(windows) {
        quote_for_windows(word)
    } else {
        // Only a NUL cannot be quoted, and no word of a command line has one.
        shlex::try_quote(word).unwrap_or(Cow::Borrowed(word))
    }
}

/// As both `cmd` and PowerShell take it; what the two do not quote alike, as PowerShell does.
fn quote_for_windows(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_alphanumeric() || "-_.\\:=+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        Cow::Borrowed(word)
    } else if word.contains(['"', '$', '`', '%']) {
        Cow::Owned(format!("'{}'", word.replace('\'', "''")))
    } else {
        Cow::Owned(format!("\"{word}\""))
    }
}

/// What makes a folder and those above it.
pub(crate) fn make_folder(folder: &str) -> String {
    let command = if cfg!(windows) { "mkdir" } else { "mkdir -p" };
    format!("{command} {}", quote(folder))
}

/// What sets an environment variable for the commands that follow.
pub(crate) fn set_variable(name: &str, value: &str) -> String {
    if cfg!(windows) {
        format!("$env:{name} = \"{value}\"")
    } else {
        format!("export {name}={value}")
    }
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
    matches!((dunce::canonicalize(one), dunce::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

#[cfg(test)]
mod tests {
    use super::quote_for_windows;

    #[test]
    fn quotes_for_windows_only_where_it_must() {
        for (word, quoted) in [
            ("hello", "hello"),
            (r"C:\Users\ada\api", r"C:\Users\ada\api"),
            ("größe", "größe"),
            ("", r#""""#),
            ("my api", r#""my api""#),
            ("it's", r#""it's""#),
            ("a&b", r#""a&b""#),
            ("a,b", r#""a,b""#),
            ("100%", "'100%'"),
            ("$HOME", "'$HOME'"),
            (r#"{"name": "Ada's"}"#, r#"'{"name": "Ada''s"}'"#),
        ] {
            assert_eq!(quote_for_windows(word), quoted);
        }
    }
}
