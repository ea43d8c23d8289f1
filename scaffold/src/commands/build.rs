//! `scaffold build`: builds the executable that Lambda runs.

use std::process::ExitCode;

use crate::artifact;
use crate::artifact::report;
use crate::build::BuildRequest;
use crate::cli::BuildArgs;
use crate::infrastructure::Infrastructure;
use crate::local::application::functions_of;
use crate::process::{interrupt, this_program};
use crate::sam::Application;
use crate::sync;
use crate::term::error::Result;
use crate::term::{message, quote};

pub(crate) fn run(arguments: BuildArgs) -> Result<ExitCode> {
    let request = BuildRequest::from(arguments);
    let (binary, (path, expected)) = interrupt::block_on(async {
        let build = request.resolve().await?;
        Ok((build.binary().clone(), build.run().await?))
    })?;
    let artifact = artifact::inspect(&path, &expected)?;
    report::print_built(&artifact);
    report::print_findings(&artifact);
    let template = Application::nearest(binary.folder());
    let has_template = !matches!(template, Ok(None));
    if let Ok(Some((_, application))) = template {
        let functions = functions_of(&application, &binary).into_iter();
        let functions: Vec<_> = functions.map(|function| (function, path.clone())).collect();
        sync::warn(&application, &functions);
    }
    if artifact.findings.is_empty() {
        let (program, path) = (this_program::command(), quote::relative(&path));
        let package = format!("{program} package --binary {}", quote::quote(&path));
        let deploy = match Infrastructure::near(binary.folder()) {
            Some(infrastructure) if !has_template => infrastructure.deploy_from_here(),
            _ => vec![format!("{program} deploy")],
        };
        message::print_next(&[vec![package], deploy].concat());
    }
    Ok(report::exit_code(&artifact))
}
