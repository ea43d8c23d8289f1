//! `scaffold convert`: turns a project on `lambda_runtime` or `lambda_http` into one on `lambda-native`.
//!
//! [`project`] finds the packages, and [`function`] edits the file of each `main`: [`entry`] reads how it starts the
//! runtime, [`handler`] finds the handler, [`functions`] edits the functions that take an event, [`closure`] those that
//! are closures, [`streaming`] those that send a response through a channel, and [`state`] turns `main` into `init`.
//! [`tower`] keeps `main` and runs its service instead. [`imports`] and [`paths`] replace the names by those in
//! [`equivalents`]. [`manifest`] and [`additions`] make the project's files, and
//! [`change`] writes all of them or none. Nothing is written before everything is known, and a [`problem`] of any part
//! leaves the project as it is.

mod additions;
mod callers;
mod closure;
mod code;
mod context;
mod diagnostic;
mod entry;
mod equivalents;
mod event;
mod extensions;
mod function;
mod functions;
pub(crate) mod git;
mod handler;
mod http;
mod imports;
mod manifest;
mod paths;
mod problem;
mod project;
mod state;
mod streaming;
mod tower;
mod uses;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml_edit::DocumentMut;

use self::additions::{FunctionFacts, HandlerFacts};
use self::code::{Code, TokenKind};
use self::equivalents::Needs;
use self::function::{Kind, ModuleHandler};
pub(crate) use self::problem::Problem;
use self::problem::Problems;
use self::project::Found;
use crate::aws::{Architecture, BOOTSTRAP};
use crate::build::cargo::CargoWorkspace;
use crate::files::{self, FileChange};
use crate::new_project::file_tree;
use crate::new_project::runtime_source::{RuntimeDependency, VENDOR};
use crate::process::interrupt;
use crate::term::error::{Error, ErrorContext, Result};
use crate::term::quote;

/// A conversion with nothing left to decide.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The root of the workspace.
    pub(crate) root: PathBuf,
    pub(crate) packages: Vec<String>,
    pub(crate) changes: Vec<FileChange>,
    /// A line about each function that was found.
    pub(crate) found: Vec<String>,
    /// Other changes and decisions, for the user.
    pub(crate) notes: Vec<String>,
    /// Differences in behaviour that concern the project.
    pub(crate) differences: Vec<&'static str>,
}

/// The options of a conversion.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) manifest_path: Option<PathBuf>,
    pub(crate) architecture: Architecture,
    /// The source of `lambda-native`; `None` to keep the runtime.
    pub(crate) library: Option<RuntimeDependency>,
}

/// Everything that a conversion has collected so far.
#[derive(Default)]
struct Collected {
    changes: Vec<FileChange>,
    manifests: BTreeMap<PathBuf, (String, DocumentMut)>,
    found: Vec<String>,
    differences: Vec<&'static str>,
    problems: Problems,
    /// The handler of each binary, by the source file of the binary.
    handlers: BTreeMap<PathBuf, HandlerFacts>,
}

impl Collected {
    fn manifest(&mut self, path: &Path) -> Result<&mut DocumentMut> {
        if !self.manifests.contains_key(path) {
            let name = quote::relative(path);
            let text = String::from_utf8(files::read(path)?)
                .context(|| format!("cannot read `{name}`"))?;
            let document = text.parse().context(|| format!("cannot read `{name}`"))?;
            self.manifests.insert(path.to_owned(), (text, document));
        }
        let found = self.manifests.get_mut(path).map(|(_, document)| document);
        found.ok_or_else(|| Error::new("a manifest disappeared"))
    }

    fn differ(&mut self, difference: &'static str) {
        if !self.differences.contains(&difference) {
            self.differences.push(difference);
        }
    }
}

/// Decides about all changes; the problems are those that prevent them.
pub(crate) fn plan(options: &Options) -> Result<std::result::Result<Plan, Vec<Problem>>> {
    let workspace = CargoWorkspace::read(options.manifest_path.clone())?;
    let root = workspace.root().to_owned();
    let packages = project::find(&workspace)?;
    let mut all = Collected::default();
    for package in &packages {
        if options.library.is_some() {
            convert(package, &mut all)?;
        } else {
            look(package, &mut all)?;
        }
    }
    if !all.problems.is_empty() {
        return Ok(Err(all.problems.sorted()));
    }
    let manifest = root.join("Cargo.toml");
    let mut notes = Vec::new();
    name_binaries(&packages, &mut all, &mut notes)?;
    manifest::add_profile(all.manifest(&manifest)?);
    if let Some(library) = &options.library {
        install(library, &root, &manifest, &mut all)?;
    }
    add_files(&packages, &root, options.architecture, &mut all, &mut notes)?;
    let Collected { mut changes, manifests, found, differences, .. } = all;
    for (path, (old, document)) in manifests {
        let new = document.to_string();
        if new != old {
            changes.push(FileChange::edit(path, old, new));
        }
    }
    changes.sort_by(|one, other| one.path.cmp(&other.path));
    let packages = packages.into_iter().map(|package| package.name).collect();
    Ok(Ok(Plan { root, packages, changes, found, notes, differences }))
}

