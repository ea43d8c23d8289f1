//! `scaffold sync`: the template of a project whose executable records routes.

use std::fs;
use std::num::NonZero;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use lambda_native_tests::assert_run;
use lambda_native_tests::command::{Run, Scaffold};
use lambda_native_tests::elf::{record_of_routes, record_of_source};
use lambda_native_tests::terminal::{ENTER, Terminal};
use serde_json::Value;
use tempfile::TempDir;

const COLUMNS: NonZero<u16> = NonZero::new(200).unwrap();

const TEMPLATE: &str = "\
Transform: AWS::Serverless-2016-10-31

Resources:
  # All orders.
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: bootstrap   # every route
      Runtime: provided.al2023
      Policies: [!Sub 'arn:aws:iam::aws:policy/${Name}', !GetAtt Policy.Arn]
      Events:
        List:
          Type: HttpApi
          Properties: {Path: /orders, Method: GET}
";

/// A project without dependencies. Its program records routes and does nothing.
struct Project {
    folder: TempDir,
}

impl Project {
    fn new(template: &str, handlers: &[(&str, &[&str])]) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        project.write(
            "Cargo.toml",
            "[package]\nname = \"orders\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
             [[bin]]\nname = \"bootstrap\"\npath = \"main.rs\"\n[workspace]\n",
        );
        project.write("template.yaml", template);
        project.record(handlers);
        project
    }

    /// Writes a program with these handlers and their routes.
    fn record(&self, handlers: &[(&str, &[&str])]) {
        let records = handlers.iter().flat_map(|(name, routes)| record_of_routes(name, routes));
        self.write_records(&records.collect::<Vec<_>>());
    }

    /// Writes a program with these records.
    fn write_records(&self, records: &[u8]) {
        self.write(
            "main.rs",
            &format!(
                "fn main() {{ std::hint::black_box(RECORDS); }}\n\
                 static RECORDS: &[u8] = &{records:?};\n"
            ),
        );
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn template(&self) -> String {
        fs::read_to_string(self.path("template.yaml")).unwrap()
    }

    fn scaffold(&self, arguments: &[&str]) -> Scaffold {
        let arguments = ["sync"].iter().chain(arguments);
        Scaffold::new(arguments).current_dir(self.folder.path()).env("CARGO_TERM_QUIET", "true")
    }

    fn terminal(&self, arguments: &[&str]) -> Terminal {
        let arguments = [&["sync"], arguments].concat();
        Terminal::start_as(&arguments, self.folder.path(), COLUMNS, &[])
    }

    fn sync(&self, arguments: &[&str]) -> Run {
        self.scaffold(arguments).run()
    }
}

