//! `scaffold new` for programs: answers from flags, pairs and files, and its result as JSON.

#![allow(clippy::unwrap_used, reason = "what a test does not expect ends it")]

use std::fs;

use lambda_native_tests::command::{Run, Scaffold, path};
use lambda_native_tests::project::tree;
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

fn scaffold(folder: &TempDir, arguments: &[&str]) -> Run {
    Scaffold::new(arguments).current_dir(folder.path()).run()
}

/// What `scaffold new --json` says.
fn result(folder: &TempDir, arguments: &[&str]) -> Value {
    let arguments = [&["new", "--json", "--yes", "--no-git"], arguments].concat();
    serde_json::from_str(&scaffold(folder, &arguments).success()).unwrap()
}

fn is_empty(folder: &TempDir) -> bool {
    fs::read_dir(folder.path()).unwrap().next().is_none()
}

/// Asserts that `scaffold` fails just so, and leaves nothing behind.
#[track_caller]
fn assert_fails(arguments: &[&str], stderr: &str) {
    let folder = tempdir().unwrap();
    assert_eq!(scaffold(&folder, arguments), Run::new(2, "", stderr));
    assert!(is_empty(&folder));
}

#[test]
fn flags_and_pairs_go_before_the_file_and_the_file_before_defaults() {
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

/// Both languages, from a file and from standard input, say the same.
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
fn a_project_is_a_file_of_answers() {
    let folder = tempdir().unwrap();
    let first = result(&folder, &["hello", "--memory", "512", "--package-type", "image"]);
    let again = result(&folder, &["again", "--answers", "hello/.scaffold.toml"]);
    assert_eq!(first["answers"], again["answers"]);
    assert_eq!(first["template"], again["template"]);
}

/// The command that is printed makes the same project.
#[test]
fn the_command_of_the_result_makes_the_same() {
    let folder = tempdir().unwrap();
    let arguments = ["--memory", "512", "--package-type", "image", "--directory", "it's mine"];
    let made = result(&folder, &[&["hello"], &arguments[..]].concat());
    let whole = tree(folder.path());
    fs::remove_dir_all(folder.path().join("it's mine")).unwrap();
    let run = std::process::Command::new("sh")
        .args(["-c", made["command"].as_str().unwrap()])
        .current_dir(folder.path())
        .env("PATH", path())
        .output();
    let _ = Run::from(run.unwrap()).success();
    assert!(tree(folder.path()) == whole);
}

#[test]
fn the_result_tells_all_that_was_made() {
    let folder = tempdir().unwrap();
    let made = result(&folder, &["hello", "--runtime", "crates-io"]);
    let files: Vec<String> = tree(&folder.path().join("hello")).into_keys().collect();
    let path = dunce::canonicalize(folder.path()).unwrap().join("hello");
    assert_eq!(made["files"], json!(files));
    assert_eq!(made["path"], json!(path));
    assert_eq!(made["made"], true);
    assert_eq!(made["template"]["name"], "http-api");

    // The stamp says the same.
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
fn a_dry_run_shows_just_what_is_made() {
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
    let shown = scaffold(&folder, &arguments).success();
    let expected = "\
hello
├── .scaffold.toml
├── b
└── src
    └── a.txt

==> hello/.scaffold.toml <==
";
    assert!(shown.starts_with(expected), "{shown}");
    let expected = "\
==> hello/b <==
no end of line

==> hello/src/a.txt <==
hello
";
    assert!(shown.ends_with(expected), "{shown}");
    assert!(!folder.path().join("hello").exists());
}

#[test]
fn refuses_a_key_that_is_no_question() {
    let folder = tempdir().unwrap();
    let run = scaffold(&folder, &["new", "hello", "--yes", "--set", "memroy=512"]);
    let start = "\
error: `--set memroy`: the template `http-api` does not ask that
hint: did you mean `memory`? it asks `api`, `architecture`, `memory`, `package_type`, ";
    assert!(run.stderr.starts_with(start), "{run:?}");
    assert_eq!(run.code, Some(2));

    fs::write(folder.path().join("answers.json"), r#"{"colour": "red"}"#).unwrap();
    let run = scaffold(&folder, &["new", "hello", "--yes", "--answers", "answers.json"]);
    let start = "\
error: `colour` in `answers.json`: the template `http-api` does not ask that
hint: it asks `api`, `architecture`, ";
    assert!(run.stderr.starts_with(start), "{run:?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn refuses_what_is_no_answer_wherever_it_is_given() {
    assert_fails(
        &["new", "hello", "--yes", "--set", "memory=64"],
        "\
error: `64` is no answer to `--set memory`
hint: expected a whole number from 128 to 10240
",
    );
    assert_fails(
        &["new", "hello", "--yes", "--set", "memory"],
        "\
error: `memory` is no answer
hint: expected `--set KEY=VALUE`, such as `--set memory=512`
",
    );
    assert_fails(
        &["new", "hello", "--yes", "--set", "json-logs=yes", "--json-logs", "no"],
        "\
error: `json-logs` is answered twice, by `--json-logs` and `--set json-logs`
hint: leave one of them out
",
    );
    assert_fails(
        &["new", "hello", "--yes", "--template", "http-apis"],
        &no_template("http-apis", "did you mean `http-api`? "),
    );
}

fn no_template(name: &str, near: &str) -> String {
    let list = Scaffold::new(["list"]).run().success();
    let names: Vec<_> = list.lines().map(|line| line.split(' ').next().unwrap()).collect();
    let names = names.join("`, `");
    format!("error: there is no template `{name}`\nhint: {near}the templates are `{names}`\n")
}

#[test]
fn says_what_is_wrong_with_a_file_of_answers() {
    for (text, said) in [
        ("{\"memory\": ", "error: `a` is no JSON of answers\n  caused by: EOF while parsing"),
        ("memory = ", "error: `a` is no TOML of answers\n  caused by: TOML parse error at line 1"),
        (
            "[memory]\nvalue = 1",
            "error: `a` is no TOML of answers\n  caused by: `memory` is neither a string, a number, \
             a boolean nor a list of strings\n",
        ),
        ("memory = 64", "error: `64` is no answer to `memory` in `a`\n"),
    ] {
        let folder = tempdir().unwrap();
        fs::write(folder.path().join("a"), text).unwrap();
        let run = scaffold(&folder, &["new", "hello", "--yes", "--answers", "a"]);
        assert!(run.stderr.starts_with(said), "{run:?}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
    let run = scaffold(&tempdir().unwrap(), &["new", "hello", "--yes", "--answers", "none"]);
    assert!(run.stderr.starts_with("error: cannot read `none`\n"), "{run:?}");
}

#[test]
fn lists_the_templates() {
    let list = Scaffold::new(["list"]).run().success();
    let line = list.lines().find(|line| line.starts_with("http-api")).unwrap();
    assert!(line.starts_with("http-api  an HTTP API: one function"), "{list}");

    let described: Value =
        serde_json::from_str(&Scaffold::new(["list", "--json"]).run().success()).unwrap();
    let names =
        described["templates"].as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap());
    let lines = list.lines().map(|line| line.split(' ').next().unwrap());
    assert!(names.eq(lines));
}

/// The schema takes what `scaffold new` takes, and nothing else.
#[test]
fn the_schema_tells_right_answers_from_wrong_ones() {
    let described = Scaffold::new(["list", "--json"]).run().success();
    let described: Value = serde_json::from_str(&described).unwrap();
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
        // What is asked under a condition, with every answer that the condition names.
        let samples = |name: &str| match schema["properties"][name]["enum"].as_array() {
            Some(values) => values.clone(),
            None => ["0", "29", "30", "900"].map(Value::from).to_vec(),
        };
        let keys = |object: &Value| object.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        for rule in schema["allOf"].as_array().unwrap() {
            let Some(ways) = rule["if"]["anyOf"].as_array() else { continue };
            for asked in keys(&rule["then"]["properties"]) {
                for condition in ways.iter().flat_map(|way| keys(&way["properties"])) {
                    for value in samples(&condition) {
                        for answer in samples(&asked) {
                            cases.push(json!({ (&condition): value, (&asked): answer }));
                        }
                    }
                }
            }
        }
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
}

#[test]
fn prints_completions_and_writes_manual_pages() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = Scaffold::new(["completions", shell]).run().success();
        for word in ["package-type", "x86_64", "completions"] {
            assert!(script.contains(word), "{shell}: no {word}");
        }
        assert!(!script.contains("__expand"), "{shell}");
    }
    let folder = tempdir().unwrap();
    assert_eq!(scaffold(&folder, &["man", "man1"]), Run::new(0, "", ""));
    let pages: Vec<String> = tree(&folder.path().join("man1")).into_keys().collect();
    for page in ["scaffold.1", "scaffold-new.1", "scaffold-list.1", "scaffold-invoke.1"] {
        assert!(pages.iter().any(|name| name == page), "{pages:?}");
    }
    assert!(pages.iter().all(|page| !page.contains("expand")), "{pages:?}");
    let page = fs::read_to_string(folder.path().join("man1/scaffold-new.1")).unwrap();
    assert!(page.contains("package\\-type") && page.contains("128 to 10240"), "{page}");
}

/// The script of bash completes flags and values.
#[cfg(unix)]
#[test]
fn completions_complete() {
    let script = Scaffold::new(["completions", "bash"]).run().success();
    let complete = |words: &str, count: usize| {
        let program = format!(
            "{script}\nCOMP_WORDS=({words})\nCOMP_CWORD={count}\n\
             _scaffold scaffold \"${{COMP_WORDS[{count}]}}\" \"${{COMP_WORDS[{last}]}}\"\n\
             echo \"${{COMPREPLY[@]}}\"",
            last = count - 1
        );
        let run = std::process::Command::new("bash").args(["-c", &program]).output().unwrap();
        Run::from(run).success().trim().to_owned()
    };
    assert_eq!(complete("scaffold new --package-ty", 2), "--package-type");
    assert_eq!(complete("scaffold new --package-type ''", 3), "zip image");
    assert_eq!(complete("scaffold completions z", 2), "zsh");
}
