{% if outbound == "yes" -%}
//! Greets the caller by name and adds the function's public IP address.

mod ip_lookup;

use lambda_native::http::{Json, Request};
use lambda_native::{Context, Error, lambda_handler};
use serde::Serialize;

use crate::ip_lookup::IpLookup;

/// The body of the response.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Greeting {
    message: String,
    /// The caller's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    source_ip: Option<String>,
    /// The address from which the function calls other services.
    outbound_ip: String,
}

#[lambda_handler(http, init = IpLookup::from_env)]
async fn hello(
    request: Request<'_>,
    _: &Context,
    lookup: &IpLookup,
) -> Result<Json<Greeting>, Error> {
    let query = request.query("name");
{%- if api == "function-url" %}
    let name = query.as_deref().unwrap_or("world");
{%- else %}
    let name = request
        .path_parameter("name")
        .or(query.as_deref())
        .unwrap_or("world");
{%- endif %}
    Ok(Json(Greeting {
        message: format!("hello {name}"),
        source_ip: request.source_ip().map(str::to_owned),
        outbound_ip: lookup.address().await?,
    }))
}

#[cfg(test)]
mod tests {
    use lambda_native::testing::{block_on, context};

    use super::*;
    use crate::ip_lookup::tests::stub;

    fn call(request: Request<'_>, status: &str) -> Result<Json<Greeting>, Error> {
        block_on(async {
            let lookup = stub(status, "198.51.100.7\n").await;
            hello(request, &context(), &lookup).await
        })
    }

    #[test]
    fn greets_the_name_in_the_query() {
        let request = Request::new("GET", "/?name=Grace%20Hopper");
        let Json(greeting) = call(request, "200 OK").expect("a response");
        assert_eq!(greeting.message, "hello Grace Hopper");
    }

    #[test]
    fn handles_the_sample_event() {
        let event = include_bytes!("../events/event.json");
        let request = Request::from_slice(event).expect("a valid event");
        let expected = Greeting {
            message: "hello Ada".to_owned(),
            source_ip: Some("203.0.113.17".to_owned()),
            outbound_ip: "198.51.100.7".to_owned(),
        };
        assert_eq!(call(request, "200 OK").expect("a response"), Json(expected));
    }

    #[test]
    fn fails_if_the_lookup_fails() {
        let request = Request::new("GET", "/");
        assert!(call(request, "503 Service Unavailable").is_err());
    }
}
{%- else -%}
//! Greets the caller by name.

use lambda_native::http::{Json, Request};
use lambda_native::lambda_handler;
use serde::Serialize;

/// The body of the response.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Greeting {
    message: String,
    /// The caller's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    source_ip: Option<String>,
}

#[lambda_handler(http)]
async fn hello(request: Request<'_>) -> Json<Greeting> {
    let query = request.query("name");
{%- if api == "function-url" %}
    let name = query.as_deref().unwrap_or("world");
{%- else %}
    let name = request
        .path_parameter("name")
        .or(query.as_deref())
        .unwrap_or("world");
{%- endif %}
    Json(Greeting {
        message: format!("hello {name}"),
        source_ip: request.source_ip().map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use lambda_native::testing::block_on;

    use super::*;

    fn message(request: Request<'_>) -> String {
        let Json(greeting) = block_on(hello(request));
        greeting.message
    }
{%- if api != "function-url" %}

    #[test]
    fn greets_the_name_in_the_path() {
        let request = Request::new("GET", "/hello/Ada").with_path_parameter("name", "Ada");
        assert_eq!(message(request), "hello Ada");
    }
{%- endif %}

    #[test]
    fn greets_the_name_in_the_query() {
        let request = Request::new("GET", "/?name=Grace%20Hopper");
        assert_eq!(message(request), "hello Grace Hopper");
    }

    #[test]
    fn greets_the_world_by_default() {
        assert_eq!(message(Request::new("GET", "/")), "hello world");
    }

    #[test]
    fn handles_the_sample_event() {
        let event = include_bytes!("../events/event.json");
        let request = Request::from_slice(event).expect("a valid event");
        let expected = Greeting {
            message: "hello Ada".to_owned(),
            source_ip: Some("203.0.113.17".to_owned()),
        };
        assert_eq!(block_on(hello(request)), Json(expected));
    }
}
{%- endif %}
