//! `scaffold add`: adds a handler to a project, with its event, its test and its part of the template.
//!
//! [`program`] reads the handlers out of the source files, [`code`] writes the new one, and [`source`] puts it in its
//! place. The template is edited by [`sync`](crate::sync), as by `scaffold sync`. Nothing is written here: an [`AdditionPlan`] has
//! all files with their new texts.

mod code;
mod event;
mod format;
mod imports;
mod manifest;
mod program;
mod route;
mod source;

use std::path::{Path, PathBuf};
use std::str::FromStr;

use heck::{ToKebabCase, ToSnakeCase, ToUpperCamelCase};

use self::code::HandlerCode;
use self::imports::ModuleImports;
use self::manifest::PackageManifest;
use self::program::{ProgramHandler, ProgramSource, SourceFile};
pub(crate) use self::route::NewRoute;
use self::source::{HandlerFile, HandlerList};
use crate::build::cargo::Binary;
use crate::files::{self, FileChange};
use crate::local::application::{LocalApplication, functions_of};
use crate::sam::{ApiKind, Application, PayloadFormat, TemplateFunction, read_template};
use crate::sync::{
    Added, Addition, AdditionFunction, EventKind, NewQueue, Remark, Route, Source, Trigger, add,
};
use crate::term::error::{Error, Result};
use crate::term::quote;

/// A handler to add.
#[derive(Debug)]
pub(crate) struct NewHandler {
    pub(crate) kind: HandlerKind,
    /// Its name, if the user gave one.
    pub(crate) name: Option<String>,
    pub(crate) binary: BinaryFilter,
    /// The kind of API that SAM may add if the template has none.
    pub(crate) new_api: Option<EventKind>,
}

#[derive(Debug)]
pub(crate) enum HandlerKind {
    Route(NewRoute),
    Function,
    Queue(QueueName),
}

/// The name of a queue in the template.
#[derive(Clone, Debug)]
pub(crate) struct QueueName(String);

impl FromStr for QueueName {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let is_valid = text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric());
        if is_valid {
            return Ok(Self(text.to_owned()));
        }
        let meant: String =
            text.to_upper_camel_case().chars().filter(char::is_ascii_alphanumeric).collect();
        let hint = if meant.starts_with(|c: char| c.is_ascii_alphabetic()) {
            format!(", such as `{meant}`")
        } else {
            String::new()
        };
        Err(format!("expected letters and digits{hint}"))
    }
}

/// The binary that gets the handler, in a project with several.
#[derive(Debug)]
pub(crate) struct BinaryFilter {
    pub(crate) bin: Option<String>,
    pub(crate) package: Option<String>,
}

/// The changes of a project, none of which has been made.
#[derive(Debug)]
pub(crate) struct AdditionPlan {
    pub(crate) changes: Vec<FileChange>,
    /// The function of the template that runs it.
    pub(crate) function: String,
    pub(crate) event: PathBuf,
    pub(crate) remarks: Vec<Remark>,
    /// The template has no API for the route; the plan is not complete.
    pub(crate) is_without_api: bool,
}

/// A function of the template that runs the program.
type ProgramFunction<'a> = (&'a TemplateFunction, &'a Binary);

