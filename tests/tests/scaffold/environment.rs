//! The environment variables of functions in `scaffold dev` and `scaffold invoke`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use lambda_native_tests::assert_run;
use lambda_native_tests::command::{Run, Scaffold};
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

/// An AWS CLI with the stack `shop`, which has the function `Main`, and in a nested stack `Inner`. It writes each
/// call to the file `calls` of the project.
const AWS: &str = r#"#!/bin/sh
PATH=/usr/bin:/bin
for last in "$@"; do :; done
input=$(cat "${last#file://}")
echo "$input" >> "$CALLS"
case "$* $input" in
*list-stack-resources*'"shop"'*) echo '{"StackResourceSummaries": [
    {"LogicalResourceId": "Table", "ResourceType": "AWS::DynamoDB::Table", "PhysicalResourceId": "shop-Table-1"},
    {"LogicalResourceId": "Failed", "ResourceType": "AWS::Lambda::Function"},
    {"LogicalResourceId": "Nested", "ResourceType": "AWS::CloudFormation::Stack", "PhysicalResourceId": "arn:nested"},
    {"LogicalResourceId": "Main", "ResourceType": "AWS::Lambda::Function", "PhysicalResourceId": "shop-Main-1"}
]}' ;;
*list-stack-resources*arn:nested*) echo '{"StackResourceSummaries": [
    {"LogicalResourceId": "Inner", "ResourceType": "AWS::Lambda::Function", "PhysicalResourceId": "shop-Inner-1"}
]}' ;;
*get-function-configuration*shop-Main-1*) echo '{"Environment": {"Variables":
    {"MY_TABLE": "shop-Table-1", "MY_STAGE": "deployed", "MY_OTHER": "by hand"}}}' ;;
*get-function-configuration*shop-Inner-1*) echo '{"Environment": {"Error":
    {"ErrorCode": "AccessDeniedException", "Message": "no key"}}}' ;;
*NoRegion*) echo 'You must specify a region. You can also configure your region by running "aws configure".' >&2; exit 253 ;;
*NoCredentials*) echo 'Unable to locate credentials. You can configure credentials by running "aws login".' >&2; exit 253 ;;
*) echo "
An error occurred (ValidationError) when calling the ListStackResources operation: Stack with id nope does not exist" >&2
    exit 254 ;;
