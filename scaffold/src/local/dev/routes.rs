//! The table of routes that `scaffold dev` prints.

use std::net::SocketAddr;

use crate::local::gateway::Router;
use crate::local::server::deployment::{INVOKE_API, ListedRoute};
use crate::sam::{ApiKind, Application};
use crate::sync::FunctionTriggers;
use crate::term::quote;

/// Lists the routes, and the functions that have none.
///
/// A function URL takes every request, so the routes of the code stand in its place.
pub(super) fn list(
    application: &Application,
    router: &Router,
    code: &[FunctionTriggers],
) -> Vec<ListedRoute> {
    let row = |method: &str, path: &str, function: &str, kind: &str| {
        let [method, path, function, kind] = [method, path, function, kind].map(str::to_owned);
        ListedRoute { method, path, function, kind }
    };
    let mut rows = Vec::new();
    for (key, kind, is_streamed, function) in router.list() {
        let (method, path) = key.split_once(' ').unwrap_or(("ANY", "/…"));
        let is_url = matches!(kind, ApiKind::FunctionUrl { .. });
        let kind = match (kind, is_streamed) {
            (ApiKind::Http, _) => "HTTP API",
            (ApiKind::Rest, false) => "REST API",
            (ApiKind::Rest, true) => "REST API, streaming",
            (ApiKind::FunctionUrl { .. }, false) => "function URL",
            (ApiKind::FunctionUrl { .. }, true) => "function URL, streaming",
        };
        let of_code = code.iter().find(|it| is_url && it.function == function);
        let routes = of_code.filter(|it| !it.has_other_handlers);
        let routes: Vec<_> = routes.into_iter().flat_map(FunctionTriggers::routes).collect();
        if routes.is_empty() {
            rows.push(row(method, path, function, kind));
        }
        rows.extend(routes.into_iter().map(|route| {
            let path = format!("{}{}", path.trim_end_matches('/'), route.path);
            row(&route.method, &path, function, kind)
        }));
    }
    for function in application.functions.iter().filter(|it| it.endpoints.is_empty()) {
        let path = format!("/2015-03-31/functions/{}/invocations", function.name);
        let sources = code.iter().filter(|it| it.function == function.name);
        let sources: Vec<_> =
            sources.flat_map(FunctionTriggers::sources).map(ToString::to_string).collect();
        let kind = match sources.as_slice() {
            [] => INVOKE_API.to_owned(),
            sources => format!("{INVOKE_API}, for {}", quote::list(sources, "and")),
        };
        rows.push(row("POST", &path, &function.name, &kind));
    }
    rows
}

/// Formats each route with its URL.
pub(super) fn table(rows: &[ListedRoute], address: SocketAddr) -> Vec<String> {
    let width = |cell: fn(&ListedRoute) -> &str| {
        rows.iter().map(|row| cell(row).chars().count()).max().unwrap_or_default()
    };
    let method = width(|row| &row.method);
    let path = width(|row| &row.path);
    let name = width(|row| &row.function);
    let row = |ListedRoute { method: m, path: p, function: n, kind }: &ListedRoute| {
        format!("  {m:method$} http://{address}{p:path$}  {n:name$}  {kind}")
    };
    rows.iter().map(row).collect()
}
