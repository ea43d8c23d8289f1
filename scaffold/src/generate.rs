//! Expands a template: the only user of cargo-generate.
//!
//! cargo-generate prints, reads the user's settings and environment, and leaves half a project
//! behind where it fails. So it runs in a child process of this program, which sees nothing of the
//! user's and is heard only if it fails, on a copy of the template in a staging folder beside the
//! destination. The project is moved into place when it is whole.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{self, Command, ExitCode, Stdio};
use std::{env, fs, io};

use anstyle::{AnsiColor, Style};
use cargo_generate::{GenerateArgs, TemplatePath, Vcs};
use liquid::Object;
use liquid::model::{Value, ValueView};
use tempfile::TempDir;
use toml_edit::{Array, DocumentMut, Item, Table, value};
use walkdir::WalkDir;

use crate::error::{Error, Result};
use crate::library::{Patch, VENDOR};
use crate::project::{Author, Membership, NewProject, Place, parent};
use crate::render::{self, Files};
use crate::template::{CONFIG, Template};
use crate::workspace::{Change, Workspace};
use crate::{interrupt, repository, stamp, this_program};

const WARNING: Style = AnsiColor::Yellow.on_default().bold();

// What is in the staging folder. The child runs in it, with paths relative to it: cargo-generate
// takes only UTF-8 for some of them.
const TEMPLATE: &str = "template";
const PROJECT: &str = "project";
const VALUES: &str = "values.toml";
const SETTINGS: &str = "settings.toml";
const TEMPORARY: &str = "tmp";

// The child's first argument.
const STRICT: &str = "__expand";
const TRUSTED: &str = "__expand-trusted";

/// Whether the files that were made are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listing {
    Full,
    None,
}

/// What was made, or would be.
#[derive(Debug)]
pub(crate) struct Made {
    /// The project's files, where they are listed.
    pub(crate) files: Files,
    /// Whether it is a package of Cargo's.
    pub(crate) is_package: bool,
    /// The manifest of the workspace around it, where it is changed.
    pub(crate) manifest: Option<(PathBuf, String)>,
    /// What there is to tell the user.
    pub(crate) notes: Vec<String>,
}

/// Makes the project. Where that fails, nothing is left behind.
pub(crate) fn generate(project: &mut NewProject, listing: Listing) -> Result<Made> {
    let place = match &project.place {
        Place::New(folder) => parent(folder).to_owned(),
        Place::Here => PathBuf::from("."),
    };
    let staging = tempfile::Builder::new().prefix(".scaffold-").tempdir_in(&place);
    let staging = staging.map_err(|error| {
        Error::new(format!("cannot make a folder in `{}`", place.display()))
            .because(io::Error::from(error.kind()))
            .hint("choose a folder that you may write to with `--directory`")
    })?;
    let made = make(staging.path(), project, listing).and_then(|(folder, made)| {
        if project.git {
            repository::make(&folder)?;
        }
        install(&folder, project)?;
        Ok(made)
    });
    close(staging);
    made
}

/// Makes the project where nobody sees it.
pub(crate) fn rehearse(project: &mut NewProject) -> Result<Made> {
    let staging = interrupt::temporary_folder("rehearsal")?;
    let made = make(staging.path(), project, Listing::Full).map(|(_, made)| made);
    close(staging);
    made
}

fn close(staging: TempDir) {
    let folder = staging.path().to_owned();
    if staging.close().is_ok() {
        return;
    }
    // Where no more files may be opened, one by one.
    let entries = WalkDir::new(&folder).contents_first(true).max_open(1);
    let removed = entries.into_iter().try_for_each(|entry| {
        let entry = entry?;
        let is_folder = entry.file_type().is_dir();
        if is_folder { fs::remove_dir(entry.path()) } else { fs::remove_file(entry.path()) }
    });
    if let Err(error) = removed {
        anstream::eprintln!("{WARNING}warning:{WARNING:#} remove `{}`: {error}", folder.display());
    }
}

