//! Statistics of several invocations.

use std::fmt;

use serde::Serialize;

use super::outcome::InvocationOutcome;

/// Statistics of several invocations; times are in milliseconds, and latencies exclude the init phase.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    calls: usize,
    pub(crate) failed: usize,
    /// The number of instances that were started.
    starts: usize,
    max_init_ms: Option<f64>,
    min_ms: f64,
    p50_ms: f64,
    p99_ms: f64,
    max_ms: f64,
}

impl Summary {
    pub(crate) fn new(samples: &[Sample]) -> Self {
        let mut latencies: Vec<f64> = samples.iter().map(|sample| sample.latency_ms).collect();
        latencies.sort_by(f64::total_cmp);
        // The nearest-rank method.
        let percentile = |percent: usize| {
            let rank = (latencies.len() * percent).div_ceil(100).max(1) - 1;
            rounded(latencies.get(rank).copied().unwrap_or_default())
        };
        let inits = samples.iter().filter_map(|sample| sample.init_ms);
        Self {
            calls: samples.len(),
            failed: samples.iter().filter(|sample| sample.failed).count(),
            starts: inits.clone().count(),
            max_init_ms: inits.max_by(f64::total_cmp).map(rounded),
            min_ms: percentile(0),
            p50_ms: percentile(50),
            p99_ms: percentile(99),
            max_ms: percentile(100),
        }
    }
}

/// The figures of one of several invocations.
#[derive(Debug)]
pub(crate) struct Sample {
    latency_ms: f64,
    init_ms: Option<f64>,
    failed: bool,
}

impl From<&InvocationOutcome> for Sample {
    fn from(outcome: &InvocationOutcome) -> Self {
        let init_ms = outcome.figures.init_ms;
        let latency_ms = outcome.latency.as_secs_f64() * 1000.0;
        Self {
            latency_ms: (latency_ms - init_ms.unwrap_or_default()).max(0.0),
            init_ms,
            failed: outcome.error.is_some(),
        }
    }
}

fn rounded(milliseconds: f64) -> f64 {
    (milliseconds * 1000.0).round() / 1000.0
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, failed, starts, min_ms, p50_ms, p99_ms, max_ms, .. } = self;
        writeln!(formatter, "{calls} invocations: {failed} failed, {starts} with a cold start")?;
        write!(
            formatter,
            "latency  min {min_ms:.2} ms  p50 {p50_ms:.2} ms  p99 {p99_ms:.2} ms  max {max_ms:.2} ms"
        )?;
        match self.max_init_ms {
            Some(init) => write!(formatter, "\ninit     max {init:.2} ms"),
            None => Ok(()),
        }
    }
}
