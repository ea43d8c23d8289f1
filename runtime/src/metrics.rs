//! Metrics in the log, from which Amazon CloudWatch takes them: the embedded metric format.
//!
//! A function writes one line of JSON to standard output, and CloudWatch Logs makes metrics of it, without a
//! call of an API and without a permission.
//!
//! ```
//! use lambda_native::Context;
//! use lambda_native::metrics::{Metrics, Unit};
//!
//! async fn place_order(articles: Vec<String>, context: &Context) {
//!     let mut metrics = Metrics::new("Shop").with_dimension("Service", "orders");
//!     metrics.cold_start();
//!     metrics.count("Articles", articles.len());
//!     metrics.add("Weight", Unit::Kilobytes, 1.5);
//!     metrics.property("requestId", context.request_id());
//!     // The line is written when `metrics` goes out of scope, whatever the function returns.
//! }
//! # let context = lambda_native::testing::context();
//! # lambda_native::testing::block_on(place_order(vec![], &context));
//! ```
//!
//! Metrics never make an invocation fail. What CloudWatch would refuse, such as an empty name or a value that is
//! not a number, is left out, and the log says so in a warning.
//!
//! Lambda takes a line without a level for one of the level `INFO`: with the log format JSON, an application
//! log level of `WARN` or higher drops the metrics.
//!
//! The format is that of the [specification](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).

use std::fmt::{self, Display};
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::logging::line::warn;
use crate::printable::printable;

/// The most metrics of one line, and the most values of a metric.
const MAX_METRICS: usize = 100;
const MAX_VALUES: usize = 100;
/// The most dimensions of a metric.
const MAX_DIMENSIONS: usize = 30;
/// The longest names and the longest value of a dimension, in bytes: the specification and the call
/// `PutMetricData` have different limits, and these fit both.
const MAX_NAMESPACE: usize = 255;
const MAX_METRIC_NAME: usize = 255;
const MAX_DIMENSION_NAME: usize = 250;
const MAX_DIMENSION_VALUE: usize = 1024;

/// The metrics of one invocation.
///
/// They are written as one line when the value is dropped, so make it in the function that handles the event. If
/// there is no metric, nothing is written. More than 100 metrics, or 100 values of one metric, take more than
/// one line.
///
/// A panic writes them too, except with `panic = "abort"`.
#[derive(Debug)]
pub struct Metrics {
    namespace: String,
    dimensions: Vec<(String, String)>,
    properties: Vec<(String, Value)>,
    metrics: Vec<Metric>,
}

#[derive(Debug)]
struct Metric {
    name: String,
    unit: Unit,
    values: Vec<f64>,
}

impl Metrics {
    /// Begins with the namespace in which CloudWatch lists the metrics, such as the name of the application.
    /// `AWS/` at its beginning is for AWS.
    pub fn new(namespace: impl Into<String>) -> Self {
        Self {
            namespace: namespace.into(),
            dimensions: Vec::new(),
            properties: Vec::new(),
            metrics: Vec::new(),
        }
    }

    /// Adds a dimension to all metrics, up to 30.
    ///
    /// Every new value makes new metrics, which cost money: the id of a request is a
    /// [`property`](Self::property).
    #[must_use]
    pub fn with_dimension(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        // The characters that `PutMetricData` allows.
        let is_text = |text: &str| {
            text.bytes().all(|byte| matches!(byte, b' '..=b'~')) && !text.trim().is_empty()
        };
        if !is_text(&name) || name.len() > MAX_DIMENSION_NAME || name.starts_with(':') {
            refuse("dimension", &name, "does not have a name of 1 to 250 ASCII characters");
        } else if !is_text(&value) || value.len() > MAX_DIMENSION_VALUE {
            refuse("dimension", &name, "does not have a value of 1 to 1024 ASCII characters");
        } else if self.dimensions.len() == MAX_DIMENSIONS {
            refuse("dimension", &name, "is the 31st, and CloudWatch takes 30");
        } else if self.is_free("dimension", &name) {
            self.dimensions.push((name, value));
        }
        self
    }

    /// Adds a value to a metric. All values of a metric have the unit of the first one.
    pub fn add(&mut self, name: impl Into<String>, unit: Unit, value: f64) {
        let name = name.into();
        if !value.is_finite() {
            return refuse("metric", &name, "has a value that is not a number");
        }
        if let Some(metric) = self.metrics.iter_mut().find(|metric| metric.name == name) {
            if metric.values.len() < MAX_VALUES {
                metric.values.push(value);
                return;
            }
        } else if name.trim().is_empty()
            || name.len() > MAX_METRIC_NAME
            || name.contains(char::is_control)
        {
            return refuse("metric", &name, "does not have a name of 1 to 255 bytes");
        } else if !self.is_free("metric", &name) {
            return;
        } else if self.metrics.len() < MAX_METRICS {
            self.metrics.push(Metric { name, unit, values: vec![value] });
            return;
        }
        // The line is full.
        self.write();
        self.metrics.clear();
        self.metrics.push(Metric { name, unit, values: vec![value] });
    }

