//! A generated project with a container engine, SAM, and a local server of AWS's APIs.

use std::fs;

use lambda_native_tests::aws::{self, BUCKET, Cloud, Registry};
use lambda_native_tests::command::{Run, Scaffold};
use lambda_native_tests::project::Project;
use lambda_native_tests::server::{Server, free_address, get};
use serde_json::{Value, json};

fn sam(project: &Project, arguments: &[&str]) -> Run {
    let mut sam = aws::command(&project.path(), "sam", arguments);
    Run::from(sam.output().expect("SAM starts"))
}

/// Asserts on `sam local invoke` with the sample event, and on requests to `sam local start-api`.
fn assert_answers(project: &Project) {
    let invoke = ["local", "invoke", "-e", "events/event.json", "--skip-pull-image"];
    let answer = sam(project, &invoke).success();
    let answer: Value = serde_json::from_str(answer.trim()).unwrap();
    let body = json!({ "message": "hello Ada", "source_ip": "203.0.113.17" });
    assert_eq!((&answer["statusCode"], &answer["body"]), (&json!(200), &json!(body.to_string())));

    let address = free_address();
    let port = address.port().to_string();
    let arguments = ["local", "start-api", "--skip-pull-image", "--port", &port];
    let _api = Server::start(aws::command(&project.path(), "sam", &arguments), address);
    let greeting = |name: &str| {
        let body = json!({ "message": format!("hello {name}"), "source_ip": "127.0.0.1" });
        (200, body.to_string())
    };
    assert_eq!(get(address, "/hello/Ada"), greeting("Ada"));
    assert_eq!(get(address, "/hello/Grace%20Hopper"), greeting("Grace Hopper"));
}

#[test]
#[ignore = "needs a container engine and SAM: `.ci/run sam`"]
fn sam_builds_runs_and_deploys_a_zip_function() {
    let project = Project::new(&[]);
    let _ = sam(&project, &["build"]).success();
    let inspect = Scaffold::new(["inspect", ".aws-sam/build/HelloFunction"]);
    let _ = inspect.current_dir(&project.path()).run().success();
    assert_answers(&project);

    // `scaffold` builds with the same `Dockerfile`.
    let package = ["package", "--container", "--output", "function.zip", "--", "--network=host"];
    let run = Scaffold::new(package).current_dir(&project.path()).run();
    assert_eq!(run.code, Some(0), "{run:?}");

    let cloud = Cloud::start(&project.path());
    let zip = project.path().join("function.zip");
    assert_eq!(cloud.create_function(&zip)["CodeSize"], json!(fs::metadata(zip).unwrap().len()));

    let arguments = ["package", "--output-template-file", "packaged.yaml"];
    let _ = cloud.run("sam", &arguments, "").success();
    let packaged = fs::read_to_string(project.path().join("packaged.yaml")).unwrap();
    assert!(packaged.contains(&format!("CodeUri: s3://{BUCKET}/")), "{packaged}");
    let _ = cloud.run("sam", &["deploy"], "y\n").success();
    let deploy = ["deploy", "--", "--no-confirm-changeset", "--stack-name=other"];
    let run = cloud.run("scaffold", &deploy, "");
    assert!(run.stdout.contains("Successfully created/updated stack - other in "), "{run:?}");
    assert!(
        run.stderr.contains("\n  handler           hello() -> Json<Greeting>, http\n"),
        "{run:?}"
    );

    // moto does not make resources of SAM's types, and fails on outputs that need them.
    let run = cloud.run("sam", &["sync", "--no-watch", "--stack-name=synced"], "y\n");
    assert!(run.stdout.contains("Successfully packaged artifacts"), "{run:?}");
    assert!(run.stdout.contains("Initiating deployment"), "{run:?}");
}

#[test]
#[ignore = "needs a container engine and SAM: `.ci/run sam`"]
fn sam_builds_runs_and_deploys_an_image_function() {
    let project = Project::new(&["--package-type=image"]);
    let _ = sam(&project, &["build"]).success();
    assert_answers(&project);

    // Everything but the upload works as typed: that goes to a registry with a name of AWS.
    let cloud = Cloud::start(&project.path());
    let run = cloud.run("sam", &["deploy"], "y\n");
    let registry = ".dkr.ecr.eu-central-1.amazonaws.com/";
    assert!(run.stderr.contains(registry), "{run:?}");

    // SAM accepts a registry on this machine, but still asks AWS for the password.
    let registry = Registry::start();
    let repository = format!("--image-repository={}/hello", registry.name());
    let elsewhere = ["--config-env=here", "--resolve-s3", &repository];
    let run = |program: &str, arguments: &[&str]| {
        let arguments = [arguments, &elsewhere].concat();
        cloud.run_with(program, &arguments, "", registry.environment())
    };
    let _ = run("sam", &["package", "--output-template-file=packaged.yaml"]).success();
    let packaged = fs::read_to_string(project.path().join("packaged.yaml")).unwrap();
    let image = format!("ImageUri: {}/hello:hellofunction-", registry.name());
    assert!(packaged.contains(&image), "{packaged}");
    let (status, tags) = get(registry.address, "/v2/hello/tags/list");
    assert!(status == 200 && tags.contains(r#""tags":["hellofunction-"#), "{tags}");

    let deploy = ["deploy", "--", "--no-confirm-changeset", "--stack-name=hello"];
    let run = run("scaffold", &[&deploy[..], &["--capabilities=CAPABILITY_IAM"]].concat());
    assert!(run.stdout.contains("Successfully created/updated stack - hello in "), "{run:?}");
    assert!(run.stderr.contains("hellofunction:latest: container image\n"), "{run:?}");
}
