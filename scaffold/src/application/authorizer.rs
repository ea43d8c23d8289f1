//! Who says whether a request may reach a function: authorizers, and the routes that have them.

use std::collections::BTreeMap;
use std::sync::Arc;

use regex::Regex;

use super::definition;
use super::document::Node;
use super::problem::{Notes, Problem, Read};
use super::{Api, Kind, Payload};

/// Who says whether a request may reach a function.
#[derive(Clone, Debug)]
pub(crate) enum Authorizer {
    /// A function, which is asked for each request.
    Lambda(LambdaAuthorizer),
    /// One that only AWS can ask.
    Remote {
        /// `JWT`, `Cognito`, `IAM` or `Lambda`.
        kind: &'static str,
        /// Its name in the template; `AWS_IAM` has no other.
        name: String,
    },
}

/// A function that says whether a request may reach another.
#[derive(Clone, Debug)]
pub(crate) struct LambdaAuthorizer {
    /// Its name in the template.
    pub(crate) name: String,
    /// The function, as clients of Lambda call it.
    pub(crate) function: String,
    /// Whether it gets no more than the value of its one header.
    pub(crate) is_token: bool,
    /// What a request must have for it to be asked.
    pub(crate) identity: Vec<Identity>,
    /// What a token must begin with.
    pub(crate) validation: Option<Regex>,
    /// The form of its events.
    pub(crate) payload: Payload,
    /// Whether it answers with `isAuthorized` in place of a policy.
    pub(crate) is_simple: bool,
}

/// A part of a request that tells who the caller is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    Header(String),
    Query(String),
    /// A field of the event's `requestContext`.
    Context(String),
    StageVariable(String),
}

impl Identity {
    /// `method.request.header.Authorization`, or `$request.header.Authorization` in HTTP APIs.
    fn parse(source: &str) -> Option<Self> {
        let source = source.trim();
        let source = source.strip_prefix("method.").unwrap_or(source);
        let source = source.strip_prefix('$').unwrap_or(source);
        let (place, name) = source.strip_prefix("request.").unwrap_or(source).split_once('.')?;
        let name = name.to_owned();
        match place {
            "header" => Some(Self::Header(name)),
            "querystring" => Some(Self::Query(name)),
            "context" => Some(Self::Context(name)),
            "stageVariables" => Some(Self::StageVariable(name)),
            _ => None,
        }
    }
}

/// What an API says of its callers.
pub(super) struct Auth {
    authorizers: BTreeMap<String, Arc<Authorizer>>,
    /// The authorizer of routes that name none.
    default: Option<Arc<Authorizer>>,
}

/// The name of the authorizer that every API has.
const IAM: &str = "AWS_IAM";

impl Auth {
    /// Reads what the properties of an API say, and its own definition in them.
    pub(super) fn read(api: &Api, properties: &Node, notes: &mut Notes) -> Self {
        let kind = api.kind;
        let mut authorizers = BTreeMap::new();
        let iam = Authorizer::Remote { kind: "IAM", name: IAM.to_owned() };
        authorizers.insert(IAM.to_owned(), Arc::new(iam));
        let own = properties.find(&["Auth", "Authorizers"]).map(Node::entries);
        for (name, authorizer) in own.unwrap_or_default() {
            let authorizer = listed(kind, name, authorizer, notes).map(Some);
            let authorizer = notes.keep(authorizer);
            authorizers.extend(authorizer.map(|it| (name.clone(), Arc::new(it))));
        }
        for (name, scheme) in definition::security_schemes(properties) {
            let authorizer = defined(kind, name, scheme, notes);
            let authorizer = notes.keep(authorizer);
            authorizers.extend(authorizer.map(|it| (name.clone(), Arc::new(it))));
        }
        let mut auth = Self { authorizers, default: None };
        auth.default = match properties.find(&["Auth", "DefaultAuthorizer"]) {
            Some(name) => notes.keep(auth.named("DefaultAuthorizer", name, &api.name)),
            None => definition::default_security(properties)
                .and_then(|name| auth.authorizers.get(name).cloned()),
        };
        auth
    }

    fn named(&self, property: &str, name: &Node, api: &str) -> Read<Option<Arc<Authorizer>>> {
        let text = name.text().unwrap_or("…");
        match self.authorizers.get(text) {
            Some(authorizer) => Ok(Some(Arc::clone(authorizer))),
            None if text == "NONE" => Ok(None),
            None => {
                let message = format!("`{property}` is `{text}`, which `{api}` does not have");
                let hint = "name one that is under its `Auth: Authorizers`, `AWS_IAM` or `NONE`";
                Err(Problem::at(name.line, message).hint(hint))
            }
        }
    }

    /// The authorizer of the route of an event, whose properties these are.
    pub(super) fn of_event(&self, api: &str, event: &Node) -> Read<Option<Arc<Authorizer>>> {
        match event.find(&["Auth", "Authorizer"]) {
            Some(name) => self.named("Authorizer", name, api),
            None => Ok(self.default.clone()),
        }
    }

    /// The authorizer of an operation in the API's own definition.
    pub(super) fn of_operation(&self, operation: &Node) -> Option<Arc<Authorizer>> {
        if operation
            .find(&["x-amazon-apigateway-auth", "type"])
            .and_then(Node::text)
            .is_some_and(|kind| kind.eq_ignore_ascii_case(IAM))
        {
            return self.authorizers.get(IAM).cloned();
        }
        match operation.get("security") {
            None => self.default.clone(),
            Some(security) => self.authorizers.get(definition::first_scheme(security)?).cloned(),
        }
    }
}

