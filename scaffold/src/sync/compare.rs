//! Compares the routes and sources of the code with the events of a template, and edits the template.

use std::collections::BTreeMap;
use std::path::Path;

use heck::ToUpperCamelCase;
use serde::Serialize;

use super::authorizers::{self, AuthorizerChange};
use super::code::{FunctionTriggers, HandlerTrigger};
use super::document::Node;
use super::edit::{Editor, Refusal};
use super::events::{self, ApiEvent, EventKind, EventStyle, MEMORY, TemplateEvent};
use super::permissions;
use super::route::Route;
use super::source::{Source, SourceEvent};
use super::style::{self, Choice};
use super::trigger::{Trigger, noun};
use super::value::NewValue;
use crate::sam::{ApiKind, Application, Endpoint, TemplateFunction};
use crate::term::error::{Error, Result};
use crate::term::quote;

/// The number of routes or sources that a warning lists.
const MAX_LISTED: usize = 5;

pub(super) const FUNCTION: &str = "AWS::Serverless::Function";

/// A template in step with the code, as far as that is possible.
#[derive(Debug, Default)]
pub(crate) struct Synchronized {
    pub(crate) text: String,
    pub(crate) changes: Vec<EventChange>,
    pub(crate) authorizers: Vec<AuthorizerChange>,
    /// The differences that remain.
    pub(crate) remaining: Vec<Remark>,
    /// Warnings: they are not differences that the command could settle.
    pub(crate) remarks: Vec<Remark>,
    /// The functions that need an API, which the template does not have.
    pub(crate) without_api: Vec<String>,
    /// The parts of the template that authorizers of the code need and that only the user may add.
    pub(crate) without_authorizer: Vec<String>,
    /// The APIs that SAM adds for events, which would go because their last event goes.
    pub(crate) lost_apis: Vec<EventKind>,
}

/// A change of one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct EventChange {
    pub(crate) function: String,
    pub(crate) event: String,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    pub(crate) from: Option<Trigger>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    pub(crate) to: Option<Trigger>,
}

/// A sentence for the user, and the fix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Remark {
    pub(crate) message: String,
    pub(crate) hint: String,
}

#[expect(clippy::ref_option, reason = "serde passes the field")]
fn as_text<S: serde::Serializer>(
    trigger: &Option<Trigger>,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_str(&trigger.as_ref().map(ToString::to_string).unwrap_or_default())
}

impl Synchronized {
    /// Describes the difference on one line; `None` if there is none.
    pub(crate) fn difference(&self, name: &str) -> Option<String> {
        let list = |triggers: &[&Trigger]| {
            let mut list: Vec<_> = triggers.iter().map(|it| format!("`{it}`")).collect();
            let more = list.len().saturating_sub(MAX_LISTED);
            list.truncate(MAX_LISTED);
            list.extend((more > 0).then(|| format!("{more} more")));
            (!list.is_empty()).then(|| quote::list(&list, "and"))
        };
        let new: Vec<_> = self.changes.iter().filter_map(|it| it.to.as_ref()).collect();
        let old: Vec<_> = self.changes.iter().filter_map(|it| it.from.as_ref()).collect();
        let word = noun(new.iter().chain(&old).copied());
        match (list(&new), list(&old)) {
            (Some(new), None) => Some(format!("`{name}` lacks {word} of the code: {new}")),
            (None, Some(old)) => {
                Some(format!("`{name}` has {word} that the code no longer has: {old}"))
            }
            (Some(new), Some(old)) => {
                Some(format!("`{name}` lacks {word} of the code, {new}, and has old ones, {old}"))
            }
            (None, None) => match self.authorizers.first() {
                Some(AuthorizerChange { change: "removed", what }) => {
                    Some(format!("`{name}` has the {what}, which the code no longer has"))
                }
                Some(AuthorizerChange { what, .. }) => Some(format!("`{name}` lacks the {what}")),
                None => self.remaining.first().map(|remark| remark.message.clone()),
            },
        }
    }
}

