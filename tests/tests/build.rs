//! `scaffold build` and `scaffold package`: what they choose, what they refuse, what they leave.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "what a test does not expect ends it")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use lambda_native_tests::command::Run;
use lambda_native_tests::elf::{ARM64, Elf};
use lambda_native_tests::machine::Machine;
use regex::Regex;
use serde_json::{Value, json};

const OK: &str = "ok: nothing in it keeps Lambda from running it\n";

/// A container engine that copies what a build would make.
const DOCKER: &str = r#"
case "$1" in
    version) echo "amd64 20.10.24 20.10.24" ;;
    build)
        echo "$DOCKER_BUILDKIT $*" > "$HERE/typed"
        for argument; do
            case "$argument" in
                type=local,dest=*) cp "$HERE/made" "${argument#type=local,dest=}/bootstrap" ;;
            esac
        done
        ;;
esac
"#;

const DOCKERFILE: &str = "FROM scratch AS build\nFROM scratch AS artifact\n";

/// A machine with a container engine and a `Dockerfile`.
fn with_docker(script: &str) -> Machine {
    let machine = Machine::new().with("docker", script);
    machine.write("hello/Dockerfile", DOCKERFILE);
    fs::write(machine.path("made"), Elf::good().bytes()).unwrap();
    machine
}

/// Its output without cargo's, and without what differs from machine to machine.
fn run(machine: &Machine, arguments: &[&str]) -> Run {
    let mut run = machine.scaffold(arguments).run();
    let here = dunce::canonicalize(machine.path("")).unwrap();
    for (pattern, name) in [
        (r"(?m)^ +(Blocking|Compiling|Finished|Locking) .*\n", ""),
        (r"[0-9.]+ [kM]?B", "SIZE"),
        (r"glibc [0-9.]+$", "glibc V"),
    ] {
        let regex = Regex::new(&format!("(?m){pattern}")).unwrap();
        run.stderr = regex.replace_all(&run.stderr, name).into_owned();
    }
    run.stderr = run.stderr.replace(&*here.to_string_lossy(), "HERE");
    run
}

fn host() -> &'static str {
    if cfg!(target_arch = "x86_64") { "x86_64" } else { "arm64" }
}

#[test]
fn builds_natively_without_a_dockerfile() {
    let machine = Machine::new();
    let arch = host();
    let said = format!(
        "\
building hello for {arch} on this machine: the project has no `Dockerfile` with a stage `artifact`
built target/lambda/hello/bootstrap: SIZE, {arch}, dynamic, glibc V
{OK}"
    );
    assert_eq!(run(&machine, &["build"]), Run::new(0, "", said));
    let made = machine.path("hello/target/lambda/hello/bootstrap");
    assert_eq!(made.metadata().unwrap().permissions().mode() & 0o777, 0o755);
    assert!(Command::new(made).status().unwrap().success());
    assert_eq!(fs::read_dir(machine.path("hello/target/lambda")).unwrap().count(), 1);
}

#[test]
fn links_statically() {
    let machine = Machine::new();
    let arch = host();
    let said = format!(
        "\
building hello for {arch} on this machine
built target/lambda/hello/bootstrap: SIZE, {arch}, static
{OK}"
    );
    assert_eq!(run(&machine, &["build", "--native", "--static"]), Run::new(0, "", said));
    assert!(
        Command::new(machine.path("hello/target/lambda/hello/bootstrap"))
            .status()
            .unwrap()
            .success()
    );
}

/// What was built is inspected.
#[test]
fn says_that_a_debug_build_is_none_for_lambda() {
    let machine = Machine::new();
    let run = run(&machine, &["build", "--native", "--profile", "dev"]);
    assert_eq!(run.code, Some(1));
    let problem = "error: `HERE/hello/target/lambda/hello/bootstrap` has SIZE of debug information";
    assert!(run.stderr.contains(problem), "{run:?}");
}