/// The authorizer of a function URL that only callers with AWS credentials reach.
pub(super) fn of_function_url(url: &Node) -> Option<Arc<Authorizer>> {
    let is_iam = url.text_of("AuthType") == Some(IAM);
    is_iam.then(|| Arc::new(Authorizer::Remote { kind: "IAM", name: IAM.to_owned() }))
}

/// Reads an authorizer as SAM lists them.
fn listed(kind: Kind, name: &str, authorizer: &Node, notes: &mut Notes) -> Read<Authorizer> {
    let remote = |kind| Ok(Authorizer::Remote { kind, name: name.to_owned() });
    if authorizer.get("UserPoolArn").is_some() {
        return remote("Cognito");
    }
    let Some(arn) = authorizer.get("FunctionArn") else { return remote("JWT") };
    let Some(function) = arn.text().and_then(definition::function) else {
        return remote("Lambda");
    };
    let is_token =
        kind == Kind::Rest && authorizer.text_of("FunctionPayloadType") != Some("REQUEST");
    let identity = |name: &str| authorizer.find(&["Identity", name]);
    let identity = if is_token {
        let header = identity("Header").and_then(Node::text).unwrap_or("Authorization");
        vec![Identity::Header(header.to_owned())]
    } else {
        let all = |name: &str, source: fn(String) -> Identity| {
            identity(name).map(Node::texts).unwrap_or_default().into_iter().map(source)
        };
        all("Headers", Identity::Header)
            .chain(all("QueryStrings", Identity::Query))
            .chain(all("Context", Identity::Context))
            .chain(all("StageVariables", Identity::StageVariable))
            .collect()
    };
    let validation = authorizer.find(&["Identity", "ValidationExpression"]);
    Ok(Authorizer::Lambda(LambdaAuthorizer {
        name: name.to_owned(),
        function: function.to_owned(),
        is_token,
        identity,
        validation: validation.filter(|_| is_token).and_then(|it| expression(it, notes)),
        payload: payload(kind, name, authorizer, "AuthorizerPayloadFormatVersion")?,
        is_simple: is_simple(authorizer.text_of("EnableSimpleResponses")),
    }))
}

/// Reads an authorizer in an API's own definition, where this scheme is one.
fn defined(kind: Kind, name: &str, scheme: &Node, notes: &mut Notes) -> Read<Option<Authorizer>> {
    let remote = |kind| Ok(Some(Authorizer::Remote { kind, name: name.to_owned() }));
    if scheme.text_of("x-amazon-apigateway-authtype") == Some("awsSigv4") {
        return remote("IAM");
    }
    let Some(authorizer) = scheme.get("x-amazon-apigateway-authorizer") else { return Ok(None) };
    let is_token = match authorizer.text_of("type").map(str::to_ascii_lowercase).as_deref() {
        Some("cognito_user_pools") => return remote("Cognito"),
        Some("token") if kind == Kind::Rest => true,
        Some("request") => false,
        _ => return remote("JWT"),
    };
    let uri = authorizer.text_of("authorizerUri");
    let Some(function) = uri.and_then(definition::function) else { return remote("Lambda") };
    let sources = authorizer.get("identitySource");
    let identity = if is_token && sources.is_none() {
        let header = scheme.text_of("name").unwrap_or("Authorization");
        vec![Identity::Header(header.to_owned())]
    } else {
        let texts = sources.map(Node::texts).unwrap_or_default();
        let all = texts.iter().flat_map(|text| text.split(',')).filter(|it| !it.trim().is_empty());
        let line = sources.map_or(authorizer.line, |sources| sources.line);
        all.map(|source| {
            let message = || format!("`identitySource` of `{name}` has `{source}` in it");
            Identity::parse(source).ok_or_else(|| Problem::at(line, message()))
        })
        .collect::<Read<_>>()?
    };
    let validation = authorizer.get("identityValidationExpression");
    Ok(Some(Authorizer::Lambda(LambdaAuthorizer {
        name: name.to_owned(),
        function: function.to_owned(),
        is_token,
        identity,
        validation: validation.filter(|_| is_token).and_then(|it| expression(it, notes)),
        payload: payload(kind, name, authorizer, "authorizerPayloadFormatVersion")?,
        is_simple: is_simple(authorizer.text_of("enableSimpleResponses")),
    })))
}

fn is_simple(text: Option<&str>) -> bool {
    matches!(text, Some("true" | "True"))
}

/// An HTTP API has no default for it.
fn payload(kind: Kind, name: &str, authorizer: &Node, property: &str) -> Read<Payload> {
    let version = authorizer.get(property);
    match version.and_then(Node::text) {
        _ if kind == Kind::Rest => Ok(Payload::V1),
        Some("1.0") => Ok(Payload::V1),
        Some("2.0") => Ok(Payload::V2),
        _ => Err(Problem::at(
            version.unwrap_or(authorizer).line,
            format!("`{property}` of `{name}` is neither `1.0` nor `2.0`"),
        )),
    }
}

fn expression(node: &Node, notes: &mut Notes) -> Option<Regex> {
    let text = node.text().unwrap_or_default();
    let expression = Regex::new(&format!("^(?:{text})"));
    if expression.is_err() {
        let message = format!("tokens are not checked here to be like `{text}`");
        let hint = "an expression without look-around is checked";
        notes.warn(Problem::at(node.line, message).hint(hint));
    }
    expression.ok()
}
