//! Runs programs, above all `scaffold`.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use regex::Regex;

/// Environment variables that reach a test's children. A test sets every other that it needs, so the
/// developer's shell cannot change its outcome: AWS's credentials, cargo's flags, colours, languages.
const KEPT: [&str; 31] = [
    // Files.
    "HOME",
    "TMPDIR",
    // Programs, and the toolchain that runs the suites.
    "PATH",
    "CARGO_HOME",
    "RUSTUP_*",
    // The way to the registries.
    "CARGO_HTTP_*",
    "CARGO_NET_*",
    "CARGO_REGISTRIES_*",
    "CARGO_REGISTRY_*",
    "CARGO_SOURCE_*",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_*",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    // The container engine that `.ci/run` starts.
    "CONTAINERS_*",
    "DOCKER_*",
    // macOS and Windows need these to link and to start programs.
    "APPDATA",
    "COMMONPROGRAMFILES*",
    "COMSPEC",
    "DEVELOPER_DIR",
    "LOCALAPPDATA",
    "PATHEXT",
    "PROGRAMDATA",
    "PROGRAMFILES*",
    "SDKROOT",
    "SYSTEM*",
    "TEMP",
    "TMP",
    "USERPROFILE",
];

/// The environment of a test's children.
pub fn environment() -> impl Iterator<Item = (OsString, OsString)> {
    std::env::vars_os().filter(|(name, _)| {
        let name = name.to_string_lossy().to_ascii_uppercase();
        KEPT.iter().any(|kept| match kept.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == *kept,
        })
    })
}

/// The program that runs executables for arm64.
pub const EMULATOR: &str = "qemu-aarch64";

/// The environment variable with the folder of the suites' functions for arm64. If it is set, they run
/// under the emulator instead of those that cargo has built for this machine.
pub const ARM64_FUNCTIONS: &str = "ARM64_FUNCTIONS";

/// A command with the [`environment`] of a test's children: the only way in which tests start programs.
pub fn program(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(&program);
    let name = Path::new(&program).file_name().unwrap_or_default();
    if let Some(folder) = std::env::var_os(ARM64_FUNCTIONS)
        && name.to_string_lossy().starts_with("function-")
    {
        command = Command::new(EMULATOR);
        command.arg(Path::new(&folder).join(name));
    }
    command.env_clear().envs(environment());
    command
}

/// The cargo that runs the tests.
#[must_use]
pub fn cargo() -> Command {
    program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The root of this workspace.
#[must_use]
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this crate is a member")
}

/// The folder of the profile that cargo builds, such as `target/debug`: the suites are in its `deps`.
fn profile_folder() -> PathBuf {
    let suite = std::env::current_exe().expect("the suite has a path");
    suite.ancestors().nth(2).expect("the suite is in a target folder").to_owned()
}

/// The target folder of all generated projects: their dependencies are built once.
#[must_use]
pub fn target_folder() -> PathBuf {
    profile_folder().parent().expect("it is in a target folder").join("generated")
}

/// The `scaffold` program, under the name that users know.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let name = |stem| format!("{stem}{}", std::env::consts::EXE_SUFFIX);
        let folder = profile_folder().join("under-test");
        let [binary, new] = ["scaffold", &format!("new-{}", std::process::id())];
        let [binary, new] = [binary, new].map(|stem| folder.join(name(stem)));
        fs::create_dir_all(&folder).expect("a folder");
        // Replaced in one step: another suite can be running it.
        fs::hard_link(profile_folder().join(name("scaffold-under-test")), &new).expect("a link");
        fs::rename(&new, &binary).expect("the link is renamed");
        // If both are links to the same file, renaming leaves both.
        let _ = fs::remove_file(new);
        binary
    })
}

/// `PATH` with the binary's folder first, as after an installation.
pub fn path() -> OsString {
    let folder = binary().parent().expect("the binary is in a folder").to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::iter::once(folder).chain(std::env::split_paths(&path)))
        .expect("no folder has a separator in its name")
}

/// A builder of a [`Run`] of `scaffold`, which is on `PATH` and by default reads an empty input.
#[derive(Debug)]
pub struct Scaffold {
    command: Command,
    input: Vec<u8>,
}

impl Scaffold {
    /// Creates a command line of these arguments.
    pub fn new<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Self {
        let mut command = program(binary());
        command.args(arguments).env("PATH", path());
        Self { command, input: Vec::new() }
    }

    /// Creates a command line that a shell runs after `setup`, such as `ulimit -n 64`.
    #[must_use]
    pub fn after(setup: &str, arguments: &[&str]) -> Self {
        let mut command = program("sh");
        command.args(["-c", &format!("{setup} && exec \"$0\" \"$@\"")]).arg(binary());
        command.args(arguments).env("PATH", path());
        Self { command, input: Vec::new() }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets the current folder.
    #[must_use]
    pub fn current_dir(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Removes all environment variables.
    #[must_use]
    pub fn env_clear(mut self) -> Self {
        self.command.env_clear();
        self
    }

    /// Sets standard input.
    #[must_use]
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// The command itself, for everything else.
    pub fn command(&mut self) -> &mut Command {
        &mut self.command
    }

    /// Runs `scaffold` to its end.
    #[must_use]
    pub fn run(mut self) -> Run {
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("`scaffold` starts");
        let mut stdin = child.stdin.take().expect("standard input is a pipe");
        // A program that does not read its input closes it.
        let _ = stdin.write_all(&self.input);
        drop(stdin);
        Run::from(child.wait_with_output().expect("`scaffold` ends"))
    }
}

/// Everything that a program did.
#[derive(PartialEq, Eq)]
pub struct Run {
    /// The exit code; `None` if a signal ended the program.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Run {
    /// An expected run.
    pub fn new(code: i32, stdout: impl Into<String>, stderr: impl Into<String>) -> Self {
        Self { code: Some(code), stdout: stdout.into(), stderr: stderr.into() }
    }

    /// Replaces what matches a pattern, for what differs between machines and is not
    /// [normalised](crate::snapshot::normalise) everywhere.
    #[must_use]
    pub fn replace(self, pattern: &str, replacement: &str) -> Self {
        let pattern = Regex::new(pattern).expect("the pattern is valid");
        let replace = |text: &str| pattern.replace_all(text, replacement).into_owned();
        Self { code: self.code, stdout: replace(&self.stdout), stderr: replace(&self.stderr) }
    }

    /// Asserts success and returns standard output.
    #[must_use]
    pub fn success(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("it prints UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// Formats the run for people.
impl fmt::Debug for Run {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, stdout, stderr } = self;
        write!(formatter, "exit code {code:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}\n---")
    }
}
