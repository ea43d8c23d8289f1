//! `scaffold deploy --direct` and `scaffold delete` with a stand-in for the AWS CLI, for what moto does not do:
//! errors, functions of others, and container images.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use lambda_native_tests::assert_run;
use lambda_native_tests::command::Run;
use lambda_native_tests::elf::{Elf, record, record_of_routes};
use lambda_native_tests::machine::Machine;

/// An AWS CLI. An operation fails with the first line of `errors/OPERATION`, which is removed; otherwise it prints
/// `answers/OPERATION`, or what an account without functions would answer. Calls are written to `calls`.
const AWS: &str = r#"
if [ "$1" = configure ]; then exit 1; fi
for word in "$@"; do
    case $word in
        *:*|eu-*|-*) ;;
        [a-z]*-[a-z]*) operation=$word ;;
    esac
    last=$word
done
echo "$operation $(cat "${last#file://}")" >> "$HERE/calls"
errors="$HERE/errors/$operation"
if [ -s "$errors" ]; then
    error=$(head -n 1 "$errors")
    sed -i 1d "$errors"
    case $error in
        '!'*) echo "${error#!}" >&2 ;;
        *) printf '\nAn error occurred (%s) when calling it: %s\n' "${error%% *}" "${error#* }" >&2 ;;
    esac
    exit 254
fi
if [ -e "$HERE/answers/$operation" ]; then cat "$HERE/answers/$operation"; exit; fi
case $operation in
    get-function|get-role|get-alias|get-function-url-config|get-policy|describe-repositories|describe-images)
        printf '\nAn error occurred (ResourceNotFoundException) when calling it: no\n' >&2
        exit 254 ;;
    get-function-configuration)
        echo '{"State": "Active", "FunctionArn": "arn:aws:lambda:eu-central-1:123456789012:function:hello"}' ;;
    create-role) echo '{"Role": {"Arn": "arn:aws:iam::123456789012:role/lambda-native-hello-eu-central-1"}}' ;;
    *) echo '{}' ;;
esac
"#;

/// A function that `scaffold deploy --direct` has created.
const OWN: &str = r#"{
    "Configuration": {
        "FunctionName": "hello", "CodeSha256": "old", "MemorySize": 128, "Timeout": 3, "PackageType": "Zip",
        "FunctionArn": "arn:aws:lambda:eu-central-1:123456789012:function:hello",
        "Role": "arn:aws:iam::123456789012:role/lambda-native-hello-eu-central-1",
        "Environment": {"Variables": {"KEPT": "1", "CHANGED": "1"}}
    },
    "Tags": {"lambda-native:function": "hello"}
}"#;

/// A machine with the AWS CLI and an executable, and without a template.
fn machine() -> Machine {
    let machine = Machine::new().with("aws", AWS);
    with_executable(&machine, &Elf::without_libraries().bytes());
    machine
}

fn with_executable(machine: &Machine, bytes: &[u8]) {
    fs::write(machine.path("made"), bytes).unwrap();
    fs::set_permissions(machine.path("made"), fs::Permissions::from_mode(0o755)).unwrap();
}

fn scaffold(machine: &Machine, arguments: &[&str]) -> Run {
    let scaffold = machine.scaffold(arguments).env("AWS_REGION", "eu-central-1");
    scaffold.env("AWS_PROFILE", "hello").run()
}

/// Deploys the function `hello`.
fn deploy(machine: &Machine, flags: &[&str]) -> Run {
    scaffold(machine, &[&["deploy", "--direct", "hello", "--binary", "../made"], flags].concat())
}

/// The operations that were called and change something.
fn changes(machine: &Machine) -> Vec<String> {
    let calls = machine.read("calls");
    let operations = calls.lines().filter_map(|line| line.split(' ').next());
    let is_read =
        |it: &str| ["get-", "list-", "describe-"].iter().any(|start| it.starts_with(start));
    operations.filter(|it| !is_read(it)).map(str::to_owned).collect()
}

