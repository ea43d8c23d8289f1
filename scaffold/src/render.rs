//! Expands a template with every rule on, to hold cargo-generate to it.
//!
//! cargo-generate takes an undefined variable for nothing, and leaves a file as it was where it
//! cannot be expanded, without a word. Here both are errors, with file and line, before anything is
//! made; and what cargo-generate makes after that has to be the same.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::LazyLock;

use heck::{
    ToKebabCase, ToLowerCamelCase, ToPascalCase, ToShoutyKebabCase, ToShoutySnakeCase, ToSnakeCase,
    ToTitleCase, ToUpperCamelCase,
};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use liquid::model::{Value, ValueView};
use liquid::{Object, Parser, ParserBuilder};
use liquid_core::parser::{FilterArguments, ParameterReflection};
use liquid_core::{Filter, FilterReflection, ParseFilter, Runtime};
use regex::Regex;

use crate::error::{Error, Result};
use crate::template::{CONFIG, Conditions, Template, TemplateFile};

/// Files by path, as they have to come out.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

const SUFFIX: &str = ".liquid";

/// What the template comes to.
pub(crate) fn render(template: &Template, variables: &Object) -> Result<Files> {
    let conditions = Conditions::of(template);
    let parser = parser()?;
    let choice = Choice::new(template, &conditions, variables)?;
    let mut files = Files::new();
    for (path, source, file) in sources(template) {
        if choice.leaves_out(path) {
            continue;
        }
        let target = target(&parser, source, path, variables)?;
        let contents = if choice.is_expanded(path) {
            let text = std::str::from_utf8(&file.contents).map_err(|error| {
                let why = format!("line {}", line_at(&file.contents, error.valid_up_to()));
                Error::new(format!("`{source}` of the template is not text: {why}"))
                    .hint(format!("name it in the list `exclude` of `{CONFIG}`"))
            })?;
            expand(&parser, source, text, variables)?.into_bytes()
        } else {
            file.contents.to_vec()
        };
        files.insert(target, contents);
    }
    Ok(files)
}

/// The files that are the project's, as cargo-generate names them: the name without `.liquid`, and
/// the name in the template. Of two for one name it takes that with the suffix.
fn sources(template: &Template) -> impl Iterator<Item = (&str, &str, &TemplateFile)> {
    template.files.iter().filter_map(|(source, file)| {
        let path = source.strip_suffix(SUFFIX).unwrap_or(source);
        let is_twin = path == source && template.files.contains_key(&format!("{source}{SUFFIX}"));
        (!is_twin).then_some((path, &**source, file))
    })
}

/// Which files are left out, and which are copied as they are.
struct Choice<'a> {
    ignored: Vec<&'a str>,
    unneeded: Gitignore,
    include: Option<Gitignore>,
    exclude: Option<Gitignore>,
}

impl<'a> Choice<'a> {
    fn new(
        template: &'a Template,
        conditions: &Conditions<'a>,
        variables: &Object,
    ) -> Result<Self> {
        let config = &template.config;
        let include = conditions.rules(&config.include, variables)?;
        let exclude = conditions.rules(&config.exclude, variables)?;
        let mut ignored = conditions.rules(&config.ignore, variables)?;
        ignored.extend([CONFIG, ".genignore", ".cargo-ok"]);
        let list = template.files.get(".genignore");
        let list =
            list.map_or_else(String::new, |list| String::from_utf8_lossy(&list.contents).into());
        Ok(Self {
            ignored,
            unneeded: matcher(list.lines())?,
            include: (!include.is_empty()).then(|| matcher(include)).transpose()?,
            exclude: (!exclude.is_empty()).then(|| matcher(exclude)).transpose()?,
        })
    }

    fn leaves_out(&self, path: &str) -> bool {
        let listed = |ignored: &&str| Path::new(path).starts_with(ignored.trim_start_matches("./"));
        self.ignored.iter().any(listed) || is_matched(&self.unneeded, path)
    }

    /// The list of what is included goes before that of what is not.
    fn is_expanded(&self, path: &str) -> bool {
        match (&self.include, &self.exclude) {
            (Some(include), _) => is_matched(include, path),
            (None, Some(exclude)) => !is_matched(exclude, path),
            (None, None) => true,
        }
    }
}

