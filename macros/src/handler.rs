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
    /// It has a `self` or names `Self`, so that it is in an `impl` block.
    pub(crate) is_in_an_impl: bool,
    pub(crate) event: Option<Type>,
    pub(crate) context: Option<Type>,
    pub(crate) state: Option<Type>,
    /// With `stream`, what it writes its reply to.
    pub(crate) reply: Option<Type>,
    pub(crate) output: ReturnType,
    /// Why it cannot be read to its end.
    pub(crate) unfinished: Option<syn::Error>,
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
        for parameter in &function.signature.generics.params {
            if !matches!(parameter, GenericParam::Lifetime(_)) {
                errors.refuse(
                    parameter,
                    "a handler cannot be generic: its JSON code is made for its very types\n\
                     hint: name the type that is meant",
                );
            }
        }
        let is_in_an_impl = validate_place(&function, args, errors);
        let mut types = parameters(&function, errors);
        let reply = match &args.stream {
            Some(stream) if function.unfinished.is_none() => reply(stream, &mut types, errors),
            _ => None,
        };
        let mut parameters = types.into_iter();
        let [event, context, state] = [parameters.next(), parameters.next(), parameters.next()];
        if let Some(context) = &context {
            validate_context(context, errors);
        }
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
            is_in_an_impl,
            event,
            context,
            state,
            reply,
            output: function.signature.output,
            unfinished: function.unfinished,
        }
    }
}

/// Whether the function is in an `impl` block, as far as it says so itself.
fn validate_place(function: &Function, args: &Args, errors: &mut Errors) -> bool {
    let receiver = function.signature.parameters.iter().find_map(|parameter| match parameter {
        Parameter::Receiver(receiver) => Some(receiver),
        _ => None,
    });
    if let Some(receiver) = receiver {
        errors.refuse(
            receiver,
            "a handler cannot be a method\n\
             hint: move it out of the `impl` block, so that `main` can be written beside it; what it \
             needs of `self`, `init` can make",
        );
        return true;
    }
    let types = function.signature.parameters.iter().filter_map(|parameter| match parameter {
        Parameter::Typed(ty) => Some(ty.to_token_stream()),
        _ => None,
    });
    let tokens = types
        .chain([function.signature.output.to_token_stream()])
        .chain(args.init.iter().chain(&args.json).map(ToTokens::to_token_stream));
    let word = find(tokens.collect(), "Self");
    if let Some(word) = &word {
        errors.refuse(
            word,
            "a handler cannot be in an `impl` block\n\
             hint: move it out of the block, so that `main` can be written beside it, and name the \
             type in place of `Self`",
        );
    }
    word.is_some()
}

/// The types of the parameters.
fn parameters(function: &Function, errors: &mut Errors) -> Vec<Type> {
    let mut types = Vec::new();
    for parameter in &function.signature.parameters {
        match parameter {
            Parameter::Receiver(_) => {}
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

/// The last parameter, which a function marked `stream` writes its reply to.
fn reply(stream: &Ident, types: &mut Vec<Type>, errors: &mut Errors) -> Option<Type> {
    let reply = types.pop();
    if reply.is_none() {
        errors.refuse(
            stream,
            "a handler marked `stream` writes its reply, and this one does not take it\n\
             hint: its last parameter is `reply: &mut lambda_native::Reply<'_>`",
        );
    }
    reply
}

fn validate_context(context: &Type, errors: &mut Errors) {
    if is_mutable(context) {
        errors.refuse(
            context,
            "the second parameter is the invocation's context: take it as `&lambda_native::Context`\n\
             hint: a handler that writes its reply itself is marked: `#[lambda_handler(stream)]`",
        );
    }
}

fn is_mutable(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference) if reference.mutability.is_some())
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
