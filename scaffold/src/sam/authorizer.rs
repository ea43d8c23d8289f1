//! Reads the authorizers of an API, and which of them each route has.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::Method;
use regex::Regex;

use super::arn;
use super::diagnostics::{Diagnostic, Diagnostics, ReadResult};
use super::model::{
    Api, ApiAuthorizer, ApiKind, IdentitySource, JwtAuthorizer, LambdaAuthorizer, PayloadFormat,
};
use super::openapi;
use super::yaml::{NULL, Node, NodeValue};

/// The authorizers of an API.
pub(super) struct Authorizers {
    kind: ApiKind,
    by_name: BTreeMap<String, Arc<ApiAuthorizer>>,
    /// `DefaultAuthorizer`, which SAM adds to the routes that do not name one.
    default: Option<Arc<ApiAuthorizer>>,
    /// The authorizer in the definition's own `security`.
    of_definition: Option<Arc<ApiAuthorizer>>,
    /// `AddDefaultAuthorizerToCorsPreflight`.
    on_preflight: bool,
}

/// The name of the authorizer that every API has.
const IAM: &str = "AWS_IAM";

impl Authorizers {
    /// Reads the authorizers in the properties of an API, and in its own definition. In `exact`, unknown values
    /// are not replaced.
    pub(super) fn read(
        api: &Api,
        properties: &Node,
        exact: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut by_name = BTreeMap::from([(IAM.to_owned(), Arc::new(iam()))]);
        let own = properties.find(&["Auth", "Authorizers"]).map(Node::entries);
        for (name, authorizer) in own.unwrap_or_default() {
            let exact = exact.find(&["Auth", "Authorizers", name, "JwtConfiguration"]);
            let authorizer = in_properties(api.kind, name, authorizer, diagnostics);
            let authorizer = diagnostics.recover(authorizer.map(|it| Some(with_known(it, exact))));
            by_name.extend(authorizer.map(|it| (name.clone(), Arc::new(it))));
        }
        for (name, scheme) in openapi::security_schemes(properties) {
            let path = ["components", "securitySchemes", name, "x-amazon-apigateway-authorizer"];
            let exact =
                ["DefinitionBody", "Body"].iter().find_map(|body| exact.get(body)?.find(&path));
            let exact = exact.and_then(|authorizer| authorizer.get("jwtConfiguration"));
            let authorizer = in_definition(api.kind, name, scheme, diagnostics);
            let authorizer = authorizer.map(|it| it.map(|it| with_known(it, exact)));
            let authorizer = diagnostics.recover(authorizer);
            by_name.extend(authorizer.map(|it| (name.clone(), Arc::new(it))));
        }
        let on_preflight =
            properties.find(&["Auth", "AddDefaultAuthorizerToCorsPreflight"]).and_then(Node::text);
        let mut authorizers = Self {
            kind: api.kind,
            by_name,
            default: None,
            of_definition: None,
            on_preflight: on_preflight != Some("false"),
        };
        if let Some(name) = properties.find(&["Auth", "DefaultAuthorizer"]) {
            let default = authorizers.find("DefaultAuthorizer", name, &api.name);
            authorizers.default = diagnostics.recover(default);
        }
        authorizers.of_definition =
            openapi::security(properties).and_then(|security| authorizers.first_in(security));
        authorizers
    }

    /// Returns the first authorizer that a list such as `[{api_key: [], Name: []}]` names. API Gateway
    /// takes one beside an API key.
    fn first_in(&self, security: &Node) -> Option<Arc<ApiAuthorizer>> {
        let schemes = security.items().iter().flat_map(Node::entries);
        schemes.into_iter().find_map(|(name, scopes)| {
            let authorizer = self.by_name.get(name)?;
            Some(with_scopes(authorizer, Some(scopes)))
        })
    }

