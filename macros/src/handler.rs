//! The function below the attribute, parsed and validated. Its body is never looked at.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{
    Attribute, FnArg, GenericParam, Ident, ReturnType, Safety, Signature, Token, Type, Visibility,
};

use crate::Errors;

/// A function that can be a handler.
pub(crate) struct Handler {
    pub(crate) name: Ident,
    pub(crate) asyncness: Option<Token![async]>,
    pub(crate) event: Option<Type>,
    pub(crate) context: Option<Type>,
    pub(crate) output: ReturnType,
}

impl Handler {
    /// Reads the item that the attribute is on.
    pub(crate) fn parse(item: TokenStream) -> syn::Result<Self> {
        validate(Function::parse.parse2(item)?.signature)
    }
}

/// A function with its body left as tokens.
struct Function {
    signature: Signature,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        let start = input.fork();
        let signature = input.parse::<Signature>().map_err(|error| {
            // Not a function at all: said of the item's first word.
            if is_function(&start) {
                error
            } else {
                start.error("`#[lambda_handler]` goes on a function, as in `async fn handler(event: Event) -> Reply`")
            }
        })?;
        input.parse::<TokenStream>()?;
        Ok(Self { signature })
    }
}

/// Whether the item is a function, whatever else is wrong with it.
fn is_function(item: ParseStream<'_>) -> bool {
    let item = item.fork();
    while !item.is_empty() {
        if item.peek(Token![fn]) {
            return true;
        }
        let qualifier = item.peek(Token![async])
            || item.peek(Token![const])
            || item.peek(Token![unsafe])
            || item.peek(Token![extern])
            || item.peek(syn::LitStr);
        if !qualifier || item.parse::<proc_macro2::TokenTree>().is_err() {
            return false;
        }
    }
    false
}

/// Everything that a handler cannot be, said of the token that makes it so.
fn validate(signature: Signature) -> syn::Result<Handler> {
    let mut errors = Errors::default();
    let mut refuse = |token: &dyn ToTokens, message: &str| {
        errors.push(syn::Error::new_spanned(token.to_token_stream(), message));
    };

    if signature.ident == "main" {
        refuse(
            &signature.ident,
            "a handler cannot be called `main`: `#[lambda_handler]` writes the program's `main`\n\
             hint: name the function for what it does",
        );
    }
    if let Some(token) = &signature.constness {
        refuse(token, "a handler cannot be `const`");
    }
    if let Safety::Unsafe(token) = &signature.safety {
        refuse(token, "a handler cannot be `unsafe`");
    }
    if let Some(token) = &signature.abi {
        refuse(token, "a handler cannot be `extern`");
    }
    if let Some(token) = &signature.variadic {
        refuse(token, "a handler cannot be variadic");
    }
    for parameter in &signature.generics.params {
        if !matches!(parameter, GenericParam::Lifetime(_)) {
            refuse(
                parameter,
                "a handler cannot be generic: its JSON code is made for its very types\n\
                 hint: name the type that is meant",
            );
        }
    }
    let mut types = Vec::new();
    for (index, parameter) in signature.inputs.iter().enumerate() {
        match parameter {
            FnArg::Receiver(_) => refuse(
                parameter,
                "a handler cannot be a method\n\
                 hint: move it out of the `impl` block",
            ),
            FnArg::Typed(_) if index >= 2 => refuse(
                parameter,
                "too many parameters: a handler takes nothing, an event, or an event and a context",
            ),
            FnArg::Typed(typed) => {
                if let Type::ImplTrait(implied) = &*typed.ty {
                    refuse(
                        implied,
                        "a handler's parameter cannot be `impl Trait`: its JSON code is made for \
                         its very types\n\
                         hint: name the type that is meant",
                    );
                }
                types.push((*typed.ty).clone());
            }
        }
    }

    let mut types = types.into_iter();
    errors.finish(Handler {
        name: signature.ident,
        asyncness: signature.asyncness,
        event: types.next(),
        context: types.next(),
        output: signature.output,
    })
}
