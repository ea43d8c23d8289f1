//! Writes `embedded.rs`: the templates and, in a checkout, the sources of the library.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The library's crates: the folder in the workspace, the folder in a project's `vendor/`.
const LIBRARY: [(&str, &str); 2] =
    [("runtime", "lambda-native"), ("macros", "lambda-native-macros")];

fn main() -> Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?).join("embedded.rs");
    rerun_if_changed(&root.join("build.rs"));

    let mut code = String::new();
    templates(&root, &mut code).map_err(|error| format!("templates: {error}"))?;
    match root.parent().filter(|workspace| is_checkout(workspace)) {
        Some(workspace) => library(workspace, &mut code).map_err(|e| format!("library: {e}"))?,
        None => code.push_str("const LIBRARY_SOURCES: Option<&[File]> = None;\n"),
    }
    fs::write(out, code)?;
    Ok(())
}

fn rerun_if_changed(path: &Path) {
    println!("cargo::rerun-if-changed={}", path.display());
}

/// Embeds the templates: the folders with a `cargo-generate.toml`, each with the files of `shared/` and `new/`.
fn templates(root: &Path, code: &mut String) -> Result<()> {
    let [shared, new, parts] = ["shared", "new", "parts"].map(|folder| root.join(folder));
    rerun_if_changed(&shared);
    rerun_if_changed(&new);
    rerun_if_changed(&parts);
    code.push_str("const TEMPLATES: &[Template] = &[\n");
    for folder in entries(root)? {
        if !folder.join("cargo-generate.toml").is_file() {
            continue;
        }
        rerun_if_changed(&folder);
        writeln!(code, "Template {{ name: {:?}, files: &[", file_name(&folder)?)?;
        for folder in [&shared, &new, &folder] {
            for file in files(folder)? {
                let path = relative(&file, folder)?;
                let contents = compose(&file, &parts)?;
                writeln!(code, "File {{ path: {path:?}, contents: {contents:?}.as_bytes() }},")?;
            }
        }
        code.push_str("] },\n");
    }
    code.push_str("];\n");
    let conversion = root.join("conversion");
    rerun_if_changed(&conversion);
    code.push_str("const CONVERSION: &[File] = &[\n");
    for folder in [&shared, &conversion] {
        for file in files(folder)? {
            let path = relative(&file, folder)?;
            let contents = compose(&file, &parts)?;
            writeln!(code, "File {{ path: {path:?}, contents: {contents:?}.as_bytes() }},")?;
        }
    }
    code.push_str("];\n");
    Ok(())
}

/// Reads a file of a template and replaces each line `{% include "PART" %}` by `parts/PART`.
fn compose(file: &Path, parts: &Path) -> Result<String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut composed = String::new();
    for line in text.split_inclusive('\n') {
        let part = line.strip_prefix("{% include \"").and_then(|it| it.strip_suffix("\" %}\n"));
        match part {
            Some(part) => composed.push_str(&compose(&parts.join(part), parts)?),
            None => composed.push_str(line),
        }
    }
    Ok(composed)
}

fn is_checkout(workspace: &Path) -> bool {
    LIBRARY.iter().all(|(folder, _)| workspace.join(folder).join("Cargo.toml").is_file())
}

/// Embeds the library's crates: stand-alone manifests, sources and licences.
fn library(workspace: &Path, code: &mut String) -> Result<()> {
    let manifest = workspace.join("Cargo.toml");
    rerun_if_changed(&manifest);
    let shared: DocumentMut = fs::read_to_string(manifest)?.parse()?;
    let shared = table(shared.as_table(), "workspace")?;

    code.push_str("const LIBRARY_SOURCES: Option<&[File]> = Some(&[\n");
    for (folder, name) in LIBRARY {
        let folder = workspace.join(folder);
        let (manifest, sources) = (folder.join("Cargo.toml"), folder.join("src"));
        rerun_if_changed(&manifest);
        rerun_if_changed(&sources);
        let contents = stand_alone(fs::read_to_string(&manifest)?.parse()?, shared)
            .map_err(|error| format!("{}: {error}", manifest.display()))?;
        writeln!(
            code,
            "File {{ path: \"{name}/Cargo.toml\", contents: {contents:?}.as_bytes() }},"
        )?;
        let licences = entries(&folder)?
            .into_iter()
            .filter(|path| file_name(path).is_ok_and(|name| name.starts_with("LICENSE-")));
        for file in licences.chain(files(&sources)?) {
            embed(&format!("{name}/{}", relative(&file, &folder)?), &file, code)?;
        }
    }
    code.push_str("]);\n");
    Ok(())
}

