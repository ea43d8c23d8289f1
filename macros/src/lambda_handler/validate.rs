//! Checks the function, alone and together with the arguments, and tells its parameters apart.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{GenericParam, PathArguments, ReturnType, Type};

use super::args::{Args, Flavor, Source};
use super::arguments::{Argument, RequestParameter, arguments};
use super::routes;
use super::signature::{FunctionItem, Signature};
use super::types::{elided, is_named, ungrouped};
use crate::diagnostics::{Errors, code};

/// A function that can be a handler.
pub(crate) struct ResolvedHandler {
    pub(crate) arguments: Vec<Argument>,
    /// The types of the event and of the output, as they are written.
    pub(crate) input: Option<String>,
    pub(crate) output: String,
    /// The types `T` and `E` of a `Result<T, E>`; twice the same of another output.
    pub(crate) value: TokenStream,
    pub(crate) error: TokenStream,
    /// The types within `Json<T>` in the output of a route.
    pub(crate) written: Vec<Type>,
    /// The type that the handler returns, without names of lifetimes; `None` if it does not name it.
    pub(crate) returned: Option<TokenStream>,
    /// The call gives a future.
    pub(crate) returns_future: bool,
}

impl ResolvedHandler {
    /// The type of the event.
    pub(crate) fn event(&self) -> Option<&TokenStream> {
        self.arguments.iter().find_map(|argument| match argument {
            Argument::Event(ty) => Some(ty),
            _ => None,
        })
    }

    /// The types of event and response, as far as they have the names of HTTP's types.
    pub(crate) fn names_of_http(&self) -> (Option<&TokenStream>, Option<&TokenStream>) {
        let is_named = |ty: &&TokenStream, names: &[&str]| {
            let ty = syn::parse2::<Type>((*ty).clone());
            ty.is_ok_and(|ty| names.iter().any(|name| is_named(&ty, name)))
        };
        let event = self.event().filter(|ty| is_named(ty, &["Request"]));
        let response = Some(&self.value).filter(|ty| is_named(ty, &["Json", "Response"]));
        (event, response)
    }

    /// The parameters that are read from the request of a route.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &RequestParameter> {
        self.arguments.iter().filter_map(|argument| match argument {
            Argument::Read(parameter) => Some(parameter),
            _ => None,
        })
    }

    /// Tells whether a parameter is the whole request.
    pub(crate) fn takes_request(&self) -> bool {
        self.arguments.iter().any(|argument| matches!(argument, Argument::Request { .. }))
    }

    /// The type of the state.
    pub(crate) fn state(&self) -> Option<&TokenStream> {
        self.arguments.iter().find_map(|argument| match argument {
            Argument::State(ty) => Some(ty),
            _ => None,
        })
    }
}

/// Adds to `errors` everything that is wrong with the function and the arguments, each at the token
/// that makes it so. `None` if the signature cannot be read.
pub(crate) fn handler(
    function: &FunctionItem,
    args: &Args,
    errors: &mut Errors,
) -> Option<ResolvedHandler> {
    validate_args(args, errors);
    if function.name == "main" {
        errors.refuse(
            &function.name,
            "a handler cannot be called `main`: `#[lambda_handler]` writes the program's `main`\n\
             hint: name the function for what it does",
        );
    }
    for (qualifier, tokens) in &function.qualifiers {
        errors.refuse(tokens, format!("a handler cannot be `{qualifier}`"));
    }
    validate_runtime(function, errors);
    let signature = function.signature.as_ref().ok()?;
    validate_conditions(signature, errors);
    validate_generics(signature, errors);
    validate_receiver(signature, args, errors);
    validate_types(signature, errors);
    let mut input = None;
    let arguments = if args.routes.is_empty() && args.authorizer.is_none() {
        routes::refuse_markers(signature, errors);
        arguments(args, signature, &mut input, errors)
    } else {
        routes::arguments(args, signature, errors)
    };
    validate_record(args, &arguments, errors);
    let name = function.name.to_token_stream();
    let (output, value, error) = match &signature.output {
        ReturnType::Default => ("()".to_owned(), name.clone(), name),
        ReturnType::Type(_, output) => {
            let (value, error) = returned(output, errors);
            (code(output), value, error)
        }
    };
    let is_future = |name| find(signature.output.to_token_stream(), name).is_some();
    Some(ResolvedHandler {
        arguments,
        input,
        output,
        written: match &signature.output {
            ReturnType::Type(_, output) => routes::written(output),
            ReturnType::Default => Vec::new(),
        },
        value: elided(value, signature),
        error,
        returned: match &signature.output {
            ReturnType::Default => Some(quote!(())),
            ReturnType::Type(_, output) => {
                let is_named = !["impl", "dyn"].iter().any(|word| is_future(word));
                is_named.then(|| elided(output.to_token_stream(), signature))
            }
        },
        returns_future: function.is_async || is_future("Future") || is_future("BoxFuture"),
    })
}

