//! Functions of events that come whole: triggers that answer with their event, logs, objects, metrics.

use std::io::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use lambda_native_tests::assert_run;
use lambda_native_tests::command::program;
use lambda_native_tests::runtime_api::{Answer, Run, RuntimeApi};
use serde_json::{Value, json};

/// Sends events to a function, one after the other.
fn run(handler: &str, events: &[&str]) -> Run {
    run_with(handler, events, &[])
}

fn run_with(handler: &str, events: &[&str], environment: &[(&str, &str)]) -> Run {
    let answers = events.iter().enumerate().flat_map(|(number, event)| {
        [Answer::event(&format!("id-{number}"), event), Answer::accepted()]
    });
    let mut program = program(env!("CARGO_BIN_EXE_function-events"));
    program.env("_HANDLER", handler).envs(environment.iter().copied());
    RuntimeApi::start(answers.collect::<Vec<_>>()).run(&mut program, 2 * events.len() + 1)
}

/// The body of the response or the error to the first event.
fn body(run: &Run) -> &str {
    std::str::from_utf8(&run.requests[1].body).unwrap()
}

fn trigger(source: &str, email: &str) -> String {
    json!({
        "version": "1",
        "triggerSource": source,
        "region": "eu-central-1",
        "userPoolId": "eu-central-1_Example01",
        "userName": "ada \u{1F600} \"\u{0}\"",
        "callerContext": { "awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": null, "new": {} },
        "request": { "userAttributes": { "email": email, "custom:age": "36" }, "new": [1.50, null] },
        "response": { "autoConfirmUser": false, "new": 12_345_678_901_234_567_890_u64 },
        "new": { "z": 1, "a": 2 },
    })
    .to_string()
}

