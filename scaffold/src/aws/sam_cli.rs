//! The AWS SAM command line, `sam`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::process::{interrupt, programs};
use crate::term::error::{Error, ErrorContext, Result};
use crate::term::style::{COMMAND, STATUS};
use crate::term::{escape, message, quote};

/// Ways to install it.
pub(crate) const INSTALL: &str = "run `pip install aws-sam-cli`, or see \
     https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/install-sam-cli.html";

/// The folder beside a template that `sam build` writes to, with a folder for each function.
pub(crate) const BUILD_FOLDER: &str = ".aws-sam/build";

/// The program, run in the folder of a template.
#[derive(Debug)]
pub(crate) struct SamCli {
    program: PathBuf,
    folder: PathBuf,
}

impl SamCli {
    /// Finds the program on `PATH`.
    pub(crate) fn find(folder: &Path) -> Result<Self> {
        let program = programs::find("sam").ok_or_else(|| {
            Error::new("`sam`, the AWS SAM CLI, is not on `PATH`")
                .hint(format!("{INSTALL}; or deploy without SAM: `scaffold deploy --direct`"))
        })?;
        Ok(Self { program, folder: folder.to_owned() })
    }

    /// Runs it with the user's terminal, and fails if it does.
    pub(crate) async fn run(&self, arguments: &[OsString]) -> Result<()> {
        let words: Vec<_> = arguments.iter().map(|word| word.to_string_lossy()).collect();
        let words: Vec<_> = words.iter().map(|word| quote::quote(word)).collect();
        let line = format!("sam {}", words.join(" "));
        let line = escape::line(&line);
        message::note(format_args!("{STATUS}running{STATUS:#} {COMMAND}{line}{COMMAND:#}"));
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(&self.folder).kill_on_drop(true);
        let status = command.status().await.context(|| format!("cannot run `{line}`"))?;
        if status.success() {
            return Ok(());
        }
        interrupt::check_child(status)?;
        Err(Error::new(format!("`{line}` failed: {status}")))
    }
}
