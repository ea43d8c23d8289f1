//! A source of events other than HTTP requests, as the code and the template write it.

use std::fmt;

use lambda_native::record::Record;

use super::document::{Map, Node, Value};
use super::edit::{Editor, Refusal};
use super::value::NewValue;
use crate::term::nearest::nearest;
use crate::term::quote;

/// The response of a function that takes the records of a batch one by one: those that failed.
const PARTIAL_RESPONSE: &str = "ReportBatchItemFailures";

/// A source of events: a resource of the template, a schedule, or the source of EventBridge's events.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Source {
    pub(super) kind: SourceKind,
    /// `None` if the code does not say which one.
    pub(super) name: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SourceKind {
    Sqs,
    Kinesis,
    DynamoDb,
    Sns,
    S3,
    Schedule,
    EventBridge,
}

/// A source that no event can be written for: the reason, and the fix.
pub(super) type Unknown = (String, String);

impl SourceKind {
    const ALL: [Self; 7] = [
        Self::Sqs,
        Self::Kinesis,
        Self::DynamoDb,
        Self::Sns,
        Self::S3,
        Self::Schedule,
        Self::EventBridge,
    ];

    /// The argument of `#[lambda_handler]`.
    fn argument(self) -> &'static str {
        match self {
            Self::Sqs => "sqs",
            Self::Kinesis => "kinesis",
            Self::DynamoDb => "dynamodb",
            Self::Sns => "sns",
            Self::S3 => "s3",
            Self::Schedule => "schedule",
            Self::EventBridge => "eventbridge",
        }
    }

    /// A value of that argument, for hints.
    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Schedule => "rate(5 minutes)",
            Self::EventBridge => "com.example.shop",
            _ => "NAME",
        }
    }

    /// The `Type` of its events.
    pub(super) fn event_type(self) -> &'static str {
        match self {
            Self::Sqs => "SQS",
            Self::Kinesis => "Kinesis",
            Self::DynamoDb => "DynamoDB",
            Self::Sns => "SNS",
            Self::S3 => "S3",
            Self::Schedule => "Schedule",
            Self::EventBridge => "EventBridgeRule",
        }
    }

    /// Returns the kind of an event of the template with this `Type`.
    fn of_event(event_type: &str) -> Option<Self> {
        match event_type {
            // Older and newer forms, which are written by hand only.
            "CloudWatchEvent" => Some(Self::EventBridge),
            "ScheduleV2" => Some(Self::Schedule),
            _ => Self::ALL.into_iter().find(|kind| kind.event_type() == event_type),
        }
    }

    /// The properties that name the source; the first one is written.
    fn references(self) -> &'static [&'static str] {
        match self {
            Self::Sqs => &["Queue"],
            Self::Kinesis | Self::DynamoDb => &["Stream"],
            Self::Sns => &["Topic"],
            Self::S3 => &["Bucket"],
            Self::Schedule => &["Schedule", "ScheduleExpression"],
            Self::EventBridge => &["Pattern"],
        }
    }

    /// All properties that the command writes; an event with others was extended by hand.
    fn written(self) -> &'static [&'static str] {
        match self {
            Self::Sqs => &["Queue", "FunctionResponseTypes"],
            Self::Kinesis | Self::DynamoDb => {
                &["Stream", "StartingPosition", "FunctionResponseTypes"]
            }
            Self::S3 => &["Bucket", "Events"],
            Self::Sns | Self::Schedule | Self::EventBridge => self.references(),
        }
    }

    /// The types of its resources, each with the attribute that an event refers to. No attribute stands for
    /// `!Ref`.
    fn resources(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Sqs => &[("AWS::SQS::Queue", "Arn")],
            Self::Kinesis => {
                &[("AWS::Kinesis::Stream", "Arn"), ("AWS::Kinesis::StreamConsumer", "")]
            }
            Self::DynamoDb => &[
                ("AWS::DynamoDB::Table", "StreamArn"),
                ("AWS::DynamoDB::GlobalTable", "StreamArn"),
            ],
            Self::Sns => &[("AWS::SNS::Topic", "")],
            Self::S3 => &[("AWS::S3::Bucket", "")],
            Self::Schedule | Self::EventBridge => &[],
        }
    }

    /// Checks whether the function is called for each record, and answers with those that failed.
    pub(super) fn is_batch(self) -> bool {
        matches!(self, Self::Sqs | Self::Kinesis | Self::DynamoDb)
    }

    /// AWS's policy that SAM adds to the role that it creates.
    pub(super) fn policy(self) -> Option<&'static str> {
        match self {
            Self::Sqs => Some("AWSLambdaSQSQueueExecutionRole"),
            Self::Kinesis => Some("AWSLambdaKinesisExecutionRole"),
            Self::DynamoDb => Some("AWSLambdaDynamoDBExecutionRole"),
            _ => None,
        }
    }
}

