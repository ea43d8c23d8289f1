//! The settings of a deployment: those of the template, and the flags that override them.

use std::collections::BTreeMap;

use super::project::Project;
use crate::artifact::HandlerSignature;
use crate::aws::{self, Architecture, BOOTSTRAP};
use crate::cli::{DirectSettingArgs, Logging, Switch, UrlAuth};
use crate::sam::{ApiKind, Cors, Endpoint, PayloadFormat, SamPart, TemplateFunction};
use crate::sync::Route;
use crate::term::error::{Error, Result};
use crate::term::{message, quote};

/// A function as a deployment makes it. An absent setting stays as it is on AWS.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Its name on AWS.
    pub(crate) name: String,
    pub(crate) architecture: Architecture,
    pub(crate) is_image: bool,
    pub(crate) runtime: Option<String>,
    pub(crate) handler: Option<String>,
    /// The ARN of the execution role.
    pub(crate) role: Option<String>,
    pub(crate) memory_mb: Option<u32>,
    pub(crate) timeout: Option<u32>,
    pub(crate) ephemeral_storage_mb: Option<u32>,
    pub(crate) description: Option<String>,
    pub(crate) variables: BTreeMap<String, String>,
    /// The function gets no other variables; otherwise it keeps those that it has.
    pub(crate) only_these_variables: bool,
    pub(crate) logging: BTreeMap<String, String>,
    pub(crate) tracing: Option<bool>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) alias: Option<String>,
    pub(crate) endpoints: Endpoints,
}

/// The endpoints of a function.
#[derive(Debug, Default)]
pub(crate) struct Endpoints {
    pub(crate) url: Option<UrlSettings>,
    pub(crate) api: Option<ApiSettings>,
    /// Neither the template nor a flag mentions endpoints: those on AWS stay.
    pub(crate) keep: bool,
}

/// A function URL.
#[derive(Debug)]
pub(crate) struct UrlSettings {
    pub(crate) auth: UrlAuth,
    /// `InvokeMode: RESPONSE_STREAM`.
    pub(crate) stream: bool,
    pub(crate) cors: Option<Cors>,
}

/// An HTTP API.
#[derive(Debug, Default)]
pub(crate) struct ApiSettings {
    /// The route keys, such as `GET /orders/{id}`. Without any, those of the program are used.
    pub(crate) routes: Vec<(String, PayloadFormat)>,
    pub(crate) cors: Option<Cors>,
}

impl Settings {
    /// Decides the settings of the function of a project.
    pub(crate) fn resolve(
        project: &Project,
        flags: DirectSettingArgs,
        architecture: Architecture,
    ) -> Result<Self> {
        let function = &project.function;
        let mut own = function.deployment.clone();
        let endpoints = endpoints(project.has_template, function, &flags)?;
        let given = flags.env.iter().map(|it| parse_variable(it)).collect::<Result<_>>()?;
        check_parts(function, &flags)?;
        check_variables(function, &given)?;
        warn_about_others(&project.others);
        if let Some(format) = flags.log_format {
            own.logging.insert("LogFormat".to_owned(), format.name().to_owned());
        }
        let mut variables = function.environment.clone();
        // The runtime sets them from the logging configuration.
        variables.retain(|name, _| !name.starts_with("AWS_LAMBDA_LOG_"));
        variables.extend::<BTreeMap<_, _>>(given);
        let name = flags.function_name.or_else(|| function.function_name.clone());
        Ok(Self {
            name: check_name(name.unwrap_or_else(|| project.default_name.clone()))?,
            architecture,
            is_image: flags.image || function.is_image,
            runtime: own.runtime,
            handler: flags.handler.or_else(|| function.handler.clone()),
            role: flags.role.or(own.role),
            memory_mb: flags.memory.or(own.memory_mb),
            timeout: flags.timeout.or(own.timeout),
            ephemeral_storage_mb: own.ephemeral_storage_mb,
            description: own.description,
            variables,
            only_these_variables: own.has_environment,
            logging: own.logging,
            tracing: flags.tracing.map(|it| it == Switch::On).or(own.tracing),
            tags: own.tags,
            alias: flags.alias.or(own.alias),
            endpoints,
        })
    }

