//! The manifests: dependencies, binaries and profiles. The layout of everything else stays as it is.

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Key, Table, Value, value};

use super::diagnostic::ERROR_CRATES;
use super::equivalents::{CRATES, Needs};
use crate::aws::BOOTSTRAP;
use crate::term::error::{Error, Result};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Replaces the dependencies of a package.
pub(super) fn replace_dependencies(manifest: &mut DocumentMut, needs: &Needs) -> Result<()> {
    let refuse = |message: &str| {
        Err(Error::new(message.to_owned())
            .hint("change the manifest by hand, and run the command again"))
    };
    if let Some(features) = manifest.get("features")
        && CRATES.iter().any(|name| features.to_string().contains(name))
    {
        return refuse("a feature in `Cargo.toml` depends on `lambda_runtime` or `lambda_http`");
    }
    if let Some(targets) = manifest.get("target")
        && CRATES.iter().any(|name| targets.to_string().contains(name))
    {
        return refuse(
            "`lambda_runtime` or `lambda_http` is a dependency of one target in `Cargo.toml`",
        );
    }
    if let Some(development) =
        manifest.get_mut("dev-dependencies").and_then(Item::as_table_like_mut)
    {
        for name in CRATES {
            development.remove(name);
        }
    }
    let Some(dependencies) = manifest.get_mut("dependencies").and_then(Item::as_table_mut) else {
        return refuse("`[dependencies]` in `Cargo.toml` is not a table");
    };
    let names: Vec<String> = dependencies.iter().map(|(name, _)| name.to_owned()).collect();
    if !names.iter().any(|name| CRATES.contains(&name.as_str())) {
        return refuse("`lambda_runtime` or `lambda_http` has another name in `Cargo.toml`");
    }
    let mut is_added = false;
    for name in &names {
        // Each goes to the end, so that the order stays.
        let Some((key, item)) = dependencies.remove_entry(name) else { continue };
        if !CRATES.contains(&name.as_str()) {
            dependencies.insert_formatted(&key, item);
            continue;
        }
        if !is_added {
            is_added = true;
            let key = Key::new("lambda-native").with_leaf_decor(key.leaf_decor().clone());
            dependencies.insert_formatted(&key, library(needs, &item));
        }
    }
    for name in &needs.crates {
        let version = match *name {
            "bytes" | "http" => "1",
            // The first with `Full::into_inner`.
            "http-body-util" => "0.1.4",
            "tower" => "0.5",
            _ => "0.1",
        };
        if !dependencies.contains_key(name) {
            dependencies.insert(name, value(version));
        }
    }
    if needs.crates.contains("tower") {
        add_features(dependencies, "tower", &["util"]);
    }
    let tokio: Vec<&str> = needs.tokio.iter().copied().collect();
    add_features(dependencies, "tokio", &tokio);
    Ok(())
}

/// Returns the crates whose errors `lambda_runtime` converts to a `Diagnostic`, by its features.
pub(super) fn error_crates(manifest: &DocumentMut) -> Vec<&'static str> {
    let dependencies = manifest.get("dependencies");
    let library = dependencies.and_then(|it| it.get("lambda_runtime"));
    let features = library.and_then(|it| it.get("features")).and_then(Item::as_array);
    let has = |name: &str| {
        let is_feature = features.is_some_and(|it| it.iter().any(|it| it.as_str() == Some(name)));
        is_feature && dependencies.is_some_and(|it| it.get(name).is_some())
    };
    let names = ERROR_CRATES.iter().map(|(name, _)| *name);
    names.filter(|name| has(name)).collect()
}

fn library(needs: &Needs, old: &Item) -> Item {
    let features: Array = needs.features.iter().copied().collect();
    let mut new: Value = if features.is_empty() {
        VERSION.into()
    } else {
        let mut table = InlineTable::new();
        table.insert("version", VERSION.into());
        table.insert("features", Value::Array(features));
        table.into()
    };
    if let Some(old) = old.as_value() {
        *new.decor_mut() = old.decor().clone();
    }
    Item::Value(new)
}

/// Adds features to a dependency, if there is one.
fn add_features(dependencies: &mut Table, name: &str, features: &[&str]) {
    let Some(item) = dependencies.get_mut(name) else { return };
    if features.is_empty() {
        return;
    }
    if let Some(version) = item.as_str() {
        let mut table = InlineTable::from_iter([("version", version)]);
        table.insert("features", Value::Array(features.iter().copied().collect()));
        let decor = item.as_value().map(|old| old.decor().clone()).unwrap_or_default();
        let mut new = Value::from(table);
        *new.decor_mut() = decor;
        *item = Item::Value(new);
        return;
    }
    let Some(table) = item.as_table_like_mut() else { return };
    let list = table.entry("features").or_insert(value(Array::new()));
    if let Some(list) = list.as_array_mut() {
        let has = |list: &Array, feature: &str| list.iter().any(|it| it.as_str() == Some(feature));
        if has(list, "full") {
            return;
        }
        for feature in features {
            if !has(list, feature) {
                list.push(*feature);
            }
        }
    }
}

/// Names the only binary of a package `bootstrap`.
pub(super) fn name_binary(manifest: &mut DocumentMut, name: &str, path: &str) {
    if name == BOOTSTRAP {
        return;
    }
    let binaries = manifest.entry("bin").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    let Some(binaries) = binaries.as_array_of_tables_mut() else { return };
    let is_it = |table: &&mut Table| table.get("name").and_then(Item::as_str) == Some(name);
    if let Some(binary) = binaries.iter_mut().find(is_it) {
        if let Some(old) = binary.get_mut("name").and_then(Item::as_value_mut) {
            let decor = old.decor().clone();
            *old = BOOTSTRAP.into();
            *old.decor_mut() = decor;
        }
    } else {
        let mut binary = Table::new();
        binary.decor_mut().set_prefix("\n# Lambda starts the executable with this name.\n");
        binary.insert("name", value(BOOTSTRAP));
        binary.insert("path", value(path));
        binaries.push(binary);
    }
    let package = manifest.get_mut("package").and_then(Item::as_table_like_mut);
    if let Some(run) = package.and_then(|package| package.get_mut("default-run")) {
        *run = value(BOOTSTRAP);
    }
}

/// Adds the release profile to the manifest of a workspace that has none. It does not set `panic`: a project that
/// unwinds goes on to do so.
pub(super) fn add_profile(manifest: &mut DocumentMut) {
    let mut implicit = Table::new();
    implicit.set_implicit(true);
    let profiles = manifest.entry("profile").or_insert(Item::Table(implicit));
    let Some(profiles) = profiles.as_table_mut() else { return };
    if profiles.contains_key("release") {
        return;
    }
    let mut release = Table::new();
    release.decor_mut().set_prefix("\n# A small executable that starts fast.\n");
    release.insert("lto", value("fat"));
    release.insert("codegen-units", value(1));
    release.insert("strip", value(true));
    profiles.insert("release", Item::Table(release));
}
