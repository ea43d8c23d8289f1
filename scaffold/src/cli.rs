//! The command line: its clap types and their help texts.

mod question_flags;

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, value_parser};

pub(crate) use self::question_flags::QuestionFlags;
use crate::add::{NewRoute, QueueName};
use crate::artifact::{FindingCode, Include, Linking};
use crate::aws::{Architecture, BOOTSTRAP, parse_tenant_id};
use crate::build::cargo::Selection;
use crate::build::container::EngineChoice;
use crate::build::{BuildMethod, BuildRequest};
use crate::local::access::HostName;
use crate::local::invoke::event_source::EventSource;
use crate::local::lambda::LogFormat;
use crate::local::poll::SourceName;
use crate::local::token_keys::KeyLocation;
use crate::new_project::runtime_source::RuntimeSource;
use crate::openapi::format::Format;
use crate::remote::logs::LogView;
use crate::remote::project::RemoteChoice;
use crate::remote::since::Since;
use crate::sync::EventKind;

/// Create, run, build and deploy AWS Lambda functions written in Rust.
#[derive(Debug, Parser)]
#[command(name = "scaffold", version, arg_required_else_help = true)]
#[command(after_help = "\
Get started:
  scaffold new hello       create a project in the folder `hello`
  cd hello
  scaffold dev             serve it at http://127.0.0.1:3000
  scaffold deploy          deploy it with AWS SAM")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    New(NewArgs),
    List(ListArgs),
    Add(AddArgs),
    Convert(ConvertArgs),
    Dev(DevArgs),
    Invoke(InvokeArgs),
    Build(BuildArgs),
    Package(PackageArgs),
    Inspect(InspectArgs),
    Openapi(OpenapiArgs),
    Sync(SyncArgs),
    Deploy(Box<DeployArgs>),
    Delete(DeleteArgs),
    Logs(LogsArgs),
    Doctor(DoctorArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

/// The commands that the program runs itself. They are not part of [`Cli`], so that help, suggestions,
/// completions and man pages do not have them.
#[cfg(unix)]
#[derive(Debug, Parser)]
pub(crate) enum InternalCommand {
    #[command(name = crate::process::keeper::COMMAND)]
    Keep(crate::process::keeper::KeepArgs),
    #[cfg(target_os = "linux")]
    #[command(name = crate::process::debuggee::COMMAND)]
    Debuggee(crate::process::debuggee::DebuggeeArgs),
}

/// Create a project from a template.
///
/// Prompts for anything that is not given as a flag; Escape goes back one question. Without a terminal, it
/// fails and lists what is missing; with `--yes`, it uses the defaults.
///
/// The project is created completely or not at all, and existing files are not overwritten. It becomes
/// a git repository unless it is inside one. Inside a Cargo workspace, it becomes a member if `members`
/// matches its folder, or if you pass `--workspace`.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold new                                ask for everything
  scaffold new hello --yes                    use every default
  scaffold new hello --arch arm64             ask for everything else
  scaffold new hello --memory 1024 --yes      use the defaults for everything else
  scaffold new hello --directory src/greeter  create it in a different folder
  scaffold new .                              create it in this folder, which must be empty
  scaffold new hello --answers old/.scaffold.toml --yes
                                              use the answers of another project
  scaffold new hello --yes --dry-run          show what would be created
  scaffold new hello --from gh:ada/template#v1
                                              use any template for cargo-generate")]
pub(crate) struct NewArgs {
    /// Name of the project, its folder and its Cargo package; `.` for this folder
    pub(crate) name: Option<String>,

    #[command(flatten)]
    pub(crate) flags: QuestionFlags,

    /// Use the default of every question that is not answered
    #[arg(short, long)]
    pub(crate) yes: bool,

    #[command(flatten)]
    pub(crate) source: SourceArgs,

    /// Answer a question by its name; can be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,

    /// Read answers from a TOML or JSON file; `-` for standard input
    ///
    /// The `.scaffold.toml` of a project works too. Flags take precedence over the file.
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: Option<PathBuf>,

    /// Directory to create [default: NAME, in this folder]
    #[arg(short, long, value_name = "DIR")]
    pub(crate) directory: Option<PathBuf>,

    /// Create the project in this folder, which must be empty
    #[arg(long, conflicts_with = "directory")]
    pub(crate) here: bool,

    #[command(flatten)]
    pub(crate) git: GitArgs,

    #[command(flatten)]
    pub(crate) workspace: WorkspaceArgs,

    /// Source of the library: `crates-io`, `embedded` or `path:DIR`
    ///
    /// `embedded` copies the sources of `lambda-native` into the project, and `path:DIR` uses a checkout.
    /// The default is `crates-io`, or `embedded` if `scaffold` itself was built from a checkout.
    #[arg(long, value_name = "SOURCE")]
    pub(crate) runtime: Option<RuntimeSource>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// The template to use.
#[derive(Debug, Args)]
pub(crate) struct SourceArgs {
    /// Template to use; see `scaffold list` [default: http-api]
    #[arg(short, long, value_name = "NAME", conflicts_with = "from")]
    pub(crate) template: Option<String>,

    /// Template from a folder, a git URL or `gh:OWNER/REPO`
    ///
    /// Any template for cargo-generate works. `#BRANCH`, `#TAG` or `#COMMIT` at the end of a URL selects a
    /// revision.
    #[arg(long, value_name = "SOURCE")]
    pub(crate) from: Option<String>,

    /// Folder of the template inside `--from`
    #[arg(long, value_name = "DIR", requires = "from")]
    pub(crate) subfolder: Option<String>,

    /// Allow the template of `--from` to run its scripts
    ///
    /// Without it, `scaffold new` lists the scripts and the commands that they start, and asks.
    #[arg(long)]
    pub(crate) trust: bool,
}

/// The choice to initialize a git repository.
#[derive(Debug, Args)]
pub(crate) struct GitArgs {
    /// Initialize a git repository [default: unless inside one]
    #[arg(long, overrides_with = "no_git")]
    pub(crate) git: bool,

    /// Do not initialize a git repository
    #[arg(long, overrides_with = "git")]
    pub(crate) no_git: bool,
}

/// The choice to join the enclosing Cargo workspace.
#[derive(Debug, Args)]
pub(crate) struct WorkspaceArgs {
    /// Join the enclosing workspace [default: if `members` matches]
    #[arg(long, overrides_with = "no_workspace")]
    pub(crate) workspace: bool,

    /// Stay out of the enclosing workspace
    #[arg(long, overrides_with = "workspace")]
    pub(crate) no_workspace: bool,
}

/// The output of `scaffold new`.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct OutputArgs {
    /// Show what would be created, without creating it
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Print the result as JSON
    ///
    /// The result has the path, the template, the answers, the files and the command line that creates
    /// the same project without questions.
    #[arg(long)]
    pub(crate) json: bool,
}

/// List the templates of `scaffold new`, or the functions on AWS.
///
/// With `--remote`, lists the functions of your account in a region, with the AWS CLI: in a project those of its
/// stack and those that `scaffold deploy --direct` has deployed, elsewhere all.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold list                            list the templates
  scaffold list --remote                   list the deployed functions of this project
  scaffold list --remote --all             list all functions in the region
  scaffold list --remote --json | jq -r '.functions[].name'
                                           use the names in a script")]
pub(crate) struct ListArgs {
    /// List the functions on AWS
    #[arg(long)]
    pub(crate) remote: bool,

    /// List those of other projects too
    #[arg(long, requires = "remote")]
    pub(crate) all: bool,

    #[command(flatten)]
    pub(crate) choice: RemoteArgs,

    /// Print JSON; of templates with a JSON Schema of the answers
    #[arg(long)]
    pub(crate) json: bool,
}

/// The stack and the account of deployed functions.
#[derive(Debug, Args)]
pub(crate) struct RemoteArgs {
    /// Stack of the functions [default: that of `samconfig.toml`]
    #[arg(long, value_name = "NAME")]
    pub(crate) stack: Option<String>,

    /// Environment of `samconfig.toml` [default: default]
    ///
    /// Its stack, its region and its profile are used.
    #[arg(long, value_name = "NAME")]
    pub(crate) config_env: Option<String>,

    #[command(flatten)]
    pub(crate) account: AccountArgs,
}

/// The account of deployed functions.
#[derive(Debug, Args)]
pub(crate) struct AccountArgs {
    /// Region [default: from `samconfig.toml`, else of the AWS CLI]
    #[arg(long, value_name = "NAME")]
    pub(crate) region: Option<String>,

    /// Profile [default: from `samconfig.toml`, else of the AWS CLI]
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
}

impl From<RemoteArgs> for RemoteChoice {
    fn from(arguments: RemoteArgs) -> Self {
        let RemoteArgs { stack, config_env, account: AccountArgs { region, profile } } = arguments;
        Self { stack, config_env, region, profile }
    }
}

/// Add a route, a function or a queue to the project.
///
/// Writes a handler with its types, a test, a sample event, and its part of `template.yaml`, which is edited as by
/// `scaffold sync`. The handler stands beside those that the program has. If the program is a single handler, it becomes
/// `named`, and `lambda_native::main!` lists both.
///
/// Shows the changes and asks. All files are written, or none; everything else in them stays as it is. A project
/// that cannot be edited in this way is refused with the reason.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold add route 'POST /items'         respond to a request
  scaffold add function send_email         take JSON and return JSON
  scaffold add queue OrderQueue            handle the messages of a new SQS queue
  scaffold add route 'GET /items/{id}' --name find_item --yes
                                           choose the name of the handler, and do not ask")]
pub(crate) struct AddArgs {
    #[command(subcommand)]
    pub(crate) command: AddCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AddCommand {
    Route(AddRouteArgs),
    Function(AddFunctionArgs),
    Queue(AddQueueArgs),
}

/// Add a handler of requests.
///
/// The handler takes the placeholders of the path as parameters, and the body of POST, PUT and PATCH. The function of
/// the template that serves the other routes gets an event for it; if each handler has a function, so has this one.
#[derive(Debug, Args)]
pub(crate) struct AddRouteArgs {
    /// Method and path, such as `POST /items` or `GET /items/{id}`
    pub(crate) route: NewRoute,

    /// Name of the handler [default: from the method and the path]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// Let SAM add an API if the template has none: `http` or `rest`
    #[arg(long, value_name = "KIND", hide_possible_values = true)]
    pub(crate) create_api: Option<EventKind>,

    #[command(flatten)]
    pub(crate) project: AddProjectArgs,
}

/// Add a handler that takes JSON and returns JSON.
///
/// The template gets a function for it that runs the same program with the same settings.
#[derive(Debug, Args)]
pub(crate) struct AddFunctionArgs {
    /// Name of the handler, such as `send_email`
    pub(crate) name: String,

    #[command(flatten)]
    pub(crate) project: AddProjectArgs,
}

/// Add an SQS queue, and a handler of its messages.
///
/// The template gets the queue, a dead-letter queue for messages that failed three times, and a function that runs the
/// same program with the same settings.
#[derive(Debug, Args)]
pub(crate) struct AddQueueArgs {
    /// Name of the queue in the template, such as `OrderQueue`
    #[arg(value_name = "NAME")]
    pub(crate) queue: QueueName,

    /// Name of the handler [default: from the name of the queue]
    #[arg(long = "name", value_name = "HANDLER")]
    pub(crate) handler: Option<String>,

    #[command(flatten)]
    pub(crate) project: AddProjectArgs,
}

/// The project that gets a handler.
#[derive(Debug, Args)]
pub(crate) struct AddProjectArgs {
    /// Write the changes without asking
    #[arg(short, long)]
    pub(crate) yes: bool,

    /// Show the changes, and write nothing
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,

    /// Binary that gets the handler, in a project with several
    #[arg(long, value_name = "NAME")]
    pub(crate) bin: Option<String>,

    /// Package that gets the handler, in a workspace with several
    #[arg(short, long, value_name = "NAME")]
    pub(crate) package: Option<String>,

    /// Path to the project's `Cargo.toml` [default: the nearest one]
    ///
    /// It is searched for in this folder and the folders above.
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
}

/// Convert a project that uses `lambda_runtime` or `lambda_http`.
///
/// Rewrites `main` and the handlers for `lambda-native`, replaces the dependencies, and adds the project files of
/// `scaffold new`: `Dockerfile`, `Makefile`, `template.yaml` and others. Everything else stays as it is, byte for byte,
/// and no file is overwritten.
///
/// Shows the changes and asks. Then `cargo check` compiles the result; if it fails, all files are restored. A part
/// that cannot be converted is listed with its file, its line and the code to write, and nothing changes.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold convert --dry-run               show the changes
  scaffold convert                         show the changes, and ask
  scaffold convert --keep-runtime          only add the project files, and keep `lambda_runtime`")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct ConvertArgs {
    /// Only add the project files, and keep `lambda_runtime` or `lambda_http`
    #[arg(long)]
    pub(crate) keep_runtime: bool,

    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,

    /// Show the changes and change nothing
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,

    /// Convert even if the git repository has uncommitted changes
    #[arg(long)]
    pub(crate) allow_dirty: bool,

    /// Do not compile the result
    #[arg(long)]
    pub(crate) no_check: bool,

    /// Processor for the new files: `x86_64` or `arm64`
    #[arg(
        long,
        value_name = "NAME",
        hide_possible_values = true,
        default_value = "x86_64",
        hide_default_value = true
    )]
    pub(crate) arch: Architecture,

    /// Source of the library: `crates-io`, `embedded` or `path:DIR`
    ///
    /// It is the same as for `scaffold new`.
    #[arg(long, value_name = "SOURCE", conflicts_with = "keep_runtime")]
    pub(crate) runtime: Option<RuntimeSource>,

    /// Path to the project's `Cargo.toml` [default: the nearest one]
    ///
    /// It is searched for in this folder and the folders above.
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
}

