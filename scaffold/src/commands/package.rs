//! `scaffold package`: builds the executable and writes the zip that is uploaded to Lambda.

use std::process::ExitCode;

use crate::artifact;
use crate::artifact::{Expected, report};
use crate::build::BuildRequest;
use crate::cli::PackageArgs;
use crate::process::interrupt;
use crate::term::error::Result;
use crate::term::{message, output, quote};

pub(crate) fn run(arguments: PackageArgs) -> Result<ExitCode> {
    let PackageArgs { build, binary, include, output, json } = arguments;
    // Before the build, which takes long.
    let included = artifact::collect(&include)?;
    let (executable, expected) = if let Some(path) = binary {
        let expected = match build.arch {
            Some(architecture) => Expected::new(architecture, "`--arch`"),
            None => Expected::near(&path)?,
        };
        (path, expected)
    } else {
        let request = BuildRequest::from(build);
        interrupt::block_on(async { request.resolve().await?.run().await })?
    };
    let output = output.unwrap_or_else(|| artifact::zip_beside(&executable));
    artifact::write_zip(&output, executable, included)?;

    let artifact = artifact::inspect(&output, &expected)?;
    if json {
        output::print_json(&artifact)?;
    } else {
        report::print_packed(&artifact);
        report::print_findings(&artifact);
        if artifact.findings.is_empty() {
            let file = format!("fileb://{}", quote::relative(&artifact.path));
            let update = "aws lambda update-function-code --function-name NAME --zip-file";
            message::print_next(&[format!("{update} {}", quote::quote(&file))]);
        }
    }
    Ok(report::exit_code(&artifact))
}
