//! The values that SAM's configuration file gives to the parameters of a template, as `sam deploy` does.

use serde_json::Value;

use super::config_file::SamConfig;
use super::yaml::{NULL, Node, NodeValue};

/// Returns `parameter_overrides`.
pub(super) fn of(config: &SamConfig) -> Node {
    let overrides = match config.parameter("deploy", "parameter_overrides") {
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
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::sam::ConfigChoice;

    /// Reads `parameter_overrides` with this value in TOML.
    fn overrides(value: &str) -> Vec<(String, String)> {
        let text = format!("[default.deploy.parameters]\nparameter_overrides = {value}\n");
        overrides_in("samconfig.toml", &text)
    }

    /// Reads `parameter_overrides` of a file.
    fn overrides_in(name: &str, text: &str) -> Vec<(String, String)> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), text).unwrap();
        let template: &Path = &folder.path().join("template.yaml");
        match of(&SamConfig::beside(template, &ConfigChoice::default())).value {
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
        let list = "default:\n  deploy:\n    parameters:\n      parameter_overrides:\n        - Stage=prod\n        \
                    - Greeting='good day'\n";
        assert_eq!(overrides_in("samconfig.yaml", list), expected);
        for none in ["5", "''", "'Stage'", "'\"'"] {
            assert!(overrides(none).is_empty(), "{none}");
        }
    }
}
