//! The documents of `scaffold openapi`, as others understand them: openapi-spec-validator validates them, and
//! schemathesis compares them with the responses of `scaffold dev`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use lambda_native_tests::command::{Run, Scaffold, program, workspace};
use lambda_native_tests::dev::{Dev, Response};
use lambda_native_tests::project::{lock_target, share_target};
use tempfile::TempDir;

/// A function URL passes requests of all methods on, as no other endpoint does.
const TEMPLATE: &str = "
Transform: AWS::Serverless-2016-10-31
Resources:
  Main:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: bootstrap
      Runtime: provided.al2023
      FunctionUrlConfig: {AuthType: NONE}
";

/// A project whose program is an example of `lambda-native`.
struct Example(TempDir);

impl Example {
    fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = workspace().join("runtime");
        let source = fs::read_to_string(runtime.join(format!("examples/{name}.rs"))).unwrap();
        let runtime = runtime.to_str().unwrap();
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\
             [[bin]]\nname = \"bootstrap\"\npath = \"main.rs\"\n\
             [dependencies]\nlambda-native = {{ path = {runtime:?} }}\n\
             schemars = {{ version = \"1\", optional = true }}\n\
             serde = {{ version = \"1\", features = [\"derive\"] }}\n\
             time = {{ version = \"0.3\", features = [\"formatting\"] }}\n\
             [features]\nopenapi = [\"dep:schemars\", \"lambda-native/openapi\"]\n\
             [workspace]\n"
        );
        for (file, contents) in
            [("main.rs", &*source), ("Cargo.toml", &manifest), ("template.yaml", TEMPLATE)]
        {
            fs::write(folder.path().join(file), contents).unwrap();
        }
        Self(folder)
    }

    fn scaffold(&self, arguments: &[&str]) -> Scaffold {
        let mut scaffold = Scaffold::new(arguments).current_dir(self.0.path());
        share_target(scaffold.command()).env("CARGO_TERM_QUIET", "true");
        scaffold
    }

    /// Writes the document and validates it.
    fn document(&self) {
        let run = self.scaffold(&["openapi", "--output", "openapi.json"]).run();
        assert_eq!(run.stderr, "wrote openapi.json\n");
        let mut validator = tool("openapi-spec-validator");
        let validated = validator.arg("openapi.json").current_dir(self.0.path());
        assert_eq!(Run::from(validated.output().unwrap()).success(), "openapi.json: OK\n");
    }

    /// Serves the example. All requests go to one instance, which has the state.
    fn serve(&self) -> Dev {
        let dev = Dev::start(self.scaffold(&["dev", "--port", "0", "--concurrency", "1"]));
        dev.wait_for("\nready in ");
        dev
    }

    /// Compares the responses with the document.
    fn compare(&self, dev: &Dev, arguments: &[&str]) {
        let mut schemathesis = tool("schemathesis");
        let run = schemathesis
            .args(["run", "openapi.json", "--url", &format!("http://{}", dev.address)])
            .args(["--seed", "1", "--max-examples", "15", "--no-shrink", "--continue-on-failure"])
            .args(["--phases", "coverage,fuzzing,stateful"])
            .args(arguments)
            .current_dir(self.0.path());
        let run = Run::from(run.output().unwrap());
        assert_eq!(run.code, Some(0), "{}\n{}\n{}", run.stdout, run.stderr, dev.log());
        println!("{}", run.stdout);
    }
}

fn tool(name: &str) -> Command {
    let tools =
        std::env::var_os("OPENAPI_TOOLS").expect("OPENAPI_TOOLS is the folder of the tools");
    program(PathBuf::from(tools).join(name))
}

/// In these paths, a placeholder could be in place of the last part: a request with another method is for that
/// route, as by API Gateway ("Create routes for HTTP APIs in API Gateway" in AWS's documentation).
/// schemathesis expects a `405`.
const OVERLAPPING: [&str; 6] = [
    "/pet/findByStatus",
    "/pet/findByTags",
    "/user/login",
    "/user/logout",
    "/user/createWithList",
    "/api/articles/feed",
];

/// Compares all operations: with all checks, apart from those paths.
fn compare_all(example: &Example, dev: &Dev, paths: &[&str], arguments: &[&str]) {
    let with = |flag: &'static str| paths.iter().flat_map(move |path| [flag, *path]);
    let most: Vec<&str> = ["--checks", "all"].into_iter().chain(with("--exclude-path")).collect();
    example.compare(dev, &[&most, arguments].concat());
    // An empty list as a body is sent as no body.
    let unchecked = "unsupported_method,allow_header_conformance,positive_data_acceptance";
    let others: Vec<&str> = ["--checks", "all", "--exclude-checks", unchecked]
        .into_iter()
        .chain(with("--include-path"))
        .collect();
    example.compare(dev, &[&others, arguments].concat());
}

#[test]
#[ignore = "needs openapi-spec-validator and schemathesis: `.ci/run openapi`"]
fn the_petstore_responds_as_its_document_says() {
    let _alone = lock_target();
    let petstore = Example::new("petstore");
    petstore.document();
    let [pets @ .., _] = &OVERLAPPING;
    compare_all(&petstore, &petstore.serve(), pets, &[]);
}

#[test]
#[ignore = "needs openapi-spec-validator and schemathesis: `.ci/run openapi`"]
fn realworld_responds_as_its_document_says() {
    let _alone = lock_target();
    let realworld = Example::new("realworld");
    realworld.document();
    // RealWorld asks for this status if a name is taken.
    let settings = "[checks.positive_data_acceptance]\n\
                    expected-statuses = [\"2xx\", 401, 403, 404, 422]\n";
    fs::write(realworld.0.path().join("schemathesis.toml"), settings).unwrap();
    let dev = realworld.serve();
    let user = r#"{"user":{"username":"ada","email":"ada@example.com","password":"secret"}}"#;
    let registered: Response =
        dev.request("POST /api/users", &[("Content-Type", "application/json")], user.as_bytes());
    assert_eq!(registered.pair().0, 201);
    let [.., feed] = &OVERLAPPING;
    let authorization = ["--header", "authorization: Token conduit.ada"];
    compare_all(&realworld, &dev, &[feed], &authorization);
}
