//! The runtime's own lines in the function's log, which goes to standard error.

use std::fmt::{self, Display};
use std::io::{self, Write as _};
use std::sync::OnceLock;
use std::time::SystemTime;

use serde::Serialize;

use crate::error::{RuntimeError, WithCauses};

/// Logs an error in the format of `AWS_LAMBDA_LOG_FORMAT`: as text in the style of Lambda's own
/// lines, or as JSON.
///
/// The request id is empty before the first event.
pub(crate) fn log(request_id: &str, error: &dyn Display) {
    write("ERROR", request_id, error);
}

/// Logs a warning in the same way.
pub(crate) fn warn(message: &str) {
    write("WARN", "", &message);
}

/// Logs how the function runs, in the same way.
#[cfg(feature = "concurrency")]
pub(crate) fn info(message: &str) {
    write("INFO", "", &message);
}

fn write(level: &'static str, request_id: &str, message: &dyn Display) {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct LogLine<'a> {
        timestamp: String,
        level: &'static str,
        #[serde(skip_serializing_if = "str::is_empty")]
        request_id: &'a str,
        message: String,
    }

    let line = LogLine {
        timestamp: rfc3339(SystemTime::now()),
        level,
        request_id,
        message: message.to_string(),
    };
    match is_json().then(|| serde_json::to_string(&line)) {
        Some(Ok(line)) => print(format_args!("{line}")),
        _ if request_id.is_empty() => print(format_args!("{level} {message}")),
        _ => print(format_args!("{level} RequestId: {request_id} {message}")),
    }
}

/// Logs an error in the same way, with further fields that are not empty.
#[cfg(feature = "events")]
pub(crate) fn log_with<const N: usize>(
    request_id: &str,
    fields: [(&'static str, &str); N],
    error: &dyn Display,
) {
    let fields = fields.iter().filter(|(_, value)| !value.is_empty());
    if is_json() {
        let (timestamp, message) = (rfc3339(SystemTime::now()), error.to_string());
        let line: Vec<_> =
            [("timestamp", &*timestamp), ("level", "ERROR"), ("requestId", request_id)]
                .iter()
                .chain(fields)
                .chain([&("message", &*message)])
                .copied()
                .collect();
        let mut json = Vec::new();
        let mut serializer = serde_json::Serializer::new(&mut json);
        if serde::Serializer::collect_map(&mut serializer, line).is_ok() {
            print(format_args!("{}", String::from_utf8_lossy(&json)));
        }
        return;
    }
    let mut line = format!("ERROR RequestId: {request_id} ");
    for (name, value) in fields {
        let (first, rest) = name.split_at(1);
        line.extend([&*first.to_ascii_uppercase(), rest, ": ", value, " "]);
    }
    print(format_args!("{line}{error}"));
}

/// Prints the error that ends the process, with its causes, and a hint if there is one.
pub(crate) fn report(error: &RuntimeError) {
    print(format_args!("error: {}", WithCauses(error)));
    if let Some(hint) = error.hint() {
        print(format_args!("hint: {hint}"));
    }
}

/// Prints a line to standard error. A line that cannot be written is lost: the function must go on
/// without its log.
pub(crate) fn print(line: fmt::Arguments<'_>) {
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// Tells whether the log consists of JSON objects, one on each line.
pub(crate) fn is_json() -> bool {
    static JSON: OnceLock<bool> = OnceLock::new();
    *JSON.get_or_init(|| {
        std::env::var("AWS_LAMBDA_LOG_FORMAT")
            .is_ok_and(|format| format.eq_ignore_ascii_case("json"))
    })
}

/// Formats a time as `2026-01-31T23:59:59.123Z`.
pub(crate) fn rfc3339(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let (days, seconds) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    // Converts days to a date of the civil calendar, in eras of 400 years that begin in March.
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
