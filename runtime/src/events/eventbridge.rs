//! Events of Amazon EventBridge, those of its schedules included.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::Arena;
use super::decode::decode_event;
use super::handler;
use crate::context::Context;
use crate::error::Error;
use crate::handler::Handler;
use crate::json::Registered;
use crate::json::borrowed::list;

/// An event of a bus, with its detail decoded into a `T`.
///
/// It is the event of a function that is the target of a rule, of a schedule rule, whose detail is empty, or the
/// body of a message of a queue that is the target: [`sqs::Message<'_, Event<'_, T>>`](super::sqs::Message).
///
/// ```
/// use lambda_native::events::eventbridge::Event;
/// use lambda_native::lambda_handler;
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Order<'a> {
///     item: &'a str,
/// }
///
/// #[lambda_handler(eventbridge = "com.example.shop")]
/// async fn audit(event: Event<'_, Order<'_>>) {
///     println!("{} at {}: {}", event.detail_type, event.time, event.detail.item);
/// }
/// ```
///
/// ```
/// use lambda_native::events::eventbridge::Event;
/// use lambda_native::lambda_handler;
///
/// #[lambda_handler(schedule = "rate(5 minutes)")]
/// async fn clean_up(event: Event<'_>) {
///     println!("the schedule of {}", event.time);
/// }
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Event<'a, T = IgnoredAny> {
    /// The identifier of the event.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    /// The kind of event, which tells what the detail is.
    #[serde(borrow)]
    pub detail_type: Cow<'a, str>,
    /// The service or program that sent the event: `aws.events` for a schedule.
    #[serde(borrow)]
    pub source: Cow<'a, str>,
    /// The account of the source.
    #[serde(borrow)]
    pub account: Cow<'a, str>,
    /// The time, as in `2026-01-31T23:59:59Z`.
    #[serde(borrow)]
    pub time: Cow<'a, str>,
    /// The region of the source.
    #[serde(borrow)]
    pub region: Cow<'a, str>,
    /// The ARNs that the event is about: for a schedule, that of its rule.
    #[serde(borrow, default, deserialize_with = "list")]
    pub resources: Vec<Cow<'a, str>>,
    /// The detail.
    pub detail: T,
}

impl<T> Event<'_, T> {
    /// Makes an event for a test, with empty values beside the detail.
    pub fn new(detail: T) -> Self {
        Self {
            id: Cow::default(),
            detail_type: Cow::default(),
            source: Cow::default(),
            account: Cow::default(),
            time: Cow::default(),
            region: Cow::default(),
            resources: Vec::new(),
            detail,
        }
    }
}

/// An event is registered in a JSON context if its detail is.
impl<J, T: Registered<J>> Registered<J> for Event<'_, T> {}

/// Makes a [`Handler`] from an async function or closure, which takes an event.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// use lambda_native::events::eventbridge::{self, Event};
/// use lambda_native::{Context, start};
/// use serde::de::IgnoredAny;
///
/// fn main() -> ExitCode {
///     start(eventbridge::handler_fn(async |event: Event<'_, IgnoredAny>, _: &Context| {
///         println!("{}", event.detail_type);
///         Ok(())
///     }))
/// }
/// ```
pub fn handler_fn<F, T>(function: F) -> impl Handler
where
    F: AsyncFn(Event<'_, T>, &Context) -> Result<(), Error> + Send + Sync + 'static,
    T: DeserializeOwned + 'static,
{
    handler::of_events(async move |event: &[u8], context: &Context| {
        let arena = Arena::default();
        function(decode_event(event, &arena)?, context).await
    })
}
