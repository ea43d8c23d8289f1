//! What the page knows of the application and its builds.

use serde_json::{Value, json};

use super::events;
use crate::artifact::HandlerSignature;
use crate::local::console::Console;
use crate::local::lambda::FunctionConfiguration;
use crate::local::sample_events;
use crate::local::server::deployment::{Deployment, ListedRoute, Serving};

/// Describes the functions and the routes.
pub(super) fn application(console: &Console, serving: &Serving) -> Value {
    let name = console.root.file_name().map(|name| name.to_string_lossy().into_owned());
    let examples: Vec<_> = sample_events::names().collect();
    let Some(deployment) = serving.deployment.as_deref() else {
        return json!({
            "name": name, "functions": [], "routes": [], "examples": examples, "events": [],
        });
    };
    let functions: Vec<_> = deployment.functions().map(|it| function(deployment, it)).collect();
    let routes = deployment.listing.iter().filter(|listed| !listed.is_invocation());
    let routes: Vec<_> = routes.map(|listed| route(deployment, listed)).collect();
    json!({
        "name": name,
        "functions": functions,
        "routes": routes,
        "examples": examples,
        "events": events::list(console, deployment),
    })
}

/// Describes the state of the build.
pub(super) fn build(serving: &Serving) -> Value {
    let state = match (serving.is_building, &serving.failure) {
        (true, _) => "building",
        (false, Some(_)) => "failed",
        (false, None) => "ready",
    };
    json!({
        "state": state,
        "serving": serving.deployment.is_some(),
        "version": serving.version,
        "seconds": serving.took.as_secs_f64(),
        "output": serving.failure.as_deref().unwrap_or_default(),
    })
}

fn function(deployment: &Deployment, function: &FunctionConfiguration) -> Value {
    let served = deployment.listing.iter().filter(|it| it.function == function.name);
    let mut served: Vec<_> = served.map(|it| &it.kind).collect();
    served.dedup();
    let handlers = deployment.handlers.get(&function.name);
    json!({
        "name": function.name,
        "handler": function.handler,
        "memory": function.memory_mb,
        "timeout": function.timeout.as_secs_f64(),
        "environment": function.environment.keys().collect::<Vec<_>>(),
        "sources": served,
        "handlers": handlers,
    })
}

fn route(deployment: &Deployment, listed: &ListedRoute) -> Value {
    let ListedRoute { method, path, function, kind } = listed;
    let handlers = deployment.handlers.get(function).map(Vec::as_slice).unwrap_or_default();
    let serves = |handler: &&HandlerSignature| {
        // A function URL has the name of the function before the path.
        handler.routes.iter().any(|it| {
            [it.method.as_str(), "ANY"].contains(&method.as_str()) && path.ends_with(&it.path)
        })
    };
    let handler = handlers.iter().find(serves);
    json!({
        "method": method,
        "path": path,
        "function": function,
        "api": kind,
        "doc": handler.map(|it| &it.doc),
        "parameters": handler.map(|it| &it.parameters),
        "handler": handler,
    })
}
