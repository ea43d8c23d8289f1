//! `scaffold new`: what it makes, and how it fails.

#![allow(clippy::unwrap_used, reason = "what a test does not expect ends it")]

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use lambda_native_tests::command::{Run, Scaffold, binary, workspace};
use lambda_native_tests::project::{Project, tree};
use saphyr::{LoadableYamlNode, Yaml};
use tempfile::{TempDir, tempdir};
use toml_edit::DocumentMut;

/// Runs `scaffold` in the folder.
fn scaffold(folder: &TempDir, arguments: &[&str]) -> Run {
    Scaffold::new(arguments).current_dir(folder.path()).run()
}

/// What is in a folder, one level deep.
fn names(folder: &TempDir) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn nothing() -> Vec<String> {
    Vec::new()
}

/// Asserts that `scaffold` fails just so, and leaves nothing behind.
#[track_caller]
fn assert_fails(arguments: &[&str], code: i32, stderr: &str) {
    let folder = tempdir().unwrap();
    assert_eq!(scaffold(&folder, arguments), Run::new(code, "", stderr));
    assert_eq!(names(&folder), nothing());
}

/// The library's crates as a project has them: its files beside the manifest.
fn library_sources() -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for (folder, name) in [("runtime", "lambda-native"), ("macros", "lambda-native-macros")] {
        for (path, contents) in tree(&workspace().join(folder)) {
            if path.starts_with("src/") || path.starts_with("LICENSE-") {
                files.insert(format!("vendor/{name}/{path}"), contents);
            }
        }
    }
    files
}

/// What there is to do in a project, as `scaffold new` prints it, with this name of the program.
fn next_commands(program: &str) -> String {
    ["invoke", "dev", "build", "deploy"].map(|name| format!("  {program} {name}\n")).concat()
}

#[test]
fn tells_what_is_not_the_default() {
    let folder = tempdir().unwrap();
    let arguments = ["new", "hello", "--yes", "--arch", "arm64", "--memory", "512"];
    let run = scaffold(&folder, &arguments);
    let line = "created hello: http-api, architecture arm64, memory 512 MB\n";
    assert!(run.stderr.starts_with(line), "{run:?}");
}

#[test]
fn makes_a_whole_project() {
    let folder = tempdir().unwrap();
    let run = scaffold(&folder, &["new", "hello", "--yes", "--no-git"]);
    let said = format!(
        "created hello: http-api\n\nnext:\n  cd hello\n  cargo test\n{}",
        next_commands("scaffold")
    );
    assert_eq!(run, Run::new(0, "", said));
    assert_eq!(names(&folder), ["hello"]);

    let mut files = tree(&folder.path().join("hello"));
    let (vendored, own): (Vec<_>, Vec<_>) =
        files.keys().cloned().partition(|path| path.starts_with("vendor/"));
    assert_eq!(
        own,
        [
            ".dockerignore",
            ".gitignore",
            ".scaffold.toml",
            "Cargo.toml",
            "Dockerfile",
            "Makefile",
            "README.md",
            "events/event.json",
            "samconfig.toml",
            "src/main.rs",
            "template.yaml"
        ]
    );
    for path in own {
        let text = std::str::from_utf8(&files[&path]).unwrap();
        assert!(!text.contains("{{") && !text.contains("{%"), "a tag is left in {path}:\n{text}");
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "the end of {path}");
    }

    for path in vendored.iter().filter(|path| path.ends_with("Cargo.toml")) {
        let manifest = String::from_utf8(files.remove(path).unwrap()).unwrap();
        let manifest: DocumentMut = manifest.parse().unwrap();
        let name = format!("vendor/{}/Cargo.toml", manifest["package"]["name"].as_str().unwrap());
        assert_eq!(*path, name);
    }
    assert!(files.remove("vendor/README.md").is_some());
    files.retain(|path, _| path.starts_with("vendor/"));
    assert!(files == library_sources(), "{:?}", files.keys());
}

