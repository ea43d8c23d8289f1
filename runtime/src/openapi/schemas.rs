//! JSON schemas in the form of OpenAPI 3.0, and the names of types that have none.

use std::collections::{BTreeMap, BTreeSet};

use schemars::generate::{Contract, SchemaGenerator, SchemaSettings};
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema, json_schema};
use serde_json::{Map, Number, Value, json};

/// The path of a schema in a document, before its name.
const REFERENCE: &str = "#/components/schemas/";

/// The members that mark what is missing, until the document is complete, and its name there.
const MARKS: [(&str, &str); 2] = [(NO_SCHEMA, "schema"), (NO_RESPONSES, "responses")];
const NO_SCHEMA: &str = "x-lambda-native-no-schema";
pub(super) const NO_RESPONSES: &str = "x-lambda-native-no-responses";

/// Makes schemas for one direction: of what the program reads, or of what it writes. They differ, for example
/// for a field with a default.
#[derive(Debug)]
pub(super) struct Schemas {
    generator: SchemaGenerator,
}

impl Schemas {
    pub(super) fn new(contract: Contract) -> Self {
        let mut settings = SchemaSettings::openapi3()
            .with_transform(KeepToOpenapi { is_read: contract == Contract::Deserialize })
            .with_transform(LimitIntegers);
        settings.contract = contract;
        Self { generator: settings.into_generator() }
    }

    /// Returns the schema of a type, or a reference to it.
    pub(super) fn of<T: JsonSchema + ?Sized>(&mut self) -> Value {
        let mut schema = self.generator.subschema_for::<T>();
        for transform in self.generator.transforms_mut() {
            transform.transform(&mut schema);
        }
        schema.to_value()
    }

    /// Returns the schema itself, where [`of`](Self::of) returned a reference.
    pub(super) fn resolve<'s>(&'s self, schema: &'s Value) -> Option<&'s Map<String, Value>> {
        let reference = schema.get("$ref").and_then(Value::as_str);
        match reference.and_then(|reference| reference.strip_prefix(REFERENCE)) {
            Some(name) => self.generator.definitions().get(name)?.as_object(),
            None => schema.as_object(),
        }
    }

    /// Applies to a part of a definition what [`of`](Self::of) has applied to a whole.
    pub(super) fn transformed(&mut self, schema: Value) -> Value {
        let Ok(mut schema) = Schema::try_from(schema) else { return Value::Null };
        for transform in self.generator.transforms_mut() {
            transform.transform(&mut schema);
        }
        schema.to_value()
    }

    fn into_definitions(mut self) -> BTreeMap<String, Value> {
        self.generator.take_definitions(true).into_iter().collect()
    }
}

/// The schema of a type that has none: any JSON.
pub(super) fn no_schema(type_name: &str) -> Schema {
    json_schema!({ (NO_SCHEMA): type_name })
}

/// Removes the marks, and collects what is missing, with the name of the type.
pub(super) fn take_missing(value: &mut Value, missing: &mut Vec<(&'static str, String)>) {
    match value {
        Value::Object(members) => {
            for (mark, what) in MARKS {
                if let Some(Value::String(name)) = members.remove(mark) {
                    missing.push((what, name));
                }
            }
            members.values_mut().for_each(|member| take_missing(member, missing));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| take_missing(item, missing)),
        _ => {}
    }
}

/// Joins the definitions of both directions, and changes the references in `operations` accordingly.
///
/// A type that is written otherwise than it is read has two schemas; `Input` is added to the name of the one
/// that is read.
pub(super) fn merge(requests: Schemas, responses: Schemas, operations: &mut Value) -> Value {
    let mut read = requests.into_definitions();
    let mut written = responses.into_definitions();
    let mut different: BTreeSet<String> = read
        .iter()
        .filter(|(name, schema)| written.get(*name).is_some_and(|other| other != *schema))
        .map(|(name, _)| name.clone())
        .collect();
    // A type with a field of such a type differs as well.
    loop {
        let more: Vec<String> = read
            .iter()
            .filter(|(name, schema)| {
                written.contains_key(*name)
                    && !different.contains(*name)
                    && different.iter().any(|other| mentions(schema, other))
            })
            .map(|(name, _)| name.clone())
            .collect();
        if more.is_empty() {
            break;
        }
        different.extend(more);
    }
    let input = |name: &str| {
        if different.contains(name) { format!("{}Input", plain(name)) } else { plain(name) }
    };
    let output = |name: &str| plain(name);
    for schema in read.values_mut() {
        rename(schema, &input);
    }
    for schema in written.values_mut() {
        rename(schema, &output);
    }
    rename_in_operations(operations, &input, &output);
    let read = read.into_iter().map(|(name, schema)| (input(&name), schema));
    let written = written.into_iter().map(|(name, schema)| (output(&name), schema));
    used(read.chain(written).collect(), operations)
}

/// Keeps what `operations` mention, and what that mentions in turn.
fn used(mut schemas: BTreeMap<String, Value>, operations: &Value) -> Value {
    let mut used = Map::new();
    let mut from = vec![operations.clone()];
    while let Some(value) = from.pop() {
        let (now, left) = schemas.into_iter().partition(|(name, _)| mentions(&value, name));
        schemas = left;
        let now: BTreeMap<String, Value> = now;
        from.extend(now.values().cloned());
        used.extend(now);
    }
    Value::Object(used)
}

/// A name as API Gateway takes it: letters and digits ("Amazon API Gateway important notes" in AWS's
/// documentation).
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect()
}

