//! Batches of records: the answer to each fault is what AWS's documentation says, and nothing is acknowledged that
//! did not succeed.

use base64::prelude::{BASE64_STANDARD, Engine};
use lambda_native_tests::assert_run;
use lambda_native_tests::command::program;
use lambda_native_tests::runtime_api::{Answer, Run, RuntimeApi};
use serde_json::{Value, json};

const BATCHES: &str = env!("CARGO_BIN_EXE_function-batches");
const THEIR_TYPES: &str = env!("CARGO_BIN_EXE_function-their-types");

const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:Orders";
const FIFO: &str = "arn:aws:sqs:us-east-1:123456789012:Orders.fifo";

/// A message of a queue.
fn message_of(queue: &str, id: &str, body: impl ToString) -> Value {
    json!({
        "messageId": id,
        "receiptHandle": format!("handle of {id}"),
        "body": body.to_string(),
        "attributes": { "ApproximateReceiveCount": "1", "SentTimestamp": "1545082649183" },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": queue,
        "awsRegion": "us-east-1",
    })
}

/// A message of the standard queue with an order.
fn order(id: &str, item: &str) -> Value {
    message_of(QUEUE, id, json!({ "item": item, "count": 3 }))
}

/// A record of a Kinesis stream.
fn click(sequence_number: &str, data: &[u8]) -> Value {
    json!({
        "kinesis": {
            "partitionKey": "key",
            "sequenceNumber": sequence_number,
            "data": BASE64_STANDARD.encode(data),
            "approximateArrivalTimestamp": 1_545_084_650.987,
        },
        "eventSource": "aws:kinesis",
        "eventID": format!("shardId-000000000006:{sequence_number}"),
        "eventSourceARN": "arn:aws:kinesis:us-east-1:123456789012:stream/Clicks",
        "awsRegion": "us-east-1",
    })
}