/// Generate shell completions.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold completions bash > ~/.local/share/bash-completion/completions/scaffold
  scaffold completions zsh > ~/.zfunc/_scaffold
  scaffold completions fish > ~/.config/fish/completions/scaffold.fish
  scaffold completions powershell >> $PROFILE")]
pub(crate) struct CompletionsArgs {
    /// Shell to generate them for
    pub(crate) shell: clap_complete::Shell,
}

/// Generate man pages, one for each command.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold man ~/.local/share/man/man1     then: man scaffold-new")]
pub(crate) struct ManArgs {
    /// Directory to write to; created if it does not exist
    pub(crate) directory: PathBuf,
}

/// Serve the project locally and rebuild on save.
///
/// Runs the functions of `template.yaml` and emulates AWS on one port: HTTP APIs, REST APIs and
/// function URLs with their routes, events, responses and authorizers (Lambda and JWT), and Lambda's own
/// API for the AWS CLI and SDKs. Routes of the code that the template lacks are served with a warning:
/// `scaffold sync` writes them. Each function has its environment and timeout, and each instance handles
/// one event at a time, or several on Managed Instances. Nested applications and API definitions in local
/// files are included. Without a template, the function gets every request.
///
/// A function has the environment variables of this shell, which take precedence over those of
/// `template.yaml` and of the file `.env` beside it, and Lambda's own. So it has your AWS credentials, unless
/// you pass `--no-credentials`. Variables that only a deployment knows, such as `!Ref Table`, are unset unless
/// `.env`, `--env-file`, `--env` or `--stack` sets them.
///
/// After a save, cargo builds in the background, and the previous version serves until the new one is
/// ready: its responses carry the header `x-scaffold-version: stale`.
///
/// The log on standard error has one line for each request, with the reason of an error that the function
/// did not decide. What the function prints stands below it; the lines of a slow function come first.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold dev                             serve at http://127.0.0.1:3000
  scaffold dev --port 8080 --wait          let requests wait for the new version after a save
  scaffold dev --poll                      poll queues and streams at AWS_ENDPOINT_URL or on AWS
  scaffold dev --debug                     print how to attach a debugger, and wait for it
  aws lambda invoke --endpoint-url http://127.0.0.1:3000 \\
      --function-name HelloFunction --cli-binary-format raw-in-base64-out \\
      --payload '{}' out.json              invoke a function with the AWS CLI