/// Converts the sources and the dependencies of a package.
fn convert(package: &Found, all: &mut Collected) -> Result<()> {
    let mut needs = Needs::default();
    needs.features.insert("musl-allocator");
    let name = &package.name;
    if package.binaries.is_empty() {
        all.problems.add_to_file(
            package.manifest.clone(),
            format!("the library `{name}` depends on `lambda_runtime` or `lambda_http`"),
            "remove the dependency, and run the command again",
        );
        return Ok(());
    }
    let mut codes = Vec::new();
    for path in &package.sources {
        codes.push(Code::read(path)?);
    }
    let spawns = codes.iter().any(function::spawns);
    needs.error_crates = manifest::error_crates(all.manifest(&package.manifest)?);
    let binary_of =
        |code: &Code| package.binaries.iter().find(|(_, path)| files::is_same(path, &code.path));
    // The files with `main` decide about those of modules.
    codes.sort_by_key(|code| binary_of(code).is_none());
    let mut handlers: Vec<ModuleHandler> = Vec::new();
    let mut has_service = false;
    for code in &codes {
        if code.tokens.iter().any(|token| token.text == "global_allocator") {
            needs.features.remove("musl-allocator");
        }
        check_trace_id(code, &mut all.problems);
        let new = match binary_of(code) {
            Some((binary, path)) => {
                let converted = function::convert(code, spawns, &mut needs, &mut all.problems);
                let Some(converted) = converted else { continue };
                let handler = converted.elsewhere.as_ref();
                let module = handler.and_then(|it| codes.iter().find(|code| code.path == it.file));
                let text = module.unwrap_or(code).source.text();
                let facts = HandlerFacts::of(converted.kind, converted.is_streaming, text);
                all.handlers.insert(path.clone(), facts);
                all.found.push(format!("`{binary}` of `{name}`: {}", converted.found));
                differences(converted.kind, code, all);
                if converted.kind == Kind::Service && converted.is_streaming {
                    all.differ(
                        "a streamed response without a `content-type` has none, and not `application/octet-stream`",
                    );
                }
                if converted.elsewhere.is_some() {
                    all.differ("the setting `Handler` of a function whose handler is in a module must be `bootstrap`");
                }
                handlers.extend(converted.elsewhere);
                has_service |= converted.kind == Kind::Service;
                Some(converted.text)
            }
            None => {
                let mut own = handlers.iter().filter(|it| it.file == code.path);
                let handler = own.next();
                if let Some(second) = own.next() {
                    let message = format!("`{}` is the handler of another binary", second.name);
                    all.problems.add(code, 0, message, "move it into another file");
                }
                function::convert_module(code, handler, has_service, &mut needs, &mut all.problems)
            }
        };
        let old = code.source.text();
        if let Some(new) = new.filter(|new| new != old) {
            all.changes.push(FileChange::edit(code.path.clone(), old.to_owned(), new));
        }
    }
    needs.tokio.extend(tokio_features(&codes));
    manifest::replace_dependencies(all.manifest(&package.manifest)?, &needs)
}

/// Finds the functions of a package that keeps its runtime.
fn look(package: &Found, all: &mut Collected) -> Result<()> {
    for (binary, path) in &package.binaries {
        let code = Code::read(path)?;
        let mentions = |name| code.tokens.iter().any(|token| token.text == name);
        let (kind, library) = if mentions("lambda_http") {
            (Kind::Http, "lambda_http")
        } else {
            (Kind::Events, "lambda_runtime")
        };
        let is_streaming = mentions("run_with_streaming_response") || mentions("StreamAdapter");
        let facts = HandlerFacts::of(kind, is_streaming, code.source.text());
        all.handlers.insert(path.clone(), facts);
        all.found.push(format!("`{binary}` of `{}`, run by `{library}`", package.name));
    }
    Ok(())
}

/// Refuses code that reads the environment variable with the trace id, which `lambda_runtime` sets.
fn check_trace_id(code: &Code, problems: &mut Problems) {
    let is_it = |token: &&code::Token| {
        token.kind == TokenKind::Literal && token.text.contains("_X_AMZN_TRACE_ID")
    };
    for token in code.tokens.iter().filter(is_it) {
        let message = "`lambda-native` does not set the environment variable `_X_AMZN_TRACE_ID`";
        problems.add(code, token.range.start, message, "use `context.trace_id()`");
    }
}