impl Source {
    /// The SQS queue with this name in the template.
    pub(crate) fn queue(name: &str) -> Self {
        Self { kind: SourceKind::Sqs, name: Some(name.to_owned()) }
    }

    /// A source of this kind, which is the argument of `#[lambda_handler]`.
    pub(super) fn named(kind: &str, name: &str) -> Option<Self> {
        Self::parse(&format!("{kind} {name}"))
    }

    /// Writes its resource, if one with default properties is a source of events.
    pub(super) fn resource(&self) -> Option<NewValue> {
        let map = |entries: Vec<(&str, NewValue)>| {
            NewValue::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
        };
        let (resource_type, _) = self.kind.resources().first()?;
        let mut resource = vec![("Type", NewValue::text(*resource_type))];
        match self.kind {
            SourceKind::S3 | SourceKind::Sns => {}
            SourceKind::Kinesis => {
                let mode = map(vec![("StreamMode", NewValue::text("ON_DEMAND"))]);
                resource.push(("Properties", map(vec![("StreamModeDetails", mode)])));
            }
            _ => return None,
        }
        Some(map(resource))
    }

    pub(super) fn of(record: &Record) -> Option<Self> {
        let source = record.source.as_ref()?;
        let kind = SourceKind::ALL.into_iter().find(|kind| kind.argument() == source.kind)?;
        Some(Self { kind, name: source.name.clone() })
    }

