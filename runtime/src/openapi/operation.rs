//! One handler, as the macro describes it.

use serde_json::{Map, Value, json};

use super::problem::{GatewayMessage, RequestProblem};
use super::responses::Responses;
use super::schemas::Schemas;
use super::types::{Of, SchemaOf};

/// The parameters and responses of a handler, which are the same for all its routes.
#[derive(Debug)]
pub struct Operation<'d> {
    requests: &'d mut Schemas,
    responses: Responses<'d>,
    summary: String,
    description: String,
    tag: Option<&'static str>,
    parameters: Vec<Parameter>,
    body: Option<Value>,
}

/// A parameter that is not the body.
#[derive(Debug)]
struct Parameter {
    place: &'static str,
    name: String,
    required: bool,
    members: Map<String, Value>,
}

impl<'d> Operation<'d> {
    pub(super) fn new(requests: &'d mut Schemas, responses: &'d mut Schemas) -> Self {
        Self {
            requests,
            responses: Responses::new(responses),
            summary: String::new(),
            description: String::new(),
            tag: None,
            parameters: Vec::new(),
            body: None,
        }
    }

    /// Takes the documentation: its first paragraph is the summary.
    pub fn documentation(&mut self, text: &str) {
        let (summary, description) = text.split_once("\n\n").unwrap_or((text, ""));
        self.summary = summary.split_whitespace().collect::<Vec<_>>().join(" ");
        description.trim().clone_into(&mut self.description);
    }

    /// Takes the module of the handler. Below the crate's root, its name is the tag.
    pub fn module(&mut self, path: &'static str) {
        self.tag = path.rsplit_once("::").map(|(_, name)| name);
    }

    /// Adds a parameter of the path, the query, the headers or the cookies.
    pub fn parameter<S: SchemaOf>(
        &mut self,
        place: &'static str,
        name: &'static str,
        required: bool,
    ) {
        let schema = self.requests.of::<Of<S>>();
        if name.is_empty() {
            return self.whole_query(&schema);
        }
        self.add(place, name, required, schema);
    }

    /// Adds the body.
    pub fn body<S: SchemaOf>(&mut self, media_type: &str, required: bool) {
        let schema = self.requests.of::<Of<S>>();
        self.raw_body(media_type, required, &schema);
        self.responses.wrong_parameters::<RequestProblem>(415);
    }

    /// Adds a body that is taken as it is, also if it is empty.
    pub fn plain_body(&mut self, is_text: bool) {
        let (media_type, schema) = if is_text {
            ("text/plain", json!({ "type": "string" }))
        } else {
            ("application/octet-stream", json!({ "type": "string", "format": "binary" }))
        };
        self.raw_body(media_type, false, &schema);
    }

    /// Adds the responses to requests that the authorizer does not let pass: those of API Gateway, and that of the
    /// handler if no authorizer was asked.
    pub(super) fn is_authorized(&mut self) {
        self.responses.json::<GatewayMessage>(401);
        self.responses.problem(401);
        self.responses.json::<GatewayMessage>(403);
    }

    /// Returns the responses, to which those of the handler are added.
    pub fn responses(&mut self) -> &mut Responses<'d> {
        &mut self.responses
    }

    fn raw_body(&mut self, media_type: &str, required: bool, schema: &Value) {
        self.body = Some(json!({
            "content": { media_type: { "schema": schema } },
            "required": required
        }));
    }

    fn add(&mut self, place: &'static str, name: &str, required: bool, mut schema: Value) {
        let mut members = Map::new();
        // A reference has no other members.
        if let Some(schema) = schema.as_object_mut()
            && let Some(description) = schema.remove("description")
        {
            members.insert("description".to_owned(), description);
        }
        members.insert("schema".to_owned(), schema);
        self.parameters.push(Parameter { place, name: name.to_owned(), required, members });
    }

    /// Adds a parameter for each field of the struct that takes the whole query.
    fn whole_query(&mut self, schema: &Value) {
        let resolved = self.requests.resolve(schema);
        let fields = resolved.and_then(|schema| schema.get("properties")?.as_object()).cloned();
        let is_plain = resolved.is_some_and(|schema| !schema.contains_key("allOf"));
        let required = resolved.and_then(|schema| schema.get("required")?.as_array()).cloned();
        let required = required.unwrap_or_default();
        match fields {
            Some(fields) if is_plain => {
                for (name, schema) in fields {
                    let mut schema = self.requests.transformed(schema);
                    if let Some(schema) = schema.as_object_mut() {
                        // A parameter is missing, but never null.
                        schema.remove("nullable");
                        if schema.get("default").is_some_and(Value::is_null) {
                            schema.remove("default");
                        }
                    }
                    let required = required.iter().any(|other| other == name.as_str());
                    self.add("query", &name, required, schema);
                }
            }
            // The names are those of the members of an object (`style: form`, `explode: true`).
            _ => {
                let mut schema = schema.clone();
                if let Some(schema) = schema.as_object_mut()
                    && !schema.contains_key("$ref")
                {
                    schema.entry("type").or_insert("object".into());
                }
                self.add("query", "query", false, schema);
            }
        }
    }

    /// Writes it for one route, whose placeholders have these names in the document and in the handler.
    pub(super) fn write(
        mut self,
        operation_id: &str,
        placeholders: &[(String, &'static str)],
        has_body: bool,
    ) -> Value {
        let mut parameters: Vec<Value> = Vec::new();
        for (name, own) in placeholders {
            let known = self.parameters.iter().find(|it| it.place == "path" && it.name == *own);
            let mut members = known.map(|known| known.members.clone()).unwrap_or_default();
            members.entry("schema").or_insert_with(|| json!({ "type": "string" }));
            members.extend(named("path", name, true));
            parameters.push(Value::Object(members));
        }
        let takes_parameters = !self.parameters.is_empty() || self.body.is_some();
        for Parameter { place, name, required, mut members } in self.parameters {
            if place != "path" {
                members.extend(named(place, &name, required));
                parameters.push(Value::Object(members));
            }
        }
        if takes_parameters {
            self.responses.wrong_parameters::<RequestProblem>(400);
        }
        let mut responses = self.responses.write();
        if !has_body {
            let all = responses.as_object_mut().into_iter().flat_map(Map::values_mut);
            all.filter_map(Value::as_object_mut).for_each(|response| {
                response.remove("content");
            });
        }
        let mut operation = Map::new();
        operation.insert("operationId".to_owned(), operation_id.into());
        operation.insert("responses".to_owned(), responses);
        let mut insert = |name: &str, value: Value| {
            let is_empty = match &value {
                Value::String(text) => text.is_empty(),
                Value::Array(items) => items.is_empty(),
                value => value.is_null(),
            };
            if !is_empty {
                operation.insert(name.to_owned(), value);
            }
        };
        insert("summary", self.summary.into());
        insert("description", self.description.into());
        insert("tags", self.tag.into_iter().collect());
        insert("parameters", parameters.into());
        insert("requestBody", self.body.unwrap_or_default());
        Value::Object(operation)
    }
}

fn named(place: &str, name: &str, required: bool) -> [(String, Value); 3] {
    [
        ("in".to_owned(), place.into()),
        ("name".to_owned(), name.into()),
        ("required".to_owned(), required.into()),
    ]
}
