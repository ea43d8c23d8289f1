//! The table of what answers where.

use std::net::SocketAddr;

use crate::application::{Application, Kind};
use crate::gateway::Router;

/// A line for each route, with the address to type, and one for each function that has none.
pub(super) fn table(application: &Application, router: &Router, address: SocketAddr) -> String {
    let mut rows: Vec<[String; 4]> = Vec::new();
    for (key, kind, function) in router.list() {
        let (method, path) = key.split_once(' ').unwrap_or(("ANY", "/…"));
        let kind = match kind {
            Kind::Http => "HTTP API",
            Kind::Rest => "REST API",
            Kind::FunctionUrl { stream: false } => "function URL",
            Kind::FunctionUrl { stream: true } => "function URL, streamed",
        };
        rows.push([method, path, function, kind].map(str::to_owned));
    }
    for function in application.functions.iter().filter(|it| it.endpoints.is_empty()) {
        let path = format!("/2015-03-31/functions/{}/invocations", function.name);
        rows.push(["POST", &path, &function.name, "Invoke API"].map(str::to_owned));
    }
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let [method, path, name] = [0, 1, 2].map(|column| width(column).unwrap_or_default());
    let row = |[m, p, n, kind]: &[String; 4]| {
        format!("  {m:method$} http://{address}{p:path$}  {n:name$}  {kind}")
    };
    rows.iter().map(row).collect::<Vec<_>>().join("\n")
}
