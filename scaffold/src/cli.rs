//! The command line: clap types, no logic.

use clap::{Args, Parser, Subcommand};

/// Rust on AWS Lambda, from an idea to a deployed function.
#[derive(Debug, Parser)]
#[command(name = "scaffold", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    New(NewArgs),
    Invoke(InvokeArgs),
}

/// Create a project: a few questions, each of them also a flag.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {}

/// Build the function in this folder, run it here and send it one event.
#[derive(Debug, Args)]
pub(crate) struct InvokeArgs {}
