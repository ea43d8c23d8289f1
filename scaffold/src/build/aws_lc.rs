//! The crate `aws-lc-sys` of a project: whether it will gather CPU jitter entropy.

use std::{env, fs};

use toml_edit::{DocumentMut, Item};

use super::cargo::Binary;
use super::toolchain;
use crate::artifact::jitter_entropy::{FIRST_VERSION, FIRST_VERSION_WITH_VARIABLE, FIX, VARIABLE};
use crate::term::error::{Error, Result};

/// Describes the `aws-lc-sys` in `Cargo.lock`, and fails if it gathers CPU jitter entropy; `None` if the
/// project does not use it.
pub(crate) fn check(binary: &Binary) -> Option<Result<String>> {
    let lock = fs::read_to_string(binary.workspace.join("Cargo.lock")).ok()?;
    let lock: DocumentMut = lock.parse().ok()?;
    let packages = lock.get("package")?.as_array_of_tables()?.iter();
    let name = |package: &toml_edit::Table| {
        package.get("name").and_then(Item::as_str) == Some("aws-lc-sys")
    };
    let mut versions = packages.filter(|package| name(package));
    let version = versions.next()?.get("version")?.as_str()?;
    let mut numbers = version.split('.').map(|number| number.parse().unwrap_or(0));
    let numbers = [(); 3].map(|()| numbers.next().unwrap_or(0));
    let is_without = numbers < FIRST_VERSION
        || numbers >= FIRST_VERSION_WITH_VARIABLE && is_switched_off(binary);
    Some(if is_without {
        Ok(format!("aws-lc-sys {version} without CPU jitter entropy"))
    } else {
        let message = format!(
            "aws-lc-sys {version} gathers CPU jitter entropy, which delays cold starts by up to 1 s"
        );
        Err(Error::new(message).hint(FIX))
    })
}

/// Returns whether the environment of a build switches it off: this process's, or that in cargo's
/// configuration.
fn is_switched_off(binary: &Binary) -> bool {
    let in_files = || {
        toolchain::cargo_settings(binary.folder()).into_iter().find_map(|config| {
            let setting = config.get("env")?.get(VARIABLE)?;
            let value = setting.as_str().or_else(|| setting.get("value")?.as_str());
            value.map(str::to_owned)
        })
    };
    let value = env::var(VARIABLE).ok().or_else(in_files).unwrap_or_default();
    !["", "0", "false", "n", "no", "off"].contains(&value.to_lowercase().as_str())
}