/// Makes the whole project in the staging folder, and says where in it.
fn make(staging: &Path, project: &mut NewProject, listing: Listing) -> Result<(PathBuf, Made)> {
    let variables = project.variables();
    stage(staging, project, &variables).map_err(|error| {
        Error::new(format!("cannot write to `{}`", staging.display())).because(error)
    })?;
    let mut child = start(staging, project).map_err(|error| {
        Error::new("cannot start `scaffold` to expand the template").because(error)
    })?;
    let (expected, patch) = match meanwhile(staging, project, &variables) {
        Ok(done) => done,
        Err(error) => {
            // What it makes is removed: whether it can be ended early does not matter.
            let _ = child.kill();
            let _ = child.wait();
            return Err(error);
        }
    };
    finish(child, &project.template)?;
    let folder = staging.join(PROJECT).join(project.name.as_str());
    check(&folder, &project.template, expected.as_ref())?;

    let notes = settle(staging, &folder, project, patch)?;
    let fail = |error| Error::new("cannot write the project").because(error);
    fs::write(folder.join(stamp::FILE), stamp::of(project)).map_err(fail)?;
    let files = match listing {
        Listing::Full => files(&folder).map_err(fail)?,
        Listing::None => Files::new(),
    };
    let is_package = folder.join("Cargo.toml").is_file();
    let manifest = project
        .membership
        .as_ref()
        .map(|(workspace, _)| (workspace.manifest.clone(), workspace.changed()));
    Ok((folder, Made { files, is_package, manifest, notes }))
}

/// What can be done while cargo-generate works: the files as they have to come out, unless scripts
/// may change them, and the library.
fn meanwhile(
    staging: &Path,
    project: &NewProject,
    variables: &Object,
) -> Result<(Option<Files>, Option<Patch>)> {
    let template = &project.template;
    let expected = if render::scripts(template).is_empty() {
        Some(render::render(template, variables)?)
    } else {
        None
    };
    let has_library = match &project.membership {
        Some((workspace, Membership::Member)) => workspace.has_library(),
        _ => false,
    };
    let needs_library = template.manifest().is_some_and(|text| text.contains("lambda-native"));
    let patch =
        if needs_library && !has_library { project.library.install(staging)? } else { None };
    Ok((expected, patch))
}

/// Puts what the child needs into the staging folder.
fn stage(staging: &Path, project: &NewProject, variables: &Object) -> io::Result<()> {
    for folder in [PROJECT, TEMPORARY] {
        fs::create_dir(staging.join(folder))?;
    }
    let template = staging.join(TEMPLATE);
    fs::create_dir(&template)?;
    for (path, file) in &project.template.files {
        let target = template.join(path);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        // What these say, the program has decided.
        let own = (path == CONFIG).then(|| without_decisions(&file.contents)).flatten();
        fs::write(&target, own.as_deref().map_or(&*file.contents, str::as_bytes))?;
        if file.executable {
            make_executable(&target)?;
        }
    }
    fs::write(staging.join(SETTINGS), "")?;

    let mut answers = Table::new();
    let asked = project.answers.iter().map(|(question, _)| &*question.name);
    // The staging folder may be elsewhere than the project.
    for name in asked.chain(["within_cargo_project"]) {
        answers.insert(name, variables.get(name).map_or(Item::None, toml));
    }
    let mut values = DocumentMut::new();
    values.insert("values", Item::Table(answers));
    fs::write(staging.join(VALUES), values.to_string())
}

fn without_decisions(config: &[u8]) -> Option<String> {
    let mut config: DocumentMut = std::str::from_utf8(config).ok()?.parse().ok()?;
    let template = config.get_mut("template")?.as_table_like_mut()?;
    template.remove("vcs").or(template.remove("init"))?;
    template.remove("init");
    Some(config.to_string())
}

#[cfg(unix)]
fn make_executable(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
}

