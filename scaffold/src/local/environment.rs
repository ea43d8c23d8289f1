//! The environment variables that the user gives to the functions beside those of the template: in `.env`, in
//! other files and on the command line.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::deployed_stack::DeployedStack;
use super::warnings::Warnings;
use crate::aws;
use crate::files;
use crate::sam::TemplateFunction;
use crate::term::error::{Error, Result};
use crate::term::{escape, message, quote};

/// The file that is read if it is beside the template, or beside the manifest of a project without one.
const DEFAULT_FILE: &str = ".env";

/// Lambda accepts 4 KB of variables.
const MAX_FILE_SIZE: u64 = 1 << 20;

/// The variables and files on the command line.
#[derive(Debug, Default)]
pub(crate) struct GivenEnvironment {
    variables: BTreeMap<String, String>,
    files: Vec<PathBuf>,
    /// The name of the stack that has the values that only a deployment knows.
    stack_name: Option<String>,
    /// The stack, once it has been read.
    stack: Option<Arc<DeployedStack>>,
}

/// The variables that functions get beside those of the template.
#[derive(Debug, Default)]
pub(crate) struct FunctionEnvironment {
    /// The variables in `.env`. Those of the user's shell take precedence over them.
    defaults: BTreeMap<String, String>,
    /// The variables of `--env-file` and `--env`, which take precedence over all others.
    given: BTreeMap<String, String>,
    /// The files that were read or looked for.
    files: Vec<PathBuf>,
    /// The stack that has the values that only a deployment knows.
    stack: Option<Arc<DeployedStack>>,
}

impl GivenEnvironment {
    /// Parses variables such as `TABLE=orders`.
    pub(crate) fn new(
        variables: &[String],
        files: Vec<PathBuf>,
        stack_name: Option<String>,
    ) -> Result<Self> {
        let parse = |text: &String| {
            let Some((name, value)) = text.split_once('=') else {
                return Err(Error::new(format!("`--env {text}` has no value"))
                    .hint(format!("write `--env {text}=VALUE`"))
                    .usage());
            };
            check(name)
                .map_err(|(why, hint)| Error::new(format!("`--env`: {why}")).hint(hint).usage())?;
            Ok((name.to_owned(), value.to_owned()))
        };
        let variables = variables.iter().map(parse).collect::<Result<_>>()?;
        Ok(Self { variables, files, stack_name, stack: None })
    }

    /// Reads the variables of these functions from the stack, if one is given.
    pub(crate) async fn read_stack(
        &mut self,
        functions: impl IntoIterator<Item = &TemplateFunction>,
    ) -> Result<()> {
        if let Some(name) = &self.stack_name {
            message::note(format_args!(
                "reading the variables of the stack `{}`",
                escape::line(name)
            ));
            self.stack = Some(Arc::new(DeployedStack::read(name, functions).await?));
        }
        Ok(())
    }

    /// Reads the files. `project` is the template, or the folder of a project without one.
    pub(crate) fn read(
        &self,
        project: &Path,
        warnings: &mut Warnings,
    ) -> Result<FunctionEnvironment> {
        let folder = if project.is_dir() { Some(project) } else { project.parent() };
        let default_file = folder.unwrap_or(Path::new("")).join(DEFAULT_FILE);
        let mut defaults = BTreeMap::new();
        if default_file.exists() {
            for Line { number, name, value } in read_file(&default_file)? {
                // Other programs read the file too.
                if let Err((why, hint)) = check(&name) {
                    let file = quote::relative(&default_file);
                    warnings.warn(&format!("{file}:{number}: ignored: {why}"), &hint);
                } else {
                    defaults.insert(name, value);
                }
            }
        }
        let mut given = BTreeMap::new();
        for file in &self.files {
            for Line { number, name, value } in read_file(file)? {
                check(&name).map_err(|(why, hint)| {
                    Error::new(format!("{}:{number}: {why}", quote::relative(file)))
                        .hint(hint)
                        .in_file(file.clone())
                })?;
                given.insert(name, value);
            }
        }
        given.extend(self.variables.clone());
        let files = [&[default_file], self.files.as_slice()].concat();
        Ok(FunctionEnvironment { defaults, given, files, stack: self.stack.clone() })
    }
}

impl FunctionEnvironment {
    /// Returns the variables of a function that differ from the user's.
    pub(crate) fn of(&self, function: &TemplateFunction) -> BTreeMap<String, String> {
        let mut variables = function.environment.clone();
        let unresolved = function.unresolved_variables.keys();
        variables.extend(
            unresolved
                .filter_map(|name| Some((name.clone(), self.deployed(function, name)?.clone()))),
        );
        variables.extend(self.defaults.clone());
        // As in SAM, the user's own value takes precedence.
        variables.retain(|name, _| env::var_os(name).is_none());
        variables.extend(self.given.clone());
        variables
    }

