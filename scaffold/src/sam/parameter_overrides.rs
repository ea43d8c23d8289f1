//! The values that `samconfig.toml` gives to the parameters of a template, as `sam deploy` does.

use std::path::Path;

use toml::{Table, Value};

use super::yaml::{NULL, Node, NodeValue};
use crate::files;

/// The largest `samconfig.toml` that is read, in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// Reads `parameter_overrides` of the environment `default` in the file beside a template. A file that cannot be
/// read gives none: `sam` reports what is wrong with it.
pub(super) fn beside(template: &Path) -> Node {
    let text = files::read_text(&template.with_file_name("samconfig.toml"), MAX_SIZE);
    let config: Table = text.unwrap_or_default().parse().unwrap_or_default();
    of(&config)
}

fn of(config: &Table) -> Node {
    let of_command = |command: &str| {
        config.get("default")?.get(command)?.get("parameters")?.get("parameter_overrides")
    };
    let overrides = match of_command("deploy").or_else(|| of_command("global")) {
        Some(Value::String(all)) => shlex::split(all).unwrap_or_default(),
        Some(Value::Array(list)) => {
            let words = list.iter().filter_map(Value::as_str);
            words.flat_map(|word| shlex::split(word).unwrap_or_default()).collect()
        }
        _ => return NULL.clone(),
    };
    let entries = overrides.iter().filter_map(|word| pair(word));
    let entry = |(name, value): (&str, &str)| {
        (name.to_owned(), Node { line: 0, value: NodeValue::Text(value.to_owned()) })
    };
    Node { line: 0, value: NodeValue::Map(entries.map(entry).collect()) }
}

/// Splits `Stage=prod`, or `ParameterKey=Stage,ParameterValue=prod`.
fn pair(word: &str) -> Option<(&str, &str)> {
    match word.strip_prefix("ParameterKey=") {
        Some(rest) => rest.split_once(",ParameterValue="),
        None => word.split_once('='),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `parameter_overrides` with this value in TOML.
    fn overrides(value: &str) -> Vec<(String, String)> {
        let config = format!("[default.deploy.parameters]\nparameter_overrides = {value}\n");
        match of(&config.parse().unwrap()).value {
            NodeValue::Map(entries) => entries
                .into_iter()
                .map(|(name, node)| (name, node.text().unwrap_or_default().to_owned()))
                .collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn reads_all_forms_that_sam_takes() {
        let expected = [("Stage", "prod"), ("Greeting", "good day")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        for value in [
            r#"'Stage=prod Greeting="good day"'"#,
            r#"'"Stage"="prod" "Greeting"="good day"'"#,
            r#"['Stage=prod', 'Greeting="good day"']"#,
            r#"'ParameterKey=Stage,ParameterValue=prod ParameterKey=Greeting,ParameterValue="good day"'"#,
        ] {
            assert_eq!(overrides(value), expected, "{value}");
        }
        for none in ["5", "''", "'Stage'", "'\"'"] {
            assert!(overrides(none).is_empty(), "{none}");
        }
    }
}
