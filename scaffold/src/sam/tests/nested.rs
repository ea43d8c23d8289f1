//! Nested applications.

use std::sync::Arc;

use super::*;

#[test]
fn nested_applications_are_read_with_the_parameters_that_they_receive() {
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
    let name = folder.path().file_name().unwrap().to_str().unwrap();
    let described = without_folder(&describe(&application), &folder).replace(name, "FOLDER");
    assert_snapshot!(described, @"
    Own: ., x86_64, 3 s, 128 MB
      ServerlessHttpApi Http ANY $default $default V2
    Shop/Orders: shop/orders, arm64, 3 s, 128 MB
      COLOR=blue
      STAGE=live-shop
      ZONE=b
      STACK is unresolved: !Ref AWS::StackName
      TABLE is unresolved: !Ref Table
      ServerlessHttpApi Http ANY $default $default V2
    Shop/Stock/Count: ., x86_64, 3 s, 128 MB
    ");
    let ids: Vec<_> = application.functions.iter().map(TemplateFunction::logical_id).collect();
    assert_eq!(ids, ["Own", "Orders", "Count"]);
    let [own, orders, _] = &application.functions[..] else { panic!("{application:?}") };
    assert!(!Arc::ptr_eq(&own.endpoints[0].api, &orders.endpoints[0].api));
    let canonical = dunce::canonicalize(folder.path()).unwrap();
    assert_eq!(
        application.files(),
        [
            folder.path().join("template.yaml"),
            canonical.join("shop/template.yaml"),
            canonical.join("stock.yaml")
        ]
    );
    assert_snapshot!(lines(&application.diagnostics.errors, &folder), @"stock.yaml:1: `Timeout` of `Count` is `901`; expected 1 to 900 seconds");
}

#[test]
fn a_nested_application_that_is_not_a_local_file_is_left_out_with_a_warning() {
    let template = "Resources:
  N0:
    Type: AWS::Serverless::Application
    Properties:
      Location: https://example.com/a.yaml
  N1:
    Type: AWS::Serverless::Application
    Properties:
      Location: {ApplicationId: 'arn:aws:x', SemanticVersion: 1.0.0}
  N2:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: !Sub 'https://${Bucket.DomainName}/a.yaml'
  N3:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: none.yaml
";
    let (folder, application) = read_files(&[("template.yaml", template)]);
    let application = application.unwrap();
    application.check().unwrap();
    assert!(application.functions.is_empty());
    assert_snapshot!(lines(&application.diagnostics.warnings, &folder), @"
    template.yaml:5: skipping nested application `N0`: its template `https://example.com/a.yaml` is not a local file
    template.yaml:9: skipping nested application `N1`: its template `arn:aws:x` is not a local file
    template.yaml:13: skipping nested application `N2`: its template `!Sub https://${Bucket.DomainName}/a.yaml` is not a local file
    template.yaml:17: skipping nested application `N3`: cannot read its template `none.yaml`: No such file or directory (os error 2)
    ");
    let paths = ["template.yaml", "none.yaml"].map(|name| folder.path().join(name));
    assert_eq!(application.files(), paths);
}

#[test]
fn errors_in_a_nested_application_name_its_file_and_line() {
    let nested = |location: &str| {
        format!(
            "Resources:\n  A:\n    Type: AWS::Serverless::Application\n    Properties:\n      \
             Location: {location}"
        )
    };
    for (inner, expected) in [
        ("Resources: [", "nested.yaml:1: invalid YAML: unclosed bracket '['"),
        (&nested("template.yaml"), "nested.yaml:5: `A` includes itself"),
        (&nested("nested.yaml"), "nested.yaml:5: `A` includes itself"),
    ] {
        let (folder, application) =
            read_files(&[("template.yaml", &nested("nested.yaml")), ("nested.yaml", inner)]);
        let error = application.unwrap_err().to_string();
        assert_eq!(without_folder(&error, &folder), expected);
    }
}
