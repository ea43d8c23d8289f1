//! The values of a template's questions that a test tries: every pair of values.

use std::collections::{BTreeMap, BTreeSet};

use lambda_native_templates::Template;
use regex::Regex;
use tempfile::TempDir;
use toml_edit::{DocumentMut, TableLike};

/// Returns the names of all templates.
#[must_use]
pub fn templates() -> Vec<String> {
    lambda_native_templates::templates().iter().map(|template| template.name.to_owned()).collect()
}

fn find(template: &str) -> &'static Template {
    let mut templates = lambda_native_templates::templates().iter();
    templates.find(|other| other.name == template).expect("there is such a template")
}

/// Writes a template into a temporary folder, for the plain cargo-generate.
#[must_use]
pub fn folder(template: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    find(template).write(folder.path()).expect("the template is written");
    folder
}

/// A question of `cargo-generate.toml`. A question under several conditions counts as several.
#[derive(Debug)]
pub struct Question {
    /// The placeholder.
    pub name: String,
    /// The default value.
    pub default: String,
    /// The values to try: all choices, or of a number the minimum, the default and the maximum.
    pub answers: Vec<String>,
    /// Of a number: the pattern that is accepted, the minimum and the maximum.
    pub numbers: Option<(Regex, u32, u32)>,
    /// The questions and their values on which this question depends.
    conditions: Vec<(String, String)>,
}

