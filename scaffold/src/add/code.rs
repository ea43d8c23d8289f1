//! Writes the code of a new handler and of its test.

use super::imports::ModuleImports;
use super::route::{EXAMPLE, NewRoute, type_name};
use super::{HandlerKind, QueueName};

const LIBRARY: &str = "lambda_native";

/// The code of a handler. It has the layout of rustfmt, as far as no line is too long.
#[derive(Debug)]
pub(super) struct HandlerCode<'a> {
    pub(super) kind: &'a HandlerKind,
    /// The name of the function.
    pub(super) name: &'a str,
    /// Other modules use it.
    pub(super) is_shared: bool,
    /// The package has the feature `openapi`, with which types have schemas.
    pub(super) has_openapi: bool,
    /// The names of its types.
    types: TypeNames,
}

#[derive(Debug, Default)]
struct TypeNames {
    input: String,
    output: String,
    json: String,
}

impl<'a> HandlerCode<'a> {
    pub(super) fn new(
        kind: &'a HandlerKind,
        name: &'a str,
        is_shared: bool,
        has_openapi: bool,
    ) -> Self {
        Self { kind, name, is_shared, has_openapi, types: TypeNames::default() }
    }

    /// The task of the handler, for the documentation of its module.
    pub(super) fn subject(&self) -> String {
        match self.kind {
            HandlerKind::Route(route) => format!("`{route}`"),
            HandlerKind::Function => format!("The function `{}`", self.name),
            HandlerKind::Queue(QueueName(queue)) => format!("The messages of `{queue}`"),
        }
    }

    /// Writes the handler with its types.
    pub(super) fn items(&mut self, imports: &mut ModuleImports) -> String {
        match self.kind {
            HandlerKind::Route(route) => self.route(route, imports),
            HandlerKind::Function => self.function(imports),
            HandlerKind::Queue(queue) => self.queue(queue, imports),
        }
    }

    /// Writes the test, which includes the file of an event by this path.
    pub(super) fn test(&self, event: &str, imports: &mut ModuleImports) -> String {
        match self.kind {
            HandlerKind::Route(route) => self.route_test(route, event, imports),
            HandlerKind::Function => self.function_test(event, imports),
            HandlerKind::Queue(_) => self.queue_test(event, imports),
        }
    }

