//! `scaffold package`: the zip that is uploaded to Lambda.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

use anstyle::{AnsiColor, Style};
use walkdir::WalkDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use crate::artifact::{self, Artifact};
use crate::cargo::BOOTSTRAP;
use crate::cli::PackageArgs;
use crate::command::{build, inspect};
use crate::error::{Error, Result};
use crate::size::Size;
use crate::{interrupt, shell};

const DONE: Style = AnsiColor::Green.on_default().bold();

/// What `--include` was given: a file or a folder, and its name in the zip.
#[derive(Clone, Debug)]
pub(crate) struct Include {
    source: PathBuf,
    /// Relative, with `/` between the parts.
    place: String,
}

impl FromStr for Include {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        let (source, place) = text.split_once('=').unwrap_or((text, text));
        let place = place_of(Path::new(place)).ok_or_else(|| {
            format!("`{place}` is no place in a zip: write `{source}=NAME`, NAME without `..`")
        })?;
        Ok(Self { source: source.into(), place })
    }
}

/// A path as a name in a zip, if it stays below the root.
fn place_of(path: &Path) -> Option<String> {
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// A file on the disk that gets into the zip.
struct Source {
    path: PathBuf,
    place: String,
    may_run: bool,
}

pub(crate) fn run(arguments: PackageArgs) -> Result<ExitCode> {
    let PackageArgs { build, binary, include, output, json } = arguments;
    // Whatever is wrong with those is said before a build.
    let included = collect(&include)?;
    let (executable, expected) = match binary {
        Some(path) => {
            let expected = match build.arch {
                Some(architecture) => artifact::Expected::new(architecture, "`--arch`"),
                None => inspect::expected_of(&path)?,
            };
            (path, expected)
        }
        None => interrupt::block_on(async { build::resolve(build).await?.run().await })?,
    };
    let output = output.unwrap_or_else(|| build::zip_beside(&executable));
    let mut sources = vec![Source { path: executable, place: BOOTSTRAP.to_owned(), may_run: true }];
    sources.extend(included);
    write(&output, &sources)?;

    let artifact = artifact::inspect(&output, &expected)?;
    if json {
        inspect::print(&inspect::to_json(&artifact)?)?;
    } else {
        say(&artifact);
        inspect::report(&artifact);
    }
    Ok(build::exit_code(&artifact))
}

fn say(artifact: &Artifact) {
    let Some(package) = &artifact.package else { return };
    let packed = Size(package.packed.unwrap_or_default());
    anstream::eprintln!(
        "{DONE}packed{DONE:#} {}: {packed}, {} unpacked",
        shell::relative(&artifact.path),
        Size(package.unpacked)
    );
    for entry in &package.files {
        let mode = entry.mode.map(|mode| mode.to_string()).unwrap_or_default();
        anstream::eprintln!("  {mode} {} ({})", entry.path, Size(entry.size));
    }
}

/// All files that `--include` names, in the order of their places.
fn collect(include: &[Include]) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for Include { source, place } in include {
        let cannot_read = |error: walkdir::Error| {
            Error::new(format!("cannot include `{}`", source.display())).because(error)
        };
        for entry in WalkDir::new(source).follow_links(true) {
            let entry = entry.map_err(cannot_read)?;
            let metadata = entry.metadata().map_err(cannot_read)?;
            if metadata.is_dir() {
                continue;
            }
            let path = entry.path();
            if !metadata.is_file() {
                return Err(Error::new(format!("`{}` is not a file", path.display())));
            }
            let below = path.strip_prefix(source).ok().filter(|p| *p != OsStr::new(""));
            let place = match below.map(|below| place_of(below).ok_or(below)) {
                None => place.clone(),
                Some(Ok(below)) => format!("{place}/{below}"),
                Some(Err(below)) => {
                    return Err(Error::new(format!("`{}` is not UTF-8", below.display())));
                }
            };
            let may_run = may_run(&metadata);
            sources.push(Source { path: path.to_owned(), place, may_run });
        }
    }
    sources.sort_by(|one, other| one.place.cmp(&other.place));
    let places = sources.iter().map(|source| source.place.as_str());
    let mut last = BOOTSTRAP;
    for place in places {
        if place == BOOTSTRAP || place == last {
            return Err(Error::new(format!("two files would be `{place}` in the zip"))
                .hint("give one of them another name: `--include PATH=NAME`"));
        }
        last = place;
    }
    Ok(sources)
}

#[cfg_attr(not(unix), allow(unused_variables, reason = "it has no such bit"))]
fn may_run(metadata: &fs::Metadata) -> bool {
    #[cfg(unix)]
    return std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    false
}

/// Writes the zip, whole or not at all. It depends on nothing but names, contents and run bits: the
/// same input gives the same bytes on any system, at any time.
fn write(output: &Path, sources: &[Source]) -> Result<()> {
    let cannot_write = |error: io::Error| {
        Error::new(format!("cannot write `{}`", output.display())).because(error)
    };
    let folder = output.parent().filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(cannot_write)?;
    let staged = tempfile::Builder::new()
        .prefix(".bootstrap-")
        .make_in(folder, |path| File::create_new(path))
        .map_err(cannot_write)?;
    let mut zip = ZipWriter::new(BufWriter::new(staged.as_file()));
    for source in sources {
        let options = SimpleFileOptions::default()
            .system(System::Unix)
            .unix_permissions(if source.may_run { 0o755 } else { 0o644 })
            .last_modified_time(DateTime::default())
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(9));
        let cannot_read = |error: io::Error| {
            Error::new(format!("cannot read `{}`", source.path.display())).because(error)
        };
        let mut file = File::open(&source.path).map_err(cannot_read)?;
        let size = file.metadata().map_err(cannot_read)?.len();
        zip.start_file(&source.place, options.large_file(size >= u64::from(u32::MAX)))
            .map_err(|error| cannot_write(error.into()))?;
        io::copy(&mut file, &mut zip).map_err(cannot_write)?;
    }
    zip.finish()
        .map_err(io::Error::from)
        .and_then(|mut inner| inner.flush())
        .map_err(cannot_write)?;
    staged.persist(output).map_err(|error| cannot_write(error.error))?;
    Ok(())
}
