//! The command line: clap types, no logic.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, value_parser};
use lambda_native_templates::Template;

use crate::cargo::BOOTSTRAP;
use crate::library::LibrarySource;
use crate::question::{self, Answers};

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
    #[command(name = "__expand", hide = true)]
    Expand(ExpandArgs),
}

/// Create a project: a few questions, each of them also a flag.
///
/// On a terminal it asks for what no flag answers; elsewhere it asks nothing, and says what is missing.
/// The project is made whole or not at all.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold new                               ask for everything
  scaffold new hello --yes                   every default
  scaffold new hello --arch arm64            ask for the rest
  scaffold new hello --memory 1024 --yes     the default of the rest
  scaffold new hello --directory src/greeter in another folder than `hello`")]
pub(crate) struct NewArgs {
    /// The project's name: its folder and its package get it
    pub(crate) name: Option<String>,

    #[command(flatten)]
    pub(crate) answers: Answers,

    /// Take the default of every question that no flag answers
    #[arg(short, long)]
    pub(crate) yes: bool,

    /// The kind of project
    #[arg(long, value_name = "NAME", default_value = "http-api", value_parser = question::template)]
    pub(crate) template: &'static Template,

    /// The project's folder, which is made [default: the project's name, in this folder]
    #[arg(short, long, value_name = "DIR")]
    pub(crate) directory: Option<PathBuf>,

    /// Where the library `lambda-native` comes from: `crates-io`, `embedded` (its sources, in the
    /// project) or `path:DIR` (a checkout) [default: `embedded` in a `scaffold` built from a checkout,
    /// else `crates-io`]
    #[arg(long, value_name = "SOURCE")]
    pub(crate) runtime: Option<LibrarySource>,
}

/// Expand the template in the current folder: what `scaffold new` runs in a process of its own.
#[derive(Debug, Args)]
pub(crate) struct ExpandArgs {
    /// The project's name
    pub(crate) name: String,
}

/// Build the function in this folder, run it here and send it one event.
///
/// The function runs as on Lambda, without AWS or Docker: its own executable, Lambda's environment
/// variables and Runtime API. Its response goes to standard output; what it logs, and what cargo says
/// while it builds, to standard error, with a report of the time and memory it took. The exit code is 1
/// where the function fails.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold invoke                          send `events/event.json`
  scaffold invoke --data '{\"name\":\"Ada\"}'  send what is typed here
  scaffold invoke --event order.json       send a file
  jq .Records[0] all.json | scaffold invoke --event - | jq .statusCode
                                           in a pipe
  scaffold invoke --release --timeout 30   optimised, with 30 seconds to answer")]
pub(crate) struct InvokeArgs {
    /// The event to send: a file of JSON, or `-` for standard input [default: `events/event.json`
    /// beside the function's `Cargo.toml`]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) event: Option<PathBuf>,

    /// The event to send, as JSON
    #[arg(short, long, value_name = "JSON", conflicts_with = "event")]
    pub(crate) data: Option<String>,

    /// The time that the function has to answer; Lambda's own default is 3 seconds too
    #[arg(short, long, value_name = "SECONDS", default_value_t = 3,
          value_parser = value_parser!(u16).range(1..=900))]
    pub(crate) timeout: u16,

    /// Build with optimisation, as for Lambda
    #[arg(short, long)]
    pub(crate) release: bool,

    /// The binary that is the function
    #[arg(long, value_name = "NAME", default_value = BOOTSTRAP)]
    pub(crate) bin: String,

    /// The package of the function, in a workspace of several
    #[arg(short, long, value_name = "NAME")]
    pub(crate) package: Option<String>,

    /// The project's `Cargo.toml` [default: the nearest one, here or in a folder above]
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
}
