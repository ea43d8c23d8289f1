//! What an artifact must have: its processor, and the handlers that the template names.

use std::fs;
use std::path::Path;

use super::finding::{Finding, FindingCode};
use crate::aws::{Architecture, BOOTSTRAP};
use crate::build::cargo::Selection;
use crate::files;
use crate::sam::{Application, TemplateFunction};
use crate::term::error::Result;

/// The processors that an artifact can be built for.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    /// Every processor that Lambda has if this is empty.
    pub(crate) architectures: Vec<Architecture>,
    /// The flag or file that says so, as a message names it.
    pub(crate) source: String,
    /// The functions that the artifact is for, with their handlers.
    pub(super) handlers: Vec<(String, String)>,
    /// The same functions, with their Lambda runtimes.
    runtimes: Vec<(String, String)>,
}

impl Expected {
    pub(crate) fn new(architecture: Architecture, source: impl Into<String>) -> Self {
        Self { architectures: vec![architecture], source: source.into(), ..Self::default() }
    }

    /// Accepts every processor that Lambda has.
    pub(crate) fn any() -> Self {
        Self::default()
    }

    /// Expects the handlers of these functions too, and that Lambda can run their runtimes.
    pub(crate) fn with_functions<'a>(
        mut self,
        functions: impl IntoIterator<Item = &'a TemplateFunction>,
    ) -> Self {
        for function in functions {
            let named = |value: &Option<String>| Some((function.name.clone(), value.clone()?));
            self.handlers.extend(named(&function.handler));
            self.runtimes.extend(named(&function.deployment.runtime));
        }
        self
    }

    /// Finds runtimes that AWS no longer supports ("Lambda runtimes" in the Lambda Developer Guide).
    pub(super) fn check_runtimes(&self) -> impl Iterator<Item = Finding> {
        self.runtimes.iter().filter_map(|(function, runtime)| {
            let since = match runtime.as_str() {
                "provided" => "8 January 2024",
                "provided.al2" => "31 July 2026",
                _ => return None,
            };
            let message = format!(
                "`{function}` has the runtime `{runtime}`, which is deprecated since {since}"
            );
            Some(
                Finding::new(FindingCode::Runtime, message)
                    .hint("set `Runtime: provided.al2023` in the template"),
            )
        })
    }

    /// Takes the processors from the template nearest to the artifact, or else to the current folder, or else from
    /// the manifest nearest to the current folder.
    pub(crate) fn near(artifact: &Path) -> Result<Self> {
        let here = files::current_folder()?;
        for folder in [here.join(artifact), here] {
            if let Some((template, application)) = Application::nearest(&folder)? {
                return Self::of(&template, &application, artifact);
            }
        }
        let bin = BOOTSTRAP.to_owned();
        let package = Selection { manifest_path: None, package: None, bin }.find();
        let architecture = package.map_or(Ok(None), |binary| binary.settings().architecture())?;
        Ok(architecture.map_or_else(Self::any, |it| Self::new(it, "`Cargo.toml`")))
    }

    /// Takes the processors from this template.
    pub(crate) fn from_template(template: &Path, artifact: &Path) -> Result<Self> {
        Self::of(template, &Application::read(template)?, artifact)
    }

    fn of(template: &Path, application: &Application, artifact: &Path) -> Result<Self> {
        let name = template.file_name().unwrap_or_default().to_string_lossy();
        let expected = Self {
            architectures: application.architectures()?,
            source: format!("`{name}`"),
            ..Self::default()
        };
        Ok(if let Some(function) = function_of(artifact, &application.functions) {
            expected.with_functions([function])
        } else if have_one_program(&application.functions) {
            expected.with_functions(&application.functions)
        } else {
            expected
        })
    }
}

/// Finds the function whose name the folder of an artifact has, as `sam build` names it.
fn function_of<'a>(
    artifact: &Path,
    functions: &'a [TemplateFunction],
) -> Option<&'a TemplateFunction> {
    let path = dunce::canonicalize(artifact).ok()?;
    let folder = if path.is_dir() { &path } else { path.parent()? };
    functions.iter().find(|function| folder.ends_with(&function.name))
}

/// Checks whether all functions run the same program: that of a package with one binary.
fn have_one_program(functions: &[TemplateFunction]) -> bool {
    let [first, others @ ..] = functions else { return false };
    let manifest = fs::read_to_string(first.code.join("Cargo.toml")).unwrap_or_default();
    let manifest = manifest.parse::<toml::Table>().unwrap_or_default();
    let binaries = manifest.get("bin").and_then(toml::Value::as_array).map_or(1, Vec::len);
    others.iter().all(|other| other.code == first.code)
        && manifest.contains_key("package")
        && binaries == 1
        && !first.code.join("src/bin").exists()
}
