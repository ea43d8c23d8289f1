//! A function that runs only for this command.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::body::Bytes;

use super::outcome::{InvocationOutcome, ReportFigures, describe};
use crate::local::lambda::report::InitReport;
use crate::local::lambda::{
    FunctionConfiguration, FunctionError, FunctionResponse, Instance, InstanceLog, Invocation, Log,
    LogFormat, debugger,
};
use crate::term::error::Result;

/// One instance, which is restarted if it ends.
#[derive(Debug)]
pub(crate) struct LocalInstance {
    function: Arc<FunctionConfiguration>,
    tenant_id: Option<String>,
    log: Arc<Log>,
    instance: Option<Instance>,
}

impl LocalInstance {
    pub(super) fn new(function: FunctionConfiguration, tenant_id: Option<String>) -> Self {
        Self {
            function: Arc::new(function),
            tenant_id,
            log: Arc::new(Log::new(LogFormat::Aws)),
            instance: None,
        }
    }

    pub(super) async fn invoke(&mut self, payload: &Bytes) -> Result<InvocationOutcome> {
        let started = Instant::now();
        let mut invocation = Invocation::new(payload.clone(), None);
        invocation.tenant_id.clone_from(&self.tenant_id);
        let request_id = invocation.request_id.clone();
        let mut instance = match self.instance.take() {
            Some(instance) => instance,
            None => {
                let log = InstanceLog::without_labels(Arc::clone(&self.log));
                let mut instance = Instance::start(Arc::clone(&self.function), log).await?;
                let init = instance.init().await;
                if let Err(error) = init.result {
                    instance.stop().await;
                    return Ok(init_failed(request_id, &error, init.duration, started));
                }
                if self.function.debug {
                    let name = &self.function.name;
                    debugger::wait(name, &instance, |line| self.log.line(line)).await;
                }
                instance
            }
        };
        let invoked = instance.invoke(invocation).await;
        let latency = started.elapsed();
        let finished = match &invoked.result {
            Err(error) if error.is_fatal() => Ok(()),
            _ => instance.finish(&request_id).await,
        };
        let error = invoked.result.as_ref().err().or(finished.as_ref().err());
        let report = instance.report(&request_id, invoked.duration, error);
        let log = report.to_string();
        if report.error.is_some_and(FunctionError::is_fatal) {
            instance.stop().await;
        } else {
            self.instance = Some(instance);
        }
        let (payload, is_response, error) = match invoked.result {
            Ok(FunctionResponse::Buffered(response)) => (response, true, None),
            // The invocation does not accept one.
            Ok(FunctionResponse::Streamed(_)) => (Bytes::new(), true, None),
            Err(error) => (error.payload(&request_id), false, Some(describe(&error, "responded"))),
        };
        let finished = finished.err().map(|error| describe(&error, "asked for another event"));
        Ok(InvocationOutcome {
            payload,
            error: error.or(finished),
            is_response,
            figures: ReportFigures::parse(&log),
            latency,
            log,
            request_id,
        })
    }

    pub(super) async fn stop(self) {
        if let Some(instance) = self.instance {
            instance.shut_down().await;
        }
        self.log.flush().await;
    }
}

fn init_failed(
    request_id: String,
    error: &FunctionError,
    duration: Duration,
    started: Instant,
) -> InvocationOutcome {
    let described = describe(error, "asked for an event");
    InvocationOutcome {
        payload: error.payload(&request_id),
        error: Some(match error.init_hint() {
            Some(hint) => described.hint(hint),
            None => described,
        }),
        is_response: false,
        figures: ReportFigures {
            init_ms: Some(duration.as_secs_f64() * 1000.0),
            ..ReportFigures::default()
        },
        latency: started.elapsed(),
        log: InitReport { duration, error }.to_string(),
        request_id,
    }
}
