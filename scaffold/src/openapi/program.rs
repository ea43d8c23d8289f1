//! Builds a program with the feature `openapi` of `lambda-native`, and asks it for its description.

use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::build::cargo::{Binary, CompileOptions};
use crate::files;
use crate::process::interrupt;
use crate::process::tree::{ProcessTree, Reach};
use crate::term::error::{Error, ErrorContext, Result};
use crate::term::message;

/// The variable that asks a program for its description.
const VARIABLE: &str = "LAMBDA_NATIVE_OPENAPI";

/// A program that has routes.
#[derive(Debug)]
pub(super) struct DescribedProgram {
    pub(super) binary: Binary,
    pub(super) description: Description,
}

/// The description that a program prints as JSON.
#[derive(Debug, Deserialize)]
pub(super) struct Description {
    pub(super) paths: Map<String, Value>,
    pub(super) schemas: Map<String, Value>,
    /// Those of its authorizers.
    #[serde(default, rename = "securitySchemes")]
    pub(super) security_schemes: Map<String, Value>,
    pub(super) missing: Vec<Missing>,
}

/// A type of which the program knows nothing.
#[derive(Debug, Deserialize)]
pub(super) struct Missing {
    pub(super) operation: String,
    /// `schema` or `responses`.
    pub(super) missing: String,
    #[serde(rename = "type")]
    pub(super) ty: String,
}

impl DescribedProgram {
    /// Builds a binary for debugging, and asks it. `None` if none of its handlers has a route.
    pub(super) async fn build(binary: Binary) -> Result<Option<Self>> {
        let Some(features) = binary.openapi_features() else { return Ok(None) };
        let more = vec![OsString::from("--features"), features.into()];
        let options = CompileOptions { more, ..CompileOptions::new("dev") };
        let executable = binary.build(&options).await?;
        if !has_routes(&executable)? {
            return Ok(None);
        }
        let printed = run(&executable, binary.folder()).await?;
        let description = serde_json::from_slice(&printed).map_err(|error| {
            Error::new(format!("`{}` did not describe its routes", binary.function()))
                .because(error)
                .hint(
                    "only builds with debug assertions can: leave them on in the profile `dev` of \
                     `Cargo.toml`",
                )
        })?;
        Ok(Some(Self { binary, description }))
    }
}

/// Tells whether a handler in the executable has a route. No other program is started.
fn has_routes(executable: &Path) -> Result<bool> {
    let records = lambda_native::record::read(&files::read(executable)?)
        .context(|| format!("cannot read the handlers in `{}`", executable.display()))?;
    Ok(records.iter().any(|record| !record.routes.is_empty()))
}

/// Runs the program, and returns what it prints.
async fn run(executable: &Path, folder: &Path) -> Result<Vec<u8>> {
    let mut command = ProcessTree::command(executable, Reach::Group);
    command
        .current_dir(folder)
        .env(VARIABLE, "1")
        // A program that does not know the variable fails at once.
        .env_remove("AWS_LAMBDA_RUNTIME_API")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    let cannot_run = || format!("cannot run `{}`", executable.display());
    let program = ProcessTree::spawn(command, Reach::Group).context(cannot_run)?;
    let (status, output, _) = program.read(message::print_log).await.context(cannot_run)?;
    if !status.success() {
        interrupt::check_child(status)?;
    }
    Ok(output)
}
