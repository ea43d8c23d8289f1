//! What is published: each package holds its sources, its licences and its documentation, and
//! nothing else.

#![allow(clippy::unwrap_used, reason = "what a test does not expect ends it")]

use std::collections::BTreeSet;

use lambda_native_tests::command::{Run, cargo, workspace};
use lambda_native_tests::project::tree;

/// The package in `folder` has the files of these folders, these files, and what cargo adds.
#[track_caller]
fn assert_packaged(package: &str, folder: &str, folders: &[&str], files: &[&str]) {
    let mut expected: BTreeSet<String> =
        ["Cargo.lock", "Cargo.toml", "Cargo.toml.orig", "LICENSE-APACHE", "LICENSE-MIT"]
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
    // It is there in a git repository only.
    let packaged: BTreeSet<_> = files.filter(|file| file != ".cargo_vcs_info.json").collect();
    assert_eq!(packaged, expected);
}

#[test]
fn the_runtime() {
    assert_packaged("lambda-native", "runtime", &["examples", "src"], &[]);
}

#[test]
fn the_macros() {
    assert_packaged("lambda-native-macros", "macros", &["snapshots", "src"], &[]);
}

#[test]
fn the_templates() {
    let folders = ["src", "function", "http-api", "multi", "web"];
    assert_packaged("lambda-native-templates", "templates", &folders, &["build.rs"]);
}

#[test]
fn the_program() {
    assert_packaged("lambda-native-scaffold", "scaffold", &["src"], &[]);
}
