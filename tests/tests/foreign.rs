//! `scaffold new --from`: any template of cargo-generate, held to its word.

#![allow(clippy::unwrap_used, reason = "what a test does not expect ends it")]

use std::fs;
use std::path::Path;
use std::process::Command;

use lambda_native_tests::command::{Run, Scaffold};
use lambda_native_tests::project::tree;
use serde_json::Value;
use tempfile::{TempDir, tempdir};

/// A folder with a template in it, and a folder to work in.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new(files: &[(&str, &str)]) -> Self {
        let place = Self { folder: tempdir().unwrap() };
        fs::create_dir(place.folder.path().join("work")).unwrap();
        fs::create_dir(place.folder.path().join("template")).unwrap();
        for (path, text) in files {
            place.write(path, text);
        }
        place
    }

    fn template(&self) -> std::path::PathBuf {
        self.folder.path().join("template")
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.template().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn new_from(&self, source: &str, arguments: &[&str]) -> Run {
        Scaffold::new(["new", "hello", "--yes", "--no-git", "--from", source])
            .args(arguments)
            .current_dir(&self.folder.path().join("work"))
            .env("USER", "ada")
            .run()
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.new_from("../template", arguments)
    }

    /// What is made, without the stamp.
    fn made(&self) -> Vec<(String, String)> {
        let files = tree(&self.folder.path().join("work/hello")).into_iter();
        files
            .filter(|(path, _)| path != ".scaffold.toml")
            .map(|(path, text)| (path, String::from_utf8(text).unwrap()))
            .collect()
    }

    #[track_caller]
    fn assert_fails(&self, arguments: &[&str], code: i32, stderr: &str) {
        let place = dunce::canonicalize(self.template()).unwrap();
        let stderr = stderr.replace("TEMPLATE", &place.display().to_string());
        assert_eq!(self.run(arguments), Run::new(code, "", stderr));
        assert!(self.is_untouched());
    }

    fn is_untouched(&self) -> bool {
        fs::read_dir(self.folder.path().join("work")).unwrap().next().is_none()
    }

    fn git(&self, arguments: &[&str]) -> String {
        let run = Command::new("git")
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
            .args(arguments)
            .current_dir(self.template())
            .output();
        Run::from(run.unwrap()).success().trim().to_owned()
    }
}

