{% if outbound == "yes" -%}
//! Greets the caller by name and adds the function's public IP address.

mod ip_lookup;

use lambda_native::http::{Json, Request};
use lambda_native::{Error, lambda_handler};
use serde::Serialize;

use crate::ip_lookup::IpLookup;

/// The body of the response.
#[derive(Debug, PartialEq, Eq, Serialize)]
{%- if openapi == "yes" %}
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
{%- endif %}
struct Greeting {
    message: String,
    /// The caller's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    source_ip: Option<String>,
    /// The address from which the function calls other services.
    outbound_ip: String,
}

/// Greets by name.
#[lambda_handler(get = ["/hello", "/hello/{name}"], init = IpLookup::from_env)]
async fn hello(
    name: Option<&str>,
    request: &Request<'_>,
    lookup: &IpLookup,
) -> Result<Json<Greeting>, Error> {
    Ok(Json(Greeting {
        message: format!("hello {}", name.unwrap_or("world")),
        source_ip: request.source_ip().map(str::to_owned),
        outbound_ip: lookup.address().await?,
    }))
}

#[cfg(test)]
mod tests {
    use lambda_native::testing::block_on;

    use super::*;
    use crate::ip_lookup::tests::stub;

    fn call(request: &Request<'_>, status: &str) -> Result<Json<Greeting>, Error> {
        block_on(async {
            let lookup = stub(status, "198.51.100.7\n").await;
            hello(Some("Ada"), request, &lookup).await
        })
    }

    #[test]
    fn greets_the_caller_of_the_sample_event() {
        let event = include_bytes!("../events/event.json");
        let request = Request::from_slice(event).expect("a valid event");
        let expected = Greeting {
            message: "hello Ada".to_owned(),
            source_ip: Some("203.0.113.17".to_owned()),
            outbound_ip: "198.51.100.7".to_owned(),
        };
        let response = call(&request, "200 OK").expect("a response");
        assert_eq!(response, Json(expected));
    }

    #[test]
    fn fails_if_the_lookup_fails() {
        let request = Request::new("GET", "/hello/Ada");
        assert!(call(&request, "503 Service Unavailable").is_err());
    }
}
{%- else -%}
//! Greets the caller by name.

use lambda_native::http::{Json, Request};
use lambda_native::lambda_handler;
use serde::Serialize;

/// The body of the response.
#[derive(Debug, PartialEq, Eq, Serialize)]
{%- if openapi == "yes" %}
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
{%- endif %}
struct Greeting {
    message: String,
    /// The caller's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    source_ip: Option<String>,
}

/// Greets by name.
#[lambda_handler(get = ["/hello", "/hello/{name}"])]
async fn hello(name: Option<&str>, request: &Request<'_>) -> Json<Greeting> {
    Json(Greeting {
        message: format!("hello {}", name.unwrap_or("world")),
        source_ip: request.source_ip().map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use lambda_native::testing::block_on;

    use super::*;

    #[test]
    fn greets_the_caller_of_the_sample_event() {
        let event = include_bytes!("../events/event.json");
        let request = Request::from_slice(event).expect("a valid event");
        let expected = Greeting {
            message: "hello Ada".to_owned(),
            source_ip: Some("203.0.113.17".to_owned()),
        };
        assert_eq!(block_on(hello(Some("Ada"), &request)), Json(expected));
    }

    #[test]
    fn greets_the_world_by_default() {
        let request = Request::new("GET", "/hello");
        let Json(greeting) = block_on(hello(None, &request));
        assert_eq!(greeting.message, "hello world");
    }
}
{%- endif %}
