//! `scaffold list --remote`, `invoke --remote` and `logs` with an AWS CLI that is a script.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use lambda_native_tests::assert_run;
use lambda_native_tests::command::{Run, path};
use lambda_native_tests::dev::{ONE_FUNCTION, SocketProject};
use lambda_native_tests::machine::Machine;
use lambda_native_tests::terminal::Terminal;

/// An account with the stack `shop`, which has the function `Hello`, and two other functions. The script writes each
/// call and its input to the file `calls`. The function `shop-Hello-1AB` returns its event; the file `log` has the
/// end of its log.
const AWS: &str = r#"
for last in "$@"; do :; done
case "$*" in
*" lambda invoke "*) input= ;;
*) input=$(cat "${last#file://}") ;;
esac
echo "$*" | sed -E 's#--output json --cli-connect-timeout 10 ##; s#[a-z]+:///[^ ]*|/[^ ]*#FILE#g' >> "$HERE/calls"
echo "$input" >> "$HERE/calls"
fail() { echo; echo "An error occurred ($1) when calling the $2 operation: $3"; exit 254; }
stack=arn:aws:lambda:eu-west-1:123456789012:function
case "$* $input" in
*list-stack-resources*'"shop"'*) echo '{"StackResourceSummaries": [
    {"LogicalResourceId": "Hello", "ResourceType": "AWS::Lambda::Function", "PhysicalResourceId": "shop-Hello-1AB"}
]}' ;;
*list-stack-resources*) fail ValidationError ListStackResources "Stack with id nope does not exist" >&2 ;;
*list-functions*)
    if [ -e "$HERE/empty" ]; then echo '{"Functions": []}'; exit; fi
    if [ -e "$HERE/denied" ]; then
        fail AccessDeniedException ListFunctions "User: arn:aws:iam::1:user/ada is not authorized to perform: lambda:ListFunctions on resource: *" >&2
    fi
    echo '{"Functions": [
    {"FunctionName": "shop-Hello-1AB", "FunctionArn": "'$stack':shop-Hello-1AB", "Runtime": "provided.al2023",
     "Architectures": ["arm64"], "MemorySize": 512, "Timeout": 10, "PackageType": "Zip",
     "LastModified": "2026-11-30T12:34:56.000+0000"},
    {"FunctionName": "image", "FunctionArn": "'$stack':image", "MemorySize": 128, "Timeout": 3,
     "PackageType": "Image", "LastModified": "2026-10-01T00:00:00.000+0000"},
    {"FunctionName": "direct", "FunctionArn": "'$stack':direct", "Runtime": "provided.al2023",
     "Architectures": ["x86_64"], "MemorySize": 128, "Timeout": 3, "PackageType": "Zip"}]}' ;;
*get-resources*)
    if [ -e "$HERE/no-tags" ]; then
        fail AccessDeniedException GetResources "User: arn:aws:iam::1:user/ada is not authorized to perform: tag:GetResources" >&2
    fi
    echo '{"ResourceTagMappingList": [
    {"ResourceARN": "'$stack':shop-Hello-1AB", "Tags": [
        {"Key": "aws:cloudformation:stack-name", "Value": "shop"},
        {"Key": "aws:cloudformation:logical-id", "Value": "Hello"}]},
    {"ResourceARN": "'$stack':direct", "Tags": [{"Key": "lambda-native:function", "Value": "direct"}]}]}' ;;
*get-function-configuration*shop-Hello-1AB*) echo '{"FunctionName": "shop-Hello-1AB"}' ;;
*get-function-configuration*direct*) echo '{"FunctionName": "direct", "LoggingConfig": {"LogGroup": "shared"}}' ;;
*get-function-configuration*) fail ResourceNotFoundException GetFunctionConfiguration "Function not found: nope" >&2 ;;
*" lambda invoke "*)
    response=$last event=$(echo "$*" | sed -E 's#.*fileb://([^ ]*).*#\1#')
    case "$*" in
    *=imag" "*) fail ResourceNotFoundException Invoke "Function not found: imag" >&2 ;;
    *nope*) fail ResourceNotFoundException Invoke "Function not found: nope" >&2 ;;
    *qualifier=old*) fail ResourceNotFoundException Invoke "Function not found: shop-Hello-1AB:old" >&2 ;;
    *busy*) fail TooManyRequestsException Invoke "Rate Exceeded." >&2 ;;
    *denied*) fail AccessDeniedException Invoke "User: arn:aws:iam::1:user/ada is not authorized to perform: lambda:InvokeFunction on resource: denied because no identity-based policy allows it" >&2 ;;
    *expired*) fail ExpiredTokenException Invoke "The security token included in the request is expired" >&2 ;;
    esac
    log=$(base64 -w 0 < "$HERE/log")
    if grep -q fail "$event"; then
        echo '{"errorType":"OutOfStock","errorMessage":"no oranges"}' > "$response"
        echo '{"StatusCode": 200, "FunctionError": "Unhandled", "LogResult": "'$log'"}'
    else
        cp "$event" "$response"
        echo '{"StatusCode": 200, "LogResult": "'$log'", "ExecutedVersion": "$LATEST"}'
    fi ;;
