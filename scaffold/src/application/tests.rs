//! Templates as people write them, and what is read in them.

use std::path::Path;

use tempfile::TempDir;

use super::*;

/// What templates have in them, in one.
const TEMPLATE: &str = r#"
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Size: {Type: Number, Default: 512}
  Stage: {Type: String, Default: beta}
  Secret: {Type: String}
  Zones: {Type: CommaDelimitedList, Default: "a, b"}
Mappings:
  Limits:
    beta: {seconds: 20}
Conditions:
  IsLive: !Equals [!Ref Stage, live]
  IsTest: !Not [!Condition IsLive]
  Never: !And [!Condition IsLive, !Condition IsTest]
Globals:
  Function:
    Timeout: !FindInMap [Limits, !Ref Stage, seconds]
    MemorySize: !Ref Size
    Architectures: [arm64]
    Environment:
      Variables: {SHARED: global, TABLE: global}
  HttpApi:
    CorsConfiguration: {AllowOrigins: [https://a.example], AllowCredentials: true, MaxAge: 5}
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: orders}}
    Properties:
      FunctionName: !Sub "orders-${Stage}"
      CodeUri: orders/
      Handler: bootstrap
      Runtime: provided.al2023
      LoggingConfig: {LogFormat: JSON, ApplicationLogLevel: DEBUG}
      Environment:
        Variables:
          TABLE: !Ref Table
          TABLE_ARN: !GetAtt Table.Arn
          OTHER: !GetAtt Other.Arn
          URL: !Sub ["https://${Host}/${Stage}/${!Literal}", {Host: !Join [".", [a, example]]}]
          SECRET: !Ref Secret
          ZONE: !Select [1, !Ref Zones]
          PART: !Select [1, !Split ["-", "x-y-z"]]
          LEVEL: !If [IsTest, debug, info]
          NONE: !If [IsLive, set, !Ref AWS::NoValue]
          NUMBER: 1.10
          FLAG: true
          EMPTY: ""
          LONG: {"Fn::Sub": "${AWS::AccountId}"}
      Events:
        Default: {Type: HttpApi}
        Get: {Type: HttpApi, Properties: {Method: get, Path: "/orders/{id}"}}
        Old: {Type: Api, Properties: {Method: ANY, Path: "/{proxy+}", RestApiId: {Ref: Shop}}}
        Implicit: {Type: Api, Properties: {Method: post, Path: /implicit}}
        Queue: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}
  Other:
    Type: AWS::Serverless::Function
    Metadata: {DockerContext: ./image}
    Properties:
      PackageType: Image
      Architectures: [x86_64]
      FunctionUrlConfig: {AuthType: NONE, InvokeMode: RESPONSE_STREAM, Cors: {AllowOrigins: ["*"]}}
  Plain:
    Type: AWS::Lambda::Function
    Properties: {Code: {S3Bucket: b, S3Key: k}, Timeout: 900}
  Gone:
    Type: AWS::Serverless::Function
    Condition: Never
  Table: {Type: AWS::DynamoDB::Table}
  Shop:
    Type: AWS::Serverless::Api
    Properties:
      StageName: !Ref Stage
      Cors: "'*'"
      BinaryMediaTypes: [image~1png]
"#;

fn stack(file: &str) -> Stack<'_> {
    Stack { name: "project".to_owned(), file: Path::new(file), parameters: None, around: None }
}

fn read(text: &str) -> Application {
    let application = application(text, &stack("/project/template.yaml"));
    application.unwrap_or_else(|problem| panic!("{problem:?}"))
}

/// What is said of a template that cannot be run.
fn error(text: &str) -> Error {
    let stack = stack("template.yaml");
    match application(text, &stack) {
        Ok(application) => application.check().unwrap_err(),
        Err(problem) => problem.of(stack.file).into(),
    }
}

/// A template with one function, whose properties these are, in the fifth line.
fn function(properties: &str) -> String {
    let head = "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n";
    format!("{head}      {properties}\n")
}

/// Each endpoint as one line: API, method, path, stage, format.
fn endpoints(function: &Function) -> Vec<String> {
    let line = |endpoint: &Endpoint| {
        let method = endpoint.method.as_ref().map_or("ANY", Method::as_str);
        let Endpoint { api, path, payload, .. } = endpoint;
        format!("{} {:?} {method} {path} {} {payload:?}", api.name, api.kind, api.stage)
    };
    function.endpoints.iter().map(line).collect()
}