#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it may fail")]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

fn toml(variable: &Value) -> Item {
    match variable {
        Value::Scalar(scalar) => match scalar.to_bool() {
            Some(flag) => value(flag),
            None => value(scalar.to_kstr().into_string()),
        },
        Value::Array(values) => {
            value(values.iter().map(|value| value.to_kstr().into_string()).collect::<Array>())
        }
        _ => Item::None,
    }
}

/// Starts the child.
fn start(staging: &Path, project: &NewProject) -> io::Result<process::Child> {
    let mut child = Command::new(this_program::executable());
    let mode = if project.trusted { TRUSTED } else { STRICT };
    child.args([mode, project.name.as_str()]).current_dir(staging);
    if project.trusted {
        // Its scripts run programs of the user's.
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("CARGO_GENERATE_") {
                child.env_remove(name);
            }
        }
    } else {
        child.env_clear();
        // Windows cannot start much without it.
        child.envs(env::var_os("SystemRoot").map(|root| ("SystemRoot", root)));
    }
    child.envs(["TMPDIR", "TMP", "TEMP"].map(|name| (name, TEMPORARY)));
    // cargo-generate insists on an author.
    let author = Author::find();
    child.env("CARGO_NAME", author.name).env("NO_COLOR", "1");
    child.envs(author.email.map(|email| ("CARGO_EMAIL", email)));
    child.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()
}

/// Waits for the child.
fn finish(child: process::Child, template: &Template) -> Result<()> {
    let fail = || Error::new(format!("cannot expand {}", template.origin));
    let output = child.wait_with_output().map_err(|error| fail().because(error))?;
    interrupt::check_child(output.status)?;
    if output.status.success() {
        return Ok(());
    }
    // What it tells of its progress is of no use here.
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().filter(|line| !line.is_empty() && !line.contains(['🔸', '⚠']));
    let said: Vec<&str> = said.collect();
    Err(fail().because(format!("{}: {}", output.status, said.join("\n"))))
}

/// The child: cargo-generate in the staging folder that it is started in.
pub(crate) struct Child {
    name: String,
    may_run_commands: bool,
}

impl Child {
    /// The command line is no command of the user's, and so is not in `--help` or in a completion.
    pub(crate) fn parse(arguments: &[OsString]) -> Option<Self> {
        let [_, mode, name] = arguments else { return None };
        let mode = mode.to_str().filter(|mode| [STRICT, TRUSTED].contains(mode))?;
        Some(Self { name: name.to_str()?.to_owned(), may_run_commands: mode == TRUSTED })
    }

