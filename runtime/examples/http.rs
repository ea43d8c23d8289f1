//! A small web service behind an HTTP API, a REST API, a Function URL or a load balancer: it reads
//! queries, cookies, JSON and forms, and responds with JSON, HTML, redirects and errors.
//!
//! Build it with `cargo build --example http`; `scaffold invoke` runs such a function without AWS.

use std::borrow::Cow;

use lambda_native::http::{IntoResponse, Json, Request, Response};
use lambda_native::{Error, lambda_handler};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Order<'a> {
    #[serde(borrow)]
    item: Cow<'a, str>,
    count: u32,
}

#[derive(Serialize)]
struct Receipt {
    item: String,
    total: u32,
}

#[lambda_handler(http)]
fn shop(request: Request<'_>) -> Result<Response, Error> {
    Ok(match (request.method(), request.path()) {
        ("GET", "/") => home(&request).into_response(),
        ("POST", "/orders") => (201, Json(order(&request.json()?)?)).into_response(),
        ("POST", "/login") => login(&request)?,
        ("GET", "/shop") => Response::redirect(308, "/"),
        _ => 404.into_response(),
    })
}

/// Greets the person that the query or a cookie names.
fn home(request: &Request<'_>) -> String {
    let query = request.query("name");
    let name = query.as_deref().or(request.cookie("name")).unwrap_or("stranger");
    format!("Welcome, {name}! What would you like?\n")
}

/// The caller gets the message of an error with a status. Without one, the response is a bare `500`.
fn order(order: &Order<'_>) -> Result<Receipt, Error> {
    let price = match &*order.item {
        "tea" => 3,
        "ink" => 8,
        other => {
            let message = format!("there is no {other} here");
            return Err(Error::new("UnknownItem", message).with_status(404));
        }
    };
    let total = order
        .count
        .checked_mul(price)
        .ok_or_else(|| Error::new("TooMany", "nobody needs that many").with_status(422))?;
    Ok(Receipt { item: order.item.clone().into_owned(), total })
}

/// Remembers the name in a form.
fn login(request: &Request<'_>) -> Result<Response, Error> {
    #[derive(Deserialize)]
    struct Login {
        name: String,
    }

    let Login { name } = request.form()?;
    if !name.chars().all(char::is_alphanumeric) {
        return Err(Error::new("OddName", "a name has letters and digits").with_status(400));
    }
    Ok(Response::redirect(303, "/").with_cookie(format!("name={name}; HttpOnly; Secure")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(request: Request<'_>) -> (u16, String) {
        let response = shop(request).into_response();
        let body = String::from_utf8_lossy(response.body()).into_owned();
        (response.status(), body)
    }

    #[test]
    fn greets() {
        let request = Request::new("GET", "/").with_cookie("name", "Ada");
        assert_eq!(answer(request), (200, "Welcome, Ada! What would you like?\n".to_owned()));
    }

    #[test]
    fn sells() {
        let request = Request::new("POST", "/orders").with_body(r#"{"item":"tea","count":2}"#);
        assert_eq!(answer(request), (201, r#"{"item":"tea","total":6}"#.to_owned()));
    }

    #[test]
    fn says_what_is_wrong_with_an_order() {
        let order = |body| answer(Request::new("POST", "/orders").with_body(body));
        assert_eq!(
            order(r#"{"item":"rum","count":2}"#),
            (404, r#"{"message":"there is no rum here"}"#.to_owned())
        );
        let (status, body) = order(r#"{"item":"tea","count":"two"}"#);
        assert_eq!(status, 400);
        assert!(body.contains("expected u32"), "{body}");
    }

    #[test]
    fn remembers() {
        let request = Request::new("POST", "/login").with_body("name=Ada");
        let response = shop(request).into_response();
        assert_eq!(response.status(), 303);
        assert_eq!(response.header("set-cookie"), Some("name=Ada; HttpOnly; Secure"));
    }
}
