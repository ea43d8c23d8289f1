//! What the code says about a handler and an event of the template repeats: a route, or a source of events.

use std::fmt;

use super::route::Route;
use super::source::Source;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trigger {
    Route(Route),
    Source(Source),
}

impl Trigger {
    /// Parses `GET /orders/{id}` or `sqs OrderQueue`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let source = Source::parse(text).map(Self::Source);
        source.or_else(|| Route::parse(text).map(Self::Route))
    }

    /// Writes what [`parse`](Self::parse) reads.
    pub(super) fn memory(&self) -> String {
        match self {
            Self::Route(Route { method, path }) => format!("{method} {path}"),
            Self::Source(source) => source.to_string(),
        }
    }

    pub(crate) fn route(&self) -> Option<&Route> {
        match self {
            Self::Route(route) => Some(route),
            Self::Source(_) => None,
        }
    }

    pub(crate) fn source(&self) -> Option<&Source> {
        match self {
            Self::Route(_) => None,
            Self::Source(source) => Some(source),
        }
    }

    /// The order of new events: by path and method, then by source.
    pub(super) fn order(&self) -> (Option<&Source>, Option<(&str, &str)>) {
        (self.source(), self.route().map(|Route { method, path }| (path.as_str(), method.as_str())))
    }

    /// Checks whether one event can be for both.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Route(route), Self::Route(other)) => route.overlaps(other),
            (Self::Source(source), Self::Source(other)) => source.overlaps(other),
            _ => false,
        }
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Route(route) => route.fmt(formatter),
            Self::Source(source) => source.fmt(formatter),
        }
    }
}

/// Returns the word for several: `routes`, `sources`, or both.
pub(super) fn noun<'a>(triggers: impl Iterator<Item = &'a Trigger> + Clone) -> &'static str {
    let mut sources = triggers.clone();
    match (triggers.clone().any(|it| it.route().is_some()), sources.any(|it| it.source().is_some()))
    {
        (false, true) => "sources",
        (true, true) => "routes and sources",
        _ => "routes",
    }
}
