//! Amazon S3: notifications about objects.
//!
//! ```no_run
//! use lambda_native::events::s3;
//! use lambda_native::{Error, lambda_handler};
//!
//! # async fn make_thumbnail(_: &str, _: &str) -> Result<(), Error> { Ok(()) }
//! #[lambda_handler]
//! async fn thumbnail(event: s3::Event<'_>) -> Result<(), Error> {
//!     for record in event.records.iter().filter(|record| record.is_created()) {
//!         make_thumbnail(&record.bucket, &record.key).await?;
//!     }
//!     Ok(())
//! }
//! ```
//!
//! If the bucket sends its events to EventBridge instead, take an EventBridge event whose detail is an
//! [`ObjectDetail`].
//!
//! The fields are those that [AWS documents](https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html).

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Deserializer, de};

use crate::json::borrowed::{self, Str};

/// A notification.
///
/// S3 sends a test event when notifications are set up for a bucket. It has no records, so a function that
/// loops over them does nothing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Notification", bound(deserialize = "'de: 'e"))]
#[non_exhaustive]
pub struct Event<'e> {
    /// The objects that changed; S3 usually sends one.
    pub records: Vec<Record<'e>>,
}

/// One change of one object.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "RecordMembers", bound(deserialize = "'de: 'e"))]
#[non_exhaustive]
pub struct Record<'e> {
    /// The kind of change, such as `ObjectCreated:Put` or `ObjectRemoved:Delete`.
    pub event_name: Cow<'e, str>,
    /// The time at which S3 had handled the request, such as `2026-01-31T23:59:59.123Z`.
    pub event_time: Cow<'e, str>,
    /// The region of the bucket.
    pub region: Cow<'e, str>,
    /// The name of the bucket.
    pub bucket: Cow<'e, str>,
    /// The ARN of the bucket.
    pub bucket_arn: Option<Cow<'e, str>>,
    /// The key of the object, decoded: pass it to S3 as it is.
    pub key: Cow<'e, str>,
    /// The size of the object in bytes; `None` if it was deleted.
    pub size: Option<u64>,
    /// The entity tag of the object's content; `None` if it was deleted.
    pub etag: Option<Cow<'e, str>>,
    /// The version of the object, if the bucket keeps versions.
    pub version_id: Option<Cow<'e, str>>,
    /// A hexadecimal number that orders the changes of one key. Compare two as text of equal length:
    /// S3 asks for the shorter one to be padded with zeros on the right.
    pub sequencer: Option<Cow<'e, str>>,
    /// The user, role or service that made the change.
    pub principal: Option<Cow<'e, str>>,
    /// The IP address that the request came from.
    pub source_ip: Option<Cow<'e, str>>,
    /// The name of the notification in the settings of the bucket.
    pub configuration_id: Option<Cow<'e, str>>,
}

impl Record<'_> {
    /// Tells whether the object is new or has new content.
    #[must_use]
    pub fn is_created(&self) -> bool {
        self.event_name.starts_with("ObjectCreated:")
    }

    /// Tells whether the object was removed, by a request or by a rule for its lifecycle.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        ["ObjectRemoved:", "LifecycleExpiration:"]
            .iter()
            .any(|kind| self.event_name.starts_with(kind))
    }
}

/// The detail of an event that S3 sends to EventBridge, where keys are not encoded.
///
/// The fields are those that [AWS documents](https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct ObjectDetail<'e> {
    /// The bucket.
    #[serde(borrow)]
    pub bucket: Bucket<'e>,
    /// The object.
    #[serde(borrow)]
    pub object: Object<'e>,
    /// The account, user or service that made the change.
    #[serde(borrow, default, deserialize_with = "borrowed::option")]
    pub requester: Option<Cow<'e, str>>,
    /// The IP address that the request came from.
    #[serde(borrow, default, deserialize_with = "borrowed::option")]
    pub source_ip_address: Option<Cow<'e, str>>,
    /// The operation, such as `PutObject` or `Lifecycle Expiration`.
    #[serde(borrow, default, deserialize_with = "borrowed::option")]
    pub reason: Option<Cow<'e, str>>,
}

/// The bucket of an [`ObjectDetail`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Bucket<'e> {
    /// The name of the bucket.
    #[serde(borrow)]
    pub name: Cow<'e, str>,
}

