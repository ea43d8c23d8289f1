//! Lambda's API for durable executions: the functions send checkpoints, and other programs look at the
//! executions, stop them and complete their callbacks.

use std::borrow::Cow;
use std::sync::Arc;

use hyper::body::Bytes;
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::answer::Answer;
use super::body::{ReadError, RequestBody, read};
use super::deployment::CurrentDeployment;
use super::service_error::{ServiceError, json_response};
use crate::aws;
use crate::aws::MAX_PAYLOAD;
use crate::local::durable::{
    ErrorObject, Execution, ExecutionStatus, Executions, HistoryPage, NotOpen, OperationOutcome,
    SharedExecution, TimeUnit, object,
};

/// The largest body, in bytes: a checkpoint with a result of the largest size, as JSON in JSON.
const MAX_BODY: usize = 2 * MAX_PAYLOAD + 1024 * 1024;
/// The largest result of a callback
/// (<https://docs.aws.amazon.com/lambda/latest/api/API_SendDurableExecutionCallbackSuccess.html>).
const MAX_CALLBACK: usize = 1024 * 1024;
/// The number of items of a page: the default and the largest one.
const PAGE: [usize; 2] = [100, 1000];

/// A request of the API, with the ARN, the callback or the function that it is about.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum DurableRequest {
    Checkpoint(String),
    State(String),
    Get(String),
    History(String),
    Stop(String),
    List(String),
    CallbackSuccess(String),
    CallbackFailure(String),
    CallbackHeartbeat(String),
}

impl DurableRequest {
    /// Parses the head of a request; `None` if it is not one of this API.
    pub(super) fn parse(head: &Parts) -> Option<Self> {
        let path = head.uri.path().strip_prefix("/2025-12-01/")?;
        let decode = |text: &str| Some(percent_decode_str(text).decode_utf8().ok()?.into_owned());
        let (kind, rest) = path.split_once('/')?;
        let is_post = head.method == Method::POST;
        let is_get = head.method == Method::GET;
        // An ARN has slashes, and some clients leave them as they are.
        let (name, action) = rest.rsplit_once('/').unwrap_or((rest, ""));
        match (kind, action) {
            ("durable-executions", "checkpoint") if is_post => decode(name).map(Self::Checkpoint),
            ("durable-executions", "stop") if is_post => decode(name).map(Self::Stop),
            ("durable-executions", "state") if is_get => decode(name).map(Self::State),
            ("durable-executions", "history") if is_get => decode(name).map(Self::History),
            ("durable-executions", "pause" | "resume") => None,
            ("durable-executions", _) if is_get => decode(rest).map(Self::Get),
            ("functions", "durable-executions") if is_get => decode(name).map(Self::List),
            ("durable-execution-callbacks", "succeed") if is_post => {
                decode(name).map(Self::CallbackSuccess)
            }
            ("durable-execution-callbacks", "fail") if is_post => {
                decode(name).map(Self::CallbackFailure)
            }
            ("durable-execution-callbacks", "heartbeat") if is_post => {
                decode(name).map(Self::CallbackHeartbeat)
            }
            _ => None,
        }
    }

