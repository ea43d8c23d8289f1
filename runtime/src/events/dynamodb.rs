//! Records of the streams of Amazon DynamoDB.

use std::borrow::Cow;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};

use super::Arena;
use super::attribute_value::{item, optional_item};
use super::batch::RecordText;
use super::batch::Source;
use super::decode::decode_record;
use super::handler;
use crate::context::Context;
use crate::error::Error;
use crate::handler::Handler;
use crate::json::Registered;
use crate::json::borrowed::option;

/// A change of an item, with its images read into a `T`, and its key into a `K`.
///
/// The types are any that are [`Deserialize`]: attribute values such as `{"N": "3"}` become plain values. Text is
/// borrowed from the event if it has no escapes. A number is an integer if it is one, and its exact text for a
/// `String`; sets are sequences; binary values are a `Vec<u8>`; `NULL` is the `None` of an `Option`.
///
/// ```
/// use lambda_native::events::dynamodb::Record;
/// use lambda_native::lambda_handler;
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Order<'a> {
///     id: &'a str,
///     count: u32,
/// }
///
/// #[lambda_handler(dynamodb = "OrderTable")]
/// async fn audit(record: Record<'_, Order<'_>>) {
///     if let (Some(old), Some(new)) = (record.old_image, record.new_image) {
///         println!("order {}: from {} to {}", new.id, old.count, new.count);
///     }
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Record<'a, T, K = IgnoredAny> {
    /// The kind of change.
    pub event_name: EventName,
    /// The key of the item.
    pub keys: K,
    /// The item before the change, if the stream has old images and the item was not inserted.
    pub old_image: Option<T>,
    /// The item after the change, if the stream has new images and the item was not removed.
    pub new_image: Option<T>,
    /// The position in the stream.
    pub sequence_number: Option<Cow<'a, str>>,
    /// The approximate time of the change, in seconds since the epoch.
    pub approximate_creation_date_time: Option<f64>,
    /// The size of the record in bytes.
    pub size_bytes: Option<u64>,
    /// The parts of an item that the stream has: `NEW_AND_OLD_IMAGES`.
    pub stream_view_type: Option<Cow<'a, str>>,
    /// The service that made the change, such as the removal of an item whose time to live is over.
    pub user_identity: Option<UserIdentity<'a>>,
    /// The identifier of the record.
    pub event_id: Option<Cow<'a, str>>,
    /// The ARN of the stream.
    pub event_source_arn: Option<Cow<'a, str>>,
    /// The region of the table.
    pub aws_region: Option<Cow<'a, str>>,
}

impl<T, K> Record<'_, T, K> {
    /// Makes a record for a test, with nothing beside these values.
    pub fn new(event_name: EventName, keys: K, old_image: Option<T>, new_image: Option<T>) -> Self {
        Self {
            event_name,
            keys,
            old_image,
            new_image,
            sequence_number: None,
            approximate_creation_date_time: None,
            size_bytes: None,
            stream_view_type: None,
            user_identity: None,
            event_id: None,
            event_source_arn: None,
            aws_region: None,
        }
    }
}

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum EventName {
    /// A new item.
    Insert,
    /// An item was changed.
    Modify,
    /// An item was removed.
    Remove,
}

/// The service that made a change.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UserIdentity<'a> {
    /// The type: `Service`.
    #[serde(borrow, rename = "type", default, deserialize_with = "option")]
    pub kind: Option<Cow<'a, str>>,
    /// The service: `dynamodb.amazonaws.com` for items whose time to live is over.
    #[serde(borrow, default, deserialize_with = "option")]
    pub principal_id: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>, K: Deserialize<'de>"), rename_all = "camelCase")]
#[serde(expecting = "a record")]
struct Envelope<'a, T, K> {
    event_name: EventName,
    #[serde(borrow)]
    dynamodb: Change<'a, T, K>,
    #[serde(borrow, default)]
    user_identity: Option<UserIdentity<'a>>,
    #[serde(borrow, default, deserialize_with = "option", rename = "eventID")]
    event_id: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "option", rename = "eventSourceARN")]
    event_source_arn: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "option")]
    aws_region: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>, K: Deserialize<'de>"), rename_all = "PascalCase")]
struct Change<'a, T, K> {
    #[serde(deserialize_with = "item")]
    keys: K,
    #[serde(default = "none", deserialize_with = "optional_item")]
    old_image: Option<T>,
    #[serde(default = "none", deserialize_with = "optional_item")]
    new_image: Option<T>,
    #[serde(borrow, default, deserialize_with = "option")]
    sequence_number: Option<Cow<'a, str>>,
    #[serde(default)]
    approximate_creation_date_time: Option<f64>,
    #[serde(default)]
    size_bytes: Option<u64>,
    #[serde(borrow, default, deserialize_with = "option")]
    stream_view_type: Option<Cow<'a, str>>,
}

fn none<T>() -> Option<T> {
    None
}

impl<'de: 'a, 'a, T: Deserialize<'de>, K: Deserialize<'de>> Deserialize<'de> for Record<'a, T, K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let envelope = Envelope::deserialize(deserializer)?;
        let change = envelope.dynamodb;
        Ok(Self {
            event_name: envelope.event_name,
            keys: change.keys,
            old_image: change.old_image,
            new_image: change.new_image,
            sequence_number: change.sequence_number,
            approximate_creation_date_time: change.approximate_creation_date_time,
            size_bytes: change.size_bytes,
            stream_view_type: change.stream_view_type,
            user_identity: envelope.user_identity,
            event_id: envelope.event_id,
            event_source_arn: envelope.event_source_arn,
            aws_region: envelope.aws_region,
        })
    }
}

/// A record is registered in a JSON context if its images and its key are.
impl<J, T: Registered<J>, K: Registered<J>> Registered<J> for Record<'_, T, K> {}

/// Makes a [`Handler`] from an async function or closure, which takes a record of a stream.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// use lambda_native::events::dynamodb::{self, Record};
/// use lambda_native::{Context, start};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Order {
///     id: String,
/// }
///
/// fn main() -> ExitCode {
///     start(dynamodb::handler_fn(async |record: Record<'_, Order>, _: &Context| {
///         println!("{:?} {:?}", record.event_name, record.new_image.map(|order| order.id));
///         Ok(())
///     }))
/// }
/// ```
pub fn handler_fn<F, T>(function: F) -> impl Handler
where
    F: AsyncFn(Record<'_, T>, &Context) -> Result<(), Error> + Send + Sync + 'static,
    T: DeserializeOwned + 'static,
{
    handler::of_records::<DynamoDb>(async move |record: RecordText<'_>, context: &Context| {
        let arena = Arena::default();
        function(decode_record(record, &arena)?, context).await
    })
}

/// The source of a handler marked `dynamodb`.
#[doc(hidden)]
#[derive(Debug)]
pub enum DynamoDb {}

impl Source for DynamoDb {
    const ID: &'static str = "sequenceNumber";
    const REPORTS_THE_REST: bool = false;

    fn id(record: &str) -> Option<Cow<'_, str>> {
        #[derive(Deserialize)]
        struct Id<'a> {
            #[serde(borrow)]
            dynamodb: Position<'a>,
        }

        #[derive(Deserialize)]
        struct Position<'a> {
            #[serde(borrow, rename = "SequenceNumber")]
            id: Cow<'a, str>,
        }

        let Id { dynamodb: Position { id } } = serde_json::from_str(record).ok()?;
        Some(id)
    }

    fn is_ordered(_: &str) -> bool {
        true
    }
}
