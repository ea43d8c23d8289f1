//! The `Dockerfile` of a generated project in a real container engine.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use lambda_native_tests::command::{Run, Scaffold, program};
use lambda_native_tests::project::{self, Project};
use lambda_native_tests::runtime_api::{Answer, RuntimeApi};
use serde_json::{Value, json};

/// The stand-in of `.ci/engine` for the image that a project's `Dockerfile` builds on.
const STAND_IN: &str = "lambda-native-stand-in/amazonlinux";

/// Takes the C compiler, Rust and its target for musl away, and replaces the programs that install them:
/// these write down their arguments, and put back what was taken away.
const BARE: &str = r#"
RUN rm /usr/bin/cc && mv /opt/rust /opt/hidden && mv /opt/hidden/lib/rustlib/$(uname -m)-unknown-linux-musl /opt/target \
    && printf '#!/bin/sh\necho "rustup $*" >> /typed\nmv /opt/target /opt/hidden/lib/rustlib/$3\n' \
    > /opt/hidden/bin/rustup && chmod 755 /opt/hidden/bin/rustup \
    && printf '#!/bin/sh\necho "dnf $*" >> /typed\nln -s gcc /usr/bin/cc\n' > /usr/bin/dnf \
    && printf '#!/bin/sh\necho "curl $*" >> /typed\ncp /rustup.sh "$6"\n' > /usr/bin/curl \
    && printf 'echo "rustup $*" >> /typed\nmkdir -p $CARGO_HOME/bin\nln -s /opt/hidden/bin/* $CARGO_HOME/bin\n' \
    > /rustup.sh \
    && chmod 755 /usr/bin/dnf /usr/bin/curl
"#;

fn docker(arguments: &[&str]) -> Run {
    let mut docker = program("docker");
    Run::from(docker.env("DOCKER_BUILDKIT", "1").args(arguments).output().unwrap())
}

/// Builds an image: the stand-in with more instructions.
fn image(name: &str, more: &str) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("Dockerfile"), format!("FROM {STAND_IN}\n{more}")).unwrap();
    let _ = docker(&["build", "--tag", name, folder.path().to_str().unwrap()]).success();
}

/// `scaffold build --container`, with more arguments for it and for the engine.
#[track_caller]
fn build(project: &Project, more: &[&str], engines: &[&str]) -> Run {
    build_with("docker", project, more, engines)
}

#[track_caller]
fn build_with(engine: &str, project: &Project, more: &[&str], engines: &[&str]) -> Run {
    let container = format!("--container={engine}");
    let arguments = [&["build", &container], more, &["--", "--network=host"], engines].concat();
    let scaffold = Scaffold::new(arguments).current_dir(&project.path());
    scaffold.env("CARGO_TARGET_DIR", project.path().join("target")).run()
}

fn bootstrap(project: &Project) -> PathBuf {
    project.path().join("target/lambda/hello/bootstrap")
}

/// The executable, as `scaffold inspect` describes it.
#[track_caller]
fn executable(project: &Project) -> Value {
    let inspect = Scaffold::new(["inspect", "--json"]).arg(bootstrap(project));
    let inspect = inspect.current_dir(&project.path()).run();
    let found: Value = serde_json::from_str(&inspect.success()).unwrap();
    found.get("executable").unwrap().clone()
}