    /// The name of the operation in Lambda's API reference.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Checkpoint(_) => "CheckpointDurableExecution",
            Self::State(_) => "GetDurableExecutionState",
            Self::Get(_) => "GetDurableExecution",
            Self::History(_) => "GetDurableExecutionHistory",
            Self::Stop(_) => "StopDurableExecution",
            Self::List(_) => "ListDurableExecutionsByFunction",
            Self::CallbackSuccess(_) => "SendDurableExecutionCallbackSuccess",
            Self::CallbackFailure(_) => "SendDurableExecutionCallbackFailure",
            Self::CallbackHeartbeat(_) => "SendDurableExecutionCallbackHeartbeat",
        }
    }

    pub(super) async fn answer(
        self,
        current: &CurrentDeployment,
        executions: &Arc<Executions>,
        head: &Parts,
        body: RequestBody,
    ) -> Answer {
        let query = Query::parse(head);
        let answer = match body_of(body).await {
            Ok(body) => self.try_answer(current, executions, &query, &body),
            Err(error) => Err(error),
        };
        match answer {
            Ok(value) => {
                let id = uuid::Uuid::new_v4().to_string();
                Answer::of(json_response(StatusCode::OK, &id, value.to_string().into()))
            }
            Err(error) => {
                let reason = error.reason();
                Answer::own(error.response(), reason)
            }
        }
    }

    fn try_answer(
        self,
        current: &CurrentDeployment,
        executions: &Arc<Executions>,
        query: &Query<'_>,
        body: &Bytes,
    ) -> Result<Value, ServiceError> {
        match self {
            Self::Checkpoint(arn) => {
                let execution = find(executions, &arn)?;
                let checkpoint = serde_json::from_slice(body).map_err(invalid)?;
                let answer = executions.checkpoint(&execution, checkpoint).map_err(invalid)?;
                Ok(json!({
                    "CheckpointToken": answer.token,
                    "NewExecutionState": { "Operations": answer.operations },
                }))
            }
            Self::State(arn) => {
                let execution = find(executions, &arn)?;
                let token = query.get("CheckpointToken").unwrap_or_default();
                let page = execution.borrow().state(token, query.get("Marker"), query.page()?);
                let (operations, marker) = page.map_err(invalid)?;
                let page = [("Operations", operations.into()), ("NextMarker", json!(marker))];
                Ok(Value::Object(object(page)))
            }
            Self::Get(arn) => {
                let with_data = query.flag("IncludeExecutionData").unwrap_or(true);
                Ok(describe(&find(executions, &arn)?.borrow(), with_data))
            }
            Self::History(arn) => {
                let page = HistoryPage {
                    start: query.start()?,
                    most: query.page()?,
                    newest_first: query.flag("ReverseOrder").unwrap_or(false),
                    with_data: query.flag("IncludeExecutionData").unwrap_or(true),
                };
                let (events, marker) = find(executions, &arn)?.borrow().history(page);
                let page = [("Events", events.into()), ("NextMarker", json!(marker))];
                Ok(Value::Object(object(page)))
            }
            Self::Stop(arn) => {
                let execution = find(executions, &arn)?;
                let time = Executions::stop(&execution, error_in(body)?);
                Ok(json!({ "StopTimestamp": TimeUnit::Seconds.json(time) }))
            }
            Self::List(function) => list(current, executions, &function, query),
            Self::CallbackSuccess(id) => {
                if body.len() > MAX_CALLBACK {
                    return Err(invalid(format!("The limit of a result is {MAX_CALLBACK} bytes.")));
                }
                let result = std::str::from_utf8(body).map_err(invalid)?;
                let result = Some(result.to_owned()).filter(|it| !it.is_empty());
                complete(executions, &id, OperationOutcome::success(result))
            }
            Self::CallbackFailure(id) => {
                let error = error_in(body)?.unwrap_or_default();
                complete(executions, &id, OperationOutcome::failure(error))
            }
            Self::CallbackHeartbeat(id) => {
                let execution = callback(executions, &id)?;
                Executions::heartbeat(&execution, &id).map_err(not_open)?;
                Ok(json!({}))
            }
        }
    }
}