*filter-log-events*)
    case "$input" in
    *'"nextToken"'*) cat "$HERE/page-2" ;;
    *shared*) echo '{"events": [
        {"eventId": "1", "logStreamName": "2026/11/30/direct[$LATEST]0a", "timestamp": 1, "message": "own"},
        {"eventId": "2", "logStreamName": "2026/11/30/other[$LATEST]0b", "timestamp": 2, "message": "of another"}]}' ;;
    *)
        if [ ! -e "$HERE/page-1" ]; then
            fail ResourceNotFoundException FilterLogEvents "The specified log group does not exist." >&2
        fi
        cat "$HERE/page-1" ;;
    esac ;;
*) echo "unexpected: $*" >&2; exit 1 ;;
esac
"#;

/// The end of the log of a function.
const LOG: &str = "START RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95 Version: $LATEST\ngreeting \u{1b}[2JAda\n\
                   END RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95\nREPORT RequestId: \
                   8f507cfc-xmpl-4697-b07a-ac58fc914c95\tDuration: 1.25 ms\tBilled Duration: 22 ms\tMemory Size: 128 \
                   MB\tMax Memory Used: 18 MB\tInit Duration: 20.50 ms\t\n";

const TEMPLATE: &str = "\
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: .}
";

/// A machine with the AWS CLI and the project `hello`, which is deployed as the stack `shop`.
fn machine() -> Machine {
    let machine = Machine::new().with("aws", AWS);
    machine.write("log", LOG);
    machine.write("hello/template.yaml", TEMPLATE);
    machine.write("hello/events/event.json", "{\"name\": \"Ada\"}");
    let config = "[default.global.parameters]\nstack_name = 'shop'\nregion = 'eu-west-1'\n\
                  [test.deploy.parameters]\nstack_name = 'nope'\nprofile = 'it'\n";
    machine.write("hello/samconfig.toml", config);
    machine
}

/// Runs `scaffold`. The path of the program, which differs between machines, is replaced, and so are escapes.
fn run(machine: &Machine, arguments: &[&str]) -> Run {
    let run = machine.scaffold(arguments).run().replace(r"(?m)^  \S*/scaffold ", "  scaffold ");
    run.replace("\u{1b}", "[ESC]")
}

