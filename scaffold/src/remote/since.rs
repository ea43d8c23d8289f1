//! The time from which on logs are read.

use std::str::FromStr;
use std::time::Duration;

/// A time span such as `90s`, `10m`, `2h` or `3d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Since(pub(crate) Duration);

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "expected a number with `s`, `m`, `h` or `d`, such as `10m`".to_owned();
        let unit = text.chars().last().ok_or_else(expected)?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86400,
            _ => return Err(expected()),
        };
        let number = text.strip_suffix(unit).and_then(|number| number.parse::<u32>().ok());
        number.map(|it| Self(Duration::from_secs(u64::from(it) * seconds))).ok_or_else(expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_time_spans() {
        let parse = |text: &str| text.parse::<Since>().ok().map(|since| since.0.as_secs());
        for (text, seconds) in [("90s", 90), ("10m", 600), ("2h", 7200), ("3d", 259_200)] {
            assert_eq!(parse(text), Some(seconds), "{text}");
        }
        for wrong in ["", "10", "m", "-1m", "1.5h", "10 m", "10w", "1é", "99999999999s"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
