//! Polls a stream of DynamoDB or Kinesis: reads each shard in order, and goes on only once the function has
//! handled the records, or once Lambda would give up.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::batch::{BatchResult, PolledRecord, count, fitting};
use super::filter::Filters;
use super::resource::{set, text};
use super::source::{Backoff, PolledSource, Trouble};
use crate::aws::aws_cli::{CallError, Service};
use crate::sam::SourceKind;

/// The pauses between calls while a shard has no new records: the first one, and the longest one.
const IDLE: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(3)];
/// The pauses before a failed batch is repeated: the first one, and the longest one.
const RETRY: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(30)];
/// The largest number of records that one call returns.
const MAX_RECORDS: usize = 1000;

/// A stream, for the tasks that read its shards.
#[derive(Debug)]
struct Stream {
    source: Arc<PolledSource>,
    filters: Arc<Filters>,
    arn: String,
}

/// A shard.
#[derive(Debug)]
struct Shard {
    id: String,
    parent: Option<String>,
    /// It gets no new records.
    is_closed: bool,
}

/// The position in a shard.
#[derive(Clone, Debug)]
enum ShardPosition {
    Oldest,
    Newest,
    /// After the record with this sequence number.
    After(String),
}

/// Polls the stream of `source` without end, or until polling cannot work.
pub(super) async fn poll(source: Arc<PolledSource>, filters: Arc<Filters>) {
    let mut backoff = Backoff::new();
    let mut is_first = true;
    loop {
        source.current.built().await;
        let found = match source.mapping.kind {
            SourceKind::KinesisStream => source.find_kinesis_stream().await,
            _ => source.find_table_stream().await,
        };
        let trouble = match found {
            Ok(arn) => {
                backoff.end(&source);
                source.announce(&arn);
                let from_start = source.mapping.from_start || !is_first;
                let (source, filters) = (Arc::clone(&source), Arc::clone(&filters));
                let stream = Arc::new(Stream { source, filters, arn });
                is_first = false;
                stream.poll_shards(from_start).await
            }
            Err(trouble) => trouble,
        };
        if trouble.is_final {
            return source.report(&trouble);
        }
        backoff.wait(&source, &trouble).await;
    }
}

impl Stream {
    fn is_kinesis(&self) -> bool {
        self.source.mapping.kind == SourceKind::KinesisStream
    }

    fn service(&self) -> Service {
        if self.is_kinesis() { Service::Kinesis } else { Service::DynamoDbStreams }
    }

    /// Reads each shard in a task, and the children of a shard after it, until the stream does not exist
    /// any more.
    async fn poll_shards(self: &Arc<Self>, from_start: bool) -> Trouble {
        let mut backoff = Backoff::new();
        // The shards so far; `true` for those that have been read to their end.
        let mut seen: HashMap<String, bool> = HashMap::new();
        let mut tasks = JoinSet::new();
        loop {
            let is_first = seen.is_empty();
            let shards = match self.shards().await {
                Ok(shards) => shards,
                Err(error) => {
                    let trouble = Trouble::of_call(&error, self.service());
                    if error.is_not_found() {
                        return trouble;
                    }
                    backoff.wait(&self.source, &trouble).await;
                    continue;
                }
            };
            backoff.end(&self.source);
            for shard in &shards {
                let parent = shard.parent.as_ref().and_then(|parent| seen.get(parent));
                if seen.contains_key(&shard.id) || parent == Some(&false) {
                    continue;
                }
                let is_skipped = is_first && !from_start && shard.is_closed;
                seen.insert(shard.id.clone(), is_skipped);
                if !is_skipped {
                    let is_new = !is_first || from_start;
                    let position =
                        if is_new { ShardPosition::Oldest } else { ShardPosition::Newest };
                    let stream = Arc::clone(self);
                    let id = shard.id.clone();
                    tasks.spawn(async move {
                        let trouble = stream.poll_shard(&id, position).await;
                        (id, trouble)
                    });
                }
            }
            match tasks.join_next().await {
                Some(Ok((id, None))) => drop(seen.insert(id, true)),
                Some(Ok((_, Some(trouble)))) => return trouble,
                // A task does not panic.
                Some(Err(_)) => {}
                None => sleep(IDLE[1]).await,
            }
        }
    }

