//! Amazon SES: e-mail that a receipt rule passes to a function.
//!
//! The event describes the message, but does not contain it: for the body, let an S3 action of the rule
//! store it first.
//!
//! ```no_run
//! use lambda_native::events::ses::{self, Disposition};
//! use lambda_native::lambda_handler;
//!
//! /// Stops at messages that SES takes for spam. Lambda's response counts if the action of the rule has
//! /// the invocation type `RequestResponse`.
//! #[lambda_handler]
//! async fn filter(event: ses::Event<'_>) -> Disposition {
//!     let is_spam = event.records.iter().any(|record| record.receipt.spam_verdict.is("FAIL"));
//!     if is_spam { Disposition::StopRuleSet } else { Disposition::Continue }
//! }
//! ```
//!
//! The fields are those that [AWS documents](https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::json::borrowed;

/// A message that SES received.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Event<'e> {
    /// The messages; SES sends one.
    #[serde(borrow, rename = "Records")]
    pub records: Vec<Record<'e>>,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "RecordMembers", bound(deserialize = "'de: 'e"))]
#[non_exhaustive]
pub struct Record<'e> {
    /// The message: its sender and its headers.
    pub mail: Mail<'e>,
    /// The results of the checks that SES made.
    pub receipt: Receipt<'e>,
}

/// What a message says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Mail<'e> {
    /// The id that SES gave to the message. An S3 action uses it as the name of the object.
    #[serde(borrow)]
    pub message_id: Cow<'e, str>,
    /// The time at which SES received the message, such as `2026-01-31T23:59:59.123Z`.
    #[serde(borrow)]
    pub timestamp: Cow<'e, str>,
    /// The address of the sender, from the envelope.
    #[serde(borrow)]
    pub source: Cow<'e, str>,
    /// The addresses of the recipients, from the envelope.
    #[serde(borrow, deserialize_with = "borrowed::list")]
    pub destination: Vec<Cow<'e, str>>,
    /// The headers of the message; use [`header`](Self::header) for one of them.
    #[serde(borrow, default)]
    pub headers: Vec<Header<'e>>,
    /// The headers were longer than SES passes on, and some are missing.
    #[serde(default)]
    pub headers_truncated: bool,
    /// Headers that most messages have.
    #[serde(borrow, default)]
    pub common_headers: CommonHeaders<'e>,
}

impl Mail<'_> {
    /// Returns the first header of that name, in upper or lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
        Some(&header.value)
    }
}

/// A header of a message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Header<'e> {
    /// The name.
    #[serde(borrow)]
    pub name: Cow<'e, str>,
    /// The value.
    #[serde(borrow)]
    pub value: Cow<'e, str>,
}

/// Headers that most messages have, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct CommonHeaders<'e> {
    /// `From`.
    #[serde(borrow, deserialize_with = "borrowed::list")]
    pub from: Vec<Cow<'e, str>>,
    /// `To`.
    #[serde(borrow, deserialize_with = "borrowed::list")]
    pub to: Vec<Cow<'e, str>>,
    /// `Cc`.
    #[serde(borrow, deserialize_with = "borrowed::list")]
    pub cc: Vec<Cow<'e, str>>,
    /// `Reply-To`.
    #[serde(borrow, deserialize_with = "borrowed::list")]
    pub reply_to: Vec<Cow<'e, str>>,
    /// `Subject`.
    #[serde(borrow, deserialize_with = "borrowed::option")]
    pub subject: Option<Cow<'e, str>>,
    /// `Date`, as the sender wrote it.
    #[serde(borrow, deserialize_with = "borrowed::option")]
    pub date: Option<Cow<'e, str>>,
    /// `Message-ID`.
    #[serde(borrow, deserialize_with = "borrowed::option")]
    pub message_id: Option<Cow<'e, str>>,
    /// `Return-Path`.
    #[serde(borrow, deserialize_with = "borrowed::option")]
    pub return_path: Option<Cow<'e, str>>,
}

/// What SES found out about a message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Receipt<'e> {
    /// The time at which the rule was applied, such as `2026-01-31T23:59:59.123Z`.
    #[serde(borrow)]
    pub timestamp: Cow<'e, str>,
    /// The recipients that the rule is for.
    #[serde(borrow, deserialize_with = "borrowed::list")]
    pub recipients: Vec<Cow<'e, str>>,
    /// The time from receiving the message to applying the rule, in milliseconds.
    pub processing_time_millis: Option<u64>,
    /// Spam or not.
    #[serde(borrow, default)]
    pub spam_verdict: Verdict<'e>,
    /// A virus or none.
    #[serde(borrow, default)]
    pub virus_verdict: Verdict<'e>,
    /// The check of the sender's server: Sender Policy Framework.
    #[serde(borrow, default)]
    pub spf_verdict: Verdict<'e>,
    /// The check of the signature: `DomainKeys` Identified Mail.
    #[serde(borrow, default)]
    pub dkim_verdict: Verdict<'e>,
    /// The check of both against the policy of the sender's domain.
    #[serde(borrow, default)]
    pub dmarc_verdict: Verdict<'e>,
    /// The policy of the sender's domain if that check fails: `none`, `quarantine` or `reject`.
    #[serde(borrow, default, deserialize_with = "borrowed::option")]
    pub dmarc_policy: Option<Cow<'e, str>>,
    /// The action of the rule that sent the event.
    #[serde(borrow)]
    pub action: Action<'e>,
}

