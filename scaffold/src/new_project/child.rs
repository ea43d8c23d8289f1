//! The child process of this program in which templates are parsed and expanded.
//!
//! A text that makes the parser overflow its stack, or that takes too much memory or time, ends only the
//! child. It runs without the user's environment, on a copy of the template in a staging folder.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io};

use serde::{Deserialize, Serialize};

use super::file_tree;
use super::template::TemplateFile;
use super::template::variables::Author;
use crate::process::background::Background;
use crate::process::{interrupt, this_program};
use crate::term::error::{Error, Result};

// The contents of the staging folder beside the project, whose name has no dot. The child runs in it, with
// relative paths: cargo-generate takes only UTF-8 for some of them.
pub(super) const TEMPLATE: &str = ".template";
const FAILURE: &str = ".failure.json";

/// The work of the child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Finds scripts, and runs none.
    FindScripts,
    /// Expands a template of this program: the tests render every pair of answers to its questions.
    BuiltIn,
    /// Checks a foreign template that runs no script, and expands it.
    Strict,
    /// Expands a template whose scripts the user has allowed.
    Trusted,
}

impl Mode {
    /// The child's first argument.
    pub(super) fn argument(self) -> &'static str {
        match self {
            Self::FindScripts => "__find-scripts",
            Self::BuiltIn => "__expand-built-in",
            Self::Strict => "__expand",
            Self::Trusted => "__expand-trusted",
        }
    }
}

pub(super) fn write_template<'t>(
    staging: &Path,
    files: impl Iterator<Item = (&'t String, &'t TemplateFile)> + Clone,
) -> io::Result<PathBuf> {
    let template = staging.join(TEMPLATE);
    fs::create_dir(&template)?;
    file_tree::write(&template, files.clone().map(|(path, file)| (&**path, &*file.contents)))?;
    for (path, _) in files.filter(|(_, file)| file.executable) {
        make_executable(&template.join(path))?;
    }
    Ok(template)
}

#[cfg(unix)]
fn make_executable(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
}

#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

pub(super) fn start(staging: &Path, mode: Mode, name: &str) -> io::Result<Background> {
    let mut child = Command::new(this_program::executable());
    child.args([mode.argument(), name]).current_dir(staging);
    if mode == Mode::Trusted {
        // Scripts run programs that need the user's environment.
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("CARGO_GENERATE_") {
                child.env_remove(name);
            }
        }
    } else {
        child.env_clear();
        // Windows cannot start much without it.
        child.envs(env::var_os("SystemRoot").map(|root| ("SystemRoot", root)));
    }
    child.envs(["TMPDIR", "TMP", "TEMP"].map(|name| (name, ".")));
    // cargo-generate insists on an author.
    let author = Author::find();
    child.env("CARGO_NAME", author.name).env("NO_COLOR", "1");
    child.envs(author.email.map(|email| ("CARGO_EMAIL", email)));
    child.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    Background::start(&mut child)
}

/// Waits for the child. `what` says what has failed if it does.
pub(super) fn finish(
    staging: &Path,
    child: Background,
    what: impl FnOnce() -> String,
) -> Result<()> {
    let output = match child.finish() {
        Ok(output) => output,
        Err(error) => return Err(Error::new(what()).because(error)),
    };
    interrupt::check_child(output.status)?;
    if output.status.success() {
        return Ok(());
    }
    let failure = fs::read(staging.join(FAILURE)).ok();
    match failure.and_then(|failure| serde_json::from_slice::<Failure>(&failure).ok()) {
        Some(Failure { message, hint: Some(hint) }) => {
            Err(Error::new(what()).because(message).hint(hint))
        }
        Some(Failure { message, hint: None }) => Err(Error::new(what()).because(message)),
        None => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(Error::new(what()).because(format!("{}: {}", output.status, said.trim())))
        }
    }
}

/// Why the child fails, in a file of the staging folder.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Failure {
    message: String,
    hint: Option<String>,
}

impl Failure {
    pub(super) fn new(message: impl ToString) -> Self {
        Self { message: message.to_string(), hint: None }
    }

    /// The failure that is found if the child ends while it works on this file.
    pub(super) fn at(path: &str) -> Self {
        Self {
            message: format!(
                "`{path}` nests too deeply, or takes too much memory or time to expand"
            ),
            hint: Some("this is a mistake in the template".to_owned()),
        }
    }

    pub(super) fn write(&self) {
        if let Ok(text) = serde_json::to_vec(self) {
            // The parent then tells how the child has ended.
            let _ = fs::write(FAILURE, text);
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let hint = Some(error.fix().to_owned()).filter(|hint| !hint.is_empty());
        Self { message: error.explain(), hint }
    }
}

/// Limits what a template can take. The system ends the child at the limit.
#[cfg(unix)]
pub(super) fn limit_resources() -> std::result::Result<(), Failure> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    const MEMORY: u64 = 2 << 30;
    const SECONDS: u64 = 30;
    for (resource, limit) in [(Resource::As, MEMORY), (Resource::Cpu, SECONDS)] {
        let Rlimit { current, maximum } = getrlimit(resource);
        let current = Some(current.map_or(limit, |current| current.min(limit)));
        setrlimit(resource, Rlimit { current, maximum }).map_err(Failure::new)?;
    }
    Ok(())
}

/// Windows has no such limits: there Ctrl-C ends the child.
#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
pub(super) fn limit_resources() -> std::result::Result<(), Failure> {
    Ok(())
}
