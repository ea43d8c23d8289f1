//! The code that is emitted beside what the user wrote; only quoting.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Path, ReturnType, Type};

use crate::args::{Args, Flavor};
use crate::errors::Errors;
use crate::function::Function;
use crate::handler::Handler;
use crate::json_context::{JsonContext, Registered};
use crate::main_of::MainOf;
use crate::names;

/// Where an attribute is, as far as that can be told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// At the beginning of a line in what may be the root of the program, where its `main` is.
    Root,
    /// The same in what is probably the file of a module.
    Module,
    /// Within braces: those of a module or of an `impl` block.
    Indented,
}

/// `#[lambda_handler]`: the function as it is, and what runs it.
pub(crate) fn lambda_handler(args: TokenStream, item: TokenStream, place: Place) -> TokenStream {
    let mut errors = Errors::default();
    let args = Args::parse(args, &mut errors);
    // Wherever it is, it has no `main`.
    let place = if args.named.is_some() { Place::Module } else { place };
    let library = library(args.library.as_ref());
    let handler = errors
        .take(syn::parse2::<Function>(item.clone()))
        .map(|function| Handler::validate(function, &args, &mut errors));
    let handler = match handler {
        // Where a `main` cannot be.
        Some(handler) if handler.is_in_an_impl => return quote!(#item #errors),
        // The entry of the program it is not, for its signature would be wrong.
        Some(handler) if handler.name == "main" => {
            let main = only_main(
                &library,
                &quote!(
                    fn main() {}
                ),
                place,
            );
            return quote!(#[allow(dead_code)] const _: () = { #item }; #errors #main);
        }
        Some(handler) => handler,
        None => {
            let main = only_main(
                &library,
                &quote!(
                    fn main() {}
                ),
                place,
            );
            return quote!(#item #errors #main);
        }
    };
    let code = if errors.is_empty() && handler.unfinished.is_none() {
        code(&args, &handler, &library, place)
    } else {
        no_code(&handler, &library)
    };
    let program = program(&args, &handler, &library, &code, place);
    quote!(#item #errors #program)
}

/// `main!`.
pub(crate) fn main_of(args: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let MainOf { library, handlers } = MainOf::parse(args, &mut errors);
    let handlers =
        handlers.iter().rev().fold(quote!(()), |rest, handler| quote!((#handler, #rest)));
    let root = root(&library, Span::call_site());
    let main = quote! {
        fn main() -> ::std::process::ExitCode {
            #library::__private::main_of::<#handlers>(#root)
        }
    };
    let main = only_main(&library, &main, Place::Root);
    quote!(#errors #main)
}

/// What `lambda_native` is called here.
fn library(path: Option<&Path>) -> TokenStream {
    path.map_or_else(|| quote!(::lambda_native), ToTokens::to_token_stream)
}

/// A type that stands for the function, and for the only function of a program its `main`.
fn program(
    args: &Args,
    handler: &Handler,
    library: &TokenStream,
    code: &TokenStream,
    place: Place,
) -> TokenStream {
    let Handler { name, visibility, .. } = handler;
    let text = name.unraw().to_string();
    let implementation = |ty: &Ident| {
        quote! {
            impl #library::__private::Function for #ty {
                const NAME: &'static ::core::primitive::str = #text;
                #code
            }
        }
    };
    // What `main!` finds by the function's name.
    if args.named.is_some() {
        let implementation = implementation(name);
        return quote! {
            #[doc(hidden)]
            #[allow(non_camel_case_types)]
            #visibility struct #name {}

            #implementation
        };
    }
    let ty = format_ident!("__{}", name, span = Span::call_site());
    let implementation = implementation(&ty);
    let implementation = quote! {
        #[allow(non_camel_case_types)]
        struct #ty {}

        #implementation
    };
    let root = root(library, name.span());
    let start = quote!(#library::__private::main::<#ty>(#root));
    match place {
        Place::Root | Place::Module => {
            let main = quote!(fn main() -> ::std::process::ExitCode { #start });
            let main = only_main(library, &main, place);
            quote!(#implementation #main)
        }
        // In an `impl` block, where no type can be, the function's name stands for the first of
        // these two.
        Place::Indented => quote! {
            fn main() -> ::std::process::ExitCode {
                #[allow(unused_imports)]
                use #library::__private::InAnImpl as #name;
                {
                    #[allow(unused_imports)]
                    use self::*;

                    #implementation

                    #start
                }
            }
        },
    }
}

/// That the code is in the root of the program.
fn root(library: &TokenStream, span: Span) -> TokenStream {
    let root = quote! {
        #library::__private::Root::<{ #library::__private::is_root(::core::module_path!()) }>
    };
    respan(&root, span)
}

/// The program's `main`, or an error where there is one already.
///
/// A macro that is not defined yet is found through the `use`, and emits its first argument; the
/// one that is defined here shadows it for the code below, and emits its second. In a module it would
/// be ambiguous; there it is enough that a `main` is refused as such.
fn only_main(library: &TokenStream, main: &TokenStream, place: Place) -> TokenStream {
    if place != Place::Root {
        return main.clone();
    }
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

/// What stands for the code of a function that is wrong.
fn no_code(handler: &Handler, library: &TokenStream) -> TokenStream {
    let unfinished = handler.unfinished.as_ref().map(|error| {
        let message = format!("`#[lambda_handler]` cannot read this function: {error}");
        // Found when code is generated, and so only if the compiler finds nothing wrong itself.
        quote!(const { ::core::panic!(#message) })
    });
    quote! {
        async fn init() -> ::core::result::Result<impl #library::Handler, #library::Failure> {
            #unfinished
            #library::__private::not_made()
        }
    }
}

/// How the function is made, and started.
fn code(args: &Args, handler: &Handler, library: &TokenStream, place: Place) -> TokenStream {
    let description = description(args, handler, library);
    let start_with = start_with(args, library);
    let state = match &args.init {
        Some(init) => {
            let state = outcome(&quote!(#init()), Ends::of(init));
            quote!(#state?)
        }
        None => quote!(()),
    };
    let ends = args.init.as_ref().map_or_else(|| Ends::of(&handler.name), Ends::of);
    let lent = ends.around(&quote!(::core::convert::identity), &quote!((__made)));
    let answer = answer(args, handler, library, place);
    quote! {
        #[allow(deprecated)]
        async fn init() -> ::core::result::Result<impl #library::Handler, #library::Failure> {
            use #library::__private;
            #[allow(unused_imports)]
            use __private::{
                Free as _,  IsContext as _, IsNoContext as _, Now as _, Ordinary as _, Other as _, Shared as _, Special as _,
                Standard as _, Unshared as _, Value as _, Wrapped as _,
            };

            let __made = #state;
            ::core::result::Result::Ok(__private::State::of(&__made).handler(
                #lent,
                async |__state, __event, __context, __reply| { #answer },
            ))
        }

        fn start<__H: #library::Handler>(
            init: impl ::core::ops::AsyncFnOnce() -> ::core::result::Result<__H, #library::Failure>,
        ) -> ::std::process::ExitCode {
            use #library::__private;

            const DESCRIPTION: __private::Description<'static> = #description;
            static RECORD: [::core::primitive::u8; DESCRIPTION.size()] = DESCRIPTION.record();

            __private::keep(&RECORD, #start_with)
        }
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
        Some(json) => {
            quote!(<#json as #library::json::JsonContext>::TYPES)
        }
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
        return quote!(#library::start_with(init));
    };
    let threads = match &args.worker_threads {
        Some(threads) => quote!(::core::num::NonZero::new(#threads)),
        None => quote!(::core::option::Option::None),
    };
    let flavor = quote_spanned!(flavor.span()=> __private::MultiThread);
    quote!(__private::start_flavor_with(#flavor, #threads, init))
}

/// One invocation.
fn answer(args: &Args, handler: &Handler, library: &TokenStream, place: Place) -> TokenStream {
    let Handler { name, event, context, state, reply, output, .. } = handler;
    let ends = match output {
        ReturnType::Default => Ends::of(name),
        ReturnType::Type(_, output) => Ends::of(output),
    };
    let context = context.as_ref().map(|context| {
        let ty = phantom(context);
        quote!(__private::parameter(__context, #ty),)
    });
    // Where its type is wrong, that is said of what makes it.
    let state = state.as_ref().zip(args.init.as_ref()).map(|(_, init)| {
        let state = quote_spanned!(Ends::of(init).end=> __state);
        quote!(#state,)
    });
    let written = reply.as_ref().map(|reply| {
        let ty = phantom(reply);
        quote!(__written.parameter(#ty),)
    });
    let lent = reply.as_ref().map(|_| quote!(let __written = __private::Written(&mut *__reply);));
    let request = args.http.as_ref().map(|http| {
        let kind = reply.is_none().then(|| quote!(let __kind = __request.kind();));
        quote! {
            let __request = #library::#http::Request::from_slice(__event)?;
            #kind
        }
    });
    let others = quote!(#context #state #written);
    let (call, returned) = match event {
        Some(event) => {
            let ty = phantom(event);
            let decode = match (&args.http, &args.json) {
                (Some(_), _) => quote!(request(__request, #ty)),
                (None, Some(_)) => quote!(with(__json).decode(__event, #ty)?),
                (None, None) => quote!(decode(__event, #ty)?),
            };
            let owned = reply.as_ref().map(|_| quote!(move));
            let of = match place {
                Place::Root | Place::Module => quote!(of(&__call)),
                Place::Indented => quote!(same(&__call, #name.event())),
            };
            let call = quote! {
                let __call = #owned |__event| __function(__event, #others);
                let __type = __private::Event::#of.kind();
                let __event = __type.#decode;
            };
            (call, quote!(__call(__event)))
        }
        None => {
            (quote!(let __type = __private::Event::none().kind();), quote!(__function(#others)))
        }
    };
    let outcome = outcome(&returned, ends);
    let output = ends.around(&quote!(::core::convert::identity), &quote!((__output)));
    let value = ends.around(&quote!(&), &quote!(__output));
    let end = match (&args.http, reply, &args.json) {
        (Some(_), Some(_), _) => quote! {
            let __output = #outcome;
            __private::responded(#output, __context, __reply).await
        },
        (Some(http), None, _) => quote! {
            let __output = #outcome;
            #library::#http::respond(#output, __kind, __context, __reply)
        },
        (None, Some(_), _) => quote! {
            let __output = #outcome?;
            __private::wrote(#output);
            ::core::result::Result::Ok(())
        },
        (None, None, Some(_)) => quote! {
            let __output = #outcome?;
            __type.answer(&__output).kind().with(__json).encode(#value, __reply)
        },
        (None, None, None) => quote! {
            let __output = #outcome?;
            __type.answer(&__output).kind().encode(#value, __reply)
        },
    };
    let json = args
        .json
        .as_ref()
        .map(|json| quote!(let __json = __private::Named(::core::marker::PhantomData::<#json>).context();));
    let function = match place {
        Place::Root | Place::Module => quote!(let __function = #name;),
        Place::Indented => {
            let free = quote_spanned!(name.span()=> .free(::core::marker::PhantomData::<()>));
            quote!(let __function = #name #free;)
        }
    };
    // Called by another name, an `async fn` that waits for nothing is not taken for a mistake by
    // Clippy.
    quote! {
        #function
        #json
        #lent
        #request
        #call
        #end
    }
}

/// A type of which only the place is known.
fn phantom(ty: &Type) -> TokenStream {
    Ends::of(ty).around(&quote!(::core::marker::), &quote!(PhantomData))
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
fn registered(context: &Ident, ty: &Registered, library: &TokenStream) -> TokenStream {
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
