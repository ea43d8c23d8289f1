//! Templates as people write them, and what is read in them.

use std::path::Path;

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

fn read(text: &str) -> Application {
    let application = application(text, Path::new("/project/template.yaml"));
    application.unwrap_or_else(|problem| panic!("{problem:?}"))
}

/// What is said of a template that cannot be run.
fn error(text: &str) -> Error {
    let file = Path::new("template.yaml");
    match application(text, file) {
        Ok(application) => application.check().unwrap_err(),
        Err(problem) => problem.of(file).into(),
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
