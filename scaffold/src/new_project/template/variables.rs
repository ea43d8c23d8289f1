//! The variables that cargo-generate defines for every template.

use std::path::Path;
use std::{env, fmt};

use heck::ToSnakeCase;
use liquid::Object;
use liquid::model::Value;

use crate::new_project::name::ProjectName;

/// True if there is a `Cargo.toml` above the project. cargo-generate cannot find out, because it
/// expands the template elsewhere, so it gets this variable like an answer.
pub(crate) const WITHIN_CARGO_PROJECT: &str = "within_cargo_project";

/// The built-in variables for a project of this name in this folder.
pub(crate) fn built_in(name: &ProjectName, folder: &Path) -> Object {
    let author = Author::find();
    let in_package = folder.ancestors().any(|above| above.join("Cargo.toml").exists());
    let text = |text: String| Value::scalar(text);
    [
        ("project-name", text(name.to_string())),
        ("crate_name", text(name.as_str().to_snake_case())),
        ("crate_type", text("bin".to_owned())),
        ("authors", text(author.to_string())),
        ("username", text(author.name)),
        ("os-arch", text(format!("{}-{}", env::consts::OS, env::consts::ARCH))),
        ("is_init", Value::scalar(false)),
        (WITHIN_CARGO_PROJECT, Value::scalar(in_package)),
    ]
    .into_iter()
    .map(|(name, value)| (name.into(), value))
    .collect()
}

/// The author of the project, as the environment names them.
pub(crate) struct Author {
    pub(crate) name: String,
    pub(crate) email: Option<String>,
}

impl Author {
    pub(crate) fn find() -> Self {
        let first = |names: &[&str]| {
            let values = names.iter().filter_map(|name| env::var(name).ok());
            values.map(|value| value.trim().to_owned()).find(|value| !value.is_empty())
        };
        let name = ["CARGO_NAME", "GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"];
        let email = ["CARGO_EMAIL", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL", "EMAIL"];
        let name = first(&name).or_else(|| first(&["USER", "USERNAME", "NAME"]));
        Self { name: name.unwrap_or_else(|| "nobody".to_owned()), email: first(&email) }
    }
}

impl fmt::Display for Author {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)?;
        self.email.as_ref().map_or(Ok(()), |email| write!(formatter, " <{email}>"))
    }
}
