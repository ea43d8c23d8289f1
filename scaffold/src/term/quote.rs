//! Quoting, so that printed commands work when they are pasted into a shell, and lists of names.

use std::borrow::Cow;
use std::env;
use std::path::Path;

use super::escape;

/// Quotes a word for the shells of this system.
pub(crate) fn quote(word: &str) -> Cow<'_, str> {
    if cfg!(windows) {
        quote_for_windows(word)
    } else if word.contains(escape::is_control) {
        // The ANSI-C quoting of `bash`, `zsh` and POSIX, in which nothing controls a terminal.
        let word = word.replace('\\', r"\\").replace('\'', r"\'");
        Cow::Owned(format!("$'{}'", escape::line(&word)))
    } else {
        // Only a NUL cannot be quoted, and a command line cannot contain one.
        shlex::try_quote(word).unwrap_or(Cow::Borrowed(word))
    }
}

/// Quotes a word for `cmd` and PowerShell; for PowerShell if the two differ.
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

/// Joins items with commas, and the last one with a conjunction.
pub(crate) fn list<T: AsRef<str>>(items: &[T], conjunction: &str) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    match items.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} {conjunction} {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// Joins names in backticks with commas, and the last one with a conjunction.
pub(crate) fn list_quoted<T: AsRef<str>>(names: &[T], conjunction: &str) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    list(&names, conjunction)
}

/// Returns the command that creates a folder and its parents.
pub(crate) fn make_folder(folder: &str) -> String {
    let command = if cfg!(windows) { "mkdir" } else { "mkdir -p" };
    format!("{command} {}", quote(folder))
}

/// Returns the command that sets an environment variable for the commands that follow.
pub(crate) fn set_variable(name: &str, value: &str) -> String {
    if cfg!(windows) {
        format!("$env:{name} = \"{value}\"")
    } else {
        format!("export {name}={value}")
    }
}

/// Returns a path as the user would type it: relative to the current folder if it is inside.
pub(crate) fn relative(path: &Path) -> String {
    let here = env::current_dir().ok();
    let relative = here.as_deref().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path);
    relative.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::quote_for_windows;

    #[cfg(unix)]
    #[test]
    fn quotes_control_characters_as_escapes() {
        assert_eq!(super::quote("a b"), "'a b'");
        assert_eq!(super::quote("it's\n\x1b\\\u{9b}"), r"$'it\'s\n\x1b\\\u009b'");
    }

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
