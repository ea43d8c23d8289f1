//! Compiles the files in `fail/`, which have one mistake each, and compares what the compiler prints
//! with the file beside it.
//!
//! The notes below an error are the compiler's own and differ between its versions. They are compared
//! with the compiler of `.ci/toolchain`. With any other, the errors of `lambda-native` are compared,
//! each with its position. `TRYBUILD=overwrite cargo +VERSION test`, with that version, updates the
//! expectations.

#![allow(clippy::unwrap_used, reason = "a test panics when it fails")]

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

const FOLDER: &str = "fail";

#[test]
fn reports_a_mistake_where_it_is_with_its_fix() {
    if compiler_version() == include_str!("../../../.ci/toolchain").trim() {
        trybuild::TestCases::new().compile_fail(format!("{FOLDER}/*.rs"));
        return;
    }
    let actual = Path::new(env!("CARGO_TARGET_TMPDIR")).join(FOLDER);
    copy_without_expectations(&actual);
    let status = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "writes_expectations"])
        .env("TRYBUILD", "overwrite")
        .env("FAIL_FOLDER", &actual)
        .status();
    assert!(status.unwrap().success());
    let mut compared = 0;
    for entry in fs::read_dir(FOLDER).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "stderr") {
            let name = path.file_name().unwrap();
            assert_eq!(own_errors(&actual.join(name)), own_errors(&path), "{}", path.display());
            compared += 1;
        }
    }
    assert!(compared > 80, "{compared} files in `{FOLDER}`");
}

#[test]
#[ignore = "a part of the test above, which runs it in a process of its own"]
fn writes_expectations() {
    let folder = env::var("FAIL_FOLDER").unwrap();
    trybuild::TestCases::new().compile_fail(format!("{folder}/*.rs"));
}

/// The version of the compiler, such as `1.99.1`.
fn compiler_version() -> String {
    let output = Command::new(env!("CARGO")).arg("--version").output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    printed.split(' ').nth(1).unwrap().to_owned()
}

fn copy_without_expectations(to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(FOLDER).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}

/// The errors that the libraries word, each as `MESSAGE LINE:COLUMN`.
fn own_errors(file: &Path) -> Vec<String> {
    let printed = fs::read_to_string(file).unwrap();
    let mut lines = printed.lines();
    let mut errors = Vec::new();
    while let Some(line) = lines.next() {
        // A macro's error has no code. E0277 is the one whose message a trait can word.
        let is_own = line.starts_with("error: ")
            || line.starts_with("error[E0277]: ") && !line.contains("the trait bound");
        if is_own {
            let place = lines.find_map(|line| line.trim_start().strip_prefix("--> ")).unwrap();
            let (_, position) = place.split_once(".rs:").unwrap();
            // Older compilers print `String` with its path in the message of a trait.
            let line = line.replace("std::string::String", "String");
            errors.push(format!("{line} {position}"));
        }
    }
    errors
}
