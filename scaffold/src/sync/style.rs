//! Decides how the new events of a function look: as its other events do, or else as those of the other
//! functions, or else for the only API of the template.

use super::authorizers;
use super::document::Node;
use super::events::{ApiEvent, EventKind, EventStyle};
use super::outline::Outline;
use super::source::reference_to;
use super::value::NewValue;

/// The properties that a new event takes over if all events of the function have the same.
const INHERITED: [&str; 2] = ["Auth", "PayloadFormatVersion"];

/// The style of new events, and what decides it.
#[derive(Debug)]
pub(super) enum Choice {
    Style {
        style: EventStyle,
        /// The API has an `OpenAPI` definition, which can be all that decides its routes.
        has_definition: bool,
        /// Some of the function's events have an `Auth` that the new ones do not get.
        drops_auth: bool,
    },
    /// The template has no API.
    NoApi,
    /// The reason why none was chosen.
    Unclear(String),
}

/// Chooses the style of the events of a function.
pub(super) fn choose(root: &Node, text: &str, function: &Node) -> Choice {
    let own = ApiEvent::list(function);
    if let Some(first) = own.first() {
        return like(root, text, first, &own, true);
    }
    let resources = root.get("Resources").into_iter().flat_map(Node::entries);
    let others: Vec<_> = resources.flat_map(|(_, resource)| ApiEvent::list(resource)).collect();
    if let Some(first) = others.first() {
        return if others.iter().all(|other| is_same_api(first, other)) {
            like(root, text, first, &others, false)
        } else {
            Choice::Unclear("the other functions have events of several APIs".to_owned())
        };
    }
    let resources = root.get("Resources").into_iter().flat_map(Node::entries);
    let apis =
        resources.filter_map(|(name, node)| Some((name, EventKind::of_resource(node)?, node)));
    let apis: Vec<_> = apis.collect();
    match apis.as_slice() {
        [] => Choice::NoApi,
        [(name, kind, node)] => {
            let is_json = root.map().is_some_and(super::document::Map::is_json);
            let api = reference_to(name, is_json);
            let style =
                EventStyle { kind: *kind, api: Some(api), more: Vec::new(), is_upper_case: false };
            Choice::Style { style, has_definition: has_definition(node), drops_auth: false }
        }
        _ => Choice::Unclear("the template has several APIs".to_owned()),
    }
}

/// Describes the style of an event among others.
fn like(
    root: &Node,
    text: &str,
    first: &ApiEvent<'_>,
    all: &[ApiEvent<'_>],
    is_own: bool,
) -> Choice {
    let reference = first.property(first.kind.reference());
    let api = match reference.map(|node| NewValue::copy(node, text)) {
        None => None,
        Some(Some(api)) => Some(api),
        Some(None) => {
            let name = first.kind.reference();
            return Choice::Unclear(format!("`{name}` of `{}` cannot be copied", first.name));
        }
    };
    let alike: Vec<_> = all.iter().filter(|other| is_same_api(first, other)).collect();
    // The authorizers of the code are those of single routes.
    let resources = root.get("Resources").into_iter().flat_map(Node::entries);
    let written: Vec<_> =
        resources.flat_map(|(_, resource)| authorizers::remembered(resource)).collect();
    let is_written = |event: &ApiEvent<'_>| written.iter().any(|(name, _)| name == event.name);
    let mut more = Vec::new();
    let inherits =
        |name: &&str| is_own && (*name != "Auth" || !alike.iter().any(|it| is_written(it)));
    for name in INHERITED.into_iter().filter(inherits) {
        let values: Vec<_> = alike.iter().map(|event| event.property(name)).collect();
        let is_same = values.windows(2).all(|pair| match pair {
            [one, other] => one.map(Outline::of) == other.map(Outline::of),
            _ => true,
        });
        let value = values.first().copied().flatten().filter(|_| is_same);
        if let Some(value) = value.and_then(|value| NewValue::copy(value, text)) {
            more.push((name.to_owned(), value));
        }
    }
    let has_auth = alike.iter().any(|event| event.property("Auth").is_some() && !is_written(event));
    let resource = reference.and_then(target).and_then(|name| root.find(&["Resources", name]));
    Choice::Style {
        drops_auth: has_auth && !more.iter().any(|(name, _)| name == "Auth"),
        has_definition: resource.is_some_and(has_definition),
        style: EventStyle {
            kind: first.kind,
            api,
            more,
            is_upper_case: alike.iter().all(|event| event.is_upper_case()),
        },
    }
}

/// Checks whether two events are of the same API.
fn is_same_api(one: &ApiEvent<'_>, other: &ApiEvent<'_>) -> bool {
    let outline = |event: &ApiEvent<'_>| event.property(event.kind.reference()).map(Outline::of);
    one.kind == other.kind && outline(one) == outline(other)
}

/// Returns the resource that a reference names.
pub(super) fn target(reference: &Node) -> Option<&str> {
    if let Some(name) = reference.get("Ref") {
        return name.text();
    }
    reference.text().or_else(|| reference.reference())
}

fn has_definition(api: &Node) -> bool {
    ["DefinitionBody", "DefinitionUri", "Body", "BodyS3Location"]
        .iter()
        .any(|name| api.find(&["Properties", name]).is_some())
}