    /// Reads a shard to its end. Returns trouble if it does not exist any more.
    async fn poll_shard(&self, shard: &str, mut position: ShardPosition) -> Option<Trouble> {
        let Self { source, filters, .. } = self;
        let mapping = &source.mapping;
        let mut backoff = Backoff::new();
        let mut iterator: Option<String> = None;
        let mut pending: VecDeque<PolledRecord> = VecDeque::new();
        let mut since = Instant::now();
        let [mut idle, max_idle] = IDLE;
        loop {
            let read = match iterator.take() {
                Some(iterator) => self.records(&iterator).await,
                None => match self.iterator(shard, &position).await {
                    Ok(iterator) => self.records(&iterator).await,
                    Err(error) => Err(error),
                },
            };
            let (records, next) = match read {
                Ok(read) => read,
                Err(error) if error.is("ExpiredIteratorException") => continue,
                Err(error) if error.is("TrimmedDataAccessException") => {
                    position = ShardPosition::Oldest;
                    continue;
                }
                Err(error) => {
                    let trouble = Trouble::of_call(&error, self.service());
                    if error.is_not_found() {
                        return Some(trouble);
                    }
                    backoff.wait(source, &trouble).await;
                    continue;
                }
            };
            backoff.end(source);
            let is_idle = records.is_empty();
            if let Some(last) = records.last() {
                position = ShardPosition::After(last.id.clone());
            }
            let records = records.into_iter().map(|record| self.event(record, shard));
            let accepted: Vec<_> = records.filter(|record| filters.accept(&record.event)).collect();
            if pending.is_empty() {
                since = Instant::now();
            }
            pending.extend(accepted);
            let is_over = next.is_none();
            while pending.len() >= mapping.batch_size
                || !pending.is_empty() && (is_over || since.elapsed() >= mapping.batching_window)
            {
                let mut batch: Vec<_> =
                    pending.drain(..pending.len().min(mapping.batch_size)).collect();
                let rest = batch.split_off(fitting(&batch));
                for record in rest.into_iter().rev() {
                    pending.push_front(record);
                }
                self.handle(batch).await;
            }
            if is_over {
                return None;
            }
            iterator = next;
            if is_idle {
                sleep(idle).await;
                idle = max_idle.min(idle * 2);
            } else {
                [idle, _] = IDLE;
            }
        }
    }

    /// Invokes the function with a batch until all of its records have succeeded, or Lambda would give up.
    async fn handle(&self, batch: Vec<PolledRecord>) {
        let Self { source, .. } = self;
        let mapping = &source.mapping;
        // Batches, the next one last, with the number of times that each has failed.
        let mut batches = vec![(batch, 0)];
        let [mut pause, max_pause] = RETRY;
        while let Some((mut records, mut failures)) = batches.pop() {
            let deployment = source.current.built().await;
            let outcome = source.invoke(&records).await.unwrap_or(BatchResult::Failed);
            let succeeded = match &outcome {
                BatchResult::Succeeded => {
                    [pause, _] = RETRY;
                    continue;
                }
                // Everything from the first failure on is repeated.
                BatchResult::PartlyFailed(failed) => failed.first().copied().unwrap_or_default(),
                BatchResult::Failed => 0,
            };
            records.drain(..succeeded);
            if succeeded > 0 {
                [pause, _] = RETRY;
                failures = 0;
            }
            if mapping.bisects && records.len() > 1 && outcome == BatchResult::Failed {
                // Halving is not counted.
                let second = records.split_off(records.len() / 2);
                batches.push((second, failures));
            } else {
                failures += 1;
            }
            self.discard_old(&mut records);
            if mapping.maximum_retries.is_some_and(|most| failures > most) {
                self.discarded(&records, &format!("after {failures} failures"));
            } else if !records.is_empty() {
                batches.push((records, failures));
                tokio::select! {
                    () = sleep(pause) => pause = max_pause.min(pause * 2),
                    // A save can have fixed the function.
                    () = source.current.replaced(&deployment) => [pause, _] = RETRY,
                }
            }
        }
    }

    /// Gives up records that are older than the mapping allows.
    fn discard_old(&self, records: &mut Vec<PolledRecord>) {
        let Some(maximum) = self.source.mapping.maximum_age else { return };
        let oldest = (OffsetDateTime::now_utc() - maximum).unix_timestamp();
        let age = |record: &PolledRecord| {
            let paths =
                ["/dynamodb/ApproximateCreationDateTime", "/kinesis/approximateArrivalTimestamp"];
            paths.iter().find_map(|path| record.event.pointer(path)?.as_f64())
        };
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit")]
        let is_old = |record: &PolledRecord| age(record).is_some_and(|time| time < oldest as f64);
        let (old, rest) = std::mem::take(records).into_iter().partition(is_old);
        *records = rest;
        if !Vec::is_empty(&old) {
            self.discarded(&old, &format!("older than {} s", maximum.as_secs()));
        }
    }

