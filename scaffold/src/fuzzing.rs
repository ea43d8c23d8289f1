//! The entry points of the targets in `fuzz/`: the parts that read files from outside. Compiled only
//! with `--cfg fuzzing`, which cargo-fuzz sets.

use std::path::Path;

use crate::artifact::{self, Expected};
use crate::sam::Application;

/// Inspects the executable or zip at `path` and returns the report of `scaffold inspect --json`.
///
/// # Errors
/// If the file cannot be read.
pub fn inspect(path: &Path) -> Result<serde_json::Value, String> {
    let artifact = artifact::inspect(path, &Expected::any()).map_err(|error| error.to_string())?;
    serde_json::to_value(artifact).map_err(|error| error.to_string())
}

/// Reads the template at `path` and returns the number of its functions.
///
/// # Errors
/// If it is not a template of AWS SAM.
pub fn read_template(path: &Path) -> Result<usize, String> {
    let application = Application::read(path).map_err(|error| error.to_string())?;
    Ok(application.functions.len())
}
