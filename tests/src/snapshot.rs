//! Inline snapshots: tests show what users see.
//!
//! After a change of the output of `scaffold`, this updates the snapshots; review them in the diff:
//!
//! ```text
//! cargo install --locked cargo-insta
//! cargo insta test --accept -p lambda-native-tests
//! ```

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use crate::command::{Run, target_folder, workspace};
use crate::runtime_api;
use crate::terminal::Screen;

/// Asserts on everything that a program did: a [`Run`] or a [`Screen`], normalised.
#[macro_export]
macro_rules! assert_run {
    ($run:expr, @$snapshot:literal) => {
        ::insta::assert_snapshot!($crate::snapshot::Show::show(&$run), @$snapshot)
    };
}

/// Things that snapshots can show.
pub trait Show {
    /// The [normalised](normalise) text of the snapshot.
    fn show(&self) -> String;
}

impl Show for Run {
    /// The exit code, and the streams that are not empty.
    fn show(&self) -> String {
        exit_code(self.code) + &*streams(&self.stdout, &self.stderr)
    }
}

impl Show for runtime_api::Run {
    /// The exit code or that it waits for an event, the calls, and the streams that are not empty.
    fn show(&self) -> String {
        let end = match self.status {
            Some(status) => exit_code(status.code()),
            None => "waits for an event\n".to_owned(),
        };
        // Chunks of a stream are framed with CR LF.
        let calls = self.calls().join("\n").replace("\r\n", r"\r\n");
        format!("{end}----- calls -----\n{calls}\n{}", streams(&self.stdout, &self.stderr))
    }
}

impl Show for Screen {
    fn show(&self) -> String {
        format!("{}----- screen -----\n{}", exit_code(self.code), normalise(&self.text))
    }
}

/// Several runs, each under a title.
impl<T: AsRef<str>, R: Show> Show for Vec<(T, R)> {
    fn show(&self) -> String {
        let titled = |(title, run): &(T, R)| {
            let title: Vec<_> = title.as_ref().lines().map(|line| format!("# {line}\n")).collect();
            format!("{}{}", title.concat(), run.show())
        };
        self.iter().map(titled).collect::<Vec<_>>().join("\n")
    }
}

/// The streams that are not empty.
fn streams(stdout: &str, stderr: &str) -> String {
    let mut text = String::new();
    for (name, stream) in [("stdout", stdout), ("stderr", stderr)] {
        let stream = normalise(stream);
        if !stream.is_empty() {
            text.extend(["----- ", name, " -----\n", &*stream]);
            // `insta` ignores newlines at the end.
            if !stream.ends_with('\n') {
                text.push_str("[no newline]\n");
            } else if stream.ends_with("\n\n") {
                text.pop();
                text.push_str("[blank line]\n");
            }
        }
    }
    text
}

fn exit_code(code: Option<i32>) -> String {
    code.map_or_else(|| "killed by a signal\n".to_owned(), |code| format!("exit code: {code}\n"))
}

/// Replaces what differs between runs and between machines, and removes the progress of cargo.
#[must_use]
pub fn normalise(text: &str) -> String {
    static FILTERS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        let folder = |path: &Path| {
            let canonical = dunce::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            let [path, canonical] =
                [path, &canonical].map(|it| regex::escape(&it.to_string_lossy()));
            format!("(?:{path}|{canonical})")
        };
        let temporary = folder(&std::env::temp_dir()) + r"[/\\]\.tmp[A-Za-z0-9]{6}";
        [
            (
                "(?m)^ +(Adding|Blocking|Compiling|Downloaded|Downloading|Finished|Locking|Running|\
                 Updating) .*\n",
                "",
            ),
            (&*temporary, "[TEMP]"),
            (&folder(&target_folder().with_file_name("")), "[TARGET]/"),
            (&folder(workspace()), "[WORKSPACE]"),
            (r"\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b", "[ID]"),
            (r"\bRoot=1-[0-9a-f]{8}-[0-9a-f]{24}(;Parent=[0-9a-f]{16};Sampled=[01])?", "[TRACE]"),
            // The first digits of an id, in the log of `scaffold dev`.
            (r"(?m)^(\w+) [0-9a-f]{8} ", "$1 [ID] "),
            (r"(?m)^[0-9]{2}:[0-9]{2}:[0-9]{2} ", "[CLOCK] "),
            (r"\b(Billed Duration: )[0-9]+ ms", "$1[TIME]"),
            (r"\b[0-9]+\.[0-9]+ ms", "[TIME]"),
            (r"\bready in [0-9.]+ s\b", "ready in [TIME]"),
            (r"\b(Max Memory Used: )[0-9]+ MB", "$1[MEMORY]"),
            // Temporary folders of `scaffold` and of cargo-generate.
            (r"(/\.scaffold-|/\.build-|/cargo-generate)[A-Za-z0-9]{6}\b", "$1[ID]"),
            (r"\b[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}\.[0-9]{3}Z", "[TIMESTAMP]"),
            (r"127\.0\.0\.1:[0-9]+", "[ADDRESS]"),
        ]
        .into_iter()
        .map(|(pattern, name)| (Regex::new(pattern).expect("the pattern is valid"), name))
        .collect()
    });
    let text = FILTERS.iter().fold(text.to_owned(), |text, (pattern, name)| {
        pattern.replace_all(&text, *name).into_owned()
    });
    if cfg!(windows) { with_slashes(&text) } else { text }
}

/// Turns `\` into `/` in normalised paths.
fn with_slashes(text: &str) -> String {
    static PATH: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\[(?:TEMP|TARGET|WORKSPACE)\][^`\s]*").expect("it is valid"));
    PATH.replace_all(text, |path: &regex::Captures| path[0].replace('\\', "/")).into_owned()
}
