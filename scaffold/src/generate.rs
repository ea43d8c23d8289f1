//! Expands a template: the only user of cargo-generate.
//!
//! cargo-generate prints, reads the user's settings and environment, and leaves half a project
//! behind where it fails. So it runs in a child process of this program, which sees nothing of the
//! user's and is heard only if it fails, on a copy of the template in a staging folder beside the
//! destination. The project is moved into place when it is whole.

use std::path::Path;
use std::process::{Command, ExitCode, Output, Stdio};
use std::{env, fs, io};

use anstyle::{AnsiColor, Style};
use cargo_generate::{GenerateArgs, TemplatePath, Vcs};
use lambda_native_templates::Template;
use toml_edit::{DocumentMut, Item, Table, value};

use crate::cli::ExpandArgs;
use crate::error::{Error, Result};
use crate::project::{NewProject, check_folder, parent};
use crate::{files, interrupt};

const WARNING: Style = AnsiColor::Yellow.on_default().bold();

// What is in the staging folder. The child runs in it, with paths relative to it: cargo-generate
// takes only UTF-8 for some of them.
const TEMPLATE: &str = "template";
const PROJECT: &str = "project";
const VALUES: &str = "values.toml";
const SETTINGS: &str = "settings.toml";
const TEMPORARY: &str = "tmp";

/// Makes the project. Where that fails, nothing is left behind.
pub(crate) fn generate(project: &NewProject) -> Result<()> {
    interrupt::watch()?;
    let parent = parent(&project.folder);
    let staging =
        tempfile::Builder::new().prefix(".scaffold-").tempdir_in(parent).map_err(|error| {
            Error::new(format!("cannot make a folder in `{}`", parent.display()))
                .because(io::Error::from(error.kind()))
                .hint("choose a folder that you may write to with `--directory`")
        })?;
    let made = generate_in(staging.path(), project);
    let folder = staging.path().to_owned();
    if let Err(error) = staging.close() {
        anstream::eprintln!("{WARNING}warning:{WARNING:#} remove `{}`: {error}", folder.display());
    }
    made
}

fn generate_in(staging: &Path, project: &NewProject) -> Result<()> {
    stage(staging, project).map_err(|error| {
        Error::new(format!("cannot write to `{}`", staging.display())).because(error)
    })?;
    expand(staging, project)?;
    let made = staging.join(PROJECT);
    check_rendered(&made, project.template)?;
    project.library.install(&made)?;

    interrupt::check()?;
    check_folder(&project.folder)?;
    fs::rename(&made, &project.folder).map_err(|error| {
        Error::new(format!("cannot move the project to `{}`", project.folder.display()))
            .because(error)
    })
}

/// Puts what the child needs into the staging folder.
fn stage(staging: &Path, project: &NewProject) -> io::Result<()> {
    for folder in [PROJECT, TEMPORARY] {
        fs::create_dir(staging.join(folder))?;
    }
    files::write(&staging.join(TEMPLATE), project.template.files)?;
    fs::write(staging.join(SETTINGS), "")?;

    let mut answers = Table::new();
    for (question, answer) in &project.answers {
        answers.insert(question.name, value(answer));
    }
    let mut values = DocumentMut::new();
    values.insert("values", Item::Table(answers));
    fs::write(staging.join(VALUES), values.to_string())
}

/// Runs the child.
fn expand(staging: &Path, project: &NewProject) -> Result<()> {
    let run = || -> io::Result<Output> {
        Command::new(env::current_exe()?)
            .args(["__expand", project.name.as_str()])
            .current_dir(staging)
            .env_clear()
            // Windows cannot start much without it.
            .envs(env::var_os("SystemRoot").map(|root| ("SystemRoot", root)))
            .envs(["TMPDIR", "TMP", "TEMP"].map(|name| (name, TEMPORARY)))
            // cargo-generate insists on an author.
            .envs([("CARGO_NAME", "scaffold"), ("NO_COLOR", "1")])
            .stdin(Stdio::null())
            .output()
    };
    let output = run().map_err(|error| {
        Error::new("cannot start `scaffold` to expand the template").because(error)
    })?;
    interrupt::check_child(output.status)?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Error::new(format!("cannot expand the template `{}`", project.template.name))
        .because(format!("{}: {}", output.status, said.trim())))
}

/// The child: cargo-generate in the staging folder that it is started in.
pub(crate) fn run_child(arguments: ExpandArgs) -> ExitCode {
    let made = cargo_generate::generate(GenerateArgs {
        template_path: TemplatePath { path: Some(TEMPLATE.to_owned()), ..TemplatePath::default() },
        name: Some(arguments.name),
        // The name is used as it is, and nothing is asked.
        force: true,
        silent: true,
        template_values_file: Some(VALUES.to_owned()),
        config: Some(SETTINGS.into()),
        destination: Some(PROJECT.into()),
        init: true,
        vcs: Some(Vcs::None),
        no_workspace: true,
        no_fmt: true,
        ..GenerateArgs::default()
    });
    // It has printed its error.
    if made.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// cargo-generate leaves a file as it was where rendering fails, without a word.
fn check_rendered(project: &Path, template: &Template) -> Result<()> {
    for file in template.files.iter().filter(|file| file.path != "cargo-generate.toml") {
        let path = file.path.strip_suffix(".liquid").unwrap_or(file.path);
        let made = match fs::read(project.join(path)) {
            Ok(made) => made,
            Err(_) if template.optional.contains(&path) => continue,
            Err(error) => {
                let message = format!("cannot read `{path}` of the new project");
                return Err(Error::new(message).because(error));
            }
        };
        let has_tag = file.contents.windows(2).any(|pair| pair == b"{{" || pair == b"{%");
        if has_tag && made == file.contents {
            return Err(Error::new(format!("cannot expand `{path}` of the template")));
        }
    }
    Ok(())
}
