//! Messages of Amazon SQS.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::batch::RecordText;
use super::batch::Source;
use super::decode::{decode_all, decode_record, number};
use super::handler;
use super::{Arena, Body, Decode, DecodeError};
use crate::context::Context;
use crate::error::Error;
use crate::handler::Handler;
use crate::json::Registered;
use crate::json::borrowed::option;

/// A message of a queue, with its body decoded into a `T`, [as the documentation of bodies](super#bodies) says.
///
/// ```
/// use lambda_native::events::sqs::Message;
/// use lambda_native::{Error, lambda_handler};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Order<'a> {
///     item: &'a str,
/// }
///
/// #[lambda_handler(sqs = "OrderQueue")]
/// async fn ship(message: Message<'_, Order<'_>>) -> Result<(), Error> {
///     match message.body.item {
///         "tea" => Ok(()),
///         item => Err(Error::new("OutOfStock", format!("no {item}"))),
///     }
/// }
///
/// # use lambda_native::testing::block_on;
/// // A test calls it with a message of its own.
/// assert!(block_on(ship(Message::new(Order { item: "tea" }))).is_ok());
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Message<'a, T> {
    /// The identifier that SQS gave the message.
    pub message_id: Cow<'a, str>,
    /// The identifier of this receipt of the message.
    pub receipt_handle: Cow<'a, str>,
    /// The body.
    pub body: T,
    /// The attributes that SQS gave the message.
    pub attributes: Attributes<'a>,
    /// The attributes that the sender has added, by their names.
    pub message_attributes: BTreeMap<Cow<'a, str>, MessageAttribute<'a>>,
    /// The ARN of the queue.
    pub event_source_arn: Cow<'a, str>,
    /// The region of the queue.
    pub aws_region: Cow<'a, str>,
}

impl<T> Message<'_, T> {
    /// Makes a message for a test, with empty or zero values beside the body.
    pub fn new(body: T) -> Self {
        Self {
            message_id: Cow::default(),
            receipt_handle: Cow::default(),
            body,
            attributes: Attributes::default(),
            message_attributes: BTreeMap::new(),
            event_source_arn: Cow::default(),
            aws_region: Cow::default(),
        }
    }
}

/// The attributes that SQS gave a message.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Attributes<'a> {
    /// The number of times that the message was received without being deleted.
    #[serde(default, deserialize_with = "number")]
    pub approximate_receive_count: u32,
    /// The time at which it was sent, in milliseconds since the epoch.
    #[serde(default, deserialize_with = "number")]
    pub sent_timestamp: u64,
    /// The time at which it was first received, in milliseconds since the epoch.
    #[serde(default, deserialize_with = "number")]
    pub approximate_first_receive_timestamp: u64,
    /// The user or role that sent it.
    #[serde(borrow, default, deserialize_with = "option")]
    pub sender_id: Option<Cow<'a, str>>,
    /// The group of a message of a FIFO queue.
    #[serde(borrow, default, deserialize_with = "option")]
    pub message_group_id: Option<Cow<'a, str>>,
    /// The identifier by which SQS recognizes a message that is sent again.
    #[serde(borrow, default, deserialize_with = "option")]
    pub message_deduplication_id: Option<Cow<'a, str>>,
    /// The position of a message of a FIFO queue.
    #[serde(borrow, default, deserialize_with = "option")]
    pub sequence_number: Option<Cow<'a, str>>,
    /// The X-Ray tracing header of the sender.
    #[serde(borrow, default, deserialize_with = "option", rename = "AWSTraceHeader")]
    pub aws_trace_header: Option<Cow<'a, str>>,
    /// The ARN of the queue whose dead-letter queue had the message, if it was moved back from there.
    #[serde(borrow, default, deserialize_with = "option")]
    pub dead_letter_queue_source_arn: Option<Cow<'a, str>>,
}

/// An attribute that the sender of a message has added.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MessageAttribute<'a> {
    /// `String`, `Number` or `Binary`, possibly with a type of the sender's own: `Number.float`.
    #[serde(borrow)]
    pub data_type: Cow<'a, str>,
    /// The value of a string or a number.
    #[serde(borrow, default, deserialize_with = "option")]
    pub string_value: Option<Cow<'a, str>>,
    /// The value of bytes, in base64.
    #[serde(borrow, default, deserialize_with = "option")]
    pub binary_value: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[serde(expecting = "a message")]
