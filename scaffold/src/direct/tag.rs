//! The tag of everything that a deployment creates: [`KEY`], with the name of the function.

use serde_json::{Value, json};

/// The name of the tag.
pub(crate) const KEY: &str = "lambda-native:function";

/// The name of the tag that `CloudFormation` gives to the functions of a stack.
const STACK_KEY: &str = "aws:cloudformation:stack-name";

/// Returns the tag as IAM and ECR write it.
pub(crate) fn list(function: &str) -> Value {
    json!([{ "Key": KEY, "Value": function }])
}

/// Returns the tag as the other services write it.
pub(crate) fn map(function: &str) -> Value {
    json!({ KEY: function })
}

/// Checks for the tag in a list.
pub(crate) fn is_on_list(tags: Option<&Value>, function: &str) -> bool {
    let is_it = |tag: &Value| {
        let text = |name: &str| tag.get(name).and_then(Value::as_str);
        text("Key") == Some(KEY) && text("Value") == Some(function)
    };
    tags.and_then(Value::as_array).is_some_and(|tags| tags.iter().any(is_it))
}

/// Checks for the tag in a map.
pub(crate) fn is_in_map(tags: Option<&Value>, function: &str) -> bool {
    tags.and_then(|tags| tags.get(KEY)?.as_str()) == Some(function)
}

/// Returns the name of the `CloudFormation` stack that has created a function.
pub(crate) fn stack(tags: Option<&Value>) -> Option<&str> {
    tags?.get(STACK_KEY)?.as_str()
}
