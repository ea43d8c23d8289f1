//! Reads foreign templates from folders and git repositories.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use indicatif::BinaryBytes;
use toml_edit::Document;
use walkdir::WalkDir;

use super::origin::Origin;
use super::{CONFIG, Template, TemplateFile, listed};
use crate::process::{interrupt, programs};
use crate::term::error::{Error, Result};

/// The most bytes that the files of a template can have together: all of them are held in memory.
const MAX_SIZE: u64 = 256 << 20;

/// cargo-generate removes it from the names of files.
const SUFFIX: &str = ".liquid";

/// The value of `--from`.
#[derive(Debug, PartialEq, Eq)]
enum Location {
    Folder(PathBuf),
    Git { url: String, reference: Option<String> },
}

impl Location {
    fn parse(source: &str) -> Self {
        if Path::new(source).is_dir() {
            return Self::Folder(source.into());
        }
        let (url, reference) = match source.split_once('#') {
            Some((url, reference)) => (url, Some(reference.to_owned())),
            None => (source, None),
        };
        let url = match url.strip_prefix("gh:") {
            Some(repository) => format!("https://github.com/{repository}.git"),
            None => url.to_owned(),
        };
        // The form `user@host:path` of ssh.
        let is_remote = url.contains("://") || url.split('/').next().is_some_and(is_host);
        if is_remote || (reference.is_some() && Path::new(&url).is_dir()) {
            Self::Git { url, reference }
        } else {
            Self::Folder(source.into())
        }
    }
}

fn is_host(start: &str) -> bool {
    start.split_once(':').is_some_and(|(host, _)| host.len() > 1)
}

/// Reads the template that `--from` names.
pub(crate) fn read(source: &str, subfolder: Option<&str>, can_ask: bool) -> Result<Template> {
    let leaves =
        |path: &str| !Path::new(path).components().all(|c| matches!(c, Component::Normal(_)));
    if let Some(subfolder) = subfolder.filter(|path| leaves(path)) {
        return Err(Error::new(format!("`{subfolder}` is outside the template"))
            .hint("`--subfolder` expects a path inside the template, such as `templates/api`")
            .usage());
    }
    let template = match Location::parse(source) {
        Location::Folder(folder) => {
            let root = folder;
            let folder = subfolder.map_or(root.clone(), |subfolder| root.join(subfolder));
            if !folder.is_dir() {
                return Err(Error::new(format!("folder `{}` does not exist", folder.display())).hint(
                    "`--from` expects a folder, the URL of a git repository, or `gh:OWNER/REPOSITORY`",
                ));
            }
            let (files, inner) = locate(&root, &folder, source)?;
            let folder = inner.map_or(folder.clone(), |inner| folder.join(inner));
            let folder = dunce::canonicalize(&folder).unwrap_or(folder);
            Template::new(Origin::Folder(folder), files)?
        }
        Location::Git { url, reference } => {
            let clone = interrupt::temporary_folder("template")?;
            let commit = checkout(&url, reference.as_deref(), clone.path(), can_ask)?;
            let folder = subfolder.map_or(clone.path().to_owned(), |path| clone.path().join(path));
            if !folder.is_dir() {
                let path = subfolder.unwrap_or_default();
                return Err(Error::new(format!("folder `{path}` does not exist in `{url}`")));
            }
            let (files, inner) = locate(clone.path(), &folder, source)?;
            let url = match reference {
                Some(reference) => format!("{url}#{reference}"),
                None => url,
            };
            let parts = [subfolder, inner.as_deref()].into_iter().flatten().collect::<Vec<_>>();
            let subfolder = Some(parts.join("/")).filter(|path| !path.is_empty());
            Template::new(Origin::Git { url, commit, subfolder }, files)?
        }
    };
    check(&template, source)?;
    Ok(template)
}

/// Fails if this is not a single template, or if it names files outside its folder.
fn check(template: &Template, source: &str) -> Result<()> {
    let config = &template.config;
    if !config.sub_templates.is_empty() {
        let names: Vec<&str> = config.sub_templates.iter().map(|name| &**name).collect();
        return Err(several(source, &names));
    }
    if template.files.is_empty() {
        return Err(Error::new(format!("`{source}` does not contain a template")));
    }
    let ignored = config.rules.iter().flat_map(|(_, rules)| &rules.ignore);
    for path in ignored.chain(config.hooks.iter()) {
        let leaves = Path::new(path)
            .components()
            .any(|part| !matches!(part, Component::Normal(_) | Component::CurDir));
        if leaves {
            let message = format!("`{path}` in `{CONFIG}` is outside the template");
            return Err(Error::new(message).hint("a template can name only its own files"));
        }
    }
    template.check()
}

