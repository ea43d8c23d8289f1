//! The functions of a deployed stack, by their names in the template.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::failed;
use crate::aws::aws_cli::{AwsCli, CallError, Service};
use crate::term::error::Error;

const FUNCTION: &str = "AWS::Lambda::Function";
const STACK: &str = "AWS::CloudFormation::Stack";

/// A stack and the stacks nested in it, as far as they were read.
#[derive(Debug)]
pub(crate) struct Stack<'a> {
    aws: &'a AwsCli,
    name: String,
    /// By the name or the id of the stack.
    resources: BTreeMap<String, Vec<StackResource>>,
}

/// A resource of a stack.
#[derive(Debug)]
struct StackResource {
    logical_id: String,
    kind: String,
    physical_id: String,
}

impl<'a> Stack<'a> {
    /// Reads a stack; `None` if it does not exist.
    pub(crate) async fn find(aws: &'a AwsCli, name: &str) -> Result<Option<Self>, Error> {
        match resources(aws, name).await {
            Ok(resources) => Ok(Some(Self::new(aws, name, resources))),
            Err(error) if error.is("ValidationError") => Ok(None),
            Err(error) => Err(cannot_read(name, &error)),
        }
    }

    /// Reads a stack, and fails if it does not exist.
    pub(crate) async fn read(aws: &'a AwsCli, name: &str) -> Result<Self, Error> {
        let resources = resources(aws, name).await.map_err(|error| cannot_read(name, &error))?;
        Ok(Self::new(aws, name, resources))
    }

    fn new(aws: &'a AwsCli, name: &str, resources: Vec<StackResource>) -> Self {
        let resources = BTreeMap::from([(name.to_owned(), resources)]);
        Self { aws, name: name.to_owned(), resources }
    }

    /// Returns all functions: their names in the template, by their names on AWS.
    pub(super) async fn functions(&mut self) -> Result<BTreeMap<String, String>, Error> {
        let mut functions = BTreeMap::new();
        let mut stacks = vec![(self.name.clone(), String::new())];
        while let Some((stack, path)) = stacks.pop() {
            for resource in self.resources(&stack).await? {
                let StackResource { logical_id, kind, physical_id } = resource;
                match kind.as_str() {
                    FUNCTION => {
                        functions.insert(physical_id.clone(), format!("{path}{logical_id}"));
                    }
                    STACK => stacks.push((physical_id.clone(), format!("{path}{logical_id}/"))),
                    _ => {}
                }
            }
        }
        Ok(functions)
    }

    /// Returns the resources of this stack, or of one nested in it.
    async fn resources(&mut self, stack: &str) -> Result<&[StackResource], Error> {
        if !self.resources.contains_key(stack) {
            let resources = resources(self.aws, stack).await;
            let resources = resources.map_err(|error| cannot_read(stack, &error))?;
            self.resources.insert(stack.to_owned(), resources);
        }
        Ok(self.resources.get(stack).map(Vec::as_slice).unwrap_or_default())
    }

    /// Returns the name on AWS of a function such as `Orders`, or `Shop/Orders` of a nested application.
    pub(crate) async fn function(&mut self, path: &str) -> Result<Option<String>, Error> {
        let mut stack = self.name.clone();
        let mut path = path.split('/').peekable();
        while let Some(segment) = path.next() {
            let is_last = path.peek().is_none();
            let kind = if is_last { FUNCTION } else { STACK };
            let all = self.resources(&stack).await?;
            let found = all.iter().find(|it| it.logical_id == segment && it.kind == kind);
            let found = found.map(|it| it.physical_id.clone());
            let Some(found) = found else { return Ok(None) };
            stack = found;
        }
        Ok(Some(stack))
    }
}

/// Lists the resources of a stack that exist.
async fn resources(aws: &AwsCli, stack: &str) -> Result<Vec<StackResource>, CallError> {
    let input = json!({ "StackName": stack });
    let output = aws.call(Service::CloudFormation, "list-stack-resources", &input).await?;
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

fn cannot_read(stack: &str, error: &CallError) -> Error {
    let failed = failed(format!("cannot read the stack `{stack}`"), Service::CloudFormation, error);
    if !error.is("ValidationError") {
        return failed;
    }
    failed.hint(
        "`aws cloudformation list-stacks` lists the stacks; set `AWS_REGION` and `AWS_PROFILE` to where it is",
    )
}
