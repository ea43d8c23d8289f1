//! The command line: clap types, no logic.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, value_parser};

use crate::artifact::Code;
use crate::cargo::BOOTSTRAP;
use crate::command::invoke::event;
use crate::command::package::Include;
use crate::engine;
use crate::lambda::Architecture;
use crate::library::LibrarySource;
use crate::question::Flags;

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
    List(ListArgs),
    Dev(DevArgs),
    Invoke(InvokeArgs),
    Build(BuildArgs),
    Package(PackageArgs),
    Inspect(InspectArgs),
    Deploy(DeployArgs),
    Doctor(DoctorArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
    #[cfg(unix)]
    #[command(name = "__start", hide = true)]
    Start(crate::emulator::start::StartArgs),
    #[cfg(unix)]
    #[command(name = "__guard", hide = true)]
    Guard,
}

/// Create a project: a few questions, each of them also a flag.
///
/// On a terminal it asks for what no flag answers; elsewhere it asks nothing, and says what is missing.
/// The project is made whole or not at all, and nothing that is there is overwritten. Inside a git
/// repository it makes none; inside a Cargo workspace it becomes a member where `members` has its folder,
/// or if you say so.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold new                               ask for everything
  scaffold new hello --yes                   every default
  scaffold new hello --arch arm64            ask for the rest
  scaffold new hello --memory 1024 --yes     the default of the rest
  scaffold new hello --directory src/greeter in another folder than `hello`
  scaffold new .                             in this folder, which is empty
  scaffold new hello --answers old/.scaffold.toml --yes
                                             by the answers of another project
  scaffold new hello --yes --dry-run         show what would be made
  scaffold new hello --from gh:ada/template#v1
                                             from any template of cargo-generate")]
pub(crate) struct NewArgs {
    /// The project's name: its folder and its package get it; `.` for this folder and its name
    pub(crate) name: Option<String>,

    #[command(flatten)]
    pub(crate) flags: Flags,

    /// Take the default of every question that is not answered
    #[arg(short, long)]
    pub(crate) yes: bool,

    #[command(flatten)]
    pub(crate) source: SourceArgs,

    /// Answer a question by its name; may be given more than once
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,

    /// A file of answers, TOML or JSON, or a project's `.scaffold.toml`; `-` for standard input.
    /// Flags go before it
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: Option<PathBuf>,

    /// The project's folder, which is made [default: the project's name, in this folder]
    #[arg(short, long, value_name = "DIR")]
    pub(crate) directory: Option<PathBuf>,

    /// Make the project in this folder, which is empty
    #[arg(long, conflicts_with = "directory")]
    pub(crate) here: bool,

    #[command(flatten)]
    pub(crate) git: GitArgs,

    #[command(flatten)]
    pub(crate) workspace: WorkspaceArgs,

    /// Where the library `lambda-native` comes from: `crates-io`, `embedded` (its sources, in the
    /// project) or `path:DIR` (a checkout) [default: `embedded` in a `scaffold` built from a checkout,
    /// else `crates-io`]
    #[arg(long, value_name = "SOURCE")]
    pub(crate) runtime: Option<LibrarySource>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// What the project is made from.
#[derive(Debug, Args)]
pub(crate) struct SourceArgs {
    /// The kind of project: see `scaffold list` [default: http-api]
    #[arg(short, long, value_name = "NAME", conflicts_with = "from")]
    pub(crate) template: Option<String>,

    /// A template of cargo-generate: a folder, the URL of a git repository with `#BRANCH`, `#TAG` or
    /// `#COMMIT` if need be, or `gh:OWNER/REPOSITORY`
    #[arg(long, value_name = "SOURCE")]
    pub(crate) from: Option<String>,

    /// The folder of the template in what `--from` names
    #[arg(long, value_name = "DIR", requires = "from")]
    pub(crate) subfolder: Option<String>,

    /// Let the template of `--from` run its scripts
    #[arg(long)]
    pub(crate) trust: bool,
}

/// Whether it is a git repository.
#[derive(Debug, Args)]
pub(crate) struct GitArgs {
    /// Make a git repository [default: where there is `git`, and no repository around]
    #[arg(long, overrides_with = "no_git")]
    pub(crate) git: bool,

