//! `scaffold new --from`: templates of others, expanded strictly.

use std::fs;
use std::path::{Path, PathBuf};

use lambda_native_tests::assert_run;
use lambda_native_tests::command::{Run, Scaffold, program};
use lambda_native_tests::project::tree;
use serde_json::Value;
use tempfile::{TempDir, tempdir};

/// A folder with a template, and a folder to work in.
pub(crate) struct Template {
    folder: TempDir,
}

impl Template {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let template = Self { folder: tempdir().unwrap() };
        fs::create_dir(template.folder.path().join("work")).unwrap();
        fs::create_dir(template.folder.path().join("template")).unwrap();
        for (path, text) in files {
            template.write(path, text);
        }
        template
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("template")
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The folder to work in.
    pub(crate) fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    fn new_from(&self, source: &str, arguments: &[&str]) -> Run {
        Scaffold::new(["new", "hello", "--yes", "--no-git", "--from", source])
            .args(arguments)
            .current_dir(&self.work())
            .env("USER", "ada")
            .run()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.new_from("../template", arguments)
    }

    /// The files of the project, without the stamp.
    pub(crate) fn made(&self) -> Vec<(String, String)> {
        let mut files = files(&self.work().join("hello"));
        files.retain(|(path, _)| path != ".scaffold.toml");
        files
    }

    /// The files that plain cargo-generate makes.
    fn made_plainly(&self, subfolder: &[&str]) -> Vec<(String, String)> {
        let plain = tempdir().unwrap();
        let run = program(env!("CARGO_BIN_EXE_plain-cargo-generate"))
            .args(["generate", "--silent", "--name", "hello", "--path"])
            .arg(self.path())
            .args(subfolder)
            .current_dir(plain.path())
            .env("USER", "ada")
            .output();
        let run = Run::from(run.unwrap());
        assert_eq!(run.code, Some(0), "{run:?}");
        files(&plain.path().join("hello"))
    }

    /// Asserts that it fails and leaves nothing behind.
    pub(crate) fn fails(&self, arguments: &[&str]) -> Run {
        let run = self.run(arguments);
        assert_ne!(run.code, Some(0), "{run:?}");
        assert!(self.is_untouched());
        run
    }

    pub(crate) fn is_untouched(&self) -> bool {
        fs::read_dir(self.folder.path().join("work")).unwrap().next().is_none()
    }

    fn git(&self, arguments: &[&str]) -> String {
        let run = program("git")
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
            .args(arguments)
            .current_dir(self.path())
            .output();
        Run::from(run.unwrap()).success().trim().to_owned()
    }
}

