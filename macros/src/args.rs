//! The attribute's arguments: `#[lambda_handler(…)]`.

use syn::parse::{Parse, ParseStream};
use syn::{Ident, Token};

use crate::Errors;

/// What the arguments say.
#[derive(Default)]
pub(crate) struct Args {
    /// `http`: the event is an HTTP request.
    pub(crate) http: Option<Ident>,
}

impl Parse for Args {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut args = Self::default();
        let mut errors = Errors::default();
        for argument in input.parse_terminated(Ident::parse, Token![,])? {
            if argument != "http" {
                errors.push(syn::Error::new_spanned(
                    &argument,
                    format!("unknown argument `{argument}`, expected `http`"),
                ));
            } else if args.http.is_some() {
                errors.push(syn::Error::new_spanned(&argument, "`http` is given twice"));
            } else {
                args.http = Some(argument);
            }
        }
        errors.finish(args)
    }
}
