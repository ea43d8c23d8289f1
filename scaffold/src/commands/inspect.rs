//! `scaffold inspect`: checks an artifact before it is uploaded.

use std::process::ExitCode;

use crate::artifact;
use crate::artifact::{Expected, report};
use crate::cli::InspectArgs;
use crate::term::error::{Error, Result};
use crate::term::output;

pub(crate) fn run(arguments: InspectArgs) -> Result<ExitCode> {
    let InspectArgs { path, arch, template, allow, json } = arguments;
    if !path.exists() {
        return Err(Error::new(format!("`{}` does not exist", path.display()))
            .hint("`scaffold build` writes `target/lambda/NAME/bootstrap`"));
    }
    let expected = match (arch, template) {
        (Some(architecture), _) => Expected::new(architecture, "`--arch`"),
        (None, Some(template)) => Expected::from_template(&template, &path)?,
        (None, None) => Expected::near(&path)?,
    };
    let mut artifact = artifact::inspect(&path, &expected)?;
    artifact.allow(&allow);
    if json {
        output::print_json(&artifact)?;
    } else {
        output::print(&report::describe(&artifact))?;
        report::print_findings(&artifact);
    }
    Ok(report::exit_code(&artifact))
}
