//! An HTTP API that greets: `GET /hello` and `GET /hello/{name}`.

use lambda_native::http::{Json, Request};
use lambda_native::lambda_handler;
use serde::Serialize;

/// The body of the answer.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Greeting {
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_ip: Option<String>,
}

/// Greets the name in the path, else the one in the query, else the world.
#[lambda_handler(http)]
async fn hello(request: Request<'_>) -> Json<Greeting> {
    let query = request.query("name");
    let name = request
        .path_parameter("name")
        .or(query.as_deref())
        .unwrap_or("world");
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

    #[test]
    fn greets_the_name_in_the_path() {
        let request = Request::new("GET", "/hello/Ada").with_path_parameter("name", "Ada");
        assert_eq!(message(request), "hello Ada");
    }

    #[test]
    fn greets_the_name_in_the_query() {
        let request = Request::new("GET", "/hello?name=Grace%20Hopper");
        assert_eq!(message(request), "hello Grace Hopper");
    }

    #[test]
    fn greets_the_world() {
        assert_eq!(message(Request::new("GET", "/hello")), "hello world");
    }

    #[test]
    fn answers_the_sample_event() {
        let event = include_bytes!("../events/event.json");
        let request = Request::from_slice(event).expect("an event of API Gateway");
        let Json(greeting) = block_on(hello(request));
        assert_eq!(
            greeting,
            Greeting {
                message: "hello Ada".to_owned(),
                source_ip: Some("203.0.113.17".to_owned()),
            }
        );
    }
}
