//! An authorizer of the code: `scaffold sync` writes it, and `scaffold dev` asks it.

use std::fs;
use std::path::Path;

use lambda_native_tests::assert_run;
use lambda_native_tests::command::{Scaffold, workspace};
use lambda_native_tests::dev::Dev;
use lambda_native_tests::project::{lock_target, share_target};

const TEMPLATE: &str = "\
Transform: AWS::Serverless-2016-10-31
Resources:
  Users:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: bootstrap
      Runtime: provided.al2023
      Events:
        Open: {Type: $TYPE, Properties: {Path: /open, Method: GET}}
";

/// A project with the function of the runtime's tests.
fn project(event: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let runtime = workspace().join("runtime");
    let manifest = format!(
        "[package]\nname = \"users\"\nedition = \"2024\"\n\n[[bin]]\nname = \"bootstrap\"\n\
         path = \"src/main.rs\"\n\n[dependencies]\nlambda-native = {{ path = '{}' }}\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n\n[workspace]\n",
        runtime.display()
    );
    fs::write(path("Cargo.toml"), manifest).unwrap();
    fs::write(path("template.yaml"), TEMPLATE.replace("$TYPE", event)).unwrap();
    fs::create_dir(path("src")).unwrap();
    fs::copy(workspace().join("tests/functions/authorizer.rs"), path("src/main.rs")).unwrap();
    folder
}

fn scaffold(folder: &Path, arguments: &[&str]) -> Scaffold {
    let mut scaffold = Scaffold::new(arguments).current_dir(folder);
    share_target(scaffold.command()).env("CARGO_TERM_QUIET", "true");
    scaffold
}

/// What `scaffold dev` answers to several requests, one on each line.
fn answers(folder: &Path) -> String {
    let dev = Dev::start(scaffold(folder, &["dev", "--port", "0"]));
    dev.wait_for("\nready in ");
    let answer = |call: &str, token: &[(&str, &str)]| {
        let response = dev.request(call, token, b"");
        let (status, body) = response.pair();
        format!("{call} {token:?}: {status} {body}\n")
    };
    let (ada, eve, nobody) = ([("x-token", "ada")], [("x-token", "eve")], [("x-token", "x")]);
    [
        answer("GET /open", &[]),
        answer("GET /me", &ada),
        answer("GET /me", &eve),
        answer("GET /me", &nobody),
        answer("GET /me", &[]),
        answer("DELETE /orders/7", &ada),
        answer("DELETE /orders/7", &[]),
    ]
    .concat()
}

