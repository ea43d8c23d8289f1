//! The security schemes of authorizers: what a request has to bring for one.

use serde_json::{Map, Value, json};

use crate::record::Record;

/// Returns the schemes of all authorizers.
pub(super) fn schemes(authorizers: &[Record]) -> Map<String, Value> {
    authorizers.iter().flat_map(schemes_of).collect()
}

/// Replaces the name of the authorizer of an operation by its schemes, all of which a request needs.
pub(super) fn resolve(operation: &mut Value, authorizers: &[Record]) {
    let Some(name) = operation["security"].as_str() else { return };
    let authorizer = authorizers.iter().find(|authorizer| authorizer.name == name);
    let schemes = authorizer.map(schemes_of).unwrap_or_default();
    let all: Map<String, Value> = schemes.into_iter().map(|(name, _)| (name, json!([]))).collect();
    operation["security"] = json!([all]);
}

/// Returns the schemes of one authorizer: one for each parameter that it requires. One that requires none looks at
/// the whole request, usually at its header `authorization`.
fn schemes_of(authorizer: &Record) -> Vec<(String, Value)> {
    let places = ["header", "query", "cookie"];
    let required = authorizer.parameters.iter();
    let required = required.filter(|it| it.required && places.contains(&it.place.as_str()));
    let mut required: Vec<_> = required
        .map(|it| (it.place.as_str(), it.name.as_str()))
        .filter(|it| !it.1.is_empty())
        .collect();
    if required.is_empty() {
        required.push(("header", "authorization"));
    }
    let is_alone = required.len() == 1;
    let schemes = required.into_iter().map(|(place, name)| {
        let key =
            if is_alone { authorizer.name.clone() } else { format!("{}_{name}", authorizer.name) };
        let mut scheme = Map::new();
        scheme.insert("type".to_owned(), "apiKey".into());
        if !authorizer.doc.is_empty() {
            scheme.insert("description".to_owned(), authorizer.doc.as_str().into());
        }
        scheme.insert("in".to_owned(), place.into());
        scheme.insert("name".to_owned(), name.into());
        (component_name(&key), Value::Object(scheme))
    });
    schemes.collect()
}

/// A name of the characters that a component can have ("Components Object" in the OpenAPI Specification).
fn component_name(name: &str) -> String {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    name.chars().map(|c| if is_allowed(c) { c } else { '_' }).collect()
}
