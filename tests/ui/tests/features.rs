//! What the compiler says of functions that ask for a feature of `lambda-native` which is not on.

#![allow(clippy::unwrap_used, reason = "what is not expected ends the test")]

use std::fs;
use std::path::Path;
use std::process::Command;

/// Compiles a program with these features and no others, and gives what is printed, up to where it
/// shows the library's own source.
fn compile(name: &str, features: &str, source: &str) -> String {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = here.ancestors().nth(2).unwrap();
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let manifest = format!(
        "[package]\nname = \"{name}\"\nedition = \"2024\"\n\
         [dependencies.lambda-native]\npath = '{}'\ndefault-features = false\n\
         features = [{features}]\n\
         [workspace]\n",
        workspace.join("runtime").display(),
    );
    fs::create_dir_all(package.join("src")).unwrap();
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    fs::write(package.join("src/main.rs"), source).unwrap();
    fs::copy(workspace.join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--color=never", "--offline"])
        .env("CARGO_TARGET_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/features"))
        .current_dir(&package)
        .output()
        .unwrap();
    assert!(!output.status.success());
    let printed = String::from_utf8(output.stderr).unwrap();
    assert_eq!(printed.matches("error[").count(), 1, "{printed}");
    printed.split_once("\nnote: ").unwrap().0.to_owned()
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
        r#"error[E0277]: `flavor = "multi_thread"` needs the feature `multi-thread` of `lambda-native`
   --> src/main.rs:1:42
    |
  1 | #[lambda_native::lambda_handler(flavor = "multi_thread")]
    | -----------------------------------------^^^^^^^^^^^^^^--
    | |                                        |
    | |                                        needs the feature `multi-thread`
    | required by a bound introduced by this call
    |
    = help: the trait `lambda_native::__private::Enabled` is not implemented for `lambda_native::__private::MultiThread`
    = note: in `Cargo.toml`: `lambda-native = { version = "0.1", features = ["multi-thread"] }`"#
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
        r"error[E0433]: cannot find `http` in `lambda_native`
  --> src/main.rs:1:33
   |
 1 | #[lambda_native::lambda_handler(http)]
   |                                 ^^^^ could not find `http` in `lambda_native`
   |"
    );
}