fn matcher<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Result<Gitignore> {
    let fail = |error| Error::new(format!("cannot read the patterns of `{CONFIG}`")).because(error);
    let mut builder = GitignoreBuilder::new("");
    for pattern in patterns {
        builder.add_line(None, pattern).map_err(fail)?;
    }
    builder.build().map_err(fail)
}

fn is_matched(patterns: &Gitignore, path: &str) -> bool {
    patterns.matched_path_or_any_parents(path, false).is_ignore()
}

/// Where a file goes: each part of its path may have tags too.
fn target(parser: &Parser, source: &str, path: &str, variables: &Object) -> Result<String> {
    if !has_tag(path) {
        return Ok(path.to_owned());
    }
    let mut parts = Vec::new();
    for part in path.split('/') {
        let part = expand(parser, source, part, variables)?;
        if part.is_empty() || part == "." || part == ".." || part.contains(['/', '\\', '\0']) {
            let message =
                format!("the name of `{source}` becomes `{part}`, which is no file's name");
            return Err(Error::new(message).hint("choose other answers"));
        }
        parts.push(part);
    }
    Ok(parts.join("/"))
}

fn has_tag(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

fn expand(parser: &Parser, source: &str, text: &str, variables: &Object) -> Result<String> {
    let fail = |line: usize, why: String| {
        let message = format!("cannot expand the template: {source}:{line}: {why}");
        Error::new(message).hint("this is a mistake in the template")
    };
    let template = parser.parse(text).map_err(|error| {
        let (line, why) = explain(&error.to_string());
        fail(line.unwrap_or_else(|| last_tag(text)), why)
    })?;
    template.render(variables).map_err(|error| {
        let error = error.to_string();
        match undefined(&error) {
            Some(name) => {
                let line = line_of(parser, text, name, variables);
                fail(line, format!("`{name}` has no value under these answers"))
            }
            None => fail(line_of_tag(text, &error), explain(&error).1),
        }
    })
}

/// The line that an error of the parser tells of, and the rest on one line.
fn explain(error: &str) -> (Option<usize>, String) {
    static PLACE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"--> (\d+):\d+").ok());
    let place = PLACE.as_ref().and_then(|place| place.captures(error));
    let line = place.and_then(|place| place.get(1)?.as_str().parse().ok());
    // Neither the picture of the place, nor the headings, nor lists of what there is.
    let said = |text: &&str| {
        !text.is_empty()
            && !text.contains("-->")
            && !text.contains('|')
            && !text.ends_with(':')
            && !["available ", "from: ", "input="].iter().any(|start| text.starts_with(start))
    };
    let lines = error.lines().map(|line| line.trim().trim_start_matches("liquid: "));
    let why: Vec<&str> = lines.filter(said).map(|line| line.trim_start_matches("= ")).collect();
    (line, why.join(", "))
}

/// The variable that an error of the renderer tells of.
fn undefined(error: &str) -> Option<&str> {
    if !error.contains("Unknown variable") {
        return None;
    }
    let (_, rest) = error.split_once("requested variable=")?;
    rest.lines().next().map(str::trim)
}

/// The line of the tag that asks for the variable: the last that does not, once the variable is
/// defined right before it.
fn line_of(parser: &Parser, text: &str, name: &str, variables: &Object) -> usize {
    let tags = tags(text, name);
    let settles = |(at, _): &&(usize, usize)| {
        let (before, after) = text.split_at(*at);
        let defined = format!("{before}{{% assign {name} = '' %}}{after}");
        let Ok(template) = parser.parse(&defined) else { return false };
        let error = template.render(variables).err().map(|error| error.to_string());
        error.as_deref().and_then(undefined) != Some(name)
    };
    let found = tags.iter().rev().find(settles).or(tags.first());
    found.map_or(1, |(_, line)| *line)
}

