//! `scaffold inspect`: what it says of artifacts that Lambda runs, and of a collection of those that it
//! does not.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what a test does not expect ends it"
)]

use std::fs;
use std::io::{Cursor, Write};

use lambda_native_tests::command::{Run, Scaffold};
use lambda_native_tests::elf::{ARM64, Elf};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, System, ZipWriter};

const OK: &str = "ok: nothing in it keeps Lambda from running it\n";

/// Runs `scaffold inspect` in the folder.
fn inspect(folder: &TempDir, arguments: &[&str]) -> Run {
    let arguments = ["inspect"].iter().chain(arguments);
    Scaffold::new(arguments).current_dir(folder.path()).run()
}

/// What it says of `bootstrap` with these bytes.
fn problems(bytes: &[u8], arguments: &[&str]) -> String {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("bootstrap"), bytes).unwrap();
    said(&inspect(&folder, &[&["bootstrap"], arguments].concat()))
}

/// What it says of a zip with these bytes.
fn zip_problems(bytes: &[u8]) -> String {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("function.zip"), bytes).unwrap();
    said(&inspect(&folder, &["function.zip"]))
}

#[track_caller]
fn said(run: &Run) -> String {
    assert_eq!(run.code, Some(i32::from(run.stderr != OK)), "{run:?}");
    run.stderr.clone()
}

/// Of a file in a zip that was made on Linux, wherever this runs.
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
fn describes_an_executable() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("bootstrap"), good()).unwrap();
    let expected = "\
bootstrap: executable
  size              1 kB
  architecture      x86_64
  linking           dynamic
  loader            /lib64/ld-linux-x86-64.so.2
  libraries         libgcc_s.so.1, libc.so.6
  glibc             2.34 (Lambda has 2.34)
  debug information none
";
    assert_eq!(inspect(&folder, &["bootstrap"]), Run::new(0, expected, OK));
}

#[test]
fn describes_one_without_shared_libraries() {
    let folder = tempdir().unwrap();
    let elf = Elf { machine: ARM64, ..Elf::without_libraries() };
    fs::write(folder.path().join("bootstrap"), elf.bytes()).unwrap();
    let run = inspect(&folder, &["bootstrap"]);
    assert!(
        run.stdout.contains("  architecture      arm64\n  linking           static\n"),
        "{run:?}"
    );
    assert_eq!(run.code, Some(0));
}

#[test]
fn prints_json() {
    let folder = tempdir().unwrap();
    let elf = Elf { debug_information: 7, ..Elf::good() };
    fs::write(folder.path().join("f.zip"), zip(&[("bootstrap", 0o755, &elf.bytes())])).unwrap();
    let run = inspect(&folder, &["f.zip", "--json"]);
    let mut found: Value = serde_json::from_str(&run.stdout).unwrap();
    let size = elf.bytes().len();
    found["package"]["packed"].take();
    let expected = json!({
        "path": "f.zip",
        "kind": "zip",
        "package": {
            "packed": null,
            "unpacked": size,
            "files": [{ "path": "bootstrap", "size": size, "mode": "755" }],
        },
        "executable": {
            "size": size,
            "architecture": "x86_64",
            "linking": "dynamic",
            "loader": "/lib64/ld-linux-x86-64.so.2",
            "libraries": ["libgcc_s.so.1", "libc.so.6"],
            "glibc": "2.34",
            "debug_information": 7,
            "handlers": [],
        },
        "problems": [{
            "code": "debug-information",
            "message": "`bootstrap` has 7 B of debug information, which Lambda loads too",
            "hint": "build it in release, with `strip = true` under `[profile.release]` in \
                     `Cargo.toml`",
        }],
    });
    assert_eq!(found, expected);
    assert_eq!((run.code, &*run.stderr), (Some(1), ""));
}

#[test]
fn lets_through_what_is_allowed() {
    let elf = Elf { debug_information: 7, ..Elf::good() };
    assert_eq!(problems(&elf.bytes(), &["--allow", "debug-information"]), OK);
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
        json!([{
            "name": "hello",
            "kind": "http",
            "input": "Request<'_>",
            "output": "Json<Greeting>",
            "types": [],
            "runtime": env!("CARGO_PKG_VERSION"),
        }])
    );
}

