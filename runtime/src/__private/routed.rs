//! The handler between the event loop and functions with routes.

use std::process::ExitCode;

use super::function::{Entry, Function, Functions, NO_STATE, NoState};
use super::http::Failure;
use crate::http::{self, IntoResponse, Request, Response};
use crate::routes::{Matched, Router};
use crate::{Context, Error, Handler, Reply};

/// Functions with their routes.
#[derive(Debug)]
pub(crate) struct Routed<F> {
    functions: Vec<F>,
    router: Router,
}

impl<F: Functions> Routed<F> {
    /// Makes the functions at these positions of the list.
    ///
    /// # Errors
    /// The error of their `init`.
    pub(crate) async fn init(chosen: &[usize]) -> Result<Self, Error> {
        let functions = F::init(chosen).await?;
        let routes = chosen.iter().enumerate().flat_map(|(function, position)| {
            let entry = F::ENTRIES.get(*position);
            entry.map_or(&[][..], |entry| entry.routes).iter().map(move |route| (function, *route))
        });
        let router = Router::new(routes.collect());
        Ok(Self { functions, router })
    }
}

impl<F: Functions> Handler for Routed<F> {
    async fn call(&self, event: &[u8], context: &Context, reply: &mut Reply) -> Result<(), Error> {
        let request = Request::from_slice(event)?;
        let route = async |request: &Request<'_>| match self.router.find(request) {
            Ok((function, matched)) => match self.functions.get(function) {
                Some(function) => http::into_problem(function.respond(&matched, context).await),
                None => Response::new(404),
            },
            Err(refusal) => refusal,
        };
        let response = F::wrap(&request, route).await;
        let response = if request.method() == "HEAD" { response.without_body() } else { response };
        http::respond(response, request.kind(), reply)
    }

    async fn after(&self, context: &Context) {
        <F as Functions>::after(context).await;
    }
}

/// The only function of a program, with a route.
struct Only<F>(F);

impl<F: Function<State = NoState>> Functions for Only<F> {
    const ENTRIES: &'static [Entry] = &[F::ENTRY];

    async fn init(_: &[usize]) -> Result<Vec<Self>, Error> {
        Ok(vec![Self(F::init(NO_STATE).await?)])
    }

    async fn respond(&self, request: &Matched<'_>, context: &Context) -> Response {
        self.0.respond(request, context).await
    }

    async fn after(context: &Context) {
        F::after(context).await;
    }
}

impl<F: Function> Handler for Only<F> {
    async fn call(&self, event: &[u8], context: &Context, reply: &mut Reply) -> Result<(), Error> {
        self.0.call(event, context, reply).await
    }
}

/// Runs the only function of a program, which has a route.
#[must_use]
pub fn main_with_routes<F: Function<State = NoState>>() -> ExitCode {
    std::hint::black_box(F::RECORD);
    F::FLAVOR.start_with(async || Routed::<Only<F>>::init(&[0]).await)
}

/// The response of a handler with a route.
pub fn response(result: Result<impl IntoResponse, impl Into<Failure>>) -> Response {
    match result {
        Ok(value) => value.into_response(),
        Err(error) => error.into().into_response(),
    }
}

/// The response of a handler of requests, or of a wrapper, as the next wrapper gets it: errors are problem
/// documents.
pub fn wrapped(result: Result<impl IntoResponse, impl Into<Failure>>) -> Response {
    http::into_problem(response(result))
}

/// Tells whether a value of the setting `Handler` is probably a misspelled name: at most a third of it has to
/// change.
pub(super) fn resembles(handler: &str, name: &str) -> bool {
    let handler = handler.rsplit_once('.').map_or(handler, |(_, name)| name);
    let mut row: Vec<usize> = (0..=name.chars().count()).collect();
    for (number, a) in (1..).zip(handler.chars()) {
        let mut diagonal = number - 1;
        let mut left = number;
        for (cell, b) in row.iter_mut().skip(1).zip(name.chars()) {
            let above = *cell;
            left = (diagonal + usize::from(a != b)).min(above + 1).min(left + 1);
            diagonal = above;
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = number;
        }
    }
    row.last().is_some_and(|distance| *distance <= name.chars().count() / 3)
}