    /// Parses `sqs OrderQueue`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (argument, name) = match text.split_once(' ') {
            Some((argument, name)) => (argument, Some(name.to_owned())),
            None => (text, None),
        };
        let kind = SourceKind::ALL.into_iter().find(|kind| kind.argument() == argument)?;
        Some(Self { kind, name })
    }

    /// Checks whether this source can send what is meant for the other one.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.kind == other.kind
            && (self.name.is_none() || other.name.is_none() || self.name == other.name)
    }

    /// Writes an event, for a template with this root. The function of a batch must say whether it returns the records
    /// that failed.
    pub(super) fn event(&self, root: &Node, reports_failures: bool) -> Result<NewValue, Unknown> {
        let text = |text: &str| NewValue::text(text);
        let list = |item: &str| NewValue::List(vec![NewValue::text(item)]);
        let mut properties = Vec::new();
        if let [reference, ..] = self.kind.references() {
            properties.push((*reference, self.reference(root)?));
        }
        if matches!(self.kind, SourceKind::Kinesis | SourceKind::DynamoDb) {
            properties.push(("StartingPosition", text("TRIM_HORIZON")));
        }
        if self.kind == SourceKind::S3 {
            properties.push(("Events", text("s3:ObjectCreated:*")));
        }
        if self.kind.is_batch() && reports_failures {
            properties.push(("FunctionResponseTypes", list(PARTIAL_RESPONSE)));
        }
        let properties = properties.into_iter().map(|(name, value)| (name.to_owned(), value));
        Ok(NewValue::Map(vec![
            ("Type".to_owned(), text(self.kind.event_type())),
            ("Properties".to_owned(), NewValue::Map(properties.collect())),
        ]))
    }

    /// Writes the property that names the source. Fails if the template does not have it.
    pub(super) fn reference(&self, root: &Node) -> Result<NewValue, Unknown> {
        let name = self.name.as_deref().unwrap_or_default();
        match self.kind {
            SourceKind::Schedule => return Ok(NewValue::text(name)),
            SourceKind::EventBridge => {
                let source = NewValue::List(vec![NewValue::text(name)]);
                return Ok(NewValue::Map(vec![("source".to_owned(), source)]));
            }
            _ => {}
        }
        let is_json = root.map().is_some_and(Map::is_json);
        if let Some(resource) = root.find(&["Resources", name]) {
            let found = resource.get("Type").and_then(Node::text).unwrap_or_default();
            let mut types = self.kind.resources().iter();
            let Some((_, attribute)) = types.find(|(name, _)| *name == found) else {
                return Err(self.wrong_type(name, found));
            };
            if *attribute == "StreamArn"
                && resource.find(&["Properties", "StreamSpecification"]).is_none()
            {
                return Err(no_stream(name));
            }
            return Ok(match *attribute {
                "" => reference_to(name, is_json),
                attribute if is_json => NewValue::Map(vec![(
                    "Fn::GetAtt".to_owned(),
                    NewValue::List(vec![NewValue::text(name), NewValue::text(attribute)]),
                )]),
                attribute => NewValue::Source(format!("!GetAtt {name}.{attribute}")),
            });
        }
        if root.find(&["Parameters", name]).is_some() {
            if self.kind == SourceKind::S3 {
                let message = format!(
                    "`{name}` is a parameter, but SAM takes the events of a bucket in the same template only"
                );
                let hint = "declare the bucket in this template, or let it send its events to EventBridge \
                            and use `eventbridge = \"aws.s3\"`";
                return Err((message, hint.to_owned()));
            }
            return Ok(reference_to(name, is_json));
        }
        Err(self.not_found(root, name))
    }

    fn wrong_type(&self, name: &str, found: &str) -> Unknown {
        let types: Vec<_> = self.kind.resources().iter().map(|(name, _)| *name).collect();
        let types = quote::list_quoted(&types, "or");
        let message = format!("`{name}` is `{found}`, but `{self}` needs {types}");
        let hint = match found {
            "AWS::Serverless::SimpleTable" => {
                "a `SimpleTable` has no stream: make it an `AWS::DynamoDB::Table` with a \
                 `StreamSpecification`"
            }
            _ => "correct the name in the code",
        };
        (message, hint.to_owned())
    }

    fn not_found(&self, root: &Node, name: &str) -> Unknown {
        let resources = root.get("Resources").into_iter().flat_map(Node::entries);
        let is_right = |resource: &Node| {
            let found = resource.get("Type").and_then(Node::text);
            self.kind.resources().iter().any(|(name, _)| Some(*name) == found)
        };
        let resources = resources.filter(|(_, it)| is_right(it)).map(|(name, _)| name);
        let parameters = root.get("Parameters").into_iter().flat_map(Node::entries);
        let parameters = parameters.map(|(name, _)| name).filter(|_| self.kind != SourceKind::S3);
        let names: Vec<&str> = resources.chain(parameters).collect();
        let message = format!("the template has no `{name}`, which `{self}` names");
        let hint = match nearest(name, &names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "add it to the template, or correct the name in the code".to_owned(),
        };
        (message, hint)
    }
}

fn no_stream(name: &str) -> Unknown {
    let message = format!("the table `{name}` has no stream");
    (
        message,
        format!("add `StreamSpecification: {{StreamViewType: NEW_AND_OLD_IMAGES}}` to `{name}`"),
    )
}

/// Writes `!Ref NAME`.
pub(super) fn reference_to(name: &str, is_json: bool) -> NewValue {
    if is_json {
        NewValue::Map(vec![("Ref".to_owned(), NewValue::text(name))])
    } else {
        NewValue::Source(format!("!Ref {name}"))
    }
}

/// Written as in the memory of the command: `sqs OrderQueue`.
impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.kind.argument())?;
        self.name.iter().try_for_each(|name| write!(formatter, " {name}"))
    }
}

/// An event of a source.
#[derive(Debug)]
pub(super) struct SourceEvent<'a> {
    pub(super) name: &'a str,
    pub(super) kind: SourceKind,
    /// The sources that it names; none if only a deployment determines it.
    pub(super) sources: Vec<String>,
    properties: Option<&'a Node>,
}