/// Plans the changes of a project.
pub(crate) fn plan(new: &NewHandler, application: &LocalApplication) -> Result<AdditionPlan> {
    let functions = functions(application, &new.binary)?;
    let Some((first, binary)) = functions.first().copied() else {
        return Err(Error::new("no function of the template is built from this project"));
    };
    let program = ProgramSource::read(binary.source())?;
    let list = HandlerList::find(&program)?;
    if let HandlerKind::Route(route) = &new.kind {
        check_route(route, &program, application, &functions)?;
    }
    let name = name(new)?;
    let manifest_text = files::read_text_if_there(binary.manifest_path())?.unwrap_or_default();
    let cannot_edit_manifest = |why: String| {
        let manifest = quote::relative(binary.manifest_path());
        Error::new(format!("cannot edit `{manifest}`: {why}"))
            .hint("add the dependency `lambda-native` to the package")
    };
    let mut manifest = PackageManifest::parse(&manifest_text).map_err(cannot_edit_manifest)?;
    let has_openapi = manifest.has_openapi();
    manifest.prepare(&new.kind).map_err(cannot_edit_manifest)?;

    let target = target(&new.kind, &name, &program)?;
    check_name(&new.kind, &name, &program, &target)?;
    check_settings(&new.kind, &name, &functions, &program)?;
    let event = binary.folder().join("events").join(format!("{}.json", name.to_kebab_case()));
    if event.exists() {
        return Err(exists(&new.kind, &format!("the event `{}`", quote::relative(&event))));
    }
    let is_shared = !target.module(&program).is_empty();
    let mut code = HandlerCode::new(&new.kind, &name, is_shared, has_openapi);
    let mut changes = source::edit(&program, &list, &target, &mut code, &event)?;
    let tests = target.tests_elsewhere(&program);
    for change in &mut changes {
        format::format(change, binary.edition());
    }
    if manifest.text() != manifest_text {
        let path = binary.manifest_path().to_owned();
        changes.push(FileChange::edit(path, manifest_text, manifest.text()));
    }

    let path = application.template.files().first().cloned().unwrap_or_default();
    let template = read_template(&path)?;
    let setting = handler_setting(&name, &target.module(&program), &functions);
    let named = match &list {
        HandlerList::Only(only) if only.routes.is_empty() => unnamed(&functions, &program),
        _ => Vec::new(),
    };
    let only = program.handlers.first().map(|it| it.name.as_str()).unwrap_or_default();
    let queue = QueueNames::of(&new.kind);
    let addition = Addition {
        handler: &name,
        trigger: trigger(&new.kind),
        function: function_of(&new.kind, &program, &functions, first, &setting)?,
        named: (named, only),
        queue: queue.as_ref().map(QueueNames::borrow),
    };
    let Added { text, function, mut remarks, is_without_api } =
        add(&template, &path, &addition, new.new_api)?;
    remarks.extend(tests.map(|file| Remark {
        message: format!("no test was written, because the tests of `{file}` are in another file"),
        hint: format!("add one for `{name}`, with the event `{}`", quote::relative(&event)),
    }));
    let edited = Application::parse(&text, &path)?;
    check_binary(&edited, binary, &function, &functions)?;
    let api = api_of(&edited, &function, &new.kind);
    if text != template {
        changes.push(FileChange::edit(path, template, text));
    }
    let contents = event::event(&new.kind, api);
    let contents = contents.ok_or_else(|| Error::new("cannot write an event for this route"))?;
    changes.push(FileChange::new(event.clone(), contents));
    Ok(AdditionPlan { changes, function, event, remarks, is_without_api })
}

/// Returns the functions of the template that run the program.
fn functions<'a>(
    application: &'a LocalApplication,
    filter: &BinaryFilter,
) -> Result<Vec<ProgramFunction<'a>>> {
    let BinaryFilter { bin, package } = filter;
    let is_chosen = |(_, binary): &ProgramFunction<'_>| {
        bin.as_ref().is_none_or(|bin| binary.name == *bin)
            && package.as_ref().is_none_or(|package| binary.package == *package)
    };
    let functions = application.functions().filter(|(function, _)| !function.name.contains('/'));
    let functions: Vec<_> = functions.filter(is_chosen).collect();
    let mut binaries: Vec<&Binary> = Vec::new();
    for (_, binary) in &functions {
        if !binaries.contains(binary) {
            binaries.push(binary);
        }
    }
    let names = binaries.iter().map(|it| format!("`{}` of `{}`", it.name, it.package));
    let names = quote::list(&names.collect::<Vec<_>>(), "and");
    match binaries.as_slice() {
        [_] => Ok(functions),
        [] => Err(Error::new("no function of `template.yaml` runs this binary")
            .hint("leave out `--bin` and `--package`, or add a function for it to the template")),
        [first, second, ..] => {
            let flag = if first.package == second.package {
                format!("--bin {}", first.name)
            } else {
                format!("--package {}", first.package)
            };
            Err(Error::new(format!("the project has several programs: {names}"))
                .hint(format!("choose one, such as `{flag}`")))
        }
    }
}

