//! The variables of the functions in a deployed stack.
//!
//! They are read from the functions, not from the resources that the template refers to: Lambda has each value as
//! `CloudFormation` has resolved it, whatever functions, imports, secrets and parameters it is made of.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::aws::aws_cli::{AwsCli, CallError, Service};
use crate::remote::stack::Stack;
use crate::sam::TemplateFunction;
use crate::term::error::{Error, Result};

/// A stack, and the variables of its functions.
#[derive(Debug)]
pub(super) struct DeployedStack {
    pub(super) name: String,
    /// By the name of the function in the template.
    variables: BTreeMap<String, BTreeMap<String, String>>,
}

impl DeployedStack {
    /// Reads the variables of those of the functions that have some whose values only a deployment knows.
    pub(super) async fn read(
        name: &str,
        functions: impl IntoIterator<Item = &TemplateFunction>,
    ) -> Result<Self> {
        let aws = AwsCli::find()?;
        let mut stack = Stack::read(&aws, name).await?;
        let mut variables = BTreeMap::new();
        for function in functions {
            if function.unresolved_variables.is_empty() {
                continue;
            }
            if let Some(deployed) = stack.function(&function.name).await? {
                variables.insert(function.name.clone(), read(&aws, function, &deployed).await?);
            }
        }
        Ok(Self { name: name.to_owned(), variables })
    }

    /// Returns the value of a variable of a function.
    pub(super) fn value(&self, function: &str, variable: &str) -> Option<&String> {
        self.variables.get(function)?.get(variable)
    }
}

/// Reads the variables of a function, whose name on AWS is `deployed`.
async fn read(
    aws: &AwsCli,
    function: &TemplateFunction,
    deployed: &str,
) -> Result<BTreeMap<String, String>> {
    let service = Service::Lambda;
    let input = json!({ "FunctionName": deployed });
    let what = || format!("the variables of `{}` from `{deployed}`", function.name);
    let output =
        aws.call(service, "get-function-configuration", &input).await.map_err(|error| {
            let fix = error.fix(service);
            cannot_read(&what(), error).hint(fix)
        })?;
    let environment = output.get("Environment");
    // Lambda cannot decrypt them for these credentials.
    if let Some(error) = environment.and_then(|it| it.get("Error")) {
        let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
        return Err(Error::new(format!("cannot read {}", what()))
            .because(format!("{}: {}", text("ErrorCode"), text("Message")))
            .hint(
                "your credentials need the permission `kms:Decrypt` for the key of the function",
            ));
    }
    let variables = environment.and_then(|it| it.get("Variables")).and_then(Value::as_object);
    let variables = variables.into_iter().flatten();
    Ok(variables
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect())
}

fn cannot_read(what: &str, error: CallError) -> Error {
    Error::new(format!("cannot read {what}")).because(error.to_string())
}
