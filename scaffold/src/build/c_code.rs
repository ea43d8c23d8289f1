//! Crates that compile C for the executable: which they are, and a compiler for them.

use std::collections::BTreeSet;
use std::env;

use cargo_metadata::{DependencyKind, Metadata, Node, Package, PackageId};

use super::cargo::Binary;
use crate::aws::Architecture;
use crate::process::programs;
use crate::term::error::{Error, Result};
use crate::term::quote;

/// The crates with which build scripts compile C, or find a C library to link.
const BUILD_TOOLS: [&str; 6] = ["autotools", "cc", "cmake", "pkg-config", "system-deps", "vcpkg"];

/// The crates whose C code uses no C library. A compiler for glibc compiles it for musl too.
const FREESTANDING: [&str; 1] = ["ring"];

/// A C compiler for the crates that need one.
#[derive(Debug)]
pub(crate) struct CCompiler {
    /// The environment variable from which the crate `cc` takes it.
    pub(crate) variable: String,
    pub(crate) program: String,
    /// The crates that it compiles, in backticks.
    pub(crate) crates: String,
}

/// Finds a compiler for the C code in the dependencies of a binary; `None` if there is no C code, or if
/// the user has named a compiler in the environment.
pub(super) fn compiler(
    binary: &Binary,
    architecture: Architecture,
    target: &str,
    host: &str,
) -> Result<Option<CCompiler>> {
    let crates = crates(&binary.dependencies(target)?, binary);
    let variable = format!("CC_{}", target.replace('-', "_"));
    let named = [variable.as_str(), &format!("CC_{target}"), "TARGET_CC"];
    if crates.is_empty() || named.iter().any(|name| env::var_os(name).is_some()) {
        return Ok(None);
    }
    let machine = architecture.machine();
    let is_native = host.starts_with(&format!("{machine}-")) && host.contains("-linux-");
    let is_freestanding = crates.iter().all(|name| FREESTANDING.contains(&name.as_str()));
    let mut compilers = vec![format!("{machine}-linux-musl-gcc")];
    if is_native {
        compilers.push("musl-gcc".to_owned());
    }
    if is_freestanding {
        compilers.push(format!("{machine}-linux-gnu-gcc"));
        compilers.extend(is_native.then(|| "cc".to_owned()));
    }
    let list = quote::list_quoted(&crates.iter().map(String::as_str).collect::<Vec<_>>(), "and");
    if let Some(program) = compilers.into_iter().find(|name| programs::find(name).is_some()) {
        return Ok(Some(CCompiler { variable, program, crates: list }));
    }
    let debian = match (is_native, is_freestanding) {
        _ if !cfg!(target_os = "linux") => None,
        (true, _) => Some("musl-tools".to_owned()),
        (false, true) => Some(format!("gcc-{}-linux-gnu", machine.replace('_', "-"))),
        (false, false) => None,
    };
    let install = debian.map_or_else(
        || format!("install `{machine}-linux-musl-gcc`"),
        |package| format!("install one (on Debian: `apt install {package}`)"),
    );
    let (noun, verb) =
        if crates.len() == 1 { ("crate", "compiles") } else { ("crates", "compile") };
    let message =
        format!("the {noun} {list} {verb} C, and there is no C compiler for `{target}` on `PATH`");
    Err(Error::new(message).hint(format!(
        "{install} or name it in `{variable}`, or build with `--container`, `--zig` or \
         `--linking dynamic`"
    )))
}

/// Lists the crates that compile C for the executable, not those that only run during its build.
fn crates(metadata: &Metadata, binary: &Binary) -> Vec<String> {
    let package = |id: &PackageId| metadata.packages.iter().find(|package| package.id == *id);
    let node = |id: &PackageId| -> Option<&Node> {
        metadata.resolve.as_ref()?.nodes.iter().find(|node| node.id == *id)
    };
    let root = metadata
        .packages
        .iter()
        .find(|package| package.manifest_path.as_std_path() == binary.manifest_path());
    let mut open: Vec<&Package> = root.into_iter().collect();
    let (mut seen, mut found) = (BTreeSet::new(), BTreeSet::new());
    while let Some(next) = open.pop() {
        let is_macro = next.targets.iter().any(cargo_metadata::Target::is_proc_macro);
        if is_macro || !seen.insert(&next.id) {
            continue;
        }
        for dependency in node(&next.id).into_iter().flat_map(|node| &node.deps) {
            let Some(other) = package(&dependency.pkg) else { continue };
            for kind in &dependency.dep_kinds {
                match kind.kind {
                    DependencyKind::Normal => open.push(other),
                    DependencyKind::Build if BUILD_TOOLS.contains(&other.name.as_str()) => {
                        found.insert(next.name.to_string());
                    }
                    _ => {}
                }
            }
        }
    }
    found.into_iter().collect()
}