#[test]
fn a_template_is_read_with_its_globals_and_functions() {
    let application = read(TEMPLATE);
    let [orders, other, plain] = &application.functions[..] else {
        panic!("{:?}", application.functions);
    };
    assert_eq!(
        format!("{:?}", orders.environment),
        r#"{"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "DEBUG", "EMPTY": "", "FLAG": "true", "LEVEL": "debug", "LONG": "012345678912", "NUMBER": "1.10", "OTHER": "arn:aws:lambda:REGION:012345678912:function:Other", "PART": "y", "SHARED": "global", "TABLE": "Table", "URL": "https://a.example/beta/${Literal}", "ZONE": "b"}"#
            .replace("REGION", &region())
    );
    assert_eq!(orders.unknown, ["TABLE_ARN", "SECRET"]);
    assert_eq!(orders.function_name.as_deref(), Some("orders-beta"));
    assert_eq!(orders.handler.as_deref(), Some("bootstrap"));
    assert_eq!(orders.code, Path::new("/project/orders/"));
    assert_eq!((orders.timeout.as_secs(), orders.memory_mb), (20, 512));
    assert_eq!(orders.architecture.as_ref().ok(), Some(&Architecture::Arm64));
    assert_eq!((orders.is_image, other.is_image), (false, true));
    assert_eq!(orders.binary.as_deref(), Some("orders"));
    assert_eq!(
        endpoints(orders),
        [
            "ServerlessHttpApi Http ANY $default $default V2",
            "ServerlessHttpApi Http GET /orders/{id} $default V2",
            "Shop Rest ANY /{proxy+} beta V1",
            "ServerlessRestApi Rest POST /implicit Prod V1",
        ]
    );
    let cors = |endpoint: usize| orders.endpoints[endpoint].api.cors.clone();
    let origin = |origin: &str| Cors { origins: vec![origin.to_owned()], ..Cors::default() };
    let credentials = Cors { credentials: true, max_age: Some(5), ..origin("https://a.example") };
    assert_eq!([cors(0), cors(2), cors(3)], [Some(credentials), Some(origin("*")), None]);
    assert_eq!(orders.endpoints[2].api.binary_media_types, ["image/png"]);

    assert_eq!(other.architecture.as_ref().ok(), Some(&Architecture::X86_64));
    assert_eq!(other.code, Path::new("/project/./image"));
    assert_eq!(endpoints(other), ["Other FunctionUrl { stream: true } ANY $default $default V2"]);
    assert_eq!(other.endpoints[0].api.cors, Some(origin("*")));

    assert_eq!(
        (plain.name.as_str(), plain.timeout.as_secs(), plain.memory_mb),
        ("Plain", 900, 128)
    );
    assert_eq!(endpoints(plain), [""; 0]);
}

#[test]
fn routes_are_read_in_an_apis_own_definition() {
    let application = read(
        r"
Resources:
  Hello: {Type: AWS::Serverless::Function}
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      StageName: v1
      DefinitionBody:
        openapi: 3.0.1
        paths:
          /hello/{name}:
            parameters: []
            get:
              x-amazon-apigateway-integration:
                type: aws_proxy
                payloadFormatVersion: '2.0'
                uri: !Sub arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Hello.Arn}/invocations
            x-amazon-apigateway-any-method:
              x-amazon-apigateway-integration:
                uri: {Fn::Sub: 'arn:aws:apigateway:x:lambda:path/2015-03-31/functions/${Hello.Arn}/invocations'}
",
    );
    assert_eq!(
        endpoints(&application.functions[0]),
        ["Api Http GET /hello/{name} v1 V2", "Api Http ANY /hello/{name} v1 V1"]
    );
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    for (text, expected) in [
        (
            "a: [".to_owned(),
            "template.yaml:2: it is not YAML: while parsing a node, did not find expected node content",
        ),
        ("? [a]\n: b".to_owned(), "template.yaml:1: a name was expected before `:`"),
        (
            function("Timeout: soon"),
            "template.yaml:5: `Timeout` of `F` is `soon`, not 1 to 900 seconds",
        ),
        (
            function("Timeout: 901"),
            "template.yaml:5: `Timeout` of `F` is `901`, not 1 to 900 seconds",
        ),
        (
            function("MemorySize: 64"),
            "template.yaml:5: `MemorySize` of `F` is `64`, not 128 to 10240 MB",
        ),
        (
            function("Architectures: [arm]"),
            "template.yaml:5: `Architectures` of `F` is not `[x86_64]` or `[arm64]`",
        ),
        (
            function("Events: {E: {Type: HttpApi, Properties: {Path: a}}}"),
            "template.yaml:5: `Path` is `a`, and must start with `/`",
        ),
        (
            function("Events: {E: {Type: Api}}"),
            "template.yaml:5: `Path` is missing, and must start with `/`",
        ),
        (
            function("Events: {E: {Type: Api, Properties: {Path: /, Method: FETCH}}}"),
            "template.yaml:5: `Method` is `FETCH`, not one of HTTP's, or `any`",
        ),
        (
            function("Events: {E: {Type: HttpApi, Properties: {Path: /, ApiId: !Ref Shop}}}"),
            "template.yaml:5: `ApiId` is `Shop`, which is no `AWS::Serverless::HttpApi` here",
        ),
        (
            function("Environment: {Variables: {A: !Sub 'a ${B'}}"),
            "template.yaml:5: `${` without its `}`",
        ),
        (
            "Conditions:\n  A: !Not [!Condition A]\nResources:\n  F: {Type: X, Condition: A}"
                .to_owned(),
            "template.yaml:2: this condition depends on itself",
        ),
    ] {
        assert_eq!(error(&text).to_string(), expected, "{text}");
    }
    let external = function("Events: {E: {Type: HttpApi, Properties: {ApiId: !ImportValue x}}}");
    let error = error(&external);
    assert_eq!(
        (error.to_string().as_str(), error.mend()),
        (
            "template.yaml:5: `ApiId` is `!ImportValue x`, which is no `AWS::Serverless::HttpApi` here",
            "name one of the template's own APIs, or leave it out for the one SAM makes"
        )
    );
    assert_eq!(read("").functions.len(), 0);
    assert_eq!(read("just text").functions.len(), 0);
    let missing = Application::read(Path::new("/nowhere/template.yaml")).unwrap_err();
    assert_eq!(missing.to_string(), "cannot read `/nowhere/template.yaml`");
}