#[test]
fn expands_what_cargo_generate_expands() {
    let config = r#"
[template]
ignore = ["notes.md"]
exclude = ["*.tera"]
vcs = "Git"
[placeholders.kind]
prompt = "Kind?"
choices = ["bin", "lib"]
default = "bin"
[placeholders.fast]
prompt = "Fast?"
type = "bool"
default = true
[conditional.'kind == "lib" && fast'.placeholders.speed]
prompt = "How fast?"
regex = "^[0-9]+$"
default = "9"
[conditional.'kind != "lib"']
ignore = ["only_lib"]
"#;
    let place = Place::new(&[
        ("cargo-generate.toml", config),
        ("notes.md", "{{ nothing }}"),
        ("page.tera", "{{ page.title }}"),
        ("only_lib/a", "{{ speed }}"),
        ("{{ kind }}.txt", "{{ project-name | pascal_case }} {{ crate_name }} {{ kind }}"),
        ("twin", "the plain one"),
        ("twin.liquid", "{% if fast %}fast{% endif %}{% raw %} {{ raw }}{% endraw %}"),
        ("more.txt", "{{ authors }} {{ crate_type }} {{ is_init }} {{ within_cargo_project }}"),
        (".genignore", "*.bak\n"),
        ("old.bak", "{{ nothing }}"),
    ]);
    let run = place.run(&[]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let expected = [
        ("bin.txt", "Hello hello bin"),
        ("more.txt", "ada bin false false"),
        ("page.tera", "{{ page.title }}"),
        ("twin", "fast {{ raw }}"),
    ];
    assert_eq!(place.made(), expected.map(|(path, text)| (path.to_owned(), text.to_owned())));

    fs::remove_dir_all(place.folder.path().join("work/hello")).unwrap();
    let run = place.run(&["--set", "kind=lib", "--set", "speed=12"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(place.made()[2], ("only_lib/a".to_owned(), "12".to_owned()));

    let forced = "\
error: `--set speed`: not asked, because `kind` is `lib` and `fast` is `false`
hint: leave it out, or answer so that `kind == \"lib\" && fast`
";
    fs::remove_dir_all(place.folder.path().join("work/hello")).unwrap();
    let forcing = ["--set", "kind=lib", "--set", "fast=false", "--set", "speed=12"];
    place.assert_fails(&forcing, 2, forced);
}

#[test]
fn the_plain_cargo_generate_makes_the_same() {
    let place = Place::new(&[
        ("{{ crate_name }}.txt", "{{ project-name | shouty_snake_case }} {{ username }}\n"),
        (
            "a.liquid",
            "{% assign x = 'y' %}{{ x | upcase }}{% for i in (1..3) %}{{ i }}{% endfor %}\n",
        ),
        ("b.sh", "#!/bin/sh\n"),
        ("more.txt", "{{ crate_type }} {{ is_init }} {{ within_cargo_project }} {{ os-arch }}\n"),
    ]);
    let _ = place.run(&[]).success();
    let plain = tempdir().unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_plain-cargo-generate"))
        .args(["generate", "--silent", "--name", "hello", "--path"])
        .arg(place.template())
        .current_dir(plain.path())
        .env("USER", "ada")
        .output();
    let run = Run::from(run.unwrap());
    assert_eq!(run.code, Some(0), "{run:?}");
    let plain = tree(&plain.path().join("hello")).into_iter();
    let plain: Vec<_> =
        plain.map(|(path, text)| (path, String::from_utf8(text).unwrap())).collect();
    assert_eq!(place.made(), plain);
}

#[test]
fn mistakes_of_a_template_are_errors_with_their_place() {
    for (text, said) in [
        ("one\n{{ colour }}\n", "2: `colour` has no value under these answers"),
        (
            "{% if kind == 'x' %}\n{{ shade }}\n{% endif %}\n\n{{ kind }}\n{{ shade }}\n",
            "6: `shade` has no value under these answers",
        ),
        ("a\n{% if shade == 'x' %}b{% endif %}\n", "2: `shade` has no value under these answers"),
        ("a\n\n{{ kind | no_filter }}\n", "3: Unknown filter, requested filter=no_filter"),
        ("a\n{% if kind %}\nb\n", "4: Unclosed block. {% endif %} tag expected."),
        ("a\n{% no_tag %}\n", "2: Unknown tag., requested=no_tag"),
        ("a\nb {{ kind\n", "2: "),
        (
            "a\n{{ kind | divided_by: 0 }}\n",
            "2: Invalid argument, argument=operand, cause=Can't divide by zero",
        ),
    ] {
        let config = "[placeholders.kind]\nprompt = '?'\ndefault = 'y'\n\
                      [conditional.'kind == \"x\"'.placeholders.shade]\nprompt = '?'\ndefault = 'z'\n";
        let place = Place::new(&[("cargo-generate.toml", config), ("src/a.txt", text)]);
        let run = place.run(&[]);
        let start = format!("error: cannot expand the template: src/a.txt:{said}");
        assert!(run.stderr.starts_with(&start), "{text}{run:?}");
        assert_eq!(run.code, Some(1));
        assert!(place.is_untouched());
    }
}

#[test]
fn a_condition_that_cannot_be_decided_is_an_error() {
    for (condition, why) in [
        ("knid == \"x\"", "Variable not found: knid (line 1, position 1)"),
        ("kind ==", "Syntax error: Script is incomplete (line 1, position 8)"),
        ("kind", "Output type incorrect: string (expecting bool)"),
    ] {
        let config = format!(
            "[placeholders.kind]\nprompt = '?'\ndefault = 'y'\n\n[conditional.'{condition}']\n\
             ignore = ['a']\n"
        );
        let place = Place::new(&[("cargo-generate.toml", &config), ("a", "")]);
        let said = format!(
            "error: cargo-generate.toml:5: the condition `{condition}` cannot be decided\n  caused \
             by: {why}\n"
        );
        place.assert_fails(&[], 1, &said);
    }
}

#[test]
fn says_what_is_wrong_with_a_template() {
    let place = Place::new(&[("cargo-generate.toml", "[placeholders.a]\n")]);
    let said = "\
error: cannot read `cargo-generate.toml` of `../template`
  caused by: `placeholders.a`: `prompt` is missing
";
    let run = place.run(&[]);
    assert!(run.stderr.contains("`placeholders.a`: `prompt` is missing"), "{said}{run:?}");
    assert_eq!(run.code, Some(1));
    assert!(place.is_untouched());

    let place = Place::new(&[("logo.png", "")]);
    fs::write(place.template().join("logo.png"), b"\x89PNG\n\xff\xfe").unwrap();
    place.assert_fails(
        &[],
        1,
        "\
error: `logo.png` of the template is not text: line 1
hint: name it in the list `exclude` of `cargo-generate.toml`
",
    );
    place.write("cargo-generate.toml", "[template]\nexclude = ['*.png']\n");
    assert_eq!(place.run(&[]).code, Some(0));
    let made = fs::read(place.folder.path().join("work/hello/logo.png")).unwrap();
    assert_eq!(made, b"\x89PNG\n\xff\xfe");

    let place = Place::new(&[("cargo-generate.toml", "[template]\nsub_templates = ['a', 'b']\n")]);
    place.write("a/x", "{{ project-name }}");
    place.assert_fails(
        &[],
        2,
        "\
error: `../template` has several templates: `a`, `b`
hint: choose one with `--subfolder`
",
    );
    let _ = place.run(&["--subfolder", "a"]).success();
    assert_eq!(place.made(), [("x".to_owned(), "hello".to_owned())]);

    let run = Place::new(&[]).new_from("../nowhere", &[]);
    let said = "\
error: there is no folder `../nowhere`
hint: `--from` takes a folder, the URL of a git repository, or `gh:OWNER/REPOSITORY`
";
    assert_eq!(run, Run::new(1, "", said));
}

#[test]
fn what_leaves_the_folder_is_refused() {
    for (config, path) in [
        ("[template]\nignore = ['../../work']\n", "../../work"),
        ("[template]\nignore = ['/etc']\n", "/etc"),
        ("[conditional.'true']\nignore = ['a/../../b']\n", "a/../../b"),
        ("[hooks]\npre = ['../evil.rhai']\n", "../evil.rhai"),
    ] {
        let place = Place::new(&[("cargo-generate.toml", config), ("a", "")]);
        let said = format!(
            "error: `{path}` in `cargo-generate.toml` leaves the template\nhint: a template may \
             name only files of its own\n"
        );
        place.assert_fails(&["--trust"], 1, &said);
    }
    let config = "[placeholders.file]\nprompt = '?'\n";
    let place = Place::new(&[("cargo-generate.toml", config), ("{{ file }}", "")]);
    for name in ["..", "../up", "/etc/passwd", "a/b", ""] {
        let said = format!(
            "error: the name of `{{{{ file }}}}` becomes `{name}`, which is no file's name\nhint: \
             choose other answers\n"
        );
        place.assert_fails(&["--set", &format!("file={name}")], 1, &said);
    }
    let said = "\
error: `../up` leaves the template
hint: `--subfolder` takes a path in the template, such as `templates/api`
";
    place.assert_fails(&["--subfolder", "../up"], 2, said);
}

#[cfg(unix)]
#[test]
fn links_are_refused() {
    let place = Place::new(&[]);
    std::os::unix::fs::symlink("/etc/passwd", place.template().join("secrets")).unwrap();
    place.assert_fails(
        &[],
        1,
        "\
error: `secrets` of the template is a link to `/etc/passwd`
hint: a template may have only files and folders
",
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_may_be_run_stays_so() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new(&[("run.sh", "#!/bin/sh\necho {{ project-name }}\n")]);
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(place.template().join("run.sh"), executable).unwrap();
    let _ = place.run(&[]).success();
    let run = Command::new(place.folder.path().join("work/hello/run.sh")).output();
    assert_eq!(Run::from(run.unwrap()), Run::new(0, "hello\n", ""));
}

const HOOKS: &[(&str, &str)] = &[
    ("cargo-generate.toml", "[hooks]\npre = ['pre.rhai']\npost = ['post.rhai']\n"),
    ("pre.rhai", "variable::set(\"made\", \"by a hook\");"),
    ("post.rhai", "system::command(\"touch\", [\"ran\"]);"),
    ("a.txt", "{{ made }}"),
];

#[test]
fn scripts_run_only_where_they_are_trusted() {
    let place = Place::new(HOOKS);
    place.assert_fails(
        &[],
        1,
        "\
error: `TEMPLATE` runs scripts: `pre.rhai`, `post.rhai`
hint: `--trust` runs them: read them first
",
    );
    let run = place.run(&["--trust"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let expected = [("a.txt", "by a hook"), ("ran", "")];
    assert_eq!(place.made(), expected.map(|(path, text)| (path.to_owned(), text.to_owned())));

    // A filter of a file is a script too.
    let place = Place::new(&[("a.txt", "{{ \"run.rhai\" | rhai }}"), ("run.rhai", "\"ran\"")]);
    place.assert_fails(
        &[],
        1,
        "\
error: `TEMPLATE` runs scripts: `a.txt`
hint: `--trust` runs them: read them first
",
    );
    let _ = place.run(&["--trust"]).success();
    assert_eq!(place.made(), [("a.txt".to_owned(), "ran".to_owned())]);
}

#[test]
fn a_script_that_fails_leaves_nothing() {
    let place = Place::new(HOOKS);
    place.write("post.rhai", "system::command(\"false\");");
    let run = place.run(&["--trust"]);
    assert!(run.stderr.starts_with("error: cannot expand `"), "{run:?}");
    assert!(run.stderr.contains("Failed executing script"), "{run:?}");
    assert_eq!(run.code, Some(1));
    assert!(place.is_untouched());
}

/// A signal in the middle of the work, to the program alone and as a terminal sends it, to all.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_leaves_nothing() {
    use std::os::unix::process::CommandExt;
    for signal in ["INT", "TERM", "HUP"] {
        for whom in ["$program", "0"] {
            let script = format!(
                "system::command(\"read a b c program d < /proc/$PPID/stat; kill -s {signal} \
                 {whom}\");"
            );
            let place = Place::new(HOOKS);
            place.write("post.rhai", &script);
            let mut run = Scaffold::new(["new", "hello", "--yes", "--trust", "--from"])
                .arg("../template")
                .current_dir(&place.folder.path().join("work"));
            run.command().process_group(0);
            let run = run.run();
            assert_eq!(run, Run::new(130, "", "error: interrupted\n"), "{signal} {whom}");
            assert!(place.is_untouched());
        }
    }
}

#[cfg(unix)]
#[test]
fn the_user_is_asked_whether_scripts_may_run() {
    use lambda_native_tests::terminal::{ENTER, Terminal};
    for (answer, is_made) in [("y\r", true), (ENTER, false)] {
        let place = Place::new(HOOKS);
        let work = place.folder.path().join("work");
        let arguments = ["new", "hello", "--no-git", "--from", "../template"];
        let mut terminal = Terminal::start(&arguments, &work);
        terminal.wait_for("runs scripts: `pre.rhai`, `post.rhai`");
        terminal.wait_for("Run them?");
        terminal.send(answer);
        let (status, screen) = terminal.end();
        assert_eq!(status.success(), is_made, "{screen}");
        assert_eq!(work.join("hello/ran").exists(), is_made);
        assert_eq!(place.is_untouched(), !is_made);
    }
}

/// Git for Windows is set up to write CR LF.
#[test]
fn has_the_line_ends_of_the_repository_whatever_the_users_are() {
    let place =
        Place::new(&[("a.txt", "{{ project-name }}\n"), (".gitattributes", "*.txt text\n")]);
    place.git(&["init", "--quiet"]);
    place.git(&["add", "."]);
    place.git(&["commit", "--quiet", "--message", "one"]);
    let settings = place.folder.path().join("settings");
    fs::write(&settings, "[core]\nautocrlf = true\neol = crlf\n").unwrap();
    let source = format!("file://{}", place.template().display());
    let run = Scaffold::new(["new", "hello", "--yes", "--no-git", "--from", &source])
        .current_dir(&place.folder.path().join("work"))
        .env("GIT_CONFIG_GLOBAL", settings)
        .run();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(place.made().contains(&("a.txt".to_owned(), "hello\n".to_owned())));
}

/// Branches, tags, commits and folders of a repository, by its path and by its URL.
#[test]
fn fetches_from_git() {
    let place = Place::new(&[("a.txt", "one {{ project-name }}")]);
    place.git(&["init", "--quiet", "--initial-branch", "main"]);
    place.git(&["add", "."]);
    place.git(&["commit", "--quiet", "--message", "one"]);
    let one = place.git(&["rev-parse", "HEAD"]);
    place.git(&["tag", "v1"]);
    place.git(&["checkout", "--quiet", "-b", "next"]);
    place.write("a.txt", "two {{ project-name }}");
    place.write("inner/b.txt", "inner {{ project-name }}");
    place.git(&["add", "."]);
    place.git(&["commit", "--quiet", "--message", "two"]);
    let two = place.git(&["rev-parse", "HEAD"]);

    let url = format!("file://{}", place.template().display());
    for (source, subfolder, commit, text) in [
        (url.clone(), None, &two, ("a.txt", "two hello")),
        (format!("{url}#v1"), None, &one, ("a.txt", "one hello")),
        (format!("{url}#main"), None, &one, ("a.txt", "one hello")),
        (format!("{url}#{one}"), None, &one, ("a.txt", "one hello")),
        ("../template#v1".to_owned(), None, &one, ("a.txt", "one hello")),
        (format!("{url}#next"), Some("inner"), &two, ("b.txt", "inner hello")),
    ] {
        let mut arguments = vec!["--json"];
        arguments.extend(subfolder.into_iter().flat_map(|folder| ["--subfolder", folder]));
        let said = place.new_from(&source, &arguments).success();
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(said["template"]["commit"], **commit, "{said:#}");
        assert_eq!(said["template"]["source"], *source);
        let (path, text) = text;
        assert!(place.made().contains(&(path.to_owned(), text.to_owned())), "{source}");
        let stamp = fs::read_to_string(place.folder.path().join("work/hello/.scaffold.toml"));
        assert!(stamp.unwrap().contains(&format!("commit = \"{commit}\"\n")));

        // The project tells where to find the template again.
        let again = place.folder.path().join("work");
        let run = Scaffold::new(["new", "again", "--yes", "--no-git", "--answers"])
            .arg("hello/.scaffold.toml")
            .current_dir(&again)
            .run();
        assert_eq!(run.code, Some(0), "{run:?}");
        fs::remove_dir_all(again.join("hello")).unwrap();
        fs::remove_dir_all(again.join("again")).unwrap();
    }

    let run = place.new_from(&format!("{url}#none"), &[]);
    let start = format!("error: cannot fetch `none` of `{url}`\n  caused by: ");
    assert!(run.stderr.starts_with(&start), "{run:?}");
    assert_eq!(run.code, Some(1));
    assert!(place.is_untouched());
}

#[test]
fn says_that_git_is_missing() {
    let run = Scaffold::new(["new", "hello", "--yes", "--from", "gh:ada/template"])
        .current_dir(Path::new("/"))
        .env("PATH", "/nowhere")
        .run();
    let said = "\
error: `https://github.com/ada/template.git` needs `git`, which is not on `PATH`
hint: install git, or give `--from` a folder
";
    assert_eq!(run, Run::new(1, "", said));
}
