//! Templates: their files, and their configuration in `cargo-generate.toml`.

pub(crate) mod condition;
pub(crate) mod config;
pub(crate) mod origin;
pub(crate) mod render;
pub(crate) mod script;
pub(crate) mod source;
pub(crate) mod variables;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use crate::term::error::{Error, Result};
use crate::term::nearest::nearest;

pub(crate) use self::config::{Config, FileRules};
use self::origin::Origin;

/// The file with a template's configuration.
pub(crate) const CONFIG: &str = "cargo-generate.toml";

/// The template that is used if none is named.
pub(crate) const DEFAULT: &str = "http-api";

/// A template, wherever it comes from.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    pub(crate) origin: Origin,
    pub(crate) config: Config,
    /// By path, including the configuration.
    pub(crate) files: BTreeMap<String, TemplateFile>,
}

/// A file of a template.
#[derive(Clone, Debug)]
pub(crate) struct TemplateFile {
    pub(crate) contents: Cow<'static, [u8]>,
    pub(crate) executable: bool,
}

impl Template {
    pub(crate) fn new(origin: Origin, files: BTreeMap<String, TemplateFile>) -> Result<Self> {
        let text = files.get(CONFIG).map(|file| &*file.contents).unwrap_or_default();
        match Config::parse(&String::from_utf8_lossy(text)) {
            Ok(config) => Ok(Self { origin, config, files }),
            Err(error) => Err(cannot_read_config(&origin).because(error.to_string().trim_end())),
        }
    }

    /// Fails if the template's configuration contradicts itself.
    pub(crate) fn check(&self) -> Result<()> {
        self.config.check().map_err(|why| cannot_read_config(&self.origin).because(why))
    }

    /// The line of a condition in the configuration; 1 if it cannot be found.
    fn line_of_condition(&self, condition: &str) -> usize {
        let config = self.files.get(CONFIG).map(|file| String::from_utf8_lossy(&file.contents));
        let is_header = |line: &str| line.contains("conditional") && line.contains(condition);
        config.and_then(|it| it.lines().position(is_header)).map_or(1, |index| index + 1)
    }

    /// The name, if it is a template of this program.
    pub(crate) fn name(&self) -> Option<&'static str> {
        match self.origin {
            Origin::BuiltIn(name) => Some(name),
            Origin::Folder(_) | Origin::Git { .. } => None,
        }
    }

    /// A hash of all paths and contents.
    pub(crate) fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for (path, file) in &self.files {
            for part in [path.as_bytes(), &file.contents] {
                hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
                hash.update(part);
            }
        }
        hash.finalize().iter().fold("sha256:".to_owned(), |mut text, byte| {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// The project's `Cargo.toml` before the expansion.
    pub(crate) fn manifest(&self) -> Option<Cow<'_, str>> {
        let paths = ["Cargo.toml.liquid", "Cargo.toml"];
        let file = paths.iter().find_map(|path| self.files.get(*path))?;
        Some(String::from_utf8_lossy(&file.contents))
    }

    /// Returns whether the project has several packages, so that it is always a workspace itself.
    pub(crate) fn is_workspace(&self) -> bool {
        let manifest = self.manifest().unwrap_or_default();
        manifest.lines().any(|line| line.trim_start().starts_with("members"))
    }
}

fn cannot_read_config(origin: &Origin) -> Error {
    Error::new(format!("cannot read `{CONFIG}` of {origin}"))
}

/// The templates of this program, sorted by name.
pub(crate) fn catalogue() -> &'static [Template] {
    static CATALOGUE: LazyLock<Vec<Template>> = LazyLock::new(|| {
        let built_in = |template: &lambda_native_templates::Template| {
            let files = template.files.iter().map(|file| {
                let contents = Cow::Borrowed(file.contents);
                (file.path.to_owned(), TemplateFile { contents, executable: false })
            });
            #[expect(clippy::expect_used, reason = "they are embedded, and tested")]
            Template::new(Origin::BuiltIn(template.name), files.collect()).expect("it is valid")
        };
        lambda_native_templates::templates().iter().map(built_in).collect()
    });
    &CATALOGUE
}