#[test]
fn an_authorizer_decides_about_requests_before_their_handlers() {
    let _alone = lock_target();
    let project = project("HttpApi");
    assert_run!(scaffold(project.path(), &["sync"]).run(), @r"
    exit code: 1
    ----- stderr -----
    error: the template lacks the authorizer `Check` of the HTTP API and function `CheckFunction` with `Handler: check`, and nothing was changed
    hint: pass `--create-authorizer` to add them
    ");
    // The template does not have the authorizer yet, and nobody gets in.
    insta::assert_snapshot!(answers(project.path()), @r#"
    GET /open []: 200 None
    GET /me [("x-token", "ada")]: 401 {"title":"Unauthorized","status":401,"detail":"the request has not passed an authorizer"}
    GET /me [("x-token", "eve")]: 401 {"title":"Unauthorized","status":401,"detail":"the request has not passed an authorizer"}
    GET /me [("x-token", "x")]: 401 {"title":"Unauthorized","status":401,"detail":"the request has not passed an authorizer"}
    GET /me []: 401 {"title":"Unauthorized","status":401,"detail":"the request has not passed an authorizer"}
    DELETE /orders/7 [("x-token", "ada")]: 401 {"title":"Unauthorized","status":401,"detail":"the request has not passed an authorizer"}
    DELETE /orders/7 []: 401 {"title":"Unauthorized","status":401,"detail":"the request has not passed an authorizer"}
    "#);

    assert_run!(scaffold(project.path(), &["sync", "--create-authorizer"]).run(), @r"
    exit code: 0
    ----- stderr -----
    added `GET /me`, event `Me` of `Users`
    added `DELETE /orders/{id}`, event `DeleteOrder` of `Users`
    added function `CheckFunction` with `Handler: check`
    added authorizer `Check` of the HTTP API
    added authorizer `Check` of `Me` of `Users`
    added authorizer `Check` of `DeleteOrder` of `Users`

    next:
      scaffold dev
      scaffold deploy
    ");
    let template = fs::read_to_string(project.path().join("template.yaml")).unwrap();
    insta::assert_snapshot!(template, @r"
    Transform: AWS::Serverless-2016-10-31
    Resources:
      Users:
        Type: AWS::Serverless::Function
        Properties:
          CodeUri: .
          Handler: bootstrap
          Runtime: provided.al2023
          Events:
            Open: {Type: HttpApi, Properties: {Path: /open, Method: GET}}
            Me:
              Type: HttpApi
              Properties:
                Path: /me
                Method: GET
                Auth:
                  Authorizer: Check
            DeleteOrder:
              Type: HttpApi
              Properties:
                Path: /orders/{id}
                Method: DELETE
                Auth:
                  Authorizer: Check
        Metadata:
          ScaffoldEvents:
            Me: GET /me
            DeleteOrder: DELETE /orders/{id}
          ScaffoldAuthorizers:
            Me: Check
            DeleteOrder: Check
      CheckFunction:
        Type: AWS::Serverless::Function
        Properties:
          CodeUri: .
          Handler: check
          Runtime: provided.al2023
    Globals:
      HttpApi:
        Auth:
          Authorizers:
            Check:
              FunctionArn: !GetAtt CheckFunction.Arn
              AuthorizerPayloadFormatVersion: '2.0'
              EnableSimpleResponses: true
              EnableFunctionDefaultPermissions: true
              Identity:
                Headers: [x-token]
    ");
    assert_run!(scaffold(project.path(), &["sync", "--check"]).run(), @r"
    exit code: 0
    ----- stderr -----
    ok: `template.yaml` is in step with the code
    ");
    insta::assert_snapshot!(answers(project.path()), @r#"
    GET /open []: 200 None
    GET /me [("x-token", "ada")]: 200 {"name":"Ada \"Lovelace\"","level":7,"is_admin":true,"team":null}
    GET /me [("x-token", "eve")]: 403 {"message":"Forbidden"}
    GET /me [("x-token", "x")]: 403 {"message":"Forbidden"}
    GET /me []: 401 {"message":"Unauthorized"}
    DELETE /orders/7 [("x-token", "ada")]: 200 deleted 7
    DELETE /orders/7 []: 401 {"message":"Unauthorized"}
    "#);
}

#[test]
fn an_authorizer_of_a_rest_api_gets_all_of_a_request() {
    let _alone = lock_target();
    let project = project("Api");
    assert_run!(scaffold(project.path(), &["sync", "--create-authorizer"]).run(), @r"
    exit code: 0
    ----- stderr -----
    added `GET /me`, event `Me` of `Users`
    added `DELETE /orders/{id}`, event `DeleteOrder` of `Users`
    added function `CheckFunction` with `Handler: check`
    added authorizer `Check` of the REST API
    added authorizer `Check` of `Me` of `Users`
    added authorizer `Check` of `DeleteOrder` of `Users`

    next:
      scaffold dev
      scaffold deploy
    ");
    insta::assert_snapshot!(answers(project.path()), @r#"
    GET /open []: 200 None
    GET /me [("x-token", "ada")]: 200 {"name":"Ada \"Lovelace\"","level":7,"is_admin":true,"team":null}
    GET /me [("x-token", "eve")]: 403 {"message": "User is not authorized to access this resource with an explicit deny"}
    GET /me [("x-token", "x")]: 401 {"message": "Unauthorized"}
    GET /me []: 401 {"message": "Unauthorized"}
    DELETE /orders/7 [("x-token", "ada")]: 200 deleted 7
    DELETE /orders/7 []: 401 {"message": "Unauthorized"}
    "#);
}
