//! The command that `scaffold dev` suggests when it is ready for the first time.

use std::borrow::Cow;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use hyper::Request;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;

use crate::local::application::LocalApplication;
use crate::local::gateway::{Router, Routing};
use crate::local::server::deployment::ListedRoute;
use crate::term::quote::quote;

/// Characters that do not stand in a path as they are.
const ENCODED: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'?').add(b'`').add(b'\\');

/// A request to suggest.
#[derive(Debug, PartialEq, Eq)]
struct SuggestedRequest {
    method: String,
    /// The path and the query.
    target: String,
    body: Option<String>,
}

/// Returns a command that works: a request to a route, if possible that of an event in the folder `events`,
/// or else an invocation. `None` if there is no function.
pub(super) fn command(
    application: &LocalApplication,
    router: &Router,
    listing: &[ListedRoute],
    address: SocketAddr,
) -> Option<String> {
    let folders = application.functions().map(|(_, binary)| binary.folder());
    let from_events = folders.flat_map(events).find(|request| is_routed(router, request));
    if let Some(request) = from_events.or_else(|| from_routes(listing)) {
        return Some(request.curl(address));
    }
    let (function, _) = application.functions().next()?;
    Some(format!("scaffold invoke {}", quote(&function.name)))
}

impl SuggestedRequest {
    fn curl(&self, address: SocketAddr) -> String {
        let mut command = "curl".to_owned();
        if self.method != "GET" {
            command.extend([" -X ", &self.method]);
        }
        let url = format!("http://{address}{}", self.target);
        command.extend([" ", &quote(&url)]);
        if let Some(body) = &self.body {
            command.extend([" -H 'content-type: application/json' -d ", &quote(body)]);
        }
        command
    }
}

/// Reads the requests among the events of a package.
fn events(package: &Path) -> Vec<SuggestedRequest> {
    let entries = fs::read_dir(package.join("events")).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    // `event.json` is the one that `scaffold invoke` sends.
    paths.sort_by_key(|path| (!path.ends_with("event.json"), path.clone()));
    let texts = paths.iter().filter_map(|path| fs::read(path).ok());
    texts.filter_map(|text| request(&serde_json::from_slice(&text).ok()?)).collect()
}

/// Reads the request from an event of API Gateway or of a function URL.
fn request(event: &Value) -> Option<SuggestedRequest> {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    let method = text("/requestContext/http/method").or_else(|| text("/httpMethod"))?;
    let path = text("/rawPath").or_else(|| text("/path"))?;
    let query = text("/rawQueryString").filter(|query| !query.is_empty());
    let is_base64 = event.get("isBase64Encoded").and_then(Value::as_bool) == Some(true);
    let body = text("/body").filter(|body| !is_base64 && !body.is_empty());
    let is_name = |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase());
    is_name(method).then(|| SuggestedRequest {
        method: method.to_owned(),
        target: match query {
            Some(query) => format!("{}?{}", encode(path), encode(query)),
            None => encode(path).into_owned(),
        },
        body: body.map(str::to_owned),
    })
}

/// Makes a request to the route that needs the least.
fn from_routes(listing: &[ListedRoute]) -> Option<SuggestedRequest> {
    let routes = listing.iter().filter(|route| !route.is_invocation());
    let effort = |route: &&ListedRoute| {
        let has_body = !["GET", "ANY", "HEAD"].contains(&&*route.method);
        (has_body, route.path.contains(['{', '…']))
    };
    let route = routes.min_by_key(effort)?;
    let method = if route.method == "ANY" { "GET" } else { &route.method };
    let has_body = ["POST", "PUT", "PATCH"].contains(&method);
    let path = if route.path.starts_with("/…") { "/" } else { &route.path };
    let segments = path.split('/').map(|segment| match segment.strip_prefix('{') {
        Some(_) => Cow::Borrowed("1"),
        None => encode(segment),
    });
    Some(SuggestedRequest {
        method: method.to_owned(),
        target: segments.collect::<Vec<_>>().join("/"),
        body: has_body.then(|| "{}".to_owned()),
    })
}

fn encode(text: &str) -> Cow<'_, str> {
    utf8_percent_encode(text, ENCODED).into()
}

/// Returns whether a function gets the request.
fn is_routed(router: &Router, request: &SuggestedRequest) -> bool {
    let request = Request::builder().method(&*request.method).uri(&request.target).body(());
    request
        .is_ok_and(|request| matches!(router.route(&request.into_parts().0), Routing::Function(_)))
}

// Words are quoted in another way on Windows.
#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn curl(request: Option<SuggestedRequest>) -> String {
        let address = SocketAddr::from(([127, 0, 0, 1], 3000));
        request.map_or_else(|| "–".to_owned(), |request| request.curl(address))
    }

    #[test]
    fn suggests_the_request_of_an_event() {
        let events = [
            r#"{"rawPath":"/hello","rawQueryString":"name=Ada","requestContext":{"http":{"method":"GET"}}}"#,
            r#"{"path":"/orders/7","httpMethod":"PUT","body":"{\"name\": \"Ada\"}"}"#,
            r#"{"path":"/a b\u001b","httpMethod":"DELETE","body":"e30=","isBase64Encoded":true}"#,
            r#"{"path":"/","httpMethod":"GET; rm"}"#,
            r#"{"Records":[]}"#,
        ];
        let curls = events.map(|event| curl(request(&serde_json::from_str(event).unwrap())));
        insta::assert_snapshot!(curls.join("\n"), @r#"
        curl 'http://127.0.0.1:3000/hello?name=Ada'
        curl -X PUT http://127.0.0.1:3000/orders/7 -H 'content-type: application/json' -d '{"name": "Ada"}'
        curl -X DELETE 'http://127.0.0.1:3000/a%20b%1B'
        –
        –
        "#);
    }

    #[test]
    fn suggests_the_simplest_route() {
        let curl = |routes: &[&str]| {
            let listing: Vec<_> = routes
                .iter()
                .map(|route| {
                    let (method, path) = route.split_once(' ').unwrap();
                    let [method, path, function, kind] =
                        [method, path, "F", "HTTP API"].map(str::to_owned);
                    ListedRoute { method, path, function, kind }
                })
                .collect();
            curl(from_routes(&listing))
        };
        let curls = [
            curl(&["POST /orders", "GET /orders/{id}", "GET /orders"]),
            curl(&["POST /orders", "ANY /orders/{id}/items/{proxy+}"]),
            curl(&["POST /orders/{id}"]),
            curl(&["ANY /…"]),
            curl(&[]),
        ];
        insta::assert_snapshot!(curls.join("\n"), @"
        curl http://127.0.0.1:3000/orders
        curl http://127.0.0.1:3000/orders/1/items/1
        curl -X POST http://127.0.0.1:3000/orders/1 -H 'content-type: application/json' -d '{}'
        curl http://127.0.0.1:3000/
        –
        ");
    }
}
