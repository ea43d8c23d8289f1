//! Renders a foreign template strictly, before cargo-generate expands it.
//!
//! cargo-generate renders an undefined variable as nothing, and leaves a file as it is if rendering
//! fails. Here both are errors with file and line.
//!
//! A text can nest so deeply, or ask for so much, that the process ends. So this runs in the child process
//! that expands the template.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use heck::{
    ToKebabCase, ToLowerCamelCase, ToPascalCase, ToShoutyKebabCase, ToShoutySnakeCase, ToSnakeCase,
    ToTitleCase, ToUpperCamelCase,
};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use liquid::model::{Value, ValueView};
use liquid::{Object, Parser, ParserBuilder};
use liquid_core::parser::{FilterArguments, ParameterReflection};
use liquid_core::{Filter, FilterReflection, ParseFilter, Runtime};

use super::config::FileRules;
use super::{CONFIG, TemplateFile};
use crate::term::error::{Error, Result};

/// Surrounds the number of a line in what is rendered to find errors.
const MARK: char = '\u{1}';

/// The rules by which cargo-generate replaces characters that a file name cannot have.
const SANITIZING: sanitize_filename::Options<'static> =
    sanitize_filename::Options { windows: cfg!(windows), truncate: true, replacement: "_" };

/// Parses and renders as cargo-generate does, but strictly.
pub(crate) struct StrictRenderer {
    parser: Parser,
    /// Set when a filter that runs a script has been parsed.
    has_script: Arc<AtomicBool>,
}

impl StrictRenderer {
    pub(crate) fn new() -> Result<Self> {
        let has_script = Arc::new(AtomicBool::new(false));
        let filters: [(&str, TextChange); 9] = [
            ("kebab_case", |text| text.to_kebab_case()),
            ("lower_camel_case", |text| text.to_lower_camel_case()),
            ("pascal_case", |text| text.to_pascal_case()),
            ("shouty_kebab_case", |text| text.to_shouty_kebab_case()),
            ("shouty_snake_case", |text| text.to_shouty_snake_case()),
            ("snake_case", |text| text.to_snake_case()),
            ("title_case", |text| text.to_title_case()),
            ("upper_camel_case", |text| text.to_upper_camel_case()),
            (RHAI, str::to_owned),
        ];
        let mut builder = ParserBuilder::with_stdlib();
        for (name, change) in filters {
            builder = builder.filter(TextFilter { name, change, has_script: has_script.clone() });
        }
        let parser = builder
            .build()
            .map_err(|error| Error::new("cannot set up the template parser").because(error))?;
        Ok(Self { parser, has_script })
    }

    /// Returns whether the expansion of this file runs a script. It parses exactly what cargo-generate
    /// parses: the contents, and each part of the path by itself.
    pub(crate) fn runs_script(&self, path: &str, file: &TemplateFile) -> bool {
        self.has_script.store(false, Ordering::Relaxed);
        for text in path.split('/').chain([&*String::from_utf8_lossy(&file.contents)]) {
            // cargo-generate cannot expand a file either that has a syntax error.
            let _ = self.parser.parse(text);
        }
        self.has_script.load(Ordering::Relaxed)
    }

