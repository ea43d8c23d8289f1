//! The function's log, for the `tracing` crate, in the form that Lambda asks for.
//!
//! `AWS_LAMBDA_LOG_FORMAT` is `Text` or `JSON`, `AWS_LAMBDA_LOG_LEVEL` the least severe level that
//! is wanted ("Configuring advanced logging controls" in AWS's documentation).

use std::fmt::{self, Write};
use std::time::SystemTime;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::{LookupSpan, Scope};

use crate::log::{is_json, rfc3339};
use crate::panic::with_request_id;

/// Sends what the `tracing` macros say to the function's log, each line with the id of its request.
/// To be called once, at the start of `init`; further calls change nothing.
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
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(level_filter(&level))
        .with_writer(std::io::stderr)
        .event_format(Lines { json: is_json() })
        .finish();
    // Where one is set already, it is the user's.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// The level that Lambda calls `name`; `INFO` where it says nothing.
fn level_filter(name: &str) -> LevelFilter {
    match name.to_ascii_uppercase().as_str() {
        "TRACE" => LevelFilter::TRACE,
        "DEBUG" => LevelFilter::DEBUG,
        "WARN" => LevelFilter::WARN,
        "ERROR" | "FATAL" => LevelFilter::ERROR,
        _ => LevelFilter::INFO,
    }
}

/// A line for each event.
struct Lines {
    json: bool,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut spans = String::new();
        for span in context.event_scope().into_iter().flat_map(Scope::from_root) {
            let extensions = span.extensions();
            let fields = extensions.get::<FormattedFields<N>>();
            let fields = fields.map(|fields| fields.fields.as_str()).unwrap_or_default();
            let separator = if spans.is_empty() { "" } else { ":" };
            write!(spans, "{separator}{}", span.name())?;
            if !fields.is_empty() {
                write!(spans, "{{{fields}}}")?;
            }
        }
        let metadata = event.metadata();
        if self.json {
            let mut fields = Fields::default();
            event.record(&mut fields);
            let mut line = Map::new();
            line.insert("timestamp".into(), rfc3339(SystemTime::now()).into());
            line.insert("level".into(), metadata.level().as_str().into());
            with_request_id(|id| line.insert("requestId".into(), id.into()));
            line.insert("target".into(), metadata.target().into());
            if !spans.is_empty() {
                line.insert("span".into(), spans.into());
            }
            if let Some(message) = fields.0.remove("message") {
                line.insert("message".into(), message);
            }
            if !fields.0.is_empty() {
                line.insert("fields".into(), fields.0.into());
            }
            return writeln!(writer, "{}", Value::Object(line));
        }
        write!(writer, "{} ", metadata.level())?;
        with_request_id(|id| write!(writer, "RequestId: {id} ")).transpose()?;
        write!(writer, "{}: ", metadata.target())?;
        if !spans.is_empty() {
            write!(writer, "{spans}: ")?;
        }
        context.format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}

/// The fields of an event as JSON.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn set(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.set(field, value.to_string());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field, format!("{value:?}"));
    }
}