    /// Returns the authorizer of routes that do not name one. SAM leaves out the `OPTIONS` routes of HTTP
    /// APIs.
    pub(super) fn default_of(&self, method: Option<&Method>) -> Option<Arc<ApiAuthorizer>> {
        let applies = match self.kind {
            _ if method != Some(&Method::OPTIONS) => true,
            ApiKind::Rest => self.on_preflight,
            _ => false,
        };
        let default = self.default.as_ref().filter(|_| applies);
        default.or(self.of_definition.as_ref()).cloned()
    }

    fn find(
        &self,
        property: &str,
        name: &Node,
        api: &str,
    ) -> ReadResult<Option<Arc<ApiAuthorizer>>> {
        let text = name.text().unwrap_or("…");
        match self.by_name.get(text) {
            Some(authorizer) => Ok(Some(Arc::clone(authorizer))),
            None if text == "NONE" => Ok(None),
            None => {
                let message =
                    format!("`{property}` is `{text}`, which is not an authorizer of `{api}`");
                let hint = "name one of its `Auth: Authorizers`, `AWS_IAM` or `NONE`";
                Err(Diagnostic::new(name.line, message).hint(hint))
            }
        }
    }

    /// Returns the authorizer of the route of an event, whose properties these are.
    pub(super) fn of_event(
        &self,
        api: &str,
        method: Option<&Method>,
        event: &Node,
    ) -> ReadResult<Option<Arc<ApiAuthorizer>>> {
        let authorizer = match event.find(&["Auth", "Authorizer"]) {
            Some(name) => self.find("Authorizer", name, api)?,
            None => self.default_of(method),
        };
        let scopes = event.find(&["Auth", "AuthorizationScopes"]);
        Ok(authorizer.map(|authorizer| with_scopes(&authorizer, scopes)))
    }

    /// Returns the authorizer of an operation in the API's own definition.
    pub(super) fn of_operation(
        &self,
        method: Option<&Method>,
        operation: &Node,
    ) -> Option<Arc<ApiAuthorizer>> {
        if operation
            .find(&["x-amazon-apigateway-auth", "type"])
            .and_then(Node::text)
            .is_some_and(|kind| kind.eq_ignore_ascii_case(IAM))
        {
            return self.by_name.get(IAM).cloned();
        }
        let Some(security) = operation.get("security") else { return self.default_of(method) };
        let own = self.first_in(security);
        if own.is_some() || openapi::scheme_names(security).any(|name| name == "NONE") {
            return own;
        }
        // SAM adds the default to a REST API's operations without an authorizer, such as those with
        // nothing but an API key, and to an HTTP API's operations without any security.
        let is_open = self.kind == ApiKind::Rest || security.items().is_empty();
        self.default.as_ref().filter(|_| is_open).and_then(|_| self.default_of(method))
    }
}

/// Returns an authorizer with the scopes of a route, which replace its own.
fn with_scopes(authorizer: &Arc<ApiAuthorizer>, scopes: Option<&Node>) -> Arc<ApiAuthorizer> {
    let scopes = scopes.map(Node::texts).filter(|scopes| !scopes.is_empty());
    match (&**authorizer, scopes) {
        (ApiAuthorizer::Jwt(jwt), Some(scopes)) => {
            Arc::new(ApiAuthorizer::Jwt(JwtAuthorizer { scopes, ..jwt.clone() }))
        }
        _ => Arc::clone(authorizer),
    }
}

/// Leaves out what is unknown of the configuration of an authorizer that checks tokens.
fn with_known(mut authorizer: ApiAuthorizer, exact: Option<&Node>) -> ApiAuthorizer {
    if let (ApiAuthorizer::Jwt(jwt), Some(exact)) = (&mut authorizer, exact) {
        jwt.issuer = exact.text_of("issuer").map(str::to_owned);
        let audience = exact.get("audience");
        let is_unknown = |node: &Node| matches!(node.value, NodeValue::Unknown(_));
        let audience = audience.filter(|it| !is_unknown(it) && !it.items().iter().any(is_unknown));
        jwt.audience = audience.map(Node::texts);
    }
    authorizer
}

