//! The events of a function as they stand in the template, and those that were written by this command.

use clap::ValueEnum;

use super::document::Node;
use super::route::Route;
use super::source::{Source, SourceEvent};
use super::trigger::Trigger;
use super::value::NewValue;

/// The key in a function's `Metadata` under which the events are remembered that the command wrote.
pub(super) const MEMORY: &str = "ScaffoldEvents";

/// The properties that the command writes; an event with others was extended by hand.
const WRITTEN: [&str; 6] = ["Path", "Method", "ApiId", "RestApiId", "Auth", "PayloadFormatVersion"];

/// The kind of an API, with the words of the template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum EventKind {
    Http,
    Rest,
}

impl EventKind {
    const ALL: [Self; 2] = [Self::Http, Self::Rest];

    /// The `Type` of its events.
    pub(super) fn event_type(self) -> &'static str {
        match self {
            Self::Http => "HttpApi",
            Self::Rest => "Api",
        }
    }

    /// The property that names the API.
    pub(super) fn reference(self) -> &'static str {
        match self {
            Self::Http => "ApiId",
            Self::Rest => "RestApiId",
        }
    }

    /// The type of its resource.
    pub(super) fn resource_type(self) -> &'static str {
        match self {
            Self::Http => "AWS::Serverless::HttpApi",
            Self::Rest => "AWS::Serverless::Api",
        }
    }

    /// The name for people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Http => "HTTP API",
            Self::Rest => "REST API",
        }
    }

    pub(super) fn of_resource(node: &Node) -> Option<Self> {
        let name = node.get("Type")?.text()?;
        Self::ALL.into_iter().find(|kind| kind.resource_type() == name)
    }
}

/// An event of an API.
#[derive(Debug)]
pub(super) struct ApiEvent<'a> {
    pub(super) name: &'a str,
    pub(super) kind: EventKind,
    /// `None` if only a deployment determines it.
    pub(super) route: Option<Route>,
    pub(super) properties: Option<&'a Node>,
}

impl<'a> ApiEvent<'a> {
    /// Lists the events of a function that belong to an API.
    pub(super) fn list(function: &'a Node) -> Vec<Self> {
        let events = function.find(&["Properties", "Events"]);
        let events = events.into_iter().flat_map(Node::entries);
        events.filter_map(|(name, event)| Self::read(name, event)).collect()
    }

    fn read(name: &'a str, event: &'a Node) -> Option<Self> {
        let event_type = event.get("Type")?.text()?;
        let kind = EventKind::ALL.into_iter().find(|kind| kind.event_type() == event_type)?;
        let properties = event.get("Properties").filter(|node| node.map().is_some());
        let property = |name: &str| properties.and_then(|node| node.get(name));
        let route = match (property("Method"), property("Path")) {
            (None, None) if kind == EventKind::Http => Some(Route::new("ANY", "$default")),
            (None, Some(path)) => path.text().map(|path| Route::new("ANY", path)),
            (Some(method), Some(path)) => {
                method.text().zip(path.text()).map(|(method, path)| Route::new(method, path))
            }
            _ => None,
        };
        Some(Self { name, kind, route, properties })
    }

    pub(super) fn property(&self, name: &str) -> Option<&'a Node> {
        self.properties?.get(name)
    }

    /// Checks whether it has more than the command writes.
    pub(super) fn is_extended(&self) -> bool {
        let names = self.properties.into_iter().flat_map(Node::entries);
        names.map(|(name, _)| name).any(|name| !WRITTEN.contains(&name))
    }

    /// Checks whether its method is in upper case.
    pub(super) fn is_upper_case(&self) -> bool {
        let method = self.property("Method").and_then(Node::text);
        method.is_some_and(|method| method.chars().any(|c| c.is_ascii_uppercase()))
    }
}

