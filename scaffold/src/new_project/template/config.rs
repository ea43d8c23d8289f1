//! Reads `cargo-generate.toml`: cargo-generate's own keys, and ours beside them.

use std::path::Path;

use regex::Regex;
use serde::de::Error as _;
use serde::{Deserialize, Serialize};
use toml::Table;
use toml::de::Error;

use crate::new_project::question::{AnswerType, Choice, Question};

/// The contents of a `cargo-generate.toml`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Config {
    pub(crate) description: String,
    /// The version of cargo-generate that the template asks for.
    pub(crate) cargo_generate_version: Option<String>,
    /// The folders of the templates inside this one.
    pub(crate) sub_templates: Vec<String>,
    /// The template's default for creating a git repository, if it has one.
    pub(crate) git: Option<bool>,
    /// In the order of asking: unconditional questions first.
    pub(crate) questions: Vec<Question>,
    /// The rules about files, each with the condition under which they apply.
    pub(crate) rules: Vec<(Option<String>, FileRules)>,
    pub(crate) hooks: Hooks,
}

/// The rules about the files of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct FileRules {
    /// Paths that are left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) ignore: Vec<String>,
    /// If there is a list, even an empty one: patterns of the only files that are expanded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) include: Option<Vec<String>>,
    /// Patterns of the files that are copied as they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) exclude: Vec<String>,
}

impl FileRules {
    /// Returns whether a file is left out.
    pub(crate) fn ignores(&self, path: &str) -> bool {
        let path = Path::new(path);
        self.ignore.iter().any(|ignored| path.starts_with(ignored.trim_start_matches("./")))
    }
}

/// The scripts that a template runs around its expansion.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Hooks {
    pub(crate) init: Vec<String>,
    pub(crate) pre: Vec<String>,
    pub(crate) post: Vec<String>,
}