/// What a function's `Architectures` say, with these parameters, mappings and conditions around.
fn architectures(property: &str) -> Result<Vec<Architecture>> {
    let around = r"
Parameters:
  Arm: {Type: String, Default: arm64}
  Machine: {Type: String, Default: arm}
  List: {Type: CommaDelimitedList, Default: arm64}
  Untold: {Type: String}
Mappings:
  Machines:
    live: {architecture: arm64}
Conditions:
  IsArm: !Equals [!Ref Arm, arm64]
  IsTold: !Equals [!Ref Untold, told]
";
    read(&format!("{around}{}", function(property))).architectures()
}

#[test]
fn an_architecture_is_told_without_deploying() {
    use Architecture::{Arm64, X86_64};
    for (property, expected) in [
        ("Timeout: 3", X86_64),
        ("Architectures: [arm64]", Arm64),
        ("Architectures: [!Ref Arm]", Arm64),
        ("Architectures: !Ref List", Arm64),
        ("Architectures: [!Sub '${Arm}']", Arm64),
        ("Architectures: [!Sub '${Machine}64']", Arm64),
        ("Architectures: [!FindInMap [Machines, live, architecture]]", Arm64),
        ("Architectures: !If [IsArm, [arm64], [x86_64]]", Arm64),
        ("Architectures: [!If [IsArm, !Ref Arm, x86_64]]", Arm64),
        ("Architectures: [arm64, !If [IsArm, !Ref AWS::NoValue, x86_64]]", Arm64),
        ("Architectures: !If [IsArm, !Ref AWS::NoValue, [arm64]]", X86_64),
    ] {
        let found = architectures(property).map_err(|error| error.to_string());
        assert_eq!(found, Ok(vec![expected]), "{property}");
    }
}

#[test]
fn an_architecture_that_only_a_deployment_tells_is_not_guessed() {
    for (property, expected) in [
        ("Architectures: [!Ref Untold]", "!Ref Untold"),
        ("Architectures: !Ref Untold", "!Ref Untold"),
        ("Architectures: [!Sub '${Untold}64']", "!Sub ${Untold}64"),
        ("Architectures: [!ImportValue machine]", "!ImportValue machine"),
        (
            "Architectures: [!FindInMap [Machines, !Ref Untold, architecture]]",
            "!FindInMap Machines.architecture",
        ),
        ("Architectures: !If [IsTold, [arm64], [x86_64]]", "!If IsTold"),
    ] {
        let error = architectures(property).unwrap_err();
        assert_eq!(
            (error.to_string(), error.mend()),
            (
                format!(
                    "/project/template.yaml:17: `Architectures` of `F` is `{expected}`, which only \
                     a deployment tells"
                ),
                "choose with `--arch x86_64` or `--arch arm64`, or give the parameter a `Default`"
            )
        );
    }
}

#[test]
fn each_architecture_is_listed_once_and_conditions_count() {
    use Architecture::{Arm64, X86_64};
    let application = read(
        r"
Parameters: {Stage: {Type: String, Default: live}}
Conditions: {IsTest: !Equals [!Ref Stage, test]}
Globals: {Function: {Architectures: [x86_64]}}
Resources:
  A: {Type: AWS::Serverless::Function}
  B: {Type: AWS::Serverless::Function, Properties: {Architectures: [arm64]}}
  C: {Type: AWS::Lambda::Function, Properties: {Architectures: [x86_64]}}
  D: {Type: AWS::Serverless::Function, Condition: IsTest, Properties: {Architectures: [none]}}
",
    );
    assert_eq!(application.architectures().ok(), Some(vec![X86_64, Arm64]));
}

/// Building needs neither times nor routes.
#[test]
fn a_fault_in_one_part_leaves_the_others() {
    let application = read(&function(
        "{Timeout: soon, MemorySize: 1, Architectures: [arm64], Events: {\
         Bad: {Type: Api}, Good: {Type: Api, Properties: {Path: /good}}}}",
    ));
    assert_eq!(application.architectures().ok(), Some(vec![Architecture::Arm64]));
    let [function] = &application.functions[..] else { panic!("{application:?}") };
    assert_eq!((function.timeout.as_secs(), function.memory_mb), (3, 128));
    assert_eq!(endpoints(function), ["ServerlessRestApi Rest ANY /good Prod V1"]);
    let problems: Vec<_> = application.problems.into_iter().map(Error::from).collect();
    let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "/project/template.yaml:5: `Timeout` of `F` is `soon`, not 1 to 900 seconds",
            "/project/template.yaml:5: `MemorySize` of `F` is `1`, not 128 to 10240 MB",
            "/project/template.yaml:5: `Path` is missing, and must start with `/`",
        ]
    );
}

