//! Reads the records of executables.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test panics when it fails")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use lambda_native::record::{self, Kind, Record};
use lambda_native_ui::runtime_api::{Answer, RuntimeApi};

/// Builds one of the functions in `examples/` with these arguments of cargo, and returns the executable.
fn build(function: &str, arguments: &[&str]) -> Vec<u8> {
    let package = ["--package", env!("CARGO_PKG_NAME"), "--example", function];
    let executable =
        build_in(Path::new(env!("CARGO_MANIFEST_DIR")), &[&package[..], arguments].concat());
    fs::read(executable).unwrap()
}

/// Builds an executable in a folder, and returns its path.
fn build_in(folder: &Path, arguments: &[&str]) -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--message-format=json"])
        .args(arguments)
        .current_dir(folder)
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success());
    let executable = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .find_map(|message| Some(message.get("executable")?.as_str()?.to_owned()));
    executable.unwrap().into()
}

/// The fields of a record.
fn fields(record: &Record) -> (&str, Kind, Option<&str>, &str, Vec<&str>) {
    assert_eq!(record.runtime, env!("CARGO_PKG_VERSION"));
    let types = record.types.iter().map(String::as_str).collect();
    (&record.name, record.kind, record.input.as_deref(), &record.output, types)
}

/// The routes of a record, and its parameters: the place, the name, the type, and whether it is required.
fn routes(record: &Record) -> [String; 2] {
    let routes = record.routes.iter().map(|route| format!("{} {}", route.method, route.path));
    let parameters = record.parameters.iter().map(|it| {
        format!("{} {}: {}{}", it.place, it.name, it.ty, if it.required { "" } else { "?" })
    });
    [routes.collect::<Vec<_>>().join(", "), parameters.collect::<Vec<_>>().join(", ")]
}

/// Those of the function `route_alone`.
const ROUTE_ALONE: [&str; 2] = [
    "GET /{arguments}",
    "path arguments: u8, query request: &str, query context: &str, query output: &str, query event: &str",
];

#[test]
fn records_tell_the_routes_and_their_parameters() {
    let records = record::read(&build("route_alone", &[])).unwrap();
    assert_eq!(records.iter().map(routes).collect::<Vec<_>>(), [ROUTE_ALONE]);
}

/// Builds with the profile of the templates, in which the linker and `strip` remove what is not used.
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
            records.iter().map(fields).collect::<Vec<_>>(),
            [
                ("create", Kind::Event, Some("String"), "String", vec![]),
                ("list", Kind::Event, Some("()"), "Vec<String>", vec![]),
            ]
        );
        let records = record::read(&build("route_alone", &small)).unwrap();
        assert_eq!(records.iter().map(routes).collect::<Vec<_>>(), [ROUTE_ALONE]);
    }
}

#[test]
fn records_tell_the_kind_and_the_registered_types() {
    let records = record::read(&build("http_request", &[])).unwrap();
    assert_eq!(
        records.iter().map(fields).collect::<Vec<_>>(),
        [("hello", Kind::Http, Some("Request<'_>"), "String", vec![])]
    );

    let records = record::read(&build("context_of_types", &[])).unwrap();
    let types =
        vec!["Order<'_>", "Note", "Receipt", "&str", "BTreeMap<String, u32>", "Vec<&'a str>"];
    assert_eq!(
        records.iter().map(fields).collect::<Vec<_>>(),
        [("checkout", Kind::Event, Some("Order<'_>"), "Result<Receipt, json::Error>", types)]
    );
}

#[test]
#[ignore = "builds a program with 500 handlers; CI runs it"]
fn a_program_of_500_handlers_records_each_and_runs_the_last() {
    const DEPTH: usize = 26;
    let names: Vec<_> = (0..500).map(|number| format!("handler_{number:03}")).collect();
    let mut source = String::new();
    for name in &names {
        write!(
            source,
            "#[lambda_native::lambda_handler(named)]\n\
             async fn {name}(item: String) -> String {{ deep_0(format!(\"{name} {{item}}\")).await }}\n"
        )
        .unwrap();
    }
    // Futures as deep as those of a client: the compiler limits the depth of types.
    for level in 0..DEPTH {
        writeln!(
            source,
            "async fn deep_{level}(item: String) -> String {{ deep_{}(item).await }}",
            level + 1
        )
        .unwrap();
    }
    writeln!(source, "async fn deep_{DEPTH}(item: String) -> String {{ item }}").unwrap();
    writeln!(source, "lambda_native::main!({});", names.join(", ")).unwrap();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("handlers");
    let manifest = format!(
        "[package]\nname = \"handlers\"\nedition = \"2024\"\n\
         [dependencies]\nlambda-native.path = '{}'\n[workspace]\n",
        workspace.join("runtime").display(),
    );
    fs::create_dir_all(package.join("src")).unwrap();
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    fs::write(package.join("src/main.rs"), source).unwrap();
    fs::copy(workspace.join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
    let target = concat!(env!("CARGO_TARGET_TMPDIR"), "/record");
    let executable = build_in(&package, &["--offline", "--target-dir", target]);

    let records = record::read(&fs::read(&executable).unwrap()).unwrap();
    let mut recorded: Vec<_> = records.iter().map(|record| record.name.as_str()).collect();
    recorded.sort_unstable();
    assert_eq!(recorded, names);

    let script = vec![Answer::event("id-1", "\"tea\""), Answer::accepted()];
    let mut last = Command::new(executable);
    let run = RuntimeApi::start(script).run(last.env("_HANDLER", "handler_499"), 2);
    assert_eq!(run.requests[1].summary(), "POST …/invocation/id-1/response \"handler_499 tea\"");
}