    fn discarded(&self, records: &[PolledRecord], reason: &str) {
        let ids: Vec<_> = records.iter().map(|record| record.id.as_str()).collect();
        let count = count(records.len());
        self.source.warn(
            &format!("discarded {count} {reason}: {}", ids.join(", ")),
            "on AWS they go to the `OnFailure` destination, if the event source has one",
        );
    }

    async fn shards(&self) -> Result<Vec<Shard>, CallError> {
        let aws = &self.source.aws;
        let mut shards = Vec::new();
        if self.is_kinesis() {
            let input = json!({ "StreamARN": self.arn });
            let found = aws.call(Service::Kinesis, "list-shards", &input).await?;
            extend(&mut shards, found.get("Shards"));
            return Ok(shards);
        }
        let mut input = json!({ "StreamArn": self.arn });
        loop {
            let found = aws.call(Service::DynamoDbStreams, "describe-stream", &input).await?;
            let stream = found.get("StreamDescription").cloned().unwrap_or_default();
            extend(&mut shards, stream.get("Shards"));
            match stream.get("LastEvaluatedShardId") {
                Some(last) => set(&mut input, "ExclusiveStartShardId", last.clone()),
                None => return Ok(shards),
            }
        }
    }

    async fn iterator(&self, shard: &str, position: &ShardPosition) -> Result<String, CallError> {
        let (kind, number) = match position {
            ShardPosition::Oldest => ("TRIM_HORIZON", None),
            ShardPosition::Newest => ("LATEST", None),
            ShardPosition::After(number) => ("AFTER_SEQUENCE_NUMBER", Some(number)),
        };
        let (arn, sequence_number) = if self.is_kinesis() {
            ("StreamARN", "StartingSequenceNumber")
        } else {
            ("StreamArn", "SequenceNumber")
        };
        let mut input = json!({ arn: self.arn, "ShardId": shard, "ShardIteratorType": kind });
        if let Some(number) = number {
            set(&mut input, sequence_number, json!(number));
        }
        let found = self.source.aws.call(self.service(), "get-shard-iterator", &input).await?;
        Ok(text(&found, "ShardIterator").to_owned())
    }

    /// Reads records, and returns the iterator for the next ones; `None` at the end of the shard.
    async fn records(
        &self,
        iterator: &str,
    ) -> Result<(Vec<PolledRecord>, Option<String>), CallError> {
        let limit = self.source.mapping.batch_size.min(MAX_RECORDS);
        let mut input = json!({ "ShardIterator": iterator, "Limit": limit });
        if self.is_kinesis() {
            // Emulators need it.
            set(&mut input, "StreamARN", json!(self.arn));
        }
        let mut found = self.source.aws.call(self.service(), "get-records", &input).await?;
        let records = found.get_mut("Records").map(Value::take);
        let records = match records {
            Some(Value::Array(records)) => records,
            _ => Vec::new(),
        };
        let records = records.into_iter().map(|event| {
            let number = event.pointer("/dynamodb/SequenceNumber").or(event.get("SequenceNumber"));
            let id = number.and_then(Value::as_str).unwrap_or_default().to_owned();
            PolledRecord { id, event }
        });
        let next = found.get("NextShardIterator").and_then(Value::as_str).map(str::to_owned);
        Ok((records.collect(), next))
    }

    /// Converts a record into the form in which a function receives it.
    fn event(&self, record: PolledRecord, shard: &str) -> PolledRecord {
        let PolledRecord { id, event } = record;
        let event = if self.is_kinesis() {
            kinesis_event(&event, &id, shard, &self.arn)
        } else {
            table_event(event, &self.arn)
        };
        PolledRecord { id, event }
    }
}

fn extend(shards: &mut Vec<Shard>, found: Option<&Value>) {
    let found = found.and_then(Value::as_array).into_iter().flatten();
    shards.extend(found.map(|shard| Shard {
        id: text(shard, "ShardId").to_owned(),
        parent: shard.get("ParentShardId").and_then(Value::as_str).map(str::to_owned),
        is_closed: shard.pointer("/SequenceNumberRange/EndingSequenceNumber").is_some(),
    }));
}

