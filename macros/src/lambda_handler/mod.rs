//! `#[lambda_handler]`.

pub(crate) mod args;
mod arguments;
pub(crate) mod expand;
pub(crate) mod openapi;
mod routes;
mod signature;
mod types;
pub(crate) mod validate;

use proc_macro2::TokenStream;
use quote::quote;

use self::args::Args;
use self::signature::FunctionItem;
use crate::diagnostics::Errors;

/// Emits the function as it is written, and the program that runs it.
///
/// With `openapi`, a function with routes is described, too.
pub(crate) fn lambda_handler(args: TokenStream, item: TokenStream, openapi: bool) -> TokenStream {
    let mut errors = Errors::default();
    let args = Args::parse(args, &mut errors);
    let function = errors.take(syn::parse2::<FunctionItem>(item.clone()));
    let item = routes::without_markers(item);
    let handler =
        function.as_ref().and_then(|function| validate::handler(function, &args, &mut errors));
    match (&function, handler) {
        (Some(function), Some(handler)) if errors.is_empty() => {
            let program = expand::program(&args, function, &handler, openapi);
            // Clippy would report a handler that awaits nothing.
            let allow = function.is_async.then(|| quote!(#[allow(clippy::unused_async)]));
            quote!(#allow #item #program)
        }
        (function, _) => expand::with_errors(&item, &errors, &args, function.as_ref()),
    }
}
