//! Finds the queue, table or stream behind an event source. An emulator on this machine gets those of the
//! template that it lacks.

use serde_json::{Map, Value, json};

use super::source::{PolledSource, Trouble};
use crate::aws::aws_cli::Service;
use crate::sam::{SourceKind, SourceResource};

/// The attributes with which a queue is created.
const QUEUE_ATTRIBUTES: [&str; 9] = [
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "DelaySeconds",
    "FifoQueue",
    "FifoThroughputLimit",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "VisibilityTimeout",
];

/// A queue.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) url: String,
    pub(super) arn: String,
}

/// Returns the text of a field of a result.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Adds a field to an object.
pub(super) fn set(object: &mut Value, name: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

impl PolledSource {
    async fn call(
        &self,
        service: Service,
        operation: &str,
        input: &Value,
    ) -> Result<Value, Trouble> {
        let result = self.aws.call(service, operation, input).await;
        result.map_err(|error| Trouble::of_call(&error, service))
    }

    /// The same, but a resource that does not exist is `None`.
    async fn look_up(
        &self,
        service: Service,
        operation: &str,
        input: &Value,
    ) -> Result<Option<Value>, Trouble> {
        match self.aws.call(service, operation, input).await {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(Trouble::of_call(&error, service)),
        }
    }

    /// The ARN that the user or the template gives.
    fn arn(&self) -> Option<&str> {
        let given = self.given.as_deref();
        given.map_or(self.mapping.arn.as_deref(), |given| Some(given).filter(|it| is_arn(it)))
    }

    /// The name of the queue, table or stream.
    fn name(&self) -> Result<String, Trouble> {
        let id = &self.mapping.name;
        if let Some(name) = self.given.as_deref().filter(|given| !is_arn(given)) {
            return Ok(name.to_owned());
        }
        if let Some(arn) = self.arn() {
            let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
            let name = resource.split('/').nth(1).unwrap_or(resource);
            return Ok(name.to_owned());
        }
        let is_local = self.mapping.kind.service().is_local();
        match &self.mapping.resource {
            Some(SourceResource { name: Some(name), .. }) => Ok(name.clone()),
            Some(resource) if is_local => Ok(default_name(resource)),
            _ => Err(Trouble::fatal(
                format!("the name of `{id}` on AWS is known only after deployment"),
                format!("pass `--source {id}=NAME`, where NAME is its name or its ARN"),
            )),
        }
    }

    /// The resource of the template, if this program may create it.
    fn to_create(&self) -> Option<&SourceResource> {
        let is_local = self.mapping.kind.service().is_local();
        self.mapping.resource.as_ref().filter(|_| is_local && self.given.is_none())
    }

    fn missing(&self, name: &str) -> Trouble {
        let kind = match self.mapping.kind {
            SourceKind::Queue => "queue",
            SourceKind::TableStream => "table",
            SourceKind::KinesisStream => "stream",
        };
        let place = match self.mapping.kind.service().endpoint() {
            Some(endpoint) => format!(" at {endpoint}"),
            None => " in this account and region".to_owned(),
        };
        let id = &self.mapping.name;
        Trouble::new(
            format!("the {kind} `{name}` does not exist{place}"),
            format!("create it, or pass `--source {id}=NAME`, where NAME is its name or its ARN"),
        )
    }

    fn created(&self, what: &str, name: &str) {
        let endpoint = self.mapping.kind.service().endpoint().unwrap_or_default();
        let label = &self.label;
        self.log.line(format_args!("{label} created the {what} `{name}` at {endpoint}"));
    }

    pub(super) async fn find_queue(&self) -> Result<Queue, Trouble> {
        let name = self.name()?;
        let mut input = json!({ "QueueName": name });
        let account = self.arn().and_then(|arn| arn.split(':').nth(4));
        if let Some(account) = account.filter(|_| !Service::Sqs.is_local()) {
            set(&mut input, "QueueOwnerAWSAccountId", json!(account));
        }
        let found = match self.look_up(Service::Sqs, "get-queue-url", &input).await? {
            Some(found) => found,
            None => match self.to_create() {
                Some(resource) => self.create_queue(&name, resource).await?,
                None => return Err(self.missing(&name)),
            },
        };
        let url = text(&found, "QueueUrl").to_owned();
        let attributes = self.queue_attributes(&url).await?;
        let queue = Queue { url, arn: text(&attributes, "QueueArn").to_owned() };
        self.check_visibility(&attributes);
        if !Service::Sqs.is_local() {
            self.check_consumers(&queue).await?;
        }
        Ok(queue)
    }

    async fn queue_attributes(&self, url: &str) -> Result<Value, Trouble> {
        let input = json!({ "QueueUrl": url, "AttributeNames": ["QueueArn", "VisibilityTimeout"] });
        let mut found = self.call(Service::Sqs, "get-queue-attributes", &input).await?;
        Ok(found.get_mut("Attributes").map(Value::take).unwrap_or_default())
    }

    /// Lambda refuses such a queue.
    fn check_visibility(&self, attributes: &Value) {
        let visibility: Option<u64> = text(attributes, "VisibilityTimeout").parse().ok();
        let timeout = self.timeout.as_secs();
        if let Some(visibility) = visibility.filter(|visibility| *visibility < timeout) {
            self.warn(
                &format!(
                    "the queue's `VisibilityTimeout` of {visibility} s is less than the function's \
                     `Timeout` of {timeout} s"
                ),
                "set it to six times the timeout, as AWS recommends: Lambda refuses this queue",
            );
        }
    }

    /// Fails if a function on AWS polls the same queue: it would take a part of the messages.
    async fn check_consumers(&self, queue: &Queue) -> Result<(), Trouble> {
        let input = json!({ "EventSourceArn": queue.arn });
        let listed = self.aws.call(Service::Lambda, "list-event-source-mappings", &input).await;
        let found = match listed {
            Ok(found) => found,
            Err(error) => {
                self.warn(
                    &format!(
                        "cannot check whether a function on AWS polls this queue too: {error}"
                    ),
                    "each message goes to only one of them",
                );
                return Ok(());
            }
        };
        let mappings = found.get("EventSourceMappings").and_then(Value::as_array);
        let mut mappings = mappings.into_iter().flatten();
        let Some(mapping) =
            mappings.find(|it| !["Disabled", "Disabling", "Deleting"].contains(&text(it, "State")))
        else {
            return Ok(());
        };
        let function = text(mapping, "FunctionArn");
        Err(Trouble::new(
            format!("`{function}` polls this queue too, and each message goes to only one of you"),
            format!(
                "disable it with `aws lambda update-event-source-mapping --no-enabled --uuid {}`, or pass \
                 `--source {}=NAME` with another queue",
                text(mapping, "UUID"),
                self.mapping.name
            ),
        ))
    }

    async fn create_queue(&self, name: &str, resource: &SourceResource) -> Result<Value, Trouble> {
        let mut attributes = queue_attributes(resource);
        if let Some(letters) = &resource.dead_letters {
            let own = letters.name.clone().unwrap_or_else(|| default_name(letters));
            let input = json!({ "QueueName": own, "Attributes": queue_attributes(letters) });
            let created = self.call(Service::Sqs, "create-queue", &input).await?;
            self.created("dead-letter queue", &own);
            let found = self.queue_attributes(text(&created, "QueueUrl")).await?;
            let mut policy = resource.properties.get("RedrivePolicy").cloned().unwrap_or_default();
            set(&mut policy, "deadLetterTargetArn", json!(text(&found, "QueueArn")));
            attributes.insert("RedrivePolicy".to_owned(), json!(policy.to_string()));
        }
        let input = json!({ "QueueName": name, "Attributes": attributes });
        let created = self.call(Service::Sqs, "create-queue", &input).await?;
        self.created("queue", name);
        Ok(created)
    }

    /// Returns the ARN of a table's stream.
    pub(super) async fn find_table_stream(&self) -> Result<String, Trouble> {
        let is_local = Service::DynamoDb.is_local();
        if let Some(arn) = self.arn().filter(|arn| !is_local && arn.contains("/stream/")) {
            return Ok(arn.to_owned());
        }
        let name = self.name()?;
        let input = json!({ "TableName": name });
        let mut found = self.look_up(Service::DynamoDb, "describe-table", &input).await?;
        if found.is_none() {
            let Some(resource) = self.to_create() else { return Err(self.missing(&name)) };
            let input = new_table(&name, resource);
            self.call(Service::DynamoDb, "create-table", &input).await?;
            self.created("table", &name);
            let input = json!({ "TableName": name });
            found = self.look_up(Service::DynamoDb, "describe-table", &input).await?;
        }
        let table = found.and_then(|mut found| found.get_mut("Table").map(Value::take));
        let arn = table.as_ref().map(|table| text(table, "LatestStreamArn")).unwrap_or_default();
        if arn.is_empty() {
            return Err(Trouble::new(
                format!("the table `{name}` has no stream"),
                "give the table a `StreamSpecification`",
            ));
        }
        Ok(arn.to_owned())
    }

    /// Returns the ARN of a Kinesis stream.
    pub(super) async fn find_kinesis_stream(&self) -> Result<String, Trouble> {
        let name = self.name()?;
        let input = json!({ "StreamName": name });
        let operation = "describe-stream-summary";
        let mut found = self.look_up(Service::Kinesis, operation, &input).await?;
        if found.is_none() {
            let Some(resource) = self.to_create() else { return Err(self.missing(&name)) };
            let shards = text(&resource.properties, "ShardCount").parse::<u32>().unwrap_or(1);
            let input = json!({ "StreamName": name, "ShardCount": shards });
            self.call(Service::Kinesis, "create-stream", &input).await?;
            self.created("stream", &name);
            let input = json!({ "StreamName": name });
            found = self.look_up(Service::Kinesis, operation, &input).await?;
        }
        let stream =
            found.and_then(|mut it| it.get_mut("StreamDescriptionSummary").map(Value::take));
        let stream = stream.unwrap_or_default();
        if text(&stream, "StreamStatus") == "CREATING" {
            return Err(Trouble::new(format!("the stream `{name}` is being created"), ""));
        }
        Ok(text(&stream, "StreamARN").to_owned())
    }
}

fn is_arn(text: &str) -> bool {
    text.starts_with("arn:")
}

/// The name of a resource whose name a deployment chooses: its logical id.
fn default_name(resource: &SourceResource) -> String {
    let id = &resource.id;
    if text(&resource.properties, "FifoQueue") == "true" {
        format!("{id}.fifo")
    } else {
        id.clone()
    }
}

fn queue_attributes(resource: &SourceResource) -> Map<String, Value> {
    let property = |name: &&str| {
        let value = resource.properties.get(*name).filter(|value| value.is_string())?;
        Some(((*name).to_owned(), value.clone()))
    };
    QUEUE_ATTRIBUTES.iter().filter_map(property).collect()
}

/// A table with the keys, indices and stream of the template, that is paid for per request.
fn new_table(name: &str, resource: &SourceResource) -> Value {
    let property = |name: &str| resource.properties.get(name).cloned();
    let view = resource.properties.pointer("/StreamSpecification/StreamViewType");
    let mut table = json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": property("AttributeDefinitions"),
        "KeySchema": property("KeySchema"),
        "StreamSpecification": {
            "StreamEnabled": true,
            "StreamViewType": view.cloned().unwrap_or_else(|| json!("NEW_AND_OLD_IMAGES")),
        },
    });
    for indices in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        let Some(mut list) = property(indices) else { continue };
        for index in list.as_array_mut().into_iter().flatten() {
            if let Some(index) = index.as_object_mut() {
                index.retain(|key, _| {
                    ["IndexName", "KeySchema", "Projection"].contains(&key.as_str())
                });
            }
        }
        set(&mut table, indices, list);
    }
    table
}
