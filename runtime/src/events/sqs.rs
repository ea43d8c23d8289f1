//! Messages of Amazon SQS.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::batch::Source;
use super::decode::{number, optional_text};
use super::{Arena, Body, Decode, DecodeError};
use crate::json::Registered;

/// A message of a queue, with its body decoded into a `T`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Message<'a, T> {
    /// The identifier that SQS gave the message.
    pub message_id: Cow<'a, str>,
    /// The identifier of this receipt of the message.
    pub receipt_handle: Cow<'a, str>,
    /// The body.
    pub body: T,
    /// What SQS knows of the message.
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

/// What SQS knows of a message.
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
    #[serde(borrow, default, deserialize_with = "optional_text")]
    pub sender_id: Option<Cow<'a, str>>,
    /// The group of a message of a FIFO queue.
    #[serde(borrow, default, deserialize_with = "optional_text")]
    pub message_group_id: Option<Cow<'a, str>>,
    /// The identifier by which SQS recognizes a message that is sent again.
    #[serde(borrow, default, deserialize_with = "optional_text")]
    pub message_deduplication_id: Option<Cow<'a, str>>,
    /// The position of a message of a FIFO queue.
    #[serde(borrow, default, deserialize_with = "optional_text")]
    pub sequence_number: Option<Cow<'a, str>>,
    /// The X-Ray tracing header of the sender.
    #[serde(borrow, default, deserialize_with = "optional_text", rename = "AWSTraceHeader")]
    pub aws_trace_header: Option<Cow<'a, str>>,
    /// The ARN of the queue whose dead-letter queue had the message, if it was moved back from there.
    #[serde(borrow, default, deserialize_with = "optional_text")]
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
    #[serde(borrow, default, deserialize_with = "optional_text")]
    pub string_value: Option<Cow<'a, str>>,
    /// The value of bytes, in base64.
    #[serde(borrow, default, deserialize_with = "optional_text")]
    pub binary_value: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(borrow)]
    message_id: Cow<'a, str>,
    #[serde(borrow)]
    receipt_handle: Cow<'a, str>,
    #[serde(borrow)]
    body: Cow<'a, str>,
    #[serde(borrow, default)]
    attributes: Attributes<'a>,
    #[serde(borrow, default)]
    message_attributes: BTreeMap<Cow<'a, str>, MessageAttribute<'a>>,
    #[serde(borrow, rename = "eventSourceARN")]
    event_source_arn: Cow<'a, str>,
    #[serde(borrow, default)]
    aws_region: Cow<'a, str>,
}

impl<'a, T: Decode<'a>> Decode<'a> for Message<'a, T> {
    fn from_json(json: &'a str, arena: &'a Arena) -> Result<Self, DecodeError> {
        let envelope = Envelope::from_json(json, arena)?;
        let body = Body::Text(arena.text(envelope.body));
        Ok(Self {
            body: T::from_body(body, arena).map_err(|error| error.within("body"))?,
            message_id: envelope.message_id,
            receipt_handle: envelope.receipt_handle,
            attributes: envelope.attributes,
            message_attributes: envelope.message_attributes,
            event_source_arn: envelope.event_source_arn,
            aws_region: envelope.aws_region,
        })
    }

    fn from_body(body: Body<'a>, arena: &'a Arena) -> Result<Self, DecodeError> {
        Self::from_json(body.json()?, arena)
    }
}

/// A message is registered in a JSON context if its body is.
impl<J, T: Registered<J>> Registered<J> for Message<'_, T> {}

/// The source of a handler marked `sqs`.
#[doc(hidden)]
#[derive(Debug)]
pub enum Sqs {}

impl Source for Sqs {
    const ID: &'static str = "message";

    fn id(record: &str) -> Option<Cow<'_, str>> {
        #[derive(Deserialize)]
        struct Id<'a> {
            #[serde(borrow, rename = "messageId")]
            id: Cow<'a, str>,
        }

        let Id { id } = serde_json::from_str(record).ok()?;
        Some(id)
    }

    fn is_ordered(_: &str) -> bool {
        false
    }
}