#[test]
fn waits_until_lambda_can_assume_the_role() {
    let machine = machine();
    let error = "InvalidParameterValueException The role defined for the function cannot be assumed by Lambda.\n";
    machine.write("errors/create-function", error);
    assert_run!(deploy(&machine, &[]), @"
    exit code: 0
    ----- stderr -----
    plan for `hello` in eu-central-1:
      create    role lambda-native-hello-eu-central-1: attach `service-role/AWSLambdaBasicExecutionRole`
      create    log group /aws/lambda/hello
      create    function hello: zip; x86_64; 128 MB; 3 s
    creating the role `lambda-native-hello-eu-central-1`
    creating the function `hello`
    waiting until Lambda can assume the role `lambda-native-hello-eu-central-1`
    waiting until `hello` is active

    next:
      [TARGET]/debug/under-test/scaffold invoke --remote hello
      [TARGET]/debug/under-test/scaffold logs hello
      [TARGET]/debug/under-test/scaffold delete hello
    ");
    let expected = [
        "create-role",
        "attach-role-policy",
        "create-log-group",
        "create-function",
        "create-function",
    ];
    assert_eq!(changes(&machine), expected);
}

#[test]
fn an_access_that_is_denied_names_the_permission() {
    let machine = machine();
    let error = "AccessDenied User: arn:aws:iam::1:user/ada is not authorized to perform: iam:CreateRole on \
                 resource: role x\n";
    machine.write("errors/create-role", error);
    assert_run!(deploy(&machine, &[]), @"
    exit code: 1
    ----- stderr -----
    plan for `hello` in eu-central-1:
      create    role lambda-native-hello-eu-central-1: attach `service-role/AWSLambdaBasicExecutionRole`
      create    log group /aws/lambda/hello
      create    function hello: zip; x86_64; 128 MB; 3 s
    creating the role `lambda-native-hello-eu-central-1`
    error: cannot create the role `lambda-native-hello-eu-central-1`
      caused by: An error occurred (AccessDenied) when calling it: User: arn:aws:iam::1:user/ada is not authorized to perform: iam:CreateRole on resource: role x
    hint: your credentials need the permission `iam:CreateRole`; `aws sts get-caller-identity` prints whose they are
    ");
}

#[test]
fn a_failure_says_what_is_done_and_the_command_continues() {
    let machine = machine();
    let error = "AccessDeniedException User: ada is not authorized to perform: lambda:CreateFunction on resource: x\n";
    machine.write("errors/create-function", error);
    assert_run!(deploy(&machine, &["--url"]), @"
    exit code: 1
    ----- stderr -----
    plan for `hello` in eu-central-1:
      create    role lambda-native-hello-eu-central-1: attach `service-role/AWSLambdaBasicExecutionRole`
      create    log group /aws/lambda/hello
      create    function hello: zip; x86_64; 128 MB; 3 s
      create    function URL: anybody can call it
    creating the role `lambda-native-hello-eu-central-1`
    creating the function `hello`
    warning: the deployment is not complete; done: the role `lambda-native-hello-eu-central-1`
    hint: run the same command again: it continues with the rest
    error: cannot create the function `hello`
      caused by: An error occurred (AccessDeniedException) when calling it: User: ada is not authorized to perform: lambda:CreateFunction on resource: x
    hint: your credentials need the permission `lambda:CreateFunction`; `aws sts get-caller-identity` prints whose they are
    ");
    let role = r#"{"Role": {"Arn": "arn:aws:iam::123456789012:role/lambda-native-hello-eu-central-1",
        "Tags": [{"Key": "lambda-native:function", "Value": "hello"}]}}"#;
    machine.write("answers/get-role", role);
    machine.write("calls", "");
    assert_eq!(deploy(&machine, &["--url"]).code, Some(0));
    assert_eq!(
        changes(&machine),
        [
            "attach-role-policy",
            "create-log-group",
            "create-function",
            "create-function-url-config",
            "add-permission",
            "add-permission"
        ]
    );
}

/// A public URL needs both statements.
#[test]
fn a_public_url_has_two_statements() {
    let machine = machine();
    let _ = deploy(&machine, &["--url"]).success();
    let calls = machine.read("calls");
    let statements: Vec<_> =
        calls.lines().filter(|line| line.starts_with("add-permission")).collect();
    insta::assert_snapshot!(statements.join("\n"), @r#"
    add-permission {"Action":"lambda:InvokeFunctionUrl","FunctionName":"hello","FunctionUrlAuthType":"NONE","Principal":"*","StatementId":"FunctionURLAllowPublicAccess"}
    add-permission {"Action":"lambda:InvokeFunction","FunctionName":"hello","InvokedViaFunctionUrl":true,"Principal":"*","StatementId":"FunctionURLAllowInvokeAction"}
    "#);
}

#[test]
fn calls_that_are_throttled_are_repeated() {
    let machine = machine();
    machine.write("errors/get-function", "TooManyRequestsException Rate Exceeded.\n");
    assert_eq!(deploy(&machine, &["--dry-run"]).code, Some(0));
    let calls = machine.read("calls");
    assert_eq!(calls.lines().filter(|line| line.starts_with("get-function ")).count(), 2);
}

#[test]
fn an_update_waits_for_another_one() {
    let machine = machine();
    machine.write("answers/get-function", OWN);
    let error = "ResourceConflictException The operation cannot be performed at this time. An update is in progress\n";
    machine.write("errors/update-function-configuration", error);
    let flags = ["--memory", "256", "--env", "CHANGED=2", "--env", "ADDED=1"];
    assert_run!(deploy(&machine, &flags), @"
    exit code: 0
    ----- stderr -----
    plan for `hello` in eu-central-1:
      update    function hello: code; variables: add `ADDED`, change `CHANGED`; memory 128 MB → 256 MB
    updating the configuration of `hello`
    waiting until the update of `hello` that is in progress has finished
    uploading the code of `hello`

    next:
      [TARGET]/debug/under-test/scaffold invoke --remote hello
      [TARGET]/debug/under-test/scaffold logs hello
      [TARGET]/debug/under-test/scaffold delete hello
    ");
    let calls = machine.read("calls");
    let update =
        calls.lines().rfind(|line| line.starts_with("update-function-configuration")).unwrap();
    insta::assert_snapshot!(update, @r#"
    update-function-configuration {"Environment":{"Variables":{"ADDED":"1","CHANGED":"2","KEPT":"1"}},"FunctionName":"hello","MemorySize":256}
    "#);
}

#[test]
fn a_failed_update_has_its_reason() {
    let machine = machine();
    machine.write("answers/get-function", OWN);
    let failed = r#"{"FunctionName": "hello", "State": "Active", "LastUpdateStatus": "Failed",
        "LastUpdateStatusReason": "The image is not valid"}"#;
    machine.write("answers/update-function-code", failed);
    let run = deploy(&machine, &[]);
    assert_eq!(run.code, Some(1));
    let error =
        "error: the function `hello` could not be updated\n  caused by: The image is not valid\n";
    assert!(run.stderr.ends_with(error), "{run:?}");
}

#[test]
fn errors_have_a_way_out() {
    let machine = machine();
    for (operation, error, expected) in [
        (
            "get-function",
            "!Unable to locate credentials. You can configure credentials by running \"aws login\".",
            "error: cannot read the function `hello`\n  caused by: Unable to locate credentials. You can configure \
             credentials by running \"aws login\"\nhint: run `aws sso login`, `aws login` or `aws configure`, or set \
             `AWS_PROFILE`; with an emulator, set `AWS_ENDPOINT_URL`\n",
        ),
        (
            "get-function",
            "ExpiredTokenException The security token included in the request is expired",
            "error: cannot read the function `hello`\n  caused by: An error occurred (ExpiredTokenException) when \
             calling it: The security token included in the request is expired\nhint: run `aws sso login`, `aws login` \
             or `aws configure`, or set `AWS_PROFILE`; with an emulator, set `AWS_ENDPOINT_URL`\n",
        ),
        (
            "create-function",
            "RequestEntityTooLargeException Request must be smaller than 70167211 bytes",
            "error: cannot create the function `hello`\n  caused by: An error occurred (RequestEntityTooLargeException) \
             when calling it: Request must be smaller than 70167211 bytes\nhint: Lambda accepts larger zips only from \
             S3: run `scaffold deploy`, with SAM, or deploy a container image\n",
        ),
        (
            "add-permission",
            "!Unknown parameter in input: \"InvokedViaFunctionUrl\", must be one of: FunctionName",
            "hint: this AWS CLI is too old: update it\n",
        ),
    ] {
        machine.write(&format!("errors/{operation}"), &format!("{error}\n"));
        let run = deploy(&machine, &["--url"]);
        assert_eq!(run.code, Some(1));
        assert!(run.stderr.ends_with(expected), "{run:?}");
    }
}

#[test]
fn a_region_is_required() {
    let machine = machine();
    let arguments = ["deploy", "--direct", "hello", "--binary", "../made"];
    assert_run!(machine.scaffold(&arguments).run(), @"
    exit code: 1
    ----- stderr -----
    error: no AWS region is set
    hint: set `AWS_REGION`, such as `AWS_REGION=eu-central-1`, or run `aws configure`
    ");
}

#[test]
fn functions_of_a_stack_are_left_to_sam() {
    let machine = machine();
    let tags = r#""Tags": {"aws:cloudformation:stack-name": "shop", "lambda:createdBy": "SAM"}"#;
    let function = OWN.replace(r#""Tags": {"lambda-native:function": "hello"}"#, tags);
    machine.write("answers/get-function", &function);
    assert_run!(deploy(&machine, &[]), @"
    exit code: 1
    ----- stderr -----
    error: the function `hello` belongs to the CloudFormation stack `shop`
    hint: run `scaffold deploy` to update it with SAM, or choose another name with `--function-name`
    ");
    assert_run!(scaffold(&machine, &["delete", "hello", "--yes"]), @"
    exit code: 1
    ----- stderr -----
    error: the function `hello` belongs to the CloudFormation stack `shop`
    hint: delete the whole stack: `sam delete --stack-name shop`
    ");
    assert_eq!(changes(&machine), [""; 0]);
}

/// A function that something else has created.
#[test]
fn functions_of_others_are_updated_but_not_deleted() {
    let machine = machine();
    machine.write("answers/get-function", &OWN.replace("lambda-native:function", "team"));
    assert_run!(scaffold(&machine, &["delete", "hello", "--yes"]), @"
    exit code: 1
    ----- stderr -----
    error: `scaffold deploy --direct` did not create the function `hello`
    hint: pass `--force` to delete the function alone; its role, API and logs stay
    ");
    let run = deploy(&machine, &[]);
    assert_eq!(run.code, Some(0));
    assert!(
        run.stderr.starts_with(
            "note: `hello` exists, and `scaffold deploy --direct` did not create it\n"
        )
    );
    assert_eq!(changes(&machine), ["update-function-code"]);
    assert_run!(scaffold(&machine, &["delete", "hello", "--yes", "--force"]), @"
    exit code: 0
    ----- stderr -----
    to delete in eu-central-1:
      delete    function hello
    deleting the function `hello`
    deleted hello
    ");
    assert_eq!(changes(&machine), ["update-function-code", "delete-function"]);
}

#[test]
fn a_deletion_must_be_confirmed() {
    let machine = machine();
    machine.write("answers/get-function", OWN);
    assert_run!(scaffold(&machine, &["delete", "hello"]), @"
    exit code: 1
    ----- stderr -----
    to delete in eu-central-1:
      delete    function hello
    error: not a terminal, so nothing can be asked, and nothing was deleted
    hint: pass `--yes` to delete it, or `--dry-run` to see it
    ");
    assert_eq!(changes(&machine), [""; 0]);
}

#[test]
fn a_role_of_others_is_not_used() {
    let machine = machine();
    machine.write("answers/get-role", r#"{"Role": {"Arn": "arn:aws:iam::123456789012:role/x"}}"#);
    assert_run!(deploy(&machine, &[]), @"
    exit code: 1
    ----- stderr -----
    error: there is a role `lambda-native-hello-eu-central-1`, which `scaffold deploy --direct` did not create
    hint: pass `--role ARN` to use it or another one
    ");
    let arn = "arn:aws:iam::123456789012:role/mine";
    assert_eq!(deploy(&machine, &["--role", arn]).code, Some(0));
    assert_eq!(changes(&machine), ["create-log-group", "create-function"]);
    assert!(machine.read("calls").contains(arn));
}

const TEMPLATE: &str = "\
Resources:
  HelloFunction:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: hello
      Architectures: [x86_64]
";

/// Deploys the function of a template with these properties.
fn deploy_template(machine: &Machine, properties: &str, flags: &[&str]) -> Run {
    machine.write("hello/template.yaml", &format!("{TEMPLATE}{properties}"));
    scaffold(machine, &[&["deploy", "--direct", "--binary", "../made"], flags].concat())
}

#[test]
fn parts_that_only_sam_can_deploy_are_refused() {
    let machine = machine();
    let properties = "      Layers: [arn:aws:lambda:eu-central-1:1:layer:x:1]
      VpcConfig: {SubnetIds: [subnet-1]}
      Policies: [AmazonS3ReadOnlyAccess]
      Events:
        Orders: {Type: SQS, Properties: {Queue: !GetAtt OrderQueue.Arn}}
  OrderQueue: {Type: AWS::SQS::Queue}
";
    assert_run!(deploy_template(&machine, properties, &[]), @"
    exit code: 1
    ----- stderr -----
    error: `--direct` cannot deploy parts of `HelloFunction`: `Layers`, `VpcConfig`, `Policies` and the event `Orders` (`SQS`)
    hint: run `scaffold deploy` to deploy them with SAM
    ");
    let policies = "      Policies: [AmazonS3ReadOnlyAccess]\n      MemorySize: !Ref Size\nParameters: {Size: {Type: Number}}\n";
    assert_run!(deploy_template(&machine, policies, &["--memory", "512"]), @"
    exit code: 1
    ----- stderr -----
    error: `--direct` cannot deploy parts of `HelloFunction`: `Policies`
    hint: run `scaffold deploy` to deploy them with SAM, or pass `--role`
    ");
    let rest = "      Events: {Get: {Type: Api, Properties: {Method: GET, Path: /}}}\n";
    assert_run!(deploy_template(&machine, rest, &[]), @"
    exit code: 1
    ----- stderr -----
    error: `--direct` cannot deploy parts of `HelloFunction`: the REST API `ServerlessRestApi`
    hint: run `scaffold deploy` to deploy them with SAM, or choose an endpoint with `--url`, `--http-api` or `--no-endpoint`
    ");
    assert_eq!(deploy_template(&machine, rest, &["--url", "--dry-run"]).code, Some(0));
    let authorized = "      Events:
        Get: {Type: HttpApi, Properties: {Method: GET, Path: /, Auth: {Authorizer: AWS_IAM}}}
";
    assert_run!(deploy_template(&machine, authorized, &[]), @"
    exit code: 1
    ----- stderr -----
    error: `--direct` cannot deploy parts of `HelloFunction`: `Auth` of the event `Get` and the authorizer of `GET /`
    hint: run `scaffold deploy` to deploy them with SAM, or choose an endpoint with `--url`, `--http-api` or `--no-endpoint`
    ");
    let unknown = "      Environment: {Variables: {TABLE: !Ref Table, STAGE: prod}}
  Table: {Type: AWS::DynamoDB::Table}
";
    assert_run!(deploy_template(&machine, unknown, &[]), @"
    exit code: 1
    ----- stderr -----
    error: SAM alone knows a variable of `HelloFunction`: `TABLE` (`!Ref Table`)
    hint: pass `--env NAME=VALUE` for each, or run `scaffold deploy` to deploy with SAM
    ");
    assert_run!(deploy_template(&machine, unknown, &["--env", "TABLE=orders", "--dry-run"]), @"
    exit code: 0
    ----- stderr -----
    warning: `--direct` creates only functions, not `Table` (`AWS::DynamoDB::Table`)
    hint: run `scaffold deploy` to create them with SAM
    plan for `hello` in eu-central-1:
      create    role lambda-native-hello-eu-central-1: attach `service-role/AWSLambdaBasicExecutionRole`
      create    log group /aws/lambda/hello
      create    function hello: zip; x86_64; 128 MB; 3 s
    ");
}

#[test]
fn the_template_has_the_settings_and_flags_override_them() {
    let machine = machine();
    let properties = "      MemorySize: 512
      Timeout: 20
      Tracing: Active
      Description: says hello
      LoggingConfig: {LogFormat: JSON}
      Tags: {team: blue}
      Environment: {Variables: {STAGE: dev, LEVEL: info}}
      FunctionUrlConfig: {AuthType: AWS_IAM, InvokeMode: RESPONSE_STREAM}
";
    let _ = deploy_template(&machine, properties, &["--memory", "1024", "--env", "STAGE=prod"])
        .success();
    let calls = machine.read("calls");
    let created = calls.lines().filter(|line| {
        ["create-function ", "create-function-url", "add-perm"]
            .iter()
            .any(|it| line.starts_with(it))
    });
    insta::assert_snapshot!(created.collect::<Vec<_>>().join("\n"), @r#"
    create-function {"Architectures":["x86_64"],"Description":"says hello","Environment":{"Variables":{"LEVEL":"info","STAGE":"prod"}},"FunctionName":"hello","Handler":"bootstrap","LoggingConfig":{"LogFormat":"JSON"},"MemorySize":1024,"PackageType":"Zip","Role":"arn:aws:iam::123456789012:role/lambda-native-hello-eu-central-1","Runtime":"provided.al2023","Tags":{"lambda-native:function":"hello","team":"blue"},"Timeout":20,"TracingConfig":{"Mode":"Active"}}
    create-function-url-config {"AuthType":"AWS_IAM","Cors":{},"FunctionName":"hello","InvokeMode":"RESPONSE_STREAM"}
    "#);
}

/// Without a template, the routes are those of the executable.
#[test]
fn an_http_api_has_the_routes_of_the_program() {
    let machine = machine();
    let routes = record_of_routes("orders", &["GET /orders/{id}", "POST /orders"]);
    with_executable(&machine, &[Elf::without_libraries().bytes(), routes].concat());
    assert_run!(deploy(&machine, &["--http-api", "--dry-run", "--json"]), @r#"
    exit code: 0
    ----- stdout -----
    {
      "function": "hello",
      "region": "eu-central-1",
      "changes": [
        {
          "action": "create",
          "resource": "role",
          "name": "lambda-native-hello-eu-central-1",
          "differences": [
            "attach `service-role/AWSLambdaBasicExecutionRole`"
          ]
        },
        {
          "action": "create",
          "resource": "log group",
          "name": "/aws/lambda/hello",
          "differences": []
        },
        {
          "action": "create",
          "resource": "function",
          "name": "hello",
          "differences": [
            "zip",
            "x86_64",
            "128 MB",
            "3 s"
          ]
        },
        {
          "action": "create",
          "resource": "HTTP API",
          "name": "",
          "differences": [
            "`GET /orders/{id}`",
            "`POST /orders`"
          ]
        }
      ],
      "urls": []
    }
    ----- stderr -----
    plan for `hello` in eu-central-1:
      create    role lambda-native-hello-eu-central-1: attach `service-role/AWSLambdaBasicExecutionRole`
      create    log group /aws/lambda/hello
      create    function hello: zip; x86_64; 128 MB; 3 s
      create    HTTP API: `GET /orders/{id}`; `POST /orders`
    "#);
    let run = deploy(&machine, &["--dry-run"]);
    assert!(
        run.stderr.starts_with("warning: `hello` handles HTTP requests, and gets no endpoint\n"),
        "{run:?}"
    );
}

#[test]
fn a_handler_must_be_chosen_among_several() {
    let machine = machine();
    let program = [Elf::without_libraries().bytes(), record("create"), record("remove")].concat();
    with_executable(&machine, &program);
    let run = deploy(&machine, &["--dry-run"]);
    assert_eq!(
        run.stderr,
        "error: the program has several handlers: `create` and `remove`\nhint: choose one with `--handler NAME`\n"
    );
    assert_eq!(deploy(&machine, &["--dry-run", "--handler", "create"]).code, Some(0));
}

#[test]
fn mistakes_on_the_command_line_are_refused() {
    let machine = machine();
    for (arguments, error) in [
        (
            ["--env", "TABLE"],
            "error: `--env TABLE` has no value\nhint: write `--env TABLE=VALUE`\n",
        ),
        (
            ["--env", "AWS_REGION=x"],
            "error: `--env`: Lambda reserves the variable `AWS_REGION`\nhint: remove it: Lambda sets it itself\n",
        ),
        (
            ["--function-name", "a b"],
            "error: `a b` is not a valid name for a function\nhint: use up to 64 letters, digits, `-` and `_`, with \
             `--function-name NAME`\n",
        ),
    ] {
        let run = deploy(&machine, &arguments);
        assert_eq!((run.code, run.stderr.as_str()), (Some(2), error));
    }
    let run = scaffold(&machine, &["deploy", "--native"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.starts_with("error: `--container`, `--native` and `--zig` need `--direct`\n"),
        "{run:?}"
    );
}

/// A container engine that writes its arguments to `typed`.
const DOCKER: &str = r#"
echo "docker $*" | sed "s# /[^ ]*/# …/#g" >> "$HERE/typed"
case "$1" in
    version) echo "amd64 27.0.0 27.0.0" ;;
    image) echo sha256:0123456789abcdef0123456789abcdef ;;
    create) echo 8a1f ;;
    cp) cp "$HERE/made" "$3" ;;
    login) cat >> "$HERE/typed"; echo >> "$HERE/typed" ;;
esac
"#;

#[test]
fn an_image_is_built_and_pushed_once() {
    let machine = machine().with("docker", DOCKER);
    machine.write("hello/Dockerfile", "FROM scratch AS function\n");
    machine.write(
        "answers/create-repository",
        r#"{"repository": {"repositoryUri": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/lambda-native/hello"}}"#,
    );
    // AWS:key
    let token = r#"{"authorizationData": [{"authorizationToken": "QVdTOmtleQ=="}]}"#;
    machine.write("answers/get-authorization-token", token);
    let arguments = ["deploy", "--direct", "hello", "--image", "--arch", "x86_64"];
    assert_run!(scaffold(&machine, &arguments), @"
    exit code: 0
    ----- stderr -----
    plan for `hello` in eu-central-1:
      create    role lambda-native-hello-eu-central-1: attach `service-role/AWSLambdaBasicExecutionRole`
      create    log group /aws/lambda/hello
      create    repository lambda-native/hello
      create    function hello: image; x86_64; 128 MB; 3 s
    creating the role `lambda-native-hello-eu-central-1`
    creating the repository `lambda-native/hello`
    creating the function `hello`
    waiting until `hello` is active

    next:
      [TARGET]/debug/under-test/scaffold invoke --remote hello
      [TARGET]/debug/under-test/scaffold logs hello
      [TARGET]/debug/under-test/scaffold delete hello
    ");
    insta::assert_snapshot!(machine.read("typed"), @"
    docker version --format {{.Server.Arch}} {{.Server.Version}} {{.Client.Version}}
    docker buildx version
    docker build --progress=plain --provenance=false --platform=linux/amd64 --target function --tag lambda-native/hello:latest --file …/Dockerfile --build-arg ARCHITECTURE=amd64 …/hello
    docker image inspect --format {{.Id}} lambda-native/hello:latest
    docker create --pull=never --platform=linux/amd64 lambda-native/hello:latest
    docker cp 8a1f:/var/runtime/bootstrap …/bootstrap
    docker rm 8a1f
    docker login --username AWS --password-stdin 123456789012.dkr.ecr.eu-central-1.amazonaws.com
    key
    docker tag lambda-native/hello:latest 123456789012.dkr.ecr.eu-central-1.amazonaws.com/lambda-native/hello:0123456789abcdef
    docker push 123456789012.dkr.ecr.eu-central-1.amazonaws.com/lambda-native/hello:0123456789abcdef
    ");
    assert!(machine.read("calls").contains(
        r#""ImageUri":"123456789012.dkr.ecr.eu-central-1.amazonaws.com/lambda-native/hello:0123456789abcdef""#
    ));
}
