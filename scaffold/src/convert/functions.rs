//! The functions that take an event: their parameters, and the calls of them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use syn::spanned::Spanned;
use syn::{
    FnArg, GenericArgument, GenericParam, Item, ItemFn, Pat, PatType, PathArguments, ReturnType,
    Type, Visibility,
};

use super::code::{Code, Edit};
use super::context;
use super::diagnostic::last_arguments;
use super::entry::Library;
use super::event::{self, Body};
use super::http;
use super::imports::Imports;
use super::problem::Problems;

/// A function at the root of a file that takes an event.
pub(super) struct EventFunction<'a> {
    pub(super) function: &'a ItemFn,
    parameter: &'a PatType,
    /// The index of the parameter.
    pub(super) index: usize,
    pub(super) takes_context: bool,
}

/// All of them, by their names.
pub(super) type EventFunctions<'a> = BTreeMap<String, EventFunction<'a>>;

/// The result of the edits of functions.
#[derive(Default)]
pub(super) struct Edited {
    pub(super) edits: Vec<Edit>,
    /// The `use` items that the new code needs.
    pub(super) imports: BTreeSet<String>,
}

/// Returns the `T` of a function that returns `Result<T, E>`.
pub(super) fn result_type<'a>(event_function: &EventFunction<'a>) -> Option<&'a Type> {
    result_arguments(event_function).first().copied()
}

/// Returns the `E` of a function that returns `Result<T, E>`.
pub(super) fn error_type<'a>(event_function: &EventFunction<'a>) -> Option<&'a Type> {
    result_arguments(event_function).get(1).copied()
}

fn result_arguments<'a>(event_function: &EventFunction<'a>) -> Vec<&'a Type> {
    match &event_function.function.sig.output {
        ReturnType::Type(_, output) => match &**output {
            Type::Path(output)
                if output.path.segments.last().is_some_and(|it| it.ident == "Result") =>
            {
                last_arguments(&output.path)
            }
            _ => Vec::new(),
        },
        ReturnType::Default => Vec::new(),
    }
}

impl EventFunction<'_> {
    /// Returns the name of the event's parameter; `None` if it is a pattern.
    pub(super) fn name(&self) -> Option<String> {
        match &*self.parameter.pat {
            Pat::Ident(name) => Some(name.ident.to_string()),
            Pat::Wild(_) => Some("_".to_owned()),
            _ => None,
        }
    }

    pub(super) fn is_mutable(&self) -> bool {
        matches!(&*self.parameter.pat, Pat::Ident(name) if name.mutability.is_some())
    }

    pub(super) fn parameter_range(&self, code: &Code) -> Range<usize> {
        code.source.range(self.parameter.span())
    }

    /// Returns its result type as it is written.
    pub(super) fn output(&self, code: &Code) -> String {
        match &self.function.sig.output {
            ReturnType::Default => String::new(),
            ReturnType::Type(_, ty) => code.text(code.source.range(ty.span())).to_owned(),
        }
    }

    /// Returns the type of the event as it is written.
    pub(super) fn event(&self, code: &Code) -> String {
        event_type(code, &self.parameter.ty).unwrap_or_default()
    }

    /// Returns the type within `&T` of another parameter, unless it depends on a generic parameter.
    pub(super) fn shared_type(&self, code: &Code, index: usize) -> Option<String> {
        let FnArg::Typed(parameter) = self.function.sig.inputs.iter().nth(index)? else {
            return None;
        };
        let Type::Reference(reference) = &*parameter.ty else { return None };
        self.concrete(code, &reference.elem).filter(|_| reference.mutability.is_none())
    }

    /// Returns the type of another parameter, unless it depends on a generic parameter.
    pub(super) fn owned_type(&self, code: &Code, index: usize) -> Option<String> {
        let FnArg::Typed(parameter) = self.function.sig.inputs.iter().nth(index)? else {
            return None;
        };
        self.concrete(code, &parameter.ty).filter(|_| !matches!(*parameter.ty, Type::Reference(_)))
    }

    fn concrete(&self, code: &Code, ty: &Type) -> Option<String> {
        let range = code.source.range(ty.span());
        let generics: Vec<String> = self
            .function
            .sig
            .generics
            .params
            .iter()
            .filter_map(|parameter| match parameter {
                GenericParam::Type(ty) => Some(ty.ident.to_string()),
                _ => None,
            })
            .collect();
        let names: Vec<&str> = generics.iter().map(String::as_str).chain(["impl", "dyn"]).collect();
        code.find(&range, &names).is_none().then(|| code.text(range).to_owned())
    }

    pub(super) fn is_generic(&self) -> bool {
        let generics = &self.function.sig.generics;
        let is_type = |it: &GenericParam| !matches!(it, GenericParam::Lifetime(_));
        generics.params.iter().any(is_type) || generics.where_clause.is_some()
    }
}

