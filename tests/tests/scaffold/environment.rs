//! The environment variables of functions in `scaffold dev` and `scaffold invoke`.

use std::fs;

use lambda_native_tests::assert_run;
use lambda_native_tests::command::Run;
use lambda_native_tests::dev::{Dev, ONE_FUNCTION, SocketProject};

/// The event on which the function prints its variables.
const EVENT: &str = "\"environment\"";

/// A project whose function has these variables, in lines such as `NAME: value`.
fn project(variables: &[&str]) -> SocketProject {
    let variables = variables.join("\n          ");
    SocketProject::new(&format!(
        "{ONE_FUNCTION}      Environment:\n        Variables:\n          {variables}\n  \
         Table: {{Type: AWS::DynamoDB::Table}}\n"
    ))
}

/// The variables among these lines whose names start with `MY_`.
fn own(lines: &str) -> Vec<&str> {
    lines.lines().filter(|line| line.starts_with("MY_")).collect()
}

/// Invokes the function with these variables of the shell.
fn invoke(project: &SocketProject, flags: &[&str], shell: &[(&str, &str)]) -> Run {
    let mut scaffold = project.scaffold(&[&["invoke", "--data", EVENT], flags].concat());
    scaffold.command().envs(shell.iter().copied());
    scaffold.run()
}

#[test]
fn the_command_line_comes_before_files_the_shell_and_the_template() {
    let names = ["MY_A", "MY_B", "MY_C", "MY_D", "MY_E", "MY_F"];
    let project =
        project(&names.map(|name| format!("{name}: template")).each_ref().map(|it| &**it));
    let file = |names: &[&str], value: &str| -> String {
        names.iter().map(|name| format!("{name}={value}")).collect::<Vec<_>>().join("\n")
    };
    project.write(".env", &file(&names[1..], "dotenv"));
    project.write("one", &file(&names[3..], "first"));
    project.write("two", &file(&names[4..], "second"));
    let shell = [("MY_C", "shell"), ("MY_D", "shell"), ("MY_E", "shell"), ("MY_F", "shell")];
    let flags = ["--env-file", "one", "--env", "MY_F=a=b c", "--env-file", "two"];
    let run = invoke(&project, &flags, &shell);
    assert_eq!(
        own(&run.success()),
        ["MY_A=template", "MY_B=dotenv", "MY_C=shell", "MY_D=first", "MY_E=second", "MY_F=a=b c"]
    );
}

#[test]
fn files_have_comments_quotes_and_several_lines() {
    let project = project(&["MY_A: template"]);
    let text = "\u{feff}# Settings.\n\nexport MY_A='a # $b'\r\nMY_B=\"two\nlines\" # and a comment\nMY_C=\n";
    project.write(".env", text);
    let output = invoke(&project, &[], &[]).success();
    assert!(output.contains("MY_A=a # $b\nMY_B=two\nlines\nMY_C=\n"), "{output}");
}

