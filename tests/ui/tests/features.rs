//! Compiles functions that need a feature of `lambda-native` which is not enabled, or another name of it.

#![allow(clippy::unwrap_used, reason = "a test panics when it fails")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Compiles a program with these features and no others, and returns the errors in it.
fn compile(name: &str, features: &str, source: &str) -> String {
    let output = check(name, "lambda-native", features, source);
    assert!(!output.status.success());
    let printed = String::from_utf8(output.stderr).unwrap();
    printed.split_once("\nerror: could not compile").unwrap().0.to_owned()
}

/// Compiles a program with these features, which gives the library this name.
fn check(name: &str, dependency: &str, features: &str, source: &str) -> Output {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = here.ancestors().nth(2).unwrap();
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let manifest = format!(
        "[package]\nname = \"{name}\"\nedition = \"2024\"\n\
         [dependencies.{dependency}]\npackage = \"lambda-native\"\npath = '{}'\n\
         default-features = false\nfeatures = [{features}]\n\
         [workspace]\n",
        workspace.join("runtime").display(),
    );
    fs::create_dir_all(package.join("src")).unwrap();
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    fs::write(package.join("src/main.rs"), source).unwrap();
    fs::copy(workspace.join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
    Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--color=never", "--offline"])
        .env("CARGO_TARGET_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/features"))
        .current_dir(&package)
        .output()
        .unwrap()
}

#[test]
fn the_source_of_events_names_its_feature() {
    let printed = compile(
        "source",
        r#""macros""#,
        "#[lambda_native::lambda_handler(sqs)]\n\
         async fn ship(message: String) {\n    drop(message);\n}\n",
    );
    assert_eq!(
        printed,
        r#"error: `sqs` needs the feature `events` of `lambda-native`
       hint: in `Cargo.toml`: `lambda-native = { version = "0.1", features = ["events"] }`
 --> src/main.rs:1:33
  |
1 | #[lambda_native::lambda_handler(sqs)]
  |                                 ^^^
"#
    );
}

#[test]
fn the_flavor_multi_thread_names_its_feature() {
    let printed = compile(
        "multi-thread",
        r#""macros""#,
        "#[lambda_native::lambda_handler(flavor = \"multi_thread\")]\n\
         async fn checkout(item: String) -> String {\n    item\n}\n",
    );
    assert_eq!(
        printed,
        r#"error: `flavor = "multi_thread"` needs the feature `multi-thread` of `lambda-native`
       hint: in `Cargo.toml`: `lambda-native = { version = "0.1", features = ["multi-thread"] }`
 --> src/main.rs:1:42
  |
1 | #[lambda_native::lambda_handler(flavor = "multi_thread")]
  |                                          ^^^^^^^^^^^^^^
"#
    );
}

#[test]
fn the_argument_http_names_its_feature() {
    let printed = compile(
        "http",
        r#""macros""#,
        "#[lambda_native::lambda_handler(http)]\nasync fn hello() -> &'static str {\n    \"hello\"\n}\n",
    );
    assert_eq!(
        printed,
        r#"error: `http` needs the feature `http` of `lambda-native`
       hint: in `Cargo.toml`: `lambda-native = { version = "0.1", features = ["http"] }`
 --> src/main.rs:1:33
  |
1 | #[lambda_native::lambda_handler(http)]
  |                                 ^^^^
"#
    );
}

#[test]
fn a_dependency_with_another_name_is_found() {
    let source = "#[my_lambda::lambda_handler(named)]\n\
         async fn double(number: u32) -> u32 {\n    number * 2\n}\n\n\
         my_lambda::main!(double);\n";
    let output = check("renamed", "my-lambda", r#""macros""#, source);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
