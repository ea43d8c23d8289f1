//! `scaffold new` for programs: values from flags, pairs and files, and its result as JSON.

use std::fs;

use lambda_native_tests::assert_run;
use lambda_native_tests::command::{Run, Scaffold, path, program};
use lambda_native_tests::project::tree;
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

fn scaffold(folder: &TempDir, arguments: &[&str]) -> Run {
    Scaffold::new(arguments).current_dir(folder.path()).run()
}

/// The result of `scaffold new --json`.
fn result(folder: &TempDir, arguments: &[&str]) -> Value {
    let arguments = [&["new", "--json", "--yes", "--no-git"], arguments].concat();
    serde_json::from_str(&scaffold(folder, &arguments).success()).unwrap()
}

fn is_empty(folder: &TempDir) -> bool {
    fs::read_dir(folder.path()).unwrap().next().is_none()
}

/// Runs `scaffold` in an empty folder; asserts that it fails and leaves nothing behind.
fn fails(arguments: &[&str]) -> Run {
    let folder = tempdir().unwrap();
    let run = scaffold(&folder, arguments);
    assert_ne!(run.code, Some(0), "{run:?}");
    assert!(is_empty(&folder));
    run
}

#[test]
fn flags_override_the_file_and_the_file_overrides_defaults() {
    let folder = tempdir().unwrap();
    let file = "memory = 512\ntimeout = 20\narchitecture = \"arm64\"\n";
    fs::write(folder.path().join("answers.toml"), file).unwrap();
    let answers = ["--answers", "answers.toml", "--memory", "1024", "--set", "timeout=25"];
    let made = result(&folder, &[&["hello"], &answers[..]].concat());
    let answers = &made["answers"];
    assert_eq!(answers["memory"], "1024");
    assert_eq!(answers["timeout"], "25");
    assert_eq!(answers["architecture"], "arm64");
    assert_eq!(answers["package_type"], "zip");
    let command =
        "scaffold new hello --architecture arm64 --memory 1024 --timeout 25 --no-git --yes";
    assert_eq!(made["command"], command);
}

/// Both formats, from a file and from standard input, make the same project.
#[test]
fn reads_answers_in_toml_and_json() {
    let toml = "json-logs = \"yes\"\nmemory = 512\n";
    let json = r#"{ "json_logs": "yes", "memory": "512" }"#;
    let mut trees = Vec::new();
    for text in [toml, json] {
        let folder = tempdir().unwrap();
        fs::write(folder.path().join("answers"), text).unwrap();
        let arguments = ["new", "hello", "--yes", "--no-git", "--answers"];
        let _ = scaffold(&folder, &[&arguments[..], &["answers"]].concat()).success();
        let piped = Scaffold::new(arguments)
            .args(["-", "--directory", "piped"])
            .current_dir(folder.path())
            .input(text)
            .run();
        let _ = piped.success();
        trees.push(tree(&folder.path().join("hello")));
        trees.push(tree(&folder.path().join("piped")));
    }
    let [first, rest @ ..] = &*trees else { panic!("there are four") };
    assert!(first["template.yaml"].windows(9).any(|text| text == b"Size: 512"));
    assert!(rest.iter().all(|other| other == first));
}

#[test]
fn takes_the_values_of_an_existing_project() {
    let folder = tempdir().unwrap();
    let first = result(&folder, &["hello", "--memory", "512", "--package-type", "image"]);
    let again = result(&folder, &["again", "--answers", "hello/.scaffold.toml"]);
    assert_eq!(first["answers"], again["answers"]);
    assert_eq!(first["template"], again["template"]);
}

#[test]
fn the_command_of_the_result_makes_the_same_project() {
    let folder = tempdir().unwrap();
    let arguments = ["--memory", "512", "--package-type", "image", "--directory", "it's mine"];
    let made = result(&folder, &[&["hello"], &arguments[..]].concat());
    let whole = tree(folder.path());
    fs::remove_dir_all(folder.path().join("it's mine")).unwrap();
    let run = program("sh")
        .args(["-c", made["command"].as_str().unwrap()])
        .current_dir(folder.path())
        .env("PATH", path())
        .output();
    let _ = Run::from(run.unwrap()).success();
    assert_eq!(tree(folder.path()), whole);
}

