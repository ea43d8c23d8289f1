//! The `use` items of a file, and their rewriting.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use syn::spanned::Spanned;
use syn::{File, Item, ItemUse, Path, UseTree};

use super::code::{Code, Edit, Token, TokenKind};
use super::equivalents::{CRATES, Leaf, Needs, Replacement, replacement};
use super::problem::Problems;
use super::{diagnostic, paths};

/// The names that the `use` items at the root of a file bring.
#[derive(Debug)]
pub(super) struct Imports(BTreeMap<String, Vec<String>>);

impl Imports {
    pub(super) fn of(code: &Code, file: &File) -> Self {
        let mut names = BTreeMap::new();
        for item in &file.items {
            let Item::Use(item) = item else { continue };
            for leaf in leaves(code, item) {
                let name = leaf.rename.or_else(|| leaf.path.last().cloned());
                names.extend(name.map(|name| (name, leaf.path)));
            }
        }
        Self(names)
    }

    /// Returns a path with the `use` item that it starts with.
    pub(super) fn resolve(&self, path: &Path) -> Vec<String> {
        let mut segments = path.segments.iter().map(|segment| segment.ident.to_string());
        let first = segments.next().unwrap_or_default();
        let start = self.0.get(&first).cloned().unwrap_or_else(|| vec![first]);
        start.into_iter().chain(segments).collect()
    }

    /// Tells whether a replaced crate brings this name.
    pub(super) fn is_ours(&self, name: &str) -> bool {
        let path = self.0.get(name).and_then(|path| path.first());
        path.is_some_and(|first| CRATES.contains(&&**first))
    }

    /// Returns the name by which new code calls `lambda_native::Context`.
    pub(super) fn context_type(&self) -> &'static str {
        if self.is_taken("Context") { "lambda_native::Context" } else { "Context" }
    }

    /// Tells whether another crate brings this name.
    pub(super) fn is_taken(&self, name: &str) -> bool {
        let path = self.0.get(name).and_then(|path| path.first());
        path.is_some_and(|first| !CRATES.contains(&&**first))
    }
}

/// Edits all names of the replaced crates, outside of what other edits replace. `added` are the `use` items that the
/// new code at the root of the file needs.
pub(super) fn rewrite(
    code: &Code,
    edits: &mut Vec<Edit>,
    added: &BTreeSet<String>,
    needs: &mut Needs,
    problems: &mut Problems,
) {
    let outer = edits.clone();
    paths::edit(code, edits, needs, problems);
    let file = code.source.file();
    scope(code, &file.items, &outer, Some(added), edits, (needs, problems));
}

/// The surroundings of the `use` items of a module, which all of their edits need.
struct Scope<'a> {
    code: &'a Code,
    /// The other edits of the file.
    outer: &'a [Edit],
    /// The part of the file that the items reach.
    reach: Range<usize>,
    needs: &'a mut Needs,
    problems: &'a mut Problems,
    /// New type aliases.
    aliases: Vec<String>,
    /// Other new items, which only the root of the crate gets.
    items: Vec<String>,
    is_root: bool,
}

/// Edits the `use` items of a module, and of the modules within it.
fn scope(
    code: &Code,
    items: &[Item],
    outer: &[Edit],
    added: Option<&BTreeSet<String>>,
    edits: &mut Vec<Edit>,
    (needs, problems): (&mut Needs, &mut Problems),
) {
    let span = |item: &Item| code.source.range(item.span());
    let start = items.first().map_or(0, |item| span(item).start);
    let end = items.last().map_or(0, |item| span(item).end);
    let mut scope = Scope {
        code,
        outer,
        reach: start..end,
        needs,
        problems,
        aliases: Vec::new(),
        items: Vec::new(),
        is_root: added.is_some(),
    };
    if added.is_some() {
        scope.reach = 0..code.source.text().len();
    }
    // The new items stand in the place of the first that is replaced.
    let mut missing: BTreeSet<String> = added.cloned().unwrap_or_default();
    let mut found: Vec<(Range<usize>, Option<String>)> = Vec::new();
    for item in items {
        let Item::Use(item) = item else { continue };
        let start = item.attrs.last().map_or_else(
            || code.source.range(item.span()).start,
            |_| match &item.vis {
                syn::Visibility::Inherited => code.source.range(item.use_token.span).start,
                visibility => code.source.range(visibility.span()).start,
            },
        );
        let range = start..code.source.range(item.semi_token.span).end;
        let new = scope.item(item, &range, &mut missing);
        found.push((range, new));
    }
    let Scope { needs, problems, mut aliases, items: new_items, .. } = scope;
    aliases.sort();
    finish(code, found, missing, (aliases, new_items), items, edits);
    for item in items {
        if let Item::Mod(module) = item
            && let Some((_, items)) = &module.content
        {
            self::scope(code, items, outer, None, edits, (needs, problems));
        }
    }
}