fn validate_args(args: &Args, errors: &mut Errors) {
    if let Some(init) = &args.init
        && code(init) == "Default::default"
    {
        errors.refuse(
            init,
            "`Default::default` does not say of which type\n\
             hint: name the type of the state: `init = Database::default`",
        );
    }
    if let (Some(http), Some(json)) = (&args.http, &args.json) {
        errors.refuse(
            json,
            format!(
                "a handler marked `{http}` reads the body of its request itself, so it takes no `json`\n\
                 hint: in the handler, `{}::from_slice(request.body()?)`",
                code(json),
            ),
        );
    }
    if let Some(http) = &args.http
        && !cfg!(feature = "http")
    {
        errors.refuse(http, feature_is_missing("http", "http"));
    }
    if let Some(route) = args.routes.first() {
        let method = &route.method;
        if !cfg!(feature = "http") {
            errors.refuse(method, feature_is_missing(&method.to_string(), "http"));
        }
        if let Some(http) = &args.http {
            errors
                .refuse(http, "a handler with a route takes HTTP requests\nhint: leave out `http`");
        }
        if let Some(stream) = &args.stream {
            errors.refuse(
                stream,
                "a handler with a route returns its response\n\
                 hint: one that streams it is `#[lambda_handler(http, stream)]`, without a route",
            );
        }
    }
    validate_source(args, errors);
    validate_auth(args, errors);
    validate_wrap(args, errors);
    let multi_thread = args.flavor.as_ref().filter(|(_, flavor)| *flavor == Flavor::MultiThread);
    if let Some((literal, _)) = multi_thread
        && !cfg!(feature = "multi-thread")
    {
        errors.refuse(literal, feature_is_missing("flavor = \"multi_thread\"", "multi-thread"));
    }
    if let Some(threads) = &args.worker_threads {
        if multi_thread.is_none() {
            errors.refuse(threads, "`worker_threads` needs `flavor = \"multi_thread\"`");
        }
        if threads.base10_parse::<usize>().is_ok_and(|threads| threads == 0) {
            errors.refuse(threads, "`worker_threads` is at least 1");
        }
    }
}

/// Refuses what an authorizer cannot be, and a handler that cannot have one.
fn validate_auth(args: &Args, errors: &mut Errors) {
    if let Some(authorizer) = &args.authorizer {
        if !cfg!(feature = "http") {
            errors.refuse(authorizer, feature_is_missing("authorizer", "http"));
        }
        let hint = "an authorizer decides about requests, and another handler responds to them";
        if let Some(route) = args.routes.first() {
            let message = format!("{hint}\nhint: leave out `{}`", route.method);
            errors.refuse(&route.method, message);
        }
        let sources = args.sources.iter().map(|source| &source.kind);
        for other in args.http.iter().chain(&args.stream).chain(sources) {
            errors.refuse(other, format!("{hint}\nhint: leave out `{other}`"));
        }
        for wrap in args.wrap.iter().take(1) {
            errors.refuse(wrap, format!("{hint}\nhint: leave out `wrap`"));
        }
        if let Some(json) = &args.json {
            let message = "an authorizer takes no `json`: API Gateway reads its response\n\
                           hint: leave out `json`";
            errors.refuse(json, message);
        }
    }
    let Some(auth) = &args.auth else { return };
    if args.authorizer.is_some() {
        errors.refuse(auth, "an authorizer cannot have another\nhint: leave out `auth`");
    } else if args.routes.is_empty() {
        errors.refuse(
            auth,
            "`auth` is the authorizer of routes, and this handler has none\n\
             hint: give it a route, `get = \"/path\"`, or leave out `auth`",
        );
    } else if args.named.is_none() {
        errors.refuse(
            auth,
            format!(
                "`auth` names another handler of the program, and this one is the only one\n\
                 hint: mark it `named`, and list both: `lambda_native::main!(…, {})`",
                code(auth)
            ),
        );
    }
}

