//! The pages that a browser gets from `scaffold dev` itself: a list of what there is, and the errors of a
//! failed build.

use std::borrow::Cow;
use std::fmt::Write as _;

use hyper::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};

use super::body::{HttpResponse, plain};
use super::deployment::Deployment;

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}\
table{border-collapse:collapse}td,th{padding:.2rem 1.5rem .2rem 0;text-align:left}\
code,pre{font-family:ui-monospace,monospace;font-size:.9em}pre{overflow-x:auto;white-space:pre-wrap}";

/// Returns whether the request comes from a browser that shows a page.
pub(super) fn is_wanted(request: &Parts) -> bool {
    let accepts = request.headers.get_all(ACCEPT).iter();
    matches!(request.method, Method::GET | Method::HEAD)
        && accepts.filter_map(|it| it.to_str().ok()).any(|it| it.contains("text/html"))
}

/// Lists the routes and the functions, as the response to a request for `path` that has no route.
pub(super) fn index(deployment: &Deployment, path: &str, status: StatusCode) -> HttpResponse {
    let mut body = format!("<p>No route for <code>{}</code>.</p>", escape(path));
    if deployment.listing.is_empty() {
        body.push_str("<p>The application has no functions.</p>");
    } else {
        body.push_str("<table><tr><th>Method<th>Path<th>Function<th>Served as</tr>");
        for row in &deployment.listing {
            let path = escape(&row.path);
            // A link must lead to this server, and needs no variable.
            let is_link = ["GET", "ANY"].contains(&&*row.method)
                && row.path.starts_with('/')
                && !row.path.starts_with("//")
                && !row.path.contains(['{', '…']);
            let path = if is_link {
                format!("<a href=\"{path}\"><code>{path}</code></a>")
            } else {
                format!("<code>{path}</code>")
            };
            let [method, function, kind] =
                [&row.method, &row.function, &row.kind].map(|text| escape(text));
            // Writing to a string does not fail.
            let _ = write!(body, "<tr><td>{method}<td>{path}<td>{function}<td>{kind}</tr>");
        }
        body.push_str("</table>");
    }
    html(status, "scaffold dev", &body)
}

/// The errors of a failed build.
pub(super) fn build_failure(what: &str, errors: &str) -> HttpResponse {
    let body = format!("<p>{}</p><pre>{}</pre>", capitalised(what), escape(errors));
    html(StatusCode::SERVICE_UNAVAILABLE, "The build has failed", &body)
}

/// The errors of a failed build, for a program.
pub(super) fn plain_build_failure(what: &str, errors: &str) -> HttpResponse {
    plain(StatusCode::SERVICE_UNAVAILABLE, format!("{what}:\n{errors}"))
}

fn html(status: StatusCode, title: &str, body: &str) -> HttpResponse {
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <style>{STYLE}</style><h1>{title}</h1>{body}</html>\n"
    );
    let mut response = plain(status, page);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect::<String>() + "."
    })
}

/// Escapes text for HTML, in elements and in quoted attributes.
fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}
