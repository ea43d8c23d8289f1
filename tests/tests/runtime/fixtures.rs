//! The fixtures of the crate `aws_lambda_events`, which its package contains, and our own samples: all those of
//! our sources decode into our types, and into those of the crate in the same places.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use aws_lambda_events::{cognito as theirs, dynamodb, eventbridge, kinesis, s3, ses, sns, sqs};
use lambda_native::events::cognito::{self, NoResponse};
use lambda_native::events::{self as ours, Arena, decode_event};
use lambda_native::http::Request;
use lambda_native_tests::command::workspace;
use serde::de::IgnoredAny;
use serde_json::Value;

type Check = fn(&str) -> Result<(), String>;

/// Decodes the whole event.
macro_rules! event {
    ($type:ty) => {
        |event| match decode_event::<$type>(event.as_bytes(), &Arena::default()) {
            Ok(_) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    };
}

/// Decodes each record of a batch.
macro_rules! records {
    ($type:ty) => {
        |event| {
            for record in records(event) {
                decode_event::<$type>(record.as_bytes(), &Arena::default())
                    .map_err(|error| error.to_string())?;
            }
            Ok(())
        }
    };
}

/// Decodes the whole event, and answers with it.
macro_rules! answer {
    ($type:ty) => {
        |event| {
            let arena = Arena::default();
            let answer = decode_event::<$type>(event.as_bytes(), &arena)
                .map_err(|error| error.to_string())?;
            let value: Value = serde_json::from_str(event).unwrap();
            assert_eq!(serde_json::to_value(&answer).unwrap(), value);
            // Nothing but the space between the members of the event is lost.
            let text = serde_json::to_string(&answer).unwrap();
            assert_eq!(squeezed(&text), squeezed(event));
            Ok(())
        }
    };
}

/// Text without its spaces.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

/// The records of a batch; one that is alone is a batch of one.
fn records(event: &str) -> Vec<String> {
    let event: Value = serde_json::from_str(event).unwrap();
    let records = event["Records"].as_array().cloned().unwrap_or(vec![event]);
    records.iter().map(Value::to_string).collect()
}

fn request(event: &str) -> Result<(), String> {
    Request::from_slice(event.as_bytes()).map(|_| ()).map_err(|error| error.to_string())
}

/// The beginnings of the names of fixtures, which are in alphabetical order, and the types that they decode into:
/// ours, and those of the crate. The longest beginning counts.
const TYPES: &[(&str, Check, Option<Check>)] = &[
    ("alb-lambda-target-request", request, None),
    ("apigw-console-", request, None),
    ("apigw-request", request, None),
    ("apigw-restapi-openapi-request", request, None),
    ("apigw-sam-", request, None),
    ("apigw-v2-request", request, None),
    ("cloudwatch_logs-event", event!(ours::cloudwatch_logs::Event), None),
    (
        "cognito-event-userpools-create-auth-challenge",
        answer!(cognito::CreateAuthChallenge<'_>),
        Some(event!(theirs::CognitoEventUserPoolsCreateAuthChallenge)),
    ),
    (
        "cognito-event-userpools-custommessage",
        answer!(cognito::CustomMessage<'_>),
        Some(event!(theirs::CognitoEventUserPoolsCustomMessage)),
    ),
    (
        "cognito-event-userpools-define-auth-challenge",
        answer!(cognito::DefineAuthChallenge<'_>),
        Some(event!(theirs::CognitoEventUserPoolsDefineAuthChallenge)),
    ),
    (
        "cognito-event-userpools-migrateuser",
        answer!(cognito::UserMigration<'_>),
        Some(event!(theirs::CognitoEventUserPoolsMigrateUser)),
    ),
    (
        "cognito-event-userpools-postauthentication",
        answer!(cognito::PostAuthentication<'_>),
        Some(event!(theirs::CognitoEventUserPoolsPostAuthentication)),
    ),
    (
        "cognito-event-userpools-postconfirmation",
        answer!(cognito::PostConfirmation<'_>),
        Some(event!(theirs::CognitoEventUserPoolsPostConfirmation)),
    ),
    (
        "cognito-event-userpools-preauthentication",
        answer!(cognito::PreAuthentication<'_>),
        Some(event!(theirs::CognitoEventUserPoolsPreAuthentication)),
    ),
    (
        "cognito-event-userpools-presignup",
        answer!(cognito::PreSignUp<'_>),
        Some(event!(theirs::CognitoEventUserPoolsPreSignup)),
    ),
    (
        "cognito-event-userpools-pretokengen",
        answer!(cognito::PreTokenGeneration<'_>),
        Some(event!(theirs::CognitoEventUserPoolsPreTokenGen)),
    ),
    (
        "cognito-event-userpools-pretokengen-v2",
        answer!(cognito::PreTokenGenerationV2<'_>),
        Some(event!(theirs::CognitoEventUserPoolsPreTokenGenV2)),
    ),
    (
        "cognito-event-userpools-verify-auth-challenge",
        answer!(cognito::VerifyAuthChallenge<'_>),
        Some(event!(theirs::CognitoEventUserPoolsVerifyAuthChallenge)),
    ),
    (
        "dynamodb-event",
        records!(ours::dynamodb::Record<'_, IgnoredAny>),
        Some(records!(dynamodb::EventRecord)),
    ),
    (
        "eventbridge-",
        event!(ours::eventbridge::Event<'_, Value>),
        Some(event!(eventbridge::EventBridgeEvent)),
    ),
    (
        "kinesis-event",
        records!(ours::kinesis::Record<'_, &[u8]>),
        Some(records!(kinesis::KinesisEventRecord)),
    ),
    ("s3-event", event!(ours::s3::Event<'_>), Some(event!(s3::S3Event))),
    ("ses-", event!(ours::ses::Event<'_>), Some(event!(ses::SimpleEmailEvent))),
    ("sns-event", event!(ours::sns::Notification<'_, &str>), Some(event!(sns::SnsEvent))),
    (
        "sns-event-obj",
        event!(ours::sns::Notification<'_, Value>),
        Some(event!(sns::SnsEventObj<Value>)),
    ),
    ("sqs-event", records!(ours::sqs::Message<'_, &str>), Some(records!(sqs::SqsMessage))),
    (
        "sqs-event-obj",
        records!(ours::sqs::Message<'_, BTreeMap<&str, Value>>),
        Some(records!(sqs::SqsMessageObj<Value>)),
    ),
];

/// Fixtures with names like these, which are not events of these sources.
const OTHERS: &[(&str, &str)] = &[
    ("alb-lambda-target-response", "a response"),
    ("apigw-custom-auth", "of authorizers"),
    ("apigw-response", "a response"),
    ("apigw-v2-custom-authorizer", "of authorizers"),
    ("apigw-websocket", "of WebSocket APIs"),
    ("cloudwatch-", "alarms and CloudTrail"),
    ("cognito-event", "of Cognito Sync"),
    ("iot", "plain JSON"),
    ("kinesis-firehose", "of Firehose"),
    ("s3-object-lambda", "of S3 Object Lambda"),
    ("sns-subscription-confirmation", "a request of SNS to a web server"),
    ("sns-unsubscribe-confirmation", "a request of SNS to a web server"),
    ("sqs-api-event", "a response of the API of SQS"),
    ("sqs-batch-response", "a response"),
];

/// The folder with the fixtures, in the package that cargo has downloaded.
fn fixtures() -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(workspace())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "aws_lambda_events").unwrap();
    Path::new(package["manifest_path"].as_str().unwrap()).with_file_name("src/fixtures")
}

#[test]
fn the_fixtures_of_aws_lambda_events_decode_into_our_types_and_into_its_own() {
    let (mut decoded, mut answered, mut others, mut failures) = (0, 0, 0, Vec::new());
    for file in fs::read_dir(fixtures()).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        let Some(name) = name.strip_prefix("example-").and_then(|it| it.strip_suffix(".json"))
        else {
            continue;
        };
        let longest = |begins: &[&str]| {
            begins.iter().filter(|it| name.starts_with(**it)).map(|it| it.len()).max()
        };
        let ours = longest(&TYPES.iter().map(|(begin, ..)| *begin).collect::<Vec<_>>());
        let other = longest(&OTHERS.iter().map(|(begin, _)| *begin).collect::<Vec<_>>());
        if ours <= other {
            others += usize::from(other.is_some());
            continue;
        }
        let event = fs::read_to_string(file.path()).unwrap();
        let types =
            TYPES.iter().find(|(begin, ..)| name.starts_with(begin) && Some(begin.len()) == ours);
        let (_, ours, theirs) = types.unwrap();
        for (whose, check) in [("ours", Some(ours)), ("theirs", theirs.as_ref())] {
            if let Some(Err(error)) = check.map(|check| check(&event)) {
                failures.push(format!("{name}, {whose}: {error}"));
            }
        }
        decoded += 1;
        answered += usize::from(name.starts_with("cognito-"));
    }
    assert_eq!(failures, [""; 0]);
    // As many as version 1.2.1 has; a later one can have more.
    assert!(
        decoded >= 57 && answered >= 22,
        "{decoded} decoded, {answered} answered, {others} others"
    );
}

#[test]
fn every_sample_event_decodes_into_our_types() {
    let samples = workspace().join("scaffold/src/local/sample_events");
    let checks: &[(&str, Check)] = &[
        ("alb", request),
        ("cloudwatch-logs", event!(ours::cloudwatch_logs::Event)),
        ("cognito", answer!(cognito::PreSignUp<'_>)),
        ("cognito", answer!(cognito::Event<'_, Value, Value>)),
        ("cognito", answer!(cognito::Event<'_, IgnoredAny, NoResponse>)),
        ("dynamodb", records!(ours::dynamodb::Record<'_, Value>)),
        ("eventbridge", event!(ours::eventbridge::Event<'_, Value>)),
        ("kinesis", records!(ours::kinesis::Record<'_, Value>)),
        ("s3", event!(ours::s3::Event<'_>)),
        ("schedule", event!(ours::eventbridge::Event<'_>)),
        ("ses", event!(ours::ses::Event<'_>)),
        ("sns", event!(ours::sns::Notification<'_, Value>)),
        ("sqs", records!(ours::sqs::Message<'_, Value>)),
    ];
    for (name, check) in checks {
        let event = fs::read_to_string(samples.join(name).with_extension("json")).unwrap();
        check(&event).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    // All others are of sources without types of ours.
    let others = ["authorizer", "kafka", "websocket"];
    for file in fs::read_dir(samples).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let is_known = checks.iter().any(|(known, _)| *known == name) || others.contains(&name);
        assert!(is_known || name == "mod", "{name} is not checked");
    }
}
