//! Notifications of Amazon SNS.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::decode::{decode_all, decode_event};
use super::handler;
use super::{Arena, Body, Decode, DecodeError};
use crate::context::Context;
use crate::error::Error;
use crate::handler::Handler;
use crate::json::Registered;
use crate::json::borrowed::option;

/// A notification, with its message decoded into a `T`.
///
/// It is the event of a handler marked `sns`, or the body of a message of a queue that is subscribed to a topic
/// without raw message delivery: [`sqs::Message<'_, Notification<'_, T>>`](super::sqs::Message). The message is
/// decoded [as the body of a message](super#bodies) is.
///
/// ```
/// use lambda_native::events::sns::Notification;
/// use lambda_native::lambda_handler;
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Order<'a> {
///     item: &'a str,
/// }
///
/// #[lambda_handler(sns = "OrderTopic")]
/// async fn announce(notification: Notification<'_, Order<'_>>) {
///     println!("{}: {}", notification.message_id, notification.message.item);
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Notification<'a, T> {
    /// The identifier that SNS gave the notification.
    pub message_id: Cow<'a, str>,
    /// The ARN of the topic.
    pub topic_arn: Cow<'a, str>,
    /// The subject, if the publisher gave one.
    pub subject: Option<Cow<'a, str>>,
    /// The message.
    pub message: T,
    /// The time at which it was published, as in `2026-01-31T23:59:59.123Z`.
    pub timestamp: Cow<'a, str>,
    /// The attributes that the publisher has added, by their names.
    pub message_attributes: BTreeMap<Cow<'a, str>, MessageAttribute<'a>>,
}

impl<T> Notification<'_, T> {
    /// Makes a notification for a test, with empty values beside the message.
    pub fn new(message: T) -> Self {
        Self {
            message_id: Cow::default(),
            topic_arn: Cow::default(),
            subject: None,
            message,
            timestamp: Cow::default(),
            message_attributes: BTreeMap::new(),
        }
    }
}

/// An attribute that the publisher of a notification has added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct MessageAttribute<'a> {
    /// `String`, `Number`, `Binary` or `String.Array`.
    #[serde(borrow, rename = "Type")]
    pub data_type: Cow<'a, str>,
    /// The value; that of bytes is base64.
    #[serde(borrow)]
    pub value: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
#[serde(expecting = "a notification")]
struct Envelope<'a> {
    #[serde(borrow)]
    message_id: Cow<'a, str>,
    #[serde(borrow)]
    topic_arn: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "option")]
    subject: Option<Cow<'a, str>>,
    #[serde(borrow)]
    message: &'a RawValue,
    #[serde(borrow)]
    timestamp: Cow<'a, str>,
    #[serde(borrow, default)]
    message_attributes: Option<BTreeMap<Cow<'a, str>, MessageAttribute<'a>>>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, rename = "Records")]
    records: [Record<'a>; 1],
}

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow, rename = "Sns")]
    sns: &'a RawValue,
}

impl<'a, T: Decode<'a>> Decode<'a> for Notification<'a, T> {
    fn from_json(text: &'a str, arena: &'a Arena) -> Result<(Self, usize), DecodeError> {
        let (Event { records: [Record { sns }] }, length) = Event::from_json(text, arena)?;
        let notification = Self::from_body(Body::Text(sns.get()), arena)
            .map_err(|error| error.within("Records[0].Sns"))?;
        Ok((notification, length))
    }

    fn from_body(body: Body<'a>, arena: &'a Arena) -> Result<Self, DecodeError> {
        let envelope: Envelope<'_> = decode_all(body.json()?, arena)?;
        let message = arena.string(envelope.message);
        let message = message.and_then(|message| T::from_body(Body::Text(message), arena));
        Ok(Self {
            message_id: envelope.message_id,
            topic_arn: envelope.topic_arn,
            subject: envelope.subject,
            message: message.map_err(|error| error.within("Message"))?,
            timestamp: envelope.timestamp,
            message_attributes: envelope.message_attributes.unwrap_or_default(),
        })
    }
}

/// A notification is registered in a JSON context if its message is.
impl<J, T: Registered<J>> Registered<J> for Notification<'_, T> {}

/// Makes a [`Handler`] from an async function or closure, which takes a notification.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// use lambda_native::events::sns::{self, Notification};
/// use lambda_native::{Context, start};
///
/// fn main() -> ExitCode {
///     start(sns::handler_fn(async |notification: Notification<'_, String>, _: &Context| {
///         println!("{}", notification.message);
///         Ok(())
///     }))
/// }
/// ```
pub fn handler_fn<F, T>(function: F) -> impl Handler
where
    F: AsyncFn(Notification<'_, T>, &Context) -> Result<(), Error> + Send + Sync + 'static,
    T: for<'a> Decode<'a> + 'static,
{
    handler::of_events(async move |event: &[u8], context: &Context| {
        let arena = Arena::default();
        function(decode_event(event, &arena)?, context).await
    })
}