esac
"#;

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
fn parameters_have_the_values_of_samconfig() {
    let project = SocketProject::new(&format!(
        "Parameters:\n  Stage: {{Type: String, Default: dev}}\n  Greeting: {{Type: String}}\n{ONE_FUNCTION}      \
         Environment:\n        Variables: {{MY_STAGE: !Ref Stage, MY_GREETING: !Ref Greeting}}\n"
    ));
    let run = invoke(&project, &[], &[]);
    assert!(run.stderr.contains("`MY_GREETING` (`!Ref Greeting`)"), "{run:?}");
    assert_eq!(own(&run.success()), ["MY_STAGE=dev"]);

    let overrides = r#"parameter_overrides = 'Stage=prod Greeting="good day"'"#;
    project.write("samconfig.toml", &format!("[default.deploy.parameters]\n{overrides}\n"));
    let output = invoke(&project, &[], &[]).success();
    assert_eq!(own(&output), ["MY_GREETING=good day", "MY_STAGE=prod"]);

    fs::remove_file(project.path().join("samconfig.toml")).unwrap();
    let overrides = "parameters: {parameter_overrides: [Stage=beta, Greeting=hi]}";
    project.write("samconfig.yaml", &format!("beta:\n  deploy:\n    {overrides}\n"));
    let output = invoke(&project, &["--config-env", "beta"], &[]).success();
    assert_eq!(own(&output), ["MY_GREETING=hi", "MY_STAGE=beta"]);
    let stderr = "error: no environment `bta` in `samconfig.yaml`\nhint: did you mean `beta`?\n";
    assert_eq!(invoke(&project, &["--config-env", "bta"], &[]), Run::new(1, "", stderr));
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

/// `scaffold` with this AWS CLI as the only one.
fn with_stack(project: &SocketProject, arguments: &[&str]) -> Scaffold {
    project.write("bin/aws", AWS);
    let aws = project.path().join("bin/aws");
    fs::set_permissions(&aws, fs::Permissions::from_mode(0o755)).unwrap();
    let path = [project.path().join("bin").into(), lambda_native_tests::command::path()];
    let path = std::env::join_paths(path.iter().flat_map(std::env::split_paths)).unwrap();
    project.scaffold(arguments).env("PATH", path).env("CALLS", project.path().join("calls"))
}

#[test]
fn a_deployed_stack_has_the_values_that_only_a_deployment_knows() {
    let variables = ["MY_TABLE: !Ref Table", "MY_STAGE: beta", "MY_NEW: !Ref AWS::StackName"];
    let project = project(&variables);
    let invoke = |flags: &[&str]| {
        with_stack(&project, &[&["invoke", "--data", EVENT], flags].concat()).run()
    };
    let run = invoke(&["--stack", "shop"]);
    // The template is newer than the deployment.
    assert_eq!(own(&run.stdout), ["MY_STAGE=beta", "MY_TABLE=shop-Table-1"]);
    let warning = "reading the variables of the stack `shop`\n\
                   warning: unset in `Main`, because the value is known only after deployment: `MY_NEW` (`!Ref \
                   AWS::StackName`)\n\
                   hint: the stack `shop` does not have it either: deploy the template, or use `--env MY_NEW=…`\n";
    assert!(run.stderr.starts_with(warning), "{run:?}");
    let run = invoke(&["--stack", "shop", "--env", "MY_TABLE=mine", "--env", "MY_NEW=new"]);
    assert_eq!(own(&run.stdout), ["MY_NEW=new", "MY_STAGE=beta", "MY_TABLE=mine"]);

    fs::remove_file(project.path().join("calls")).unwrap();
    let dev = Dev::start(with_stack(&project, &["dev", "--port", "0", "--stack", "shop"]));
    dev.wait_for_builds(1);
    let variables = || dev.invoke("Main", &[], EVENT).body;
    assert_eq!(own(&variables()), ["MY_STAGE=beta", "MY_TABLE=shop-Table-1"]);
    project.replace(".env", "MY_TABLE=mine\n");
    dev.wait_for_builds(2);
    assert_eq!(own(&variables()), ["MY_STAGE=beta", "MY_TABLE=mine"]);
    // It is read once.
    let calls = fs::read_to_string(project.path().join("calls")).unwrap();
    assert_eq!(calls, "{\"StackName\":\"shop\"}\n{\"FunctionName\":\"shop-Main-1\"}\n");
}

#[test]
fn a_stack_that_cannot_be_read_is_an_error() {
    let project = project(&["MY_TABLE: !Ref Table"]);
    let run = |stack: &str| with_stack(&project, &["dev", "--port", "0", "--stack", stack]).run();
    assert_run!(run("nope"), @"
    exit code: 1
    ----- stderr -----
    reading the variables of the stack `nope`
    error: cannot read the stack `nope`
      caused by: An error occurred (ValidationError) when calling the ListStackResources operation: Stack with id nope does not exist
    hint: `aws cloudformation list-stacks` lists the stacks; set `AWS_REGION` and `AWS_PROFILE` to where it is
    ");
    assert_run!(run("NoRegion"), @r#"
    exit code: 1
    ----- stderr -----
    reading the variables of the stack `NoRegion`
    error: cannot read the stack `NoRegion`
      caused by: You must specify a region. You can also configure your region by running "aws configure"
    hint: set `AWS_REGION`, or run `aws configure`
    "#);
    assert_run!(run("NoCredentials"), @r#"
    exit code: 1
    ----- stderr -----
    reading the variables of the stack `NoCredentials`
    error: cannot read the stack `NoCredentials`
      caused by: Unable to locate credentials. You can configure credentials by running "aws login"
    hint: run `aws sso login`, `aws login` or `aws configure`, or set `AWS_PROFILE`; with an emulator, set `AWS_ENDPOINT_URL`
    "#);
    let inner = "Resources:\n  Inner:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: .\n      \
                 Handler: bootstrap\n      Environment: {Variables: {MY_TABLE: !Ref AWS::StackName}}\n";
    project.write("inner.yaml", inner);
    project.write_template(
        "Resources:\n  Nested: {Type: AWS::Serverless::Application, Properties: {Location: inner.yaml}}\n",
    );
    assert_run!(run("shop"), @"
    exit code: 1
    ----- stderr -----
    reading the variables of the stack `shop`
    error: cannot read the variables of `Nested/Inner` from `shop-Inner-1`
      caused by: AccessDeniedException: no key
    hint: your credentials need the permission `kms:Decrypt` for the key of the function
    ");
    let scaffold = project.scaffold(&["dev", "--stack", "shop"]);
    let cargo = std::env::var_os("CARGO").unwrap();
    let cargo = std::path::Path::new(&cargo).parent().unwrap().to_owned();
    assert_run!(scaffold.env("PATH", cargo).run(), @"
    exit code: 1
    ----- stderr -----
    reading the variables of the stack `shop`
    error: `aws`, the AWS CLI, is not on `PATH`
    hint: run `pip install awscli`
    ");
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
    let new = ["MY_MORE=1", "MY_TABLE=orders"];
    dev.wait_until("the new value", |_| own(&variables(&dev)) == new);
    project.replace("more", "MY_MORE=2\n");
    let newer = ["MY_MORE=2", "MY_TABLE=orders"];
    dev.wait_until("the newer value", |_| own(&variables(&dev)) == newer);
    // A mistake changes nothing.
    project.replace("more", "2\n");
    dev.wait_for("error: more:1: expected `NAME=value`\n");
    dev.wait_for_failed_update();
    assert_eq!(own(&variables(&dev)), newer);
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
