//! The log of the `tracing` crate, in the format that Lambda asks for.

use std::env;
use std::fmt::{self, Write};
use std::time::SystemTime;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Span, Subscriber, error_span};
use tracing_log::{LogTracer, NormalizeEvent};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry, Scope};

use super::line::{is_json, print, rfc3339, warn};

/// The target of the span of an invocation.
const TARGET: &str = "lambda_native::invocation";

/// Sends the events of the `tracing` macros, and the records of the `log` crate, to the function's log: each a line
/// with its request id.
///
/// The id belongs to the span in which the runtime calls the handler. A task that the handler spawns
/// logs with the id if it is spawned in that span, with [`tracing::Instrument`]:
/// `tokio::spawn(task.in_current_span())`.
///
/// `RUST_LOG` decides what is logged, by level and target: `info,sqlx=warn,my_crate::db=debug`. Without it,
/// `AWS_LAMBDA_LOG_LEVEL` is the level of everything, by default `INFO`.
///
/// Call it once, at the start of `init`. Further calls change nothing, and a subscriber that you have set yourself
/// stays. To combine the log with other layers, set a subscriber with [`layer`].
///
/// ```no_run
/// use std::process::ExitCode;
///
/// use lambda_native::{Context, handler_fn, logging, start_with};
///
/// fn main() -> ExitCode {
///     start_with(async || {
///         logging::init();
///         Ok(handler_fn(async |text: String, _: &Context| {
///             tracing::info!(length = text.len(), "shouting");
///             Ok(text.to_uppercase())
///         }))
///     })
/// }
/// ```
pub fn init() {
    let filter = filter();
    let levels = filter.iter().map(|(_, level)| level).chain(filter.default_level());
    let level = levels.max().unwrap_or(LevelFilter::OFF);
    let subscriber = Registry::default().with(layer_with(filter));
    // A subscriber or a logger that is already set is the user's choice.
    if tracing::subscriber::set_global_default(subscriber).is_ok() {
        // Libraries that use `log` skip what nobody reads.
        let _ = LogTracer::builder().with_max_level(log_level(level)).init();
    }
}

/// Makes the layer of [`init`], for a subscriber with other layers beside it, such as one that sends spans to
/// OpenTelemetry.
///
/// ```
/// use lambda_native::logging;
/// use tracing_subscriber::Registry;
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let subscriber = Registry::default().with(logging::layer()); // .with(telemetry)
/// tracing::subscriber::with_default(subscriber, || tracing::info!("ready"));
/// ```
///
/// Records of the `log` crate are events of `tracing` only after `tracing_log::LogTracer::init()`.
pub fn layer<S>() -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    layer_with(filter())
}

fn layer_with<S>(filter: Targets) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    LogLayer { json: is_json() }.with_filter(filter)
}

/// Makes the span of an invocation.
pub(crate) fn invocation_span(request_id: &str) -> Span {
    error_span!(target: TARGET, "invocation", request_id)
}

/// Reads which events are logged from the environment.
fn filter() -> Targets {
    let targets = match env::var("RUST_LOG") {
        Ok(text) if !text.trim().is_empty() => text.parse().ok().or_else(|| {
            warn(&format!(
                "`RUST_LOG` is ignored: {text:?} is not a list like `info,my_crate=debug`"
            ));
            None
        }),
        _ => None,
    };
    let targets = targets.unwrap_or_else(|| {
        let level = env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default();
        Targets::new().with_default(level_filter(&level))
    });
    // Its request id is part of each line.
    targets.with_target(TARGET, LevelFilter::ERROR)
}

/// Returns the level that Lambda calls `name`, by default `INFO`.
fn level_filter(name: &str) -> LevelFilter {
    match name.to_ascii_uppercase().as_str() {
        "TRACE" => LevelFilter::TRACE,
        "DEBUG" => LevelFilter::DEBUG,
        "WARN" => LevelFilter::WARN,
        "ERROR" | "FATAL" => LevelFilter::ERROR,
        _ => LevelFilter::INFO,
    }
}

/// Returns the level of the `log` crate that is the same.
fn log_level(level: LevelFilter) -> tracing_log::log::LevelFilter {
    match level {
        LevelFilter::ERROR => tracing_log::log::LevelFilter::Error,
        LevelFilter::WARN => tracing_log::log::LevelFilter::Warn,
        LevelFilter::INFO => tracing_log::log::LevelFilter::Info,
        LevelFilter::DEBUG => tracing_log::log::LevelFilter::Debug,
        LevelFilter::OFF => tracing_log::log::LevelFilter::Off,
        _ => tracing_log::log::LevelFilter::Trace,
    }
}

/// Prints one line for each event.
struct LogLayer {
    json: bool,
}