#[test]
fn says_that_cargo_failed() {
    let machine = Machine::new();
    machine.write("hello/main.rs", "fn main() { broken }\n");
    let run = run(&machine, &["build", "--native"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("cannot find value `broken`"), "{run:?}");
    assert!(run.stderr.ends_with("error: cargo could not build the function\n"), "{run:?}");
    assert!(!machine.path("hello/target/lambda/hello/bootstrap").exists());
}

#[test]
fn builds_in_a_container_where_an_engine_is_ready() {
    let machine = with_docker(DOCKER);
    let said = format!(
        "\
building hello for x86_64 in a container of docker: docker 20.10.24 is ready
built target/lambda/hello/bootstrap: SIZE, x86_64, dynamic, glibc V
{OK}"
    );
    machine.write("hello/Cargo.lock", "version = 4\n");
    assert_eq!(run(&machine, &["build"]), Run::new(0, "", said));
    let typed = machine.read("typed");
    let folder = dunce::canonicalize(machine.path("hello")).unwrap();
    let expected = format!(
        "^1 build --progress=plain --target artifact --build-arg ARCHITECTURE=amd64 \
         --build-arg PROFILE=release --output type=local,dest={}/target/lambda/.build-\\w+ {}\n$",
        folder.display(),
        folder.display()
    );
    assert!(Regex::new(&expected).unwrap().is_match(&typed), "{typed}");
    assert_eq!(fs::read_dir(folder.join("target/lambda")).unwrap().count(), 1);

    let arguments =
        ["build", "--container=docker", "--static", "--profile", "small", "--", "--network=host"];
    let _ = run(&machine, &arguments).success();
    let typed = machine.read("typed");
    let tail = "--build-arg PROFILE=small --build-arg=LINKING=static --output ";
    assert!(typed.contains(tail) && typed.contains(" --network=host "), "{typed}");
}

/// An image has what the manifest locks, so the lock is there first.
#[test]
fn a_container_gets_a_lock_file() {
    let machine = with_docker(DOCKER);
    let _ = run(&machine, &["build"]).success();
    assert!(machine.read("hello/Cargo.lock").contains("name = \"hello\""));
}

#[test]
fn says_that_the_engine_failed() {
    let machine = with_docker(
        "case $1 in version) echo amd64 20.10.24 20.10.24 ;; *) echo no space left >&2; exit 7 ;; esac",
    );
    let said = "\
building hello for x86_64 in a container of docker
no space left
error: docker could not build the function
";
    assert_eq!(run(&machine, &["build", "--container"]), Run::new(1, "", said));
}

/// What is in the way of a container is the reason for a build without.
#[test]
fn builds_natively_where_no_engine_is_ready() {
    for (script, why) in [
        (
            "echo Cannot connect to the Docker daemon >&2; exit 1",
            "says `Cannot connect to the Docker daemon`",
        ),
        (
            "case $1 in version) echo amd64 28.2.2 28.2.2 ;; *) exit 1 ;; esac",
            "has no buildx, with which it builds images",
        ),
    ] {
        let run = run(&with_docker(script), &["build"]);
        let arch = host();
        let expected =
            format!("building hello for {arch} on this machine: `HERE/bin/docker` {why}\n");
        assert!(run.stderr.starts_with(&expected), "{run:?}");
        assert_eq!(run.code, Some(0));
    }
}

#[test]
fn refuses_a_container_where_no_engine_is_ready() {
    let machine = Machine::new();
    machine.write("hello/Dockerfile", DOCKERFILE);
    let said = "\
error: no container engine is ready: none of `docker`, `podman` and `finch` is on `PATH`
hint: install Docker, Podman or Finch, or build without: `--native`
";
    assert_eq!(run(&machine, &["build", "--container"]), Run::new(1, "", said));
    let said = "\
error: no container engine is ready: `podman` is not on `PATH`
hint: install Docker, Podman or Finch, or build without: `--native`
";
    assert_eq!(run(&machine, &["build", "--container=podman"]), Run::new(1, "", said));

    let machine = machine.with("docker", "echo Cannot connect to the Docker daemon >&2; exit 1");
    let said = "\
error: no container engine is ready: `HERE/bin/docker` says `Cannot connect to the Docker daemon`
hint: start it: Docker Desktop, `sudo systemctl start docker`, `podman machine start` or `finch vm \
         start`, or build without: `--native`
";
    assert_eq!(run(&machine, &["build", "--container"]), Run::new(1, "", said));
}

#[test]
fn refuses_a_container_without_a_dockerfile() {
    let machine = Machine::new().with("docker", DOCKER);
    let said = "\
error: no `Dockerfile` with a stage `artifact` is in `HERE/hello`
hint: `scaffold new` writes one; or build without: `--native` or `--zig`
";
    assert_eq!(run(&machine, &["build", "--container"]), Run::new(1, "", said));
}

/// A container gets the folder of the `Dockerfile`, and nothing beside it.
#[test]
fn refuses_a_container_that_would_not_get_all_sources() {
    let manifest = |more: &str| {
        format!(
            "[package]\nname = \"hello\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
             [[bin]]\nname = \"bootstrap\"\npath = \"main.rs\"\n[workspace]\n\
             [profile.release]\nstrip = true\n{more}"
        )
    };
    let machine = with_docker(DOCKER);
    machine.write(
        "shared/Cargo.toml",
        "[package]\nname = \"shared\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    );
    machine.write("shared/src/lib.rs", "");
    for more in [
        "[dependencies]\nshared = { path = \"../shared\" }\n",
        "[dependencies]\nshared = \"0.1\"\n[patch.crates-io]\nshared = { path = \"../shared\" }\n",
    ] {
        machine.write("hello/Cargo.toml", &manifest(more));
        let mut run = run(&machine, &["build", "--container"]);
        run.stderr = run.stderr.replace("hello/../", "");
        let said = "\
error: a container gets only `HERE/hello`, and `shared` is in `HERE/shared`
hint: move it into the project, as `scaffold new --runtime embedded` does; or build without: \
         `--native` or `--zig`
";
        assert_eq!(run, Run::new(1, "", said));
        assert!(!machine.path("typed").exists());
    }

    // Where nobody asks for a container, it is the reason for a build without.
    let run = run(&machine, &["build"]);
    let arch = host();
    let start = format!("building hello for {arch} on this machine: a container gets only `HERE/");
    assert!(run.stderr.starts_with(&start), "{run:?}");
    assert_eq!(run.code, Some(0), "{run:?}");

    let inside = "[dependencies]\nshared = { path = \"shared\" }\n";
    machine.write("hello/Cargo.toml", &manifest(inside));
    fs::rename(machine.path("shared"), machine.path("hello/shared")).unwrap();
    let _ = self::run(&machine, &["build", "--container"]).success();
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn refuses_another_processor_that_nothing_emulates() {
    if std::path::Path::new("/proc/sys/fs/binfmt_misc/qemu-aarch64").exists() {
        return;
    }
    let machine = with_docker(DOCKER);
    let said = "\
error: docker runs on x86_64, and nothing here emulates arm64
hint: `docker run --privileged --rm tonistiigi/binfmt --install arm64` adds an emulator; or let zig \
         link: `--zig`
";
    let arguments = ["build", "--container", "--arch", "arm64"];
    assert_eq!(run(&machine, &arguments), Run::new(1, "", said));
    assert!(!machine.path("typed").exists());
}

/// A Rust toolchain that has `targets` beside its own, and says so.
fn with_targets(machine: Machine, targets: &[&str]) -> Machine {
    for target in targets {
        machine.write(&format!("lib/{target}/libstd-1.rlib"), "");
    }
    machine.without("rustc").with(
        "rustc",
        r#"case "$1" in -vV) echo "host: x86_64-unknown-linux-gnu" ;; *) echo "$HERE/lib/$4" ;; esac"#,
    )
}

#[test]
fn refuses_another_processor_without_its_standard_library() {
    let machine = with_targets(Machine::new(), &[]);
    let said = "\
error: Rust's standard library for `aarch64-unknown-linux-gnu` is not on this machine
hint: `rustup target add aarch64-unknown-linux-gnu`, or build in a container: `--container`
";
    let arguments = ["build", "--native", "--arch", "arm64"];
    assert_eq!(run(&machine, &arguments), Run::new(1, "", said));
}

#[test]
fn refuses_another_processor_without_its_linker() {
    let machine = with_targets(Machine::new(), &["aarch64-unknown-linux-gnu"]);
    let said = "\
error: no linker for arm64 is on this machine: `aarch64-linux-gnu-gcc`
hint: install it (on Debian, `apt install gcc-aarch64-linux-gnu`), let zig link: `--zig`, or build in \
         a container: `--container`
";
    let arguments = ["build", "--native", "--arch", "arm64"];
    assert_eq!(run(&machine, &arguments), Run::new(1, "", said));
}

#[test]
fn refuses_zig_without_zig() {
    let machine = Machine::new();
    let said = "\
error: `cargo-zigbuild` is not on `PATH`
hint: `pip install cargo-zigbuild ziglang`
";
    assert_eq!(run(&machine, &["build", "--zig"]), Run::new(1, "", said));
    let machine = machine.with("cargo-zigbuild", "exit 1");
    let said = "\
error: `zig` is not on `PATH`, and Python has no module `ziglang`
hint: `pip install cargo-zigbuild ziglang`
";
    assert_eq!(run(&machine, &["build", "--zig"]), Run::new(1, "", said));
}

/// By itself it asks `python3` only, which on Windows is no Python.
#[test]
fn tells_cargo_zigbuild_which_python_has_zig() {
    const CARGO: &str = r#"case "$1" in
    zigbuild) echo "$CARGO_ZIGBUILD_PYTHON_PATH" > "$HERE/python"; exit 1 ;;
esac
exec "$HERE/bin/real-cargo" "$@""#;
    let machine = Machine::new();
    fs::rename(machine.path("bin/cargo"), machine.path("bin/real-cargo")).unwrap();
    let machine = with_targets(machine, &["x86_64-unknown-linux-gnu"])
        .with("cargo", CARGO)
        .with("cargo-zigbuild", "")
        .with("python3", "exit 1")
        .with("python", r#"[ "$*" = "-m ziglang version" ]"#);
    assert_eq!(run(&machine, &["build", "--zig", "--arch", "x86_64"]).code, Some(1));
    assert_eq!(machine.read("python"), format!("{}\n", machine.path("bin/python").display()));
}

/// Cargo as it would be run for another machine: it writes what it was given, and makes nothing.
#[test]
fn cross_builds_are_what_cargo_understands() {
    const CARGO: &str = r#"case "$1" in build | zigbuild) echo "$*" > "$HERE/typed"; exit 1 ;; esac
exec "$HERE/bin/real-cargo" "$@""#;
    let machine = Machine::new();
    fs::rename(machine.path("bin/cargo"), machine.path("bin/real-cargo")).unwrap();
    fs::rename(machine.path("bin/rustc"), machine.path("bin/real-rustc")).unwrap();
    let targets = ["aarch64-unknown-linux-gnu", "aarch64-unknown-linux-musl"];
    let machine = machine
        .with("rustc", "")
        .with("cargo", CARGO)
        .with("cargo-zigbuild", "")
        .with("zig", "")
        .with("aarch64-linux-gnu-gcc", "");
    let machine = with_targets(machine, &targets);
    let manifest = dunce::canonicalize(machine.path("hello")).unwrap().join("Cargo.toml");
    let common = |subcommand: &str| {
        format!(
            "{subcommand} --message-format=json-render-diagnostics --bin bootstrap --profile release \
             --manifest-path {} --target",
            manifest.display()
        )
    };
    for (how, expected) in [
        (
            vec!["--native"],
            format!(
                "{} aarch64-unknown-linux-gnu --config \
                 target.aarch64-unknown-linux-gnu.linker=\"aarch64-linux-gnu-gcc\"\n",
                common("build")
            ),
        ),
        (vec!["--zig"], format!("{} aarch64-unknown-linux-gnu.2.34\n", common("zigbuild"))),
        (vec!["--zig", "--static"], format!("{} aarch64-unknown-linux-musl\n", common("zigbuild"))),
    ] {
        let arguments = [&["build", "--arch", "arm64"][..], &how].concat();
        assert_eq!(run(&machine, &arguments).code, Some(1));
        assert_eq!(machine.read("typed"), expected);
    }
}

#[test]
fn the_template_says_for_which_processor() {
    let machine = with_targets(Machine::new(), &[]);
    machine.write(
        "hello/template.yaml",
        "Globals: {Function: {Architectures: [arm64]}}\n\
         Resources: {Hello: {Type: AWS::Serverless::Function}}\n",
    );
    let run = run(&machine, &["build", "--native"]);
    assert!(run.stderr.contains("`aarch64-unknown-linux-gnu`"), "{run:?}");
}

/// As SAM reads it, and whatever else is wrong with it.
#[test]
fn the_template_says_by_parameters_and_mappings_for_which_processor() {
    let machine = with_targets(Machine::new(), &[]);
    for architecture in
        ["!Ref Machine", "!Sub '${Machine}'", "!FindInMap [Machines, live, architecture]"]
    {
        machine.write(
            "hello/template.yaml",
            &format!(
                "Parameters: {{Machine: {{Type: String, Default: arm64}}}}\n\
                 Mappings: {{Machines: {{live: {{architecture: arm64}}}}}}\n\
                 Conditions: {{Never: !Equals [a, b]}}\n\
                 Resources:\n\
                 \x20 Hello:\n\
                 \x20   Type: AWS::Serverless::Function\n\
                 \x20   Properties:\n\
                 \x20     Architectures: [{architecture}]\n\
                 \x20     Timeout: 901\n\
                 \x20     Events: {{Get: {{Type: Api, Properties: {{Path: bad}}}}}}\n\
                 \x20 Other: {{Type: AWS::Serverless::Function, Condition: Never}}\n"
            ),
        );
        let said = "\
error: Rust's standard library for `aarch64-unknown-linux-gnu` is not on this machine
hint: `rustup target add aarch64-unknown-linux-gnu`, or build in a container: `--container`
";
        assert_eq!(run(&machine, &["build", "--native"]), Run::new(1, "", said), "{architecture}");
    }
}

#[test]
fn guesses_no_processor() {
    let machine = Machine::new();
    machine.write(
        "hello/template.yaml",
        "Parameters: {Machine: {Type: String}}\n\
         Globals: {Function: {Architectures: [!Ref Machine]}}\n\
         Resources: {Hello: {Type: AWS::Serverless::Function}}\n",
    );
    let said = "\
error: HERE/hello/template.yaml:2: `Architectures` of `Hello` is `!Ref Machine`, which only a \
                deployment tells
hint: choose with `--arch x86_64` or `--arch arm64`, or give the parameter a `Default`
";
    assert_eq!(run(&machine, &["build", "--native"]), Run::new(1, "", said));
    let _ = run(&machine, &["build", "--native", "--arch", host()]).success();
    let bootstrap = "target/lambda/hello/bootstrap";
    let arguments = ["package", "--binary", bootstrap, "--output", "function.zip"];
    assert_eq!(run(&machine, &arguments), Run::new(1, "", said));
    let _ = run(&machine, &[&arguments[..], &["--arch", host()]].concat()).success();

    machine.write(
        "hello/template.yaml",
        "Resources:\n\
         \x20 A: {Type: AWS::Serverless::Function}\n\
         \x20 B: {Type: AWS::Serverless::Function, Properties: {Architectures: [arm64]}}\n\
         \x20 C: {Type: AWS::Serverless::Function, Properties: {Architectures: [x86_64]}}\n",
    );
    let said = "\
error: the functions of `HERE/hello/template.yaml` are for more than one processor
hint: choose one with `--arch x86_64` or `--arch arm64`
";
    assert_eq!(run(&machine, &["build", "--native"]), Run::new(2, "", said));

    machine.write(
        "hello/template.yaml",
        "Resources:\n\
         \x20 A:\n\
         \x20   Type: AWS::Serverless::Function\n\
         \x20   Properties: {Architectures: [arm]}\n",
    );
    let said = "\
error: HERE/hello/template.yaml:4: `Architectures` of `A` is not `[x86_64]` or `[arm64]`
hint: `sam validate --lint` says more about the template
";
    assert_eq!(run(&machine, &["build", "--native"]), Run::new(1, "", said));
}

#[test]
fn one_method_at_a_time() {
    let run = run(&Machine::new(), &["build", "--native", "--zig"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("'--native' cannot be used with '--zig'"), "{run:?}");
}

/// A machine with something to pack.
fn with_bootstrap() -> Machine {
    let machine = Machine::new();
    fs::write(machine.path("hello/bootstrap"), Elf::good().bytes()).unwrap();
    machine.write("hello/config/b.toml", "b = 1\n");
    machine.write("hello/config/a/run.sh", "#!/bin/sh\n");
    let executable = fs::Permissions::from_mode(0o700);
    fs::set_permissions(machine.path("hello/config/a/run.sh"), executable).unwrap();
    machine.write("shared/rules.json", "{}\n");
    machine
}

const INCLUDE: [&str; 4] = ["--include", "config", "--include", "../shared/rules.json=rules.json"];

fn pack(machine: &Machine, output: &str, more: &[&str]) -> Run {
    let first = ["package", "--binary", "bootstrap", "--output", output];
    run(machine, &[&first, more].concat())
}

#[test]
fn packs_the_executable_and_what_is_included() {
    let machine = with_bootstrap();
    let said = format!(
        "\
packed function.zip: SIZE, SIZE unpacked
  755 bootstrap (SIZE)
  755 config/a/run.sh (SIZE)
  644 config/b.toml (SIZE)
  644 rules.json (SIZE)
{OK}"
    );
    assert_eq!(pack(&machine, "function.zip", &INCLUDE), Run::new(0, "", said));
}

/// Whenever, wherever and by whoever it is packed.
#[test]
fn packs_the_same_bytes_again() {
    let machine = with_bootstrap();
    let _ = pack(&machine, "one.zip", &INCLUDE).success();
    let later = std::time::SystemTime::now() - std::time::Duration::from_hours(25_000);
    for file in ["bootstrap", "config/b.toml"] {
        let file = fs::File::options().write(true).open(machine.path("hello").join(file)).unwrap();
        file.set_modified(later).unwrap();
    }
    fs::set_permissions(machine.path("hello/bootstrap"), fs::Permissions::from_mode(0o600))
        .unwrap();
    let reversed = [INCLUDE[2], INCLUDE[3], INCLUDE[0], "./config/"];
    let _ = pack(&machine, "two.zip", &reversed).success();
    let read = |name: &str| fs::read(machine.path("hello").join(name)).unwrap();
    assert!(read("one.zip") == read("two.zip"));
}

/// Two other programs read it.
#[test]
fn others_read_it() {
    let machine = with_bootstrap();
    let _ = pack(&machine, "function.zip", &INCLUDE).success();
    let zip = machine.path("hello/function.zip");

    let script = "import sys, zipfile\n\
                  z = zipfile.ZipFile(sys.argv[1])\n\
                  assert z.testzip() is None\n\
                  for i in z.infolist(): print(oct(i.external_attr >> 16), i.date_time[0], i.filename)";
    let python = Command::new("python3").args(["-c", script]).arg(&zip).output().unwrap();
    let expected = "\
0o100755 1980 bootstrap
0o100755 1980 config/a/run.sh
0o100644 1980 config/b.toml
0o100644 1980 rules.json
";
    assert_eq!(Run::from(python), Run::new(0, expected, ""));

    if let Ok(unzip) = Command::new("unzip").arg("-Z1").arg(&zip).output() {
        let expected = "bootstrap\nconfig/a/run.sh\nconfig/b.toml\nrules.json\n";
        assert_eq!(Run::from(unzip), Run::new(0, expected, ""));
        let _ = Run::from(Command::new("unzip").arg("-tqq").arg(&zip).output().unwrap()).success();
    }
}

#[test]
fn builds_what_it_packs() {
    let machine = Machine::new();
    let run = run(&machine, &["package", "--native", "--json"]);
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(found["problems"], json!([]));
    assert_eq!(found["package"]["files"][0]["mode"], "755");
    assert!(machine.path("hello/target/lambda/hello/bootstrap.zip").is_file());
}

/// The zip is made, and its problems are said.
#[test]
fn inspects_what_it_packs() {
    let machine = with_bootstrap();
    let other = Elf { machine: ARM64, ..Elf::without_libraries() };
    fs::write(machine.path("hello/bootstrap"), other.bytes()).unwrap();
    let run = pack(&machine, "function.zip", &["--arch", "x86_64"]);
    let expected = "\
error: `bootstrap` is built for arm64, and `--arch` says x86_64
hint: build it with `scaffold build --arch x86_64`, or have the template say `Architectures: [arm64]`
";
    assert!(run.stderr.ends_with(expected), "{run:?}");
    assert_eq!(run.code, Some(1));
}

#[test]
fn refuses_to_pack_outside_of_the_root() {
    let machine = with_bootstrap();
    for place in ["../shared", "/etc/hosts", "config=../up", "config="] {
        let run = pack(&machine, "function.zip", &["--include", place]);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.stderr.contains("is no place in a zip"), "{run:?}");
    }
    assert!(!machine.path("hello/function.zip").exists());
}

#[test]
fn refuses_to_pack_two_files_of_one_name() {
    let machine = with_bootstrap();
    let expected = |name| {
        let said = format!(
            "error: two files would be `{name}` in the zip\n\
             hint: give one of them another name: `--include PATH=NAME`\n"
        );
        Run::new(1, "", said)
    };
    let arguments = ["--include", "config", "--include", "Cargo.toml=config/b.toml"];
    assert_eq!(pack(&machine, "function.zip", &arguments), expected("config/b.toml"));
    let arguments = ["--include", "Cargo.toml=bootstrap"];
    assert_eq!(pack(&machine, "function.zip", &arguments), expected("bootstrap"));
}

#[test]
fn refuses_to_pack_what_is_not_there() {
    let machine = with_bootstrap();
    let run = pack(&machine, "function.zip", &["--include", "nothing"]);
    assert!(run.stderr.starts_with("error: cannot include `nothing`\n  caused by: "), "{run:?}");
    assert!(!machine.path("hello/function.zip").exists());
}
