//! Reads the function below the attribute up to its body, without checking it.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Generics, LitStr, Meta, ReturnType, Token, Type, Visibility};

/// A function, free or not.
pub(crate) struct FunctionItem {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) is_async: bool,
    /// The other words before `fn`: `const`, `unsafe`, `extern "C"`.
    pub(crate) qualifiers: Vec<(&'static str, TokenStream)>,
    pub(crate) name: Ident,
    /// An error if the signature cannot be read: most often it is still being typed, and the
    /// compiler reports that itself.
    pub(crate) signature: syn::Result<Signature>,
    /// The `where` clause and the body.
    pub(crate) rest: TokenStream,
}

/// The signature between the name and the body.
pub(crate) struct Signature {
    pub(crate) generics: Generics,
    /// `self`, in any form.
    pub(crate) receiver: Option<TokenStream>,
    /// The other parameters.
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) output: ReturnType,
}

/// A parameter that is not `self`.
pub(crate) struct Parameter {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) pattern: TokenStream,
    pub(crate) ty: Type,
}

impl FunctionItem {
    /// The lines of the documentation.
    pub(crate) fn documentation(&self) -> Vec<String> {
        let docs = self.attributes.iter().filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(doc) if doc.path.is_ident("doc") => {
                Some(syn::parse2::<LitStr>(doc.value.to_token_stream()).ok()?.value())
            }
            _ => None,
        });
        let lines = docs.flat_map(|doc| {
            let lines = if doc.is_empty() { vec![""] } else { doc.lines().collect() };
            let printable = |line: &str| line.trim_end().replace(char::is_control, " ");
            lines.into_iter().map(printable).collect::<Vec<_>>()
        });
        lines.collect()
    }
}

impl Parameter {
    /// The name, unless the pattern is another one than `name` or `mut name`.
    pub(crate) fn name(&self) -> Option<String> {
        let mut names = self.pattern.clone().into_iter().filter(|token| token.to_string() != "mut");
        match (names.next(), names.next()) {
            (Some(TokenTree::Ident(name)), None) if name != "_" => Some(name.unraw().to_string()),
            _ => None,
        }
    }
}

impl Parse for FunctionItem {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let mut qualifiers = qualifiers(input)?;
        let count = qualifiers.len();
        qualifiers.retain(|(name, _)| *name != "async");
        input.parse::<Token![fn]>()?;
        let name = input.call(Ident::parse_any)?;
        let signature = input.parse();
        let rest = input.parse()?;
        let is_async = qualifiers.len() < count;
        Ok(Self { attributes, visibility, is_async, qualifiers, name, signature, rest })
    }
}

/// Reads the words before `fn`.
fn qualifiers(input: ParseStream<'_>) -> syn::Result<Vec<(&'static str, TokenStream)>> {
    let start = input.cursor();
    let mut qualifiers = Vec::new();
    while !input.peek(Token![fn]) {
        let name = if input.peek(Token![async]) {
            "async"
        } else if input.peek(Token![const]) {
            "const"
        } else if input.peek(Token![unsafe]) {
            "unsafe"
        } else if input.peek(Token![extern]) {
            "extern"
        } else {
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

impl Parse for Signature {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let generics = input.parse()?;
        let list;
        syn::parenthesized!(list in input);
        let mut receiver = None;
        let parameters = parameters(&list, &mut receiver);
        // Else the rest of the list is an error of its own.
        list.parse::<TokenStream>()?;
        let parameters = parameters?;
        let output = input.parse()?;
        Ok(Self { generics, receiver, parameters, output })
    }
}

fn parameters(
    list: ParseStream<'_>,
    receiver: &mut Option<TokenStream>,
) -> syn::Result<Vec<Parameter>> {
    let mut parameters = Vec::new();
    while !list.is_empty() {
        let attributes = list.call(Attribute::parse_outer)?;
        let (pattern, is_receiver) = pattern(list)?;
        let ty = if is_receiver && !list.peek(Token![:]) {
            None
        } else {
            list.parse::<Token![:]>()?;
            Some(list.parse()?)
        };
        if is_receiver {
            *receiver = Some(pattern);
        } else if let Some(ty) = ty {
            parameters.push(Parameter { attributes, pattern, ty });
        }
        if !list.is_empty() {
            list.parse::<Token![,]>()?;
        }
    }
    Ok(parameters)
}

/// Reads the pattern of a parameter, up to a `:` that is not half of a `::`. Tells whether it is
/// `self`.
fn pattern(input: ParseStream<'_>) -> syn::Result<(TokenStream, bool)> {
    let mut pattern = TokenStream::new();
    let mut is_receiver = false;
    while !input.is_empty()
        && !input.peek(Token![,])
        && (!input.peek(Token![:]) || input.peek(Token![::]))
    {
        is_receiver |= input.peek(Token![self]) && !input.peek2(Token![::]);
        if input.peek(Token![::]) {
            pattern.extend([input.parse::<TokenTree>()?]);
        }
        pattern.extend([input.parse::<TokenTree>()?]);
    }
    Ok((pattern, is_receiver))
}
