//! The runtime's own lines in the function's log, which is standard error.

use std::fmt::Display;
use std::sync::OnceLock;
use std::time::SystemTime;

use serde::Serialize;

/// Writes what went wrong in an invocation, as `AWS_LAMBDA_LOG_FORMAT` asks for it: as text in the
/// style of the lines that Lambda writes there itself, or as JSON.
///
/// Before the first event the request id is empty.
pub(crate) fn log(request_id: &str, what: &dyn Display) {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Line<'a> {
        timestamp: String,
        level: &'static str,
        #[serde(skip_serializing_if = "str::is_empty")]
        request_id: &'a str,
        message: String,
    }

    let line = Line {
        timestamp: rfc3339(SystemTime::now()),
        level: "ERROR",
        request_id,
        message: what.to_string(),
    };
    match is_json().then(|| serde_json::to_string(&line)) {
        Some(Ok(line)) => eprintln!("{line}"),
        _ if request_id.is_empty() => eprintln!("ERROR {what}"),
        _ => eprintln!("ERROR RequestId: {request_id} {what}"),
    }
}

/// Whether the log is to be JSON, a line an object.
pub(crate) fn is_json() -> bool {
    static JSON: OnceLock<bool> = OnceLock::new();
    *JSON.get_or_init(|| {
        std::env::var("AWS_LAMBDA_LOG_FORMAT")
            .is_ok_and(|format| format.eq_ignore_ascii_case("json"))
    })
}

/// A time as `2026-01-31T23:59:59.123Z`.
pub(crate) fn rfc3339(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let (days, seconds) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    // The civil calendar from a count of days, in years that begin in March, 400 of them an era.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month, year) = (
        day - (153 * month + 2) / 5 + 1,
        if month < 10 { month + 3 } else { month - 9 },
        era * 400 + year + u64::from(month >= 10),
    );
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60,
        since.subsec_millis()
    )
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::rfc3339;

    #[test]
    fn writes_times() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.007Z"),
            (951_782_400, "2000-02-29T00:00:00.007Z"),
            (1_709_251_199, "2024-02-29T23:59:59.007Z"),
            (1_709_251_200, "2024-03-01T00:00:00.007Z"),
            (1_798_761_599, "2026-12-31T23:59:59.007Z"),
            (4_102_444_800, "2100-01-01T00:00:00.007Z"),
        ] {
            let time = SystemTime::UNIX_EPOCH + Duration::from_millis(seconds * 1_000 + 7);
            assert_eq!(rfc3339(time), text);
        }
    }
}