/// Checks the source of the events, alone and beside the other arguments.
fn validate_source(args: &Args, errors: &mut Errors) {
    let is_queue = args.sources.iter().any(|source| source.kind == "sqs");
    if let Some(concurrency) = &args.concurrency {
        if !is_queue {
            errors.refuse(
                concurrency,
                "`concurrency` is the number of messages of a queue that are handled at a time, and this \
                 handler is not marked `sqs`\n\
                 hint: leave out `concurrency`",
            );
        }
        if concurrency.base10_parse::<usize>().is_ok_and(|messages| messages == 0) {
            errors.refuse(concurrency, "`concurrency` is at least 1");
        }
    }
    let Some((source, others)) = args.sources.split_first() else { return };
    let kind = &source.kind;
    if !cfg!(feature = "events") {
        errors.refuse(kind, feature_is_missing(&kind.to_string(), "events"));
    }
    for Source { kind: other, .. } in others {
        errors.refuse(
            other,
            format!(
                "`{other}` is a second source: a handler takes the events of one, and this one is marked \
                 `{kind}`\n\
                 hint: write a handler for each, marked `named`, and list them in `lambda_native::main!`"
            ),
        );
    }
    if let Some(http) = args.http.as_ref().or(args.routes.first().map(|route| &route.method)) {
        errors.refuse(
            kind,
            format!("a handler marked `{http}` takes HTTP requests\nhint: leave out `{kind}`"),
        );
    }
    if let Some(stream) = &args.stream {
        errors.refuse(
            stream,
            format!(
                "nobody reads the response to an event of `{kind}`\nhint: leave out `{stream}`"
            ),
        );
    }
}

/// Refuses a whole batch as the event of a handler of records.
fn validate_record(args: &Args, arguments: &[Argument], errors: &mut Errors) {
    const BATCHES: [(&str, &str); 3] = [
        ("SqsEvent", "SqsMessage"),
        ("SqsEventObj", "SqsMessageObj"),
        ("KinesisEvent", "KinesisEventRecord"),
    ];
    let Some(source) = args.sources.iter().find(|source| source.batch().is_some()) else { return };
    let event = arguments.iter().find_map(|argument| match argument {
        Argument::Event(ty) => syn::parse2::<Type>(ty.clone()).ok(),
        _ => None,
    });
    let Some(event) = event else { return };
    let is_dynamodb = match ungrouped(&event) {
        Type::Path(path) => {
            let mut names = path.path.segments.iter().rev().map(|segment| &segment.ident);
            names.next().is_some_and(|last| last == "Event")
                && names.next().is_some_and(|module| module == "dynamodb")
        }
        _ => false,
    };
    let record = BATCHES.iter().find(|(batch, _)| is_named(&event, batch));
    let record = record.map(|(_, record)| *record).or(is_dynamodb.then_some("EventRecord"));
    let record = record.or(is_named(&event, "Vec").then_some(match source.batch() {
        Some("Sqs") => "sqs::Message<'_, T>",
        Some("Kinesis") => "kinesis::Record<'_, T>",
        _ => "dynamodb::Record<'_, T>",
    }));
    if let Some(record) = record {
        let kind = &source.kind;
        errors.refuse(
            &event,
            format!(
                "`{}` is a whole batch, and a handler marked `{kind}` is called for each record\n\
                 hint: take `{record}`, or leave out `{kind}` and make the response yourself",
                code(&event),
            ),
        );
    }
}

/// Refuses a wrapper of a handler that has no response to wrap, and a hook of one that is not a program.
fn validate_wrap(args: &Args, errors: &mut Errors) {
    for wrap in args.wrap.iter().take(1) {
        if args.stream.is_some() && args.routes.is_empty() {
            errors.refuse(
                wrap,
                "`wrap` takes the whole response of a handler, and one marked `stream` sends it itself\n\
                 hint: leave out `wrap`, or return the response",
            );
        } else if args.routes.is_empty() && args.http.is_none() && args.authorizer.is_none() {
            errors.refuse(
                wrap,
                "`wrap` is for handlers of HTTP requests, and this one takes an event\n\
                 hint: give it a route, `get = \"/path\"`, or leave out `wrap`",
            );
        }
    }
    if let (Some(after), Some(_)) = (&args.after, &args.named) {
        errors.refuse(
            after,
            format!(
                "`after` is of the whole program, and this handler is one of several\n\
                 hint: `lambda_native::main!(…, after = {})`",
                code(after)
            ),
        );
    }
}

