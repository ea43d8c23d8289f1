//! Projects that AWS CDK or Terraform deploys.
//!
//! `.ci/run templates` runs the ignored test, which runs AWS CDK and SAM.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use lambda_native_tests::assert_run;
use lambda_native_tests::command::{Run, Scaffold, program, target_folder, workspace};
use lambda_native_tests::dev::Dev;
use lambda_native_tests::project::{Project, lock_target, share_target, tree};
use serde_json::Value;
use tempfile::tempdir;

/// Every template with the values that change its resources.
const KINDS: [(&str, &[&str]); 16] = [
    ("http-api", &["--template=http-api"]),
    ("http-api-all", &["--template=http-api", ALL[0], ALL[1], ALL[2], ALL[3], ALL[4], ALL[5]]),
    ("http-api-function-url", &["--template=http-api", "--api=function-url"]),
    ("http-api-rest", &["--template=http-api", "--api=rest"]),
    ("http-api-image", &["--template=http-api", "--package=image"]),
    ("multi", &["--template=multi"]),
    ("multi-all-image", &["--template=multi", "--package=image", ALL[0], ALL[1], ALL[2], ALL[3]]),
    ("web", &["--template=web"]),
    ("function", &["--template=function"]),
    ("events-sqs", &["--template=events", "--source=sqs", "--timeout=7"]),
    ("events-kinesis", &["--template=events", "--source=kinesis"]),
    ("events-dynamodb", &["--template=events", "--source=dynamodb"]),
    ("events-sns", &["--template=events", "--source=sns"]),
    ("events-s3", &["--template=events", "--source=s3"]),
    ("events-eventbridge", &["--template=events", "--source=eventbridge"]),
    ("events-schedule", &["--template=events", "--source=schedule"]),
];

/// The values of all templates that are not the defaults.
const ALL: [&str; 6] = [
    "--arch=arm64",
    "--tracing=yes",
    "--json-logs=yes",
    "--application-insights=yes",
    "--memory=512",
    "--timeout=29",
];

fn project(flags: &[&str]) -> Project {
    let runtime = format!("--runtime=path:{}", workspace().display());
    Project::new(&[flags, &[&runtime]].concat())
}

/// Runs `scaffold` in the project.
fn scaffold(project: &Project, arguments: &[&str]) -> Run {
    Scaffold::new(arguments).current_dir(&project.path()).run()
}

/// The paths of a project, and of its ignored files.
fn paths(flags: &[&str]) -> String {
    let project = project(flags);
    let paths: Vec<String> = tree(&project.path()).into_keys().collect();
    let read = |name: &str| fs::read_to_string(project.path().join(name)).unwrap();
    format!("{}\n\n{}\n{}", paths.join("\n"), read(".gitignore"), read(".dockerignore"))
}

