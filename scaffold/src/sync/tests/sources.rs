//! The events of queues, streams, topics, buckets, schedules and EventBridge.

use std::path::Path;

use serde_json::json;

use super::super::code::{self, Program};
use super::{code, reports, run, sync};
use crate::sam::Application;
use crate::term::diff;

/// Returns the difference that the edit makes.
fn difference(template: &str, triggers: &[&str]) -> String {
    let result = sync(template, triggers);
    assert_eq!(reports(&result), "");
    diff::plain("template.yaml", template, &result.text)
}

/// A template with a function, and resources and parameters of every kind.
const RESOURCES: &str = "\
Parameters:
  RefundQueueArn:
    Type: String

Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Handler: bootstrap

  OrderQueue:
    Type: AWS::SQS::Queue
  Clicks:
    Type: AWS::Kinesis::Stream
  Reader:
    Type: AWS::Kinesis::StreamConsumer
  Stock:
    Type: AWS::DynamoDB::Table
    Properties:
      StreamSpecification: {StreamViewType: NEW_IMAGE}
  Alerts:
    Type: AWS::SNS::Topic
  Uploads:
    Type: AWS::S3::Bucket
";

const ALL: [&str; 9] = [
    "count kinesis Clicks",
    "read kinesis Reader",
    "watch dynamodb Stock",
    "report schedule rate(5 minutes)",
    "clean_up schedule cron(0 3 * * ? *)",
    "bill eventbridge com.example.shop",
    "ship sqs OrderQueue",
    "refund sqs RefundQueueArn",
    "page sns Alerts",
];