#[test]
fn puts_every_answer_in_its_place() {
    let project = Project::new(&["--arch", "arm64", "--memory", "10240", "--timeout", "30"]);
    let project = project.path();

    let template = fs::read_to_string(project.join("template.yaml")).unwrap();
    let template = Yaml::load_from_str(&template).unwrap();
    let function = &template[0]["Resources"]["HelloFunction"]["Properties"];
    assert_eq!(function["Architectures"][0].as_str(), Some("arm64"));
    assert_eq!(function["MemorySize"].as_integer(), Some(10_240));
    assert_eq!(function["Timeout"].as_integer(), Some(30));

    let manifest = fs::read_to_string(project.join("Cargo.toml")).unwrap();
    let manifest: DocumentMut = manifest.parse().unwrap();
    assert_eq!(manifest["package"]["name"].as_str(), Some("hello"));
    assert_eq!(manifest["bin"][0]["name"].as_str(), Some("bootstrap"));
    let patch = &manifest["patch"]["crates-io"]["lambda-native"]["path"];
    assert_eq!(patch.as_str(), Some("vendor/lambda-native"));

    let event = fs::read(project.join("events/event.json")).unwrap();
    let event: serde_json::Value = serde_json::from_slice(&event).unwrap();
    let routes = function["Events"].as_mapping().unwrap().values();
    let routes: Vec<String> = routes
        .map(|event| &event["Properties"])
        .map(|route| {
            format!("{} {}", route["Method"].as_str().unwrap(), route["Path"].as_str().unwrap())
        })
        .collect();
    assert!(routes.iter().any(|route| *route == event["routeKey"]), "{routes:?}");
}

/// Every value of every question, in files that other programs take.
#[test]
fn makes_every_kind_of_project() {
    for (package, architecture, chosen) in [
        ("zip", "x86_64", "no"),
        ("zip", "arm64", "yes"),
        ("image", "x86_64", "yes"),
        ("image", "arm64", "no"),
    ] {
        let project = Project::new(&[
            &*format!("--package-type={package}"),
            &format!("--arch={architecture}"),
            &format!("--tracing={chosen}"),
            &format!("--json-logs={chosen}"),
            &format!("--application-insights={chosen}"),
        ]);
        let read = |name: &str| fs::read_to_string(project.path().join(name));
        let (is_image, is_chosen) = (package == "image", chosen == "yes");

        let template = read("template.yaml").unwrap();
        let template = Yaml::load_from_str(&template).unwrap();
        let resources = &template[0]["Resources"];
        let function = &resources["HelloFunction"];
        let properties = &function["Properties"];
        let property = |name: &str| properties.as_mapping_get(name).and_then(Yaml::as_str);
        assert_eq!(property("PackageType"), is_image.then_some("Image"));
        assert_eq!(property("Runtime"), (!is_image).then_some("provided.al2023"));
        assert_eq!(property("Tracing"), is_chosen.then_some("Active"));
        assert_eq!(properties.as_mapping_get("LoggingConfig").is_some(), is_chosen);
        assert_eq!(resources.as_mapping_get("ApplicationInsightsMonitoring").is_some(), is_chosen);
        let metadata = &function["Metadata"];
        let stage = metadata.as_mapping_get("DockerBuildTarget").and_then(Yaml::as_str);
        assert_eq!(stage, is_image.then_some("function"));
        for output in ["Url", "FunctionArn", "FunctionRoleArn"] {
            assert!(template[0]["Outputs"].as_mapping_get(output).is_some(), "{output}");
        }

        let config: DocumentMut = read("samconfig.toml").unwrap().parse().unwrap();
        let build = &config["default"]["build"]["parameters"];
        assert_eq!(build.get("use_buildkit").is_some(), is_image);
        assert_eq!(build.get("build_in_source").is_some(), !is_image);

        let (image_name, target) = match architecture {
            "arm64" => ("arm64", "aarch64-unknown-linux-gnu"),
            _ => ("amd64", "x86_64-unknown-linux-gnu"),
        };
        let dockerfile = read("Dockerfile").unwrap();
        assert!(dockerfile.contains(&format!("\nARG ARCHITECTURE={image_name}\n")), "{dockerfile}");
        match read("Makefile") {
            Ok(makefile) => assert!(makefile.contains(&format!("\nTARGET = {target}\n"))),
            Err(_) => assert!(is_image),
        }
        for (name, contents) in tree(&project.path()) {
            let text = String::from_utf8(contents).unwrap();
            if !name.starts_with("vendor/") {
                assert!(!text.contains("{{") && !text.contains("{%"), "{name}:\n{text}");
                assert!(!text.contains("\n\n\n") && text.ends_with('\n'), "{name}:\n{text}");
            }
        }
    }
}