fn several(source: &str, names: &[&str]) -> Error {
    Error::new(format!("`{source}` contains several templates: {}", listed(names)))
        .hint("choose one with `--subfolder`")
        .usage()
}

type Files = BTreeMap<String, TemplateFile>;

/// Finds the template in a folder below `root` as cargo-generate does: it is the topmost folder with a
/// configuration, and without one, the folder itself with the configuration of its nearest parent. Returns
/// its files, and its path unless it is the folder itself.
fn locate(root: &Path, folder: &Path, source: &str) -> Result<(Files, Option<String>)> {
    let mut files = files(folder)?;
    let configured: Vec<&str> = files
        .keys()
        .filter_map(|path| path.strip_suffix(CONFIG))
        .filter_map(|folder| if folder.is_empty() { Some("") } else { folder.strip_suffix('/') })
        .collect();
    let is_inside = |folder: &str, other: &str| folder != other && is_below(folder, other);
    let topmost = configured.iter().copied();
    let topmost: Vec<&str> =
        topmost.filter(|folder| !configured.iter().any(|other| is_inside(folder, other))).collect();
    match *topmost {
        [] => {
            let parents = folder.ancestors().take_while(|parent| *parent != root);
            for parent in parents.filter_map(Path::parent) {
                if let Some(config) = read_config(parent)? {
                    files.insert(CONFIG.to_owned(), config);
                    break;
                }
            }
            Ok((files, None))
        }
        [""] => Ok((files, None)),
        [folder] => {
            let folder = folder.to_owned();
            let inner = files.into_iter().filter_map(|(path, file)| {
                let path = path.strip_prefix(&*folder)?.strip_prefix('/')?;
                Some((path.to_owned(), file))
            });
            Ok((inner.collect(), Some(folder)))
        }
        _ => Err(several(source, &topmost)),
    }
}

/// Reads the configuration of a folder whose subfolder has been chosen, if it has one.
fn read_config(folder: &Path) -> Result<Option<TemplateFile>> {
    for path in [folder.join(format!("{CONFIG}{SUFFIX}")), folder.join(CONFIG)] {
        match path.symlink_metadata() {
            Ok(metadata) if metadata.is_file() => {
                let text = fs::read_to_string(&path).map_err(|error| cannot_read(&path, error))?;
                let contents = Cow::Owned(without_choice(text).into_bytes());
                return Ok(Some(TemplateFile { contents, executable: false }));
            }
            Ok(_) => {
                let message = format!("`{}` is not a file", path.display());
                return Err(
                    Error::new(message).hint("a template can contain only files and folders")
                );
            }
            Err(_) => {}
        }
    }
    Ok(None)
}

/// Renames the key for the choice of a subfolder to one without a meaning: the choice has been made.
fn without_choice(mut config: String) -> String {
    const KEY: &str = "sub_templates";
    let span = Document::parse(&*config)
        .ok()
        .and_then(|config| config.get("template")?.as_table_like()?.key(KEY)?.span());
    if let Some(span) = span {
        config.replace_range(span, &format!("_{KEY}"));
    }
    config
}

fn is_below(path: &str, folder: &str) -> bool {
    Path::new(path).starts_with(folder)
}