#[test]
fn writes_an_event_for_each_source() {
    let code = [&ALL[..], &["resize s3 Uploads"]].concat();
    let result = sync(RESOURCES, &code);
    assert_eq!(reports(&result), "");
    insta::assert_snapshot!(diff::plain("template.yaml", RESOURCES, &result.text), @r"
    --- template.yaml
    +++ template.yaml
    @@ -7,6 +7,69 @@
         Type: AWS::Serverless::Function
         Properties:
           Handler: bootstrap
    +      Events:
    +        Ship:
    +          Type: SQS
    +          Properties:
    +            Queue: !GetAtt OrderQueue.Arn
    +            FunctionResponseTypes: [ReportBatchItemFailures]
    +        Refund:
    +          Type: SQS
    +          Properties:
    +            Queue: !Ref RefundQueueArn
    +            FunctionResponseTypes: [ReportBatchItemFailures]
    +        Count:
    +          Type: Kinesis
    +          Properties:
    +            Stream: !GetAtt Clicks.Arn
    +            StartingPosition: TRIM_HORIZON
    +            FunctionResponseTypes: [ReportBatchItemFailures]
    +        Read:
    +          Type: Kinesis
    +          Properties:
    +            Stream: !Ref Reader
    +            StartingPosition: TRIM_HORIZON
    +            FunctionResponseTypes: [ReportBatchItemFailures]
    +        Watch:
    +          Type: DynamoDB
    +          Properties:
    +            Stream: !GetAtt Stock.StreamArn
    +            StartingPosition: TRIM_HORIZON
    +            FunctionResponseTypes: [ReportBatchItemFailures]
    +        Page:
    +          Type: SNS
    +          Properties:
    +            Topic: !Ref Alerts
    +        Resize:
    +          Type: S3
    +          Properties:
    +            Bucket: !Ref Uploads
    +            Events: s3:ObjectCreated:*
    +        CleanUp:
    +          Type: Schedule
    +          Properties:
    +            Schedule: 'cron(0 3 * * ? *)'
    +        Report:
    +          Type: Schedule
    +          Properties:
    +            Schedule: rate(5 minutes)
    +        Bill:
    +          Type: EventBridgeRule
    +          Properties:
    +            Pattern:
    +              source: [com.example.shop]
    +    Metadata:
    +      ScaffoldEvents:
    +        Ship: sqs OrderQueue
    +        Refund: sqs RefundQueueArn
    +        Count: kinesis Clicks
    +        Read: kinesis Reader
    +        Watch: dynamodb Stock
    +        Page: sns Alerts
    +        Resize: s3 Uploads
    +        CleanUp: 'schedule cron(0 3 * * ? *)'
    +        Report: schedule rate(5 minutes)
    +        Bill: eventbridge com.example.shop
     
       OrderQueue:
         Type: AWS::SQS::Queue
    ");
}

#[test]
fn removes_the_events_of_sources_that_are_gone() {
    let before = sync(RESOURCES, &ALL).text;
    assert_eq!(sync(&before, &[]).text, RESOURCES);
    let without_orders: Vec<_> = ALL.into_iter().filter(|it| !it.contains("OrderQueue")).collect();
    insta::assert_snapshot!(difference(&before, &without_orders), @r"
    --- template.yaml
    +++ template.yaml
    @@ -8,11 +8,6 @@
         Properties:
           Handler: bootstrap
           Events:
    -        Ship:
    -          Type: SQS
    -          Properties:
    -            Queue: !GetAtt OrderQueue.Arn
    -            FunctionResponseTypes: [ReportBatchItemFailures]
             Refund:
               Type: SQS
               Properties:
    @@ -55,7 +50,6 @@
                   source: [com.example.shop]
         Metadata:
           ScaffoldEvents:
    -        Ship: sqs OrderQueue
             Refund: sqs RefundQueueArn
             Count: kinesis Clicks
             Read: kinesis Reader
    ");
}

#[test]
fn writes_sources_into_json() {
    let template = r#"{
  "Transform": "AWS::Serverless-2016-10-31",
  "Resources": {
    "Orders": {
      "Type": "AWS::Serverless::Function",
      "Properties": {"Handler": "bootstrap"}
    },
    "OrderQueue": {"Type": "AWS::SQS::Queue"},
    "Alerts": {"Type": "AWS::SNS::Topic"}
  }
}
"#;
    let code = ["ship sqs OrderQueue", "page sns Alerts", "bill eventbridge com.example.shop"];
    let result = sync(template, &code);
    serde_json::from_str::<serde_json::Value>(&result.text).unwrap();
    insta::assert_snapshot!(diff::plain("template.json", template, &result.text), @r#"
    --- template.json
    +++ template.json
    @@ -3,7 +3,8 @@
       "Resources": {
         "Orders": {
           "Type": "AWS::Serverless::Function",
    -      "Properties": {"Handler": "bootstrap"}
    +      "Properties": {"Handler": "bootstrap", "Events": {"Ship": {"Type": "SQS", "Properties": {"Queue": {"Fn::GetAtt": ["OrderQueue", "Arn"]}, "FunctionResponseTypes": ["ReportBatchItemFailures"]}}, "Page": {"Type": "SNS", "Properties": {"Topic": {"Ref": "Alerts"}}}, "Bill": {"Type": "EventBridgeRule", "Properties": {"Pattern": {"source": ["com.example.shop"]}}}}},
    +      "Metadata": {"ScaffoldEvents": {"Ship": "sqs OrderQueue", "Page": "sns Alerts", "Bill": "eventbridge com.example.shop"}}
         },
         "OrderQueue": {"Type": "AWS::SQS::Queue"},
         "Alerts": {"Type": "AWS::SNS::Topic"}
    "#);
    let other = sync(&result.text, &["ship sqs OrderQueue", "bill eventbridge com.example.bills"]);
    serde_json::from_str::<serde_json::Value>(&other.text).unwrap();
    insta::assert_snapshot!(diff::plain("template.json", &result.text, &other.text), @r#"
    --- template.json
    +++ template.json
    @@ -3,8 +3,8 @@
       "Resources": {
         "Orders": {
           "Type": "AWS::Serverless::Function",
    -      "Properties": {"Handler": "bootstrap", "Events": {"Ship": {"Type": "SQS", "Properties": {"Queue": {"Fn::GetAtt": ["OrderQueue", "Arn"]}, "FunctionResponseTypes": ["ReportBatchItemFailures"]}}, "Page": {"Type": "SNS", "Properties": {"Topic": {"Ref": "Alerts"}}}, "Bill": {"Type": "EventBridgeRule", "Properties": {"Pattern": {"source": ["com.example.shop"]}}}}},
    -      "Metadata": {"ScaffoldEvents": {"Ship": "sqs OrderQueue", "Page": "sns Alerts", "Bill": "eventbridge com.example.shop"}}
    +      "Properties": {"Handler": "bootstrap", "Events": {"Ship": {"Type": "SQS", "Properties": {"Queue": {"Fn::GetAtt": ["OrderQueue", "Arn"]}, "FunctionResponseTypes": ["ReportBatchItemFailures"]}}, "Bill": {"Type": "EventBridgeRule", "Properties": {"Pattern": {"source": ["com.example.bills"]}}}}},
    +      "Metadata": {"ScaffoldEvents": {"Ship": "sqs OrderQueue", "Bill": "eventbridge com.example.bills"}}
         },
         "OrderQueue": {"Type": "AWS::SQS::Queue"},
         "Alerts": {"Type": "AWS::SNS::Topic"}
    "#);
}

#[test]
fn follows_the_name_in_the_code_and_keeps_everything_else() {
    let before =
        sync(RESOURCES, &["ship sqs OrderQueue", "bill eventbridge com.example.shop"]).text;
    let by_hand = before
        .replace(
            "            Queue: !GetAtt OrderQueue.Arn\n",
            "            Queue: !GetAtt OrderQueue.Arn # the orders\n            BatchSize: 100\n            \
             FilterCriteria: {Filters: [{Pattern: '{\"body\":{\"paid\":[true]}}'}]}\n",
        )
        .replace(
            "              source: [com.example.shop]\n",
            "              source:\n                - com.example.shop\n              detail-type: [Order placed]\n",
        );
    assert!(by_hand.contains("BatchSize") && by_hand.contains("detail-type"));
    let same = sync(&by_hand, &["ship sqs OrderQueue", "bill eventbridge com.example.shop"]);
    assert_eq!(same.text, by_hand);
    assert_eq!(reports(&same), "");

    let code = ["ship sqs RefundQueueArn", "bill eventbridge com.example.bills"];
    insta::assert_snapshot!(difference(&by_hand, &code), @r#"
    --- template.yaml
    +++ template.yaml
    @@ -11,7 +11,7 @@
             Ship:
               Type: SQS
               Properties:
    -            Queue: !GetAtt OrderQueue.Arn # the orders
    +            Queue: !Ref RefundQueueArn # the orders
                 BatchSize: 100
                 FilterCriteria: {Filters: [{Pattern: '{"body":{"paid":[true]}}'}]}
                 FunctionResponseTypes: [ReportBatchItemFailures]
    @@ -20,12 +20,12 @@
               Properties:
                 Pattern:
                   source:
    -                - com.example.shop
    +                [com.example.bills]
                   detail-type: [Order placed]
         Metadata:
           ScaffoldEvents:
    -        Ship: sqs OrderQueue
    -        Bill: eventbridge com.example.shop
    +        Ship: sqs RefundQueueArn
    +        Bill: eventbridge com.example.bills
     
       OrderQueue:
         Type: AWS::SQS::Queue
    "#);
}

#[test]
fn another_kind_of_source_is_another_event() {
    let before =
        sync(RESOURCES, &["ship sqs OrderQueue", "bill eventbridge com.example.shop"]).text;
    let by_hand =
        before.replace("OrderQueue.Arn\n", "OrderQueue.Arn\n            BatchSize: 100\n");
    assert_ne!(by_hand, before);
    // What was extended stays.
    let result = sync(&by_hand, &["ship sns Alerts", "bill eventbridge com.example.shop"]);
    insta::assert_snapshot!(diff::plain("template.yaml", &by_hand, &result.text), @r"
    --- template.yaml
    +++ template.yaml
    @@ -19,10 +19,14 @@
               Properties:
                 Pattern:
                   source: [com.example.shop]
    +        Ship2:
    +          Type: SNS
    +          Properties:
    +            Topic: !Ref Alerts
         Metadata:
           ScaffoldEvents:
    -        Ship: sqs OrderQueue
             Bill: eventbridge com.example.shop
    +        Ship2: sns Alerts
     
       OrderQueue:
         Type: AWS::SQS::Queue
    ");
    insta::assert_snapshot!(reports(&result), @r"
    warning: `Ship` of `Orders` was extended by hand, so it stays; the code no longer has `sqs OrderQueue`
    hint: remove it if nothing needs it; it is yours from now on
    ");
    insta::assert_snapshot!(difference(&before, &["ship sns Alerts", "bill eventbridge com.example.shop"]), @r"
    --- template.yaml
    +++ template.yaml
    @@ -8,20 +8,19 @@
         Properties:
           Handler: bootstrap
           Events:
    -        Ship:
    -          Type: SQS
    -          Properties:
    -            Queue: !GetAtt OrderQueue.Arn
    -            FunctionResponseTypes: [ReportBatchItemFailures]
             Bill:
               Type: EventBridgeRule
               Properties:
                 Pattern:
                   source: [com.example.shop]
    +        Ship2:
    +          Type: SNS
    +          Properties:
    +            Topic: !Ref Alerts
         Metadata:
           ScaffoldEvents:
    -        Ship: sqs OrderQueue
             Bill: eventbridge com.example.shop
    +        Ship2: sns Alerts
     
       OrderQueue:
         Type: AWS::SQS::Queue
    ");
}

#[test]
fn reports_a_source_that_was_changed_or_removed_by_hand() {
    let code = ["ship sqs OrderQueue", "report schedule rate(5 minutes)"];
    let before = sync(RESOURCES, &code).text;
    let by_hand = before
        .replace("!GetAtt OrderQueue.Arn", "arn:aws:sqs:eu-central-1:123456789012:orders")
        .replace("Schedule: rate(5 minutes)", "Schedule: rate(1 hour)");
    let result = sync(&by_hand, &code);
    assert_eq!(result.text, by_hand);
    insta::assert_snapshot!(reports(&result), @r"
    error: `Ship` of `Orders` was changed by hand to another source; the code has `sqs OrderQueue`
    hint: change one of them, so that both are the same
    error: `Report` of `Orders` was changed by hand to `schedule rate(1 hour)`; the code has `schedule rate(5 minutes)`
    hint: change one of them, so that both are the same
    ");
    let result = sync(&by_hand, &["ship sqs OrderQueue", "report schedule rate(1 hour)"]);
    insta::assert_snapshot!(diff::plain("template.yaml", &by_hand, &result.text), @r"
    --- template.yaml
    +++ template.yaml
    @@ -20,7 +20,7 @@
         Metadata:
           ScaffoldEvents:
             Ship: sqs OrderQueue
    -        Report: schedule rate(5 minutes)
    +        Report: schedule rate(1 hour)
     
       OrderQueue:
         Type: AWS::SQS::Queue
    ");

    let start = before.find("        Ship:\n          Type").unwrap();
    let end = before.find("        Report:\n          Type").unwrap();
    let by_hand = format!("{}{}", &before[..start], &before[end..]);
    let result = sync(&by_hand, &code);
    assert_eq!(result.text, by_hand);
    insta::assert_snapshot!(reports(&result), @r"
    warning: `Ship` of `Orders` was removed by hand; the code still has `sqs OrderQueue`
    hint: to get it back, remove `Ship` below `ScaffoldEvents` too
    ");
}

#[test]
fn names_must_be_resources_of_the_right_type_or_parameters() {
    let template = format!(
        "{RESOURCES}  Users:\n    Type: AWS::DynamoDB::Table\n  Simple:\n    Type: AWS::Serverless::SimpleTable\n"
    );
    let code = [
        "a sqs OrdersQueue",
        "b sqs RefundQueue",
        "c sqs Alerts",
        "d sns Xyz",
        "e dynamodb Users",
        "f dynamodb Simple",
        "g s3 RefundQueueArn",
        "h s3 Upload",
        "i kinesis Click",
        "j sns Alerts",
    ];
    let result = sync(&template, &code);
    insta::assert_snapshot!(diff::plain("template.yaml", &template, &result.text), @r"
    --- template.yaml
    +++ template.yaml
    @@ -7,6 +7,14 @@
         Type: AWS::Serverless::Function
         Properties:
           Handler: bootstrap
    +      Events:
    +        J:
    +          Type: SNS
    +          Properties:
    +            Topic: !Ref Alerts
    +    Metadata:
    +      ScaffoldEvents:
    +        J: sns Alerts
     
       OrderQueue:
         Type: AWS::SQS::Queue
    ");
    insta::assert_snapshot!(reports(&result), @r#"
    error: `Alerts` is `AWS::SNS::Topic`, but `sqs Alerts` needs `AWS::SQS::Queue`
    hint: correct the name in the code
    error: the template has no `OrdersQueue`, which `sqs OrdersQueue` names
    hint: did you mean `OrderQueue`?
    error: the template has no `RefundQueue`, which `sqs RefundQueue` names
    hint: did you mean `RefundQueueArn`?
    error: the template has no `Click`, which `kinesis Click` names
    hint: did you mean `Clicks`?
    error: `Simple` is `AWS::Serverless::SimpleTable`, but `dynamodb Simple` needs `AWS::DynamoDB::Table` or `AWS::DynamoDB::GlobalTable`
    hint: a `SimpleTable` has no stream: make it an `AWS::DynamoDB::Table` with a `StreamSpecification`
    error: the table `Users` has no stream
    hint: add `StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}` to `Users`
    error: the template has no `Xyz`, which `sns Xyz` names
    hint: add it to the template, or correct the name in the code
    error: `RefundQueueArn` is a parameter, but SAM takes the events of a bucket in the same template only
    hint: declare the bucket in this template, or let it send its events to EventBridge and use `eventbridge = "aws.s3"`
    error: the template has no `Upload`, which `s3 Upload` names
    hint: did you mean `Uploads`?
    "#);
}

#[test]
fn a_wrong_name_removes_nothing() {
    let before = sync(RESOURCES, &["ship sqs OrderQueue", "page sns Alerts"]).text;
    for code in ["ship sqs OrdersQueue", "ship sqs"] {
        let result = sync(&before, &[code, "page sns Alert"]);
        assert_eq!(result.text, before);
    }
    // The name in the code is right, but the queue has another one now.
    let renamed = before.replace("OrderQueue", "Queue").replace("sqs Queue", "sqs OrderQueue");
    let result = sync(&renamed, &["ship sqs OrderQueue", "page sns Alerts"]);
    assert_eq!(result.text, renamed);
    insta::assert_snapshot!(reports(&result), @r"
    error: the template has no `OrderQueue`, which `sqs OrderQueue` names
    hint: add it to the template, or correct the name in the code
    error: `Ship` of `Orders` was changed by hand to `sqs Queue`; the code has `sqs OrderQueue`
    hint: change one of them, so that both are the same
    ");
    insta::assert_snapshot!(difference(&renamed, &["ship sqs Queue", "page sns Alerts"]), @r"
    --- template.yaml
    +++ template.yaml
    @@ -19,7 +19,7 @@
                 Topic: !Ref Alerts
         Metadata:
           ScaffoldEvents:
    -        Ship: sqs OrderQueue
    +        Ship: sqs Queue
             Page: sns Alerts
     
       Queue:
    ");
}

#[test]
fn adds_nothing_beside_events_that_were_written_by_hand() {
    let events = "
        A: {Type: SQS, Properties: {Queue: {Fn::GetAtt: [OrderQueue, Arn]}, FunctionResponseTypes: [ReportBatchItemFailures]}}
        B: {Type: SQS, Properties: {Queue: !Ref RefundQueueArn, FunctionResponseTypes: !Ref Types}}
        C: {Type: Kinesis, Properties: {Stream: !GetAtt [Clicks, Arn], FunctionResponseTypes: [!Ref Type]}}
        D: {Type: Kinesis, Properties: {Stream: !Ref Reader, FunctionResponseTypes: [ReportBatchItemFailures]}}
        E: {Type: DynamoDB, Properties: {Stream: !Sub '${Stock.StreamArn}', FunctionResponseTypes: [ReportBatchItemFailures]}}
        F: {Type: SNS, Properties: {Topic: {Ref: Alerts}}}
        G: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(5 minutes)}}
        H: {Type: Schedule, Properties: {Schedule: cron(0 3 * * ? *)}}
        I: {Type: CloudWatchEvent, Properties: {Pattern: {source: [aws.ec2, com.example.shop], detail-type: [Placed]}}}
        J: {Type: S3, Properties: {Bucket: !Ref Uploads, Events: s3:ObjectRemoved:*}}
";
    let template = RESOURCES.replace(
        "      Handler: bootstrap\n",
        &format!("      Handler: bootstrap\n      Events:{events}"),
    );
    let code = [&ALL[..], &["resize s3 Uploads"]].concat();
    let result = sync(&template, &code);
    assert_eq!(result.text, template);
    assert_eq!(reports(&result), "");
    // Those that no handler takes are reported, unless a handler takes all of their kind.
    let result = sync(&template, &["ship sqs", "page sns Alerts", "count kinesis Clicks"]);
    assert_eq!(result.text, template);
    insta::assert_snapshot!(reports(&result), @r"
    warning: `D` of `Orders` is `kinesis Reader`, which no handler takes
    hint: remove the event, or add the source to the code
    warning: `E` of `Orders` is `dynamodb Stock`, which no handler takes
    hint: remove the event, or add the source to the code
    warning: `G` of `Orders` is `schedule rate(5 minutes)`, which no handler takes
    hint: remove the event, or add the source to the code
    warning: `H` of `Orders` is `schedule cron(0 3 * * ? *)`, which no handler takes
    hint: remove the event, or add the source to the code
    warning: `J` of `Orders` is `s3 Uploads`, which no handler takes
    hint: remove the event, or add the source to the code
    ");
}

#[test]
fn insists_on_partial_responses_of_batches() {
    for types in ["", ", FunctionResponseTypes: []"] {
        let event = format!("{{Type: SQS, Properties: {{Queue: !GetAtt OrderQueue.Arn{types}}}}}");
        let template = RESOURCES.replace(
            "      Handler: bootstrap\n",
            &format!("      Handler: bootstrap\n      Events:\n        Own: {event}\n"),
        );
        for code in ["ship sqs OrderQueue", "ship sqs"] {
            let result = sync(&template, &[code]);
            assert_eq!(result.text, template);
            insta::allow_duplicates! {
                insta::assert_snapshot!(reports(&result), @r"
                error: `Own` of `Orders` lacks `FunctionResponseTypes: [ReportBatchItemFailures]`: Lambda would take failed records as done
                hint: add it to the `Properties` of the event
                ");
            }
        }
    }
}

#[test]
fn says_which_permissions_are_the_users_business() {
    let template = RESOURCES
        .replace(
            "      Handler: bootstrap\n",
            "      Handler: bootstrap\n      Role: !GetAtt Role.Arn\n",
        )
        .replace(
            "    Type: AWS::SQS::Queue\n",
            "    Type: AWS::SQS::Queue\n    Properties:\n      KmsMasterKeyId: !Ref Key\n",
        );
    let result =
        sync(&template, &["ship sqs OrderQueue", "count kinesis Clicks", "page sns Alerts"]);
    insta::assert_snapshot!(reports(&result), @r"
    warning: `Orders` has its own `Role`, so SAM adds no permission for `sqs OrderQueue`
    hint: attach AWS's policy `service-role/AWSLambdaSQSQueueExecutionRole` or a narrower one to the role
    warning: `OrderQueue` is encrypted with a key that `Orders` cannot use
    hint: add the policy `KMSDecryptPolicy` with the id of the key to `Orders`
    warning: `Orders` has its own `Role`, so SAM adds no permission for `kinesis Clicks`
    hint: attach AWS's policy `service-role/AWSLambdaKinesisExecutionRole` or a narrower one to the role
    ");
    // The events are there, so there is nothing more to say.
    let again =
        sync(&result.text, &["ship sqs OrderQueue", "count kinesis Clicks", "page sns Alerts"]);
    assert_eq!(reports(&again), "");
    for policies in [
        "Policies: [{KMSDecryptPolicy: {KeyId: !Ref Key}}]",
        "Policies: [{Statement: [{Effect: Allow, Action: kms:Decrypt, Resource: '*'}]}]",
    ] {
        let template = template.replace("Role: !GetAtt Role.Arn", policies);
        assert_eq!(reports(&sync(&template, &["ship sqs OrderQueue"])), "");
    }
    let template =
        template.replace("!Ref Key", "alias/aws/sqs").replace("      Role: !GetAtt Role.Arn\n", "");
    assert_eq!(reports(&sync(&template, &["ship sqs OrderQueue"])), "");
}

#[test]
fn a_source_without_a_name_needs_an_event_by_hand() {
    let result = sync(RESOURCES, &["ship sqs", "report schedule"]);
    assert_eq!(result.text, RESOURCES);
    insta::assert_snapshot!(reports(&result), @r#"
    warning: `Orders` has no `SQS` event for the handler `ship`
    hint: write `sqs = "NAME"` in the code, or add an event by hand
    warning: `Orders` has no `Schedule` event for the handler `report`
    hint: write `schedule = "rate(5 minutes)"` in the code, or add an event by hand
    "#);
}

#[test]
fn writes_routes_and_sources_into_the_same_template() {
    let template = format!("{RESOURCES}  Api:\n    Type: AWS::Serverless::HttpApi\n");
    let result = sync(&template, &["place POST /orders", "ship sqs OrderQueue"]);
    insta::assert_snapshot!(diff::plain("template.yaml", &template, &result.text), @r"
    --- template.yaml
    +++ template.yaml
    @@ -7,6 +7,22 @@
         Type: AWS::Serverless::Function
         Properties:
           Handler: bootstrap
    +      Events:
    +        Place:
    +          Type: HttpApi
    +          Properties:
    +            ApiId: !Ref Api
    +            Path: /orders
    +            Method: post
    +        Ship:
    +          Type: SQS
    +          Properties:
    +            Queue: !GetAtt OrderQueue.Arn
    +            FunctionResponseTypes: [ReportBatchItemFailures]
    +    Metadata:
    +      ScaffoldEvents:
    +        Place: POST /orders
    +        Ship: sqs OrderQueue
     
       OrderQueue:
         Type: AWS::SQS::Queue
    ");
    insta::assert_snapshot!(result.difference("template.yaml").unwrap(), @r"`template.yaml` lacks routes and sources of the code: `POST /orders` and `sqs OrderQueue`");
    let other = sync(&result.text, &["ship sqs OrderQueue"]);
    insta::assert_snapshot!(diff::plain("template.yaml", &result.text, &other.text), @r"
    --- template.yaml
    +++ template.yaml
    @@ -8,12 +8,6 @@
         Properties:
           Handler: bootstrap
           Events:
    -        Place:
    -          Type: HttpApi
    -          Properties:
    -            ApiId: !Ref Api
    -            Path: /orders
    -            Method: post
             Ship:
               Type: SQS
               Properties:
    @@ -21,7 +15,6 @@
                 FunctionResponseTypes: [ReportBatchItemFailures]
         Metadata:
           ScaffoldEvents:
    -        Place: POST /orders
             Ship: sqs OrderQueue
     
       OrderQueue:
    ");
    insta::assert_snapshot!(other.difference("template.yaml").unwrap(), @r"`template.yaml` has routes that the code no longer has: `POST /orders`");
}

#[test]
fn each_function_gets_the_source_of_its_handler() {
    let template = "\
Resources:
  Ship:
    Type: AWS::Serverless::Function
    Properties: {Handler: orders.ship}
  Bill:
    Type: AWS::Serverless::Function
    Properties:
      PackageType: Image
      ImageConfig: {Command: [bill]}
  OrderQueue: {Type: AWS::SQS::Queue}
";
    let record = |name: &str, source: serde_json::Value| {
        serde_json::from_value::<lambda_native::record::Record>(json!({
            "runtime": "0.1.0", "name": name, "kind": "event", "input": null, "output": "()", "types": [],
            "source": source,
        }))
        .unwrap()
    };
    let records = [
        record("ship", json!({"type": "sqs", "name": "OrderQueue"})),
        record("bill", json!({"type": "schedule", "name": "rate(1 day)"})),
    ];
    let result_of = |template: &str, count: usize| {
        let application = Application::parse(template, Path::new("template.yaml")).unwrap();
        let functions = application.functions.iter();
        let records = &records[..count];
        let programs: Vec<_> =
            functions.map(|function| Program { function, records, id: 0 }).collect();
        run(template, &code::triggers(&programs), None)
    };
    let result = result_of(template, 2);
    assert_eq!(reports(&result), "");
    insta::assert_snapshot!(diff::plain("template.yaml", template, &result.text), @r"
    --- template.yaml
    +++ template.yaml
    @@ -1,10 +1,21 @@
     Resources:
       Ship:
         Type: AWS::Serverless::Function
    -    Properties: {Handler: orders.ship}
    +    Properties: {Handler: orders.ship, Events: {Ship: {Type: SQS, Properties: {Queue: !GetAtt OrderQueue.Arn, FunctionResponseTypes: [ReportBatchItemFailures]}}}}
    +    Metadata:
    +      ScaffoldEvents:
    +        Ship: sqs OrderQueue
       Bill:
         Type: AWS::Serverless::Function
         Properties:
           PackageType: Image
           ImageConfig: {Command: [bill]}
    +      Events:
    +        Bill:
    +          Type: Schedule
    +          Properties:
    +            Schedule: rate(1 day)
    +    Metadata:
    +      ScaffoldEvents:
    +        Bill: schedule rate(1 day)
       OrderQueue: {Type: AWS::SQS::Queue}
    ");

    // Lambda's `Handler` chooses one of several handlers.
    let one = "Resources:\n  Orders:\n    Type: AWS::Serverless::Function\n    Properties:\n      \
               Handler: bootstrap\n  OrderQueue: {Type: AWS::SQS::Queue}\n";
    let result = result_of(one, 2);
    assert_eq!(result.text, one);
    insta::assert_snapshot!(reports(&result), @r"
    error: no function runs the handler `ship`, which is for `sqs OrderQueue`
    hint: give it a function with `Handler: ship`, as `Orders` runs only handlers with routes unless its `Handler` names one
    error: no function runs the handler `bill`, which is for `schedule rate(1 day)`
    hint: give it a function with `Handler: bill`, as `Orders` runs only handlers with routes unless its `Handler` names one
    ");
    // The only one needs no choice.
    let result = result_of(one, 1);
    assert_eq!(reports(&result), "");
    insta::assert_snapshot!(diff::plain("template.yaml", one, &result.text), @r"
    --- template.yaml
    +++ template.yaml
    @@ -3,4 +3,13 @@
         Type: AWS::Serverless::Function
         Properties:
           Handler: bootstrap
    +      Events:
    +        Ship:
    +          Type: SQS
    +          Properties:
    +            Queue: !GetAtt OrderQueue.Arn
    +            FunctionResponseTypes: [ReportBatchItemFailures]
    +    Metadata:
    +      ScaffoldEvents:
    +        Ship: sqs OrderQueue
       OrderQueue: {Type: AWS::SQS::Queue}
    ");
}

#[test]
fn keeps_what_no_edit_can_reach() {
    let template = "\
Common: &common
  A: {Type: SQS, Properties: {Queue: !GetAtt OrderQueue.Arn}}
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Events: *common
  OrderQueue: {Type: AWS::SQS::Queue}
";
    let result = run(template, &[code("Orders", &["ship sqs OrderQueue"])], None);
    assert_eq!(result.text, template);
    insta::assert_snapshot!(reports(&result), @r"
    error: cannot edit the events of `Orders`: `Events` is the alias `*common`
    hint: change them by hand: add `sqs OrderQueue`
    ");
}