/// A folder with these files, the first of which is the template, and what is read there.
fn read_files(files: &[(&str, &str)]) -> (TempDir, Result<Application>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let application = Application::read(&folder.path().join(files[0].0));
    (folder, application)
}

/// What is said, without the folder.
fn said(folder: &TempDir, problem: &Problem) -> String {
    let folder = format!("{}/", dunce::canonicalize(folder.path()).unwrap().display());
    Error::from(problem.clone()).to_string().replace(&folder, "")
}

/// A template with a function and this API, whose properties begin in the fifth line.
fn with_api(kind: &str, properties: &str) -> String {
    format!(
        "Resources:\n  Api:\n    Type: AWS::Serverless::{kind}\n    Properties:\n{properties}\n\
         \x20 Hello: {{Type: AWS::Serverless::Function, Properties: {{FunctionName: hello-on-aws}}}}\n"
    )
}

const OPENAPI: &str = r"
openapi: 3.0.1
x-amazon-apigateway-binary-media-types: [image/png]
paths:
  /hello/{name}:
    get:
      x-amazon-apigateway-integration:
        payloadFormatVersion: '2.0'
        uri: {Fn::Sub: 'arn:aws:apigateway:x:lambda:path/2015-03-31/functions/${Hello.Arn}/invocations'}
  /$default:
    x-amazon-apigateway-any-method:
      x-amazon-apigateway-integration:
        uri: arn:aws:apigateway:x:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:hello-on-aws/invocations
  /static:
    get:
      x-amazon-apigateway-integration: {type: mock}
";

/// The same as one line of JSON.
const OPENAPI_JSON: &str = r#"{"paths": {"/json": {"post": {"x-amazon-apigateway-integration":
    {"uri": "arn:aws:apigateway:x:lambda:path/2015-03-31/functions/arn:aws:lambda:x:1:function:Hello:live/invocations"}}}}}"#;

#[test]
fn routes_are_read_in_a_file_with_an_apis_definition() {
    let include = |form: &str| {
        let parameters = "{Name: AWS::Include, Parameters: {Location: !Sub 'api/${Name}.yaml'}}";
        let api = with_api(
            "HttpApi",
            &format!("      DefinitionBody: {}", form.replace("INCLUDE", parameters)),
        );
        format!("Parameters: {{Name: {{Type: String, Default: openapi}}}}\n{api}")
    };
    let http = ["Api Http GET /hello/{name} $default V2", "Api Http ANY $default $default V1"];
    let rest = ["Api Rest GET /hello/{name} Prod V1", "Api Rest ANY /$default Prod V1"];
    for (template, file, expected) in [
        (
            with_api("HttpApi", "      DefinitionUri: api/openapi.yaml"),
            "api/openapi.yaml",
            &http[..],
        ),
        (with_api("Api", "      DefinitionUri: ./api/openapi.yaml"), "api/openapi.yaml", &rest),
        (
            with_api("Api", "      DefinitionUri: api.json"),
            "api.json",
            &["Api Rest POST /json Prod V1"],
        ),
        (include("{Fn::Transform: INCLUDE}"), "api/openapi.yaml", &http),
        (include("!Transform INCLUDE"), "api/openapi.yaml", &http),
        (
            format!(
                "Globals: {{Api: {{DefinitionUri: api.json}}}}\n{}",
                with_api("Api", "      StageName: live")
            ),
            "api.json",
            &["Api Rest POST /json live V1"],
        ),
    ] {
        let text = if file.ends_with("json") { OPENAPI_JSON } else { OPENAPI };
        let (folder, application) = read_files(&[("template.yaml", &template), (file, text)]);
        let application = application.unwrap();
        assert_eq!(endpoints(&application.functions[0]), expected, "{template}");
        assert!(application.check().is_ok() && application.warnings.is_empty());
        let files = [
            folder.path().join("template.yaml"),
            dunce::canonicalize(folder.path().join(file)).unwrap(),
        ];
        assert_eq!(application.files, files);
        let binary = &application.functions[0].endpoints[0].api.binary_media_types;
        assert_eq!(binary.is_empty(), file.ends_with("json"), "{binary:?}");
    }
}

/// What an event says again is one route.
#[test]
fn an_event_may_name_a_route_of_the_definition() {
    let template = with_api("HttpApi", "      DefinitionUri: openapi.yaml").replace(
        "{FunctionName: hello-on-aws}",
        "{FunctionName: hello-on-aws, Events: {\
         Same: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: get, Path: '/hello/{name}'}},\
         Other: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: put, Path: '/hello/{name}'}}}}",
    );
    let (_, application) = read_files(&[("template.yaml", &template), ("openapi.yaml", OPENAPI)]);
    assert_eq!(
        endpoints(&application.unwrap().functions[0]),
        [
            "Api Http PUT /hello/{name} $default V2",
            "Api Http GET /hello/{name} $default V2",
            "Api Http ANY $default $default V1",
        ]
    );
}