#[test]
fn its_project_passes_its_own_tests_clippy_and_rustfmt() {
    let project = Project::new(&[]);
    let tests = project.cargo(&["test"]);
    assert!(tests.stdout.contains("test result: ok. 4 passed; 0 failed"), "{tests:?}");
    assert!(!tests.stderr.contains("warning"), "{tests:?}");
    let clippy =
        ["clippy", "--all-targets", "--", "--deny", "warnings", "--warn", "clippy::pedantic"];
    let clippy = project.cargo(&clippy);
    assert_eq!(clippy.code, Some(0), "{clippy:?}");
    assert_eq!(project.cargo(&["fmt", "--check"]), Run::new(0, "", ""));
}

#[test]
fn its_project_has_few_dependencies() {
    let project = Project::new(&[]);
    let tree = ["tree", "--edges", "normal,build", "--prefix", "none", "--no-dedupe"];
    let tree = project.cargo(&tree).success();
    let mut crates: Vec<&str> = tree.lines().collect();
    crates.sort_unstable();
    crates.dedup();
    assert!(crates.len() <= 24, "{}: {crates:#?}", crates.len());
}

/// The commands as they are printed, in a shell.
#[cfg(unix)]
#[test]
fn its_next_commands_work_as_printed() {
    let folder = tempdir().unwrap();
    let run = scaffold(&folder, &["new", "hello", "--yes", "--directory", "it's mine"]);
    let (_, commands) = run.stderr.split_once("next:\n").unwrap();
    let (_, more) = commands.split_once("  scaffold invoke\n").unwrap();
    let commands = commands.strip_suffix(more).unwrap();
    assert_eq!(commands, "  cd \"it's mine\"\n  cargo test\n  scaffold invoke\n");

    let mut shell = Command::new("sh");
    shell
        .args(["-e", "-c", commands])
        .current_dir(folder.path())
        .env("PATH", lambda_native_tests::command::path());
    lambda_native_tests::project::clean_environment(&mut shell);
    let run = Run::from(shell.output().unwrap());
    let answer = run.stdout.lines().last().unwrap_or_default();
    assert!(answer.contains(r#"{\"message\":\"hello Ada\""#), "{run:?}");
    assert_eq!(run.code, Some(0), "{run:?}");
}

/// Where the shell would not find `scaffold`, the commands have its path.
#[test]
fn its_next_commands_work_off_the_path() {
    let folder = tempdir().unwrap();
    let run = Scaffold::new(["new", "hello", "--yes"])
        .current_dir(folder.path())
        .env("PATH", "/nowhere")
        .run();
    let commands = next_commands(&binary().display().to_string());
    assert!(run.stderr.ends_with(&commands), "{run:?}");
}

#[test]
fn the_plain_cargo_generate_makes_the_same() {
    let folder = tempdir().unwrap();
    let arguments = ["new", "hello", "--yes", "--no-git", "--runtime", "crates-io"];
    let _ = scaffold(&folder, &arguments).success();
    fs::remove_file(folder.path().join("hello/.scaffold.toml")).unwrap();

    let plain = tempdir().unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_plain-cargo-generate"))
        .args(["generate", "--silent", "--name", "hello", "--path"])
        .arg(workspace().join("templates/http-api"))
        .current_dir(plain.path())
        .env("CARGO_NAME", "Ada Lovelace")
        .output();
    let run = Run::from(run.unwrap());
    assert_eq!(run.code, Some(0), "{run:?}");

    let text = |folder: &TempDir| {
        let files = tree(folder.path()).into_iter();
        files.map(|(path, text)| (path, String::from_utf8(text).unwrap())).collect::<Vec<_>>()
    };
    assert_eq!(text(&folder), text(&plain));
}

#[test]
fn takes_the_library_from_a_checkout() {
    let checkout = format!("path:{}", workspace().display());
    let project = Project::new(&["--runtime", &checkout]);
    let metadata = project.cargo(&["metadata", "--format-version", "1"]).success();
    let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let library = packages.iter().find(|package| package["name"] == "lambda-native").unwrap();
    let manifest = dunce::canonicalize(workspace().join("runtime/Cargo.toml")).unwrap();
    assert_eq!(library["manifest_path"].as_str(), manifest.to_str());
    assert!(!project.path().join("vendor").exists());
}

#[test]
fn leaves_a_surrounding_workspace_alone() {
    let folder = tempdir().unwrap();
    let outer = "[workspace] # ours\nmembers = []\n";
    fs::write(folder.path().join("Cargo.toml"), outer).unwrap();
    let _ = scaffold(&folder, &["new", "hello", "--yes"]).success();
    assert_eq!(fs::read_to_string(folder.path().join("Cargo.toml")).unwrap(), outer);

    let mut cargo = lambda_native_tests::command::cargo();
    cargo.args(["metadata", "--format-version", "1", "--no-deps"]);
    let run = Run::from(cargo.current_dir(folder.path().join("hello")).output().unwrap());
    let metadata: serde_json::Value = serde_json::from_str(&run.success()).unwrap();
    let root = dunce::canonicalize(folder.path().join("hello")).unwrap();
    assert_eq!(metadata["workspace_root"].as_str(), root.to_str());
    assert_eq!(metadata["packages"].as_array().map(Vec::len), Some(1));
}

#[test]
fn does_not_read_the_settings_of_cargo_generate() {
    let folder = tempdir().unwrap();
    let home = tempdir().unwrap();
    let settings = "[values]\nmemory = \"9999\"\n";
    fs::write(home.path().join("cargo-generate.toml"), settings).unwrap();
    let run = Scaffold::new(["new", "hello", "--yes"])
        .current_dir(folder.path())
        .env("CARGO_HOME", home.path())
        .env("CARGO_GENERATE_VALUE_TIMEOUT", "99")
        .env("CARGO_GENERATE_TEMPLATE_VALUES_FILE", home.path().join("cargo-generate.toml"))
        .run();
    let _ = run.success();
    let template = fs::read_to_string(folder.path().join("hello/template.yaml")).unwrap();
    assert!(template.contains("MemorySize: 256\n      Timeout: 10\n"), "{template}");
}

#[test]
fn works_without_an_environment() {
    let folder = tempdir().unwrap();
    let run = Scaffold::new(["new", "hello", "--yes"]).current_dir(folder.path()).env_clear().run();
    assert_eq!((run.code, &*run.stdout), (Some(0), ""), "{run:?}");
    assert_eq!(names(&folder), ["hello"]);
}

#[test]
fn refuses_what_is_no_package_name() {
    assert_fails(
        &["new", "My App", "--yes"],
        2,
        "\
error: `My App` is no package name: expected lower-case letters, digits, `-` and `_`, a letter first
hint: `my-app` would do
",
    );
}

#[test]
fn refuses_a_path_for_a_name() {
    assert_fails(
        &["new", "../hello", "--yes"],
        2,
        "\
error: `../hello` is no package name: expected lower-case letters, digits, `-` and `_`, a letter \
         first
hint: `hello` would do
",
    );
}

#[test]
fn refuses_a_keyword() {
    assert_fails(
        &["new", "match", "--yes"],
        2,
        "\
error: `match` is a keyword of Rust
hint: `my-match` would do
",
    );
}

#[test]
fn refuses_a_crate_of_rusts_own() {
    assert_fails(
        &["new", "test", "--yes"],
        2,
        "\
error: `test` is the name of a crate that comes with Rust
hint: `my-test` would do
",
    );
}

#[test]
fn refuses_an_answer_that_is_none() {
    assert_fails(
        &["new", "hello", "--yes", "--memory", "64"],
        2,
        "\
error: `64` is no answer to `--memory`
hint: expected a whole number from 128 to 10240
",
    );
    assert_fails(
        &["new", "hello", "--yes", "--arch", "sparc"],
        2,
        "\
error: `sparc` is no answer to `--architecture`
hint: expected x86_64 or arm64
",
    );
}

#[test]
fn refuses_a_folder_that_exists_and_leaves_it_as_it_is() {
    let folder = tempdir().unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    fs::write(folder.path().join("file"), "mine").unwrap();
    for name in ["empty", "file"] {
        let said = format!(
            "\
error: `{name}` already exists
hint: choose another name, or another folder with `--directory`
"
        );
        assert_eq!(scaffold(&folder, &["new", name, "--yes"]), Run::new(1, "", said));
    }
    assert_eq!(names(&folder), ["empty", "file"]);
    assert_eq!(fs::read_dir(folder.path().join("empty")).unwrap().count(), 0);
    assert_eq!(fs::read(folder.path().join("file")).unwrap(), b"mine");
}

#[test]
fn refuses_a_folder_in_none() {
    assert_fails(
        &["new", "hello", "--yes", "--directory", "my apps/hello"],
        1,
        if cfg!(windows) {
            "\
error: there is no folder `my apps`
hint: make it first: `mkdir \"my apps\"`
"
        } else {
            "\
error: there is no folder `my apps`
hint: make it first: `mkdir -p 'my apps'`
"
        },
    );
}

#[test]
fn refuses_a_folder_in_a_file() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("file"), "mine").unwrap();
    let run = scaffold(&folder, &["new", "hello", "--yes", "--directory", "file/hello"]);
    let said = "\
error: `file` is not a folder
hint: choose another folder with `--directory`
";
    assert_eq!(run, Run::new(1, "", said));
    assert_eq!(names(&folder), ["file"]);
}