#[test]
fn writes_the_routes_of_the_code_once() {
    let project = Project::new(
        TEMPLATE,
        &[
            ("list_orders", &["GET /orders"]),
            ("get_order", &["GET /orders/{id}", "HEAD /orders/{id}"]),
            ("files", &["ANY /files/{path+}"]),
        ],
    );
    assert_run!(project.sync(&["--check"]), @r"
    exit code: 1
    ----- stdout -----
    --- template.yaml
    +++ template.yaml
    @@ -13,3 +13,23 @@
             List:
               Type: HttpApi
               Properties: {Path: /orders, Method: GET}
    +        Files:
    +          Type: HttpApi
    +          Properties:
    +            Path: /files/{path+}
    +            Method: ANY
    +        GetOrder:
    +          Type: HttpApi
    +          Properties:
    +            Path: /orders/{id}
    +            Method: GET
    +        GetOrder2:
    +          Type: HttpApi
    +          Properties:
    +            Path: /orders/{id}
    +            Method: HEAD
    +    Metadata:
    +      ScaffoldEvents:
    +        Files: ANY /files/{path+}
    +        GetOrder: GET /orders/{id}
    +        GetOrder2: HEAD /orders/{id}
    ----- stderr -----
    error: `template.yaml` differs from the code
    hint: run `scaffold sync`
    ");
    assert_eq!(project.template(), TEMPLATE);

    assert_run!(project.sync(&[]), @r"
    exit code: 0
    ----- stderr -----
    added `ANY /files/{path+}`, event `Files` of `Orders`
    added `GET /orders/{id}`, event `GetOrder` of `Orders`
    added `HEAD /orders/{id}`, event `GetOrder2` of `Orders`

    next:
      scaffold dev
      scaffold deploy
    ");
    insta::assert_snapshot!(project.template(), @r"
    Transform: AWS::Serverless-2016-10-31

    Resources:
      # All orders.
      Orders:
        Type: AWS::Serverless::Function
        Properties:
          CodeUri: .
          Handler: bootstrap   # every route
          Runtime: provided.al2023
          Policies: [!Sub 'arn:aws:iam::aws:policy/${Name}', !GetAtt Policy.Arn]
          Events:
            List:
              Type: HttpApi
              Properties: {Path: /orders, Method: GET}
            Files:
              Type: HttpApi
              Properties:
                Path: /files/{path+}
                Method: ANY
            GetOrder:
              Type: HttpApi
              Properties:
                Path: /orders/{id}
                Method: GET
            GetOrder2:
              Type: HttpApi
              Properties:
                Path: /orders/{id}
                Method: HEAD
        Metadata:
          ScaffoldEvents:
            Files: ANY /files/{path+}
            GetOrder: GET /orders/{id}
            GetOrder2: HEAD /orders/{id}
    ");
}

#[test]
fn running_it_twice_is_running_it_once() {
    let handlers: [(&str, &[&str]); 2] =
        [("list", &["GET /orders"]), ("get", &["GET /orders/{id}", "HEAD /orders/{id}"])];
    let project = Project::new(TEMPLATE, &handlers);
    let mode = fs::Permissions::from_mode(0o640);
    fs::set_permissions(project.path("template.yaml"), mode).unwrap();
    let _ = project.sync(&[]).success();
    let mode = project.path("template.yaml").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);

    let once = project.template();
    assert_run!(project.sync(&[]), @r"
    exit code: 0
    ----- stderr -----
    ok: `template.yaml` is in step with the code
    ");
    assert_run!(project.sync(&["--check"]), @r"
    exit code: 0
    ----- stderr -----
    ok: `template.yaml` is in step with the code
    ");
    assert_eq!(project.template(), once);
}

#[test]
fn follows_the_code_and_keeps_what_was_changed_by_hand() {
    let project = Project::new(
        TEMPLATE,
        &[("list", &["GET /orders"]), ("place", &["POST /orders"]), ("drop", &["DELETE /orders"])],
    );
    let _ = project.sync(&[]).success();
    let template = project.template();
    project.write("template.yaml", &template.replace("Method: POST", "Method: PUT"));
    project.record(&[("list", &["GET /orders"]), ("place", &["POST /orders"])]);
    assert_run!(project.sync(&[]), @r"
    exit code: 1
    ----- stderr -----
    removed `DELETE /orders`, event `Drop` of `Orders`
    error: `Place` of `Orders` was changed by hand to `PUT /orders`; the code has `POST /orders`
    hint: change one of them, so that both are the same
    ");
    insta::assert_snapshot!(project.template(), @r"
    Transform: AWS::Serverless-2016-10-31

    Resources:
      # All orders.
      Orders:
        Type: AWS::Serverless::Function
        Properties:
          CodeUri: .
          Handler: bootstrap   # every route
          Runtime: provided.al2023
          Policies: [!Sub 'arn:aws:iam::aws:policy/${Name}', !GetAtt Policy.Arn]
          Events:
            List:
              Type: HttpApi
              Properties: {Path: /orders, Method: GET}
            Place:
              Type: HttpApi
              Properties:
                Path: /orders
                Method: PUT
        Metadata:
          ScaffoldEvents:
            Place: POST /orders
    ");
    assert_run!(project.sync(&["--check"]), @r"
    exit code: 1
    ----- stderr -----
    error: `Place` of `Orders` was changed by hand to `PUT /orders`; the code has `POST /orders`
    hint: change one of them, so that both are the same
    ");

    // The code agrees with the hand.
    project.record(&[("list", &["GET /orders"]), ("place", &["PUT /orders"])]);
    let _ = project.sync(&[]).success();
    insta::assert_snapshot!(project.template(), @r"
    Transform: AWS::Serverless-2016-10-31

    Resources:
      # All orders.
      Orders:
        Type: AWS::Serverless::Function
        Properties:
          CodeUri: .
          Handler: bootstrap   # every route
          Runtime: provided.al2023
          Policies: [!Sub 'arn:aws:iam::aws:policy/${Name}', !GetAtt Policy.Arn]
          Events:
            List:
              Type: HttpApi
              Properties: {Path: /orders, Method: GET}
            Place:
              Type: HttpApi
              Properties:
                Path: /orders
                Method: PUT
        Metadata:
          ScaffoldEvents:
            Place: PUT /orders
    ");

    // What the command wrote, it removes.
    project.record(&[("list", &["GET /orders"])]);
    let _ = project.sync(&[]).success();
    assert_eq!(project.template(), TEMPLATE);
}

#[test]
fn tells_programs_the_difference() {
    let handlers: [(&str, &[&str]); 2] =
        [("list", &["GET /orders"]), ("get", &["GET /orders/{id}"])];
    let project = Project::new(TEMPLATE, &handlers);
    let run = project.sync(&["--check", "--json"]);
    assert_eq!(run.code, Some(1));
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&json).unwrap(), @r#"
    {
      "changes": [
        {
          "event": "Get",
          "function": "Orders",
          "to": "GET /orders/{id}"
        }
      ],
      "diff": "--- template.yaml\n+++ template.yaml\n@@ -13,3 +13,11 @@\n         List:\n           Type: HttpApi\n           Properties: {Path: /orders, Method: GET}\n+        Get:\n+          Type: HttpApi\n+          Properties:\n+            Path: /orders/{id}\n+            Method: GET\n+    Metadata:\n+      ScaffoldEvents:\n+        Get: GET /orders/{id}\n",
      "errors": [],
      "template": "template.yaml",
      "warnings": []
    }
    "#);
    let run = project.sync(&["--json"]);
    assert_eq!(serde_json::from_str::<Value>(&run.success()).unwrap(), json);
    let run = project.sync(&["--check", "--json"]);
    insta::assert_snapshot!(run.success(), @r#"
    {
      "template": "template.yaml",
      "changes": [],
      "errors": [],
      "warnings": [],
      "diff": ""
    }
    "#);
}

/// A queue and a parameter, and two functions of one program.
const QUEUES: &str = "\
Transform: AWS::Serverless-2016-10-31

Parameters:
  RefundQueueArn:
    Type: String

Resources:
  Ship:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ., Handler: orders.ship, Runtime: provided.al2023}
  Refund:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ., Handler: orders.refund, Runtime: provided.al2023}
  OrderQueue:
    Type: AWS::SQS::Queue
";

#[test]
fn writes_the_sources_of_the_code() {
    let project = Project::new(QUEUES, &[]);
    let refund = record_of_source("refund", "sqs", "RefundQueueArn");
    let records = |queue: &str| [record_of_source("ship", "sqs", queue), refund.clone()].concat();
    project.write_records(&records("OrdersQueue"));
    assert_run!(project.sync(&["--check"]), @r"
    exit code: 1
    ----- stdout -----
    --- template.yaml
    +++ template.yaml
    @@ -10,6 +10,9 @@
         Properties: {CodeUri: ., Handler: orders.ship, Runtime: provided.al2023}
       Refund:
         Type: AWS::Serverless::Function
    -    Properties: {CodeUri: ., Handler: orders.refund, Runtime: provided.al2023}
    +    Properties: {CodeUri: ., Handler: orders.refund, Runtime: provided.al2023, Events: {Refund: {Type: SQS, Properties: {Queue: !Ref RefundQueueArn, FunctionResponseTypes: [ReportBatchItemFailures]}}}}
    +    Metadata:
    +      ScaffoldEvents:
    +        Refund: sqs RefundQueueArn
       OrderQueue:
         Type: AWS::SQS::Queue
    ----- stderr -----
    error: `template.yaml` differs from the code
    hint: run `scaffold sync`
    error: the template has no `OrdersQueue`, which `sqs OrdersQueue` names
    hint: did you mean `OrderQueue`?
    ");
    project.write_records(&records("OrderQueue"));
    assert_run!(project.sync(&[]), @r"
    exit code: 0
    ----- stderr -----
    added `sqs OrderQueue`, event `Ship` of `Ship`
    added `sqs RefundQueueArn`, event `Refund` of `Refund`

    next:
      scaffold dev
      scaffold deploy
    ");
    insta::assert_snapshot!(project.template(), @r"
    Transform: AWS::Serverless-2016-10-31

    Parameters:
      RefundQueueArn:
        Type: String

    Resources:
      Ship:
        Type: AWS::Serverless::Function
        Properties: {CodeUri: ., Handler: orders.ship, Runtime: provided.al2023, Events: {Ship: {Type: SQS, Properties: {Queue: !GetAtt OrderQueue.Arn, FunctionResponseTypes: [ReportBatchItemFailures]}}}}
        Metadata:
          ScaffoldEvents:
            Ship: sqs OrderQueue
      Refund:
        Type: AWS::Serverless::Function
        Properties: {CodeUri: ., Handler: orders.refund, Runtime: provided.al2023, Events: {Refund: {Type: SQS, Properties: {Queue: !Ref RefundQueueArn, FunctionResponseTypes: [ReportBatchItemFailures]}}}}
        Metadata:
          ScaffoldEvents:
            Refund: sqs RefundQueueArn
      OrderQueue:
        Type: AWS::SQS::Queue
    ");
    let once = project.template();
    assert_run!(project.sync(&["--check"]), @r"
    exit code: 0
    ----- stderr -----
    ok: `template.yaml` is in step with the code
    ");

    // What the user sets stays.
    let tuned = once.replacen(
        "FunctionResponseTypes: [ReportBatchItemFailures]",
        "FunctionResponseTypes: [ReportBatchItemFailures], BatchSize: 100",
        1,
    );
    project.write("template.yaml", &tuned);
    let run = project.sync(&["--check", "--json"]);
    insta::assert_snapshot!(run.success(), @r#"
    {
      "template": "template.yaml",
      "changes": [],
      "errors": [],
      "warnings": [],
      "diff": ""
    }
    "#);
    project.write_records(&records("RefundQueueArn"));
    let run = project.sync(&["--json"]).success();
    let json: Value = serde_json::from_str(&run).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&json["changes"]).unwrap(), @r#"
    [
      {
        "event": "Ship",
        "from": "sqs OrderQueue",
        "function": "Ship",
        "to": "sqs RefundQueueArn"
      }
    ]
    "#);
    assert!(project.template().contains("Queue: !Ref RefundQueueArn, FunctionResponseTypes"));
    assert!(project.template().contains("BatchSize: 100"));

    // What the command wrote, it removes, unless it was extended.
    project.write("template.yaml", &once);
    project.record(&[("ship", &[]), ("refund", &[])]);
    let _ = project.sync(&[]).success();
    assert_eq!(project.template(), QUEUES);
}

#[test]
fn colours_the_difference_on_a_terminal_only() {
    let project = Project::new(TEMPLATE, &[("get", &["GET /orders/{id}"])]);
    let screen = project.terminal(&["--check"]).end();
    assert_eq!(screen.code, Some(1));
    assert!(screen.written.contains("\x1b[32m+        Get:"), "{screen:?}");
    assert!(!project.sync(&["--check"]).stdout.contains('\x1b'));
}

#[test]
fn asks_before_an_api_comes_or_goes() {
    let template = TEMPLATE.split("      Events:").next().unwrap();
    let project = Project::new(template, &[("get", &["GET /orders/{id}"])]);
    assert_run!(project.sync(&[]), @r"
    exit code: 1
    ----- stderr -----
    error: the template has no API for the routes of `Orders`, and nothing was changed
    hint: pass `--create-api http` or `--create-api rest`, or give the function a `FunctionUrlConfig`
    ");
    assert_eq!(project.template(), template);
    assert_run!(project.sync(&["--check"]), @r"
    exit code: 1
    ----- stdout -----
    --- template.yaml
    +++ template.yaml
    @@ -9,3 +9,12 @@
           Handler: bootstrap   # every route
           Runtime: provided.al2023
           Policies: [!Sub 'arn:aws:iam::aws:policy/${Name}', !GetAtt Policy.Arn]
    +      Events:
    +        Get:
    +          Type: HttpApi
    +          Properties:
    +            Path: /orders/{id}
    +            Method: get
    +    Metadata:
    +      ScaffoldEvents:
    +        Get: GET /orders/{id}
    ----- stderr -----
    error: `template.yaml` differs from the code
    hint: run `scaffold sync`
    ");
    let mut terminal = project.terminal(&[]);
    terminal.wait_for("Create an HTTP API?");
    terminal.send("n");
    terminal.send(ENTER);
    assert_eq!(terminal.end().code, Some(1));
    assert_eq!(project.template(), template);
    let mut terminal = project.terminal(&[]);
    terminal.wait_for("Create an HTTP API?");
    terminal.send(ENTER);
    assert_eq!(terminal.end().code, Some(0));
    assert!(project.template().contains("Type: HttpApi"));

    project.write("template.yaml", template);
    assert_run!(project.sync(&["--create-api", "rest"]), @r"
    exit code: 0
    ----- stderr -----
    added `GET /orders/{id}`, event `Get` of `Orders`

    next:
      scaffold dev
      scaffold deploy
    ");
    insta::assert_snapshot!(project.template(), @r"
    Transform: AWS::Serverless-2016-10-31

    Resources:
      # All orders.
      Orders:
        Type: AWS::Serverless::Function
        Properties:
          CodeUri: .
          Handler: bootstrap   # every route
          Runtime: provided.al2023
          Policies: [!Sub 'arn:aws:iam::aws:policy/${Name}', !GetAtt Policy.Arn]
          Events:
            Get:
              Type: Api
              Properties:
                Path: /orders/{id}
                Method: get
        Metadata:
          ScaffoldEvents:
            Get: GET /orders/{id}
    ");

    let with_api = project.template();
    project.record(&[("get", &[])]);
    assert_run!(project.sync(&[]), @r"
    exit code: 1
    ----- stderr -----
    error: the last event of the REST API would be removed, and with it the API
    hint: pass `--delete-api` if that is what you want
    ");
    assert_eq!(project.template(), with_api);
    assert_run!(project.sync(&["--delete-api"]), @r"
    exit code: 0
    ----- stderr -----
    removed `GET /orders/{id}`, event `Get` of `Orders`

    next:
      scaffold dev
      scaffold deploy
    ");
    assert_eq!(project.template(), template);
    assert_run!(project.sync(&[]), @r"
    exit code: 0
    ----- stderr -----
    ok: no handler has a route or a source, so there is nothing to write
    ");
}

#[test]
fn a_build_warns_about_a_difference() {
    let handlers: [(&str, &[&str]); 1] = [("list", &["GET /orders", "PUT /orders/{id}"])];
    let project = Project::new(TEMPLATE, &handlers);
    let build = || {
        let arguments = ["build", "--native", "--linking", "dynamic", "--profile", "dev"];
        Scaffold::new(arguments).current_dir(project.folder.path()).run()
    };
    let warning = "warning: `template.yaml` lacks routes of the code: `PUT /orders/{id}`\n\
                   hint: run `scaffold sync`\n";
    let run = build();
    assert!(run.stderr.contains(warning), "{run:?}");
    let _ = project.sync(&[]).success();
    let run = build();
    assert!(!run.stderr.contains("warning"), "{run:?}");
}

#[test]
fn needs_a_template_and_replaces_it_as_a_whole() {
    let project = Project::new(TEMPLATE, &[("get", &["GET /orders/{id}"])]);
    fs::create_dir(project.path("real")).unwrap();
    fs::rename(project.path("template.yaml"), project.path("real/it.yaml")).unwrap();
    assert_run!(project.sync(&[]), @r"
    exit code: 1
    ----- stderr -----
    error: no `template.yaml` in this folder or a folder above it
    hint: run the command in a project, or create one with `scaffold new`
    ");
    symlink("real/it.yaml", project.path("template.yaml")).unwrap();
    let _ = project.sync(&[]).success();
    assert!(project.path("template.yaml").symlink_metadata().unwrap().is_symlink());
    assert_eq!(fs::read_dir(project.path("real")).unwrap().count(), 1);
    assert!(project.template().contains("Path: /orders/{id}"));

    project.write("real/it.yaml", "Resources: {");
    let run = project.sync(&[]);
    assert_eq!(run.code, Some(1));
    assert_eq!(project.template(), "Resources: {");
}
