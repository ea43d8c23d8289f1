//! A template: its files, and what its `cargo-generate.toml` says about them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::question::Question;

mod condition;
mod config;
pub(crate) mod source;

pub(crate) use self::condition::Conditions;
pub(crate) use self::config::{Config, Rule};
use self::source::Origin;

/// The file of a template that is about it.
pub(crate) const CONFIG: &str = "cargo-generate.toml";

/// The template that is taken where none is asked for.
pub(crate) const DEFAULT: &str = "http-api";

/// A template, wherever it comes from.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    pub(crate) origin: Origin,
    pub(crate) config: Config,
    /// By path, the configuration included.
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
        let fail =
            |why: String| Error::new(format!("cannot read `{CONFIG}` of {origin}")).because(why);
        let text = files.get(CONFIG).map_or(Cow::default(), |file| file.contents.clone());
        let text = std::str::from_utf8(&text).map_err(|error| fail(error.to_string()))?;
        let config = Config::parse(text).map_err(fail)?;
        Ok(Self { origin, config, files })
    }

    /// The name of a template of this program.
    pub(crate) fn name(&self) -> Option<&'static str> {
        match self.origin {
            Origin::BuiltIn(name) => Some(name),
            Origin::Folder(_) | Origin::Git { .. } => None,
        }
    }

    /// The question of this name, or with `-` for the `_` in it.
    pub(crate) fn question(&self, name: &str) -> Option<&Question> {
        let questions = &self.config.questions;
        questions
            .iter()
            .find(|question| question.name == name)
            .or_else(|| questions.iter().find(|question| question.flag() == name))
    }

    /// A hash of everything in the template.
    pub(crate) fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for (path, file) in &self.files {
            for part in [path.as_bytes(), &file.contents] {
                hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
                hash.update(part);
            }
        }
        let mut text = "sha256:".to_owned();
        for byte in hash.finalize() {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    /// The project's `Cargo.toml`, before it is expanded.
    pub(crate) fn manifest(&self) -> Option<Cow<'_, str>> {
        let paths = ["Cargo.toml.liquid", "Cargo.toml"];
        let file = paths.iter().find_map(|path| self.files.get(*path))?;
        Some(String::from_utf8_lossy(&file.contents))
    }

    /// Whether the project has several packages, and so is a workspace whatever surrounds it.
    pub(crate) fn is_workspace(&self) -> bool {
        let manifest = self.manifest().unwrap_or_default();
        manifest.lines().any(|line| line.trim_start().starts_with("members"))
    }
}

/// The templates of this program, by name.
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

/// The template of this name.
pub(crate) fn find(name: &str) -> Result<&'static Template> {
    catalogue().iter().find(|template| template.name() == Some(name)).ok_or_else(|| {
        let names: Vec<&str> = catalogue().iter().filter_map(Template::name).collect();
        let near = nearest(name, &names).map(|near| format!("did you mean `{near}`? "));
        Error::new(format!("there is no template `{name}`"))
            .hint(format!("{}the templates are {}", near.unwrap_or_default(), listed(&names)))
            .usage()
    })
}

/// The word that is probably meant.
pub(crate) fn nearest<'a>(word: &str, words: &[&'a str]) -> Option<&'a str> {
    let far = |known: &&str| 1.0 - strsim::jaro_winkler(word, known);
    let near = words.iter().copied().min_by(|a, b| far(a).total_cmp(&far(b)))?;
    (far(&near) < 0.25).then_some(near)
}

/// Words in an error.
pub(crate) fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use regex::Regex;

    use super::*;
    use crate::question::Answer;

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
            if let Answer::Text { expected, .. } = &question.answer {
                assert!(!expected.is_empty(), "{question:?}");
            }
        }
    }

    #[test]
    fn the_numbers_are_those_of_lambda_and_its_gateways() {
        for question in catalogue().iter().flat_map(|template| &template.config.questions) {
            let all = 0..=11_000;
            let accepted = all.filter(|number: &u32| question.accepts(&number.to_string()));
            let accepted: Vec<u32> = accepted.collect();
            match &*question.name {
                "memory" => assert_eq!(accepted, (128..=10_240).collect::<Vec<_>>()),
                "timeout" => {
                    // REST APIs wait for 29 seconds, HTTP APIs for 30, Lambda for 900.
                    let longest = accepted.last().copied().unwrap();
                    assert!([29, 30, 900].contains(&longest), "{question:?}");
                    assert_eq!(accepted, (1..=longest).collect::<Vec<_>>());
                }
                _ => {}
            }
        }
    }

    #[test]
    fn every_variable_is_a_question_or_a_built_in_of_cargo_generate() {
        let tag = Regex::new(r"\{\{-?\s*([\w-]+)|\{%-?\s*(?:if|elsif|unless)\s+([\w-]+)").unwrap();
        let raw = Regex::new(r"(?s)\{%-? *raw *-?%\}.*?\{%-? *endraw *-?%\}").unwrap();
        for template in catalogue() {
            let questions = template.config.questions.iter().map(|question| &*question.name);
            let known: BTreeSet<&str> = questions.chain(["project-name", "crate_name"]).collect();
            for (path, file) in &template.files {
                let contents = std::str::from_utf8(&file.contents).unwrap();
                for found in tag.captures_iter(&raw.replace_all(contents, "")) {
                    let variable = found.get(1).or(found.get(2)).unwrap().as_str();
                    assert!(known.contains(variable), "{path}: `{variable}`");
                }
            }
        }
    }

    #[test]
    fn finds_what_is_meant() {
        assert_eq!(nearest("memroy", &["memory", "timeout"]), Some("memory"));
        assert_eq!(nearest("colour", &["memory", "timeout"]), None);
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