    /// Fails if a file of the template would not be expanded completely, or would replace another: then
    /// the second file's text would be expanded in place of its own. Calls `begin` with the path of each
    /// file before its turn.
    pub(crate) fn check<'t>(
        &self,
        files: &'t BTreeMap<String, TemplateFile>,
        rules: &FileRules,
        variables: &Object,
        mut begin: impl FnMut(&str),
    ) -> Result<()> {
        let selection = FileSelection::new(files, rules)?;
        // Some file systems ignore the case of letters.
        let by_name = |path: &'t String| (path.to_lowercase(), path);
        let kept = files.keys().filter(|path| !selection.leaves_out(path));
        let sources: BTreeMap<String, &String> = kept.clone().map(by_name).collect();
        let mut taken = BTreeMap::new();
        for path in kept {
            begin(path);
            let name = self.expand_path(path, variables)?;
            let folded = name.to_lowercase();
            let other = taken.insert(folded.clone(), path).or(sources.get(&folded).copied());
            if let Some(other) = other.filter(|other| *other != path) {
                let message = format!("`{path}` and `{other}` both become `{name}`");
                return Err(Error::new(message).hint("this is a mistake in the template"));
            }
        }
        for (path, file) in files {
            if selection.leaves_out(path) || !selection.expands(path) {
                continue;
            }
            begin(path);
            let text = std::str::from_utf8(&file.contents).map_err(|error| {
                let before = file.contents.iter().take(error.valid_up_to());
                let line = before.filter(|byte| **byte == b'\n').count() + 1;
                let message = format!("`{path}` of the template is not UTF-8 text: line {line}");
                Error::new(message).hint(format!("add it to `exclude` in `{CONFIG}`"))
            })?;
            self.render(path, text, variables)?;
        }
        Ok(())
    }

    /// The path of a file in the project: the parts of a path can have tags too.
    fn expand_path(&self, path: &str, variables: &Object) -> Result<String> {
        let mut parts = Vec::new();
        for part in path.split('/') {
            let template = self.parser.parse(part);
            let part = template
                .and_then(|template| template.render(variables))
                .map_err(|error| mistake(path, 1, &explain(&error.to_string())))?;
            if part.is_empty() || part == "." || part == ".." || part.contains(['/', '\\', '\0']) {
                let message = format!(
                    "the name of `{path}` becomes `{part}`, which is not a valid file name"
                );
                return Err(Error::new(message).hint("choose other values"));
            }
            parts.push(sanitize_filename::sanitize_with_options(part, SANITIZING));
        }
        Ok(parts.join("/"))
    }

    fn render(&self, source: &str, text: &str, variables: &Object) -> Result<()> {
        let fail = |line: usize, why: String| mistake(source, line, &why);
        let marked = mark_lines(text);
        let template = self.parser.parse(&marked).map_err(|error| {
            let error = error.to_string();
            let line = position(&error).unwrap_or_else(|| self.line_of_mistake(text, &error));
            fail(line, explain(&error))
        })?;
        let mut rendered = Vec::new();
        let result = template.render_to(&mut rendered, variables);
        result.map_err(|error| {
            let rendered = String::from_utf8_lossy(&rendered);
            let line = rendered.rsplit(MARK).nth(1).and_then(|line| line.parse().ok());
            fail(line.unwrap_or(1), explain(&error.to_string()))
        })
    }

    /// The line of the first tag that by itself is the same mistake.
    fn line_of_mistake(&self, text: &str, error: &str) -> usize {
        let is_mistake =
            |line: &&str| self.parser.parse(line).is_err_and(|other| other.to_string() == error);
        text.lines().position(|line| is_mistake(&line)).map_or(1, |index| index + 1)
    }
}

fn mistake(path: &str, line: usize, why: &str) -> Error {
    Error::new(format!("{path}:{line}: {why}")).hint("this is a mistake in the template")
}

/// Puts the number of its line before each tag.
fn mark_lines(text: &str) -> String {
    let mark = |(number, line): (usize, &str)| {
        ["{{", "{%"].iter().fold(line.to_owned(), |line, tag| {
            line.replace(tag, &format!("{MARK}{number}{MARK}{tag}"))
        })
    };
    (1..).zip(text.split_inclusive('\n')).map(mark).collect()
}

/// The line that an error of the parser points at.
fn position(error: &str) -> Option<usize> {
    let (_, place) = error.split_once("--> ")?;
    place.split(':').next()?.parse().ok()
}

