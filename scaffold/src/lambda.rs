//! What Lambda runs, and what it does not: the facts that builds and checks go by.

use std::fmt;

use clap::ValueEnum;
use serde::Serialize;

/// The most bytes of a zip that is uploaded to Lambda itself; through S3 it may have more.
pub(crate) const MAX_ZIP: u64 = 50 * MEBIBYTE;
/// The most bytes of what is in a zip, unpacked.
pub(crate) const MAX_UNPACKED: u64 = 250 * MEBIBYTE;
const MEBIBYTE: u64 = 1024 * 1024;

/// The C library of `provided.al2023`.
pub(crate) const GLIBC: [u32; 2] = [2, 34];

/// The shared libraries of `provided.al2023` that a program may count on: glibc's and gcc's.
pub(crate) const LIBRARIES: [&str; 12] = [
    "ld-linux-aarch64.so.1",
    "ld-linux-x86-64.so.2",
    "libanl.so.1",
    "libc.so.6",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libnss_dns.so.2",
    "libpthread.so.0",
    "libresolv.so.2",
    "librt.so.1",
    "libutil.so.1",
];

/// A processor that Lambda has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
pub(crate) enum Architecture {
    #[value(name = "x86_64", alias = "amd64")]
    #[serde(rename = "x86_64")]
    X86_64,
    #[value(name = "arm64", alias = "aarch64")]
    #[serde(rename = "arm64")]
    Arm64,
}

impl Architecture {
    /// By the name that AWS has for it.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::X86_64, Self::Arm64].into_iter().find(|architecture| architecture.name() == name)
    }

    /// This machine's; `None` where Lambda has no such machine.
    pub(crate) fn host() -> Option<Self> {
        match std::env::consts::ARCH {
            "x86_64" => Some(Self::X86_64),
            "aarch64" => Some(Self::Arm64),
            _ => None,
        }
    }

    /// AWS's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }

    /// The name in Rust's targets and in C compilers'.
    pub(crate) fn machine(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "aarch64",
        }
    }

    /// The name among container images.
    pub(crate) fn image(self) -> &'static str {
        match self {
            Self::X86_64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }

    /// Rust's target.
    pub(crate) fn target(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-unknown-linux-gnu",
            Self::Arm64 => "aarch64-unknown-linux-gnu",
        }
    }

    /// The program that loads dynamically linked ones there.
    pub(crate) fn loader(self) -> &'static str {
        match self {
            Self::X86_64 => "/lib64/ld-linux-x86-64.so.2",
            Self::Arm64 => "/lib/ld-linux-aarch64.so.1",
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
