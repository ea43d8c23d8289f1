//! `scaffold build` and `scaffold package`: their choices, their refusals and the files they write.

use std::fs;
use std::num::NonZero;
use std::os::unix::fs::PermissionsExt;

use lambda_native_tests::assert_run;
use lambda_native_tests::command::{Run, program};
use lambda_native_tests::elf::{ARM64, Elf};
use lambda_native_tests::machine::Machine;
use lambda_native_tests::snapshot::normalise;
use lambda_native_tests::terminal::{ENTER, Terminal};
use serde_json::{Value, json};

/// A container engine that copies a file instead of building it.
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

const COLUMNS: NonZero<u16> = NonZero::new(200).unwrap();

/// A machine with a container engine and a `Dockerfile`.
fn with_docker(script: &str) -> Machine {
    let machine = Machine::new().with("docker", script);
    machine.write("hello/Dockerfile", DOCKERFILE);
    fs::write(machine.path("made"), Elf::good().bytes()).unwrap();
    machine
}

/// Runs `scaffold`; sizes and glibc versions depend on the machine that builds.
fn run(machine: &Machine, arguments: &[&str]) -> Run {
    let run = machine.scaffold(arguments).run();
    run.replace("[0-9.]+ [kM]?B", "[SIZE]").replace("(?m)glibc [0-9.]+$", "glibc [VERSION]")
}

/// The same, for a build for this machine's own processor.
fn run_for_host(machine: &Machine, arguments: &[&str]) -> Run {
    run(machine, arguments).replace(host(), "[HOST]")
}

fn host() -> &'static str {
    if cfg!(target_arch = "x86_64") { "x86_64" } else { "arm64" }
}

