//! `main!(…)`: the program of several handlers.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::{Path, Token, TypePath};

use crate::diagnostics::{Errors, code, ends};
use crate::lambda_handler::args;
use crate::lambda_handler::expand::{self, emit};

/// Writes `main` out of `(path of the library) handlers`.
pub(crate) fn write_main(args: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut library = TokenStream::new();
    let mut handlers: Vec<Path> = Vec::new();
    let mut init: Option<TypePath> = None;
    let list = |input: ParseStream<'_>| {
        let path;
        syn::parenthesized!(path in input);
        library = path.parse()?;
        while !input.is_empty() {
            if input.peek(syn::Ident) && input.peek2(Token![=]) {
                let name: Ident = input.parse()?;
                let value = args::init_of_main(&name, input)?;
                if init.replace(value).is_some() {
                    return Err(syn::Error::new(name.span(), "`init` is given twice"));
                }
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
    let list = list.parse2(args);
    if errors.take(list).is_some() && handlers.is_empty() {
        errors.push(syn::Error::new(
            Span::call_site(),
            "no handler is listed\n\
             hint: list the functions with `#[lambda_handler(named)]`: `main!(create, list)`",
        ));
    }
    let main = if errors.is_empty() {
        program(&library, &handlers, init.as_ref())
    } else {
        expand::main(&library, &TokenStream::new(), &emit!(main::<#library::__private::Invalid>))
    };
    quote!(#errors #main)
}

/// Writes `main` with a type that holds one of the handlers.
///
/// Each path is written only as a type and as `<path as Function>`, so that the compiler reports a wrong
/// one once.
fn program(library: &TokenStream, handlers: &[Path], init: Option<&TypePath>) -> TokenStream {
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
    let state = match init {
        Some(init) => expand::state_of(init),
        None => emit!(let state = &();),
    };
    let checks = handlers.iter().enumerate().skip(1).map(|(index, path)| {
        let index = Literal::usize_unsuffixed(index);
        quote_spanned! {Span::mixed_site().located_at(ends(path).1)=>
            const _: () =
                __private::assert_new(<Handlers as __private::Functions>::ENTRIES, #index);
        }
    });
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
        }

        #(#checks)*
    };
    expand::main(library, &items, &emit!(main_of::<Handlers>))
}
