//! The attribute's arguments: `#[lambda_handler(…)]`.

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{LitInt, LitStr, Path, Token, token};

use crate::errors::Errors;
use crate::names;

/// What the arguments say. Each keeps its tokens, so that an error about it has its place.
#[derive(Default)]
pub(crate) struct Args {
    /// `http`: the event is an HTTP request.
    pub(crate) http: Option<Ident>,
    /// `stream`: the function writes its reply.
    pub(crate) stream: Option<Ident>,
    /// `named`: one of several handlers, which `main!` picks by its name.
    pub(crate) named: Option<Ident>,
    /// `json = Context`: where the event's and the reply's JSON code is.
    pub(crate) json: Option<Path>,
    /// `init = function`: what makes the state.
    pub(crate) init: Option<Path>,
    /// `flavor = "multi_thread"`.
    pub(crate) flavor: Option<(LitStr, Flavor)>,
    /// `worker_threads = 4`.
    pub(crate) worker_threads: Option<LitInt>,
    /// `crate = path`: what `lambda_native` is called here.
    pub(crate) library: Option<Path>,
}

/// The async runtime that calls the function.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavor {
    CurrentThread,
    MultiThread,
}

/// The arguments there are, as they are written.
const ARGUMENTS: [(&str, &str); 8] = [
    ("http", "http"),
    ("stream", "stream"),
    ("json", "json = Context"),
    ("init", "init = function"),
    ("named", "named"),
    ("flavor", "flavor = \"multi_thread\""),
    ("worker_threads", "worker_threads = 4"),
    ("crate", "crate = path"),
];

impl Args {
    /// Reads all that can be read of the arguments; what cannot is in `errors`.
    pub(crate) fn parse(args: TokenStream, errors: &mut Errors) -> Self {
        let mut parsed = Self::default();
        let all = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if let Err(error) = parsed.argument(input) {
                    errors.push(error);
                    // On to the next one.
                    while !input.is_empty() && !input.peek(Token![,]) {
                        input.parse::<proc_macro2::TokenTree>()?;
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
        if let Err(error) = all.parse2(args) {
            errors.push(error);
        }
        parsed.validate(errors);
        parsed
    }

    fn argument(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let quoted = input.peek(LitStr);
        let name = input.call(Ident::parse_any).map_err(|error| {
            let hint = if quoted { "\nhint: write it without quotes" } else { "" };
            syn::Error::new(error.span(), format!("expected an argument: {}{hint}", expected()))
        })?;
        match name.to_string().as_str() {
            "http" => flag(&mut self.http, name, input),
            "stream" => flag(&mut self.stream, name, input),
            "named" => flag(&mut self.named, name, input),
            "json" => value(&mut self.json, &name, input),
            "init" => value(&mut self.init, &name, input),
            "crate" => value(&mut self.library, &name, input),
            "worker_threads" => value(&mut self.worker_threads, &name, input),
            "flavor" => {
                let mut literal = None;
                let repeated = self.flavor.as_ref().map(|(literal, _)| literal.clone());
                value(&mut literal, &name, input)?;
                if repeated.is_some() {
                    return Err(twice(&name));
                }
                self.flavor = literal.map(flavor).transpose()?;
                Ok(())
            }
            unknown => Err(unknown_argument(unknown, name.span())),
        }
    }

    /// What the arguments cannot be together.
    fn validate(&self, errors: &mut Errors) {
        if let (Some(http), Some(json)) = (&self.http, &self.json) {
            errors.refuse(
                json,
                format!(
                    "`json` is for handlers of events: the body of an `{http}` request is read by the \
                     handler\n\
                     hint: in the handler, `{}::from_slice(request.body())`",
                    names::tokens(json),
                ),
            );
        }
        if let Some(threads) = &self.worker_threads {
            let multi_thread = matches!(self.flavor, Some((_, Flavor::MultiThread)));
            if !multi_thread {
                errors.refuse(threads, "`worker_threads` needs `flavor = \"multi_thread\"`");
            }
            if threads.base10_parse::<usize>().is_ok_and(|threads| threads == 0) {
                errors.refuse(threads, "`worker_threads` is at least 1");
            }
        }
    }
}

/// An argument without a value.
fn flag(slot: &mut Option<Ident>, name: Ident, input: ParseStream<'_>) -> syn::Result<()> {
    if input.peek(Token![=]) {
        return Err(input.error(format!("`{name}` takes no value")));
    }
    if slot.is_some() {
        return Err(twice(&name));
    }
    *slot = Some(name);
    Ok(())
}

/// An argument with a value: `name = value`.
fn value<T: Parse>(slot: &mut Option<T>, name: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    if !input.peek(Token![=]) {
        return Err(syn::Error::new(
            name.span(),
            format!("`{name}` takes a value: `{}`", written(&name.to_string())),
        ));
    }
    input.parse::<Token![=]>()?;
    let ahead = input.fork();
    let refuse = |place, hint: &str| {
        let written = written(&name.to_string());
        syn::Error::new(
            place,
            format!("this is not a value of `{name}`, expected `{written}`{hint}"),
        )
    };
    let value = ahead.parse().map_err(|error| {
        if input.is_empty() || input.peek(Token![,]) {
            refuse(name.span(), "")
        } else if input.peek(LitStr) {
            refuse(error.span(), "\nhint: write it without quotes")
        } else {
            refuse(error.span(), "")
        }
    })?;
    if ahead.peek(token::Paren) {
        return Err(refuse(ahead.span(), "\nhint: name the function, without a call"));
    }
    input.advance_to(&ahead);
    if slot.is_some() {
        return Err(twice(name));
    }
    *slot = Some(value);
    Ok(())
}

fn flavor(literal: LitStr) -> syn::Result<(LitStr, Flavor)> {
    let value = literal.value();
    let flavor = match value.as_str() {
        "current_thread" => Flavor::CurrentThread,
        "multi_thread" => Flavor::MultiThread,
        _ => {
            let hint = names::closest(&value, ["current_thread", "multi_thread"])
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

fn twice(name: &Ident) -> syn::Error {
    syn::Error::new(name.span(), format!("`{name}` is given twice"))
}

fn unknown_argument(unknown: &str, place: Span) -> syn::Error {
    let hint = names::closest(unknown, ARGUMENTS.map(|(name, _)| name))
        .map(|meant| format!("\nhint: did you mean `{}`?", written(meant)));
    let message = format!(
        "unknown argument `{unknown}`, expected {}{}",
        expected(),
        hint.unwrap_or_default()
    );
    syn::Error::new(place, message)
}

/// All that there are.
fn expected() -> String {
    let names = ARGUMENTS.map(|(name, _)| format!("`{name}`"));
    format!("one of {}", names.join(", "))
}

/// How an argument is written.
fn written(name: &str) -> &'static str {
    ARGUMENTS.iter().find(|(known, _)| *known == name).map_or("", |(_, written)| written)
}
