//! `#[json_context(…)]`: the list of types and the unit struct that stands for it.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Lifetime, Path, Token, Type, Visibility};

use crate::errors::Errors;
use crate::names;

/// A struct and its types.
pub(crate) struct JsonContext {
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    pub(crate) types: Vec<Registered>,
    /// `crate = path`: what `lambda_native` is called here.
    pub(crate) library: Option<Path>,
}

/// One type of the list.
pub(crate) struct Registered {
    /// As it is written.
    pub(crate) ty: Type,
    pub(crate) name: String,
    /// As it is written, with a name for each lifetime.
    pub(crate) named: TokenStream,
    pub(crate) lifetimes: Vec<Lifetime>,
}

impl JsonContext {
    /// Reads what can be read; all that is wrong is in `errors`.
    pub(crate) fn parse(args: TokenStream, item: TokenStream, errors: &mut Errors) -> Option<Self> {
        let mut types: Vec<Registered> = Vec::new();
        let mut library = None;
        let list = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if input.peek(Token![crate]) && input.peek2(Token![=]) {
                    input.parse::<Token![crate]>()?;
                    input.parse::<Token![=]>()?;
                    library = Some(input.parse()?);
                } else {
                    let ty = Registered::new(input.parse()?);
                    if types.iter().any(|other| other.name == ty.name) {
                        errors.refuse(&ty.ty, format!("`{}` is registered twice", ty.name));
                    } else {
                        types.push(ty);
                    }
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        let list = list.parse2(args);
        match errors.take(list) {
            Some(()) if types.is_empty() => errors.push(syn::Error::new(
                Span::call_site(),
                "no type is registered\n\
                 hint: list those that the functions read and write: `#[json_context(Event, Reply)]`",
            )),
            _ => {}
        }
        let (visibility, name) = errors.take(unit_struct.parse2(item))?;
        Some(Self { visibility, name, types, library })
    }
}

/// The visibility and the name of `struct Name;`.
fn unit_struct(input: ParseStream<'_>) -> syn::Result<(Visibility, Ident)> {
    const EXPECTED: &str = "`#[json_context]` goes on a unit struct: `struct Json;`";
    input.call(Attribute::parse_outer)?;
    let visibility = input.parse()?;
    let start = input.cursor();
    let refuse = |_| syn::Error::new(start.span(), EXPECTED);
    input.parse::<Token![struct]>().map_err(refuse)?;
    let name = input.parse::<Ident>()?;
    if !input.peek(Token![;]) {
        let rest = input.parse::<TokenTree>().unwrap_or_else(|_| name.clone().into());
        input.parse::<TokenStream>()?;
        return Err(syn::Error::new_spanned(rest, EXPECTED));
    }
    input.parse::<Token![;]>()?;
    Ok((visibility, name))
}

impl Registered {
    fn new(ty: Type) -> Self {
        let mut lifetimes = Vec::new();
        let named = name_lifetimes(ty.to_token_stream(), &mut lifetimes);
        Self { name: names::tokens(&ty), ty, named, lifetimes }
    }
}

/// Gives each lifetime a name that has none: `'_`, and the one left out after `&`.
fn name_lifetimes(tokens: TokenStream, lifetimes: &mut Vec<Lifetime>) -> TokenStream {
    let mut named = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(quote) if quote.as_char() == '\'' => {
                let Some(TokenTree::Ident(name)) = tokens.next() else { continue };
                let lifetime = if name == "_" {
                    fresh(name.span(), lifetimes)
                } else {
                    let lifetime = Lifetime::new(&format!("'{name}"), name.span());
                    if name != "static" && !lifetimes.contains(&lifetime) {
                        lifetimes.push(lifetime.clone());
                    }
                    lifetime
                };
                lifetime.to_tokens(&mut named);
            }
            TokenTree::Punct(and) if and.as_char() == '&' => {
                let span = and.span();
                named.extend([TokenTree::Punct(and)]);
                let has_name =
                    matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == '\'');
                if !has_name {
                    fresh(span, lifetimes).to_tokens(&mut named);
                }
            }
            TokenTree::Group(group) => {
                let stream = name_lifetimes(group.stream(), lifetimes);
                let mut renamed = proc_macro2::Group::new(group.delimiter(), stream);
                renamed.set_span(group.span());
                named.extend([TokenTree::Group(renamed)]);
            }
            other => named.extend([other]),
        }
    }
    named
}

fn fresh(span: Span, lifetimes: &mut Vec<Lifetime>) -> Lifetime {
    let lifetime = Lifetime::new(&format!("'__{}", lifetimes.len()), span);
    lifetimes.push(lifetime.clone());
    lifetime
}
