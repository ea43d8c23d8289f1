//! `CloudFormation`'s intrinsic functions and conditions, as far as they can be evaluated without a
//! deployment.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::diagnostics::{Diagnostic, ReadResult};
use super::yaml;
use super::yaml::{NULL, Node, NodeValue};
use crate::aws;
use crate::aws::ACCOUNT_ID;

/// The names that intrinsic functions can refer to.
pub(super) struct Scope<'a> {
    template: &'a Node,
    parameters: BTreeMap<&'a str, String>,
    /// Values that only a deployment knows have a stand-in.
    stand_ins: bool,
    stack: &'a str,
    /// The size in bytes of all results so far.
    size: Cell<usize>,
    /// The number of names of resources that are being resolved.
    depth: Cell<usize>,
}

/// The types of resources for which `Ref` is the name in this property, if the template sets it.
const NAMED: [(&str, &str); 10] = [
    ("AWS::DynamoDB::GlobalTable", "TableName"),
    ("AWS::DynamoDB::Table", "TableName"),
    ("AWS::Events::EventBus", "Name"),
    ("AWS::Kinesis::Stream", "Name"),
    ("AWS::Lambda::Function", "FunctionName"),
    ("AWS::Logs::LogGroup", "LogGroupName"),
    ("AWS::S3::Bucket", "BucketName"),
    ("AWS::SSM::Parameter", "Name"),
    ("AWS::Serverless::Function", "FunctionName"),
    ("AWS::Serverless::SimpleTable", "TableName"),
];

impl<'a> Scope<'a> {
    /// Creates the scope of a template. Parameters have the value in `given`, or else their default;
    /// `stack` stands in for the name of the stack, which is chosen at deployment, and logical ids stand in
    /// for the names of resources.
    pub(super) fn new(template: &'a Node, given: &Node, stack: &'a str) -> Self {
        let value = |name: &str, parameter: &Node| match given.get(name) {
            // A list becomes its items, separated by commas.
            Some(Node { value: NodeValue::List(items), .. }) => {
                let texts: Option<Vec<_>> = items.iter().map(Node::text).collect();
                texts.map(|texts| texts.join(","))
            }
            Some(given) => given.text().map(str::to_owned),
            None => parameter.get("Default")?.text().map(str::to_owned),
        };
        let parameters = template
            .entries_of("Parameters")
            .iter()
            .filter_map(|(name, parameter)| Some((name.as_str(), value(name, parameter)?)))
            .collect();
        let (size, depth) = (Cell::new(0), Cell::new(0));
        Self { template, parameters, stand_ins: true, stack, size, depth }
    }

    /// Leaves the values that only a deployment knows unresolved.
    pub(super) fn without_stand_ins(self) -> Self {
        Self { stand_ins: false, ..self }
    }

    /// Counts the size of a result. Fails if a few calls multiply a value without end.
    pub(super) fn add(&self, line: usize, size: usize) -> ReadResult<()> {
        self.size.set(self.size.get() + size);
        yaml::check_size(line, self.size.get())
    }

    /// Replaces every intrinsic function in a value by its result.
    pub(super) fn resolve(&self, node: &Node) -> ReadResult<Node> {
        let line = node.line;
        let value = match &node.value {
            NodeValue::Map(entries) => match entries.as_slice() {
                [(name, argument)] if name == "Ref" || name.starts_with("Fn::") => {
                    self.call(name, argument)?
                }
                _ => {
                    let mut resolved = Vec::with_capacity(entries.len());
                    for (name, value) in entries {
                        let value = self.resolve(value)?;
                        if !is_no_value(&value) {
                            resolved.push((name.clone(), value));
                        }
                    }
                    NodeValue::Map(resolved)
                }
            },
            NodeValue::List(items) => {
                let mut resolved =
                    items.iter().map(|item| self.resolve(item)).collect::<ReadResult<Vec<_>>>()?;
                resolved.retain(|item| !is_no_value(item));
                NodeValue::List(resolved)
            }
            value => value.clone(),
        };
        Ok(Node { line, value })
    }

