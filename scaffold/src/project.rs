//! A project that is decided: what its name, its template, every answer and its folder are.

use std::path::{Path, PathBuf};

use heck::ToSnakeCase;
use liquid::Object;
use liquid::model::Value;

use crate::error::{Error, Result};
use crate::library::Library;
use crate::name::ProjectName;
use crate::question::Question;
use crate::shell;
use crate::template::Template;
use crate::workspace::Workspace;

/// What `scaffold new` makes; no question is asked after this.
#[derive(Debug)]
pub(crate) struct NewProject {
    pub(crate) name: ProjectName,
    pub(crate) template: Template,
    /// An answer to each question that was to be asked, in their order.
    pub(crate) answers: Vec<(Question, String)>,
    pub(crate) library: Library,
    pub(crate) place: Place,
    pub(crate) git: bool,
    pub(crate) membership: Option<(Workspace, Membership)>,
    /// Whether the template's scripts may run.
    pub(crate) trusted: bool,
}

/// What a project is to the workspace around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Membership {
    /// One of its members.
    Member,
    /// None of it, which the workspace has to be told.
    Excluded,
}

impl NewProject {
    /// The project's kind, and the answers that are not the defaults, on one line.
    pub(crate) fn summary(&self) -> String {
        let mut parts = vec![self.kind()];
        for (question, answer) in &self.answers {
            if question.default.as_ref() != Some(answer) {
                parts.push(format!(
                    "{} {}",
                    question.name.replace('_', " "),
                    question.show(answer)
                ));
            }
        }
        parts.join(", ")
    }

    /// What the template is called.
    pub(crate) fn kind(&self) -> String {
        let origin = &self.template.origin;
        self.template.name().map(str::to_owned).or_else(|| origin.source()).unwrap_or_default()
    }

    /// What the template's tags may name.
    pub(crate) fn variables(&self) -> Object {
        let mut variables = built_in(&self.name, &self.place);
        for (question, answer) in &self.answers {
            variables.insert(question.name.clone().into(), question.variable(answer));
        }
        variables
    }
}

/// The variables that cargo-generate gives to each template.
pub(crate) fn built_in(name: &ProjectName, place: &Place) -> Object {
    let author = Author::find();
    let in_package = place.absolute().ancestors().any(|above| above.join("Cargo.toml").exists());
    let text = |text: String| Value::scalar(text);
    [
        ("project-name", text(name.to_string())),
        ("crate_name", text(name.as_str().to_snake_case())),
        ("crate_type", text("bin".to_owned())),
        ("authors", text(author.to_string())),
        ("username", text(author.name)),
        ("os-arch", text(format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH))),
        ("is_init", Value::scalar(false)),
        ("within_cargo_project", Value::scalar(in_package)),
    ]
    .into_iter()
    .map(|(name, value)| (name.into(), value))
    .collect()
}

/// Who makes the project, as far as the environment tells.
pub(crate) struct Author {
    pub(crate) name: String,
    pub(crate) email: Option<String>,
}

impl Author {
    pub(crate) fn find() -> Self {
        let first = |names: &[&str]| {
            let values = names.iter().filter_map(|name| std::env::var(name).ok());
            values.map(|value| value.trim().to_owned()).find(|value| !value.is_empty())
        };
        let name = ["CARGO_NAME", "GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"];
        let email = ["CARGO_EMAIL", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL", "EMAIL"];
        let name = first(&name).or_else(|| first(&["USER", "USERNAME", "NAME"]));
        Self { name: name.unwrap_or_else(|| "nobody".to_owned()), email: first(&email) }
    }
}

impl std::fmt::Display for Author {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.name)?;
        self.email.as_ref().map_or(Ok(()), |email| write!(formatter, " <{email}>"))
    }
}

/// Where a project is put.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In a folder that is made.
    New(PathBuf),
    /// In this folder, which is empty.
    Here,
}

impl Place {
    pub(crate) fn folder(&self) -> &Path {
        match self {
            Self::New(folder) => folder,
            Self::Here => Path::new("."),
        }
    }

    /// The folder with everything above it, as far as that is there.
    pub(crate) fn absolute(&self) -> PathBuf {
        match self {
            Self::New(folder) => {
                let above = dunce::canonicalize(parent(folder));
                let above = above.unwrap_or_else(|_| parent(folder).to_owned());
                folder.file_name().map_or(above.clone(), |name| above.join(name))
            }
            Self::Here => dunce::canonicalize(".").unwrap_or_else(|_| PathBuf::from(".")),
        }
    }

    /// Fails where a project cannot be put, as far as can be told without trying.
    pub(crate) fn check(&self) -> Result<()> {
        match self {
            Self::New(folder) => check_new(folder),
            Self::Here => check_here(),
        }
    }
}

/// The folder that the project's own is made in.
pub(crate) fn parent(folder: &Path) -> &Path {
    match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn check_new(folder: &Path) -> Result<()> {
    if folder.symlink_metadata().is_ok() {
        return Err(Error::new(format!("`{}` already exists", folder.display()))
            .hint("choose another name, or another folder with `--directory`"));
    }
    let parent = parent(folder);
    if parent.is_dir() {
        return Ok(());
    }
    let name = parent.to_string_lossy();
    Err(if parent.exists() {
        Error::new(format!("`{name}` is not a folder"))
            .hint("choose another folder with `--directory`")
    } else {
        Error::new(format!("there is no folder `{name}`"))
            .hint(format!("make it first: `{}`", shell::make_folder(&name)))
    })
}

/// A new repository without files is as good as an empty folder.
fn check_here() -> Result<()> {
    let fail = |error| Error::new("cannot read this folder").because(error);
    for entry in Path::new(".").read_dir().map_err(fail)? {
        let name = entry.map_err(fail)?.file_name();
        if name != ".git" {
            return Err(Error::new(format!(
                "this folder is not empty: it has `{}`",
                name.display()
            ))
            .hint("`scaffold new NAME` makes a folder"));
        }
    }
    Ok(())
}
