//! Warnings about properties that SAM and `CloudFormation` do not have.

use super::*;

/// The warnings of a template, each with its fix.
fn warnings(template: &str) -> String {
    let application = read(template);
    let lines = application.warnings().map(|(message, hint)| format!("{message}\n  {hint}\n"));
    lines.collect::<String>().replace("/project/", "")
}

#[test]
fn names_that_sam_does_not_have_are_named_with_the_nearest() {
    let found = warnings(
        "
Globlas: {}
Globals:
  Function: {Memory: 512}
  Functions: {}
  HttpApi: {CorsConfiguration: {AllowOrigin: ['*']}}
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Propertis: {}
    Properties:
      Stage: live
      Auth:
        defaultAuthorizer: Jwt
        Authorizers:
          Jwt: {JWTConfiguration: {issuer: a}, Identity: {Header: [authorization]}}
  Rest:
    Type: AWS::Serverless::Api
    Properties: {Cors: {AllowOrigins: \"'*'\"}, Variabels: {}, Auth: {ApiKey: true}}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      TimeOut: 10
      Frobnicate: yes
      Environment: {Varables: {A: b}}
      FunctionUrlConfig: {AuthTyp: NONE, Cors: {MaxAges: 1}}
      LoggingConfig: {Format: JSON}
      Events:
        Get: {Type: HttpApi, Properties: {Path: /, Methd: get, Auth: {Autorizer: NONE}}}
        Old: {Type: Api, Propertes: {}, Properties: {Path: /, Method: get, Auth: {Authorizers: NONE}}}
        Queue:
          Type: SQS
          Properties:
            Queue: arn:aws:sqs:eu-west-1:123456789012:orders
            FunctionResponseType: [ReportBatchItemFailures]
        Other: {Type: HttpAPI}
",
    );
    assert_snapshot!(found, @"
    template.yaml:2: unknown property `Globlas` of the template
      did you mean `Globals`?
    template.yaml:5: unknown property `Functions` of `Globals`
      did you mean `Function`?
    template.yaml:4: unknown property `Memory` of `Function` of `Globals`
      did you mean `MemorySize`?
    template.yaml:6: unknown property `AllowOrigin` of `CorsConfiguration` of `HttpApi` of `Globals`
      did you mean `AllowOrigins`?
    template.yaml:10: unknown property `Propertis` of `Api`
      did you mean `Properties`?
    template.yaml:12: unknown property `Stage` of `Api`
      did you mean `StageName`?
    template.yaml:14: unknown property `defaultAuthorizer` of `Auth` of `Api`
      did you mean `DefaultAuthorizer`?
    template.yaml:16: unknown property `JWTConfiguration` of `Jwt` of `Authorizers` of `Auth` of `Api`
      did you mean `JwtConfiguration`?
    template.yaml:16: unknown property `Header` of `Identity` of `Jwt` of `Authorizers` of `Auth` of `Api`
      did you mean `Headers`?
    template.yaml:19: unknown property `Variabels` of `Rest`
      did you mean `Variables`?
    template.yaml:19: unknown property `AllowOrigins` of `Cors` of `Rest`
      did you mean `AllowOrigin`?
    template.yaml:19: unknown property `ApiKey` of `Auth` of `Rest`
      did you mean `ApiKeyRequired`?
    template.yaml:23: unknown property `TimeOut` of `Hello`
      did you mean `Timeout`?
    template.yaml:24: unknown property `Frobnicate` of `Hello`
      `sam validate --lint` checks the whole template
    template.yaml:25: unknown property `Varables` of `Environment` of `Hello`
      did you mean `Variables`?
    template.yaml:26: unknown property `AuthTyp` of `FunctionUrlConfig` of `Hello`
      did you mean `AuthType`?
    template.yaml:26: unknown property `MaxAges` of `Cors` of `FunctionUrlConfig` of `Hello`
      did you mean `MaxAge`?
    template.yaml:27: unknown property `Format` of `LoggingConfig` of `Hello`
      did you mean `LogFormat`?
    template.yaml:29: unknown property `Methd` of the event `Get` of `Hello`
      did you mean `Method`?
    template.yaml:29: unknown property `Autorizer` of `Auth` of the event `Get` of `Hello`
      did you mean `Authorizer`?
    template.yaml:30: unknown property `Propertes` of the event `Old` of `Hello`
      did you mean `Properties`?
    template.yaml:30: unknown property `Authorizers` of `Auth` of the event `Old` of `Hello`
      did you mean `Authorizer`?
    template.yaml:35: unknown property `FunctionResponseType` of the event `Queue` of `Hello`
      did you mean `FunctionResponseTypes`?
    template.yaml:36: unknown type `HttpAPI` of the event `Other` of `Hello`
      did you mean `HttpApi`?
    ");
}

#[test]
fn what_only_a_deployment_evaluates_is_not_a_property() {
    let found = warnings(
        "
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Conditions: {IsLive: !Equals [!Ref Stage, live]}
Parameters: {Stage: {Type: String}}
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://a/b}}
      Environment: !If [IsLive, {Variables: {A: b}}, !Ref AWS::NoValue]
      FunctionUrlConfig: {Fn::If: [IsLive, {AuthType: NONE}, {AuthType: AWS_IAM}]}
      Events:
        Fn::ForEach::Routes: [Path, [a, b], {'${Path}': {Type: HttpApi}}]
        Get: !If [IsLive, {Type: HttpApi}, !Ref AWS::NoValue]
        Put:
          Type: HttpApi
          Properties: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://a/c}}}
",
    );
    assert_eq!(found, "");
    // Another macro can have properties of its own.
    let macros = "
Transform: [Mine, AWS::Serverless-2016-10-31]
Resources: {Hello: {Type: AWS::Serverless::Function, Properties: {Mine: 1}}}
";
    assert_eq!(warnings(macros), "");
    let raw = "
Resources: {Layer: {Type: AWS::Lambda::LayerVersion, Properties: {AnyThing: 1}}}
";
    assert_eq!(warnings(raw), "");
}

#[test]
fn names_that_cloudformation_does_not_have_are_named_with_the_nearest() {
    let found = warnings(
        "
Resources:
  Hello:
    Type: AWS::Lambda::Function
    Property: {}
    Properties:
      Code: {S3Buckt: a}
      Handlers: main
      Environment: {Variable: {A: b}}
      Tracing: Active
  Url:
    Type: AWS::Lambda::Url
    Properties: {AuthTyp: NONE, TargetFunctionArn: !Ref Hello, Cors: {AllowOrigin: ['*']}}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref Hello, EventSourceArn: !GetAtt Orders.Arn, Batchsize: 10}
  Orders:
    Type: AWS::SQS::Queue
    Properties: {VisibilityTimeOut: 30, Tags: []}
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties: {Nam: api, CorsConfiguration: {MaxAges: 1}, Body: {openapi: 3.0.1}}
  Rest:
    Type: AWS::ApiGateway::RestApi
    Properties: {BinaryMediaType: [a/b], Body: {openapi: 3.0.1}}
  Table: {Type: AWS::DynamoDB::Table, Properties: {StreamSpecifications: {}}}
  Stream: {Type: AWS::Kinesis::Stream, Properties: !If [A, {Shards: 1}, {}]}
",
    );
    assert_snapshot!(found, @"
    template.yaml:5: unknown property `Property` of `Hello`
      did you mean `Properties`?
    template.yaml:8: unknown property `Handlers` of `Hello`
      did you mean `Handler`?
    template.yaml:10: unknown property `Tracing` of `Hello`
      did you mean `TracingConfig`?
    template.yaml:7: unknown property `S3Buckt` of `Code` of `Hello`
      did you mean `S3Bucket`?
    template.yaml:9: unknown property `Variable` of `Environment` of `Hello`
      did you mean `Variables`?
    template.yaml:13: unknown property `AuthTyp` of `Url`
      did you mean `AuthType`?
    template.yaml:13: unknown property `AllowOrigin` of `Cors` of `Url`
      did you mean `AllowOrigins`?
    template.yaml:16: unknown property `Batchsize` of `Mapping`
      did you mean `BatchSize`?
    template.yaml:19: unknown property `VisibilityTimeOut` of `Orders`
      did you mean `VisibilityTimeout`?
    template.yaml:22: unknown property `Nam` of `Api`
      did you mean `Name`?
    template.yaml:22: unknown property `MaxAges` of `CorsConfiguration` of `Api`
      did you mean `MaxAge`?
    template.yaml:25: unknown property `BinaryMediaType` of `Rest`
      did you mean `BinaryMediaTypes`?
    template.yaml:26: unknown property `StreamSpecifications` of `Table`
      did you mean `StreamSpecification`?
    ");
}