#[test]
fn a_definition_that_is_not_here_is_told_and_left_out() {
    let start = "template.yaml:5: what `Api` has routes for is not all known: ";
    for (properties, expected) in [
        (
            "DefinitionUri: s3://bucket/api.yaml",
            "its definition is `s3://bucket/api.yaml`, which is no file here",
        ),
        (
            "DefinitionUri: {Bucket: bucket, Key: api.yaml}",
            "its definition is `s3://bucket/api.yaml`, which is no file here",
        ),
        (
            "DefinitionUri: !Sub s3://${Bucket}/a",
            "its definition is `!Sub s3://${Bucket}/a`, which is no file here",
        ),
        (
            "DefinitionBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: 's3://b/a'}}}",
            "its definition is `s3://b/a`, which is no file here",
        ),
        (
            "DefinitionBody: !Transform {Name: Own}",
            "its definition is `!Transform …`, which is no file here",
        ),
        (
            "DefinitionUri: none.yaml",
            "`none.yaml` cannot be read: No such file or directory (os error 2)",
        ),
        ("DefinitionUri: .", "`` cannot be read: Is a directory (os error 21)"),
    ] {
        let parameters = "\nParameters: {Bucket: {Type: String}}\n";
        let template = with_api("Api", &format!("      {properties}")) + parameters;
        let (folder, application) = read_files(&[("template.yaml", &template)]);
        let application = application.unwrap();
        assert!(application.check().is_ok());
        let [warning] = &application.warnings[..] else { panic!("{application:?}") };
        let said = said(&folder, warning).replace(&*folder.path().to_string_lossy(), "");
        assert_eq!(said.trim_start_matches('/'), format!("{start}{expected}"), "{template}");
        assert_eq!(endpoints(&application.functions[0]), [""; 0]);
    }
}

#[test]
fn a_definition_that_is_wrong_is_named_with_its_line() {
    let template = with_api("Api", "      DefinitionUri: api.yaml");
    for (text, expected) in [
        (
            "\npaths: [",
            "api.yaml:3: it is not YAML: while parsing a node, did not find expected node content",
        ),
        ("paths: {/: {get: {a: {Fn::Sub: '${'}}}}", "api.yaml:1: `${` without its `}`"),
    ] {
        let (folder, application) = read_files(&[("template.yaml", &template), ("api.yaml", text)]);
        let application = application.unwrap();
        let [problem] = &application.problems[..] else { panic!("{application:?}") };
        assert_eq!(said(&folder, problem), expected);
        assert_eq!(application.functions.len(), 1);
    }
}

/// A template with these nested applications, whose properties are in the fifth line and every
/// fourth one after it.
fn with_nested(applications: &[(&str, &str)]) -> String {
    let mut text = "Resources:\n".to_owned();
    for (index, (kind, properties)) in applications.iter().enumerate() {
        text.extend([
            &format!("  N{index}:\n    Type: AWS::{kind}\n    Properties:\n"),
            "      ",
            properties,
            "\n",
        ]);
    }
    text
}

#[test]
fn nested_applications_are_read_with_what_is_given_to_them() {
    let template = "
Parameters: {Stage: {Type: String, Default: live}}
Resources:
  Shop:
    Type: AWS::Serverless::Application
    Properties:
      Location: shop/template.yaml
      Parameters:
        Stage: !Sub '${Stage}-shop'
        Zones: [a, b]
        Table: !GetAtt Table.Arn
        Machine: arm64
  Own: {Type: AWS::Serverless::Function, Properties: {Events: {E: {Type: HttpApi}}}}
  Gone:
    Type: AWS::Serverless::Application
    Condition: Never
    Properties: {Location: nothing.yaml}
Conditions: {Never: !Equals [a, b]}
";
    let shop = "
Parameters:
  Stage: {Type: String, Default: none}
  Zones: {Type: CommaDelimitedList}
  Table: {Type: String, Default: none}
  Machine: {Type: String}
  Color: {Type: String, Default: blue}
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: orders
      Architectures: [!Ref Machine]
      Events: {E: {Type: HttpApi}}
      Environment:
        Variables:
          STAGE: !Ref Stage
          ZONE: !Select [1, !Ref Zones]
          TABLE: !Ref Table
          COLOR: !Ref Color
          STACK: !Ref AWS::StackName
  Stock: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ../stock.yaml}}
";
    let stock = "Resources: {Count: {Type: AWS::Lambda::Function, Properties: {Timeout: 901}}}\n";
    let (folder, application) = read_files(&[
        ("template.yaml", template),
        ("shop/template.yaml", shop),
        ("stock.yaml", stock),
    ]);
    let application = application.unwrap();
    let names: Vec<_> =
        application.functions.iter().map(|it| (&*it.name, it.logical_id())).collect();
    assert_eq!(names, [("Own", "Own"), ("Shop/Orders", "Orders"), ("Shop/Stock/Count", "Count")]);
    let [own, orders, _] = &application.functions[..] else { panic!("{application:?}") };
    let real = dunce::canonicalize(folder.path()).unwrap();
    let stack = folder.path().file_name().unwrap().to_string_lossy();
    assert_eq!(
        format!("{:?} {:?}", orders.environment, orders.unknown),
        format!(
            r#"{{"COLOR": "blue", "STACK": "{stack}-Shop", "STAGE": "live-shop", "ZONE": "b"}} ["TABLE"]"#
        )
    );
    assert_eq!(orders.code, real.join("shop/orders"));
    assert_eq!(orders.architecture.as_ref().ok(), Some(&Architecture::Arm64));
    assert_eq!(endpoints(orders), ["ServerlessHttpApi Http ANY $default $default V2"]);
    assert!(!Arc::ptr_eq(&own.endpoints[0].api, &orders.endpoints[0].api));
    assert_eq!(
        application.files,
        [
            folder.path().join("template.yaml"),
            real.join("shop/template.yaml"),
            real.join("stock.yaml")
        ]
    );
    let [problem] = &application.problems[..] else { panic!("{application:?}") };
    assert_eq!(
        said(&folder, problem),
        "stock.yaml:1: `Timeout` of `Count` is `901`, not 1 to 900 seconds"
    );
}

