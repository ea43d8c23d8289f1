//! Checks routes together with the parameters of the function.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, GenericArgument, LitStr, Meta, PathArguments, Type};

use super::args::{Args, Route};
use super::arguments::{Argument, BodyKind, RequestParameter, context, state};
use super::signature::{Parameter, Signature};
use super::types::{elided, is_named, mutable, shared, ungrouped};
use crate::diagnostics::{Errors, closest, code};

/// The attributes that tell where a parameter comes from.
const MARKERS: [&str; 6] = ["path", "query", "header", "cookie", "body", "authorizer"];

/// The variables in the emitted function, whose names no parameter can take.
const OF_THE_MACRO: [&str; 7] =
    ["arguments", "asked", "context", "event", "output", "reply", "request"];

/// An attribute of a parameter: `#[query]`, `#[query("page-size")]`, `#[query(all)]`.
struct Marker<'a> {
    attribute: &'a Attribute,
    place: &'static str,
    name: Option<LitStr>,
    is_all: bool,
}

/// Removes the markers from the parameters of the function. A list without markers stays the very same, for
/// what the compiler says about it.
pub(crate) fn without_markers(item: TokenStream) -> TokenStream {
    let mut after_fn = false;
    let strip = |token: TokenTree| match token {
        TokenTree::Ident(ref name) if name == "fn" => {
            after_fn = true;
            token
        }
        TokenTree::Group(list) if after_fn && list.delimiter() == Delimiter::Parenthesis => {
            after_fn = false;
            let kept = without_attributes(list.stream());
            if kept.clone().into_iter().count() == list.stream().into_iter().count() {
                return TokenTree::Group(list);
            }
            let mut stripped = Group::new(list.delimiter(), kept);
            stripped.set_span(list.span());
            TokenTree::Group(stripped)
        }
        token => token,
    };
    item.into_iter().map(strip).collect()
}

fn without_attributes(list: TokenStream) -> TokenStream {
    let mut tokens = list.into_iter().peekable();
    let mut kept = TokenStream::new();
    while let Some(token) = tokens.next() {
        let is_marker = token.to_string() == "#"
            && matches!(tokens.peek(), Some(TokenTree::Group(group)) if is_marker(group.stream()));
        if is_marker {
            tokens.next();
        } else {
            kept.extend([token]);
        }
    }
    kept
}

fn is_marker(attribute: TokenStream) -> bool {
    let Some(TokenTree::Ident(name)) = attribute.into_iter().next() else { return false };
    let name = name.to_string();
    MARKERS.contains(&name.as_str()) || misspelled(&name).is_some()
}

/// Refuses markers of a handler without routes.
pub(crate) fn refuse_markers(signature: &Signature, errors: &mut Errors) {
    for attribute in signature.parameters.iter().flat_map(|parameter| &parameter.attributes) {
        let Some(written) = attribute.path().get_ident().map(Ident::to_string) else { continue };
        let marker = MARKERS.into_iter().find(|marker| *marker == written);
        if let Some(marker) = marker.or_else(|| misspelled(&written)) {
            errors.refuse(
                attribute,
                format!(
                    "`#[{marker}]` needs a route\n\
                     hint: `#[lambda_handler(get = \"/path\")]` names the requests that the handler takes"
                ),
            );
        }
    }
}

/// Tells the parameters apart and checks them against the paths.
pub(crate) fn arguments(args: &Args, signature: &Signature, errors: &mut Errors) -> Vec<Argument> {
    for route in &args.routes {
        validate_path(route, errors);
    }
    if !errors.is_empty() {
        // Parameters would be compared with a wrong path.
        return Vec::new();
    }
    validate_distinct(&args.routes, errors);
    let mut parameters = Parameters {
        args,
        signature,
        errors,
        arguments: Vec::new(),
        placeholders: Vec::new(),
        takes_request: false,
        has_body: false,
    };
    for (position, parameter) in signature.parameters.iter().enumerate() {
        match marker(parameter, parameters.errors) {
            Ok(Some(marker)) => parameters.marked(position, parameter, &marker),
            Ok(None) => parameters.unmarked(position, parameter),
            Err(error) => parameters.errors.push(error),
        }
    }
    if !parameters.takes_request {
        parameters.refuse_missing();
    }
    parameters.arguments
}

