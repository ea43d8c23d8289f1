//! The handlers of a program, read from its source files.

use std::path::{Path, PathBuf};

use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Item, LitStr, Token};

use crate::files;
use crate::rust_source::RustSource;
use crate::sync::Route;
use crate::term::error::{Error, Result};
use crate::term::quote;

/// The arguments of `#[lambda_handler]` that are methods of HTTP.
pub(super) const METHODS: [&str; 8] =
    ["get", "post", "put", "patch", "delete", "head", "options", "any"];

/// A program: its source files, the first of which is the root, and the handlers in them.
pub(super) struct ProgramSource {
    pub(super) files: Vec<SourceFile>,
    pub(super) handlers: Vec<ProgramHandler>,
}

/// A source file, which is a module of the program.
pub(super) struct SourceFile {
    pub(super) path: PathBuf,
    pub(super) source: RustSource,
    /// The path of the module; empty for the root.
    pub(super) module: Vec<String>,
}

/// A function with `#[lambda_handler]`.
#[derive(Debug)]
pub(super) struct ProgramHandler {
    /// The position of its file.
    pub(super) file: usize,
    /// The position among the items of the file; `None` in a module that is not a file.
    pub(super) item: Option<usize>,
    /// The name that Lambda's setting `Handler` chooses it by.
    pub(super) name: String,
    pub(super) function: String,
    pub(super) routes: Vec<Route>,
    pub(super) is_named: bool,
}

impl ProgramSource {
    /// Reads the program whose root is this file.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let mut program = Self { files: Vec::new(), handlers: Vec::new() };
        let folder = root.parent().unwrap_or(Path::new("")).to_owned();
        program.read_file(root, &folder, Vec::new())?;
        Ok(program)
    }

    fn read_file(&mut self, path: &Path, folder: &Path, module: Vec<String>) -> Result<()> {
        let name = quote::relative(path);
        let text = files::read_text_if_there(path)?;
        let text =
            text.ok_or_else(|| Error::new(format!("the source file `{name}` is missing")))?;
        let source = RustSource::parse(text).map_err(|(line, message)| {
            Error::new(format!("`{name}` does not parse, in line {line}: {message}"))
                .hint("correct the file, and run the command again")
        })?;
        let index = self.files.len();
        let items = source.file().items.clone();
        self.files.push(SourceFile { path: path.to_owned(), source, module: module.clone() });
        let place = ItemPlace { file: index, folder, module: &module, is_file: true };
        self.read_items(&items, &place)
    }

    fn read_items(&mut self, items: &[Item], place: &ItemPlace<'_>) -> Result<()> {
        for (index, item) in items.iter().enumerate() {
            match item {
                Item::Fn(function) => {
                    let Some(attribute) = function.attrs.iter().find(|it| is_handler(it)) else {
                        continue;
                    };
                    let name = function.sig.ident.unraw().to_string();
                    let mut handler = ProgramHandler {
                        file: place.file,
                        item: place.is_file.then_some(index),
                        function: name.clone(),
                        name,
                        routes: Vec::new(),
                        is_named: false,
                    };
                    handler.read_arguments(&arguments(attribute));
                    self.handlers.push(handler);
                }
                Item::Mod(module) if !is_test(&module.attrs) => {
                    let name = module.ident.unraw().to_string();
                    let path = [place.module, std::slice::from_ref(&name)].concat();
                    if let Some((_, items)) = &module.content {
                        let folder = place.folder.join(&name);
                        let place =
                            ItemPlace { folder: &folder, module: &path, is_file: false, ..*place };
                        self.read_items(items, &place)?;
                    } else if let Some((file, folder)) = find_module(place.folder, &name) {
                        self.read_file(&file, &folder, path)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn root(&self) -> Option<&SourceFile> {
        self.files.first()
    }
}

/// The place of items in a program.
struct ItemPlace<'a> {
    file: usize,
    /// The folder of the modules that the items declare.
    folder: &'a Path,
    module: &'a [String],
    is_file: bool,
}

impl ProgramHandler {
    fn read_arguments(&mut self, arguments: &[HandlerArgument]) {
        for HandlerArgument { name, value, .. } in arguments {
            match (name.as_str(), value) {
                ("named", value) => {
                    self.is_named = true;
                    if let Some(name) = value.as_ref().and_then(text) {
                        self.name = name;
                    }
                }
                (method, Some(value)) if METHODS.contains(&method) => {
                    let paths = match value {
                        Expr::Array(paths) => paths.elems.iter().filter_map(text).collect(),
                        value => text(value).into_iter().collect::<Vec<_>>(),
                    };
                    self.routes.extend(paths.iter().map(|path| Route::new(method, path)));
                }
                _ => {}
            }
        }
    }

    /// Checks whether a `Handler` of the template names this handler, perhaps after the name of a module.
    pub(super) fn is_chosen_by(&self, setting: &str) -> bool {
        let last = setting.rsplit_once('.').map_or(setting, |(_, last)| last);
        [setting, last].contains(&self.name.as_str())
    }
}

/// An argument of `#[lambda_handler]`.
pub(super) struct HandlerArgument {
    pub(super) name: String,
    pub(super) value: Option<Expr>,
    pub(super) range: (proc_macro2::Span, proc_macro2::Span),
}

/// Reads the arguments of the attribute; none if they are not in the usual form.
pub(super) fn arguments(attribute: &Attribute) -> Vec<HandlerArgument> {
    let syn::Meta::List(list) = &attribute.meta else { return Vec::new() };
    let argument = |input: ParseStream<'_>| {
        let name = input.call(syn::Ident::parse_any)?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Some(input.parse::<Expr>()?)
        } else {
            None
        };
        let end = value.as_ref().map_or(name.span(), Spanned::span);
        Ok(HandlerArgument { name: name.to_string(), value, range: (name.span(), end) })
    };
    let arguments = |input: ParseStream<'_>| {
        Punctuated::<HandlerArgument, Token![,]>::parse_terminated_with(input, argument)
    };
    let arguments = arguments.parse2(list.tokens.clone());
    arguments.map(|list| list.into_iter().collect()).unwrap_or_default()
}

fn text(value: &Expr) -> Option<String> {
    let Expr::Lit(literal) = value else { return None };
    let syn::Lit::Str(text) = &literal.lit else { return None };
    Some(LitStr::value(text))
}

pub(super) fn is_handler(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|segment| segment.ident == "lambda_handler")
}

/// Checks whether an item is only a part of tests: `#[cfg(test)]`.
pub(super) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Ident>().is_ok_and(|condition| condition == "test")
    })
}

/// Finds the file of a module, and the folder of the modules in it.
fn find_module(folder: &Path, name: &str) -> Option<(PathBuf, PathBuf)> {
    let inner = folder.join(name);
    let files = [folder.join(format!("{name}.rs")), inner.join("mod.rs")];
    files.into_iter().find(|file| file.is_file()).map(|file| (file, inner))
}
