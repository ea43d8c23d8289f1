//! The code that is emitted beside the function; only quoting.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{ReturnType, Type};

use crate::args::Args;
use crate::handler::Handler;

/// `main`, with the handler that it runs.
pub(crate) fn main(args: &Args, handler: &Handler) -> TokenStream {
    let body = if args.http.is_some() { http(handler) } else { json(handler) };
    quote! {
        fn main() -> ::std::process::ExitCode {
            struct Generated;

            impl ::lambda_native::Handler for Generated {
                async fn call(
                    &self,
                    __event: &[u8],
                    __context: &::lambda_native::Context,
                    __reply: &mut ::lambda_native::Reply<'_>,
                ) -> ::core::result::Result<(), ::lambda_native::Failure> {
                    #body
                }
            }

            ::lambda_native::start(Generated)
        }
    }
}

/// In place of `main`, where there are errors: them, and a `main` so that its absence is not one
/// more.
pub(crate) fn errors(errors: Option<&syn::Error>) -> TokenStream {
    let errors = errors.map(syn::Error::to_compile_error);
    quote! {
        #errors

        #[allow(dead_code)]
        fn main() {}
    }
}

/// Event in, reply out, as JSON.
fn json(handler: &Handler) -> TokenStream {
    let decode = handler.event.as_ref().map(|event| {
        let decoded = quote_spanned!(event.span()=> ::lambda_native::json::decode(__event)?);
        // Its type is that of the function's parameter.
        quote!(let __event = #decoded;)
    });
    let returned = call(handler);
    let span = output_span(handler);
    let output = quote_spanned!(span=> Returned(#returned).into_result()?);
    let encode = quote_spanned!(span=> ::lambda_native::json::encode(&__output, __reply));
    quote! {
        #[allow(unused_imports)]
        use ::lambda_native::__private::{Returned, Value as _};

        #decode
        let __output = #output;
        #encode
    }
}

/// HTTP request in, response out.
fn http(handler: &Handler) -> TokenStream {
    let event = handler.event.as_ref().map(|_| quote!(let __event = __request;));
    let response = call(handler);
    let respond = quote_spanned!(output_span(handler)=> ::lambda_native::http::respond);
    quote! {
        let __request = ::lambda_native::http::Request::from_slice(__event)?;
        let __kind = __request.kind();
        #event
        #respond(#response, __kind, __context, __reply)
    }
}

/// The call of the function.
fn call(handler: &Handler) -> TokenStream {
    let name = &handler.name;
    let event = handler.event.as_ref().map(|_| quote!(__event,));
    let context = handler.context.as_ref().map(|context| match context {
        Type::Reference(_) => quote!(__context),
        _ => quote!(::core::clone::Clone::clone(__context)),
    });
    let wait = handler.asyncness.map(|_| quote!(.await));
    // Called by another name, an `async fn` that waits for nothing is not taken for a mistake.
    quote!({ let __function = #name; __function(#event #context) #wait })
}

/// Where an error about the reply's type belongs.
fn output_span(handler: &Handler) -> proc_macro2::Span {
    match &handler.output {
        ReturnType::Default => handler.name.span(),
        ReturnType::Type(_, output) => output.span(),
    }
}