#[test]
fn a_debug_build_is_told() {
    let elf = Elf { debug_information: 3 << 20, ..Elf::good() };
    assert_eq!(
        problems(&elf.bytes(), &[]),
        "\
error: `bootstrap` has 3 MB of debug information, which Lambda loads too
hint: build it in release, with `strip = true` under `[profile.release]` in `Cargo.toml`
"
    );
}

/// What the template says, wherever the command is typed.
#[test]
fn the_architecture_is_the_templates() {
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
    fs::write(folder.path().join("template.yaml"), template).unwrap();
    fs::write(folder.path().join("target/lambda/bootstrap"), good()).unwrap();
    let expected = "\
error: `target/lambda/bootstrap` is built for x86_64, and `template.yaml` says arm64
hint: build it with `scaffold build --arch arm64`, or have the template say `Architectures: [x86_64]`
";
    assert_eq!(said(&inspect(&folder, &["target/lambda/bootstrap"])), expected);

    let elsewhere = tempdir().unwrap();
    let path = folder.path().join("target/lambda/bootstrap");
    let run = inspect(&elsewhere, &[path.to_str().unwrap()]);
    assert!(run.stderr.contains("`template.yaml` says arm64"), "{run:?}");

    // The one that is named counts.
    fs::write(folder.path().join("other.yaml"), template.replace("arm64", "x86_64")).unwrap();
    let arguments = ["target/lambda/bootstrap", "--template", "other.yaml"];
    assert_eq!(said(&inspect(&folder, &arguments)), OK);
    assert_eq!(said(&inspect(&folder, &["target/lambda/bootstrap", "--arch", "x86_64"])), OK);
}

/// As SAM reads them: parameters, mappings, and what differs from function to function.
#[test]
fn the_architectures_are_the_templates_as_sam_reads_it() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("x86_64"), good()).unwrap();
    let arm64 = Elf { machine: ARM64, ..Elf::without_libraries() }.bytes();
    fs::write(folder.path().join("arm64"), arm64).unwrap();
    let said_of = |architectures: &[&str], artifact: &str| {
        let function = |(index, architecture): (usize, &&str)| {
            format!(
                "  F{index}:\n    Type: AWS::Serverless::Function\n    Properties:\n\
                 \x20     Architectures: [{architecture}]\n      Timeout: 901\n"
            )
        };
        let functions = architectures.iter().enumerate().map(function).collect::<String>();
        let template = format!(
            "\
Parameters:
  Machine: {{Type: String, Default: arm64}}
  Untold: {{Type: String}}
Mappings:
  Machines: {{live: {{architecture: arm64}}}}
Resources:
{functions}"
        );
        fs::write(folder.path().join("template.yaml"), template).unwrap();
        said(&inspect(&folder, &[artifact]))
    };
    let other = "\
error: `x86_64` is built for x86_64, and `template.yaml` says arm64
hint: build it with `scaffold build --arch arm64`, or have the template say `Architectures: [x86_64]`
";
    for architecture in
        ["!Ref Machine", "!Sub '${Machine}'", "!FindInMap [Machines, live, architecture]"]
    {
        assert_eq!(said_of(&[architecture], "arm64"), OK, "{architecture}");
        assert_eq!(said_of(&[architecture], "x86_64"), other, "{architecture}");
    }
    for artifact in ["x86_64", "arm64"] {
        assert_eq!(said_of(&["x86_64", "arm64", "x86_64"], artifact), OK);
    }
    assert_eq!(said_of(&["arm64", "arm64"], "x86_64"), other);
    let untold = said_of(&["x86_64", "!Ref Untold"], "x86_64");
    let expected = "\
/template.yaml:15: `Architectures` of `F1` is `!Ref Untold`, which only a deployment tells
hint: choose with `--arch x86_64` or `--arch arm64`, or give the parameter a `Default`
";
    assert!(untold.starts_with("error: /") && untold.ends_with(expected), "{untold}");
    assert_eq!(said(&inspect(&folder, &["x86_64", "--arch", "x86_64"])), OK);
}