/// Returns the name of the handler, which can be that of a function.
fn name(new: &NewHandler) -> Result<String> {
    let (name, is_given) = match (&new.name, &new.kind) {
        (Some(name), _) => (name.clone(), true),
        (None, HandlerKind::Route(route)) => (route.handler(), false),
        (None, HandlerKind::Queue(QueueName(queue))) => (queue.to_snake_case(), false),
        (None, HandlerKind::Function) => (String::new(), true),
    };
    let is_identifier = syn::parse_str::<syn::Ident>(&name).is_ok_and(|it| it != "_");
    let is_snake_case = name.is_ascii() && name.to_snake_case() == name;
    if is_identifier && is_snake_case && name != "main" {
        return Ok(name);
    }
    let hint = match name.to_snake_case() {
        _ if !is_given => "pass a name with `--name`".to_owned(),
        meant if !is_snake_case && syn::parse_str::<syn::Ident>(&meant).is_ok() => {
            format!("write `{meant}`")
        }
        _ => "use a name such as `send_email`".to_owned(),
    };
    Err(Error::new(format!(
        "`{name}` cannot be the name of a handler: it must be that of a function"
    ))
    .hint(hint))
}

/// Refuses the name of another handler, or of something else in the same file.
fn check_name(
    kind: &HandlerKind,
    name: &str,
    program: &ProgramSource,
    target: &HandlerFile,
) -> Result<()> {
    if program.handlers.iter().any(|it| it.name == name || it.function == name) {
        return Err(exists(kind, &format!("the handler `{name}`")));
    }
    let HandlerFile::File(index) = target else { return Ok(()) };
    let file = program.files.get(*index);
    let has_name = |file: &SourceFile| {
        ModuleImports::of(&file.source.file().items, None).names().contains_key(name)
    };
    match file.filter(|file| has_name(file)) {
        Some(file) => {
            let file = quote::relative(&file.path);
            Err(exists(kind, &format!("the name `{name}` in `{file}`")))
        }
        None => Ok(()),
    }
}

/// Refuses a name that the `Handler` of a function has by chance: the function would no longer serve its routes.
fn check_settings(
    kind: &HandlerKind,
    name: &str,
    functions: &[ProgramFunction<'_>],
    program: &ProgramSource,
) -> Result<()> {
    let unnamed = unnamed(functions, program);
    let has_name = |function: &TemplateFunction| {
        let setting = function.handler.as_deref().unwrap_or_default();
        setting.rsplit('.').next() == Some(name) && unnamed.contains(&function.name.as_str())
    };
    let chance = functions.iter().find(|(function, _)| has_name(function));
    let Some((function, _)) = chance else { return Ok(()) };
    let message =
        format!("`Handler` of `{}` is `{name}`, so it would run this handler", function.name);
    Err(Error::new(message).hint(another_name(kind)))
}

fn exists(kind: &HandlerKind, what: &str) -> Error {
    Error::new(format!("{what} exists already")).hint(another_name(kind))
}

fn another_name(kind: &HandlerKind) -> &'static str {
    match kind {
        HandlerKind::Function => "choose another name",
        _ => "choose another name with `--name`",
    }
}

