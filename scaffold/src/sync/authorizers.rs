//! Writes the authorizers of the code into a template: the function of each, its entry in the `Auth` of the API,
//! and the `Auth` of the events.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::code::{CodeAuthorizer, FunctionTriggers};
use super::compare::{FUNCTION, Remark, Synchronized, base_name, route_of};
use super::document::{Map, Node, Value};
use super::edit::{Editor, Refusal};
use super::events::{self, ApiEvent, EventKind};
use super::route::Route;
use super::style;
use super::value::NewValue;
use crate::sam::{ApiAuthorizer, Application, Endpoint, PayloadFormat};
use crate::term::error::{Error, Result};

/// The key in a function's `Metadata` under which the authorizers are remembered that the command gave to events.
pub(super) const MEMORY: &str = "ScaffoldAuthorizers";

/// The properties of a function that another function of the same program does not take over: its triggers, their
/// failures, and what only one function can have.
const NOT_COPIED: [&str; 9] = [
    "Events",
    "EventInvokeConfig",
    "FunctionUrlConfig",
    "FunctionName",
    "Description",
    "AutoPublishAlias",
    "DeploymentPreference",
    "ProvisionedConcurrencyConfig",
    "ReservedConcurrentExecutions",
];

/// The properties that choose the handler of a function.
const SETTINGS: [&str; 2] = ["Handler", "ImageConfig"];

/// A change because of an authorizer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct AuthorizerChange {
    /// `added`, `changed` or `removed`.
    pub(crate) change: &'static str,
    /// The changed part of the template, as part of a sentence.
    pub(crate) what: String,
}

/// The event of a route, and the authorizer that the code says it has.
struct Wanted<'a> {
    event: String,
    route: Route,
    authorizer: &'a CodeAuthorizer,
    /// The authorizer that the command wrote before.
    written: Option<String>,
    is_own: bool,
}

/// Gives the authorizers of the code to the events of a template. What only the user may add, a function and an
/// entry of an API, is added if `may_create`, or else noted.
pub(super) fn synchronize(
    editor: Editor,
    path: &Path,
    code: &[FunctionTriggers],
    may_create: bool,
    result: &mut Synchronized,
) -> Result<Editor> {
    let mut editor = editor;
    // The functions that were added, by program and handler.
    let mut functions = BTreeMap::new();
    for routes in code {
        let before = editor.text().to_owned();
        let mut step = Step { routes, may_create, functions: &mut functions, result, path };
        if let Err(why) = step.apply(&mut editor) {
            let function = &routes.function;
            result.remaining.push(Remark {
                message: format!("cannot edit the authorizers of `{function}`: {why}"),
                hint: "write them by hand: `docs/sync.md` of lambda-native has an example"
                    .to_owned(),
            });
            editor = Editor::new(&before).map_err(Error::new)?;
        }
    }
    Ok(editor)
}

/// The edit of one function.
struct Step<'s> {
    routes: &'s FunctionTriggers,
    may_create: bool,
    functions: &'s mut BTreeMap<(usize, String), String>,
    result: &'s mut Synchronized,
    path: &'s Path,
}

impl<'s> Step<'s> {
    fn apply(&mut self, editor: &mut Editor) -> std::result::Result<(), Refusal> {
        let routes = self.routes;
        let name = &routes.function;
        let resource = editor.root().find(&["Resources", name]);
        let Some(resource) = resource.filter(|it| is_function(it)) else { return Ok(()) };
        let memory = remembered(resource);
        if memory.is_empty() && self.routes.authorized.is_empty() {
            return Ok(());
        }
        let (wanted, kept) = self.wanted(editor, resource, &memory);
        let surplus: Vec<_> = memory.iter().filter(|(event, _)| !kept.contains(event)).collect();
        let mut changes = Vec::new();
        let mut new_memory = Vec::new();
        for Wanted { event, route, authorizer, written, is_own } in wanted {
            let Some(name_in_api) = self.ensure(editor, &event, authorizer, &mut changes)? else {
                continue;
            };
            if !is_own {
                self.result.remaining.push(Remark {
                    message: format!(
                        "`{event}` of `{name}` has no authorizer, and `{route}` has `{}` in the code",
                        authorizer.handler
                    ),
                    hint: format!(
                        "you wrote the event: add `Auth: {{Authorizer: {name_in_api}}}` to it"
                    ),
                });
                continue;
            }
            let properties = event_path(name, &event);
            let of_event = format!("authorizer `{name_in_api}` of `{event}` of `{name}`");
            if written.is_some() {
                editor.set(&extended(&properties, &["Auth", "Authorizer"]), &name_in_api)?;
                editor.set(&["Resources", name, "Metadata", MEMORY, &event], &name_in_api)?;
                changes.push(AuthorizerChange { change: "changed", what: of_event });
            } else {
                let entry = ("Authorizer".to_owned(), NewValue::text(&name_in_api));
                editor.append(&extended(&properties, &["Auth"]), vec![entry])?;
                new_memory.push((event, NewValue::text(&name_in_api)));
                changes.push(AuthorizerChange { change: "added", what: of_event });
            }
        }
        editor.append(&["Resources", name, "Metadata", MEMORY], new_memory)?;
        for (event, written) in surplus {
            let properties = event_path(name, event);
            let authorizer = extended(&properties, &["Auth", "Authorizer"]);
            if editor.root().find(&authorizer).and_then(Node::text) == Some(written) {
                editor.remove(&authorizer, properties.len())?;
                let what = format!("authorizer `{written}` of `{event}` of `{name}`");
                changes.push(AuthorizerChange { change: "removed", what });
            }
            editor.remove(&["Resources", name, "Metadata", MEMORY, event], 2)?;
        }
        self.result.authorizers.extend(changes);
        Ok(())
    }