    /// Make no git repository
    #[arg(long, overrides_with = "git")]
    pub(crate) no_git: bool,
}

/// Whether it is a member of the workspace around.
#[derive(Debug, Args)]
pub(crate) struct WorkspaceArgs {
    /// Become a member of the workspace around [default: where its `members` has the folder]
    #[arg(long, overrides_with = "no_workspace")]
    pub(crate) workspace: bool,

    /// Stay a workspace of its own
    #[arg(long, overrides_with = "workspace")]
    pub(crate) no_workspace: bool,
}

/// What is printed.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct OutputArgs {
    /// Print what would be made, and make nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Print JSON: the path, the template, the answers, the files and the command
    #[arg(long)]
    pub(crate) json: bool,
}

/// List the templates.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Print JSON, with a JSON Schema of the answers to each template
    #[arg(long)]
    pub(crate) json: bool,
}

/// Print what completes commands in a shell.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold completions bash > ~/.local/share/bash-completion/completions/scaffold
  scaffold completions zsh > ~/.zfunc/_scaffold
  scaffold completions fish > ~/.config/fish/completions/scaffold.fish
  scaffold completions powershell >> $PROFILE")]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

/// Write the manual pages, one for each command.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold man ~/.local/share/man/man1       for `man scaffold-new`")]
pub(crate) struct ManArgs {
    /// The folder for them, which is made where there is none
    pub(crate) directory: PathBuf,
}

/// Serve the project's functions on one port, and build them anew when a file changes.
///
/// What is in `template.yaml`, and in the definitions of APIs and the nested applications that it
/// names, answers as on AWS: HTTP APIs, REST APIs and function URLs with their routes, events, responses and Lambda
/// authorizers; the functions with their environment, memory and timeout, one event at a time for each
/// instance. Without a template the function gets every request. Lambda's own API answers on the same
/// port. Cargo builds after a save; until the new version is ready, the old one answers. The log goes
/// to standard error.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold dev                             http://127.0.0.1:3000
  scaffold dev --port 8080 --wait          requests wait for the version that is being built
  scaffold dev --debug                     print how to attach a debugger, and wait for it
  aws lambda invoke --endpoint-url http://127.0.0.1:3000 \\
      --function-name HelloFunction --cli-binary-format raw-in-base64-out \\
      --payload '{}' out.json              with the AWS CLI, or any SDK

Requests beyond `--concurrency` wait for an instance. A failed asynchronous invocation is not tried
again. An authorizer's answer is not kept; JWT, Cognito and IAM authorizers, which only AWS can ask, let
every request pass. The function's log lines begin with its name and its request's id.")]
pub(crate) struct DevArgs {
    /// The address to listen on; `0.0.0.0` lets other machines in
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    pub(crate) host: IpAddr,

    /// The port to listen on; 0 is any that is free
    #[arg(short, long, value_name = "NUMBER", default_value_t = 3000)]
    pub(crate) port: u16,

    /// The most instances of a function at a time
    #[arg(short, long, value_name = "NUMBER", default_value_t = 16,
          value_parser = value_parser!(u16).range(1..=1000))]
    pub(crate) concurrency: u16,

    /// Have requests wait while a new version is being built
    #[arg(short, long)]
    pub(crate) wait: bool,

    /// Have a debugger attach before a function gets its first event; nothing times out, and there is
    /// one instance of each function
    #[arg(long)]
    pub(crate) debug: bool,

    /// Build with optimisation, as for Lambda
    #[arg(short, long)]
    pub(crate) release: bool,

    /// The project's `Cargo.toml` [default: the nearest one, here or in a folder above]
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
}

/// Build the function, run it here and send it an event.
///
/// The function runs as on Lambda, without AWS or Docker: its own executable, Lambda's environment
/// variables and Runtime API, with the memory, time and environment that `template.yaml` gives it. Where
/// a `scaffold dev` of the same project runs, it takes the event, unless something here says how the
/// function is to run. The response goes to standard output; what the function logs, and what cargo says
/// while it builds, to standard error, with a report of the time and memory it took. The exit code is 1
/// where the function fails.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold invoke                          send `events/event.json`
  scaffold invoke --data '{\"name\":\"Ada\"}'  send what is typed here
  scaffold invoke OrdersFunction --event example:sqs
                                           one of several functions, and an event as AWS makes it
  jq .Records[0] all.json | scaffold invoke --event - | jq .statusCode
                                           in a pipe
  scaffold invoke --release --repeat 1000  optimised, and how long it takes
  scaffold invoke --debug                  print how to attach a debugger, and wait for it")]
