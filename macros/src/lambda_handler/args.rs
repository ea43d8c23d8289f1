//! Reads the attribute's arguments: `#[lambda_handler(…)]`.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{LitInt, LitStr, Path, Token, TypePath, token};

use crate::diagnostics::{Errors, closest};
use crate::library::{self, Library};

/// The arguments. Each keeps its tokens, so that an error about it can point at it.
#[derive(Default)]
pub(crate) struct Args {
    /// `http`: the event is an HTTP request.
    pub(crate) http: Option<Ident>,
    /// `stream`: the function writes its response.
    pub(crate) stream: Option<Ident>,
    /// `get = "/orders/{id}"`: the requests that the function takes.
    pub(crate) routes: Vec<Route>,
    /// `sqs`, `s3 = "Uploads"`: the source of the events. More than one is an error.
    pub(crate) sources: Vec<Source>,
    /// `concurrency = 10`: the number of messages of a queue that are handled at a time.
    pub(crate) concurrency: Option<LitInt>,
    /// `authorizer`: the function decides which requests may pass.
    pub(crate) authorizer: Option<Ident>,
    /// `auth = function`: the authorizer that the routes have.
    pub(crate) auth: Option<Path>,
    /// `named`: one of several handlers, which `main!` lists.
    pub(crate) named: Option<Named>,
    /// `json = Context`: the context in which the types of event and response are registered.
    pub(crate) json: Option<Path>,
    /// `init = function`: makes the state.
    pub(crate) init: Option<TypePath>,
    /// `wrap = function`: the wrappers, the outermost first.
    pub(crate) wrap: Vec<TypePath>,
    /// `after = function`: runs after each invocation.
    pub(crate) after: Option<TypePath>,
    /// `flavor = "multi_thread"`: the async runtime that calls the function.
    pub(crate) flavor: Option<(LitStr, Flavor)>,
    /// `worker_threads = 4`.
    pub(crate) worker_threads: Option<LitInt>,
    /// `crate = path`: the path of `lambda_native`.
    pub(crate) library: Option<Library>,
}

/// One path of `get = …` or another method.
pub(crate) struct Route {
    pub(crate) method: Ident,
    pub(crate) path: LitStr,
}

impl Route {
    /// The method as HTTP writes it.
    pub(crate) fn method(&self) -> String {
        self.method.to_string().to_uppercase()
    }

    /// The names of the placeholders in the path.
    pub(crate) fn placeholders(&self) -> Vec<String> {
        let path = self.path.value();
        let segments = path.split('/').filter_map(|it| it.strip_prefix('{')?.strip_suffix('}'));
        segments.map(|name| name.trim_end_matches('+').to_owned()).collect()
    }

    /// Tells whether the path has a placeholder of that name.
    pub(crate) fn has(&self, placeholder: &str) -> bool {
        self.placeholders().iter().any(|name| name == placeholder)
    }
}

/// `sqs` or `sqs = "OrderQueue"`, or another source of events.
pub(crate) struct Source {
    pub(crate) kind: Ident,
    /// The name of a resource of the SAM template, the expression of a schedule, or the source in a pattern.
    pub(crate) name: Option<LitStr>,
}

impl Source {
    /// The type of the library that splits the events of this source into records, for which the function is
    /// called one by one. `None` if it is called once for each event.
    pub(crate) fn batch(&self) -> Option<&'static str> {
        match self.kind.to_string().as_str() {
            "sqs" => Some("Sqs"),
            "kinesis" => Some("Kinesis"),
            "dynamodb" => Some("DynamoDb"),
            _ => None,
        }
    }
}

/// `named` or `named = "users.list"`.
pub(crate) struct Named(pub(crate) Option<LitStr>);

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavor {
    CurrentThread,
    MultiThread,
}

