//! Events of queues, streams and other services.

pub(crate) mod batch;
#[cfg(feature = "cloudwatch-logs")]
pub mod cloudwatch_logs;
pub mod cognito;
mod decode;
pub mod dynamodb;
pub mod kinesis;
pub mod s3;
pub mod ses;
pub mod sqs;

pub use self::decode::Decode;
#[doc(hidden)]
pub use self::decode::{Arena, Body, DecodeError};
