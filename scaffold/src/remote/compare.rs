//! The responses of a deployed function and of the local build to the same event.

use serde_json::Value;

use crate::local::invoke::outcome::InvocationOutcome;
use crate::term::diff;

/// The two outcomes.
#[derive(Debug)]
pub(crate) struct Comparison<'a> {
    pub(crate) deployed: &'a InvocationOutcome,
    pub(crate) local: &'a InvocationOutcome,
}

impl Comparison<'_> {
    /// Returns whether both respond with the same JSON, or fail with the same error. The order of keys and white
    /// space do not matter.
    pub(crate) fn is_same(&self) -> bool {
        let Self { deployed, local } = self;
        if deployed.is_response != local.is_response {
            return false;
        }
        match [deployed, local].map(|it| serde_json::from_slice::<Value>(&it.payload).ok()) {
            [Some(one), Some(other)] => one == other,
            _ => deployed.payload == local.payload,
        }
    }

    /// Returns the difference in the unified format. A body that is JSON is shown as JSON, unless that hides the
    /// difference.
    pub(crate) fn difference(&self) -> String {
        let outcomes = [self.deployed, self.local];
        let readable = outcomes.map(|outcome| text(outcome, true));
        let texts = match &readable {
            [deployed, local] if deployed == local => outcomes.map(|outcome| text(outcome, false)),
            _ => readable,
        };
        let [deployed, local] = texts;
        diff::between(["deployed", "local"], &deployed, &local)
    }

    /// Formats the durations that Lambda and its local emulation have measured.
    pub(crate) fn durations(&self) -> String {
        let line = |name: &str, outcome: &InvocationOutcome| {
            let figures = outcome.figures;
            let show = |value: Option<f64>| {
                value.map_or_else(|| format!("{:>10}", "–"), |it| format!("{it:>7.2} ms"))
            };
            let init = match figures.init_ms {
                Some(_) => format!("  init {}", show(figures.init_ms)),
                None => String::new(),
            };
            format!("{name:<8}  duration {}{init}", show(figures.duration_ms))
        };
        format!("{}\n{}", line("deployed", self.deployed), line("local", self.local))
    }
}

/// Formats a payload in lines.
fn text(outcome: &InvocationOutcome, opens_body: bool) -> String {
    let label = if outcome.is_response { "" } else { "error: " };
    let text = match serde_json::from_slice::<Value>(&outcome.payload) {
        Ok(mut value) => {
            if opens_body
                && let Some(body) = value.get_mut("body")
                && let Some(opened) =
                    body.as_str().and_then(|body| serde_json::from_str::<Value>(body).ok())
                && (opened.is_object() || opened.is_array())
            {
                *body = opened;
            }
            format!("{value:#}")
        }
        Err(_) => String::from_utf8_lossy(&outcome.payload).into_owned(),
    };
    format!("{label}{text}\n")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::local::invoke::outcome::ReportFigures;

    fn outcome(payload: &str, is_response: bool) -> InvocationOutcome {
        InvocationOutcome {
            request_id: String::new(),
            payload: payload.to_owned().into(),
            is_response,
            error: None,
            figures: ReportFigures::default(),
            latency: Duration::ZERO,
            log: String::new(),
        }
    }

    fn compare(deployed: &str, local: &str) -> (bool, String) {
        let (deployed, local) = (outcome(deployed, true), outcome(local, true));
        let comparison = Comparison { deployed: &deployed, local: &local };
        let difference = anstream::adapter::strip_str(&comparison.difference()).to_string();
        (comparison.is_same(), difference)
    }

    #[test]
    fn only_the_values_of_json_matter() {
        assert!(compare(r#"{"a": 1, "b": [2]}"#, r#"{"b":[2],"a":1}"#).0);
        assert!(compare("not JSON", "not JSON").0);
        for (one, other) in [("1", "2"), ("[1,2]", "[2,1]"), ("x", "y"), ("null", "")] {
            assert!(!compare(one, other).0, "{one} {other}");
        }
        let (deployed, local) = (outcome("{}", true), outcome("{}", false));
        assert!(!Comparison { deployed: &deployed, local: &local }.is_same());
    }

    #[test]
    fn shows_the_body_as_json() {
        let response = |body: &str| format!(r#"{{"statusCode":200,"body":{}}}"#, Value::from(body));
        let (_, difference) = compare(&response(r#"{"n":1,"x":0}"#), &response(r#"{"n":2,"x":0}"#));
        insta::assert_snapshot!(difference, @r#"
        --- deployed
        +++ local
        @@ -1,6 +1,6 @@
         {
           "body": {
        -    "n": 1,
        +    "n": 2,
             "x": 0
           },
           "statusCode": 200
        "#);
        let (is_same, difference) = compare(&response(r#"{"n":1}"#), &response(r#"{"n": 1}"#));
        assert!(!is_same);
        insta::assert_snapshot!(difference, @r#"
        --- deployed
        +++ local
        @@ -1,4 +1,4 @@
         {
        -  "body": "{\"n\":1}",
        +  "body": "{\"n\": 1}",
           "statusCode": 200
         }
        "#);
    }
}