/// Refuses a route that the program or another function of the template has.
fn check_route(
    route: &NewRoute,
    program: &ProgramSource,
    application: &LocalApplication,
    functions: &[ProgramFunction<'_>],
) -> Result<()> {
    let new = Route::new(&route.method, &route.path);
    let is_same = |other: &Route| new.covers(other) && other.covers(&new);
    let all = program.handlers.iter();
    let mut all = all.flat_map(|it| it.routes.iter().map(move |route| (it, route)));
    if let Some((handler, known)) = all.find(|(_, route)| is_same(route)) {
        return Err(Error::new(format!("the handler `{}` has the route `{known}`", handler.name))
            .hint("change that handler, or choose another path"));
    }
    let others = application.template.functions.iter();
    let others = others.filter(|it| !functions.iter().any(|(own, _)| own.name == it.name));
    for other in others {
        let mut routes = other.endpoints.iter().filter_map(|endpoint| {
            Some(Route::new(endpoint.method.as_ref()?.as_str(), &endpoint.path))
        });
        if routes.any(|it| is_same(&it)) {
            return Err(Error::new(format!(
                "the function `{}` of another program has the route `{route}`",
                other.name
            ))
            .hint("choose another path"));
        }
    }
    Ok(())
}

/// Chooses the file: the one in which the other handlers stand. If they stand in modules, it is the module whose routes
/// begin alike, or else a new one.
fn target(kind: &HandlerKind, name: &str, program: &ProgramSource) -> Result<HandlerFile> {
    let in_files: Vec<&ProgramHandler> =
        program.handlers.iter().filter(|it| it.item.is_some()).collect();
    if in_files.iter().any(|it| it.file == 0) {
        return Ok(HandlerFile::File(0));
    }
    let root = program.root().map_or(Path::new(""), |it| it.path.as_path());
    if in_files.is_empty() {
        let root = quote::relative(root);
        return Err(Error::new(format!("the handlers of `{root}` stand in modules within a file"))
            .hint("add the handler by hand: `docs/routes.md` of lambda-native has an example"));
    }
    let mut module = name.to_owned();
    if let HandlerKind::Route(route) = kind {
        let first = NewRoute::first_part(&route.path);
        let is_alike = |it: &&&ProgramHandler| {
            it.routes.iter().any(|other| NewRoute::first_part(&other.path) == first)
        };
        if let Some(handler) = in_files.iter().find(is_alike) {
            return Ok(HandlerFile::File(handler.file));
        }
        let subject = first.to_snake_case();
        let is_free = !program.files.iter().any(|file| file.module == [subject.as_str()]);
        if is_free && syn::parse_str::<syn::Ident>(&subject).is_ok() {
            module = subject;
        }
    }
    let folder = root.parent().unwrap_or(Path::new(""));
    let path = folder.join(format!("{module}.rs"));
    if path.exists() || folder.join(&module).exists() {
        return Err(exists(kind, &format!("the module `{}`", quote::relative(&path))));
    }
    Ok(HandlerFile::NewModule(module, path))
}

/// Returns the value of `Handler` that chooses the handler: with the name of its module if those of the others have
/// one.
fn handler_setting(name: &str, module: &[String], functions: &[ProgramFunction<'_>]) -> String {
    let mut settings = functions.iter().filter_map(|(function, _)| function.handler.as_deref());
    match module.last() {
        Some(module) if settings.any(|it| it.contains('.')) => format!("{module}.{name}"),
        _ => name.to_owned(),
    }
}

/// Returns the functions whose `Handler` names no handler of the program.
fn unnamed<'a>(functions: &[ProgramFunction<'a>], program: &ProgramSource) -> Vec<&'a str> {
    let is_named = |function: &TemplateFunction| {
        let setting = function.handler.as_deref().unwrap_or_default();
        program.handlers.iter().any(|it| it.is_chosen_by(setting))
    };
    let unnamed = functions.iter().filter(|(function, _)| !is_named(function));
    unnamed.map(|(function, _)| function.name.as_str()).collect()
}

