//! Whether this machine can build for another, or statically: found out before anything is built.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use toml_edit::DocumentMut;

use crate::error::{Error, Result};
use crate::lambda::Architecture;
use crate::programs;

/// Rust's target on this machine, such as `x86_64-unknown-linux-gnu`.
pub(crate) async fn host() -> Result<String> {
    let said = rustc(&["-vV"]).await?;
    said.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .ok_or_else(|| Error::new("rustc does not say for which target it builds"))
}

async fn rustc(arguments: &[&str]) -> Result<String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    programs::ask(Path::new(&rustc), arguments).await.map_err(|why| {
        Error::new(format!("`rustc` {why}")).hint(
            "install Rust, or put its folder on `PATH`; or build in a container: `--container`",
        )
    })
}

/// Fails where Rust's standard library for `target` is not here.
pub(crate) async fn check_standard_library(target: &str) -> Result<()> {
    let folder = rustc(&["--print", "target-libdir", "--target", target]).await?;
    let has_library = fs::read_dir(&folder).is_ok_and(|entries| {
        entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
    });
    if has_library {
        return Ok(());
    }
    Err(Error::new(format!("Rust's standard library for `{target}` is not on this machine"))
        .hint(format!("`rustup target add {target}`, or build in a container: `--container`")))
}

/// The linker for another machine's programs: the one that cargo is told to use (`None`), or else
/// the one that a Linux distribution has.
pub(crate) fn linker(architecture: Architecture, project: &Path) -> Result<Option<String>> {
    let target = architecture.target();
    let variable = format!("CARGO_TARGET_{}_LINKER", target.to_ascii_uppercase().replace('-', "_"));
    if env::var_os(variable).is_some() || is_configured(target, project) {
        return Ok(None);
    }
    let name = format!("{}-linux-gnu-gcc", architecture.machine());
    if programs::find(&name).is_some() {
        return Ok(Some(name));
    }
    let install = if cfg!(target_os = "linux") {
        let machine = architecture.machine().replace('_', "-");
        format!("install it (on Debian, `apt install gcc-{machine}-linux-gnu`), ")
    } else {
        String::new()
    };
    Err(Error::new(format!("no linker for {architecture} is on this machine: `{name}`"))
        .hint(format!("{install}let zig link: `--zig`, or build in a container: `--container`")))
}

/// Whether one of cargo's configuration files names a linker for the target.
fn is_configured(target: &str, project: &Path) -> bool {
    let home = env::var_os("CARGO_HOME")
        .map(Into::into)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    project.ancestors().map(|folder| folder.join(".cargo")).chain(home).any(|folder| {
        ["config.toml", "config"].iter().any(|name| {
            fs::read_to_string(folder.join(name))
                .ok()
                .and_then(|text| text.parse::<DocumentMut>().ok())
                .is_some_and(|config| {
                    config
                        .get("target")
                        .and_then(|targets| targets.get(target)?.get("linker"))
                        .is_some()
                })
        })
    })
}

/// Fails where glibc is here as a shared library only.
pub(crate) async fn check_static_glibc() -> Result<()> {
    let name = "libc.a";
    let found = programs::ask(Path::new("cc"), [format!("-print-file-name={name}")]).await;
    // A compiler that does not find the file prints just its name.
    match found {
        Ok(path) if Path::new(&path).is_absolute() => Ok(()),
        Ok(_) => {
            Err(Error::new(format!("glibc's static library, `{name}`, is not on this machine"))
                .hint(
                    "install it (on Debian `libc6-dev`, on Fedora `glibc-static`), or build in a \
                 container: `--container --static`",
                ))
        }
        Err(why) => {
            Err(Error::new(format!("`cc` {why}")).hint("install a C compiler, which links"))
        }
    }
}

/// What cargo-zigbuild needs in its environment to find zig; fails where one of the two is missing.
pub(crate) async fn zig() -> Result<Vec<(String, OsString)>> {
    /// By itself it asks only `python3`, which is not what Python is called on Windows.
    const PYTHON: &str = "CARGO_ZIGBUILD_PYTHON_PATH";
    const INSTALL: &str = "`pip install cargo-zigbuild ziglang`";
    if programs::find("cargo-zigbuild").is_none() {
        return Err(Error::new("`cargo-zigbuild` is not on `PATH`").hint(INSTALL));
    }
    let is_said = |name: &str| env::var_os(name).is_some();
    if programs::find("zig").is_some() || is_said("CARGO_ZIGBUILD_ZIG_PATH") || is_said(PYTHON) {
        return Ok(Vec::new());
    }
    for python in ["python3", "python"] {
        let Some(python) = programs::find(python) else { continue };
        if programs::ask(&python, ["-m", "ziglang", "version"]).await.is_ok() {
            return Ok(vec![(PYTHON.to_owned(), python.into())]);
        }
    }
    Err(Error::new("`zig` is not on `PATH`, and Python has no module `ziglang`").hint(INSTALL))
}