/// A record of a DynamoDB stream.
fn change(sequence_number: &str, item: &str) -> Value {
    json!({
        "eventID": "1",
        "eventName": "MODIFY",
        "dynamodb": {
            "Keys": { "item": { "S": item } },
            "OldImage": { "item": { "S": item }, "count": { "N": "1" } },
            "NewImage": { "item": { "S": item }, "count": { "N": "2" } },
            "SequenceNumber": sequence_number,
            "SizeBytes": 59,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSource": "aws:dynamodb",
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/Orders/stream/1",
        "awsRegion": "us-east-1",
    })
}

fn batch(records: impl IntoIterator<Item = Value>) -> String {
    json!({ "Records": records.into_iter().collect::<Vec<_>>() }).to_string()
}

/// Sends events to a handler of a function, one after the other.
fn run_events(function: &str, handler: &str, events: &[String], log_format: &str) -> Run {
    let answers = events.iter().enumerate().flat_map(|(number, event)| {
        [Answer::event(&format!("id-{}", number + 1), event), Answer::accepted()]
    });
    let script: Vec<_> = answers.collect();
    let requests = script.len() + 1;
    let mut function = program(function);
    function.env("_HANDLER", handler).env("AWS_LAMBDA_LOG_FORMAT", log_format);
    RuntimeApi::start(script).run(&mut function, requests)
}

fn run(handler: &str, records: impl IntoIterator<Item = Value>) -> Run {
    run_events(BATCHES, handler, &[batch(records)], "Text")
}

/// The response to the only event.
fn response(run: &Run) -> String {
    run.calls()[1].split_once(' ').unwrap().1.to_owned()
}

#[test]
fn a_batch_that_succeeds_and_a_batch_of_none_are_acknowledged() {
    let all = batch([order("m-1", "tea"), order("m-2", "ink")]);
    assert_run!(run_events(BATCHES, "ship", &[all, batch([])], "Text"), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response {"batchItemFailures":[]}
    GET …/invocation/next
    POST …/invocation/id-2/response {"batchItemFailures":[]}
    GET …/invocation/next
    ----- stdout -----
    m-1: Order { item: "tea", count: 3 }
    m-2: Order { item: "ink", count: 3 }
    "#);
}

#[test]
fn a_poison_message_fails_alone() {
    let poison = ["not JSON", "{\"item\":3}", "{\"item\":\"tea\"", ""];
    let poison =
        (2..).zip(poison).map(|(number, body)| message_of(QUEUE, &format!("m-{number}"), body));
    let records = [order("m-1", "tea")].into_iter().chain(poison).chain([order("m-6", "ink")]);
    assert_run!(run("ship", records), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response {"batchItemFailures":[{"itemIdentifier":"m-2"},{"itemIdentifier":"m-3"},{"itemIdentifier":"m-4"},{"itemIdentifier":"m-5"}]}
    GET …/invocation/next
    ----- stdout -----
    m-1: Order { item: "tea", count: 3 }
    m-6: Order { item: "ink", count: 3 }
    ----- stderr -----
    ERROR RequestId: id-1 TraceId: 1-5759e988-bd862e3fe1be46a994272793 MessageId: m-2 Runtime.UnmarshalError: cannot read the record at `body`: expected ident at line 1 column 2
    ERROR RequestId: id-1 TraceId: 1-5759e988-bd862e3fe1be46a994272793 MessageId: m-3 Runtime.UnmarshalError: cannot read the record at `body.item`: invalid type: integer `3`, expected a borrowed string at line 1 column 9
    ERROR RequestId: id-1 TraceId: 1-5759e988-bd862e3fe1be46a994272793 MessageId: m-4 Runtime.UnmarshalError: cannot read the record at `body.item`: EOF while parsing an object at line 1 column 13
    ERROR RequestId: id-1 TraceId: 1-5759e988-bd862e3fe1be46a994272793 MessageId: m-5 Runtime.UnmarshalError: cannot read the record at `body`: EOF while parsing a value at line 1 column 0
    "#);
}

/// JSON can be laid out in any way, and have other members beside the records.
#[test]
fn a_batch_can_be_written_in_any_way() {
    let records = [order("m-1", "tea"), order("m-2", "ink")];
    let pretty = serde_json::to_string_pretty(&json!({ "Records": records })).unwrap();
    let escaped = batch(records.clone()).replace("item", r"\u0069tem").replace("tea", r"t\u0065a");
    let last = json!({ "A": [{ "Records": [] }], "Records": records, "Z": 1 }).to_string();
    assert!(last.starts_with("{\"A\"") && escaped.contains('\\'));
    let none = r#"{ "A": 1, "Records": [ ] }"#.to_owned();
    for events in [[pretty, none], [escaped, last]] {
        let run = run_events(BATCHES, "ship", &events, "Text");
        assert!(run.stdout.starts_with(
            "m-1: Order { item: \"tea\", count: 3 }\nm-2: Order { item: \"ink\", count: 3 }\n"
        ));
        assert_eq!(run.stderr, "");
    }
}

/// The records before the mistake have been handled, but none of them is acknowledged.
#[test]
fn a_batch_that_is_not_json_fails() {
    let whole = batch([order("m-1", "tea"), order("m-2", "ink")]);
    let events = [
        whole[..whole.len() - 1].replace("},{", "};{"),
        whole[..whole.len() - 30].to_owned(),
        whole.replacen('[', "{", 1),
        "{\"Records\":5}".to_owned(),
        "[]".to_owned(),
    ];
    for handler in ["ship", "ship_at_once"] {
        let run = run_events(BATCHES, handler, &events, "Text");
        let answers = run.calls().into_iter().filter(|call| call.starts_with("POST"));
        insta::allow_duplicates! {
            insta::assert_snapshot!(answers.collect::<Vec<_>>().join("\n"), @r#"
            POST …/invocation/id-1/error {"errorType":"Runtime.UnmarshalError","errorMessage":"cannot read the event at `Records[0]`: expected `,` or `]` at line 1 column 313","stackTrace":[]}
            POST …/invocation/id-2/error {"errorType":"Runtime.UnmarshalError","errorMessage":"cannot read the event at `Records[1]`: EOF while parsing a string at line 1 column 585","stackTrace":[]}
            POST …/invocation/id-3/error {"errorType":"Runtime.UnmarshalError","errorMessage":"cannot read the event at `Records`: invalid type: map, expected a sequence at line 1 column 11","stackTrace":[]}
            POST …/invocation/id-4/error {"errorType":"Runtime.UnmarshalError","errorMessage":"cannot read the event at `Records`: invalid type: integer `5`, expected a sequence at line 1 column 12","stackTrace":[]}
            POST …/invocation/id-5/error {"errorType":"Runtime.UnmarshalError","errorMessage":"cannot read the event: invalid length 0, expected a batch of records at line 1 column 2","stackTrace":[]}
            "#);
        }
    }
}

#[test]
fn a_record_of_another_shape_fails_alone() {
    let mut number = order("m-3", "");
    number["body"] = json!(5);
    let strange = [json!({ "messageId": "m-2" }), number];
    let records = [order("m-1", "tea")].into_iter().chain(strange);
    assert_run!(run("ship", records), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response {"batchItemFailures":[{"itemIdentifier":"m-2"},{"itemIdentifier":"m-3"}]}
    GET …/invocation/next
    ----- stdout -----
    m-1: Order { item: "tea", count: 3 }
    ----- stderr -----
    ERROR RequestId: id-1 TraceId: 1-5759e988-bd862e3fe1be46a994272793 MessageId: m-2 Runtime.UnmarshalError: cannot read the record: missing field `receiptHandle` at line 1 column 19
    ERROR RequestId: id-1 TraceId: 1-5759e988-bd862e3fe1be46a994272793 MessageId: m-3 Runtime.UnmarshalError: cannot read the record at `body`: invalid type: integer `5`, expected a string at line 1 column 1
    "#);
}

#[test]
fn an_error_of_one_message_is_logged_with_its_causes() {
    let records = || [order("m-1", "tea"), order("m-2", "fail"), order("m-3", "ink")];
    assert_run!(run("ship", records()), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response {"batchItemFailures":[{"itemIdentifier":"m-2"}]}
    GET …/invocation/next
    ----- stdout -----
    m-1: Order { item: "tea", count: 3 }
    m-2: Order { item: "fail", count: 3 }
    m-3: Order { item: "ink", count: 3 }
    ----- stderr -----
    ERROR RequestId: id-1 TraceId: 1-5759e988-bd862e3fe1be46a994272793 MessageId: m-2 OutOfStock: 3 are missing: the shelf is empty
    "#);
    assert_run!(run_events(BATCHES, "ship", &[batch(records())], "JSON"), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response {"batchItemFailures":[{"itemIdentifier":"m-2"}]}
    GET …/invocation/next
    ----- stdout -----
    m-1: Order { item: "tea", count: 3 }
    m-2: Order { item: "fail", count: 3 }
    m-3: Order { item: "ink", count: 3 }
    ----- stderr -----
    {"timestamp":"[TIMESTAMP]","level":"ERROR","requestId":"id-1","traceId":"1-5759e988-bd862e3fe1be46a994272793","messageId":"m-2","message":"OutOfStock: 3 are missing: the shelf is empty"}
    "#);
}

#[test]
fn a_panic_in_one_of_ten_fails_alone() {
    let item = |number| if number == 4 { "panic" } else { "tea" };
    let run =
        run("ship_quietly", (1..=10).map(|number| order(&format!("m-{number}"), item(number))));
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response {"batchItemFailures":[{"itemIdentifier":"m-4"}]}
    GET …/invocation/next
    ----- stderr -----
    ERROR RequestId: id-1 TraceId: 1-5759e988-bd862e3fe1be46a994272793 MessageId: m-4 Panic: no panic: at tests/functions/batches.rs:37:20
    "#);
}

#[test]
fn a_batch_that_fails_wholly_is_an_error_of_the_invocation() {
    let records = |count: usize| (1..=count).map(|number| order(&format!("m-{number}"), "fail"));
    let events = [batch(records(3)), batch(records(1))];
    assert_run!(run_events(BATCHES, "ship_quietly", &events, "Text"), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/error {"errorType":"BatchFailed","errorMessage":"none of the 3 records succeeded","stackTrace":["OutOfStock: 3 are missing: the shelf is empty"]}
    GET …/invocation/next
    POST …/invocation/id-2/error {"errorType":"OutOfStock","errorMessage":"3 are missing","stackTrace":["the shelf is empty"]}
    GET …/invocation/next
    ----- stderr -----
    ERROR RequestId: id-1 TraceId: 1-5759e988-bd862e3fe1be46a994272793 MessageId: m-1 OutOfStock: 3 are missing: the shelf is empty
    ERROR RequestId: id-1 TraceId: 1-5759e988-bd862e3fe1be46a994272793 MessageId: m-2 OutOfStock: 3 are missing: the shelf is empty
    ERROR RequestId: id-1 TraceId: 1-5759e988-bd862e3fe1be46a994272793 MessageId: m-3 OutOfStock: 3 are missing: the shelf is empty
    ERROR RequestId: id-1 BatchFailed: none of the 3 records succeeded: OutOfStock: 3 are missing: the shelf is empty
    ERROR RequestId: id-2 TraceId: 1-5759e988-bd862e3fe1be46a994272793 MessageId: m-1 OutOfStock: 3 are missing: the shelf is empty
    ERROR RequestId: id-2 OutOfStock: 3 are missing: the shelf is empty
    "#);
}

#[test]
fn a_fifo_queue_stops_at_the_first_failure_and_keeps_the_rest() {
    let order = |id: &str, item| message_of(FIFO, id, json!({ "item": item }));
    let records =
        [order("m-1", "tea"), order("m-2", "fail"), order("m-3", "tea"), order("m-4", "fail")];
    assert_run!(run("ship", records.clone()), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response {"batchItemFailures":[{"itemIdentifier":"m-2"},{"itemIdentifier":"m-3"},{"itemIdentifier":"m-4"}]}
    GET …/invocation/next
    ----- stdout -----
    m-1: Order { item: "tea", count: 0 }
    m-2: Order { item: "fail", count: 0 }
    ----- stderr -----
    ERROR RequestId: id-1 TraceId: 1-5759e988-bd862e3fe1be46a994272793 MessageId: m-2 OutOfStock: 0 are missing: the shelf is empty
    "#);
    // Also where several are handled at a time.
    assert_eq!(
        response(&run("ship_at_once", records)),
        "…/invocation/id-1/response {\"batchItemFailures\":[{\"itemIdentifier\":\"m-2\"},\
         {\"itemIdentifier\":\"m-3\"},{\"itemIdentifier\":\"m-4\"}]}"
    );
}

#[test]
fn a_fifo_queue_whose_first_message_fails_acknowledges_none() {
    let order = |id: &str, item| message_of(FIFO, id, json!({ "item": item }));
    assert_run!(run("ship", [order("m-1", "fail"), order("m-2", "tea")]), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/error {"errorType":"BatchFailed","errorMessage":"none of the 2 records succeeded","stackTrace":["OutOfStock: 0 are missing: the shelf is empty"]}
    GET …/invocation/next
    ----- stdout -----
    m-1: Order { item: "fail", count: 0 }
    ----- stderr -----
    ERROR RequestId: id-1 TraceId: 1-5759e988-bd862e3fe1be46a994272793 MessageId: m-1 OutOfStock: 0 are missing: the shelf is empty
    ERROR RequestId: id-1 BatchFailed: none of the 2 records succeeded: OutOfStock: 0 are missing: the shelf is empty
    "#);
}

#[test]
fn a_stream_stops_at_the_first_failure_which_is_the_checkpoint() {
    let click = |number, item| click(number, json!({ "item": item }).to_string().as_bytes());
    let clicks = [click("101", "tea"), click("102", "fail"), click("103", "tea")];
    assert_run!(run("count", clicks), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response {"batchItemFailures":[{"itemIdentifier":"102"}]}
    GET …/invocation/next
    ----- stdout -----
    key 101: Order { item: "tea", count: 0 }
    key 102: Order { item: "fail", count: 0 }
    ----- stderr -----
    ERROR RequestId: id-1 TraceId: 1-5759e988-bd862e3fe1be46a994272793 SequenceNumber: 102 OutOfStock: 0 are missing: the shelf is empty
    "#);
    let changes = [change("201", "tea"), change("202", "panic"), change("203", "tea")];
    let run = run("audit", changes);
    assert_eq!(
        response(&run),
        "…/invocation/id-1/response {\"batchItemFailures\":[{\"itemIdentifier\":\"202\"}]}"
    );
}

#[test]
fn data_of_a_stream_that_is_not_text_is_read_as_bytes() {
    assert_run!(run("count_bytes", [click("1", b"\xff\x00"), click("2", b"text")]), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response {"batchItemFailures":[]}
    GET …/invocation/next
    ----- stdout -----
    [255, 0]
    [116, 101, 120, 116]
    "#);
    assert_run!(run("count", [click("1", b"{\"item\":\"tea\"}"), click("2", b"\xff")]), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response {"batchItemFailures":[{"itemIdentifier":"2"}]}
    GET …/invocation/next
    ----- stdout -----
    key 1: Order { item: "tea", count: 0 }
    ----- stderr -----
    ERROR RequestId: id-1 TraceId: 1-5759e988-bd862e3fe1be46a994272793 SequenceNumber: 2 Runtime.UnmarshalError: cannot read the record at `kinesis.data`: invalid UTF-8
    "#);
}

#[test]
fn an_identifier_that_occurs_twice_is_listed_once() {
    let records = [order("m-1", "fail"), order("m-1", "fail"), order("m-1", "tea")];
    let run = run("ship_quietly", records);
    assert_eq!(
        response(&run),
        "…/invocation/id-1/response {\"batchItemFailures\":[{\"itemIdentifier\":\"m-1\"}]}"
    );
}

#[test]
fn a_failure_without_an_identifier_fails_the_batch() {
    let mut nameless = order("m-2", "fail");
    nameless["messageId"].take();
    let events = [
        batch([order("m-1", "tea"), nameless, order("m-3", "tea")]),
        batch([order("m-1", "tea"), json!(null)]),
        batch([order("m-1", "tea"), message_of(QUEUE, "", "poison")]),
    ];
    assert_run!(run_events(BATCHES, "ship", &events, "Text"), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/error {"errorType":"BatchFailed","errorMessage":"a record that failed has no `messageId`, so the whole batch fails","stackTrace":["Runtime.UnmarshalError: cannot read the record at `messageId`: invalid type: null, expected a string at line 1 column 267"]}
    GET …/invocation/next
    POST …/invocation/id-2/error {"errorType":"BatchFailed","errorMessage":"a record that failed has no `messageId`, so the whole batch fails","stackTrace":["Runtime.UnmarshalError: cannot read the record: invalid type: null, expected a message at line 1 column 4"]}
    GET …/invocation/next
    POST …/invocation/id-3/error {"errorType":"BatchFailed","errorMessage":"a record that failed has no `messageId`, so the whole batch fails","stackTrace":["Runtime.UnmarshalError: cannot read the record at `body`: expected value at line 1 column 1"]}
    GET …/invocation/next
    ----- stdout -----
    m-1: Order { item: "tea", count: 3 }
    m-1: Order { item: "tea", count: 3 }
    m-1: Order { item: "tea", count: 3 }
    ----- stderr -----
    ERROR RequestId: id-1 TraceId: 1-5759e988-bd862e3fe1be46a994272793 Runtime.UnmarshalError: cannot read the record at `messageId`: invalid type: null, expected a string at line 1 column 267
    ERROR RequestId: id-1 BatchFailed: a record that failed has no `messageId`, so the whole batch fails: Runtime.UnmarshalError: cannot read the record at `messageId`: invalid type: null, expected a string at line 1 column 267
    ERROR RequestId: id-2 TraceId: 1-5759e988-bd862e3fe1be46a994272793 Runtime.UnmarshalError: cannot read the record: invalid type: null, expected a message at line 1 column 4
    ERROR RequestId: id-2 BatchFailed: a record that failed has no `messageId`, so the whole batch fails: Runtime.UnmarshalError: cannot read the record: invalid type: null, expected a message at line 1 column 4
    ERROR RequestId: id-3 TraceId: 1-5759e988-bd862e3fe1be46a994272793 Runtime.UnmarshalError: cannot read the record at `body`: expected value at line 1 column 1
    ERROR RequestId: id-3 BatchFailed: a record that failed has no `messageId`, so the whole batch fails: Runtime.UnmarshalError: cannot read the record at `body`: expected value at line 1 column 1
    "#);
}

#[test]
fn an_event_that_is_not_a_batch_fails() {
    let events = ["{}", "{\"Records\":{}}", "{\"Records\":[{]}"].map(str::to_owned);
    assert_run!(run_events(BATCHES, "ship", &events, "Text"), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/error {"errorType":"Runtime.UnmarshalError","errorMessage":"cannot read the event: missing field `Records` at line 1 column 2","stackTrace":[]}
    GET …/invocation/next
    POST …/invocation/id-2/error {"errorType":"Runtime.UnmarshalError","errorMessage":"cannot read the event at `Records`: invalid type: map, expected a sequence at line 1 column 11","stackTrace":[]}
    GET …/invocation/next
    POST …/invocation/id-3/error {"errorType":"Runtime.UnmarshalError","errorMessage":"cannot read the event at `Records[0]`: key must be a string at line 1 column 14","stackTrace":[]}
    GET …/invocation/next
    ----- stderr -----
    ERROR RequestId: id-1 Runtime.UnmarshalError: cannot read the event: missing field `Records` at line 1 column 2
    ERROR RequestId: id-2 Runtime.UnmarshalError: cannot read the event at `Records`: invalid type: map, expected a sequence at line 1 column 11
    ERROR RequestId: id-3 Runtime.UnmarshalError: cannot read the event at `Records[0]`: key must be a string at line 1 column 14
    "#);
}

#[test]
fn a_timeout_in_the_middle_acknowledges_nothing() {
    let event = batch([order("m-1", "tea"), order("m-2", "wait"), order("m-3", "tea")]);
    let mut function = program(BATCHES);
    let api = RuntimeApi::start([Answer::event("id-1", &event)]);
    let run = api.run_then(function.env("_HANDLER", "ship"), 1, |function, _| {
        // Lambda kills a process that has run out of time.
        std::thread::sleep(std::time::Duration::from_millis(300));
        function.kill().unwrap();
    });
    assert_eq!(run.calls(), ["GET …/invocation/next"]);
    assert!(run.stdout.contains("m-2") && !run.stdout.contains("m-3"), "{}", run.stdout);
}

#[test]
fn ten_thousand_records_are_handled_and_the_failures_listed_in_order() {
    let item = |number| if number % 1_000 == 7 { "fail" } else { "tea" };
    let records = (0..10_000).map(|number| order(&format!("m-{number}"), item(number)));
    let response = response(&run("ship_quietly", records));
    let (_, list) = response.split_once(' ').unwrap();
    let expected: Vec<_> = (0..10)
        .map(|number| json!({ "itemIdentifier": format!("m-{}", number * 1_000 + 7) }))
        .collect();
    assert_eq!(
        serde_json::from_str::<Value>(list).unwrap(),
        json!({ "batchItemFailures": expected })
    );
}

#[test]
fn a_batch_of_six_megabytes_is_handled() {
    let record = |number: usize| {
        let body = json!({ "item": "tea", "note": "\"€\\n".repeat(50_000), "count": number });
        message_of(QUEUE, &format!("m-{number}"), if number == 3 { json!(number) } else { body })
    };
    let run = run("ship_quietly", (0..16).map(record));
    assert_eq!(
        response(&run),
        "…/invocation/id-1/response {\"batchItemFailures\":[{\"itemIdentifier\":\"m-3\"}]}"
    );
}

#[test]
fn as_many_messages_as_asked_for_are_handled_at_a_time() {
    let item = |number| if number == 2 { "fail" } else { "tea" };
    let records = (1..=6).map(|number| order(&format!("m-{number}"), item(number)));
    assert_run!(run("ship_at_once", records), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response {"batchItemFailures":[{"itemIdentifier":"m-2"}]}
    GET …/invocation/next
    ----- stderr -----
    ERROR RequestId: id-1 TraceId: 1-5759e988-bd862e3fe1be46a994272793 MessageId: m-2 OutOfStock: 3 are missing: the shelf is empty
    "#);
}

#[test]
fn the_envelopes_within_a_message_are_unwrapped() {
    let order = json!({ "item": "a \"b\"", "count": 1 });
    let plain = json!({ "item": "tea", "count": 1 });
    let notification = |order: &Value| {
        json!({
            "Type": "Notification",
            "MessageId": "n-1",
            "TopicArn": "arn:aws:sns:us-east-1:123456789012:Orders",
            "Message": order.to_string(),
            "Timestamp": "2026-01-31T23:59:59.123Z",
        })
    };
    let event = json!({
        "version": "0",
        "id": "e-1",
        "detail-type": "Order Placed",
        "source": "com.example.shop",
        "account": "123456789012",
        "time": "2026-01-31T23:59:59Z",
        "region": "us-east-1",
        "resources": [],
        "detail": plain,
    });
    let message = |id: &str, body: &Value| message_of(QUEUE, id, body);
    let notifications = [
        message("m-1", &notification(&plain)),
        message("m-2", &notification(&order)),
        message("m-3", &json!({ "Type": "Notification" })),
    ];
    assert_run!(run("read_notification", notifications), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response {"batchItemFailures":[{"itemIdentifier":"m-2"},{"itemIdentifier":"m-3"}]}
    GET …/invocation/next
    ----- stdout -----
    arn:aws:sns:us-east-1:123456789012:Orders Order { item: "tea", count: 1 }
    ----- stderr -----
    ERROR RequestId: id-1 TraceId: 1-5759e988-bd862e3fe1be46a994272793 MessageId: m-2 Runtime.UnmarshalError: cannot read the record at `body.Message.item`: invalid type: string "a \"b\"", expected a borrowed string at line 1 column 27
    ERROR RequestId: id-1 TraceId: 1-5759e988-bd862e3fe1be46a994272793 MessageId: m-3 Runtime.UnmarshalError: cannot read the record at `body`: missing field `MessageId` at line 1 column 23
    "#);
    let mut wrong = event.clone();
    wrong["detail"]["item"] = json!(7);
    assert_run!(run("read_event", [message("m-1", &event), message("m-2", &wrong)]), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response {"batchItemFailures":[{"itemIdentifier":"m-2"}]}
    GET …/invocation/next
    ----- stdout -----
    Order Placed Order { item: "tea", count: 1 }
    ----- stderr -----
    ERROR RequestId: id-1 TraceId: 1-5759e988-bd862e3fe1be46a994272793 MessageId: m-2 Runtime.UnmarshalError: cannot read the record at `body.detail.item`: invalid type: integer `7`, expected a borrowed string at line 1 column 54
    "#);

    let sns = json!({ "Records": [{ "EventSource": "aws:sns", "Sns": notification(&plain) }] });
    assert_run!(run_events(BATCHES, "announce", &[sns.to_string(), batch([])], "Text"), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response "None Order { item: \"tea\", count: 1 }"
    GET …/invocation/next
    POST …/invocation/id-2/error {"errorType":"Runtime.UnmarshalError","errorMessage":"cannot read the event at `Records`: invalid length 0, expected an array of length 1 at line 1 column 13","stackTrace":[]}
    GET …/invocation/next
    ----- stderr -----
    ERROR RequestId: id-2 Runtime.UnmarshalError: cannot read the event at `Records`: invalid length 0, expected an array of length 1 at line 1 column 13
    "#);
    assert_run!(run_events(BATCHES, "clean_up", &[event.to_string()], "Text"), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response "com.example.shop []"
    GET …/invocation/next
    "#);
}

#[test]
fn text_is_read_as_it_is_and_what_is_ignored_not_at_all() {
    let text = "not \"JSON\"\n";
    assert_run!(run("read_text", [message_of(QUEUE, "m-1", text)]), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response {"batchItemFailures":[]}
    GET …/invocation/next
    ----- stdout -----
    m-1: "not \"JSON\"\n" None
    "#);
    assert_run!(run("ignore", [json!({}), json!([])]), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response {"batchItemFailures":[]}
    GET …/invocation/next
    ----- stdout -----
    0
    1
    "#);
}

#[test]
fn the_types_of_aws_lambda_events_are_records_and_events_too() {
    let of = |handler: &str, records: Vec<Value>| {
        run_events(THEIR_TYPES, handler, &[batch(records)], "Text")
    };
    let message = |id: &str, body: &str| message_of(QUEUE, id, body);
    assert_run!(of("message", vec![message("m-1", "ok"), message("m-2", "fail")]), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response {"batchItemFailures":[{"itemIdentifier":"m-2"}]}
    GET …/invocation/next
    ----- stdout -----
    Some("m-1") Some("ok")
    ----- stderr -----
    ERROR RequestId: id-1 TraceId: 1-5759e988-bd862e3fe1be46a994272793 MessageId: m-2 Error: as told
    "#);
    assert_run!(of("click", vec![click("1", b"ok")]), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response {"batchItemFailures":[]}
    GET …/invocation/next
    ----- stdout -----
    "1" [111, 107]
    "#);
    assert_run!(of("change", vec![change("1", "tea")]), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response {"batchItemFailures":[]}
    GET …/invocation/next
    ----- stdout -----
    MODIFY Some("1")
    "#);
    assert_run!(of("batch", vec![message("m-1", "ok")]), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response {"batchItemFailures":[]}
    GET …/invocation/next
    ----- stdout -----
    1
    "#);
    let sns = json!({
        "EventVersion": "1.0",
        "EventSubscriptionArn": "arn",
        "EventSource": "aws:sns",
        "Sns": {
            "Type": "Notification",
            "MessageId": "n-1",
            "TopicArn": "arn",
            "Message": "hello",
            "Timestamp": "2026-01-31T23:59:59.123Z",
            "SignatureVersion": "1",
            "Signature": "",
            "SigningCertUrl": "",
            "UnsubscribeUrl": "",
            "MessageAttributes": {},
        },
    });
    assert_run!(of("notify", vec![sns]), @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-1/response null
    GET …/invocation/next
    ----- stdout -----
    Some("hello")
    "#);
    let event = json!({ "detail-type": "Order Placed", "source": "shop", "detail": {} });
    let run = run_events(THEIR_TYPES, "happen", &[event.to_string()], "Text");
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("\"Order Placed\"\n", ""));
}