/// Compares, and edits the text of the template at `path`. `new_api` is the kind of API that SAM may add
/// for the events of a function if the template has none.
pub(crate) fn synchronize(
    text: &str,
    path: &Path,
    application: &Application,
    code: &[FunctionTriggers],
    new_api: Option<EventKind>,
    new_authorizers: bool,
) -> Result<Synchronized> {
    let cannot_read = |why: Refusal| {
        Error::new(format!("cannot read `{}`: {why}", path.display())).in_file(path.to_owned())
    };
    let mut editor = Editor::new(text).map_err(cannot_read)?;
    let before = implicit_events(editor.root());
    let mut result = Synchronized::default();
    for code in code {
        editor = synchronize_function(editor, path, application, code, new_api, &mut result)?;
    }
    editor = authorizers::synchronize(editor, path, code, new_authorizers, &mut result)?;
    let after = implicit_events(editor.root());
    result.lost_apis = before.into_keys().filter(|kind| !after.contains_key(kind)).collect();
    editor.text().clone_into(&mut result.text);
    Ok(result)
}

/// Compares one function, without its authorizers, and edits it.
pub(super) fn synchronize_function(
    editor: Editor,
    path: &Path,
    application: &Application,
    code: &FunctionTriggers,
    new_api: Option<EventKind>,
    result: &mut Synchronized,
) -> Result<Editor> {
    match application.functions.iter().find(|it| it.name == code.function) {
        Some(function) => {
            Comparison { function, code, application, path, new_api }.apply(editor, result)
        }
        None => Ok(editor),
    }
}

/// Counts the events of the APIs that SAM adds because of them.
fn implicit_events(root: &Node) -> BTreeMap<EventKind, usize> {
    let mut counts = BTreeMap::new();
    let resources = root.get("Resources").into_iter().flat_map(Node::entries);
    for event in resources.flat_map(|(_, resource)| ApiEvent::list(resource)) {
        if event.property(event.kind.reference()).is_none() {
            *counts.entry(event.kind).or_default() += 1;
        }
    }
    counts
}

/// One function, in the template and in the code.
struct Comparison<'a> {
    function: &'a TemplateFunction,
    code: &'a FunctionTriggers,
    application: &'a Application,
    path: &'a Path,
    new_api: Option<EventKind>,
}

/// The changes of one function.
#[derive(Debug, Default)]
struct Changes {
    added: Vec<(String, Trigger)>,
    removed: Vec<(String, Trigger)>,
    /// An event of a handler whose route or source is another one now.
    moved: Vec<(String, Trigger, Trigger)>,
    /// The events to remember.
    memory: Vec<(String, Trigger)>,
}

/// The events of a function that the command wrote.
#[derive(Debug, Default)]
struct OwnEvents<'a> {
    names: Vec<&'a str>,
    /// Their routes now.
    routes: Vec<Route>,
    /// Those whose routes or sources the code no longer has, with these.
    surplus: Vec<(&'a TemplateEvent<'a>, &'a Trigger)>,
}