    /// Lists the events that need an edit, and the names of those whose memory stays.
    fn wanted(
        &mut self,
        editor: &Editor,
        resource: &Node,
        memory: &[(String, String)],
    ) -> (Vec<Wanted<'s>>, Vec<String>) {
        let routes = self.routes;
        let name = &routes.function;
        let application = Application::parse(editor.text(), self.path).ok();
        let functions = application.as_ref().map(|it| it.functions.as_slice()).unwrap_or_default();
        let endpoints = functions.iter().find(|it| it.name == *name);
        let endpoints = endpoints.map(|it| it.endpoints.as_slice()).unwrap_or_default();
        let events = ApiEvent::list(resource);
        let own = events::remembered(resource);
        let mut wanted: Vec<Wanted<'_>> = Vec::new();
        let mut kept: Vec<String> = Vec::new();
        for (route, handler) in &routes.authorized {
            let authorizer = routes.authorizers.iter().find(|it| it.handler == *handler);
            let Some(authorizer) = authorizer else { continue };
            let covers =
                |event: &&ApiEvent<'_>| event.route.as_ref().is_some_and(|it| it.covers(route));
            let exact = |event: &&ApiEvent<'_>| event.route.as_ref() == Some(route);
            let event = events.iter().find(exact).or_else(|| events.iter().find(covers));
            let Some(event) = event else {
                self.report_without_event(route, handler, endpoints);
                continue;
            };
            if kept.iter().any(|it| it == event.name)
                || wanted.iter().any(|it| it.event == event.name)
            {
                continue;
            }
            let written = memory.iter().find(|(it, _)| it == event.name).map(|(_, it)| it.as_str());
            let has_it = endpoints.iter().any(|endpoint| {
                Some(route_of(endpoint)) == event.route
                    && is_checked_by(endpoint, authorizer.function.as_deref(), functions)
            });
            let explicit = event.property("Auth").and_then(|auth| auth.get("Authorizer"));
            let explicit = explicit.map(|it| it.text().unwrap_or("…"));
            if written.is_some() {
                kept.push(event.name.to_owned());
            }
            if has_it {
                self.report_format(event, endpoints);
                continue;
            }
            if explicit != written {
                self.result.remaining.push(changed_by_hand(name, event.name, handler, explicit));
                continue;
            }
            wanted.push(Wanted {
                event: event.name.to_owned(),
                route: route.clone(),
                authorizer,
                written: written.map(str::to_owned),
                is_own: own.iter().any(|(it, _)| it == event.name),
            });
        }
        (wanted, kept)
    }

    /// Reports an authorizer whose API expects an IAM policy with payload 2.0, for which the program has a simple
    /// response.
    fn report_format(&mut self, event: &ApiEvent<'_>, endpoints: &[Endpoint]) {
        let endpoint = endpoints.iter().find(|it| Some(route_of(it)) == event.route);
        let authorizer = endpoint.and_then(|it| it.authorizer.as_deref());
        let Some(ApiAuthorizer::Lambda(authorizer)) = authorizer else { return };
        if authorizer.payload_format == PayloadFormat::V1 || authorizer.simple_responses {
            return;
        }
        let remark = Remark {
            message: format!(
                "the authorizer `{}` does not have `EnableSimpleResponses`, which payload 2.0 needs",
                authorizer.name
            ),
            hint: "set `EnableSimpleResponses: true`, or `AuthorizerPayloadFormatVersion: '1.0'`"
                .to_owned(),
        };
        if !self.result.remarks.contains(&remark) {
            self.result.remarks.push(remark);
        }
    }

