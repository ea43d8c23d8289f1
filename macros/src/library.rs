//! The path of `lambda_native`: the argument `crate` of each macro.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::{LitStr, Path};

/// The value of `crate = path` or `crate = "path"`.
pub(crate) struct Library(Path);

impl Parse for Library {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            input.parse::<LitStr>()?.parse_with(Path::parse_mod_style).map(Self)
        } else {
            input.call(Path::parse_mod_style).map(Self)
        }
    }
}

/// The path that is given, or `::lambda_native`.
pub(crate) fn path(given: Option<&Library>) -> TokenStream {
    match given {
        Some(Library(path)) => path.to_token_stream(),
        None => quote_spanned!(Span::mixed_site()=> ::lambda_native),
    }
}