impl Comparison<'_> {
    /// Edits the function, and adds to the result what was changed and what was not.
    fn apply(&self, editor: Editor, result: &mut Synchronized) -> Result<Editor> {
        let name = &self.function.name;
        let resource = editor.root().find(&["Resources", name]);
        let is_here =
            resource.is_some_and(|it| it.get("Type").and_then(Node::text) == Some(FUNCTION));
        let Some(resource) = resource.filter(|_| is_here) else {
            self.report_elsewhere(result);
            return Ok(editor);
        };
        let memory = events::remembered(resource);
        let mut remarks = Remarks::default();
        if self.code.shared_with.iter().all(|other| name < other) {
            remarks.unreachable(name, &self.code.unreachable);
        }
        if self.code.triggers.is_empty() && memory.is_empty() {
            result.remaining.append(&mut remarks.remaining);
            return Ok(editor);
        }
        let changes = self.compare(editor.root(), resource, memory, &mut remarks);
        let events = ["Resources", name, "Properties", "Events"];
        let adds_routes = changes.added.iter().any(|(_, trigger)| trigger.route().is_some());
        let choice = if changes.added.is_empty() {
            Choice::NoApi
        } else if let Err(why) = editor.check(&events) {
            remarks.refused(name, &why, &changes);
            result.remaining.append(&mut remarks.remaining);
            return Ok(editor);
        } else {
            style::choose(editor.root(), editor.text(), resource)
        };
        let unchanged = Editor::new(editor.text());
        let (style, has_definition) = match choice {
            _ if !adds_routes => (None, false),
            Choice::Style { style, has_definition, drops_auth } => {
                if drops_auth {
                    remarks.drops_auth(name, &changes.added);
                }
                (Some(style), has_definition)
            }
            Choice::NoApi => match self.new_api {
                Some(kind) => {
                    let style =
                        EventStyle { kind, api: None, more: Vec::new(), is_upper_case: false };
                    (Some(style), false)
                }
                None => {
                    result.without_api.push(name.clone());
                    return Ok(editor);
                }
            },
            Choice::Unclear(why) => {
                let message =
                    format!("cannot choose the API of {}: {why}", changes.list_added(name));
                let hint = format!("add one event by hand to `{name}`; the others will follow it");
                remarks.remaining.push(Remark { message, hint });
                result.remaining.append(&mut remarks.remaining);
                return Ok(editor);
            }
        };
        let mut editor = editor;
        let edited = changes.apply(&mut editor, name, style.as_ref());
        let edited = edited.and_then(|()| {
            if has_definition { self.check_added(editor.text(), &changes) } else { Ok(()) }
        });
        if let Err(why) = edited {
            remarks.refused(name, &why, &changes);
            editor = unchanged.map_err(Error::new)?;
        } else {
            result.changes.extend(changes.into_list(name));
        }
        result.remaining.append(&mut remarks.remaining);
        result.remarks.append(&mut remarks.other);
        Ok(editor)
    }

    /// Compares the events and the memory of the function with the routes and sources of the code.
    fn compare(
        &self,
        root: &Node,
        resource: &Node,
        memory: Vec<(String, Trigger)>,
        remarks: &mut Remarks,
    ) -> Changes {
        let name = &self.function.name;
        let events = TemplateEvent::list(resource);
        let mut left: Vec<&HandlerTrigger> = Vec::new();
        for trigger in &self.code.triggers {
            if !left.iter().any(|other| other.trigger == trigger.trigger) {
                left.push(trigger);
            }
        }
        left.sort_by(|one, other| one.trigger.order().cmp(&other.trigger.order()));
        remarks.check_batches(name, &events, &left);
        let unknown = self.unknown(root, &left, &events, remarks);

        let mut changes = Changes::default();
        let own = self.compare_own(&events, &memory, &mut left, &mut changes, remarks);
        let others: Vec<_> = events.iter().filter(|it| !own.names.contains(&it.name())).collect();
        self.drop_covered(&mut left, &own, &others, events.is_empty());
        if !self.code.has_other_handlers && !self.code.triggers.is_empty() {
            remarks.unserved(name, &others, &self.code.triggers);
        }

        left.retain(|it| !unknown.contains(it));
        for (event, written) in own.surplus {
            let event_name = event.name();
            // It may be what the handler means.
            if unknown
                .iter()
                .any(|it| is_named_after(event_name, &it.handler) || it.trigger.overlaps(written))
            {
                changes.memory.push((event_name.to_owned(), written.clone()));
                continue;
            }
            let same_handler = left.iter().position(|it| {
                is_named_after(event_name, &it.handler) && event.can_become(&it.trigger)
            });
            if let Some(index) = same_handler {
                let to = left.remove(index).trigger.clone();
                changes.memory.push((event_name.to_owned(), to.clone()));
                changes.moved.push((event_name.to_owned(), written.clone(), to));
            } else if event.is_extended() {
                remarks.extended(name, event, written);
            } else {
                changes.removed.push((event_name.to_owned(), written.clone()));
            }
        }
        if !self.code.shared_with.is_empty() && !left.is_empty() {
            let triggers = left.iter().map(|it| it.trigger.to_string()).collect::<Vec<_>>();
            // One of these functions reports it.
            if self.code.shared_with.iter().all(|other| name < other) {
                remarks.shared(name, &self.code.shared_with, &triggers);
            }
            left.clear();
        }
        let names = resource.find(&["Properties", "Events"]);
        let names = names.into_iter().flat_map(Node::entries).map(|(name, _)| name.to_owned());
        let mut taken: Vec<String> =
            names.chain(memory.iter().map(|(name, _)| name.clone())).collect();
        for HandlerTrigger { handler, trigger } in left {
            if let Trigger::Source(source) = trigger {
                remarks.other.extend(permissions::missing(root, name, source));
            }
            let event = free_name(handler, &taken);
            taken.push(event.clone());
            changes.memory.push((event.clone(), trigger.clone()));
            changes.added.push((event, trigger.clone()));
        }
        changes
    }

    /// Returns the sources of the code that no event can be written for, and reports them: those that the code
    /// does not name and those that the template does not have.
    fn unknown<'a>(
        &self,
        root: &Node,
        code: &[&'a HandlerTrigger],
        events: &[TemplateEvent<'_>],
        remarks: &mut Remarks,
    ) -> Vec<&'a HandlerTrigger> {
        let mut is_known = |HandlerTrigger { handler, trigger }: &HandlerTrigger| {
            let Trigger::Source(source) = trigger else { return true };
            if source.name.is_none() {
                let has_event = |event: &TemplateEvent<'_>| matches!(event, TemplateEvent::Source(event) if event.kind == source.kind);
                if !events.iter().any(has_event) {
                    remarks.unnamed(&self.function.name, handler, source);
                }
                return false;
            }
            match source.reference(root) {
                Ok(_) => true,
                Err((message, hint)) => {
                    remarks.remaining.push(Remark { message, hint });
                    false
                }
            }
        };
        code.iter().copied().filter(|it| !is_known(it)).collect()
    }

    /// Compares the events that the command wrote with the code, and takes the routes and sources from `left` that
    /// need no other event.
    fn compare_own<'a>(
        &self,
        events: &'a [TemplateEvent<'a>],
        memory: &'a [(String, Trigger)],
        left: &mut Vec<&HandlerTrigger>,
        changes: &mut Changes,
        remarks: &mut Remarks,
    ) -> OwnEvents<'a> {
        let name = &self.function.name;
        let mut own = OwnEvents::default();
        for (event_name, written) in memory {
            let event = events.iter().find(|event| event.name() == event_name);
            let is_wanted = left.iter().any(|it| it.trigger == *written);
            let mut keep = |left: &mut Vec<&HandlerTrigger>| {
                changes.memory.push((event_name.clone(), written.clone()));
                left.retain(|it| it.trigger != *written);
            };
            let Some(event) = event else {
                if is_wanted {
                    remarks.removed_by_hand(name, event_name, written);
                    keep(left);
                }
                continue;
            };
            own.names.push(event.name());
            if let Some(Trigger::Route(route)) = event.trigger() {
                own.routes.push(route);
            }
            let now = left.iter().position(|it| event.is(&it.trigger));
            if event.is(written) {
                if is_wanted {
                    keep(left);
                } else {
                    own.surplus.push((event, written));
                }
            } else if let Some(now) = now {
                // Code and template were changed alike.
                changes.memory.push((event_name.clone(), left.remove(now).trigger.clone()));
            } else {
                remarks.changed_by_hand(name, event, written, is_wanted);
                if is_wanted {
                    keep(left);
                }
            }
        }
        own
    }

    /// Takes the routes and sources from `left` whose events reach the function already, or another one that
    /// has the same handlers.
    fn drop_covered(
        &self,
        left: &mut Vec<&HandlerTrigger>,
        own: &OwnEvents<'_>,
        others: &[&TemplateEvent<'_>],
        has_no_events: bool,
    ) {
        let is_url = |endpoint: &Endpoint| matches!(endpoint.api.kind, ApiKind::FunctionUrl { .. });
        let endpoints = &self.function.endpoints;
        let of_apis = endpoints.iter().filter(|endpoint| !is_url(endpoint)).map(route_of);
        let mut covering: Vec<_> = of_apis.filter(|route| !own.routes.contains(route)).collect();
        covering.extend(others.iter().filter_map(|event| match event.trigger() {
            Some(Trigger::Route(route)) => Some(route),
            _ => None,
        }));
        if has_no_events && covering.is_empty() && endpoints.iter().any(is_url) {
            left.retain(|it| it.trigger.route().is_none());
        }
        let shared = self.application.functions.iter();
        let shared = shared.filter(|it| self.code.shared_with.contains(&it.name));
        covering.extend(shared.flat_map(|it| it.endpoints.iter().map(route_of)));
        left.retain(|HandlerTrigger { trigger, .. }| match trigger {
            Trigger::Route(wanted) => !covering.iter().any(|route| route.covers(wanted)),
            Trigger::Source(_) => !others.iter().any(|event| event.is(trigger)),
        });
    }

    /// Checks that the new events add routes to an API that has a definition.
    fn check_added(&self, text: &str, changes: &Changes) -> std::result::Result<(), Refusal> {
        let Ok(application) = Application::parse(text, self.path) else { return Ok(()) };
        let function = application.functions.iter().find(|it| it.name == self.function.name);
        let endpoints = function.map(|it| it.endpoints.as_slice()).unwrap_or_default();
        for route in changes.added.iter().filter_map(|(_, trigger)| trigger.route()) {
            if !endpoints.iter().any(|endpoint| route_of(endpoint) == *route) {
                return Err(format!("the definition of its API does not have `{route}`"));
            }
        }
        Ok(())
    }

    /// Reports the routes that the template lacks, of a function that is not one of SAM's or is in another
    /// template. What connects it to its sources can be anywhere.
    fn report_elsewhere(&self, result: &mut Synchronized) {
        let name = &self.function.name;
        let endpoints: Vec<_> = self.function.endpoints.iter().map(route_of).collect();
        let missing = self.code.triggers.iter().filter_map(|it| it.trigger.route());
        let missing = missing.filter(|route| !endpoints.iter().any(|it| it.covers(route)));
        let missing: Vec<_> = missing.map(ToString::to_string).collect();
        if missing.is_empty() {
            return;
        }
        let message = format!("`{name}` lacks {}", quote::list_quoted(&missing, "and"));
        let hint = if name.contains('/') {
            "it is in a nested template: add the events there"
        } else {
            "it is not an `AWS::Serverless::Function`: add the routes to its API"
        };
        result.remaining.push(Remark { message, hint: hint.to_owned() });
    }
}

