//! The tools on this machine that compile and link for Lambda: which are installed, and how to install
//! the others.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use tokio::process::Command;
use toml_edit::DocumentMut;

use crate::artifact::Linking;
use crate::aws::Architecture;
use crate::new_project::prompt;
use crate::process::{interrupt, programs};
use crate::term::error::{Error, ErrorContext, Result};
use crate::term::{progress, terminal};

/// Returns the Rust target of this machine, such as `x86_64-unknown-linux-gnu`.
pub(crate) async fn host() -> Result<String> {
    let version = rustc(&["-vV"]).await?;
    version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .ok_or_else(|| Error::new("`rustc -vV` does not name its host"))
}

/// Returns the processor of this machine, and fails if Lambda does not support it.
pub(super) async fn host_architecture() -> Result<Architecture> {
    let host = host().await?;
    let machine = host.split('-').next().unwrap_or_default();
    Architecture::from_machine(machine).ok_or_else(|| {
        Error::new(format!("Lambda does not support the processor of this machine, `{machine}`"))
            .hint("choose one with `--arch x86_64` or `--arch arm64`")
            .usage()
    })
}

/// Returns the version of Rust, such as `1.99.1`.
pub(crate) async fn version() -> Result<String> {
    let version = rustc(&["--version"]).await?;
    Ok(version.split_whitespace().nth(1).unwrap_or_default().to_owned())
}

async fn rustc(arguments: &[&str]) -> Result<String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    programs::ask(Path::new(&rustc), arguments).await.map_err(|why| {
        Error::new(format!("`rustc` {why}")).hint(
            "install Rust (https://rustup.rs) or put it on `PATH`, or build in a container: \
             `--container`",
        )
    })
}

/// Returns the Rust target of executables for Lambda.
pub(crate) fn target(architecture: Architecture, linking: Linking) -> String {
    let libc = match linking {
        Linking::Static => "musl",
        Linking::Dynamic => "gnu",
    };
    format!("{}-unknown-linux-{libc}", architecture.machine())
}

/// Fails if the standard library of Rust for `target` is not installed.
pub(crate) async fn check_standard_library(target: &str) -> Result<()> {
    if has_standard_library(target).await? {
        return Ok(());
    }
    let add = if programs::find("rustup").is_some() {
        format!("run `rustup target add {target}` or pass `--add-target`")
    } else {
        format!("install Rust with rustup (https://rustup.rs) and run `rustup target add {target}`")
    };
    Err(Error::new(format!("the standard library of Rust for `{target}` is not installed"))
        .hint(format!("{add}, or build in a container: `--container`")))
}

async fn has_standard_library(target: &str) -> Result<bool> {
    let folder = rustc(&["--print", "target-libdir", "--target", target]).await?;
    Ok(fs::read_dir(&folder).is_ok_and(|entries| {
        entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
    }))
}

/// Adds the standard library of Rust for `target` with rustup if it is missing and the user agrees: with
/// `--add-target`, or when asked on a terminal.
pub(super) async fn provide_standard_library(target: &str, is_agreed: bool) -> Result<()> {
    if has_standard_library(target).await? {
        return Ok(());
    }
    let Some(rustup) = programs::find("rustup") else {
        return check_standard_library(target).await;
    };
    let question = format!("Add the Rust target `{target}`?");
    let help = format!("runs `rustup target add {target}`, which downloads the standard library");
    if !(is_agreed || terminal::is_interactive() && prompt::confirm(&question, &help, true)?) {
        return check_standard_library(target).await;
    }
    let mut command = Command::new(rustup);
    command.args(["target", "add", target]);
    let status = progress::run(command, "rustup").await.context(|| "cannot run `rustup`")?;
    if !status.success() {
        interrupt::check_child(status)?;
        return Err(Error::new(format!("rustup could not add the target `{target}`")).hint(
            "check the network and run the command again, or build in a container: `--container`",
        ));
    }
    // The compiler can be another one than rustup's.
    check_standard_library(target).await
}

/// Returns the name of the linker that Rust ships; fails if this Rust comes without it, as those of some
/// Linux distributions do.
pub(super) async fn rust_lld(host: &str) -> Result<String> {
    const NAME: &str = "rust-lld";
    let folder = Path::new(&rustc(&["--print", "sysroot"]).await?).join("lib/rustlib").join(host);
    if folder.join("bin").join(format!("{NAME}{}", env::consts::EXE_SUFFIX)).is_file() {
        return Ok(NAME.to_owned());
    }
    Err(Error::new(format!("this Rust comes without its linker `{NAME}`")).hint(
        "install Rust with rustup (https://rustup.rs), or build with `--container` or `--zig`",
    ))
}

/// Finds the linker of the Linux distribution for glibc on another processor.
pub(super) fn glibc_linker(architecture: Architecture) -> Result<String> {
    let name = format!("{}-linux-gnu-gcc", architecture.machine());
    if programs::find(&name).is_some() {
        return Ok(name);
    }
    let install = if cfg!(target_os = "linux") {
        let machine = architecture.machine().replace('_', "-");
        format!("install it (on Debian: `apt install gcc-{machine}-linux-gnu`), or ")
    } else {
        String::new()
    };
    Err(Error::new(format!("no linker for {architecture}: `{name}` is not on `PATH`"))
        .hint(format!("{install}build with `--zig` or `--container`")))
}

/// Returns whether the environment or one of cargo's configuration files names a linker for the target.
pub(super) fn has_linker_setting(target: &str, project: &Path) -> bool {
    let variable = format!("CARGO_TARGET_{}_LINKER", target.to_ascii_uppercase().replace('-', "_"));
    env::var_os(variable).is_some()
        || cargo_settings(project).iter().any(|config| {
            let targets = config.get("target");
            targets.and_then(|targets| targets.get(target)?.get("linker")).is_some()
        })
}

/// Reads the configuration files that cargo uses in a folder, the nearest first.
pub(super) fn cargo_settings(project: &Path) -> Vec<DocumentMut> {
    let home = env::var_os("CARGO_HOME")
        .map(Into::into)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let folders = project.ancestors().map(|folder| folder.join(".cargo")).chain(home);
    folders
        .flat_map(|folder| ["config.toml", "config"].map(|name| folder.join(name)))
        .filter_map(|path| fs::read_to_string(path).ok()?.parse().ok())
        .collect()
}

/// Returns the environment that cargo-zigbuild needs to find zig; fails if one of the two is missing.
pub(crate) async fn zig() -> Result<Vec<(String, OsString)>> {
    /// Without it, cargo-zigbuild tries only `python3`, which Windows does not have.
    const PYTHON: &str = "CARGO_ZIGBUILD_PYTHON_PATH";
    const INSTALL: &str = "run `pip install cargo-zigbuild ziglang`";
    if programs::find("cargo-zigbuild").is_none() {
        return Err(Error::new("`cargo-zigbuild` is not on `PATH`").hint(INSTALL));
    }
    let is_set = |name: &str| env::var_os(name).is_some();
    if programs::find("zig").is_some() || is_set("CARGO_ZIGBUILD_ZIG_PATH") || is_set(PYTHON) {
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