impl Hooks {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &String> {
        self.init.iter().chain(&self.pre).chain(&self.post)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Document {
    template: TemplateSection,
    placeholders: Table,
    conditional: Table,
    hooks: Hooks,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TemplateSection {
    description: String,
    cargo_generate_version: Option<String>,
    sub_templates: Vec<String>,
    vcs: Option<String>,
    ignore: Vec<String>,
    include: Option<Vec<String>>,
    exclude: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ConditionalSection {
    placeholders: Table,
    ignore: Vec<String>,
    include: Option<Vec<String>>,
    exclude: Vec<String>,
}

#[derive(Deserialize)]
struct Placeholder {
    prompt: String,
    #[serde(default, rename = "type")]
    answer_type: PlaceholderType,
    choices: Option<Vec<Choice>>,
    default: Option<DefaultAnswer>,
    regex: Option<String>,
    #[serde(default)]
    help: String,
    #[serde(default)]
    expected: String,
    value_name: Option<String>,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    aliases: Vec<String>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PlaceholderType {
    #[default]
    String,
    Text,
    Editor,
    Bool,
    Array,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum DefaultAnswer {
    Text(String),
    Bool(bool),
    Several(Vec<String>),
}

impl Config {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let Document { template, placeholders, conditional, mut hooks } = toml::from_str(text)?;
        let TemplateSection { ignore, include, exclude, .. } = template;
        let mut questions = parse_questions(placeholders, None)?;
        let mut rules = vec![(None, FileRules { ignore, include, exclude })];
        for (condition, section) in conditional {
            let section: ConditionalSection = section
                .try_into()
                .map_err(|error| in_key(&format!("conditional.'{condition}'"), &error))?;
            let ConditionalSection { placeholders, ignore, include, exclude } = section;
            questions.extend(parse_questions(placeholders, Some(&condition))?);
            rules.push((Some(condition), FileRules { ignore, include, exclude }));
        }
        for hooks in [&mut hooks.init, &mut hooks.pre, &mut hooks.post] {
            // A step of cargo-generate's own instead of a script.
            hooks.retain(|hook| hook != "fmt");
        }
        Ok(Self {
            description: template.description,
            cargo_generate_version: template.cargo_generate_version,
            sub_templates: template.sub_templates,
            git: template.vcs.map(|vcs| !vcs.eq_ignore_ascii_case("none")),
            questions,
            rules,
            hooks,
        })
    }
}

impl Config {
    /// Fails if a question cannot be answered by its own default.
    pub(crate) fn check(&self) -> Result<(), String> {
        for question in &self.questions {
            let wrong = |why: String| Err(format!("`placeholders.{}`: {why}", question.name));
            if let AnswerType::Text { regex: Some(regex), .. } = &question.answer_type
                && let Err(error) = Regex::new(regex)
            {
                return wrong(error.to_string());
            }
            if let Some(default) = question.default.as_ref().filter(|it| !question.accepts(it)) {
                return wrong(format!("the default `{default}` is not an accepted value"));
            }
        }
        Ok(())
    }
}

fn parse_questions(placeholders: Table, condition: Option<&str>) -> Result<Vec<Question>, Error> {
    let parse = |(name, placeholder): (String, toml::Value)| {
        let question = placeholder.try_into().and_then(|it| question(&name, it, condition));
        question.map_err(|error| in_key(&format!("placeholders.{name}"), &error))
    };
    placeholders.into_iter().map(parse).collect()
}

fn in_key(key: &str, error: &Error) -> Error {
    Error::custom(format!("`{key}`: {}", error.message()))
}

fn question(
    name: &str,
    placeholder: Placeholder,
    condition: Option<&str>,
) -> Result<Question, Error> {
    use PlaceholderType as Type;
    let Placeholder { regex, expected, .. } = placeholder;
    let answer_type = match (placeholder.answer_type, placeholder.choices) {
        (_, Some(choices)) if choices.is_empty() => {
            return Err(Error::custom("`choices` is empty"));
        }
        (Type::Bool, None) => AnswerType::Bool,
        (Type::Array, Some(choices)) => AnswerType::MultipleChoice(choices),
        (Type::Array, None) => return Err(Error::custom("an `array` needs `choices`")),
        (Type::String, Some(choices)) => AnswerType::Choice(choices),
        (Type::String, None) => AnswerType::Text { regex, expected, multiline: false },
        (Type::Text | Type::Editor, None) => AnswerType::Text { regex, expected, multiline: true },
        (Type::Bool | Type::Text | Type::Editor, Some(_)) => {
            return Err(Error::custom("only a `string` or an `array` can have `choices`"));
        }
    };
    Ok(Question {
        name: name.to_owned(),
        aliases: placeholder.aliases,
        prompt: placeholder.prompt,
        help: placeholder.help,
        value_name: placeholder.value_name.unwrap_or_else(|| "VALUE".to_owned()),
        unit: placeholder.unit,
        default: placeholder.default.map(|default| match default {
            DefaultAnswer::Text(default) => default,
            DefaultAnswer::Bool(default) => default.to_string(),
            DefaultAnswer::Several(defaults) => defaults.join(","),
        }),
        answer_type,
        condition: condition.map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_cargo_generate_reads() {
        let config = Config::parse(
            r#"
[template]
description = "all of it"
ignore = ["a"]
vcs = "None"

[placeholders]
named = { prompt = "Name?" }
flag = { type = "bool", prompt = "Sure?", default = true }
some = { type = "array", prompt = "Which?", choices = ["a", "b"], default = ["a", "b"] }
kind = { prompt = "Kind?", choices = [{ value = "x", label = "an X" }, "y"], default = "y" }

[conditional.'kind == "x"']
ignore = ["b"]
[conditional.'kind == "x"'.placeholders.more]
prompt = "More?"
regex = "^[0-9]+$"

[hooks]
pre = ["pre.rhai"]
post = ["fmt"]
"#,
        )
        .unwrap();
        let names: Vec<_> = config.questions.iter().map(|question| &*question.name).collect();
        assert_eq!(names, ["named", "flag", "some", "kind", "more"]);
        let defaults: Vec<_> = config.questions.iter().map(|q| q.default.as_deref()).collect();
        assert_eq!(defaults, [None, Some("true"), Some("a,b"), Some("y"), None]);
        let condition = Some(r#"kind == "x""#.to_owned());
        assert_eq!(config.questions[4].condition, condition);
        assert!(config.questions[4].accepts("12") && !config.questions[4].accepts("x"));
        let ignore =
            |path: &str| FileRules { ignore: vec![path.to_owned()], ..FileRules::default() };
        assert_eq!(config.rules, [(None, ignore("a")), (condition, ignore("b"))]);
        assert!(config.hooks.iter().eq(["pre.rhai"]));
        assert_eq!(config.git, Some(false));
    }

    #[test]
    fn says_what_it_cannot_read() {
        for (text, why) in [
            ("[placeholders]\na = 1", "`placeholders.a`: invalid type: integer `1`"),
            ("[placeholders.a]", "`placeholders.a`: missing field `prompt`"),
            ("[placeholders.a]\nprompt = '?'\ntype = 'date'", "`placeholders.a`: unknown variant"),
            (
                "[placeholders.a]\nprompt = '?'\ntype = 'editor'\nchoices = ['x']",
                "`placeholders.a`: only a `string` or an `array` can have `choices`",
            ),
            ("[template]\nignore = 'x'", "TOML parse error at line 2, column 10"),
            ("[conditional.'a']\nignore = 'x'", "`conditional.'a'`: invalid type: string \"x\""),
        ] {
            let error = Config::parse(text).unwrap_err().to_string();
            assert!(error.starts_with(why), "{error}");
        }
    }
}