pub(super) fn route_of(endpoint: &Endpoint) -> Route {
    let path = match endpoint.api.kind {
        ApiKind::FunctionUrl { .. } => "$default",
        _ => &endpoint.path,
    };
    Route::new(endpoint.method.as_ref().map_or("ANY", |method| method.as_str()), path)
}

/// Returns a name for the event of a handler that no other event has: `GetOrder`, `GetOrder2`.
fn free_name(handler: &str, taken: &[String]) -> String {
    let base = base_name(handler);
    let is_free = |name: &String| !taken.contains(name);
    let numbered = (2..).map(|number| format!("{base}{number}"));
    std::iter::once(base.clone()).chain(numbered).find(is_free).unwrap_or(base)
}

/// Only letters and digits are allowed in names of events.
pub(super) fn base_name(handler: &str) -> String {
    let name = handler.to_upper_camel_case();
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    if name.is_empty() { "Event".to_owned() } else { name }
}

fn is_named_after(event: &str, handler: &str) -> bool {
    let number = event.strip_prefix(&base_name(handler));
    number.is_some_and(|number| number.chars().all(|c| c.is_ascii_digit()))
}

impl Changes {
    fn apply(
        &self,
        editor: &mut Editor,
        function: &str,
        style: Option<&EventStyle>,
    ) -> std::result::Result<(), Refusal> {
        let resource = ["Resources", function];
        let [resources, function] = resource;
        let events = [resources, function, "Properties", "Events"];
        let [a, b, c, d] = events;
        for (name, _, to) in &self.moved {
            match to {
                Trigger::Route(route) => move_route(editor, [a, b, c, d, name], route)?,
                Trigger::Source(source) => {
                    SourceEvent::edit(editor, [a, b, c, d, name], source)?;
                }
            }
        }
        // Added first: so a map that loses its only entry gets the new ones in its place.
        let mut new = Vec::new();
        for (name, trigger) in &self.added {
            let event = match trigger {
                Trigger::Route(route) => style.map(|style| style.event(route)),
                Trigger::Source(source) => {
                    Some(source.event(editor.root(), true).map_err(|(why, _)| why)?)
                }
            };
            new.extend(event.map(|event| (name.clone(), event)));
        }
        editor.append(&events, new)?;
        for (name, _) in &self.removed {
            editor.remove(&[a, b, c, d, name], 2)?;
        }
        self.remember(editor, resource)
    }