/// The names of the arguments, and how each is written.
const ARGUMENTS: [(&str, &str); 28] = [
    ("get", "get = \"/path\""),
    ("post", "post = \"/path\""),
    ("put", "put = \"/path\""),
    ("patch", "patch = \"/path\""),
    ("delete", "delete = \"/path\""),
    ("head", "head = \"/path\""),
    ("options", "options = \"/path\""),
    ("any", "any = \"/path\""),
    ("http", "http"),
    ("stream", "stream"),
    ("sqs", "sqs = \"OrderQueue\""),
    ("kinesis", "kinesis = \"ClickStream\""),
    ("dynamodb", "dynamodb = \"OrderTable\""),
    ("sns", "sns = \"OrderTopic\""),
    ("s3", "s3 = \"UploadBucket\""),
    ("eventbridge", "eventbridge = \"com.example.shop\""),
    ("schedule", "schedule = \"rate(5 minutes)\""),
    ("concurrency", "concurrency = 10"),
    ("authorizer", "authorizer"),
    ("auth", "auth = function"),
    ("json", "json = Context"),
    ("init", "init = function"),
    ("wrap", "wrap = function"),
    ("after", "after = function"),
    ("named", "named"),
    ("flavor", "flavor = \"multi_thread\""),
    ("worker_threads", "worker_threads = 4"),
    ("crate", "crate = path"),
];

impl Args {
    /// Reads the arguments, and adds an error for each that it cannot read.
    pub(crate) fn parse(args: TokenStream, errors: &mut Errors) -> Self {
        let mut parsed = Self::default();
        let list = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if let Err(error) = parsed.argument(input) {
                    errors.push(error);
                    while !input.is_empty() && !input.peek(Token![,]) {
                        input.parse::<TokenTree>()?;
                    }
                }
                if !input.is_empty()
                    && let Err(error) = input.parse::<Token![,]>()
                {
                    errors.push(error);
                    input.parse::<TokenStream>()?;
                }
            }
            Ok(())
        };
        if let Err(error) = list.parse2(args) {
            errors.push(error);
        }
        parsed
    }

    /// The path of `lambda_native`.
    pub(crate) fn library(&self) -> TokenStream {
        library::path(self.library.as_ref())
    }

    fn argument(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let quoted = input.peek(LitStr);
        let name = input.call(Ident::parse_any).map_err(|error| {
            let hint = if quoted { "\nhint: write it without quotes" } else { "" };
            syn::Error::new(error.span(), format!("expected an argument: {}{hint}", expected()))
        })?;
        match name.to_string().as_str() {
            "http" => set(&mut self.http, &name, flag(&name, input)?),
            "stream" => set(&mut self.stream, &name, flag(&name, input)?),
            "authorizer" => set(&mut self.authorizer, &name, flag(&name, input)?),
            "auth" => set(&mut self.auth, &name, value(&name, input)?),
            "named" => {
                let given = if input.peek(Token![=]) {
                    value(&name, input).and_then(handler_name).map(Some)
                } else {
                    Ok(None)
                };
                // A wrong name is the only error: the handler is `named` nevertheless.
                set(&mut self.named, &name, Named(given.as_ref().ok().cloned().flatten()))?;
                given.map(drop)
            }
            "sqs" | "kinesis" | "dynamodb" | "sns" | "s3" | "eventbridge" | "schedule" => {
                if self.sources.iter().any(|source| source.kind == name) {
                    return Err(syn::Error::new(name.span(), format!("`{name}` is given twice")));
                }
                let given = if input.peek(Token![=]) {
                    value(&name, input).and_then(|value| source_name(&name, value)).map(Some)
                } else {
                    Ok(None)
                };
                // A wrong value is the only error: the source is nevertheless this one.
                let value = given.as_ref().ok().cloned().flatten();
                self.sources.push(Source { kind: name, name: value });
                given.map(drop)
            }
            "concurrency" => set(&mut self.concurrency, &name, value(&name, input)?),
            "json" => set(&mut self.json, &name, value(&name, input)?),
            "init" => {
                let init = value(&name, input).inspect_err(|_| {
                    // So that no second error says that nothing makes the state.
                    self.init.get_or_insert_with(|| syn::parse_quote!(#name));
                })?;
                set(&mut self.init, &name, init)
            }
            "wrap" => wrap(&mut self.wrap, &name, input),
            "after" => set(&mut self.after, &name, value(&name, input)?),
            "flavor" => set(&mut self.flavor, &name, flavor(value(&name, input)?)?),
            "worker_threads" => set(&mut self.worker_threads, &name, value(&name, input)?),
            "crate" => set(&mut self.library, &name, value(&name, input)?),
            "get" | "post" | "put" | "patch" | "delete" | "head" | "options" | "any" => {
                if self.routes.iter().any(|route| route.method == name) {
                    let message = format!(
                        "`{name}` is given twice\nhint: list the paths: `{name} = [\"/one\", \"/other\"]`"
                    );
                    return Err(syn::Error::new(name.span(), message));
                }
                let Paths(paths) = value(&name, input)?;
                let route = |path| Route { method: name.clone(), path };
                self.routes.extend(paths.into_iter().map(route));
                Ok(())
            }
            unknown => Err(unknown_argument(unknown, name.span())),
        }
    }
}

/// A path, or several in brackets.
struct Paths(Vec<LitStr>);

impl Parse for Paths {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            return input.parse().map(|path| Self(vec![path]));
        }
        let list;
        let brackets = syn::bracketed!(list in input);
        let paths: Vec<LitStr> =
            list.parse_terminated(<LitStr as Parse>::parse, Token![,])?.into_iter().collect();
        if paths.is_empty() {
            return Err(syn::Error::new(brackets.span.join(), "no path is listed"));
        }
        Ok(Self(paths))
    }
}

