//! Valid project names.

use std::fmt;
use std::path::Path;

use heck::ToKebabCase;

/// The limit for function names on Lambda and for package names on crates.io.
const MAX_LEN: usize = 64;

const KEYWORDS: [&str; 51] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

const RUSTS_CRATES: [&str; 6] = ["alloc", "core", "proc-macro", "proc_macro", "std", "test"];

/// Cargo cannot distinguish a package from a dependency with the same name and version.
const LIBRARY: [&str; 2] = ["lambda-native", "lambda-native-macros"];

const CARGOS_FOLDERS: [&str; 4] = ["build", "deps", "examples", "incremental"];

const WINDOWS_DEVICES: [&str; 22] = [
    "aux", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "con", "lpt1",
    "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "nul", "prn",
];

/// The name of a project, used for its folder and its Cargo package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProjectName(String);

impl ProjectName {
    /// Accepts the lower-case names that Cargo accepts without a warning.
    ///
    /// # Errors
    /// The reason why the name is invalid, on one line.
    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        let plain =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        let why = if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(plain)
        {
            "is not a valid project name: use lower-case letters, digits, `-` or `_`, starting with a \
             letter"
        } else if name.len() > MAX_LEN {
            "is too long: expected at most 64 characters"
        } else if KEYWORDS.contains(&name) {
            "is a Rust keyword"
        } else if RUSTS_CRATES.contains(&name) {
            "is the name of a crate that ships with Rust"
        } else if LIBRARY.contains(&name) {
            "is the name of a crate that the project depends on"
        } else if CARGOS_FOLDERS.contains(&name) {
            "is the name of a folder that Cargo uses in `target`"
        } else if WINDOWS_DEVICES.contains(&name) {
            "is a reserved device name on Windows"
        } else {
            return Ok(Self(name.to_owned()));
        };
        Err(format!("`{name}` {why}"))
    }

    /// The valid name nearest to an invalid one.
    pub(crate) fn near(name: &str) -> Self {
        let ascii: String = name.chars().map(|c| if c.is_ascii() { c } else { '-' }).collect();
        let mut near = ascii.to_kebab_case();
        near.truncate(MAX_LEN - "my-".len());
        let near = if near.is_empty() { "hello" } else { near.trim_end_matches('-') };
        Self::parse(near).unwrap_or_else(|_| Self(format!("my-{near}")))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as the path of a folder in the current folder.
    pub(crate) fn as_path(&self) -> &Path {
        Path::new(&self.0)
    }
}

impl fmt::Display for ProjectName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_package_names() {
        for name in ["hello", "h", "my-api", "my_api", "api2", "matches", &"a".repeat(64)] {
            assert_eq!(ProjectName::parse(name), Ok(ProjectName(name.to_owned())));
        }
    }

    #[test]
    fn says_what_is_wrong_and_offers_the_nearest_name() {
        let characters = "is not a valid project name: use lower-case letters, digits, `-` or `_`, starting with a \
             letter";
        for (name, why, near) in [
            ("", characters, "hello"),
            ("My App", characters, "my-app"),
            ("MyApp", characters, "my-app"),
            ("1st", characters, "my-1st"),
            ("-x", characters, "x"),
            ("../up", characters, "up"),
            ("größe", characters, "gr-e"),
            ("世界", characters, "hello"),
            ("match", "is a Rust keyword", "my-match"),
            ("gen", "is a Rust keyword", "my-gen"),
            ("test", "is the name of a crate that ships with Rust", "my-test"),
            (
                "lambda-native",
                "is the name of a crate that the project depends on",
                "my-lambda-native",
            ),
            ("deps", "is the name of a folder that Cargo uses in `target`", "my-deps"),
            ("con", "is a reserved device name on Windows", "my-con"),
            (&"a".repeat(65), "is too long: expected at most 64 characters", &"a".repeat(61)),
        ] {
            assert_eq!(ProjectName::parse(name), Err(format!("`{name}` {why}")));
            assert_eq!(ProjectName::near(name).as_str(), near);
        }
    }
}