Differences from AWS:
  Memory is not limited; the log warns if a function uses more than Lambda would give it.
  Requests beyond `--concurrency` wait for an instance instead of being throttled.
  Failed asynchronous invocations are not retried.
  One batch of each queue and of each shard is polled at a time.
  The results of Lambda authorizers are not cached.
  Cognito and IAM authorizers are not emulated: their routes are open.")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct DevArgs {
    /// Address to listen on; `0.0.0.0` for all [default: 127.0.0.1]
    ///
    /// If it is not a loopback address, other machines can run your functions with your credentials.
    #[arg(long, value_name = "IP", default_value = "127.0.0.1", hide_default_value = true)]
    pub(crate) host: IpAddr,

    /// Port to listen on; `0` picks a free one
    #[arg(short, long, value_name = "PORT", default_value_t = 3000)]
    pub(crate) port: u16,

    /// Another name of this machine that requests may use; can be repeated
    ///
    /// A request is refused if its `Host` header is not `localhost`, a name that ends with `.localhost`, a
    /// loopback address, the address of `--host`, or one of these names: otherwise, any web page could
    /// reach your functions. The port does not matter.
    #[arg(long = "allowed-host", value_name = "NAME")]
    pub(crate) allowed_hosts: Vec<HostName>,

    /// Maximum concurrent instances per function
    #[arg(short, long, value_name = "N", default_value_t = 16,
          value_parser = value_parser!(u16).range(1..=1000))]
    pub(crate) concurrency: u16,

    /// Concurrent invocations per instance, as on Managed Instances
    ///
    /// Sets `AWS_LAMBDA_MAX_CONCURRENCY`: a program with the feature `concurrency` of `lambda-native` then takes
    /// N invocations at a time in one process. Its log is JSON, and a timeout does not end the process. The
    /// default is that of `CapacityProviderConfig` in the template; other functions handle one invocation
    /// after the other.
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=1600))]
    pub(crate) max_concurrency: Option<u16>,

    /// File or URL with the keys that verify tokens, for JWT authorizers
    ///
    /// It has a JSON Web Key Set. Without it, the keys are those that the issuer in the template publishes, if it
    /// can be reached; otherwise, the routes are open and a warning says so.
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) jwks: Option<KeyLocation>,

    /// Let requests wait while a new version is being built
    #[arg(short, long)]
    pub(crate) wait: bool,

    /// Poll the queues and streams of `template.yaml`
    ///
    /// Invokes each function with batches of the SQS queues, DynamoDB streams and Kinesis streams that are
    /// among its events, as Lambda does: messages that succeed are deleted from the queue. Polls the
    /// emulator at `AWS_ENDPOINT_URL`, in which it creates what is missing, or else AWS itself. Needs the
    /// AWS CLI.
    #[arg(long)]
    pub(crate) poll: bool,

    /// Queue, table or stream to poll for an ID; can be repeated
    ///
    /// ID is a logical id or a parameter of `template.yaml`. NAME is a name or an ARN. The default is the
    /// name in the template, or the logical id in an emulator.
    #[arg(long = "source", value_name = "ID=NAME", requires = "poll")]
    pub(crate) sources: Vec<SourceName>,

    /// Answer 503 with the errors of the build if it failed
    ///
    /// Without it, the previous version is served. Requests wait while a new version is being built. Browsers
    /// get the errors as a page.
    #[arg(long)]
    pub(crate) fail_stale: bool,

    /// Open the console in your browser
    #[arg(long, conflicts_with = "no_console")]
    pub(crate) open: bool,

    /// Do not serve the console
    ///
    /// The console is a page with the functions and their invocations.
    #[arg(long)]
    pub(crate) no_console: bool,

    /// Log format [default: text, or raw if piped]
    ///
    /// Without a terminal, the default is `raw`.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) log: Option<LogFormat>,

    #[command(flatten)]
    pub(crate) run: RunArgs,

    /// Path to the project's `Cargo.toml` [default: the nearest one]
    ///
    /// It is searched for in this folder and the folders above.
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
}

