//! The conditions of a template: expressions of Rhai over the answers, as cargo-generate evaluates
//! them.

use liquid::Object;
use liquid::model::{Value, ValueView};
use rhai::{Dynamic, Engine, EvalAltResult, Scope};

use super::config::FileRules;
use super::{CONFIG, Template};
use crate::new_project::question::Question;
use crate::term::error::{Error, Result};

/// Evaluates the conditions of a template.
pub(crate) struct Conditions<'a> {
    template: &'a Template,
    engine: Engine,
}

impl<'a> Conditions<'a> {
    pub(crate) fn of(template: &'a Template) -> Self {
        let mut engine = Engine::new();
        // A condition is an expression: it runs no other code, prints nothing, and comes to an end.
        engine.disable_symbol("eval").on_print(|_| {}).on_debug(|_, _, _| {});
        engine.register_fn("sleep", |_: rhai::INT| {}).register_fn("sleep", |_: rhai::FLOAT| {});
        engine.set_max_operations(100_000).set_max_expr_depths(64, 64);
        engine.set_max_string_size(1 << 20).set_max_array_size(1 << 16).set_max_map_size(1 << 16);
        Self { template, engine }
    }

    /// The first question that is asked under the answers so far, and not answered yet.
    pub(crate) fn next_question(
        &self,
        variables: &Object,
        is_answered: impl Fn(&str) -> bool,
    ) -> Result<Option<&'a Question>> {
        for question in &self.template.config.questions {
            if !is_answered(&question.name)
                && self.holds(question.condition.as_deref(), variables)?
            {
                return Ok(Some(question));
            }
        }
        Ok(None)
    }

    /// The rules that apply under the answers.
    pub(crate) fn file_rules(&self, variables: &Object) -> Result<FileRules> {
        let mut applying = FileRules::default();
        for (condition, rules) in &self.template.config.rules {
            if self.holds(condition.as_deref(), variables)? {
                applying.ignore.extend_from_slice(&rules.ignore);
                if let Some(include) = &rules.include {
                    applying.include.get_or_insert_default().extend_from_slice(include);
                }
                applying.exclude.extend_from_slice(&rules.exclude);
            }
        }
        Ok(applying)
    }

    /// A condition about a question that is not asked does not hold.
    fn holds(&self, condition: Option<&str>, variables: &Object) -> Result<bool> {
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
        let line = self.template.line_of_condition(condition);
        let message = format!("{CONFIG}:{line}: the condition `{condition}` cannot be evaluated");
        Err(Error::new(message).because(why.to_string()))
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
