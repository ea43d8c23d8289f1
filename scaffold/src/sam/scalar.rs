//! Plain scalars as YAML 1.1 reads them: SAM parses templates with `PyYAML`, for which `yes` is a boolean
//! and `07` is a number.

use std::sync::LazyLock;

use regex::Regex;

/// Reads an unquoted scalar, which is `None` for null. Numbers and booleans become text in the form in which SAM writes them into
/// the template that it deploys: `true`, `7`, `256.0`.
pub(super) fn read(text: &str) -> Option<String> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => None,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Some("true".to_owned())
        }
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some("false".to_owned())
        }
        _ => Some(number(text).unwrap_or_else(|| text.to_owned())),
    }
}

/// Returns the decimal form of a number.
fn number(text: &str) -> Option<String> {
    // The expressions for `int` and `float` of <https://yaml.org/type/>, as `PyYAML` has them.
    static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?x)^(?P<sign>[-+]?)(?:
                0b(?P<binary>[01_]+)
                | 0x(?P<hexadecimal>[0-9a-fA-F_]+)
                | 0(?P<octal>[0-7_]+)
                | (?P<decimal>0|[1-9][0-9_]*)
                | (?P<sexagesimal>[1-9][0-9_]*(?::[0-5]?[0-9])+)
                | (?P<float>(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?)
            )$",
        )
        .ok()
    });
    let found = NUMBER.as_ref()?.captures(text)?;
    let digits = |name| found.name(name).map(|it| it.as_str().replace('_', ""));
    let number = if let Some(float) = digits("float") {
        // Debug output keeps the `.0` of a whole number, as Python does.
        format!("{:?}", float.parse::<f64>().ok()?)
    } else if let Some(parts) = digits("sexagesimal") {
        let add = |sum: i128, part: &str| sum.checked_mul(60)?.checked_add(part.parse().ok()?);
        parts.split(':').try_fold(0, add)?.to_string()
    } else {
        let radixes = [("binary", 2), ("octal", 8), ("decimal", 10), ("hexadecimal", 16)];
        let (digits, radix) =
            radixes.into_iter().find_map(|(name, radix)| Some((digits(name)?, radix)))?;
        i128::from_str_radix(&digits, radix).ok()?.to_string()
    };
    let is_negative = found.name("sign").is_some_and(|sign| sign.as_str() == "-") && number != "0";
    Some(if is_negative { format!("-{number}") } else { number })
}
