{%- if api == "http" %}//! An HTTP API that greets: `GET /hello` and `GET /hello/{name}`.
{%- elsif api == "rest" %}//! A REST API that greets: `GET /hello` and `GET /hello/{name}`.
{%- else %}//! A function URL that greets: `GET /?name=…`.
{%- endif %}
{%- if outbound == "yes" %}

mod check_ip;
{%- endif %}

use lambda_native::http::{Json, Request};
{%- if outbound == "yes" %}
use lambda_native::{Context, Failure, lambda_handler};
{%- else %}
use lambda_native::lambda_handler;
{%- endif %}
use serde::Serialize;
{%- if outbound == "yes" %}

use crate::check_ip::CheckIp;
{%- endif %}

/// The body of the answer.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Greeting {
    message: String,
    /// Where the request comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    source_ip: Option<String>,
{%- if outbound == "yes" %}
    /// Where the function's own requests come from.
    location: String,
{%- endif %}
}

{% if api == "function-url" -%}
/// Greets the name in the query, else the world.
{%- else -%}
/// Greets the name in the path, else the one in the query, else the world.
{%- endif %}
{%- if outbound == "yes" %}
#[lambda_handler(http, init = CheckIp::from_env)]
async fn hello(
    request: Request<'_>,
    _: &Context,
    check_ip: &CheckIp,
) -> Result<Json<Greeting>, Failure> {
{%- else %}
#[lambda_handler(http)]
async fn hello(request: Request<'_>) -> Json<Greeting> {
{%- endif %}
    let query = request.query("name");
{%- if api == "function-url" %}
    let name = query.as_deref().unwrap_or("world");
{%- else %}
    let name = request
        .path_parameter("name")
        .or(query.as_deref())
        .unwrap_or("world");
{%- endif %}
{%- if outbound == "yes" %}
    Ok(Json(Greeting {
        message: format!("hello {name}"),
        source_ip: request.source_ip().map(str::to_owned),
        location: check_ip.address().await?,
    }))
{%- else %}
    Json(Greeting {
        message: format!("hello {name}"),
        source_ip: request.source_ip().map(str::to_owned),
    })
{%- endif %}
}

#[cfg(test)]
mod tests {
{%- if outbound == "yes" %}
    use lambda_native::testing::{block_on, context};
{%- else %}
    use lambda_native::testing::block_on;
{%- endif %}

    use super::*;
{%- if outbound == "yes" %}
    use crate::check_ip::tests::stub;
{%- endif %}

    fn answer(request: Request<'_>) -> Greeting {
{%- if outbound == "yes" %}
        let check_ip = stub("200 OK", "198.51.100.7\n");
        let answer = block_on(hello(request, &context(), &check_ip));
        let Json(greeting) = answer.expect("an answer");
{%- else %}
        let Json(greeting) = block_on(hello(request));
{%- endif %}
        greeting
    }
{%- if api != "function-url" %}

    #[test]
    fn greets_the_name_in_the_path() {
        let request = Request::new("GET", "/hello/Ada").with_path_parameter("name", "Ada");
        assert_eq!(answer(request).message, "hello Ada");
    }
{%- endif %}

    #[test]
    fn greets_the_name_in_the_query() {
        let request = Request::new("GET", "/{% if api != "function-url" %}hello{% endif %}?name=Grace%20Hopper");
        assert_eq!(answer(request).message, "hello Grace Hopper");
    }

    #[test]
    fn greets_the_world() {
        let request = Request::new("GET", "/{% if api != "function-url" %}hello{% endif %}");
        assert_eq!(answer(request).message, "hello world");
    }

    #[test]
    fn answers_the_sample_event() {
        let event = include_bytes!("../events/event.json");
        let request = Request::from_slice(event).expect("a request");
        assert_eq!(
            answer(request),
            Greeting {
                message: "hello Ada".to_owned(),
                source_ip: Some("203.0.113.17".to_owned()),
{%- if outbound == "yes" %}
                location: "198.51.100.7".to_owned(),
{%- endif %}
            }
        );
    }
{%- if outbound == "yes" %}

    #[test]
    fn fails_with_the_service_that_it_asks() {
        let check_ip = stub("500 Internal Server Error", "");
        let answer = block_on(hello(Request::new("GET", "/{% if api != "function-url" %}hello{% endif %}"), &context(), &check_ip));
        assert!(answer.is_err());
    }
{%- endif %}
}
