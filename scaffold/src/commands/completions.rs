//! `scaffold completions`: generates shell completions.

use std::process::ExitCode;

use clap::CommandFactory;

use crate::cli::{Cli, CompletionsArgs};
use crate::term::error::Result;
use crate::term::output;

pub(crate) fn run(arguments: &CompletionsArgs) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "scaffold", &mut script);
    output::print(&String::from_utf8_lossy(&script))
}