#[cfg(unix)]
#[test]
fn says_that_the_folder_cannot_be_written_to() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    use std::path::Path;

    const NOBODY: u32 = 65534;
    let mode = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };

    let folder = tempdir().unwrap();
    let closed = folder.path().join("closed");
    fs::create_dir(&closed).unwrap();
    mode(folder.path(), 0o755);
    mode(&closed, 0o555);
    // Modes do not bind root, who has to become somebody else, with a binary within their reach.
    let program = folder.path().join("scaffold");
    fs::copy(binary(), &program).unwrap();
    let mut command = Command::new(&program);
    command.args(["new", "hello", "--yes"]).current_dir(&closed);
    if fs::write(closed.join("written"), "").is_ok() {
        fs::remove_file(closed.join("written")).unwrap();
        command.uid(NOBODY);
    }

    let said = "\
error: cannot make a folder in `.`
  caused by: permission denied
hint: choose a folder that you may write to with `--directory`
";
    assert_eq!(Run::from(command.output().unwrap()), Run::new(1, "", said));
    assert_eq!(fs::read_dir(&closed).unwrap().count(), 0);
}

/// With fewer and fewer files that it may open at a time, it fails in ever other places.
#[cfg(unix)]
#[test]
fn leaves_nothing_wherever_it_fails() {
    let mut failed = 0;
    for limit in 6..12 {
        let folder = tempdir().unwrap();
        let command = format!("ulimit -n {limit} && exec scaffold new hello --yes");
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &command])
            .current_dir(folder.path())
            .env("PATH", lambda_native_tests::command::path());
        let run = Run::from(shell.output().unwrap());
        if run.code != Some(0) {
            assert!(run.stderr.starts_with("error: "), "{run:?}");
            assert_eq!(names(&folder), nothing(), "{run:?}");
            failed += 1;
        }
    }
    assert!(failed > 0);
}