#[test]
fn nested_applications_that_are_not_here_are_told_and_left_out() {
    let template = with_nested(&[
        ("Serverless::Application", "Location: https://example.com/a.yaml"),
        (
            "Serverless::Application",
            "Location: {ApplicationId: 'arn:aws:x', SemanticVersion: 1.0.0}",
        ),
        ("CloudFormation::Stack", "TemplateURL: !Sub 'https://${Bucket.DomainName}/a.yaml'"),
        ("CloudFormation::Stack", "TemplateURL: none.yaml"),
    ]);
    let (folder, application) = read_files(&[("template.yaml", &template)]);
    let application = application.unwrap();
    assert!(application.check().is_ok() && application.functions.is_empty());
    let warnings: Vec<_> = application.warnings.iter().map(|it| said(&folder, it)).collect();
    let missing = format!("{}/", folder.path().display());
    assert_eq!(
        warnings.iter().map(|warning| warning.replace(&missing, "")).collect::<Vec<_>>(),
        [
            "template.yaml:5: `N0` is left out: `https://example.com/a.yaml` is no file here",
            "template.yaml:9: `N1` is left out: `arn:aws:x` is no file here",
            "template.yaml:13: `N2` is left out: `!Sub https://${Bucket.DomainName}/a.yaml` is no file here",
            "template.yaml:17: `N3` is left out: `none.yaml` cannot be read: No such file or directory (os error 2)",
        ]
    );
    assert_eq!(application.files, ["template.yaml", "none.yaml"].map(|it| folder.path().join(it)));
}

#[test]
fn what_is_wrong_in_a_nested_application_is_named_there() {
    let template = with_nested(&[("Serverless::Application", "Location: nested.yaml")]);
    for (nested, expected) in [
        (
            "Resources: [",
            "nested.yaml:2: it is not YAML: while parsing a node, did not find expected node content",
        ),
        (
            "Resources:\n  A:\n    Type: AWS::Serverless::Application\n    Properties:\n      Location: template.yaml",
            "nested.yaml:5: `A` is within itself",
        ),
        (
            "Resources:\n  A:\n    Type: AWS::Serverless::Application\n    Properties:\n      Location: nested.yaml",
            "nested.yaml:5: `A` is within itself",
        ),
    ] {
        let (folder, application) =
            read_files(&[("template.yaml", &template), ("nested.yaml", nested)]);
        let folder = format!("{}/", dunce::canonicalize(folder.path()).unwrap().display());
        assert_eq!(application.unwrap_err().to_string().replace(&folder, ""), expected);
    }
}

/// The authorizer of each endpoint as one line.
fn authorizers(function: &Function) -> Vec<String> {
    let line = |endpoint: &Endpoint| {
        let authorizer = match endpoint.authorizer.as_deref() {
            None => "nobody".to_owned(),
            Some(Authorizer::Remote { kind, name }) => format!("{kind} {name}"),
            Some(Authorizer::Lambda(it)) => {
                let kind = if it.is_token { "token" } else { "request" };
                let form = if it.is_simple { "simple" } else { "policy" };
                let validation =
                    it.validation.as_ref().map_or("", |validation| validation.as_str());
                let LambdaAuthorizer { name, function, identity, payload, .. } = it;
                format!("{name} {function} {kind} {payload:?} {form} {identity:?} {validation}")
            }
        };
        format!("{}: {}", endpoint.path, authorizer.trim_end())
    };
    function.endpoints.iter().map(line).collect()
}