    fn call(&self, name: &str, argument: &Node) -> ReadResult<NodeValue> {
        let line = argument.line;
        let result = match (name, argument.items()) {
            ("Ref", _) => argument.text().and_then(|name| self.reference(name)),
            ("Fn::GetAtt", [resource, attribute]) => {
                let attribute = resource.text().zip(attribute.text());
                attribute.and_then(|(resource, attribute)| self.attribute(resource, attribute))
            }
            ("Fn::GetAtt", _) => argument.text().and_then(|path| self.attribute_at(path)),
            ("Fn::Sub", [text, variables]) => {
                self.substitute(line, text, &self.resolve(variables)?)?
            }
            ("Fn::Sub", _) => self.substitute(line, argument, &NULL)?,
            ("Fn::Join", [separator, list]) => join(separator, &self.resolve(list)?),
            ("Fn::Select", [index, list]) => select(&self.resolve(index)?, &self.resolve(list)?),
            ("Fn::Split", [separator, text]) => split(separator, &self.resolve(text)?),
            ("Fn::FindInMap", [map, top, second, ..]) => {
                let keys = [self.resolve(map)?, self.resolve(top)?, self.resolve(second)?];
                let mappings = self.template.get("Mappings");
                let found = mappings
                    .and_then(|map| keys.iter().try_fold(map, |map, key| map.get(key.text()?)));
                found.map(|node| node.value.clone())
            }
            ("Fn::If", [condition, yes, no]) => {
                match condition.text().map(|name| self.condition(name)).transpose()?.flatten() {
                    Some(true) => Some(self.resolve(yes)?.value),
                    Some(false) => Some(self.resolve(no)?.value),
                    None => None,
                }
            }
            _ => None,
        };
        let value = result.unwrap_or_else(|| NodeValue::Unknown(short_form(name, argument)));
        let node = Node { line, value };
        self.add(line, node.size())?;
        Ok(node.value)
    }

    /// Returns a parameter's value, a pseudo parameter, or a resource's logical id in place of the name
    /// that a deployment gives it.
    fn reference(&self, name: &str) -> Option<NodeValue> {
        if let Some(value) = self.parameters.get(name) {
            return Some(NodeValue::Text(value.clone()));
        }
        let text = match name {
            "AWS::Region" => aws::region(),
            "AWS::AccountId" | "AWS::StackName" if !self.stand_ins => return None,
            "AWS::AccountId" => ACCOUNT_ID.to_owned(),
            "AWS::Partition" => "aws".to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            "AWS::StackName" => self.stack.to_owned(),
            "AWS::NoValue" => return Some(NodeValue::Unknown(NO_VALUE.to_owned())),
            _ if name.starts_with("AWS::") => return None,
            _ if self.template.find(&["Parameters", name]).is_some() => return None,
            _ if !self.stand_ins => return self.name_of(name),
            _ => name.to_owned(),
        };
        Some(NodeValue::Text(text))
    }

    /// Returns the name that the template gives to a resource.
    fn name_of(&self, resource: &str) -> Option<NodeValue> {
        // Stops names that refer to each other in a circle.
        const MAX_DEPTH: usize = 4;
        let resource = self.template.find(&["Resources", resource])?;
        let kind = resource.text_of("Type")?;
        let (_, property) = NAMED.iter().find(|(named, _)| *named == kind)?;
        let name = resource.find(&["Properties", property])?;
        let depth = self.depth.get();
        if depth >= MAX_DEPTH {
            return None;
        }
        self.depth.set(depth + 1);
        let name = self.resolve(name);
        self.depth.set(depth);
        // A size that is too large fails with the next result.
        name.ok().map(|name| name.value).filter(|name| matches!(name, NodeValue::Text(_)))
    }

    fn attribute_at(&self, path: &str) -> Option<NodeValue> {
        let (resource, attribute) = path.rsplit_once('.')?;
        self.attribute(resource, attribute)
    }

    /// Returns the ARN of a function; other attributes are unknown before a deployment.
    fn attribute(&self, resource: &str, attribute: &str) -> Option<NodeValue> {
        let kind = self.template.find(&["Resources", resource, "Type"])?.text()?;
        (attribute == "Arn" && is_function(kind) && self.stand_ins)
            .then(|| NodeValue::Text(aws::function_arn(resource)))
    }

