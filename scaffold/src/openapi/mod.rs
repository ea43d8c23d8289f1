//! The OpenAPI document of a project: what `scaffold openapi` prints.
//!
//! `program` builds the binaries and asks each for its part, `document` joins the parts, and `format` writes
//! the document.

mod document;
pub(crate) mod format;
mod program;

use std::path::PathBuf;

use self::document::Document;
use self::program::DescribedProgram;
use crate::build::cargo::CargoWorkspace;
use crate::term::error::{Error, Result};
use crate::term::{message, quote};

/// Describes the binaries of the project of this manifest, or of the nearest one. Nothing is read of its
/// template: the routes are those of the code.
pub(crate) async fn of_project(manifest_path: Option<PathBuf>) -> Result<serde_json::Value> {
    let workspace = CargoWorkspace::read(manifest_path)?;
    let binaries = workspace.binaries(false);
    if binaries.is_empty() {
        return Err(Error::new("no binary in this project").hint("add `src/main.rs`"));
    }
    let mut programs = Vec::new();
    for binary in binaries {
        programs.extend(DescribedProgram::build(binary).await?);
    }
    let Some(first) = programs.first() else {
        return Err(Error::new("no handler in this project has a route")
            .hint("give a handler a route: `#[lambda_handler(get = \"/orders/{id}\")]`"));
    };
    let mut document = Document::new(workspace.root(), &first.binary);
    for program in &programs {
        document.add(program)?;
    }
    warn(&programs);
    Ok(document.finish())
}

/// Lists the types of which the document says nothing.
fn warn(programs: &[DescribedProgram]) {
    for (what, label, hint) in [
        (
            "schema",
            "any JSON is allowed, because these types have no schema",
            "derive `schemars::JsonSchema` for them: `#[cfg_attr(feature = \"openapi\", derive(JsonSchema))]`",
        ),
        (
            "responses",
            "any response is allowed, because these types do not list theirs",
            "implement `lambda_native::openapi::DescribeResponses` for them",
        ),
    ] {
        let all = programs.iter().flat_map(|program| &program.description.missing);
        let mut types: Vec<String> = all
            .filter(|missing| missing.missing == what)
            .map(|missing| format!("`{}` of `{}`", missing.ty, missing.operation))
            .collect();
        types.dedup();
        if !types.is_empty() {
            message::warn_with_hint(&format!("{label}: {}", quote::list(&types, "and")), hint);
        }
    }
}