pub(crate) struct InvokeArgs {
    /// The function, by its name in `template.yaml` (`Shop/Orders` in a nested application), or else
    /// its package [default: the only one]
    pub(crate) name: Option<String>,

    /// The event to send: a file of JSON, `-` for standard input, or `example:NAME` for one as AWS
    /// makes it [default: `events/event.json` beside the function's `Cargo.toml`]
    #[arg(short, long, value_name = "FILE", value_parser = event::source)]
    pub(crate) event: Option<event::Source>,

    /// The event to send, as JSON
    #[arg(short, long, value_name = "JSON", conflicts_with = "event")]
    pub(crate) data: Option<String>,

    /// The time that the function has to answer [default: what `template.yaml` says, else 3, as Lambda
    /// has it]
    #[arg(short, long, value_name = "SECONDS", value_parser = value_parser!(u16).range(1..=900))]
    pub(crate) timeout: Option<u16>,

    /// Send the event so many times, one after the other, and tell how long the answers took; the last
    /// one is printed
    #[arg(long, value_name = "NUMBER", value_parser = value_parser!(u16).range(1..))]
    pub(crate) repeat: Option<u16>,

    /// Print the response and the report as JSON
    #[arg(long)]
    pub(crate) json: bool,

    /// Have a debugger attach before the function gets the event; nothing times out
    #[arg(long)]
    pub(crate) debug: bool,

    /// Build with optimisation, as for Lambda
    #[arg(short, long)]
    pub(crate) release: bool,

    /// The binary that is the function [default: `bootstrap`]
    #[arg(long, value_name = "NAME")]
    pub(crate) bin: Option<String>,

    /// The package of the function, in a workspace of several
    #[arg(short, long, value_name = "NAME")]
    pub(crate) package: Option<String>,

    /// The project's `Cargo.toml` [default: the nearest one, here or in a folder above]
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
}

/// Find what would fail on Lambda, before it is uploaded.
///
/// Reads an executable, a zip or a folder without running or unpacking it: processor, loader,
/// libraries, glibc, debug information, the name, place and mode of `bootstrap`, sizes, and the
/// handlers with their types. What is found goes to standard output; each problem, with its mend, to
/// standard error. The exit code is 1 where there is a problem.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold inspect target/lambda/hello/bootstrap.zip
  scaffold inspect .aws-sam/build/HelloFunction
                                           what `sam build` left
  scaffold inspect bootstrap --arch arm64  as for a function on Graviton
  scaffold inspect bootstrap --json | jq -r '.problems[].code'
                                           in a script")]
pub(crate) struct InspectArgs {
    /// The executable, zip or folder
    pub(crate) path: PathBuf,

    /// The processor that it is for [default: what `template.yaml` says, nearest to the file or else
    /// to this folder]
    #[arg(long, value_name = "NAME")]
    pub(crate) arch: Option<Architecture>,

    /// The template that says which processor it is for
    #[arg(long, value_name = "FILE", conflicts_with = "arch")]
    pub(crate) template: Option<PathBuf>,

    /// A kind of problem that is none here; may be given more than once
    #[arg(long, value_name = "CODE")]
    pub(crate) allow: Vec<Code>,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Build the function for Lambda: `target/lambda/NAME/bootstrap`.
///
/// In a container of Amazon Linux 2023 where a container engine is ready and the project has a
/// `Dockerfile` for it, else with cargo on this machine. What was chosen, and why, is said. A build
/// that this machine cannot do is refused before it starts. What was built is inspected: the exit code
/// is 1 where it would not run on Lambda.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold build                           as is best here, for the processor in `template.yaml`
  scaffold build --arch arm64 --container  for Graviton, in a container
  scaffold build --native --static         without shared libraries: it starts faster
  scaffold build --zig                     with cargo-zigbuild, for the glibc of Lambda
  scaffold build --container=podman -- --network=host
                                           with an argument for Podman")]
pub(crate) struct BuildArgs {
    #[command(flatten)]
    pub(crate) how: BuildMethod,

