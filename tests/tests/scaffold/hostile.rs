//! `scaffold new --from`: templates that attack.

use std::fs;

use lambda_native_tests::assert_run;

use crate::foreign::Template;

/// A script that leaves a trace in the project.
const SCRIPT: (&str, &str) = ("e.rhai", "file::write(\"ran\", \"\"); \"\"");
const HOOKS: &str = "[hooks]\ninit = ['e.rhai']\n";
const FILTER: &str = "{{ 'e.rhai' | rhai }}";

#[test]
fn a_script_that_nobody_has_allowed_does_not_run() {
    let later = format!("{{{{ \"{FILTER}\" }}}}");
    let cases: [(&str, &[(&str, &str)]); 7] = [
        ("a configuration with a suffix", &[("cargo-generate.toml.liquid", HOOKS)]),
        ("with two suffixes", &[("cargo-generate.toml.liquid.liquid", HOOKS)]),
        ("the configuration of a subfolder", &[("x/cargo-generate.toml", HOOKS), ("x/a", "")]),
        ("a file name", &[(FILTER, "")]),
        ("part of a path that is not Liquid as a whole", &[("{{ \"a/{{ 'e.rhai' | rhai }}", "")]),
        ("a string with braces", &[("a", "{{ \"d}/x.rhai\" | rhai }}")]),
        ("text that replaces another file", &[("{{ '~' }}", &later), ("~", "")]),
    ];
    let runs = cases.map(|(what, files)| {
        let template = Template::new(files);
        template.write(SCRIPT.0, SCRIPT.1);
        (what, template.fails(&[]))
    });
    assert_run!(Vec::from(runs), @r#"
    # a configuration with a suffix
    exit code: 1
    ----- stderr -----
    error: `[TEMP]/template` runs scripts: `e.rhai`
    hint: read them, then pass `--trust` to run them

    # with two suffixes
    exit code: 1
    ----- stderr -----
    error: `cargo-generate.toml.liquid.liquid` is not a valid name for a template's file
    hint: write something other than `.liquid` before `.liquid`

    # the configuration of a subfolder
    exit code: 1
    ----- stderr -----
    error: `[TEMP]/template/x` runs scripts: `e.rhai`
    hint: read them, then pass `--trust` to run them

    # a file name
    exit code: 1
    ----- stderr -----
    error: `[TEMP]/template` runs scripts: `{{ 'e.rhai' | rhai }}`
    hint: read them, then pass `--trust` to run them

    # part of a path that is not Liquid as a whole
    exit code: 1
    ----- stderr -----
    error: `[TEMP]/template` runs scripts: `{{ "a/{{ 'e.rhai' | rhai }}`
    hint: read them, then pass `--trust` to run them

    # a string with braces
    exit code: 1
    ----- stderr -----
    error: `[TEMP]/template` runs scripts: `a`
    hint: read them, then pass `--trust` to run them

    # text that replaces another file
    exit code: 1
    ----- stderr -----
    error: cannot expand `[TEMP]/template`
      caused by: `{{ '~' }}` and `~` both become `~`
    hint: this is a mistake in the template
    "#);
}

#[test]
fn a_single_template_in_a_subfolder_is_found() {
    let template = Template::new(&[
        ("README.md", "about the template"),
        ("x/cargo-generate.toml", "[placeholders.kind]\nprompt = '?'\ndefault = 'z'\n"),
        ("x/y/cargo-generate.toml", "{{ kind }}"),
    ]);
    let _ = template.run(&[]).success();
    assert_eq!(template.made(), [("y/cargo-generate.toml".to_owned(), "z".to_owned())]);
}

/// Two files for one path: which of them is expanded would depend on the order.
#[test]
fn no_file_replaces_another() {
    let config = "[placeholders.name]\nprompt = '?'\n";
    let cases = ["b.txt", "B.TXT", "b?txt"].map(|name| {
        let template =
            Template::new(&[("cargo-generate.toml", config), ("{{ name }}", ""), ("b.txt", "")]);
        template.write("b_txt", "");
        (name, template.fails(&["--set", &format!("name={name}")]))
    });
    assert_run!(Vec::from(cases), @"
    # b.txt
    exit code: 1
    ----- stderr -----
    error: cannot expand `[TEMP]/template`
      caused by: `{{ name }}` and `b.txt` both become `b.txt`
    hint: this is a mistake in the template

    # B.TXT
    exit code: 1
    ----- stderr -----
    error: cannot expand `[TEMP]/template`
      caused by: `{{ name }}` and `b.txt` both become `B.TXT`
    hint: this is a mistake in the template

    # b?txt
    exit code: 1
    ----- stderr -----
    error: cannot expand `[TEMP]/template`
      caused by: `{{ name }}` and `b_txt` both become `b_txt`
    hint: this is a mistake in the template
    ");
}

#[test]
fn a_condition_runs_no_other_code_and_ends() {
    let cases = [
        "eval(\"loop {}\")",
        "\"\".pad(3000000000, \"x\") == \"\"",
        "sleep(100000) != ()",
        "print(\"printed\") != ()",
    ]
    .map(|condition| {
        let config = format!("[conditional.'{condition}']\nignore = ['b']\n");
        let template = Template::new(&[("cargo-generate.toml", &config), ("a", "")]);
        (condition, template.run(&[]))
    });
    assert_run!(Vec::from(cases), @r#"
    # eval("loop {}")
    exit code: 1
    ----- stderr -----
    error: cargo-generate.toml:1: the condition `eval("loop {}")` cannot be evaluated
      caused by: Syntax error: reserved keyword 'eval' is disabled (line 1, position 1)

    # "".pad(3000000000, "x") == ""
    exit code: 1
    ----- stderr -----
    error: cargo-generate.toml:1: the condition `"".pad(3000000000, "x") == ""` cannot be evaluated
      caused by: Length of string too large (line 1, position 4)

    # sleep(100000) != ()
    exit code: 0
    ----- stderr -----
    created hello: [TEMP]/template

    next:
      cd hello

    # print("printed") != ()
    exit code: 0
    ----- stderr -----
    created hello: [TEMP]/template

    next:
      cd hello
    "#);
}

#[cfg(unix)]
#[test]
fn a_template_that_takes_too_much_is_refused() {
    use lambda_native_tests::command::{Run, binary, program};
    let deep = format!("{}{}", "{% if true %}".repeat(20_000), "{% endif %}".repeat(20_000));
    let indexes = format!("{{{{ a{}{} }}}}", "[a".repeat(50_000), "]".repeat(50_000));
    let cases = [
        ("tags that nest 20,000 deep", &*deep),
        ("indexes that nest 50,000 deep", &indexes),
        ("a list of 10^9 numbers", "{% for i in (1..1000000000) %}x{% endfor %}"),
        (
            "a text that doubles 60 times",
            "{% assign a = '12345678' %}{% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}",
        ),
        (
            "10^10 steps",
            "{% for i in (1..100000) %}{% for j in (1..100000) %}{% endfor %}{% endfor %}",
        ),
    ];
    let runs = cases.map(|(what, text)| {
        let template = Template::new(&[("a.txt", text)]);
        // The child inherits this limit of the processor time, which is lower than its own.
        let run = program("sh")
            .args(["-c", "ulimit -t 2; exec \"$0\" new hello --yes --no-git --from ../template"])
            .arg(binary())
            .current_dir(template.work())
            .output();
        assert!(template.is_untouched(), "{what}");
        (what, Run::from(run.unwrap()))
    });
    assert_run!(Vec::from(runs), @"
    # tags that nest 20,000 deep
    exit code: 1
    ----- stderr -----
    error: cannot look for scripts in `[TEMP]/template`
      caused by: `a.txt` nests too deeply, or takes too much memory or time to expand
    hint: this is a mistake in the template

    # indexes that nest 50,000 deep
    exit code: 1
    ----- stderr -----
    error: cannot look for scripts in `[TEMP]/template`
      caused by: `a.txt` nests too deeply, or takes too much memory or time to expand
    hint: this is a mistake in the template

    # a list of 10^9 numbers
    exit code: 1
    ----- stderr -----
    error: cannot expand `[TEMP]/template`
      caused by: `a.txt` nests too deeply, or takes too much memory or time to expand
    hint: this is a mistake in the template

    # a text that doubles 60 times
    exit code: 1
    ----- stderr -----
    error: cannot expand `[TEMP]/template`
      caused by: `a.txt` nests too deeply, or takes too much memory or time to expand
    hint: this is a mistake in the template

    # 10^10 steps
    exit code: 1
    ----- stderr -----
    error: cannot expand `[TEMP]/template`
      caused by: `a.txt` nests too deeply, or takes too much memory or time to expand
    hint: this is a mistake in the template
    ");
}

#[test]
fn a_file_without_end_is_not_read() {
    let template = Template::new(&[("a.txt", "")]);
    fs::File::create(template.path().join("a.txt")).unwrap().set_len(1 << 42).unwrap();
    assert_run!(template.fails(&[]), @"
    exit code: 1
    ----- stderr -----
    error: the files of the template exceed 256.00 MiB at `a.txt`
    hint: choose the folder of the template with `--subfolder`
    ");
}

/// The next run removes the leftovers of a killed program, and nothing else.
#[cfg(target_os = "linux")]
#[test]
fn the_next_run_removes_what_a_killed_one_has_left() {
    use lambda_native_tests::command::Scaffold;
    use lambda_native_tests::wait::wait_for;
    let template = Template::new(&[
        ("cargo-generate.toml", "[hooks]\npost = ['post.rhai']\n"),
        (
            "post.rhai",
            "system::command(\"read a b c program d < /proc/$PPID/stat; kill -s KILL $program\");",
        ),
    ]);
    let own = template.work().join(".scaffold-of-mine/file");
    fs::create_dir(own.parent().unwrap()).unwrap();
    fs::write(&own, "").unwrap();
    let entries = || {
        let entries = fs::read_dir(template.work()).unwrap();
        let mut names: Vec<_> =
            entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let run = template.run(&["--trust"]);
    assert_eq!(run.code, None, "{run:?}");
    assert_eq!(entries().len(), 2, "{:?}", entries());
    // The child of the killed program works there until it ends.
    wait_for(|| {
        let next = Scaffold::new(["new", "next", "--yes", "--dry-run"]);
        let _ = next.current_dir(&template.work()).run().success();
        entries() == [".scaffold-of-mine"]
    });
    assert!(own.exists());
}
