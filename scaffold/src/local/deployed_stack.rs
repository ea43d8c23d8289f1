//! The variables of the functions in a deployed stack.
//!
//! They are read from the functions, not from the resources that the template refers to: Lambda has each value as
//! `CloudFormation` has resolved it, whatever functions, imports, secrets and parameters it is made of.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::aws::aws_cli::{AwsCli, CallError, Service};
use crate::sam::TemplateFunction;
use crate::term::error::{Error, Result};

/// A stack, and the variables of its functions.
#[derive(Debug)]
pub(super) struct DeployedStack {
    pub(super) name: String,
    /// By the name of the function in the template.
    variables: BTreeMap<String, BTreeMap<String, String>>,
}

/// A resource of a stack.
struct StackResource {
    logical_id: String,
    kind: String,
    physical_id: String,
}

impl DeployedStack {
    /// Reads the variables of those of the functions that have some whose values only a deployment knows.
    pub(super) async fn read(
        name: &str,
        functions: impl IntoIterator<Item = &TemplateFunction>,
    ) -> Result<Self> {
        let aws = AwsCli::find()?;
        // The resources of the stack, and of those nested in it, by the name or id of the stack.
        let mut stacks = BTreeMap::new();
        stacks.insert(name.to_owned(), resources(&aws, name).await?);
        let mut variables = BTreeMap::new();
        for function in functions {
            if function.unresolved_variables.is_empty() {
                continue;
            }
            let mut stack = name.to_owned();
            let mut deployed = None;
            let mut path = function.name.split('/').peekable();
            while let Some(segment) = path.next() {
                let is_last = path.peek().is_none();
                let kind =
                    if is_last { "AWS::Lambda::Function" } else { "AWS::CloudFormation::Stack" };
                if !stacks.contains_key(&stack) {
                    stacks.insert(stack.clone(), resources(&aws, &stack).await?);
                }
                let all = stacks.get(&stack).map(Vec::as_slice).unwrap_or_default();
                let found = all.iter().find(|it| it.logical_id == segment && it.kind == kind);
                let Some(found) = found else { break };
                if is_last {
                    deployed = Some(found.physical_id.clone());
                } else {
                    stack.clone_from(&found.physical_id);
                }
            }
            if let Some(deployed) = deployed {
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

/// Lists the resources of a stack that exist.
async fn resources(aws: &AwsCli, stack: &str) -> Result<Vec<StackResource>> {
    let service = Service::CloudFormation;
    let input = json!({ "StackName": stack });
    let output = aws.call(service, "list-stack-resources", &input).await.map_err(|error| {
        let fix = if error.is("ValidationError") {
            "`aws cloudformation list-stacks` lists the stacks; set `AWS_REGION` and `AWS_PROFILE` to where it is"
                .to_owned()
        } else {
            error.fix(service)
        };
        cannot_read(&format!("the stack `{stack}`"), error).hint(fix)
    })?;
    let all = output.get("StackResourceSummaries").and_then(Value::as_array);
    let resource = |summary: &Value| {
        let text = |name: &str| summary.get(name)?.as_str().map(str::to_owned);
        Some(StackResource {
            logical_id: text("LogicalResourceId")?,
            kind: text("ResourceType")?,
            physical_id: text("PhysicalResourceId").filter(|id| !id.is_empty())?,
        })
    };
    Ok(all.into_iter().flatten().filter_map(resource).collect())
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
