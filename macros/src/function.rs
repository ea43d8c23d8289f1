//! The function below the attribute, as far as it matters: its signature, read without a judgement.
//! Its body is never looked at.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Generics, LitStr, ReturnType, Token, Type, Visibility};

/// A free function, or what was meant to be one.
pub(crate) struct Function {
    pub(crate) visibility: Visibility,
    /// What stands before `fn` and makes the function special: `const`, `unsafe`, `extern "C"`.
    pub(crate) qualifiers: Vec<(&'static str, TokenStream)>,
    pub(crate) name: Ident,
    pub(crate) signature: Signature,
    /// The rest cannot be read: most often it is still being typed, as the compiler says itself.
    pub(crate) unfinished: Option<syn::Error>,
}

/// What stands between its name and its body.
pub(crate) struct Signature {
    pub(crate) generics: Generics,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) output: ReturnType,
}

/// One of its parameters.
pub(crate) enum Parameter {
    /// `self`, in any form.
    Receiver(TokenStream),
    /// `...`.
    Variadic(TokenStream),
    /// `pattern: Type`.
    Typed(Box<Type>),
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let qualifiers = qualifiers(input)?;
        input.parse::<Token![fn]>()?;
        let name = input.call(Ident::parse_any)?;
        let (signature, unfinished) = match input.parse() {
            Ok(signature) => (signature, None),
            Err(error) => (Signature::none(), Some(error)),
        };
        // The `where` clause and the body.
        input.parse::<TokenStream>()?;
        Ok(Self { visibility, qualifiers, name, signature, unfinished })
    }
}

impl Signature {
    fn none() -> Self {
        Self { generics: Generics::default(), parameters: Vec::new(), output: ReturnType::Default }
    }
}

impl Parse for Signature {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let generics = input.parse()?;
        let list;
        syn::parenthesized!(list in input);
        let parameters = parameters(&list);
        // Else what is left of them is an error of its own.
        list.parse::<TokenStream>()?;
        let parameters = parameters?;
        let output = input.parse()?;
        Ok(Self { generics, parameters, output })
    }
}

fn parameters(list: ParseStream<'_>) -> syn::Result<Vec<Parameter>> {
    let mut parameters = Vec::new();
    while !list.is_empty() {
        parameters.push(list.parse()?);
        if !list.is_empty() {
            list.parse::<Token![,]>()?;
        }
    }
    Ok(parameters)
}

/// All that stands before `fn`; `async` is left out, as it makes no difference.
fn qualifiers(input: ParseStream<'_>) -> syn::Result<Vec<(&'static str, TokenStream)>> {
    let start = input.cursor();
    let mut qualifiers = Vec::new();
    while !input.peek(Token![fn]) {
        let name = if input.peek(Token![const]) {
            "const"
        } else if input.peek(Token![unsafe]) {
            "unsafe"
        } else if input.peek(Token![extern]) {
            "extern"
        } else if input.peek(Token![async]) {
            input.parse::<Token![async]>()?;
            continue;
        } else {
            // Not a function at all: said of the item's first word.
            return Err(syn::Error::new(
                start.span(),
                "`#[lambda_handler]` goes on a function, as in `async fn handler(event: Event) -> Reply`",
            ));
        };
        let mut tokens = TokenStream::from_iter([input.parse::<TokenTree>()?]);
        if name == "extern" && input.peek(LitStr) {
            tokens.extend([input.parse::<TokenTree>()?]);
        }
        qualifiers.push((name, tokens));
    }
    Ok(qualifiers)
}

impl Parse for Parameter {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Attribute::parse_outer)?;
        if input.peek(Token![...]) {
            return Ok(Self::Variadic(
                input.parse::<Token![...]>().map(quote::ToTokens::into_token_stream)?,
            ));
        }
        // The pattern, up to the `:` that is not half of a `::`.
        let mut pattern = TokenStream::new();
        let mut receiver = false;
        while !input.is_empty()
            && !input.peek(Token![,])
            && (!input.peek(Token![:]) || input.peek(Token![::]))
        {
            receiver |= input.peek(Token![self]) && !input.peek2(Token![::]);
            if input.peek(Token![::]) {
                pattern.extend([input.parse::<TokenTree>()?]);
            }
            pattern.extend([input.parse::<TokenTree>()?]);
        }
        if receiver && !input.peek(Token![:]) {
            return Ok(Self::Receiver(pattern));
        }
        input.parse::<Token![:]>()?;
        let ty = input.parse()?;
        Ok(if receiver { Self::Receiver(pattern) } else { Self::Typed(ty) })
    }
}
