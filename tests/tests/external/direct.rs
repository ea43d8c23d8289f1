//! `scaffold deploy --direct` and `scaffold delete` with moto, a local server of AWS's APIs.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use lambda_native_tests::assert_run;
use lambda_native_tests::aws::Cloud;
use lambda_native_tests::command::Run;
use lambda_native_tests::elf::Elf;
use serde_json::Value;
use tempfile::TempDir;

/// An account, and a folder with an executable.
struct Account {
    folder: TempDir,
    cloud: Cloud,
}

impl Account {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cloud = Cloud::start(folder.path());
        let account = Self { folder, cloud };
        account.compile(&[]);
        account
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes an executable that ends with these bytes.
    fn compile(&self, end: &[u8]) {
        let path = self.path().join("bootstrap");
        fs::write(&path, [Elf::without_libraries().bytes(), end.to_vec()].concat()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn scaffold(&self, arguments: &[&str]) -> Run {
        let run = self.cloud.run("scaffold", arguments, "");
        let run = run.replace("https://[0-9a-f]{32}.lambda-url", "https://[ID].lambda-url");
        run.replace("(https://|http-api-|API )[0-9a-z]{8,10}", "$1[ID]")
    }

    fn deploy(&self, arguments: &[&str]) -> Run {
        self.scaffold(&[&["deploy", "--direct", "--binary", "bootstrap"], arguments].concat())
    }

    /// The statements of the policy of the function: ids, actions and conditions.
    fn policy(&self, qualifier: &[&str]) -> Vec<Value> {
        let get = ["lambda", "get-policy", "--function-name", "hello"];
        let policy = self.cloud.aws(&[&get, qualifier].concat());
        let policy: Value = serde_json::from_str(policy["Policy"].as_str().unwrap()).unwrap();
        policy["Statement"].as_array().unwrap().clone()
    }
}

#[test]
#[ignore = "needs the AWS CLI and moto"]
fn a_function_with_a_url_is_created_updated_and_deleted() {
    let account = Account::new();
    let flags = ["hello", "--url", "--env", "STAGE=dev"];
    assert_run!(account.deploy(&[&flags[..], &["--dry-run"]].concat()), @"
    exit code: 0
    ----- stderr -----
    plan for `hello` in eu-central-1:
      create    role lambda-native-hello-eu-central-1: attach `service-role/AWSLambdaBasicExecutionRole`
      create    log group /aws/lambda/hello
      create    function hello: zip; x86_64; 128 MB; 3 s
      create    function URL: anybody can call it
    ");
    assert_run!(account.deploy(&flags), @"
    exit code: 0
    ----- stdout -----
    https://[ID].lambda-url.eu-central-1.on.aws
    ----- stderr -----
    plan for `hello` in eu-central-1:
      create    role lambda-native-hello-eu-central-1: attach `service-role/AWSLambdaBasicExecutionRole`
      create    log group /aws/lambda/hello
      create    function hello: zip; x86_64; 128 MB; 3 s
      create    function URL: anybody can call it
    creating the role `lambda-native-hello-eu-central-1`
    creating the function `hello`
    waiting until `hello` is active
    creating the function URL
    adding `FunctionURLAllowPublicAccess` in the policy of the function
    adding `FunctionURLAllowInvokeAction` in the policy of the function

    next:
      scaffold invoke --remote hello
      scaffold logs hello
      scaffold delete hello
    ");
    let policy = account.policy(&[]);
    let actions: Vec<_> = policy.iter().map(|it| it["Action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]);

    // Nothing is uploaded, and nothing changes.
    assert_run!(account.deploy(&flags), @"
    exit code: 0
    ----- stdout -----
    https://[ID].lambda-url.eu-central-1.on.aws
    ----- stderr -----
    ok: `hello` is up to date

    next:
      scaffold invoke --remote hello
      scaffold logs hello
      scaffold delete hello
    ");

    account.compile(b"changed");
    assert_run!(account.deploy(&["hello"]), @"
    exit code: 0
    ----- stdout -----
    https://[ID].lambda-url.eu-central-1.on.aws
    ----- stderr -----
    plan for `hello` in eu-central-1:
      update    function hello: code
    uploading the code of `hello`

    next:
      scaffold invoke --remote hello
      scaffold logs hello
      scaffold delete hello
    ");
    let flags =
        ["hello", "--memory", "256", "--timeout", "10", "--tracing", "on", "--env", "STAGE=prod"];
    assert_run!(account.deploy(&[&flags[..], &["--log-format", "json", "--url=iam"]].concat()), @"
    exit code: 0
    ----- stdout -----
    https://[ID].lambda-url.eu-central-1.on.aws
    ----- stderr -----
    plan for `hello` in eu-central-1:
      update    role lambda-native-hello-eu-central-1: attach `AWSXRayDaemonWriteAccess`
      update    function hello: variables: change `STAGE`; LogFormat `Text` → `JSON`; memory 128 MB → 256 MB; timeout 3 s → 10 s; tracing `PassThrough` → `Active`
      update    function URL: authorization NONE → AWS_IAM; remove the statement `FunctionURLAllowPublicAccess`; remove the statement `FunctionURLAllowInvokeAction`
    updating the configuration of `hello`
    updating the function URL

    next:
      scaffold invoke --remote hello
      scaffold logs hello
      scaffold delete hello
    ");
    let function = account.cloud.aws(&["lambda", "get-function", "--function-name", "hello"]);
    let configuration = &function["Configuration"];
    assert_eq!(configuration["MemorySize"], 256);
    assert_eq!(configuration["Environment"]["Variables"]["STAGE"], "prod");

    deletes_everything(&account);
}

/// Deletes the function of the test above.
fn deletes_everything(account: &Account) {
    assert_run!(account.scaffold(&["delete", "hello", "--dry-run"]), @"
    exit code: 0
    ----- stderr -----
    to delete in eu-central-1:
      delete    function URL https://[ID].lambda-url.eu-central-1.on.aws
      delete    function hello
      delete    log group /aws/lambda/hello
      delete    role lambda-native-hello-eu-central-1
    ");
    assert_run!(account.scaffold(&["delete", "hello", "--yes"]), @"
    exit code: 0
    ----- stderr -----
    to delete in eu-central-1:
      delete    function URL https://[ID].lambda-url.eu-central-1.on.aws
      delete    function hello
      delete    log group /aws/lambda/hello
      delete    role lambda-native-hello-eu-central-1
    deleting the function `hello`
    deleting the log group `/aws/lambda/hello`
    deleting the role `lambda-native-hello-eu-central-1`
    deleted hello
    ");
    assert_run!(account.scaffold(&["delete", "hello", "--yes"]), @"
    exit code: 1
    ----- stderr -----
    error: no function `hello` in eu-central-1
    hint: set `AWS_REGION` and `AWS_PROFILE` to where it is
    ");
    let roles = account.cloud.aws(&["iam", "list-roles"]);
    assert_eq!(roles["Roles"].as_array().unwrap().len(), 0);
}

const TEMPLATE: &str = "\
Transform: AWS::Serverless-2016-10-31
Resources:
  HelloFunction:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: hello
      Architectures: [x86_64]
      MemorySize: 256
      Events:
        Greet: {Type: HttpApi, Properties: {Method: GET, Path: /hello}}
        Name: {Type: HttpApi, Properties: {Method: GET, Path: '/hello/{name}'}}
";

#[test]
#[ignore = "needs the AWS CLI and moto"]
fn an_http_api_leads_to_an_alias() {
    let account = Account::new();
    let template = account.path().join("template.yaml");
    fs::write(&template, TEMPLATE).unwrap();
    fs::write(account.path().join("Cargo.toml"), "[workspace]\n").unwrap();
    assert_run!(account.deploy(&["--alias", "live"]), @"
    exit code: 0
    ----- stdout -----
    https://[ID].execute-api.eu-central-1.amazonaws.com
    ----- stderr -----
    plan for `hello` in eu-central-1:
      create    role lambda-native-hello-eu-central-1: attach `service-role/AWSLambdaBasicExecutionRole`
      create    log group /aws/lambda/hello
      create    function hello: zip; x86_64; 256 MB; 3 s
      create    alias live
      create    HTTP API: `GET /hello`; `GET /hello/{name}`
    creating the role `lambda-native-hello-eu-central-1`
    creating the function `hello`
    waiting until `hello` is active
    publishing a version of `hello`
    waiting until version 1 is active
    creating the alias `live` to version 1
    creating the HTTP API
    creating the route `GET /hello`
    creating the route `GET /hello/{name}`
    creating the stage `$default`

    next:
      scaffold invoke --remote hello
      scaffold logs hello
      scaffold delete hello
    ");
    let statements = account.policy(&["--qualifier", "live"]);
    assert_eq!(statements.len(), 1);
    assert_run!(account.deploy(&["--alias", "live"]), @"
    exit code: 0
    ----- stdout -----
    https://[ID].execute-api.eu-central-1.amazonaws.com
    ----- stderr -----
    ok: `hello` is up to date

    next:
      scaffold invoke --remote hello
      scaffold logs hello
      scaffold delete hello
    ");

    fs::write(&template, TEMPLATE.replace("'/hello/{name}'", "/bye")).unwrap();
    account.compile(b"changed");
    assert_run!(account.deploy(&["--alias", "live"]), @"
    exit code: 0
    ----- stdout -----
    https://[ID].execute-api.eu-central-1.amazonaws.com
    ----- stderr -----
    plan for `hello` in eu-central-1:
      update    function hello: code
      update    alias live: version 1 → a new version
      update    HTTP API: add `GET /bye`; remove `GET /hello/{name}`
    uploading the code of `hello`
    publishing a version of `hello`
    waiting until version 2 is active
    moving the alias `live` to version 2
    creating the route `GET /bye`
    deleting the route `GET /hello/{name}`

    next:
      scaffold invoke --remote hello
      scaffold logs hello
      scaffold delete hello
    ");
    // The template has no API any more.
    fs::write(&template, TEMPLATE.split("      Events").next().unwrap()).unwrap();
    assert_run!(account.deploy(&["--alias", "live"]), @"
    exit code: 0
    ----- stderr -----
    plan for `hello` in eu-central-1:
      unchanged function hello
      unchanged alias live
      delete    HTTP API
    deleting the HTTP API [ID]

    next:
      scaffold invoke --remote hello
      scaffold logs hello
      scaffold delete hello
    ");
}
