//! Finds the scripts of a template, for the user to allow them.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::child::{self, Failure, Mode, TEMPLATE};
use super::template::render::StrictRenderer;
use super::template::{Template, listed, script, source};
use crate::process::interrupt;
use crate::term::error::{ErrorContext, Result};

// In the staging folder, as the files of the child are.
const SCRIPTS: &str = ".scripts.json";

/// The scripts that a template runs.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct Scripts {
    /// Its hooks, and files that run scripts while they are expanded.
    files: Vec<String>,
    /// The commands that its scripts start, as far as they are constants.
    commands: Vec<String>,
}

impl Scripts {
    /// Finds the scripts of a template.
    pub(super) fn of(template: &Template) -> Result<Self> {
        if template.name().is_some() {
            return Ok(Self::default());
        }
        let fail = || format!("cannot look for scripts in {}", template.origin);
        let staging = interrupt::temporary_folder("template")?;
        let staging = staging.path();
        child::write_template(staging, template.files.iter()).context(fail)?;
        let child = child::start(staging, Mode::FindScripts, "").context(fail)?;
        child::finish(staging, child, fail)?;
        let found = fs::read(staging.join(SCRIPTS)).context(fail)?;
        let mut found: Self = serde_json::from_slice(&found).context(fail)?;
        found.files.splice(..0, template.config.hooks.iter().cloned());
        Ok(found)
    }

    /// Returns whether the template runs no script.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Lists them for a message.
    pub(super) fn list(&self) -> String {
        let quoted =
            |names: &[String]| listed(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let files = quoted(&self.files);
        if self.commands.is_empty() {
            return files;
        }
        format!("{files}; they start the commands {}", quoted(&self.commands))
    }
}

/// The work of the child that finds scripts.
pub(super) fn find() -> std::result::Result<(), Failure> {
    let renderer = StrictRenderer::new()?;
    let mut scripts = Scripts::default();
    for (path, file) in source::files(Path::new(TEMPLATE))? {
        Failure::at(&path).write();
        if renderer.runs_script(&path, &file) {
            scripts.files.push(path.clone());
        }
        if Path::new(&path).extension().is_some_and(|extension| extension == "rhai") {
            scripts.commands.extend(script::commands(&String::from_utf8_lossy(&file.contents)));
        }
    }
    let text = serde_json::to_vec(&scripts).map_err(Failure::new)?;
    fs::write(SCRIPTS, text).map_err(Failure::new)
}