    /// The processor [default: what `template.yaml` says, else this machine's]
    #[arg(long, value_name = "NAME")]
    pub(crate) arch: Option<Architecture>,

    /// Link everything into the executable, the C library too [default: what
    /// `package.metadata.scaffold.linking` in `Cargo.toml` says]
    #[arg(long = "static")]
    pub(crate) is_static: bool,

    /// Cargo's profile
    #[arg(long, value_name = "NAME", default_value = "release")]
    pub(crate) profile: String,

    /// The binary that is the function
    #[arg(long, value_name = "NAME", default_value = BOOTSTRAP)]
    pub(crate) bin: String,

    /// The package of the function, in a workspace of several
    #[arg(short, long, value_name = "NAME")]
    pub(crate) package: Option<String>,

    /// The project's `Cargo.toml` [default: the nearest one, here or in a folder above]
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,

    /// Arguments for what builds: the container engine's `build`, or cargo's
    #[arg(last = true, value_name = "ARGUMENTS")]
    pub(crate) more: Vec<OsString>,
}

/// At most one of them.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct BuildMethod {
    /// Build in a container, of `docker`, `podman` or `finch`
    #[arg(long, value_name = "ENGINE", num_args = 0..=1, require_equals = true,
          default_missing_value = "any")]
    pub(crate) container: Option<engine::Choice>,

    /// Build with cargo on this machine
    #[arg(long)]
    pub(crate) native: bool,

    /// Build with cargo-zigbuild on this machine, for the glibc of Lambda
    #[arg(long)]
    pub(crate) zig: bool,
}

/// Build the function and make the zip for Lambda: `target/lambda/NAME/bootstrap.zip`.
///
/// `bootstrap` is at its root and may be run, also if the zip is made on Windows, and the same input
/// gives the same bytes. The zip is inspected: the exit code is 1 where Lambda would not take or run
/// it.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold package                         build and pack
  scaffold package --include config/       with a folder of files
  scaffold package --include ../shared/rules.json=rules.json
                                           with a file of another name there
  scaffold package --binary bootstrap --output function.zip
                                           pack what was built elsewhere
  aws lambda update-function-code --function-name hello --zip-file fileb://function.zip")]
pub(crate) struct PackageArgs {
    #[command(flatten)]
    pub(crate) build: BuildArgs,

    /// The executable to pack, instead of building one
    #[arg(long, value_name = "FILE", conflicts_with_all = ["container", "native", "zig", "is_static",
          "profile", "bin", "package", "manifest_path", "more"])]
    pub(crate) binary: Option<PathBuf>,

    /// A file or a folder that gets into the zip too, under the same or another name; may be given
    /// more than once
    #[arg(short, long, value_name = "PATH[=NAME]")]
    pub(crate) include: Vec<Include>,

    /// The zip [default: `bootstrap.zip` beside the executable]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Print what is in it as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Build with AWS SAM, inspect what was built, and deploy it.
///
/// Runs `sam build` and `sam deploy`, each shown as it would be typed; the first time with `--guided`,
/// which asks where to deploy to and keeps the answers in `samconfig.toml`. What is missing is said
/// first, and what would not run on Lambda is not deployed.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold deploy                          ask what is not in `samconfig.toml` yet, and deploy
  scaffold deploy --guided                 ask for everything again
  scaffold deploy -- --config-env prod     with arguments for `sam deploy`")]
pub(crate) struct DeployArgs {
    /// Have SAM ask for everything
    #[arg(long)]
    pub(crate) guided: bool,

    /// A kind of problem that is none here; may be given more than once
    #[arg(long, value_name = "CODE")]
    pub(crate) allow: Vec<Code>,

    /// Arguments for `sam deploy`
    #[arg(last = true, value_name = "ARGUMENTS")]
    pub(crate) more: Vec<OsString>,
}

/// Look for what building and deploying needs, and say how to get what is missing.
///
/// The exit code is 0 where functions can be built for the processor that the project asks for: in a
/// container, with cargo or with zig.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