/// The parameters so far.
struct Parameters<'a> {
    args: &'a Args,
    signature: &'a Signature,
    errors: &'a mut Errors,
    arguments: Vec<Argument>,
    /// The placeholders that have a parameter.
    placeholders: Vec<String>,
    takes_request: bool,
    has_body: bool,
}

impl Parameters<'_> {
    fn unmarked(&mut self, position: usize, parameter: &Parameter) {
        let ty = &parameter.ty;
        let referent = shared(ty).unwrap_or(ty);
        if is_named(referent, "Context") {
            self.arguments.push(context(ty, self.signature));
        } else if is_named(referent, "Request") {
            self.takes_request = true;
            self.arguments.push(Argument::Request { by_reference: shared(ty).is_some() });
        } else if let Some(name) = placeholder(parameter, &self.args.routes) {
            self.path(position, parameter, name);
        } else if shared(ty).is_some_and(|referent| !is_text(referent)) {
            let state = state(ty, self.args, self.errors);
            if state.is_some() && self.arguments.iter().any(|it| matches!(it, Argument::State(_))) {
                self.errors.refuse(ty, "a second state: a handler takes one");
            }
            self.arguments.extend(state);
        } else if self.args.stream.is_none() || mutable(ty).is_none() {
            // The placeholder that was probably meant has its parameter.
            let meant = parameter.name().and_then(|name| closest_placeholder(&name, self.args));
            self.placeholders.extend(meant);
            refuse_unmarked(parameter, self.args, self.errors);
        }
    }

    fn marked(&mut self, position: usize, parameter: &Parameter, marker: &Marker<'_>) {
        let Marker { attribute, place, .. } = *marker;
        if self.args.authorizer.is_some()
            && let Some(message) = of_no_authorizer(place)
        {
            self.errors.refuse(attribute, message);
            return;
        }
        let name = match (&marker.name, parameter.name()) {
            (Some(name), _) => name.value(),
            (None, Some(name)) if place == "header" => name.replace('_', "-"),
            (None, Some(name)) => name,
            (None, None) if ["body", "authorizer"].contains(&place) || marker.is_all => {
                String::new()
            }
            (None, None) => {
                let message =
                    format!("this parameter has no name to look for\nhint: `#[{place}(\"name\")]`");
                self.errors.refuse(attribute, message);
                return;
            }
        };
        match place {
            "body" if self.has_body => {
                let message = "a request has one body, and another parameter takes it";
                self.errors.refuse(attribute, message);
            }
            "body" => {
                self.has_body = true;
                validate_body(parameter, self.args, self.errors);
                let reader = body_reader(&parameter.ty, self.args, self.signature);
                self.read(place, String::new(), position, parameter, reader);
            }
            "authorizer" => {
                validate_owned(parameter, self.errors);
                let ty = elided(parameter.ty.to_token_stream(), self.signature);
                self.read(place, String::new(), position, parameter, quote!(authorizer::<#ty>()));
            }
            "query" if marker.is_all => {
                let ty = elided(parameter.ty.to_token_stream(), self.signature);
                self.read(place, String::new(), position, parameter, quote!(query_all::<#ty>()));
            }
            "path" if self.args.routes.iter().any(|route| route.has(&name)) => {
                self.path(position, parameter, name);
            }
            "path" => {
                // One error is enough: the parameter was meant for one of them.
                self.placeholders.extend(self.args.routes.iter().flat_map(Route::placeholders));
                self.errors.refuse(attribute, no_placeholder(&name, self.args));
            }
            _ => {
                let reader = Ident::new(place, Span::mixed_site()).to_token_stream();
                self.read(place, name, position, parameter, reader);
            }
        }
    }

    fn path(&mut self, position: usize, parameter: &Parameter, name: String) {
        validate_presence(&name, parameter, &self.args.routes, self.errors);
        self.placeholders.push(name.clone());
        self.read("path", name, position, parameter, quote!(path));
    }

    fn read(
        &mut self,
        place: &'static str,
        name: String,
        position: usize,
        parameter: &Parameter,
        reader: TokenStream,
    ) {
        let ty = elided(parameter.ty.to_token_stream(), self.signature);
        let read = if name.is_empty() { reader } else { quote!(#reader::<#ty>(#name)) };
        let variable = parameter
            .name()
            .filter(|name| !OF_THE_MACRO.contains(&name.as_str()))
            .filter(|name| syn::parse_str::<Ident>(name).is_ok())
            .unwrap_or_else(|| format!("argument_{position}"));
        let (schema, body) = match place {
            "body" => {
                let (ty, kind) = body_kind(&parameter.ty);
                (ty, Some(kind))
            }
            _ => (option(&parameter.ty).unwrap_or_else(|| parameter.ty.clone()), None),
        };
        let required = !["Option", "Vec"].iter().any(|name| is_named(&parameter.ty, name));
        self.arguments.push(Argument::Read(RequestParameter {
            place,
            name,
            variable: Ident::new(&variable, Span::mixed_site()),
            ty: code(&parameter.ty),
            required,
            schema: elided(schema.to_token_stream(), self.signature),
            body,
            read,
        }));
    }

    /// Refuses placeholders without a parameter.
    fn refuse_missing(&mut self) {
        for route in &self.args.routes {
            let placeholders = route.placeholders();
            for name in placeholders.iter().filter(|name| !self.placeholders.contains(name)) {
                let parameter = if syn::parse_str::<Ident>(name).is_ok() {
                    format!("{name}: String")
                } else {
                    format!("#[path(\"{name}\")] value: String")
                };
                self.errors.refuse(
                    &route.path,
                    format!(
                        "no parameter takes the placeholder `{{{name}}}`\n\
                         hint: add `{parameter}`, or take the whole `Request<'_>`"
                    ),
                );
            }
        }
    }
}

/// Reads the attributes of a parameter.
fn marker<'a>(parameter: &'a Parameter, errors: &mut Errors) -> syn::Result<Option<Marker<'a>>> {
    let mut found: Option<Marker<'a>> = None;
    for attribute in &parameter.attributes {
        let Some(written) = attribute.path().get_ident().map(Ident::to_string) else { continue };
        let Some(place) = MARKERS.into_iter().find(|marker| *marker == written) else {
            if let Some(meant) = misspelled(&written) {
                let message = format!(
                    "unknown attribute `{written}` of a parameter, expected one of `{}`\n\
                     hint: did you mean `#[{meant}]`?",
                    MARKERS.join("`, `")
                );
                return Err(syn::Error::new_spanned(attribute, message));
            }
            continue;
        };
        let mut marker = Marker { attribute, place, name: None, is_all: false };
        let usage = match place {
            "body" | "authorizer" => format!("`#[{place}]`"),
            "query" => "`#[query]`, `#[query(\"name\")]` or `#[query(all)]`".to_owned(),
            _ => format!("`#[{place}]` or `#[{place}(\"name\")]`"),
        };
        match &attribute.meta {
            Meta::Path(_) => {}
            Meta::List(list) if !["body", "authorizer"].contains(&place) => {
                if let Ok(name) = syn::parse2::<LitStr>(list.tokens.clone()) {
                    validate_name(place, &name, errors);
                    marker.name = Some(name);
                } else if place == "query" && list.tokens.to_string() == "all" {
                    marker.is_all = true;
                } else {
                    errors.refuse(&list.tokens, format!("expected {usage}"));
                }
            }
            meta => errors.refuse(meta, format!("expected {usage}")),
        }
        if found.is_some() {
            errors.refuse(attribute, "a parameter comes from one place");
        }
        found = Some(marker);
    }
    Ok(found)
}

/// The marker that an attribute is probably meant to be.
fn misspelled(attribute: &str) -> Option<&'static str> {
    const OF_RUST: [&str; 8] =
        ["cfg", "cfg_attr", "allow", "expect", "warn", "deny", "forbid", "doc"];
    if MARKERS.contains(&attribute) || OF_RUST.contains(&attribute) {
        return None;
    }
    closest(attribute, MARKERS)
}

/// Explains why an authorizer cannot have a parameter from that place.
fn of_no_authorizer(place: &str) -> Option<&'static str> {
    match place {
        "body" => Some("an authorizer gets a request without its body"),
        "path" => Some(
            "an authorizer has no path\n\
             hint: take `request: &Request<'_>`, and call `request.path_parameter(\"name\")`",
        ),
        "authorizer" => Some(
            "`#[authorizer]` is for the handlers behind an authorizer\n\
             hint: mark it `#[header]`, `#[query]` or `#[cookie]`",
        ),
        _ => None,
    }
}

/// Refuses a type that borrows: a context is read in different forms, for different APIs.
fn validate_owned(parameter: &Parameter, errors: &mut Errors) {
    let borrowed = borrowed_text(&option(&parameter.ty).unwrap_or_else(|| parameter.ty.clone()));
    if let Some(borrowed) = borrowed {
        errors.refuse(
            borrowed,
            "what an authorizer has found out cannot be borrowed\nhint: take `String`",
        );
    }
}

fn validate_name(place: &str, name: &LitStr, errors: &mut Errors) {
    let value = name.value();
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if value.is_empty() {
        errors.refuse(name, "the name is empty");
    } else if matches!(place, "header" | "cookie") && !value.chars().all(is_token) {
        errors.refuse(name, format!("a {place} cannot have the name {value:?}"));
    }
}

/// Returns the name of the placeholder that a parameter takes. `_id` takes `{id}`.
fn placeholder(parameter: &Parameter, routes: &[Route]) -> Option<String> {
    let name = parameter.name()?;
    let placeholders: Vec<String> = routes.iter().flat_map(Route::placeholders).collect();
    let known = |name: &str| placeholders.iter().any(|other| other == name);
    if known(&name) {
        return Some(name);
    }
    let plain = name.strip_prefix('_')?;
    known(plain).then(|| plain.to_owned())
}

/// A parameter that one of the paths lacks is optional.
fn validate_presence(name: &str, parameter: &Parameter, routes: &[Route], errors: &mut Errors) {
    let lacking = routes.iter().find(|route| !route.has(name));
    if let Some(route) = lacking
        && !is_named(&parameter.ty, "Option")
    {
        errors.refuse(
            &parameter.ty,
            format!(
                "the path `{}` has no `{{{name}}}`\nhint: take it as `Option<{}>`",
                route.path.value(),
                code(&parameter.ty)
            ),
        );
    }
}

fn refuse_unmarked(parameter: &Parameter, args: &Args, errors: &mut Errors) {
    if args.authorizer.is_some() {
        errors.refuse(
            &parameter.pattern,
            "nothing says where this parameter comes from\n\
             hint: mark it `#[header]`, `#[query]` or `#[cookie]`, or take `request: &Request<'_>`",
        );
        return;
    }
    let Some(name) = parameter.name() else {
        errors.refuse(
            &parameter.ty,
            "nothing says where this parameter comes from\n\
             hint: mark it `#[body]`, or `#[query(\"name\")]`, `#[header(\"name\")]`, `#[cookie(\"name\")]`",
        );
        return;
    };
    errors.refuse(&parameter.pattern, not_in_the_path(&name, args));
}

/// The placeholder that is probably meant by a name.
fn closest_placeholder(name: &str, args: &Args) -> Option<String> {
    let placeholders: Vec<String> = args.routes.iter().flat_map(Route::placeholders).collect();
    closest(name, placeholders.iter().map(String::as_str)).map(str::to_owned)
}

fn not_in_the_path(name: &str, args: &Args) -> String {
    let paths = args.routes.iter().map(|route| format!("`{}`", route.path.value()));
    let paths = paths.collect::<Vec<_>>().join(", ");
    let hint = match closest_placeholder(name, args) {
        Some(meant) => format!("did you mean the placeholder `{{{meant}}}`?"),
        None => "mark it `#[query]`, `#[header]`, `#[cookie]` or `#[body]`".to_owned(),
    };
    format!("`{name}` is not in the path {paths}\nhint: {hint}")
}

/// Explains that no path has the placeholder that an attribute names.
fn no_placeholder(name: &str, args: &Args) -> String {
    let mut placeholders: Vec<String> = Vec::new();
    for placeholder in args.routes.iter().flat_map(Route::placeholders) {
        if !placeholders.contains(&placeholder) {
            placeholders.push(placeholder);
        }
    }
    let hint = match (closest_placeholder(name, args), &placeholders[..]) {
        (Some(meant), _) => format!("did you mean `#[path(\"{meant}\")]`?"),
        (None, []) => format!("add it to the path: `/{{{name}}}`"),
        (None, [only]) => format!("the placeholder is `#[path(\"{only}\")]`"),
        (None, several) => format!("the placeholders are `{{{}}}`", several.join("}`, `{")),
    };
    let paths: Vec<String> =
        args.routes.iter().map(|route| format!("`{}`", route.path.value())).collect();
    let fault = match &paths[..] {
        [path] => format!("the path {path} has no placeholder `{{{name}}}`"),
        paths => format!("none of the paths {} has the placeholder `{{{name}}}`", paths.join(", ")),
    };
    format!("{fault}\nhint: {hint}")
}

/// Checks that the requests have a body, and that it can be borrowed.
fn validate_body(parameter: &Parameter, args: &Args, errors: &mut Errors) {
    let without = args.routes.iter().find(|route| route.method == "get" || route.method == "head");
    if let Some(route) = without
        && !is_named(&parameter.ty, "Option")
    {
        errors.refuse(
            &parameter.ty,
            format!(
                "a `{}` request has no body\n\
                 hint: take the parameter from the query with `#[query]`, or use `post` or `put`",
                route.method()
            ),
        );
    }
    let (inner, kind) = body_kind(&parameter.ty);
    if matches!(kind, BodyKind::Json | BodyKind::WrappedJson | BodyKind::Form)
        && let Some(borrowed) = borrowed_text(&inner)
    {
        errors.refuse(
            borrowed,
            "text with escapes cannot be borrowed from the body\n\
             hint: `Cow<'_, str>` borrows where it can, and `String` owns",
        );
    }
}

/// The first `&str` in a type.
fn borrowed_text(ty: &Type) -> Option<TokenStream> {
    let mut found = None;
    if let Type::Reference(reference) = ungrouped(ty)
        && is_named(&reference.elem, "str")
    {
        return Some(ty.to_token_stream());
    }
    for_each_part(ty, &mut |part| {
        if found.is_none() {
            found = borrowed_text(part);
        }
    });
    found
}

fn for_each_part(ty: &Type, visit: &mut dyn FnMut(&Type)) {
    match ungrouped(ty) {
        Type::Path(path) => {
            for segment in &path.path.segments {
                if let PathArguments::AngleBracketed(arguments) = &segment.arguments {
                    for argument in &arguments.args {
                        if let GenericArgument::Type(ty) = argument {
                            visit(ty);
                        }
                    }
                }
            }
        }
        Type::Tuple(tuple) => tuple.elems.iter().for_each(visit),
        Type::Array(array) => visit(&array.elem),
        Type::Slice(slice) => visit(&slice.elem),
        _ => {}
    }
}

/// The type that is read from a body, without `Option`, `Json` and `Form`.
fn body_kind(ty: &Type) -> (Type, BodyKind) {
    let ty = option(ty).unwrap_or_else(|| ungrouped(ty).clone());
    let is_bytes = |ty: &Type| match ungrouped(ty) {
        Type::Slice(slice) => is_named(&slice.elem, "u8"),
        ty => is_named(ty, "Vec") && argument(ty).is_some_and(|item| is_named(&item, "u8")),
    };
    if shared(&ty).is_some_and(is_bytes) || is_bytes(&ty) {
        (ty, BodyKind::Bytes)
    } else if shared(&ty).is_some_and(is_text) || is_text(&ty) || is_named(&ty, "Cow") {
        (ty, BodyKind::Text)
    } else if is_named(&ty, "Form") {
        (argument(&ty).unwrap_or(ty), BodyKind::Form)
    } else if is_named(&ty, "Json") && argument(&ty).is_some() {
        (argument(&ty).unwrap_or(ty), BodyKind::WrappedJson)
    } else {
        (ty, BodyKind::Json)
    }
}

/// Writes the call that reads a body.
fn body_reader(ty: &Type, args: &Args, signature: &Signature) -> TokenStream {
    let (inner, kind) = body_kind(ty);
    let inner = elided(inner.to_token_stream(), signature);
    let json = match &args.json {
        Some(json) => quote!(json_with::<#json, #inner>()),
        None => quote!(json::<#inner>()),
    };
    let library = args.library();
    let read = match kind {
        BodyKind::Json => json,
        BodyKind::WrappedJson => quote!(#json.map(#library::http::Json)),
        BodyKind::Form => quote!(form::<#inner>()),
        BodyKind::Text => quote!(text::<#inner>()),
        BodyKind::Bytes => quote!(bytes::<#inner>()),
    };
    if option(ty).is_some() { quote!(optional(|body| body.#read)) } else { read }
}

/// The type within `Option<T>`.
fn option(ty: &Type) -> Option<Type> {
    is_named(ty, "Option").then(|| argument(ty)).flatten()
}

/// The first type argument.
pub(crate) fn argument(ty: &Type) -> Option<Type> {
    let Type::Path(path) = ungrouped(ty) else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    })
}

/// The types within `Json<T>` in the output: they are written through the JSON context.
pub(crate) fn written(output: &Type) -> Vec<Type> {
    if is_named(output, "Json")
        && let Some(written) = argument(output)
    {
        return vec![written];
    }
    let mut types = Vec::new();
    for_each_part(output, &mut |part| types.extend(written(part)));
    types
}

fn is_text(ty: &Type) -> bool {
    is_named(ty, "str") || is_named(ty, "String")
}

/// Checks a path as API Gateway does ("Create routes for HTTP APIs in API Gateway" in AWS's documentation).
fn validate_path(Route { path, .. }: &Route, errors: &mut Errors) {
    let value = path.value();
    let mut refuse = |message: String| errors.refuse(path, message);
    if value == "$default" {
        refuse(
            "`$default` is not a path\nhint: `any = \"/{path+}\"` takes every path below `/`"
                .into(),
        );
        return;
    }
    let Some(segments) = value.strip_prefix('/') else {
        refuse(format!("a path begins with a slash\nhint: `\"/{value}\"`"));
        return;
    };
    if segments.is_empty() {
        return;
    }
    let segments: Vec<&str> = segments.split('/').collect();
    let mut names: Vec<&str> = Vec::new();
    for (number, segment) in (1..).zip(&segments) {
        let is_last = number == segments.len();
        if segment.is_empty() {
            let place = if is_last { "ends with a slash" } else { "has two slashes in a row" };
            refuse(format!("the path {place}"));
        } else if let Some(name) = segment.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
            let (name, is_greedy) =
                name.strip_suffix('+').map_or((name, false), |name| (name, true));
            let is_valid = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
            if name.is_empty() || !name.chars().all(is_valid) {
                refuse(format!(
                    "`{segment}` is not a placeholder: a name has letters, digits, `-`, `.` and `_`"
                ));
            }
            if is_greedy && !is_last {
                refuse(format!("`{segment}` takes the rest of the path, so nothing can follow it"));
            }
            if names.contains(&name) {
                refuse(format!("the placeholder `{{{name}}}` is in the path twice"));
            }
            names.push(name);
        } else if let Some(name) = segment.strip_prefix(':') {
            refuse(format!("a placeholder is written in braces\nhint: `{{{name}}}`"));
        } else if let Some(name) = segment.strip_prefix('<').and_then(|it| it.strip_suffix('>')) {
            refuse(format!("a placeholder is written in braces\nhint: `{{{name}}}`"));
        } else if let Some(name) = segment.strip_prefix('*') {
            let name = if name.is_empty() { "path" } else { name };
            refuse(format!(
                "a placeholder for the rest of the path is written in braces\nhint: `{{{name}+}}`"
            ));
        } else if segment.contains(['{', '}']) {
            refuse(format!("a placeholder is a whole part of the path, and `{segment}` is more"));
        } else if segment.contains('?') {
            refuse("a path has no query\nhint: take its values with `#[query]`".into());
        } else if !segment
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@".contains(c))
        {
            refuse(format!("`{segment}` has characters that cannot stand in a path"));
        }
    }
}

/// Refuses routes that match the same requests.
fn validate_distinct(routes: &[Route], errors: &mut Errors) {
    let pattern = |route: &Route| {
        let path = route.path.value();
        let segments = path.split('/').map(|segment| match segment.strip_prefix('{') {
            Some(name) if name.ends_with("+}") => "{+}",
            Some(_) => "{}",
            None => segment,
        });
        (route.method(), segments.collect::<Vec<_>>().join("/"))
    };
    for (position, route) in routes.iter().enumerate() {
        if routes.iter().take(position).any(|other| pattern(other) == pattern(route)) {
            errors.refuse(&route.path, "the handler has this route twice");
        }
    }
}
