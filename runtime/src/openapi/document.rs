//! The operations of a program, and their schemas.

use schemars::generate::Contract;
use serde_json::{Map, Value, json};

use super::operation::Operation;
use super::schemas::{Schemas, merge, take_missing};
use super::security;
use crate::__private::Function;
use crate::record::{self, Kind, Record};
use crate::routes::Route;

/// The methods of a route for `ANY`.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The paths and the schemas of a program.
#[derive(Debug)]
pub struct Document {
    requests: Schemas,
    responses: Schemas,
    paths: Map<String, Value>,
    authorizers: Vec<Record>,
}

impl Default for Document {
    fn default() -> Self {
        Self::new()
    }
}

impl Document {
    /// Creates a document without routes.
    #[must_use]
    pub fn new() -> Self {
        Self {
            requests: Schemas::new(Contract::Deserialize),
            responses: Schemas::new(Contract::Serialize),
            paths: Map::new(),
            authorizers: Vec::new(),
        }
    }

    /// Adds the routes of a function, or an authorizer.
    pub fn add<F: Function>(&mut self) {
        let records = record::read(F::RECORD).unwrap_or_default();
        self.authorizers.extend(records.into_iter().filter(|it| it.kind == Kind::Authorizer));
        for route in F::ROUTES {
            let (path, placeholders) = self.path(route);
            let methods = match route.method {
                "ANY" => METHODS.map(str::to_owned).to_vec(),
                method => vec![method.to_lowercase()],
            };
            for method in methods {
                if route.method == "ANY" && self.operation(&path, &method).is_some() {
                    continue;
                }
                let mut operation = Operation::new(&mut self.requests, &mut self.responses);
                F::describe(&mut operation);
                let id = new_id(&self.paths, F::NAME, &method);
                if F::AUTH.is_some() {
                    operation.is_authorized();
                }
                let mut operation = operation.write(&id, &placeholders, method != "head");
                // The authorizer can come later.
                if let (Some(auth), Some(operation)) = (F::AUTH, operation.as_object_mut()) {
                    operation.insert("security".to_owned(), auth.into());
                }
                let of_path = self.paths.entry(path.clone()).or_insert_with(|| json!({}));
                of_path[method] = operation;
            }
        }
    }

    fn operation(&self, path: &str, method: &str) -> Option<&Value> {
        self.paths.get(path)?.get(method)
    }

    /// Returns the path as the document has it, and the names of its placeholders there and in the handler.
    /// Two paths that differ in these names alone would be the same ("Paths Object" in the OpenAPI
    /// Specification).
    fn path(&self, route: &Route) -> (String, Vec<(String, &'static str)>) {
        let path = route.path.replace("+}", "}");
        let known = self.paths.keys().find(|other| pattern(other) == pattern(&path));
        let path = known.cloned().unwrap_or(path);
        let names = placeholders(&path).map(str::to_owned).collect::<Vec<_>>();
        let names = names.into_iter().zip(route.placeholders()).collect();
        (path, names)
    }

    /// Returns the document without the parts that only the project knows, and the types of which it knows
    /// nothing.
    #[must_use]
    pub fn write(self) -> Value {
        let mut missing = Vec::new();
        let mut paths = Value::Object(self.paths);
        let of_paths = paths.as_object_mut().into_iter().flat_map(Map::values_mut);
        for operation in of_paths.filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
            security::resolve(operation, &self.authorizers);
            let id = operation["operationId"].clone();
            let mut types = Vec::new();
            take_missing(operation, &mut types);
            types.dedup();
            missing.extend(
                types
                    .into_iter()
                    .map(|(what, name)| json!({ "operation": id, "missing": what, "type": name })),
            );
        }
        let schemas = merge(self.requests, self.responses, &mut paths);
        let schemes = security::schemes(&self.authorizers);
        json!({
            "paths": paths, "schemas": schemas, "securitySchemes": schemes, "missing": missing
        })
    }
}

/// The name of the function, if no other route has it.
fn new_id(paths: &Map<String, Value>, name: &str, method: &str) -> String {
    let is_new = |id: &String| {
        let mut operations = paths.values().filter_map(Value::as_object).flat_map(Map::values);
        !operations.any(|operation| operation["operationId"] == id.as_str())
    };
    let candidates = [name.to_owned(), format!("{name}_{method}")];
    let numbered = (2..=usize::MAX).map(|number| format!("{name}_{method}_{number}"));
    candidates.into_iter().chain(numbered).find(is_new).unwrap_or_default()
}

fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

/// The path without the names of its placeholders.
fn pattern(path: &str) -> Vec<&str> {
    path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment }).collect()
}