async fn body_of(body: RequestBody) -> Result<Bytes, ServiceError> {
    read(body, MAX_BODY).await.map_err(|error| match error {
        ReadError::TooLarge => {
            let message = format!("Request must be smaller than {MAX_BODY} bytes");
            ServiceError(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException", message)
        }
        ReadError::TooSlow => invalid("the body did not arrive in time"),
        ReadError::Closed => invalid("the request was cut off"),
    })
}

fn invalid(error: impl ToString) -> ServiceError {
    ServiceError::invalid_parameter(error.to_string())
}

fn find(executions: &Executions, arn: &str) -> Result<SharedExecution, ServiceError> {
    executions
        .find(arn)
        .ok_or_else(|| ServiceError::not_found("Durable Execution does not exist".to_owned()))
}

fn callback(executions: &Executions, id: &str) -> Result<SharedExecution, ServiceError> {
    executions.find_callback(id).ok_or_else(|| not_open(NotOpen::Unknown))
}

fn complete(
    executions: &Executions,
    id: &str,
    outcome: OperationOutcome,
) -> Result<Value, ServiceError> {
    let execution = callback(executions, id)?;
    Executions::complete_callback(&execution, id, outcome).map_err(not_open)?;
    Ok(json!({}))
}

fn not_open(why: NotOpen) -> ServiceError {
    match why {
        NotOpen::Unknown => ServiceError::not_found("Callback does not exist"),
        NotOpen::Completed => ServiceError::not_found("Callback is not active"),
        NotOpen::TimedOut => {
            let message = "Callback has timed out".to_owned();
            ServiceError(StatusCode::BAD_REQUEST, "CallbackTimeoutException", message)
        }
    }
}

/// Parses the error in a body, which can be absent.
fn error_in(body: &Bytes) -> Result<Option<ErrorObject>, ServiceError> {
    if body.is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(body).map(Some).map_err(invalid)
}

/// Describes an execution as `GetDurableExecution` does.
fn describe(execution: &Execution, with_data: bool) -> Value {
    let end = execution.end.as_ref();
    let data = |value: Value| if with_data { value } else { Value::Null };
    let mut members = summary(execution);
    members.extend(object([
        ("InputPayload", data(json!(execution.input()))),
        ("Result", data(json!(end.and_then(|end| end.result.as_ref())))),
        ("Error", data(json!(end.and_then(|end| end.error.as_ref())))),
        ("Version", json!("$LATEST")),
        ("ExecutionDataIncluded", json!(with_data)),
    ]));
    Value::Object(members)
}

/// Describes an execution as `ListDurableExecutionsByFunction` does.
fn summary(execution: &Execution) -> serde_json::Map<String, Value> {
    let time = |time: OffsetDateTime| TimeUnit::Seconds.json(time);
    object([
        ("DurableExecutionArn", json!(execution.id.arn)),
        ("DurableExecutionName", json!(execution.id.name)),
        ("FunctionArn", json!(execution.id.function_arn)),
        ("StartTimestamp", time(execution.started())),
        ("Status", json!(execution.status())),
        ("EndTimestamp", execution.end.as_ref().map_or(Value::Null, |end| time(end.time))),
    ])
}

fn list(
    current: &CurrentDeployment,
    executions: &Executions,
    function: &str,
    query: &Query<'_>,
) -> Result<Value, ServiceError> {
    let deployment = current.get();
    let pool = deployment.as_ref().and_then(|it| it.named(function)).ok_or_else(|| {
        let arn = aws::function_arn(function);
        ServiceError::not_found(format!("Function not found: {arn}"))
    })?;
    let statuses: Vec<ExecutionStatus> = query
        .all("Statuses")
        .map(|status| serde_json::from_value(status.into()).map_err(invalid))
        .collect::<Result<_, _>>()?;
    let [after, before] = [query.time("StartedAfter")?, query.time("StartedBefore")?];
    let name = query.get("DurableExecutionName");
    let is_wanted = |execution: &Execution| {
        let started = execution.started();
        (statuses.is_empty() || statuses.contains(&execution.status()))
            && name.is_none_or(|name| execution.id.name == name)
            && after.is_none_or(|after| started > after)
            && before.is_none_or(|before| started < before)
    };
    let mut found: Vec<Value> = executions
        .of_function(&pool.function.name)
        .iter()
        .filter(|it| is_wanted(&it.borrow()))
        .map(|it| Value::Object(summary(&it.borrow())))
        .collect();
    if query.flag("ReverseOrder").unwrap_or(false) {
        found.reverse();
    }
    let (start, most) = (query.start()?, query.page()?);
    let end = start.saturating_add(most);
    let marker = (end < found.len()).then(|| end.to_string());
    let page: Vec<_> = found.into_iter().skip(start).take(most).collect();
    Ok(Value::Object(object([("DurableExecutions", page.into()), ("NextMarker", json!(marker))])))
}

/// The query of a request.
struct Query<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Query<'a> {
    fn parse(head: &'a Parts) -> Self {
        let query = head.uri.query().unwrap_or_default();
        Self(form_urlencoded::parse(query.as_bytes()).collect())
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(own, _)| own == name).map(|(_, value)| &**value)
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.get(name).map(|value| value == "true")
    }

    /// The number of items that the client wants; zero stands for the default.
    fn page(&self) -> Result<usize, ServiceError> {
        let [default, most] = PAGE;
        let wanted = self.get("MaxItems").map_or(Ok(default), str::parse).map_err(invalid)?;
        Ok(if wanted == 0 { default } else { wanted.min(most) })
    }

    /// The number of items before the page.
    fn start(&self) -> Result<usize, ServiceError> {
        let marker = self.get("Marker").filter(|it| !it.is_empty());
        marker.map_or(Ok(0), str::parse).map_err(|_| invalid("Invalid marker"))
    }

    fn time(&self, name: &str) -> Result<Option<OffsetDateTime>, ServiceError> {
        let parse = |text: &str| OffsetDateTime::parse(text, &Rfc3339).map_err(invalid);
        self.get(name).map(parse).transpose()
    }
}