    /// Completes the settings with what the executable says: its handlers and their routes.
    pub(crate) fn complete(&mut self, handlers: &[HandlerSignature]) -> Result<()> {
        let mut names: Vec<&str> = handlers.iter().map(|handler| handler.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let has_routes = handlers.iter().any(|handler| !handler.routes.is_empty());
        if self.handler.is_none() && names.len() > 1 && !has_routes {
            let names = quote::list_quoted(&names, "and");
            return Err(Error::new(format!("the program has several handlers: {names}"))
                .hint("choose one with `--handler NAME`"));
        }
        let chosen = |handler: &&HandlerSignature| match self.handler.as_deref() {
            None | Some(BOOTSTRAP) => true,
            Some(name) => handler.name == name.rsplit('.').next().unwrap_or(name),
        };
        let named: Vec<&HandlerSignature> = handlers.iter().filter(chosen).collect();
        if self.endpoints.keep && named.iter().any(|handler| handler.kind == "http") {
            message::warn_with_hint(
                &format!("`{}` handles HTTP requests, and gets no endpoint", self.name),
                "pass `--url` for a public function URL, or `--http-api` for an HTTP API",
            );
        }
        if let Some(api) = self.endpoints.api.as_mut().filter(|api| api.routes.is_empty()) {
            let mut keys: Vec<String> = named
                .iter()
                .flat_map(|handler| &handler.routes)
                .map(|route| Route::new(&route.method, &route.path).to_string())
                .collect();
            keys.sort();
            keys.dedup();
            if keys.is_empty() {
                keys.push("$default".to_owned());
            }
            api.routes = keys.into_iter().map(|key| (key, PayloadFormat::V2)).collect();
        }
        Ok(())
    }
}

/// Checks a name as Lambda does.
fn check_name(name: String) -> Result<String> {
    let is_part = |c: char| c == '-' || c == '_' || c.is_ascii_alphanumeric();
    if !name.is_empty() && name.len() <= 64 && name.chars().all(is_part) {
        return Ok(name);
    }
    Err(Error::new(format!("`{name}` is not a valid name for a function"))
        .hint("use up to 64 letters, digits, `-` and `_`, with `--function-name NAME`")
        .usage())
}

/// Parses a variable such as `TABLE=orders`.
fn parse_variable(text: &str) -> Result<(String, String)> {
    let Some((name, value)) = text.split_once('=') else {
        return Err(Error::new(format!("`--env {text}` has no value"))
            .hint(format!("write `--env {text}=VALUE`"))
            .usage());
    };
    if aws::is_reserved_variable(name) {
        return Err(Error::new(format!("`--env`: Lambda reserves the variable `{name}`"))
            .hint("remove it: Lambda sets it itself")
            .usage());
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// Decides the endpoints.
fn endpoints(
    has_template: bool,
    function: &TemplateFunction,
    flags: &DirectSettingArgs,
) -> Result<Endpoints> {
    let of_template = |is_it: fn(ApiKind) -> bool| {
        function.endpoints.iter().filter(move |endpoint| is_it(endpoint.api.kind))
    };
    let http: Vec<&Endpoint> = of_template(|kind| kind == ApiKind::Http).collect();
    let url = of_template(|kind| matches!(kind, ApiKind::FunctionUrl { .. })).next();
    if flags.no_endpoint {
        return Ok(Endpoints::default());
    }
    if flags.url.is_some() || flags.http_api {
        let url = flags.url.map(|auth| UrlSettings {
            auth,
            ..url.map_or(UrlSettings { auth, stream: false, cors: None }, |it| {
                url_settings(it, auth)
            })
        });
        let api =
            flags.http_api.then(|| if has_template { api(&http) } else { ApiSettings::default() });
        return Ok(Endpoints { url, api, keep: false });
    }
    if !has_template {
        return Ok(Endpoints { keep: true, ..Endpoints::default() });
    }
    check_endpoints(function)?;
    let url = url.map(|endpoint| {
        let auth = if endpoint.authorizer.is_some() { UrlAuth::Iam } else { UrlAuth::None };
        url_settings(endpoint, auth)
    });
    let api = (!http.is_empty()).then(|| api(&http));
    Ok(Endpoints { url, api, keep: false })
}

fn url_settings(endpoint: &Endpoint, auth: UrlAuth) -> UrlSettings {
    let stream = matches!(endpoint.api.kind, ApiKind::FunctionUrl { stream: true });
    UrlSettings { auth, stream, cors: endpoint.api.cors.clone() }
}

fn api(endpoints: &[&Endpoint]) -> ApiSettings {
    let routes = endpoints.iter().map(|it| (it.route_key(), it.payload_format));
    let cors = endpoints.iter().find_map(|endpoint| endpoint.api.cors.clone());
    ApiSettings { routes: routes.collect(), cors }
}

/// Refuses endpoints that only SAM can deploy.
fn check_endpoints(function: &TemplateFunction) -> Result<()> {
    let mut parts: Vec<String> =
        function.deployment.endpoint_parts.iter().map(|part| part.what.clone()).collect();
    let mut add = |part: String| {
        if !parts.contains(&part) {
            parts.push(part);
        }
    };
    for endpoint in &function.endpoints {
        let api = &endpoint.api;
        match api.kind {
            ApiKind::Rest => add(format!("the REST API `{}`", api.name)),
            ApiKind::Http if endpoint.authorizer.is_some() => {
                add(format!("the authorizer of `{}`", endpoint.route_key()));
            }
            ApiKind::Http if api.stage != "$default" || !api.stage_variables.is_empty() => {
                add(format!("the stage `{}` of the API `{}`", api.stage, api.name));
            }
            ApiKind::Http | ApiKind::FunctionUrl { .. } => {}
        }
    }
    refuse(
        function,
        &parts,
        "run `scaffold deploy` to deploy them with SAM, or choose an endpoint with `--url`, `--http-api` or \
         `--no-endpoint`",
    )
}

/// Refuses properties and event sources that only SAM can deploy.
fn check_parts(function: &TemplateFunction, flags: &DirectSettingArgs) -> Result<()> {
    let is_given = |part: &SamPart| match part.flag {
        Some("--function-name") => flags.function_name.is_some(),
        Some("--handler") => flags.handler.is_some(),
        Some("--memory") => flags.memory.is_some(),
        // SAM ignores policies beside a role.
        Some("--role") => flags.role.is_some() || function.deployment.role.is_some(),
        Some("--timeout") => flags.timeout.is_some(),
        Some("--tracing") => flags.tracing.is_some(),
        _ => false,
    };
    let left: Vec<&SamPart> =
        function.deployment.parts.iter().filter(|part| !is_given(part)).collect();
    let names: Vec<String> = left.iter().map(|part| part.what.clone()).collect();
    let mut needed: Vec<&str> = left.iter().filter_map(|part| part.flag).collect();
    needed.dedup();
    // With all of them, nothing would be left.
    let hint = if left.iter().all(|part| part.flag.is_some()) {
        let flags = quote::list_quoted(&needed, "and");
        format!("run `scaffold deploy` to deploy them with SAM, or pass {flags}")
    } else {
        "run `scaffold deploy` to deploy them with SAM".to_owned()
    };
    refuse(function, &names, &hint)
}

fn refuse(function: &TemplateFunction, parts: &[String], hint: &str) -> Result<()> {
    if parts.is_empty() {
        return Ok(());
    }
    let parts = quote::list(parts, "and");
    Err(Error::new(format!("`--direct` cannot deploy parts of `{}`: {parts}", function.name))
        .hint(hint))
}

/// Refuses variables whose values nobody knows.
fn check_variables(function: &TemplateFunction, given: &BTreeMap<String, String>) -> Result<()> {
    let missing: Vec<String> = function
        .unresolved_variables
        .iter()
        .filter(|(name, _)| !given.contains_key(*name))
        .map(|(name, call)| format!("`{name}` (`{call}`)"))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let flags = missing.len();
    let missing = quote::list(&missing, "and");
    let what = if flags == 1 { "a variable" } else { "variables" };
    Err(Error::new(format!("SAM alone knows {what} of `{}`: {missing}", function.name))
        .hint("pass `--env NAME=VALUE` for each, or run `scaffold deploy` to deploy with SAM"))
}

/// Warns about the resources that are not created.
fn warn_about_others(others: &[(String, String)]) {
    if others.is_empty() {
        return;
    }
    let names = others.iter().map(|(name, kind)| format!("`{name}` (`{kind}`)"));
    let names: Vec<String> = names.collect();
    message::warn_with_hint(
        &format!("`--direct` creates only functions, not {}", quote::list(&names, "and")),
        "run `scaffold deploy` to create them with SAM",
    );
}

impl Logging {
    /// Returns the name that Lambda uses.
    fn name(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Json => "JSON",
        }
    }
}

impl UrlAuth {
    /// Returns the name that Lambda uses.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Iam => "AWS_IAM",
        }
    }
}
