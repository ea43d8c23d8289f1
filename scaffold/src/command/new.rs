use std::process::ExitCode;

use crate::error::Result;

pub(crate) fn run(_: crate::cli::NewArgs) -> Result<ExitCode> {
    Err(crate::error::Error::new("not written yet"))
}