/// The files of a folder, which are all text.
fn files(folder: &Path) -> Vec<(String, String)> {
    let files = tree(folder).into_iter();
    files.map(|(path, text)| (path, String::from_utf8(text).unwrap())).collect()
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
    let template = Template::new(&[
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
    let run = template.run(&[]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let expected = [
        ("bin.txt", "Hello hello bin"),
        ("more.txt", "ada bin false false"),
        ("page.tera", "{{ page.title }}"),
        ("twin", "fast {{ raw }}"),
    ];
    assert_eq!(template.made(), expected.map(|(path, text)| (path.to_owned(), text.to_owned())));

    fs::remove_dir_all(template.folder.path().join("work/hello")).unwrap();
    let run = template.run(&["--set", "kind=lib", "--set", "speed=12"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(template.made()[2], ("only_lib/a".to_owned(), "12".to_owned()));

    fs::remove_dir_all(template.folder.path().join("work/hello")).unwrap();
    let forcing = ["--set", "kind=lib", "--set", "fast=false", "--set", "speed=12"];
    assert_run!(template.fails(&forcing), @r#"
    exit code: 2
    ----- stderr -----
    error: `--set speed` does not apply, because `kind` is `lib` and `fast` is `false`
    hint: it only applies if `kind == "lib" && fast`
    "#);
}

#[test]
fn plain_cargo_generate_makes_the_same_project() {
    let template = Template::new(&[
        ("{{ crate_name }}.txt", "{{ project-name | shouty_snake_case }} {{ username }}\n"),
        (
            "a.liquid",
            "{% assign x = 'y' %}{{ x | upcase }}{% for i in (1..3) %}{{ i }}{% endfor %}\n",
        ),
        ("b.sh", "#!/bin/sh\n"),
        ("Cargo.toml", "[package] # without a line break at the end\nname = '{{ project-name }}'"),
        ("more.txt", "{{ crate_type }} {{ is_init }} {{ within_cargo_project }} {{ os-arch }}\n"),
    ]);
    let _ = template.run(&[]).success();
    assert_eq!(template.made(), template.made_plainly(&[]));
}

#[test]
fn plain_cargo_generate_takes_the_configuration_of_the_same_parent() {
    let config = |kind: &str| {
        format!(
            "[template]\nsub_templates = [\"api\", \"none\"]\nignore = [\"notes\"]\n\
             [placeholders.kind]\nprompt = \"Kind?\"\ntype = \"string\"\ndefault = \"{kind}\"\n"
        )
    };
    for (subfolder, kind) in [("api", "root"), ("api/deep", "root"), ("more/deep", "near")] {
        let template = Template::new(&[
            ("cargo-generate.toml", &config("root")),
            ("notes", "{{ nothing }}"),
            ("more/cargo-generate.toml.liquid", &config("near")),
            (&format!("{subfolder}/kind"), "{{ project-name }} {{ kind }}"),
            (&format!("{subfolder}/notes"), "{{ nothing }}"),
        ]);
        let _ = template.run(&["--subfolder", subfolder]).success();
        assert_eq!(template.made(), [("kind".to_owned(), format!("hello {kind}"))]);
        assert_eq!(template.made(), template.made_plainly(&[subfolder]));
    }
}

#[test]
fn mistakes_in_a_template_are_errors_with_file_and_line() {
    let templates = [
        "one\n{{ colour }}\n",
        "{% if kind == 'x' %}\n{{ shade }}\n{% endif %}\n\n{{ kind }}\n{{ shade }}\n",
        "a\n{% if shade == 'x' %}b{% endif %}\n",
        "a\n\n{{ kind | no_filter }}\n",
        "a\n{% if kind %}\nb\n",
        "a\n{% no_tag %}\n",
        "a\nb {{ kind\n",
        "a\n{{ kind | divided_by: 0 }}\n",
    ];
    let cases = templates.map(|text| {
        let config = "[placeholders.kind]\nprompt = '?'\ndefault = 'y'\n\
                      [conditional.'kind == \"x\"'.placeholders.shade]\nprompt = '?'\ndefault = 'z'\n";
        let template = Template::new(&[("cargo-generate.toml", config), ("src/a.txt", text)]);
        (text, template.fails(&[]))
    });
    assert_run!(Vec::from(cases), @"
    # one
    # {{ colour }}
    exit code: 1
    ----- stderr -----
    error: cannot expand `[TEMP]/template`
      caused by: src/a.txt:2: `colour` is undefined for these answers
    hint: this is a mistake in the template

    # {% if kind == 'x' %}
    # {{ shade }}
    # {% endif %}
    # 
    # {{ kind }}
    # {{ shade }}
    exit code: 1
    ----- stderr -----
    error: cannot expand `[TEMP]/template`
      caused by: src/a.txt:6: `shade` is undefined for these answers
    hint: this is a mistake in the template

    # a
    # {% if shade == 'x' %}b{% endif %}
    exit code: 1
    ----- stderr -----
    error: cannot expand `[TEMP]/template`
      caused by: src/a.txt:2: `shade` is undefined for these answers
    hint: this is a mistake in the template

    # a
    # 
    # {{ kind | no_filter }}
    exit code: 1
    ----- stderr -----
    error: cannot expand `[TEMP]/template`
      caused by: src/a.txt:3: Unknown filter, requested filter=no_filter
    hint: this is a mistake in the template

    # a
    # {% if kind %}
    # b
    exit code: 1
    ----- stderr -----
    error: cannot expand `[TEMP]/template`
      caused by: src/a.txt:4: Unclosed block. {% endif %} tag expected.
    hint: this is a mistake in the template

    # a
    # {% no_tag %}
    exit code: 1
    ----- stderr -----
    error: cannot expand `[TEMP]/template`
      caused by: src/a.txt:2: Unknown tag., requested=no_tag
    hint: this is a mistake in the template

    # a
    # b {{ kind
    exit code: 1
    ----- stderr -----
    error: cannot expand `[TEMP]/template`
      caused by: src/a.txt:2: expected Literal
    hint: this is a mistake in the template

    # a
    # {{ kind | divided_by: 0 }}
    exit code: 1
    ----- stderr -----
    error: cannot expand `[TEMP]/template`
      caused by: src/a.txt:2: Invalid argument, argument=operand, cause=Can't divide by zero, filter=divided_by : 0
    hint: this is a mistake in the template
    ");
}

#[test]
fn a_condition_that_cannot_be_decided_is_an_error() {
    let cases = ["knid == \"x\"", "kind ==", "kind"].map(|condition| {
        let config = format!(
            "[placeholders.kind]\nprompt = '?'\ndefault = 'y'\n\n[conditional.'{condition}']\n\
             ignore = ['a']\n"
        );
        let template = Template::new(&[("cargo-generate.toml", &config), ("a", "")]);
        (condition, template.fails(&[]))
    });
    assert_run!(Vec::from(cases), @r#"
    # knid == "x"
    exit code: 1
    ----- stderr -----
    error: cargo-generate.toml:5: the condition `knid == "x"` cannot be evaluated
      caused by: Variable not found: knid (line 1, position 1)

    # kind ==
    exit code: 1
    ----- stderr -----
    error: cargo-generate.toml:5: the condition `kind ==` cannot be evaluated
      caused by: Syntax error: Script is incomplete (line 1, position 8)

    # kind
    exit code: 1
    ----- stderr -----
    error: cargo-generate.toml:5: the condition `kind` cannot be evaluated
      caused by: Output type incorrect: string (expecting bool)
    "#);
}

#[test]
fn explains_what_is_wrong_with_a_template() {
    let template = Template::new(&[("cargo-generate.toml", "[placeholders.a]\n")]);
    assert_run!(template.fails(&[]), @"
    exit code: 1
    ----- stderr -----
    error: cannot read `cargo-generate.toml` of `[TEMP]/template`
      caused by: `placeholders.a`: missing field `prompt`
    ");

    let template = Template::new(&[("logo.png", "")]);
    fs::write(template.path().join("logo.png"), b"\x89PNG\n\xff\xfe").unwrap();
    assert_run!(template.fails(&[]), @"
    exit code: 1
    ----- stderr -----
    error: cannot expand `[TEMP]/template`
      caused by: `logo.png` of the template is not UTF-8 text: line 1
    hint: add it to `exclude` in `cargo-generate.toml`
    ");
    template.write("cargo-generate.toml", "[template]\nexclude = ['*.png']\n");
    assert_eq!(template.run(&[]).code, Some(0));
    let made = fs::read(template.folder.path().join("work/hello/logo.png")).unwrap();
    assert_eq!(made, b"\x89PNG\n\xff\xfe");

    let template =
        Template::new(&[("cargo-generate.toml", "[template]\nsub_templates = ['a', 'b']\n")]);
    template.write("a/x", "{{ project-name }}");
    assert_run!(template.fails(&[]), @"
    exit code: 2
    ----- stderr -----
    error: `../template` contains several templates: `a`, `b`
    hint: choose one with `--subfolder`
    ");
    let _ = template.run(&["--subfolder", "a"]).success();
    assert_eq!(template.made(), [("x".to_owned(), "hello".to_owned())]);

    let template = Template::new(&[
        ("README.md", "two templates"),
        ("one/cargo-generate.toml", ""),
        ("one/deep/cargo-generate.toml", "a file of the template"),
        ("more/two/cargo-generate.toml", ""),
    ]);
    assert_run!(template.fails(&[]), @"
    exit code: 2
    ----- stderr -----
    error: `../template` contains several templates: `more/two`, `one`
    hint: choose one with `--subfolder`
    ");

    assert_run!(Template::new(&[]).new_from("../nowhere", &[]), @"
    exit code: 1
    ----- stderr -----
    error: folder `../nowhere` does not exist
    hint: `--from` expects a folder, the URL of a git repository, or `gh:OWNER/REPOSITORY`
    ");
}

#[test]
fn refuses_paths_that_leave_the_folder() {
    let cases = [
        "[template]\nignore = ['../../work']\n",
        "[template]\nignore = ['/etc']\n",
        "[conditional.'true']\nignore = ['a/../../b']\n",
        "[hooks]\npre = ['../evil.rhai']\n",
    ]
    .map(|config| {
        let template = Template::new(&[("cargo-generate.toml", config), ("a", "")]);
        (config, template.fails(&["--trust"]))
    });
    assert_run!(Vec::from(cases), @"
    # [template]
    # ignore = ['../../work']
    exit code: 1
    ----- stderr -----
    error: `../../work` in `cargo-generate.toml` is outside the template
    hint: a template can name only its own files

    # [template]
    # ignore = ['/etc']
    exit code: 1
    ----- stderr -----
    error: `/etc` in `cargo-generate.toml` is outside the template
    hint: a template can name only its own files

    # [conditional.'true']
    # ignore = ['a/../../b']
    exit code: 1
    ----- stderr -----
    error: `a/../../b` in `cargo-generate.toml` is outside the template
    hint: a template can name only its own files

    # [hooks]
    # pre = ['../evil.rhai']
    exit code: 1
    ----- stderr -----
    error: `../evil.rhai` in `cargo-generate.toml` is outside the template
    hint: a template can name only its own files
    ");

    let config = "[placeholders.file]\nprompt = '?'\n";
    let template = Template::new(&[("cargo-generate.toml", config), ("{{ file }}", "")]);
    let cases = ["..", "../up", "/etc/passwd", "a/b", ""]
        .map(|name| (format!("file={name}"), template.fails(&["--set", &format!("file={name}")])));
    assert_run!(Vec::from(cases), @"
    # file=..
    exit code: 1
    ----- stderr -----
    error: cannot expand `[TEMP]/template`
      caused by: the name of `{{ file }}` becomes `..`, which is not a valid file name
    hint: choose other values

    # file=../up
    exit code: 1
    ----- stderr -----
    error: cannot expand `[TEMP]/template`
      caused by: the name of `{{ file }}` becomes `../up`, which is not a valid file name
    hint: choose other values

    # file=/etc/passwd
    exit code: 1
    ----- stderr -----
    error: cannot expand `[TEMP]/template`
      caused by: the name of `{{ file }}` becomes `/etc/passwd`, which is not a valid file name
    hint: choose other values

    # file=a/b
    exit code: 1
    ----- stderr -----
    error: cannot expand `[TEMP]/template`
      caused by: the name of `{{ file }}` becomes `a/b`, which is not a valid file name
    hint: choose other values

    # file=
    exit code: 1
    ----- stderr -----
    error: cannot expand `[TEMP]/template`
      caused by: the name of `{{ file }}` becomes ``, which is not a valid file name
    hint: choose other values
    ");
    assert_run!(template.fails(&["--subfolder", "../up"]), @"
    exit code: 2
    ----- stderr -----
    error: `../up` is outside the template
    hint: `--subfolder` expects a path inside the template, such as `templates/api`
    ");
}

#[cfg(unix)]
#[test]
fn refuses_symbolic_links() {
    let template = Template::new(&[]);
    std::os::unix::fs::symlink("/etc/passwd", template.path().join("secrets")).unwrap();
    assert_run!(template.fails(&[]), @"
    exit code: 1
    ----- stderr -----
    error: `secrets` of the template is a link to `/etc/passwd`
    hint: a template can contain only files and folders
    ");
}

#[cfg(unix)]
#[test]
fn executable_files_stay_executable() {
    use std::os::unix::fs::PermissionsExt;
    let template = Template::new(&[("run.sh", "#!/bin/sh\necho {{ project-name }}\n")]);
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(template.path().join("run.sh"), executable).unwrap();
    let _ = template.run(&[]).success();
    let run = program(template.folder.path().join("work/hello/run.sh")).output();
    assert_run!(Run::from(run.unwrap()), @"
    exit code: 0
    ----- stdout -----
    hello
    ");
}

const HOOKS: &[(&str, &str)] = &[
    ("cargo-generate.toml", "[hooks]\npre = ['pre.rhai']\npost = ['post.rhai']\n"),
    ("pre.rhai", "variable::set(\"made\", \"by a hook\");"),
    ("post.rhai", "system::command(\"touch\", [\"ran\"]);"),
    ("a.txt", "{{ made }}"),
];

#[test]
fn scripts_run_only_if_they_are_trusted() {
    let template = Template::new(HOOKS);
    assert_run!(template.fails(&[]), @"
    exit code: 1
    ----- stderr -----
    error: `[TEMP]/template` runs scripts: `pre.rhai`, `post.rhai`; they start the commands `touch ran`
    hint: read them, then pass `--trust` to run them
    ");
    let run = template.run(&["--trust"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let expected = [("a.txt", "by a hook"), ("ran", "")];
    assert_eq!(template.made(), expected.map(|(path, text)| (path.to_owned(), text.to_owned())));

    // The filter `rhai` runs a script, too.
    let template =
        Template::new(&[("a.txt", "{{ \"run.rhai\" | rhai }}"), ("run.rhai", "\"ran\"")]);
    assert_run!(template.fails(&[]), @"
    exit code: 1
    ----- stderr -----
    error: `[TEMP]/template` runs scripts: `a.txt`
    hint: read them, then pass `--trust` to run them
    ");
    let _ = template.run(&["--trust"]).success();
    assert_eq!(template.made(), [("a.txt".to_owned(), "ran".to_owned())]);
}

#[test]
fn a_script_that_fails_leaves_nothing_behind() {
    let template = Template::new(HOOKS);
    template.write("post.rhai", "system::command(\"false\");");
    assert_run!(template.fails(&["--trust"]), @"
    exit code: 1
    ----- stderr -----
    error: cannot expand `[TEMP]/template`
      caused by: Failed executing script: [TEMP]/work/.scaffold-[ID]/./cargo-generate[ID]/post.rhai: Runtime error: System command `false` failed to execute:
    ");
}

/// A script sends the signal, either to the program or, like a terminal, to the whole process group.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_leaves_nothing_behind() {
    use std::os::unix::process::CommandExt;
    for signal in ["INT", "TERM", "HUP"] {
        for whom in ["$program", "0"] {
            let script = format!(
                "system::command(\"read a b c program d < /proc/$PPID/stat; kill -s {signal} \
                 {whom}; sleep 0.5\");"
            );
            let template = Template::new(HOOKS);
            template.write("post.rhai", &script);
            let mut run = Scaffold::new(["new", "hello", "--yes", "--trust", "--from"])
                .arg("../template")
                .current_dir(&template.folder.path().join("work"));
            run.command().process_group(0);
            let run = run.run();
            assert_eq!((run.code, &*run.stdout), (Some(130), ""), "{signal} {whom}: {run:?}");
            assert_eq!(run.stderr, "error: interrupted\n", "{signal} {whom}");
            assert!(template.is_untouched());
        }
    }
}

#[cfg(unix)]
#[test]
fn asks_whether_to_run_scripts() {
    use lambda_native_tests::terminal::{ENTER, Terminal};
    for (answer, is_made) in [("y\r", true), (ENTER, false)] {
        let template = Template::new(HOOKS);
        let work = template.folder.path().join("work");
        let arguments = ["new", "hello", "--no-git", "--from", "../template"];
        let mut terminal = Terminal::start(&arguments, &work);
        terminal.wait_for("runs scripts: `pre.rhai`, `post.rhai`");
        terminal.wait_for("Run these scripts?");
        terminal.send(answer);
        let screen = terminal.end();
        assert_eq!(screen.code == Some(0), is_made, "{screen:?}");
        assert_eq!(work.join("hello/ran").exists(), is_made);
        assert_eq!(template.is_untouched(), !is_made);
    }
}

/// The settings of git are those of Git for Windows, which writes CR LF.
#[test]
fn keeps_the_line_endings_of_the_repository() {
    let template =
        Template::new(&[("a.txt", "{{ project-name }}\n"), (".gitattributes", "*.txt text\n")]);
    template.git(&["init", "--quiet"]);
    template.git(&["add", "."]);
    template.git(&["commit", "--quiet", "--message", "one"]);
    let settings = template.folder.path().join("settings");
    fs::write(&settings, "[core]\nautocrlf = true\neol = crlf\n").unwrap();
    let source = format!("file://{}", template.path().display());
    let run = Scaffold::new(["new", "hello", "--yes", "--no-git", "--from", &source])
        .current_dir(&template.folder.path().join("work"))
        .env("GIT_CONFIG_GLOBAL", settings)
        .run();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(template.made().contains(&("a.txt".to_owned(), "hello\n".to_owned())));
}

/// Branches, tags, commits and folders of a repository, by its path and by its URL.
#[test]
fn fetches_from_git() {
    let template = Template::new(&[("a.txt", "one {{ project-name }}")]);
    template.git(&["init", "--quiet", "--initial-branch", "main"]);
    template.git(&["add", "."]);
    template.git(&["commit", "--quiet", "--message", "one"]);
    let one = template.git(&["rev-parse", "HEAD"]);
    template.git(&["tag", "v1"]);
    template.git(&["checkout", "--quiet", "-b", "next"]);
    template.write("a.txt", "two {{ project-name }}");
    template.write("inner/b.txt", "inner {{ project-name }}");
    template.git(&["add", "."]);
    template.git(&["commit", "--quiet", "--message", "two"]);
    let two = template.git(&["rev-parse", "HEAD"]);

    let url = format!("file://{}", template.path().display());
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
        let said = template.new_from(&source, &arguments).success();
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(said["template"]["commit"], **commit, "{said:#}");
        assert_eq!(said["template"]["source"], *source);
        let (path, text) = text;
        assert!(template.made().contains(&(path.to_owned(), text.to_owned())), "{source}");
        let stamp = fs::read_to_string(template.folder.path().join("work/hello/.scaffold.toml"));
        assert!(stamp.unwrap().contains(&format!("commit = \"{commit}\"\n")));

        // The stamp of the project names the source of its template.
        let again = template.folder.path().join("work");
        let run = Scaffold::new(["new", "again", "--yes", "--no-git", "--answers"])
            .arg("hello/.scaffold.toml")
            .current_dir(&again)
            .run();
        assert_eq!(run.code, Some(0), "{run:?}");
        fs::remove_dir_all(again.join("hello")).unwrap();
        fs::remove_dir_all(again.join("again")).unwrap();
    }

    assert_run!(template.new_from(&format!("{url}#none"), &[]), @"
    exit code: 1
    ----- stderr -----
    error: cannot fetch `none` of `file://[TEMP]/template`
      caused by: fatal: couldn't find remote ref none
    ");
    assert!(template.is_untouched());
}

#[test]
fn fails_if_git_is_missing() {
    let run = Scaffold::new(["new", "hello", "--yes", "--from", "gh:ada/template"])
        .current_dir(Path::new("/"))
        .env("PATH", "/nowhere")
        .run();
    assert_run!(run, @"
    exit code: 1
    ----- stderr -----
    error: `https://github.com/ada/template.git` needs `git`, which is not on `PATH`
    hint: install git, or pass a folder to `--from`
    ");
}