#[test]
fn lists_the_functions_of_the_project_or_all() {
    let machine = machine();
    let runs = [
        vec!["list", "--remote"],
        vec!["list", "--remote", "--all"],
        vec!["list", "--remote", "--config-env", "test", "--region", "eu-west-1"],
        vec!["list", "--remote", "--json"],
    ];
    let runs: Vec<_> =
        runs.iter().map(|arguments| (arguments.join(" "), run(&machine, arguments))).collect();
    assert_run!(runs, @r#"
    # list --remote
    exit code: 0
    ----- stdout -----
    name            runtime          processor  memory  timeout  package  changed           stack
    shop-Hello-1AB  provided.al2023  arm64      512 MB  10 s     zip      2026-11-30 12:34  shop (Hello)
    ----- stderr -----
    the functions of this project in eu-west-1; `--all` lists 2 others

    next:
      scaffold invoke --remote shop-Hello-1AB
      scaffold logs shop-Hello-1AB

    # list --remote --all
    exit code: 0
    ----- stdout -----
    name            runtime          processor  memory  timeout  package  changed           stack
    direct          provided.al2023  x86_64     128 MB  3 s      zip      –                 – (direct)
    image           –                x86_64     128 MB  3 s      image    2026-10-01 00:00  –
    shop-Hello-1AB  provided.al2023  arm64      512 MB  10 s     zip      2026-11-30 12:34  shop (Hello)
    ----- stderr -----

    next:
      scaffold invoke --remote direct
      scaffold logs direct

    # list --remote --config-env test --region eu-west-1
    exit code: 0
    ----- stderr -----
    no functions of this project in eu-west-1; `--all` lists 3 others

    # list --remote --json
    exit code: 0
    ----- stdout -----
    {
      "region": "eu-west-1",
      "functions": [
        {
          "name": "shop-Hello-1AB",
          "runtime": "provided.al2023",
          "architecture": "arm64",
          "memory_mb": 512,
          "timeout_seconds": 10,
          "package_type": "Zip",
          "last_modified": "2026-11-30T12:34:56Z",
          "stack": "shop",
          "logical_id": "Hello",
          "is_direct": false
        }
      ],
      "others": 2
    }
    "#);
}

#[test]
fn lists_all_functions_outside_of_a_project() {
    let machine = machine();
    fs::remove_file(machine.path("hello/template.yaml")).unwrap();
    machine.write("no-tags", "");
    assert_run!(run(&machine, &["list", "--remote"]), @"
    exit code: 0
    ----- stdout -----
    name            runtime          processor  memory  timeout  package  changed           stack
    direct          provided.al2023  x86_64     128 MB  3 s      zip      –                 –
    image           –                x86_64     128 MB  3 s      image    2026-10-01 00:00  –
    shop-Hello-1AB  provided.al2023  arm64      512 MB  10 s     zip      2026-11-30 12:34  –
    ----- stderr -----
    warning: the stacks of other functions are unknown: An error occurred (AccessDeniedException) when calling the GetResources operation: User: arn:aws:iam::1:user/ada is not authorized to perform: tag:GetResources
    hint: your credentials need the permission `tag:GetResources`; `aws sts get-caller-identity` prints whose they are

    next:
      scaffold invoke --remote direct
      scaffold logs direct
    ");
    machine.write("empty", "");
    assert_run!(run(&machine, &["list", "--remote"]), @"
    exit code: 0
    ----- stderr -----
    warning: the stacks of other functions are unknown: An error occurred (AccessDeniedException) when calling the GetResources operation: User: arn:aws:iam::1:user/ada is not authorized to perform: tag:GetResources
    hint: your credentials need the permission `tag:GetResources`; `aws sts get-caller-identity` prints whose they are
    no functions in this region
    ");
    machine.write("denied", "");
    fs::remove_file(machine.path("empty")).unwrap();
    assert_run!(run(&machine, &["list", "--remote"]), @"
    exit code: 1
    ----- stderr -----
    error: cannot list the functions
      caused by: An error occurred (AccessDeniedException) when calling the ListFunctions operation: User: arn:aws:iam::1:user/ada is not authorized to perform: lambda:ListFunctions on resource: *
    hint: your credentials need the permission `lambda:ListFunctions`; `aws sts get-caller-identity` prints whose they are
    ");
    assert_run!(run(&machine, &["list", "--region", "eu-west-1"]), @"
    exit code: 2
    ----- stderr -----
    error: `--region` needs `--remote`
    hint: add `--remote`
    ");
    assert_run!(run(&machine.without("aws"), &["list", "--remote"]), @"
    exit code: 1
    ----- stderr -----
    error: `aws`, the AWS CLI, is not on `PATH`
    hint: run `pip install awscli`
    ");
}

#[test]
fn invokes_the_function_of_the_stack() {
    let machine = machine();
    assert_run!(run(&machine, &["invoke", "--remote"]), @r#"
    exit code: 0
    ----- stdout -----
    {"name": "Ada"}
    ----- stderr -----
    invoking `shop-Hello-1AB` of the stack `shop`
    START RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95 Version: $LATEST
    greeting \x1b[2JAda
    END RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95
    REPORT RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    "#);
    insta::assert_snapshot!(machine.read("calls"), @r#"
    --region eu-west-1 cloudformation list-stack-resources --cli-input-json FILE
    {"StackName":"shop"}
    --region eu-west-1 lambda invoke --invocation-type=RequestResponse --log-type=Tail --function-name=shop-Hello-1AB --cli-read-timeout 0 --payload FILE FILE
    "#);
    assert_run!(run(&machine, &["invoke", "Hello", "--remote", "--data", "\"fail\""]), @r#"
    exit code: 1
    ----- stdout -----
    {"errorType":"OutOfStock","errorMessage":"no oranges"}
    [blank line]
    ----- stderr -----
    invoking `shop-Hello-1AB` of the stack `shop`
    START RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95 Version: $LATEST
    greeting \x1b[2JAda
    END RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95
    REPORT RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    error: the function failed: OutOfStock: no oranges
    "#);
    assert_run!(run(&machine, &["invoke", "other", "--remote", "--qualifier", "live", "--json", "--data", "1"]), @r#"
    exit code: 0
    ----- stdout -----
    {"function":"other","request_id":"8f507cfc-xmpl-4697-b07a-ac58fc914c95","response":1,"error":null,"memory_mb":null,"init_ms":20.5,"duration_ms":1.25,"max_memory_mb":18}
    "#);
    assert_run!(run(&machine, &["invoke", "other", "--remote", "--repeat", "3", "--data", "1"]), @"
    exit code: 0
    ----- stdout -----
    1
    ----- stderr -----
    3 invocations: 0 failed, 3 with a cold start
    latency  min [TIME]  p50 [TIME]  p99 [TIME]  max [TIME]
    init     max [TIME]
    ");
}

#[test]
fn names_the_mistake_in_an_invocation() {
    let machine = machine();
    let invoke = |arguments: &[&str]| {
        run(&machine, &[&["invoke", "--remote", "--data", "1"], arguments].concat())
    };
    let runs = [
        vec!["nope"],
        vec!["imag"],
        vec!["Hello", "--qualifier", "old"],
        vec!["Hello", "--stack", "nope"],
        vec!["Hello", "--config-env", "tst"],
        vec!["busy"],
        vec!["denied"],
        vec!["expired"],
        vec!["--release"],
    ];
    let runs: Vec<_> =
        runs.iter().map(|arguments| (arguments.join(" "), invoke(arguments))).collect();
    assert_run!(runs, @"
    # nope
    exit code: 1
    ----- stderr -----
    error: cannot invoke `nope`
      caused by: An error occurred (ResourceNotFoundException) when calling the Invoke operation: Function not found: nope
    hint: `scaffold list --remote --all` lists the functions; `--region` and `--profile` choose others

    # imag
    exit code: 1
    ----- stderr -----
    error: cannot invoke `imag`
      caused by: An error occurred (ResourceNotFoundException) when calling the Invoke operation: Function not found: imag
    hint: did you mean `image`?

    # Hello --qualifier old
    exit code: 1
    ----- stderr -----
    invoking `shop-Hello-1AB` of the stack `shop`
    error: cannot invoke `shop-Hello-1AB`
      caused by: An error occurred (ResourceNotFoundException) when calling the Invoke operation: Function not found: shop-Hello-1AB:old
    hint: `old` is not a version or an alias of it: `aws lambda list-aliases --function-name shop-Hello-1AB` lists them

    # Hello --stack nope
    exit code: 1
    ----- stderr -----
    error: cannot read the stack `nope`
      caused by: An error occurred (ValidationError) when calling the ListStackResources operation: Stack with id nope does not exist
    hint: `aws cloudformation list-stacks` lists the stacks; set `AWS_REGION` and `AWS_PROFILE` to where it is

    # Hello --config-env tst
    exit code: 1
    ----- stderr -----
    error: no environment `tst` in `samconfig.toml`
    hint: did you mean `test`?

    # busy
    exit code: 1
    ----- stderr -----
    error: cannot invoke `busy`
      caused by: An error occurred (TooManyRequestsException) when calling the Invoke operation: Rate Exceeded
    hint: AWS limits the number of calls, and for functions that of concurrent invocations: try again in a moment

    # denied
    exit code: 1
    ----- stderr -----
    error: cannot invoke `denied`
      caused by: An error occurred (AccessDeniedException) when calling the Invoke operation: User: arn:aws:iam::1:user/ada is not authorized to perform: lambda:InvokeFunction on resource: denied because no identity-based policy allows it
    hint: your credentials need the permission `lambda:InvokeFunction`; `aws sts get-caller-identity` prints whose they are

    # expired
    exit code: 1
    ----- stderr -----
    error: cannot invoke `expired`
      caused by: An error occurred (ExpiredTokenException) when calling the Invoke operation: The security token included in the request is expired
    hint: run `aws sso login`, `aws login` or `aws configure`, or set `AWS_PROFILE`; with an emulator, set `AWS_ENDPOINT_URL`

    # --release
    exit code: 2
    ----- stderr -----
    error: `--release` is for local builds, and the function is on AWS
    hint: add `--compare` to run the local build too
    ");

    let large = format!("\"{}\"", "x".repeat(6 * 1024 * 1024));
    let scaffold = machine.scaffold(&["invoke", "--remote", "--event", "-"]).input(large);
    assert_run!(scaffold.run(), @"
    exit code: 1
    ----- stderr -----
    error: standard input has 6291458 bytes; Lambda's limit is 6291456
    hint: store large data in S3 and put its key into the event
    ");
    assert_run!(run(&machine, &["invoke", "--profile", "it"]), @"
    exit code: 2
    ----- stderr -----
    error: `--profile` needs `--remote`
    hint: add `--remote`
    ");
}

/// A project whose function is a real one, with the same AWS CLI.
fn socket_project() -> SocketProject {
    let project = SocketProject::new(ONE_FUNCTION);
    let here = project.path().join("aws");
    project.write("aws/log", LOG);
    let script = format!("#!/bin/sh\nPATH=/usr/bin:/bin\nHERE='{}'\n{AWS}", here.display());
    project.write("bin/aws", &script);
    fs::set_permissions(project.path().join("bin/aws"), fs::Permissions::from_mode(0o755)).unwrap();
    project
}

#[test]
fn compares_the_deployed_function_with_the_local_build() {
    let project = socket_project();
    let compare = |arguments: &[&str]| {
        let arguments =
            [&["invoke", "--remote", "shop-Hello-1AB", "--compare"], arguments].concat();
        let mut scaffold = project.scaffold(&arguments);
        let programs = path();
        let bin = project.path().join("bin");
        let paths = std::iter::once(bin).chain(std::env::split_paths(&programs));
        scaffold.command().env("PATH", std::env::join_paths(paths).unwrap());
        let run =
            scaffold.run().replace(r"\d+\.\d\d ms", "[TIME]").replace(" +\\[TIME\\]", " [TIME]");
        run.replace(r#""(init_ms|duration_ms|max_memory_mb)":[\d.]+"#, "\"$1\":[NUMBER]")
    };
    assert_run!(compare(&["--data", "{\"a\": [1, 2]}"]), @r#"
    exit code: 0
    ----- stdout -----
    {"a": [1, 2]}
    ----- stderr -----
    START RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95 Version: $LATEST
    greeting \x1b[2JAda
    END RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95
    REPORT RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    deployed  duration [TIME]  init [TIME]
    local     duration [TIME]  init [TIME]
    the responses are equal
    "#);
    assert_run!(compare(&["--data", "\"version\""]), @r#"
    exit code: 3
    ----- stdout -----
    --- deployed
    +++ local
    @@ -1 +1 @@
    -"version"
    +"one"
    ----- stderr -----
    START RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95 Version: $LATEST
    greeting \x1b[2JAda
    END RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95
    REPORT RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    deployed  duration [TIME]  init [TIME]
    local     duration [TIME]  init [TIME]
    the responses differ
    "#);
    assert_run!(compare(&["--data", "\"version\"", "--json"]), @r#"
    exit code: 3
    ----- stdout -----
    {"is_same":false,"deployed":{"function":"shop-Hello-1AB","request_id":"8f507cfc-xmpl-4697-b07a-ac58fc914c95","response":"version","error":null,"memory_mb":null,"init_ms":[NUMBER],"duration_ms":[NUMBER],"max_memory_mb":[NUMBER]},"local":{"function":"Main","request_id":"[ID]","response":"one","error":null,"memory_mb":128,"init_ms":[NUMBER],"duration_ms":[NUMBER],"max_memory_mb":[NUMBER]}}
    ----- stderr -----
    START RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95 Version: $LATEST
    greeting \x1b[2JAda
    END RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95
    REPORT RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    REPORT RequestId: [ID]	Duration: [TIME]	Billed Duration: [TIME]	Memory Size: 128 MB	Max Memory Used: [MEMORY]	Init Duration: [TIME]
    deployed  duration [TIME]  init [TIME]
    local     duration [TIME]  init [TIME]
    the responses differ
    "#);
}

/// The first page of a log; the second one has a line that controls a terminal.
fn write_log(machine: &Machine) {
    machine.write("page-1", r#"{"events": [
        {"eventId": "1", "logStreamName": "s", "timestamp": 1800000000123, "message": "START RequestId: 7 Version: $LATEST\n"},
        {"eventId": "2", "logStreamName": "s", "timestamp": 1800000001123, "message": "{\"level\":\"INFO\",\"message\":\"order placed\",\"id\":7}\n"}
    ], "nextToken": "two"}"#);
    machine.write("page-2", r#"{"events": [
        {"eventId": "3", "logStreamName": "s", "timestamp": 1800000002123, "message": "first\nsecond \u001b[2Jhidden\n"}
    ]}"#);
}

#[test]
fn prints_the_log_of_a_function() {
    let machine = machine();
    assert_run!(run(&machine, &["logs", "--region", "eu-west-1"]), @"
    exit code: 1
    ----- stderr -----
    error: `shop-Hello-1AB` has no log yet: there is no log group `/aws/lambda/shop-Hello-1AB`
    hint: Lambda creates it with the first invocation: `scaffold invoke --remote shop-Hello-1AB --region eu-west-1`; the role of the function needs `logs:CreateLogGroup`
    ");
    write_log(&machine);
    fs::remove_file(machine.path("calls")).unwrap();
    assert_run!(run(&machine, &["logs", "Hello", "--filter", "an \"order\""]), @r#"
    exit code: 0
    ----- stdout -----
    START RequestId: 7 Version: $LATEST
    {"level":"INFO","message":"order placed","id":7}
    first
    second [ESC][2Jhidden
    "#);
    let calls = machine.read("calls");
    let calls = regex::Regex::new(r#""startTime":\d{13}"#).unwrap().replace_all(&calls, "[START]");
    insta::assert_snapshot!(calls, @r#"
    --region eu-west-1 cloudformation list-stack-resources --cli-input-json FILE
    {"StackName":"shop"}
    --region eu-west-1 lambda get-function-configuration --cli-input-json FILE
    {"FunctionName":"shop-Hello-1AB"}
    --region eu-west-1 logs filter-log-events --no-paginate --cli-input-json FILE
    {"filterPattern":"\"an \\"order\\"\"","logGroupName":"/aws/lambda/shop-Hello-1AB",[START]}
    --region eu-west-1 logs filter-log-events --no-paginate --cli-input-json FILE
    {"filterPattern":"\"an \\"order\\"\"","logGroupName":"/aws/lambda/shop-Hello-1AB","nextToken":"two",[START]}
    "#);
    assert_run!(run(&machine, &["logs", "--log", "text"]), @r"
    exit code: 0
    ----- stdout -----
    2027-01-15 08:00:00 START RequestId: 7 Version: $LATEST
    2027-01-15 08:00:01 INFO order placed id=7
    2027-01-15 08:00:02 first
                        second \x1b[2Jhidden
    ");
    assert_run!(run(&machine, &["logs", "direct"]), @"
    exit code: 0
    ----- stdout -----
    own
    ");
    assert_run!(run(&machine, &["logs", "nope"]), @"
    exit code: 1
    ----- stderr -----
    error: cannot read the function `nope`
      caused by: An error occurred (ResourceNotFoundException) when calling the GetFunctionConfiguration operation: Function not found: nope
    hint: `scaffold list --remote --all` lists the functions; `--region` and `--profile` choose others
    ");
    machine.write("page-1", "{\"events\": []}");
    assert_run!(run(&machine, &["logs", "--since", "1h"]), @"
    exit code: 0
    ----- stderr -----
    no events in this time; `--since 1d` looks further back
    ");
    assert_run!(run(&machine, &["logs", "--since", "1w"]), @"
    exit code: 2
    ----- stderr -----
    error: invalid value '1w' for '--since <TIME>': expected a number with `s`, `m`, `h` or `d`, such as `10m`

    For more information, try '--help'.
    ");
}

#[test]
fn a_log_does_not_control_the_terminal() {
    let machine = machine();
    write_log(&machine);
    for form in ["text", "raw"] {
        let bin = machine.path("bin");
        let path = format!("{}:/usr/bin:/bin", bin.display());
        let home = machine.path("home");
        let environment = [("PATH", path.as_str()), ("HOME", home.to_str().unwrap())];
        let columns = std::num::NonZero::new(200).unwrap();
        let arguments = ["logs", "Hello", "--log", form];
        let screen =
            Terminal::start_as(&arguments, &machine.path("hello"), columns, &environment).end();
        assert_eq!(screen.code, Some(0), "{}", screen.text);
        assert!(screen.written.contains(r"second \x1b[2Jhidden"), "{:?}", screen.written);
    }
}