/// Reads an authorizer that checks tokens. Only HTTP APIs have them in SAM.
fn jwt(
    kind: ApiKind,
    name: &str,
    authorizer: &Node,
    [configuration, source, scopes]: [&str; 3],
) -> ApiAuthorizer {
    if kind != ApiKind::Http {
        return ApiAuthorizer::Remote { kind: "JWT", name: name.to_owned() };
    }
    let configuration = authorizer.get(configuration).unwrap_or(&NULL);
    let source = authorizer.text_of(source).and_then(identity_source);
    ApiAuthorizer::Jwt(JwtAuthorizer {
        name: name.to_owned(),
        identity_source: source
            .unwrap_or_else(|| IdentitySource::Header("Authorization".to_owned())),
        issuer: configuration.text_of("issuer").map(str::to_owned),
        audience: configuration.get("audience").map(Node::texts),
        scopes: authorizer.texts_of(scopes),
    })
}

/// Returns the authorizer of a function URL, if it needs AWS credentials.
pub(super) fn of_function_url(url: &Node) -> Option<Arc<ApiAuthorizer>> {
    (url.text_of("AuthType") == Some(IAM)).then(|| Arc::new(iam()))
}

fn iam() -> ApiAuthorizer {
    ApiAuthorizer::Remote { kind: "IAM", name: IAM.to_owned() }
}

/// Reads an authorizer under `Auth: Authorizers`.
fn in_properties(
    kind: ApiKind,
    name: &str,
    authorizer: &Node,
    diagnostics: &mut Diagnostics,
) -> ReadResult<ApiAuthorizer> {
    let remote = |kind| Ok(ApiAuthorizer::Remote { kind, name: name.to_owned() });
    if authorizer.get("UserPoolArn").is_some() {
        return remote("Cognito");
    }
    let Some(arn) = authorizer.get("FunctionArn") else {
        let names = ["JwtConfiguration", "IdentitySource", "AuthorizationScopes"];
        return Ok(jwt(kind, name, authorizer, names));
    };
    let Some(function) = arn.text().and_then(arn::function_name) else {
        return remote("Lambda");
    };
    let is_token =
        kind == ApiKind::Rest && authorizer.text_of("FunctionPayloadType") != Some("REQUEST");
    let identity = authorizer.get("Identity").unwrap_or(&NULL);
    let identity_sources = if is_token {
        let header = identity.text_of("Header").unwrap_or("Authorization");
        vec![IdentitySource::Header(header.to_owned())]
    } else {
        let all = |name, source: fn(String) -> IdentitySource| {
            identity.texts_of(name).into_iter().map(source)
        };
        all("Headers", IdentitySource::Header)
            .chain(all("QueryStrings", IdentitySource::Query))
            .chain(all("Context", IdentitySource::Context))
            .chain(all("StageVariables", IdentitySource::StageVariable))
            .collect()
    };
    let validation = identity.get("ValidationExpression").filter(|_| is_token);
    Ok(ApiAuthorizer::Lambda(LambdaAuthorizer {
        name: name.to_owned(),
        function: function.to_owned(),
        is_token,
        identity_sources,
        validation: validation.and_then(|it| expression(it, diagnostics)),
        payload_format: payload_format(kind, name, authorizer, "AuthorizerPayloadFormatVersion")?,
        simple_responses: authorizer.is_true("EnableSimpleResponses"),
    }))
}

