//! Building with cargo alone: the tools on this machine that it needs.

use std::path::Path;

use super::c_code::{self, CCompiler};
use super::cargo::{Binary, CompileOptions};
use super::toolchain;
use crate::artifact::Linking;
use crate::aws::Architecture;
use crate::term::error::Result;

/// The tools of a build with cargo alone, all of them installed; only the standard library of Rust for
/// the target can be missing.
#[derive(Debug)]
pub(crate) struct NativeTools {
    target: String,
    /// True if cargo builds for the target without being told.
    is_host: bool,
    /// `None` leaves the choice to cargo.
    linker: Option<String>,
    c_compiler: Option<CCompiler>,
}

impl NativeTools {
    /// Finds the tools, and fails if one is missing. Without a binary, C code is not looked for.
    pub(crate) async fn find(
        architecture: Architecture,
        linking: Linking,
        folder: &Path,
        binary: Option<&Binary>,
    ) -> Result<Self> {
        let target = toolchain::target(architecture, linking);
        let host = toolchain::host().await?;
        let is_host = host == target;
        let is_configured = toolchain::has_linker_setting(&target, folder);
        let (mut linker, mut c_compiler) = (None, None);
        match linking {
            Linking::Static => {
                if !is_configured {
                    linker = Some(toolchain::rust_lld(&host).await?);
                }
                if let Some(binary) = binary {
                    c_compiler = c_code::compiler(binary, architecture, &target, &host)?;
                }
            }
            Linking::Dynamic if is_host || is_configured => {}
            Linking::Dynamic => linker = Some(toolchain::glibc_linker(architecture)?),
        }
        Ok(Self { target, is_host, linker, c_compiler })
    }

    /// Returns the Rust target.
    pub(crate) fn target(&self) -> &str {
        &self.target
    }

    /// Explains why these tools are enough.
    pub(crate) fn describe(&self) -> String {
        match (&self.c_compiler, &self.linker) {
            (Some(CCompiler { program, crates, .. }), _) => {
                format!("Rust, and `{program}` for the C code of {crates}")
            }
            (None, Some(linker)) => {
                format!("Rust and its target `{}`, linked with `{linker}`", self.target)
            }
            (None, None) => format!("Rust and its target `{}`", self.target),
        }
    }

    /// Adds them to the options of a build.
    pub(super) fn add_to(self, options: &mut CompileOptions) {
        let Self { target, is_host, linker, c_compiler } = self;
        if let Some(linker) = linker {
            let setting = format!("target.{target}.linker={linker:?}");
            options.more.splice(0..0, ["--config".into(), setting.into()]);
        }
        if let Some(CCompiler { variable, program, .. }) = c_compiler {
            options.environment.push((variable, program.into()));
        }
        if !is_host {
            options.target = Some(target);
        }
    }
}