#[test]
fn another_architecture() {
    assert_eq!(
        problems(&Elf { machine: ARM64, ..Elf::without_libraries() }.bytes(), &["--arch", "x86_64"]),
        "\
error: `bootstrap` is built for arm64, and `--arch` says x86_64
hint: build it with `scaffold build --arch x86_64`, or have the template say `Architectures: [arm64]`
"
    );
    assert_eq!(
        problems(&Elf { machine: 243, ..Elf::without_libraries() }.bytes(), &[]),
        "\
error: `bootstrap` is built for riscv64, which Lambda does not have
hint: build it with `scaffold build`
"
    );
}

#[test]
fn what_is_no_executable_for_linux() {
    let library = Elf { kind: 3, loader: None, ..Elf::good() };
    let mut narrow = good();
    narrow[4] = 1;
    let cases: [(&[u8], &str); 8] = [
        (b"", "empty"),
        (b"#!/bin/sh\nexec ./hello\n", "a script"),
        (b"MZ\x90\0\x03\0\0\0", "a program for Windows"),
        (b"\xcf\xfa\xed\xfe\x07\0\0\x01", "a program for macOS"),
        (b"\xca\xfe\xba\xbe\0\0\0\x02", "a program for macOS"),
        (b"hello", "some other file"),
        (&narrow, "a 32-bit program"),
        (b"\x7f", "some other file"),
    ];
    for (bytes, what) in cases {
        let expected = format!(
            "error: `bootstrap` is {what}, and not an executable for Linux\n\
             hint: build it with `scaffold build`\n"
        );
        assert_eq!(problems(bytes, &[]), expected);
    }
    assert_eq!(
        problems(&library.bytes(), &[]),
        "\
error: `bootstrap` is a library or an object file, and not a program
hint: build it with `scaffold build`
"
    );
}