/// Options for building and running functions.
#[derive(Clone, Debug, Args)]
pub(crate) struct RunArgs {
    /// Environment variable for the functions; can be repeated
    ///
    /// Takes precedence over `--env-file`, which does over the variables of this shell, those over the file
    /// `.env` beside the template, and that over the template. Variables that Lambda reserves cannot be set.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) env: Vec<String>,

    /// File with environment variables for the functions; can be repeated
    ///
    /// Has lines such as `NAME=value`, as the file `.env` has. Later files take precedence over earlier ones.
    #[arg(long, value_name = "FILE")]
    pub(crate) env_file: Vec<PathBuf>,

    /// Deployed stack that has the values of `!Ref` and `!GetAtt`
    ///
    /// Variables whose values only a deployment knows get those of the deployed functions. Reads them with the
    /// AWS CLI when the command starts. With `invoke --remote`, it is also the stack of the function.
    #[arg(long, value_name = "NAME")]
    pub(crate) stack: Option<String>,

    /// Environment of `samconfig.toml` [default: default]
    ///
    /// Its `parameter_overrides` give the parameters of `template.yaml` their values.
    #[arg(long, value_name = "NAME")]
    pub(crate) config_env: Option<String>,

    /// Withhold your AWS credentials from the functions
    ///
    /// Removes the variables from which AWS's SDKs take credentials, and keeps the SDKs from looking for
    /// some in files and on the network. Code can still read such files by itself.
    #[arg(long)]
    pub(crate) no_credentials: bool,

    /// Wait for a debugger before the first event; disables timeouts
    ///
    /// Each function runs in one instance.
    #[arg(long)]
    pub(crate) debug: bool,

    /// Build with optimizations, as for Lambda
    #[arg(short, long)]
    pub(crate) release: bool,
}

/// Build a function, run it locally and send it an event.
///
/// Runs the executable as Lambda does, without AWS or Docker: with Lambda's environment variables and
/// Runtime API, and with the timeout and environment from `template.yaml`. Its memory is not limited. If
/// `scaffold dev` of the same project is running, the event goes there, unless `--timeout`, `--env`,
/// `--env-file`, `--stack`, `--no-credentials`, `--debug`, `--release`, `--bin` or `--package` is given.
///
/// The function has the environment variables of this shell, which take precedence over those of
/// `template.yaml` and of the file `.env` beside it. So it has your AWS credentials, unless you pass `--no-credentials`.
///
/// The response goes to standard output. Logs, cargo's messages, and a report of the duration and the
/// memory go to standard error, with a warning if the function used more memory than Lambda would give
/// it. The exit code is 1 if the function fails.
///
/// With `--remote`, the event goes to the function on AWS, and the end of its log to standard error.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold invoke                          send `events/event.json`
  scaffold invoke --data '{\"name\":\"Ada\"}'  send this JSON
  scaffold invoke OrdersFunction --event example:sqs
                                           send a sample event to one of several functions
  jq '.Records[0]' all.json | scaffold invoke --event - | jq .statusCode
                                           use it in a pipe
  scaffold invoke --release --repeat 1000  measure latencies of an optimized build
  scaffold invoke --debug                  print how to attach a debugger, and wait for it
  scaffold invoke --remote                 invoke the deployed function
  scaffold invoke --remote --compare       compare its response with that of the local build")]
