//! `scaffold inspect`: descriptions of artifacts, and the problems that keep Lambda from running them.

use std::fs;
use std::io::{Cursor, Write};
use std::time::{Duration, SystemTime};

use lambda_native_tests::assert_run;
#[cfg(unix)]
use lambda_native_tests::command::program;
use lambda_native_tests::command::{Run, Scaffold};
use lambda_native_tests::elf::{ARM64, Elf, record, record_of_named};
use serde_json::Value;
use tempfile::{TempDir, tempdir};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, System, ZipWriter};

/// Runs `scaffold inspect` in the folder.
fn inspect(folder: &TempDir, arguments: &[&str]) -> Run {
    let arguments = ["inspect"].iter().chain(arguments);
    Scaffold::new(arguments).current_dir(folder.path()).run()
}

/// Runs `scaffold inspect` without the description on standard output: the problems.
fn problems_of(folder: &TempDir, arguments: &[&str]) -> Run {
    Run { stdout: String::new(), ..inspect(folder, arguments) }
}

/// Inspects an executable with these bytes.
fn problems(bytes: &[u8], arguments: &[&str]) -> Run {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("bootstrap"), bytes).unwrap();
    problems_of(&folder, &[&["bootstrap"], arguments].concat())
}

/// Inspects a zip with these bytes.
fn zip_problems(bytes: &[u8]) -> Run {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("function.zip"), bytes).unwrap();
    problems_of(&folder, &["function.zip"])
}

/// The options of a file in a zip made on Linux, on whichever system this runs.
fn options() -> SimpleFileOptions {
    SimpleFileOptions::default().system(System::Unix)
}

