//! The routes and sources of the code: those of each function of the template, read from its executable.

use lambda_native::record::{Kind, Record};

use super::route::Route;
use super::source::Source;
use super::trigger::Trigger;
use crate::sam::TemplateFunction;

/// A route or a source of the code, and the name of its handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HandlerTrigger {
    pub(crate) handler: String,
    pub(crate) trigger: Trigger,
}

/// An authorizer of the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CodeAuthorizer {
    /// The name of its handler.
    pub(crate) handler: String,
    /// The program that it is a part of.
    pub(crate) program: usize,
    /// The function of the template that runs it.
    pub(crate) function: Option<String>,
    /// The headers that it requires.
    pub(crate) headers: Vec<String>,
    /// The names in the query that it requires.
    pub(crate) queries: Vec<String>,
    /// It decides by these alone, so API Gateway can reuse a decision.
    pub(crate) is_cacheable: bool,
}

/// The routes that a function serves, and the sources whose events it handles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FunctionTriggers {
    /// The function's name in the template.
    pub(crate) function: String,
    pub(crate) triggers: Vec<HandlerTrigger>,
    /// The routes with an authorizer, and the name of its handler.
    pub(crate) authorized: Vec<(Route, String)>,
    /// The authorizers of its program.
    pub(crate) authorizers: Vec<CodeAuthorizer>,
    /// Another handler can get events too, and does not say which.
    pub(crate) has_other_handlers: bool,
    /// The other functions with the same handlers, because they run the same program.
    pub(crate) shared_with: Vec<String>,
    /// The handlers of events that no function of the program runs, because no `Handler` names them.
    pub(crate) unreachable: Vec<HandlerTrigger>,
}

impl FunctionTriggers {
    pub(crate) fn routes(&self) -> impl Iterator<Item = &Route> {
        self.triggers.iter().filter_map(|it| it.trigger.route())
    }

    pub(crate) fn sources(&self) -> impl Iterator<Item = &Source> {
        self.triggers.iter().filter_map(|it| it.trigger.source())
    }
}

/// A function of the template, and the records of the program that it runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Program<'a> {
    pub(crate) function: &'a TemplateFunction,
    pub(crate) records: &'a [Record],
    /// The same for functions that run the same program.
    pub(crate) id: usize,
}

/// Returns the routes and sources of each function. One whose `Handler` names a handler runs that one; another one
/// runs the handlers with routes that no function of the same program names, or the only handler.
pub(crate) fn triggers(programs: &[Program<'_>]) -> Vec<FunctionTriggers> {
    let functions = programs.iter().map(|program| {
        let same: Vec<_> = programs.iter().filter(|other| other.id == program.id).collect();
        let records: Vec<_> = match program.named() {
            Some(record) => vec![record],
            None => {
                let named: Vec<_> = same.iter().filter_map(|other| other.named()).collect();
                let is_left = |record: &&Record| !named.iter().any(|it| it.name == record.name);
                program.records.iter().filter(is_left).collect()
            }
        };
        let is_alike = |other: &&&Program<'_>| {
            other.function.name != program.function.name
                && other.named().map(|it| &it.name) == program.named().map(|it| &it.name)
        };
        // Only the handlers with routes run together.
        let runs = |record: &&Record| {
            program.named().is_some()
                || !record.routes.is_empty()
                || program.records.iter().all(|other| other.name == record.name)
        };
        let (records, idle): (Vec<_>, Vec<_>) = records.into_iter().partition(runs);
        let authorizers = program.records.iter().filter(|it| it.kind == Kind::Authorizer);
        FunctionTriggers {
            function: program.function.name.clone(),
            authorized: records.iter().flat_map(|it| authorized(it)).collect(),
            authorizers: authorizers.map(|it| authorizer(it, program.id, &same)).collect(),
            has_other_handlers: records.iter().any(|it| {
                it.routes.is_empty() && it.source.is_none() && it.kind != Kind::Authorizer
            }),
            shared_with: same.iter().filter(is_alike).map(|it| it.function.name.clone()).collect(),
            triggers: records.into_iter().flat_map(triggers_of).collect(),
            unreachable: idle.into_iter().flat_map(triggers_of).collect(),
        }
    });
    functions.collect()
}

fn triggers_of(record: &Record) -> impl Iterator<Item = HandlerTrigger> {
    let routes = record.routes.iter().map(|it| Trigger::Route(Route::new(&it.method, &it.path)));
    let triggers = routes.chain(Source::of(record).map(Trigger::Source));
    triggers.map(|trigger| HandlerTrigger { handler: record.name.clone(), trigger })
}

/// The routes of a handler with an authorizer.
fn authorized(record: &Record) -> Vec<(Route, String)> {
    let routes = record.routes.iter().map(|it| Route::new(&it.method, &it.path));
    routes.zip(record.auth.iter().cloned().cycle()).collect()
}

fn authorizer(record: &Record, program: usize, same: &[&Program<'_>]) -> CodeAuthorizer {
    let runs = |other: &&&Program<'_>| other.named().is_some_and(|it| it.name == record.name);
    let of = |place: &str| {
        let required = record.parameters.iter().filter(|it| it.required && it.place == place);
        required.map(|it| it.name.clone()).filter(|name| !name.is_empty()).collect::<Vec<_>>()
    };
    let (headers, queries) = (of("header"), of("query"));
    let is_cacheable =
        !record.parameters.is_empty() && headers.len() + queries.len() == record.parameters.len();
    CodeAuthorizer {
        handler: record.name.clone(),
        program,
        function: same.iter().find(runs).map(|it| it.function.name.clone()),
        headers,
        queries,
        is_cacheable,
    }
}

impl<'a> Program<'a> {
    /// Returns the handler that `Handler` names, perhaps after the name of a module.
    fn named(&self) -> Option<&'a Record> {
        let handler = self.function.handler.as_deref()?;
        let last = handler.rsplit_once('.').map_or(handler, |(_, last)| last);
        self.records.iter().find(|record| [handler, last].contains(&record.name.as_str()))
    }
}
