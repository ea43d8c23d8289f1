//! The Extensions API of one instance. Its extensions run in the function's process: Lambda calls them
//! internal.
//!
//! They take part in the phases of the instance: the init phase and each invocation are over when they
//! ask for the next event too. Error types and messages are those of Lambda's Runtime Interface Emulator.

use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::watch;
use uuid::Uuid;

use super::responses::{accepted, error, json, not_found, text};
use crate::aws::ACCOUNT_ID;
use crate::local::lambda::configuration::FunctionConfiguration;
use crate::local::lambda::function_error::{FunctionError, error_body};
use crate::local::lambda::invocation::PendingInvocation;
use crate::sam::logical_id;

/// The most extensions of a function.
const MAX_EXTENSIONS: usize = 10;

const ACCEPT_FEATURE: &str = "Lambda-Extension-Accept-Feature";
const ERROR_TYPE: &str = "Lambda-Extension-Function-Error-Type";
const EVENT_IDENTIFIER: &str = "Lambda-Extension-Event-Identifier";
const IDENTIFIER: &str = "Lambda-Extension-Identifier";
const NAME: &str = "Lambda-Extension-Name";

/// The extensions of one instance.
#[derive(Debug)]
pub(super) struct Extensions {
    function: Arc<FunctionConfiguration>,
    state: watch::Sender<State>,
}

#[derive(Debug, Default)]
struct State {
    extensions: Vec<Extension>,
    /// The error that an extension has reported.
    failure: Option<FunctionError>,
}

#[derive(Debug)]
struct Extension {
    id: Uuid,
    name: String,
    is_invoked: bool,
    phase: ExtensionPhase,
    /// The event that waits for the extension.
    event: Option<Bytes>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ExtensionPhase {
    Registered,
    /// The extension waits for an event.
    Ready,
    /// The extension handles an event.
    Running,
    Failed(Failure),
}

/// The two errors that an extension can report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    Init,
    Exit,
}

/// The reason for which a request of an extension gets the status 403.
struct Refusal {
    error_type: &'static str,
    message: String,
}

#[derive(Deserialize)]
struct Registration {
    #[serde(default)]
    events: Vec<String>,
}

/// The response to a registration.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Registered<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'static str>,
    function_name: &'a str,
    function_version: &'static str,
    handler: &'a str,
}

impl ExtensionPhase {
    /// The name of the state in Lambda's messages.
    fn name(self) -> &'static str {
        match self {
            Self::Registered => "Registered",
            Self::Ready => "Ready",
            Self::Running => "Running",
            Self::Failed(failure) => failure.name(),
        }
    }
}

impl Failure {
    fn name(self) -> &'static str {
        match self {
            Self::Init => "InitError",
            Self::Exit => "ExitError",
        }
    }

    /// The error type in Lambda's reports.
    fn error_type(self) -> &'static str {
        match self {
            Self::Init => "Extension.InitError",
            Self::Exit => "Extension.ExitError",
        }
    }
}

impl Extensions {
    pub(super) fn new(function: Arc<FunctionConfiguration>) -> Self {
        Self { function, state: watch::Sender::default() }
    }

    /// Tells whether there are extensions.
    pub(super) fn are_registered(&self) -> bool {
        !self.state.borrow().extensions.is_empty()
    }

    /// Sends an invocation to the extensions that have registered for it.
    pub(super) fn invoke(&self, pending: &PendingInvocation) {
        self.state.send_if_modified(|state| {
            let mut event = None;
            for extension in state.extensions.iter_mut().filter(|it| it.is_invoked) {
                extension.event = Some(event.get_or_insert_with(|| invoke_event(pending)).clone());
            }
            event.is_some()
        });
    }

    /// Waits until all extensions wait for an event.
    pub(super) async fn ready(&self) {
        let is_ready = |it: &Extension| it.phase == ExtensionPhase::Ready && it.event.is_none();
        let ready = |state: &State| state.extensions.iter().all(is_ready);
        // Waiting fails only without a sender, and `self` has it.
        let _ = self.state.subscribe().wait_for(ready).await;
    }

    /// Waits until an extension reports an error.
    pub(super) async fn failed(&self) -> FunctionError {
        let mut state = self.state.subscribe();
        let failure = match state.wait_for(|state| state.failure.is_some()).await {
            Ok(state) => state.failure.clone(),
            Err(_) => None,
        };
        match failure {
            Some(error) => error,
            None => std::future::pending().await,
        }
    }