    /// Writes the memory.
    fn remember(&self, editor: &mut Editor, [a, b]: [&str; 2]) -> std::result::Result<(), Refusal> {
        let old = editor.root().find(&[a, b]).map(events::remembered).unwrap_or_default();
        let mut new = Vec::new();
        for (name, trigger) in &self.memory {
            let text = trigger.memory();
            match old.iter().find(|(other, _)| other == name) {
                Some((_, other)) if other == trigger => {}
                Some(_) => editor.set(&[a, b, "Metadata", MEMORY, name], &text)?,
                None => new.push((name.clone(), NewValue::text(text))),
            }
        }
        editor.append(&[a, b, "Metadata", MEMORY], new)?;
        let gone = old.iter().filter(|(name, _)| !self.memory.iter().any(|it| it.0 == *name));
        for (name, _) in gone {
            editor.remove(&[a, b, "Metadata", MEMORY, name], 2)?;
        }
        Ok(())
    }

    fn list_added(&self, function: &str) -> String {
        let routes = self.added.iter().filter_map(|(_, trigger)| trigger.route());
        let routes: Vec<_> = routes.map(ToString::to_string).collect();
        format!("{} of `{function}`", quote::list_quoted(&routes, "and"))
    }

    fn describe(&self) -> String {
        let added = self.added.iter().map(|(_, trigger)| format!("add `{trigger}`"));
        let removed = self.removed.iter().map(|(name, _)| format!("remove `{name}`"));
        let moved = self.moved.iter().map(|(name, _, to)| format!("change `{name}` to `{to}`"));
        let all: Vec<_> = added.chain(removed).chain(moved).collect();
        quote::list(&all, "and")
    }