pub(crate) struct InvokeArgs {
    /// Function to invoke, by its name in `template.yaml` [default: the only one]
    ///
    /// `Shop/Orders` names a function of a nested application. Without a template, the name is that of the
    /// package.
    #[arg(value_name = "FUNCTION")]
    pub(crate) name: Option<String>,

    /// Event to send: a JSON file, `-` for standard input, or `example:NAME`
    ///
    /// `example:NAME` is a sample event as AWS sends it; an unknown NAME lists the samples. The default is
    /// `events/event.json` beside the function's `Cargo.toml`.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) event: Option<EventSource>,

    /// Event to send, as JSON text
    #[arg(short, long, value_name = "JSON", conflicts_with = "event")]
    pub(crate) data: Option<String>,

    /// Tenant that the event is for, if the function isolates its tenants
    #[arg(long, value_name = "ID", value_parser = parse_tenant_id)]
    pub(crate) tenant_id: Option<String>,

    /// Timeout of the function [default: from `template.yaml`, else 3]
    #[arg(short, long, value_name = "SECONDS", value_parser = value_parser!(u16).range(1..=900))]
    pub(crate) timeout: Option<u16>,

    /// Send the event N times in sequence and report latencies
    ///
    /// Only the last response is printed.
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..))]
    pub(crate) repeat: Option<u16>,

    /// Print the response and the report as JSON
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) remote: RemoteInvokeArgs,

    #[command(flatten)]
    pub(crate) run: RunArgs,

    /// Binary of the function [default: bootstrap]
    #[arg(long, value_name = "NAME")]
    pub(crate) bin: Option<String>,

    /// Package of the function, in a workspace with several
    #[arg(short, long, value_name = "NAME")]
    pub(crate) package: Option<String>,

    /// Path to the project's `Cargo.toml` [default: the nearest one]
    ///
    /// It is searched for in this folder and the folders above.
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
}

/// The invocation of a deployed function.
#[derive(Debug, Args)]
pub(crate) struct RemoteInvokeArgs {
    /// Invoke the deployed function
    ///
    /// FUNCTION is its name in `template.yaml`, if the stack is known from `samconfig.toml` or `--stack`, or its
    /// name or ARN on AWS. Needs the AWS CLI.
    #[arg(long)]
    pub(crate) remote: bool,

    /// Version or alias of the deployed function
    #[arg(long, value_name = "NAME", requires = "remote")]
    pub(crate) qualifier: Option<String>,

    /// Send the event to the local build too, and show the difference
    ///
    /// The responses are compared as JSON. The exit code is 3 if they differ.
    #[arg(long, requires = "remote", conflicts_with = "repeat")]
    pub(crate) compare: bool,

    #[command(flatten)]
    pub(crate) account: AccountArgs,
}

/// Print the log of a deployed function.
///
/// Reads CloudWatch Logs with the AWS CLI. The lines go to standard output; on a terminal with the time in UTC, and
/// JSON as text. What would control the terminal is escaped.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold logs                            print the last 10 minutes of the only function
  scaffold logs OrdersFunction --follow    print new lines until Ctrl-C
  scaffold logs OrdersFunction --since 2h --filter 'order 42'
                                           print the lines with this text
  scaffold logs orders-prod --region eu-west-1 --log raw | jq .message
                                           use JSON lines in a pipe")]
pub(crate) struct LogsArgs {
    /// Function, by its name in `template.yaml` or on AWS [default: the only one]
    ///
    /// The name in `template.yaml` needs a stack that is known from `samconfig.toml` or `--stack`, unless the function
    /// was deployed by `scaffold deploy --direct`.
    #[arg(value_name = "FUNCTION")]
    pub(crate) name: Option<String>,

    /// Print new lines as they arrive, until Ctrl-C
    #[arg(short, long)]
    pub(crate) follow: bool,

    /// Time to look back: a number with `s`, `m`, `h` or `d`
    #[arg(short, long, value_name = "TIME", default_value = "10m")]
    pub(crate) since: Since,

    /// Text that the events contain, upper and lower case as given
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,

    /// Form of the lines: `text` or `raw` [default: text, or raw if piped]
    ///
    /// `text` adds the time and shows JSON as text; `raw` prints the lines as they are.
    #[arg(long, value_name = "FORM", hide_possible_values = true)]
    pub(crate) log: Option<LogView>,

    #[command(flatten)]
    pub(crate) choice: RemoteArgs,
}

/// Check a build for problems before you upload it.
///
/// Reads an executable, a zip or a folder, without running or unpacking it. Checks the processor, the
/// loader, shared libraries, glibc, debug information, the name, location and mode of `bootstrap`, and
/// Lambda's size limits. Lists the handlers and their types.
///
/// The properties go to standard output, and each problem, with a fix, to standard error. The exit code
/// is 1 if there is a problem.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold inspect                         check what was built last
  scaffold inspect target/lambda/hello/bootstrap.zip
  scaffold inspect .aws-sam/build/HelloFunction
                                           check the output of `sam build`
  scaffold inspect bootstrap --arch arm64  check an executable for Graviton
  scaffold inspect bootstrap --json | jq -r '.problems[].code'
                                           list problems in a script")]
pub(crate) struct InspectArgs {
    /// Executable, zip or folder to check [default: the last build of this project]
    ///
    /// The last build is the newest of what `scaffold build`, `scaffold package` and `sam build` have written.
    pub(crate) path: Option<PathBuf>,

    /// Expected processor: `x86_64` or `arm64` [default: from `template.yaml`]
    ///
    /// The template is the nearest one to the file, or else to this folder. Without a template, both
    /// processors are accepted.
    #[arg(long, value_name = "NAME", hide_possible_values = true)]
    pub(crate) arch: Option<Architecture>,

    /// Template that names the expected processor
    #[arg(long, value_name = "FILE", conflicts_with = "arch")]
    pub(crate) template: Option<PathBuf>,

