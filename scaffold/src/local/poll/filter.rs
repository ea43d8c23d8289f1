//! `FilterCriteria`: patterns that a record must match to reach the function.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::sam::SourceKind;

/// The patterns of an event source.
#[derive(Debug)]
pub(super) struct Filters {
    kind: SourceKind,
    patterns: Vec<Value>,
}

impl Filters {
    /// Parses patterns. An error says what cannot be emulated.
    pub(super) fn parse(patterns: &[String], kind: SourceKind) -> Result<Self, String> {
        let parse = |text: &String| {
            let pattern: Value = serde_json::from_str(text)
                .map_err(|error| format!("the filter `{text}` is not JSON: {error}"))?;
            check(&pattern).map_err(|reason| format!("the filter `{text}` {reason}"))?;
            Ok(pattern)
        };
        Ok(Self { kind, patterns: patterns.iter().map(parse).collect::<Result<_, String>>()? })
    }

    /// Returns whether this record of an event reaches the function.
    pub(super) fn accept(&self, record: &Value) -> bool {
        self.patterns.is_empty()
            || self.patterns.iter().any(|pattern| {
                let data = match self.kind {
                    SourceKind::Queue => message(pattern, record),
                    SourceKind::TableStream => record.clone(),
                    SourceKind::KinesisStream => kinesis(pattern, record),
                };
                matches(pattern, Some(&data))
            })
    }
}

/// A message whose body is JSON if the pattern looks into it.
fn message(pattern: &Value, record: &Value) -> Value {
    let mut message = record.clone();
    let body = record.get("body").and_then(Value::as_str).unwrap_or_default();
    replace(&mut message, "body", pattern, body.as_bytes());
    message
}

/// A Kinesis record with its data decoded.
fn kinesis(pattern: &Value, record: &Value) -> Value {
    let mut kinesis = record.get("kinesis").cloned().unwrap_or_default();
    let data = kinesis.get("data").and_then(Value::as_str).unwrap_or_default();
    let data = STANDARD.decode(data).unwrap_or_default();
    replace(&mut kinesis, "data", pattern, &data);
    kinesis
}

fn replace(record: &mut Value, key: &str, pattern: &Value, data: &[u8]) {
    let value = if pattern.get(key).is_some_and(Value::is_object) {
        serde_json::from_slice(data).unwrap_or_default()
    } else {
        Value::String(String::from_utf8_lossy(data).into_owned())
    };
    if let Some(record) = record.as_object_mut() {
        record.insert(key.to_owned(), value);
    }
}

/// Checks that a pattern has only known operators.
fn check(pattern: &Value) -> Result<(), String> {
    let Some(fields) = pattern.as_object() else { return Err("is not a JSON object".to_owned()) };
    fields.iter().try_for_each(|(name, value)| match value {
        Value::Array(alternatives) if name == "$or" => alternatives.iter().try_for_each(check),
        Value::Array(rules) => rules.iter().try_for_each(|rule| match rule {
            Value::Object(operators) => operators.keys().try_for_each(|operator| {
                let known = OPERATORS.contains(&operator.as_str());
                known.then_some(()).ok_or_else(|| format!("has the unknown operator `{operator}`"))
            }),
            Value::Array(_) => Err(format!("has a list within the list of `{name}`")),
            _ => Ok(()),
        }),
        Value::Object(_) => check(value),
        _ => Err(format!("has a value for `{name}` that is not a list or an object")),
    })
}

const OPERATORS: [&str; 6] =
    ["anything-but", "equals-ignore-case", "exists", "numeric", "prefix", "suffix"];

/// Matches a pattern, whose fields must all match.
fn matches(pattern: &Value, value: Option<&Value>) -> bool {
    let Some(fields) = pattern.as_object() else { return false };
    fields.iter().all(|(name, field)| match field {
        Value::Array(alternatives) if name == "$or" => {
            alternatives.iter().any(|alternative| matches(alternative, value))
        }
        Value::Array(rules) => {
            let value = value.and_then(|value| value.get(name));
            rules.iter().any(|rule| matches_rule(rule, value))
        }
        _ => matches(field, value.and_then(|value| value.get(name))),
    })
}

/// Matches one rule of a list. One item of a list of values is enough.
fn matches_rule(rule: &Value, value: Option<&Value>) -> bool {
    let Some(operators) = rule.as_object() else {
        return any(value, &|value| is_equal(rule, value));
    };
    operators.iter().all(|(operator, argument)| match operator.as_str() {
        "exists" => value.is_some() == (argument != &Value::Bool(false)),
        "anything-but" => {
            value.is_some()
                && !match argument {
                    Value::Array(values) => {
                        values.iter().any(|it| any(value, &|value| is_equal(it, value)))
                    }
                    Value::Object(_) => matches_rule(argument, value),
                    _ => any(value, &|value| is_equal(argument, value)),
                }
        }
        "numeric" => any(value, &|value| is_in_range(argument, value)),
        "equals-ignore-case" => any(value, &|value| {
            let texts = value.as_str().zip(argument.as_str());
            texts.is_some_and(|(value, other)| value.to_lowercase() == other.to_lowercase())
        }),
        "prefix" => any(value, &|value| {
            value.as_str().zip(argument.as_str()).is_some_and(|(it, part)| it.starts_with(part))
        }),
        "suffix" => any(value, &|value| {
            value.as_str().zip(argument.as_str()).is_some_and(|(it, part)| it.ends_with(part))
        }),
        _ => false,
    })
}

