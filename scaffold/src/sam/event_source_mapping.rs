//! Reads the event sources that Lambda polls for a function: SQS queues, DynamoDB streams and Kinesis
//! streams, in `Events` or in an `AWS::Lambda::EventSourceMapping`.

use std::time::Duration;

use super::arn;
use super::model::{EventSourceMapping, SourceKind, SourceResource};
use super::resource::Resource;
use super::yaml::{Node, NodeValue};

pub(super) const MAPPING: &str = "AWS::Lambda::EventSourceMapping";
/// The largest `BatchSize` of these sources.
const MAX_BATCH_SIZE: usize = 10_000;

/// The properties of an event source that only AWS has.
const NOT_EMULATED: [&str; 6] = [
    "DestinationConfig",
    "ParallelizationFactor",
    "ProvisionedPollerConfig",
    "ScalingConfig",
    "StartingPositionTimestamp",
    "TumblingWindowInSeconds",
];

/// Returns the sources of a function that are enabled.
pub(super) fn of_function(
    function: &Resource<'_>,
    all: &[Resource<'_>],
) -> Vec<EventSourceMapping> {
    let events = function.properties.entries_of("Events").iter().filter_map(|(_, event)| {
        let (kind, source) = match event.text_of("Type")? {
            "SQS" => (SourceKind::Queue, "Queue"),
            "DynamoDB" => (SourceKind::TableStream, "Stream"),
            "Kinesis" => (SourceKind::KinesisStream, "Stream"),
            _ => return None,
        };
        let properties = event.get("Properties")?;
        read(kind, properties.get(source)?, properties, all)
    });
    let mappings = all.iter().filter(|it| it.kind == MAPPING).filter_map(|mapping| {
        let properties = &mapping.properties;
        let name = properties.text_of("FunctionName")?;
        let name = arn::function_name(name).unwrap_or(name);
        let is_named =
            name == function.name || function.properties.text_of("FunctionName") == Some(name);
        let source = properties.get("EventSourceArn").filter(|_| is_named)?;
        read(kind_of(source, all)?, source, properties, all)
    });
    events.chain(mappings).collect()
}

/// Determines what the ARN of a mapping names: a mapping has no type.
fn kind_of(source: &Node, all: &[Resource<'_>]) -> Option<SourceKind> {
    let (name, arn) = identify(source)?;
    let service = arn.as_deref().and_then(|arn| arn.split(':').nth(2));
    let resource = all.iter().find(|it| it.name == name).map(|it| it.kind);
    match (service, resource) {
        (Some("sqs"), _) | (_, Some("AWS::SQS::Queue")) => Some(SourceKind::Queue),
        (Some("dynamodb"), _) | (_, Some("AWS::DynamoDB::Table")) => Some(SourceKind::TableStream),
        (Some("kinesis"), _) | (_, Some("AWS::Kinesis::Stream")) => Some(SourceKind::KinesisStream),
        _ => None,
    }
}

fn read(
    kind: SourceKind,
    source: &Node,
    properties: &Node,
    all: &[Resource<'_>],
) -> Option<EventSourceMapping> {
    if properties.text_of("Enabled") == Some("false") {
        return None;
    }
    let (name, arn) = identify(source)?;
    let number = |name: &str| {
        let text = properties.text_of(name)?;
        text.strip_suffix(".0").unwrap_or(text).parse::<i64>().ok()
    };
    let seconds = |name: &str| {
        let seconds = number(name).and_then(|number| u64::try_from(number).ok());
        seconds.map(Duration::from_secs)
    };
    let default_size = if kind == SourceKind::Queue { 10 } else { 100 };
    let batch_size = number("BatchSize").and_then(|size| usize::try_from(size).ok());
    let filters = properties.find(&["FilterCriteria", "Filters"]).map(Node::items);
    let filters = filters.unwrap_or_default().iter().filter_map(|filter| filter.get("Pattern"));
    Some(EventSourceMapping {
        kind,
        resource: all.iter().find(|it| it.name == name).map(|it| resource(it, all)),
        name,
        arn,
        batch_size: batch_size.unwrap_or(default_size).clamp(1, MAX_BATCH_SIZE),
        batching_window: seconds("MaximumBatchingWindowInSeconds").unwrap_or_default(),
        reports_failures: properties
            .texts_of("FunctionResponseTypes")
            .iter()
            .any(|it| it == "ReportBatchItemFailures"),
        filters: filters.map(text_or_call).collect(),
        from_start: properties.text_of("StartingPosition") == Some("TRIM_HORIZON"),
        // -1 stands for no limit.
        maximum_retries: number("MaximumRetryAttempts").and_then(|it| u32::try_from(it).ok()),
        maximum_age: seconds("MaximumRecordAgeInSeconds"),
        bisects: properties.is_true("BisectBatchOnFunctionError"),
        not_emulated: NOT_EMULATED
            .into_iter()
            .filter(|name| properties.get(name).is_some())
            .collect(),
    })
}

/// Returns the logical id, the parameter or the name of a source, and its ARN if that is known before a
/// deployment.
fn identify(source: &Node) -> Option<(String, Option<String>)> {
    match &source.value {
        NodeValue::Text(text) if text.starts_with("arn:") => {
            let resource = text.splitn(6, ':').nth(5)?;
            let mut segments = resource.split('/');
            let first = segments.next()?;
            Some((segments.next().unwrap_or(first).to_owned(), Some(text.clone())))
        }
        NodeValue::Text(text) => Some((text.clone(), None)),
        // `!GetAtt Orders.StreamArn`, `!Ref QueueArn` or `!Sub ${Queue.Arn}`.
        NodeValue::Unknown(call) => {
            let argument = call.split_once(' ')?.1.trim_start_matches("${");
            let name: String = argument.chars().take_while(char::is_ascii_alphanumeric).collect();
            Some((name, None)).filter(|(name, _)| !name.is_empty())
        }
        _ => None,
    }
}

/// Reads what creates a resource. Values that only a deployment determines are left out.
fn resource(resource: &Resource<'_>, all: &[Resource<'_>]) -> SourceResource {
    let Resource { properties, .. } = resource;
    let name = ["QueueName", "TableName", "Name"].iter().find_map(|name| properties.text_of(name));
    let dead_letters = properties
        .find(&["RedrivePolicy", "deadLetterTargetArn"])
        .and_then(identify)
        .and_then(|(name, _)| all.iter().find(|it| it.name == name))
        // A queue cannot be its own dead-letter queue.
        .filter(|queue| queue.properties.get("RedrivePolicy").is_none())
        .map(|queue| Box::new(self::resource(queue, all)));
    SourceResource {
        id: resource.name.to_owned(),
        name: name.map(str::to_owned),
        properties: properties.json(),
        dead_letters,
    }
}

fn text_or_call(node: &Node) -> String {
    match &node.value {
        NodeValue::Text(text) | NodeValue::Unknown(text) => text.clone(),
        _ => node.json().to_string(),
    }
}