/// A zip of files: names, modes and contents.
fn zip(files: &[(&str, u32, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, mode, contents) in files {
        let options = options().unix_permissions(*mode);
        zip.start_file(*name, options).unwrap();
        zip.write_all(contents).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn good() -> Vec<u8> {
    Elf::good().bytes()
}

#[test]
fn inspects_what_was_built_last() {
    let folder = tempdir().unwrap();
    let write = |path: &str, bytes: &[u8], age: u64| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        let time = SystemTime::now() - Duration::from_secs(age);
        fs::File::options().append(true).open(path).unwrap().set_modified(time).unwrap();
    };
    let title = || inspect(&folder, &[]).stdout.lines().next().map(str::to_owned);
    assert_run!(inspect(&folder, &[]), @"
    exit code: 1
    ----- stderr -----
    error: nothing of this project has been built for Lambda
    hint: run `scaffold build`, or name a file: `scaffold inspect FILE`
    ");
    write("Cargo.toml", b"[package]\nname = \"hello\"\n", 0);
    write("src/main.rs", b"fn main() {}\n", 0);
    assert_run!(inspect(&folder, &[]), @"
    exit code: 1
    ----- stderr -----
    error: nothing of this project has been built for Lambda
    hint: run `scaffold build`, or name a file: `scaffold inspect FILE`
    ");

    write("target/lambda/old/bootstrap", &good(), 90);
    write("target/lambda/hello/bootstrap", &good(), 60);
    assert_eq!(title().as_deref(), Some("target/lambda/hello/bootstrap: executable"));
    write("target/lambda/hello/bootstrap.zip", &zip(&[("bootstrap", 0o755, &good())]), 50);
    let packed = "target/lambda/hello/bootstrap.zip: zip, 1 file, 450 B packed, 1.05 kB unpacked";
    assert_eq!(title().as_deref(), Some(packed));
    let template = b"Resources: {Hello: {Type: AWS::Serverless::Function}}\n";
    write("template.yaml", template, 0);
    write(".aws-sam/build/Hello/bootstrap", &good(), 40);
    assert_eq!(title().as_deref(), Some(".aws-sam/build/Hello: folder, 1 file, 1.05 kB"));
}

#[test]
fn describes_an_executable() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("bootstrap"), good()).unwrap();
    assert_run!(inspect(&folder, &["bootstrap"]), @"
    exit code: 0
    ----- stdout -----
    bootstrap: executable
      size              1.05 kB
      architecture      x86_64
      linking           dynamic
      loader            /lib64/ld-linux-x86-64.so.2
      libraries         libgcc_s.so.1, libc.so.6
      glibc             2.34 (Lambda has 2.34)
      debug information none
    ----- stderr -----
    ok: ready for Lambda
    ");
}

#[test]
fn describes_a_static_executable() {
    let folder = tempdir().unwrap();
    let elf = Elf { machine: ARM64, ..Elf::without_libraries() };
    fs::write(folder.path().join("bootstrap"), elf.bytes()).unwrap();
    assert_run!(inspect(&folder, &["bootstrap"]), @"
    exit code: 0
    ----- stdout -----
    bootstrap: executable
      size              208 B
      architecture      arm64
      linking           static
      debug information none
    ----- stderr -----
    ok: ready for Lambda
    ");
}

#[test]
fn prints_json() {
    let folder = tempdir().unwrap();
    let elf = Elf { debug_information: 7, ..Elf::good() };
    fs::write(folder.path().join("f.zip"), zip(&[("bootstrap", 0o755, &elf.bytes())])).unwrap();
    let run = inspect(&folder, &["f.zip", "--json"]);
    assert_run!(run, @r#"
    exit code: 1
    ----- stdout -----
    {
      "path": "f.zip",
      "kind": "zip",
      "package": {
        "packed": 472,
        "unpacked": 1136,
        "files": [
          {
            "path": "bootstrap",
            "size": 1136,
            "mode": "755"
          }
        ]
      },
      "executable": {
        "size": 1136,
        "architecture": "x86_64",
        "linking": "dynamic",
        "loader": "/lib64/ld-linux-x86-64.so.2",
        "libraries": [
          "libgcc_s.so.1",
          "libc.so.6"
        ],
        "glibc": "2.34",
        "debug_information": 7,
        "handlers": []
      },
      "problems": [
        {
          "code": "debug-information",
          "message": "`bootstrap` contains 7 B of debug information, which slows down cold starts",
          "hint": "build it in release mode, and set `strip = true` under `[profile.release]` in `Cargo.toml`"
        }
      ]
    }
    "#);
}

#[test]
fn ignores_allowed_problems() {
    let elf = Elf { debug_information: 7, ..Elf::good() };
    assert_eq!(problems(&elf.bytes(), &["--allow", "debug-information"]).code, Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn finds_the_handler_and_its_types_in_a_generated_project() {
    use lambda_native_tests::project::Project;
    let project = Project::new(&[]);
    let bootstrap = project.bootstrap();
    let run = Scaffold::new(["inspect", "--json", "--allow", "debug-information"])
        .arg(&bootstrap)
        .current_dir(&project.path())
        .run();
    let found: Value = serde_json::from_str(&run.success()).unwrap();
    assert_eq!(
        found["executable"]["handlers"],
        serde_json::json!([{
            "name": "hello",
            "doc": "Greets by name.",
            "kind": "http",
            "input": null,
            "output": "Json<Greeting>",
            "types": [],
            "runtime": env!("CARGO_PKG_VERSION"),
            "routes": [
                { "method": "GET", "path": "/hello" },
                { "method": "GET", "path": "/hello/{name}" },
            ],
            "parameters": [
                { "in": "path", "name": "name", "type": "Option<&str>", "required": false },
            ],
        }])
    );
}

#[cfg(target_os = "linux")]
#[test]
fn lists_the_routes_of_a_handler() {
    let folder = tempdir().unwrap();
    let inspect = |arguments: &[&str]| {
        let arguments = [&["inspect", "--allow", "debug-information"], arguments].concat();
        let scaffold = Scaffold::new(arguments).arg(env!("CARGO_BIN_EXE_function-routes"));
        scaffold.current_dir(folder.path()).run()
    };
    let found: Value = serde_json::from_str(&inspect(&["--json"]).stdout).unwrap();
    let handlers = found["executable"]["handlers"].as_array().unwrap();
    let place = handlers.iter().find(|handler| handler["name"] == "place_order").unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(place).unwrap(), @r#"
    {
      "doc": "Places an order.",
      "input": null,
      "kind": "http",
      "name": "place_order",
      "output": "Result<Created<Json<Order>>, Error>",
      "parameters": [
        {
          "in": "body",
          "name": "",
          "required": true,
          "type": "NewOrder<'_>"
        },
        {
          "in": "header",
          "name": "idempotency-key",
          "required": false,
          "type": "Option<&str>"
        }
      ],
      "routes": [
        {
          "method": "POST",
          "path": "/orders"
        }
      ],
      "runtime": "0.1.0",
      "types": []
    }
    "#);
    let text = inspect(&[]).stdout;
    let lines = text.lines().skip_while(|line| !line.contains(" place_order("));
    let lines: Vec<_> = lines.take(2).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    handler           place_order() -> Result<Created<Json<Order>>, Error>, http
    route             POST /orders
    ");
}

#[test]
fn reports_debug_information() {
    let elf = Elf { debug_information: 3 << 20, ..Elf::good() };
    assert_run!(problems(&elf.bytes(), &[]), @"
    exit code: 1
    ----- stderr -----
    error: `bootstrap` contains 3.15 MB of debug information, which slows down cold starts
    hint: build it in release mode, and set `strip = true` under `[profile.release]` in `Cargo.toml`
    ");
}

#[test]
fn expects_the_architecture_of_the_template() {
    let folder = tempdir().unwrap();
    let template = "\
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Architectures: [arm64]
      Environment: !GetAtt Other.Thing
";
    fs::create_dir_all(folder.path().join("target/lambda")).unwrap();
    fs::write(folder.path().join("Cargo.toml"), "[workspace]\n").unwrap();
    fs::write(folder.path().join("template.yaml"), template).unwrap();
    fs::write(folder.path().join("target/lambda/bootstrap"), good()).unwrap();
    assert_run!(problems_of(&folder, &["target/lambda/bootstrap"]), @"
    exit code: 1
    ----- stderr -----
    error: `target/lambda/bootstrap` is built for x86_64, but `template.yaml` says arm64
    hint: build it with `scaffold build --arch arm64`, or set `Architectures: [x86_64]` in the template
    ");

    let elsewhere = tempdir().unwrap();
    let path = folder.path().join("target/lambda/bootstrap");
    assert_run!(problems_of(&elsewhere, &[path.to_str().unwrap()]), @"
    exit code: 1
    ----- stderr -----
    error: `[TEMP]/target/lambda/bootstrap` is built for x86_64, but `template.yaml` says arm64
    hint: build it with `scaffold build --arch arm64`, or set `Architectures: [x86_64]` in the template
    ");

    // `--template` and `--arch` take precedence.
    fs::write(folder.path().join("other.yaml"), template.replace("arm64", "x86_64")).unwrap();
    let arguments = ["target/lambda/bootstrap", "--template", "other.yaml"];
    assert_eq!(inspect(&folder, &arguments).code, Some(0));
    assert_eq!(inspect(&folder, &["target/lambda/bootstrap", "--arch", "x86_64"]).code, Some(0));
}

/// Resolves parameters and mappings, and knows that functions can differ.
#[test]
fn reads_the_architectures_of_the_template_as_sam_does() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("x86_64"), good()).unwrap();
    let arm64 = Elf { machine: ARM64, ..Elf::without_libraries() }.bytes();
    fs::write(folder.path().join("arm64"), arm64).unwrap();
    let inspect_as = |architectures: &[&str], artifact: &str| {
        let head = r"
Parameters:
  Machine: {Type: String, Default: arm64}
  Untold: {Type: String}
Mappings:
  Machines: {live: {architecture: arm64}}
Resources:
";
        let function = |(index, architecture): (usize, &&str)| {
            let properties = format!("{{Architectures: [{architecture}], Timeout: 901}}");
            format!("  F{index}: {{Type: AWS::Serverless::Function, Properties: {properties}}}\n")
        };
        let functions: Vec<_> = architectures.iter().enumerate().map(function).collect();
        fs::write(folder.path().join("template.yaml"), head.to_owned() + &functions.concat())
            .unwrap();
        problems_of(&folder, &[artifact])
    };
    let ways = ["!Ref Machine", "!Sub '${Machine}'", "!FindInMap [Machines, live, architecture]"];
    let runs = ways.map(|architecture| {
        assert_eq!(inspect_as(&[architecture], "arm64").code, Some(0), "{architecture}");
        (architecture, inspect_as(&[architecture], "x86_64"))
    });
    assert_run!(Vec::from(runs), @"
    # !Ref Machine
    exit code: 1
    ----- stderr -----
    error: `x86_64` is built for x86_64, but `template.yaml` says arm64
    hint: build it with `scaffold build --arch arm64`, or set `Architectures: [x86_64]` in the template

    # !Sub '${Machine}'
    exit code: 1
    ----- stderr -----
    error: `x86_64` is built for x86_64, but `template.yaml` says arm64
    hint: build it with `scaffold build --arch arm64`, or set `Architectures: [x86_64]` in the template

    # !FindInMap [Machines, live, architecture]
    exit code: 1
    ----- stderr -----
    error: `x86_64` is built for x86_64, but `template.yaml` says arm64
    hint: build it with `scaffold build --arch arm64`, or set `Architectures: [x86_64]` in the template
    ");
    for artifact in ["x86_64", "arm64"] {
        assert_eq!(inspect_as(&["x86_64", "arm64", "x86_64"], artifact).code, Some(0));
    }
    assert_run!(inspect_as(&["arm64", "arm64"], "x86_64"), @"
    exit code: 1
    ----- stderr -----
    error: `x86_64` is built for x86_64, but `template.yaml` says arm64
    hint: build it with `scaffold build --arch arm64`, or set `Architectures: [x86_64]` in the template
    ");
    assert_run!(inspect_as(&["x86_64", "!Ref Untold"], "x86_64"), @"
    exit code: 1
    ----- stderr -----
    error: [TEMP]/template.yaml:9: `Architectures` of `F1` is `!Ref Untold`, which is known only after deployment
    hint: pass `--arch x86_64` or `--arch arm64`, or give the parameter a `Default`
    ");
    assert_eq!(inspect(&folder, &["x86_64", "--arch", "x86_64"]).code, Some(0));
}

#[test]
fn reports_another_architecture() {
    let arm64 = Elf { machine: ARM64, ..Elf::without_libraries() };
    assert_run!(problems(&arm64.bytes(), &["--arch", "x86_64"]), @"
    exit code: 1
    ----- stderr -----
    error: `bootstrap` is built for arm64, but `--arch` says x86_64
    hint: build it with `scaffold build --arch x86_64`, or set `Architectures: [arm64]` in the template
    ");
    let riscv64 = Elf { machine: 243, ..Elf::without_libraries() };
    assert_run!(problems(&riscv64.bytes(), &[]), @"
    exit code: 1
    ----- stderr -----
    error: `bootstrap` is built for riscv64, which Lambda does not support
    hint: build it with `scaffold build`
    ");
}

#[test]
fn reports_files_that_are_not_linux_executables() {
    let library = Elf { kind: 3, loader: None, ..Elf::good() };
    let mut narrow = good();
    narrow[4] = 1;
    let cases: [(&str, &[u8]); 9] = [
        ("an empty file", b""),
        ("a script", b"#!/bin/sh\nexec ./hello\n"),
        ("PE", b"MZ\x90\0\x03\0\0\0"),
        ("Mach-O", b"\xcf\xfa\xed\xfe\x07\0\0\x01"),
        ("a universal binary", b"\xca\xfe\xba\xbe\0\0\0\x02"),
        ("text", b"hello"),
        ("a 32-bit executable", &narrow),
        ("the first byte of an executable", b"\x7f"),
        ("a shared library", &library.bytes()),
    ];
    let runs: Vec<_> = cases.iter().map(|(name, bytes)| (name, problems(bytes, &[]))).collect();
    assert_run!(runs, @"
    # an empty file
    exit code: 1
    ----- stderr -----
    error: `bootstrap` is not a Linux executable: it is empty
    hint: build it with `scaffold build`

    # a script
    exit code: 1
    ----- stderr -----
    error: `bootstrap` is not a Linux executable: it is a script
    hint: build it with `scaffold build`

    # PE
    exit code: 1
    ----- stderr -----
    error: `bootstrap` is not a Linux executable: it is a Windows executable
    hint: build it with `scaffold build`

    # Mach-O
    exit code: 1
    ----- stderr -----
    error: `bootstrap` is not a Linux executable: it is a macOS executable
    hint: build it with `scaffold build`

    # a universal binary
    exit code: 1
    ----- stderr -----
    error: `bootstrap` is not a Linux executable: it is a macOS executable
    hint: build it with `scaffold build`

    # text
    exit code: 1
    ----- stderr -----
    error: `bootstrap` is not a Linux executable
    hint: build it with `scaffold build`

    # a 32-bit executable
    exit code: 1
    ----- stderr -----
    error: `bootstrap` is not a Linux executable: it is a 32-bit executable
    hint: build it with `scaffold build`

    # the first byte of an executable
    exit code: 1
    ----- stderr -----
    error: `bootstrap` is not a Linux executable
    hint: build it with `scaffold build`

    # a shared library
    exit code: 1
    ----- stderr -----
    error: `bootstrap` is a shared library or an object file, not an executable
    hint: build it with `scaffold build`
    ");
}

/// Truncates and damages an executable at many positions: `scaffold` never panics.
#[test]
fn reports_truncated_and_damaged_executables() {
    let whole = good();
    assert_run!(problems(&whole[..whole.len() / 2], &[]), @"
    exit code: 1
    ----- stderr -----
    error: `bootstrap` is truncated or corrupt: Invalid ELF section header offset/size/alignment
    hint: build it with `scaffold build`
    ");

    let folder = tempdir().unwrap();
    let path = folder.path().join("bootstrap");
    for length in (4..whole.len()).step_by(whole.len() / 40) {
        fs::write(&path, &whole[..length]).unwrap();
        let run = inspect(&folder, &["bootstrap"]);
        assert_eq!(run.code, Some(1), "{length}: {run:?}");
    }
    for at in (4..whole.len()).step_by(whole.len() / 40) {
        let mut damaged = whole.clone();
        damaged[at..(at + 8).min(whole.len())].fill(0xff);
        fs::write(&path, damaged).unwrap();
        let run = inspect(&folder, &["bootstrap"]);
        assert!(matches!(run.code, Some(0 | 1)), "{at}: {run:?}");
    }
}

#[test]
fn reports_symbols_that_need_a_newer_glibc() {
    let mut elf = Elf::good();
    elf.symbols.extend([
        ("arc4random", "GLIBC_2.36", false),
        ("strtol", "GLIBC_2.38", false),
        ("strlcpy", "GLIBC_2.38", false),
    ]);
    assert_run!(problems(&elf.bytes(), &[]), @"
    exit code: 1
    ----- stderr -----
    error: `bootstrap` needs glibc 2.38, but Lambda has 2.34 (newer symbols: `arc4random` 2.36, `strtol` 2.38, `strlcpy` 2.38)
    hint: build it with `scaffold build --container` or `--zig`, or link it statically: `--linking static`
    ");
    elf.symbols = vec![("x", "GLIBC_ABI_DT_RELR", false)];
    assert_run!(problems(&elf.bytes(), &[]), @"
    exit code: 1
    ----- stderr -----
    error: `bootstrap` needs glibc 2.36, but Lambda has 2.34 (newer symbols: `x` 2.36)
    hint: build it with `scaffold build --container` or `--zig`, or link it statically: `--linking static`
    ");
    for version in ["2.35", "2.36", "2.37", "2.38"] {
        elf.symbols.push(("a", Box::leak(format!("GLIBC_{version}").into_boxed_str()), false));
        elf.symbols.push(("b", Box::leak(format!("GLIBC_{version}").into_boxed_str()), false));
    }
    assert_run!(problems(&elf.bytes(), &[]), @"
    exit code: 1
    ----- stderr -----
    error: `bootstrap` needs glibc 2.38, but Lambda has 2.34 (newer symbols: `a` 2.35, `b` 2.35, `x` 2.36, `a` 2.36, `b` 2.36 and 4 more)
    hint: build it with `scaffold build --container` or `--zig`, or link it statically: `--linking static`
    ");
}

/// Each of these alone occurs in programs without it.
#[test]
fn reports_cpu_jitter_entropy_of_aws_lc() {
    const FILE: &[u8] = b"/aws-lc/crypto/ube/ube.c\0";
    const MESSAGE: &[u8] = b"opportunistic entropy fill failed\0";
    let sha3 = [0x1_u64, 0x8082, 0x8000_0000_0000_808a].map(u64::to_le_bytes).concat();
    let with = |constants: &[&[u8]]| problems(&[&[&*good()], constants].concat().concat(), &[]);
    assert_run!(with(&[FILE, MESSAGE, &sha3]), @r#"
    exit code: 1
    ----- stderr -----
    error: `bootstrap` contains AWS-LC with CPU jitter entropy, which delays cold starts by up to 1 s
    hint: set `AWS_LC_SYS_NO_JITTER_ENTROPY = "1"` under `[env]` in `.cargo/config.toml` and build again, with `aws-lc-sys` 0.32.3 or newer
    "#);
    for constants in [[FILE, MESSAGE], [FILE, &sha3], [MESSAGE, &sha3]] {
        assert_eq!(with(&constants).code, Some(0));
    }
    let bytes = [&*good(), FILE, MESSAGE, &sha3].concat();
    assert_eq!(problems(&bytes, &["--allow", "jitter-entropy"]).code, Some(0));
}

/// The loader starts a program without the versions that only weak symbols need.
#[test]
fn ignores_weak_symbols_that_need_a_newer_glibc() {
    let mut elf = Elf::good();
    elf.symbols.push(("pidfd_spawnp", "GLIBC_2.39", true));
    assert_eq!(problems(&elf.bytes(), &[]).code, Some(0));
}

#[test]
fn reports_a_loader_that_lambda_does_not_have() {
    let elf = Elf { loader: Some("/lib/ld-musl-x86_64.so.1"), ..Elf::good() };
    assert_run!(problems(&elf.bytes(), &[]), @"
    exit code: 1
    ----- stderr -----
    error: `bootstrap` needs the loader `/lib/ld-musl-x86_64.so.1`, which Lambda does not have
    hint: link musl statically (`-C target-feature=+crt-static`), or build with `scaffold build`
    ");
}

#[test]
fn reports_a_library_that_lambda_does_not_have() {
    let mut elf = Elf::good();
    elf.libraries.push("libssl.so.3");
    let bytes = elf.bytes();
    assert_run!(problems(&bytes, &[]), @"
    exit code: 1
    ----- stderr -----
    error: the shared library `libssl.so.3` is not part of `provided.al2023`
    hint: link it statically, or add it with `scaffold package --include PATH=lib/libssl.so.3`
    ");
    assert_run!(zip_problems(&zip(&[("bootstrap", 0o755, &bytes)])), @"
    exit code: 1
    ----- stderr -----
    error: the shared library `libssl.so.3` is not part of `provided.al2023`
    hint: link it statically, or add it with `scaffold package --include PATH=lib/libssl.so.3`
    ");
    let with_it = zip(&[("bootstrap", 0o755, &bytes), ("lib/libssl.so.3", 0o644, b"library")]);
    assert_eq!(zip_problems(&with_it).code, Some(0));
}

#[test]
fn reports_a_zip_without_a_bootstrap() {
    assert_run!(zip_problems(&zip(&[("hello", 0o755, &good())])), @"
    exit code: 1
    ----- stderr -----
    error: the zip has only `hello`, but Lambda runs `bootstrap`
    hint: name the binary `bootstrap` under `[[bin]]` in `Cargo.toml`, or write the zip with `scaffold package`, which renames it
    ");
    assert_run!(zip_problems(&zip(&[])), @"
    exit code: 1
    ----- stderr -----
    error: the zip has no `bootstrap` at its root, the file that Lambda runs
    hint: write it with `scaffold package`
    ");
    assert_run!(zip_problems(&zip(&[("a", 0o755, b"1"), ("b", 0o755, b"2")])), @"
    exit code: 1
    ----- stderr -----
    error: the zip has no `bootstrap` at its root, the file that Lambda runs
    hint: write it with `scaffold package`
    ");
}

#[test]
fn reports_a_zip_with_its_bootstrap_in_a_folder() {
    let files: [(&str, u32, &[u8]); 2] =
        [("target/release/bootstrap", 0o755, &good()), ("a", 0o644, b"")];
    assert_run!(zip_problems(&zip(&files)), @"
    exit code: 1
    ----- stderr -----
    error: `bootstrap` is at `target/release/bootstrap`, but Lambda looks for it at the root of the zip
    hint: `scaffold package` puts it there
    ");
}

#[test]
fn reports_a_zip_whose_bootstrap_is_not_executable() {
    let runs: Vec<_> = [0o644, 0o700]
        .map(|mode| (format!("mode {mode:o}"), zip_problems(&zip(&[("bootstrap", mode, &good())]))))
        .into();
    assert_run!(runs, @"
    # mode 644
    exit code: 1
    ----- stderr -----
    error: `bootstrap` is not executable by Lambda (mode 644)
    hint: write the zip with `scaffold package`, which sets mode 755 on every system

    # mode 700
    exit code: 1
    ----- stderr -----
    error: `bootstrap` is not executable by Lambda (mode 700)
    hint: write the zip with `scaffold package`, which sets mode 755 on every system
    ");
}

/// Overwrites bytes of the first entry in the central directory of a zip, at this offset in the entry.
fn patch_directory(zip: &mut [u8], offset: usize, bytes: &[u8]) {
    let directory = zip.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    zip[directory + offset..][..bytes.len()].copy_from_slice(bytes);
}

/// A zip as programs on Windows write it.
#[test]
fn reports_a_zip_without_unix_modes() {
    let mut dos = zip(&[("bootstrap", 0o755, &good())]);
    patch_directory(&mut dos, 5, &[0]);
    patch_directory(&mut dos, 38, &[0x20, 0, 0, 0]);
    assert_run!(zip_problems(&dos), @"
    exit code: 1
    ----- stderr -----
    error: `bootstrap` is not executable by Lambda (mode 664)
    hint: write the zip with `scaffold package`, which sets mode 755 on every system
    ");
}

#[test]
fn reports_a_zip_that_would_unpack_outside_of_its_folder() {
    let paths = ["../escape", "a/../../escape", "/etc/escape", "config\\app.toml"];
    let runs = paths.map(|path| {
        // The writer would clean up such a path, so it writes another of the same length.
        let harmless = "x".repeat(path.len());
        let mut bytes = zip(&[("bootstrap", 0o755, &good()), (&harmless, 0o644, b"contents")]);
        let places: Vec<usize> = bytes
            .windows(path.len())
            .enumerate()
            .filter(|(_, window)| *window == harmless.as_bytes())
            .map(|(at, _)| at)
            .collect();
        assert_eq!(places.len(), 2);
        for at in places {
            bytes[at..at + path.len()].copy_from_slice(path.as_bytes());
        }
        (path, zip_problems(&bytes))
    });
    assert_run!(Vec::from(runs), @r"
    # ../escape
    exit code: 1
    ----- stderr -----
    error: `../escape` would be unpacked outside of the function's folder
    hint: write the zip with `scaffold package`

    # a/../../escape
    exit code: 1
    ----- stderr -----
    error: `a/../../escape` would be unpacked outside of the function's folder
    hint: write the zip with `scaffold package`

    # /etc/escape
    exit code: 1
    ----- stderr -----
    error: `/etc/escape` would be unpacked outside of the function's folder
    hint: write the zip with `scaffold package`

    # config\app.toml
    exit code: 1
    ----- stderr -----
    error: `config\app.toml` has `\` in its name, which does not separate folders on Linux
    hint: write the zip with `scaffold package`
    ");
}

#[test]
fn reports_a_zip_whose_bootstrap_is_a_symbolic_link() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.add_symlink("bootstrap", "/bin/sh", options()).unwrap();
    let bytes = zip.finish().unwrap().into_inner();
    assert_run!(zip_problems(&bytes), @"
    exit code: 1
    ----- stderr -----
    error: `bootstrap` is a symbolic link, not an executable
    hint: write the zip with `scaffold package`
    ");
}

/// A section can say that it is larger than the file.
#[test]
fn reports_sections_that_end_after_the_file() {
    let mut bytes = Elf { debug_information: 9, ..Elf::good() }.bytes();
    // The headers of sections are last, 64 bytes each, and that of the debug information is the last but one.
    let size = bytes.len() - 2 * 64 + 32;
    bytes[size..][..8].fill(0xff);
    assert_run!(problems(&bytes, &[]), @"
    exit code: 1
    ----- stderr -----
    error: `bootstrap` is truncated or corrupt: Invalid ELF section size or offset
    hint: build it with `scaffold build`
    ");
}

#[test]
fn reports_a_zip_that_says_wrong_sizes() {
    let mut bytes = zip(&[("bootstrap", 0o755, &good())]);
    let is_good = zip_problems(&bytes);
    assert_eq!(is_good.code, Some(0), "{is_good:?}");
    // 4 GB, as the most that fits into the field.
    patch_directory(&mut bytes, 24, &0xffff_fffe_u32.to_le_bytes());
    assert_run!(zip_problems(&bytes).replace("has [0-9]+ bytes", "has [SIZE] bytes"), @"
    exit code: 1
    ----- stderr -----
    error: `bootstrap` has [SIZE] bytes, but the zip says that it has 4294967294
    hint: write the zip with `scaffold package`
    ");
}

/// Reading from a pipe would wait forever.
#[cfg(unix)]
#[test]
fn refuses_what_is_not_a_file() {
    let folder = tempdir().unwrap();
    let made = program("mkfifo").arg(folder.path().join("pipe")).status();
    assert!(made.unwrap().success());
    let runs = ["pipe", ".", "/dev/zero"].map(|path| (path, inspect(&folder, &[path])));
    assert_run!(Vec::from(runs), @"
    # pipe
    exit code: 1
    ----- stderr -----
    error: `pipe` is not a regular file

    # .
    exit code: 1
    ----- stderr -----
    error: cannot read `.`
      caused by: `pipe` is not a regular file

    # /dev/zero
    exit code: 1
    ----- stderr -----
    error: `/dev/zero` is not a regular file
    ");
}

#[test]
fn reports_damaged_zips() {
    let whole = zip(&[("bootstrap", 0o755, &good())]);
    assert_run!(zip_problems(&whole[..whole.len() - 30]), @"
    exit code: 1
    ----- stderr -----
    error: the zip cannot be unpacked: invalid Zip archive: Could not find EOCD
    hint: write the zip with `scaffold package`
    error: the zip has no `bootstrap` at its root, the file that Lambda runs
    hint: write it with `scaffold package`
    ");

    let mut wrong = whole.clone();
    wrong[100] ^= 0xff;
    assert_run!(zip_problems(&wrong), @"
    exit code: 1
    ----- stderr -----
    error: `bootstrap` cannot be unpacked: corrupt deflate stream
    hint: write the zip with `scaffold package`
    error: `bootstrap` is not a Linux executable: it is empty
    hint: build it with `scaffold build`
    ");

    for length in (2..whole.len()).step_by(whole.len() / 20) {
        assert_eq!(zip_problems(&whole[..length]).code, Some(1), "{length}");
    }
}

/// The zip has a few hundred kilobytes and unpacks to hundreds of megabytes.
#[test]
fn stops_reading_a_zip_bomb_at_the_limit_of_lambda() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = options().compression_method(CompressionMethod::Deflated);
    zip.start_file("bootstrap", options.unix_permissions(0o755)).unwrap();
    zip.write_all(&good()).unwrap();
    let zeros = vec![0; 32 << 20];
    for number in 0..9 {
        zip.start_file(format!("{number}"), options).unwrap();
        zip.write_all(&zeros).unwrap();
    }
    let mut bytes = zip.finish().unwrap().into_inner();
    assert!(bytes.len() < 1 << 20);
    assert_run!(zip_problems(&bytes), @"
    exit code: 1
    ----- stderr -----
    error: the unpacked files are larger than Lambda's limit of 250 MB (262,144,000 bytes)
    hint: leave out files that the function does not need, or use a container image, which can have 10 GB
    ");

    // The sizes in the zip's directory are not trusted.
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(4).position(|four| four == b"PK\x01\x02") {
        at += found;
        bytes[at + 24..at + 28].fill(1);
        at += 4;
    }
    assert_run!(zip_problems(&bytes), @"
    exit code: 1
    ----- stderr -----
    error: `bootstrap` has 1048 bytes, but the zip says that it has 16843009
    hint: write the zip with `scaffold package`
    error: `0` cannot be unpacked: File is larger than its declared uncompressed size
    hint: write the zip with `scaffold package`
    error: `1` cannot be unpacked: File is larger than its declared uncompressed size
    hint: write the zip with `scaffold package`
    error: `2` cannot be unpacked: File is larger than its declared uncompressed size
    hint: write the zip with `scaffold package`
    error: `3` cannot be unpacked: File is larger than its declared uncompressed size
    hint: write the zip with `scaffold package`
    error: `4` cannot be unpacked: File is larger than its declared uncompressed size
    hint: write the zip with `scaffold package`
    error: `5` cannot be unpacked: File is larger than its declared uncompressed size
    hint: write the zip with `scaffold package`
    error: `6` cannot be unpacked: File is larger than its declared uncompressed size
    hint: write the zip with `scaffold package`
    error: `7` cannot be unpacked: File is larger than its declared uncompressed size
    hint: write the zip with `scaffold package`
    error: `8` cannot be unpacked: File is larger than its declared uncompressed size
    hint: write the zip with `scaffold package`
    ");
}

#[test]
fn reports_a_zip_over_the_limit_of_an_upload() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = options().compression_method(CompressionMethod::Stored);
    zip.start_file("bootstrap", options.unix_permissions(0o755)).unwrap();
    zip.write_all(&good()).unwrap();
    zip.start_file("large", options).unwrap();
    zip.write_all(&vec![7; 51 << 20]).unwrap();
    let bytes = zip.finish().unwrap().into_inner();
    assert_run!(zip_problems(&bytes), @"
    exit code: 1
    ----- stderr -----
    error: the zip is 53.48 MB, but Lambda's limit for a direct upload is 50 MB (52,428,800 bytes)
    hint: leave out files that the function does not need, or upload the zip to S3, as `sam deploy` does
    ");
}

#[cfg(unix)]
#[test]
fn inspects_a_folder() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempdir().unwrap();
    let place = folder.path().join("HelloFunction");
    fs::create_dir_all(place.join("config")).unwrap();
    fs::write(place.join("config/app.toml"), "a = 1\n").unwrap();
    assert_run!(problems_of(&folder, &["HelloFunction"]), @"
    exit code: 1
    ----- stderr -----
    error: the folder has only `config/app.toml`, but Lambda runs `bootstrap`
    hint: name the binary `bootstrap` under `[[bin]]` in `Cargo.toml`, or write the zip with `scaffold package`, which renames it
    ");
    let mode = |mode| {
        fs::set_permissions(place.join("bootstrap"), fs::Permissions::from_mode(mode)).unwrap();
    };
    fs::write(place.join("bootstrap"), good()).unwrap();
    mode(0o644);
    assert_run!(problems_of(&folder, &["HelloFunction"]), @"
    exit code: 1
    ----- stderr -----
    error: `bootstrap` is not executable by Lambda (mode 644)
    hint: `chmod 755 bootstrap`
    ");
    mode(0o755);
    assert_run!(inspect(&folder, &["HelloFunction"]), @"
    exit code: 0
    ----- stdout -----
    HelloFunction: folder, 2 files, 1.05 kB
      size              1.05 kB
      architecture      x86_64
      linking           dynamic
      loader            /lib64/ld-linux-x86-64.so.2
      libraries         libgcc_s.so.1, libc.so.6
      glibc             2.34 (Lambda has 2.34)
      debug information none
    ----- stderr -----
    ok: ready for Lambda
    ");
}

#[test]
fn reports_a_missing_file() {
    let folder = tempdir().unwrap();
    assert_run!(inspect(&folder, &["bootstrap"]), @"
    exit code: 1
    ----- stderr -----
    error: `bootstrap` does not exist
    hint: `scaffold build` writes `target/lambda/NAME/bootstrap`
    ");
}

#[test]
fn reports_all_problems_at_once() {
    let mut elf = Elf { machine: ARM64, debug_information: 9, ..Elf::good() };
    elf.libraries.push("libz.so.1");
    let folder = tempdir().unwrap();
    let bytes = zip(&[("bootstrap", 0o644, &elf.bytes())]);
    fs::write(folder.path().join("f.zip"), bytes).unwrap();
    let run = inspect(&folder, &["f.zip", "--arch", "x86_64", "--json"]);
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    let codes: Vec<&str> = found["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| problem["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["mode", "architecture", "loader", "debug-information", "library"]);
}

#[test]
fn runtimes_that_aws_no_longer_supports_are_errors() {
    let folder = tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("Cargo.toml", b"[package]\nname = \"notes\"\n[workspace]\n");
    write("bootstrap", &Elf::good().bytes());
    let template = |runtime: &str| {
        let text = format!(
            "Globals: {{Function: {{Runtime: {runtime}}}}}\n\
             Resources:\n  Notes: {{Type: AWS::Serverless::Function, Properties: {{CodeUri: ., Handler: bootstrap}}}}\n"
        );
        write("template.yaml", text.as_bytes());
    };
    template("provided.al2023");
    assert_eq!(inspect(&folder, &["bootstrap"]).code, Some(0));
    template("provided.al2");
    assert_run!(problems_of(&folder, &["bootstrap"]), @"
    exit code: 1
    ----- stderr -----
    error: `Notes` has the runtime `provided.al2`, which is deprecated since 31 July 2026
    hint: set `Runtime: provided.al2023` in the template
    ");
    assert_eq!(inspect(&folder, &["bootstrap", "--allow", "runtime"]).code, Some(0));
}

#[test]
fn a_handler_that_the_template_names_must_be_in_the_executable() {
    let folder = tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("Cargo.toml", b"[package]\nname = \"notes\"\n[workspace]\n");
    let handlers = |names: &[&str]| {
        let mut bytes = Elf::good().bytes();
        bytes.extend(names.iter().flat_map(|name| record(name)));
        bytes
    };
    write("one", &handlers(&["create"]));
    write("two", &handlers(&["create", "remove"]));
    let template = |handler: &str| {
        let function = |name: &str, handler: &str| {
            format!(
                "  {name}: {{Type: AWS::Serverless::Function, Properties: {{CodeUri: ., Handler: {handler}}}}}\n"
            )
        };
        let text =
            format!("Resources:\n{}{}", function("Create", "create"), function("Remove", handler));
        write("template.yaml", text.as_bytes());
    };
    for handler in ["remove", "notes.remove"] {
        template(handler);
        assert_eq!(inspect(&folder, &["two"]).code, Some(0), "{handler}");
    }
    template("remov");
    assert_run!(problems_of(&folder, &["two"]), @"
    exit code: 1
    ----- stderr -----
    error: `two` has no handler `remov`, which the template names for `Remove`
    hint: did you mean `remove`? set `Handler` in the template to `create` or `remove`, or mark a function `remov` with `#[lambda_handler(named)]` and list it in `main!`
    ");
    assert_eq!(inspect(&folder, &["two", "--allow", "handler"]).code, Some(0));
    // A program with one handler runs it for any name.
    assert_eq!(inspect(&folder, &["one"]).code, Some(0));
    // The functions of a package with several binaries have different programs.
    fs::create_dir_all(folder.path().join("src/bin")).unwrap();
    assert_eq!(inspect(&folder, &["two"]).code, Some(0));
    // `sam build` names the folder of a program after the function.
    fs::create_dir_all(folder.path().join(".aws-sam/build/Remove")).unwrap();
    write(".aws-sam/build/Remove/bootstrap", &handlers(&["create", "remove"]));
    assert_run!(problems_of(&folder, &[".aws-sam/build/Remove/bootstrap"]), @"
    exit code: 1
    ----- stderr -----
    error: `.aws-sam/build/Remove/bootstrap` has no handler `remov`, which the template names for `Remove`
    hint: did you mean `remove`? set `Handler` in the template to `create` or `remove`, or mark a function `remov` with `#[lambda_handler(named)]` and list it in `main!`
    ");
    // A handler that is `named` does not run for any other name.
    let named = [Elf::good().bytes(), record_of_named("create")].concat();
    write(".aws-sam/build/Remove/bootstrap", &named);
    assert_run!(problems_of(&folder, &[".aws-sam/build/Remove/bootstrap"]), @"
    exit code: 1
    ----- stderr -----
    error: `.aws-sam/build/Remove/bootstrap` has no handler `remov`, which the template names for `Remove`
    hint: set `Handler` in the template to `create`, or mark a function `remov` with `#[lambda_handler(named)]` and list it in `main!`
    ");
}