#[test]
fn builds_natively_without_a_dockerfile() {
    let machine = Machine::new();
    assert_run!(run_for_host(&machine, &["build"]), @"
    exit code: 0
    ----- stderr -----
    building hello for [HOST] on this machine (container: no `Dockerfile` with a stage `artifact` in `[TEMP]/hello`; native: Rust and its target `[HOST]-unknown-linux-gnu`; then zig)
    built target/lambda/hello/bootstrap: [SIZE], [HOST], dynamic, glibc [VERSION]
    ok: ready for Lambda

    next:
      [TARGET]/debug/under-test/scaffold package --binary target/lambda/hello/bootstrap
      [TARGET]/debug/under-test/scaffold deploy
    ");
    let made = machine.path("hello/target/lambda/hello/bootstrap");
    assert_eq!(made.metadata().unwrap().permissions().mode() & 0o777, 0o755);
    assert!(program(made).status().unwrap().success());
    assert_eq!(fs::read_dir(machine.path("hello/target/lambda")).unwrap().count(), 1);
}

#[test]
fn inspects_what_it_builds() {
    let machine = Machine::new();
    assert_run!(run_for_host(&machine, &["build", "--native", "--profile", "dev"]), @"
    exit code: 1
    ----- stderr -----
    building hello for [HOST] on this machine
    built target/lambda/hello/bootstrap: [SIZE], [HOST], dynamic, glibc [VERSION]
    error: `[TEMP]/hello/target/lambda/hello/bootstrap` contains [SIZE] of debug information, which slows down cold starts
    hint: build it in release mode, and set `strip = true` under `[profile.release]` in `Cargo.toml`
    ");
}

#[test]
fn fails_if_cargo_fails() {
    let machine = Machine::new();
    machine.write("hello/main.rs", "fn main() { broken }\n");
    let run = run_for_host(&machine, &["build", "--native"]);
    // The rest differs between versions of Rust.
    let run =
        run.replace(r"(?s)( `broken`).*(error: could not compile)[^\n]*", "$1 [...]\n$2 [...]");
    assert_run!(run, @"
    exit code: 1
    ----- stderr -----
    building hello for [HOST] on this machine
    error[E0425]: cannot find value `broken` [...]
    error: could not compile [...]
    error: cargo could not build the function
    ");
    assert!(!machine.path("hello/target/lambda/hello/bootstrap").exists());
}

#[test]
fn builds_in_a_container_below_a_folder_with_a_comma() {
    let machine = with_docker(DOCKER);
    machine.write("hello/Cargo.lock", "version = 4\n");
    let target = machine.path("a,b");
    let build = machine.scaffold(&["build"]).env("CARGO_TARGET_DIR", &target);
    let _ = build.current_dir(&machine.path("hello")).run().success();
    assert!(target.join("lambda/hello/bootstrap").is_file());
    let typed = machine.read("typed");
    assert!(typed.contains("--output type=local,dest=") && !typed.contains("a,b"), "{typed}");
}

#[test]
fn builds_in_a_container_if_an_engine_is_ready() {
    let machine = with_docker(DOCKER);
    machine.write("hello/Cargo.lock", "version = 4\n");
    assert_run!(run(&machine, &["build"]), @"
    exit code: 0
    ----- stderr -----
    building hello for x86_64 in a docker container (container: docker 20.10.24 is running; then native, zig)
    built target/lambda/hello/bootstrap: [SIZE], x86_64, dynamic, glibc [VERSION]
    ok: ready for Lambda

    next:
      [TARGET]/debug/under-test/scaffold package --binary target/lambda/hello/bootstrap
      [TARGET]/debug/under-test/scaffold deploy
    ");
    insta::assert_snapshot!(normalise(&machine.read("typed")), @"1 build --progress=plain --target artifact --build-arg ARCHITECTURE=amd64 --build-arg LINKING=dynamic --build-arg PROFILE=release --output type=local,dest=[TEMP]/hello/target/lambda/.build-[ID] [TEMP]/hello");
    assert_eq!(fs::read_dir(machine.path("hello/target/lambda")).unwrap().count(), 1);

    let arguments = [
        "build",
        "--container=docker",
        "--linking=static",
        "--profile",
        "small",
        "--",
        "--network=host",
    ];
    let _ = run(&machine, &arguments).success();
    insta::assert_snapshot!(normalise(&machine.read("typed")), @"1 build --progress=plain --target artifact --build-arg ARCHITECTURE=amd64 --build-arg LINKING=static --build-arg PROFILE=small --output type=local,dest=[TEMP]/hello/target/lambda/.build-[ID] --network=host [TEMP]/hello");
}

/// The container builds the locked versions, so the lock file must be there first.
#[test]
fn writes_a_lock_file_before_a_container_build() {
    let machine = with_docker(DOCKER);
    let _ = run(&machine, &["build"]).success();
    assert!(machine.read("hello/Cargo.lock").contains("name = \"hello\""));
}

#[test]
fn fails_if_the_engine_fails() {
    let machine = with_docker(
        "case $1 in version) echo amd64 20.10.24 20.10.24 ;; *) echo no space left >&2; exit 7 ;; esac",
    );
    assert_run!(run(&machine, &["build", "--container"]), @"
    exit code: 1
    ----- stderr -----
    building hello for x86_64 in a docker container
    no space left
    error: docker could not build the function
    ");
}

#[test]
fn builds_natively_if_no_engine_is_ready() {
    let cases = [
        "echo Cannot connect to the Docker daemon >&2; exit 1",
        "case $1 in version) echo amd64 28.2.2 28.2.2 ;; *) exit 1 ;; esac",
    ]
    .map(|script| (script, run_for_host(&with_docker(script), &["build"])));
    assert_run!(Vec::from(cases), @"
    # echo Cannot connect to the Docker daemon >&2; exit 1
    exit code: 0
    ----- stderr -----
    building hello for [HOST] on this machine (container: no container engine is ready: `[TEMP]/bin/docker` failed: `Cannot connect to the Docker daemon`; native: Rust and its target `[HOST]-unknown-linux-gnu`; then zig)
    built target/lambda/hello/bootstrap: [SIZE], [HOST], dynamic, glibc [VERSION]
    ok: ready for Lambda

    next:
      [TARGET]/debug/under-test/scaffold package --binary target/lambda/hello/bootstrap
      [TARGET]/debug/under-test/scaffold deploy

    # case $1 in version) echo amd64 28.2.2 28.2.2 ;; *) exit 1 ;; esac
    exit code: 0
    ----- stderr -----
    building hello for [HOST] on this machine (container: no container engine is ready: `[TEMP]/bin/docker` has no buildx, which builds images; native: Rust and its target `[HOST]-unknown-linux-gnu`; then zig)
    built target/lambda/hello/bootstrap: [SIZE], [HOST], dynamic, glibc [VERSION]
    ok: ready for Lambda

    next:
      [TARGET]/debug/under-test/scaffold package --binary target/lambda/hello/bootstrap
      [TARGET]/debug/under-test/scaffold deploy
    ");
}

#[test]
fn refuses_a_container_if_no_engine_is_ready() {
    let machine = Machine::new();
    machine.write("hello/Dockerfile", DOCKERFILE);
    assert_run!(run(&machine, &["build", "--container"]), @"
    exit code: 1
    ----- stderr -----
    error: no container engine is ready: none of `docker`, `podman` and `finch` is on `PATH`
    hint: install Docker, Podman or Finch, or build without a container: `--native`
    ");
    assert_run!(run(&machine, &["build", "--container=podman"]), @"
    exit code: 1
    ----- stderr -----
    error: no container engine is ready: `podman` is not on `PATH`
    hint: install Docker, Podman or Finch, or build without a container: `--native`
    ");

    let machine = machine.with("docker", "echo Cannot connect to the Docker daemon >&2; exit 1");
    assert_run!(run(&machine, &["build", "--container"]), @"
    exit code: 1
    ----- stderr -----
    error: no container engine is ready: `[TEMP]/bin/docker` failed: `Cannot connect to the Docker daemon`
    hint: start one: Docker Desktop, `sudo systemctl start docker`, `podman machine start` or `finch vm start`, or build without a container: `--native`
    ");
}

#[test]
fn refuses_a_container_without_a_dockerfile() {
    let machine = Machine::new().with("docker", DOCKER);
    assert_run!(run(&machine, &["build", "--container"]), @"
    exit code: 1
    ----- stderr -----
    error: no `Dockerfile` with a stage `artifact` in `[TEMP]/hello`
    hint: `scaffold new` creates one; or build without a container: `--native` or `--zig`
    ");
}

/// A container only gets the folder of the `Dockerfile`.
#[test]
fn refuses_a_container_that_would_not_get_all_sources() {
    let manifest = |more: &str| {
        format!(
            "[package]\nname = \"hello\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
             [[bin]]\nname = \"bootstrap\"\npath = \"main.rs\"\n[workspace]\n\
             [package.metadata.scaffold]\nlinking = \"dynamic\"\n\
             [profile.release]\nstrip = true\n{more}"
        )
    };
    let machine = with_docker(DOCKER);
    machine.write(
        "shared/Cargo.toml",
        "[package]\nname = \"shared\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    );
    machine.write("shared/src/lib.rs", "");
    let patched =
        "[dependencies]\nshared = \"0.1\"\n[patch.crates-io]\nshared = { path = \"../shared\" }\n";
    let cases = ["[dependencies]\nshared = { path = \"../shared\" }\n", patched].map(|more| {
        machine.write("hello/Cargo.toml", &manifest(more));
        let run = run(&machine, &["build", "--container"]);
        // Cargo keeps `..` in the paths of patches.
        (more, run.replace("hello/../", ""))
    });
    assert_run!(Vec::from(cases), @r#"
    # [dependencies]
    # shared = { path = "../shared" }
    exit code: 1
    ----- stderr -----
    error: a container gets only `[TEMP]/hello`, but the crate `shared` is in `[TEMP]/shared`
    hint: move it into the project, as `scaffold new --runtime embedded` does; or build without a container: `--native` or `--zig`

    # [dependencies]
    # shared = "0.1"
    # [patch.crates-io]
    # shared = { path = "../shared" }
    exit code: 1
    ----- stderr -----
    error: a container gets only `[TEMP]/hello`, but the crate `shared` is in `[TEMP]/shared`
    hint: move it into the project, as `scaffold new --runtime embedded` does; or build without a container: `--native` or `--zig`
    "#);
    assert!(!machine.path("typed").exists());

    // If nobody asks for a container, it is the reason to build without one.
    assert_run!(run_for_host(&machine, &["build"]), @"
    exit code: 0
    ----- stderr -----
    building hello for [HOST] on this machine (container: a container gets only `[TEMP]/hello`, but the crate `shared` is in `[TEMP]/hello/../shared`; native: Rust and its target `[HOST]-unknown-linux-gnu`; then zig)
    built target/lambda/hello/bootstrap: [SIZE], [HOST], dynamic, glibc [VERSION]
    ok: ready for Lambda

    next:
      [TARGET]/debug/under-test/scaffold package --binary target/lambda/hello/bootstrap
      [TARGET]/debug/under-test/scaffold deploy
    ");

    let inside = "[dependencies]\nshared = { path = \"shared\" }\n";
    machine.write("hello/Cargo.toml", &manifest(inside));
    fs::rename(machine.path("shared"), machine.path("hello/shared")).unwrap();
    let _ = run(&machine, &["build", "--container"]).success();
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn refuses_an_architecture_that_nothing_emulates() {
    let machine = with_docker(DOCKER);
    let arguments = ["build", "--container", "--arch", "arm64"];
    if std::path::Path::new("/proc/sys/fs/binfmt_misc/qemu-aarch64").exists() {
        // Something does on this machine: the engine is asked.
        let _ = run(&machine, &arguments);
        assert!(machine.read("typed").contains("ARCHITECTURE=arm64"));
        return;
    }
    assert_run!(run(&machine, &arguments), @"
    exit code: 1
    ----- stderr -----
    error: docker runs on x86_64 and cannot emulate arm64
    hint: add an emulator with `docker run --privileged --rm tonistiigi/binfmt --install arm64`, or build with `--zig`
    ");
    assert!(!machine.path("typed").exists());
}

/// A Rust toolchain for `x86_64` with these targets and with the linker that Rust ships. `real-rustc` and
/// `real-cargo` are this machine's.
fn with_targets(machine: Machine, targets: &[&str]) -> Machine {
    for target in targets {
        machine.write(&format!("lib/{target}/libstd-1.rlib"), "");
    }
    machine.write(RUST_LLD, "");
    for program in ["cargo", "rustc"] {
        let real = machine.path(&format!("bin/real-{program}"));
        fs::rename(machine.path(&format!("bin/{program}")), real).unwrap();
    }
    machine.with("rustc", RUSTC).with("cargo", CARGO)
}

const RUST_LLD: &str = "sysroot/lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld";

/// Says where everything is, and leaves the rest to this machine's compiler.
const RUSTC: &str = r#"case "$1 $2" in
    "-vV ") echo "host: x86_64-unknown-linux-gnu" ;;
    "--print sysroot") echo "$HERE/sysroot" ;;
    "--print target-libdir") echo "$HERE/lib/$4" ;;
    *) exec "$HERE/bin/real-rustc" "$@" ;;
esac"#;

/// Writes down how it is asked to build, and with which C compilers, and builds nothing.
const CARGO: &str = r#"case "$1" in
    build | zigbuild) { echo "$*"; env | grep '^CC_'; } > "$HERE/typed"; exit 1 ;;
esac
RUSTC="$HERE/bin/real-rustc" exec "$HERE/bin/real-cargo" "$@""#;

/// Adds a target, as `rustup target add` does.
const RUSTUP: &str =
    r#"echo "$*" > "$HERE/added"; mkdir -p "$HERE/lib/$3"; touch "$HERE/lib/$3/libstd-1.rlib""#;

#[test]
fn refuses_an_architecture_without_its_standard_library() {
    let machine = with_targets(Machine::new(), &[]);
    let arguments = ["build", "--native", "--arch", "arm64", "--linking", "static"];
    assert_run!(run(&machine, &arguments), @"
    exit code: 1
    ----- stderr -----
    error: the standard library of Rust for `aarch64-unknown-linux-musl` is not installed
    hint: install Rust with rustup (https://rustup.rs) and run `rustup target add aarch64-unknown-linux-musl`, or build in a container: `--container`
    ");
    let machine = machine.with("rustup", RUSTUP);
    assert_run!(run(&machine, &arguments), @"
    exit code: 1
    ----- stderr -----
    error: the standard library of Rust for `aarch64-unknown-linux-musl` is not installed
    hint: run `rustup target add aarch64-unknown-linux-musl` or pass `--add-target`, or build in a container: `--container`
    ");
    assert!(!machine.path("added").exists() && !machine.path("typed").exists());
}

#[test]
fn adds_a_target_if_it_is_told_to() {
    let machine = with_targets(Machine::new(), &[]).with("rustup", RUSTUP);
    let arguments = ["build", "--native", "--arch", "arm64", "--linking=static", "--add-target"];
    assert_run!(run(&machine, &arguments), @"
    exit code: 1
    ----- stderr -----
    building hello for arm64 on this machine
    error: cargo could not build the function
    ");
    assert_eq!(machine.read("added"), "target add aarch64-unknown-linux-musl\n");
}

#[test]
fn asks_before_it_adds_a_target() {
    let machine = with_targets(Machine::new(), &[]).with("rustup", RUSTUP);
    let arguments = ["build", "--native", "--arch=arm64", "--linking=static"];
    let path = format!("{}:/usr/bin:/bin", machine.path("bin").display());
    let environment = [("PATH", path.as_str())];
    let answer = |answer: &str| {
        let folder = machine.path("hello");
        let mut terminal = Terminal::start_as(&arguments, &folder, COLUMNS, &environment);
        terminal.wait_for("Add the Rust target `aarch64-unknown-linux-musl`?");
        terminal.send(answer);
        terminal.send(ENTER);
        terminal.end()
    };
    let screen = answer("n");
    assert_eq!(screen.code, Some(1), "{screen:?}");
    assert!(screen.text.contains("is not installed"), "{screen:?}");
    assert!(!machine.path("added").exists());

    // The stand-in for cargo fails.
    assert_eq!(answer("y").last_line(), "error: cargo could not build the function");
    assert_eq!(machine.read("added"), "target add aarch64-unknown-linux-musl\n");
}

#[test]
fn fails_if_rustup_cannot_add_a_target() {
    let offline = "echo 'error: could not download file' >&2; exit 1";
    let machine = with_targets(Machine::new(), &[]).with("rustup", offline);
    let good = "target/lambda/hello/bootstrap";
    machine.write(&format!("hello/{good}"), "a good executable");
    let arguments = ["build", "--native", "--arch", "arm64", "--linking=static", "--add-target"];
    assert_run!(run(&machine, &arguments), @"
    exit code: 1
    ----- stderr -----
    error: could not download file
    error: rustup could not add the target `aarch64-unknown-linux-musl`
    hint: check the network and run the command again, or build in a container: `--container`
    ");
    assert_eq!(machine.read(&format!("hello/{good}")), "a good executable");
}

/// Rust of a Linux distribution has no linker of its own.
#[test]
fn refuses_a_static_build_without_a_linker() {
    let machine = with_targets(Machine::new(), &["x86_64-unknown-linux-musl"]);
    fs::remove_file(machine.path(RUST_LLD)).unwrap();
    let arguments = ["build", "--native", "--arch", "x86_64", "--linking=static"];
    assert_run!(run(&machine, &arguments), @"
    exit code: 1
    ----- stderr -----
    error: this Rust comes without its linker `rust-lld`
    hint: install Rust with rustup (https://rustup.rs), or build with `--container` or `--zig`
    ");
    // The user's own linker will do.
    let variable = "CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER";
    let run = machine.scaffold(&arguments).env(variable, "own-linker").run();
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(!machine.read("typed").contains("linker="));
}

#[test]
fn refuses_an_architecture_without_its_linker() {
    let machine = with_targets(Machine::new(), &["aarch64-unknown-linux-gnu"]);
    let arguments = ["build", "--native", "--arch", "arm64"];
    assert_run!(run(&machine, &arguments), @"
    exit code: 1
    ----- stderr -----
    error: no linker for arm64: `aarch64-linux-gnu-gcc` is not on `PATH`
    hint: install it (on Debian: `apt install gcc-aarch64-linux-gnu`), or build with `--zig` or `--container`
    ");
}

#[test]
fn refuses_a_processor_that_lambda_does_not_support() {
    let machine = with_targets(Machine::new(), &[]);
    let machine = machine.with("rustc", "echo host: riscv64gc-unknown-linux-gnu");
    assert_run!(run(&machine, &["build", "--native"]), @"
    exit code: 2
    ----- stderr -----
    error: Lambda does not support the processor of this machine, `riscv64gc`
    hint: choose one with `--arch x86_64` or `--arch arm64`
    ");
}

/// A project with these dependencies, all of them folders in it. `zlib` and `ring` compile C;
/// `generator` does so too, but runs only during the build.
fn with_crates(machine: Machine, dependencies: &str) -> Machine {
    let package = |name: &str, more: &str| {
        let head =
            format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        machine.write(&format!("hello/{name}/Cargo.toml"), &format!("{head}{more}"));
        machine.write(&format!("hello/{name}/src/lib.rs"), "");
        machine.write(&format!("hello/{name}/build.rs"), "fn main() {}");
    };
    package("cc", "");
    for name in ["zlib", "ring", "generator"] {
        package(name, "[build-dependencies]\ncc = { path = \"../cc\" }\n");
    }
    package("macros", "[lib]\nproc-macro = true\n[dependencies]\nzlib = { path = \"../zlib\" }\n");
    package("client", "[dependencies]\nring = { path = \"../ring\" }\n");
    package(
        "pure",
        "[build-dependencies]\ngenerator = { path = \"../generator\" }\n\
                     [dependencies]\nmacros = { path = \"../macros\" }\n\
                     [dev-dependencies]\nzlib = { path = \"../zlib\" }\n",
    );
    let dependencies: Vec<_> = dependencies
        .split_whitespace()
        .map(|name| format!("{name} = {{ path = \"{name}\" }}\n"))
        .collect();
    let dependencies = dependencies.concat();
    let manifest = machine.read("hello/Cargo.toml").replace("dynamic", "static");
    machine.write("hello/Cargo.toml", &format!("{manifest}[dependencies]\n{dependencies}"));
    machine
}

const MUSL: [&str; 2] = ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"];

#[test]
fn refuses_c_code_without_a_c_compiler() {
    let cases =
        ["zlib --arch=x86_64", "zlib client --arch=arm64", "client --arch=arm64"].map(|case| {
            let (dependencies, architecture) = case.rsplit_once(' ').unwrap();
            let machine = with_crates(with_targets(Machine::new(), &MUSL), dependencies);
            (case, run(&machine, &["build", "--native", architecture]))
        });
    assert_run!(Vec::from(cases), @"
    # zlib --arch=x86_64
    exit code: 1
    ----- stderr -----
    error: the crate `zlib` compiles C, and there is no C compiler for `x86_64-unknown-linux-musl` on `PATH`
    hint: install one (on Debian: `apt install musl-tools`) or name it in `CC_x86_64_unknown_linux_musl`, or build with `--container`, `--zig` or `--linking dynamic`

    # zlib client --arch=arm64
    exit code: 1
    ----- stderr -----
    error: the crates `ring` and `zlib` compile C, and there is no C compiler for `aarch64-unknown-linux-musl` on `PATH`
    hint: install `aarch64-linux-musl-gcc` or name it in `CC_aarch64_unknown_linux_musl`, or build with `--container`, `--zig` or `--linking dynamic`

    # client --arch=arm64
    exit code: 1
    ----- stderr -----
    error: the crate `ring` compiles C, and there is no C compiler for `aarch64-unknown-linux-musl` on `PATH`
    hint: install one (on Debian: `apt install gcc-aarch64-linux-gnu`) or name it in `CC_aarch64_unknown_linux_musl`, or build with `--container`, `--zig` or `--linking dynamic`
    ");
}

/// The arguments and the C compilers that cargo gets.
#[test]
fn takes_the_c_compiler_that_suits() {
    let cases =
        ["pure", "zlib musl-gcc", "zlib x86_64-linux-musl-gcc musl-gcc", "client"].map(|case| {
            let (dependencies, compilers) = case.split_once(' ').unwrap_or((case, ""));
            let mut machine = with_crates(with_targets(Machine::new(), &MUSL), dependencies);
            for compiler in compilers.split_whitespace() {
                machine = machine.with(compiler, "");
            }
            let run = run(&machine, &["build", "--native", "--arch", "x86_64"]);
            assert!(run.stderr.ends_with("error: cargo could not build the function\n"), "{run:?}");
            let typed = machine.read("typed");
            let (_, typed) = typed.split_once("Cargo.toml ").unwrap();
            format!("{case}: {typed}")
        });
    insta::assert_snapshot!(cases.concat(), @r#"
    pure: --target x86_64-unknown-linux-musl --config target.x86_64-unknown-linux-musl.linker="rust-lld"
    zlib musl-gcc: --target x86_64-unknown-linux-musl --config target.x86_64-unknown-linux-musl.linker="rust-lld"
    CC_x86_64_unknown_linux_musl=musl-gcc
    zlib x86_64-linux-musl-gcc musl-gcc: --target x86_64-unknown-linux-musl --config target.x86_64-unknown-linux-musl.linker="rust-lld"
    CC_x86_64_unknown_linux_musl=x86_64-linux-musl-gcc
    client: --target x86_64-unknown-linux-musl --config target.x86_64-unknown-linux-musl.linker="rust-lld"
    CC_x86_64_unknown_linux_musl=cc
    "#);
    let machine = with_crates(with_targets(Machine::new(), &MUSL), "zlib");
    let named =
        machine.scaffold(&["build", "--native", "--arch=arm64"]).env("TARGET_CC", "own-gcc");
    assert_eq!(named.run().code, Some(1));
    assert!(machine.read("typed").starts_with("build "));
}

#[test]
fn tries_the_methods_in_order_and_explains_its_choice() {
    let native = with_crates(with_targets(Machine::new(), &MUSL), "pure");
    let container = with_crates(with_targets(with_docker(DOCKER), &MUSL), "zlib");
    let zig = with_crates(with_targets(Machine::new(), &MUSL), "zlib");
    let zig = zig.with("cargo-zigbuild", "").with("zig", "");
    let none = with_crates(with_targets(Machine::new(), &MUSL), "zlib");
    let cases = [("native", native), ("container", container), ("zig", zig), ("none", none)];
    let cases = cases.map(|(name, machine)| (name, run(&machine, &["build", "--arch=x86_64"])));
    assert_run!(Vec::from(cases), @"
    # native
    exit code: 1
    ----- stderr -----
    building hello for x86_64 on this machine (native: Rust and its target `x86_64-unknown-linux-musl`, linked with `rust-lld`; then container, zig)
    error: cargo could not build the function

    # container
    exit code: 0
    ----- stderr -----
    building hello for x86_64 in a docker container (native: the crate `zlib` compiles C, and there is no C compiler for `x86_64-unknown-linux-musl` on `PATH`; container: docker 20.10.24 is running; then zig)
    built target/lambda/hello/bootstrap: [SIZE], x86_64, dynamic, glibc [VERSION]
    ok: ready for Lambda

    next:
      [TARGET]/debug/under-test/scaffold package --binary target/lambda/hello/bootstrap
      [TARGET]/debug/under-test/scaffold deploy

    # zig
    exit code: 1
    ----- stderr -----
    building hello for x86_64 on this machine with zig as the linker (native: the crate `zlib` compiles C, and there is no C compiler for `x86_64-unknown-linux-musl` on `PATH`; container: no `Dockerfile` with a stage `artifact` in `[TEMP]/hello`; zig: cargo-zigbuild is installed)
    error: cargo could not build the function

    # none
    exit code: 1
    ----- stderr -----
    error: the crate `zlib` compiles C, and there is no C compiler for `x86_64-unknown-linux-musl` on `PATH`
    hint: install one (on Debian: `apt install musl-tools`) or name it in `CC_x86_64_unknown_linux_musl`, or build with `--container`, `--zig` or `--linking dynamic`
    ");
}

#[test]
fn refuses_zig_without_zig() {
    let machine = Machine::new();
    assert_run!(run(&machine, &["build", "--zig"]), @"
    exit code: 1
    ----- stderr -----
    error: `cargo-zigbuild` is not on `PATH`
    hint: run `pip install cargo-zigbuild ziglang`
    ");
    let machine = machine.with("cargo-zigbuild", "exit 1");
    assert_run!(run(&machine, &["build", "--zig"]), @"
    exit code: 1
    ----- stderr -----
    error: `zig` is not on `PATH`, and Python has no module `ziglang`
    hint: run `pip install cargo-zigbuild ziglang`
    ");
}

/// By default it only tries `python3`, which on Windows is not Python.
#[test]
fn tells_cargo_zigbuild_which_python_has_zig() {
    const CARGO: &str = r#"case "$1" in
    zigbuild) echo "$CARGO_ZIGBUILD_PYTHON_PATH" > "$HERE/python"; exit 1 ;;
esac
RUSTC="$HERE/bin/real-rustc" exec "$HERE/bin/real-cargo" "$@""#;
    let machine = with_targets(Machine::new(), &["x86_64-unknown-linux-gnu"])
        .with("cargo", CARGO)
        .with("cargo-zigbuild", "")
        .with("python3", "exit 1")
        .with("python", r#"[ "$*" = "-m ziglang version" ]"#);
    assert_eq!(run(&machine, &["build", "--zig", "--arch", "x86_64"]).code, Some(1));
    assert_eq!(machine.read("python"), format!("{}\n", machine.path("bin/python").display()));
}

#[test]
fn cross_compiles_with_arguments_that_cargo_understands() {
    let targets = [MUSL[0], MUSL[1], "aarch64-unknown-linux-gnu"];
    let machine = with_targets(Machine::new(), &targets)
        .with("cargo-zigbuild", "")
        .with("zig", "")
        .with("aarch64-linux-gnu-gcc", "");
    let methods = ["--native", "--zig"];
    let linkings = ["--linking=static", "--linking=dynamic"];
    let typed = methods.map(|method| {
        linkings.map(|linking| {
            let run = run(&machine, &["build", "--arch", "arm64", method, linking]);
            assert_eq!(run.code, Some(1), "{run:?}");
            machine.read("typed")
        })
    });
    insta::assert_snapshot!(normalise(&typed.concat().concat()), @r#"
    build --message-format=json-render-diagnostics --bin bootstrap --profile release --manifest-path [TEMP]/hello/Cargo.toml --target aarch64-unknown-linux-musl --config target.aarch64-unknown-linux-musl.linker="rust-lld"
    build --message-format=json-render-diagnostics --bin bootstrap --profile release --manifest-path [TEMP]/hello/Cargo.toml --target aarch64-unknown-linux-gnu --config target.aarch64-unknown-linux-gnu.linker="aarch64-linux-gnu-gcc"
    zigbuild --message-format=json-render-diagnostics --bin bootstrap --profile release --manifest-path [TEMP]/hello/Cargo.toml --target aarch64-unknown-linux-musl
    zigbuild --message-format=json-render-diagnostics --bin bootstrap --profile release --manifest-path [TEMP]/hello/Cargo.toml --target aarch64-unknown-linux-gnu.2.34
    "#);
}

#[test]
fn builds_for_the_architecture_of_the_template() {
    let machine = with_targets(Machine::new(), &[]);
    machine.write(
        "hello/template.yaml",
        "Globals: {Function: {Architectures: [arm64]}}\n\
         Resources: {Hello: {Type: AWS::Serverless::Function}}\n",
    );
    assert_run!(run(&machine, &["build", "--native"]), @"
    exit code: 1
    ----- stderr -----
    error: no linker for arm64: `aarch64-linux-gnu-gcc` is not on `PATH`
    hint: install it (on Debian: `apt install gcc-aarch64-linux-gnu`), or build with `--zig` or `--container`
    ");
}

/// Other mistakes in the template do not matter here.
#[test]
fn resolves_parameters_and_mappings_of_the_template() {
    let machine = with_targets(Machine::new(), &[]);
    let ways = ["!Ref Machine", "!Sub '${Machine}'", "!FindInMap [Machines, live, architecture]"];
    let cases = ways.map(|architecture| {
        let template = r"
Parameters: {Machine: {Type: String, Default: arm64}}
Mappings: {Machines: {live: {architecture: arm64}}}
Conditions: {Never: !Equals [a, b]}
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Architectures: [$ARCHITECTURE]
      Timeout: 901
      Events: {Get: {Type: Api, Properties: {Path: bad}}}
  Other: {Type: AWS::Serverless::Function, Condition: Never}
";
        machine.write("hello/template.yaml", &template.replace("$ARCHITECTURE", architecture));
        (architecture, run(&machine, &["build", "--native"]))
    });
    assert_run!(Vec::from(cases), @"
    # !Ref Machine
    exit code: 1
    ----- stderr -----
    error: no linker for arm64: `aarch64-linux-gnu-gcc` is not on `PATH`
    hint: install it (on Debian: `apt install gcc-aarch64-linux-gnu`), or build with `--zig` or `--container`

    # !Sub '${Machine}'
    exit code: 1
    ----- stderr -----
    error: no linker for arm64: `aarch64-linux-gnu-gcc` is not on `PATH`
    hint: install it (on Debian: `apt install gcc-aarch64-linux-gnu`), or build with `--zig` or `--container`

    # !FindInMap [Machines, live, architecture]
    exit code: 1
    ----- stderr -----
    error: no linker for arm64: `aarch64-linux-gnu-gcc` is not on `PATH`
    hint: install it (on Debian: `apt install gcc-aarch64-linux-gnu`), or build with `--zig` or `--container`
    ");
}

#[test]
fn does_not_guess_the_architecture() {
    let machine = Machine::new();
    machine.write(
        "hello/template.yaml",
        "Parameters: {Machine: {Type: String}}\n\
         Globals: {Function: {Architectures: [!Ref Machine]}}\n\
         Resources: {Hello: {Type: AWS::Serverless::Function}}\n",
    );
    assert_run!(run(&machine, &["build", "--native"]), @"
    exit code: 1
    ----- stderr -----
    error: [TEMP]/hello/template.yaml:2: `Architectures` of `Hello` is `!Ref Machine`, which is known only after deployment
    hint: pass `--arch x86_64` or `--arch arm64`, or give the parameter a `Default`
    ");
    let _ = run(&machine, &["build", "--native", "--arch", host()]).success();
    let bootstrap = "target/lambda/hello/bootstrap";
    let arguments = ["package", "--binary", bootstrap, "--output", "function.zip"];
    assert_run!(run(&machine, &arguments), @"
    exit code: 1
    ----- stderr -----
    error: [TEMP]/hello/template.yaml:2: `Architectures` of `Hello` is `!Ref Machine`, which is known only after deployment
    hint: pass `--arch x86_64` or `--arch arm64`, or give the parameter a `Default`
    ");
    let _ = run(&machine, &[&arguments[..], &["--arch", host()]].concat()).success();

    machine.write(
        "hello/template.yaml",
        r"
Resources:
  A: {Type: AWS::Serverless::Function}
  B: {Type: AWS::Serverless::Function, Properties: {Architectures: [arm64]}}
  C: {Type: AWS::Serverless::Function, Properties: {Architectures: [x86_64]}}
",
    );
    assert_run!(run(&machine, &["build", "--native"]), @"
    exit code: 2
    ----- stderr -----
    error: the functions in `[TEMP]/hello/template.yaml` are for different processors
    hint: choose one with `--arch x86_64` or `--arch arm64`
    ");

    machine.write(
        "hello/template.yaml",
        r"
Resources:
  A:
    Type: AWS::Serverless::Function
    Properties: {Architectures: [arm]}
",
    );
    assert_run!(run(&machine, &["build", "--native"]), @"
    exit code: 1
    ----- stderr -----
    error: [TEMP]/hello/template.yaml:5: `Architectures` of `A` must be `[x86_64]` or `[arm64]`
    hint: `sam validate --lint` checks the whole template
    ");
}

#[test]
fn refuses_two_methods_at_once() {
    assert_run!(run(&Machine::new(), &["build", "--native", "--zig"]), @"
    exit code: 2
    ----- stderr -----
    error: the argument '--native' cannot be used with '--zig'

    Usage: scaffold build --native [-- <ARGUMENTS>...]

    For more information, try '--help'.
    ");
}

/// A machine with files to pack.
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
    assert_run!(pack(&machine, "function.zip", &INCLUDE), @"
    exit code: 0
    ----- stderr -----
    packed function.zip: [SIZE], [SIZE] unpacked
      755 bootstrap ([SIZE])
      755 config/a/run.sh ([SIZE])
      644 config/b.toml ([SIZE])
      644 rules.json ([SIZE])
    ok: ready for Lambda

    next:
      aws lambda update-function-code --function-name NAME --zip-file fileb://function.zip
    ");
}

#[test]
fn packs_the_same_bytes_every_time() {
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
    assert_eq!(read("one.zip"), read("two.zip"));
}

#[test]
fn other_programs_can_read_the_zip() {
    let machine = with_bootstrap();
    let _ = pack(&machine, "function.zip", &INCLUDE).success();
    let zip = machine.path("hello/function.zip");

    let script = "import sys, zipfile\n\
                  z = zipfile.ZipFile(sys.argv[1])\n\
                  assert z.testzip() is None\n\
                  for i in z.infolist(): print(oct(i.external_attr >> 16), i.date_time[0], i.filename)";
    let python = program("python3").args(["-c", script]).arg(&zip).output().unwrap();
    assert_run!(Run::from(python), @"
    exit code: 0
    ----- stdout -----
    0o100755 1980 bootstrap
    0o100755 1980 config/a/run.sh
    0o100644 1980 config/b.toml
    0o100644 1980 rules.json
    ");

    if let Ok(unzip) = program("unzip").arg("-Z1").arg(&zip).output() {
        assert_run!(Run::from(unzip), @"
        exit code: 0
        ----- stdout -----
        bootstrap
        config/a/run.sh
        config/b.toml
        rules.json
        ");
        let _ = Run::from(program("unzip").arg("-tqq").arg(&zip).output().unwrap()).success();
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

/// It writes the zip in any case.
#[test]
fn inspects_what_it_packs() {
    let machine = with_bootstrap();
    let other = Elf { machine: ARM64, ..Elf::without_libraries() };
    fs::write(machine.path("hello/bootstrap"), other.bytes()).unwrap();
    assert_run!(pack(&machine, "function.zip", &["--arch", "x86_64"]), @"
    exit code: 1
    ----- stderr -----
    packed function.zip: [SIZE], [SIZE] unpacked
      755 bootstrap ([SIZE])
    error: `bootstrap` is built for arm64, but `--arch` says x86_64
    hint: build it with `scaffold build --arch x86_64`, or set `Architectures: [arm64]` in the template
    ");
}

#[test]
fn refuses_to_pack_outside_of_the_root() {
    let machine = with_bootstrap();
    let cases = ["../shared", "/etc/hosts", "config=../up", "config="].map(|include| {
        (format!("--include {include}"), pack(&machine, "function.zip", &["--include", include]))
    });
    assert_run!(Vec::from(cases), @"
    # --include ../shared
    exit code: 2
    ----- stderr -----
    error: invalid value '../shared' for '--include <PATH[=NAME]>': `../shared` is not a valid path in a zip; write `../shared=NAME`, with a relative NAME without `..`

    For more information, try '--help'.

    # --include /etc/hosts
    exit code: 2
    ----- stderr -----
    error: invalid value '/etc/hosts' for '--include <PATH[=NAME]>': `/etc/hosts` is not a valid path in a zip; write `/etc/hosts=NAME`, with a relative NAME without `..`

    For more information, try '--help'.

    # --include config=../up
    exit code: 2
    ----- stderr -----
    error: invalid value 'config=../up' for '--include <PATH[=NAME]>': `../up` is not a valid path in a zip; write `config=NAME`, with a relative NAME without `..`

    For more information, try '--help'.

    # --include config=
    exit code: 2
    ----- stderr -----
    error: invalid value 'config=' for '--include <PATH[=NAME]>': `` is not a valid path in a zip; write `config=NAME`, with a relative NAME without `..`

    For more information, try '--help'.
    ");
    assert!(!machine.path("hello/function.zip").exists());
}

#[test]
fn refuses_to_pack_two_files_of_one_name() {
    let machine = with_bootstrap();
    let arguments = ["--include", "config", "--include", "Cargo.toml=config/b.toml"];
    assert_run!(pack(&machine, "function.zip", &arguments), @"
    exit code: 1
    ----- stderr -----
    error: two files would have the name `config/b.toml` in the zip
    hint: rename one of them with `--include PATH=NAME`
    ");
    let arguments = ["--include", "Cargo.toml=bootstrap"];
    assert_run!(pack(&machine, "function.zip", &arguments), @"
    exit code: 1
    ----- stderr -----
    error: two files would have the name `bootstrap` in the zip
    hint: rename one of them with `--include PATH=NAME`
    ");
}

#[test]
fn refuses_to_pack_a_missing_file() {
    let machine = with_bootstrap();
    assert_run!(pack(&machine, "function.zip", &["--include", "nothing"]), @"
    exit code: 1
    ----- stderr -----
    error: cannot include `nothing`
      caused by: IO error for operation on nothing: No such file or directory (os error 2)
      caused by: No such file or directory (os error 2)
    ");
    assert!(!machine.path("hello/function.zip").exists());
}
