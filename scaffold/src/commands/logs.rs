//! `scaffold logs`: prints the log of a deployed function.

use std::process::ExitCode;

use crate::cli::LogsArgs;
use crate::files;
use crate::process::interrupt;
use crate::remote::logs::{LogQuery, LogReader, LogView};
use crate::remote::project::RemoteProject;
use crate::term::error::Result;

pub(crate) fn run(arguments: LogsArgs) -> Result<ExitCode> {
    let LogsArgs { name, follow, since, filter, log, choice } = arguments;
    let project = RemoteProject::read(&files::current_folder()?, choice.into())?;
    let view = log.unwrap_or_else(LogView::default_for_stdout);
    let query = LogQuery { since, text: filter, follow, view };
    let work = async {
        let reader = LogReader::find(project, name.as_deref(), query).await?;
        reader.run().await
    };
    match interrupt::block_on(work) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        // The normal end: no error is printed.
        Err(error) if follow && error.is_interrupt() => Ok(ExitCode::from(130)),
        Err(error) => Err(error),
    }
}
