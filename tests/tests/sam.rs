//! A generated project through AWS's own tools: a container engine, SAM, and a local AWS. `.ci/run sam`
//! installs them.

#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what a test does not expect ends it"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use lambda_native_tests::command::{Run, Scaffold};
use lambda_native_tests::project::Project;
use lambda_native_tests::server::{Server, free_address, get};
use serde_json::{Value, json};

const BUCKET: &str = "hello-deployments";

/// A program in the project, for a region and with credentials that are good for nothing.
fn command(project: &Project, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(project.path())
        .envs([("SAM_CLI_TELEMETRY", "0"), ("AWS_DEFAULT_REGION", "eu-central-1")])
        .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")]);
    command
}

fn sam(project: &Project, arguments: &[&str]) -> Run {
    Run::from(command(project, "sam", arguments).output().expect("SAM starts"))
}

/// The sample event through `sam local invoke`, and requests through `sam local start-api`.
fn assert_answers(project: &Project) {
    let invoke = ["local", "invoke", "-e", "events/event.json", "--skip-pull-image"];
    let answer = sam(project, &invoke).success();
    let answer: Value = serde_json::from_str(answer.trim()).unwrap();
    let body = json!({ "message": "hello Ada", "source_ip": "203.0.113.17" });
    assert_eq!((&answer["statusCode"], &answer["body"]), (&json!(200), &json!(body.to_string())));

    let address = free_address();
    let port = address.port().to_string();
    let arguments = ["local", "start-api", "--skip-pull-image", "--port", &port];
    let _api = Server::start(command(project, "sam", &arguments), address);
    let greeting = |name: &str| {
        let body = json!({ "message": format!("hello {name}"), "source_ip": "127.0.0.1" });
        (200, body.to_string())
    };
    assert_eq!(get(address, "/hello/Ada"), greeting("Ada"));
    assert_eq!(get(address, "/hello?name=Grace%20Hopper"), greeting("Grace Hopper"));
}

#[test]
#[ignore = "needs a container engine and SAM: `.ci/run sam`"]
fn a_zip_function() {
    let project = Project::new(&[]);
    let _ = sam(&project, &["validate", "--lint"]).success();
    let _ = sam(&project, &["build"]).success();
    let inspect = Scaffold::new(["inspect", ".aws-sam/build/HelloFunction"]);
    let _ = inspect.current_dir(&project.path()).run().success();
    assert_answers(&project);

    // The same Dockerfile, by `scaffold`.
    let build = ["package", "--container", "--output", "function.zip", "--", "--network=host"];
    let run = Scaffold::new(build).current_dir(&project.path()).run();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_is_deployed(&project, &project.path().join("function.zip"));
}

#[test]
#[ignore = "needs a container engine and SAM: `.ci/run sam`"]
fn an_image_function() {
    let chosen = ["--tracing=yes", "--json-logs=yes", "--application-insights=yes"];
    let project = Project::new(&[&["--package-type=image"], &chosen[..]].concat());
    let _ = sam(&project, &["validate", "--lint"]).success();
    let _ = sam(&project, &["build"]).success();
    assert_answers(&project);
}

/// Up to where AWS would do its work, which a local stand-in does in part.
fn assert_is_deployed(project: &Project, zip: &Path) {
    let address = free_address();
    let port = address.port().to_string();
    let mut moto = command(project, "moto_server", &["--port", &port]);
    moto.stdout(Stdio::null()).stderr(Stdio::null());
    let _moto = Server::start(moto, address);
    let endpoint = format!("http://{address}");
    let with_endpoint = |program: &str, arguments: &[&str]| {
        let mut command = command(project, program, arguments);
        Run::from(command.env("AWS_ENDPOINT_URL", &endpoint).output().unwrap())
    };

    // What SAM makes on its first deployment; the stand-in leaves the tags out that SAM looks for.
    let managed = json!({
        "Resources": { "Bucket": {
            "Type": "AWS::S3::Bucket", "Properties": { "BucketName": BUCKET },
        } },
        "Outputs": { "SourceBucket": { "Value": { "Ref": "Bucket" } } },
    });
    let _ = with_endpoint(
        "aws",
        &[
            "cloudformation",
            "create-stack",
            "--stack-name",
            "aws-sam-cli-managed-default",
            "--tags",
            "Key=ManagedStackSource,Value=AwsSamCli",
            "--template-body",
            &managed.to_string(),
        ],
    )
    .success();
    let arguments = ["package", "--output-template-file", "packaged.yaml"];
    let _ = with_endpoint("sam", &arguments).success();
    let packaged = fs::read_to_string(project.path().join("packaged.yaml")).unwrap();
    assert!(packaged.contains(&format!("CodeUri: s3://{BUCKET}/")), "{packaged}");

    // The stand-in does not find the template that SAM has uploaded to it.
    let deploy = with_endpoint("sam", &["deploy", "--no-confirm-changeset"]);
    assert!(deploy.stdout.contains("Initiating deployment"), "{deploy:?}");
    assert!(deploy.stderr.contains("calling the CreateChangeSet operation"), "{deploy:?}");

    let role =
        ["iam", "create-role", "--role-name", "hello", "--assume-role-policy-document", "{}"];
    let role: Value = serde_json::from_str(&with_endpoint("aws", &role).success()).unwrap();
    let file = format!("fileb://{}", zip.display());
    let created = with_endpoint(
        "aws",
        &[
            "lambda",
            "create-function",
            "--function-name",
            "hello",
            "--runtime",
            "provided.al2023",
            "--handler",
            "bootstrap",
            "--role",
            role["Role"]["Arn"].as_str().unwrap(),
            "--zip-file",
            &file,
        ],
    );
    let created: Value = serde_json::from_str(&created.success()).unwrap();
    assert_eq!(created["CodeSize"], json!(fs::metadata(zip).unwrap().len()));
}
