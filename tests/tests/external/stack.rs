//! `--stack` of `scaffold dev` and `scaffold invoke` with moto, a local server of AWS's APIs.

use lambda_native_tests::aws::Cloud;
use lambda_native_tests::dev::{ONE_FUNCTION, SocketProject};
use serde_json::json;

#[test]
#[ignore = "needs the AWS CLI and moto"]
fn functions_get_the_values_of_a_deployed_stack() {
    let project = SocketProject::new(&format!(
        "{ONE_FUNCTION}      Environment:\n        Variables:\n          MY_TABLE: !Ref Table\n          \
         MY_ARN: !GetAtt Table.Arn\n  Table: {{Type: AWS::DynamoDB::Table}}\n"
    ));
    let cloud = Cloud::start(&project.path());
    // As SAM translates the template.
    let stack = json!({ "Resources": {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": { "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [] } },
        },
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": "deployed",
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
                "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
            },
        },
        "Main": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "provided.al2023",
                "Handler": "bootstrap",
                "Role": { "Fn::GetAtt": ["Role", "Arn"] },
                "Code": { "ZipFile": "none" },
                "Environment": { "Variables": {
                    "MY_TABLE": { "Ref": "Table" },
                    "MY_ARN": { "Fn::GetAtt": ["Table", "Arn"] },
                } },
            },
        },
    } });
    let template = stack.to_string();
    let create =
        ["cloudformation", "create-stack", "--stack-name=shop", "--template-body", &template];
    let _ = cloud.aws(&create);

    let invoke = |stack: &str| {
        let arguments = ["invoke", "--stack", stack, "--data", "\"environment\""];
        cloud.run("scaffold", &arguments, "")
    };
    let output = invoke("shop").success();
    let arn =
        "MY_ARN=arn:aws:dynamodb:eu-central-1:123456789012:table/deployed\nMY_TABLE=deployed\n";
    assert!(output.contains(arn), "{output}");
    let run = invoke("nope");
    assert_eq!(run.code, Some(1));
    let error = "error: cannot read the stack `nope`\n  caused by: An error occurred (ValidationError) when \
                 calling the ListStackResources operation: Stack with id nope does not exist\n\
                 hint: `aws cloudformation list-stacks` lists the stacks; set `AWS_REGION` and `AWS_PROFILE` to \
                 where it is\n";
    assert!(run.stderr.ends_with(error), "{run:?}");
}
