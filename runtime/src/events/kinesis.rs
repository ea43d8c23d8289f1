//! Records of Amazon Kinesis Data Streams.

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;

use super::batch::RecordText;
use super::batch::Source;
use super::decode::{decode_all, decode_record};
use super::handler;
use super::{Arena, Body, Decode, DecodeError};
use crate::context::Context;
use crate::error::Error;
use crate::handler::Handler;
use crate::json::Registered;

/// A record of a stream, with its data decoded into a `T`, [as the body of a message](super#bodies) is.
///
/// ```
/// use lambda_native::events::kinesis::Record;
/// use lambda_native::lambda_handler;
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Click<'a> {
///     page: &'a str,
/// }
///
/// #[lambda_handler(kinesis = "ClickStream")]
/// async fn count(record: Record<'_, Click<'_>>) {
///     println!("{}: {}", record.partition_key, record.data.page);
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Record<'a, T> {
    /// The data, which was base64.
    pub data: T,
    /// The key that has chosen the shard.
    pub partition_key: Cow<'a, str>,
    /// The position in the shard.
    pub sequence_number: Cow<'a, str>,
    /// The time at which the record was received, in seconds since the epoch.
    pub approximate_arrival_timestamp: f64,
    /// The shard and the sequence number.
    pub event_id: Cow<'a, str>,
    /// The ARN of the stream, or of its consumer.
    pub event_source_arn: Cow<'a, str>,
    /// The region of the stream.
    pub aws_region: Cow<'a, str>,
}

impl<T> Record<'_, T> {
    /// Makes a record for a test, with empty or zero values beside the data.
    pub fn new(data: T) -> Self {
        Self {
            data,
            partition_key: Cow::default(),
            sequence_number: Cow::default(),
            approximate_arrival_timestamp: 0.0,
            event_id: Cow::default(),
            event_source_arn: Cow::default(),
            aws_region: Cow::default(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[serde(expecting = "a record")]
struct Envelope<'a> {
    #[serde(borrow)]
    kinesis: Data<'a>,
    #[serde(borrow, rename = "eventID", default)]
    event_id: Cow<'a, str>,
    #[serde(borrow, rename = "eventSourceARN")]
    event_source_arn: Cow<'a, str>,
    #[serde(borrow, default)]
    aws_region: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    #[serde(borrow)]
    partition_key: Cow<'a, str>,
    #[serde(borrow)]
    sequence_number: Cow<'a, str>,
    #[serde(borrow)]
    data: Cow<'a, str>,
    #[serde(default)]
    approximate_arrival_timestamp: f64,
}

impl<'a, T: Decode<'a>> Decode<'a> for Record<'a, T> {
    fn from_json(text: &'a str, arena: &'a Arena) -> Result<(Self, usize), DecodeError> {
        let (envelope, length) = Envelope::from_json(text, arena)?;
        let data = BASE64_STANDARD
            .decode(envelope.kinesis.data.as_bytes())
            .map_err(|error| DecodeError::new(&error))
            .and_then(|bytes| T::from_body(arena.body(bytes), arena))
            .map_err(|error| error.within("kinesis.data"))?;
        let decoded = Self {
            data,
            partition_key: envelope.kinesis.partition_key,
            sequence_number: envelope.kinesis.sequence_number,
            approximate_arrival_timestamp: envelope.kinesis.approximate_arrival_timestamp,
            event_id: envelope.event_id,
            event_source_arn: envelope.event_source_arn,
            aws_region: envelope.aws_region,
        };
        Ok((decoded, length))
    }

    fn from_body(body: Body<'a>, arena: &'a Arena) -> Result<Self, DecodeError> {
        decode_all(body.json()?, arena)
    }
}

/// A record is registered in a JSON context if its data is.
impl<J, T: Registered<J>> Registered<J> for Record<'_, T> {}

/// Makes a [`Handler`] from an async function or closure, which takes a record of a stream.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// use lambda_native::events::kinesis::{self, Record};
/// use lambda_native::{Context, start};
///
/// fn main() -> ExitCode {
///     start(kinesis::handler_fn(async |record: Record<'_, String>, _: &Context| {
///         println!("{}: {}", record.partition_key, record.data);
///         Ok(())
///     }))
/// }
/// ```
pub fn handler_fn<F, T>(function: F) -> impl Handler
where
    F: AsyncFn(Record<'_, T>, &Context) -> Result<(), Error> + Send + Sync + 'static,
    T: for<'a> Decode<'a> + 'static,
{
    handler::of_records::<Kinesis>(async move |record: RecordText<'_>, context: &Context| {
        let arena = Arena::default();
        function(decode_record(record, &arena)?, context).await
    })
}

/// The source of a handler marked `kinesis`.
#[doc(hidden)]
#[derive(Debug)]
pub enum Kinesis {}

impl Source for Kinesis {
    const ID: &'static str = "sequenceNumber";
    const REPORTS_THE_REST: bool = false;

    fn id(record: &str) -> Option<Cow<'_, str>> {
        #[derive(Deserialize)]
        struct Id<'a> {
            #[serde(borrow)]
            kinesis: Position<'a>,
        }

        #[derive(Deserialize)]
        struct Position<'a> {
            #[serde(borrow, rename = "sequenceNumber")]
            id: Cow<'a, str>,
        }

        let Id { kinesis: Position { id } } = serde_json::from_str(record).ok()?;
        Some(id)
    }

    fn is_ordered(_: &str) -> bool {
        true
    }
}
