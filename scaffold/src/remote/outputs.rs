//! The outputs of a deployed stack, and its URLs.

use serde_json::{Value, json};

use super::{failed, warn};
use crate::aws::aws_cli::{AwsCli, CallError, Service};
use crate::term::style::LABEL;
use crate::term::{escape, message, quote};

/// An output of a stack.
#[derive(Debug)]
struct StackOutput {
    name: String,
    value: String,
    description: Option<String>,
}

impl StackOutput {
    /// Returns whether the value is the URL of an API, without placeholders such as `{id}`.
    fn is_url(&self) -> bool {
        let is_queue = self.value.starts_with("https://sqs.");
        self.value.starts_with("https://") && !is_queue && !self.value.contains('{')
    }
}

/// Prints the outputs of a stack. Returns the command that requests the first URL among them.
pub(crate) async fn print(aws: &AwsCli, stack: &str) -> Option<String> {
    let outputs = match read(aws, stack).await {
        Ok(outputs) => outputs,
        Err(error) => {
            let message = format!("cannot read the outputs of the stack `{stack}`");
            warn(&failed(message, Service::CloudFormation, &error));
            return None;
        }
    };
    if !outputs.is_empty() {
        message::note(format_args!("\noutputs of the stack `{}`:", escape::line(stack)));
    }
    let width = outputs.iter().map(|output| output.name.len()).max().unwrap_or_default();
    for StackOutput { name, value, description } in &outputs {
        let name = escape::line(name);
        let value = escape::line(value);
        match description {
            Some(text) => {
                let text = escape::line(text);
                message::note(format_args!("  {name:width$}  {value}  {LABEL}{text}{LABEL:#}"));
            }
            None => message::note(format_args!("  {name:width$}  {value}")),
        }
    }
    let url = outputs.iter().find(|output| output.is_url())?;
    Some(format!("curl {}", quote::quote(&url.value)))
}

/// Reads the outputs of a stack.
async fn read(aws: &AwsCli, stack: &str) -> Result<Vec<StackOutput>, CallError> {
    let input = json!({ "StackName": stack });
    let output = aws.call(Service::CloudFormation, "describe-stacks", &input).await?;
    let all = output.pointer("/Stacks/0/Outputs").and_then(Value::as_array);
    let parse = |output: &Value| {
        let text = |name: &str| output.get(name)?.as_str().map(str::to_owned);
        Some(StackOutput {
            name: text("OutputKey")?,
            value: text("OutputValue")?,
            description: text("Description").filter(|text| !text.is_empty()),
        })
    };
    Ok(all.into_iter().flatten().filter_map(parse).collect())
}