/// The questions of a template.
#[must_use]
pub fn questions(template: &str) -> Vec<Question> {
    let mut files = find(template).files.iter();
    let config = files.find(|file| file.path == "cargo-generate.toml").expect("it is there");
    let config = std::str::from_utf8(config.contents).expect("it is UTF-8");
    let config: DocumentMut = config.parse().expect("it is TOML");
    let mut all = placeholders(config.as_table(), &[]);
    let form = Regex::new(r#"^(\w+) == "([^"]+)"$"#).expect("it is valid");
    for (condition, part) in config["conditional"].as_table().expect("there are conditions") {
        let comparison = |text| {
            let parts = form.captures(text);
            let parts = parts.unwrap_or_else(|| panic!("the matrix cannot read `{condition}`"));
            (parts[1].to_owned(), parts[2].to_owned())
        };
        let conditions: Vec<_> = condition.split(" && ").map(comparison).collect();
        all.extend(placeholders(part.as_table_like().expect("it is a table"), &conditions));
    }
    all
}

fn placeholders(parent: &dyn TableLike, conditions: &[(String, String)]) -> Vec<Question> {
    let Some(placeholders) = parent.get("placeholders") else { return Vec::new() };
    let placeholders = placeholders.as_table_like().expect("it is a table");
    placeholders
        .iter()
        .map(|(name, question)| {
            let text = |key: &str| question.get(key)?.as_str().map(str::to_owned);
            let default = text("default").expect("it has a default");
            let choices = question.get("choices").map(|choices| {
                let choices = choices.as_array().expect("it is a list");
                choices.iter().map(|choice| choice.as_str().expect("it is text").to_owned())
            });
            let numbers = text("expected").map(|expected| {
                let words =
                    Regex::new(r"^a whole number from (\d+) to (\d+)$").expect("it is valid");
                let words = words.captures(&expected).expect("it is a number");
                let number = |group: usize| words[group].parse::<u32>().expect("it is a number");
                let regex = text("regex").expect("a number is checked");
                (Regex::new(&regex).expect("it is valid"), number(1), number(2))
            });
            let answers = match (choices, &numbers) {
                (Some(choices), None) => choices.collect(),
                (None, Some((_, least, greatest))) => {
                    vec![least.to_string(), default.clone(), greatest.to_string()]
                }
                _ => panic!("`{name}` is neither a choice nor a number"),
            };
            Question {
                name: name.to_owned(),
                default,
                answers,
                numbers,
                conditions: conditions.to_vec(),
            }
        })
        .collect()
}

/// The values of all questions that are asked, by name.
pub type Answers = BTreeMap<String, String>;

/// The index of a question, and the index of its value.
type Item = (usize, usize);

/// Few sets of values that contain every possible pair of values.
#[must_use]
pub fn pairwise(questions: &[Question]) -> Vec<Answers> {
    let items: Vec<Item> = questions
        .iter()
        .enumerate()
        .flat_map(|(number, question)| (0..question.answers.len()).map(move |it| (number, it)))
        .collect();
    let mut missing = BTreeSet::new();
    for (place, first) in items.iter().enumerate() {
        for second in &items[place..] {
            if first == second || first.0 != second.0 {
                let pair = [*first, *second];
                if seed(questions, pair).is_some() {
                    missing.insert(pair);
                }
            }
        }
    }
    let mut rows = Vec::new();
    while let Some(pair) = missing.first() {
        let row = complete(questions, seed(questions, *pair).expect("it is possible"), &missing);
        let given = given(questions, &row);
        missing.retain(|[first, second]| !(given.contains(first) && given.contains(second)));
        rows.push(row);
    }
    rows
}

/// A pair of values with those that their questions depend on; `None` if they contradict each other.
fn seed(questions: &[Question], pair: [Item; 2]) -> Option<Answers> {
    let mut answers = Answers::new();
    let mut give = |name: &str, answer: &str| {
        answers.insert(name.to_owned(), answer.to_owned()).is_none_or(|other| other == answer)
    };
    for (question, answer) in pair {
        let question = &questions[question];
        let (name, answer) = (&question.name, &question.answers[answer]);
        let mut conditions = question.conditions.iter();
        if !give(name, answer) || !conditions.all(|(name, answer)| give(name, answer)) {
            return None;
        }
    }
    // Two questions of one name are never asked together.
    let given = given(questions, &answers);
    pair.iter().all(|item| given.contains(item)).then_some(answers)
}

/// Chooses values for the other questions, each so that it adds the most missing pairs.
fn complete(
    questions: &[Question],
    mut answers: Answers,
    missing: &BTreeSet<[Item; 2]>,
) -> Answers {
    for question in questions {
        if answers.contains_key(&question.name) || !is_asked(question, &answers) {
            continue;
        }
        let with = |answer: &String| {
            let mut answers = answers.clone();
            answers.insert(question.name.clone(), answer.clone());
            answers
        };
        let worth = |answer: &&String| {
            let given = given(questions, &with(answer));
            let gained =
                |[first, second]: &&[Item; 2]| given.contains(first) && given.contains(second);
            missing.iter().filter(gained).count()
        };
        answers = with(question.answers.iter().max_by_key(worth).expect("there are answers"));
    }
    answers
}

fn is_asked(question: &Question, answers: &Answers) -> bool {
    question.conditions.iter().all(|(name, answer)| answers.get(name) == Some(answer))
}

/// The values as items.
fn given(questions: &[Question], answers: &Answers) -> BTreeSet<Item> {
    questions
        .iter()
        .enumerate()
        .filter(|(_, question)| is_asked(question, answers))
        .filter_map(|(number, question)| {
            let answer = answers.get(&question.name)?;
            Some((number, question.answers.iter().position(|other| other == answer)?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(name: &str, answers: &[&str], conditions: &[(&str, &str)]) -> Question {
        Question {
            name: name.to_owned(),
            default: answers[0].to_owned(),
            answers: answers.iter().map(|&answer| answer.to_owned()).collect(),
            numbers: None,
            conditions: conditions
                .iter()
                .map(|&(name, answer)| (name.to_owned(), answer.to_owned()))
                .collect(),
        }
    }

    #[test]
    fn every_pair_is_there_and_nothing_that_is_not_asked() {
        let questions = [
            question("a", &["1", "2", "3"], &[]),
            question("b", &["1", "2", "3"], &[]),
            question("c", &["1", "2"], &[]),
            question("d", &["x", "y"], &[("a", "1")]),
            question("d", &["z"], &[("a", "2")]),
            question("e", &["1", "2"], &[("c", "2")]),
            question("f", &["1", "2"], &[("a", "3"), ("c", "2")]),
        ];
        let rows = pairwise(&questions);
        let has = |pairs: &[(&str, &str)]| {
            rows.iter().any(|row| {
                pairs.iter().all(|(name, answer)| row.get(*name).is_some_and(|it| it == answer))
            })
        };
        for a in ["1", "2", "3"] {
            for b in ["1", "2", "3"] {
                assert!(has(&[("a", a), ("b", b)]));
                for d in ["x", "y", "z"] {
                    assert!(has(&[("b", b), ("d", d)]));
                }
            }
        }
        assert!(has(&[("d", "z"), ("e", "2")]) && has(&[("d", "y"), ("e", "1")]));
        assert!(has(&[("b", "3"), ("f", "2")]) && has(&[("e", "1"), ("f", "1")]));
        assert!(!has(&[("a", "2"), ("d", "x")]) && !has(&[("c", "1"), ("e", "1")]));
        for row in &rows {
            assert_eq!(row.contains_key("d"), row["a"] != "3");
            assert_eq!(row.contains_key("e"), row["c"] == "2");
            assert_eq!(row.contains_key("f"), row["a"] == "3" && row["c"] == "2");
        }
        assert!(rows.len() <= 18, "{}", rows.len());
    }
}