impl Scope<'_> {
    /// Returns the new code of a `use` item; `None` if it stays.
    fn item(
        &mut self,
        item: &ItemUse,
        range: &Range<usize>,
        missing: &mut BTreeSet<String>,
    ) -> Option<String> {
        let code = self.code;
        let leaves = leaves(code, item);
        let is_ours = |leaf: &Leaf| leaf.path.first().is_some_and(|it| CRATES.contains(&&**it));
        if !leaves.iter().any(is_ours) {
            return None;
        }
        if item.attrs.iter().any(|attribute| !attribute.path().is_ident("doc")) {
            let message = "this `use` has an attribute";
            self.problems.add(code, range.start, message, "convert it by hand");
        }
        let visibility = code.text(range.start..code.source.range(item.use_token.span).start);
        let mut paths = BTreeSet::new();
        for leaf in &leaves {
            let path = if is_ours(leaf) {
                self.path(leaf, visibility)
            } else {
                Some(leaf.path.join("::"))
            };
            let Some(path) = path else { continue };
            let rename = leaf.rename.as_ref().map(|name| format!(" as {name}")).unwrap_or_default();
            paths.insert(format!("{path}{rename}"));
        }
        if visibility.is_empty() {
            paths.append(missing);
        }
        let indent = " ".repeat(range.start - code.source.line_start(range.start));
        Some(lines(&paths, visibility).join(&format!("\n{indent}")))
    }

    /// Returns the path that takes the place of a name.
    fn path(&mut self, leaf: &Leaf, visibility: &str) -> Option<String> {
        let last = leaf.path.last().map_or("", String::as_str);
        match replacement(leaf, self.needs) {
            Replacement::Nothing => {
                if ["tracing", "http"].contains(&last) && self.is_used(last) {
                    self.needs.crates.extend(["tracing", "http"].iter().filter(|it| **it == last));
                }
                None
            }
            Replacement::Path(path) => {
                let name = path.rsplit("::").next().unwrap_or_default();
                // A trait is used by its methods.
                let is_used = name == "Instrument" || leaf.rename.is_some() || self.is_used(name);
                is_used.then_some(path)
            }
            Replacement::Item(name) if !self.is_root => Some(format!("crate::{name}")),
            Replacement::Item(name) => {
                if self.is_used(name) {
                    self.items.push(diagnostic::item(&self.needs.error_crates));
                }
                None
            }
            Replacement::Alias(name, of) => {
                if self.is_used(name) {
                    self.aliases.push(format!("{visibility}type {name} = {of};"));
                }
                None
            }
            Replacement::Unknown(hint) => {
                let message = format!("`{}` has no equivalent", leaf.path.join("::"));
                self.problems.add(self.code, leaf.position, message, hint);
                None
            }
        }
    }

    /// Tells whether the code after the edits uses a name, outside of `use` items.
    fn is_used(&self, name: &str) -> bool {
        let Self { code, outer, reach, .. } = self;
        let items = uses_in(code);
        let is_kept = |token: &&Token| {
            let contains = |range: &Range<usize>| range.contains(&token.range.start);
            token.kind == TokenKind::Ident
                && token.text == name
                && !items.iter().any(contains)
                && !outer.iter().any(|(range, _)| contains(range))
        };
        let is_word = |character: char| character.is_alphanumeric() || character == '_';
        let has_word = |text: &str| text.split(|it| !is_word(it)).any(|word| word == name);
        code.tokens_in(reach).iter().any(|token| is_kept(&token))
            || outer.iter().any(|(range, text)| {
                reach.start <= range.start && range.end <= reach.end && has_word(text)
            })
    }
}