#[test]
fn a_trigger_answers_with_its_event_and_only_its_decision_changes() {
    let event = trigger("PreSignUp_SignUp", "ada@example.com");
    let run = run("sign_up", &[&event]);
    let expected = event.replace(r#""autoConfirmUser":false"#, r#""autoConfirmUser":true"#);
    assert_eq!(body(&run), expected, "{run:#?}");
    assert_ne!(event, expected);
}

#[test]
fn a_trigger_that_decides_nothing_answers_byte_for_byte() {
    let event = trigger("PostConfirmation_ConfirmSignUp", "ada@example.com");
    assert_eq!(body(&run("confirmed", &[&event])), event);
}

#[test]
fn an_error_of_a_trigger_and_an_event_of_another_form_are_reported() {
    let refused = trigger("PreSignUp_SignUp", "eve@example.org");
    let incomplete = refused.replace(r#""userPoolId":"eu-central-1_Example01","#, "");
    let wrong = refused.replace(r#""autoConfirmUser":false"#, r#""autoConfirmUser":"no""#);
    let run = run("sign_up", &[&refused, &incomplete, &wrong, "[]", ""]);
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-0/error {"errorType":"NotInvited","errorMessage":"id-0: `eve@example.org`","stackTrace":[]}
    GET …/invocation/next
    POST …/invocation/id-1/error {"errorType":"Runtime.UnmarshalError","errorMessage":"cannot read the event: missing field `userPoolId` at line 1 column 368","stackTrace":[]}
    GET …/invocation/next
    POST …/invocation/id-2/error {"errorType":"Runtime.UnmarshalError","errorMessage":"cannot read the event: `response.autoConfirmUser`: invalid type: string \"no\", expected a boolean at line 1 column 256","stackTrace":[]}
    GET …/invocation/next
    POST …/invocation/id-3/error {"errorType":"Runtime.UnmarshalError","errorMessage":"cannot read the event: invalid length 1, expected an object at line 1 column 2","stackTrace":[]}
    GET …/invocation/next
    POST …/invocation/id-4/error {"errorType":"Runtime.UnmarshalError","errorMessage":"cannot read the event: EOF while parsing a value at line 1 column 0","stackTrace":[]}
    GET …/invocation/next
    ----- stderr -----
    ERROR RequestId: id-0 NotInvited: id-0: `eve@example.org`
    ERROR RequestId: id-1 Runtime.UnmarshalError: cannot read the event: missing field `userPoolId` at line 1 column 368
    ERROR RequestId: id-2 Runtime.UnmarshalError: cannot read the event: `response.autoConfirmUser`: invalid type: string "no", expected a boolean at line 1 column 256
    ERROR RequestId: id-3 Runtime.UnmarshalError: cannot read the event: invalid length 1, expected an object at line 1 column 2
    ERROR RequestId: id-4 Runtime.UnmarshalError: cannot read the event: EOF while parsing a value at line 1 column 0
    "#);
}

#[test]
fn a_type_of_aws_lambda_events_stands_in_the_same_place() {
    let event = trigger("PostConfirmation_ConfirmSignUp", "ada@example.com")
        .replace(r#""custom:age":"36""#, r#""custom:age":"37""#);
    let ours: Value = serde_json::from_str(body(&run("confirmed", &[&event]))).unwrap();
    let theirs: Value = serde_json::from_str(body(&run("confirmed_too", &[&event]))).unwrap();
    assert_eq!(ours["request"]["userAttributes"], theirs["request"]["userAttributes"]);
    // They lose what they do not know.
    assert_eq!((&ours["new"], &theirs["new"]), (&json!({ "z": 1, "a": 2 }), &Value::Null));

    let event = json!({ "Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1",
        "eventTime": "2026-01-01T00:00:00.000Z", "eventName": "ObjectCreated:Put",
        "userIdentity": { "principalId": "A" }, "requestParameters": { "sourceIPAddress": "203.0.113.17" },
        "responseElements": {},
        "s3": { "bucket": { "name": "photos" }, "object": { "key": "on+the%2Bbeach.jpg", "size": 1 } },
    }] })
    .to_string();
    assert_eq!(body(&run("uploads", &[&event])), r#"[["photos","on the+beach.jpg"]]"#);
    assert_eq!(body(&run("uploads_too", &[&event])), r#"[["photos","on+the%2Bbeach.jpg"]]"#);
}

fn logs(json: &[u8]) -> String {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(json).unwrap();
    let data = BASE64_STANDARD.encode(encoder.finish().unwrap());
    json!({ "awslogs": { "data": data } }).to_string()
}

#[test]
fn log_events_are_decompressed_and_a_bomb_is_refused() {
    let message = |text: &str| {
        json!({
            "owner": "123456789012",
            "logGroup": "/aws/lambda/orders",
            "logStream": "2026/01/31/[$LATEST]0",
            "subscriptionFilters": ["errors"],
            "messageType": "DATA_MESSAGE",
            "logEvents": [{ "id": "1", "timestamp": 1_767_225_600_000_i64, "message": text }],
        })
        .to_string()
    };
    let small = logs(message("ERROR no stock\n").as_bytes());
    let bomb = logs(message(&"x".repeat(64 << 20)).as_bytes());
    assert!(bomb.len() < 200_000, "{} bytes", bomb.len());
    let run = run("lines", &[&small, &bomb, &small]);
    assert_run!(run, @r#"
    waits for an event
    ----- calls -----
    GET …/invocation/next
    POST …/invocation/id-0/response ["/aws/lambda/orders",["ERROR no stock\n"]]
    GET …/invocation/next
    POST …/invocation/id-1/error {"errorType":"Runtime.UnmarshalError","errorMessage":"cannot read the event at `awslogs`: `data` has more than 33554432 bytes after decompression at line 1 column 87246","stackTrace":[]}
    GET …/invocation/next
    POST …/invocation/id-2/response ["/aws/lambda/orders",["ERROR no stock\n"]]
    GET …/invocation/next
    ----- stderr -----
    ERROR RequestId: id-1 Runtime.UnmarshalError: cannot read the event at `awslogs`: `data` has more than 33554432 bytes after decompression at line 1 column 87246
    "#);
}

#[test]
fn a_receipt_rule_gets_a_disposition() {
    let event = |status: &str| {
        json!({ "Records": [{ "eventSource": "aws:ses", "eventVersion": "1.0", "ses": {
            "mail": { "messageId": "o3vrnil0e2ic28tr", "timestamp": "2026-01-31T23:59:59.123Z",
                "source": "ada@example.com", "destination": ["info@example.org"] },
            "receipt": { "timestamp": "2026-01-31T23:59:59.123Z", "recipients": [],
                "spamVerdict": { "status": status }, "action": { "type": "Lambda" } },
        } }] })
        .to_string()
    };
    assert_eq!(body(&run("mail", &[&event("FAIL")])), r#"{"disposition":"STOP_RULE"}"#);
    assert_eq!(body(&run("mail", &[&event("PASS")])), r#"{"disposition":"CONTINUE"}"#);
}

/// The lines of metrics.
fn metrics(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

/// A schema of the embedded metric format, from the text of its specification.
fn schema() -> Value {
    let units = [
        "Seconds",
        "Microseconds",
        "Milliseconds",
        "Bytes",
        "Kilobytes",
        "Megabytes",
        "Gigabytes",
        "Terabytes",
        "Bits",
        "Kilobits",
        "Megabits",
        "Gigabits",
        "Terabits",
        "Percent",
        "Count",
        "Bytes/Second",
        "Kilobytes/Second",
        "Megabytes/Second",
        "Gigabytes/Second",
        "Terabytes/Second",
        "Bits/Second",
        "Kilobits/Second",
        "Megabits/Second",
        "Gigabits/Second",
        "Terabits/Second",
        "Count/Second",
        "None",
    ];
    let text = |longest: usize| json!({ "type": "string", "minLength": 1, "maxLength": longest });
    let metric = json!({
        "type": "object",
        "required": ["Name"],
        "additionalProperties": false,
        "properties": { "Name": text(255), "Unit": { "enum": units } },
    });
    let dimensions = json!({ "type": "array", "maxItems": 30, "items": text(250) });
    let directive = json!({
        "type": "object",
        "required": ["Namespace", "Dimensions", "Metrics"],
        "additionalProperties": false,
        "properties": {
            "Namespace": text(255),
            "Dimensions": { "type": "array", "minItems": 1, "items": dimensions },
            "Metrics": { "type": "array", "minItems": 1, "maxItems": 100, "items": metric },
        },
    });
    json!({
        "type": "object",
        "required": ["_aws"],
        "properties": { "_aws": {
            "type": "object",
            "required": ["Timestamp", "CloudWatchMetrics"],
            "additionalProperties": false,
            "properties": {
                "Timestamp": { "type": "integer" },
                "CloudWatchMetrics": { "type": "array", "minItems": 1, "items": directive },
            },
        } },
    })
}

/// Asserts that a line is in the embedded metric format.
fn assert_format(line: &Value) {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let errors: Vec<_> = validator.iter_errors(line).map(|error| error.to_string()).collect();
    assert_eq!(errors, [""; 0], "{line}");
    let directive = &line["_aws"]["CloudWatchMetrics"][0];
    for metric in directive["Metrics"].as_array().unwrap() {
        let value = &line[metric["Name"].as_str().unwrap()];
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        assert!((1..=100).contains(&values.len()), "{line}");
        assert!(values.iter().all(Value::is_number), "{line}");
    }
    for name in directive["Dimensions"][0].as_array().unwrap() {
        assert!(line[name.as_str().unwrap()].is_string(), "{line}");
    }
}

#[test]
fn an_invocation_writes_one_line_of_metrics_whether_it_succeeds_fails_or_panics() {
    let run = run("metered", &[r#"["Orders","Items","Items"]"#, "[]", r#"["Panics"]"#]);
    let lines = metrics(&run);
    lines.iter().for_each(assert_format);
    let lines = lines.iter().map(|line| {
        let mut line = line.clone();
        line["_aws"]["Timestamp"] = json!(0);
        line
    });
    assert_eq!(
        lines.collect::<Vec<_>>(),
        [
            json!({
                "_aws": { "Timestamp": 0, "CloudWatchMetrics": [{
                    "Namespace": "Shop",
                    "Dimensions": [["Service"]],
                    "Metrics": [
                        { "Name": "ColdStart", "Unit": "Count" },
                        { "Name": "Orders", "Unit": "Count" },
                        { "Name": "Items", "Unit": "Count" },
                    ],
                }] },
                "Service": "orders",
                "requestId": "id-0",
                "property Orders": "Orders",
                "property Items": "Items",
                "ColdStart": 1.0,
                "Orders": 0.0,
                "Items": [1.0, 2.0],
            }),
            // Without a metric, there is no line: the second event is an error before the first metric.
            json!({
                "_aws": { "Timestamp": 0, "CloudWatchMetrics": [{
                    "Namespace": "Shop",
                    "Dimensions": [["Service"]],
                    "Metrics": [{ "Name": "Panics", "Unit": "Count" }],
                }] },
                "Service": "orders",
                "requestId": "id-2",
                "property Panics": "Panics",
                "Panics": 0.0,
            }),
        ]
    );
    assert!(run.stderr.contains("Panic: on purpose"), "{}", run.stderr);
    assert!(
        run.stderr.contains("WARN the metric `Items` is left out of the metrics: it has a value that is not a number"),
        "{}",
        run.stderr
    );
}

#[test]
fn hostile_names_break_no_line_and_the_log_stays_json() {
    let names = json!([
        "a\n{\"b\":1}",
        "\u{2028}\u{1b}[2J",
        "_aws",
        "",
        "Service",
        "\"quoted\"",
        "x".repeat(2000)
    ]);
    let provisioned = [
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "provisioned-concurrency"),
    ];
    let run = run_with("metered", &[&names.to_string()], &provisioned);
    let lines = metrics(&run);
    assert_eq!(lines.len(), 1, "{}", run.stdout);
    lines.iter().for_each(assert_format);
    let names: Vec<_> =
        lines[0]["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap().clone();
    assert_eq!(names, [json!({ "Name": "\"quoted\"", "Unit": "Count" })]);
    assert_eq!(lines[0]["property a\n{\"b\":1}"], "a\n{\"b\":1}");
    for line in run.stderr.lines() {
        let line: Value = serde_json::from_str(line).expect(line);
        assert_eq!(line["level"], "WARN");
    }
}

#[test]
fn more_than_a_hundred_metrics_take_several_lines() {
    let names: Vec<_> = (0..250).map(|number| format!("metric {number}")).collect();
    let run = run("metered", &[&json!(names).to_string()]);
    let lines = metrics(&run);
    lines.iter().for_each(assert_format);
    let counts = lines
        .iter()
        .map(|line| line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().map_or(0, Vec::len));
    assert_eq!(counts.collect::<Vec<_>>(), [100, 100, 51]);
}