#[test]
fn the_result_lists_everything_that_was_made() {
    let folder = tempdir().unwrap();
    let made = result(&folder, &["hello", "--runtime", "crates-io"]);
    let files: Vec<String> = tree(&folder.path().join("hello")).into_keys().collect();
    let path = dunce::canonicalize(folder.path()).unwrap().join("hello");
    assert_eq!(made["files"], json!(files));
    assert_eq!(made["path"], json!(path));
    assert_eq!(made["made"], true);
    assert_eq!(made["template"]["name"], "http-api");

    // The stamp agrees.
    let stamp = fs::read_to_string(path.join(".scaffold.toml")).unwrap();
    let stamp: toml_edit::DocumentMut = stamp.parse().unwrap();
    assert_eq!(stamp["name"].as_str(), Some("hello"));
    assert_eq!(stamp["scaffold"].as_str(), Some(env!("CARGO_PKG_VERSION")));
    assert_eq!(stamp["template"]["name"].as_str(), Some("http-api"));
    assert_eq!(stamp["template"]["hash"].as_str(), made["template"]["hash"].as_str());
    let answers = stamp["answers"].as_table().unwrap().iter();
    let answers: Value = answers.map(|(key, item)| (key, item.as_str())).collect();
    assert_eq!(answers, made["answers"]);
}

#[test]
fn says_if_the_template_has_changed_since_the_answers_were_given() {
    let folder = tempdir().unwrap();
    let run = |arguments: &[&str]| {
        Scaffold::new(["new"]).args(arguments).arg("--yes").current_dir(folder.path()).run()
    };
    let _ = run(&["one"]).success();
    let answers = ["--answers", "one/.scaffold.toml"];
    let same = run(&[&["two"], &answers[..]].concat());
    assert!(!same.stderr.contains("warning"), "{same:?}");

    let stamp = folder.path().join("one/.scaffold.toml");
    let text = fs::read_to_string(&stamp).unwrap();
    fs::write(&stamp, text.replace("hash = \"", "hash = \"0")).unwrap();
    let changed = run(&[&["three"], &answers[..]].concat());
    let warning = "warning: the template `http-api` has changed since these answers were given\n\
                   hint: check that they still fit\n";
    assert!(changed.stderr.starts_with(warning), "{changed:?}");
    // Another template is another matter.
    let other = run(&[&["four", "--template", "function", "--dry-run"], &answers[..]].concat());
    assert!(!other.stderr.contains("warning"), "{other:?}");
}

#[test]
fn a_dry_run_shows_exactly_what_a_run_makes() {
    let folder = tempdir().unwrap();
    let shown = result(&folder, &["hello", "--dry-run"]);
    assert!(is_empty(&folder));
    let made = result(&folder, &["hello"]);
    let files = tree(&folder.path().join("hello")).into_iter();
    let files: Value = files
        .map(|(path, text)| json!({ "path": path, "text": String::from_utf8(text).unwrap() }))
        .collect();
    assert_eq!(shown["files"], files);
    assert_eq!(shown["command"], made["command"]);
    assert_eq!(shown["made"], false);
}