/// An event of an API or of a source.
#[derive(Debug)]
pub(super) enum TemplateEvent<'a> {
    Api(ApiEvent<'a>),
    Source(SourceEvent<'a>),
}

impl<'a> TemplateEvent<'a> {
    /// Lists the events of a function, without those of types that the command does not know.
    pub(super) fn list(function: &'a Node) -> Vec<Self> {
        let events = function.find(&["Properties", "Events"]);
        let events = events.into_iter().flat_map(Node::entries);
        let read = |(name, event)| {
            let source = || SourceEvent::read(name, event).map(Self::Source);
            ApiEvent::read(name, event).map(Self::Api).or_else(source)
        };
        events.filter_map(read).collect()
    }

    pub(super) fn name(&self) -> &'a str {
        match self {
            Self::Api(event) => event.name,
            Self::Source(event) => event.name,
        }
    }

    /// Returns its route, or the only source that it names; `None` if only a deployment determines it.
    pub(super) fn trigger(&self) -> Option<Trigger> {
        match self {
            Self::Api(event) => event.route.clone().map(Trigger::Route),
            Self::Source(event) => match event.sources.as_slice() {
                [name] => {
                    Some(Trigger::Source(Source { kind: event.kind, name: Some(name.clone()) }))
                }
                _ => None,
            },
        }
    }

    /// Checks whether it is for exactly this route, or for this source.
    pub(super) fn is(&self, trigger: &Trigger) -> bool {
        match (self, trigger) {
            (Self::Api(event), Trigger::Route(route)) => event.route.as_ref() == Some(route),
            (Self::Source(event), Trigger::Source(source)) => event.is(source),
            _ => false,
        }
    }

    /// Checks whether the new route or source can take the place of the old one in it.
    pub(super) fn can_become(&self, trigger: &Trigger) -> bool {
        match (self, trigger) {
            (Self::Api(event), Trigger::Route(_)) => {
                ["Path", "Method"].iter().all(|key| event.property(key).is_some())
            }
            (Self::Source(event), Trigger::Source(source)) => {
                event.kind == source.kind && event.sources.len() == 1
            }
            _ => false,
        }
    }

    /// Checks whether it has more than the command writes.
    pub(super) fn is_extended(&self) -> bool {
        match self {
            Self::Api(event) => event.is_extended(),
            Self::Source(event) => event.is_extended(),
        }
    }
}

/// Lists the events that the command wrote into a function: their names, and their routes or sources at that
/// time.
pub(super) fn remembered(function: &Node) -> Vec<(String, Trigger)> {
    let memory = function.find(&["Metadata", MEMORY]);
    let entries = memory.into_iter().flat_map(Node::entries);
    entries
        .filter_map(|(name, trigger)| Some((name.to_owned(), Trigger::parse(trigger.text()?)?)))
        .collect()
}

/// How new events of a function look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EventStyle {
    pub(super) kind: EventKind,
    /// The API; `None` for the one that SAM adds.
    pub(super) api: Option<NewValue>,
    /// Further properties, which all events of the function have.
    pub(super) more: Vec<(String, NewValue)>,
    pub(super) is_upper_case: bool,
}

impl EventStyle {
    /// Writes the method.
    pub(super) fn method(&self, route: &Route) -> String {
        if self.is_upper_case { route.method.clone() } else { route.method.to_ascii_lowercase() }
    }

    /// Writes an event.
    pub(super) fn event(&self, route: &Route) -> NewValue {
        let mut properties = Vec::new();
        if let Some(api) = &self.api {
            properties.push((self.kind.reference().to_owned(), api.clone()));
        }
        properties.push(("Path".to_owned(), NewValue::text(&route.path)));
        properties.push(("Method".to_owned(), NewValue::text(self.method(route))));
        properties.extend(self.more.iter().cloned());
        NewValue::Map(vec![
            ("Type".to_owned(), NewValue::text(self.kind.event_type())),
            ("Properties".to_owned(), NewValue::Map(properties)),
        ])
    }
}