    pub(crate) fn run(self) -> ExitCode {
        let template_path =
            TemplatePath { path: Some(TEMPLATE.to_owned()), ..TemplatePath::default() };
        let made = cargo_generate::generate(GenerateArgs {
            template_path,
            name: Some(self.name),
            // The name is used as it is, and nothing is asked.
            force: true,
            silent: true,
            lib: false,
            bin: true,
            allow_commands: self.may_run_commands,
            template_values_file: Some(VALUES.to_owned()),
            config: Some(SETTINGS.into()),
            destination: Some(PROJECT.into()),
            vcs: Some(Vcs::None),
            no_workspace: true,
            no_fmt: true,
            ..GenerateArgs::default()
        });
        // It has printed its error.
        if made.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Fails where cargo-generate made something else than what the template says.
fn check(folder: &Path, template: &Template, expected: Option<&Files>) -> Result<()> {
    let made =
        files(folder).map_err(|error| Error::new("cannot read the new project").because(error))?;
    let wrong = |path: &str| Error::new(format!("cannot expand `{path}` of the template"));
    let Some(expected) = expected else {
        // Scripts may have changed anything: what is told is a file that was left as it was.
        let left = made.iter().find(|(path, made)| {
            let source = template.files.get(*path);
            let has_tag = made.windows(2).any(|pair| pair == b"{{" || pair == b"{%");
            has_tag && source.is_some_and(|source| *source.contents == ***made)
        });
        return left.map_or(Ok(()), |(path, _)| Err(wrong(path)));
    };
    let differs = |path: &&String| made.get(*path) != expected.get(*path);
    let different = expected.keys().chain(made.keys()).find(differs);
    different.map_or(Ok(()), |path| Err(wrong(path)))
}

/// All files below a folder, by their paths with `/`.
fn files(folder: &Path) -> io::Result<Files> {
    let mut files = BTreeMap::new();
    for entry in WalkDir::new(folder) {
        let entry = entry?;
        if entry.file_type().is_dir() {
            continue;
        }
        let path = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        if !entry.file_type().is_file() {
            let what = format!("`{}` is no file", path.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        files.insert(parts.join("/"), fs::read(entry.path())?);
    }
    Ok(files)
}

/// Gives the project its library, and its place in the workspace around it.
fn settle(
    staging: &Path,
    folder: &Path,
    project: &mut NewProject,
    patch: Option<Patch>,
) -> Result<Vec<String>> {
    let path = folder.join("Cargo.toml");
    let Ok(text) = fs::read_to_string(&path) else { return Ok(Vec::new()) };
    let fail = |error| Error::new("cannot edit the project's `Cargo.toml`").because(error);
    let mut manifest: DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| fail(error.to_string()))?;
    let vendor = staging.join(VENDOR);
    if vendor.is_dir() {
        fs::rename(vendor, folder.join(VENDOR)).map_err(|error| {
            Error::new("cannot put the library into the project").because(error)
        })?;
    }
    let notes = match &mut project.membership {
        Some((workspace, Membership::Member)) => workspace.admit(&mut manifest, patch)?,
        other => {
            if let Some(patch) = patch {
                Patch::apply_alone(patch, &mut manifest);
            }
            match other {
                Some((workspace, _)) => workspace.exclude()?,
                None => Vec::new(),
            }
        }
    };
    fs::write(&path, manifest.to_string()).map_err(|error| fail(error.to_string()))?;
    Ok(notes)
}

/// Moves the project into its place, and with it the changed manifest of the workspace.
fn install(made: &Path, project: &NewProject) -> Result<()> {
    let change = project.membership.as_ref().map(|(workspace, _)| Workspace::prepare(workspace));
    let change = change.transpose()?;
    // Nothing is undone after this but what fails.
    interrupt::check()?;
    let moved = match &project.place {
        Place::New(folder) => {
            project.place.check()?;
            vec![(made.to_owned(), folder.clone())]
        }
        Place::Here => {
            let entries = fs::read_dir(made).and_then(Iterator::collect::<io::Result<Vec<_>>>);
            let entries = entries
                .map_err(|error| Error::new("cannot read the new project").because(error))?;
            entries.iter().map(|entry| (entry.path(), entry.file_name().into())).collect()
        }
    };
    let moved: Vec<(PathBuf, PathBuf)> = moved;
    for (count, (from, to)) in moved.iter().enumerate() {
        let done = if to.symlink_metadata().is_ok() {
            Err(io::Error::from(io::ErrorKind::AlreadyExists))
        } else {
            fs::rename(from, to)
        };
        if let Err(error) = done {
            take_back(moved.iter().take(count));
            return Err(
                Error::new(format!("cannot move the project to `{}`", to.display())).because(error)
            );
        }
    }
    change.map_or(Ok(()), Change::apply).inspect_err(|_| take_back(moved.iter()))
}

/// Moves what is in its place back to where it is removed.
fn take_back<'a>(moved: impl Iterator<Item = &'a (PathBuf, PathBuf)>) {
    for (from, to) in moved {
        if let Err(error) = fs::rename(to, from) {
            anstream::eprintln!("{WARNING}warning:{WARNING:#} remove `{}`: {error}", to.display());
        }
    }
}