#[test]
fn cdk_has_an_application_in_typescript() {
    insta::assert_snapshot!(paths(&["--infrastructure", "cdk", "--ci", "github"]), @"
    .dockerignore
    .github/workflows/ci.yml
    .gitignore
    .scaffold.toml
    Cargo.toml
    Dockerfile
    README.md
    events/event.json
    infrastructure/bin/app.ts
    infrastructure/cdk.json
    infrastructure/lib/function.ts
    infrastructure/lib/stack.ts
    infrastructure/package.json
    infrastructure/tsconfig.json
    src/main.rs

    /infrastructure/cdk.out/
    /infrastructure/node_modules/
    /target/

    .git/
    infrastructure/
    target/
    ");
}

#[test]
fn terraform_has_a_module_of_a_function() {
    insta::assert_snapshot!(paths(&["--infrastructure", "terraform", "--package", "image"]), @"
    .dockerignore
    .gitignore
    .scaffold.toml
    Cargo.toml
    Dockerfile
    README.md
    events/event.json
    infrastructure/function/main.tf
    infrastructure/function/outputs.tf
    infrastructure/function/variables.tf
    infrastructure/main.tf
    infrastructure/outputs.tf
    infrastructure/providers.tf
    infrastructure/variables.tf
    src/main.rs

    /infrastructure/*.tfstate*
    /infrastructure/.terraform/
    /target/

    .git/
    infrastructure/
    target/
    ");
}

/// Only the settings in `Cargo.toml` are added, so that compiling each project once is enough.
#[test]
fn the_program_does_not_depend_on_the_infrastructure() {
    for flags in KINDS.iter().filter(|(name, _)| !name.ends_with("image")).map(|(_, flags)| flags) {
        let program = |infrastructure: &str| {
            let flags = [*flags, &["--infrastructure", infrastructure]].concat();
            let is_code = |path: &str| {
                path.starts_with("src/") || path.starts_with("events/") || path == "Dockerfile"
            };
            let mut files: BTreeMap<String, String> = tree(&project(&flags).path())
                .into_iter()
                .filter(|(path, _)| is_code(path) || path == "Cargo.toml")
                .map(|(path, text)| (path, String::from_utf8(text).unwrap()))
                .collect();
            let manifest = files.get_mut("Cargo.toml").unwrap();
            if let Some((before, settings)) = manifest.split_once("\n# For `scaffold build`, `dev`")
            {
                let (_, after) = settings.split_once("\n\n").unwrap();
                *manifest = format!("{before}\n{after}");
            }
            files
        };
        let sam = program("sam");
        assert_eq!(sam, program("cdk"), "{flags:?}");
        assert_eq!(sam, program("terraform"), "{flags:?}");
    }
}

#[test]
fn the_next_steps_deploy_with_the_tool() {
    let folder = tempdir().unwrap();
    let new = |arguments: &[&str]| {
        let arguments = [&["new", "hello", "--yes", "--no-git"], arguments].concat();
        let run = Scaffold::new(arguments).current_dir(folder.path()).run();
        let _ = fs::remove_dir_all(folder.path().join("hello"));
        run
    };
    assert_run!(new(&["--infrastructure", "cdk"]), @"
    exit code: 0
    ----- stderr -----
    created hello: http-api, infrastructure cdk

    next:
      cd hello
      cargo test
      scaffold invoke
      scaffold dev
      scaffold package
      cd infrastructure
      npm install
      npx cdk deploy
    ");
    assert_run!(new(&["--infrastructure", "terraform", "--template", "multi"]), @"
    exit code: 0
    ----- stderr -----
    created hello: multi, infrastructure terraform

    next:
      cd hello
      cargo test
      scaffold dev
      scaffold package
      cd infrastructure
      terraform init
      terraform apply
    ");
    assert_run!(new(&["--infrastructure", "terraform", "--package", "image"]), @"
    exit code: 0
    ----- stderr -----
    created hello: http-api, package type image, infrastructure terraform

    next:
      cd hello
      cargo test
      scaffold invoke
      scaffold dev
      cd infrastructure
      terraform init
      terraform apply -target=aws_ecr_repository.program
    ");
    assert_run!(new(&["--infrastructure", "pulumi"]), @"
    exit code: 2
    ----- stderr -----
    error: invalid value `pulumi` for `--infrastructure`
    hint: expected sam or cdk or terraform
    ");
}

#[test]
fn commands_for_sam_name_the_other_tool() {
    let project = project(&["--infrastructure", "cdk"]);
    assert_run!(scaffold(&project, &["deploy"]), @"
    exit code: 1
    ----- stderr -----
    error: AWS CDK deploys this project, and not `scaffold deploy`
    hint: run `scaffold package`, and then `npx cdk deploy` in `infrastructure`
    ");
    assert_run!(scaffold(&project, &["sync", "--check"]), @"
    exit code: 1
    ----- stderr -----
    error: AWS CDK deploys this project, which has no `template.yaml`
    hint: `scaffold sync` only writes `template.yaml`: add the routes and sources of the code to `infrastructure`
    ");
    assert_run!(scaffold(&project, &["add", "route", "GET /items", "--yes"]), @"
    exit code: 1
    ----- stderr -----
    error: AWS CDK deploys this project, which has no `template.yaml`
    hint: `scaffold add` only knows `template.yaml`: write the handler, and add its route or source to `infrastructure`
    ");
    let infrastructure = project.path().join("infrastructure");
    assert_run!(Scaffold::new(["deploy"]).current_dir(&infrastructure).run(), @"
    exit code: 1
    ----- stderr -----
    error: AWS CDK deploys this project, and not `scaffold deploy`
    hint: run `scaffold package`, and then `npx cdk deploy` in `.`
    ");
    assert!(!project.path().join("template.yaml").exists());

    let project = self::project(&["--infrastructure", "terraform"]);
    assert_run!(scaffold(&project, &["deploy"]), @"
    exit code: 1
    ----- stderr -----
    error: Terraform deploys this project, and not `scaffold deploy`
    hint: run `scaffold package`, and then `terraform apply` in `infrastructure`
    ");
}

#[test]
fn the_doctor_looks_for_the_other_tool() {
    let project = project(&["--infrastructure", "terraform", "--arch", "arm64"]);
    let run = scaffold(&project, &["doctor", "--json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let checks = report["checks"].as_array().unwrap();
    let names: Vec<&Value> = checks.iter().map(|check| &check["name"]).collect();
    assert!(names.contains(&&"terraform".into()) && !names.contains(&&"sam".into()), "{report}");
    let project = checks.iter().find(|check| check["name"] == "project").unwrap();
    assert_eq!(project["found"], "Terraform in `infrastructure`, for arm64");
    assert_eq!(report["architecture"], "arm64");
}

#[test]
fn wrong_settings_in_the_manifest_are_errors() {
    let project = project(&["--infrastructure", "cdk"]);
    let path = project.path().join("Cargo.toml");
    let manifest = fs::read_to_string(&path).unwrap();
    let mut errors = String::new();
    for (right, wrong) in [
        ("architecture = \"x86_64\"", "architecture = \"riscv64\""),
        ("timeout = 10", "timeout = \"10 s\""),
        ("memory = 256", "memory = 0"),
    ] {
        assert!(manifest.contains(right));
        fs::write(&path, manifest.replace(right, wrong)).unwrap();
        let run = scaffold(&project, &["invoke"]);
        assert_eq!(run.code, Some(1), "{run:?}");
        errors += &run.stderr;
    }
    insta::assert_snapshot!(errors, @r#"
    error: invalid value `"riscv64"` for `architecture` in `package.metadata.scaffold`
    hint: expected `x86_64` or `arm64`
    error: invalid value `"10 s"` for `timeout` in `package.metadata.scaffold`
    hint: expected a whole number of seconds
    error: invalid value `0` for `memory` in `package.metadata.scaffold`
    hint: expected a whole number of MB
    "#);
}

/// The project is built once for all commands.
#[test]
fn a_project_runs_builds_and_is_inspected_without_a_template() {
    let _alone = lock_target();
    let project = project(&["--infrastructure", "cdk", "--timeout", "7", "--memory", "512"]);
    let run = |arguments: &[&str]| {
        let mut scaffold = Scaffold::new(arguments).current_dir(&project.path());
        share_target(scaffold.command()).env("CARGO_TERM_QUIET", "true");
        scaffold
    };
    let invoked = run(&["invoke", "--json"]).run().success();
    let invoked: Value = serde_json::from_str(&invoked).unwrap();
    assert_eq!(
        (&invoked["memory_mb"], &invoked["response"]["statusCode"]),
        (&512.into(), &200.into())
    );

    let dev = Dev::start(run(&["dev", "--port", "0"]));
    dev.wait_for("\nready in ");
    let response = dev.get("/hello/Ada");
    assert_eq!(response.pair(), (200, r#"{"message":"hello Ada","source_ip":"127.0.0.1"}"#));
}

/// Without the setting `Handler`, the program serves all its routes.
#[test]
fn several_functions_run_as_one_program() {
    let _alone = lock_target();
    let project = project(&["--infrastructure", "terraform", "--template", "multi"]);
    let run = |arguments: &[&str]| {
        let mut scaffold = Scaffold::new(arguments).current_dir(&project.path());
        share_target(scaffold.command()).env("CARGO_TERM_QUIET", "true");
        scaffold
    };
    let reply = run(&["invoke", "--event", "events/place-order.json"]).run().success();
    assert!(reply.contains(r#"{\"total\":2149}"#), "{reply}");
    let dev = Dev::start(run(&["dev", "--port", "0"]));
    dev.wait_for("\nready in ");
    let tea = r#"{"id":"tea","name":"Green tea","price":450}"#;
    assert_eq!(dev.get("/items/tea").pair(), (200, tea));
}

/// The folder of the tools.
fn tools() -> PathBuf {
    env::var_os("INFRASTRUCTURE_TOOLS").expect("`.ci/run templates` sets it").into()
}

/// Creates the project of a tool for a kind.
fn create(folder: &Path, flags: &[&str], infrastructure: &str) {
    let place = folder.join(infrastructure);
    let mut new = Scaffold::new(["new", "hello", "--yes", "--no-git", "--runtime=crates-io"]);
    new.command().args(flags).arg("--infrastructure").arg(infrastructure);
    new.command().arg("--directory").arg(&place);
    let _ = new.current_dir(folder).run().success();
    if infrastructure == "cdk" {
        symlink(tools().join("node_modules"), place.join("infrastructure/node_modules")).unwrap();
        let built = place.join("target/lambda/hello");
        fs::create_dir_all(&built).unwrap();
        fs::write(built.join("bootstrap.zip"), "").unwrap();
    }
}

/// Expands the templates of SAM, synthesizes those of AWS CDK, and reads the files of Terraform, which are also checked
/// with the schema of its provider. A line with `-` is only true of SAM, one with `+` only of the other tool:
///
/// - CDK and Terraform create the group of the log, so that it ends with the project and after a month.
/// - CDK creates a permission for each route, and another for the console of API Gateway.
/// - CDK allows single actions; SAM and Terraform attach the policies that AWS manages for a source.
#[test]
#[ignore = "needs AWS CDK, SAM and the schema of Terraform's provider: `.ci/run templates`"]
#[expect(clippy::too_many_lines, reason = "they are those of the snapshot")]
fn cdk_and_terraform_create_what_sam_creates() {
    let folder = tempdir().unwrap();
    for (name, flags) in KINDS {
        let kind = folder.path().join(name);
        fs::create_dir(&kind).unwrap();
        for infrastructure in ["sam", "cdk", "terraform"] {
            create(&kind, flags, infrastructure);
        }
    }
    let scripts = workspace().join("tests/infrastructure");
    let mut expand = program(crate::templates::python_of_sam());
    expand.arg(scripts.join("expand.py")).env("AWS_DEFAULT_REGION", "eu-central-1");
    expand.args(KINDS.iter().map(|(name, _)| folder.path().join(name)));
    let expanded = Run::from(expand.output().unwrap());
    assert_eq!(expanded.code, Some(0), "{expanded:?}");

    let mut compare = program("node");
    compare.arg(scripts.join("compare.mjs")).arg(folder.path());
    let run = Run::from(compare.env("INFRASTRUCTURE_TOOLS", tools()).output().unwrap());
    insta::assert_snapshot!(run.stdout, @"
    events-dynamodb, CDK: 5 of 7 the same
      - allow WatchFunction: AWSLambdaDynamoDBExecutionRole
      - mapping Stock → WatchFunction: batch default, ReportBatchItemFailures, start TRIM_HORIZON, retries 3, failures to FailedRecords
      + allow WatchFunction: dynamodb:DescribeStream on Stock
      + allow WatchFunction: dynamodb:GetRecords on Stock
      + allow WatchFunction: dynamodb:GetShardIterator on Stock
      + allow WatchFunction: dynamodb:ListStreams on Stock
      + allow WatchFunction: sqs:GetQueueAttributes on FailedRecords
      + allow WatchFunction: sqs:GetQueueUrl on FailedRecords
      + log of WatchFunction: 30 days
      + mapping Stock → WatchFunction: batch 100, ReportBatchItemFailures, start TRIM_HORIZON, retries 3, failures to FailedRecords
      + table Stock: can have replicas in other regions
    events-dynamodb, Terraform: 7 of 7 the same
      + log of WatchFunction: 30 days
    events-eventbridge, CDK: 7 of 7 the same
      + allow BillFunction: sqs:GetQueueAttributes on FailedEvents
      + allow BillFunction: sqs:GetQueueUrl on FailedEvents
      + log of BillFunction: 30 days
    events-eventbridge, Terraform: 7 of 7 the same
      + log of BillFunction: 30 days
    events-kinesis, CDK: 5 of 7 the same
      - allow CheckFunction: AWSLambdaKinesisExecutionRole
      - mapping Readings → CheckFunction: batch default, ReportBatchItemFailures, start TRIM_HORIZON, retries 3, failures to FailedRecords
      + allow CheckFunction: kinesis:DescribeStream on Readings
      + allow CheckFunction: kinesis:DescribeStreamConsumer on Readings
      + allow CheckFunction: kinesis:DescribeStreamSummary on Readings
      + allow CheckFunction: kinesis:GetRecords on Readings
      + allow CheckFunction: kinesis:GetShardIterator on Readings
      + allow CheckFunction: kinesis:ListShards on Readings
      + allow CheckFunction: kinesis:ListStreams on Readings
      + allow CheckFunction: kinesis:SubscribeToShard on Readings
      + allow CheckFunction: sqs:GetQueueAttributes on FailedRecords
      + allow CheckFunction: sqs:GetQueueUrl on FailedRecords
      + log of CheckFunction: 30 days
      + mapping Readings → CheckFunction: batch 100, ReportBatchItemFailures, start TRIM_HORIZON, retries 3, failures to FailedRecords
    events-kinesis, Terraform: 7 of 7 the same
      + log of CheckFunction: 30 days
    events-s3, CDK: 6 of 7 the same
      - permission for IndexFunction: lambda:InvokeFunction by s3.amazonaws.com in this account
      + allow BucketNotificationsHandler050a0587b7544547bf325f094a3db834: AWSLambdaBasicExecutionRole
      + allow IndexFunction: sqs:GetQueueAttributes on FailedEvents
      + allow IndexFunction: sqs:GetQueueUrl on FailedEvents
      + another function, which sets the notifications of the bucket
      + log of IndexFunction: 30 days
      + permission for IndexFunction: lambda:InvokeFunction by s3.amazonaws.com from one source in this account
    events-s3, Terraform: 6 of 7 the same
      - permission for IndexFunction: lambda:InvokeFunction by s3.amazonaws.com in this account
      + log of IndexFunction: 30 days
      + permission for IndexFunction: lambda:InvokeFunction by s3.amazonaws.com from one source in this account
    events-schedule, CDK: 7 of 7 the same
      + allow ReportFunction: sqs:GetQueueAttributes on FailedEvents
      + allow ReportFunction: sqs:GetQueueUrl on FailedEvents
      + log of ReportFunction: 30 days
    events-schedule, Terraform: 7 of 7 the same
      + log of ReportFunction: 30 days
    events-sns, CDK: 8 of 8 the same
      + allow NotifyFunction: sqs:GetQueueAttributes on FailedEvents
      + allow NotifyFunction: sqs:GetQueueUrl on FailedEvents
      + log of NotifyFunction: 30 days
    events-sns, Terraform: 8 of 8 the same
      + log of NotifyFunction: 30 days
    events-sqs, CDK: 5 of 6 the same
      - allow ShipFunction: AWSLambdaSQSQueueExecutionRole
      + allow ShipFunction: sqs:ChangeMessageVisibility on OrderQueue
      + allow ShipFunction: sqs:DeleteMessage on OrderQueue
      + allow ShipFunction: sqs:GetQueueAttributes on OrderQueue
      + allow ShipFunction: sqs:GetQueueUrl on OrderQueue
      + allow ShipFunction: sqs:ReceiveMessage on OrderQueue
      + log of ShipFunction: 30 days
    events-sqs, Terraform: 6 of 6 the same
      + log of ShipFunction: 30 days
    function, CDK: 2 of 2 the same
      + log of UpperCaseFunction: 30 days
    function, Terraform: 2 of 2 the same
      + log of UpperCaseFunction: 30 days
    http-api, CDK: 6 of 6 the same
      + log of HelloFunction: 30 days
    http-api, Terraform: 6 of 6 the same
      + log of HelloFunction: 30 days
    http-api-all, CDK: 7 of 8 the same
      - allow HelloFunction: AWSXrayWriteOnlyAccess
      + allow HelloFunction: xray:PutTelemetryRecords on *
      + allow HelloFunction: xray:PutTraceSegments on *
      + log of HelloFunction: 30 days
    http-api-all, Terraform: 8 of 8 the same
      + log of HelloFunction: 30 days
    http-api-function-url, CDK: 5 of 5 the same
      + log of HelloFunction: 30 days
    http-api-function-url, Terraform: 5 of 5 the same
      + log of HelloFunction: 30 days
    http-api-image, CDK: 6 of 6 the same
      + log of HelloFunction: 30 days
    http-api-image, Terraform: 6 of 6 the same
      + a repository for the image
      + log of HelloFunction: 30 days
    http-api-rest, CDK: 6 of 6 the same
      + log of HelloFunction: 30 days
      + permission for HelloFunction: the console of API Gateway can test it
    http-api-rest, Terraform: 6 of 6 the same
      + log of HelloFunction: 30 days
    multi, CDK: 13 of 13 the same
      + log of FindItemFunction: 30 days
      + log of ListItemsFunction: 30 days
      + log of PlaceOrderFunction: 30 days
    multi, Terraform: 13 of 13 the same
      + log of FindItemFunction: 30 days
      + log of ListItemsFunction: 30 days
      + log of PlaceOrderFunction: 30 days
    multi-all-image, CDK: 14 of 17 the same
      - allow FindItemFunction: AWSXrayWriteOnlyAccess
      - allow ListItemsFunction: AWSXrayWriteOnlyAccess
      - allow PlaceOrderFunction: AWSXrayWriteOnlyAccess
      + allow FindItemFunction: xray:PutTelemetryRecords on *
      + allow FindItemFunction: xray:PutTraceSegments on *
      + allow ListItemsFunction: xray:PutTelemetryRecords on *
      + allow ListItemsFunction: xray:PutTraceSegments on *
      + allow PlaceOrderFunction: xray:PutTelemetryRecords on *
      + allow PlaceOrderFunction: xray:PutTraceSegments on *
      + log of FindItemFunction: 30 days
      + log of ListItemsFunction: 30 days
      + log of PlaceOrderFunction: 30 days
    multi-all-image, Terraform: 17 of 17 the same
      + a repository for the image
      + log of FindItemFunction: 30 days
      + log of ListItemsFunction: 30 days
      + log of PlaceOrderFunction: 30 days
    web, CDK: 5 of 5 the same
      + log of WebFunction: 30 days
    web, Terraform: 5 of 5 the same
      + log of WebFunction: 30 days
    ");
    assert_eq!((run.code, &*run.stderr), (Some(0), ""));
}

/// The commands of the README, up to the deployment.
#[test]
#[ignore = "needs AWS CDK: `.ci/run templates`"]
fn cdk_synthesizes_a_packaged_project() {
    let project = project(&["--infrastructure", "cdk"]);
    let infrastructure = project.path().join("infrastructure");
    symlink(tools().join("node_modules"), infrastructure.join("node_modules")).unwrap();
    {
        let _alone = lock_target();
        let mut package = Scaffold::new(["package", "--native"]).current_dir(&project.path());
        share_target(package.command());
        let _ = package.run().success();
        let zip = Path::new("lambda/hello/bootstrap.zip");
        let expected = project.path().join("target").join(zip);
        fs::create_dir_all(expected.parent().unwrap()).unwrap();
        fs::copy(target_folder().join(zip), expected).unwrap();
    }
    for arguments in [&["run", "check"][..], &["run", "synth", "--", "--no-notices"]] {
        let mut npm = program("npm");
        npm.args(arguments).current_dir(&infrastructure).env("CDK_DISABLE_CLI_TELEMETRY", "true");
        let run = Run::from(npm.output().unwrap());
        assert_eq!(run.code, Some(0), "{arguments:?}: {run:?}");
    }
    assert!(infrastructure.join("cdk.out/hello.template.json").is_file());
}