#[test]
#[ignore = "needs a container engine: `.ci/run sam`"]
fn installs_a_compiler_and_rust_if_the_image_lacks_them() {
    image("lambda-native-bare", BARE);
    let project = Project::new(&[]);
    let bare = ["--build-arg=BUILD_IMAGE=lambda-native-bare", "--build-arg=RUST_VERSION=1.90.0"];
    let run = build(&project, &[], &bare);
    assert_eq!(run.code, Some(0), "{run:?}");
    let executable = executable(&project);
    assert_eq!(executable.get("architecture"), Some(&json!("x86_64")));
    assert_eq!(executable.get("linking"), Some(&json!("static")));

    // The engine has built this stage already.
    let folder = project.path().display().to_string();
    let stage = ["build", "--network=host", "--target=build", "--tag=lambda-native-built", &folder];
    let _ = docker(&[&stage, &bare[..]].concat()).success();
    let typed = docker(&["run", "--rm", "lambda-native-built", "cat", "/typed"]).success();
    assert_eq!(
        typed,
        "\
dnf install -y gcc
curl --proto =https --tlsv1.2 -fsS -o /tmp/rustup.sh https://sh.rustup.rs
rustup -y --no-modify-path --profile minimal --default-toolchain 1.90.0
rustup target add x86_64-unknown-linux-musl
"
    );
}

#[test]
#[ignore = "needs a container engine: `.ci/run sam`"]
fn a_failed_download_fails_the_build() {
    let offline = "RUN printf '#!/bin/sh\\necho \"curl: (6) no such host\" >&2\\nexit 6\\n' > /usr/bin/curl\n";
    image("lambda-native-offline", &format!("{BARE}{offline}"));
    let project = Project::new(&[]);
    let run = build(&project, &[], &["--build-arg=BUILD_IMAGE=lambda-native-offline"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stderr.contains("curl: (6) no such host"), "{run:?}");
    assert!(!run.stderr.contains("cargo: not found"), "{run:?}");
    assert!(run.stderr.ends_with("error: docker could not build the function\n"), "{run:?}");
}

#[test]
#[ignore = "needs a container engine: `.ci/run sam`"]
fn links_as_the_project_says() {
    for (question, linking) in [
        ("--outbound=yes", "static"),
        ("--linking=static", "static"),
        ("--linking=dynamic", "dynamic"),
    ] {
        let project = Project::new(&[question]);
        let run = build(&project, &[], &[]);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert_eq!(executable(&project).get("linking"), Some(&json!(linking)));
        if question == "--outbound=yes" {
            continue;
        }
        let event = fs::read_to_string(project.path().join("events/event.json")).unwrap();
        let script = [Answer::event("id", &event), Answer::accepted()];
        let run = RuntimeApi::start(script).run(&mut program(bootstrap(&project)), 3);
        let answer = run.calls().get(1).cloned().unwrap();
        assert!(answer.contains(r#"\"message\":\"hello Ada\""#), "{answer}");
    }
}

#[test]
#[ignore = "needs Podman: `.ci/run sam`"]
fn builds_with_podman() {
    let project = Project::new(&[]);
    let run = build_with("podman", &project, &[], &[]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let how = "building hello for x86_64 in a podman container\n";
    assert!(run.stderr.starts_with(how), "{run:?}");
    assert_eq!(executable(&project).pointer("/handlers/0/name"), Some(&json!("hello")));
}

/// Two copies of a project, such as a clone and a worktree, share the engine's cache.
#[test]
#[ignore = "needs a container engine: `.ci/run sam`"]
fn two_copies_of_a_project_do_not_share_builds() {
    // The source is unique, as the engine does not repeat a build.
    let with_handler = |name: &str| {
        let project = Project::new(&[]);
        let main = project.path().join("src/main.rs");
        let source = fs::read_to_string(&main).unwrap().replace("hello(", &format!("{name}("));
        fs::write(&main, format!("// {}\n{source}", main.display())).unwrap();
        project
    };
    let handler = |project: &Project| {
        let run = build(project, &[], &[]);
        assert_eq!(run.code, Some(0), "{run:?}");
        executable(project).pointer("/handlers/0/name").unwrap().clone()
    };
    assert_eq!(handler(&with_handler("hello")), "hello");

    let copy = with_handler("greet");
    let long_ago = SystemTime::now() - Duration::from_hours(24);
    for file in project::tree(&copy.path()).keys() {
        let file = File::options().write(true).open(copy.path().join(file)).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    assert_eq!(handler(&copy), "greet");
}