#[test]
fn routes_have_the_authorizers_that_they_name() {
    let application = read(
        r"
Parameters: {Far: {Type: String}}
Globals:
  HttpApi:
    Auth:
      EnableIamAuthorizer: true
      Authorizers:
        Simple:
          FunctionArn: !GetAtt Doorman.Arn
          AuthorizerPayloadFormatVersion: '2.0'
          EnableSimpleResponses: true
          Identity: {Headers: [A, B], QueryStrings: q, Context: [c.d], StageVariables: [s]}
        Jwt: {JwtConfiguration: {issuer: i, audience: [a]}, IdentitySource: $request.header.A}
        Far: {FunctionArn: !Ref Far, AuthorizerPayloadFormatVersion: '1.0'}
Resources:
  Doorman: {Type: AWS::Serverless::Function}
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      FunctionUrlConfig: {AuthType: AWS_IAM}
      Events:
        None: {Type: HttpApi, Properties: {Method: GET, Path: /none}}
        Simple: {Type: HttpApi, Properties: {Method: GET, Path: /simple, Auth: {Authorizer: Simple}}}
        Jwt: {Type: HttpApi, Properties: {Method: GET, Path: /jwt, Auth: {Authorizer: Jwt}}}
        Far: {Type: HttpApi, Properties: {Method: GET, Path: /far, Auth: {Authorizer: Far}}}
        Iam: {Type: HttpApi, Properties: {Method: GET, Path: /iam, Auth: {Authorizer: AWS_IAM}}}
        Token: {Type: Api, Properties: {Method: GET, Path: /token, RestApiId: !Ref Shop}}
        Open: {Type: Api, Properties: {Method: GET, Path: /open, RestApiId: !Ref Shop, Auth: {Authorizer: NONE}}}
        Pool: {Type: Api, Properties: {Method: GET, Path: /pool, RestApiId: !Ref Shop, Auth: {Authorizer: Pool}}}
        Request: {Type: Api, Properties: {Method: GET, Path: /request, RestApiId: !Ref Shop, Auth: {Authorizer: Request}}}
  Shop:
    Type: AWS::Serverless::Api
    Properties:
      Auth:
        DefaultAuthorizer: Token
        Authorizers:
          Token: {FunctionArn: !GetAtt Doorman.Arn, Identity: {ValidationExpression: 'a|b'}}
          Pool: {UserPoolArn: !GetAtt Users.Arn}
          Request: {FunctionArn: !Sub '${Doorman.Arn}:live', FunctionPayloadType: REQUEST, Identity: {Headers: [X]}}
",
    );
    assert!(application.check().is_ok() && application.warnings.is_empty());
    assert_eq!(
        authorizers(&application.functions[1]),
        [
            "/none: nobody",
            "/simple: Simple Doorman request V2 simple [Header(\"A\"), Header(\"B\"), Query(\"q\"), \
             Context(\"c.d\"), StageVariable(\"s\")]",
            "/jwt: JWT Jwt",
            "/far: Lambda Far",
            "/iam: IAM AWS_IAM",
            "/token: Token Doorman token V1 policy [Header(\"Authorization\")] ^(?:a|b)",
            "/open: nobody",
            "/pool: Cognito Pool",
            "/request: Request Doorman request V1 policy [Header(\"X\")]",
            "$default: IAM AWS_IAM",
        ]
    );
}

#[test]
fn authorizers_are_read_in_an_apis_own_definition() {
    let operation = |security: &str| {
        format!(
            "{{get: {{{security} x-amazon-apigateway-integration: {{uri: 'x:function:Hello/invocations'}}}}}}"
        )
    };
    let paths = format!(
        "paths:\n  /default: {}\n  /open: {}\n  /empty: {}\n  /request: {}\n  /jwt: {}\n  \
         /pool: {}\n  /key: {}\n  /iam: {}\n  /signed: {}\n",
        operation(""),
        operation("security: [],"),
        operation("security: [{}],"),
        operation("security: [{Request: []}],"),
        operation("security: [{Jwt: [a]}],"),
        operation("security: [{Pool: []}],"),
        operation("security: [{Key: []}],"),
        operation("x-amazon-apigateway-auth: {type: aws_iam},"),
        operation("security: [{Signed: []}],"),
    );
    let schemes = "
    Token:
      type: apiKey
      name: X-Token
      in: header
      x-amazon-apigateway-authorizer:
        type: token
        authorizerUri: 'arn:aws:apigateway:x:lambda:path/2015-03-31/functions/arn:aws:lambda:x:1:function:Hello/invocations'
        identityValidationExpression: '[a-z]+'
    Request:
      x-amazon-apigateway-authorizer:
        type: request
        authorizerUri: {Fn::Sub: 'x/functions/${Hello.Arn}/invocations'}
        identitySource: method.request.header.A, method.request.querystring.q,context.stage,stageVariables.s
        authorizerPayloadFormatVersion: '2.0'
        enableSimpleResponses: true
    Jwt: {type: oauth2, x-amazon-apigateway-authorizer: {type: jwt}}
    Pool: {x-amazon-apigateway-authorizer: {type: cognito_user_pools}}
    Key: {type: apiKey, name: x-api-key, in: header}
    Signed: {type: apiKey, x-amazon-apigateway-authtype: awsSigv4}
";
    let expected = [
        "/default: Token Hello token V1 policy [Header(\"X-Token\")] ^(?:[a-z]+)",
        "/open: nobody",
        "/empty: nobody",
        "/request: Request Hello request V1 simple [Header(\"A\"), Query(\"q\"), \
         Context(\"stage\"), StageVariable(\"s\")]",
        "/jwt: JWT Jwt",
        "/pool: Cognito Pool",
        "/key: nobody",
        "/iam: IAM AWS_IAM",
        "/signed: IAM Signed",
    ];
    let template = with_api("Api", "      DefinitionUri: api.yaml");
    let three =
        format!("security: [{{Token: []}}]\ncomponents:\n  securitySchemes:{schemes}{paths}");
    let two = format!("security: [{{Token: []}}]\nsecurityDefinitions:{schemes}{paths}");
    for text in [&three, &two] {
        let (_, application) = read_files(&[("template.yaml", &template), ("api.yaml", text)]);
        let application = application.unwrap();
        assert!(application.check().is_ok(), "{:?}", application.check());
        assert_eq!(authorizers(&application.functions[0]), expected);
    }

    // HTTP APIs ask in their own words, and know no tokens.
    let text = three.replace("method.request", "$request").replace("context.", "$context.");
    let template = with_api("HttpApi", "      DefinitionUri: api.yaml");
    let (_, application) = read_files(&[("template.yaml", &template), ("api.yaml", &text)]);
    let application = application.unwrap();
    let [default, .., request, _, _, _, _, _] = &authorizers(&application.functions[0])[..] else {
        panic!("{application:?}");
    };
    assert_eq!(default, "/default: JWT Token");
    assert_eq!(request, &expected[3].replace("V1", "V2"));
}

