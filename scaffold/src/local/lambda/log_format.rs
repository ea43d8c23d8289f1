//! The format of the log of `scaffold dev`.

use std::fmt::Write as _;
use std::io::{self, IsTerminal};

use clap::ValueEnum;
use serde_json::{Map, Value};

/// The format of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// One line for each request, and below it what the function prints; JSON is shown as text
    Text,
    /// The same, with the function's lines as they are
    Raw,
    /// The lines of CloudWatch Logs: START, the function's lines, END and REPORT
    Aws,
}

impl LogFormat {
    /// The format unless the user chooses one: text for a person, raw for a program.
    pub(crate) fn default_for_stderr() -> Self {
        if io::stderr().is_terminal() { Self::Text } else { Self::Raw }
    }
}

/// Names that loggers give to the time and the request id, which the log shows elsewhere.
const OMITTED: [&str; 9] = [
    "@timestamp",
    "AWSRequestId",
    "_aws",
    "requestId",
    "request_id",
    "time",
    "timestamp",
    "ts",
    "xRayTraceId",
];
const LEVELS: [&str; 3] = ["level", "severity", "lvl"];
const MESSAGES: [&str; 4] = ["message", "msg", "errorMessage", "error"];

/// Formats a JSON object that a function has logged: `INFO target: message key=value`. Text of several
/// lines, such as a backtrace, keeps its lines. `None` if the line is something else.
pub(crate) fn readable(line: &[u8]) -> Option<String> {
    if line.first() != Some(&b'{') {
        return None;
    }
    let mut object: Map<String, Value> = serde_json::from_slice(line).ok()?;
    // Most loggers nest the fields of an event.
    if let Some(Value::Object(fields)) = object.get("fields").cloned() {
        object.remove("fields");
        for (name, value) in fields {
            object.entry(name).or_insert(value);
        }
    }
    let mut first = |names: &[&str]| {
        let name = names.iter().find(|name| object.get(**name).is_some_and(Value::is_string))?;
        match object.remove(*name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    };
    let (level, target) = (first(&LEVELS), first(&["target"]));
    let message = first(&MESSAGES);
    let mut text = [level, target.map(|target| format!("{target}:")), message]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ");
    let mut below = String::new();
    for (name, value) in object.iter().filter(|(name, _)| !OMITTED.contains(&name.as_str())) {
        let lines: Vec<&str> = match value {
            Value::String(value) => value.lines().collect(),
            Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        if lines.len() > 1 {
            let _ = write!(below, "\n{name}:\n  {}", lines.join("\n  "));
            continue;
        }
        let separator = if text.is_empty() { "" } else { " " };
        // Writing to a string does not fail.
        let _ = match value {
            Value::String(value) if is_plain(value) => write!(text, "{separator}{name}={value}"),
            value => write!(text, "{separator}{name}={value}"),
        };
    }
    text.push_str(&below);
    Some(text).filter(|text| !text.is_empty())
}

/// Returns whether a value can stand without quotes.
fn is_plain(value: &str) -> bool {
    !value.is_empty() && !value.contains(|c: char| c.is_whitespace() || c == '"' || c == '=')
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn shows_json_as_text() {
        let lines = [
            r#"{"timestamp":"2026-01-31T23:59:59.123Z","level":"INFO","requestId":"7","target":"shop","message":"order placed","fields":{"id":7,"name":"Ada L","tags":["a"]}}"#,
            r#"{"level":"ERROR","message":"panicked at src/main.rs:3:5:\nas told\n   0: main"}"#,
            r#"{"errorType":"OutOfStock","errorMessage":"no oranges","stackTrace":["one","two"]}"#,
            r#"{"_aws":{"Timestamp":1},"service":"shop","orders":3}"#,
            r#"{"message":{"nested":true},"empty":"","equal":"a=b"}"#,
            "{}",
            "{not JSON}",
            "[1, 2]",
        ];
        let shown = lines.map(|line| readable(line.as_bytes()).unwrap_or_else(|| "–".to_owned()));
        insta::assert_snapshot!(shown.join("\n---\n"), @r#"
        INFO shop: order placed id=7 name="Ada L" tags=["a"]
        ---
        ERROR panicked at src/main.rs:3:5:
        as told
           0: main
        ---
        no oranges errorType=OutOfStock
        stackTrace:
          one
          two
        ---
        orders=3 service=shop
        ---
        empty="" equal="a=b" message={"nested":true}
        ---
        –
        ---
        –
        ---
        –
        "#);
    }
}
