//! A function that runs for this command only.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::body::Bytes;

use super::outcome::{Figures, Outcome, failed};
use crate::emulator::report::{InitReport, Report};
use crate::emulator::{Event, Exit, Failure, Function, Instance, Response, debugger};
use crate::error::Result;

/// One instance, started anew where it ends.
#[derive(Debug)]
pub(super) struct Own {
    function: Arc<Function>,
    instance: Option<Instance>,
}

impl Own {
    pub(super) fn new(function: Function) -> Self {
        Self { function: Arc::new(function), instance: None }
    }

    pub(super) async fn call(&mut self, payload: &Bytes) -> Result<Outcome> {
        let started = Instant::now();
        let event = Event::new(payload.clone());
        let (mut instance, init) = match self.instance.take() {
            Some(instance) => (instance, None),
            None => {
                let mut instance = Instance::start(Arc::clone(&self.function), None).await?;
                let init = instance.init().await;
                if let Err(failure) = init.result {
                    instance.stop().await;
                    return Ok(not_started(&event, &failure, init.duration, started));
                }
                if self.function.debug {
                    let name = &self.function.name;
                    debugger::wait(name, &instance, |text| anstream::eprintln!("{text}")).await;
                }
                (instance, Some(init.duration))
            }
        };
        let answer = instance.invoke(&event).await;
        let latency = started.elapsed();
        let over = match &answer.result {
            Err(failure) if failure.is_end() => Ok(()),
            _ => instance.finish().await,
        };
        let report = Report {
            request_id: &event.request_id,
            duration: answer.duration,
            init,
            memory_mb: self.function.memory_mb,
            peak_memory: instance.peak_memory(),
            failure: answer.result.as_ref().err().or(over.as_ref().err()),
        };
        let log = report.to_string();
        let is_over = report.failure.is_some_and(Failure::is_end);
        let (payload, is_response, error) = match answer.result {
            Ok(Response::Whole(response)) => (response, true, None),
            // Only where it is asked for.
            Ok(Response::Stream(_)) => (Bytes::new(), true, None),
            Err(failure) => {
                let payload = failure.payload(&event.request_id);
                (payload, false, Some(failed(&failure, "answered")))
            }
        };
        if is_over {
            instance.stop().await;
        } else {
            self.instance = Some(instance);
        }
        let over = over.err().map(|failure| failed(&failure, "asked for another event"));
        let figures = Figures::parse(&log);
        let error = error.or(over);
        let request_id = event.request_id;
        Ok(Outcome { request_id, payload, error, is_response, figures, latency, log })
    }

    pub(super) async fn stop(self) {
        if let Some(instance) = self.instance {
            instance.stop().await;
        }
    }
}

fn not_started(event: &Event, failure: &Failure, took: Duration, started: Instant) -> Outcome {
    let error = failed(failure, "asked for an event");
    let error = match failure {
        Failure::Exited { status: Exit::Success } => {
            error.hint("does its `main` take events? `#[lambda_handler]` writes one that does")
        }
        _ => error,
    };
    Outcome {
        request_id: event.request_id.clone(),
        payload: failure.payload(&event.request_id),
        error: Some(error),
        is_response: false,
        figures: Figures { init_ms: Some(took.as_secs_f64() * 1000.0), ..Figures::default() },
        latency: started.elapsed(),
        log: InitReport { duration: took, failure }.to_string(),
    }
}
