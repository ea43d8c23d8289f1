//! `scaffold new` where something is already: a workspace, a repository, a folder.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what a test does not expect ends it"
)]

use std::fs;
use std::path::{Path, PathBuf};

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

    /// The members, as cargo finds them, which says nothing else.
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
fn becomes_a_member_and_keeps_the_layout() {
    let root = Root::new(VIRTUAL);
    one(&root);
    let run = root.scaffold(&["hello", "--workspace"]);
    let notes = "
  `hello` is a member of the workspace
  `[profile.release]` makes functions small
  `[patch.crates-io]` has the library

next:
";
    assert!(run.stderr.contains(notes), "{run:?}");
    let expected = "\
# Everything of ours.
[workspace]
resolver = \"3\"   # the newest
members = [
    # the first
    \"one\", # and only
    \"hello\",
]
exclude = [\"hello/vendor\"]

[workspace.package]
edition = \"2024\"

# Small and quick to start.
[profile.release]
lto = \"fat\"
codegen-units = 1
panic = \"abort\"
strip = true

# The library's sources come with the project: vendor/README.md.
[patch.crates-io]
lambda-native = { path = \"hello/vendor/lambda-native\" }
";
    assert_eq!(root.manifest(), expected);
    assert_eq!(root.members(), ["hello", "one"]);
    let member = fs::read_to_string(root.path("hello/Cargo.toml")).unwrap();
    for section in ["workspace", "profile", "patch"] {
        assert!(!member.contains(&format!("[{section}")), "{member}");
    }

    // A second one shares the library and the profile of the first.
    let run = root.scaffold(&["again", "--workspace"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(root.members(), ["again", "hello", "one"]);
    assert!(!root.path("again/vendor").exists());
    let expected = expected.replace("    \"hello\",\n", "    \"hello\",\n    \"again\",\n");
    assert_eq!(root.manifest(), expected);
}

/// The member builds: cargo finds the library that the workspace has for it.
#[test]
fn a_member_builds() {
    let root = Root::new("[workspace]\nresolver = \"3\"\n");
    let _ = root.scaffold(&["hello", "--workspace"]);
    let mut check = cargo();
    check.args(["check", "--package", "hello"]).current_dir(root.folder.path());
    lambda_native_tests::project::clean_environment(&mut check);
    let run = Run::from(check.output().unwrap());
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(!run.stderr.contains("warning"), "{run:?}");
}

#[test]
fn a_folder_of_the_members_is_one_by_default() {
    let manifest = "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n";
    let root = Root::new(manifest);
    fs::create_dir(root.path("crates")).unwrap();
    let arguments = ["hello", "--directory", "crates/hello", "--runtime", "crates-io"];
    let run = root.scaffold(&arguments);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(root.manifest().starts_with(manifest), "{}", root.manifest());
    assert_eq!(root.members(), ["hello"]);

    // Else the workspace has to know that it is not.
    let root = Root::new(manifest);
    fs::create_dir(root.path("crates")).unwrap();
    let run = root.scaffold(&[&arguments[..], &["--no-workspace"]].concat());
    assert!(run.stderr.contains("`crates/hello` is excluded from the workspace"), "{run:?}");
    assert_eq!(root.manifest(), format!("{manifest}exclude = [\"crates/hello\"]\n"));
    assert_eq!(root.members(), Vec::<String>::new());
}

#[test]
fn stays_outside_by_default() {
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

/// A package that is the root of its workspace, and has a profile and a patch already.
#[test]
fn what_the_workspace_says_goes_before_what_the_template_says() {
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
    let run = root.scaffold(&["hello", "--workspace", "--runtime", "crates-io"]);
    let note = "  its own `[profile.release]` is used; functions are small with `lto = \"fat\"`, ";
    assert!(run.stderr.contains(note), "{run:?}");
    let expected = format!("{manifest}members = [\"hello\"]\n");
    assert_eq!(root.manifest(), expected);
    assert_eq!(root.members(), ["hello", "outer"]);
}

#[test]
fn a_flag_that_cannot_be_followed_is_refused() {
    let folder = tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let run = Scaffold::new(["new", "hello", "--yes"]).args(arguments);
        run.current_dir(folder.path()).run()
    };
    let said =
        "error: `--workspace`: there is no workspace around the project\nhint: leave it out\n";
    assert_eq!(run(&["--workspace"]), Run::new(2, "", said));
    fs::create_dir(folder.path().join(".git")).unwrap();
    let place = dunce::canonicalize(folder.path()).unwrap();
    let said = format!(
        "error: `--git`: the project is in the git repository `{}`\nhint: leave it out\n",
        place.display()
    );
    assert_eq!(run(&["--git"]), Run::new(2, "", said));

    let manifest = "[workspace]\nexclude = [\"hello\"]\n";
    let root = Root::new(manifest);
    let said = "\
error: `--workspace`: `exclude` in `Cargo.toml` has the project's folder
hint: leave it out
";
    assert_eq!(root.scaffold(&["hello", "--workspace"]), Run::new(2, "", said));
}

/// Whatever fails, the manifest is as it was.
#[test]
fn a_failure_leaves_the_workspace_as_it_was() {
    let root = Root::new(VIRTUAL);
    fs::create_dir(root.path("template")).unwrap();
    fs::write(root.path("template/Cargo.toml"), "[package]\nname = \"{{ none }}\"\n").unwrap();
    let run = root.scaffold(&["hello", "--workspace", "--from", "template"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(root.manifest(), VIRTUAL);
    let names: Vec<_> = tree(root.folder.path()).into_keys().collect();
    assert_eq!(names, ["Cargo.toml", "template/Cargo.toml"]);

    let root = Root::new("[workspace]\nmembers = \"one\"\n");
    let run = root.scaffold(&["hello", "--workspace"]);
    let said = "error: `members` of the workspace is not a list\n";
    assert_eq!(run, Run::new(1, "", said));
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
    terminal.wait_for("Member of the workspace `Cargo.toml`?");
    terminal.send("y\r");
    terminal.wait_for("Make it?");
    terminal.send(ENTER);
    let (status, screen) = terminal.end();
    assert!(status.success(), "{screen}");
    assert!(screen.contains("new hello --from template --workspace --no-git --yes"), "{screen}");
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
        // A new repository is as good as empty.
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
fn overwrites_nothing_in_this_folder() {
    let folder = tempdir().unwrap();
    let inner = folder.path().join("mine");
    fs::create_dir(&inner).unwrap();
    fs::write(inner.join("README.md"), "mine").unwrap();
    let said = "\
error: this folder is not empty: it has `README.md`
hint: `scaffold new NAME` makes a folder
";
    assert_eq!(here(&inner, &["."]), Run::new(1, "", said));
    assert_eq!(fs::read_dir(&inner).unwrap().count(), 1);
    assert_eq!(fs::read(inner.join("README.md")).unwrap(), b"mine");

    let odd = folder.path().join("My App");
    fs::create_dir(&odd).unwrap();
    let said = "\
error: `My App` is no package name: expected lower-case letters, digits, `-` and `_`, a letter first
hint: give it a name: `scaffold new my-app --here`
";
    assert_eq!(here(&odd, &["."]), Run::new(2, "", said));
    assert_eq!(fs::read_dir(&odd).unwrap().count(), 0);
}
