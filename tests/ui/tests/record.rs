//! What the executables say of themselves.

#![allow(clippy::unwrap_used, reason = "what is not expected ends the test")]

use std::fs;
use std::process::{Command, Stdio};

use lambda_native::record::{self, Kind, Record};

/// Builds one of the functions in `examples/`, with these arguments, and gives its file.
fn build(function: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", env!("CARGO_PKG_NAME"), "--example", function])
        .arg("--message-format=json")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success());
    let executable = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .find_map(|message| Some(message.get("executable")?.as_str()?.to_owned()))
        .unwrap();
    fs::read(executable).unwrap()
}

/// What a record says, in the order of its fields.
fn told(record: &Record) -> (&str, Kind, Option<&str>, &str, Vec<&str>) {
    assert_eq!(record.runtime, env!("CARGO_PKG_VERSION"));
    let types = record.types.iter().map(String::as_str).collect();
    (&record.name, record.kind, record.input.as_deref(), &record.output, types)
}

/// As in the profile of the templates: nothing that the linker or `strip` could take away is left.
#[test]
#[ignore = "builds everything twice with full optimisation, some minutes; CI runs it"]
fn records_outlive_the_optimizer_the_linker_and_strip() {
    for level in ["profile.release.opt-level='s'", "profile.release.opt-level=3"] {
        let target = concat!(env!("CARGO_TARGET_TMPDIR"), "/record");
        let small = [
            "--release",
            "--target-dir",
            target,
            "--config",
            "profile.release.lto='fat'",
            "--config",
            "profile.release.codegen-units=1",
            "--config",
            "profile.release.panic='abort'",
            "--config",
            "profile.release.strip=true",
            "--config",
            level,
        ];
        let mut records = record::read(&build("several_handlers", &small)).unwrap();
        records.sort_by(|a, b| a.name.cmp(&b.name));
        assert_eq!(
            records.iter().map(told).collect::<Vec<_>>(),
            [
                ("create", Kind::Event, Some("String"), "String", vec![]),
                ("list", Kind::Event, Some("()"), "Vec<String>", vec![]),
            ]
        );
    }
}

#[test]
fn records_tell_the_kind_and_the_registered_types() {
    let records = record::read(&build("http_request", &[])).unwrap();
    assert_eq!(
        records.iter().map(told).collect::<Vec<_>>(),
        [("hello", Kind::Http, Some("Request<'_>"), "String", vec![])]
    );

    let records = record::read(&build("context_of_types", &[])).unwrap();
    let types =
        vec!["Order<'_>", "Note", "Receipt", "&str", "BTreeMap<String, u32>", "Vec<&'a str>"];
    assert_eq!(
        records.iter().map(told).collect::<Vec<_>>(),
        [("checkout", Kind::Event, Some("Order<'_>"), "Result<Receipt, json::Error>", types)]
    );
}
