//! `main!(…)`: the handlers of a program that has several.

use proc_macro2::{Span, TokenStream};
use syn::parse::{ParseStream, Parser};
use syn::{Path, Token};

use crate::errors::Errors;
use crate::names;

/// The handlers, and what `lambda_native` is called here.
pub(crate) struct MainOf {
    pub(crate) library: TokenStream,
    pub(crate) handlers: Vec<Path>,
}

impl MainOf {
    /// Reads `(path of the library) handlers`; all that is wrong is in `errors`.
    pub(crate) fn parse(args: TokenStream, errors: &mut Errors) -> Self {
        let mut parsed = Self { library: TokenStream::new(), handlers: Vec::new() };
        let list = |input: ParseStream<'_>| {
            let library;
            syn::parenthesized!(library in input);
            parsed.library = library.parse()?;
            while !input.is_empty() {
                let handler = input.call(Path::parse_mod_style).map_err(|error| {
                    syn::Error::new(error.span(), "expected the path of a handler")
                })?;
                let is_new = parsed.handlers.iter().all(|other| last(other) != last(&handler));
                if is_new {
                    parsed.handlers.push(handler);
                } else {
                    errors.refuse(
                        &handler,
                        format!("there are two handlers of the name `{}`", last(&handler)),
                    );
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        let list = list.parse2(args);
        if errors.take(list).is_some() && parsed.handlers.is_empty() {
            errors.push(syn::Error::new(
                Span::call_site(),
                "no handler is named\n\
                 hint: list the functions with `#[lambda_handler(named)]`: `main!(create, list)`",
            ));
        }
        parsed
    }
}

/// The handler's own name.
fn last(path: &Path) -> String {
    path.segments.last().map(names::tokens).unwrap_or_default()
}
