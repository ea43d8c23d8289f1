//! `scaffold new`: the projects that it makes, and its failures.

use std::collections::BTreeMap;
use std::fs;

use lambda_native_tests::assert_run;
use lambda_native_tests::command::{Run, Scaffold, binary, program, workspace};
use lambda_native_tests::project::{Project, tree};
use saphyr::{LoadableYamlNode, Yaml};
use tempfile::{TempDir, tempdir};
use toml_edit::DocumentMut;

/// Runs `scaffold` in the folder.
fn scaffold(folder: &TempDir, arguments: &[&str]) -> Run {
    Scaffold::new(arguments).current_dir(folder.path()).run()
}

/// The names of the entries of a folder.
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

/// Runs `scaffold` in an empty folder; asserts that it fails and leaves nothing behind.
fn fails(arguments: &[&str]) -> Run {
    let folder = tempdir().unwrap();
    let run = scaffold(&folder, arguments);
    assert_ne!(run.code, Some(0), "{run:?}");
    assert_eq!(names(&folder), nothing());
    run
}

/// The files of the library in a project, without the manifests.
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

#[test]
fn prints_the_values_that_are_not_defaults() {
    let folder = tempdir().unwrap();
    let arguments = ["new", "hello", "--yes", "--arch", "arm64", "--memory", "512"];
    assert_run!(scaffold(&folder, &arguments), @"
    exit code: 0
    ----- stderr -----
    created hello: http-api, architecture arm64, memory 512 MB

    next:
      cd hello
      cargo test
      scaffold invoke
      scaffold dev
      scaffold build
      scaffold deploy
    ");
}

#[test]
fn makes_a_whole_project() {
    let folder = tempdir().unwrap();
    assert_run!(scaffold(&folder, &["new", "hello", "--yes", "--no-git"]), @"
    exit code: 0
    ----- stderr -----
    created hello: http-api

    next:
      cd hello
      cargo test
      scaffold invoke
      scaffold dev
      scaffold build
      scaffold deploy
    ");
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
fn puts_every_value_in_its_place() {
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

/// Every value of every question, in files that other programs can read.
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
            "arm64" => ("arm64", "aarch64-unknown-linux-musl"),
            _ => ("amd64", "x86_64-unknown-linux-musl"),
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

/// The name of a stack cannot have a `_`, unlike that of a project.
#[test]
fn its_stack_has_a_name_that_cloudformation_takes() {
    let folder = tempdir().unwrap();
    assert_eq!(scaffold(&folder, &["new", "my_shop", "--yes", "--no-git"]).code, Some(0));
    let config = fs::read_to_string(folder.path().join("my_shop/samconfig.toml")).unwrap();
    assert!(config.contains("stack_name = \"my-shop\"\n"), "{config}");
}

#[test]
fn its_project_passes_its_own_tests_clippy_and_rustfmt() {
    let project = Project::new(&[]);
    let tests = project.cargo(&["test"]);
    assert!(tests.stdout.contains("test result: ok. 2 passed; 0 failed"), "{tests:?}");
    assert!(!tests.stderr.contains("warning"), "{tests:?}");
    let clippy =
        ["clippy", "--all-targets", "--", "--deny", "warnings", "--warn", "clippy::pedantic"];
    let clippy = project.cargo(&clippy);
    assert_eq!(clippy.code, Some(0), "{clippy:?}");
    assert_run!(project.cargo(&["fmt", "--check"]), @"exit code: 0");
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

#[cfg(unix)]
#[test]
fn its_next_commands_work_as_printed() {
    let _alone = lambda_native_tests::project::lock_target();
    let folder = tempdir().unwrap();
    let run = scaffold(&folder, &["new", "hello", "--yes", "--directory", "it's mine"]);
    let (_, commands) = run.stderr.split_once("next:\n").unwrap();
    // `dev` waits for changes, `build` takes long, and `deploy` needs AWS.
    let (commands, _) = commands.split_once("  scaffold dev\n").unwrap();
    insta::assert_snapshot!(commands, @r#"
    cd "it's mine"
    cargo test
    scaffold invoke
    "#);

    let mut shell = program("sh");
    shell
        .args(["-e", "-c", commands])
        .current_dir(folder.path())
        .env("PATH", lambda_native_tests::command::path());
    lambda_native_tests::project::share_target(&mut shell);
    let run = Run::from(shell.output().unwrap());
    let answer = run.stdout.lines().last().unwrap_or_default();
    assert!(answer.contains(r#"{\"message\":\"hello Ada\""#), "{run:?}");
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
fn its_next_commands_have_a_path_if_scaffold_is_not_on_path() {
    let folder = tempdir().unwrap();
    let run = Scaffold::new(["new", "hello", "--yes"])
        .current_dir(folder.path())
        .env("PATH", "/nowhere")
        .run();
    let commands = run.stderr.replace(&*binary().to_string_lossy(), "[SCAFFOLD]");
    insta::assert_snapshot!(commands, @"
    created hello: http-api

    next:
      cd hello
      cargo test
      [SCAFFOLD] invoke
      [SCAFFOLD] dev
      [SCAFFOLD] build
      [SCAFFOLD] deploy
    ");
}

#[test]
fn plain_cargo_generate_makes_the_same_project() {
    let folder = tempdir().unwrap();
    let arguments = ["new", "hello", "--yes", "--no-git", "--runtime", "crates-io"];
    let _ = scaffold(&folder, &arguments).success();
    fs::remove_file(folder.path().join("hello/.scaffold.toml")).unwrap();

    let plain = tempdir().unwrap();
    let run = program(env!("CARGO_BIN_EXE_plain-cargo-generate"))
        .args(["generate", "--silent", "--name", "hello", "--path"])
        .arg(lambda_native_tests::matrix::folder("http-api").path())
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
fn refuses_an_invalid_name() {
    assert_run!(fails(&["new", "My App", "--yes"]), @"
    exit code: 2
    ----- stderr -----
    error: `My App` is not a valid project name: use lower-case letters, digits, `-` or `_`, starting with a letter
    hint: try `my-app`
    ");
}

#[test]
fn refuses_a_path_as_a_name() {
    assert_run!(fails(&["new", "../hello", "--yes"]), @"
    exit code: 2
    ----- stderr -----
    error: `../hello` is not a valid project name: use lower-case letters, digits, `-` or `_`, starting with a letter
    hint: try `hello`
    ");
}

#[test]
fn refuses_a_keyword() {
    assert_run!(fails(&["new", "match", "--yes"]), @"
    exit code: 2
    ----- stderr -----
    error: `match` is a Rust keyword
    hint: try `my-match`
    ");
}

#[test]
fn refuses_the_name_of_a_crate_of_rust() {
    assert_run!(fails(&["new", "test", "--yes"]), @"
    exit code: 2
    ----- stderr -----
    error: `test` is the name of a crate that ships with Rust
    hint: try `my-test`
    ");
}

#[test]
fn refuses_invalid_values() {
    assert_run!(fails(&["new", "hello", "--yes", "--memory", "64"]), @"
    exit code: 2
    ----- stderr -----
    error: invalid value `64` for `--memory`
    hint: expected a whole number from 128 to 10240
    ");
    assert_run!(fails(&["new", "hello", "--yes", "--arch", "sparc"]), @"
    exit code: 2
    ----- stderr -----
    error: invalid value `sparc` for `--architecture`
    hint: expected x86_64 or arm64
    ");
}

#[test]
fn refuses_a_folder_that_exists_and_leaves_it_as_it_is() {
    let folder = tempdir().unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    fs::write(folder.path().join("file"), "mine").unwrap();
    assert_run!(scaffold(&folder, &["new", "empty", "--yes"]), @"
    exit code: 1
    ----- stderr -----
    error: `empty` already exists
    hint: choose another name, or another folder with `--directory`
    ");
    assert_run!(scaffold(&folder, &["new", "file", "--yes"]), @"
    exit code: 1
    ----- stderr -----
    error: `file` already exists
    hint: choose another name, or another folder with `--directory`
    ");
    assert_eq!(names(&folder), ["empty", "file"]);
    assert_eq!(fs::read_dir(folder.path().join("empty")).unwrap().count(), 0);
    assert_eq!(fs::read(folder.path().join("file")).unwrap(), b"mine");
}

/// The hint is quoted for the shell.
#[cfg(unix)]
#[test]
fn refuses_a_folder_whose_parent_is_missing() {
    assert_run!(fails(&["new", "hello", "--yes", "--directory", "my apps/hello"]), @"
    exit code: 1
    ----- stderr -----
    error: folder `my apps` does not exist
    hint: create it first: `mkdir -p 'my apps'`
    ");
}

#[test]
fn refuses_a_folder_in_a_file() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("file"), "mine").unwrap();
    assert_run!(scaffold(&folder, &["new", "hello", "--yes", "--directory", "file/hello"]), @"
    exit code: 1
    ----- stderr -----
    error: `file` is not a folder
    hint: choose another folder with `--directory`
    ");
    assert_eq!(names(&folder), ["file"]);
}

#[cfg(unix)]
#[test]
fn fails_if_the_folder_is_not_writable() {
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
    // Root ignores modes, and becomes another user, who needs a copy of the program.
    let copy = folder.path().join("scaffold");
    fs::copy(binary(), &copy).unwrap();
    let mut command = program(&copy);
    command.args(["new", "hello", "--yes"]).current_dir(&closed);
    if fs::write(closed.join("written"), "").is_ok() {
        fs::remove_file(closed.join("written")).unwrap();
        command.uid(NOBODY);
    }

    assert_run!(Run::from(command.output().unwrap()), @"
    exit code: 1
    ----- stderr -----
    error: cannot create a folder in `.`
      caused by: permission denied
    hint: choose a writable folder with `--directory`
    ");
    assert_eq!(fs::read_dir(&closed).unwrap().count(), 0);
}

/// The fewer files it can open at a time, the earlier it fails. With fewer than 8 it does not start.
#[cfg(unix)]
#[test]
fn leaves_nothing_behind_wherever_it_fails() {
    let mut failed = 0;
    for limit in 6..16 {
        let folder = tempdir().unwrap();
        let command = format!("ulimit -n {limit} && exec scaffold new hello --yes");
        let mut shell = program("sh");
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

/// The hint is quoted for the shell.
#[cfg(unix)]
#[test]
fn lists_everything_that_is_missing_if_it_cannot_ask() {
    assert_run!(fails(&["new"]), @"
    exit code: 2
    ----- stderr -----
    error: missing: `NAME`, `--api`, `--outbound`, `--openapi`, `--architecture`, `--memory`, `--package-type`, `--infrastructure`, `--tracing`, `--json-logs`, `--application-insights`, `--ci`, `--editor`, `--linking`, `--timeout`; without an interactive terminal nothing can be asked
    hint: run `scaffold new hello --yes` or `scaffold new hello --api http --outbound no --openapi no --architecture x86_64 --memory 256 --package-type zip --infrastructure sam --tracing no --json-logs no --application-insights no --ci no --editor no --linking static --timeout 10`
    ");
    let some = ["--template", "function", "--memory", "512", "--directory", "my app"];
    assert_run!(fails(&[&["new", "greet"], &some[..]].concat()), @"
    exit code: 2
    ----- stderr -----
    error: missing: `--outbound`, `--architecture`, `--package-type`, `--infrastructure`, `--tracing`, `--json-logs`, `--application-insights`, `--ci`, `--editor`, `--linking`, `--timeout`; without an interactive terminal nothing can be asked
    hint: run `scaffold new greet --template function --memory 512 --directory 'my app' --yes` or `scaffold new greet --template function --memory 512 --directory 'my app' --outbound no --architecture x86_64 --package-type zip --infrastructure sam --tracing no --json-logs no --application-insights no --ci no --editor no --linking static --timeout 10`
    ");
    assert_run!(fails(&["new", "--yes"]), @"
    exit code: 2
    ----- stderr -----
    error: missing: `NAME` (no default)
    hint: run `scaffold new hello --yes`
    ");
}

#[cfg(unix)]
#[test]
fn the_commands_of_its_hints_work() {
    let run = scaffold(&tempdir().unwrap(), &["new", "--directory", "my api", "--memory", "512"]);
    let commands: Vec<&str> = run.stderr.split('`').filter(|t| t.starts_with("scaffold")).collect();
    assert_eq!(commands.len(), 2, "{run:?}");
    for command in commands {
        let folder = tempdir().unwrap();
        let run = program("sh")
            .args(["-c", command])
            .current_dir(folder.path())
            .env("PATH", lambda_native_tests::command::path())
            .output();
        let run = Run::from(run.unwrap());
        assert_eq!(run.code, Some(0), "{run:?}");
        assert_eq!(names(&folder), ["my api"]);
    }
}

/// Presses Ctrl-C at several stages of the work, which cannot end before, as its `git` never ends.
#[cfg(unix)]
#[test]
fn ctrl_c_while_it_works_leaves_nothing_behind() {
    use std::num::NonZero;
    use std::os::unix::fs::PermissionsExt;

    use lambda_native_tests::terminal::{CTRL_C, Terminal};
    use lambda_native_tests::wait::wait_for;

    let programs = tempdir().unwrap();
    let git = programs.path().join("git");
    fs::write(&git, "#!/bin/sh\nexec sleep 900\n").unwrap();
    fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", programs.path().display());

    // The staging folder has a name of its own, and the stamp is the last file in it.
    for stage in [".scaffold-", "Cargo.toml", "lib.rs", ".scaffold.toml"] {
        let folder = tempdir().unwrap();
        let columns = NonZero::new(80).unwrap();
        let environment = [("PATH", &*path)];
        let arguments = ["new", "hello", "--yes"];
        let mut terminal = Terminal::start_as(&arguments, folder.path(), columns, &environment);
        wait_for(|| names_below(folder.path()).iter().any(|name| name.starts_with(stage)));
        terminal.send(CTRL_C);
        let screen = terminal.end();
        assert_eq!(screen.code, Some(130), "{stage}: {screen:?}");
        assert!(screen.last_line().ends_with("error: interrupted"), "{stage}: {screen:?}");
        assert_eq!(names(&folder), nothing(), "{stage}");
    }
}

/// The names of everything below a folder, which can change at the same time.
#[cfg(unix)]
fn names_below(folder: &std::path::Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        names.push(entry.file_name().to_string_lossy().into_owned());
        names.extend(names_below(&entry.path()));
    }
    names
}