/// Wherever it is cut off, and whatever byte is wrong, something is said and nothing breaks.
#[test]
fn what_is_cut_off() {
    let whole = good();
    let said = problems(&whole[..whole.len() / 2], &[]);
    assert!(said.starts_with("error: `bootstrap` is cut off or damaged: "), "{said}");
    assert!(said.ends_with("\nhint: build it with `scaffold build`\n"), "{said}");

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
fn a_newer_glibc() {
    let mut elf = Elf::good();
    elf.symbols.extend([
        ("arc4random", "GLIBC_2.36", false),
        ("strtol", "GLIBC_2.38", false),
        ("strlcpy", "GLIBC_2.38", false),
    ]);
    assert_eq!(
        problems(&elf.bytes(), &[]),
        "\
error: `bootstrap` needs glibc 2.38, and Lambda has 2.34, for `arc4random` (2.36), `strtol` (2.38), \
         `strlcpy` (2.38)
hint: build it with `scaffold build --container` or `--zig`, or without shared libraries: `--static`
"
    );
    elf.symbols = vec![("x", "GLIBC_ABI_DT_RELR", false)];
    assert!(problems(&elf.bytes(), &[]).contains("needs glibc 2.36"));
    for version in ["2.35", "2.36", "2.37", "2.38"] {
        elf.symbols.push(("a", Box::leak(format!("GLIBC_{version}").into_boxed_str()), false));
        elf.symbols.push(("b", Box::leak(format!("GLIBC_{version}").into_boxed_str()), false));
    }
    assert!(problems(&elf.bytes(), &[]).contains("(2.36) and 4 more\n"));
}

/// The loader starts a program without the versions that it can do without.
#[test]
fn a_newer_glibc_that_it_can_do_without() {
    let mut elf = Elf::good();
    elf.symbols.push(("pidfd_spawnp", "GLIBC_2.39", true));
    assert_eq!(problems(&elf.bytes(), &[]), OK);
}

#[test]
fn a_loader_that_lambda_does_not_have() {
    let elf = Elf { loader: Some("/lib/ld-musl-x86_64.so.1"), ..Elf::good() };
    assert_eq!(
        problems(&elf.bytes(), &[]),
        "\
error: the loader `/lib/ld-musl-x86_64.so.1` is needed, which Lambda does not have
hint: link musl statically, `-C target-feature=+crt-static`, or build with `scaffold build`
"
    );
}

#[test]
fn a_library_that_lambda_does_not_have() {
    let mut elf = Elf::good();
    elf.libraries.push("libssl.so.3");
    let bytes = elf.bytes();
    let expected = "\
error: `libssl.so.3` is needed, and is not part of `provided.al2023`
hint: link it statically, or add it: `scaffold package --include PATH=lib/libssl.so.3`
";
    assert_eq!(problems(&bytes, &[]), expected);
    assert_eq!(zip_problems(&zip(&[("bootstrap", 0o755, &bytes)])), expected);
    let with_it = zip(&[("bootstrap", 0o755, &bytes), ("lib/libssl.so.3", 0o644, b"library")]);
    assert_eq!(zip_problems(&with_it), OK);
}

#[test]
fn a_zip_with_another_name() {
    assert_eq!(
        zip_problems(&zip(&[("hello", 0o755, &good())])),
        "\
error: the zip has `hello`, and Lambda starts only `bootstrap`
hint: name the binary `bootstrap` under `[[bin]]` in `Cargo.toml`, or have `scaffold package` name it
"
    );
    let nothing = "\
error: the zip has no `bootstrap` at its root: Lambda starts no other
hint: make it with `scaffold package`
";
    assert_eq!(zip_problems(&zip(&[])), nothing);
    assert_eq!(zip_problems(&zip(&[("a", 0o755, b"1"), ("b", 0o755, b"2")])), nothing);
}

#[test]
fn a_zip_with_it_in_a_folder() {
    assert_eq!(
        zip_problems(&zip(&[("target/release/bootstrap", 0o755, &good()), ("a", 0o644, b"")])),
        "\
error: `bootstrap` is at `target/release/bootstrap`, and Lambda looks for it at the root of the zip
hint: `scaffold package` puts it there
"
    );
}

#[test]
fn a_zip_without_the_run_bit() {
    for mode in [0o644, 0o700] {
        let expected = format!(
            "error: `bootstrap` has the mode {mode:o}: Lambda may not run it\n\
             hint: make the zip with `scaffold package`, which sets 755 on any system\n"
        );
        assert_eq!(zip_problems(&zip(&[("bootstrap", mode, &good())])), expected);
    }
}

/// Bytes in the middle of the zip's directory, as it is written in the format's definition.
fn patch_directory(zip: &mut [u8], offset: usize, bytes: &[u8]) {
    let directory = zip.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    zip[directory + offset..][..bytes.len()].copy_from_slice(bytes);
}

/// As Windows makes one.
#[test]
fn a_zip_without_modes() {
    let mut dos = zip(&[("bootstrap", 0o755, &good())]);
    patch_directory(&mut dos, 5, &[0]);
    patch_directory(&mut dos, 38, &[0x20, 0, 0, 0]);
    let said = zip_problems(&dos);
    assert!(said.starts_with("error: `bootstrap` has "), "{said}");
    assert!(said.contains(": Lambda may not run it\n"), "{said}");
}

#[test]
fn a_zip_that_would_write_elsewhere() {
    for (path, why) in [
        ("../escape", "would be unpacked outside of the function's folder"),
        ("a/../../escape", "would be unpacked outside of the function's folder"),
        ("/etc/escape", "would be unpacked outside of the function's folder"),
        ("config\\app.toml", "has `\\` in its name, which is no folder on Linux"),
    ] {
        // Written under a harmless name of the same length: the writer would tidy it up.
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
        assert_eq!(
            zip_problems(&bytes),
            format!("error: `{path}` {why}\nhint: make it anew with `scaffold package`\n")
        );
    }
}

#[test]
fn a_zip_with_a_link_for_an_executable() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.add_symlink("bootstrap", "/bin/sh", options()).unwrap();
    let bytes = zip.finish().unwrap().into_inner();
    assert_eq!(
        zip_problems(&bytes),
        "\
error: `bootstrap` is a symbolic link, and not the executable
hint: make it anew with `scaffold package`
"
    );
}

