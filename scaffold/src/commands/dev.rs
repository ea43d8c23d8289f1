//! `scaffold dev`: serves the project's functions and rebuilds them when a file changes.

use std::process::ExitCode;

use crate::cli::{DevArgs, RunArgs};
use crate::local::dev::{ConsoleUse, Dev};
use crate::local::environment::GivenEnvironment;
use crate::local::lambda::LogFormat;
use crate::local::server::deployment::{CurrentDeployment, OldVersion};
use crate::process::interrupt;
use crate::sam::ConfigChoice;
use crate::term::error::Result;

pub(crate) fn run(arguments: DevArgs) -> Result<ExitCode> {
    let DevArgs {
        host,
        port,
        allowed_hosts,
        concurrency,
        max_concurrency,
        jwks,
        wait,
        poll,
        sources,
        fail_stale,
        no_console,
        open,
        log,
        run: RunArgs { env, env_file, stack, config_env, no_credentials, debug, release },
        manifest_path,
    } = arguments;
    let dev = Dev {
        host,
        port,
        allowed_hosts,
        concurrency: concurrency.into(),
        max_concurrency,
        jwks,
        poll: poll.then_some(sources),
        old_version: match (wait, fail_stale) {
            (_, true) => OldVersion::Refuse,
            (true, false) => OldVersion::Wait,
            (false, false) => OldVersion::Serve,
        },
        console: match (no_console, open) {
            (true, _) => ConsoleUse::Off,
            (false, false) => ConsoleUse::Served,
            (false, true) => ConsoleUse::Opened,
        },
        log: log.unwrap_or_else(LogFormat::default_for_stderr),
        environment: GivenEnvironment::new(&env, env_file, stack)?,
        no_credentials,
        debug,
        profile: if release { "release" } else { "dev" },
        manifest_path,
        config: ConfigChoice { environment: config_env, file: None },
    };
    let current = CurrentDeployment::new();
    match interrupt::block_on_then(dev.run(current.clone()), current.shut_down()) {
        Ok(never) => match never {},
        // The normal end: no error is printed.
        Err(error) if error.is_interrupt() => Ok(ExitCode::from(130)),
        Err(error) => Err(error),
    }
}