fn any(value: Option<&Value>, holds: &dyn Fn(&Value) -> bool) -> bool {
    match value {
        Some(Value::Array(items)) => items.iter().any(holds),
        Some(value) => holds(value),
        None => false,
    }
}

fn is_equal(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one.total_cmp(&other).is_eq(),
        _ => one == other,
    }
}

/// Matches `[">", 0, "<=", 5]`.
fn is_in_range(conditions: &Value, value: &Value) -> bool {
    let Some(value) = value.as_f64() else { return false };
    let conditions = conditions.as_array().map(Vec::as_slice).unwrap_or_default();
    conditions.chunks(2).all(|condition| {
        let [Value::String(operator), limit] = condition else { return false };
        let Some(limit) = limit.as_f64() else { return false };
        let order = value.total_cmp(&limit);
        match operator.as_str() {
            "=" => order.is_eq(),
            "<" => order.is_lt(),
            "<=" => order.is_le(),
            ">" => order.is_gt(),
            ">=" => order.is_ge(),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn accepts(kind: SourceKind, pattern: &Value, record: &Value) -> bool {
        Filters::parse(&[pattern.to_string()], kind).is_ok_and(|filters| filters.accept(record))
    }

    #[test]
    fn bodies_are_matched_as_lambda_does() {
        let record =
            json!({"body": r#"{"city": "Oslo", "price": 5, "tags": ["a", "b"], "gone": null}"#});
        for (pattern, expected) in [
            (json!({"city": ["Oslo", "Rome"]}), true),
            (json!({"city": ["Rome"]}), false),
            (json!({"city": ["oslo"]}), false),
            (json!({"city": [{"equals-ignore-case": "OSLO"}]}), true),
            (json!({"city": [{"prefix": "Os"}], "price": [5]}), true),
            (json!({"city": [{"suffix": "lo"}], "price": [6]}), false),
            (json!({"city": [{"anything-but": ["Rome"]}]}), true),
            (json!({"city": [{"anything-but": {"prefix": "O"}}]}), false),
            (json!({"price": [{"numeric": [">", 4, "<=", 5]}]}), true),
            (json!({"price": [{"numeric": ["=", 4]}]}), false),
            (json!({"tags": ["b"]}), true),
            (json!({"tags": ["c"]}), false),
            (json!({"gone": [null]}), true),
            (json!({"lost": [null]}), false),
            (json!({"lost": [{"exists": false}]}), true),
            (json!({"gone": [{"exists": false}]}), false),
            (json!({"city": {"name": ["Oslo"]}}), false),
            (json!({"$or": [{"city": ["Rome"]}, {"price": [5]}]}), true),
        ] {
            let pattern = json!({"body": pattern});
            assert_eq!(accepts(SourceKind::Queue, &pattern, &record), expected, "{pattern}");
        }
        let plain = json!({"body": "Oslo"});
        assert!(accepts(SourceKind::Queue, &json!({"body": ["Oslo"]}), &plain));
        assert!(!accepts(SourceKind::Queue, &json!({"body": {"city": ["Oslo"]}}), &plain));
    }

    #[test]
    fn records_of_streams_are_matched() {
        let data = STANDARD.encode(r#"{"city": "Oslo"}"#);
        let record = json!({"kinesis": {"data": data, "partitionKey": "1"}});
        let pattern = json!({"data": {"city": ["Oslo"]}, "partitionKey": ["1"]});
        assert!(accepts(SourceKind::KinesisStream, &pattern, &record));
        let record = json!({"eventName": "INSERT", "dynamodb": {"Keys": {"id": {"S": "1"}}}});
        let pattern = json!({"eventName": ["INSERT"], "dynamodb": {"Keys": {"id": {"S": ["1"]}}}});
        assert!(accepts(SourceKind::TableStream, &pattern, &record));
        assert!(!accepts(SourceKind::TableStream, &json!({"eventName": ["REMOVE"]}), &record));
    }

    #[test]
    fn what_is_unknown_is_an_error() {
        let error = |text: &str| Filters::parse(&[text.to_owned()], SourceKind::Queue).err();
        insta::assert_snapshot!(
            ["!Ref X", "[]", r#"{"body": "x"}"#, r#"{"body": [{"cidr": "10.0.0.0/8"}]}"#]
                .map(|text| error(text).unwrap_or_default())
                .join("\n"),
            @r#"
        the filter `!Ref X` is not JSON: expected value at line 1 column 1
        the filter `[]` is not a JSON object
        the filter `{"body": "x"}` has a value for `body` that is not a list or an object
        the filter `{"body": [{"cidr": "10.0.0.0/8"}]}` has the unknown operator `cidr`
        "#
        );
    }
}