    /// Answers a request whose path is this one below `/2020-01-01/extension/`. Registration is closed
    /// once the function has asked for an event.
    pub(super) async fn answer(
        &self,
        head: &Parts,
        path: &str,
        body: Incoming,
        is_open: bool,
    ) -> Response<Full<Bytes>> {
        let headers = &head.headers;
        let answer = match (&head.method, path) {
            (&Method::POST, "register") => self.register(headers, body, is_open).await,
            (&Method::GET, "event/next") => self.next(headers).await,
            (&Method::POST, "init/error") => self.fail(headers, body, Failure::Init).await,
            (&Method::POST, "exit/error") => self.fail(headers, body, Failure::Exit).await,
            (_, "register" | "event/next" | "init/error" | "exit/error") => {
                Ok(text(StatusCode::METHOD_NOT_ALLOWED, ""))
            }
            _ => Ok(not_found()),
        };
        answer.unwrap_or_else(|Refusal { error_type, message }| {
            error(StatusCode::FORBIDDEN, error_type, &message)
        })
    }

    async fn register(
        &self,
        headers: &HeaderMap,
        body: Incoming,
        is_open: bool,
    ) -> Result<Response<Full<Bytes>>, Refusal> {
        let name = text_of(headers, NAME);
        if name.is_empty() {
            return Err(Refusal::new("Extension.InvalidExtensionName", "Empty extension name"));
        }
        let body = body.collect().await.map(http_body_util::Collected::to_bytes);
        let registration: Registration = serde_json::from_slice(&body.unwrap_or_default())
            .map_err(|error| Refusal::new("InvalidRequestFormat", error.to_string()))?;
        for event in &registration.events {
            let reason = match event.as_str() {
                "INVOKE" => continue,
                "SHUTDOWN" => "ShutdownEventNotSupportedForInternalExtension",
                _ => "ErrorInvalidEventType",
            };
            return Err(Refusal::new("Extension.InvalidEventType", format!("{event}: {reason}")));
        }
        if !is_open {
            let message = "Extension registration closed already";
            return Err(Refusal::new("Extension.RegistrationClosed", message));
        }
        let id = Uuid::new_v4();
        let mut refusal = None;
        self.state.send_modify(|state| {
            if state.extensions.iter().any(|other| other.name == name) {
                let message = "Extension with this name already registered";
                refusal = Some(Refusal::new("Extension.InvalidExtensionState", message));
            } else if state.extensions.len() >= MAX_EXTENSIONS {
                let message = format!("Extension limit ({MAX_EXTENSIONS}) reached");
                refusal = Some(Refusal::new("Extension.TooManyExtensions", message));
            } else {
                state.extensions.push(Extension {
                    id,
                    name: name.to_owned(),
                    is_invoked: !registration.events.is_empty(),
                    phase: ExtensionPhase::Registered,
                    event: None,
                });
            }
        });
        refusal.map_or_else(|| Ok(self.registered(headers, id)), Err)
    }

    fn registered(&self, headers: &HeaderMap, id: Uuid) -> Response<Full<Bytes>> {
        let mut features = text_of(headers, ACCEPT_FEATURE).split(',');
        let with_account = features.any(|feature| feature.trim() == "accountId");
        let registered = Registered {
            account_id: with_account.then_some(ACCOUNT_ID),
            function_name: logical_id(&self.function.name),
            function_version: "$LATEST",
            handler: &self.function.handler,
        };
        // Serializing texts cannot fail.
        let body = serde_json::to_string(&registered).unwrap_or_default();
        let response = json(StatusCode::OK, body + "\n");
        with_header(response, IDENTIFIER, id)
    }

