//! The conditions of a template: expressions of Rhai over the answers, as cargo-generate has them.

use liquid::Object;
use liquid::model::{Value, ValueView};
use rhai::{Dynamic, Engine, EvalAltResult, Scope};

use super::{CONFIG, Template};
use crate::error::{Error, Result};
use crate::question::Question;

/// What a template's conditions come to under the answers.
pub(crate) struct Conditions<'a> {
    template: &'a Template,
    engine: Engine,
}

impl<'a> Conditions<'a> {
    pub(crate) fn of(template: &'a Template) -> Self {
        Self { template, engine: Engine::new() }
    }

    /// Whether the condition holds. One about a question that is not asked does not.
    pub(crate) fn hold(&self, condition: Option<&str>, variables: &Object) -> Result<bool> {
        let Some(condition) = condition else { return Ok(true) };
        let mut scope = Scope::new();
        for (name, value) in variables {
            scope.push_constant_dynamic(name.as_str(), dynamic(value));
        }
        let why = match self.engine.eval_expression_with_scope::<bool>(&mut scope, condition) {
            Ok(holds) => return Ok(holds),
            Err(error) => error,
        };
        if let EvalAltResult::ErrorVariableNotFound(name, _) = &*why
            && self.template.config.questions.iter().any(|question| question.name == *name)
        {
            return Ok(false);
        }
        let conditions = &self.template.config.conditions;
        let line = conditions.iter().find(|(other, _)| other == condition).map_or(0, |(_, at)| *at);
        let message = format!("{CONFIG}:{line}: the condition `{condition}` cannot be decided");
        Err(Error::new(message).because(why.to_string()))
    }

    /// The questions that are asked under the answers, as far as they are known.
    pub(crate) fn questions(&self, variables: &Object) -> Result<Vec<&'a Question>> {
        let mut asked: Vec<&Question> = Vec::new();
        for question in &self.template.config.questions {
            if asked.iter().all(|other| other.name != question.name)
                && self.hold(question.condition.as_deref(), variables)?
            {
                asked.push(question);
            }
        }
        Ok(asked)
    }

    /// Of these rules, the patterns that count.
    pub(crate) fn rules(
        &self,
        rules: &'a [super::Rule],
        variables: &Object,
    ) -> Result<Vec<&'a str>> {
        let mut patterns = Vec::new();
        for rule in rules {
            if self.hold(rule.condition.as_deref(), variables)? {
                patterns.push(&*rule.pattern);
            }
        }
        Ok(patterns)
    }
}

fn dynamic(value: &Value) -> Dynamic {
    match value {
        Value::Scalar(scalar) => match scalar.to_bool() {
            Some(value) => value.into(),
            None => scalar.to_kstr().into_string().into(),
        },
        Value::Array(values) => values.iter().map(dynamic).collect::<Vec<_>>().into(),
        _ => Dynamic::UNIT,
    }
}
