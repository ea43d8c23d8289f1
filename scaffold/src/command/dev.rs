//! `scaffold dev`: serves the project's functions, and builds them anew when a file changes.

use std::process::ExitCode;

use crate::cli::DevArgs;
use crate::dev::Dev;
use crate::error::Result;
use crate::interrupt;

pub(crate) fn run(arguments: DevArgs) -> Result<ExitCode> {
    let DevArgs { host, port, concurrency, wait, debug, release, manifest_path } = arguments;
    let dev = Dev {
        host,
        port,
        concurrency: concurrency.into(),
        wait,
        debug,
        profile: if release { "release" } else { "dev" },
        manifest_path,
    };
    match interrupt::block_on(dev.run()) {
        Ok(never) => match never {},
        // That is how it ends.
        Err(error) if error.is_interrupt() => Ok(ExitCode::from(130)),
        Err(error) => Err(error),
    }
}
