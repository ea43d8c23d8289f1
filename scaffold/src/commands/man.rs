//! `scaffold man`: generates man pages.

use std::fs;
use std::process::ExitCode;

use clap::CommandFactory;

use crate::cli::{Cli, ManArgs};
use crate::term::error::{Error, Result};

pub(crate) fn run(arguments: &ManArgs) -> Result<ExitCode> {
    let folder = &arguments.directory;
    fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), folder))
        .map_err(|error| {
            Error::new(format!("cannot write to `{}`", folder.display())).because(error)
        })?;
    Ok(ExitCode::SUCCESS)
}