    /// Adds a number of things.
    pub fn count(&mut self, name: impl Into<String>, count: usize) {
        #[expect(clippy::cast_precision_loss, reason = "CloudWatch keeps 64-bit floating point")]
        self.add(name, Unit::Count, count as f64);
    }

    /// Adds a time, in milliseconds.
    pub fn time(&mut self, name: impl Into<String>, time: Duration) {
        self.add(name, Unit::Milliseconds, time.as_secs_f64() * 1000.0);
    }

    /// Counts a cold start, as the metric `ColdStart`: 1 in the first invocation of the process, and nothing
    /// later. With provisioned concurrency nobody waited for the start, so it does not count.
    pub fn cold_start(&mut self) {
        static IS_WARM: AtomicBool = AtomicBool::new(false);
        let is_provisioned = || {
            std::env::var_os("AWS_LAMBDA_INITIALIZATION_TYPE")
                .is_some_and(|kind| kind == "provisioned-concurrency")
        };
        if !IS_WARM.swap(true, Ordering::Relaxed) && !is_provisioned() {
            self.count("ColdStart", 1);
        }
    }

    /// Adds a value that CloudWatch Logs finds beside the metrics, but that makes no metric: the id of a request
    /// or an order. A second value of the same name replaces the first.
    pub fn property(&mut self, name: impl Into<String>, value: impl Serialize) {
        let name = name.into();
        match serde_json::to_value(value) {
            Ok(value) => self.set_property(name, value),
            Err(error) => refuse("property", &name, &format!("cannot be written: {error}")),
        }
    }

    fn set_property(&mut self, name: String, value: Value) {
        if let Some((_, old)) = self.properties.iter_mut().find(|(other, _)| *other == name) {
            *old = value;
        } else if self.is_free("property", &name) {
            self.properties.push((name, value));
        }
    }

    /// Tells whether nothing else has that name, as all are members of one object.
    fn is_free(&self, kind: &str, name: &str) -> bool {
        let taken = name == "_aws"
            || self.dimensions.iter().any(|(other, _)| other == name)
            || self.properties.iter().any(|(other, _)| other == name)
            || self.metrics.iter().any(|metric| metric.name == name);
        if taken {
            refuse(kind, name, "has the name of something else");
        }
        !taken
    }

    /// Writes the line.
    fn write(&self) {
        if self.metrics.is_empty() {
            return;
        }
        let namespace = &self.namespace;
        if namespace.trim().is_empty()
            || namespace.len() > MAX_NAMESPACE
            || namespace.contains(char::is_control)
        {
            let name = printable(namespace, 100);
            return warn(&format!(
                "no metrics are written: the namespace `{name}` is not a name of 1 to 255 bytes"
            ));
        }
        // A line that cannot be written is lost: the function must go on without its metrics.
        let _ = io::stdout().lock().write_all(format!("{self}\n").as_bytes());
    }
}

/// Warns about something that CloudWatch would refuse.
#[cold]
fn refuse(kind: &str, name: &str, reason: &str) {
    let name = printable(name, 100);
    warn(&format!("the {kind} `{name}` is left out of the metrics: it {reason}"));
}

impl Drop for Metrics {
    fn drop(&mut self) {
        self.write();
    }
}

/// The line, without its end: for a test.
impl Display for Metrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Metrics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Metadata<'m> {
            timestamp: u128,
            #[serde(rename = "CloudWatchMetrics")]
            directives: [Directive<'m>; 1],
        }

        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Directive<'m> {
            namespace: &'m str,
            dimensions: [Vec<&'m str>; 1],
            metrics: Vec<Definition<'m>>,
        }

        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Definition<'m> {
            name: &'m str,
            unit: Unit,
        }

        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let metrics = self.metrics.iter();
        let metadata = Metadata {
            timestamp: time.as_millis(),
            directives: [Directive {
                namespace: &self.namespace,
                dimensions: [self.dimensions.iter().map(|(name, _)| &**name).collect()],
                metrics: metrics
                    .map(|metric| Definition { name: &metric.name, unit: metric.unit })
                    .collect(),
            }],
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("_aws", &metadata)?;
        for (name, value) in &self.dimensions {
            map.serialize_entry(name, value)?;
        }
        for (name, value) in &self.properties {
            map.serialize_entry(name, value)?;
        }
        for Metric { name, values, .. } in &self.metrics {
            match &**values {
                [value] => map.serialize_entry(name, value)?,
                values => map.serialize_entry(name, values)?,
            }
        }
        map.end()
    }
}