/// Writes `use` items, one for the names of each module.
fn lines(paths: &BTreeSet<String>, visibility: &str) -> Vec<String> {
    let mut modules: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in paths {
        let end = path.find(" as ").unwrap_or(path.len());
        let start = path.get(..end).and_then(|path| path.rfind("::")).unwrap_or_default();
        let (module, name) = path.split_at(start);
        modules.entry(module).or_default().push(name.trim_start_matches("::"));
    }
    let lines = modules.into_iter().map(|(module, names)| match names.as_slice() {
        [name] if module.is_empty() => format!("{visibility}use {name};"),
        [name] => format!("{visibility}use {module}::{name};"),
        names => format!("{visibility}use {module}::{{{}}};", names.join(", ")),
    });
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    lines
}

/// Writes the `use` items of a module, and what follows them.
fn finish(
    code: &Code,
    mut found: Vec<(Range<usize>, Option<String>)>,
    missing: BTreeSet<String>,
    (aliases, new_items): (Vec<String>, Vec<String>),
    items: &[Item],
    edits: &mut Vec<Edit>,
) {
    let added = lines(&missing, "");
    let start = match found.last() {
        Some((range, _)) => range.start,
        None => items.first().map_or(0, |item| code.source.range(item.span()).start),
    };
    let indent = " ".repeat(start - code.source.line_start(start));
    let line_break = format!("\n{indent}");
    let mut end = added;
    if !aliases.is_empty() {
        end.push(String::new());
        end.extend(aliases);
    }
    for item in new_items {
        end.extend([String::new(), item]);
    }
    match found.last_mut() {
        Some((range, text)) if !end.is_empty() => {
            let mut last = text.take().unwrap_or_else(|| code.text(range.clone()).to_owned());
            for line in &end {
                if !line.is_empty() && !last.is_empty() {
                    last += if last.ends_with('\n') { &*indent } else { &*line_break };
                }
                last += if line.is_empty() && !last.is_empty() { "\n\n" } else { line };
            }
            *text = Some(last);
        }
        None if !end.is_empty() => {
            edits.push((
                start..start,
                end.join(&line_break).trim_start().to_owned() + "\n\n" + &*indent,
            ));
        }
        _ => {}
    }
    for (range, text) in found {
        if let Some(text) = text {
            replace_item(code, range, text, edits);
        }
    }
}

fn replace_item(code: &Code, range: Range<usize>, text: String, edits: &mut Vec<Edit>) {
    let range = if text.is_empty() { code.whole_lines(range) } else { range };
    edits.push((range, text));
}

fn leaves(code: &Code, item: &ItemUse) -> Vec<Leaf> {
    let mut found = Vec::new();
    walk(code, &item.tree, &mut Vec::new(), &mut found);
    found
}

fn walk(code: &Code, tree: &UseTree, path: &mut Vec<String>, found: &mut Vec<Leaf>) {
    let position = code.source.range(tree.span()).start;
    let mut push = |path: &[String], name: String, rename| {
        let mut path = path.to_vec();
        if name != "self" {
            path.push(name);
        }
        found.push(Leaf { path, rename, position });
    };
    match tree {
        UseTree::Path(part) => {
            path.push(part.ident.to_string());
            walk(code, &part.tree, path, found);
            path.pop();
        }
        UseTree::Name(name) => push(path, name.ident.to_string(), None),
        UseTree::Rename(name) => {
            push(path, name.ident.to_string(), Some(name.rename.to_string()));
        }
        UseTree::Glob(_) => push(path, "*".to_owned(), None),
        UseTree::Group(group) => {
            for tree in &group.items {
                walk(code, tree, path, found);
            }
        }
    }
}

pub(super) fn uses_in(code: &Code) -> Vec<Range<usize>> {
    fn collect(code: &Code, items: &[Item], ranges: &mut Vec<Range<usize>>) {
        for item in items {
            match item {
                Item::Use(item) => ranges.push(code.source.range(item.span())),
                Item::Mod(module) => {
                    if let Some((_, items)) = &module.content {
                        collect(code, items, ranges);
                    }
                }
                _ => {}
            }
        }
    }
    let mut ranges = Vec::new();
    collect(code, &code.source.file().items, &mut ranges);
    ranges
}