    fn into_list(self, function: &str) -> impl Iterator<Item = EventChange> {
        let added = self.added.into_iter().map(|(event, trigger)| (event, None, Some(trigger)));
        let removed = self.removed.into_iter().map(|(event, trigger)| (event, Some(trigger), None));
        let moved = self.moved.into_iter().map(|(event, from, to)| (event, Some(from), Some(to)));
        moved.chain(added).chain(removed).map(move |(event, from, to)| EventChange {
            function: function.to_owned(),
            event,
            from,
            to,
        })
    }
}

/// Gives the event with this path another route.
fn move_route(
    editor: &mut Editor,
    [a, b, c, d, event]: [&str; 5],
    to: &Route,
) -> std::result::Result<(), Refusal> {
    let upper = editor
        .root()
        .find(&[a, b, c, d, event, "Properties", "Method"])
        .and_then(Node::text)
        .is_some_and(|method| method.chars().any(|c| c.is_ascii_uppercase()));
    let method = if upper { to.method.clone() } else { to.method.to_ascii_lowercase() };
    editor.set(&[a, b, c, d, event, "Properties", "Path"], &to.path)?;
    editor.set(&[a, b, c, d, event, "Properties", "Method"], &method)
}

/// The remarks about one function.
#[derive(Debug, Default)]
struct Remarks {
    remaining: Vec<Remark>,
    other: Vec<Remark>,
}

impl Remarks {
    fn changed_by_hand(
        &mut self,
        function: &str,
        event: &TemplateEvent<'_>,
        written: &Trigger,
        is_wanted: bool,
    ) {
        let now = match (event.trigger(), event) {
            (Some(trigger), _) => format!("`{trigger}`"),
            (None, TemplateEvent::Api(_)) => "another route".to_owned(),
            (None, TemplateEvent::Source(_)) => "another source".to_owned(),
        };
        let name = event.name();
        if is_wanted {
            let message = format!(
                "`{name}` of `{function}` was changed by hand to {now}; the code has `{written}`"
            );
            let hint = "change one of them, so that both are the same".to_owned();
            self.remaining.push(Remark { message, hint });
        } else {
            let message = format!(
                "`{name}` of `{function}` was changed by hand to {now}; the code no longer has `{written}`"
            );
            let hint = "remove it if nothing needs it; it is yours from now on".to_owned();
            self.other.push(Remark { message, hint });
        }
    }

    fn refused(&mut self, function: &str, why: &str, changes: &Changes) {
        let message = format!("cannot edit the events of `{function}`: {why}");
        let hint = format!("change them by hand: {}", changes.describe());
        self.remaining.push(Remark { message, hint });
    }

