//! Edits the source files of a program: the handler, its test, and the list of handlers in `main!`.

use std::path::{Path, PathBuf};

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::{Attribute, Item, ItemMacro, ItemMod};

use super::code::HandlerCode;
use super::imports::ModuleImports;
use super::program::{
    HandlerArgument, ProgramHandler, ProgramSource, SourceFile, arguments, is_handler, is_test,
};
use crate::files::FileChange;
use crate::rust_source::{Edits, RustSource};
use crate::term::error::{Error, Result};
use crate::term::quote;

/// The arguments that belong to the whole program: those of the only handler move to `main!`.
const OF_PROGRAM: [&str; 2] = ["init", "after"];

/// The file of a new handler.
#[derive(Debug)]
pub(super) enum HandlerFile {
    /// The file at this position of the program.
    File(usize),
    /// A new module in this file.
    NewModule(String, PathBuf),
}

impl HandlerFile {
    /// Returns the path of the module.
    pub(super) fn module(&self, program: &ProgramSource) -> Vec<String> {
        match self {
            Self::File(index) => {
                program.files.get(*index).map(|file| file.module.clone()).unwrap_or_default()
            }
            Self::NewModule(name, _) => vec![name.clone()],
        }
    }

    /// Returns the file whose tests are in another one.
    pub(super) fn tests_elsewhere(&self, program: &ProgramSource) -> Option<String> {
        let Self::File(index) = self else { return None };
        let file = program.files.get(*index)?;
        let tests = tests_of(&file.source)?;
        tests.content.is_none().then(|| quote::relative(&file.path))
    }

    pub(super) fn path<'a>(&'a self, program: &'a ProgramSource) -> &'a Path {
        match self {
            Self::File(index) => program.files.get(*index).map_or(Path::new(""), |it| &it.path),
            Self::NewModule(_, path) => path,
        }
    }
}