#[test]
fn without_a_terminal_says_all_that_is_missing() {
    assert_fails(
        &["new"],
        2,
        "\
error: missing: `NAME`, `--api`, `--architecture`, `--memory`, `--package-type`, `--tracing`, \
         `--json-logs`, `--application-insights`, `--outbound`, `--ci`, `--editor`, `--timeout`, \
         `--linking`; nothing is asked without a terminal
hint: `scaffold new hello --yes` or `scaffold new hello --api http --architecture x86_64 --memory 256 \
         --package-type zip --tracing no --json-logs no --application-insights no --outbound no --ci no \
         --editor no --timeout 10 --linking dynamic`
",
    );
    assert_fails(
        &["new", "greet", "--template", "function", "--memory", "512", "--directory", "my app"],
        2,
        &"\
error: missing: `--architecture`, `--timeout`, `--package-type`, `--tracing`, `--json-logs`, \
         `--application-insights`, `--outbound`, `--ci`, `--editor`, `--linking`; nothing is asked \
         without a terminal
hint: `scaffold new greet --template function --memory 512 --directory 'my app' --yes` or `scaffold \
         new greet --template function --memory 512 --directory 'my app' --architecture x86_64 \
         --timeout 10 --package-type zip --tracing no --json-logs no --application-insights no \
         --outbound no --ci no --editor no --linking dynamic`
"
        .replace('\'', if cfg!(windows) { "\"" } else { "'" }),
    );
    assert_fails(
        &["new", "--yes"],
        2,
        "\
error: missing: `NAME`, for which there is no default
hint: `scaffold new hello --yes`
",
    );
}

