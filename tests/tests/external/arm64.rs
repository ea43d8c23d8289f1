//! Executables for arm64, built here and run under the emulator `qemu-aarch64`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use lambda_native_tests::command::{
    ARM64_FUNCTIONS, EMULATOR, Run, Scaffold, cargo, program, target_folder, workspace,
};
use lambda_native_tests::project::{Project, share_target};
use lambda_native_tests::runtime_api::{Answer, RuntimeApi};
use serde_json::{Value, json};
use toml_edit::DocumentMut;

#[test]
#[ignore = "needs qemu-user: `.ci/run arm64`"]
fn a_generated_project_answers() {
    let project = Project::new(&["--architecture=arm64"]);
    let mut build = Scaffold::new(["package", "--native", "--output=function.zip"]);
    share_target(build.command());
    let build = build.current_dir(&project.path()).run();
    assert_eq!(build.code, Some(0), "{build:?}");
    let inspect = Scaffold::new(["inspect", "--json", "function.zip"]);
    let inspect = inspect.current_dir(&project.path()).run().success();
    let inspect: Value = serde_json::from_str(&inspect).unwrap();
    assert_eq!(inspect["problems"], json!([]));
    assert_eq!(inspect["executable"]["architecture"], "arm64");
    assert_eq!(inspect["executable"]["linking"], "static");

    let bootstrap = target_folder().join("lambda/hello/bootstrap");
    let event = fs::read_to_string(project.path().join("events/event.json")).unwrap();
    let script = [Answer::event("id", &event), Answer::accepted()];
    let run = RuntimeApi::start(script).run(program(EMULATOR).arg(bootstrap), 3);
    let answer = &run.calls()[1];
    assert!(answer.contains(r#"\"message\":\"hello Ada\""#), "{answer}");
}

/// The suite of the runtime, faults included, with its functions for arm64.
#[test]
#[ignore = "needs qemu-user: `.ci/run arm64`"]
fn the_suite_of_the_runtime_passes() {
    const TARGET: &str = "aarch64-unknown-linux-musl";
    // A package of its own: that of the suites has many more dependencies.
    let mut manifest = format!(
        "[package]\nname = \"functions\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n\
         [dependencies]\n\
         aws_lambda_events = {{ version = \"1\", default-features = false, features = [\"cognito\", \"dynamodb\", \
         \"eventbridge\", \"kinesis\", \"s3\", \"ses\", \"sns\", \"sqs\"] }}\n\
         lambda-native = {{ path = '{}', features = [\"cloudwatch-logs\", \"concurrency\", \"events\", \
         \"multi-thread\", \"musl-allocator\", \"shutdown\", \"snap-start\", \"tracing\"] }}\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n\
         tokio = {{ version = \"1\", features = [\"io-util\", \"sync\", \"time\"] }}\n\
         tracing = {{ version = \"0.1\", features = [\"attributes\"] }}\n\
         tracing-log = {{ version = \"0.2\", default-features = false, features = [\"log-tracer\", \"std\"] }}\n\
         time = {{ version = \"0.3\", features = [\"serde-human-readable\"] }}\n\
         uuid = {{ version = \"1\", features = [\"serde\"] }}\n",
        workspace().join("runtime").display()
    );
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own: DocumentMut = fs::read_to_string(tests.join("Cargo.toml")).unwrap().parse().unwrap();
    for binary in own["bin"].as_array_of_tables().unwrap() {
        let [name, path] = ["name", "path"].map(|key| binary[key].as_str().unwrap());
        if path.starts_with("functions/") {
            let path = tests.join(path);
            writeln!(manifest, "[[bin]]\nname = \"{name}\"\npath = '{}'", path.display()).unwrap();
        }
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("arm64");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    // The versions of the workspace.
    fs::copy(workspace().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();

    // Panics name their places as in the workspace.
    let remap = format!("--remap-path-prefix={}/=", workspace().display());
    let mut build = cargo();
    build
        .args(["build", "--target", TARGET])
        .current_dir(&folder)
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER", "rust-lld")
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_RUSTFLAGS", remap)
        .env("CARGO_TARGET_DIR", folder.join("target"));
    let run = Run::from(build.output().unwrap());
    assert_eq!(run.code, Some(0), "{run:?}");

    let mut suite = cargo();
    suite.args(["test", "--workspace", "--test", "runtime", "--"]);
    // It measures memory, which would be that of the emulator.
    suite.args(["--skip", "waits_for_a_slow_reader_of_a_stream"]).current_dir(workspace());
    suite.env(ARM64_FUNCTIONS, folder.join("target").join(TARGET).join("debug"));
    let run = Run::from(suite.output().unwrap());
    assert_eq!(run.code, Some(0), "{run:?}");
    let count = run.stdout.lines().find(|line| line.starts_with("test result: "));
    println!("{}", count.unwrap());
}