fn table_event(mut event: Value, arn: &str) -> Value {
    if let Some(time) = event.pointer_mut("/dynamodb/ApproximateCreationDateTime") {
        // Lambda sends whole seconds.
        #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970 fit")]
        let seconds = self::seconds(time).map(|seconds| seconds as i64);
        *time = json!(seconds);
    }
    if let Some(event) = event.as_object_mut() {
        event.insert("eventSourceARN".to_owned(), json!(arn));
        // A deletion by the time to live.
        if let Some(user) = event.get("userIdentity") {
            let [kind, id] = ["Type", "PrincipalId"].map(|name| text(user, name));
            let user = json!({ "type": kind, "principalId": id });
            event.insert("userIdentity".to_owned(), user);
        }
    }
    event
}

fn kinesis_event(record: &Value, id: &str, shard: &str, arn: &str) -> Value {
    let mut parts = arn.split(':').skip(3);
    let [region, account] = [parts.next(), parts.next()].map(Option::unwrap_or_default);
    json!({
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": text(record, "PartitionKey"),
            "sequenceNumber": id,
            "data": text(record, "Data"),
            "approximateArrivalTimestamp": record.get("ApproximateArrivalTimestamp").and_then(seconds),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": format!("{shard}:{id}"),
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": format!("arn:aws:iam::{account}:role/lambda"),
        "awsRegion": region,
        "eventSourceARN": arn,
    })
}

/// Reads a time, in seconds since 1970. Version 1 of the AWS CLI prints it so, version 2 as text.
fn seconds(time: &Value) -> Option<f64> {
    let text = match time {
        Value::String(text) => text,
        other => return other.as_f64(),
    };
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit")]
    let milliseconds = (time.unix_timestamp_nanos() / 1_000_000) as f64;
    Some(milliseconds / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_a_table_becomes_a_record() {
        let read = |time: Value| {
            json!({
                "eventID": "c4ca", "eventName": "REMOVE", "eventVersion": "1.1",
                "eventSource": "aws:dynamodb", "awsRegion": "eu-north-1",
                "dynamodb": {
                    "ApproximateCreationDateTime": time,
                    "Keys": {"id": {"N": "1"}}, "OldImage": {"id": {"N": "1"}, "photo": {"B": "AQI="}},
                    "SequenceNumber": "111", "SizeBytes": 26, "StreamViewType": "NEW_AND_OLD_IMAGES",
                },
                "userIdentity": {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"},
            })
        };
        let event = table_event(read(json!("2026-11-29T10:00:00.5+01:00")), "arn:stream");
        assert_eq!(event, table_event(read(json!(1_795_942_800.5)), "arn:stream"));
        insta::assert_snapshot!(serde_json::to_string_pretty(&event).unwrap_or_default(), @r#"
        {
          "awsRegion": "eu-north-1",
          "dynamodb": {
            "ApproximateCreationDateTime": 1795942800,
            "Keys": {
              "id": {
                "N": "1"
              }
            },
            "OldImage": {
              "id": {
                "N": "1"
              },
              "photo": {
                "B": "AQI="
              }
            },
            "SequenceNumber": "111",
            "SizeBytes": 26,
            "StreamViewType": "NEW_AND_OLD_IMAGES"
          },
          "eventID": "c4ca",
          "eventName": "REMOVE",
          "eventSource": "aws:dynamodb",
          "eventSourceARN": "arn:stream",
          "eventVersion": "1.1",
          "userIdentity": {
            "principalId": "dynamodb.amazonaws.com",
            "type": "Service"
          }
        }
        "#);
    }

    #[test]
    fn a_record_of_kinesis_becomes_a_record() {
        let read = json!({
            "SequenceNumber": "495", "Data": "aGVsbG8=", "PartitionKey": "1",
            "ApproximateArrivalTimestamp": 1_545_084_650.987,
        });
        let arn = "arn:aws:kinesis:eu-north-1:123456789012:stream/clicks";
        let event = kinesis_event(&read, "495", "shardId-000000000000", arn);
        insta::assert_snapshot!(serde_json::to_string_pretty(&event).unwrap_or_default(), @r#"
        {
          "awsRegion": "eu-north-1",
          "eventID": "shardId-000000000000:495",
          "eventName": "aws:kinesis:record",
          "eventSource": "aws:kinesis",
          "eventSourceARN": "arn:aws:kinesis:eu-north-1:123456789012:stream/clicks",
          "eventVersion": "1.0",
          "invokeIdentityArn": "arn:aws:iam::123456789012:role/lambda",
          "kinesis": {
            "approximateArrivalTimestamp": 1545084650.987,
            "data": "aGVsbG8=",
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "1",
            "sequenceNumber": "495"
          }
        }
        "#);
    }
}
