//! Facts about AWS: the limits of Lambda, its processors and its runtime.

pub(crate) mod aws_cli;
pub(crate) mod credentials;
pub(crate) mod sam_cli;

use std::fmt;
use std::time::Duration;

use clap::ValueEnum;
use indicatif::HumanCount;
use serde::Serialize;
use time::OffsetDateTime;
use uuid::Uuid;

/// The largest request or response payload of a synchronous invocation, in bytes.
pub(crate) const MAX_PAYLOAD: usize = 6 * 1024 * 1024;

/// The largest streamed response, in bytes ("Response streaming for Lambda functions" in AWS's documentation).
pub(crate) const MAX_STREAM: usize = 200 * 1024 * 1024;
/// The largest event of an asynchronous invocation, in bytes ("Lambda quotas" in AWS's documentation).
pub(crate) const MAX_ASYNC_PAYLOAD: usize = 1024 * 1024;

/// The timeout of a function that does not set one.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(3);
/// The memory of a function that does not set its size, in MB.
pub(crate) const DEFAULT_MEMORY_MB: u32 = 128;

/// The account of everything that runs locally.
pub(crate) const ACCOUNT_ID: &str = "012345678912";

/// The maximum size in bytes of a zip that is uploaded to Lambda directly, not through S3.
pub(crate) const MAX_ZIP: u64 = 50 * MEBIBYTE;
/// The maximum size in bytes of the unpacked files of a zip.
pub(crate) const MAX_UNPACKED: u64 = 250 * MEBIBYTE;
const MEBIBYTE: u64 = 1024 * 1024;

/// Shows a limit as AWS documents it, and exactly: AWS writes MB and means 1,048,576 bytes.
pub(crate) fn show_limit(bytes: u64) -> String {
    format!("{} MB ({} bytes)", bytes / MEBIBYTE, HumanCount(bytes))
}

/// The variables that Lambda sets itself, and refuses in the configuration of a function: "Working with Lambda
/// environment variables" in the AWS Lambda Developer Guide.
const RESERVED_VARIABLES: [&str; 18] = [
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
];

/// Returns whether Lambda refuses a variable of this name in the configuration of a function.
pub(crate) fn is_reserved_variable(name: &str) -> bool {
    RESERVED_VARIABLES.contains(&name)
}

/// Returns whether this can name a tenant: `TenantId` in the API reference of Lambda.
pub(crate) fn is_tenant_id(text: &str) -> bool {
    let is_allowed = |char: char| char.is_ascii_alphanumeric() || "._:/=+-@ ".contains(char);
    (1..=256).contains(&text.len()) && text.chars().all(is_allowed)
}

/// Parses the name of a tenant.
pub(crate) fn parse_tenant_id(text: &str) -> Result<String, &'static str> {
    is_tenant_id(text)
        .then(|| text.to_owned())
        .ok_or("expected up to 256 letters, digits, spaces and `._:/=+-@`")
}

/// The name of the executable that Lambda starts.
pub(crate) const BOOTSTRAP: &str = "bootstrap";
/// The path at which AWS's base images for Lambda start an executable.
pub(crate) const IMAGE_BOOTSTRAP: &str = "/var/runtime/bootstrap";

/// The version of the C library of `provided.al2023`.
pub(crate) const GLIBC: [u32; 2] = [2, 34];

/// The shared libraries of `provided.al2023` that a program can rely on: those of glibc and gcc.
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

/// The region of everything that runs locally: the user's own, or else `us-east-1`.
pub(crate) fn region() -> String {
    let names = ["AWS_REGION", "AWS_DEFAULT_REGION"];
    let own = names.iter().find_map(|name| std::env::var(name).ok().filter(|it| !it.is_empty()));
    own.unwrap_or_else(|| "us-east-1".to_owned())
}

/// The ARN of a function that runs locally.
pub(crate) fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:{}:{ACCOUNT_ID}:function:{name}", region())
}

/// Creates the id of a trace as X-Ray does: `Root=1-`, the time in seconds and 24 random digits.
pub(crate) fn trace_id() -> String {
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let random = Uuid::new_v4().simple().to_string();
    format!("Root=1-{now:08x}-{random:.24}")
}

/// A processor that Lambda supports.
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
    /// Parses the name that AWS uses.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::X86_64, Self::Arm64].into_iter().find(|architecture| architecture.name() == name)
    }

    /// Returns the processor of this machine; `None` if Lambda does not support it.
    pub(crate) fn host() -> Option<Self> {
        Self::from_machine(std::env::consts::ARCH)
    }

    /// Parses the name in the targets of Rust.
    pub(crate) fn from_machine(name: &str) -> Option<Self> {
        [Self::X86_64, Self::Arm64].into_iter().find(|architecture| architecture.machine() == name)
    }

    /// Returns the name that AWS uses.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }

    /// Returns the name in the targets of Rust and of C compilers.
    pub(crate) fn machine(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "aarch64",
        }
    }

    /// Returns the name in the platforms of container images.
    pub(crate) fn image(self) -> &'static str {
        match self {
            Self::X86_64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }

    /// Returns the path of the loader for dynamically linked programs.
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
