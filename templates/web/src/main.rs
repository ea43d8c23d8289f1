//! A web application that greets, on Lambda and on a local port.
{%- if outbound == "yes" %}

mod check_ip;
{%- endif %}

use std::env;
use std::error::Error;
use std::process::ExitCode;

{% if outbound == "yes" -%}
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
{%- else -%}
use axum::extract::{Path, Query};
{%- endif %}
use axum::routing::get;
use axum::{Json, Router};
use lambda_native::http;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
{%- if outbound == "yes" %}

use crate::check_ip::CheckIp;
{%- endif %}

/// On Lambda, which sets the variable, answers its events; elsewhere the requests to a port.
fn main() -> Result<ExitCode, Box<dyn Error>> {
    if env::var_os("AWS_LAMBDA_RUNTIME_API").is_some() {
{%- if outbound == "yes" %}
        let init = async || Ok(http::service(router(CheckIp::from_env()?)));
        return Ok(lambda_native::start_with(init));
{%- else %}
        return Ok(lambda_native::start(http::service(router())));
{%- endif %}
    }
    serve()?;
    Ok(ExitCode::SUCCESS)
}

/// Serves the port `PORT`, or 8080 where that is not set, of this machine alone.
#[tokio::main(flavor = "current_thread")]
async fn serve() -> Result<(), Box<dyn Error>> {
    let port = env::var("PORT").map_or(Ok(8080), |port| port.parse::<u16>())?;
{%- if outbound == "yes" %}
    let router = router(CheckIp::from_env().map_err(|failure| failure.to_string())?);
{%- else %}
    let router = router();
{%- endif %}
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}

{% if outbound == "yes" -%}
fn router(check_ip: CheckIp) -> Router {
{%- else -%}
fn router() -> Router {
{%- endif %}
    Router::new()
        .route("/", get(index))
        .route("/hello", get(hello))
        .route("/hello/{name}", get(hello_name))
{%- if outbound == "yes" %}
        .route("/location", get(location))
        .with_state(check_ip)
{%- endif %}
}

async fn index() -> &'static str {
    "GET /hello, /hello?name=Ada or /hello/Ada\n"
}

#[derive(Deserialize)]
struct Who {
    name: Option<String>,
}

#[derive(Serialize)]
struct Greeting {
    message: String,
}

async fn hello(Query(who): Query<Who>) -> Json<Greeting> {
    greet(who.name.as_deref().unwrap_or("world"))
}

async fn hello_name(Path(name): Path<String>) -> Json<Greeting> {
    greet(&name)
}

fn greet(name: &str) -> Json<Greeting> {
    Json(Greeting {
        message: format!("hello {name}"),
    })
}
{%- if outbound == "yes" %}

#[derive(Serialize)]
struct Location {
    location: String,
}

/// Where the function's own requests come from.
async fn location(State(check_ip): State<CheckIp>) -> Result<Json<Location>, StatusCode> {
    match check_ip.address().await {
        Ok(location) => Ok(Json(Location { location })),
        Err(failure) => {
            eprintln!("no location: {failure}");
            Err(StatusCode::BAD_GATEWAY)
        }
    }
}
{%- endif %}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
{%- if outbound != "yes" %}
    use axum::http::{Request, StatusCode};
{%- else %}
    use axum::http::Request;
{%- endif %}
    use lambda_native::testing::{self, block_on};
    use tower::ServiceExt;

    use super::*;
{%- if outbound == "yes" %}
    use crate::check_ip::tests::stub;

    fn router() -> Router {
        super::router(stub("200 OK", "198.51.100.7\n"))
    }
{%- endif %}

    fn get(router: Router, uri: &str) -> (StatusCode, String) {
        let request = Request::get(uri).body(Body::empty()).expect("a request");
        block_on(async {
            let response = router.oneshot(request).await.expect("a response");
            let (head, body) = response.into_parts();
            let body = to_bytes(body, usize::MAX).await.expect("a body");
            let body = String::from_utf8(body.into()).expect("a text");
            (head.status, body)
        })
    }

    #[test]
    fn says_what_there_is() {
        let (status, body) = get(router(), "/");
        assert_eq!(status, StatusCode::OK);
        assert!(body.contains("/hello/Ada"), "{body}");
        assert_eq!(get(router(), "/nothing").0, StatusCode::NOT_FOUND);
    }

    #[test]
    fn greets() {
        for (uri, greeting) in [
            ("/hello", r#"{"message":"hello world"}"#),
            ("/hello?name=Ada", r#"{"message":"hello Ada"}"#),
            ("/hello/Zo%C3%AB", r#"{"message":"hello Zoë"}"#),
        ] {
            assert_eq!(get(router(), uri), (StatusCode::OK, greeting.to_owned()));
        }
    }

    #[test]
    fn answers_the_sample_event() {
        let event = include_bytes!("../events/event.json");
        let handler = http::service(router());
        let reply = testing::call(&handler, event, &testing::context()).expect("a reply");
        let reply = String::from_utf8(reply).expect("JSON");
        assert!(reply.starts_with(r#"{"statusCode":200,"#), "{reply}");
        assert!(reply.contains(r#"{\"message\":\"hello Ada\"}"#), "{reply}");
    }
{%- if outbound == "yes" %}

    #[test]
    fn knows_its_location() {
        let location = r#"{"location":"198.51.100.7"}"#.to_owned();
        assert_eq!(get(router(), "/location"), (StatusCode::OK, location));
        let router = super::router(stub("500 Internal Server Error", ""));
        assert_eq!(get(router, "/location").0, StatusCode::BAD_GATEWAY);
    }
{%- endif %}
}
