//! Published packages: each contains its sources, licences and documentation, and nothing else.

use std::collections::BTreeSet;

use lambda_native_tests::command::{Run, cargo, workspace};
use lambda_native_tests::project::tree;

/// Asserts that the package contains the files of these folders, these files, and those that cargo adds.
#[track_caller]
fn assert_packaged(package: &str, folder: &str, folders: &[&str], files: &[&str]) {
    let mut expected: BTreeSet<String> = [
        "Cargo.lock",
        "Cargo.toml",
        "Cargo.toml.orig",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
    ]
    .iter()
    .chain(files)
    .map(ToString::to_string)
    .collect();
    for name in folders {
        let files = tree(&workspace().join(folder).join(name));
        expected.extend(files.into_keys().map(|file| format!("{name}/{file}")));
    }
    let output = cargo()
        .args(["package", "--list", "--allow-dirty", "--package", package])
        .current_dir(workspace())
        .output()
        .unwrap();
    let list = Run::from(output).success();
    let files = list.lines().map(|file| file.replace(std::path::MAIN_SEPARATOR, "/"));
    // It exists only in a git repository.
    let packaged: BTreeSet<_> = files.filter(|file| file != ".cargo_vcs_info.json").collect();
    assert_eq!(packaged, expected);
}

#[test]
fn the_runtime_contains_its_sources_and_examples() {
    assert_packaged("lambda-native", "runtime", &["examples", "src"], &[]);
}

#[test]
fn the_macros_contain_their_sources() {
    assert_packaged("lambda-native-macros", "macros", &["snapshots", "src"], &[]);
}

#[test]
fn the_templates_contain_their_files() {
    let templates = ["events", "function", "http-api", "multi", "web"];
    let folders =
        [&templates[..], &["conversion", "examples", "new", "parts", "shared", "src"]].concat();
    assert_packaged("lambda-native-templates", "templates", &folders, &["build.rs"]);
}

#[test]
fn the_program_contains_its_sources() {
    assert_packaged("lambda-native-scaffold", "scaffold", &["src"], &[]);
}