    /// Problem to ignore; can be repeated
    #[arg(long, value_name = "CODE")]
    pub(crate) allow: Vec<FindingCode>,

    /// Print the properties and problems as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Build a function for Lambda.
///
/// Writes the executable to `target/lambda/NAME/bootstrap` and checks it. The exit code is 1 if it
/// would not run on Lambda.
///
/// By default, picks the first method that can succeed: cargo on this machine, a container of Amazon
/// Linux 2023, cargo-zigbuild. A dynamic executable is built in a container first, because its glibc must
/// not be newer than Lambda's. Prints which method was chosen and why. A build that cannot succeed on
/// this machine is rejected before it starts.
///
/// On this machine, a static executable needs nothing but Rust: its target for musl, and the linker that
/// it ships. Crates with C code also need a C compiler for musl.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold build                           pick the method, and the processor in `template.yaml`
  scaffold build --arch arm64 --container  build for Graviton in a container
  scaffold build --add-target              install Rust's target for musl if it is missing
  scaffold build --zig --linking dynamic   build for Lambda's glibc with cargo-zigbuild
  scaffold build --container=podman -- --network=host
                                           pass an argument to `podman build`")]
pub(crate) struct BuildArgs {
    #[command(flatten)]
    pub(crate) method: BuildMethodArgs,

    /// Processor: `x86_64` or `arm64` [default: from `template.yaml`]
    ///
    /// Without a template, the default is this machine's processor.
    #[arg(long, value_name = "NAME", hide_possible_values = true)]
    pub(crate) arch: Option<Architecture>,

    /// Linking: `static` (musl) or `dynamic` (glibc) [default: static]
    ///
    /// `package.metadata.scaffold.linking` in `Cargo.toml` changes the default.
    #[arg(long, value_name = "KIND", hide_possible_values = true)]
    pub(crate) linking: Option<Linking>,

    /// Add a missing target of Rust without asking
    #[arg(long, conflicts_with = "container")]
    pub(crate) add_target: bool,

    /// Cargo profile
    #[arg(long, value_name = "NAME", default_value = "release")]
    pub(crate) profile: String,

    /// Binary of the function
    #[arg(long, value_name = "NAME", default_value = BOOTSTRAP)]
    pub(crate) bin: String,

    /// Package of the function, in a workspace with several
    #[arg(short, long, value_name = "NAME")]
    pub(crate) package: Option<String>,

    /// Path to the project's `Cargo.toml` [default: the nearest one]
    ///
    /// It is searched for in this folder and the folders above.
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,

    /// Arguments for cargo or for `build` of the container engine
    #[arg(last = true, value_name = "ARGUMENTS")]
    pub(crate) more: Vec<OsString>,
}

/// The method to build with: at most one of these.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct BuildMethodArgs {
    /// Build in a container; ENGINE is `docker`, `podman` or `finch`
    #[arg(long, value_name = "ENGINE", num_args = 0..=1, require_equals = true,
          default_missing_value = "any")]
    pub(crate) container: Option<EngineChoice>,

    /// Build with cargo on this machine
    #[arg(long)]
    pub(crate) native: bool,

    /// Build with cargo-zigbuild on this machine
    #[arg(long)]
    pub(crate) zig: bool,
}

impl From<BuildArgs> for BuildRequest {
    fn from(arguments: BuildArgs) -> Self {
        let BuildArgs {
            method,
            arch,
            linking,
            add_target,
            profile,
            bin,
            package,
            manifest_path,
            more,
        } = arguments;
        let selection = Selection { manifest_path, package, bin };
        let method = method.into();
        Self { selection, method, architecture: arch, linking, add_target, profile, more }
    }
}

impl BuildMethodArgs {
    pub(crate) fn is_given(&self) -> bool {
        self.container.is_some() || self.native || self.zig
    }
}

impl From<BuildMethodArgs> for Option<BuildMethod> {
    fn from(arguments: BuildMethodArgs) -> Self {
        match arguments {
            BuildMethodArgs { container: Some(engine), .. } => Some(BuildMethod::Container(engine)),
            BuildMethodArgs { native: true, .. } => Some(BuildMethod::Native),
            BuildMethodArgs { zig: true, .. } => Some(BuildMethod::Zig),
            _ => None,
        }
    }
}

/// Build a function and write the zip for Lambda.
///
/// Writes `target/lambda/NAME/bootstrap.zip` and checks it. The exit code is 1 if it would not run on
/// Lambda. `bootstrap` is executable in the zip even if the zip is written on Windows, and the same
/// input always gives the same bytes.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold package                         build and write the zip
  scaffold package --include config/       add a folder
  scaffold package --include ../shared/rules.json=rules.json
                                           add a file under another name
  scaffold package --binary bootstrap --output function.zip
                                           write a zip of an existing executable
  aws lambda update-function-code --function-name hello --zip-file fileb://function.zip
                                           upload it with the AWS CLI")]
pub(crate) struct PackageArgs {
    #[command(flatten)]
    pub(crate) build: BuildArgs,

    /// Executable to package, instead of building one
    #[arg(long, value_name = "FILE", conflicts_with_all = ["container", "native", "zig", "linking",
          "add_target", "profile", "bin", "package", "manifest_path", "more"])]
    pub(crate) binary: Option<PathBuf>,

    /// File or folder to add to the zip; can be repeated
    ///
    /// NAME is its path in the zip [default: PATH].
    #[arg(short, long, value_name = "PATH[=NAME]")]
    pub(crate) include: Vec<Include>,

    /// Zip to write [default: `bootstrap.zip` beside the executable]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Print the properties and problems as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Describe the routes of the project as an OpenAPI document.
