//! Records of the streams of Amazon DynamoDB.

use std::borrow::Cow;

use serde::Deserialize;

use super::batch::Source;

/// The source of a handler marked `dynamodb`.
#[doc(hidden)]
#[derive(Debug)]
pub enum DynamoDb {}

impl Source for DynamoDb {
    const ID: &'static str = "sequence number";

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
