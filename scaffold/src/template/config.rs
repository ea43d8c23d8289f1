//! Reads `cargo-generate.toml`: cargo-generate's own keys, and ours beside them.

use toml_edit::{Document, Item, Table, TableLike, Value};

use crate::question::{Answer, Choice, Question};

/// What `cargo-generate.toml` says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Config {
    pub(crate) description: String,
    /// Those without a condition first, in the order of asking.
    pub(crate) questions: Vec<Question>,
    /// The files that are left out.
    pub(crate) ignore: Vec<Rule>,
    /// The patterns of the only files that are expanded.
    pub(crate) include: Vec<Rule>,
    /// The patterns of the files that are not expanded.
    pub(crate) exclude: Vec<Rule>,
    /// The files of the hooks.
    pub(crate) hooks: Vec<String>,
    /// The templates in folders of this one.
    pub(crate) sub_templates: Vec<String>,
    /// Whether the template asks for a git repository.
    pub(crate) git: Option<bool>,
    /// Each condition, with its line.
    pub(crate) conditions: Vec<(String, usize)>,
}

/// A path or pattern, and the condition under which it counts.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) pattern: String,
    pub(crate) condition: Option<String>,
}

type Result<T> = std::result::Result<T, String>;

impl Config {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let document = Document::parse(text).map_err(|error| error.to_string())?;
        let mut config = Self::default();
        if let Some(template) = table(document.as_table(), "template")? {
            let description = string(template, "description")?;
            config.description = description.map(str::to_owned).unwrap_or_default();
            config.sub_templates = strings(template, "sub_templates")?;
            config.git = string(template, "vcs")?.map(|vcs| !vcs.eq_ignore_ascii_case("none"));
            config.rules(template, None)?;
        }
        config.questions(document.as_table(), None)?;
        if let Some(hooks) = table(document.as_table(), "hooks")? {
            for stage in ["init", "pre", "post"] {
                // Its built-in step is none of the template's scripts.
                let scripts = strings(hooks, stage)?.into_iter().filter(|hook| hook != "fmt");
                config.hooks.extend(scripts);
            }
        }
        if let Some(conditional) = document.get("conditional") {
            let conditional = conditional.as_table().ok_or("`conditional` is not a table")?;
            for (condition, part) in conditional {
                let part = part
                    .as_table_like()
                    .ok_or_else(|| format!("`conditional.'{condition}'` is not a table"))?;
                let line = line_of(text, conditional, condition);
                config.conditions.push((condition.to_owned(), line));
                config.rules(part, Some(condition))?;
                config.questions(part, Some(condition))?;
            }
        }
        Ok(config)
    }

    fn rules(&mut self, table: &dyn TableLike, condition: Option<&str>) -> Result<()> {
        for (key, rules) in [
            ("ignore", &mut self.ignore),
            ("include", &mut self.include),
            ("exclude", &mut self.exclude),
        ] {
            rules.extend(
                strings(table, key)?
                    .into_iter()
                    .map(|pattern| Rule { pattern, condition: condition.map(str::to_owned) }),
            );
        }
        Ok(())
    }

    fn questions(&mut self, parent: &dyn TableLike, condition: Option<&str>) -> Result<()> {
        let Some(placeholders) = table(parent, "placeholders")? else { return Ok(()) };
        for (name, placeholder) in placeholders.iter() {
            let question = placeholder
                .as_table_like()
                .ok_or_else(|| "is not a table".to_owned())
                .and_then(|placeholder| question(name, placeholder, condition))
                .map_err(|why| format!("`placeholders.{name}`: {why}"))?;
            self.questions.push(question);
        }
        Ok(())
    }
}