#[test]
fn a_zip_that_is_damaged() {
    let whole = zip(&[("bootstrap", 0o755, &good())]);
    let said = zip_problems(&whole[..whole.len() - 30]);
    assert!(said.starts_with("error: the zip cannot be unpacked: "), "{said}");

    let mut wrong = whole.clone();
    wrong[100] ^= 0xff;
    let said = zip_problems(&wrong);
    assert!(said.starts_with("error: `bootstrap` cannot be unpacked: "), "{said}");

    for length in (2..whole.len()).step_by(whole.len() / 20) {
        let _ = zip_problems(&whole[..length]);
    }
}

/// A few hundred kilobytes that become hundreds of megabytes: reading stops at Lambda's limit.
#[test]
fn a_zip_bomb() {
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
    let expected = "\
error: what is in it has 250 MB or more unpacked, and Lambda takes at most 250 MB
hint: leave out what the function does not need, or make it a container image, which may have 10 GB
";
    assert_eq!(zip_problems(&bytes), expected);

    // What the zip's directory says of sizes is not believed.
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(4).position(|four| four == b"PK\x01\x02") {
        at += found;
        bytes[at + 24..at + 28].fill(1);
        at += 4;
    }
    let said = zip_problems(&bytes);
    assert!(said.starts_with("error: "), "{said}");
}

#[test]
fn a_zip_over_the_limit_of_an_upload() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = options().compression_method(CompressionMethod::Stored);
    zip.start_file("bootstrap", options.unix_permissions(0o755)).unwrap();
    zip.write_all(&good()).unwrap();
    zip.start_file("large", options).unwrap();
    zip.write_all(&vec![7; 51 << 20]).unwrap();
    let bytes = zip.finish().unwrap().into_inner();
    assert_eq!(
        zip_problems(&bytes),
        "\
error: the zip has 51 MB, and Lambda takes at most 50 MB in one upload
hint: leave out what the function does not need, or deploy through S3, as `sam deploy` does
"
    );
}

#[cfg(unix)]
#[test]
fn a_folder() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempdir().unwrap();
    let place = folder.path().join("HelloFunction");
    fs::create_dir_all(place.join("config")).unwrap();
    fs::write(place.join("config/app.toml"), "a = 1\n").unwrap();
    let without = inspect(&folder, &["HelloFunction"]);
    assert_eq!(
        without.stderr,
        "\
error: the folder has `config/app.toml`, and Lambda starts only `bootstrap`
hint: name the binary `bootstrap` under `[[bin]]` in `Cargo.toml`, or have `scaffold package` name it
"
    );
    let mode = |mode| {
        fs::set_permissions(place.join("bootstrap"), fs::Permissions::from_mode(mode)).unwrap();
    };
    fs::write(place.join("bootstrap"), good()).unwrap();
    mode(0o644);
    assert_eq!(
        inspect(&folder, &["HelloFunction"]).stderr,
        "\
error: `bootstrap` has the mode 644: Lambda may not run it
hint: `chmod 755 bootstrap`
"
    );
    mode(0o755);
    let run = inspect(&folder, &["HelloFunction"]);
    assert!(run.stdout.starts_with("HelloFunction: folder, 2 files, 1 kB\n"), "{run:?}");
    assert_eq!((run.code, &*run.stderr), (Some(0), OK));
}

#[test]
fn what_is_not_there() {
    let folder = tempdir().unwrap();
    let expected = "\
error: there is no `bootstrap`
hint: `scaffold build` makes `target/lambda/NAME/bootstrap`
";
    assert_eq!(inspect(&folder, &["bootstrap"]), Run::new(1, "", expected));
}

/// Every problem is told at once.
#[test]
fn tells_all_problems() {
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