#[test]
fn a_dry_run_draws_the_tree_and_prints_the_files() {
    let folder = tempdir().unwrap();
    let template = folder.path().join("template");
    fs::create_dir_all(template.join("src")).unwrap();
    fs::write(template.join("src/a.txt"), "{{ project-name }}\n").unwrap();
    fs::write(template.join("b"), "no end of line").unwrap();
    let arguments = ["new", "hello", "--yes", "--dry-run", "--from", "template"];
    let run = scaffold(&folder, &arguments);
    // The content of the stamp is tested elsewhere.
    let (tree, files) = run.stdout.split_once("==> hello/.scaffold.toml <==\n").unwrap();
    insta::assert_snapshot!(tree, @"
    hello
    ├── .scaffold.toml
    ├── b
    └── src
        └── a.txt
    ");
    let (_, files) = files.split_once("==> ").unwrap();
    insta::assert_snapshot!(format!("==> {files}"), @"
    ==> hello/b <==
    no end of line

    ==> hello/src/a.txt <==
    hello
    ");
    assert!(!folder.path().join("hello").exists());
}

#[test]
fn refuses_unknown_keys() {
    let folder = tempdir().unwrap();
    assert_run!(scaffold(&folder, &["new", "hello", "--yes", "--set", "memroy=512"]), @"
    exit code: 2
    ----- stderr -----
    error: `--set memroy`: the template `http-api` has no such question
    hint: did you mean `memory`? its questions are `api`, `outbound`, `openapi`, `architecture`, `memory`, `package_type`, `infrastructure`, `tracing`, `json_logs`, `application_insights`, `ci`, `editor`, `linking`, `snap_start`, `timeout`
    ");

    fs::write(folder.path().join("answers.json"), r#"{"colour": "red"}"#).unwrap();
    let arguments = ["new", "hello", "--yes", "--answers", "answers.json"];
    assert_run!(scaffold(&folder, &arguments), @"
    exit code: 2
    ----- stderr -----
    error: `colour` in `answers.json`: the template `http-api` has no such question
    hint: its questions are `api`, `outbound`, `openapi`, `architecture`, `memory`, `package_type`, `infrastructure`, `tracing`, `json_logs`, `application_insights`, `ci`, `editor`, `linking`, `snap_start`, `timeout`
    ");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn refuses_invalid_values_wherever_they_are_given() {
    assert_run!(fails(&["new", "hello", "--yes", "--set", "memory=64"]), @"
    exit code: 2
    ----- stderr -----
    error: invalid value `64` for `--set memory`
    hint: expected a whole number from 128 to 10240
    ");
    assert_run!(fails(&["new", "hello", "--yes", "--set", "memory"]), @"
    exit code: 2
    ----- stderr -----
    error: `--set memory` has no value
    hint: write `--set KEY=VALUE`, such as `--set memory=512`
    ");
    assert_run!(fails(&["new", "hello", "--yes", "--set", "json-logs=yes", "--json-logs", "no"]), @"
    exit code: 2
    ----- stderr -----
    error: `json-logs` is set twice: by `--json-logs` and `--set json-logs`
    hint: remove one of them
    ");
    assert_run!(fails(&["new", "hello", "--yes", "--template", "http-apis"]), @"
    exit code: 2
    ----- stderr -----
    error: unknown template `http-apis`
    hint: did you mean `http-api`? the templates are `events`, `function`, `http-api`, `multi`, `web`
    ");
}

#[test]
fn explains_what_is_wrong_with_a_file_of_values() {
    let cases = ["{\"memory\": ", "memory = ", "[memory]\nvalue = 1", "memory = 64"].map(|text| {
        let folder = tempdir().unwrap();
        fs::write(folder.path().join("a"), text).unwrap();
        let run = scaffold(&folder, &["new", "hello", "--yes", "--answers", "a"]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        (text, run)
    });
    assert_run!(Vec::from(cases), @r#"
    # {"memory": 
    exit code: 1
    ----- stderr -----
    error: cannot read the answers in `a` as JSON
      caused by: EOF while parsing a value at line 1 column 11

    # memory = 
    exit code: 1
    ----- stderr -----
    error: cannot read the answers in `a` as TOML
      caused by: TOML parse error at line 1, column 10
        |
      1 | memory = 
        |          ^
      string values must be quoted, expected literal string

    # [memory]
    # value = 1
    exit code: 1
    ----- stderr -----
    error: cannot read the answers in `a` as TOML
      caused by: `memory` must be a string, a number, a boolean or a list of strings

    # memory = 64
    exit code: 2
    ----- stderr -----
    error: invalid value `64` for `memory` in `a`
    hint: expected a whole number from 128 to 10240
    "#);
    assert_run!(fails(&["new", "hello", "--yes", "--answers", "none"]), @"
    exit code: 1
    ----- stderr -----
    error: cannot read `none`
      caused by: No such file or directory (os error 2)
    ");
}

#[test]
fn lists_the_templates() {
    let list = Scaffold::new(["list"]).run();
    assert_run!(list, @"
    exit code: 0
    ----- stdout -----
    events    a function for the events of a queue, a stream, a topic, a bucket, EventBridge or a schedule
    function  a plain function: JSON in, JSON out
    http-api  an HTTP API: one function behind API Gateway or a function URL
    multi     several functions behind one HTTP API, in one executable
    web       a web application: an axum router, on Lambda and on a local port
    ----- stderr -----

    next:
      scaffold new NAME --template TEMPLATE
    ");

    let described: Value =
        serde_json::from_str(&Scaffold::new(["list", "--json"]).run().success()).unwrap();
    let names =
        described["templates"].as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap());
    let lines = list.stdout.lines().map(|line| line.split(' ').next().unwrap());
    assert!(names.eq(lines));
}

/// The schema accepts exactly what `scaffold new` accepts.
#[test]
fn the_schema_accepts_what_new_accepts() {
    let described = Scaffold::new(["list", "--json"]).run().success();
    let described: Value = serde_json::from_str(&described).unwrap();
    let mut has_rules = false;
    for template in described["templates"].as_array().unwrap() {
        let schema = &template["answers"];
        assert!(jsonschema::draft202012::meta::is_valid(schema), "{schema:#}");
        let validator = jsonschema::draft202012::new(schema).unwrap();
        let name = template["name"].as_str().unwrap();
        let mut cases = vec![
            json!({}),
            json!({ "memory": "512" }),
            json!({ "memory": "64" }),
            json!({ "architecture": "arm64", "package_type": "image" }),
            json!({ "architecture": "sparc" }),
            json!({ "colour": "red" }),
        ];
        // Every conditional question, with every value in its condition.
        let samples = |name: &str| match schema["properties"][name]["enum"].as_array() {
            Some(values) => values.clone(),
            None => ["0", "29", "30", "900"].map(Value::from).to_vec(),
        };
        let keys = |object: &Value| object.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        for rule in schema["allOf"].as_array().into_iter().flatten() {
            for asked in keys(&rule["then"]["properties"]) {
                for condition in keys(&rule["if"]["properties"]) {
                    for value in samples(&condition) {
                        for answer in samples(&asked) {
                            cases.push(json!({ (&condition): value, (&asked): answer }));
                        }
                    }
                }
            }
        }
        has_rules |= cases.len() > 6;
        let mut seen = std::collections::BTreeSet::new();
        cases.retain(|case| seen.insert(case.to_string()));
        for case in cases {
            let folder = tempdir().unwrap();
            let arguments = ["new", "hello", "--yes", "--dry-run", "--answers", "-", "--template"];
            let run = Scaffold::new(arguments)
                .arg(name)
                .current_dir(folder.path())
                .input(case.to_string())
                .run();
            assert_eq!(validator.is_valid(&case), run.code == Some(0), "{name} {case}: {run:?}");
        }
    }
    assert!(has_rules, "{described:#}");
}

#[test]
fn words_of_other_tools_name_the_command() {
    let tip = |word: &str| {
        let run = Scaffold::new([word]).run();
        assert_eq!(run.code, Some(2), "{run:?}");
        run.stderr
    };
    insta::assert_snapshot!(tip("init"), @"
    error: unrecognized subcommand 'init'

      tip: the command is `scaffold new`

    Usage: scaffold <COMMAND>

    For more information, try '--help'.
    ");
    let words = ["create", "watch", "serve", "start", "run", "test", "zip", "check", "publish"];
    let tips = words.map(|word| tip(word).lines().nth(2).unwrap_or_default().trim().to_owned());
    insta::assert_snapshot!(tips.join("\n"), @"
    tip: the command is `scaffold new`
    tip: the command is `scaffold dev`
    tip: the command is `scaffold dev`
    tip: the command is `scaffold dev`
    tip: the command is `scaffold dev`
    tip: the command is `scaffold invoke`
    tip: the command is `scaffold package`
    tip: the command is `scaffold inspect`
    tip: the command is `scaffold deploy`
    ");
    // Neither is a command that only the program itself runs.
    assert!(!tip("__kep").contains("__keep"));
}

#[test]
fn prints_completions_and_writes_manual_pages() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = Scaffold::new(["completions", shell]).run().success();
        for word in ["package-type", "x86_64", "completions"] {
            assert!(script.contains(word), "{shell}: no {word}");
        }
        for command in ["__expand", "__keep", "__debuggee"] {
            assert!(!script.contains(command), "{shell}");
        }
    }
    let folder = tempdir().unwrap();
    assert_run!(scaffold(&folder, &["man", "man1"]), @"exit code: 0");
    let pages: Vec<String> = tree(&folder.path().join("man1")).into_keys().collect();
    for page in ["scaffold.1", "scaffold-new.1", "scaffold-list.1", "scaffold-invoke.1"] {
        assert!(pages.iter().any(|name| name == page), "{pages:?}");
    }
    assert!(pages.iter().all(|page| !page.contains("__")), "{pages:?}");
    let page = fs::read_to_string(folder.path().join("man1/scaffold-new.1")).unwrap();
    assert!(page.contains("package\\-type") && page.contains("128 to 10240"), "{page}");
}

/// Runs the script in bash.
#[cfg(unix)]
#[test]
fn completions_complete() {
    let script = Scaffold::new(["completions", "bash"]).run().success();
    let complete = |words: &str, count: usize| {
        let command = format!(
            "{script}\nCOMP_WORDS=({words})\nCOMP_CWORD={count}\n\
             _scaffold scaffold \"${{COMP_WORDS[{count}]}}\" \"${{COMP_WORDS[{last}]}}\"\n\
             echo \"${{COMPREPLY[@]}}\"",
            last = count - 1
        );
        let run = program("bash").args(["-c", &command]).output().unwrap();
        Run::from(run).success().trim().to_owned()
    };
    assert_eq!(complete("scaffold new --package-ty", 2), "--package-type");
    assert_eq!(complete("scaffold new --package-type ''", 3), "zip image");
    assert_eq!(complete("scaffold completions z", 2), "zsh");
}
