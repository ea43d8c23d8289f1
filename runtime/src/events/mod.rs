//! Events of queues, streams and other services.
//!
//! # Batches
//!
//! Lambda sends the messages of a queue, and the records of a stream, in batches. A handler that is marked with
//! such a source is called for each record:
//!
//! ```
//! use lambda_native::events::sqs::Message;
//! use lambda_native::{Context, Error, lambda_handler};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Order<'a> {
//!     item: &'a str,
//!     count: u32,
//! }
//!
//! #[lambda_handler(sqs = "OrderQueue")]
//! async fn ship(message: Message<'_, Order<'_>>, context: &Context) -> Result<(), Error> {
//!     println!("{}: {} x {}", context.request_id(), message.body.count, message.body.item);
//!     Ok(())
//! }
//! ```
//!
//! | source | record | `itemIdentifier` |
//! |---|---|---|
//! | `sqs` | [`sqs::Message`] | the message id |
//! | `kinesis` | [`kinesis::Record`] | the sequence number |
//! | `dynamodb` | [`dynamodb::Record`] | the sequence number |
//!
//! The response lists the records that failed, as `batchItemFailures`, and Lambda sends only these again. That has to
//! be switched on at the event source: `FunctionResponseTypes: [ReportBatchItemFailures]`, or **Lambda takes every
//! response for a success and the records that failed are lost**. `scaffold sync` writes it.
//!
//! | what happens | what Lambda gets |
//! |---|---|
//! | every record succeeds, or there is none | an empty list |
//! | a record cannot be decoded, its function fails or panics | that record in the list; the others go on |
//! | a record of a FIFO queue fails | that message and all after it, which are not handled |
//! | a record of a stream fails | that record, from which Lambda goes on; those after it are not handled |
//! | no record succeeds | the error of the invocation |
//! | a record fails that has no identifier | the error of the invocation |
//! | the function runs out of time, or the process dies | the error of the invocation |
//!
//! After the error of an invocation, Lambda sends all records again, so a function has to bear a record that it has
//! already handled. A panic fails its record alone with `panic = "unwind"`, which a function of batches is best built
//! with; with `panic = "abort"` it ends the process, and with it the invocation.
//!
//! Each failure is logged with the identifier of the record, the request id and the trace id.
//!
//! # Bodies
//!
//! The body of a message is text, and the data of a Kinesis record bytes. What they are decoded into is the
//! parameter `T` of their types:
//!
//! | `T` | body |
//! |---|---|
//! | any type that is [`Deserialize`](serde::Deserialize), such as `Order<'_>` | JSON, borrowed where possible |
//! | `&str`, `String` | text as it is |
//! | `&[u8]` | bytes as they are |
//! | [`IgnoredAny`](serde::de::IgnoredAny) | not read |
//! | [`sns::Notification<'_, T>`](sns::Notification) | the envelope of a topic that the queue is subscribed to |
//! | [`eventbridge::Event<'_, T>`](eventbridge::Event) | the event of a rule whose target the queue is |
//!
//! # Whole events
//!
//! | source | type |
//! |---|---|
//! | Amazon S3 | [`s3::Event`] |
//! | triggers of Cognito user pools | [`cognito::PreSignUp`] and the others of [`cognito`] |
//! | Amazon SNS | [`sns::Notification`] |
//! | EventBridge, schedules included | [`eventbridge::Event`] |
//! | CloudWatch Logs, with the feature `cloudwatch-logs` | `cloudwatch_logs::Event` |
//! | Amazon SES | [`ses::Event`] |
//! | rules of AWS `IoT` | any type that is [`Deserialize`](serde::Deserialize) |
//!
//! They ignore fields that they do not know, and fail if a required field is missing; the error names the field.
//!
//! # Other types
//!//!
//! In place of a type of this module, a handler takes any type that is [`Deserialize`](serde::Deserialize), such as
//! those of the crate `aws_lambda_events`: `SqsMessage` with `sqs`, `KinesisEventRecord` with `kinesis`, `EventRecord`
//! with `dynamodb`. A handler without a source takes the whole event, such as `SqsEvent`, and makes the response
//! itself.
//!
//! # Without the macro
//!
//! Each of these modules has a `handler_fn`, such as [`sqs::handler_fn`], which makes a [`Handler`](crate::Handler)
//! from a closure.

mod attribute_value;
pub(crate) mod batch;
#[cfg(feature = "cloudwatch-logs")]
pub mod cloudwatch_logs;
pub mod cognito;
mod decode;
pub mod dynamodb;
pub mod eventbridge;
mod handler;
pub mod kinesis;
pub mod s3;
pub mod ses;
pub mod sns;
pub mod sqs;

pub use self::decode::Decode;
#[doc(hidden)]
pub use self::decode::{Arena, Body, DecodeError, decode_event, decode_record};