/// The arguments of `main!`.
#[derive(Default)]
pub(crate) struct MainArgs {
    /// `init = function`: makes the state of all handlers.
    pub(crate) init: Option<TypePath>,
    /// `wrap = function`: the wrappers, the outermost first.
    pub(crate) wrap: Vec<TypePath>,
    /// `after = function`: runs after each invocation.
    pub(crate) after: Option<TypePath>,
}

impl MainArgs {
    /// Reads the rest of the argument `name`.
    pub(crate) fn argument(&mut self, name: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        const OF_MAIN: [&str; 3] = ["init", "wrap", "after"];
        match name.to_string().as_str() {
            "init" => set(&mut self.init, name, value(name, input)?),
            "wrap" => wrap(&mut self.wrap, name, input),
            "after" => set(&mut self.after, name, value(name, input)?),
            unknown => {
                let hint = closest(unknown, OF_MAIN)
                    .map(|meant| format!("\nhint: did you mean `{}`?", usage(meant)));
                let message = format!(
                    "unknown argument `{unknown}`, expected one of `init`, `wrap`, `after`{}",
                    hint.unwrap_or_default()
                );
                Err(syn::Error::new(name.span(), message))
            }
        }
    }
}

/// Reads the rest of `wrap = function`.
fn wrap(wrap: &mut Vec<TypePath>, name: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    if !wrap.is_empty() {
        let message = "`wrap` is given twice\nhint: list the functions, the outermost first: `wrap = [one, other]`";
        return Err(syn::Error::new(name.span(), message));
    }
    if !(input.peek(Token![=]) && input.peek2(token::Bracket)) {
        wrap.push(value(name, input)?);
        return Ok(());
    }
    input.parse::<Token![=]>()?;
    let list;
    let brackets = syn::bracketed!(list in input);
    let functions = list.call(functions);
    list.parse::<TokenStream>()?;
    let functions = functions?;
    if functions.is_empty() {
        return Err(syn::Error::new(brackets.span.join(), "no function is listed"));
    }
    wrap.extend(functions);
    Ok(())
}

/// Reads a list of functions.
fn functions(list: ParseStream<'_>) -> syn::Result<Vec<TypePath>> {
    let mut functions = Vec::new();
    while !list.is_empty() {
        let hint = if list.peek(LitStr) { "\nhint: write it without quotes" } else { "" };
        let function = list.parse().map_err(|error| {
            syn::Error::new(error.span(), format!("expected the path of a function{hint}"))
        })?;
        functions.push(function);
        if list.peek(token::Paren) {
            let message =
                "expected the path of a function\nhint: name the function, without a call";
            return Err(list.error(message));
        }
        if !list.is_empty() {
            list.parse::<Token![,]>()?;
        }
    }
    Ok(functions)
}

fn set<T>(argument: &mut Option<T>, name: &Ident, value: T) -> syn::Result<()> {
    match argument.replace(value) {
        Some(_) => Err(syn::Error::new(name.span(), format!("`{name}` is given twice"))),
        None => Ok(()),
    }
}