/// The place in a program that lists the handlers.
pub(super) enum HandlerList<'a> {
    /// `main!(…)`.
    Main(&'a ItemMacro),
    /// The only handler, which is the whole program.
    Only(&'a ProgramHandler),
}

impl<'a> HandlerList<'a> {
    /// Finds it. Fails if the program has another form.
    pub(super) fn find(program: &'a ProgramSource) -> Result<Self> {
        let Some(root) = program.root() else {
            return Err(Error::new("the program has no source"));
        };
        let name = quote::relative(&root.path);
        let items = &root.source.file().items;
        let by_hand = "add the handler by hand: `docs/routes.md` of lambda-native has an example";
        let is_main = |item: &&Item| matches!(item, Item::Fn(it) if it.sig.ident == "main");
        if items.iter().any(|item| is_main(&item)) {
            return Err(Error::new(format!("`{name}` has its own `main`, not that of a handler"))
                .hint(by_hand));
        }
        if program.handlers.is_empty() {
            return Err(Error::new(format!(
                "no function with `#[lambda_handler]` in `{name}` and its modules"
            ))
            .hint(by_hand));
        }
        let lists = items.iter().filter_map(|item| match item {
            Item::Macro(item) if is_path_of(&item.mac.path, "main") => Some(item),
            _ => None,
        });
        let lists: Vec<_> = lists.collect();
        match (lists.as_slice(), program.handlers.as_slice()) {
            ([list], _) => Ok(Self::Main(list)),
            ([], [only]) if !only.is_named && only.file == 0 && only.item.is_some() => {
                Ok(Self::Only(only))
            }
            _ => Err(Error::new(format!(
                "`{name}` has neither `lambda_native::main!` nor a handler that is the whole program"
            ))
            .hint(by_hand)),
        }
    }
}

fn is_path_of(path: &syn::Path, name: &str) -> bool {
    path.segments.last().is_some_and(|segment| segment.ident == name)
}

/// Writes the handler, its test and its name in the list. The path of the event is that from the package.
pub(super) fn edit(
    program: &ProgramSource,
    list: &HandlerList<'_>,
    target: &HandlerFile,
    code: &mut HandlerCode<'_>,
    event: &Path,
) -> Result<Vec<FileChange>> {
    let mut edits: Vec<Edits> = program.files.iter().map(|_| Edits::default()).collect();
    let mut changes = Vec::new();
    let include = relative_from(target.path(program), event);
    let handler = [target.module(program), vec![code.name.to_owned()]].concat().join("::");
    match target {
        HandlerFile::File(index) => {
            if let (Some(file), Some(edits)) = (program.files.get(*index), edits.get_mut(*index)) {
                add_to_file(program, *index, file, code, &include, edits);
            }
        }
        HandlerFile::NewModule(name, path) => {
            changes.push(FileChange::new(path.clone(), new_module(code, &include)));
            if let (Some(root), Some(edits)) = (program.root(), edits.first_mut()) {
                declare_module(&root.source, name, edits);
            }
        }
    }
    if let (Some(root), Some(edits)) = (program.root(), edits.first_mut()) {
        match list {
            HandlerList::Main(list) => add_to_list(&root.source, list, &handler, edits)?,
            HandlerList::Only(only) => list_both(root, only, &handler, edits)?,
        }
    }
    for (file, edits) in program.files.iter().zip(&edits) {
        let new = file.source.edited(edits);
        let new = new.ok_or_else(|| refused(&file.path, "two changes are at the same place"))?;
        if new != file.source.text() {
            changes.push(FileChange::edit(file.path.clone(), file.source.text(), new));
        }
    }
    Ok(changes)
}

fn refused(path: &Path, why: &str) -> Error {
    Error::new(format!("cannot edit `{}`: {why}", quote::relative(path)))
        .hint("add the handler by hand: `docs/routes.md` of lambda-native has an example")
}

/// Adds the handler after the last one of the file, and the test to its tests.
fn add_to_file(
    program: &ProgramSource,
    index: usize,
    file: &SourceFile,
    code: &mut HandlerCode<'_>,
    include: &str,
    edits: &mut Edits,
) {
    let source = &file.source;
    let items = &source.file().items;
    let mut imports = ModuleImports::of(items, None);
    let new = code.items(&mut imports);
    let handlers = program.handlers.iter().filter(|it| it.file == index);
    let last = handlers.filter_map(|it| items.get(it.item?)).next_back();
    match (last, end_of_code(source)) {
        (Some(last), _) => {
            let end = source.end_with_comment(source.range(last.span()).end);
            edits.insert(end, format!("\n\n{}", new.trim_end()));
        }
        (None, end) => insert_block(source, end, &new, edits),
    }
    let first = items.iter().find(|item| !is_declaration(item));
    let first = first.map_or(source.text().len(), |item| source.range(item.span()).start);
    imports.edit(source, items, first, "", edits);
    let tests = tests_of(source);
    match tests.and_then(|tests| tests.content.as_ref()) {
        Some((braces, content)) => {
            add_to_tests(source, braces.span.close(), content, code, (include, &imports), edits);
        }
        // Tests in a file of their own have a layout that only their author knows.
        None if tests.is_some() => {}
        None => {
            let module = new_tests(code, include, &imports);
            insert_block(source, source.text().len(), &module, edits);
        }
    }
}

/// Adds the test to the end of a module, whose closing brace this is.
fn add_to_tests(
    source: &RustSource,
    close: Span,
    content: &[Item],
    code: &HandlerCode<'_>,
    (include, outer): (&str, &ModuleImports),
    edits: &mut Edits,
) {
    let mut imports = ModuleImports::of(content, Some(outer.names()));
    let test = code.test(include, &mut imports);
    let close = source.range(close).start;
    let line = source.line_start(close);
    let is_alone = source.text().get(line..close).is_some_and(|it| it.trim().is_empty());
    let (position, start) = if is_alone { (line, "") } else { (close, "\n") };
    let Some((first, last)) = content.first().zip(content.last()) else {
        let test = indented(&format!("{}\n{test}", imports.lines()), "    ");
        edits.insert(position, format!("{start}{test}"));
        return;
    };
    let last = source.range(last.span()).start;
    let indent = " ".repeat(last - source.line_start(last));
    edits.insert(position, format!("{start}\n{}", indented(&test, &indent)));
    imports.edit(source, content, source.range(first.span()).start, &indent, edits);
}

/// Checks for `mod name;`, which stands above other items.
fn is_declaration(item: &Item) -> bool {
    matches!(item, Item::Mod(module) if module.content.is_none())
        || matches!(item, Item::ExternCrate(_))
}

/// Returns the place before the tests, or else the end of the file.
fn end_of_code(source: &RustSource) -> usize {
    let tests = tests_of(source).filter(|tests| tests.content.is_some());
    tests.map_or(source.text().len(), |tests| source.range(tests.span()).start)
}

/// Finds the module of the tests.
fn tests_of(source: &RustSource) -> Option<&ItemMod> {
    source.file().items.iter().find_map(|item| match item {
        Item::Mod(module) if is_test(&module.attrs) || module.ident == "tests" => Some(module),
        _ => None,
    })
}

/// Inserts items with a blank line before and after them.
fn insert_block(source: &RustSource, position: usize, block: &str, edits: &mut Edits) {
    let before = source.text().get(..position).unwrap_or_default();
    let is_start = before.trim().is_empty();
    if position < source.text().len() {
        edits.insert(position, format!("{}\n\n", block.trim_end()));
        return;
    }
    let separator = match (is_start, before.ends_with('\n')) {
        (true, _) => "",
        (false, true) => "\n",
        (false, false) => "\n\n",
    };
    edits.insert(position, format!("{separator}{}\n", block.trim_end()));
}

fn new_module(code: &mut HandlerCode<'_>, include: &str) -> String {
    let mut imports = ModuleImports::default();
    let items = code.items(&mut imports);
    let tests = new_tests(code, include, &imports);
    format!("//! {}.\n\n{}\n{items}\n{tests}", code.subject(), imports.lines())
}

fn new_tests(code: &HandlerCode<'_>, include: &str, imports: &ModuleImports) -> String {
    let mut inner = ModuleImports::all_of(imports.names());
    let test = code.test(include, &mut inner);
    let lines = inner.lines();
    let separator = if lines.is_empty() { "" } else { "\n" };
    let body = indented(&format!("{lines}{separator}use super::*;\n\n{test}"), "    ");
    format!("#[cfg(test)]\nmod tests {{\n{body}}}\n")
}

fn indented(code: &str, indent: &str) -> String {
    let lines = code.lines().map(|line| match line {
        "" => "\n".to_owned(),
        line => format!("{indent}{line}\n"),
    });
    lines.collect()
}

/// Adds `mod name;` to the others, in the order of the alphabet.
fn declare_module(source: &RustSource, name: &str, edits: &mut Edits) {
    let modules = source.file().items.iter().filter_map(|item| match item {
        Item::Mod(module) if module.content.is_none() && !is_test(&module.attrs) => Some(module),
        _ => None,
    });
    let modules: Vec<_> = modules.collect();
    if let Some(next) = modules.iter().find(|module| module.ident.to_string().as_str() > name) {
        edits.insert(source.range(next.span()).start, format!("mod {name};\n"));
    } else if let Some(last) = modules.last() {
        let end = source.end_with_comment(source.range(last.span()).end);
        edits.insert(end, format!("\nmod {name};"));
    }
}

/// Adds a handler to `main!(…)`, after the last one.
fn add_to_list(
    source: &RustSource,
    list: &ItemMacro,
    handler: &str,
    edits: &mut Edits,
) -> Result<()> {
    let last = entries(&list.mac.tokens).into_iter().rfind(|entry| !entry.is_argument);
    let Some(last) = last else {
        let line = list.span().start().line;
        return Err(Error::new(format!("`main!` in line {line} lists no handler"))
            .hint("list the handlers: `lambda_native::main!(create, list)`"));
    };
    let (start, end) = (source.range(last.first).start, source.range(last.last).end);
    let before = source.text().get(source.line_start(start)..start).unwrap_or_default();
    let after_comma = source.end_with_comment(end + 1);
    let has_comma = source.text().get(end..=end) == Some(",");
    match (before.trim().is_empty(), has_comma) {
        (false, _) => edits.insert(end, format!(", {handler}")),
        // A comment stays with the handler that it follows.
        (true, true) => edits.insert(after_comma, format!("\n{before}{handler},")),
        (true, false) => {
            edits.insert(end, ",");
            edits.insert(source.end_with_comment(end), format!("\n{before}{handler}"));
        }
    }
    Ok(())
}

/// A part of `main!(…)` between commas.
struct ListEntry {
    first: Span,
    last: Span,
    /// `init = connect`.
    is_argument: bool,
}

fn entries(tokens: &TokenStream) -> Vec<ListEntry> {
    let mut entries: Vec<ListEntry> = Vec::new();
    let mut is_open = false;
    for token in tokens.clone() {
        let mark = match &token {
            TokenTree::Punct(mark) => Some(mark.as_char()),
            _ => None,
        };
        match (mark, entries.last_mut().filter(|_| is_open)) {
            (Some(','), _) => is_open = false,
            (mark, Some(entry)) => {
                entry.is_argument |= mark == Some('=');
                entry.last = token.span();
            }
            (_, None) => {
                is_open = true;
                let span = token.span();
                entries.push(ListEntry { first: span, last: span, is_argument: false });
            }
        }
    }
    entries
}

/// Makes the only handler one of several, and lists both.
fn list_both(
    root: &SourceFile,
    only: &ProgramHandler,
    handler: &str,
    edits: &mut Edits,
) -> Result<()> {
    let source = &root.source;
    let item = only.item.and_then(|index| source.file().items.get(index));
    let Some(Item::Fn(function)) = item else { return Ok(()) };
    let Some(attribute) = function.attrs.iter().find(|it| is_handler(it)) else { return Ok(()) };
    let arguments = arguments(attribute);
    if arguments.iter().any(|argument| argument.name == "crate") {
        return Err(refused(&root.path, "its handler names another library with `crate`"));
    }
    let code = |argument: &HandlerArgument| {
        let (first, last) = argument.range;
        let range = source.range(first).start..source.range(last).end;
        source.text().get(range).unwrap_or_default().to_owned()
    };
    let (moved, kept): (Vec<_>, Vec<_>) =
        arguments.iter().partition(|argument| OF_PROGRAM.contains(&argument.name.as_str()));
    let kept = std::iter::once("named".to_owned()).chain(kept.into_iter().map(code));
    replace_arguments(source, attribute, &kept.collect::<Vec<_>>().join(", "), edits);
    let handlers = [only.function.clone(), handler.to_owned()].into_iter();
    let list: Vec<_> = handlers.chain(moved.into_iter().map(code)).collect();
    let library = library_of(source, attribute);
    let main = format!("{library}::main!({});\n", list.join(", "));
    insert_block(source, end_of_code(source), &main, edits);
    Ok(())
}

fn replace_arguments(source: &RustSource, attribute: &Attribute, new: &str, edits: &mut Edits) {
    match &attribute.meta {
        syn::Meta::List(list) => {
            let (open, close) = (list.delimiter.span().open(), list.delimiter.span().close());
            edits.replace(source.range(open).end..source.range(close).start, new);
        }
        meta => edits.insert(source.range(meta.span()).end, format!("({new})")),
    }
}

/// Returns the path before `lambda_handler`, or else `lambda_native`.
fn library_of(source: &RustSource, attribute: &Attribute) -> String {
    let path = source.code(attribute.path().span());
    path.rsplit_once("::").map_or("lambda_native", |(library, _)| library).to_owned()
}

/// Writes a path as seen from the folder of a file, with `/`.
fn relative_from(file: &Path, path: &Path) -> String {
    let folder = file.parent().unwrap_or(Path::new(""));
    let common = folder.ancestors().find(|above| path.starts_with(above)).unwrap_or(Path::new(""));
    let up = folder.strip_prefix(common).map_or(0, |rest| rest.components().count());
    let down = path.strip_prefix(common).unwrap_or(path);
    let down = down.iter().map(|part| part.to_string_lossy());
    std::iter::repeat_n("..".into(), up).chain(down).collect::<Vec<_>>().join("/")
}
