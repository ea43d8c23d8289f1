//! Reads the routes of a project's executables.

use std::path::Path;

use lambda_native::record::{self, Record};

use super::code::{self, FunctionRoutes, Program};
use crate::build::cargo;
use crate::files;
use crate::local::application::LocalApplication;
use crate::term::error::{Error, Result};

/// Builds the functions for this machine, and reads the routes of each.
pub(crate) async fn build(application: &LocalApplication) -> Result<Vec<FunctionRoutes>> {
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
    Ok(code::routes(&functions))
}

fn read_records(executable: &Path) -> Result<Vec<Record>> {
    record::read(&files::read(executable)?).map_err(|error| {
        Error::new(format!("cannot read the routes in `{}`", executable.display()))
            .because(error)
            .hint("update `scaffold` to the version of the project's `lambda-native`")
    })
}
