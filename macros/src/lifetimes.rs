//! Rewrites the lifetimes in types.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Lifetime;

/// The lifetime of this name.
pub(crate) fn named(name: &str, span: Span) -> Lifetime {
    Lifetime::new(&format!("'{name}"), span)
}

/// Replaces each lifetime of a type with what `replace` gives for it and its position: `'a`, `'_`, or
/// `None` for one that is left out after `&`. The elided lifetimes of function types stay as they are.
pub(crate) fn replace(
    ty: TokenStream,
    replacement: &mut impl FnMut(Option<Lifetime>, Span) -> Option<Lifetime>,
) -> TokenStream {
    let mut replaced = TokenStream::new();
    let mut tokens = ty.into_iter().peekable();
    let mut after_a_name = false;
    while let Some(token) = tokens.next() {
        let is_name = matches!(token, TokenTree::Ident(_));
        match token {
            TokenTree::Punct(quote) if quote.as_char() == '\'' => {
                let Some(TokenTree::Ident(name)) = tokens.next() else { continue };
                let lifetime = named(&name.to_string(), name.span());
                replacement(Some(lifetime), name.span()).to_tokens(&mut replaced);
            }
            TokenTree::Punct(and) if and.as_char() == '&' => {
                let span = and.span();
                replaced.extend([TokenTree::Punct(and)]);
                let has_name =
                    matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == '\'');
                if !has_name {
                    replacement(None, span).to_tokens(&mut replaced);
                }
            }
            // `Fn(&str)`
            TokenTree::Group(group)
                if after_a_name && group.delimiter() == Delimiter::Parenthesis =>
            {
                replaced.extend([TokenTree::Group(group)]);
            }
            TokenTree::Group(group) => {
                let mut renamed =
                    Group::new(group.delimiter(), replace(group.stream(), replacement));
                renamed.set_span(group.span());
                replaced.extend([TokenTree::Group(renamed)]);
            }
            other => replaced.extend([other]),
        }
        after_a_name = is_name;
    }
    replaced
}