/// Makes a member's manifest independent of the workspace and removes what only development needs.
fn stand_alone(mut manifest: DocumentMut, workspace: &dyn TableLike) -> Result<String> {
    for development in ["lints", "dev-dependencies", "example", "test", "bench"] {
        manifest.remove(development);
    }
    let package = table(workspace, "package")?;
    let dependencies = table(workspace, "dependencies")?;
    let cfgs = get(table(table(workspace, "lints")?, "rust")?, "unexpected_cfgs")?;
    for (section, item) in manifest.iter_mut() {
        let entries =
            item.as_table_like_mut().ok_or_else(|| format!("`{section}` is not a table"))?;
        match section.get() {
            "package" => {
                entries.remove("include");
                for (key, value) in entries.iter_mut() {
                    if inherits(value) {
                        *value = get(package, key.get())?.clone();
                    }
                }
            }
            "dependencies" => inherit(entries, dependencies)?,
            "target" => {
                for (_, target) in entries.iter_mut() {
                    let own = target.get_mut("dependencies").and_then(Item::as_table_like_mut);
                    inherit(own.ok_or("a target has only dependencies")?, dependencies)?;
                }
            }
            "features" | "lib" => {}
            unknown => return Err(format!("unexpected section `[{unknown}]`").into()),
        }
    }
    // Without the names of our own `cfg`s, every build of a copy would warn.
    let rust = Table::from_iter([("unexpected_cfgs", cfgs.clone())]);
    manifest.insert("lints", Item::Table(Table::from_iter([("rust", Item::Table(rust))])));
    Ok(manifest.to_string())
}

/// Replaces dependencies that are inherited.
fn inherit(dependencies: &mut dyn TableLike, shared: &dyn TableLike) -> Result<()> {
    for (name, value) in dependencies.iter_mut() {
        if inherits(value) {
            *value = dependency(value, get(shared, name.get())?)?;
        }
    }
    Ok(())
}

/// Tells if a value is inherited: `{ workspace = true, … }`, inline or as a table.
fn inherits(value: &Item) -> bool {
    value.as_table_like().is_some_and(|keys| keys.contains_key("workspace"))
}

/// Adds a member's keys to a dependency of the workspace.
fn dependency(member: &Item, shared: &Item) -> Result<Item> {
    let mut merged = match shared.as_value() {
        Some(Value::String(version)) => InlineTable::from_iter([("version", version.value())]),
        Some(Value::InlineTable(keys)) => keys.clone(),
        _ => return Err("a shared dependency is a version or an inline table".into()),
    };
    if let Some(folder) = merged.get("path").and_then(Value::as_str) {
        let (_, copy) = LIBRARY.iter().find(|(name, _)| *name == folder).ok_or("unknown path")?;
        merged.insert("path", format!("../{copy}").into());
    }
    let member = member.as_table_like().ok_or("a dependency is a table")?;
    for (key, value) in member.iter().filter(|(key, _)| *key != "workspace") {
        let value = value.as_value().ok_or_else(|| format!("`{key}` is a value"))?;
        match (merged.get_mut(key).and_then(Value::as_array_mut), value.as_array()) {
            (Some(shared), Some(added)) => shared.extend(added.iter().cloned()),
            _ => drop(merged.insert(key, value.clone())),
        }
    }
    merged.fmt();
    Ok(Item::Value(merged.into()))
}

fn embed(path: &str, file: &Path, code: &mut String) -> Result<()> {
    let file = file.to_str().ok_or("a path is not UTF-8")?;
    writeln!(code, "File {{ path: {path:?}, contents: include_bytes!({file:?}) }},")?;
    Ok(())
}

/// Lists a folder, sorted by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut entries = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
}

/// Lists all files below a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in entries(folder)? {
        if entry.is_dir() { found.extend(files(&entry)?) } else { found.push(entry) }
    }
    Ok(found)
}

fn relative(file: &Path, folder: &Path) -> Result<String> {
    let parts: Option<Vec<&str>> =
        file.strip_prefix(folder)?.iter().map(|part| part.to_str()).collect();
    Ok(parts.ok_or("a path is not UTF-8")?.join("/"))
}

fn file_name(path: &Path) -> Result<&str> {
    Ok(path.file_name().and_then(|name| name.to_str()).ok_or("a name is not UTF-8")?)
}

fn get<'a>(table: &'a dyn TableLike, key: &str) -> Result<&'a Item> {
    Ok(table.get(key).ok_or_else(|| format!("`{key}` is missing"))?)
}

fn table<'a>(parent: &'a dyn TableLike, key: &str) -> Result<&'a dyn TableLike> {
    Ok(get(parent, key)?.as_table_like().ok_or_else(|| format!("`{key}` is not a table"))?)
}
