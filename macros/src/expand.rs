//! The code that is emitted beside what the user wrote; only quoting.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Path, ReturnType};

use crate::args::{Args, Flavor};
use crate::errors::Errors;
use crate::function::Function;
use crate::handler::Handler;
use crate::json_context::{JsonContext, Registered};
use crate::main_of::MainOf;
use crate::names;

/// `#[lambda_handler]`: the function as it is, and what runs it.
pub(crate) fn lambda_handler(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let args = Args::parse(args, &mut errors);
    let library = library(args.library.as_ref());
    let handler = errors
        .take(syn::parse2::<Function>(item.clone()))
        .map(|function| Handler::validate(function, &args, &mut errors));
    match &handler {
        // Where a `main` cannot be.
        Some(handler) if handler.is_method => quote!(#item #errors),
        // The entry of the program it is not, for its signature would be wrong.
        Some(handler) if handler.name == "main" => {
            let main = main(
                &library,
                &quote!(
                    fn main() {}
                ),
            );
            quote!(#[allow(dead_code)] const _: () = { #item }; #errors #main)
        }
        Some(handler) => {
            let start = if errors.is_empty() {
                start(&args, handler, &library)
            } else {
                quote!(::std::process::ExitCode::FAILURE)
            };
            let program = program(&args, handler, &library, &start);
            quote!(#item #errors #program)
        }
        None => {
            let main = main(
                &library,
                &quote!(
                    fn main() {}
                ),
            );
            quote!(#item #errors #main)
        }
    }
}

/// `main!`.
pub(crate) fn main_of(args: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let MainOf { library, handlers } = MainOf::parse(args, &mut errors);
    let handlers =
        handlers.iter().rev().fold(quote!(()), |rest, handler| quote!((#handler, #rest)));
    let main = main(
        &library,
        &quote! {
            fn main() -> ::std::process::ExitCode {
                #library::__private::main_of::<#handlers>()
            }
        },
    );
    quote!(#errors #main)
}

/// What `lambda_native` is called here.
fn library(path: Option<&Path>) -> TokenStream {
    path.map_or_else(|| quote!(::lambda_native), ToTokens::to_token_stream)
}

/// The function's type, which can start it, and for the only function of a program its `main`.
fn program(
    args: &Args,
    handler: &Handler,
    library: &TokenStream,
    start: &TokenStream,
) -> TokenStream {
    let Handler { name, visibility, .. } = handler;
    let text = name.unraw().to_string();
    // What `main!` finds by the function's name; a `main` of its own has no need to be in the way.
    let (ty, main) = if args.named.is_some() {
        (name.clone(), None)
    } else {
        let ty = format_ident!("__{}", name, span = Span::call_site());
        let main = main(
            library,
            &quote! {
                fn main() -> ::std::process::ExitCode {
                    #library::__private::main::<#ty>()
                }
            },
        );
        (ty, Some(main))
    };
    quote! {
        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        #visibility struct #ty {}

        impl #library::__private::Function for #ty {
            const NAME: &'static ::core::primitive::str = #text;

            #[allow(deprecated)]
            fn start() -> ::std::process::ExitCode {
                #start
            }
        }

        #main
    }
}

/// The program's `main`, or an error where there is one already.
///
/// A macro that is not defined yet is found through the `use`, and emits its first argument; the
/// one that is defined here shadows it for the code below, and emits its second.
fn main(library: &TokenStream, main: &TokenStream) -> TokenStream {
    let message = "this program has its `main` already: a `#[lambda_handler]` above, or a `main!`\n\
                   hint: for several handlers in one program, mark each `#[lambda_handler(named)]` \
                   and list them in one `lambda_native::main!(…)`";
    quote! {
        #[allow(unused_imports)]
        use #library::__private::once::*;

        only_one_lambda_handler_writes_main! { { #main } { ::core::compile_error!(#message); } }

        #[allow(unused_macros)]
        macro_rules! only_one_lambda_handler_writes_main {
            ({ $($main:tt)* } { $($error:tt)* }) => { $($error)* };
        }
    }
}

/// How the function is started.
fn start(args: &Args, handler: &Handler, library: &TokenStream) -> TokenStream {
    let description = description(args, handler, library);
    let start_with = start_with(args, library);
    let (state, lent) = match &args.init {
        Some(init) => {
            let ends = Ends::of(init);
            let state = outcome(&quote!(#init()), ends);
            (quote!(#state?), ends.around(&quote!(::core::convert::identity), &quote!((__made))))
        }
        None => (quote!(()), quote!(__made)),
    };
    let answer = answer(args, handler, library);
    quote! {
        use #library::__private;
        #[allow(unused_imports)]
        use __private::{FromJson as _, Now as _, Other as _, Standard as _, Value as _, Wrapped as _};

        const DESCRIPTION: __private::Description<'static> = #description;
        static RECORD: [::core::primitive::u8; DESCRIPTION.size()] = DESCRIPTION.record();

        let __init = async || {
            let __made = #state;
            ::core::result::Result::Ok(__private::handler(
                #lent,
                async |__state, __event, __context, __reply| { #answer },
            ))
        };
        __private::keep(&RECORD, #start_with)
    }
}

fn description(args: &Args, handler: &Handler, library: &TokenStream) -> TokenStream {
    let name = handler.name.unraw().to_string();
    let kind = if args.http.is_some() { quote!(Http) } else { quote!(Event) };
    let input = match &handler.event {
        Some(event) => {
            let event = names::tokens(event);
            quote!(::core::option::Option::Some(#event))
        }
        None => quote!(::core::option::Option::None),
    };
    let output = match &handler.output {
        ReturnType::Default => "()".to_owned(),
        ReturnType::Type(_, output) => names::tokens(output),
    };
    let types = match &args.json {
        Some(json) => quote!(<#json as #library::json::JsonContext>::TYPES),
        None => quote!(&[]),
    };
    quote! {
        __private::Description {
            name: #name,
            kind: #library::record::Kind::#kind,
            input: #input,
            output: #output,
            types: #types,
        }
    }
}

/// What starts the async runtime.
fn start_with(args: &Args, library: &TokenStream) -> TokenStream {
    let Some((flavor, Flavor::MultiThread)) = &args.flavor else {
        return quote!(#library::start_with(__init));
    };
    let threads = match &args.worker_threads {
        Some(threads) => quote!(::core::num::NonZero::new(#threads)),
        None => quote!(::core::option::Option::None),
    };
    let flavor = quote_spanned!(flavor.span()=> __private::MultiThread);
    quote!(__private::start_flavor_with(#flavor, #threads, __init))
}

/// One invocation.
fn answer(args: &Args, handler: &Handler, library: &TokenStream) -> TokenStream {
    let Handler { name, event, context, state, output, .. } = handler;
    let ends = match output {
        ReturnType::Default => Ends::of(name),
        ReturnType::Type(_, output) => Ends::of(output),
    };
    let context = context.as_ref().map(|context| {
        let ends = Ends::of(context);
        let ty = ends.around(&quote!(::core::marker::), &quote!(PhantomData));
        quote!(, __private::parameter(__context, #ty))
    });
    // Where its type is wrong, that is said of what makes it.
    let state = state.as_ref().zip(args.init.as_ref()).map(|(_, init)| {
        let state = quote_spanned!(Ends::of(init).end=> __state);
        quote!(, #state)
    });
    let request = args.http.as_ref().map(|_| {
        quote! {
            let __request = #library::http::Request::from_slice(__event)?;
            let __kind = __request.kind();
        }
    });
    let call = event.as_ref().map(|event| {
        let ends = Ends::of(event);
        let ty = ends.around(&quote!(::core::marker::), &quote!(PhantomData));
        let decode = match (&args.http, &args.json) {
            (Some(_), _) => quote!(request(__request, #ty)),
            (None, Some(json)) => quote!(registered::<#json>(__event, #ty)?),
            (None, None) => quote!(decode(__event, #ty)?),
        };
        quote! {
            let __call = |__event| __function(__event #context #state);
            let __event = __private::Event::of(&__call).#decode;
        }
    });
    let returned = if event.is_some() { quote!(__call(__event)) } else { quote!(__function()) };
    let outcome = outcome(&returned, ends);
    let reply = match (&args.http, &args.json) {
        (Some(_), _) => {
            let output = ends.around(&quote!(::core::convert::identity), &quote!((__output)));
            quote!(#library::http::respond(#output, __kind, __context, __reply))
        }
        (None, Some(json)) => {
            let output = ends.around(&quote!(&__output), &quote!(?));
            let context = quote!(::core::marker::PhantomData::<#json>);
            quote!(__private::encode_registered(#context, #output, __reply))
        }
        (None, None) => {
            let output = ends.around(&quote!(&__output), &quote!(?));
            quote!(#library::json::encode(#output, __reply))
        }
    };
    // Called by another name, an `async fn` that waits for nothing is not taken for a mistake by
    // Clippy.
    quote! {
        let __function = #name;
        #request
        #call
        let __output = #outcome;
        #reply
    }
}

/// What a function returned, whether it is async or not, a `Result` or not: a `Result` whose error
/// is a `Failure`.
fn outcome(call: &TokenStream, ends: Ends) -> TokenStream {
    let error = ends.around(&quote!(::core::convert::identity), &quote!((__error)));
    quote! {
        __private::Returned(__private::Called(#call).output().await)
            .into_result()
            .map_err(|__error| (&&&__private::Reason::of(&__error)).failure(#error))
    }
}

/// Where a piece of code begins and ends: an error about what is emitted between these two is shown
/// as being about all of the code.
#[derive(Clone, Copy)]
struct Ends {
    start: Span,
    end: Span,
}

impl Ends {
    fn of(code: &impl ToTokens) -> Self {
        let mut tokens = code.to_token_stream().into_iter();
        let start = tokens.next().map_or_else(Span::call_site, |token| token.span());
        let end = tokens.last().map_or(start, |token| token.span());
        Self { start, end }
    }

    fn around(self, first: &TokenStream, last: &TokenStream) -> TokenStream {
        let first = respan(first, self.start);
        let last = respan(last, self.end);
        quote!(#first #last)
    }
}

fn respan(tokens: &TokenStream, span: Span) -> TokenStream {
    tokens
        .clone()
        .into_iter()
        .map(|mut token| {
            token.set_span(span);
            token
        })
        .collect()
}

/// `#[json_context]`: the struct as it is, and the code of its types.
pub(crate) fn json_context(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let context = JsonContext::parse(args, item.clone(), &mut errors);
    let code = context.as_ref().map(context_code);
    quote!(#item #errors #code)
}

fn context_code(context: &JsonContext) -> TokenStream {
    let JsonContext { visibility, name, types, .. } = context;
    let library = library(context.library.as_ref());
    let names = types.iter().map(|ty| &ty.name);
    let impls = types.iter().map(|ty| registered(name, ty, &library));
    quote! {
        impl #library::json::JsonContext for #name {
            const TYPES: &'static [&'static ::core::primitive::str] = &[#(#names),*];
        }

        #[allow(dead_code)]
        impl #name {
            /// The types that are registered, as they are written.
            #visibility const TYPES: &'static [&'static ::core::primitive::str] =
                <Self as #library::json::JsonContext>::TYPES;

            /// Reads a value of a registered type.
            ///
            /// # Errors
            /// If `json` is not JSON, or not of that type.
            #visibility fn from_slice<'de, T>(
                json: &'de [::core::primitive::u8],
            ) -> ::core::result::Result<T, #library::json::Error>
            where
                T: #library::json::Registered<'de, Self>,
            {
                T::decode(json)
            }

            /// Reads a value of a registered type.
            ///
            /// # Errors
            /// If `json` is not JSON, or not of that type.
            #visibility fn from_str<'de, T>(
                json: &'de ::core::primitive::str,
            ) -> ::core::result::Result<T, #library::json::Error>
            where
                T: #library::json::Registered<'de, Self>,
            {
                T::decode(json.as_bytes())
            }

            /// Writes a value of a registered type.
            ///
            /// # Errors
            /// If JSON has no form for the value, such as a map whose keys are not text.
            #visibility fn to_vec<'de, T>(
                value: &T,
            ) -> ::core::result::Result<::std::vec::Vec<::core::primitive::u8>, #library::json::Error>
            where
                T: #library::json::Registered<'de, Self>,
            {
                #library::__private::to_vec::<Self, T>(value)
            }

            /// Writes a value of a registered type.
            ///
            /// # Errors
            /// If JSON has no form for the value, such as a map whose keys are not text.
            #visibility fn to_string<'de, T>(
                value: &T,
            ) -> ::core::result::Result<::std::string::String, #library::json::Error>
            where
                T: #library::json::Registered<'de, Self>,
            {
                #library::__private::to_string::<Self, T>(value)
            }
        }

        #(#impls)*
    }
}

/// The code of one type; what is wrong with the type is said at its place in the list.
fn registered(context: &syn::Ident, ty: &Registered, library: &TokenStream) -> TokenStream {
    let Registered { ty, named, lifetimes, .. } = ty;
    let ends = Ends::of(ty);
    let phantom = ends.around(&quote!(::core::marker::), &quote!(PhantomData));
    let value = ends.around(&quote!(::core::convert::identity), &quote!((self)));
    let outlive = (!lifetimes.is_empty()).then(|| quote!(: #(#lifetimes)+*));
    let header = respan(&quote!(impl), ends.start);
    let body = quote! {
        {
            fn decode(
                json: &'de [::core::primitive::u8],
            ) -> ::core::result::Result<Self, #library::json::Error> {
                #library::__private::read(json, #phantom)
            }

            fn encode(
                &self,
                json: &mut ::std::vec::Vec<::core::primitive::u8>,
            ) -> ::core::result::Result<(), #library::json::Error> {
                #library::__private::write(#value, json)
            }
        }
    };
    // So that an error about all of it is one about the type.
    let body = respan(&body, ends.end);
    quote! {
        #header<'de #outlive #(, #lifetimes)*> #library::json::Registered<'de, #context> for #named #body
    }
}