/// The result of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Verdict<'e> {
    /// `PASS`, `FAIL`, `GRAY` (undecided), `PROCESSING_FAILED` or `DISABLED`.
    #[serde(borrow, deserialize_with = "borrowed::option")]
    pub status: Option<Cow<'e, str>>,
}

impl Verdict<'_> {
    /// Tells whether the check had this result.
    #[must_use]
    pub fn is(&self, status: &str) -> bool {
        self.status.as_deref() == Some(status)
    }
}

/// An action of a receipt rule.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Action<'e> {
    /// The type, such as `Lambda`, `S3` or `SNS`.
    #[serde(borrow, rename = "type")]
    pub kind: Cow<'e, str>,
    /// The bucket of an S3 action.
    #[serde(borrow, default, deserialize_with = "borrowed::option")]
    pub bucket_name: Option<Cow<'e, str>>,
    /// The key of an S3 action.
    #[serde(borrow, default, deserialize_with = "borrowed::option")]
    pub object_key: Option<Cow<'e, str>>,
    /// The function of a Lambda action.
    #[serde(borrow, default, deserialize_with = "borrowed::option")]
    pub function_arn: Option<Cow<'e, str>>,
    /// `Event` or `RequestResponse`, of a Lambda action.
    #[serde(borrow, default, deserialize_with = "borrowed::option")]
    pub invocation_type: Option<Cow<'e, str>>,
    /// The topic that is told about the action.
    #[serde(borrow, default, deserialize_with = "borrowed::option")]
    pub topic_arn: Option<Cow<'e, str>>,
}

/// The response to SES: whether it goes on with the receipt rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "disposition", rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum Disposition {
    /// Go on with the next action.
    Continue,
    /// Skip the other actions of this rule.
    StopRule,
    /// Skip all other actions and rules.
    StopRuleSet,
}

#[derive(Deserialize)]
struct RecordMembers<'e> {
    #[serde(borrow)]
    ses: Ses<'e>,
}

#[derive(Deserialize)]
struct Ses<'e> {
    #[serde(borrow)]
    mail: Mail<'e>,
    #[serde(borrow)]
    receipt: Receipt<'e>,
}

impl<'e> From<RecordMembers<'e>> for Record<'e> {
    fn from(RecordMembers { ses: Ses { mail, receipt } }: RecordMembers<'e>) -> Self {
        Self { mail, receipt }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::json::decode;

    fn event() -> serde_json::Value {
        json!({ "Records": [{
            "eventSource": "aws:ses",
            "eventVersion": "1.0",
            "ses": {
                "mail": {
                    "messageId": "o3vrnil0e2ic28tr",
                    "timestamp": "2026-01-31T23:59:59.123Z",
                    "source": "ada@example.com",
                    "destination": ["info@example.org"],
                    "headersTruncated": false,
                    "headers": [{ "name": "X-Mood", "value": "\"good\"" }],
                    "commonHeaders": { "from": ["Ada <ada@example.com>"], "subject": "Hi" },
                },
                "receipt": {
                    "timestamp": "2026-01-31T23:59:59.123Z",
                    "recipients": ["info@example.org"],
                    "spamVerdict": { "status": "PASS" },
                    "action": { "type": "Lambda", "invocationType": "Event", "new": 1 },
                },
            },
        }] })
    }

    #[test]
    fn reads_a_message() {
        let text = event().to_string();
        let event: Event<'_> = decode(text.as_bytes()).unwrap();
        let Record { mail, receipt } = &event.records[0];
        assert_eq!(mail.header("x-mood"), Some("\"good\""));
        assert_eq!(mail.common_headers.subject.as_deref(), Some("Hi"));
        assert!(receipt.spam_verdict.is("PASS"));
        assert!(!receipt.virus_verdict.is("PASS"));
        assert_eq!(receipt.action.kind, "Lambda");
        assert!(matches!(receipt.recipients[0], Cow::Borrowed(_)));
    }

    #[test]
    fn names_the_field_that_is_missing() {
        let text = event().to_string().replace(r#""source":"ada@example.com","#, "");
        let message = decode::<Event<'_>>(text.as_bytes()).unwrap_err().to_string();
        assert!(message.contains("`Records[0].ses.mail`: missing field `source`"), "{message}");
    }

    #[test]
    fn answers_with_the_disposition() {
        for (disposition, json) in [
            (Disposition::Continue, r#"{"disposition":"CONTINUE"}"#),
            (Disposition::StopRule, r#"{"disposition":"STOP_RULE"}"#),
            (Disposition::StopRuleSet, r#"{"disposition":"STOP_RULE_SET"}"#),
        ] {
            assert_eq!(serde_json::to_string(&disposition).unwrap(), json);
        }
    }
}
