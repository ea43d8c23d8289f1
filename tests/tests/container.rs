//! A generated project's `Dockerfile` in a real container engine. `.ci/run sam` starts one.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "what a test does not expect ends it")]

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, SystemTime};

use lambda_native_tests::command::{Run, Scaffold};
use lambda_native_tests::project::{self, Project};
use lambda_native_tests::runtime_api::{Answer, RuntimeApi};
use serde_json::{Value, json};

/// The image that a project's `Dockerfile` builds on.
const BUILD_IMAGE: &str = "public.ecr.aws/amazonlinux/amazonlinux:2023";

/// The same without the C compiler and Rust, and with stand-ins for the programs that install them:
/// they write down what they are asked, and put back what was taken away.
const BARE: &str = r#"
RUN rm /usr/bin/cc && mv /opt/rust /opt/hidden \
    && printf '#!/bin/sh\necho "dnf $*" >> /typed\nln -s gcc /usr/bin/cc\n' > /usr/bin/dnf \
    && printf '#!/bin/sh\necho "curl $*" >> /typed\ncp /rustup.sh "$6"\n' > /usr/bin/curl \
    && printf 'echo "rustup $*" >> /typed\nmkdir -p $CARGO_HOME/bin\nln -s /opt/hidden/bin/* $CARGO_HOME/bin\n' \
    > /rustup.sh \
    && chmod 755 /usr/bin/dnf /usr/bin/curl
"#;

fn docker(arguments: &[&str]) -> Run {
    let mut docker = Command::new("docker");
    Run::from(docker.env("DOCKER_BUILDKIT", "1").args(arguments).output().unwrap())
}

/// Makes an image of the build image and more.
fn image(name: &str, more: &str) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("Dockerfile"), format!("FROM {BUILD_IMAGE}\n{more}")).unwrap();
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

/// What was built, as `scaffold inspect` sees it.
#[track_caller]
fn executable(project: &Project) -> Value {
    let inspect = Scaffold::new(["inspect", "--json"]).arg(bootstrap(project));
    let inspect = inspect.current_dir(&project.path()).run();
    let found: Value = serde_json::from_str(&inspect.success()).unwrap();
    found.get("executable").unwrap().clone()
}

#[test]
#[ignore = "needs a container engine: `.ci/run sam`"]
fn an_image_gets_what_it_lacks() {
    image("lambda-native-bare", BARE);
    let project = Project::new(&[]);
    let bare = ["--build-arg=BUILD_IMAGE=lambda-native-bare", "--build-arg=RUST_VERSION=1.90.0"];
    let run = build(&project, &[], &bare);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(executable(&project).get("architecture"), Some(&json!("x86_64")));

    // The same stage, which the engine has made already.
    let folder = project.path().display().to_string();
    let stage = ["build", "--network=host", "--target=build", "--tag=lambda-native-built", &folder];
    let _ = docker(&[&stage, &bare[..]].concat()).success();
    let typed = docker(&["run", "--rm", "lambda-native-built", "cat", "/typed"]).success();
    assert_eq!(
        typed,
        "\
dnf install -y gcc glibc-static
curl --proto =https --tlsv1.2 -fsS -o /tmp/rustup.sh https://sh.rustup.rs
rustup -y --no-modify-path --profile minimal --default-toolchain 1.90.0
"
    );
}

#[test]
#[ignore = "needs a container engine: `.ci/run sam`"]
fn a_download_that_fails_ends_the_build() {
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
fn links_statically() {
    let project = Project::new(&[]);
    let run = build(&project, &["--static"], &[]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(executable(&project).get("linking"), Some(&json!("static")));
    let event = fs::read_to_string(project.path().join("events/event.json")).unwrap();
    let script = [Answer::event("id", &event), Answer::accepted()];
    let run = RuntimeApi::start(script).run(&mut Command::new(bootstrap(&project)), 3);
    let answer = run.calls().get(1).cloned().unwrap();
    assert!(answer.contains(r#"\"message\":\"hello Ada\""#), "{answer}");
}

#[test]
#[ignore = "needs Podman: `.ci/run sam`"]
fn builds_with_podman() {
    let project = Project::new(&[]);
    let run = build_with("podman", &project, &[], &[]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let how = "building hello for x86_64 in a container of podman\n";
    assert!(run.stderr.starts_with(how), "{run:?}");
    assert_eq!(executable(&project).pointer("/handlers/0/name"), Some(&json!("hello")));
}

/// Two copies of a project, such as a clone and a worktree, share the engine's cache.
#[test]
#[ignore = "needs a container engine: `.ci/run sam`"]
fn what_is_built_is_of_these_sources() {
    // Like no other, as the engine does not build what it has built before.
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
