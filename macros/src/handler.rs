//! What a handler can be: every rule about the function, alone and together with the arguments.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericParam, ReturnType, Type, Visibility};

use crate::args::Args;
use crate::errors::Errors;
use crate::function::{Function, Parameter};
use crate::names;

/// A function that can be a handler.
pub(crate) struct Handler {
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    /// It has a `self`, so that it is in an `impl` block.
    pub(crate) is_method: bool,
    pub(crate) event: Option<Type>,
    pub(crate) context: Option<Type>,
    pub(crate) state: Option<Type>,
    pub(crate) output: ReturnType,
}

impl Handler {
    /// Says in `errors` everything that is wrong with the function, each of the token that makes it
    /// so.
    pub(crate) fn validate(function: Function, args: &Args, errors: &mut Errors) -> Self {
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
        for parameter in &function.generics.params {
            if !matches!(parameter, GenericParam::Lifetime(_)) {
                errors.refuse(
                    parameter,
                    "a handler cannot be generic: its JSON code is made for its very types\n\
                     hint: name the type that is meant",
                );
            }
        }
        let is_method =
            function.parameters.iter().any(|parameter| matches!(parameter, Parameter::Receiver(_)));
        let mut parameters = parameters(&function, errors).into_iter();
        let [event, context, state] = [parameters.next(), parameters.next(), parameters.next()];
        if let Some(state) = &state {
            validate_state(state, args, errors);
        }
        for parameter in parameters {
            errors.refuse(
                parameter,
                "too many parameters: a handler takes an event, a context and a state, in this order",
            );
        }
        Self {
            visibility: function.visibility,
            name: function.name,
            is_method,
            event,
            context,
            state,
            output: function.output,
        }
    }
}

/// The types of the parameters.
fn parameters(function: &Function, errors: &mut Errors) -> Vec<Type> {
    let mut types = Vec::new();
    for parameter in &function.parameters {
        match parameter {
            Parameter::Receiver(receiver) => errors.refuse(
                receiver,
                "a handler cannot be a method\n\
                 hint: move it out of the `impl` block; what it needs of `self`, `init` can make",
            ),
            Parameter::Variadic(dots) => errors.refuse(dots, "a handler cannot be variadic"),
            Parameter::Typed(ty) => {
                if let Some(word) = find(ty.to_token_stream(), "impl") {
                    errors.refuse(
                        word,
                        "a handler's parameter cannot be `impl Trait`: its JSON code is made for \
                         its very types\n\
                         hint: name the type that is meant",
                    );
                }
                types.push((**ty).clone());
            }
        }
    }
    types
}

fn validate_state(state: &Type, args: &Args, errors: &mut Errors) {
    if args.init.is_none() {
        errors.refuse(
            state,
            "the third parameter is the handler's state, and nothing makes it\n\
             hint: `#[lambda_handler(init = function)]` names the function that does",
        );
        return;
    }
    match state {
        Type::Reference(reference) if reference.mutability.is_some() => errors.refuse(
            state,
            format!(
                "all calls share the state: take it as `&{}`\n\
                 hint: keep what changes in a `Mutex`",
                names::tokens(&reference.elem),
            ),
        ),
        Type::Reference(_) => {}
        owned => errors.refuse(
            owned,
            format!("all calls share the state: take it as `&{}`", names::tokens(owned)),
        ),
    }
}

/// The first `word` in `tokens`, at any depth.
fn find(tokens: TokenStream, word: &str) -> Option<Ident> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) if ident == word => Some(ident),
        TokenTree::Group(group) => find(group.stream(), word),
        _ => None,
    })
}
