//! Invokes a deployed function.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::body::Bytes;
use serde_json::Value;

use super::function::RemoteFunction;
use super::project::RemoteProject;
use crate::local::invoke::outcome::{InvocationOutcome, ReportFigures};
use crate::local::lambda::error_text;
use crate::term::error::{Error, Result};

/// Sends events to a deployed function.
#[derive(Debug)]
pub(crate) struct RemoteInvoker {
    project: RemoteProject,
    pub(crate) function: RemoteFunction,
    /// The version or the alias to invoke.
    qualifier: Option<String>,
    tenant_id: Option<String>,
}

impl RemoteInvoker {
    /// Finds the function by its name in the template or on AWS.
    pub(crate) async fn find(
        project: RemoteProject,
        name: Option<&str>,
        qualifier: Option<String>,
        tenant_id: Option<String>,
    ) -> Result<Self> {
        let function = project.find(name).await?;
        Ok(Self { project, function, qualifier, tenant_id })
    }

    /// Sends an event and waits for the response.
    pub(crate) async fn invoke(&self, event: &Bytes) -> Result<InvocationOutcome> {
        let (name, qualifier) = (&self.function.name, self.qualifier.as_deref());
        let started = Instant::now();
        let tenant_id = self.tenant_id.as_deref();
        let invoked = self.project.aws.invoke(name, qualifier, tenant_id, event).await;
        let elapsed = started.elapsed();
        let (result, payload) = match invoked {
            Ok(invoked) => invoked,
            Err(error) => {
                let message = format!("cannot invoke `{name}`");
                return Err(self.function.failed(&self.project, message, qualifier, &error).await);
            }
        };
        let text = |name: &str| result.get(name).and_then(Value::as_str);
        let log = text("LogResult").and_then(|log| STANDARD.decode(log).ok()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log).trim_end().to_owned();
        let error = text("FunctionError")
            .map(|kind| Error::new(format!("the function failed: {}", error_text(kind, &payload))));
        let figures = ReportFigures::parse(&log);
        Ok(InvocationOutcome {
            request_id: ReportFigures::request_id(&log).unwrap_or_default(),
            is_response: error.is_none(),
            payload: payload.into(),
            error,
            figures,
            // Most of the time is that of the AWS CLI.
            latency: latency(figures).unwrap_or(elapsed),
            log,
        })
    }
}

/// Returns the time that Lambda has measured.
fn latency(figures: ReportFigures) -> Option<Duration> {
    let milliseconds = figures.duration_ms? + figures.init_ms.unwrap_or_default();
    Duration::try_from_secs_f64(milliseconds / 1000.0).ok()
}