impl<S> Layer<S> for LogLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().replace(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = LogLine::default();
        event.record(&mut line.fields);
        line.message = line.fields.remove("message");
        for span in context.event_scope(event).into_iter().flat_map(Scope::from_root) {
            let extensions = span.extensions();
            let Some(fields) = extensions.get::<Fields>() else { continue };
            if span.metadata().target() == TARGET {
                line.request_id = fields.clone().remove("request_id");
            } else {
                line.spans.push((span.name(), fields.clone()));
            }
        }
        let normalized = event.normalized_metadata();
        let metadata = normalized.as_ref().unwrap_or_else(|| event.metadata());
        if normalized.is_some() {
            // The metadata of a record of the `log` crate has these: its target, its module, its file and its line.
            line.fields.0.retain(|(name, _)| !name.starts_with("log."));
        }
        let (level, target) = (metadata.level().as_str(), metadata.target());
        if self.json {
            print(format_args!("{}", line.into_json(level, target)));
        } else {
            print(format_args!("{}", line.into_text(level, target)));
        }
    }
}

/// The parts of a line but its level and its target.
#[derive(Default)]
struct LogLine {
    request_id: Option<FieldValue>,
    /// From the outermost to the innermost.
    spans: Vec<(&'static str, Fields)>,
    message: Option<FieldValue>,
    fields: Fields,
}

impl LogLine {
    fn into_json(self, level: &str, target: &str) -> Value {
        let mut line = Map::new();
        line.insert("timestamp".into(), rfc3339(SystemTime::now()).into());
        line.insert("level".into(), level.into());
        if let Some(id) = self.request_id {
            line.insert("requestId".into(), id.into_json());
        }
        line.insert("target".into(), target.into());
        if let Some(message) = self.message {
            line.insert("message".into(), message.into_json());
        }
        if !self.fields.0.is_empty() {
            line.insert("fields".into(), self.fields.into_json());
        }
        if !self.spans.is_empty() {
            let spans = self.spans.into_iter().map(|(name, mut fields)| {
                fields.0.insert(0, ("name", FieldValue::Json(name.into())));
                fields.into_json()
            });
            line.insert("spans".into(), spans.collect());
        }
        line.into()
    }

    fn into_text(self, level: &str, target: &str) -> String {
        let mut line = Visible(format!("{level} "));
        // Writing to a string does not fail.
        let _ = self.write_text(target, &mut line);
        line.0
    }

    fn write_text(self, target: &str, line: &mut Visible) -> fmt::Result {
        if let Some(FieldValue::Json(Value::String(id))) = self.request_id {
            write!(line, "RequestId: {id} ")?;
        }
        write!(line, "{target}: ")?;
        for (number, (name, fields)) in self.spans.iter().enumerate() {
            write!(line, "{}{name}", if number == 0 { "" } else { ":" })?;
            if !fields.0.is_empty() {
                write!(line, "{{{fields}}}")?;
            }
        }
        if !self.spans.is_empty() {
            line.write_str(": ")?;
        }
        let separator = if self.message.is_some() && !self.fields.0.is_empty() { " " } else { "" };
        match self.message {
            Some(FieldValue::Json(Value::String(message))) => line.write_str(&message)?,
            Some(message) => write!(line, "{message}")?,
            None => {}
        }
        write!(line, "{separator}{}", self.fields)
    }
}

/// Text without control characters, apart from tabs and line breaks: what is logged comes from outside, and a
/// terminal would obey it.
struct Visible(String);

impl Write for Visible {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            match character {
                '\t' | '\n' => self.0.push(character),
                hidden if hidden.is_control() => self.0.extend(hidden.escape_default()),
                visible => self.0.push(visible),
            }
        }
        Ok(())
    }
}

/// The fields of a span or an event, in their order.
#[derive(Clone, Default)]
struct Fields(Vec<(&'static str, FieldValue)>);

#[derive(Clone)]
enum FieldValue {
    Json(Value),
    /// The output of a type's `Debug` or `Display`.
    Text(String),
}

impl Fields {
    fn set(&mut self, field: &Field, value: FieldValue) {
        let name = field.name();
        // `r#type` is how Rust writes a name that is also a keyword.
        let name = name.strip_prefix("r#").unwrap_or(name);
        match self.0.iter_mut().find(|(other, _)| *other == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    fn remove(&mut self, name: &str) -> Option<FieldValue> {
        let index = self.0.iter().position(|(other, _)| *other == name)?;
        Some(self.0.remove(index).1)
    }

    fn into_json(self) -> Value {
        let fields = self.0.into_iter().map(|(name, value)| (name.to_owned(), value.into_json()));
        Value::Object(fields.collect())
    }
}

impl FieldValue {
    fn into_json(self) -> Value {
        match self {
            Self::Json(value) => value,
            Self::Text(text) => text.into(),
        }
    }
}

impl fmt::Display for Fields {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (name, value)) in self.0.iter().enumerate() {
            let separator = if number == 0 { "" } else { " " };
            write!(formatter, "{separator}{name}={value}")?;
        }
        Ok(())
    }
}

impl fmt::Display for FieldValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(Value::String(text)) => write!(formatter, "{text:?}"),
            Self::Json(value) => write!(formatter, "{value}"),
            Self::Text(text) => formatter.write_str(text),
        }
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, FieldValue::Json(value.into()));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, FieldValue::Json(value.into()));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, FieldValue::Json(value.into()));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, FieldValue::Json(value.into()));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, FieldValue::Json(value.into()));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.set(field, FieldValue::Text(value.to_string()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field, FieldValue::Text(format!("{value:?}")));
    }
}