    /// Reports a route whose requests come from something that asks no authorizer.
    fn report_without_event(&mut self, route: &Route, handler: &str, endpoints: &[Endpoint]) {
        if endpoints.is_empty() {
            return;
        }
        let message = format!(
            "nothing asks the authorizer `{handler}` for `{route}` of `{}`, which no event leads to",
            self.routes.function
        );
        let hint = "without one the handler responds with `401`: add an API, or check the requests of a \
                    function URL with `wrap`";
        self.result.remarks.push(Remark { message, hint: hint.to_owned() });
    }

    /// Adds what the authorizer of an event needs: its function, and its entry in the API. Returns its name there;
    /// `None` if that is for the user to allow.
    fn ensure(
        &mut self,
        editor: &mut Editor,
        event: &str,
        authorizer: &CodeAuthorizer,
        changes: &mut Vec<AuthorizerChange>,
    ) -> std::result::Result<Option<String>, Refusal> {
        let CodeAuthorizer { handler, program, .. } = authorizer;
        let routes = self.routes;
        let name = &routes.function;
        let key = (*program, handler.clone());
        let known = authorizer.function.clone().or_else(|| self.functions.get(&key).cloned());
        let function = match known.as_ref().filter(|it| it.contains('/')) {
            Some(nested) => return Err(format!("`{nested}` is in a nested template")),
            None => known.clone().unwrap_or_else(|| free_resource(editor.root(), handler)),
        };
        let resource = editor.root().find(&["Resources", name]).ok_or("it is gone")?;
        let events = ApiEvent::list(resource);
        let event = events.iter().find(|it| it.name == event).ok_or("its event is gone")?;
        let kind = event.kind;
        let api = api_of(editor.root(), event)?;
        let in_api = name_in_api(editor.root(), &api, kind, &function);
        if let (Some(_), Some(in_api)) = (&known, &in_api) {
            return Ok(Some(in_api.clone()));
        }
        let api_name = api.get(1).cloned().unwrap_or_default();
        let authorizers: Vec<&str> =
            api.iter().map(String::as_str).chain(["Auth", "Authorizers"]).collect();
        let new_name = in_api.unwrap_or_else(|| {
            let is_free = |name: &String| !has_entry(editor.root(), &api, kind, name);
            numbered(&base_name(handler)).find(is_free).unwrap_or_default()
        });
        let of_api = match api.first().map(String::as_str) {
            Some("Globals") => format!("authorizer `{new_name}` of the {}", kind.name()),
            _ => format!("authorizer `{new_name}` of `{api_name}`"),
        };
        let setting = match resource.get("Properties") {
            Some(properties) if is_image(properties) => format!("Command: [{handler}]"),
            _ => format!("Handler: {handler}"),
        };
        let of_function = format!("function `{function}` with `{setting}`");
        let mut missing = vec![of_api.clone()];
        missing.extend(known.is_none().then(|| of_function.clone()));
        if !self.may_create {
            let new = missing.into_iter().filter(|it| !self.result.without_authorizer.contains(it));
            let new: Vec<_> = new.collect();
            self.result.without_authorizer.extend(new);
            return Ok(None);
        }
        if known.is_none() {
            let new = new_function(resource, editor.text(), handler)?;
            editor.append(&["Resources"], vec![(function.clone(), new)])?;
            changes.push(AuthorizerChange { change: "added", what: of_function });
            self.functions.insert(key, function.clone());
        }
        let is_json = editor.root().map().is_some_and(Map::is_json);
        let entry = entry(authorizer, kind, &function, is_json);
        editor.append(&authorizers, vec![(new_name.clone(), entry)])?;
        changes.push(AuthorizerChange { change: "added", what: of_api });
        Ok(Some(new_name))
    }
}

/// Lists the authorizers that the command gave to the events of a function.
pub(super) fn remembered(function: &Node) -> Vec<(String, String)> {
    let memory = function.find(&["Metadata", MEMORY]);
    let entries = memory.into_iter().flat_map(Node::entries);
    entries.filter_map(|(event, name)| Some((event.to_owned(), name.text()?.to_owned()))).collect()
}