#[test]
fn variables_that_lambda_refuses_cannot_be_set() {
    let project = project(&["MY_A: template"]);
    for (flag, stderr) in [
        (
            "AWS_REGION=secret",
            "error: `--env`: Lambda reserves the variable `AWS_REGION`\n\
             hint: set it in this shell, whose variables functions inherit: `export AWS_REGION=…`\n",
        ),
        (
            "_HANDLER=secret",
            "error: `--env`: Lambda reserves the variable `_HANDLER`\n\
             hint: remove it: the function gets Lambda's value\n",
        ),
        (
            "1ST=secret",
            "error: `--env`: `1ST` is not a valid name of a variable\n\
             hint: use a letter, and then letters, digits and `_`\n",
        ),
        ("MY_A", "error: `--env MY_A` has no value\nhint: write `--env MY_A=VALUE`\n"),
    ] {
        assert_eq!(invoke(&project, &["--env", flag], &[]), Run::new(2, "", stderr));
    }
    project.write("variables", "MY_A=1\n\nAWS_LAMBDA_FUNCTION_NAME=secret\n");
    assert_run!(invoke(&project, &["--env-file", "variables"], &[]), @"
    exit code: 1
    ----- stderr -----
    error: variables:3: Lambda reserves the variable `AWS_LAMBDA_FUNCTION_NAME`
    hint: remove it: the function gets Lambda's value
    ");
    // Other programs read this file too.
    project.write(".env", "MY_A=1\nAWS_SECRET_ACCESS_KEY=secret\nMY.B=secret\n");
    let run = invoke(&project, &[], &[]);
    assert_eq!(own(&run.stdout), ["MY_A=1"]);
    let is_warning = |line: &&str| line.starts_with("warning:") || line.starts_with("hint:");
    let warnings: Vec<_> = run.stderr.lines().filter(is_warning).collect();
    insta::assert_snapshot!(warnings.join("\n"), @"
    warning: .env:2: ignored: Lambda reserves the variable `AWS_SECRET_ACCESS_KEY`
    hint: set it in this shell, whose variables functions inherit: `export AWS_SECRET_ACCESS_KEY=…`
    warning: .env:3: ignored: `MY.B` is not a valid name of a variable
    hint: use a letter, and then letters, digits and `_`
    ");
}

#[test]
fn mistakes_in_files_are_errors_that_show_no_value() {
    let project = project(&["MY_A: template"]);
    assert_run!(invoke(&project, &["--env-file", "missing"], &[]), @"
    exit code: 1
    ----- stderr -----
    error: cannot read `missing`
      caused by: No such file or directory (os error 2)
    ");
    for (text, line) in [
        ("MY_A=1\n\n# A comment.\nsecret\n", 4),
        ("MY_A=two secrets\n", 1),
        ("MY_A=\"1\n2\"\nMY_B='secret\n", 3),
        ("MY_A=\"1\n2\" 3\n", 1),
        ("MY_A=1\0\n", 1),
    ] {
        project.write(".env", text);
        let stderr = format!(
            "error: .env:{line}: expected `NAME=value`\n\
             hint: values with spaces, `#` or `$` need single quotes, and quotes must be closed\n"
        );
        assert_eq!(invoke(&project, &[], &[]), Run::new(1, "", stderr), "{text}");
    }
}

#[test]
fn what_only_a_deployment_knows_is_unset_with_a_warning() {
    let project = project(&["MY_TABLE: !Ref Table", "MY_ARN: !GetAtt Table.Arn"]);
    let run = invoke(&project, &[], &[("MY_ARN", "arn")]);
    assert_eq!(own(&run.stdout), ["MY_ARN=arn"]);
    let warning = "warning: unset in `Main`, because the value is known only after deployment: `MY_TABLE` \
                   (`!Ref Table`)\n";
    assert!(run.stderr.starts_with(warning), "{run:?}");

    let dev = project.dev(&["--env", "MY_ARN=arn"]);
    assert!(dev.warnings().starts_with(warning), "{}", dev.log());
    assert_eq!(own(&dev.invoke("Main", &[], EVENT).body), ["MY_ARN=arn"]);
    // An event with variables of its own does not go to `scaffold dev`.
    let run = invoke(&project, &["--env", "MY_TABLE=a", "--env", "MY_ARN=b"], &[]);
    assert_eq!(own(&run.stdout), ["MY_ARN=b", "MY_TABLE=a"]);
    assert!(!run.stderr.contains("warning"), "{run:?}");
}

#[test]
fn a_change_of_a_file_restarts_the_function() {
    let project = project(&["MY_TABLE: !Ref Table"]);
    project.write("more", "MY_MORE=1\n");
    let dev = project.dev(&["--env-file", "more"]);
    let variables = |dev: &Dev| dev.invoke("Main", &[], EVENT).body;
    assert_eq!(own(&variables(&dev)), ["MY_MORE=1"]);
    project.replace(".env", "MY_TABLE=orders\n");
    dev.wait_for("changed: .env\n");
    dev.wait_for_builds(2);
    assert_eq!(own(&variables(&dev)), ["MY_MORE=1", "MY_TABLE=orders"]);
    project.replace("more", "MY_MORE=2\n");
    dev.wait_for_builds(3);
    assert_eq!(own(&variables(&dev)), ["MY_MORE=2", "MY_TABLE=orders"]);
    // A mistake changes nothing.
    project.replace("more", "2\n");
    dev.wait_for("error: more:1: expected `NAME=value`\n");
    dev.wait_for_failed_update();
    assert_eq!(own(&variables(&dev)), ["MY_MORE=2", "MY_TABLE=orders"]);
    fs::remove_file(project.path().join(".env")).unwrap();
    project.replace("more", "MY_MORE=3\n");
    dev.wait_until("both changes", |_| own(&variables(&dev)) == ["MY_MORE=3"]);
}

#[test]
fn a_project_without_a_template_has_the_file_beside_its_manifest() {
    let project = project(&[]);
    fs::remove_file(project.path().join("template.yaml")).unwrap();
    project.write(".env", "MY_A=1\n");
    assert_eq!(own(&invoke(&project, &[], &[]).success()), ["MY_A=1"]);
    let dev = project.dev(&[]);
    assert_eq!(own(&dev.invoke("socket", &[], EVENT).body), ["MY_A=1"]);
}