fn mentions(schema: &Value, name: &str) -> bool {
    match schema {
        Value::Object(members) => members.iter().any(|(key, member)| {
            let reference = member.as_str().and_then(|text| text.strip_prefix(REFERENCE));
            key == "$ref" && reference == Some(name) || mentions(member, name)
        }),
        Value::Array(items) => items.iter().any(|item| mentions(item, name)),
        _ => false,
    }
}

fn rename(schema: &mut Value, new: &dyn Fn(&str) -> String) {
    match schema {
        Value::Object(members) => {
            for (key, member) in members {
                match member {
                    Value::String(text) if key == "$ref" => {
                        if let Some(name) = text.strip_prefix(REFERENCE) {
                            *text = format!("{REFERENCE}{}", new(name));
                        }
                    }
                    member => rename(member, new),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, new)),
        _ => {}
    }
}

/// Renames the schemas below `responses` as those that are written, and others as those that are read.
fn rename_in_operations(
    value: &mut Value,
    input: &dyn Fn(&str) -> String,
    output: &dyn Fn(&str) -> String,
) {
    let Some(paths) = value.as_object_mut() else { return };
    let operations = paths.values_mut().filter_map(Value::as_object_mut).flat_map(Map::values_mut);
    for members in operations.filter_map(Value::as_object_mut) {
        for (key, member) in members {
            rename(member, if key == "responses" { output } else { input });
        }
    }
}

/// Rewrites what JSON Schema has and OpenAPI 3.0 does not ("Schema Object" in the OpenAPI Specification), apart
/// from what the settings of `schemars` rewrite.
#[derive(Clone, Debug)]
struct KeepToOpenapi {
    is_read: bool,
}

impl Transform for KeepToOpenapi {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        let Some(members) = schema.as_object_mut() else { return };
        members.remove("propertyNames");
        // Serde reads a set from a list with an item twice.
        if self.is_read {
            members.remove("uniqueItems");
        }
        // The keys of a map are numbers, for example.
        if let Some(Value::Object(patterns)) = members.remove("patternProperties") {
            let mut values: Vec<Value> = patterns.into_iter().map(|(_, value)| value).collect();
            let value = if values.len() == 1 { values.pop() } else { None };
            let value = value.unwrap_or_else(|| json!({ "anyOf": values }));
            members.insert("additionalProperties".to_owned(), value);
        }
        for (exclusive, limit) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")]
        {
            if let Some(Value::Number(number)) = members.remove(exclusive) {
                members.insert(limit.to_owned(), number.into());
                members.insert(exclusive.to_owned(), true.into());
            }
        }
        if let Some(Value::Array(types)) = members.get("type").cloned() {
            members.remove("type");
            let types: Vec<Value> = types.iter().map(|ty| json!({ "type": ty })).collect();
            members.insert("anyOf".to_owned(), types.into());
        }
    }
}

/// Adds the limits of Rust's integers, which the format alone does not say to a client.
#[derive(Clone, Debug)]
struct LimitIntegers;

impl Transform for LimitIntegers {
    fn transform(&mut self, schema: &mut Schema) {
        let (least, greatest): (Number, Number) = match schema.get("format").and_then(Value::as_str)
        {
            Some("int32") => (i32::MIN.into(), i32::MAX.into()),
            Some("uint32") => (0.into(), u32::MAX.into()),
            Some("int64" | "int") => (i64::MIN.into(), i64::MAX.into()),
            Some("uint64" | "uint") => (0.into(), u64::MAX.into()),
            _ => return transform_subschemas(self, schema),
        };
        let members = schema.ensure_object();
        members.entry("minimum").or_insert(least.into());
        members.entry("maximum").or_insert(greatest.into());
    }
}
