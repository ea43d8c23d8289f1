//! Functions: `Globals`, intrinsic functions, conditions, architectures, and errors.

use super::*;

/// A template with everything that templates usually have.
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

#[test]
fn a_variable_has_the_name_of_a_resource_only_if_the_template_sets_it() {
    let application = read(
        "
Parameters: {Stage: {Type: String, Default: beta}}
Globals: {Function: {Environment: {Variables: {GLOBAL: !Ref Named}}}}
Resources:
  Named: {Type: AWS::DynamoDB::Table, Properties: {TableName: !Sub 'orders-${Stage}'}}
  Unnamed: {Type: AWS::DynamoDB::Table}
  One: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref Other}}
  Other: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref One}}
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: orders}}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: hello
      Environment:
        Variables:
          NAMED: !Sub '${Named}/x'
          UNNAMED: !Sub '${Unnamed}/x'
          CIRCLE: !Ref One
          QUEUE: !Ref Queue
          SELF: !Ref Hello
          ARN: !GetAtt Hello.Arn
          STACK: !Ref AWS::StackName
          ACCOUNT: !Sub '${AWS::AccountId}'
          NOBODY: !Ref Nobody
          _HANDLER: mine
",
    );
    let [function] = &application.functions[..] else { panic!("{application:?}") };
    assert_snapshot!(format!("{:?}", function.environment), @r#"{"GLOBAL": "orders-beta", "NAMED": "orders-beta/x", "SELF": "hello"}"#);
    let unresolved: Vec<_> = function.unresolved_variables.keys().map(String::as_str).collect();
    assert_eq!(unresolved, ["ACCOUNT", "ARN", "CIRCLE", "NOBODY", "QUEUE", "STACK", "UNNAMED"]);
    let warnings: Vec<_> = application.warnings().map(|(message, _)| message).collect();
    let reserved = "25: the variable `_HANDLER` of `Hello` is ignored: Lambda reserves it";
    assert_eq!(warnings, [format!("/project/template.yaml:{reserved}")]);
}

