//! The table of routes that `scaffold dev` prints.

use std::net::SocketAddr;

use crate::local::gateway::Router;
use crate::sam::{ApiKind, Application};
use crate::sync::FunctionTriggers;
use crate::term::quote;

/// Formats a row with a URL for each route, and one for each function that has no route.
///
/// A function URL takes every request, so the routes of the code stand in its place.
pub(super) fn table(
    application: &Application,
    router: &Router,
    code: &[FunctionTriggers],
    address: SocketAddr,
) -> Vec<String> {
    let mut rows: Vec<[String; 4]> = Vec::new();
    for (key, kind, function) in router.list() {
        let (method, path) = key.split_once(' ').unwrap_or(("ANY", "/…"));
        let is_url = matches!(kind, ApiKind::FunctionUrl { .. });
        let kind = match kind {
            ApiKind::Http => "HTTP API",
            ApiKind::Rest => "REST API",
            ApiKind::FunctionUrl { stream: false } => "function URL",
            ApiKind::FunctionUrl { stream: true } => "function URL, streaming",
        };
        let of_code = code.iter().find(|it| is_url && it.function == function);
        let routes = of_code.filter(|it| !it.has_other_handlers);
        let routes: Vec<_> = routes.into_iter().flat_map(FunctionTriggers::routes).collect();
        if routes.is_empty() {
            rows.push([method, path, function, kind].map(str::to_owned));
        }
        rows.extend(routes.into_iter().map(|route| {
            let path = format!("{}{}", path.trim_end_matches('/'), route.path);
            [&route.method, &path, function, kind].map(str::to_owned)
        }));
    }
    for function in application.functions.iter().filter(|it| it.endpoints.is_empty()) {
        let path = format!("/2015-03-31/functions/{}/invocations", function.name);
        let sources = code.iter().filter(|it| it.function == function.name);
        let sources: Vec<_> =
            sources.flat_map(FunctionTriggers::sources).map(ToString::to_string).collect();
        let kind = match sources.as_slice() {
            [] => "Invoke API".to_owned(),
            sources => format!("Invoke API, for {}", quote::list(sources, "and")),
        };
        rows.push(["POST", &path, &function.name, &kind].map(str::to_owned));
    }
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let [method, path, name] = [0, 1, 2].map(|column| width(column).unwrap_or_default());
    let row = |[m, p, n, kind]: &[String; 4]| {
        format!("  {m:method$} http://{address}{p:path$}  {n:name$}  {kind}")
    };
    rows.iter().map(row).collect()
}
