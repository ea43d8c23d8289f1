//! `scaffold inspect`: checks an artifact before it is uploaded.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use crate::artifact;
use crate::artifact::{Expected, report, zip_beside};
use crate::aws::BOOTSTRAP;
use crate::aws::sam_cli::BUILD_FOLDER;
use crate::build::cargo::CargoWorkspace;
use crate::cli::InspectArgs;
use crate::files;
use crate::process::this_program;
use crate::sam::Application;
use crate::term::error::{Error, Result};
use crate::term::{output, quote};

pub(crate) fn run(arguments: InspectArgs) -> Result<ExitCode> {
    let InspectArgs { path, arch, template, allow, json } = arguments;
    let path = path.map_or_else(last_build, Ok)?;
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

/// Finds the newest of what `scaffold build`, `scaffold package` and `sam build` have written for this
/// project.
fn last_build() -> Result<PathBuf> {
    let mut builds = Vec::new();
    if let Ok(workspace) = CargoWorkspace::read(None) {
        for folder in folders_in(&workspace.target().join("lambda")) {
            let executable = folder.join(BOOTSTRAP);
            builds.extend([zip_beside(&executable), executable].map(|file| (file.clone(), file)));
        }
    }
    if let Ok(Some((template, _))) = Application::nearest(&files::current_folder()?) {
        let folder = template.parent().unwrap_or(Path::new(""));
        let functions = folders_in(&folder.join(BUILD_FOLDER)).into_iter();
        builds.extend(functions.map(|function| (function.join(BOOTSTRAP), function)));
    }
    let newest = builds.into_iter().filter_map(|(file, path)| Some((modified(&file)?, path))).max();
    newest.map(|(_, path)| quote::relative(&path).into()).ok_or_else(|| {
        let program = this_program::command();
        Error::new("nothing of this project has been built for Lambda")
            .hint(format!("run `{program} build`, or name a file: `{program} inspect FILE`"))
    })
}

fn folders_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

fn modified(file: &Path) -> Option<SystemTime> {
    file.metadata().and_then(|metadata| metadata.modified()).ok()
}