    fn substitute(
        &self,
        line: usize,
        text: &Node,
        variables: &Node,
    ) -> ReadResult<Option<NodeValue>> {
        let Some(mut rest) = text.text() else { return Ok(None) };
        let mut result = String::new();
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, after)) = after.split_once('}') else {
                return Err(Diagnostic::new(line, "`${` without a closing `}`"));
            };
            result += before;
            rest = after;
            if let Some(literal) = name.strip_prefix('!') {
                result.extend(["${", literal, "}"]);
                continue;
            }
            let value = match variables.get(name) {
                Some(node) => Some(node.value.clone()),
                None if name.contains('.') => self.attribute_at(name),
                None => self.reference(name),
            };
            let Some(NodeValue::Text(value)) = value else { return Ok(None) };
            self.add(line, value.len())?;
            result += &value;
        }
        Ok(Some(NodeValue::Text(result + rest)))
    }

    /// Evaluates a named condition; `None` if only a deployment can.
    pub(super) fn condition(&self, name: &str) -> ReadResult<Option<bool>> {
        self.named_condition(name, 0)
    }

    fn named_condition(&self, name: &str, depth: usize) -> ReadResult<Option<bool>> {
        match self.template.find(&["Conditions", name]) {
            Some(condition) => self.evaluate(condition, depth),
            None => Ok(None),
        }
    }

    fn evaluate(&self, condition: &Node, depth: usize) -> ReadResult<Option<bool>> {
        // Stops conditions that refer to each other in a circle.
        const MAX_DEPTH: usize = 32;
        let [(name, argument)] = condition.entries() else { return Ok(None) };
        self.add(condition.line, size_of::<Node>())?;
        if depth > MAX_DEPTH {
            return Err(Diagnostic::new(condition.line, "this condition depends on itself"));
        }
        let parts = || {
            argument
                .items()
                .iter()
                .map(|item| self.evaluate(item, depth + 1))
                .collect::<ReadResult<Vec<_>>>()
        };
        Ok(match name.as_str() {
            "Condition" => match argument.text() {
                Some(name) => self.named_condition(name, depth + 1)?,
                None => None,
            },
            "Fn::Equals" => match argument.items() {
                [one, other] => {
                    let (one, other) = (self.resolve(one)?, self.resolve(other)?);
                    one.text().zip(other.text()).map(|(one, other)| one == other)
                }
                _ => None,
            },
            "Fn::Not" => parts()?.first().copied().flatten().map(|holds| !holds),
            "Fn::And" => {
                parts()?.into_iter().collect::<Option<Vec<_>>>().map(|all| !all.contains(&false))
            }
            "Fn::Or" => {
                parts()?.into_iter().collect::<Option<Vec<_>>>().map(|all| all.contains(&true))
            }
            _ => None,
        })
    }
}

fn join(separator: &Node, list: &Node) -> Option<NodeValue> {
    let texts = list.items().iter().map(Node::text).collect::<Option<Vec<_>>>()?;
    Some(NodeValue::Text(texts.join(separator.text()?)))
}

fn select(index: &Node, list: &Node) -> Option<NodeValue> {
    let index: usize = index.text()?.parse().ok()?;
    match list.text() {
        // The default of a parameter of a list type.
        Some(text) => Some(NodeValue::Text(text.split(',').nth(index)?.trim().to_owned())),
        None => Some(list.items().get(index)?.value.clone()),
    }
}

fn split(separator: &Node, text: &Node) -> Option<NodeValue> {
    let parts = text.text()?.split(separator.text()?);
    let node = |part: &str| Node { line: text.line, value: NodeValue::Text(part.to_owned()) };
    Some(NodeValue::List(parts.map(node).collect()))
}

const NO_VALUE: &str = "!Ref AWS::NoValue";

/// Checks for a value that removes its property.
fn is_no_value(node: &Node) -> bool {
    matches!(&node.value, NodeValue::Unknown(text) if text == NO_VALUE)
}

/// Checks whether resources of a type are functions.
pub(super) fn is_function(kind: &str) -> bool {
    matches!(kind, "AWS::Serverless::Function" | "AWS::Lambda::Function")
}

/// Writes a call in the short form.
fn short_form(name: &str, argument: &Node) -> String {
    let name = name.strip_prefix("Fn::").unwrap_or(name);
    match argument.texts().as_slice() {
        [] => format!("!{name} …"),
        texts => format!("!{name} {}", texts.join(".")),
    }
}