///
/// Builds the project for debugging with the feature `openapi`, and prints OpenAPI 3.0.1, the newest version
/// that API Gateway imports: paths, parameters, request and response bodies, and the documentation of
/// handlers and types. Several packages or binaries make one document.
///
/// Types have a schema if they derive `schemars::JsonSchema`. The document allows any JSON in place of
/// others, and they are listed.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold openapi                         print the document as JSON
  scaffold openapi --format yaml           print it as YAML
  scaffold openapi --output openapi.yaml   write a file
  scaffold openapi --output openapi.yaml --check
                                           fail if the file is not up to date, for CI")]
pub(crate) struct OpenapiArgs {
    /// Format: `json` or `yaml` [default: that of FILE, else json]
    #[arg(long, value_name = "NAME", hide_possible_values = true)]
    pub(crate) format: Option<Format>,

    /// File to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Compare FILE with the code instead of writing it
    ///
    /// Prints the difference. The exit code is 1 if there is one.
    #[arg(long, requires = "output")]
    pub(crate) check: bool,

    /// Path to the project's `Cargo.toml` [default: the nearest one]
    ///
    /// It is searched for in this folder and the folders above.
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
}

/// Write the routes and event sources of the code into `template.yaml`.
///
/// Builds the functions for this machine, reads the routes of their handlers, and adds an event for each
/// route that does not reach its function yet: like the events that the function has already, else like
/// those of the other functions, else for the only API of the template. A function with nothing but a
/// function URL needs no events, and neither does one with `$default` or `/{proxy+}`.
///
/// A handler with a source, such as `sqs = "OrderQueue"`, gets an event of that source. The name is that of a
/// resource or a parameter of the template.
///
/// It removes or changes only events that it wrote itself, which it remembers below `ScaffoldEvents` in the
/// function's `Metadata`. Everything else stays as it is: comments, order, quotes, and events that were
/// written or changed by hand. The exit code is 1 if a difference remains.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold sync                            add, change and remove events
  scaffold sync --check                    only print the difference, for CI
  scaffold sync --create-api http          let SAM add an HTTP API if there is no API
  scaffold sync --check --json | jq -r '.changes[].to'
                                           list missing routes and sources in a script")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct SyncArgs {
    /// Print the difference and change nothing; exit with 1 if there is one
    #[arg(long)]
    pub(crate) check: bool,

    /// Let SAM add an API if the template has none: `http` or `rest`
    ///
    /// Without it, `scaffold sync` asks; without a terminal, it fails.
    #[arg(long, value_name = "KIND", hide_possible_values = true, conflicts_with = "check")]
    pub(crate) create_api: Option<EventKind>,

    /// Add the function of an authorizer, and its entry in the API
    ///
    /// It concerns `auth` of a handler whose authorizer the template does not have. Without it, `scaffold sync`
    /// asks; without a terminal, it fails.
    #[arg(long, conflicts_with = "check")]
    pub(crate) create_authorizer: bool,

    /// Remove the last event of an API, which deletes the API
    ///
    /// It concerns the API that SAM adds for events that name none. Without it, `scaffold sync` asks; without
    /// a terminal, it fails.
    #[arg(long, conflicts_with = "check")]
    pub(crate) delete_api: bool,

    /// Print the result as JSON
    #[arg(long)]
    pub(crate) json: bool,

    /// Path to the project's `Cargo.toml` [default: the nearest one]
    ///
    /// It is searched for in this folder and the folders above.
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
}

/// Build, check and deploy the project.
///
/// Deploys with AWS SAM. Checks prerequisites first. Then runs `sam build`, checks each function, and runs `sam
/// deploy`; each command is printed as you would type it. The first time, `sam deploy --guided` asks where to deploy
/// to and saves the answers in `samconfig.toml`. Nothing is deployed if a function would not run on Lambda.
///
/// With `--direct`, deploys one function without SAM, through the AWS CLI: creates or updates the function, its
/// execution role, and its function URL or HTTP API. The settings are those of `template.yaml`, if there is one, and
/// flags override them. A setting that neither has stays as it is on AWS. Only differences are uploaded, so that
/// the same command continues after a failure. See `docs/deploy.md`.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold deploy                          build, check and deploy with SAM
  scaffold deploy --guided                 let SAM ask for every setting again
  scaffold deploy -- --config-env prod     pass arguments to `sam deploy`
  scaffold deploy --direct                 deploy without SAM
  scaffold deploy --direct --url           give the function a public URL
  scaffold deploy --direct --dry-run       show what would change
  scaffold deploy --direct --memory 512 --env TABLE=orders --alias live
                                           change settings, and publish a version")]
pub(crate) struct DeployArgs {
    /// Let SAM ask for every setting
    #[arg(long)]
    pub(crate) guided: bool,

    /// Deploy one function through the AWS CLI, without SAM
    #[arg(long, conflicts_with = "guided")]
    pub(crate) direct: bool,

    #[command(flatten)]
    pub(crate) more: DirectArgs,
}

/// The arguments of `scaffold deploy --direct`; `allow` and `more` are those of a deployment with SAM too.
#[derive(Debug, Args)]
pub(crate) struct DirectArgs {
    /// Function in the template; without a template, its name on AWS
    #[arg(requires = "direct")]
    pub(crate) name: Option<String>,

    /// Problem to ignore; can be repeated
    #[arg(long, value_name = "CODE")]
    pub(crate) allow: Vec<FindingCode>,

    /// Arguments for `sam deploy`, or with `--direct` for cargo
    #[arg(last = true, value_name = "ARGUMENTS")]
    pub(crate) more: Vec<OsString>,

    #[command(flatten)]
    pub(crate) settings: DirectSettingArgs,

    #[command(flatten)]
    pub(crate) method: BuildMethodArgs,