/// Reads an argument without a value.
fn flag(name: &Ident, input: ParseStream<'_>) -> syn::Result<Ident> {
    if input.peek(Token![=]) {
        return Err(input.error(format!("`{name}` takes no value")));
    }
    Ok(name.clone())
}

/// Reads the rest of an argument with a value: `= value`.
fn value<T: Parse>(name: &Ident, input: ParseStream<'_>) -> syn::Result<T> {
    let usage = usage(&name.to_string());
    if !input.peek(Token![=]) {
        return Err(syn::Error::new(name.span(), format!("`{name}` takes a value: `{usage}`")));
    }
    input.parse::<Token![=]>()?;
    let invalid = |span, hint: &str| {
        syn::Error::new(span, format!("invalid value for `{name}`, expected `{usage}`{hint}"))
    };
    if input.is_empty() || input.peek(Token![,]) {
        return Err(invalid(name.span(), ""));
    }
    let ahead = input.fork();
    let value = ahead.parse().map_err(|error| {
        let hint = if input.peek(LitStr) { "\nhint: write it without quotes" } else { "" };
        invalid(error.span(), hint)
    })?;
    if ahead.peek(token::Paren) {
        return Err(invalid(ahead.span(), "\nhint: name the function, without a call"));
    }
    input.advance_to(&ahead);
    Ok(value)
}

/// Checks the name of a handler: Lambda's setting `Handler` must be able to hold it (`CreateFunction` in
/// AWS's reference of the Lambda API).
fn handler_name(literal: LitStr) -> syn::Result<LitStr> {
    const LONGEST: usize = 128;
    let name = literal.value();
    let is_valid = (1..=LONGEST).contains(&name.len())
        && !name.contains(|c: char| c.is_whitespace() || c.is_control());
    if is_valid {
        return Ok(literal);
    }
    let message = format!(
        "invalid name {name:?} for a handler, expected up to {LONGEST} bytes without spaces"
    );
    Err(syn::Error::new(literal.span(), message))
}

/// Checks the value of a source of events.
fn source_name(source: &Ident, literal: LitStr) -> syn::Result<LitStr> {
    let value = literal.value();
    let (is_valid, expected) = match source.to_string().as_str() {
        "schedule" => (
            (value.starts_with("rate(") || value.starts_with("cron(")) && value.ends_with(')'),
            "`rate(5 minutes)` or `cron(0 8 * * ? *)`",
        ),
        "eventbridge" => (
            !value.is_empty() && !value.contains(char::is_control),
            "the `source` of the events, such as `com.example.shop`",
        ),
        _ => (
            !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric()),
            "the name of a resource or a parameter in `template.yaml`, which has only letters and digits",
        ),
    };
    if is_valid {
        return Ok(literal);
    }
    let message = format!("invalid value {value:?} for `{source}`, expected {expected}");
    Err(syn::Error::new(literal.span(), message))
}

fn flavor(literal: LitStr) -> syn::Result<(LitStr, Flavor)> {
    let value = literal.value();
    let flavor = match value.as_str() {
        "current_thread" => Flavor::CurrentThread,
        "multi_thread" => Flavor::MultiThread,
        _ => {
            let hint = closest(&value, ["current_thread", "multi_thread"])
                .map(|meant| format!("\nhint: did you mean `{meant}`?"));
            let message = format!(
                "unknown flavor `{value}`, expected `current_thread` or `multi_thread`{}",
                hint.unwrap_or_default()
            );
            return Err(syn::Error::new(literal.span(), message));
        }
    };
    Ok((literal, flavor))
}

fn unknown_argument(unknown: &str, span: Span) -> syn::Error {
    let hint = closest(unknown, ARGUMENTS.map(|(name, _)| name))
        .map(|meant| format!("\nhint: did you mean `{}`?", usage(meant)));
    let message = format!(
        "unknown argument `{unknown}`, expected {}{}",
        expected(),
        hint.unwrap_or_default()
    );
    syn::Error::new(span, message)
}

/// Lists all arguments.
fn expected() -> String {
    let names = ARGUMENTS.map(|(name, _)| format!("`{name}`"));
    format!("one of {}", names.join(", "))
}

/// Gives the form in which an argument is written.
fn usage(name: &str) -> &'static str {
    ARGUMENTS.iter().find(|(known, _)| *known == name).map_or("", |(_, usage)| usage)
}