#[test]
fn a_template_is_read_with_its_globals_and_functions() {
    assert_snapshot!(describe(&read(TEMPLATE)), @r#"
    Orders: /project/orders/, arm64, 20 s, 512 MB, FunctionName: orders-beta, Handler: bootstrap, Binary: orders
      AWS_LAMBDA_LOG_FORMAT=JSON
      AWS_LAMBDA_LOG_LEVEL=DEBUG
      EMPTY=
      FLAG=true
      LEVEL=debug
      NUMBER=1.1
      PART=y
      SHARED=global
      URL=https://a.example/beta/${Literal}
      ZONE=b
      LONG is unresolved: !Sub ${AWS::AccountId}
      OTHER is unresolved: !GetAtt Other.Arn
      SECRET is unresolved: !Ref Secret
      TABLE is unresolved: !Ref Table
      TABLE_ARN is unresolved: !GetAtt Table.Arn
      ServerlessHttpApi Http ANY $default $default V2
        Cors { allow_origins: ["https://a.example"], allow_methods: [], allow_headers: [], expose_headers: [], allow_credentials: true, max_age: Some(5) }
      ServerlessHttpApi Http GET /orders/{id} $default V2
        Cors { allow_origins: ["https://a.example"], allow_methods: [], allow_headers: [], expose_headers: [], allow_credentials: true, max_age: Some(5) }
      Shop Rest ANY /{proxy+} beta V1
        Cors { allow_origins: ["*"], allow_methods: [], allow_headers: [], expose_headers: [], allow_credentials: false, max_age: None }
        base64: ["image/png"]
      ServerlessRestApi Rest POST /implicit Prod V1
    Other: /project/./image, x86_64, 20 s, 512 MB, PackageType: Image
      SHARED=global
      TABLE=global
      Other FunctionUrl { stream: true } ANY $default $default V2
        Cors { allow_origins: ["*"], allow_methods: [], allow_headers: [], expose_headers: [], allow_credentials: false, max_age: None }
    Plain: /project/., x86_64, 900 s, 128 MB
    "#);
}

#[test]
fn a_template_without_resources_has_no_functions() {
    assert!(read("").functions.is_empty());
    assert!(read("just text").functions.is_empty());
}

#[test]
fn errors_name_the_line() {
    assert_errors([
        ("a: [", "1: invalid YAML: unclosed bracket '['"),
        ("? [a]\n: b", "1: expected a name before `:`"),
        (
            "Conditions:\n  A: !Not [!Condition A]\nResources:\n  F: {Type: X, Condition: A}",
            "2: this condition depends on itself",
        ),
    ]);
    for (properties, expected) in [
        ("Timeout: soon", "`Timeout` of `F` is `soon`; expected 1 to 900 seconds"),
        ("Timeout: 901", "`Timeout` of `F` is `901`; expected 1 to 900 seconds"),
        ("MemorySize: 64", "`MemorySize` of `F` is `64`; expected 128 to 10240 MB"),
        ("Architectures: [arm]", "`Architectures` of `F` must be `[x86_64]` or `[arm64]`"),
        ("Environment: {Variables: {A: !Sub 'a ${B'}}", "`${` without a closing `}`"),
    ] {
        assert_errors([(function(properties), &*format!("5: {expected}"))]);
    }
    for (event, expected) in [
        ("{Type: HttpApi, Properties: {Path: a}}", "`Path` is `a`; it must start with `/`"),
        ("{Type: Api}", "`Path` is missing"),
        (
            "{Type: Api, Properties: {Path: /, Method: FETCH}}",
            "`Method` is `FETCH`; expected an HTTP method or `any`",
        ),
        (
            "{Type: HttpApi, Properties: {Path: /, ApiId: !Ref Shop}}",
            "`ApiId` is `Shop`, which is not an `AWS::Serverless::HttpApi` of this template",
        ),
        (
            "{Type: HttpApi, Properties: {ApiId: !ImportValue x}}",
            "`ApiId` is `!ImportValue x`, which is not an `AWS::Serverless::HttpApi` of this template",
        ),
    ] {
        let template = function(&format!("Events: {{E: {event}}}"));
        assert_errors([(template, &*format!("5: {expected}"))]);
    }
    let external = function("Events: {E: {Type: HttpApi, Properties: {ApiId: !ImportValue x}}}");
    assert_eq!(
        error(&external).fix(),
        "name an API of this template, or leave the property out for the implicit API"
    );
    let missing = Application::read(Path::new("/nowhere/template.yaml")).unwrap_err();
    assert_eq!(missing.to_string(), "cannot read `/nowhere/template.yaml`");
}

/// The architectures of a function in a template with parameters, mappings and conditions.
fn architectures(property: &str) -> Result<Vec<Architecture>> {
    let rest = r"
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
    read(&format!("{rest}{}", function(property))).architectures()
}

#[test]
fn an_architecture_is_known_without_a_deployment() {
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
fn an_architecture_that_only_a_deployment_determines_is_not_guessed() {
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
        let message = format!(
            "/project/template.yaml:17: `Architectures` of `F` is `{expected}`, which is known only \
             after deployment"
        );
        let hint = "pass `--arch x86_64` or `--arch arm64`, or give the parameter a `Default`";
        assert_eq!((error.to_string(), error.fix()), (message, hint));
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

/// Building needs neither timeouts nor routes.
#[test]
fn an_error_in_one_part_leaves_the_other_parts() {
    let application = read(&function(
        "{Timeout: soon, MemorySize: 1, Architectures: [arm64], Events: {\
         Bad: {Type: Api}, Good: {Type: Api, Properties: {Path: /good}}}}",
    ));
    assert_snapshot!(describe(&application), @"
    F: /project/., arm64, 3 s, 128 MB
      ServerlessRestApi Rest ANY /good Prod V1
    ");
    let errors = application.diagnostics.errors.into_iter().map(|it| Error::from(it).to_string());
    assert_snapshot!(errors.collect::<Vec<_>>().join("\n"), @"
    /project/template.yaml:5: `Path` is missing
    /project/template.yaml:5: `Timeout` of `F` is `soon`; expected 1 to 900 seconds
    /project/template.yaml:5: `MemorySize` of `F` is `1`; expected 128 to 10240 MB
    ");
}

#[test]
fn a_resource_can_ignore_globals() {
    let template = |attribute: &str| {
        format!(
            "Globals: {{Function: {{Timeout: 7, Environment: {{Variables: {{A: b}}}}}}}}\n\
             Resources:\n  F: {{Type: AWS::Serverless::Function{attribute}}}\n"
        )
    };
    let described = |attribute| describe(&read(&template(attribute))).trim_end().to_owned();
    assert_eq!(described(""), "F: /project/., x86_64, 7 s, 128 MB\n  A=b");
    let none = "F: /project/., x86_64, 3 s, 128 MB";
    assert_eq!(described(", IgnoreGlobals: '*'"), none);
    assert_eq!(described(", IgnoreGlobals: [Timeout, Environment]"), none);
    let environment = "F: /project/., x86_64, 7 s, 128 MB";
    assert_eq!(described(", IgnoreGlobals: [Environment]"), environment);
}

#[test]
fn event_sources_are_read_from_events_and_from_mappings() {
    let application = read(
        "
Transform: AWS::Serverless-2016-10-31
Resources:
  Rejected: {Type: AWS::SQS::Queue, Properties: {QueueName: rejected}}
  Orders:
    Type: AWS::SQS::Queue
    Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt Rejected.Arn, maxReceiveCount: 2}}
  Items: {Type: AWS::DynamoDB::Table}
  Ship:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Orders:
          Type: SQS
          Properties:
            Queue: !GetAtt Orders.Arn
            MaximumBatchingWindowInSeconds: 5
            FunctionResponseTypes: [ReportBatchItemFailures]
            FilterCriteria: {Filters: [{Pattern: '{\"body\": [\"a\"]}'}]}
            ScalingConfig: {MaximumConcurrency: 2}
        Clicks:
          Type: Kinesis
          Properties:
            Stream: arn:aws:kinesis:eu-north-1:123456789012:stream/clicks
            StartingPosition: LATEST
            BatchSize: 20000
            MaximumRetryAttempts: -1
            MaximumRecordAgeInSeconds: 60
        Off: {Type: SQS, Properties: {Queue: !GetAtt Rejected.Arn, Enabled: false}}
        Topic: {Type: SNS, Properties: {Topic: !Ref Topic}}
  Changes:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref Ship
      EventSourceArn: !GetAtt Items.StreamArn
      StartingPosition: TRIM_HORIZON
      BatchSize: 7
      MaximumRetryAttempts: 3
      BisectBatchOnFunctionError: true
  Others:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: other, EventSourceArn: !GetAtt Orders.Arn}
",
    );
    let sources = application.functions.iter().flat_map(|function| &function.mappings);
    let lines: Vec<_> = sources
        .map(|source| {
            let resource = source.resource.as_ref().map(|it| {
                let dead_letters = it.dead_letters.as_ref().map(|it| (&it.id, &it.name));
                (&it.id, dead_letters)
            });
            format!(
                "{:?} {} {:?}\n  resource and dead letters: {resource:?}\n  size {}, window {:?}, \
                 reports {}, filters {:?}\n  from start {}, retries {:?}, age {:?}, bisects {}, not \
                 emulated {:?}",
                source.kind,
                source.name,
                source.arn,
                source.batch_size,
                source.batching_window,
                source.reports_failures,
                source.filters,
                source.from_start,
                source.maximum_retries,
                source.maximum_age,
                source.bisects,
                source.not_emulated,
            )
        })
        .collect();
    assert_snapshot!(lines.join("\n"), @r#"
    Queue Orders None
      resource and dead letters: Some(("Orders", Some(("Rejected", Some("rejected")))))
      size 10, window 5s, reports true, filters ["{\"body\": [\"a\"]}"]
      from start false, retries None, age None, bisects false, not emulated ["ScalingConfig"]
    KinesisStream clicks Some("arn:aws:kinesis:eu-north-1:123456789012:stream/clicks")
      resource and dead letters: None
      size 10000, window 0ns, reports false, filters []
      from start false, retries None, age Some(60s), bisects false, not emulated []
    TableStream Items None
      resource and dead letters: Some(("Items", None))
      size 7, window 0ns, reports false, filters []
      from start true, retries Some(3), age None, bisects true, not emulated []
    "#);
}

#[test]
fn functions_on_managed_instances_take_several_invocations() {
    let concurrency = |kind: &str, config: &str| {
        let application = read(&format!(
            "Resources: {{F: {{Type: AWS::{kind}::Function, Properties: {{CapacityProviderConfig: {config}}}}}}}"
        ));
        (application.functions[0].max_concurrency, application.diagnostics.errors.len())
    };
    let of_sam = "{Arn: a, PerExecutionEnvironmentMaxConcurrency: 64}";
    let raw = format!("{{LambdaManagedInstancesCapacityProviderConfig: {of_sam}}}");
    assert_eq!(concurrency("Serverless", of_sam), (Some(64), 0));
    assert_eq!(concurrency("Lambda", &raw), (Some(64), 0));
    assert_eq!(concurrency("Serverless", "{Arn: a}"), (Some(8), 0));
    let unknown = "{Arn: a, PerExecutionEnvironmentMaxConcurrency: !GetAtt A.B}";
    assert_eq!(concurrency("Serverless", unknown), (Some(8), 0));
    for wrong in ["0", "1601", "many"] {
        let config = format!("{{Arn: a, PerExecutionEnvironmentMaxConcurrency: {wrong}}}");
        assert_eq!(concurrency("Serverless", &config), (None, 1), "{wrong}");
    }
    // They can run for longer.
    let timeout = |seconds| {
        let application = read(&format!(
            "Resources: {{F: {{Type: AWS::Serverless::Function, Properties: {{Timeout: {seconds}, CapacityProviderConfig: {{Arn: a}}}}}}}}"
        ));
        (application.functions[0].timeout.as_secs(), application.diagnostics.errors.len())
    };
    assert_eq!([5400, 5401].map(timeout), [(5400, 0), (3, 1)]);
    let application = read("Resources: {F: {Type: AWS::Serverless::Function}}");
    assert_eq!(application.functions[0].max_concurrency, None);
    assert!(!application.functions[0].isolates_tenants);
}

#[test]
fn durable_functions_have_an_execution_timeout() {
    let durable = |config: &str| {
        let application = read(&format!(
            "Resources: {{F: {{Type: AWS::Serverless::Function, Properties: {{DurableConfig: {config}}}}}}}"
        ));
        let timeout = application.functions[0].execution_timeout.map(|it| it.as_secs());
        (timeout, application.diagnostics.errors.iter().map(|it| it.text().0).collect::<Vec<_>>())
    };
    assert_eq!(
        durable("{ExecutionTimeout: 300, RetentionPeriodInDays: 7}"),
        (Some(300), Vec::new())
    );
    assert_eq!(durable("{ExecutionTimeout: !GetAtt A.B}"), (Some(31_622_400), Vec::new()));
    let errors = [
        "{}",
        "{ExecutionTimeout: 0}",
        "{ExecutionTimeout: 31622401}",
        "{ExecutionTimeout: 5, RetentionPeriodInDays: 91}",
        "{ExecutionTimeout: {a: b}}",
    ]
    .map(|config| durable(config).1.join(", "));
    assert_snapshot!(errors.join("\n"), @"
    /project/template.yaml:1: `DurableConfig` of `F` has no `ExecutionTimeout`
    /project/template.yaml:1: `ExecutionTimeout` of `F` is `0`; expected 1 to 31622400 seconds
    /project/template.yaml:1: `ExecutionTimeout` of `F` is `31622401`; expected 1 to 31622400 seconds
    /project/template.yaml:1: `RetentionPeriodInDays` of `F` is `91`; expected 1 to 90 days
    /project/template.yaml:1: `ExecutionTimeout` of `F` is ``; expected 1 to 31622400 seconds
    ");
    let global = "Globals: {Function: {DurableConfig: {ExecutionTimeout: 60}}}\n\
                  Resources: {F: {Type: AWS::Serverless::Function}}";
    let timeout = read(global).functions[0].execution_timeout;
    assert_eq!(timeout.map(|it| it.as_secs()), Some(60));
}