    /// Processor: `x86_64` or `arm64` [default: from `template.yaml`]
    ///
    /// Without a template, the default is this machine's processor.
    #[arg(long, value_name = "NAME", hide_possible_values = true, requires = "direct",
          help_heading = DIRECT)]
    pub(crate) arch: Option<Architecture>,

    /// Executable or zip to deploy, instead of building one
    #[arg(long, value_name = "FILE", requires = "direct", help_heading = DIRECT,
          conflicts_with_all = ["container", "native", "zig", "add_target", "manifest_path", "more"])]
    pub(crate) binary: Option<PathBuf>,

    /// File or folder to add to the zip; can be repeated
    #[arg(long, value_name = "PATH[=NAME]", requires = "direct", help_heading = DIRECT)]
    pub(crate) include: Vec<Include>,

    /// Add a missing target of Rust without asking
    #[arg(long, conflicts_with = "container", requires = "direct", help_heading = DIRECT)]
    pub(crate) add_target: bool,

    /// Path to the project's `Cargo.toml` [default: the nearest one]
    #[arg(long, value_name = "PATH", requires = "direct", help_heading = DIRECT)]
    pub(crate) manifest_path: Option<PathBuf>,

    /// Print the plan, and change nothing
    #[arg(long, requires = "direct", help_heading = DIRECT)]
    pub(crate) dry_run: bool,

    /// Print the result as JSON
    #[arg(long, requires = "direct", help_heading = DIRECT)]
    pub(crate) json: bool,
}

/// The settings of a function that is deployed without SAM.
#[derive(Debug, Args)]
#[command(next_help_heading = DIRECT)]
pub(crate) struct DirectSettingArgs {
    /// Name on AWS [default: `FunctionName`, or the name of the package]
    ///
    /// If the template has several functions, the default is the function's name in it.
    #[arg(long, value_name = "NAME", requires = "direct")]
    pub(crate) function_name: Option<String>,

    /// Memory in MB
    #[arg(long, value_name = "MB", requires = "direct", value_parser = value_parser!(u32).range(128..=10_240))]
    pub(crate) memory: Option<u32>,

    /// Timeout in seconds
    #[arg(long, value_name = "SECONDS", requires = "direct", value_parser = value_parser!(u32).range(1..=900))]
    pub(crate) timeout: Option<u32>,

    /// Environment variable; can be repeated
    #[arg(long, value_name = "NAME=VALUE", requires = "direct")]
    pub(crate) env: Vec<String>,

    /// Handler of the program
    #[arg(long, value_name = "NAME", requires = "direct")]
    pub(crate) handler: Option<String>,

    /// Format of the logs: `text` or `json`
    #[arg(long, value_name = "FORMAT", requires = "direct", hide_possible_values = true)]
    pub(crate) log_format: Option<Logging>,

    /// Trace with X-Ray: `on` or `off`
    #[arg(long, value_name = "SWITCH", requires = "direct", hide_possible_values = true)]
    pub(crate) tracing: Option<Switch>,

    /// Execution role [default: one that is created]
    #[arg(long, value_name = "ARN", requires = "direct")]
    pub(crate) role: Option<String>,

    /// Give it a public function URL, or with `iam` a protected one
    #[arg(long, value_name = "AUTH", requires = "direct", num_args = 0..=1, require_equals = true,
          default_missing_value = "none", hide_possible_values = true)]
    pub(crate) url: Option<UrlAuth>,

    /// Give it an HTTP API with the routes of the template or the program
    #[arg(long, requires = "direct")]
    pub(crate) http_api: bool,

    /// Remove its function URL and its HTTP API
    #[arg(long, requires = "direct", conflicts_with_all = ["url", "http_api"])]
    pub(crate) no_endpoint: bool,

    /// Publish a version, and let this alias point to it
    ///
    /// The function URL and the HTTP API lead to the alias.
    #[arg(long, value_name = "NAME", requires = "direct")]
    pub(crate) alias: Option<String>,

    /// Deploy a container image, built from the `Dockerfile`
    #[arg(long, requires = "direct", conflicts_with_all = ["binary", "include"])]
    pub(crate) image: bool,
}

const DIRECT: &str = "Options for --direct";

/// The format of a function's logs on AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Logging {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

/// The authorization of a function URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum UrlAuth {
    None,
    Iam,
}

/// Delete a function that `scaffold deploy --direct` has created.
///
/// Deletes the function and everything that was created with it: function URL, HTTP API, execution role, log group with
/// its logs, and repository of images. Shows it first, and asks. Everything else stays, and so do functions that
/// something else has created; those of SAM are deleted with their stack.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  scaffold delete hello                    show what would be deleted, and ask
  scaffold delete hello --yes              do not ask
  scaffold delete hello --dry-run          only show it")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct DeleteArgs {
    /// Name of the function on AWS
    pub(crate) name: String,

    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,

    /// Show what would be deleted, and delete nothing
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,

    /// Delete a function that something else has created; the function alone
    #[arg(long)]
    pub(crate) force: bool,

    /// Print the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Check that this machine can build and deploy functions.
///
/// Looks for the tools that building and deploying need, and prints how to install those that are
/// missing. The exit code is 0 if functions can be built for the project's processor: in a container,
/// with cargo or with zig.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Print the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Cli;

    /// The examples, cut before the description, the pipe or the redirection.
    #[test]
    fn the_examples_are_valid() {
        let end = regex::Regex::new(r"  | \| | >").unwrap();
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
            for line in help.lines().filter_map(|line| line.strip_prefix("  scaffold ")) {
                let example = end.split(line).next().unwrap();
                let words = shlex::split(&format!("scaffold {example}")).unwrap();
                if let Err(error) = Cli::try_parse_from(words) {
                    panic!("{line}: {error}");
                }
            }
        }
    }

    #[test]
    fn every_flag_has_one_line_of_short_help() {
        for mut command in Cli::command().get_subcommands().cloned() {
            let help = command.render_help().to_string();
            let mut lines = help.lines().peekable();
            while let Some(line) = lines.next() {
                assert!(line.len() <= 100, "{line}");
                let is_continued =
                    lines.peek().is_some_and(|next| next.starts_with("             "));
                assert!(!is_continued || line.contains("[possible values: "), "{help}");
                while lines.next_if(|next| next.starts_with("             ")).is_some() {}
            }
        }
    }
}
