//! Writes `embedded.rs`: the templates, and in a checkout the sources of the library too.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use toml_edit::{DocumentMut, InlineTable, Item, TableLike, Value};

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

/// The templates: the folders with a `cargo-generate.toml`.
fn templates(root: &Path, code: &mut String) -> Result<()> {
    code.push_str("const TEMPLATES: &[Template] = &[\n");
    for folder in entries(root)? {
        if !folder.join("cargo-generate.toml").is_file() {
            continue;
        }
        rerun_if_changed(&folder);
        let questions = folder.join("cargo-generate.toml");
        template(&folder, &questions, code)
            .map_err(|error| format!("{}: {error}", questions.display()))?;
    }
    code.push_str("];\n");
    Ok(())
}

fn template(folder: &Path, questions: &Path, code: &mut String) -> Result<()> {
    let config: DocumentMut = fs::read_to_string(questions)?.parse()?;
    let about = table(config.as_table(), "template")?;
    writeln!(code, "Template {{ name: {:?},", file_name(folder)?)?;
    writeln!(code, "description: {:?}, questions: &[", string(about, "description")?)?;
    for (name, placeholder) in table(config.as_table(), "placeholders")?.iter() {
        let placeholder = placeholder.as_table_like().ok_or("a placeholder is a table")?;
        question(name, placeholder, code).map_err(|error| format!("`{name}`: {error}"))?;
    }
    writeln!(code, "], optional: &{:?}, files: &[", optional(&config)?)?;
    for file in files(folder)? {
        embed(&relative(&file, folder)?, &file, code)?;
    }
    code.push_str("] },\n");
    Ok(())
}

/// The files that some answers leave out.
fn optional(config: &DocumentMut) -> Result<Vec<&str>> {
    let Some(conditions) = config.get("conditional") else { return Ok(Vec::new()) };
    let conditions = conditions.as_table_like().ok_or("`conditional` is not a table")?;
    let mut optional = Vec::new();
    for (_, condition) in conditions.iter() {
        let condition = condition.as_table_like().ok_or("a condition is a table")?;
        optional.extend(strings(condition, "ignore")?);
    }
    Ok(optional)
}

fn question(name: &str, placeholder: &dyn TableLike, code: &mut String) -> Result<()> {
    writeln!(code, "Question {{ name: {name:?}, flag: {:?},", name.replace('_', "-"))?;
    for key in ["prompt", "help", "value_name", "default"] {
        writeln!(code, "{key}: {:?},", string(placeholder, key)?)?;
    }
    let unit = if placeholder.contains_key("unit") { string(placeholder, "unit")? } else { "" };
    writeln!(code, "unit: {unit:?}, aliases: &{:?},", strings(placeholder, "aliases")?)?;
    if placeholder.contains_key("choices") {
        let choices = strings(placeholder, "choices")?;
        writeln!(code, "answer: Answer::Choice(&{choices:?}) }},")?;
    } else {
        let (regex, expected) = (string(placeholder, "regex")?, string(placeholder, "expected")?);
        writeln!(code, "answer: Answer::Text {{ regex: {regex:?}, expected: {expected:?} }} }},")?;
    }
    Ok(())
}

fn is_checkout(workspace: &Path) -> bool {
    LIBRARY.iter().all(|(folder, _)| workspace.join(folder).join("Cargo.toml").is_file())
}

/// The library's crates: their manifests made to stand alone, their sources and licences.
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

/// A member's manifest without its workspace, and without what only its development needs.
fn stand_alone(mut manifest: DocumentMut, workspace: &dyn TableLike) -> Result<String> {
    for development in ["lints", "dev-dependencies", "example", "test", "bench"] {
        manifest.remove(development);
    }
    let package = table(workspace, "package")?;
    let dependencies = table(workspace, "dependencies")?;
    for (section, item) in manifest.iter_mut() {
        let entries = item.as_table_like_mut().ok_or_else(|| format!("`{section}`?"))?;
        match section.get() {
            "package" => {
                entries.remove("include");
                for (key, value) in entries.iter_mut() {
                    if inherits(value) {
                        *value = get(package, key.get())?.clone();
                    }
                }
            }
            "dependencies" => {
                for (name, value) in entries.iter_mut() {
                    if inherits(value) {
                        *value = dependency(value, get(dependencies, name.get())?)?;
                    }
                }
            }
            "features" | "lib" => {}
            unknown => return Err(format!("decide what a copy does with `[{unknown}]`").into()),
        }
    }
    Ok(manifest.to_string())
}

/// `{ workspace = true, … }`, in whatever form it is written.
fn inherits(value: &Item) -> bool {
    value.as_table_like().is_some_and(|keys| keys.contains_key("workspace"))
}

/// A dependency of the workspace with what the member adds to it.
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

/// What is in a folder, by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut entries = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
}

/// All files below a folder.
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

fn string<'a>(table: &'a dyn TableLike, key: &str) -> Result<&'a str> {
    Ok(get(table, key)?.as_str().ok_or_else(|| format!("`{key}` is not a string"))?)
}

/// A list of strings; empty where there is none.
fn strings<'a>(table: &'a dyn TableLike, key: &str) -> Result<Vec<&'a str>> {
    let Some(list) = table.get(key) else { return Ok(Vec::new()) };
    let list = list.as_array().ok_or_else(|| format!("`{key}` is not a list"))?;
    let list: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
    Ok(list.ok_or_else(|| format!("`{key}` holds more than strings"))?)
}