    /// Waits until there is an event for the extension.
    async fn next(&self, headers: &HeaderMap) -> Result<Response<Full<Bytes>>, Refusal> {
        let id = identifier(headers)?;
        self.advance(id, ExtensionPhase::Ready, |phase| {
            matches!(phase, ExtensionPhase::Registered | ExtensionPhase::Running)
        })?;
        let mut state = self.state.subscribe();
        // Waiting fails only without a sender, and `self` has it.
        let has_event = |state: &State| state.find(id).is_some_and(|it| it.event.is_some());
        let _ = state.wait_for(has_event).await;
        let mut event = None;
        self.state.send_modify(|state| {
            if let Some(extension) = state.find_mut(id) {
                event = extension.event.take();
                extension.phase = ExtensionPhase::Running;
            }
        });
        let mut response = json(StatusCode::OK, String::new());
        *response.body_mut() = Full::new(event.unwrap_or_default());
        Ok(with_header(response, EVENT_IDENTIFIER, Uuid::new_v4()))
    }

    async fn fail(
        &self,
        headers: &HeaderMap,
        body: Incoming,
        failure: Failure,
    ) -> Result<Response<Full<Bytes>>, Refusal> {
        let id = identifier(headers)?;
        if text_of(headers, ERROR_TYPE).is_empty() {
            let message = format!("{ERROR_TYPE} not found");
            return Err(Refusal::new("Extension.MissingHeader", message));
        }
        let body = body.collect().await.map(http_body_util::Collected::to_bytes);
        let payload = body.unwrap_or_default();
        self.advance(id, ExtensionPhase::Failed(failure), |phase| match failure {
            Failure::Init => phase == ExtensionPhase::Registered,
            Failure::Exit => !matches!(phase, ExtensionPhase::Failed(_)),
        })?;
        let error_type = failure.error_type();
        let payload = if payload.is_empty() {
            error_body(error_type, text_of(headers, ERROR_TYPE)).into()
        } else {
            payload
        };
        self.state.send_modify(|state| {
            state.failure = Some(FunctionError::Extension { error_type, payload });
        });
        Ok(accepted())
    }

    /// Changes the phase of an extension if its present one allows that.
    fn advance(
        &self,
        id: Uuid,
        to: ExtensionPhase,
        is_allowed: impl FnOnce(ExtensionPhase) -> bool,
    ) -> Result<(), Refusal> {
        let mut result = Ok(());
        self.state.send_modify(|state| match state.find_mut(id) {
            Some(extension) if is_allowed(extension.phase) => extension.phase = to,
            Some(extension) => {
                let (from, to) = (extension.phase.name(), to.name());
                let message = format!(
                    "State transition from {from} to {to} failed for extension {id}. \
                     Error: State transition is not allowed"
                );
                result = Err(Refusal::new("Extension.InvalidExtensionState", message));
            }
            None => {
                let message = format!("Unknown extension {id}");
                result = Err(Refusal::new("Extension.UnknownExtensionIdentifier", message));
            }
        });
        result
    }
}

impl State {
    fn find(&self, id: Uuid) -> Option<&Extension> {
        self.extensions.iter().find(|extension| extension.id == id)
    }

    fn find_mut(&mut self, id: Uuid) -> Option<&mut Extension> {
        self.extensions.iter_mut().find(|extension| extension.id == id)
    }
}

impl Refusal {
    fn new(error_type: &'static str, message: impl Into<String>) -> Self {
        Self { error_type, message: message.into() }
    }
}

/// The event of an invocation.
fn invoke_event(pending: &PendingInvocation) -> Bytes {
    let event = json!({
        "eventType": "INVOKE",
        "deadlineMs": pending.deadline_ms(),
        "requestId": pending.invocation.request_id,
        "invokedFunctionArn": pending.function_arn,
        "tracing": { "type": "X-Amzn-Trace-Id", "value": pending.invocation.trace_id },
    });
    event.to_string().into()
}

/// Returns the id of the extension that sends a request.
fn identifier(headers: &HeaderMap) -> Result<Uuid, Refusal> {
    match text_of(headers, IDENTIFIER) {
        "" => Err(Refusal::new(
            "Extension.MissingExtensionIdentifier",
            format!("Missing {IDENTIFIER} header"),
        )),
        id => Uuid::try_parse(id).map_err(|_| {
            Refusal::new("Extension.InvalidExtensionIdentifier", format!("Invalid {IDENTIFIER}"))
        }),
    }
}

fn text_of<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn with_header(
    mut response: Response<Full<Bytes>>,
    name: &'static str,
    id: Uuid,
) -> Response<Full<Bytes>> {
    // The text of an id is a valid value.
    if let Ok(id) = HeaderValue::try_from(id.to_string()) {
        response.headers_mut().insert(name, id);
    }
    response
}
