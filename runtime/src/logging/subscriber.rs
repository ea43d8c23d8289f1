//! The log of the `tracing` crate, in the format that Lambda asks for.

use std::fmt::{self, Write};
use std::time::SystemTime;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::{Event, Span, Subscriber, error_span};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Scope};

use super::line::{is_json, rfc3339};

/// The target of the span of an invocation.
const TARGET: &str = "lambda_native::invocation";

/// Sends the events of the `tracing` macros to the function's log, each line with its request id.
///
/// The id belongs to the span in which the runtime calls the handler. A task that the handler spawns
/// logs with the id if it is spawned in that span, with [`tracing::Instrument`]:
/// `tokio::spawn(task.in_current_span())`.
///
/// Call it once, at the start of `init`. Further calls change nothing.
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
        // It would print errors of the writer to standard error, and panic if that fails too.
        .log_internal_errors(false)
        .event_format(LambdaFormat { json: is_json() })
        .finish()
        .with(RequestIds);
    // A subscriber that is already set is the user's choice.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// Makes the span of an invocation.
pub(crate) fn invocation_span(request_id: &str) -> Span {
    error_span!(target: TARGET, "invocation", request_id)
}

/// Keeps the request id with the span of its invocation.
struct RequestIds;

/// The request id of a span.
struct RequestId(String);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for RequestIds {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if attributes.metadata().target() == TARGET
            && let Some(span) = context.span(id)
        {
            let mut request_id = RequestId(String::new());
            attributes.record(&mut request_id);
            span.extensions_mut().insert(request_id);
        }
    }
}

impl Visit for RequestId {
    fn record_str(&mut self, _: &Field, value: &str) {
        value.clone_into(&mut self.0);
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
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

/// One line for each event.
struct LambdaFormat {
    json: bool,
}

impl<S, N> FormatEvent<S, N> for LambdaFormat
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
        let mut request_id = None;
        for span in context.event_scope().into_iter().flat_map(Scope::from_root) {
            let extensions = span.extensions();
            if let Some(RequestId(id)) = extensions.get() {
                request_id = Some(id.clone());
                continue;
            }
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
            let mut fields = JsonFields::default();
            event.record(&mut fields);
            let mut line = Map::new();
            line.insert("timestamp".into(), rfc3339(SystemTime::now()).into());
            line.insert("level".into(), metadata.level().as_str().into());
            if let Some(id) = request_id {
                line.insert("requestId".into(), id.into());
            }
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
        if let Some(id) = request_id {
            write!(writer, "RequestId: {id} ")?;
        }
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
struct JsonFields(Map<String, Value>);

impl JsonFields {
    fn set(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for JsonFields {
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
