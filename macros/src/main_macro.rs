//! `main!(…)`: the program of several handlers.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::{Path, Token};

use crate::diagnostics::{Errors, code, ends};
use crate::lambda_handler::args::MainArgs;
use crate::lambda_handler::expand::{self, emit};
use crate::lambda_handler::openapi;
use crate::lambda_handler::validate::feature_is_missing;

/// Writes `main` out of `(path of the library) handlers`.
pub(crate) fn write_main(tokens: TokenStream, openapi: bool) -> TokenStream {
    let mut errors = Errors::default();
    let mut library = TokenStream::new();
    let mut handlers: Vec<Path> = Vec::new();
    let mut args = MainArgs::default();
    let list = |input: ParseStream<'_>| {
        let path;
        syn::parenthesized!(path in input);
        library = path.parse()?;
        while !input.is_empty() {
            if input.peek(syn::Ident) && input.peek2(Token![=]) {
                let name: Ident = input.parse()?;
                args.argument(&name, input)?;
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
                continue;
            }
            let handler = input
                .call(Path::parse_mod_style)
                .map_err(|error| syn::Error::new(error.span(), "expected the path of a handler"))?;
            if handlers.iter().any(|other| code(other) == code(&handler)) {
                errors.refuse(&handler, format!("`{}` is listed twice", code(&handler)));
            } else {
                handlers.push(handler);
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    let list = list.parse2(tokens);
    if errors.take(list).is_some() && handlers.is_empty() {
        errors.push(syn::Error::new(
            Span::call_site(),
            "no handler is listed\n\
             hint: list the functions with `#[lambda_handler(named)]`: `main!(create, list)`",
        ));
    }
    if let Some(wrap) = args.wrap.first()
        && !cfg!(feature = "http")
    {
        errors.refuse(wrap, feature_is_missing("wrap", "http"));
    }
    let main = if errors.is_empty() {
        program(&library, &handlers, &args, openapi)
    } else {
        expand::main(&library, &TokenStream::new(), &emit!(main::<#library::__private::Invalid>))
    };
    quote!(#errors #main)
}

/// Writes `main` with a type that holds one of the handlers.
///
/// Each path is written only as a type and as `<path as Function>`, so that the compiler reports a wrong
/// one once.
fn program(
    library: &TokenStream,
    handlers: &[Path],
    args: &MainArgs,
    openapi: bool,
) -> TokenStream {
    let variants: Vec<_> = (0..handlers.len()).map(|index| format_ident!("_{index}")).collect();
    // An error about a handler is one at its path, and there only once.
    let arguments = emit!(handler, event, context, reply);
    let of_each = |write: &dyn Fn(&Path, Span) -> TokenStream| -> Vec<_> {
        handlers.iter().map(|path| write(path, ends(path).1)).collect()
    };
    let entries = of_each(&|path, at| quote_spanned!(at=> <#path as __private::Function>::ENTRY));
    let inits = of_each(&|path, at| {
        let state = Ident::new("state", Span::mixed_site().located_at(at));
        let init = quote_spanned!(at=> <#path as __private::Function>::init);
        quote_spanned!(at=> #init(__private::share(#state)).await?)
    });
    let calls = of_each(
        &|path, at| quote_spanned!(at=> <#path as __private::Function>::call(#arguments).await),
    );
    let request_arguments = emit!(handler, request, context);
    let responses = of_each(
        &|path, at| quote_spanned!(at=> <#path as __private::Function>::respond(#request_arguments).await),
    );
    let respond = cfg!(feature = "http").then(|| {
        emit! {
            async fn respond(
                &self,
                request: &__private::Matched<'_>,
                context: &#library::Context,
            ) -> #library::http::Response {
                match self {
                    #(Self::#variants(handler) => {
                        #responses
                    })*
                }
            }
        }
    });
    let wrap = wrap_method(library, args);
    let after = args.after.as_ref().map(|after| expand::after_method(library, after));
    let delegate = args.after.as_ref().map(|_| {
        emit! {
            async fn after(&self, context: &#library::Context) {
                <Self as __private::Functions>::after(context).await
            }
        }
    });
    let state = match &args.init {
        Some(init) => expand::state_of(init),
        None => emit!(let state = &();),
    };
    let checks = checks(handlers, args);
    let handlers_as_types = handlers.iter().map(ToTokens::to_token_stream);
    let description = openapi.then(|| openapi::print(library, handlers_as_types));
    let indices = (1..handlers.len())
        .map(|index| Literal::usize_unsuffixed(index - 1).into_token_stream())
        .chain([emit!(_)]);
    let items = emit! {
        use #library::__private;

        enum Handlers {
            #(#variants(#handlers),)*
        }

        impl __private::Functions for Handlers {
            const ENTRIES: &'static [__private::Entry] = &[#(#entries),*];

            async fn init(
                chosen: &[::core::primitive::usize],
            ) -> ::core::result::Result<::std::vec::Vec<Self>, #library::Error> {
                use __private::traits::*;
                #state
                let mut handlers = ::std::vec::Vec::with_capacity(chosen.len());
                for index in chosen {
                    handlers.push(match index {
                        #(#indices => Self::#variants(#inits),)*
                    });
                }
                ::core::result::Result::Ok(handlers)
            }

            #respond
            #wrap
            #after
        }

        impl #library::Handler for Handlers {
            async fn call(
                &self,
                event: &[::core::primitive::u8],
                context: &#library::Context,
                reply: &mut #library::Reply,
            ) -> ::core::result::Result<(), #library::Error> {
                match self {
                    #(Self::#variants(handler) => {
                        #calls
                    })*
                }
            }

            #delegate
        }

        #checks

        #description
    };
    expand::main(library, &items, &emit!(main_of::<Handlers>))
}

/// Writes the method that wraps all requests.
fn wrap_method(library: &TokenStream, args: &MainArgs) -> Option<TokenStream> {
    if args.wrap.is_empty() {
        return None;
    }
    let wrapped = expand::wrapped(library, &args.wrap, &emit!(wrapped));
    Some(emit! {
        async fn wrap(
            request: &#library::http::Request<'_>,
            next: impl ::core::ops::AsyncFnOnce(
                &#library::http::Request<'_>,
            ) -> #library::http::Response,
        ) -> #library::http::Response {
            use __private::http_traits::*;
            #wrapped
        }
    })
}

/// Writes what is checked of the handlers together: their names, their routes, their authorizers, that they can
/// be wrapped.
fn checks(handlers: &[Path], args: &MainArgs) -> TokenStream {
    let check = |at: Span, function: &str, position: Option<usize>| {
        let at = Span::mixed_site().located_at(at);
        let function = Ident::new(function, at);
        let position = position.map(Literal::usize_unsuffixed).into_iter();
        // An error is one at the position of the call.
        quote_spanned! {at=>
            const _: () = __private::#function(
                <Handlers as __private::Functions>::ENTRIES #(, #position)*
            );
        }
    };
    let mut checks = TokenStream::new();
    for (index, path) in handlers.iter().enumerate() {
        let at = ends(path).1;
        let located = Span::mixed_site().located_at(at);
        checks.extend(quote_spanned! {located=>
            const _: () = __private::assert_authorizer(
                <Handlers as __private::Functions>::ENTRIES,
                <#path as __private::Function>::AUTH
            );
        });
        if index > 0 {
            checks.extend(check(at, "assert_new", Some(index)));
        }
        if !args.wrap.is_empty() {
            checks.extend(check(at, "assert_wrapped", Some(index)));
        }
    }
    if let Some(wrap) = args.wrap.first() {
        checks.extend(check(ends(wrap).1, "assert_routes", None));
    }
    checks
}