/// Lists what `lambda-native` does differently.
fn differences(kind: Kind, code: &Code, all: &mut Collected) {
    let mentions = |name| code.tokens.iter().any(|token| token.text == name);
    if mentions("init_default_subscriber") {
        all.differ("`logging::init` writes the log to standard error");
    }
    if code.tokens.iter().any(|it| it.text.starts_with("aws_sdk_") || it.text == "aws_config") {
        all.differ(
            "`_X_AMZN_TRACE_ID` is not set: with the `TraceIdInterceptor` of the feature `aws-sdk`, clients of the \
             AWS SDK pass the trace id on",
        );
    }
    match kind {
        Kind::Events => all.differ(
            "an error has the short name of its type as `errorType`, and `Error` if it is boxed",
        ),
        Kind::Http | Kind::Service => {
            all.differ(
                "an error of the handler is a response with the status 500, and not a failed invocation: \
                 `http::fail_invocation` changes that",
            );
            all.differ(
                "the path of a request has no stage: routes that start with one need a change",
            );
        }
    }
    if kind == Kind::Service && ["Uri", "OriginalUri", "uri"].iter().any(|name| mentions(name)) {
        all.differ("the URI of a request has no host: it is in the header `host`");
    }
}

/// Returns the features of tokio that the code uses. Before, `lambda_runtime` could have enabled them.
fn tokio_features(codes: &[Code]) -> Vec<&'static str> {
    const MODULES: [(&str, &str); 9] = [
        ("fs", "fs"),
        ("io", "io-util"),
        ("net", "net"),
        ("process", "process"),
        ("signal", "signal"),
        ("spawn", "rt"),
        ("sync", "sync"),
        ("task", "rt"),
        ("time", "time"),
    ];
    let mut features = Vec::new();
    for code in codes {
        let mut tokens = code.tokens.iter();
        while let Some(token) = tokens.next() {
            if token.kind != TokenKind::Ident || token.text != "tokio" {
                continue;
            }
            // Up to the end of the path, or of a group in braces.
            let path = tokens.clone().take_while(|token| ![";", "(", "<"].contains(&&*token.text));
            for name in path.take(40) {
                let found = MODULES.iter().find(|(module, _)| *module == name.text);
                features.extend(found.map(|(_, feature)| *feature));
            }
        }
    }
    features
}

/// Adds the library to the workspace.
fn install(
    library: &RuntimeDependency,
    root: &Path,
    manifest: &Path,
    all: &mut Collected,
) -> Result<()> {
    let staging = interrupt::temporary_folder("library")?;
    let vendor = staging.path().join(VENDOR);
    let Some(patch) = library.install(&vendor)? else { return Ok(()) };
    if vendor.is_dir() {
        let sources = file_tree::read(&vendor).context(|| "cannot read the library's sources")?;
        for (path, contents) in sources {
            let path = root.join(VENDOR).join(path);
            if path.exists() {
                let message = format!("`{}` exists already", quote::relative(&path));
                return Err(Error::new(message).hint("move it, or pass `--runtime crates-io`"));
            }
            let text =
                String::from_utf8(contents).context(|| "cannot read the library's sources")?;
            all.changes.push(FileChange::new(path, text));
        }
    }
    patch.apply_alone(all.manifest(manifest)?);
    Ok(())
}

/// Names the only function `bootstrap`. Several keep their names, which `template.yaml` has.
fn name_binaries(packages: &[Found], all: &mut Collected, notes: &mut Vec<String>) -> Result<()> {
    let [package] = packages else { return Ok(()) };
    let [(name, path)] = package.binaries.as_slice() else { return Ok(()) };
    if name == BOOTSTRAP {
        return Ok(());
    }
    let path = path.strip_prefix(&package.folder).unwrap_or(path);
    let path: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    manifest::name_binary(all.manifest(&package.manifest)?, name, &path.join("/"));
    notes.push(format!("the binary `{name}` is now `{BOOTSTRAP}`, the file that Lambda runs"));
    Ok(())
}

fn add_files(
    packages: &[Found],
    root: &Path,
    architecture: Architecture,
    all: &mut Collected,
    notes: &mut Vec<String>,
) -> Result<()> {
    let count: usize = packages.iter().map(|package| package.binaries.len()).sum();
    let mut functions = Vec::new();
    for package in packages {
        for (binary, path) in &package.binaries {
            let handler = all.handlers.get(path).copied();
            functions.push(FunctionFacts {
                name: if count == 1 { package.name.clone() } else { binary.clone() },
                binary: if count == 1 { BOOTSTRAP.to_owned() } else { binary.clone() },
                handler: handler.unwrap_or_else(|| HandlerFacts::of(Kind::Events, false, "")),
                settings: &package.settings,
            });
        }
    }
    let name = match packages {
        [package] => package.name.clone(),
        _ => root.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default(),
    };
    let (changes, more) = additions::files(root, &name, architecture, &functions)?;
    all.changes.extend(changes);
    notes.extend(more);
    Ok(())
}
