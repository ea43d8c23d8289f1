//! The project templates of Lambda Native, embedded as bytes, with the questions that each asks.
//!
//! Every folder of this crate that has a `cargo-generate.toml` is a template, for `scaffold new` and
//! for the plain `cargo generate --path` alike. That file is the one source of a template's
//! questions. Beside the keys of cargo-generate, which ignores those that it does not know, it has:
//!
//! | key | what it is |
//! |---|---|
//! | `template.description` | one line about the template |
//! | `placeholders.NAME.help` | one line about the question |
//! | `placeholders.NAME.expected` | what `regex` lets through, in words |
//! | `placeholders.NAME.value_name` | the answer's name in `--help`, such as `MB` |
//! | `placeholders.NAME.unit` | what follows the answer where it is printed, such as `MB` |
//! | `placeholders.NAME.aliases` | other names of the question's flag |
//!
//! # The library's sources
//!
//! Built from a checkout, this crate also holds the sources of `lambda-native` and of its macros:
//! see [`library_sources`].

/// A project template.
#[derive(Debug)]
pub struct Template {
    /// The name that `--template` takes: the folder's.
    pub name: &'static str,
    /// One line about the project that it makes.
    pub description: &'static str,
    /// What it asks beside the project's name, in the order of asking.
    pub questions: &'static [Question],
    /// The files that some answers leave out.
    pub optional: &'static [&'static str],
    /// All its files.
    pub files: &'static [File],
}

/// One question of a template: a placeholder of its `cargo-generate.toml`.
#[derive(Debug)]
pub struct Question {
    /// The placeholder.
    pub name: &'static str,
    /// The flag of `scaffold new`, without its `--`: the placeholder with `-` for `_`.
    pub flag: &'static str,
    /// Other names of the flag.
    pub aliases: &'static [&'static str],
    /// The question, as asked on a terminal.
    pub prompt: &'static str,
    /// One line about it.
    pub help: &'static str,
    /// The answer's name in `--help`.
    pub value_name: &'static str,
    /// What follows the answer where it is printed; may be empty.
    pub unit: &'static str,
    /// The answer where none is given.
    pub default: &'static str,
    /// What may be answered.
    pub answer: Answer,
}

/// What may be answered to a [`Question`].
#[derive(Debug)]
pub enum Answer {
    /// One of these.
    Choice(&'static [&'static str]),
    /// What a regular expression matches.
    Text {
        /// The regular expression.
        regex: &'static str,
        /// What it lets through, in words.
        expected: &'static str,
    },
}

/// A file that a project, or a template of one, is made of.
#[derive(Debug)]
pub struct File {
    /// Where it goes, relative, with `/` between the parts.
    pub path: &'static str,
    /// What is in it.
    pub contents: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// All templates, by name.
#[must_use]
pub fn templates() -> &'static [Template] {
    TEMPLATES
}

/// The sources of the library as two crates that stand alone, `lambda-native/` and
/// `lambda-native-macros/`, for a project to carry in its `vendor/` folder.
///
/// They are there only where this crate was built from a checkout, whose library may be on no
/// registry yet. A published `lambda-native-templates` comes with a published `lambda-native`, which
/// is then the one to depend on, and has `None` here.
#[must_use]
pub fn library_sources() -> Option<&'static [File]> {
    LIBRARY_SOURCES
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use regex::Regex;
    use toml_edit::DocumentMut;

    use super::*;

    #[test]
    fn every_default_is_an_answer() {
        for question in templates().iter().flat_map(|template| template.questions) {
            let valid = match question.answer {
                Answer::Choice(choices) => choices.contains(&question.default),
                Answer::Text { regex, .. } => Regex::new(regex).unwrap().is_match(question.default),
            };
            assert!(valid, "{question:?}");
        }
    }

    #[test]
    fn the_numbers_are_lambdas_own() {
        let [http_api] = templates() else { panic!("{:?}", templates()) };
        let accepted = |name: &str| {
            let question = http_api.questions.iter().find(|question| question.name == name);
            let Answer::Text { regex, .. } = question.unwrap().answer else { panic!("{name}") };
            let regex = Regex::new(regex).unwrap();
            (0..=11_000).filter(|number| regex.is_match(&number.to_string())).collect::<Vec<u32>>()
        };
        assert_eq!(accepted("memory"), (128..=10_240).collect::<Vec<_>>());
        assert_eq!(accepted("timeout"), (1..=900).collect::<Vec<_>>());
    }

    /// To cargo-generate an unknown variable is an empty string.
    #[test]
    fn every_variable_is_a_question_or_a_built_in_of_cargo_generate() {
        let tag = Regex::new(r"\{\{-?\s*([\w-]+)|\{%-?\s*\w+\s+([\w-]+)").unwrap();
        for template in templates() {
            let known: BTreeSet<&str> = template
                .questions
                .iter()
                .map(|question| question.name)
                .chain(["project-name", "crate_name"])
                .collect();
            for file in template.files {
                let contents = std::str::from_utf8(file.contents).unwrap();
                for found in tag.captures_iter(contents) {
                    let variable = found.get(1).or(found.get(2)).unwrap().as_str();
                    assert!(known.contains(variable), "{}: `{variable}`", file.path);
                }
            }
        }
    }

    #[test]
    fn the_templates_ask_for_the_library_of_their_own_version() {
        let dependency = format!("lambda-native = \"{}\"", env!("CARGO_PKG_VERSION"));
        for template in templates() {
            let manifest = template.files.iter().find(|file| file.path == "Cargo.toml.liquid");
            let manifest = std::str::from_utf8(manifest.unwrap().contents).unwrap();
            assert!(manifest.lines().any(|line| line == dependency), "{}", template.name);
        }
    }

    #[test]
    fn the_library_is_here_with_what_it_needs_and_nothing_else() {
        let sources = library_sources().expect("the tests run in a checkout");
        for file in sources {
            let (krate, path) = file.path.split_once('/').unwrap();
            assert!(["lambda-native", "lambda-native-macros"].contains(&krate), "{}", file.path);
            assert!(
                path == "Cargo.toml" || path.starts_with("LICENSE-") || path.starts_with("src/"),
                "{}",
                file.path
            );
            if path == "Cargo.toml" {
                let manifest: DocumentMut =
                    std::str::from_utf8(file.contents).unwrap().parse().unwrap();
                for (section, _) in manifest.iter() {
                    let needed = ["package", "lib", "features", "dependencies"];
                    assert!(needed.contains(&section), "{}: `{section}`", file.path);
                }
                let inherits = |key: &str| manifest[key].to_string().contains("workspace");
                assert!(!inherits("package") && !inherits("dependencies"), "{manifest}");
            }
        }
    }
}