fn is_function(resource: &Node) -> bool {
    resource.get("Type").and_then(Node::text) == Some(FUNCTION)
}

fn is_checked_by(
    endpoint: &Endpoint,
    function: Option<&str>,
    functions: &[crate::sam::TemplateFunction],
) -> bool {
    let Some(ApiAuthorizer::Lambda(authorizer)) = endpoint.authorizer.as_deref() else {
        return false;
    };
    let asked = functions.iter().find(|it| it.is_named(&authorizer.function));
    function.is_some() && asked.map(|it| it.name.as_str()) == function
}

fn changed_by_hand(function: &str, event: &str, handler: &str, now: Option<&str>) -> Remark {
    match now {
        Some(now) => Remark {
            message: format!(
                "`{event}` of `{function}` has the authorizer `{now}`, and the code has `{handler}`"
            ),
            hint: "remove `Authorizer` from the event to get the one of the code, or `auth` from the code"
                .to_owned(),
        },
        None => Remark {
            message: format!(
                "the authorizer of `{event}` of `{function}` was removed by hand, and the code has \
                 `{handler}`"
            ),
            hint: format!("remove `{event}` below `{MEMORY}` to get it back, or `auth` from the code"),
        },
    }
}

fn event_path<'p>(function: &'p str, event: &'p str) -> Vec<&'p str> {
    vec!["Resources", function, "Properties", "Events", event, "Properties"]
}

fn extended<'p>(path: &[&'p str], more: &[&'p str]) -> Vec<&'p str> {
    path.iter().chain(more).copied().collect()
}

/// Returns the path of the properties of the API of an event.
fn api_of(root: &Node, event: &ApiEvent<'_>) -> std::result::Result<Vec<String>, Refusal> {
    let Some(reference) = event.property(event.kind.reference()) else {
        return Ok(vec!["Globals".to_owned(), event.kind.event_type().to_owned()]);
    };
    let name = style::target(reference).filter(|name| {
        root.find(&["Resources", name]).and_then(EventKind::of_resource) == Some(event.kind)
    });
    match name {
        Some(name) => Ok(["Resources", name, "Properties"].map(str::to_owned).into()),
        None => Err(format!("the API of `{}` is not in this template", event.name)),
    }
}

/// The entries of the authorizers of an API, also those of all APIs of its kind.
fn entries<'n>(
    root: &'n Node,
    api: &[String],
    kind: EventKind,
) -> impl Iterator<Item = (&'n str, &'n Node)> + use<'n> {
    let own = api.iter().try_fold(root, |node, key| node.get(key));
    let of_all = root.find(&["Globals", kind.event_type()]);
    let all = own.into_iter().chain(of_all);
    all.filter_map(|api| api.find(&["Auth", "Authorizers"])).flat_map(Node::entries)
}

fn has_entry(root: &Node, api: &[String], kind: EventKind, name: &str) -> bool {
    entries(root, api, kind).any(|(other, _)| other == name)
}

/// Finds the authorizer of an API that invokes a function.
fn name_in_api(root: &Node, api: &[String], kind: EventKind, function: &str) -> Option<String> {
    let invokes =
        |entry: &Node| entry.get("FunctionArn").and_then(function_of) == Some(function.to_owned());
    let found = entries(root, api, kind).find(|(_, entry)| invokes(entry));
    found.map(|(name, _)| name.to_owned())
}

/// Returns the function in `!GetAtt Name.Arn`, in its long form, or in `!Sub '${Name.Arn}'`.
fn function_of(arn: &Node) -> Option<String> {
    if let Some(long) = arn.get("Fn::GetAtt") {
        return match &long.value {
            Value::List(items) => items.first()?.text().map(str::to_owned),
            _ => long.text()?.split('.').next().map(str::to_owned),
        };
    }
    let Value::Scalar { text, .. } = &arn.get("Fn::Sub").unwrap_or(arn).value else { return None };
    let text = text.strip_prefix("${").and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    text.split('.').next().map(str::to_owned)
}

/// Returns a name for the function of a handler: `CheckFunction`.
pub(super) fn free_resource(root: &Node, handler: &str) -> String {
    let is_free = |name: &String| root.find(&["Resources", name]).is_none();
    numbered(&format!("{}Function", base_name(handler))).find(is_free).unwrap_or_default()
}

/// `Check`, `Check2`, …
fn numbered(name: &str) -> impl Iterator<Item = String> {
    let name = name.to_owned();
    let others = name.clone();
    std::iter::once(name).chain((2..).map(move |number| format!("{others}{number}")))
}