struct Envelope<'a> {
    #[serde(borrow)]
    message_id: Cow<'a, str>,
    #[serde(borrow)]
    receipt_handle: Cow<'a, str>,
    #[serde(borrow)]
    body: &'a RawValue,
    #[serde(borrow, default)]
    attributes: Attributes<'a>,
    #[serde(borrow, default)]
    message_attributes: Option<BTreeMap<Cow<'a, str>, MessageAttribute<'a>>>,
    #[serde(borrow, rename = "eventSourceARN")]
    event_source_arn: Cow<'a, str>,
    #[serde(borrow, default)]
    aws_region: Cow<'a, str>,
}

impl<'a, T: Decode<'a>> Decode<'a> for Message<'a, T> {
    fn from_json(text: &'a str, arena: &'a Arena) -> Result<(Self, usize), DecodeError> {
        let (envelope, length) = Envelope::from_json(text, arena)?;
        let body = arena.string(envelope.body);
        let body = body.and_then(|body| T::from_body(Body::Text(body), arena));
        let decoded = Self {
            body: body.map_err(|error| error.within("body"))?,
            message_id: envelope.message_id,
            receipt_handle: envelope.receipt_handle,
            attributes: envelope.attributes,
            message_attributes: envelope.message_attributes.unwrap_or_default(),
            event_source_arn: envelope.event_source_arn,
            aws_region: envelope.aws_region,
        };
        Ok((decoded, length))
    }

    fn from_body(body: Body<'a>, arena: &'a Arena) -> Result<Self, DecodeError> {
        decode_all(body.json()?, arena)
    }
}

/// A message is registered in a JSON context if its body is.
impl<J, T: Registered<J>> Registered<J> for Message<'_, T> {}

/// Makes a [`Handler`] from an async function or closure, which takes a message of a queue.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// use lambda_native::events::sqs::{self, Message};
/// use lambda_native::{Context, start};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Order {
///     item: String,
/// }
///
/// fn main() -> ExitCode {
///     start(sqs::handler_fn(async |message: Message<'_, Order>, _: &Context| {
///         println!("{}: {}", message.message_id, message.body.item);
///         Ok(())
///     }))
/// }
/// ```
pub fn handler_fn<F, T>(function: F) -> impl Handler
where
    F: AsyncFn(Message<'_, T>, &Context) -> Result<(), Error> + Send + Sync + 'static,
    T: for<'a> Decode<'a> + 'static,
{
    handler::of_records::<Sqs>(async move |record: RecordText<'_>, context: &Context| {
        let arena = Arena::default();
        function(decode_record(record, &arena)?, context).await
    })
}

/// Makes a [`Handler`] as [`handler_fn`] does, which handles up to `concurrency` messages of a standard queue at a
/// time.
pub fn concurrent_handler_fn<F, T>(concurrency: usize, function: F) -> impl Handler
where
    F: AsyncFn(Message<'_, T>, &Context) -> Result<(), Error> + Send + Sync + 'static,
    T: for<'a> Decode<'a> + 'static,
{
    handler::of_concurrent_records::<Sqs>(
        concurrency,
        async move |record: RecordText<'_>, context: &Context| {
            let arena = Arena::default();
            function(decode_record(record, &arena)?, context).await
        },
    )
}

/// The source of a handler marked `sqs`.
#[doc(hidden)]
#[derive(Debug)]
pub enum Sqs {}

impl Source for Sqs {
    const ID: &'static str = "messageId";
    const REPORTS_THE_REST: bool = true;

    fn id(record: &str) -> Option<Cow<'_, str>> {
        #[derive(Deserialize)]
        struct Id<'a> {
            #[serde(borrow, rename = "messageId")]
            id: Cow<'a, str>,
        }

        let Id { id } = serde_json::from_str(record).ok()?;
        Some(id)
    }

    /// A FIFO queue has a name with this ending.
    fn is_ordered(record: &str) -> bool {
        #[derive(Deserialize)]
        struct Queue<'a> {
            #[serde(borrow, rename = "eventSourceARN")]
            arn: Cow<'a, str>,
        }

        serde_json::from_str(record).is_ok_and(|Queue { arn }| arn.ends_with(".fifo"))
    }
}