fn question(name: &str, table: &dyn TableLike, condition: Option<&str>) -> Result<Question> {
    let text = |key: &str| string(table, key).map(|text| text.unwrap_or_default().to_owned());
    let choices = choices(table)?;
    let kind = string(table, "type")?.unwrap_or("string");
    let answer = match (kind, choices) {
        ("bool", None) => Answer::Bool,
        ("array", Some(choices)) => Answer::Several(choices),
        ("array", None) => return Err("an `array` has `choices`".to_owned()),
        ("string", Some(choices)) => Answer::Choice(choices),
        ("string" | "text" | "editor", None) => {
            let regex = string(table, "regex")?.map(regex::Regex::new).transpose();
            let regex = regex.map_err(|error| error.to_string())?;
            Answer::Text { regex, expected: text("expected")?, lines: kind != "string" }
        }
        (kind, _) => return Err(format!("is of the type `{kind}`, which cannot be asked")),
    };
    let default = match table.get("default").map(|default| (default, default.as_value())) {
        None => None,
        Some((_, Some(Value::String(default)))) => Some(default.value().clone()),
        Some((_, Some(Value::Boolean(default)))) => Some(default.value().to_string()),
        Some((_, Some(Value::Array(_)))) => Some(strings(table, "default")?.join(",")),
        Some((default, _)) => return Err(format!("`default` is {}", default.type_name())),
    };
    let question = Question {
        name: name.to_owned(),
        aliases: strings(table, "aliases")?,
        prompt: string(table, "prompt")?.ok_or("`prompt` is missing")?.to_owned(),
        help: text("help")?,
        value_name: string(table, "value_name")?.unwrap_or("ANSWER").to_owned(),
        unit: text("unit")?,
        default,
        answer,
        condition: condition.map(str::to_owned),
    };
    match &question.default {
        Some(default) if !question.accepts(default) => {
            Err(format!("`{default}` is its default and no answer"))
        }
        _ => Ok(question),
    }
}

fn choices(table: &dyn TableLike) -> Result<Option<Vec<Choice>>> {
    let Some(list) = table.get("choices") else { return Ok(None) };
    let list = list.as_array().ok_or("`choices` is not a list")?;
    let choice = |choice: &Value| match choice {
        Value::String(value) => Ok(Choice { value: value.value().clone(), label: None }),
        Value::InlineTable(table) => {
            let value = string(table, "value")?.ok_or("a choice has no `value`")?.to_owned();
            Ok(Choice { value, label: string(table, "label")?.map(str::to_owned) })
        }
        _ => Err("`choices` holds more than strings and tables".to_owned()),
    };
    let choices = list.iter().map(choice).collect::<Result<Vec<_>>>()?;
    if choices.is_empty() { Err("`choices` is empty".to_owned()) } else { Ok(Some(choices)) }
}

fn table<'a>(parent: &'a dyn TableLike, key: &str) -> Result<Option<&'a dyn TableLike>> {
    let Some(item) = parent.get(key) else { return Ok(None) };
    item.as_table_like().map(Some).ok_or_else(|| format!("`{key}` is not a table"))
}

fn string<'a>(table: &'a dyn TableLike, key: &str) -> Result<Option<&'a str>> {
    let Some(item) = table.get(key) else { return Ok(None) };
    item.as_str().map(Some).ok_or_else(|| format!("`{key}` is not a string"))
}

/// A list of strings; empty where there is none.
fn strings(table: &dyn TableLike, key: &str) -> Result<Vec<String>> {
    let Some(list) = table.get(key) else { return Ok(Vec::new()) };
    let list = list.as_array().ok_or_else(|| format!("`{key}` is not a list"))?;
    list.iter()
        .map(|value| value.as_str().map(str::to_owned))
        .collect::<Option<_>>()
        .ok_or_else(|| format!("`{key}` holds more than strings"))
}

fn line_of(text: &str, table: &Table, key: &str) -> usize {
    let start = table.key(key).and_then(toml_edit::Key::span).map_or(0, |span| span.start);
    // A table's span is its header's, where the key has none.
    let start = match table.get(key).and_then(Item::span) {
        Some(span) if start == 0 => span.start,
        _ => start,
    };
    text.get(..start).unwrap_or_default().matches('\n').count() + 1
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
        assert_eq!(config.questions[4].condition.as_deref(), Some(r#"kind == "x""#));
        assert!(config.questions[4].accepts("12") && !config.questions[4].accepts("x"));
        assert_eq!(config.hooks, ["pre.rhai"]);
        assert_eq!(config.git, Some(false));
        assert_eq!(config.ignore.len(), 2);
        assert_eq!(config.conditions, [(r#"kind == "x""#.to_owned(), 13)]);
    }

    #[test]
    fn says_what_it_cannot_read() {
        for (text, why) in [
            ("[placeholders]\na = 1", "`placeholders.a`: is not a table"),
            ("[placeholders.a]", "`placeholders.a`: `prompt` is missing"),
            (
                "[placeholders.a]\nprompt = '?'\ntype = 'editor'\nchoices = ['x']",
                "`placeholders.a`: is of the type `editor`, which cannot be asked",
            ),
            (
                "[placeholders.a]\nprompt = '?'\nchoices = ['x']\ndefault = 'y'",
                "`placeholders.a`: `y` is its default and no answer",
            ),
            ("[template]\nignore = 'x'", "`ignore` is not a list"),
        ] {
            assert_eq!(Config::parse(text).unwrap_err(), why);
        }
    }
}
