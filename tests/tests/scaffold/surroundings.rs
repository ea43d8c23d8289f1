//! `scaffold new` in an existing workspace, repository or folder.

use std::fs;
use std::path::{Path, PathBuf};

use lambda_native_tests::assert_run;
use lambda_native_tests::command::{Run, Scaffold, cargo};
use lambda_native_tests::project::tree;
use serde_json::Value;
use tempfile::{TempDir, tempdir};

/// A folder with a manifest.
struct Root {
    folder: TempDir,
}

impl Root {
    fn new(manifest: &str) -> Self {
        let root = Self { folder: tempdir().unwrap() };
        fs::write(root.path("Cargo.toml"), manifest).unwrap();
        root
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn scaffold(&self, arguments: &[&str]) -> Run {
        Scaffold::new(["new"])
            .args(arguments)
            .args(["--yes", "--no-git"])
            .current_dir(self.folder.path())
            .run()
    }

    fn manifest(&self) -> String {
        fs::read_to_string(self.path("Cargo.toml")).unwrap()
    }

    /// The members that cargo finds, without a warning.
    fn members(&self) -> Vec<String> {
        let run = cargo()
            .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
            .current_dir(self.folder.path())
            .output();
        let run = Run::from(run.unwrap());
        assert_eq!((run.code, &*run.stderr), (Some(0), ""), "{run:?}");
        let metadata: Value = serde_json::from_str(&run.stdout).unwrap();
        let packages = metadata["packages"].as_array().unwrap().iter();
        let names = packages.map(|package| package["name"].as_str().unwrap().to_owned());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }
}

const VIRTUAL: &str = "\
# Everything of ours.
[workspace]
resolver = \"3\"   # the newest
members = [
    # the first
    \"one\", # and only
]

[workspace.package]
edition = \"2024\"
";

fn one(root: &Root) {
    fs::create_dir_all(root.path("one/src")).unwrap();
    fs::write(root.path("one/Cargo.toml"), "[package]\nname = \"one\"\nedition = \"2024\"\n")
        .unwrap();
    fs::write(root.path("one/src/lib.rs"), "").unwrap();
}

#[test]
fn becomes_a_member_and_keeps_the_layout_of_the_manifest() {
    let root = Root::new(VIRTUAL);
    one(&root);
    assert_run!(root.scaffold(&["hello", "--workspace"]), @"
    exit code: 0
    ----- stderr -----
    created hello: http-api
      added `hello` to `members` in `Cargo.toml`
      added `[profile.release]` to `Cargo.toml` to make functions small
      added `[patch.crates-io]` to `Cargo.toml` for `lambda-native`

    next:
      cd hello
      cargo test
      scaffold invoke
      scaffold dev
      scaffold build
      scaffold deploy
    ");
    insta::assert_snapshot!(root.manifest(), @r#"
    # Everything of ours.
    [workspace]
    resolver = "3"   # the newest
    members = [
        # the first
        "one", # and only
        "hello",
    ]
    exclude = ["hello/vendor"]

    [workspace.package]
    edition = "2024"

    # A small executable that starts fast.
    [profile.release]
    lto = "fat"
    codegen-units = 1
    panic = "abort"
    strip = true

    # The library is vendored: see vendor/README.md.
    [patch.crates-io]
    lambda-native = { path = "hello/vendor/lambda-native" }
    "#);
    assert_eq!(root.members(), ["hello", "one"]);
    let member = fs::read_to_string(root.path("hello/Cargo.toml")).unwrap();
    for section in ["workspace", "profile", "patch"] {
        assert!(!member.contains(&format!("[{section}")), "{member}");
    }

    // A second project shares the library and the profile of the first.
    let run = root.scaffold(&["again", "--workspace"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(root.members(), ["again", "hello", "one"]);
    assert!(!root.path("again/vendor").exists());
    insta::assert_snapshot!(root.manifest(), @r#"
    # Everything of ours.
    [workspace]
    resolver = "3"   # the newest
    members = [
        # the first
        "one", # and only
        "hello",
        "again",
    ]
    exclude = ["hello/vendor"]

    [workspace.package]
    edition = "2024"

    # A small executable that starts fast.
    [profile.release]
    lto = "fat"
    codegen-units = 1
    panic = "abort"
    strip = true

    # The library is vendored: see vendor/README.md.
    [patch.crates-io]
    lambda-native = { path = "hello/vendor/lambda-native" }
    "#);
}

#[test]
fn builds_a_member_with_the_library_of_the_workspace() {
    let root = Root::new("[workspace]\nresolver = \"3\"\n");
    let _ = root.scaffold(&["hello", "--workspace"]);
    let mut check = cargo();
    check.args(["check", "--package", "hello"]).current_dir(root.folder.path());
    lambda_native_tests::project::share_target(&mut check);
    let run = Run::from(check.output().unwrap());
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(!run.stderr.contains("warning"), "{run:?}");
}

#[test]
fn becomes_a_member_by_default_if_members_matches_its_folder() {
    let manifest = "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n";
    let root = Root::new(manifest);
    fs::create_dir(root.path("crates")).unwrap();
    let arguments = ["hello", "--directory", "crates/hello", "--runtime", "crates-io"];
    let run = root.scaffold(&arguments);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(root.manifest().starts_with(manifest), "{}", root.manifest());
    assert_eq!(root.members(), ["hello"]);

    // Otherwise the workspace must exclude it.
    let root = Root::new(manifest);
    fs::create_dir(root.path("crates")).unwrap();
    let run = root.scaffold(&[&arguments[..], &["--no-workspace"]].concat());
    assert_run!(run, @"
    exit code: 0
    ----- stderr -----
    created crates/hello: http-api
      added `crates/hello` to `exclude` in `Cargo.toml`

    next:
      cd crates/hello
      cargo test
      scaffold invoke
      scaffold dev
      scaffold build
      scaffold deploy
    ");
    assert_eq!(root.manifest(), format!("{manifest}exclude = [\"crates/hello\"]\n"));
    assert_eq!(root.members(), Vec::<String>::new());
}

#[test]
fn stays_outside_of_the_workspace_by_default() {
    for manifest in [
        "[workspace] # ours\nmembers = []\n",
        "[workspace]\nmembers = [\"*\"]\nexclude = [\"hello\"]\n",
        "[package]\nname = \"outer\"\nedition = \"2024\"\n[workspace]\n[lib]\npath = \"lib.rs\"\n",
        "[package]\nname = \"outer\"\nedition = \"2024\"\n[lib]\npath = \"lib.rs\"\n",
    ] {
        let root = Root::new(manifest);
        fs::write(root.path("lib.rs"), "").unwrap();
        let run = root.scaffold(&["hello"]);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert_eq!(root.manifest(), manifest);
        let _ = root.members();
    }
}

/// The root of the workspace is a package, and has a profile already.
#[test]
fn settings_of_the_workspace_override_those_of_the_template() {
    let manifest = "\
[package]
name = \"outer\"
edition = \"2024\"

[lib]
path = \"lib.rs\"

[profile.release]
opt-level = 3

[workspace]
";
    let root = Root::new(manifest);
    fs::write(root.path("lib.rs"), "").unwrap();
    assert_run!(root.scaffold(&["hello", "--workspace", "--runtime", "crates-io"]), @r#"
    exit code: 0
    ----- stderr -----
    created hello: http-api
      added `hello` to `members` in `Cargo.toml`
      kept `[profile.release]` of `Cargo.toml`; functions are smaller with `lto = "fat"`, `codegen-units = 1`, `panic = "abort"`, `strip = true`

    next:
      cd hello
      cargo test
      scaffold invoke
      scaffold dev
      scaffold build
      scaffold deploy
    "#);
    let expected = format!("{manifest}members = [\"hello\"]\n");
    assert_eq!(root.manifest(), expected);
    assert_eq!(root.members(), ["hello", "outer"]);
}

#[test]
fn refuses_flags_that_do_not_fit_the_surroundings() {
    let folder = tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let run = Scaffold::new(["new", "hello", "--yes"]).args(arguments);
        run.current_dir(folder.path()).run()
    };
    assert_run!(run(&["--workspace"]), @"
    exit code: 2
    ----- stderr -----
    error: cannot add the project to a workspace: there is none above its folder
    hint: omit `--workspace`
    ");
    fs::create_dir(folder.path().join(".git")).unwrap();
    assert_run!(run(&["--git"]), @"
    exit code: 2
    ----- stderr -----
    error: the project is inside the git repository `[TEMP]`
    hint: omit `--git`
    ");

    let manifest = "[workspace]\nexclude = [\"hello\"]\n";
    let root = Root::new(manifest);
    assert_run!(root.scaffold(&["hello", "--workspace"]), @"
    exit code: 2
    ----- stderr -----
    error: cannot add the project to a workspace: `exclude` in `Cargo.toml` covers its folder
    hint: omit `--workspace`
    ");
}

#[test]
fn a_failure_leaves_the_workspace_unchanged() {
    let root = Root::new(VIRTUAL);
    fs::create_dir(root.path("template")).unwrap();
    fs::write(root.path("template/Cargo.toml"), "[package]\nname = \"{{ none }}\"\n").unwrap();
    let run = root.scaffold(&["hello", "--workspace", "--from", "template"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(root.manifest(), VIRTUAL);
    let names: Vec<_> = tree(root.folder.path()).into_keys().collect();
    assert_eq!(names, ["Cargo.toml", "template/Cargo.toml"]);

    let root = Root::new("[workspace]\nmembers = \"one\"\n");
    assert_run!(root.scaffold(&["hello", "--workspace"]), @"
    exit code: 1
    ----- stderr -----
    error: `members` of the workspace is not a list
    ");
    assert_eq!(tree(root.folder.path()).into_keys().collect::<Vec<_>>(), ["Cargo.toml"]);
}

#[cfg(unix)]
#[test]
fn asks_whether_to_become_a_member() {
    use lambda_native_tests::terminal::{ENTER, Terminal};
    let root = Root::new("[workspace]\nresolver = \"3\"\n");
    fs::create_dir(root.path("template")).unwrap();
    let package = "[package]\nname = \"{{ project-name }}\"\nedition = \"2024\"\n";
    fs::write(root.path("template/Cargo.toml"), package).unwrap();
    fs::create_dir(root.path("template/src")).unwrap();
    fs::write(root.path("template/src/lib.rs"), "").unwrap();
    let arguments = ["new", "hello", "--no-git", "--from", "template"];
    let mut terminal = Terminal::start(&arguments, root.folder.path());
    terminal.wait_for("Add the project to the workspace `Cargo.toml`?");
    terminal.send("y\r");
    terminal.wait_for("Create the project?");
    terminal.send(ENTER);
    assert_run!(terminal.end(), @"
    exit code: 0
    ----- screen -----
    > Add the project to the workspace `Cargo.toml`? Yes

      name      hello
      folder    hello
      template  [TEMP]/template
      git       no

    > Create the project? Yes
    created hello
      added `hello` to `members` in `Cargo.toml`

    to do the same without questions:
      scaffold new hello --from template --workspace --no-git --yes

    next:
      cd hello
      cargo test
    ");
    assert_eq!(root.members(), ["hello"]);
}

#[test]
fn makes_a_git_repository_where_there_is_none() {
    let folder = tempdir().unwrap();
    let run = |name: &str| {
        let run = Scaffold::new(["new", name, "--yes"]).current_dir(folder.path());
        run.env("GIT_DIR", folder.path().join("elsewhere")).run()
    };
    let _ = run("alone").success();
    assert!(folder.path().join("alone/.git/HEAD").is_file());
    fs::create_dir(folder.path().join(".git")).unwrap();
    let _ = run("inside").success();
    assert!(!folder.path().join("inside/.git").exists());
    assert!(!folder.path().join("elsewhere").exists());
}

fn here(folder: &Path, arguments: &[&str]) -> Run {
    Scaffold::new(["new"]).args(arguments).args(["--yes", "--no-git"]).current_dir(folder).run()
}

#[test]
fn makes_the_project_in_an_empty_folder() {
    let folder = tempdir().unwrap();
    let beside = here(folder.path(), &["hello"]);
    assert_eq!(beside.code, Some(0), "{beside:?}");
    for (name, arguments) in [("a", &["."][..]), ("b", &["--here"]), ("c", &["c", "--here"])] {
        let inner = folder.path().join(name);
        fs::create_dir(&inner).unwrap();
        // A new repository counts as empty.
        fs::create_dir(inner.join(".git")).unwrap();
        let run = here(&inner, arguments);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(run.stderr.starts_with(&format!("created {name}: http-api")), "{run:?}");
        assert!(run.stderr.contains("\nnext:\n  cargo test\n"), "{run:?}");
        let files = |name: &str| tree(&folder.path().join(name)).into_keys().collect::<Vec<_>>();
        assert_eq!(files(name), files("hello"));
        let manifest = fs::read_to_string(inner.join("Cargo.toml")).unwrap();
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{manifest}");
    }
}

#[test]
fn refuses_a_folder_that_is_not_empty_or_badly_named() {
    let folder = tempdir().unwrap();
    let inner = folder.path().join("mine");
    fs::create_dir(&inner).unwrap();
    fs::write(inner.join("README.md"), "mine").unwrap();
    assert_run!(here(&inner, &["."]), @"
    exit code: 1
    ----- stderr -----
    error: the current folder is not empty: it contains `README.md`
    hint: `scaffold new NAME` creates a folder
    ");
    assert_eq!(fs::read_dir(&inner).unwrap().count(), 1);
    assert_eq!(fs::read(inner.join("README.md")).unwrap(), b"mine");

    let odd = folder.path().join("My App");
    fs::create_dir(&odd).unwrap();
    assert_run!(here(&odd, &["."]), @"
    exit code: 2
    ----- stderr -----
    error: `My App` is not a valid project name: use lower-case letters, digits, `-` or `_`, starting with a letter
    hint: choose a name: `scaffold new my-app --here`
    ");
    assert_eq!(fs::read_dir(&odd).unwrap().count(), 0);
}
