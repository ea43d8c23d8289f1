//! A function or a closure that becomes the handler, and `main`, which becomes its `init`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use syn::spanned::Spanned;
use syn::{Item, Path};

use super::closure::{self, HandlerFn, Surroundings};
use super::code::Code;
use super::entry::{Entry, Handler, Library};
use super::equivalents::{Needs, Part};
use super::function::{Changes, ModuleHandler};
use super::functions::{
    self, EventFunction, EventFunctions, error_type, event_functions, result_type,
};
use super::imports::Imports;
use super::problem::Problems;
use super::state::{self, State};
use super::{callers, diagnostic, extensions, streaming};

/// The file with `main`.
pub(super) struct MainFile<'a> {
    pub(super) code: &'a Code,
    pub(super) entry: &'a Entry<'a>,
    pub(super) imports: &'a Imports,
    /// The package starts tasks.
    pub(super) spawns: bool,
}

/// The arguments of `#[lambda_handler]`, or those of `main!` if the handler stands in a module.
struct Arguments<'a> {
    library: Library,
    is_stream: bool,
    init: Option<&'a str>,
    flavor: Option<&'a str>,
}

impl Arguments<'_> {
    /// Writes all arguments, in parentheses if there are any.
    fn of_handler(&self) -> String {
        in_parentheses(&[self.http(), self.stream(), self.init, self.flavor])
    }

    /// Writes those of a handler in a module. Its name is the usual setting `Handler` of such functions.
    fn of_named_handler(&self) -> String {
        in_parentheses(&[Some("named = \"bootstrap\""), self.http(), self.stream(), self.flavor])
    }

    fn http(&self) -> Option<&'static str> {
        (self.library == Library::Http).then_some("http")
    }

    fn stream(&self) -> Option<&'static str> {
        self.is_stream.then_some("stream")
    }
}

fn in_parentheses(arguments: &[Option<&str>]) -> String {
    let arguments: Vec<&str> = arguments.iter().flatten().copied().collect();
    if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) }
}

/// A handler that was found or written.
#[derive(Default)]
struct Found {
    /// The function of this file that becomes the handler.
    name: Option<String>,
    /// New code behind `main`.
    new: Option<String>,
    state: State,
    captured: Vec<String>,
    imports: BTreeSet<String>,
    /// A line about it, for the user.
    line: String,
}

/// Makes a function the handler, and `main` its `init`.
pub(super) fn convert(
    main: &MainFile<'_>,
    elsewhere: &mut Option<ModuleHandler>,
    needs: &mut Needs,
    problems: &mut Problems,
) -> Option<Changes> {
    let MainFile { code, entry, imports, spawns } = *main;
    let event_functions = event_functions(code, imports, entry.library);
    let variables = state::variables(code, entry);
    let flavor = flavor(code, entry, spawns);
    if flavor.is_some() {
        needs.features.insert("multi-thread");
    }
    let has_init = !entry.setup.is_empty() || !entry.logging.is_empty();
    let init = format!("init = {}", state::init_name(code));
    let mut arguments = Arguments {
        library: entry.library,
        is_stream: false,
        init: has_init.then_some(init.as_str()),
        flavor: flavor.as_deref(),
    };
    let found = match &entry.handler {
        Handler::Function(path) => {
            function(main, path, &event_functions, &mut arguments, elsewhere, problems)?
        }
        Handler::Closure(closure) => {
            let surroundings = Surroundings {
                code,
                imports,
                event_functions: &event_functions,
                library: entry.library,
                variables: &variables,
                context_type: imports.context_type(),
            };
            let text = arguments.of_handler();
            let converted = closure::convert(&surroundings, closure, &text, problems)?;
            if !diagnostic::converted_types(code, imports).is_empty() {
                let position = code.source.range(closure.span()).start;
                let message = "a closure is the handler, and an `impl` makes a `Diagnostic`";
                let hint =
                    "write a function that returns `Result<_, Diagnostic>`, and name it here";
                problems.add(code, position, message, hint);
            }
            let line = format!("a closure, run by `{}`", library(entry));
            let (name, new) = match converted.handler {
                HandlerFn::Existing(name) => (Some(name), None),
                HandlerFn::New(text) => (None, Some(text)),
            };
            let closure::Converted { state, captured, imports, .. } = converted;
            Found { name, new, state, captured, imports, line }
        }
        Handler::Service => return None,
    };
    let Found { name, new, state, captured, imports: mut added, line } = found;
    let event_function = name.as_ref().and_then(|name| event_functions.get(name));
    if event_function.is_some_and(EventFunction::is_generic) {
        let position = event_function.map_or(0, |it| it.parameter_range(code).start);
        let message = "the handler is generic";
        problems.add(code, position, message, "write a handler that calls it with its types");
    }
    let mut edits = Vec::new();
    if arguments.is_stream
        && let Some(event_function) = event_function
    {
        needs.part = Part::Channel;
        needs.crates.insert("bytes");
        needs.tokio.insert("sync");
        edits.extend(streaming::edit(code, imports, event_function, problems));
    }
    let marked = name.as_deref().map(|name| (name, arguments.of_handler()));
    let context_type = imports.context_type();
    let edited =
        functions::edit(code, &event_functions, entry.library, marked, context_type, problems);
    edits.extend(edited.edits);
    added.extend(edited.imports);
    edits.extend(callers::edit(code, &event_functions, problems));
    if imports.is_ours("Request") {
        extensions::edit_requests(code, &mut edits, problems);
    }
    let variables = (variables.as_slice(), captured.as_slice());
    state::edit(code, entry, &state, variables, new.as_deref(), &mut edits, problems);
    for range in &entry.logging {
        edits.push((range.clone(), "lambda_native::logging::init();".to_owned()));
        needs.features.insert("tracing");
    }
    Some((edits, added, line))
}

