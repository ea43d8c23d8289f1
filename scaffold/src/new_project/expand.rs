//! Expands a template: the only user of cargo-generate.
//!
//! cargo-generate prints, reads the user's settings and environment, and leaves half a project
//! behind if it fails. So it runs in a [child process](super::child), and its output is shown only if it
//! fails. Everything is decided before: it evaluates no condition and asks no question.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use cargo_generate::{GenerateArgs, TemplatePath, Vcs};
use liquid::Object;
use liquid::model::{Value, ValueView};
use serde::{Deserialize, Serialize};
use toml::toml;

use super::child::{self, Failure, Mode, TEMPLATE};
use super::question::{AnswerType, Question};
use super::settings::NewProject;
use super::template::config::{FileRules, Hooks};
use super::template::render::{FileSelection, StrictRenderer};
use super::template::variables::WITHIN_CARGO_PROJECT;
use super::template::{CONFIG, Template, source};
use super::{scripts, staging};
use crate::process::background::Background;
use crate::term::error::{Error, ErrorContext, Result};

// In the staging folder, as the files of the child are.
const SETTINGS: &str = ".settings.toml";
const DECISIONS: &str = ".decisions.json";

/// A running expansion.
pub(crate) struct Expansion<'a> {
    staging: &'a Path,
    project: &'a NewProject,
    child: Background,
}

impl<'a> Expansion<'a> {
    pub(crate) fn start(staging: &'a Path, project: &'a NewProject) -> Result<Self> {
        write_input(staging, project)
            .context(|| format!("cannot write to `{}`", staging.display()))?;
        let mode = match project.template.name() {
            Some(_) => Mode::BuiltIn,
            None if project.runs_scripts => Mode::Trusted,
            None => Mode::Strict,
        };
        let child = child::start(staging, mode, project.name.as_str())
            .context(|| "cannot start `scaffold` to expand the template")?;
        Ok(Self { staging, project, child })
    }

    /// Waits for the end, and returns the folder of the expanded files.
    pub(crate) fn finish(self) -> Result<PathBuf> {
        let Self { staging, project, child } = self;
        child::finish(staging, child, || format!("cannot expand {}", project.template.origin))?;
        let folder = staging.join(project.name.as_str());
        if project.runs_scripts {
            check(&folder, &project.template, &project.rules)?;
        }
        Ok(folder)
    }
}

/// The child's input for checking a foreign template before it expands it.
#[derive(Deserialize, Serialize)]
struct Decisions {
    rules: FileRules,
    variables: Object,
}

/// The template's configuration for the child, in which everything is decided.
#[derive(Serialize)]
struct DecidedConfig<'a> {
    template: DecidedTemplate<'a>,
    hooks: &'a Hooks,
    placeholders: BTreeMap<&'a str, toml::Table>,
}

#[derive(Serialize)]
struct DecidedTemplate<'a> {
    cargo_generate_version: Option<&'a str>,
    #[serde(flatten)]
    rules: &'a FileRules,
}

/// The settings of cargo-generate.
#[derive(Serialize)]
struct Settings<'a> {
    values: BTreeMap<&'a str, toml::Value>,
}

fn write_input(staging: &Path, project: &NewProject) -> io::Result<()> {
    let selection = FileSelection::new(&project.template.files, &project.rules);
    let selection = selection.map_err(|error| io::Error::other(error.explain()))?;
    // Scripts can use files that are left out. The rest of a `.genignore` is up to cargo-generate.
    let is_needed = |path: &str| {
        path != CONFIG
            && (project.runs_scripts || path == ".genignore" || !selection.leaves_out(path))
    };
    let (needed, other): (Vec<_>, Vec<_>) =
        project.template.files.iter().partition(|(path, _)| is_needed(path));
    let template = child::write_template(staging, needed.into_iter())?;
    // cargo-generate keeps a folder that gets empty.
    for folder in other.iter().filter_map(|(path, _)| Path::new(path).parent()) {
        fs::create_dir_all(template.join(folder))?;
    }
    let decisions =
        Decisions { rules: project.rules.clone(), variables: project.variables.clone() };
    fs::write(staging.join(DECISIONS), serde_json::to_vec(&decisions)?)?;
    let config = DecidedConfig {
        template: DecidedTemplate {
            cargo_generate_version: project.template.config.cargo_generate_version.as_deref(),
            rules: &project.rules,
        },
        hooks: &project.template.config.hooks,
        placeholders: project.answers.iter().filter_map(|(it, _)| placeholder(it)).collect(),
    };
    let answered = project.answers.iter().map(|(question, _)| &*question.name);
    let value = |name| Some((name, toml(project.variables.get(name)?)));
    let values = answered.chain([WITHIN_CARGO_PROJECT]).filter_map(value).collect();
    let config = toml::to_string(&config).map_err(io::Error::other)?;
    fs::write(template.join(CONFIG), config)?;
    let settings = toml::to_string(&Settings { values }).map_err(io::Error::other)?;
    fs::write(staging.join(SETTINGS), settings)
}