    fn removed_by_hand(&mut self, function: &str, event: &str, written: &Trigger) {
        let message = format!(
            "`{event}` of `{function}` was removed by hand; the code still has `{written}`"
        );
        let hint = format!("to get it back, remove `{event}` below `{MEMORY}` too");
        self.other.push(Remark { message, hint });
    }

    fn extended(&mut self, function: &str, event: &TemplateEvent<'_>, written: &Trigger) {
        let message = format!(
            "`{}` of `{function}` was extended by hand, so it stays; the code no longer has `{written}`",
            event.name()
        );
        let hint = "remove it if nothing needs it; it is yours from now on".to_owned();
        self.other.push(Remark { message, hint });
    }

    fn shared(&mut self, function: &str, others: &[String], triggers: &[String]) {
        let triggers = quote::list_quoted(triggers, "and");
        let others = quote::list_quoted(others, "and");
        let message = format!(
            "{triggers} could be for `{function}` or for {others}, which run the same program"
        );
        let hint = "set `Handler` of each to the handler that it runs, or add the events by hand"
            .to_owned();
        self.remaining.push(Remark { message, hint });
    }

    fn drops_auth(&mut self, function: &str, added: &[(String, Trigger)]) {
        let routes = added.iter().filter_map(|(_, trigger)| trigger.route());
        let routes: Vec<_> = routes.map(ToString::to_string).collect();
        let routes = quote::list_quoted(&routes, "and");
        let message =
            format!("{routes} of `{function}` got no `Auth`, which other events of it have");
        let hint = "add it by hand if these routes need it; it will be kept".to_owned();
        self.other.push(Remark { message, hint });
    }

    /// Reports the events that were not written by the command and that no handler serves.
    fn unserved(&mut self, function: &str, events: &[&TemplateEvent<'_>], code: &[HandlerTrigger]) {
        for event in events {
            let Some(trigger) = event.trigger() else { continue };
            if code.iter().any(|it| trigger.overlaps(&it.trigger)) {
                continue;
            }
            let (verb, word) = match trigger {
                Trigger::Route(_) => ("serves", "route"),
                Trigger::Source(_) => ("takes", "source"),
            };
            let message = format!(
                "`{}` of `{function}` is `{trigger}`, which no handler {verb}",
                event.name()
            );
            let hint = format!("remove the event, or add the {word} to the code");
            self.other.push(Remark { message, hint });
        }
    }

    /// Reports a source that the code does not name, of a function without such an event.
    fn unnamed(&mut self, function: &str, handler: &str, source: &Source) {
        let event_type = source.kind.event_type();
        let message =
            format!("`{function}` has no `{event_type}` event for the handler `{handler}`");
        let hint = format!(
            "write `{source} = \"{}\"` in the code, or add an event by hand",
            source.kind.example()
        );
        self.other.push(Remark { message, hint });
    }

    /// Reports events whose failed records Lambda would take as done.
    fn check_batches(
        &mut self,
        function: &str,
        events: &[TemplateEvent<'_>],
        code: &[&HandlerTrigger],
    ) {
        for event in events {
            let TemplateEvent::Source(event) = event else { continue };
            let is_handled = |source: &Source| source.kind == event.kind;
            if event.ignores_failures()
                && code.iter().filter_map(|it| it.trigger.source()).any(is_handled)
            {
                let message = format!(
                    "`{}` of `{function}` lacks `FunctionResponseTypes: [ReportBatchItemFailures]`: \
                     Lambda would take failed records as done",
                    event.name
                );
                let hint = "add it to the `Properties` of the event".to_owned();
                self.remaining.push(Remark { message, hint });
            }
        }
    }

    /// Reports the handlers of sources that no function runs.
    fn unreachable(&mut self, function: &str, handlers: &[HandlerTrigger]) {
        for HandlerTrigger { handler, trigger } in handlers {
            let message =
                format!("no function runs the handler `{handler}`, which is for `{trigger}`");
            let hint = format!(
                "give it a function with `Handler: {handler}`, as `{function}` runs only handlers with \
                 routes unless its `Handler` names one"
            );
            self.remaining.push(Remark { message, hint });
        }
    }
}
