//! The names that code needs, and the `use` declarations that bring them into a file.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Item, ItemUse, UseTree, Visibility};

use crate::rust_source::{Edits, RustSource};

/// The length of a line that rustfmt keeps.
const MAX_LINE: usize = 100;

/// The names of a module with their paths; an empty path stands for an item of the module itself.
pub(super) type ModuleNames = BTreeMap<String, String>;

/// The imports of a module, and those that new code needs.
#[derive(Debug, Default)]
pub(super) struct ModuleImports {
    names: ModuleNames,
    /// The names to import, by the path of their module.
    new: BTreeMap<String, BTreeSet<String>>,
    /// The module begins with `use super::*`.
    has_all_of_outer: bool,
}

impl ModuleImports {
    /// Reads the names of a module with these items. `outer` has those of the module around it, for `use super::*`.
    pub(super) fn of(items: &[Item], outer: Option<&ModuleNames>) -> Self {
        let mut names = ModuleNames::new();
        let has_all_of_outer = items.iter().any(|item| {
            matches!(item, Item::Use(item) if prefix(&item.tree).0 == ["super"]
                && matches!(prefix(&item.tree).1, UseTree::Glob(_)))
        });
        if let Some(outer) = outer.filter(|_| has_all_of_outer) {
            names.clone_from(outer);
        }
        for item in items {
            match item {
                Item::Use(item) => {
                    let mut bound = ModuleNames::new();
                    bind(&item.tree, &mut Vec::new(), &mut bound);
                    if item.attrs.iter().any(|attribute| attribute.path().is_ident("cfg")) {
                        // The names have this meaning in some builds only.
                        bound.values_mut().for_each(String::clear);
                    }
                    names.append(&mut bound);
                }
                item => names.extend(name_of(item).map(|name| (name, String::new()))),
            }
        }
        Self { names, new: BTreeMap::new(), has_all_of_outer }
    }

    /// The imports of a new module that begins with `use super::*`.
    pub(super) fn all_of(outer: &ModuleNames) -> Self {
        Self { names: outer.clone(), new: BTreeMap::new(), has_all_of_outer: true }
    }

    pub(super) fn names(&self) -> &ModuleNames {
        &self.names
    }

    /// Reserves a name for a new item of the module: this one, or this one with a number.
    pub(super) fn reserve(&mut self, name: &str) -> String {
        let numbered = (2..).map(|number| format!("{name}{number}"));
        let mut all = std::iter::once(name.to_owned()).chain(numbered);
        let free = all.find(|name| !self.names.contains_key(name)).unwrap_or_default();
        self.names.insert(free.clone(), String::new());
        free
    }

    /// Returns the code for a name of another module: the name alone, which is imported if necessary, or the whole path
    /// if the name means something else here.
    pub(super) fn name(&mut self, module: &str, name: &str) -> String {
        let path = format!("{module}::{name}");
        match self.names.get(name) {
            Some(known) if *known == path => {}
            Some(_) => return path,
            None => {
                self.new.entry(module.to_owned()).or_default().insert(name.to_owned());
                self.names.insert(name.to_owned(), path);
            }
        }
        name.to_owned()
    }

    /// Returns the code for an item of the module around this one.
    pub(super) fn outer_name(&mut self, name: &str) -> String {
        if self.has_all_of_outer { name.to_owned() } else { self.name("super", name) }
    }

    /// Writes the declarations of a new module, each on a line.
    pub(super) fn lines(&self) -> String {
        let lines = self.new.iter().map(|(module, names)| declaration(module, names, "") + "\n");
        lines.collect()
    }

    /// Adds the declarations to a module with these items. `start` is the place of the first one if there is none.
    pub(super) fn edit(
        &self,
        source: &RustSource,
        items: &[Item],
        start: usize,
        indent: &str,
        edits: &mut Edits,
    ) {
        let uses: Vec<UseDeclaration<'_>> =
            items.iter().filter_map(|item| UseDeclaration::read(source, item)).collect();
        let mut lines = Vec::new();
        for (module, names) in &self.new {
            match uses.iter().find(|it| it.module.as_ref() == Some(module)) {
                Some(declaration) => {
                    let all = declaration.names.iter().cloned().chain(names.iter().cloned());
                    let new = self::declaration(module, &all.collect(), indent);
                    edits.replace(declaration.range.clone(), new);
                }
                None => lines.push((module, declaration(module, names, indent))),
            }
        }
        let mut first = Vec::new();
        for (module, line) in lines {
            let root = module.split("::").next().unwrap_or_default();
            let same_root: Vec<_> = uses.iter().filter(|it| it.root == root).collect();
            let others: Vec<_> = uses.iter().filter(|it| it.is_external()).collect();
            let group = if same_root.is_empty() { others } else { same_root };
            let next = group.iter().find(|it| it.code > line.as_str());
            if let Some(next) = next {
                edits.insert(next.range.start, format!("{line}\n{indent}"));
            } else if let Some(last) = group.last() {
                edits.insert(source.end_with_comment(last.range.end), format!("\n{indent}{line}"));
            } else {
                first.push(line);
            }
        }
        if first.is_empty() {
            return;
        }
        let block = first.join(&format!("\n{indent}"));
        let own = uses.iter().find(|it| it.is_own());
        match (own, uses.last()) {
            (Some(own), _) => edits.insert(own.range.start, format!("{block}\n\n{indent}")),
            (None, Some(last)) => {
                let end = source.end_with_comment(last.range.end);
                edits.insert(end, format!("\n\n{indent}{block}"));
            }
            (None, None) => edits.insert(start, format!("{block}\n\n{indent}")),
        }
    }
}

