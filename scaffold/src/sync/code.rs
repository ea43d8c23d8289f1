//! The routes of the code: those that each function of the template serves, read from its executable.

use lambda_native::record::Record;

use super::route::Route;
use crate::sam::TemplateFunction;

/// A route of the code, and the name of its handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CodeRoute {
    pub(crate) handler: String,
    pub(crate) route: Route,
}

/// The routes that a function serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FunctionRoutes {
    /// The function's name in the template.
    pub(crate) function: String,
    pub(crate) routes: Vec<CodeRoute>,
    /// Another handler than those of the routes can get HTTP requests too.
    pub(crate) has_other_handlers: bool,
    /// The other functions that serve the same routes, because they run the same program.
    pub(crate) shared_with: Vec<String>,
}

/// A function of the template, and the records of the program that it runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Program<'a> {
    pub(crate) function: &'a TemplateFunction,
    pub(crate) records: &'a [Record],
    /// The same for functions that run the same program.
    pub(crate) id: usize,
}

/// Returns the routes of each function. One whose `Handler` names a handler serves that one; another one
/// serves the handlers that no function of the same program names.
pub(crate) fn routes(programs: &[Program<'_>]) -> Vec<FunctionRoutes> {
    let routes = programs.iter().map(|program| {
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
        FunctionRoutes {
            function: program.function.name.clone(),
            has_other_handlers: records.iter().any(|record| record.routes.is_empty()),
            shared_with: same.iter().filter(is_alike).map(|it| it.function.name.clone()).collect(),
            routes: records.into_iter().flat_map(routes_of).collect(),
        }
    });
    routes.collect()
}

fn routes_of(record: &Record) -> impl Iterator<Item = CodeRoute> {
    record.routes.iter().map(|route| CodeRoute {
        handler: record.name.clone(),
        route: Route::new(&route.method, &route.path),
    })
}

impl<'a> Program<'a> {
    /// Returns the handler that `Handler` names, perhaps after the name of a module.
    fn named(&self) -> Option<&'a Record> {
        let handler = self.function.handler.as_deref()?;
        let last = handler.rsplit_once('.').map_or(handler, |(_, last)| last);
        self.records.iter().find(|record| [handler, last].contains(&record.name.as_str()))
    }
}