pub(crate) fn feature_is_missing(argument: &str, feature: &str) -> String {
    format!(
        "`{argument}` needs the feature `{feature}` of `lambda-native`\n\
         hint: in `Cargo.toml`: `lambda-native = {{ version = \"{}\", features = [\"{feature}\"] }}`",
        concat!(env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR")),
    )
}

/// Refuses what starts an async runtime: within the one that calls the handler, it would panic at each
/// event.
fn validate_runtime(function: &FunctionItem, errors: &mut Errors) {
    const MESSAGE: &str = "an async runtime, and `#[lambda_handler]` already starts one";
    for attribute in &function.attributes {
        let segments = &attribute.path().segments;
        if segments
            .last()
            .is_some_and(|last| last.ident == "main" || last.ident == "test" && segments.len() > 1)
        {
            let path = code(attribute.path());
            errors.refuse(
                attribute,
                format!("`#[{path}]` starts {MESSAGE}\nhint: remove `#[{path}]`"),
            );
        }
    }
    // An attribute above `#[lambda_handler]` is expanded already: this is the code of `#[tokio::main]`.
    if !function.is_async && has_literal(&function.rest, "\"Failed building the Runtime\"") {
        errors.refuse(
            &function.name,
            format!("this function starts {MESSAGE}\nhint: remove `#[tokio::main]`"),
        );
    }
}

/// Tells whether `tokens` contain a literal, at any depth.
fn has_literal(tokens: &TokenStream, literal: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Literal(it) => it.to_string() == literal,
        TokenTree::Group(group) => has_literal(&group.stream(), literal),
        _ => false,
    })
}

/// Refuses parameters that the compiler possibly removes later, when their arguments are written.
fn validate_conditions(signature: &Signature, errors: &mut Errors) {
    for attribute in signature.parameters.iter().flat_map(|parameter| &parameter.attributes) {
        if attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr") {
            errors.refuse(
                attribute,
                format!(
                    "a parameter of a handler cannot have `#[{}]`\n\
                     hint: write two handlers, each with its own `#[cfg]`",
                    code(attribute.path())
                ),
            );
        }
    }
}

fn validate_generics(signature: &Signature, errors: &mut Errors) {
    for parameter in &signature.generics.params {
        if !matches!(parameter, GenericParam::Lifetime(_)) {
            errors.refuse(
                parameter,
                "a handler cannot be generic: its JSON code is generated for concrete types\n\
                 hint: name the type",
            );
        }
    }
}

/// Tells whether the function is in an `impl` block, if `self` or `Self` gives it away.
pub(crate) fn is_in_an_impl(function: &FunctionItem, args: &Args) -> bool {
    let Ok(signature) = &function.signature else { return false };
    signature.receiver.is_some() || self_type(signature, args).is_some()
}

fn self_type(signature: &Signature, args: &Args) -> Option<Ident> {
    let types = signature.parameters.iter().map(|parameter| &parameter.ty);
    let output = &signature.output;
    let Args { init, json, wrap, after, .. } = args;
    find(quote!(#(#types)* #output #init #json #(#wrap)* #after), "Self")
}

fn validate_receiver(signature: &Signature, args: &Args, errors: &mut Errors) {
    if let Some(receiver) = &signature.receiver {
        errors.refuse(
            receiver,
            "a handler cannot be a method\n\
             hint: move it out of the `impl` block, so that `main` can be written beside it; `init` \
             can make what it needs of `self`",
        );
    } else if let Some(self_type) = self_type(signature, args) {
        errors.refuse(
            self_type,
            "a handler cannot be in an `impl` block\n\
             hint: move it out of the block, so that `main` can be written beside it, and name the \
             type in place of `Self`",
        );
    }
}

fn validate_types(signature: &Signature, errors: &mut Errors) {
    for parameter in &signature.parameters {
        if let Some(word) = find(parameter.ty.to_token_stream(), "impl") {
            errors.refuse(
                word,
                "a handler's parameter cannot be `impl Trait`: its JSON code is generated for \
                 concrete types\n\
                 hint: name the type",
            );
        }
    }
}

/// The types `T` and `E` of a `Result<T, E>`, or twice another type.
fn returned(output: &Type, errors: &mut Errors) -> (TokenStream, TokenStream) {
    match ungrouped(output) {
        Type::Never(_) => {
            errors.refuse(output, "a handler returns its response, and `!` never returns");
        }
        Type::Path(path) if is_named(output, "Result") => {
            if let Some(last) = path.path.segments.last()
                && let PathArguments::AngleBracketed(arguments) = &last.arguments
                && let (Some(value), Some(error)) = (arguments.args.first(), arguments.args.last())
            {
                return (value.to_token_stream(), error.to_token_stream());
            }
        }
        _ => {}
    }
    (output.to_token_stream(), output.to_token_stream())
}

/// Tells whether an attribute of the function mentions the lint `deprecated`.
pub(crate) fn mentions_deprecated(function: &FunctionItem) -> bool {
    let mut attributes = function.attributes.iter().map(ToTokens::to_token_stream);
    attributes.any(|attribute| find(attribute, "deprecated").is_some())
}

/// The first `word` in `tokens`, at any depth.
fn find(tokens: TokenStream, word: &str) -> Option<Ident> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) if ident == word => Some(ident),
        TokenTree::Group(group) => find(group.stream(), word),
        _ => None,
    })
}