/// Finds a template of this program.
pub(crate) fn find(name: &str) -> Result<&'static Template> {
    catalogue().iter().find(|template| template.name() == Some(name)).ok_or_else(|| {
        let names: Vec<&str> = catalogue().iter().filter_map(Template::name).collect();
        let near = nearest(name, &names).map(|near| format!("did you mean `{near}`? "));
        Error::new(format!("unknown template `{name}`"))
            .hint(format!("{}the templates are {}", near.unwrap_or_default(), listed(&names)))
            .usage()
    })
}

/// Formats words for a message.
pub(crate) fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use regex::Regex;

    use super::*;
    use crate::new_project::question::{AnswerType, Question};

    #[test]
    fn every_default_is_an_answer() {
        for question in catalogue().iter().flat_map(|template| &template.config.questions) {
            let default = question.default.as_deref().expect("there is a default");
            assert!(question.accepts(default), "{question:?}");
        }
    }

    #[test]
    fn every_question_says_what_it_is_about() {
        for question in catalogue().iter().flat_map(|template| &template.config.questions) {
            assert!(!question.help.is_empty() && !question.prompt.is_empty(), "{question:?}");
            if let AnswerType::Text { expected, .. } = &question.answer_type {
                assert!(!expected.is_empty(), "{question:?}");
            }
        }
    }

    #[test]
    fn the_numbers_are_those_of_lambda_and_its_gateways() {
        let accepts_range = |question: &Question, least: u32, greatest: u32| {
            let accepts = |number: u32| question.accepts(&number.to_string());
            accepts(least) && accepts(greatest) && !accepts(least - 1) && !accepts(greatest + 1)
        };
        for question in catalogue().iter().flat_map(|template| &template.config.questions) {
            match &*question.name {
                "memory" => assert!(accepts_range(question, 128, 10_240)),
                "timeout" => {
                    // REST APIs wait for 29 seconds, HTTP APIs for 30, Lambda for 900.
                    let limits = [29, 30, 900].iter();
                    let limits = limits.filter(|limit| accepts_range(question, 1, **limit));
                    assert_eq!(limits.count(), 1, "{question:?}");
                }
                _ => {}
            }
        }
    }

    #[test]
    fn every_variable_is_assigned_or_a_question_or_a_built_in_of_cargo_generate() {
        let tag = Regex::new(r"\{\{-?\s*([\w-]+)|\{%-?\s*(?:if|elsif|unless)\s+([\w-]+)").unwrap();
        let assigned = Regex::new(r"\{%-?\s*assign\s+([\w-]+)").unwrap();
        let raw = Regex::new(r"(?s)\{%-? *raw *-?%\}.*?\{%-? *endraw *-?%\}").unwrap();
        for template in catalogue() {
            let questions = template.config.questions.iter().map(|question| &*question.name);
            let known: BTreeSet<&str> = questions.chain(["project-name", "crate_name"]).collect();
            for (path, file) in &template.files {
                let contents = std::str::from_utf8(&file.contents).unwrap();
                let contents = raw.replace_all(contents, "");
                let assigned: BTreeSet<&str> = assigned
                    .captures_iter(&contents)
                    .map(|found| found.get(1).unwrap().as_str())
                    .collect();
                for found in tag.captures_iter(&contents) {
                    let variable = found.get(1).or(found.get(2)).unwrap().as_str();
                    let known = known.contains(variable) || assigned.contains(variable);
                    assert!(known, "{path}: `{variable}`");
                }
            }
        }
    }

    #[test]
    fn the_hash_tells_every_file_and_name() {
        let file = |text: &'static str| TemplateFile {
            contents: Cow::Borrowed(text.as_bytes()),
            executable: false,
        };
        let hash = |files: &[(&str, &'static str)]| {
            let files = files.iter().map(|(path, text)| ((*path).to_owned(), file(text)));
            Template::new(Origin::BuiltIn("x"), files.collect()).unwrap().hash()
        };
        let hashes =
            [&[("a", "bc")][..], &[("ab", "c")], &[("a", "b"), ("c", "")], &[("a", "bcd")]];
        let hashes: BTreeSet<String> = hashes.map(hash).into();
        assert_eq!(hashes.len(), 4);
    }
}