/// Reads all files of a folder, except those of git, under the names without the suffix.
pub(crate) fn files(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut with_suffix = Files::new();
    let mut size = 0;
    let walk = WalkDir::new(folder).into_iter().filter_entry(|entry| entry.file_name() != ".git");
    for entry in walk {
        let entry = entry.map_err(|error| cannot_read(folder, error.into()))?;
        let path = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let Some(path) = slashed(path) else {
            let message = format!("the name of `{}` is not UTF-8", path.display());
            return Err(Error::new(message));
        };
        if entry.file_type().is_dir() {
            continue;
        }
        if !entry.file_type().is_file() {
            let target = fs::read_link(entry.path()).unwrap_or_default();
            let message = if target.as_os_str().is_empty() {
                format!("`{path}` of the template is not a file")
            } else {
                format!("`{path}` of the template is a link to `{}`", target.display())
            };
            return Err(Error::new(message).hint("a template can contain only files and folders"));
        }
        let fail = |error| cannot_read(entry.path(), error);
        let file = File::open(entry.path()).map_err(fail)?;
        let metadata = file.metadata().map_err(fail)?;
        size += metadata.len();
        if size > MAX_SIZE {
            let limit = BinaryBytes(MAX_SIZE);
            return Err(Error::new(format!(
                "the files of the template exceed {limit} at `{path}`"
            ))
            .hint("choose the folder of the template with `--subfolder`"));
        }
        let mut contents = Vec::new();
        // No more than was counted, even if the file grows.
        file.take(metadata.len()).read_to_end(&mut contents).map_err(fail)?;
        let executable = is_executable(&metadata);
        let file = TemplateFile { contents: Cow::Owned(contents), executable };
        match path.strip_suffix(SUFFIX) {
            None => files.insert(path, file),
            Some(name) if name.is_empty() || name.ends_with('/') || name.ends_with(SUFFIX) => {
                return Err(Error::new(format!(
                    "`{path}` is not a valid name for a template's file"
                ))
                .hint(format!("write something other than `{SUFFIX}` before `{SUFFIX}`")));
            }
            Some(name) => with_suffix.insert(name.to_owned(), file),
        };
    }
    // Of two files for one path, cargo-generate takes the one with the suffix.
    files.append(&mut with_suffix);
    Ok(files)
}

fn cannot_read(path: &Path, error: io::Error) -> Error {
    Error::new(format!("cannot read `{}`", path.display())).because(error)
}

fn slashed(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}

/// Fetches one commit with the program `git`, and returns its id.
fn checkout(url: &str, reference: Option<&str>, folder: &Path, can_ask: bool) -> Result<String> {
    let Some(program) = programs::find("git") else {
        return Err(Error::new(format!("`{url}` needs `git`, which is not on `PATH`"))
            .hint("install git, or pass a folder to `--from`"));
    };
    let git = |arguments: &[&str]| -> Result<String> {
        let mut git = Command::new(&program);
        git.arg("-C").arg(folder);
        // Git for Windows converts line ends by default.
        git.args(["-c", "core.autocrlf=false", "-c", "core.eol=lf"]);
        git.args(arguments).stdin(Stdio::null());
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
            git.env_remove(name);
        }
        if !can_ask {
            git.env("GIT_TERMINAL_PROMPT", "0");
        }
        let output = git.output().map_err(|error| {
            Error::new(format!("cannot start `{}`", program.display())).because(error)
        })?;
        interrupt::check_child(output.status)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        let what = reference.map_or(String::new(), |reference| format!("`{reference}` of "));
        Err(Error::new(format!("cannot fetch {what}`{url}`")).because(said))
    };
    // A relative path refers to the current folder, not to the clone's.
    let remote = match dunce::canonicalize(url) {
        Ok(folder) if !url.contains("://") => folder.to_string_lossy().into_owned(),
        _ => url.to_owned(),
    };
    git(&["init", "--quiet"])?;
    let reference = reference.unwrap_or("HEAD");
    git(&["fetch", "--quiet", "--depth", "1", "--", &remote, reference])?;
    git(&["checkout", "--quiet", "FETCH_HEAD"])?;
    git(&["rev-parse", "HEAD"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_folders_from_repositories() {
        let git = |url: &str, reference: Option<&str>| Location::Git {
            url: url.to_owned(),
            reference: reference.map(str::to_owned),
        };
        for (source, expected) in [
            ("gh:ada/engine", git("https://github.com/ada/engine.git", None)),
            ("gh:ada/engine#v1", git("https://github.com/ada/engine.git", Some("v1"))),
            ("https://host/engine", git("https://host/engine", None)),
            ("file:///srv/engine#v1", git("file:///srv/engine", Some("v1"))),
            ("git@host:ada/engine.git", git("git@host:ada/engine.git", None)),
            ("src#main", git("src", Some("main"))),
            ("src", Location::Folder("src".into())),
            ("nowhere/at:all", Location::Folder("nowhere/at:all".into())),
        ] {
            assert_eq!(Location::parse(source), expected, "{source}");
        }
    }
}
