//! The `main` of a program with one handler, or with several.

use std::env;
use std::hint::black_box;
use std::process::ExitCode;

use super::function::{Entry, Flavor, Function, Functions, NO_STATE, NoState};
#[cfg(feature = "http")]
use super::routed::{Routed, resembles};
use crate::{Context, Error, Handler, Reply};

/// A function as the handler that the event loop calls.
struct Single<F>(F);

impl<F: Function> Handler for Single<F> {
    async fn call(&self, event: &[u8], context: &Context, reply: &mut Reply) -> Result<(), Error> {
        self.0.call(event, context, reply).await
    }

    async fn after(&self, context: &Context) {
        F::after(context).await;
    }
}

/// Asserts that the code stands at the crate root, where `main` has to be.
///
/// # Panics
/// If `module_path` is the path of a module.
#[track_caller]
pub const fn assert_crate_root(module_path: &str) {
    let mut path = module_path.as_bytes();
    while let [first, rest @ ..] = path {
        assert!(
            *first != b':',
            "this is a module, and the program's `main` has to be at the crate root\n\
             hint: mark a handler in a module `#[lambda_handler(named)]`, and list it at the crate \
             root: `lambda_native::main!(module::handler);`"
        );
        path = rest;
    }
}

/// Runs the only function of a program.
#[must_use]
pub fn main<F: Function<State = NoState>>() -> ExitCode {
    black_box(F::RECORD);
    F::FLAVOR.start_with(async || F::init(NO_STATE).await.map(Single))
}

/// Runs the functions that Lambda's setting `Handler` chooses: the one that it names, or all that have
/// routes.
#[must_use]
pub fn main_of<F: Functions>() -> ExitCode {
    for entry in F::ENTRIES {
        black_box(entry.record);
    }
    let handler = env::var("_HANDLER").unwrap_or_default();
    let position = |name: &str| F::ENTRIES.iter().position(|entry| entry.name == name);
    // As in other runtimes, the name of a module or a file can come first.
    let index = position(&handler)
        .or_else(|| handler.rsplit_once('.').and_then(|(_, name)| position(name)));
    #[cfg(feature = "http")]
    if F::HAS_ROUTES
        && let Some(chosen) = with_routes(F::ENTRIES, index, &handler)
    {
        return flavor(F::ENTRIES, &chosen).start_with(async || Routed::<F>::init(&chosen).await);
    }
    let chosen: Vec<usize> = index.into_iter().collect();
    flavor(F::ENTRIES, &chosen).start_with(async || {
        let function = F::init(&chosen).await?.pop();
        function.ok_or_else(|| {
            let names: Vec<_> = F::ENTRIES.iter().map(|entry| entry.name).collect();
            let message =
                format!("unknown handler `{handler}`; this program has `{}`", names.join("`, `"));
            Error::new("Runtime.HandlerNotFound", message)
        })
    })
}

/// The functions with routes that the setting `Handler` chooses: the one at `index`, or all. `None` if that
/// function has none, or the setting is a misspelled name.
#[cfg(feature = "http")]
fn with_routes(entries: &[Entry], index: Option<usize>, handler: &str) -> Option<Vec<usize>> {
    let has_routes = |entry: &Entry| !entry.routes.is_empty();
    match index {
        Some(index) => entries.get(index).filter(|entry| has_routes(entry)).map(|_| vec![index]),
        None if entries.iter().any(|entry| resembles(handler, entry.name)) => None,
        None => Some(
            (0..)
                .zip(entries)
                .filter(|(_, entry)| has_routes(entry))
                .map(|(index, _)| index)
                .collect(),
        ),
    }
}

/// The flavor of the async runtime for these functions: several threads if one of them asks for it.
fn flavor(entries: &[Entry], chosen: &[usize]) -> Flavor {
    let mut flavors =
        chosen.iter().filter_map(|index| entries.get(*index)).map(|entry| entry.flavor);
    flavors.find(|flavor| !matches!(flavor, Flavor::CurrentThread)).unwrap_or(Flavor::CurrentThread)
}
