//! The answers to a template's questions as a JSON Schema, draft 2020-12.

use serde_json::{Map, Value, json};

use super::question::{AnswerType, Question};
use super::template::Template;

/// The schema of a file for `--answers`. No answer is required: what is left out is asked, or is the
/// default.
pub(crate) fn of(template: &Template) -> Value {
    let questions = &template.config.questions;
    let mut properties = Map::new();
    let mut rules = Vec::new();
    for question in questions {
        let is_same = |other: &&Question| other.name == question.name;
        let is_unique = questions.iter().filter(is_same).count() == 1;
        let property = property(question);
        if let Some(condition) = &question.condition {
            rules.push(rule(template, condition, &question.name, &property, is_unique));
        }
        properties.entry(&question.name).or_insert_with(|| {
            if is_unique { property } else { json!({ "title": question.prompt }) }
        });
    }
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("answers to the questions of the template {}", template.name().unwrap_or_default()),
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if let Some(schema) = schema.as_object_mut().filter(|_| !rules.is_empty()) {
        schema.insert("allOf".to_owned(), rules.into());
    }
    schema
}

/// Under the condition the property applies; else the question is not asked, unless another one of
/// its name is. A condition other than `NAME == "VALUE"`, or several with `&&`, is only a
/// comment.
fn rule(
    template: &Template,
    condition: &str,
    name: &str,
    property: &Value,
    is_unique: bool,
) -> Value {
    let mut rule = json!({ "$comment": condition });
    let comparison = |text| {
        let (name, value) = str::split_once(text, " == ")?;
        let value = value.strip_prefix('"')?.strip_suffix('"')?;
        Some((template.config.questions.iter().find(|it| it.name == name)?, value))
    };
    let comparisons: Option<Vec<_>> = condition.split(" && ").map(comparison).collect();
    if let (Some(comparisons), Some(rule)) = (comparisons, rule.as_object_mut()) {
        // An answer that is left out is the default.
        let decisive =
            comparisons.iter().filter(|(it, value)| it.default.as_deref() != Some(value));
        let required: Vec<_> = decisive.map(|(it, _)| &it.name).collect();
        let properties: Map<_, _> = comparisons
            .iter()
            .map(|(it, value)| (it.name.clone(), json!({ "const": value })))
            .collect();
        rule.insert("if".to_owned(), json!({ "properties": properties, "required": required }));
        rule.insert("then".to_owned(), json!({ "properties": { (name): property } }));
        if is_unique {
            rule.insert("else".to_owned(), json!({ "properties": { (name): false } }));
        }
    }
    rule
}

fn property(question: &Question) -> Value {
    let mut property = match &question.answer_type {
        AnswerType::Choice(_) => json!({ "type": "string", "enum": question.values() }),
        AnswerType::MultipleChoice(_) => {
            json!({ "type": "array", "items": { "enum": question.values() } })
        }
        AnswerType::Bool => json!({ "type": "boolean" }),
        AnswerType::Text { regex: Some(regex), .. } => {
            json!({ "type": "string", "pattern": regex })
        }
        AnswerType::Text { regex: None, .. } => json!({ "type": "string" }),
    };
    let mut insert =
        |key: &str, value: Value| property.as_object_mut()?.insert(key.to_owned(), value);
    insert("title", question.prompt.clone().into());
    insert("description", question.help.clone().into());
    if let Some(default) = &question.default {
        insert(
            "default",
            match &question.answer_type {
                AnswerType::Bool => json!(default == "true"),
                AnswerType::MultipleChoice(_) => {
                    default.split(',').filter(|value| !value.is_empty()).collect()
                }
                AnswerType::Choice(_) | AnswerType::Text { .. } => json!(default),
            },
        );
    }
    property
}