/// Where the tags are that have this word, and on which lines.
fn tags(text: &str, name: &str) -> Vec<(usize, usize)> {
    let word = format!(r"\{{[{{%][^}}]*?(?:^|[^\w-]){}(?:[^\w-]|$)", regex::escape(name));
    let Ok(word) = Regex::new(&word) else { return Vec::new() };
    word.find_iter(text).map(|tag| (tag.start(), line_at(text.as_bytes(), tag.start()))).collect()
}

/// The line of the first tag with the filter that an error of the renderer tells of, or with what it
/// quotes.
fn line_of_tag(text: &str, error: &str) -> usize {
    let filter = error.split_once("filter=").and_then(|(_, rest)| rest.split([' ', '\n']).next());
    if let Some((_, line)) = filter.and_then(|filter| tags(text, filter).into_iter().next()) {
        return line;
    }
    let quoted = error.split_once("from: ").and_then(|(_, rest)| rest.lines().next());
    let quoted = quoted.map(|tag| tag.trim_matches(['{', '}', '%', ' ']));
    let at = quoted.and_then(|tag| text.find(tag));
    line_at(text.as_bytes(), at.unwrap_or_default())
}

fn last_tag(text: &str) -> usize {
    let at = text.rfind("{%").max(text.rfind("{{"));
    line_at(text.as_bytes(), at.unwrap_or_default())
}

fn line_at(text: &[u8], at: usize) -> usize {
    text.iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

/// The scripts that a template runs: hooks, and what its files run while they are expanded.
pub(crate) fn scripts(template: &Template) -> Vec<String> {
    let mut scripts = template.config.hooks.clone();
    for (path, file) in &template.files {
        let text = String::from_utf8_lossy(&file.contents);
        let runs = |tag: &str| {
            tag.split('|').skip(1).any(|filter| {
                filter
                    .trim_start()
                    .strip_prefix("rhai")
                    .is_some_and(|rest| !rest.starts_with(is_word))
            })
        };
        let mut tags = text.split("{{").chain(text.split("{%")).skip(1);
        if tags.any(|tag| runs(tag.split('}').next().unwrap_or_default())) {
            scripts.push(path.clone());
        }
    }
    scripts
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Liquid as cargo-generate has it.
fn parser() -> Result<Parser> {
    let cases: [Case; 8] = [
        Case { name: "kebab_case", change: |text| text.to_kebab_case() },
        Case { name: "lower_camel_case", change: |text| text.to_lower_camel_case() },
        Case { name: "pascal_case", change: |text| text.to_pascal_case() },
        Case { name: "shouty_kebab_case", change: |text| text.to_shouty_kebab_case() },
        Case { name: "shouty_snake_case", change: |text| text.to_shouty_snake_case() },
        Case { name: "snake_case", change: |text| text.to_snake_case() },
        Case { name: "title_case", change: |text| text.to_title_case() },
        Case { name: "upper_camel_case", change: |text| text.to_upper_camel_case() },
    ];
    let mut builder = ParserBuilder::with_stdlib();
    for case in cases {
        builder = builder.filter(case);
    }
    builder.build().map_err(|error| Error::new("cannot read templates").because(error))
}

/// A filter that changes the case of a text.
#[derive(Clone, Debug)]
struct Case {
    name: &'static str,
    change: fn(&str) -> String,
}

impl FilterReflection for Case {
    fn name(&self) -> &str {
        self.name
    }

    fn description(&self) -> &'static str {
        "changes the case of a text"
    }

    fn positional_parameters(&self) -> &'static [ParameterReflection] {
        &[]
    }

    fn keyword_parameters(&self) -> &'static [ParameterReflection] {
        &[]
    }
}

impl ParseFilter for Case {
    fn parse(&self, _: FilterArguments<'_>) -> liquid_core::Result<Box<dyn Filter>> {
        Ok(Box::new(self.clone()))
    }

    fn reflection(&self) -> &dyn FilterReflection {
        self
    }
}

impl Filter for Case {
    fn evaluate(&self, input: &dyn ValueView, _: &dyn Runtime) -> liquid_core::Result<Value> {
        let text = input.as_scalar();
        let text = text.ok_or_else(|| liquid_core::Error::with_msg("String expected"))?;
        Ok(Value::scalar((self.change)(&text.into_string())))
    }
}

impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}
