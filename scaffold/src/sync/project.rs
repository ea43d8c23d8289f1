//! Reads the routes and sources of a project's executables.

use std::path::{Path, PathBuf};

use lambda_native::record::{self, Record};

use super::code::{self, FunctionTriggers, Program};
use super::compare::{Synchronized, synchronize};
use super::events::EventKind;
use crate::build::cargo;
use crate::files;
use crate::local::application::LocalApplication;
use crate::sam;
use crate::sam::{Application, TemplateFunction};
use crate::term::error::{Error, Result};
use crate::term::{message, quote};

/// The fix of a template that differs from the code.
pub(crate) const HINT: &str = "run `scaffold sync`";

/// Builds the functions for this machine, and reads the routes and sources of each.
pub(crate) async fn build(application: &LocalApplication) -> Result<Vec<FunctionTriggers>> {
    let mut programs = Vec::new();
    for group in cargo::groups(application.functions().map(|(_, binary)| binary)) {
        let executables = cargo::build_all(&group, "dev").await?;
        for (binary, executable) in group.into_iter().zip(executables) {
            // Read before the next group, whose executables can replace these.
            programs.push((binary, read_records(&executable)?));
        }
    }
    let functions: Vec<_> = application
        .functions()
        .filter_map(|(function, binary)| {
            let id = programs.iter().position(|(other, _)| *other == binary)?;
            let (_, records) = programs.get(id)?;
            Some(Program { function, records, id })
        })
        .collect();
    Ok(code::triggers(&functions))
}

/// Compares a template with the code, if the template can be read.
pub(crate) fn compare(
    application: &Application,
    code: &[FunctionTriggers],
) -> Option<Synchronized> {
    let path = application.files().first()?;
    let text = sam::read_template(path).ok()?;
    // A difference is a difference, whatever API its solution needs.
    synchronize(&text, path, application, code, Some(EventKind::Http), true).ok()
}

/// Warns if a template differs from the executables of its functions.
pub(crate) fn warn(application: &Application, functions: &[(&TemplateFunction, PathBuf)]) {
    let Some(path) = application.files().first() else { return };
    let difference = read(functions).ok().and_then(|code| compare(application, &code));
    if let Some(difference) = difference.and_then(|it| it.difference(&quote::relative(path))) {
        message::warn_with_hint(&difference, HINT);
    }
}

/// Reads the routes and sources of functions from their executables.
pub(crate) fn read(functions: &[(&TemplateFunction, PathBuf)]) -> Result<Vec<FunctionTriggers>> {
    let mut programs: Vec<(&PathBuf, Vec<Record>)> = Vec::new();
    for (_, executable) in functions {
        if !programs.iter().any(|(other, _)| *other == executable) {
            programs.push((executable, read_records(executable)?));
        }
    }
    let functions: Vec<_> = functions
        .iter()
        .filter_map(|(function, executable)| {
            let id = programs.iter().position(|(other, _)| *other == executable)?;
            let (_, records) = programs.get(id)?;
            Some(Program { function, records, id })
        })
        .collect();
    Ok(code::triggers(&functions))
}

fn read_records(executable: &Path) -> Result<Vec<Record>> {
    record::read(&files::read(executable)?).map_err(|error| {
        Error::new(format!("cannot read the handlers in `{}`", executable.display()))
            .because(error)
            .hint("update `scaffold` to the version of the project's `lambda-native`")
    })
}