/// Reads a security scheme of an API's own definition, if it is an authorizer.
fn in_definition(
    kind: ApiKind,
    name: &str,
    scheme: &Node,
    diagnostics: &mut Diagnostics,
) -> ReadResult<Option<ApiAuthorizer>> {
    let remote = |kind| Ok(Some(ApiAuthorizer::Remote { kind, name: name.to_owned() }));
    if scheme.text_of("x-amazon-apigateway-authtype") == Some("awsSigv4") {
        return remote("IAM");
    }
    let Some(authorizer) = scheme.get("x-amazon-apigateway-authorizer") else { return Ok(None) };
    let is_token = match authorizer.text_of("type").map(str::to_ascii_lowercase).as_deref() {
        Some("cognito_user_pools") => return remote("Cognito"),
        Some("token") if kind == ApiKind::Rest => true,
        Some("request") => false,
        _ => {
            let names = ["jwtConfiguration", "identitySource", "authorizationScopes"];
            return Ok(Some(jwt(kind, name, authorizer, names)));
        }
    };
    let uri = authorizer.text_of("authorizerUri");
    let Some(function) = uri.and_then(arn::function_name) else { return remote("Lambda") };
    let sources = authorizer.get("identitySource");
    let identity_sources = if is_token && sources.is_none() {
        let header = scheme.text_of("name").unwrap_or("Authorization");
        vec![IdentitySource::Header(header.to_owned())]
    } else {
        let texts = sources.map(Node::texts).unwrap_or_default();
        let all = texts.iter().flat_map(|text| text.split(',')).filter(|it| !it.trim().is_empty());
        let line = sources.map_or(authorizer.line, |sources| sources.line);
        all.map(|source| {
            let source = source.trim();
            let message = || format!("invalid `{source}` in `identitySource` of `{name}`");
            identity_source(source).ok_or_else(|| Diagnostic::new(line, message()))
        })
        .collect::<ReadResult<_>>()?
    };
    let validation = authorizer.get("identityValidationExpression").filter(|_| is_token);
    Ok(Some(ApiAuthorizer::Lambda(LambdaAuthorizer {
        name: name.to_owned(),
        function: function.to_owned(),
        is_token,
        identity_sources,
        validation: validation.and_then(|it| expression(it, diagnostics)),
        payload_format: payload_format(kind, name, authorizer, "authorizerPayloadFormatVersion")?,
        simple_responses: authorizer.is_true("enableSimpleResponses"),
    })))
}

/// Parses `method.request.header.Authorization`, or `$request.header.Authorization` as HTTP APIs
/// write it.
fn identity_source(text: &str) -> Option<IdentitySource> {
    let text = text.strip_prefix("method.").unwrap_or(text);
    let text = text.strip_prefix('$').unwrap_or(text);
    let (part, name) = text.strip_prefix("request.").unwrap_or(text).split_once('.')?;
    let source = match part {
        "header" => IdentitySource::Header,
        "querystring" => IdentitySource::Query,
        "context" => IdentitySource::Context,
        "stageVariables" => IdentitySource::StageVariable,
        _ => return None,
    };
    Some(source(name.to_owned()))
}

/// Reads the payload format version, which has no default in an HTTP API.
fn payload_format(
    kind: ApiKind,
    name: &str,
    authorizer: &Node,
    property: &str,
) -> ReadResult<PayloadFormat> {
    match authorizer.text_of(property) {
        _ if kind == ApiKind::Rest => Ok(PayloadFormat::V1),
        Some("1.0") => Ok(PayloadFormat::V1),
        Some("2.0") => Ok(PayloadFormat::V2),
        _ => Err(Diagnostic::new(
            authorizer.get(property).unwrap_or(authorizer).line,
            format!("`{property}` of `{name}` must be `1.0` or `2.0`"),
        )),
    }
}

fn expression(node: &Node, diagnostics: &mut Diagnostics) -> Option<Regex> {
    let text = node.text().unwrap_or_default();
    let expression = Regex::new(&format!("^(?:{text})"));
    if expression.is_err() {
        let message = format!("tokens are not validated locally with `{text}`");
        let hint = "look-around is not supported in expressions; AWS validates the tokens";
        diagnostics.warn(Diagnostic::new(node.line, message).hint(hint));
    }
    expression.ok()
}
