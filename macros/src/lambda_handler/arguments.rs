//! Tells the parameters of the function apart.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::Type;

use super::args::Args;
use super::signature::Signature;
use super::types::{elided, is_named, mutable, shared, ungrouped};
use crate::diagnostics::{Errors, code, ends};
use crate::lifetimes;

/// The value that a parameter gets.
pub(crate) enum Argument {
    /// The bytes of the event.
    Bytes,
    /// The event, read as this type.
    Event(TokenStream),
    /// The context, at this position.
    Context(Span),
    /// The context, as a type that the library knows.
    ContextAs(TokenStream),
    /// A reference to the state, which is of this type.
    State(TokenStream),
    /// The response to write, at this position.
    Reply(Span),
    /// The whole request of a route.
    Request { by_reference: bool },
    /// A parameter of the request of a route.
    Read(RequestParameter),
}

/// A parameter that is read from the request.
pub(crate) struct RequestParameter {
    pub(crate) place: &'static str,
    /// Empty for the body, and for one that takes the whole query.
    pub(crate) name: String,
    /// The name of the variable.
    pub(crate) variable: Ident,
    /// The type, as it is written.
    pub(crate) ty: String,
    pub(crate) required: bool,
    /// The type whose schema it has: without `Option`, and without the form of a body.
    pub(crate) schema: TokenStream,
    /// The form of a body.
    pub(crate) body: Option<BodyKind>,
    /// The call that reads it: `query::<u64>("page")`.
    pub(crate) read: TokenStream,
}

/// The form in which a body is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyKind {
    Json,
    /// `Json<T>`
    WrappedJson,
    Form,
    Text,
    Bytes,
}

/// The role of a parameter, as far as its type tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Context,
    Reply,
    /// The event, or a reference to the state.
    Other,
}

/// Tells the parameters apart. They can stand in any order: the types of the context and of the reply have
/// names, the event is a value or a reference to text, and the state is any other reference.
pub(crate) fn arguments(
    args: &Args,
    signature: &Signature,
    input: &mut Option<String>,
    errors: &mut Errors,
) -> Vec<Argument> {
    let types: Vec<&Type> = signature.parameters.iter().map(|parameter| &parameter.ty).collect();
    let roles: Vec<Role> = types.iter().map(|ty| role(ty, args)).collect();
    let has = |role| roles.contains(&role);
    if let Some(stream) = &args.stream
        && !has(Role::Reply)
    {
        errors.refuse(
            types.last().map_or_else(|| stream.to_token_stream(), ToTokens::to_token_stream),
            "a handler marked `stream` writes its response to a parameter\n\
             hint: add `reply: &mut lambda_native::Reply`",
        );
        return Vec::new();
    }
    let others: Vec<usize> =
        (0..types.len()).filter(|index| roles.get(*index) == Some(&Role::Other)).collect();
    let is_event = |index: &&usize| types.get(**index).is_some_and(|ty| can_be_event(ty));
    let event = others
        .iter()
        .find(is_event)
        .or_else(|| others.first().filter(|_| others.len() > 1 || args.init.is_none()));
    let mut seen: Vec<&'static str> = Vec::new();
    let mut arguments = Vec::new();
    for (index, ty) in types.into_iter().enumerate() {
        let is_value = shared(ty).is_none() && mutable(ty).is_none();
        let has_init = args.init.is_some() || args.named.is_some();
        let is_state = has_init || has(Role::Context) || mutable(ty).is_some();
        let name = match roles.get(index) {
            Some(Role::Context) => "context",
            Some(Role::Reply) => "reply",
            _ if Some(&index) == event => "event",
            _ if is_value && !has_init => "event",
            _ if is_state => "state",
            _ => "context",
        };
        if seen.contains(&name) {
            errors.refuse(
                ty,
                format!(
                    "a second {name}: a handler takes an event, a context and a state, each once"
                ),
            );
            continue;
        }
        seen.push(name);
        arguments.extend(match name {
            "event" => {
                *input = Some(code(ty));
                Some(self::event(ty, args, signature, errors))
            }
            "context" => Some(context(ty, signature)),
            "reply" => mutable(ty).map(|reply| Argument::Reply(ends(reply).0)),
            _ => state(ty, args, errors),
        });
    }
    arguments
}