    /// Returns the value of a variable in the stack.
    fn deployed(&self, function: &TemplateFunction, variable: &str) -> Option<&String> {
        self.stack.as_ref()?.value(&function.name, variable)
    }

    /// The files whose changes matter.
    pub(crate) fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Warns about variables that the template gives a function, and whose values are not known.
    pub(crate) fn warn_about_unset(&self, function: &TemplateFunction, warnings: &mut Warnings) {
        let has = |name: &String| {
            self.defaults.contains_key(name)
                || self.given.contains_key(name)
                || env::var_os(name).is_some()
                || self.deployed(function, name).is_some()
        };
        let unset: Vec<_> =
            function.unresolved_variables.iter().filter(|(name, _)| !has(name)).collect();
        let Some((first, _)) = unset.first() else { return };
        let names: Vec<_> =
            unset.iter().map(|(name, call)| format!("`{name}` (`{call}`)")).collect();
        warnings.warn(
            &format!(
                "unset in `{}`, because the value is known only after deployment: {}",
                function.name,
                names.join(", ")
            ),
            &match &self.stack {
                Some(stack) => format!(
                    "the stack `{}` does not have it either: deploy the template, or use `--env {first}=…`",
                    stack.name
                ),
                None => format!(
                    "set it with `--env {first}=…` or in the file `{DEFAULT_FILE}`, or use `--stack NAME` for the \
                     values in a deployed stack"
                ),
            },
        );
    }
}

/// Checks that Lambda accepts a variable of this name. The error has the reason and the fix.
fn check(name: &str) -> std::result::Result<(), (String, String)> {
    let is_valid = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric());
    if aws::is_reserved_variable(name) {
        let hint = if name.starts_with('_') || name.contains("LAMBDA") || name.contains("EXECUTION")
        {
            "remove it: the function gets Lambda's value".to_owned()
        } else {
            let command = quote::set_variable(name, "…");
            format!("set it in this shell, whose variables functions inherit: `{command}`")
        };
        return Err((format!("Lambda reserves the variable `{name}`"), hint));
    }
    if !is_valid {
        let hint = "use a letter, and then letters, digits and `_`".to_owned();
        return Err((format!("`{name}` is not a valid name of a variable"), hint));
    }
    Ok(())
}

/// A variable in a file.
struct Line {
    number: usize,
    name: String,
    value: String,
}

/// Reads a file with lines such as `NAME=value`. Errors contain no value.
fn read_file(path: &Path) -> Result<Vec<Line>> {
    let name = quote::relative(path);
    let text = files::read_text(path, MAX_FILE_SIZE).map_err(|error| {
        Error::new(format!("cannot read `{name}`")).because(error).in_file(path.to_owned())
    })?;
    let count = Rc::new(Cell::new(0));
    let lines = Lines {
        rest: text.strip_prefix('\u{feff}').unwrap_or(&text).as_bytes(),
        count: Rc::clone(&count),
    };
    let mut variables = Vec::new();
    let mut next = 1;
    for variable in dotenvy::Iter::new(lines) {
        let (name, value) = variable
            .ok()
            .filter(|(_, value)| !value.contains('\0'))
            .ok_or_else(|| {
                // Blank lines before it count as a part of it.
                let skipped = text.lines().skip(next - 1).take_while(|line| is_blank(line)).count();
                let number = next + skipped;
                Error::new(format!("{name}:{number}: expected `NAME=value`"))
                    .hint("values with spaces, `#` or `$` need single quotes, and quotes must be closed")
                    .in_file(path.to_owned())
            })?;
        variables.push(Line { number: count.get(), name, value });
        next = count.get() + 1;
    }
    Ok(variables)
}

fn is_blank(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#')
}

/// Reads one line at a time, so that the number of the line is known whenever the reader has used all that it
/// was given.
struct Lines<'a> {
    rest: &'a [u8],
    count: Rc<Cell<usize>>,
}

impl io::Read for Lines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let end =
            self.rest.iter().position(|byte| *byte == b'\n').map_or(self.rest.len(), |at| at + 1);
        let length = end.min(buffer.len());
        let (line, rest) = self.rest.split_at(length);
        for (to, from) in buffer.iter_mut().zip(line) {
            *to = *from;
        }
        self.rest = rest;
        if length == end && length > 0 {
            self.count.set(self.count.get() + 1);
        }
        Ok(length)
    }
}