/// Finds the functions that take an event of the library.
pub(super) fn event_functions<'a>(
    code: &'a Code,
    imports: &Imports,
    library: Library,
) -> EventFunctions<'a> {
    let mut event_functions = EventFunctions::new();
    for item in &code.source.file().items {
        let Item::Fn(function) = item else { continue };
        for (index, input) in function.sig.inputs.iter().enumerate() {
            let FnArg::Typed(parameter) = input else { continue };
            if is_event(imports, &parameter.ty, library) {
                let event_function =
                    EventFunction { function, parameter, index, takes_context: false };
                event_functions.insert(function.sig.ident.to_string(), event_function);
            }
        }
    }
    // A function that passes the event on passes the context too.
    for _ in 0..event_functions.len() {
        let taking: Vec<String> = event_functions
            .values()
            .filter(|event_function| !event_function.takes_context)
            .filter(|event_function| {
                body(code, event_function, &event_functions, library, &mut Problems::default())
                    .context
                    .is_some()
            })
            .map(|event_function| event_function.function.sig.ident.to_string())
            .collect();
        if taking.is_empty() {
            break;
        }
        for name in taking {
            if let Some(event_function) = event_functions.get_mut(&name) {
                event_function.takes_context = true;
            }
        }
    }
    event_functions
}

/// Tells whether a type is `LambdaEvent<T>`, or `lambda_http::Request`.
pub(super) fn is_event(imports: &Imports, ty: &Type, library: Library) -> bool {
    let Type::Path(path) = ty else { return false };
    let name = imports.resolve(&path.path);
    let name: Vec<&str> = name.iter().map(String::as_str).collect();
    match library {
        Library::Events => {
            name.last() == Some(&"LambdaEvent") && name.first() == Some(&"lambda_runtime")
        }
        Library::Http => name == ["lambda_http", "Request"],
    }
}

/// Returns the type of the event: `T` of `LambdaEvent<T>`.
pub(super) fn event_type(code: &Code, ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    if last.ident == "Request" {
        return Some("Request<'_>".to_owned());
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(ty) => Some(code.text(code.source.range(ty.span())).to_owned()),
        _ => None,
    }
}

fn body(
    code: &Code,
    event_function: &EventFunction<'_>,
    event_functions: &EventFunctions<'_>,
    library: Library,
    problems: &mut Problems,
) -> Body {
    let block = &event_function.function.block;
    let range = code.source.range(block.span());
    match &*event_function.parameter.pat {
        Pat::Struct(pattern) => match event::names_of_fields(pattern) {
            Some((event, name)) => {
                let mut edits = Vec::new();
                let is_used = context::edit_context(code, &range, &name, &mut edits, problems);
                Body { edits, event, context: is_used.then_some(name) }
            }
            None => {
                let position = code.source.range(pattern.span()).start;
                let message = "this pattern of the event is not converted";
                problems.add(code, position, message, "write `LambdaEvent { payload, context }`");
                Body { edits: Vec::new(), event: "_".to_owned(), context: None }
            }
        },
        Pat::Ident(name) => split(
            code,
            &range,
            &block.stmts,
            &name.ident.to_string(),
            event_functions,
            library,
            problems,
        ),
        _ => Body { edits: Vec::new(), event: "_".to_owned(), context: None },
    }
}

/// Edits a body that has an event.
pub(super) fn split(
    code: &Code,
    range: &Range<usize>,
    statements: &[syn::Stmt],
    name: &str,
    event_functions: &EventFunctions<'_>,
    library: Library,
    problems: &mut Problems,
) -> Body {
    match library {
        Library::Events => event::split(code, range, statements, name, event_functions, problems),
        Library::Http => http::split(code, range, name, event_functions, problems),
    }
}

/// Edits all functions that take an event. `main` is the one that becomes the handler, with the arguments of
/// `#[lambda_handler]`.
pub(super) fn edit(
    code: &Code,
    event_functions: &EventFunctions<'_>,
    library: Library,
    main: Option<(&str, String)>,
    context_type: &str,
    problems: &mut Problems,
) -> Edited {
    let mut edited = Edited::default();
    for (name, event_function) in event_functions {
        let body = body(code, event_function, event_functions, library, problems);
        let parameter = code.source.range(event_function.parameter.span());
        let event = event_function.event(code);
        if event.is_empty() {
            let message = "`LambdaEvent` does not name the type of the event";
            problems.add(code, parameter.start, message, "write `LambdaEvent<T>`");
        }
        let pattern = match &*event_function.parameter.pat {
            Pat::Ident(pattern) => {
                let mutability = if pattern.mutability.is_some() { "mut " } else { "" };
                format!("{mutability}{}", body.event)
            }
            _ => body.event.clone(),
        };
        let mut new = format!("{pattern}: {event}");
        if let Some(context) = &body.context {
            let line = code.source.line_start(parameter.start);
            let before = code.text(line..parameter.start);
            // A parameter with its own line is followed by another line.
            let separator =
                if before.trim().is_empty() { format!(",\n{before}") } else { ", ".to_owned() };
            new.extend([&*separator, context, ": &", context_type]);
            if context_type == "Context" {
                edited.imports.insert("lambda_native::Context".to_owned());
            }
        }
        edited.edits.push((parameter, new));
        edited.edits.extend(body.edits);
        if let Some((main, arguments)) = &main
            && main == name
        {
            let function = event_function.function;
            let start = match &function.vis {
                Visibility::Inherited => code.source.range(function.sig.span()).start,
                visibility => code.source.range(visibility.span()).start,
            };
            edited.edits.push((start..start, format!("#[lambda_handler{arguments}]\n")));
            edited.imports.insert("lambda_native::lambda_handler".to_owned());
        }
        if library == Library::Http {
            http::check_output(code, event_function, problems);
        }
    }
    edited
}