#[test]
fn what_is_wrong_with_authorizers_is_named_with_its_line() {
    let with_auth = |kind: &str, auth: &str, event: &str| {
        with_api(kind, &format!("      Auth: {{{auth}}}")).replace(
            "{FunctionName: hello-on-aws}",
            &format!(
                "{{Events: {{E: {{Type: {kind}, Properties: {{ApiId: !Ref Api, RestApiId: !Ref Api, \
                 Method: GET, Path: /, {event}}}}}}}}}"
            ),
        )
    };
    for (template, expected) in [
        (
            with_auth("Api", "DefaultAuthorizer: Nobody", ""),
            "template.yaml:5: `DefaultAuthorizer` is `Nobody`, which `Api` does not have",
        ),
        (
            with_auth("Api", "", "Auth: {Authorizer: Nobody}"),
            "template.yaml:6: `Authorizer` is `Nobody`, which `Api` does not have",
        ),
        (
            with_auth("HttpApi", "Authorizers: {A: {FunctionArn: !GetAtt Hello.Arn}}", ""),
            "template.yaml:5: `AuthorizerPayloadFormatVersion` of `A` is neither `1.0` nor `2.0`",
        ),
        (
            with_api(
                "Api",
                "      DefinitionBody: {securityDefinitions: {A: {x-amazon-apigateway-authorizer: {\
                 type: request, authorizerUri: 'x:function:Hello', identitySource: 'header.A, b'}}}}",
            ),
            "template.yaml:5: `identitySource` of `A` has ` b` in it",
        ),
    ] {
        assert_eq!(error(&template).to_string(), expected, "{template}");
    }
    // What is for all APIs is told once, and not for those that nothing leads to.
    let globals = |auth: &str| {
        let template = with_auth("Api", "Authorizers: {A: {UserPoolArn: a}}", "").replace(
            "Events: {",
            "Events: {Implicit: {Type: Api, Properties: {Method: PUT, Path: /}}, ",
        );
        format!("{template}Globals: {{Api: {{Auth: {auth}}}}}\n")
    };
    let default = globals("{DefaultAuthorizer: A}");
    assert_eq!(
        error(&default).to_string(),
        "template.yaml:7: `DefaultAuthorizer` is `A`, which `ServerlessRestApi` does not have"
    );
    assert!(
        read(&default.replace(
            "{Type: Api, Properties: {Method: PUT",
            "{Type: S3, Properties: {Method: PUT"
        ))
        .check()
        .is_ok()
    );

    let expression = "{FunctionArn: !GetAtt Hello.Arn, Identity: {ValidationExpression: '(?!a)'}}";
    let application = read(&globals(&format!("{{Authorizers: {{B: {expression}}}}}")));
    assert!(application.check().is_ok());
    let [warning] = &application.warnings[..] else { panic!("{application:?}") };
    assert_eq!(
        Error::from(warning.clone()).to_string(),
        "/project/template.yaml:7: tokens are not checked here to be like `(?!a)`"
    );
}

/// One of the template around comes by its ARN.
#[test]
fn nested_applications_have_authorizers_of_their_own_and_of_others() {
    let template = "
Resources:
  Doorman: {Type: AWS::Serverless::Function}
  Shop:
    Type: AWS::Serverless::Application
    Properties: {Location: shop.yaml, Parameters: {Doorman: !GetAtt Doorman.Arn}}
";
    let shop = "
Parameters: {Doorman: {Type: String}}
Globals:
  Api:
    Auth:
      Authorizers:
        Own: {FunctionArn: !GetAtt Porter.Arn}
        Other: {FunctionArn: !Ref Doorman}
Resources:
  Porter: {Type: AWS::Serverless::Function}
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Own: {Type: Api, Properties: {Method: GET, Path: /own, Auth: {Authorizer: Own}}}
        Other: {Type: Api, Properties: {Method: GET, Path: /other, Auth: {Authorizer: Other}}}
";
    let (_, application) = read_files(&[("template.yaml", template), ("shop.yaml", shop)]);
    assert_eq!(
        authorizers(&application.unwrap().functions[2]),
        [
            "/own: Own Shop/Porter token V1 policy [Header(\"Authorization\")]",
            "/other: Other Doorman token V1 policy [Header(\"Authorization\")]",
        ]
    );
}