impl<'a> SourceEvent<'a> {
    pub(super) fn read(name: &'a str, event: &'a Node) -> Option<Self> {
        let kind = SourceKind::of_event(event.get("Type")?.text()?)?;
        let properties = event.get("Properties").filter(|node| node.map().is_some());
        let reference =
            properties.and_then(|node| kind.references().iter().find_map(|it| node.get(it)));
        let sources = reference.map(|node| named(kind, node)).unwrap_or_default();
        Some(Self { name, kind, sources, properties })
    }

    pub(super) fn is(&self, source: &Source) -> bool {
        self.kind == source.kind
            && source.name.as_ref().is_some_and(|name| self.sources.contains(name))
    }

    /// Checks whether it has more than the command writes.
    pub(super) fn is_extended(&self) -> bool {
        let names = self.properties.into_iter().flat_map(Node::entries);
        let has_more = names.map(|(name, _)| name).any(|name| !self.kind.written().contains(&name));
        let pattern = self.properties.and_then(|it| it.get("Pattern"));
        has_more || pattern.is_some_and(|it| it.entries().any(|(name, _)| name != "source"))
    }

    /// Checks whether Lambda would take every record of a batch as done, also those that failed.
    pub(super) fn ignores_failures(&self) -> bool {
        let types = self.properties.and_then(|it| it.get("FunctionResponseTypes"));
        self.kind.is_batch()
            && match types.map(|it| (&it.value, &it.tag)) {
                None => true,
                Some((Value::List(items), None)) => {
                    !items.iter().any(|it| it.text().is_none_or(|it| it == PARTIAL_RESPONSE))
                }
                // Only a deployment determines it.
                Some(_) => false,
            }
    }

    /// Names another source in the event with this path, and keeps everything else.
    pub(super) fn edit(editor: &mut Editor, path: [&str; 5], to: &Source) -> Result<(), Refusal> {
        let [a, b, c, d, event] = path;
        let name = to.name.as_deref().unwrap_or_default();
        let reference = to.reference(editor.root()).map_err(|(message, _)| message)?;
        if to.kind == SourceKind::EventBridge {
            let source = NewValue::List(vec![NewValue::text(name)]);
            return editor
                .replace(&[a, b, c, d, event, "Properties", "Pattern", "source"], &source);
        }
        let properties = editor.root().find(&[a, b, c, d, event, "Properties"]);
        let mut references = to.kind.references().iter();
        let property = references.find(|it| properties.is_some_and(|node| node.get(it).is_some()));
        let property = property.copied().unwrap_or_default();
        editor.replace(&[a, b, c, d, event, "Properties", property], &reference)
    }
}

/// Returns the sources that the property of an event names.
fn named(kind: SourceKind, reference: &Node) -> Vec<String> {
    match kind {
        SourceKind::Schedule => reference.text().map(str::to_owned).into_iter().collect(),
        SourceKind::EventBridge => {
            let sources = reference.get("source").map(|it| &it.value);
            let Some(Value::List(items)) = sources else { return Vec::new() };
            items.iter().filter_map(Node::text).map(str::to_owned).collect()
        }
        _ => resource(reference).map(str::to_owned).into_iter().collect(),
    }
}

/// Returns the logical id in `!Ref NAME`, `!GetAtt NAME.Arn` or `!Sub ${NAME.Arn}`, in the short form or the
/// long one.
fn resource(reference: &Node) -> Option<&str> {
    let (function, argument) = match reference.tag.as_deref() {
        Some(tag) => (tag, reference),
        None => reference.entries().next()?,
    };
    let first = match &argument.value {
        Value::Scalar { text, .. } => text.as_str(),
        Value::List(items) => items.first()?.text()?,
        _ => return None,
    };
    match function {
        "!Ref" | "Ref" => Some(first),
        "!GetAtt" | "Fn::GetAtt" => first.split('.').next(),
        "!Sub" | "Fn::Sub" => {
            let inner = first.strip_prefix("${")?.strip_suffix('}')?;
            inner.split('.').next().filter(|it| !it.contains(['$', ':']))
        }
        _ => None,
    }
}