fn library(entry: &Entry<'_>) -> &'static str {
    match entry.library {
        Library::Events => "lambda_runtime",
        Library::Http => "lambda_http",
    }
}

/// Finds the function that `main` names: in this file or in a module.
fn function(
    main: &MainFile<'_>,
    path: &Path,
    event_functions: &EventFunctions<'_>,
    arguments: &mut Arguments<'_>,
    elsewhere: &mut Option<ModuleHandler>,
    problems: &mut Problems,
) -> Option<Found> {
    let MainFile { code, entry, imports, .. } = *main;
    let position = code.source.range(path.span()).start;
    let name = path.get_ident().map(ToString::to_string);
    if let Some(name) = name.filter(|name| event_functions.contains_key(name)) {
        let event_function = event_functions.get(&name)?;
        let line = format!("the function `{name}`, run by `{}`", library(entry));
        if entry.library == Library::Events && streaming::is_streaming(imports, event_function) {
            arguments.is_stream = true;
        }
        let imports_of_wrapper = BTreeSet::from(["lambda_native::lambda_handler".to_owned()]);
        return Some(match wrapper(main, &name, event_function, arguments, problems) {
            Some(new) => {
                Found { new: Some(new), imports: imports_of_wrapper, line, ..Found::default() }
            }
            None => Found { name: Some(name), line, ..Found::default() },
        });
    }
    let Some((file, name)) = in_module(code, imports, path) else {
        let message = "the handler is not a function of this file or of a module with its own file";
        let hint = "move it into this file: `main` stands where the handler does";
        problems.add(code, position, message, hint);
        return None;
    };
    if !diagnostic::converted_types(code, imports).is_empty() {
        let message = "the handler is in a module, and an `impl` of this file makes a `Diagnostic`";
        let hint = "move the handler into this file";
        problems.add(code, position, message, hint);
    }
    let line = format!("the function `{name}` of a module, run by `{}`", library(entry));
    let handler = code.text(code.source.range(path.span()));
    let new = match arguments.init {
        Some(init) => format!("lambda_native::main!({handler}, {init});\n"),
        None => format!("lambda_native::main!({handler});\n"),
    };
    let arguments = arguments.of_named_handler();
    *elsewhere = Some(ModuleHandler { file, name, library: entry.library, arguments });
    Some(Found { new: Some(new), line, ..Found::default() })
}

/// Returns the file of the module with a function, and the name of the function.
fn in_module(code: &Code, imports: &Imports, path: &Path) -> Option<(PathBuf, String)> {
    let segments = imports.resolve(path);
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let segments = match segments.as_slice() {
        ["crate" | "self", rest @ ..] => rest,
        segments => segments,
    };
    let (function, modules) = segments.split_last()?;
    let [first, inner @ ..] = modules else { return None };
    let is_declared = code.source.file().items.iter().any(|item| {
        matches!(item, Item::Mod(module) if module.ident == first && module.content.is_none() && module.attrs.is_empty())
    });
    let mut folder = code.path.parent().filter(|_| is_declared)?.join(first);
    folder.extend(inner);
    let file = folder.with_extension("rs");
    let file = if file.is_file() { file } else { folder.join("mod.rs") };
    file.is_file().then(|| (file, (*function).to_owned()))
}

/// Writes a handler that calls the function and makes a `Diagnostic` of its error, if an `impl` of the file does so.
fn wrapper(
    main: &MainFile<'_>,
    name: &str,
    event_function: &EventFunction<'_>,
    arguments: &Arguments<'_>,
    problems: &mut Problems,
) -> Option<String> {
    let MainFile { code, imports, .. } = *main;
    let text = |ty: &syn::Type| code.text(code.source.range(ty.span())).to_owned();
    let types = diagnostic::converted_types(code, imports);
    let error = error_type(event_function).map(text);
    if types.is_empty() || error.as_ref().is_some_and(|error| error == "Diagnostic") {
        return None;
    }
    if error.is_none() {
        let message = "the error type of the handler is not known";
        let position = event_function.parameter_range(code).start;
        problems.add(code, position, message, "write `Result<T, E>`");
    }
    let value = result_type(event_function).map(text)?;
    error.filter(|error| types.contains(error))?;
    let context = if event_function.takes_context {
        (", context: &lambda_native::Context", ", context")
    } else {
        ("", "")
    };
    let handler = state::free_item(code, &["handler", "handle_event", "handle_invocation"]);
    Some(format!(
        "#[lambda_handler{}]\nasync fn {handler}(event: {}{}) -> Result<{value}, Diagnostic> {{\n    \
         {name}(event{}).await.map_err(Into::into)\n}}\n",
        arguments.of_handler(),
        event_function.event(code),
        context.0,
        context.1,
    ))
}

/// Returns the arguments for a runtime of several threads. `#[tokio::main]` makes one by default, but only code that
/// starts tasks can tell.
fn flavor(code: &Code, entry: &Entry<'_>, spawns: bool) -> Option<String> {
    let ranges = entry.main.attrs.iter().filter(|it| !it.path().is_ident("doc"));
    let text: String = ranges.map(|it| code.text(code.source.range(it.span()))).collect();
    let is_asked = text.contains("multi_thread") || text.contains("worker_threads");
    if text.contains("current_thread") || !(is_asked || spawns) {
        return None;
    }
    let threads = text.split("worker_threads").nth(1).map(|rest| {
        let digits = rest.chars().skip_while(|it| !it.is_ascii_digit());
        digits.take_while(char::is_ascii_digit).collect::<String>()
    });
    let threads = threads.map(|count| format!(", worker_threads = {count}")).unwrap_or_default();
    Some(format!("flavor = \"multi_thread\"{threads}"))
}
