//! Events of queues, streams and other services.

pub(crate) mod batch;
mod decode;
pub mod dynamodb;
pub mod kinesis;
pub mod sqs;

pub use self::decode::Decode;
#[doc(hidden)]
pub use self::decode::{Arena, Body, DecodeError};