/// Both commands of the hint, as they are printed.
#[cfg(unix)]
#[test]
fn the_commands_that_it_hints_at_work() {
    let run = scaffold(&tempdir().unwrap(), &["new", "--directory", "my api", "--memory", "512"]);
    let commands: Vec<&str> = run.stderr.split('`').filter(|t| t.starts_with("scaffold")).collect();
    assert_eq!(commands.len(), 2, "{run:?}");
    for command in commands {
        let folder = tempdir().unwrap();
        let run = Command::new("sh")
            .args(["-c", command])
            .current_dir(folder.path())
            .env("PATH", lambda_native_tests::command::path())
            .output();
        let run = Run::from(run.unwrap());
        assert_eq!(run.code, Some(0), "{run:?}");
        assert_eq!(names(&folder), ["my api"]);
    }
}

/// Ctrl-C at any moment: nothing is there, or, where it came too late, all is.
#[cfg(unix)]
#[test]
fn ctrl_c_while_it_works_leaves_nothing_or_the_whole() {
    use lambda_native_tests::terminal::{CTRL_C, Terminal};

    let folder = tempdir().unwrap();
    let _ = scaffold(&folder, &["new", "hello", "--yes", "--no-git"]).success();
    let whole = tree(folder.path());

    let mut interrupted = 0;
    for delay in 0..30 {
        let folder = tempdir().unwrap();
        let arguments = ["new", "hello", "--yes", "--no-git"];
        let mut terminal = Terminal::start(&arguments, folder.path());
        std::thread::sleep(std::time::Duration::from_millis(2 * delay));
        terminal.send(CTRL_C);
        let (status, screen) = terminal.end();
        let made = tree(folder.path());
        if status.success() {
            assert!(made == whole, "{screen}");
        } else {
            assert_eq!(names(&folder), nothing(), "{screen}");
            interrupted += usize::from(status.exit_code() == 130);
        }
    }
    assert!(interrupted > 0);
}
