//! Writes the description of a handler with routes, for the feature `openapi`; only quoting.
//!
//! It is code of debug builds, and runs when `scaffold openapi` starts the program.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::format_ident;

use super::arguments::{BodyKind, RequestParameter};
use super::expand::emit;
use super::signature::FunctionItem;
use super::validate::ResolvedHandler;
use crate::diagnostics::code;

/// Writes the statement that prints the document of these handlers.
pub(crate) fn print(
    library: &TokenStream,
    handlers: impl Iterator<Item = TokenStream>,
) -> TokenStream {
    emit! {
        #[cfg(debug_assertions)]
        if let ::core::option::Option::Some(code) =
            #library::__private::openapi::print_if_asked(|document| {
                #(document.add::<#handlers>();)*
            })
        {
            return code;
        }
    }
}

/// Writes the function that describes the handler.
pub(crate) fn describe(
    library: &TokenStream,
    function: &FunctionItem,
    handler: &ResolvedHandler,
) -> TokenStream {
    let mut types = Types::default();
    let parameters: Vec<_> = handler
        .parameters()
        .filter(|parameter| parameter.place != "authorizer")
        .map(|parameter| {
            let RequestParameter { place, name, required, schema, body, .. } = parameter;
            match body {
                Some(BodyKind::Text) => emit!(plain_body(true)),
                Some(BodyKind::Bytes) => emit!(plain_body(false)),
                Some(BodyKind::Form) => {
                    let ty = types.add(schema.clone());
                    emit!(body::<#ty>("application/x-www-form-urlencoded", #required))
                }
                Some(BodyKind::Json | BodyKind::WrappedJson) => {
                    let ty = types.add(schema.clone());
                    emit!(body::<#ty>("application/json", #required))
                }
                None => {
                    let ty = types.add(schema.clone());
                    emit!(parameter::<#ty>(#place, #name, #required))
                }
            }
        })
        .collect();
    let responses = match &handler.returned {
        Some(output) => {
            let output = types.add_within_json(output.clone());
            emit! {
                let (value, error) = __private::openapi::Type::<#output>::NEW.parts();
                (&&&value).describe(operation.responses());
                (&&&&error).describe(operation.responses());
            }
        }
        None => emit!(operation.responses().any();),
    };
    let documentation = function.documentation();
    let documentation: Vec<_> =
        documentation.iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    let documentation = documentation.join("\n");
    let types = types.0.iter().map(|(name, ty)| {
        let written = code(ty);
        emit! {
            struct #name;
            impl __private::openapi::SchemaOf for #name {
                fn schema(
                    generator: &mut __private::openapi::SchemaGenerator,
                ) -> __private::openapi::Schema {
                    (&&__private::openapi::Type::<#ty>::NEW).schema(#written, generator)
                }
            }
        }
    });
    emit! {
        #[cfg(debug_assertions)]
        #[allow(deprecated)]
        fn describe(operation: &mut #library::__private::openapi::Operation<'_>) {
            use #library::__private::{self, openapi_traits::*};
            #(#types)*
            operation.documentation(#documentation);
            operation.module(::core::module_path!());
            #(operation.#parameters;)*
            #responses
        }
    }
}

/// The types whose schemas the description needs, each with the name of one that stands for it.
#[derive(Default)]
struct Types(Vec<(Ident, TokenStream)>);

impl Types {
    fn add(&mut self, ty: TokenStream) -> Ident {
        let name = format_ident!("__Schema{}", self.0.len(), span = Span::mixed_site());
        self.0.push((name.clone(), ty));
        name
    }

    /// Replaces the types within `Json<…>`, so that each has a schema.
    fn add_within_json(&mut self, output: TokenStream) -> TokenStream {
        let mut replaced = TokenStream::new();
        let mut tokens = output.into_iter().peekable();
        while let Some(token) = tokens.next() {
            let is_json = matches!(&token, TokenTree::Ident(name) if name == "Json")
                && matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == '<');
            if is_json {
                replaced.extend([Some(token), tokens.next()].into_iter().flatten());
                let written = until_closed(&mut tokens);
                let name = self.add(written);
                replaced.extend(emit!(__private::openapi::Of<#name>>));
            } else if let TokenTree::Group(group) = token {
                let inner = self.add_within_json(group.stream());
                replaced.extend([TokenTree::Group(Group::new(group.delimiter(), inner))]);
            } else {
                replaced.extend([token]);
            }
        }
        replaced
    }
}

/// Takes the tokens before the `>` that closes an open `<`, and that one.
fn until_closed(tokens: &mut impl Iterator<Item = TokenTree>) -> TokenStream {
    let mut depth = 1;
    let mut after_hyphen = false;
    tokens
        .take_while(|token| {
            let character = match token {
                TokenTree::Punct(token) => token.as_char(),
                _ => ' ',
            };
            match character {
                '<' => depth += 1,
                '>' if !after_hyphen => depth -= 1,
                _ => {}
            }
            after_hyphen = character == '-';
            depth > 0
        })
        .collect()
}
