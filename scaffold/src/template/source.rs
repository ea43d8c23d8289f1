//! Where a template comes from: this program, a folder, or a git repository.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fmt, fs, io};

use walkdir::WalkDir;

use super::{CONFIG, Template, TemplateFile, listed};
use crate::error::{Error, Result};
use crate::{interrupt, programs};

/// Where a template came from.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// This program, under this name.
    BuiltIn(&'static str),
    /// A folder.
    Folder(PathBuf),
    /// A folder of a git repository.
    Git { url: String, commit: String, subfolder: Option<String> },
}

impl Origin {
    /// The source as `--from` takes it; none for a template of this program.
    pub(crate) fn source(&self) -> Option<String> {
        match self {
            Self::BuiltIn(_) => None,
            Self::Folder(folder) => Some(folder.display().to_string()),
            Self::Git { url, .. } => Some(url.clone()),
        }
    }

    /// The same, with the commit that it was.
    pub(crate) fn source_and_commit(&self) -> (Option<String>, Option<&str>) {
        let commit = match self {
            Self::Git { commit, .. } => Some(&**commit),
            Self::BuiltIn(_) | Self::Folder(_) => None,
        };
        (self.source(), commit)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn(name) => write!(formatter, "the template `{name}`"),
            Self::Folder(folder) => write!(formatter, "`{}`", folder.display()),
            Self::Git { url, .. } => write!(formatter, "`{url}`"),
        }
    }
}

/// What `--from` was given.
#[derive(Debug, PartialEq, Eq)]
enum Source {
    Folder(PathBuf),
    Git { url: String, reference: Option<String> },
}

impl Source {
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
        // `user@host:path`, as ssh has it.
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

/// Reads the template from where `--from` says.
pub(crate) fn read(source: &str, subfolder: Option<&str>, can_ask: bool) -> Result<Template> {
    let leaves =
        |path: &str| !Path::new(path).components().all(|c| matches!(c, Component::Normal(_)));
    if let Some(subfolder) = subfolder.filter(|path| leaves(path)) {
        return Err(Error::new(format!("`{subfolder}` leaves the template"))
            .hint("`--subfolder` takes a path in the template, such as `templates/api`")
            .usage());
    }
    let template = match Source::parse(source) {
        Source::Folder(folder) => {
            let folder = subfolder.map_or(folder.clone(), |subfolder| folder.join(subfolder));
            if !folder.is_dir() {
                return Err(Error::new(format!("there is no folder `{}`", folder.display())).hint(
                    "`--from` takes a folder, the URL of a git repository, or `gh:OWNER/REPOSITORY`",
                ));
            }
            let files = files(&folder)?;
            let folder = dunce::canonicalize(&folder).unwrap_or(folder);
            Template::new(Origin::Folder(folder), files)?
        }
        Source::Git { url, reference } => {
            let clone = interrupt::temporary_folder("template")?;
            let commit = checkout(&url, reference.as_deref(), clone.path(), can_ask)?;
            let folder = subfolder.map_or(clone.path().to_owned(), |path| clone.path().join(path));
            if !folder.is_dir() {
                let path = subfolder.unwrap_or_default();
                return Err(Error::new(format!("there is no folder `{path}` in `{url}`")));
            }
            let files = files(&folder)?;
            let url = match reference {
                Some(reference) => format!("{url}#{reference}"),
                None => url,
            };
            let subfolder = subfolder.map(str::to_owned);
            Template::new(Origin::Git { url, commit, subfolder }, files)?
        }
    };
    check(&template, source)?;
    Ok(template)
}

/// Refuses what is no template, and what would leave the project's folder.
fn check(template: &Template, source: &str) -> Result<()> {
    let config = &template.config;
    if !config.sub_templates.is_empty() {
        let names: Vec<&str> = config.sub_templates.iter().map(|name| &**name).collect();
        return Err(Error::new(format!("`{source}` has several templates: {}", listed(&names)))
            .hint("choose one with `--subfolder`")
            .usage());
    }
    if template.files.is_empty() {
        return Err(Error::new(format!("there is no template in `{source}`")));
    }
    let ignored = config.ignore.iter().map(|rule| &rule.pattern);
    for path in ignored.chain(&config.hooks) {
        let leaves = Path::new(path)
            .components()
            .any(|part| !matches!(part, Component::Normal(_) | Component::CurDir));
        if leaves {
            let message = format!("`{path}` in `{CONFIG}` leaves the template");
            return Err(Error::new(message).hint("a template may name only files of its own"));
        }
    }
    Ok(())
}

/// All files of a folder but git's own.
fn files(folder: &Path) -> Result<BTreeMap<String, TemplateFile>> {
    let fail = |path: &Path, error: io::Error| {
        Error::new(format!("cannot read `{}`", path.display())).because(error)
    };
    let mut files = BTreeMap::new();
    let walk = WalkDir::new(folder).into_iter().filter_entry(|entry| entry.file_name() != ".git");
    for entry in walk {
        let entry = entry.map_err(|error| fail(folder, error.into()))?;
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
            return Err(Error::new(message).hint("a template may have only files and folders"));
        }
        let contents = fs::read(entry.path()).map_err(|error| fail(entry.path(), error))?;
        let executable = entry.metadata().is_ok_and(|metadata| is_executable(&metadata));
        files.insert(path, TemplateFile { contents: Cow::Owned(contents), executable });
    }
    Ok(files)
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

/// Fetches one commit with the program `git`, and says which.
fn checkout(url: &str, reference: Option<&str>, folder: &Path, can_ask: bool) -> Result<String> {
    let Some(program) = programs::find("git") else {
        return Err(Error::new(format!("`{url}` needs `git`, which is not on `PATH`"))
            .hint("install git, or give `--from` a folder"));
    };
    let git = |arguments: &[&str]| -> Result<String> {
        let mut git = Command::new(&program);
        git.arg("-C").arg(folder);
        // As Git comes to Windows, it would write other files than are in the repository.
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
    // A relative path is the user's, not the clone's.
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
        let git = |url: &str, reference: Option<&str>| Source::Git {
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
            ("src", Source::Folder("src".into())),
            ("nowhere/at:all", Source::Folder("nowhere/at:all".into())),
        ] {
            assert_eq!(Source::parse(source), expected, "{source}");
        }
    }
}
