//! `scaffold dev --poll` with local servers of AWS's APIs: moto, or the program that `AWS_EMULATOR` names.

use std::env;
use std::io::{Read, Write};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use lambda_native_tests::aws;
use lambda_native_tests::command::Run;
use lambda_native_tests::dev::{Dev, SocketProject};
use lambda_native_tests::server::{Server, free_address};
use lambda_native_tests::wait::wait_for;
use serde_json::{Value, json};

/// A function that prints its events. Records with `bad` in their data fail, and one with `crash` fails the
/// invocation.
const FUNCTION: &str = r##"
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

fn main() {
    let address = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap();
    let mut stream = BufReader::new(TcpStream::connect(&address).unwrap());
    let mut call = |request: String| {
        stream.get_mut().write_all(request.as_bytes()).unwrap();
        let (mut id, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim().split_once(": ") else {
                if line.trim().is_empty() { break }
                continue
            };
            match name.to_ascii_lowercase().as_str() {
                "lambda-runtime-aws-request-id" => id = value.to_owned(),
                "content-length" => length = value.parse().unwrap(),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).unwrap();
        (id, String::from_utf8(body).unwrap())
    };
    loop {
        let next = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let (id, event) = call(next.to_owned());
        println!("EVENT {event}");
        let failures: Vec<_> = event
            // Each record starts with one of these.
            .replace(r#"{"awsRegion":"#, r#"{"attributes":"#)
            .split(r#"{"attributes":"#)
            .filter(|record| {
                // Ids, which are random, can contain `bad`.
                [r#""body":"bad"#, r#""data":"YmFk"#].iter().any(|bad| record.contains(bad))
            })
            .filter_map(|record| {
                let key = ["\"messageId\":\"", "\"sequenceNumber\":\"", "\"SequenceNumber\":\""];
                key.iter().find_map(|key| record.split_once(key)?.1.split('"').next())
            })
            .map(|id| format!(r#"{{"itemIdentifier":"{id}"}}"#))
            .collect();
        let (kind, body) = if event.contains("crash") {
            ("error", r#"{"errorType":"Crash","errorMessage":"as told"}"#.to_owned())
        } else {
            ("response", format!(r#"{{"batchItemFailures":[{}]}}"#, failures.join(",")))
        };
        let length = body.len();
        call(format!("POST /2018-06-01/runtime/invocation/{id}/{kind} HTTP/1.1\r\nHost: localhost\r\n\
                      Content-Length: {length}\r\n\r\n{body}"));
    }
}
"##;

/// Messages that fail come back once a test releases them, however long everything takes. The windows gather
/// what one call sends, as moto delivers a part of it.
const QUEUES: &str = "
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {CodeUri: ., Handler: bootstrap, Runtime: provided.al2023, Timeout: 60}
Resources:
  Rejected: {Type: AWS::SQS::Queue, Properties: {QueueName: rejected}}
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 360
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Rejected.Arn, maxReceiveCount: 2}
  Ship:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Orders:
          Type: SQS
          Properties:
            Queue: !GetAtt Orders.Arn
            MaximumBatchingWindowInSeconds: 2
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: {MaximumConcurrency: 2}
  Letters: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 360}}
  Whole:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Letters:
          Type: SQS
          Properties:
            Queue: !GetAtt [Letters, Arn]
            MaximumBatchingWindowInSeconds: 2
            FilterCriteria: {Filters: [{Pattern: '{\"body\": [{\"anything-but\": {\"prefix\": \"spam\"}}]}'}]}
  Steps:
    Type: AWS::SQS::Queue
    Properties: {QueueName: steps.fifo, FifoQueue: true, ContentBasedDeduplication: true, VisibilityTimeout: 360}
  Walk: {Type: AWS::Serverless::Function}
  Steady:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref Walk
      EventSourceArn: !GetAtt Steps.Arn
      BatchSize: 1
";

const STREAMS: &str = "
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {CodeUri: ., Handler: bootstrap, Runtime: provided.al2023, Timeout: 60}
Resources:
  Items:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: N}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
  Clicks: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1}}
  Watch:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Items:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Items.StreamArn
            StartingPosition: TRIM_HORIZON
            BisectBatchOnFunctionError: true
            MaximumRetryAttempts: 1
        Clicks:
          Type: Kinesis
          Properties:
            Stream: !GetAtt Clicks.Arn
            StartingPosition: TRIM_HORIZON
            MaximumBatchingWindowInSeconds: 2
            MaximumRetryAttempts: 1
            FunctionResponseTypes: [ReportBatchItemFailures]
";

/// The account in which emulators create queues.
const ACCOUNT: &str = "123456789012";

/// An emulator of AWS, without anything in it.
struct Emulator {
    endpoint: String,
    server: Option<Server>,
}

impl Emulator {
    fn start() -> Self {
        let mut emulator = Self { endpoint: format!("http://{}", free_address()), server: None };
        emulator.restart();
        emulator
    }

    /// Starts it again, at the same address.
    fn restart(&mut self) {
        let address = self.endpoint.trim_start_matches("http://").parse().unwrap();
        let port = self.endpoint.rsplit(':').next().unwrap();
        let mut emulator = match &*env::var("AWS_EMULATOR").unwrap_or_default() {
            "ministack" => aws::command(Path::new("."), "ministack", &[]),
            _ => aws::command(Path::new("."), "moto_server", &["--port", port]),
        };
        // The variables are those of ministack.
        emulator.env("GATEWAY_PORT", port).env("MINISTACK_ACCOUNT_ID", ACCOUNT);
        emulator.stdout(Stdio::null()).stderr(Stdio::null());
        self.server = Some(Server::start(emulator, address));
    }

    fn stop(&mut self) {
        self.server = None;
    }

    /// Runs the AWS CLI and returns its JSON.
    fn aws(&self, service: &str, operation: &str, input: &Value) -> Value {
        let input = input.to_string();
        let endpoint = ["--endpoint-url", &self.endpoint, "--output", "json"];
        let arguments = [&endpoint[..], &[service, operation, "--cli-input-json", &input]].concat();
        let output = aws::command(Path::new("."), "aws", &arguments).output().unwrap();
        let printed = Run::from(output).success();
        if printed.is_empty() { Value::Null } else { printed.parse().unwrap() }
    }

    fn url(&self, queue: &str) -> String {
        format!("{}/{ACCOUNT}/{queue}", self.endpoint)
    }

    fn send(&self, queue: &str, bodies: &[&str]) {
        let is_fifo = queue == "steps.fifo";
        let entries = bodies.iter().enumerate().map(|(index, body)| {
            let mut entry = json!({ "Id": index.to_string(), "MessageBody": body });
            if is_fifo {
                entry["MessageGroupId"] = json!("group");
            }
            entry
        });
        let entries: Vec<_> = entries.collect();
        let input = json!({ "QueueUrl": self.url(queue), "Entries": entries });
        let _ = self.aws("sqs", "send-message-batch", &input);
    }

    /// The number of messages in a queue, visible or not.
    fn count(&self, queue: &str) -> u32 {
        let input = json!({ "QueueUrl": self.url(queue), "AttributeNames": ["All"] });
        let found = self.aws("sqs", "get-queue-attributes", &input);
        let number =
            |name: &str| found["Attributes"][name].as_str().unwrap().parse::<u32>().unwrap();
        number("ApproximateNumberOfMessages") + number("ApproximateNumberOfMessagesNotVisible")
    }

    /// Has a message come back that a function has received and not handled: its body, and how many times it
    /// has been received.
    fn release(&self, queue: &str, dev: &Dev, function: &str, message: &str) {
        let records = records(&dev.log(), function);
        let record = records.iter().find(|record| body(record) == message).unwrap();
        let input = json!({
            "QueueUrl": self.url(queue),
            "ReceiptHandle": record["receiptHandle"],
            // With 0, moto delivers no message of its group while a call waits for messages.
            "VisibilityTimeout": 1,
        });
        let _ = self.aws("sqs", "change-message-visibility", &input);
    }

    /// `scaffold dev --poll` of a project, once everything is polled.
    fn dev(&self, project: &SocketProject, sources: usize) -> Dev {
        let scaffold = project.scaffold(&["dev", "--port", "0", "--poll"]);
        // The region of the AWS CLI.
        let scaffold = scaffold.env("AWS_REGION", "eu-central-1");
        let dev = Dev::start(scaffold.env("AWS_ENDPOINT_URL", &self.endpoint));
        dev.wait_until("polling", |log| log.matches(" polling ").count() == sources);
        dev
    }
}

fn project(template: &str) -> SocketProject {
    let project = SocketProject::new(template);
    project.write("src/main.rs", FUNCTION);
    project
}

/// The records that a function has received, in their order.
fn records(log: &str, function: &str) -> Vec<Value> {
    let events = log.lines().filter(|line| line.trim_start().starts_with(&format!("{function} ")));
    let events = events.filter_map(|line| line.split_once("EVENT "));
    let records = events.flat_map(|(_, event)| {
        let event: Value = event.parse().unwrap();
        event["Records"].as_array().unwrap().clone()
    });
    records.collect()
}

/// The body of a message, and how many times it has been received.
fn body(record: &Value) -> String {
    let count = &record["attributes"]["ApproximateReceiveCount"];
    format!("{} {}", record["body"].as_str().unwrap(), count.as_str().unwrap())
}

/// The messages that a function has received, in their order.
fn bodies(log: &str, function: &str) -> Vec<String> {
    records(log, function).iter().map(body).collect()
}

/// Waits until a function has received a message.
#[track_caller]
fn wait_for_message(dev: &Dev, function: &str, message: &str) {
    dev.wait_until(message, |log| bodies(log, function).iter().any(|it| it == message));
}

/// Returns the invocations that the console sends to its page, once this one is among them.
fn invocations_in_the_console(dev: &Dev, source: &str) -> String {
    let mut stream = dev.connect();
    let deadline = Instant::now() + Duration::from_secs(60);
    stream.write_all(b"GET /_scaffold/stream HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut listed = String::new();
    let mut bytes = [0; 4096];
    while !listed.contains(source) {
        let count = stream.read(&mut bytes).expect(&listed);
        assert!(count > 0 && Instant::now() < deadline, "no `{source}` in {listed}");
        listed += &String::from_utf8_lossy(&bytes[..count]);
    }
    listed
}

#[test]
#[ignore = "needs moto or ministack, and the AWS CLI"]
fn messages_that_succeed_are_deleted_and_the_others_come_back() {
    let aws = Emulator::start();
    let project = project(QUEUES);
    let mut dev = aws.dev(&project, 3);

    aws.send("Orders", &["good", "bad", "fine"]);
    wait_for_message(&dev, "Ship", "bad 1");
    // Those that succeeded are deleted, the one that failed is not.
    wait_for(|| aws.count("Orders") == 1);
    aws.release("Orders", &dev, "Ship", "bad 1");
    wait_for_message(&dev, "Ship", "bad 2");
    // The queue gives up a message after `maxReceiveCount`.
    aws.release("Orders", &dev, "Ship", "bad 2");
    wait_for(|| aws.count("rejected") == 1);
    assert_eq!(aws.count("Orders"), 0);
    let mut received = bodies(&dev.log(), "Ship");
    received.sort();
    assert_eq!(received, ["bad 1", "bad 2", "fine 1", "good 1"]);

    // Without `ReportBatchItemFailures`, the response does not matter, and an error fails all messages.
    aws.send("Letters", &["bad", "spam"]);
    wait_for(|| aws.count("Letters") == 0);
    assert_eq!(bodies(&dev.log(), "Whole"), ["bad 1"]);
    aws.send("Letters", &["crash", "well"]);
    for message in ["crash", "well"] {
        wait_for_message(&dev, "Whole", &format!("{message} 1"));
        aws.release("Letters", &dev, "Whole", &format!("{message} 1"));
        wait_for_message(&dev, "Whole", &format!("{message} 2"));
    }

    // The messages of a group wait for the one that fails.
    aws.send("steps.fifo", &["one", "two crash", "three"]);
    wait_for_message(&dev, "Walk", "two crash 1");
    aws.release("steps.fifo", &dev, "Walk", "two crash 1");
    wait_for_message(&dev, "Walk", "two crash 2");
    let mut walked = bodies(&dev.log(), "Walk");
    walked.truncate(3);
    assert_eq!(walked, ["one 1", "two crash 1", "two crash 2"]);

    let listed = invocations_in_the_console(&dev, "SQS Steps 1 record");
    for part in [
        r#""source":"SQS Orders 3 records","status":"error""#,
        r#""source":"SQS Letters 1 record","status":"200""#,
        r#""reason":"{\"errorType\":\"Crash\",\"errorMessage\":\"as told\"}""#,
    ] {
        assert!(listed.contains(part), "{part} in {listed}");
    }

    let event = &records(&dev.log(), "Ship")[0];
    let arn = "arn:aws:sqs:eu-central-1:123456789012:Orders";
    assert_eq!(
        (&event["eventSourceARN"], &event["awsRegion"]),
        (&json!(arn), &json!("eu-central-1"))
    );
    let log = dev.log();
    assert_eq!(dev.end("INT").code(), Some(130));
    for line in [
        "SQS Orders: not emulated: `ScalingConfig`\n",
        "SQS Orders created the dead-letter queue `rejected` at http://",
        "SQS Orders created the queue `Orders` at http://",
        ", 1 failed Ship ",
        "SQS Letters 1 record deleted by the filter\n",
        "SQS Letters: `batchItemFailures` of the response is ignored, as on AWS\n",
        "all failed Whole ",
        "  {\"errorType\":\"Crash\",\"errorMessage\":\"as told\"}\n",
    ] {
        assert!(log.contains(line), "{line} in {log}");
    }
}

#[test]
#[ignore = "needs moto or ministack, and the AWS CLI"]
fn records_of_streams_are_repeated_until_lambda_would_give_up() {
    let aws = Emulator::start();
    let project = project(STREAMS);
    let dev = aws.dev(&project, 2);

    let numbered = |id: &str, data: &str| json!({ "id": { "N": id }, "data": { "S": data } });
    let item = |data: &str| numbered("1", data);
    let put = |item: Value| {
        let _ = aws.aws("dynamodb", "put-item", &json!({ "TableName": "Items", "Item": item }));
    };
    let key = json!({ "id": { "N": "1" } });
    for data in ["first", "second"] {
        put(item(data));
    }
    let _ = aws.aws("dynamodb", "delete-item", &json!({ "TableName": "Items", "Key": key }));
    let changes = |log: &str| -> Vec<(String, Value, Value)> {
        let records = records(log, "Watch").into_iter().filter(|it| it.get("dynamodb").is_some());
        let change = |record: Value| {
            let [new, old] = ["NewImage", "OldImage"].map(|it| record["dynamodb"][it].clone());
            (record["eventName"].as_str().unwrap().to_owned(), new, old)
        };
        records.map(change).collect()
    };
    dev.wait_until("all changes", |log| changes(log).len() == 3);
    assert_eq!(
        changes(&dev.log()),
        [
            ("INSERT".to_owned(), item("first"), Value::Null),
            ("MODIFY".to_owned(), item("second"), item("first")),
            ("REMOVE".to_owned(), Value::Null, item("second")),
        ]
    );

    // A failing record is halved away from the others, repeated, and given up.
    put(item("crash"));
    put(numbered("2", "last"));
    dev.wait_until("the change after", |log| {
        changes(log).last() == Some(&("INSERT".to_owned(), numbered("2", "last"), Value::Null))
    });
    dev.wait_for("discarded 1 record after 2 failures");

    let put = |data: &[&str]| {
        let records = data.iter().map(|data| json!({ "Data": data, "PartitionKey": "1" }));
        let records: Vec<_> = records.collect();
        let input = json!({ "StreamName": "Clicks", "Records": records });
        let _ = aws.aws("kinesis", "put-records", &input);
    };
    let clicks = |log: &str| -> Vec<String> {
        let records = records(log, "Watch").into_iter();
        let data = records.filter_map(|it| Some(it.pointer("/kinesis/data")?.as_str()?.to_owned()));
        data.collect()
    };
    put(&["good", "bad", "fine"]);
    dev.wait_for("discarded 2 records after 2 failures");
    put(&["next"]);
    // In base64, repeated from the first failure on, and given up.
    dev.wait_until("the record after", |log| clicks(log).contains(&"bmV4dA==".to_owned()));
    assert_eq!(
        clicks(&dev.log()),
        ["Z29vZA==", "YmFk", "ZmluZQ==", "YmFk", "ZmluZQ==", "bmV4dA=="]
    );
}

#[test]
#[ignore = "needs moto or ministack, and the AWS CLI"]
fn polling_goes_on_once_the_endpoint_is_back() {
    let mut aws = Emulator::start();
    let project = project(&QUEUES[..QUEUES.find("  Letters:").unwrap()]);
    let dev = aws.dev(&project, 1);
    aws.send("Orders", &["before"]);
    wait_for_message(&dev, "Ship", "before 1");
    aws.stop();
    dev.wait_for("hint: start the server at ");
    aws.restart();
    // The emulator has forgotten everything.
    dev.wait_until("the queue again", |log| log.matches("created the queue").count() == 2);
    aws.send("Orders", &["after"]);
    wait_for_message(&dev, "Ship", "after 1");
    // After a save, the new version gets the messages.
    project.replace("src/main.rs", &FUNCTION.replace("EVENT", "again: EVENT"));
    dev.wait_for_builds(2);
    aws.send("Orders", &["saved"]);
    dev.wait_until("the new version", |log| {
        log.lines().any(|line| line.contains("again: EVENT") && line.contains("saved"))
    });
}
