//! A web application that greets its callers, on Lambda and on a local port.

use std::env;
use std::error::Error;
use std::process::ExitCode;

use axum::extract::{Path, Query};
use axum::routing::get;
use axum::{Json, Router};
use lambda_native::http;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

/// Handles Lambda's events if Lambda started the program, and otherwise serves a local port.
fn main() -> Result<ExitCode, Box<dyn Error>> {
    if env::var_os("AWS_LAMBDA_RUNTIME_API").is_some() {
        return Ok(lambda_native::start(http::service(router())));
    }
    serve()?;
    Ok(ExitCode::SUCCESS)
}

/// Serves the router on this machine only, at the port `PORT` or 8080.
#[tokio::main(flavor = "current_thread")]
async fn serve() -> Result<(), Box<dyn Error>> {
    let port = env::var("PORT").map_or(Ok(8080), |port| port.parse::<u16>())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, router()).await?;
    Ok(())
}

fn router() -> Router {
    Router::new()
        .route("/", get(index))
        .route("/hello", get(hello))
        .route("/hello/{name}", get(hello_name))
}

async fn index() -> &'static str {
    "GET /hello, /hello?name=Ada or /hello/Ada\n"
}

#[derive(Deserialize)]
struct Caller {
    name: Option<String>,
}

#[derive(Serialize)]
struct Greeting {
    message: String,
}

async fn hello(Query(caller): Query<Caller>) -> Json<Greeting> {
    greet(caller.name.as_deref().unwrap_or("world"))
}

async fn hello_name(Path(name): Path<String>) -> Json<Greeting> {
    greet(&name)
}

fn greet(name: &str) -> Json<Greeting> {
    Json(Greeting {
        message: format!("hello {name}"),
    })
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::{Request, StatusCode};
    use lambda_native::testing::{self, block_on};
    use tower::ServiceExt;

    use super::*;

    fn get(uri: &str) -> (StatusCode, String) {
        let request = Request::get(uri).body(Body::empty()).expect("a valid URI");
        block_on(async {
            let response = router().oneshot(request).await.expect("a response");
            let (head, body) = response.into_parts();
            let body = to_bytes(body, usize::MAX).await.expect("a body");
            let body = String::from_utf8(body.into()).expect("text");
            (head.status, body)
        })
    }

    #[test]
    fn lists_its_routes() {
        let (status, body) = get("/");
        assert_eq!(status, StatusCode::OK);
        assert!(body.contains("/hello/Ada"), "{body}");
    }

    #[test]
    fn responds_with_404_to_an_unknown_path() {
        assert_eq!(get("/unknown").0, StatusCode::NOT_FOUND);
    }

    #[test]
    fn greets_by_name() {
        for (uri, greeting) in [
            ("/hello", r#"{"message":"hello world"}"#),
            ("/hello?name=Ada", r#"{"message":"hello Ada"}"#),
            ("/hello/Zo%C3%AB", r#"{"message":"hello Zoë"}"#),
        ] {
            assert_eq!(get(uri), (StatusCode::OK, greeting.to_owned()));
        }
    }

    #[test]
    fn handles_the_sample_event() {
        let event = include_bytes!("../events/event.json");
        let handler = http::service(router());
        let response = testing::call(&handler, event, &testing::context()).expect("a response");
        let response = String::from_utf8(response).expect("JSON");
        assert!(response.starts_with(r#"{"statusCode":200,"#), "{response}");
        assert!(
            response.contains(r#"{\"message\":\"hello Ada\"}"#),
            "{response}"
        );
    }
}