/// The object of an [`ObjectDetail`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Object<'e> {
    /// The key of the object.
    #[serde(borrow)]
    pub key: Cow<'e, str>,
    /// The size of the object in bytes; `None` if it was deleted.
    pub size: Option<u64>,
    /// The entity tag of the object's content; `None` if it was deleted.
    #[serde(borrow, default, deserialize_with = "borrowed::option")]
    pub etag: Option<Cow<'e, str>>,
    /// The version of the object, if the bucket keeps versions.
    #[serde(borrow, default, deserialize_with = "borrowed::option")]
    pub version_id: Option<Cow<'e, str>>,
    /// A hexadecimal number that orders the changes of one key, as in a [`Record`].
    #[serde(borrow, default, deserialize_with = "borrowed::option")]
    pub sequencer: Option<Cow<'e, str>>,
}

/// The event as S3 sends it: records, or those of a test event.
#[derive(Deserialize)]
struct Notification<'e> {
    #[serde(borrow, rename = "Records")]
    records: Option<Vec<Record<'e>>>,
    #[serde(borrow, rename = "Event", default, deserialize_with = "borrowed::option")]
    event: Option<Cow<'e, str>>,
}

impl<'e> TryFrom<Notification<'e>> for Event<'e> {
    type Error = &'static str;

    fn try_from(notification: Notification<'e>) -> Result<Self, Self::Error> {
        match (notification.records, notification.event.as_deref()) {
            (Some(records), _) => Ok(Self { records }),
            (None, Some("s3:TestEvent")) => Ok(Self { records: Vec::new() }),
            _ => Err("missing field `Records`"),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RecordMembers<'e> {
    #[serde(borrow)]
    event_name: Cow<'e, str>,
    #[serde(borrow)]
    event_time: Cow<'e, str>,
    #[serde(borrow)]
    aws_region: Cow<'e, str>,
    #[serde(borrow)]
    user_identity: Option<UserIdentity<'e>>,
    #[serde(borrow)]
    request_parameters: Option<RequestParameters<'e>>,
    #[serde(borrow)]
    s3: Entity<'e>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserIdentity<'e> {
    #[serde(borrow, default, deserialize_with = "borrowed::option")]
    principal_id: Option<Cow<'e, str>>,
}

#[derive(Default, Deserialize)]
struct RequestParameters<'e> {
    #[serde(borrow, rename = "sourceIPAddress", default, deserialize_with = "borrowed::option")]
    source_ip_address: Option<Cow<'e, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entity<'e> {
    #[serde(borrow, default, deserialize_with = "borrowed::option")]
    configuration_id: Option<Cow<'e, str>>,
    #[serde(borrow)]
    bucket: EntityBucket<'e>,
    #[serde(borrow)]
    object: EntityObject<'e>,
}

#[derive(Deserialize)]
struct EntityBucket<'e> {
    #[serde(borrow)]
    name: Cow<'e, str>,
    #[serde(borrow, default, deserialize_with = "borrowed::option")]
    arn: Option<Cow<'e, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EntityObject<'e> {
    #[serde(borrow, deserialize_with = "key")]
    key: Cow<'e, str>,
    size: Option<u64>,
    #[serde(borrow, default, deserialize_with = "borrowed::option")]
    e_tag: Option<Cow<'e, str>>,
    #[serde(borrow, default, deserialize_with = "borrowed::option")]
    version_id: Option<Cow<'e, str>>,
    #[serde(borrow, default, deserialize_with = "borrowed::option")]
    sequencer: Option<Cow<'e, str>>,
}

/// Reads a key, which S3 encodes as in a form: a space is `+`, and other characters are `%` and two digits.
fn key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'de, str>, D::Error> {
    let Str(encoded) = Str::deserialize(deserializer)?;
    if !encoded.contains(['+', '%']) {
        return Ok(encoded);
    }
    match percent_decode_str(&encoded.replace('+', " ")).decode_utf8() {
        Ok(key) => Ok(Cow::Owned(key.into_owned())),
        Err(_) => Err(de::Error::custom("`key` is not UTF-8")),
    }
}

impl<'e> From<RecordMembers<'e>> for Record<'e> {
    fn from(members: RecordMembers<'e>) -> Self {
        let Entity { configuration_id, bucket, object } = members.s3;
        Self {
            event_name: members.event_name,
            event_time: members.event_time,
            region: members.aws_region,
            bucket: bucket.name,
            bucket_arn: bucket.arn,
            key: object.key,
            size: object.size,
            etag: object.e_tag,
            version_id: object.version_id,
            sequencer: object.sequencer,
            principal: members.user_identity.unwrap_or_default().principal_id,
            source_ip: members.request_parameters.unwrap_or_default().source_ip_address,
            configuration_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::json::decode;

    fn event(object: Value) -> String {
        json!({ "Records": [{
            "eventVersion": "2.5",
            "eventName": "ObjectCreated:Put",
            "eventTime": "2026-01-31T23:59:59.123Z",
            "awsRegion": "eu-central-1",
            "userIdentity": null,
            "s3": { "bucket": { "name": "photos" }, "object": object, "new": {} },
            "glacierEventData": null,
        }] })
        .to_string()
    }

    fn refusal(event: &str) -> String {
        decode::<Event<'_>>(event.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn decodes_a_key_exactly_once() {
        for (encoded, decoded) in [
            ("plain.jpg", "plain.jpg"),
            ("2026/on+the+beach.jpg", "2026/on the beach.jpg"),
            ("Happy%20Face.jpg", "Happy Face.jpg"),
            ("1%2B1", "1+1"),
            ("100%2525", "100%25"),
            ("a%2520b", "a%20b"),
            ("%E2%82%AC%2F%26", "€/&"),
            ("caf\u{e9}", "caf\u{e9}"),
            // S3 sends no such keys.
            ("50%", "50%"),
            ("%zz%4", "%zz%4"),
        ] {
            let text = event(json!({ "key": encoded }));
            let event: Event<'_> = decode(text.as_bytes()).unwrap();
            assert_eq!(event.records[0].key, decoded, "{encoded}");
        }
    }

    #[test]
    fn borrows_what_needs_no_decoding() {
        let text = event(json!({ "key": "plain.jpg", "eTag": "b1946ac9" }));
        let event: Event<'_> = decode(text.as_bytes()).unwrap();
        let record = &event.records[0];
        assert!(matches!(record.key, Cow::Borrowed("plain.jpg")), "{record:?}");
        assert!(matches!(record.etag, Some(Cow::Borrowed("b1946ac9"))), "{record:?}");
        assert!(matches!(record.event_time, Cow::Borrowed(_)), "{record:?}");
    }

    #[test]
    fn refuses_a_key_that_is_not_utf8_with_its_path() {
        let text = event(json!({ "key": "%FF" }));
        let message = refusal(&text);
        assert!(message.contains("`Records[0].s3.object`: `key` is not UTF-8"), "{message}");
    }

    #[test]
    fn needs_a_name_for_the_bucket_and_a_key() {
        let text = event(json!({ "size": 1 }));
        let message = refusal(&text);
        assert!(message.contains("`Records[0].s3.object`: missing field `key`"), "{message}");
        let message = refusal(&text.replace(r#""name":"photos""#, r#""arn":"photos""#));
        assert!(message.contains("`Records[0].s3.bucket`: missing field `name`"), "{message}");
    }

    #[test]
    fn a_test_event_has_no_records_and_another_event_is_refused() {
        let test = r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-01-31T23:59:59.123Z",
            "Bucket":"photos","RequestId":"5582815E1AEA5ADF","HostId":"8cLeGAmw098X5cv4Zkwcmo8"}"#;
        assert_eq!(decode::<Event<'_>>(test.as_bytes()).unwrap().records, []);
        for event in ["{}", r#"{"Event":"s3:Other"}"#, r#"{"Records":null}"#] {
            let message = refusal(event);
            assert!(message.contains("missing field `Records`"), "{message}");
        }
    }

    #[test]
    fn a_deleted_object_has_no_size() {
        let text =
            event(json!({ "key": "a", "versionId": "v1", "sequencer": "0055AED6DCD90281E5" }));
        let text = text.replace("ObjectCreated:Put", "ObjectRemoved:DeleteMarkerCreated");
        let event: Event<'_> = decode(text.as_bytes()).unwrap();
        let record = &event.records[0];
        assert!(record.is_removed() && !record.is_created());
        assert_eq!((record.size, &record.etag), (None, &None));
        assert_eq!(record.version_id.as_deref(), Some("v1"));
    }

    #[test]
    fn reads_the_detail_of_an_event_of_eventbridge() {
        let detail = json!({
            "version": "0",
            "bucket": { "name": "photos" },
            "object": { "key": "a+b%20c", "size": 5, "etag": "b1946ac9", "version-id": "v1",
                "sequencer": "617f08299329d189" },
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": "123456789012",
            "source-ip-address": "203.0.113.17",
            "reason": "PutObject",
        })
        .to_string();
        let detail: ObjectDetail<'_> = decode(detail.as_bytes()).unwrap();
        assert_eq!(detail.bucket.name, "photos");
        assert_eq!(detail.object.key, "a+b%20c");
        assert_eq!(detail.object.version_id.as_deref(), Some("v1"));
        assert_eq!(detail.source_ip_address.as_deref(), Some("203.0.113.17"));
        assert_eq!(detail.reason.as_deref(), Some("PutObject"));
    }
}