/// Puts an error of Liquid on one line, without its excerpt, headings, and lists of alternatives.
fn explain(error: &str) -> String {
    if let Some((_, variable)) = error.split_once("requested variable=") {
        let name = variable.lines().next().unwrap_or_default().trim();
        return format!("`{name}` is undefined for these answers");
    }
    let is_reason = |line: &&str| {
        !line.is_empty()
            && !line.contains("-->")
            && !line.contains('|')
            && !line.ends_with(':')
            && !["available ", "from: ", "input="].iter().any(|start| line.starts_with(start))
    };
    let lines = error.lines().map(|line| line.trim().trim_start_matches("liquid: "));
    let reasons = lines.filter(is_reason).map(|line| line.trim_start_matches("= "));
    reasons.collect::<Vec<_>>().join(", ")
}

/// Which files of a template become files of the project, and which of them are expanded.
pub(crate) struct FileSelection<'a> {
    rules: &'a FileRules,
    unneeded: Gitignore,
    patterns: Gitignore,
    /// The files that the patterns match are expanded, or else all others.
    expands_matches: bool,
}

impl<'a> FileSelection<'a> {
    pub(crate) fn new(
        files: &BTreeMap<String, TemplateFile>,
        rules: &'a FileRules,
    ) -> Result<Self> {
        let list = files.get(".genignore").map(|file| &*file.contents);
        let list = String::from_utf8_lossy(list.unwrap_or_default());
        // A list of what is included takes precedence.
        let expands_matches = rules.include.is_some();
        let patterns = rules.include.as_ref().unwrap_or(&rules.exclude);
        Ok(Self {
            rules,
            unneeded: matcher(list.lines())?,
            patterns: matcher(patterns.iter().map(String::as_str))?,
            expands_matches,
        })
    }

    pub(crate) fn leaves_out(&self, path: &str) -> bool {
        [CONFIG, ".genignore", ".cargo-ok"].contains(&path)
            || self.rules.ignores(path)
            || is_matched(&self.unneeded, path)
    }

    pub(crate) fn expands(&self, path: &str) -> bool {
        is_matched(&self.patterns, path) == self.expands_matches
    }
}

fn matcher<'p>(patterns: impl Iterator<Item = &'p str>) -> Result<Gitignore> {
    let fail = |error| Error::new(format!("invalid pattern in `{CONFIG}`")).because(error);
    let mut builder = GitignoreBuilder::new("");
    for pattern in patterns {
        builder.add_line(None, pattern).map_err(fail)?;
    }
    builder.build().map_err(fail)
}

fn is_matched(patterns: &Gitignore, path: &str) -> bool {
    patterns.matched_path_or_any_parents(path, false).is_ignore()
}

/// The filter that runs a script.
const RHAI: &str = "rhai";

type TextChange = fn(&str) -> String;

/// A filter that cargo-generate adds to those of Liquid.
#[derive(Clone, Debug)]
struct TextFilter {
    name: &'static str,
    change: TextChange,
    has_script: Arc<AtomicBool>,
}

impl FilterReflection for TextFilter {
    fn name(&self) -> &str {
        self.name
    }

    fn description(&self) -> &'static str {
        "a filter of cargo-generate"
    }

    fn positional_parameters(&self) -> &'static [ParameterReflection] {
        &[]
    }

    fn keyword_parameters(&self) -> &'static [ParameterReflection] {
        &[]
    }
}

impl ParseFilter for TextFilter {
    fn parse(&self, _: FilterArguments<'_>) -> liquid_core::Result<Box<dyn Filter>> {
        if self.name == RHAI {
            self.has_script.store(true, Ordering::Relaxed);
        }
        Ok(Box::new(self.clone()))
    }

    fn reflection(&self) -> &dyn FilterReflection {
        self
    }
}

impl Filter for TextFilter {
    fn evaluate(&self, input: &dyn ValueView, _: &dyn Runtime) -> liquid_core::Result<Value> {
        let text = input.as_scalar();
        let text = text.ok_or_else(|| liquid_core::Error::with_msg("String expected"))?;
        Ok(Value::scalar((self.change)(&text.into_string())))
    }
}

impl fmt::Display for TextFilter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}