/// Chooses the function that runs the handler.
fn function_of<'a>(
    kind: &HandlerKind,
    program: &ProgramSource,
    functions: &[ProgramFunction<'a>],
    first: &'a TemplateFunction,
    setting: &'a str,
) -> Result<AdditionFunction<'a>> {
    let has_routes = program.handlers.iter().any(|it| !it.routes.is_empty());
    if !matches!(kind, HandlerKind::Route(_)) || !has_routes {
        return Ok(AdditionFunction::Like(&first.name, setting));
    }
    match unnamed(functions, program).as_slice() {
        [function] => Ok(AdditionFunction::Known(function)),
        [] => {
            let serves = |(function, _): &&ProgramFunction<'_>| !function.endpoints.is_empty();
            let like = functions.iter().find(serves).map_or(first, |(function, _)| function);
            Ok(AdditionFunction::Like(&like.name, setting))
        }
        several => {
            let names = quote::list_quoted(several, "or");
            Err(Error::new(format!("the route could be for {names}, which run the same program"))
                .hint("set `Handler` of each to the handler that it runs"))
        }
    }
}

fn trigger(kind: &HandlerKind) -> Option<Trigger> {
    match kind {
        HandlerKind::Route(route) => Some(Trigger::Route(Route::new(&route.method, &route.path))),
        HandlerKind::Function => None,
        HandlerKind::Queue(QueueName(queue)) => Some(Trigger::Source(Source::queue(queue))),
    }
}

/// The names of a new queue and of its dead-letter queue.
struct QueueNames {
    name: String,
    dead_letters: String,
}

impl QueueNames {
    fn of(kind: &HandlerKind) -> Option<Self> {
        let HandlerKind::Queue(QueueName(name)) = kind else { return None };
        let stem = name.strip_suffix("Queue").filter(|stem| !stem.is_empty()).unwrap_or(name);
        Some(Self { name: name.clone(), dead_letters: format!("{stem}DeadLetterQueue") })
    }

    fn borrow(&self) -> NewQueue<'_> {
        NewQueue { name: &self.name, dead_letters: &self.dead_letters }
    }
}

/// Fails if a function of the edited template would no longer run the program: its `Handler` can be what names the
/// binary.
fn check_binary(
    edited: &Application,
    binary: &Binary,
    function: &str,
    functions: &[ProgramFunction<'_>],
) -> Result<()> {
    let run = functions_of(edited, binary);
    let names = functions.iter().map(|(function, _)| function.name.as_str()).chain([function]);
    let lost = names.into_iter().find(|name| !run.iter().any(|it| it.name == *name));
    match lost {
        Some(lost) => Err(Error::new(format!(
            "`Handler` of `{lost}` must name the binary `{}`, so it cannot choose a handler",
            binary.name
        ))
        .hint("move the program to a package of its own, with a binary named `bootstrap`")),
        None => Ok(()),
    }
}

/// Returns the API through which requests for a route reach a function.
fn api_of(
    application: &Application,
    function: &str,
    kind: &HandlerKind,
) -> (ApiKind, PayloadFormat) {
    let none = (ApiKind::Http, PayloadFormat::V2);
    let HandlerKind::Route(route) = kind else { return none };
    let functions = application.functions.iter().filter(|it| it.name == function);
    let endpoints: Vec<_> = functions.flat_map(|it| &it.endpoints).collect();
    let exact = endpoints.iter().find(|endpoint| endpoint.path == route.path);
    let endpoint = exact.or(endpoints.first());
    endpoint.map_or(none, |endpoint| (endpoint.api.kind, endpoint.payload_format))
}

impl NewRoute {
    /// Returns a command that sends a request to the route at the address of `scaffold dev`.
    pub(crate) fn curl(&self) -> String {
        let mut command = "curl".to_owned();
        let method = event::method(self);
        if method != "GET" {
            command.extend([" -X ", &method]);
        }
        let url = format!("http://127.0.0.1:3000{}", self.example());
        command.extend([" ", &quote::quote(&url)]);
        if let Some(body) = event::body(self) {
            command.extend([" -H 'content-type: application/json' -d ", &quote::quote(&body)]);
        }
        command
    }
}