/// A `use` of a module.
struct UseDeclaration<'a> {
    range: Range<usize>,
    code: &'a str,
    /// The first part of its path.
    root: String,
    /// The path before the names, if more names can be added to them.
    module: Option<String>,
    names: Vec<String>,
}

impl<'a> UseDeclaration<'a> {
    fn read(source: &'a RustSource, item: &Item) -> Option<Self> {
        let Item::Use(item) = item else { return None };
        let range = source.range(item.span());
        let code = source.text().get(range.clone())?;
        let (path, rest) = prefix(&item.tree);
        let root = match (path.first(), rest) {
            (Some(root), _) => root.clone(),
            (None, UseTree::Name(name)) => name.ident.to_string(),
            (None, _) => String::new(),
        };
        let names: Vec<String> = match rest {
            UseTree::Group(group) => {
                group.items.iter().map(|item| source.code(item.span()).to_owned()).collect()
            }
            UseTree::Name(_) | UseTree::Rename(_) => vec![source.code(rest.span()).to_owned()],
            _ => Vec::new(),
        };
        let is_plain = is_plain(item) && !code.contains("//") && !code.contains("/*");
        let module = (is_plain && !names.is_empty()).then(|| path.join("::"));
        Some(Self { range, code, root, module, names })
    }

    /// Checks whether it is about this package.
    fn is_own(&self) -> bool {
        ["crate", "self", "super"].contains(&self.root.as_str())
    }

    fn is_external(&self) -> bool {
        !self.is_own() && !["std", "core", "alloc"].contains(&self.root.as_str())
    }
}

fn is_plain(item: &ItemUse) -> bool {
    item.attrs.is_empty()
        && item.leading_colon.is_none()
        && matches!(item.vis, Visibility::Inherited)
}

/// Splits the path of a declaration from what it imports.
fn prefix(tree: &UseTree) -> (Vec<String>, &UseTree) {
    let mut path = Vec::new();
    let mut tree = tree;
    while let UseTree::Path(part) = tree {
        path.push(part.ident.unraw().to_string());
        tree = &part.tree;
    }
    (path, tree)
}

fn bind(tree: &UseTree, path: &mut Vec<String>, names: &mut ModuleNames) {
    match tree {
        UseTree::Path(part) => {
            path.push(part.ident.unraw().to_string());
            bind(&part.tree, path, names);
            path.pop();
        }
        UseTree::Name(name) if name.ident == "self" => {
            names.extend(path.last().map(|last| (last.clone(), path.join("::"))));
        }
        UseTree::Name(name) => {
            let name = name.ident.unraw().to_string();
            path.push(name.clone());
            names.insert(name, path.join("::"));
            path.pop();
        }
        UseTree::Rename(renamed) => {
            path.push(renamed.ident.unraw().to_string());
            names.insert(renamed.rename.unraw().to_string(), path.join("::"));
            path.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|item| bind(item, path, names)),
        UseTree::Glob(_) => {}
    }
}

/// Returns the name of an item, other than of a `use`.
fn name_of(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Mod(item) => &item.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.unraw().to_string())
}

/// Writes a declaration, on several lines if one is too short.
fn declaration(module: &str, names: &BTreeSet<String>, indent: &str) -> String {
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.sort_by_key(|name| (*name != "self", *name));
    if let [name] = names.as_slice() {
        return format!("use {module}::{name};");
    }
    let line = format!("use {module}::{{{}}};", names.join(", "));
    if indent.len() + line.len() <= MAX_LINE {
        return line;
    }
    let names = names.iter().map(|name| format!("\n{indent}    {name},"));
    format!("use {module}::{{{}\n{indent}}};", names.collect::<Vec<_>>().concat())
}