fn role(ty: &Type, args: &Args) -> Role {
    let referent = shared(ty).unwrap_or(ty);
    if is_named(referent, "Context") {
        Role::Context
    } else if args.stream.is_some() && mutable(ty).is_some() {
        Role::Reply
    } else {
        Role::Other
    }
}

/// Tells whether JSON can be read as the type: as a value, or as a reference to a part of the event.
fn can_be_event(ty: &Type) -> bool {
    const BORROWED: [&str; 5] = ["str", "RawValue", "Path", "Bytes", "BStr"];
    match shared(ty).map(ungrouped) {
        None => mutable(ty).is_none(),
        Some(Type::Slice(slice)) => is_named(&slice.elem, "u8"),
        Some(referent) => BORROWED.iter().any(|name| is_named(referent, name)),
    }
}

fn event(ty: &Type, args: &Args, signature: &Signature, errors: &mut Errors) -> Argument {
    if let Some(lifetime) = borrowed_forever(ty) {
        errors.refuse(
            lifetime,
            "the event lives as long as the call, so nothing in it is `&'static`\n\
             hint: leave out `'static`, or take owned text, such as `String`",
        );
    }
    match shared(ty).map(ungrouped) {
        Some(Type::Slice(slice)) if args.http.is_none() && is_named(&slice.elem, "u8") => {
            Argument::Bytes
        }
        _ => Argument::Event(elided(ty.to_token_stream(), signature)),
    }
}

/// The `'static` of a reference, at any depth.
fn borrowed_forever(ty: &Type) -> Option<TokenStream> {
    let tokens: Vec<TokenTree> = flattened(ty.to_token_stream());
    let reference = tokens.windows(3).find(|tokens| {
        let [and, quote, name] = tokens else { return false };
        and.to_string() == "&" && quote.to_string() == "'" && name.to_string() == "static"
    })?;
    Some(reference.iter().skip(1).cloned().collect())
}

/// The tokens without their groups.
fn flattened(tokens: TokenStream) -> Vec<TokenTree> {
    let flatten = |token| match token {
        TokenTree::Group(group) => flattened(group.stream()),
        token => vec![token],
    };
    tokens.into_iter().flat_map(flatten).collect()
}

pub(crate) fn context(ty: &Type, signature: &Signature) -> Argument {
    match shared(ty) {
        Some(context) if is_named(context, "Context") => Argument::Context(ends(ty).0),
        _ => Argument::ContextAs(elided(ty.to_token_stream(), signature)),
    }
}

/// The state, as all threads share it: of a type with `'static` for every lifetime, and `Sync`.
pub(crate) fn state(ty: &Type, args: &Args, errors: &mut Errors) -> Option<Argument> {
    if mutable(ty).is_some_and(|referent| is_named(referent, "Reply")) {
        errors.refuse(
            ty,
            "a handler that writes its response itself is marked: `#[lambda_handler(stream)]`",
        );
        return None;
    }
    if args.init.is_none() && args.named.is_none() {
        errors.refuse(
            ty,
            "this parameter is the handler's state, and nothing makes it\n\
             hint: `#[lambda_handler(init = function)]` names the function that does",
        );
        return None;
    }
    let Some(referent) = shared(ty) else {
        let (referent, hint) = match mutable(ty) {
            Some(referent) => (referent, "\nhint: keep what changes in a `Mutex`"),
            None => (ty, ""),
        };
        let message = format!("all calls share the state: take it as `&{}`{hint}", code(referent));
        errors.refuse(ty, message);
        return None;
    };
    let tokens = match ungrouped(referent) {
        Type::TraitObject(object) => quote!((#object + ::core::marker::Sync)),
        ty => ty.to_token_stream(),
    };
    let of_all_threads =
        lifetimes::replace(tokens, &mut |_, span| Some(lifetimes::named("static", span)));
    Some(Argument::State(of_all_threads))
}
