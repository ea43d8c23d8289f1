//! The answers to a template's questions as a JSON Schema, draft 2020-12.

use liquid::Object;
use serde_json::{Map, Value, json};

use crate::error::Result;
use crate::question::{Answer, Question};
use crate::template::{Conditions, Template};

/// The schema of a file for `--answers`. No answer is required: what is left out is asked, or is the
/// default.
pub(crate) fn of(template: &Template) -> Result<Value> {
    let mut properties = Map::new();
    let mut rules = Vec::new();
    for question in &template.config.questions {
        if properties.contains_key(&question.name) {
            continue;
        }
        let same = template.config.questions.iter().filter(|other| other.name == question.name);
        let variants: Vec<&Question> = same.collect();
        let first = property(question);
        if variants.iter().all(|variant| property(variant) == first) {
            properties.insert(question.name.clone(), first);
        } else {
            properties.insert(question.name.clone(), json!({ "title": question.prompt }));
        }
        rules.extend(rules_of(template, &variants)?);
    }
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("answers to the template {}", template.name().unwrap_or_default()),
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if let Some(schema) = schema.as_object_mut().filter(|_| !rules.is_empty()) {
        schema.insert("allOf".to_owned(), rules.into());
    }
    Ok(schema)
}

/// What may be answered to a question where its conditions hold, and that nothing may elsewhere.
fn rules_of(template: &Template, variants: &[&Question]) -> Result<Vec<Value>> {
    let mut rules = Vec::new();
    let mut anywhere = Vec::new();
    for question in variants {
        let Some(condition) = &question.condition else { return Ok(Vec::new()) };
        let holds = holds(template, condition)?;
        if holds.is_empty() {
            return Ok(vec![json!({ "$comment": condition })]);
        }
        rules.push(json!({
            "$comment": condition,
            "if": { "anyOf": holds },
            "then": { "properties": { (&question.name): property(question) } },
        }));
        anywhere.extend(holds);
    }
    let name = variants.first().map(|question| &question.name);
    rules.extend(name.map(|name| {
        json!({
            "if": { "not": { "anyOf": anywhere } },
            "then": { "properties": { (name): false } },
        })
    }));
    Ok(rules)
}

fn property(question: &Question) -> Value {
    let mut property = Map::new();
    property.insert("title".to_owned(), question.prompt.clone().into());
    property.insert("description".to_owned(), question.help.clone().into());
    let default = |text: &str| match &question.answer {
        Answer::Bool => json!(text == "true"),
        Answer::Several(_) => text.split(',').filter(|text| !text.is_empty()).collect(),
        Answer::Choice(_) | Answer::Text { .. } => json!(text),
    };
    if let Some(text) = &question.default {
        property.insert("default".to_owned(), default(text));
    }
    let kind = match &question.answer {
        Answer::Choice(_) => json!({ "type": "string", "enum": question.values() }),
        Answer::Several(_) => json!({ "type": "array", "items": { "enum": question.values() } }),
        Answer::Bool => json!({ "type": "boolean" }),
        Answer::Text { regex: Some(regex), .. } => {
            json!({ "type": "string", "pattern": regex.as_str() })
        }
        Answer::Text { regex: None, .. } => json!({ "type": "string" }),
    };
    property.extend(kind.as_object().cloned().unwrap_or_default());
    Value::Object(property)
}

/// The answers under which a condition holds, found by trying every combination of those that it
/// names; none where it is about text.
fn holds(template: &Template, condition: &str) -> Result<Vec<Value>> {
    let conditions = Conditions::of(template);
    let word = |name: &str| {
        condition.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
    };
    let named = template.config.questions.iter().filter(|q| word(&q.name));
    let named: Vec<&Question> = named.collect();
    let mut combinations: Vec<Vec<(&Question, &str)>> = vec![Vec::new()];
    for question in &named {
        let values = question.values();
        combinations = combinations
            .iter()
            .flat_map(|combination| {
                values.iter().map(move |value| {
                    let mut longer = combination.clone();
                    longer.push((*question, *value));
                    longer
                })
            })
            .collect();
    }
    let mut holds = Vec::new();
    for combination in combinations {
        let variables: Object = combination
            .iter()
            .map(|(question, value)| (question.name.clone().into(), question.variable(value)))
            .collect();
        if conditions.hold(Some(condition), &variables)? {
            holds.push(alternative(&combination));
        }
    }
    Ok(holds)
}

/// A file with these answers; one that is left out is the default.
fn alternative(combination: &[(&Question, &str)]) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (question, value) in combination {
        let constant = match question.answer {
            Answer::Bool => json!(*value == "true"),
            _ => json!(value),
        };
        properties.insert(question.name.clone(), json!({ "const": constant }));
        if question.default.as_deref() != Some(value) {
            required.push(&*question.name);
        }
    }
    json!({ "properties": properties, "required": required })
}