/// Makes the function of a handler after another function: the same program, with the same settings.
pub(super) fn new_function(
    like: &Node,
    text: &str,
    handler: &str,
) -> std::result::Result<NewValue, Refusal> {
    let properties = like.get("Properties").ok_or("it has no `Properties`")?;
    let copy = |key: &str, node: &Node| {
        let value = NewValue::copy(node, text);
        let value = value.ok_or_else(|| format!("`{key}` cannot be copied for `{handler}`"))?;
        Ok::<_, Refusal>((key.to_owned(), value))
    };
    let mut new = Vec::new();
    for (key, node) in like.entries() {
        match key {
            "Properties" => {
                let copied = properties.entries();
                let copied =
                    copied.filter(|(key, _)| !NOT_COPIED.contains(key) && !SETTINGS.contains(key));
                let mut all: Vec<_> = copied
                    .map(|(key, node)| copy(key, node))
                    .collect::<std::result::Result<_, _>>()?;
                if is_image(properties) {
                    let settings = properties.get("ImageConfig");
                    let settings = settings.into_iter().flat_map(Node::entries);
                    let settings = settings.filter(|(key, _)| *key != "Command");
                    let mut settings: Vec<_> = settings
                        .map(|(key, node)| copy(key, node))
                        .collect::<std::result::Result<_, _>>()?;
                    settings.push(("Command".to_owned(), command(handler)));
                    all.push(("ImageConfig".to_owned(), NewValue::Map(settings)));
                } else {
                    let at = usize::from(all.first().is_some_and(|(key, _)| key == "CodeUri"));
                    all.insert(at, ("Handler".to_owned(), NewValue::text(handler)));
                }
                new.push((key.to_owned(), NewValue::Map(all)));
            }
            "Metadata" => {
                let is_memory = |key: &str| key == MEMORY || key == events::MEMORY;
                let copied = node.entries().filter(|(key, _)| !is_memory(key));
                let copied: Vec<_> = copied
                    .map(|(key, node)| copy(key, node))
                    .collect::<std::result::Result<_, _>>()?;
                new.extend((!copied.is_empty()).then(|| (key.to_owned(), NewValue::Map(copied))));
            }
            _ => new.push(copy(key, node)?),
        }
    }
    Ok(NewValue::Map(new))
}

/// Checks whether a function with these properties is an image, whose `Command` takes the place of `Handler`.
pub(super) fn is_image(properties: &Node) -> bool {
    properties.get("PackageType").and_then(Node::text) == Some("Image")
}

/// Makes the `Command` of an image that chooses a handler.
pub(super) fn command(handler: &str) -> NewValue {
    NewValue::List(vec![NewValue::text(handler)])
}

/// Makes the entry of an authorizer in its API.
fn entry(authorizer: &CodeAuthorizer, kind: EventKind, function: &str, is_json: bool) -> NewValue {
    let text = |text: &str| NewValue::text(text);
    let yes = || NewValue::Source("true".to_owned());
    let arn = if is_json {
        NewValue::Map(vec![(
            "Fn::GetAtt".to_owned(),
            NewValue::List(vec![text(function), text("Arn")]),
        )])
    } else {
        NewValue::Source(format!("!GetAtt {function}.Arn"))
    };
    let mut entry = vec![("FunctionArn", arn)];
    match kind {
        EventKind::Http => entry.extend([
            ("AuthorizerPayloadFormatVersion", text("2.0")),
            ("EnableSimpleResponses", yes()),
            // Else API Gateway may not invoke the function.
            ("EnableFunctionDefaultPermissions", yes()),
        ]),
        EventKind::Rest => entry.push(("FunctionPayloadType", text("REQUEST"))),
    }
    let CodeAuthorizer { headers, queries, is_cacheable, .. } = authorizer;
    let list = |names: &[String]| NewValue::List(names.iter().map(|name| text(name)).collect());
    let mut identity = Vec::new();
    if !headers.is_empty() {
        identity.push(("Headers".to_owned(), list(headers)));
    }
    if !queries.is_empty() {
        identity.push(("QueryStrings".to_owned(), list(queries)));
    }
    if !is_cacheable {
        identity.push(("ReauthorizeEvery".to_owned(), NewValue::Source("0".to_owned())));
    }
    if !identity.is_empty() {
        entry.push(("Identity", NewValue::Map(identity)));
    }
    NewValue::Map(entry.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}