/// The unit of a metric, as CloudWatch knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are those of the units")]
#[non_exhaustive]
pub enum Unit {
    #[default]
    None,
    Count,
    Percent,
    Seconds,
    Milliseconds,
    Microseconds,
    Bytes,
    Kilobytes,
    Megabytes,
    Gigabytes,
    Terabytes,
    Bits,
    Kilobits,
    Megabits,
    Gigabits,
    Terabits,
    #[serde(rename = "Count/Second")]
    CountPerSecond,
    #[serde(rename = "Bytes/Second")]
    BytesPerSecond,
    #[serde(rename = "Kilobytes/Second")]
    KilobytesPerSecond,
    #[serde(rename = "Megabytes/Second")]
    MegabytesPerSecond,
    #[serde(rename = "Gigabytes/Second")]
    GigabytesPerSecond,
    #[serde(rename = "Terabytes/Second")]
    TerabytesPerSecond,
    #[serde(rename = "Bits/Second")]
    BitsPerSecond,
    #[serde(rename = "Kilobits/Second")]
    KilobitsPerSecond,
    #[serde(rename = "Megabits/Second")]
    MegabitsPerSecond,
    #[serde(rename = "Gigabits/Second")]
    GigabitsPerSecond,
    #[serde(rename = "Terabits/Second")]
    TerabitsPerSecond,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The line without its time.
    fn line(metrics: &Metrics) -> Value {
        let mut line: Value = serde_json::from_str(&metrics.to_string()).unwrap();
        let time = line["_aws"]["Timestamp"].take();
        assert!(time.as_u64() > Some(1_700_000_000_000), "{time}");
        line
    }

    fn names(metrics: &Metrics) -> Vec<&str> {
        metrics.metrics.iter().map(|metric| &*metric.name).collect()
    }

    #[test]
    fn writes_metrics_dimensions_and_properties_into_one_object() {
        let mut metrics = Metrics::new("Shop").with_dimension("Service", "orders");
        metrics.count("Articles", 3);
        metrics.add("Weight", Unit::Kilobytes, 1.5);
        metrics.time("Time", Duration::from_micros(2500));
        metrics.add("Weight", Unit::Kilobytes, 2.0);
        metrics.property("requestId", "id");
        metrics.property("requestId", "id-2");
        metrics.property("tags", ["a", "b"]);
        assert_eq!(
            line(&metrics),
            json!({
                "_aws": {
                    "Timestamp": null,
                    "CloudWatchMetrics": [{
                        "Namespace": "Shop",
                        "Dimensions": [["Service"]],
                        "Metrics": [
                            { "Name": "Articles", "Unit": "Count" },
                            { "Name": "Weight", "Unit": "Kilobytes" },
                            { "Name": "Time", "Unit": "Milliseconds" },
                        ],
                    }],
                },
                "Service": "orders",
                "requestId": "id-2",
                "tags": ["a", "b"],
                "Articles": 3.0,
                "Weight": [1.5, 2.0],
                "Time": 2.5,
            })
        );
    }

    #[test]
    fn leaves_out_what_cloudwatch_would_refuse() {
        let long = "x".repeat(1025);
        let mut metrics = Metrics::new("Shop")
            .with_dimension("", "a")
            .with_dimension("a", " ")
            .with_dimension("b\n", "a")
            .with_dimension("c", "ü")
            .with_dimension(":d", "a")
            .with_dimension("e", &*long)
            .with_dimension("_aws", "a")
            .with_dimension("Good", "a")
            .with_dimension("Good", "b");
        for name in ["", " ", "_aws", "Good", "line\nbreak", &long] {
            metrics.count(name, 1);
        }
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            metrics.add("Value", Unit::None, value);
        }
        metrics.property("Good", 1);
        metrics.property("_aws", 1);
        metrics.property("Error", std::collections::BTreeMap::from([((1, 2), 3)]));
        assert_eq!(metrics.dimensions, [("Good".to_owned(), "a".to_owned())]);
        assert_eq!(names(&metrics), [""; 0]);
        assert_eq!(metrics.properties, []);
        let dimensions = (0..31).map(|number| number.to_string());
        let metrics = dimensions
            .fold(Metrics::new("Shop"), |metrics, name| metrics.with_dimension(name, "a"));
        assert_eq!(metrics.dimensions.len(), 30);
    }

    #[test]
    fn no_text_breaks_the_line() {
        let text = "a\r\n{\"b\":1}\u{0}\u{2028}\u{1b}[2J";
        let mut metrics = Metrics::new(text);
        metrics.property(text, text);
        metrics.count("\"\\{}", 1);
        let line = metrics.to_string();
        assert!(!line.contains(char::is_control), "{line}");
        let line: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line[text], text);
        assert_eq!(line["\"\\{}"], 1.0);
    }

    #[test]
    fn begins_a_new_line_after_a_hundred_metrics_or_values() {
        let mut metrics = Metrics::new("Shop").with_dimension("Service", "orders");
        for number in 0..150 {
            metrics.count(format!("m{number}"), 1);
        }
        assert_eq!(metrics.metrics.len(), 50);
        for _ in 0..101 {
            metrics.count("m149", 1);
        }
        assert_eq!(names(&metrics), ["m149"]);
        // One value was there before.
        assert_eq!(metrics.metrics[0].values.len(), 2);
        assert_eq!(line(&metrics)["Service"], "orders");
    }

    #[test]
    fn units_have_the_names_that_cloudwatch_knows() {
        let name = |unit| serde_json::to_value(unit).unwrap();
        assert_eq!(name(Unit::default()), "None");
        assert_eq!(name(Unit::GigabitsPerSecond), "Gigabits/Second");
    }
}
