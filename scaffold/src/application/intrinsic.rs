//! `CloudFormation`'s functions, as far as they can be told without deploying.

use std::collections::BTreeMap;

use super::document::{Node, Value};
use super::problem::{Problem, Read};

/// The account of everything that runs here.
pub(crate) const ACCOUNT: &str = "012345678912";

/// What functions refer to.
pub(super) struct Scope<'a> {
    template: &'a Node,
    parameters: BTreeMap<&'a str, String>,
    region: String,
    stack: &'a str,
}

impl<'a> Scope<'a> {
    /// A parameter is what is `given` for it, else its default. `stack` stands for the name of the
    /// stack, which is chosen when it is deployed.
    pub(super) fn new(template: &'a Node, given: &Node, region: String, stack: &'a str) -> Self {
        let parameters = template.get("Parameters").map(Node::entries).unwrap_or_default();
        let value = |name: &str, parameter: &Node| match given.get(name) {
            // A list is its items with commas between them.
            Some(Node { value: Value::List(items), .. }) => {
                let texts: Option<Vec<_>> = items.iter().map(Node::text).collect();
                texts.map(|texts| texts.join(","))
            }
            Some(given) => given.text().map(str::to_owned),
            None => parameter.get("Default")?.text().map(str::to_owned),
        };
        let parameters = parameters
            .iter()
            .filter_map(|(name, parameter)| Some((name.as_str(), value(name, parameter)?)))
            .collect();
        Self { template, parameters, region, stack }
    }

    /// The value with every function in it replaced by what it gives.
    pub(super) fn resolve(&self, node: &Node) -> Read<Node> {
        let line = node.line;
        let value = match &node.value {
            Value::Map(entries) => match entries.as_slice() {
                [(name, argument)] if name == "Ref" || name.starts_with("Fn::") => {
                    self.call(name, argument)?
                }
                _ => {
                    let mut resolved = Vec::with_capacity(entries.len());
                    for (name, value) in entries {
                        let value = self.resolve(value)?;
                        if !value.is_left_out() {
                            resolved.push((name.clone(), value));
                        }
                    }
                    Value::Map(resolved)
                }
            },
            Value::List(items) => {
                let mut resolved =
                    items.iter().map(|item| self.resolve(item)).collect::<Read<Vec<_>>>()?;
                resolved.retain(|item| !item.is_left_out());
                Value::List(resolved)
            }
            value => value.clone(),
        };
        Ok(Node { line, value })
    }

    fn call(&self, name: &str, argument: &Node) -> Read<Value> {
        let known = match name {
            "Ref" => argument.text().and_then(|name| self.reference(name)),
            "Fn::GetAtt" => self.attribute(argument),
            "Fn::Sub" => self.substitute(argument)?,
            "Fn::Join" => self.join(argument)?,
            "Fn::Select" => self.select(argument)?,
            "Fn::Split" => self.split(argument)?,
            "Fn::FindInMap" => self.find_in_map(argument)?,
            "Fn::If" => self.choose(argument)?,
            _ => None,
        };
        Ok(known.unwrap_or_else(|| Value::Unknown(written(name, argument))))
    }

    /// A parameter's default, a fact of the place, or the logical id in place of the name that a
    /// resource gets.
    fn reference(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.parameters.get(name) {
            return Some(Value::Text(value.clone()));
        }
        let text = match name {
            "AWS::Region" => &self.region,
            "AWS::AccountId" => ACCOUNT,
            "AWS::Partition" => "aws",
            "AWS::URLSuffix" => "amazonaws.com",
            "AWS::StackName" => self.stack,
            "AWS::NoValue" => return Some(Value::Unknown(NO_VALUE.to_owned())),
            _ if name.starts_with("AWS::") => return None,
            _ if self.template.find(&["Parameters", name]).is_some() => return None,
            _ => name,
        };
        Some(Value::Text(text.to_owned()))
    }

    /// Only the ARNs of functions are known.
    fn attribute(&self, argument: &Node) -> Option<Value> {
        let path = match argument.items() {
            [resource, attribute] => format!("{}.{}", resource.text()?, attribute.text()?),
            _ => argument.text()?.to_owned(),
        };
        let function = path.strip_suffix(".Arn")?;
        let kind = self.template.find(&["Resources", function, "Type"])?.text()?;
        let region = &self.region;
        is_function(kind)
            .then(|| Value::Text(format!("arn:aws:lambda:{region}:{ACCOUNT}:function:{function}")))
    }

