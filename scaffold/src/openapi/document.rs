//! Joins the descriptions of programs into one document.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::program::DescribedProgram;
use crate::build::cargo::Binary;
use crate::term::error::{Error, Result};

/// The version of OpenAPI: the newest that API Gateway imports, for HTTP APIs and REST APIs. "Currently, API
/// Gateway supports OpenAPI v2.0 and OpenAPI v3.0", the latter with a reference to 3.0.1
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api.html>), and
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html>).
const VERSION: &str = "3.0.1";

/// A document, and the program that each part comes from.
#[derive(Debug)]
pub(super) struct Document {
    info: Value,
    paths: Map<String, Value>,
    schemas: Map<String, Value>,
    security_schemes: Map<String, Value>,
    operations: Vec<String>,
    /// Routes and schemas, each with the name of its program.
    routes: Vec<(String, String)>,
    owners: Vec<(String, String)>,
}

impl Document {
    /// Creates the document of the workspace at `root`, whose first program is `binary`.
    pub(super) fn new(root: &Path, binary: &Binary) -> Self {
        let about = binary.about();
        let is_whole = crate::files::is_same(root, binary.folder());
        let title = match root.file_name() {
            Some(name) if !is_whole => name.to_string_lossy().into_owned(),
            _ => binary.package.clone(),
        };
        let description = about.description.as_ref().filter(|_| is_whole);
        let info = [
            ("title", json!(title)),
            ("version", json!(about.version)),
            ("description", json!(description)),
        ];
        Self {
            info: object(info),
            paths: Map::new(),
            schemas: Map::new(),
            security_schemes: Map::new(),
            routes: Vec::new(),
            operations: Vec::new(),
            owners: Vec::new(),
        }
    }

    /// Adds the routes of a program.
    pub(super) fn add(&mut self, program: &DescribedProgram) -> Result<()> {
        let name = program.binary.function();
        for (path, of_path) in &program.description.paths {
            for (method, operation) in of_path.as_object().into_iter().flatten() {
                self.add_operation(name, method, path, operation.clone())?;
            }
        }
        for (schema_name, schema) in &program.description.schemas {
            match self.schemas.get(schema_name) {
                Some(known) if known != schema => {
                    let owner = owner(&self.owners, schema_name);
                    return Err(Error::new(format!(
                        "`{owner}` and `{name}` have different types named `{schema_name}`"
                    ))
                    .hint("name one otherwise in the document: `#[schemars(rename = \"…\")]`"));
                }
                Some(_) => {}
                None => {
                    self.schemas.insert(schema_name.clone(), schema.clone());
                    self.owners.push((schema_name.clone(), name.to_owned()));
                }
            }
        }
        for (scheme_name, scheme) in &program.description.security_schemes {
            match self.security_schemes.get(scheme_name) {
                Some(known) if known != scheme => {
                    return Err(Error::new(format!(
                        "`{name}` and another program have different authorizers named `{scheme_name}`"
                    ))
                    .hint("give one of them another name: `named = \"…\"`"));
                }
                Some(_) => {}
                None => {
                    self.security_schemes.insert(scheme_name.clone(), scheme.clone());
                }
            }
        }
        Ok(())
    }

    fn add_operation(
        &mut self,
        program: &str,
        method: &str,
        path: &str,
        mut operation: Value,
    ) -> Result<()> {
        let route = format!("{} {path}", method.to_uppercase());
        // Paths that differ in the names of their placeholders alone are the same.
        let known = self.paths.keys().find(|known| pattern(known) == pattern(path)).cloned();
        let path = match known {
            Some(known) => {
                if let Some(of_path) = self.paths.get(&known)
                    && of_path.get(method).is_some()
                {
                    let other = format!("{} {known}", method.to_uppercase());
                    let owner = owner(&self.routes, &other);
                    return Err(Error::new(format!(
                        "`{owner}` has the route `{other}`, and `{program}` has `{route}`"
                    ))
                    .hint("remove one of them, or run the command in the folder of one package"));
                }
                rename_placeholders(&mut operation, path, &known);
                known
            }
            None => path.to_owned(),
        };
        // Names of operations are unique in a document.
        if let Some(Value::String(id)) = operation.get_mut("operationId") {
            if self.operations.contains(id) {
                *id = format!("{}_{id}", program.replace('-', "_"));
            }
            self.operations.push(id.clone());
        }
        self.routes.push((format!("{} {path}", method.to_uppercase()), program.to_owned()));
        let of_path = self.paths.entry(path).or_insert_with(|| json!({}));
        if let Some(of_path) = of_path.as_object_mut() {
            of_path.insert(method.to_owned(), operation);
        }
        Ok(())
    }

    /// Returns the whole document.
    pub(super) fn finish(self) -> Value {
        let operations =
            self.paths.values().filter_map(Value::as_object).flat_map(|path| path.values());
        let mut tags: Vec<&Value> = operations
            .filter_map(|operation| operation.get("tags")?.as_array())
            .flatten()
            .collect();
        tags.sort_by_key(|tag| tag.as_str());
        tags.dedup();
        let tags: Vec<Value> = tags.into_iter().map(|tag| json!({ "name": tag })).collect();
        let components = [("schemas", self.schemas), ("securitySchemes", self.security_schemes)];
        let components = components.map(|(name, all)| {
            (name, if all.is_empty() { Value::Null } else { Value::Object(all) })
        });
        let components = object(components);
        let is_empty = components.as_object().is_some_and(Map::is_empty);
        object([
            ("openapi", json!(VERSION)),
            ("info", self.info),
            ("tags", if tags.is_empty() { Value::Null } else { json!(tags) }),
            ("paths", json!(self.paths)),
            ("components", if is_empty { Value::Null } else { components }),
        ])
    }
}

/// An object of these members, without those that are null.
fn object<const COUNT: usize>(members: [(&str, Value); COUNT]) -> Value {
    let members = members.into_iter().filter(|(_, member)| !member.is_null());
    members.map(|(name, member)| (name.to_owned(), member)).collect()
}

/// The program that a route or a schema comes from.
fn owner<'a>(owners: &'a [(String, String)], name: &str) -> &'a str {
    owners.iter().find(|(owned, _)| owned == name).map_or("", |(_, owner)| owner)
}

/// A path without the names of its placeholders.
fn pattern(path: &str) -> Vec<&str> {
    path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment }).collect()
}

/// Gives the parameters of the path `from` the names that they have in `to`.
fn rename_placeholders(operation: &mut Value, from: &str, to: &str) {
    let names = |path: &str| -> Vec<String> {
        let names = path.split('/').filter_map(|it| it.strip_prefix('{')?.strip_suffix('}'));
        names.map(str::to_owned).collect()
    };
    let renamed: Vec<_> = names(from).into_iter().zip(names(to)).collect();
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten().filter(|it| it["in"] == "path") {
        if let Some((_, new)) = renamed.iter().find(|(old, _)| parameter["name"] == old.as_str()) {
            parameter["name"] = json!(new);
        }
    }
}