/// cargo-generate accepts a list only as the value of a placeholder.
fn placeholder(question: &Question) -> Option<(&str, toml::Table)> {
    let AnswerType::MultipleChoice(_) = question.answer_type else { return None };
    let choices = question.values();
    Some((&question.name, toml! { type = "array" prompt = "" choices = choices }))
}

fn toml(variable: &Value) -> toml::Value {
    match variable {
        Value::Scalar(scalar) => match scalar.to_bool() {
            Some(flag) => flag.into(),
            None => scalar.to_kstr().into_string().into(),
        },
        Value::Array(values) => toml::Value::Array(values.iter().map(toml).collect()),
        _ => String::new().into(),
    }
}
/// Fails if cargo-generate left a file as it was because it could not expand it. Only with scripts:
/// otherwise this was ruled out before.
fn check(folder: &Path, template: &Template, rules: &FileRules) -> Result<()> {
    let selection = FileSelection::new(&template.files, rules)?;
    for (path, file) in &template.files {
        let Ok(text) = std::str::from_utf8(&file.contents) else { continue };
        let has_tag = text.contains("{{") || text.contains("{%");
        if has_tag
            && selection.expands(path)
            && fs::read(folder.join(path)).is_ok_and(|expanded| expanded == *file.contents)
        {
            let message = format!("cannot expand `{path}` of the template: its tags are unchanged");
            return Err(Error::new(message).hint(format!(
                "this is a mistake in the file, or `exclude` in `{CONFIG}` lacks it"
            )));
        }
    }
    Ok(())
}

/// The child: works in the staging folder that it is started in.
pub(crate) struct ExpandCommand {
    mode: Mode,
    name: String,
}

impl ExpandCommand {
    /// Users do not type this command, so it is not in `--help` or in completions.
    pub(crate) fn parse(arguments: &[OsString]) -> Option<Self> {
        let [_, mode, name] = arguments else { return None };
        let modes = [Mode::FindScripts, Mode::BuiltIn, Mode::Strict, Mode::Trusted];
        let mode = modes.into_iter().find(|known| mode == known.argument())?;
        Some(Self { mode, name: name.to_str()?.to_owned() })
    }

    pub(crate) fn run(self) -> ExitCode {
        // Held until the end.
        let _lock = staging::share_lock();
        let result = match self.mode {
            Mode::FindScripts => child::limit_resources().and_then(|()| scripts::find()),
            Mode::BuiltIn => expand(self.name, false),
            Mode::Strict => child::limit_resources()
                .and_then(|()| check_template())
                .and_then(|()| expand(self.name, false)),
            Mode::Trusted => expand(self.name, true),
        };
        match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                failure.write();
                ExitCode::FAILURE
            }
        }
    }
}

fn check_template() -> std::result::Result<(), Failure> {
    let decisions = fs::read(DECISIONS).map_err(Failure::new)?;
    let Decisions { rules, variables } =
        serde_json::from_slice(&decisions).map_err(Failure::new)?;
    let files = source::files(Path::new(TEMPLATE))?;
    StrictRenderer::new()?.check(&files, &rules, &variables, |path| Failure::at(path).write())?;
    Ok(())
}

fn expand(name: String, allow_commands: bool) -> std::result::Result<(), Failure> {
    let template_path = TemplatePath { path: Some(TEMPLATE.to_owned()), ..TemplatePath::default() };
    let result = cargo_generate::generate(GenerateArgs {
        template_path,
        name: Some(name),
        // The name is used unchanged, and nothing is asked.
        force: true,
        silent: true,
        lib: false,
        bin: true,
        allow_commands,
        config: Some(SETTINGS.into()),
        destination: Some(".".into()),
        vcs: Some(Vcs::None),
        no_workspace: true,
        no_fmt: true,
        ..GenerateArgs::default()
    });
    // cargo-generate has printed it too, among its progress, and some messages start with a symbol.
    let is_symbol = |c: char| !c.is_ascii() || c.is_whitespace();
    result.map(drop).map_err(|error| {
        Failure::new(format!("{error:#}").trim_start_matches(is_symbol).trim_end())
    })
}