    fn substitute(&self, argument: &Node) -> Read<Option<Value>> {
        let (text, own) = match argument.items() {
            [text, own] => (text.text(), Some(self.resolve(own)?)),
            _ => (argument.text(), None),
        };
        let Some(mut rest) = text else { return Ok(None) };
        let mut result = String::new();
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, after)) = after.split_once('}') else {
                return Err(Problem::at(argument.line, "`${` without its `}`"));
            };
            result += before;
            rest = after;
            if let Some(literal) = name.strip_prefix('!') {
                result += "${";
                result += literal;
                result += "}";
                continue;
            }
            let named = Node { line: argument.line, value: Value::Text(name.to_owned()) };
            let value = match own.as_ref().and_then(|own| own.get(name)) {
                Some(node) => Some(node.value.clone()),
                None if name.contains('.') => self.attribute(&named),
                None => self.reference(name),
            };
            let Some(Value::Text(value)) = value else { return Ok(None) };
            result += &value;
        }
        Ok(Some(Value::Text(result + rest)))
    }

    fn join(&self, argument: &Node) -> Read<Option<Value>> {
        let [separator, list] = argument.items() else { return Ok(None) };
        let list = self.resolve(list)?;
        let texts = list.items().iter().map(Node::text).collect::<Option<Vec<_>>>();
        Ok(texts.zip(separator.text()).map(|(texts, separator)| Value::Text(texts.join(separator))))
    }

    fn select(&self, argument: &Node) -> Read<Option<Value>> {
        let [index, list] = argument.items() else { return Ok(None) };
        let index = self.resolve(index)?.text().and_then(|index| index.parse::<usize>().ok());
        let list = self.resolve(list)?;
        let Some(index) = index else { return Ok(None) };
        Ok(match list.text() {
            // The default of a parameter that is a list.
            Some(text) => {
                text.split(',').nth(index).map(|text| Value::Text(text.trim().to_owned()))
            }
            None => list.items().get(index).map(|node| node.value.clone()),
        })
    }

    fn split(&self, argument: &Node) -> Read<Option<Value>> {
        let [separator, text] = argument.items() else { return Ok(None) };
        let resolved = self.resolve(text)?;
        let part = |text: &str| Node { line: argument.line, value: Value::Text(text.to_owned()) };
        Ok(separator
            .text()
            .zip(resolved.text())
            .map(|(separator, text)| Value::List(text.split(separator).map(part).collect())))
    }

    fn find_in_map(&self, argument: &Node) -> Read<Option<Value>> {
        let keys = argument.items().iter().take(3).map(|key| self.resolve(key));
        let keys = keys.collect::<Read<Vec<_>>>()?;
        let Some(mappings) = self.template.get("Mappings") else { return Ok(None) };
        let found = keys.iter().try_fold(mappings, |map, key| map.get(key.text()?));
        Ok(found.filter(|_| keys.len() == 3).map(|node| node.value.clone()))
    }

    fn choose(&self, argument: &Node) -> Read<Option<Value>> {
        let [condition, yes, no] = argument.items() else { return Ok(None) };
        let Some(name) = condition.text() else { return Ok(None) };
        Ok(match self.condition(name, 0)? {
            Some(true) => Some(self.resolve(yes)?.value),
            Some(false) => Some(self.resolve(no)?.value),
            None => None,
        })
    }

    /// Whether the condition of that name holds; `None` where that cannot be told.
    pub(super) fn condition(&self, name: &str, depth: usize) -> Read<Option<bool>> {
        match self.template.find(&["Conditions", name]) {
            Some(condition) => self.holds(condition, depth),
            None => Ok(None),
        }
    }

    fn holds(&self, condition: &Node, depth: usize) -> Read<Option<bool>> {
        // Conditions that refer to each other in a circle.
        const LIMIT: usize = 32;
        let [(name, argument)] = condition.entries() else { return Ok(None) };
        if depth > LIMIT {
            return Err(Problem::at(condition.line, "this condition depends on itself"));
        }
        let parts = || {
            argument
                .items()
                .iter()
                .map(|item| self.holds(item, depth + 1))
                .collect::<Read<Vec<_>>>()
        };
        Ok(match name.as_str() {
            "Condition" => match argument.text() {
                Some(name) => self.condition(name, depth + 1)?,
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

/// A property that is as if it were not there.
const NO_VALUE: &str = "!Ref AWS::NoValue";

impl Node {
    fn is_left_out(&self) -> bool {
        matches!(&self.value, Value::Unknown(text) if text == NO_VALUE)
    }
}

/// Whether a resource of this type is a function.
pub(super) fn is_function(kind: &str) -> bool {
    matches!(kind, "AWS::Serverless::Function" | "AWS::Lambda::Function")
}

/// A call in the short form.
fn written(name: &str, argument: &Node) -> String {
    let name = name.strip_prefix("Fn::").unwrap_or(name);
    match argument.texts().as_slice() {
        [] => format!("!{name} …"),
        texts => format!("!{name} {}", texts.join(".")),
    }
}