    fn visibility(&self) -> &'static str {
        if self.is_shared { "pub(crate) " } else { "" }
    }

    /// Writes a struct whose fields have texts.
    fn record(&self, doc: &str, derives: &[String], name: &str, fields: &[&str]) -> String {
        let schema = if self.has_openapi && matches!(self.kind, HandlerKind::Route(_)) {
            "#[cfg_attr(feature = \"openapi\", derive(schemars::JsonSchema))]\n"
        } else {
            ""
        };
        let fields = fields.iter().map(|field| format!("    {field}: String,\n"));
        let fields = fields.collect::<Vec<_>>().concat();
        format!(
            "/// {doc}\n#[derive({})]\n{schema}{}struct {name} {{\n{fields}}}\n\n",
            derives.join(", "),
            self.visibility()
        )
    }

    fn route(&mut self, route: &NewRoute, imports: &mut ModuleImports) -> String {
        let handler = imports.name(LIBRARY, "lambda_handler");
        let json = imports.name("lambda_native::http", "Json");
        let (method, path, name) = (&route.method, &route.path, self.name);
        let compared = ["Debug", "PartialEq", "Eq"].map(str::to_owned);
        let variables: Vec<&str> = route.parameters.iter().map(|it| &*it.variable).collect();
        let mut code = Vec::new();
        let mut parameters: Vec<String> = Vec::new();
        for it in &route.parameters {
            let marker = if it.variable == it.placeholder {
                String::new()
            } else {
                format!("#[path(\"{}\")] ", it.placeholder)
            };
            parameters.push(format!("{marker}{}: &str", it.variable));
        }
        let is_echo = route.has_body() && variables.is_empty();
        let field = body_field(route);
        if route.has_body() {
            self.types.input = imports.reserve(&type_name(name, "Body"));
            let mut derives = Vec::from(if is_echo { &compared[..] } else { &compared[..1] });
            derives.push(imports.name("serde", "Deserialize"));
            derives.extend(is_echo.then(|| imports.name("serde", "Serialize")));
            let doc = format!("The body of `{route}`.");
            code.push(self.record(&doc, &derives, &self.types.input, &[field]));
            parameters.push(format!("#[body] body: {}", self.types.input));
        }
        let (doc, value) = if is_echo {
            self.types.output.clone_from(&self.types.input);
            ("the body of the request", format!("    {json}(body)\n"))
        } else {
            self.types.output = imports.reserve(&type_name(name, "Response"));
            let mut fields = variables.clone();
            let mut values: Vec<_> =
                variables.iter().map(|it| format!("{it}: {it}.to_owned()")).collect();
            if route.has_body() {
                fields.push(field);
                values.push(format!("{field}: body.{field}"));
            }
            let doc = if fields.is_empty() { "a greeting" } else { "the values of the request" };
            if fields.is_empty() {
                fields.push("message");
                values.push("message: \"hello\".to_owned()".to_owned());
            }
            let derives = [&compared[..], &[imports.name("serde", "Serialize")]].concat();
            let of = format!("The body of the response to `{route}`.");
            code.push(self.record(&of, &derives, &self.types.output, &fields));
            let values = values.iter().map(|it| format!("        {it},\n"));
            let values = values.collect::<Vec<_>>().concat();
            (doc, format!("    {json}({} {{\n{values}    }})\n", self.types.output))
        };
        code.push(format!(
            "/// Responds to `{route}` with {doc}.\n\
             #[{handler}(named, {method} = \"{path}\")]\n\
             {}async fn {name}({}) -> {json}<{}> {{\n{value}}}\n",
            self.visibility(),
            parameters.join(", "),
            self.types.output,
        ));
        code.concat()
    }

    fn route_test(&self, route: &NewRoute, event: &str, imports: &mut ModuleImports) -> String {
        let block_on = imports.name("lambda_native::testing", "block_on");
        let json = imports.name("lambda_native::http", "Json");
        let name = imports.outer_name(self.name);
        let mut code = Vec::new();
        let mut arguments = vec![format!("\"{EXAMPLE}\""); route.parameters.len()];
        let mut checks: Vec<_> =
            route.parameters.iter().map(|it| (it.variable.as_str(), EXAMPLE)).collect();
        if route.has_body() {
            let request = imports.name("lambda_native::http", "Request");
            code.push(format!(
                "    let event = include_bytes!(\"{event}\");\n    \
                 let request = {request}::from_slice(event).expect(\"a valid event\");\n    \
                 let body = request.json().expect(\"a body\");\n"
            ));
            arguments.push("body".to_owned());
            checks.push((body_field(route), NAME));
        }
        let what = match (route.has_body(), checks.is_empty()) {
            (true, _) => "handles_the_sample_event",
            (false, false) => "responds_with_its_values",
            (false, true) => "responds_with_a_greeting",
        };
        if checks.is_empty() {
            checks.push(("message", "hello"));
        }
        code.push(format!(
            "    let {json}(response) = {block_on}({name}({}));\n",
            arguments.join(", ")
        ));
        for (field, value) in checks {
            code.push(format!("    assert_eq!(response.{field}, \"{value}\");\n"));
        }
        format!("#[test]\nfn {name}_{what}() {{\n{}}}\n", code.concat())
    }

    fn function(&mut self, imports: &mut ModuleImports) -> String {
        let handler = imports.name(LIBRARY, "lambda_handler");
        let context = imports.name(LIBRARY, "json_context");
        let deserialize = imports.name("serde", "Deserialize");
        let serialize = imports.name("serde", "Serialize");
        let name = self.name;
        let [input, output, json] =
            ["Event", "Response", "Json"].map(|suffix| imports.reserve(&type_name(name, suffix)));
        let derives = |first: &[&str]| {
            let first = first.iter().map(|it| (*it).to_owned());
            first.chain([deserialize.clone(), serialize.clone()]).collect::<Vec<_>>()
        };
        let doc = |what: &str| format!("The {what} of `{name}`.");
        let compared = derives(&["Debug", "PartialEq", "Eq"]);
        let types = [
            self.record(&doc("event"), &derives(&["Debug"]), &input, &["input"]),
            self.record(&doc("response"), &compared, &output, &["output"]),
        ];
        let visibility = self.visibility();
        let function = format!(
            "/// The types that `{name}` reads and writes as JSON.\n\
             #[{context}({input}, {output})]\n{visibility}struct {json};\n\n\
             /// Converts text to upper case.\n\
             #[{handler}(named, json = {json})]\n\
             {visibility}async fn {name}(event: {input}) -> {output} {{\n    \
             {output} {{\n        output: event.input.to_uppercase(),\n    }}\n}}\n"
        );
        self.types = TypeNames { input, output, json };
        types.concat() + &*function
    }

    fn function_test(&self, event: &str, imports: &mut ModuleImports) -> String {
        let block_on = imports.name("lambda_native::testing", "block_on");
        let name = imports.outer_name(self.name);
        let json = imports.outer_name(&self.types.json);
        format!(
            "#[test]\nfn {name}_handles_the_sample_event() {{\n    \
             let event = {json}::from_str(include_str!(\"{event}\")).expect(\"a valid event\");\n    \
             let response = {block_on}({name}(event));\n    \
             assert_eq!(response.output, \"HELLO WORLD\");\n}}\n"
        )
    }

    fn queue(&mut self, QueueName(queue): &QueueName, imports: &mut ModuleImports) -> String {
        let handler = imports.name(LIBRARY, "lambda_handler");
        let context = imports.name(LIBRARY, "Context");
        let error = imports.name(LIBRARY, "Error");
        let message = imports.name("lambda_native::events::sqs", "Message");
        let name = self.name;
        self.types.input = imports.reserve(&type_name(name, "Body"));
        let body = &self.types.input;
        let derives = [imports.name("serde", "Deserialize")];
        let doc = format!("The body of a message in `{queue}`.");
        let types = self.record(&doc, &derives, body, &["id"]);
        let function = format!(
            "/// Handles one message. If it fails, only this message is received again; after three times, it\n\
             /// moves to the dead-letter queue.\n\
             #[{handler}(named, sqs = \"{queue}\")]\n\
             {}async fn {name}(\n    message: {message}<'_, {body}>,\n    context: &{context},\n\
             ) -> Result<(), {error}> {{\n    \
             let request = context.request_id();\n    \
             println!(\"{{request}}: handled message {{}}\", message.body.id);\n    \
             Ok(())\n}}\n",
            self.visibility()
        );
        types + &*function
    }

    fn queue_test(&self, event: &str, imports: &mut ModuleImports) -> String {
        let sqs = imports.name("lambda_native::events", "sqs");
        let testing = imports.name(LIBRARY, "testing");
        let name = imports.outer_name(self.name);
        format!(
            "#[test]\nfn {name}_handles_the_sample_event() {{\n    \
             let event = include_str!(\"{event}\");\n    \
             let handler = {sqs}::handler_fn({name});\n    \
             let response = {testing}::call(&handler, event, &{testing}::context());\n    \
             assert_eq!(\n        response.expect(\"a response\"),\n        br#\"{{\"batchItemFailures\":[]}}\"#\n    );\n}}\n"
        )
    }
}

/// The value of the field of a body in examples.
pub(super) const NAME: &str = "Ada";

/// Returns the name of the field of a body, which must differ from those of the path.
pub(super) fn body_field(route: &NewRoute) -> &'static str {
    let is_free = |name: &&str| !route.parameters.iter().any(|it| it.variable == **name);
    ["name", "title", "text"].into_iter().find(is_free).unwrap_or("body_text")
}
