//! Writes the code that runs the function; only quoting.
//!
//! The names in that code have the hygiene of the macro: they neither see nor hide the user's. Only
//! tokens that an error has to point at have the position of the user's code.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::TypePath;
use syn::ext::IdentExt;

use super::args::{Args, Flavor, Named, Route, Source};
use super::arguments::{Argument, RequestParameter};
use super::openapi;
use super::signature::FunctionItem;
use super::validate::{ResolvedHandler, is_in_an_impl, mentions_deprecated};
use crate::diagnostics::{Errors, ends};

/// Quotes code with the hygiene of the macro.
macro_rules! emit {
    ($($tokens:tt)*) => { ::quote::quote_spanned!(::proc_macro2::Span::mixed_site()=> $($tokens)*) };
}
pub(crate) use emit;

/// Writes the program's `main`, which contains `items` and calls a function of the library.
pub(crate) fn main(
    library: &TokenStream,
    items: &TokenStream,
    function: &TokenStream,
) -> TokenStream {
    emit! {
        fn main() -> ::std::process::ExitCode {
            const _: () = #library::__private::assert_crate_root(::core::module_path!());
            #items
            #library::__private::#function()
        }
    }
}

/// Writes what takes the place of a program with errors, so that the compiler reports no more.
pub(crate) fn with_errors(
    item: &TokenStream,
    errors: &Errors,
    args: &Args,
    function: Option<&FunctionItem>,
) -> TokenStream {
    let library = args.library();
    let main = main(&library, &TokenStream::new(), &emit!(main::<#library::__private::Invalid>));
    match function {
        Some(function) if is_in_an_impl(function, args) => quote!(#item #errors),
        // Hidden, since its signature would be wrong for an entry point.
        Some(function) if function.name == "main" => {
            quote!(const _: () = { #item }; #errors #main)
        }
        Some(FunctionItem { name, visibility, .. }) if args.named.is_some() => {
            let handler = emit! {
                #[allow(non_camel_case_types)]
                #visibility type #name = #library::__private::Invalid;
            };
            quote!(#item #errors #handler)
        }
        _ => quote!(#item #errors #main),
    }
}

/// Writes a type that stands for the function, and `main` unless `main!` writes it.
pub(crate) fn program(
    args: &Args,
    function: &FunctionItem,
    handler: &ResolvedHandler,
    openapi: bool,
) -> TokenStream {
    let openapi = openapi && !args.routes.is_empty();
    Expansion { library: args.library(), args, function, handler, openapi }.write()
}

struct Expansion<'a> {
    library: TokenStream,
    openapi: bool,
    args: &'a Args,
    function: &'a FunctionItem,
    handler: &'a ResolvedHandler,
}

impl Expansion<'_> {
    fn write(&self) -> TokenStream {
        let Self { library, args, function, handler, .. } = self;
        let (ty, header, has_main) = if args.named.is_some() {
            // `main!` finds the type by the function's name.
            let visibility = &function.visibility;
            let header = emit!(#[doc(hidden)] #[allow(non_camel_case_types)] #visibility);
            (function.name.clone(), Some(header), false)
        } else {
            let ty = format_ident!("__{}", function.name, span = Span::mixed_site());
            (ty, None, true)
        };
        // An error about the state is one about its type.
        let subject = match handler.state() {
            Some(state) => Ident::new(&ty.to_string(), ty.span().located_at(ends(state).0)),
            None => ty.clone(),
        };
        let field = handler.state().map(|state| emit!(state: &'static #state));
        let constants = self.constants(&ty);
        let init = self.init();
        let state = match handler.state() {
            Some(state) if args.init.is_none() => state.clone(),
            _ => emit!(#library::__private::NoState),
        };
        let shared =
            if args.init.is_none() && handler.state().is_some() { emit!(state) } else { emit!(_) };
        let deprecated = mentions_deprecated(function).then(|| emit!(#[allow(deprecated)]));
        let method = if args.authorizer.is_some() {
            self.authorize_method()
        } else if args.routes.is_empty() {
            self.call_method()
        } else {
            self.respond_method()
        };
        let authorizer = args
            .authorizer
            .as_ref()
            .map(|_| emit!(impl #library::__private::authorizer::Authorizer for #ty {}));
        let after = args.after.as_ref().map(|after| after_method(library, after));
        let main_function =
            if args.routes.is_empty() { emit!(main) } else { emit!(main_with_routes) };
        let describe = self.openapi.then(|| openapi::describe(library, function, handler));
        let print =
            self.openapi.then(|| openapi::print(library, [ty.to_token_stream()].into_iter()));
        let print = print.unwrap_or_default();
        let main = has_main.then(|| main(library, &print, &emit!(#main_function::<#ty>)));
        emit! {
            #header struct #ty { #field }

            impl #library::__private::Function for #subject {
                type State = #state;

                #constants

                async fn init(
                    #shared: &'static #state,
                ) -> ::core::result::Result<Self, #library::Error> {
                    #init
                }

                #deprecated
                #method

                #after

                #describe
            }

            #authorizer

            #main
        }
    }

    /// The record that the executable carries, and the flavor of the async runtime.
    fn constants(&self, ty: &Ident) -> TokenStream {
        let Self { library, args, function, handler, .. } = self;
        let name = match &args.named {
            Some(Named(Some(name))) => name.value(),
            _ => function.name.unraw().to_string(),
        };
        let takes_requests = args.http.is_some() || !args.routes.is_empty();
        let kind = match &args.authorizer {
            Some(_) => emit!(Authorizer),
            None if takes_requests => emit!(Http),
            None => emit!(Event),
        };
        let output = &handler.output;
        let input = match &handler.input {
            Some(input) => emit!(::core::option::Option::Some(#input)),
            None => emit!(::core::option::Option::None),
        };
        let types = match &args.json {
            Some(json) => emit!(<#json as #library::json::JsonContext>::TYPES),
            None => emit!(&[]),
        };
        let flavor = matches!(args.flavor, Some((_, Flavor::MultiThread))).then(|| {
            let threads = match &args.worker_threads {
                Some(threads) => emit!(::core::num::NonZero::new(#threads)),
                None => emit!(::core::option::Option::None),
            };
            emit! {
                const FLAVOR: #library::__private::Flavor =
                    #library::__private::Flavor::MultiThread(#threads);
            }
        });
        let doc = documentation(function);
        let methods: Vec<_> = args.routes.iter().map(Route::method).collect();
        let paths: Vec<_> = args.routes.iter().map(|route| route.path.value()).collect();
        let parameters = handler.parameters().map(|parameter| {
            let RequestParameter { place, name, ty, required, .. } = parameter;
            emit!(#library::__private::ParameterDescription(#place, #name, #ty, #required))
        });
        // The decision depends on more than the marked parameters.
        let whole_request = (args.authorizer.is_some() && handler.takes_request()).then(
            || emit!(#library::__private::ParameterDescription("request", "", "Request<'_>", true)),
        );
        let parameters = parameters.chain(whole_request);
        let auth = self.auth();
        let name_of_auth = match &args.auth {
            Some(_) => emit!(<#ty as #library::__private::Function>::AUTH),
            None => emit!(::core::option::Option::None),
        };
        let is_http = args.http.is_some().then(|| {
            emit!(
                const IS_HTTP: ::core::primitive::bool = true;
            )
        });
        let routes = (!args.routes.is_empty()).then(|| {
            emit! {
                const ROUTES: &'static [#library::__private::Route] = &[
                    #(#library::__private::Route { method: #methods, path: #paths }),*
                ];
            }
        });
        let source = match args.sources.first() {
            Some(Source { kind, name }) => {
                let kind = kind.to_string();
                let name = match name {
                    Some(name) => {
                        let name = name.value();
                        emit!(::core::option::Option::Some(#name))
                    }
                    None => emit!(::core::option::Option::None),
                };
                emit! {
                    ::core::option::Option::Some(#library::__private::SourceDescription(#kind, #name))
                }
            }
            None => emit!(::core::option::Option::None),
        };
        let named = args.named.is_some();
        emit! {
            const NAME: &'static ::core::primitive::str = #name;
            const RECORD: &'static [::core::primitive::u8] = {
                const DESCRIPTION: #library::__private::Description<'static> =
                    #library::__private::Description {
                        name: #name,
                        kind: #library::__private::Kind::#kind,
                        input: #input,
                        output: #output,
                        types: #types,
                        doc: #doc,
                        routes: &[#(#library::__private::RouteDescription(#methods, #paths)),*],
                        parameters: &[#(#parameters),*],
                        source: #source,
                        auth: #name_of_auth,
                        named: #named,
                    };
                &DESCRIPTION.record::<{ DESCRIPTION.size() }>()
            };
            #flavor
            #is_http
            #routes
            #auth
        }
    }

    /// The name of the authorizer. It is written once, so that the compiler reports a wrong one once.
    fn auth(&self) -> Option<TokenStream> {
        let library = &self.library;
        self.args.auth.as_ref().map(|auth| {
            let name = quote_spanned! {ends(auth).1=>
                <#auth as #library::__private::authorizer::Authorizer>::AUTHORIZER
            };
            emit! {
                const AUTH: ::core::option::Option<&'static ::core::primitive::str> =
                    ::core::option::Option::Some(#name);
            }
        })
    }

    /// Makes the handler.
    fn init(&self) -> TokenStream {
        let Self { library, args, handler, .. } = self;
        // Clippy demands an `await` of every `async fn`.
        let Some(init) = &args.init else {
            if handler.state().is_some() {
                return emit!(
                    ::core::future::ready(::core::result::Result::Ok(Self { state })).await
                );
            }
            return emit!(::core::future::ready(::core::result::Result::Ok(Self {})).await);
        };
        let state = Ident::new("state", Span::mixed_site().located_at(ends(init).1));
        let statements = state_of(init);
        let made = if handler.state().is_some() {
            emit! {
                ::core::result::Result::Ok(Self { #state })
            }
        } else {
            emit! {
                let _ = #state;
                ::core::result::Result::Ok(Self {})
            }
        };
        emit! {
            use #library::__private::{self, traits::*};
            #statements
            #made
        }
    }

    /// The method that handles an event.
    fn call_method(&self) -> TokenStream {
        let Self { library, args, .. } = self;
        let call = match args.sources.first().and_then(Source::batch) {
            Some(source) => self.batch(source),
            None => self.call(),
        };
        let traits = if args.http.is_some() { emit!(http_traits) } else { emit!(traits) };
        emit! {
            async fn call(
                &self,
                event: &[::core::primitive::u8],
                context: &#library::Context,
                reply: &mut #library::Reply,
            ) -> ::core::result::Result<(), #library::Error> {
                use #library::__private::{self, #traits::*};
                #call
            }
        }
    }

    /// The statements that read the parameters of a request. `refuse` takes the place of the call if one of them
    /// cannot be read.
    fn read_parameters(&self, refuse: &TokenStream) -> Option<TokenStream> {
        let handler = self.handler;
        let variables: Vec<_> = handler.parameters().map(|parameter| &parameter.variable).collect();
        let reads = handler.parameters().map(|parameter| {
            let RequestParameter { variable, read, .. } = parameter;
            emit!(let #variable = arguments.#read;)
        });
        (!variables.is_empty()).then(|| {
            let (some, names) = match &variables[..] {
                [variable] => (emit!(::core::option::Option::Some(#variable)), emit!(#variable)),
                _ => (
                    emit!((#(::core::option::Option::Some(#variables)),*)),
                    emit!((#(#variables),*)),
                ),
            };
            emit! {
                let mut arguments = request.arguments();
                #(#reads)*
                let #some = #names else {
                    return #refuse;
                };
            }
        })
    }

    /// The call of the function, as a future.
    fn future(&self) -> TokenStream {
        let Self { function, handler, .. } = self;
        let arguments = handler.arguments.iter().map(|argument| self.argument(argument).1);
        let name = &function.name;
        let call = emit!(#name(#(#arguments),*));
        if handler.returns_future { call } else { emit!(::core::future::ready(#call)) }
    }

    /// The method that decides about a request: the parameters, the call, the decision.
    fn authorize_method(&self) -> TokenStream {
        let Self { library, handler, .. } = self;
        let headers = handler.parameters().filter(|parameter| parameter.place == "header");
        // Of a `TOKEN` event, only the value of one header is known.
        let token_header = headers.map(|parameter| parameter.name.as_str()).next();
        let token_header = token_header.unwrap_or("authorization");
        let by_identity = !handler.takes_request();
        let takes_anything = handler.takes_request() || handler.parameters().next().is_some();
        let matched = takes_anything.then(|| emit!(let request = &asked.matched();));
        let read = self.read_parameters(&emit!(asked.refuse(reply)));
        let call = self.future();
        let output = Ident::new("output", Span::mixed_site().located_at(ends(&handler.value).0));
        let result = Ident::new("result", ends(&handler.error).0);
        emit! {
            async fn call(
                &self,
                event: &[::core::primitive::u8],
                context: &#library::Context,
                reply: &mut #library::Reply,
            ) -> ::core::result::Result<(), #library::Error> {
                use #library::__private::{self, http_traits::*};
                let asked =
                    __private::authorizer::Asked::read(event, #token_header, #by_identity)?;
                #matched
                #read
                let #output = #call.await;
                let #output = __private::http_output_kind(&#output).#result(#output);
                asked.respond(#output, reply)
            }
        }
    }

    /// The method that responds to a request of a route: the parameters, the call, the response.
    fn respond_method(&self) -> TokenStream {
        let Self { library, args, handler, .. } = self;
        let read = self.read_parameters(&emit!(arguments.refuse()));
        let registered = args.json.iter().flat_map(|json| {
            handler
                .written
                .iter()
                .map(move |ty| emit!(const { __private::assert_registered::<#json, #ty>() };))
        });
        let call = self.future();
        let output = Ident::new("output", Span::mixed_site().located_at(ends(&handler.value).0));
        let result = Ident::new("result", ends(&handler.error).0);
        let authorized = args.auth.as_ref().map(|_| {
            emit! {
                if let ::core::option::Option::Some(refusal) = request.unauthorized() {
                    return refusal;
                }
            }
        });
        let respond = emit! {
            #read
            let #output = #call.await;
            let #output = __private::http_output_kind(&#output).#result(#output);
        };
        let respond = if args.wrap.is_empty() {
            emit!(#respond __private::response(#output))
        } else {
            let wrapped = wrapped(library, &args.wrap, &emit!(wrapped));
            emit! {
                let matched = request;
                let next = async |request: &#library::http::Request<'_>| -> #library::http::Response {
                    let request = &matched.with(request);
                    #respond
                    __private::wrapped(#output)
                };
                let request = matched.request();
                #wrapped
            }
        };
        emit! {
            async fn respond(
                &self,
                request: &#library::__private::Matched<'_>,
                context: &#library::Context,
            ) -> #library::http::Response {
                use #library::__private::{self, http_traits::*};
                #(#registered)*
                #authorized
                #respond
            }
        }
    }

    /// Handles one invocation with a batch of records: the parameters and the call for each.
    fn batch(&self, source: &str) -> TokenStream {
        let Self { library, args, function, handler, .. } = self;
        let source = Ident::new(source, Span::mixed_site());
        let arguments = handler.arguments.iter().map(|argument| match argument {
            Argument::Bytes => emit!(record.as_bytes()),
            argument => self.argument(argument).1,
        });
        let decode = handler.event().map(|ty| {
            let decode = match &args.json {
                Some(json) => emit!(decode_record_with::<#json, #ty>),
                None => emit!(decode_record::<#ty>),
            };
            emit! {
                let arena = __private::Arena::default();
                let event = __private::#decode(record, &arena)?;
            }
        });
        let record = match (&decode, &handler.input) {
            (None, None) => emit!(_),
            _ => emit!(record),
        };
        let name = &function.name;
        let call = emit!(#name(#(#arguments),*));
        let call = if handler.returns_future { call } else { emit!(::core::future::ready(#call)) };
        let output = Ident::new("output", Span::mixed_site().located_at(ends(&handler.value).0));
        let result = Ident::new("result", ends(&handler.error).0);
        let (batch, concurrency) = match &args.concurrency {
            Some(concurrency) => (emit!(concurrent_batch), Some(emit!(#concurrency,))),
            None => (emit!(batch), None),
        };
        emit! {
            let handle = async |#record: __private::RecordText<'_>|
                -> ::core::result::Result<(), #library::Error> {
                #decode
                let #output = #call.await;
                let #output = __private::output_kind(&#output).#result(#output)?;
                __private::handled(#output)
            };
            __private::#batch::<__private::#source>(event, context, reply, #concurrency handle).await
        }
    }

    /// Handles one invocation: the parameters, the call, the response.
    fn call(&self) -> TokenStream {
        let Self { library, args, function, handler, .. } = self;
        let (statements, arguments): (Vec<_>, Vec<_>) =
            handler.arguments.iter().map(|argument| self.argument(argument)).unzip();
        let request = (args.http.is_some() && handler.event().is_none() && args.wrap.is_empty())
            .then(|| self.request(&emit!(#library::http::Request<'_>)));
        let name = &function.name;
        let call = emit!(#name(#(#arguments),*));
        let call = if handler.returns_future { call } else { emit!(::core::future::ready(#call)) };
        // Of the same hygiene, at the positions that an error has to point at.
        let (start, end) = ends(&handler.value);
        let [output, end] = [start, end].map(|at| Ident::new("output", start.located_at(at)));
        let result = Ident::new("result", ends(&handler.error).0);
        let value = quote_spanned!(start=> &#end);
        let question_mark = (args.http.is_none() && args.stream.is_none()).then(|| emit!(?));
        let reply = match (&args.http, &args.stream, &args.json) {
            (Some(_), None, _) => emit! {
                __private::http::respond(#output, kind, reply)
            },
            (Some(_), Some(_), _) => {
                emit!(__private::http::written(#output, reply).await)
            }
            (None, Some(_), _) => emit!(__private::written(#output)),
            (None, None, Some(json)) => emit!(__private::encode_with::<#json>(#value, reply)),
            (None, None, None) => match self.handler.names_of_http() {
                (Some(event), Some(reply)) => {
                    emit!(__private::encode_as::<#event, #reply>(#value, reply))
                }
                (None, Some(reply)) => {
                    // An error is one about the response.
                    let no_event = quote_spanned!(start=> ());
                    emit!(__private::encode_as::<#no_event, #reply>(#value, reply))
                }
                (_, None) => emit!(__private::encode(#value, reply)),
            },
        };
        let output_kind =
            if args.http.is_some() { emit!(http_output_kind) } else { emit!(output_kind) };
        if !args.wrap.is_empty() {
            let wrapped = wrapped(library, &args.wrap, &emit!(response));
            return emit! {
                let (request, kind) =
                    __private::http::request::<#library::http::Request<'_>>(event)?;
                let next = async |request: &#library::http::Request<'_>| -> #library::http::Response {
                    #(#statements)*
                    let #output = #call.await;
                    let #output = __private::http_output_kind(&#output).#result(#output);
                    __private::response(#output)
                };
                let request = &request;
                let response = { #wrapped };
                #library::http::respond(response, kind, reply)
            };
        }
        emit! {
            #(#statements)*
            #request
            let #output = #call.await;
            let #output = __private::#output_kind(&#output).#result(#output) #question_mark;
            #reply
        }
    }

    /// The statement that makes an argument, if it takes one, and the argument.
    fn argument(&self, argument: &Argument) -> (Option<TokenStream>, TokenStream) {
        match argument {
            Argument::Bytes => (None, emit!(event)),
            Argument::Event(ty) if !self.args.wrap.is_empty() => (
                Some(emit!(let request = __private::http::passed::<#ty>(request);)),
                emit!(request),
            ),
            Argument::Event(ty) if self.args.http.is_some() => {
                (Some(self.request(ty)), emit!(request))
            }
            Argument::Event(ty) if !self.args.sources.is_empty() => {
                let decode = match &self.args.json {
                    Some(json) => emit!(decode_event_with::<#json, #ty>),
                    None => emit!(decode_event::<#ty>),
                };
                let decode = emit! {
                    let arena = __private::Arena::default();
                    let event = __private::#decode(event, &arena)?;
                };
                (Some(decode), emit!(event))
            }
            Argument::Event(ty) => {
                let decode = match (&self.args.json, self.handler.names_of_http()) {
                    (Some(json), _) => emit!(decode_with::<#json, #ty>),
                    (None, (Some(_), Some(reply))) => emit!(decode_as::<#ty, #reply>),
                    (None, (Some(_), None)) => emit!(decode_as::<#ty, ()>),
                    (None, (None, _)) => emit!(decode::<#ty>),
                };
                (Some(emit!(let event = __private::#decode(event)?;)), emit!(event))
            }
            Argument::Context(position) => (None, located("context", *position)),
            Argument::ContextAs(ty) => (None, emit!(__private::context::<#ty>(context))),
            Argument::State(_) => (None, emit!(self.state)),
            Argument::Reply(position) => (None, located("reply", *position)),
            Argument::Request { by_reference: true } => (None, emit!(request.request())),
            Argument::Request { by_reference: false } => (None, emit!(request.request().clone())),
            Argument::Read(parameter) => (None, parameter.variable.to_token_stream()),
        }
    }

    /// The statement that reads the request, and its kind if `respond` needs it.
    fn request(&self, ty: &TokenStream) -> TokenStream {
        let kind = if self.args.stream.is_some() { emit!(_) } else { emit!(kind) };
        emit!(let (request, #kind) = __private::http::request::<#ty>(event)?;)
    }
}

/// The statements that make the state with the function `init`.
pub(crate) fn state_of(init: &TypePath) -> TokenStream {
    let at = Span::mixed_site().located_at(ends(init).1);
    let [output, result, state] = ["output", "result", "state"].map(|name| Ident::new(name, at));
    emit! {
        let #output = #init();
        let #output = __private::output_kind(&#output).future(#output).await;
        let #state = __private::output_kind(&#output).#result(#output)?;
        let #state = __private::leak(#state);
    }
}

/// Writes the calls of wrappers with `request` around the async closure `next`, the first one as the outermost.
/// `last` is the function of the library that makes the response out of what a wrapper returns.
pub(crate) fn wrapped(
    library: &TokenStream,
    wrappers: &[TypePath],
    last: &TokenStream,
) -> TokenStream {
    let respond = |wrapper: &TypePath| {
        let at = Span::mixed_site().located_at(ends(wrapper).1);
        let [output, request, next] =
            ["output", "request", "next"].map(|name| Ident::new(name, at));
        let call = quote_spanned!(at=> #wrapper(#request, #next).await);
        emit! {
            let #output = #call;
            let #output = __private::http_output_kind(&#output).result(#output);
            __private::#last(#output)
        }
    };
    let Some((first, others)) = wrappers.split_first() else { return TokenStream::new() };
    let inner = others.iter().rev().map(|wrapper| {
        let respond = respond(wrapper);
        emit! {
            let next = async |request: &#library::http::Request<'_>| -> #library::http::Response {
                #respond
            };
        }
    });
    let inner: TokenStream = inner.collect();
    let outer = respond(first);
    emit!(#inner #outer)
}

/// Writes the method that runs after each invocation.
pub(crate) fn after_method(library: &TokenStream, after: &TypePath) -> TokenStream {
    let at = Span::mixed_site().located_at(ends(after).1);
    let call = quote_spanned!(at=> #after(context).await);
    emit! {
        async fn after(context: &#library::Context) {
            #call
        }
    }
}

/// A variable of the macro, at a position in the user's code.
fn located(name: &str, position: Span) -> TokenStream {
    Ident::new(name, Span::mixed_site().located_at(position)).into_token_stream()
}

/// The first line of the documentation.
fn documentation(function: &FunctionItem) -> String {
    let lines = function.documentation().into_iter();
    lines.map(|line| line.trim().to_owned()).find(|line| !line.is_empty()).unwrap_or_default()
}
