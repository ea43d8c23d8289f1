//! Writes the file of an event for a new handler.

use http::{Method, Request};

use super::code::{NAME, body_field};
use super::route::NewRoute;
use super::{HandlerKind, QueueName};
use crate::local::sample_events;
use crate::sam::{ApiKind, PayloadFormat};

/// The event of a message whose body is `{"id":"A-1001"}`.
const MESSAGE: &str = r#"{
  "Records": [
    {
      "messageId": "5f1c9a5e-0c56-4d0e-9a0c-2f6b1d4e8a11",
      "receiptHandle": "AQEBx3Jw5bQ0kqk2l1o9rcVNZBg7hmQ1QmFyIGV4YW1wbGU=",
      "body": "{\"id\":\"A-1001\"}",
      "attributes": {
        "ApproximateReceiveCount": "1",
        "SentTimestamp": "1767225600000",
        "SenderId": "AIDAEXAMPLESENDER01",
        "ApproximateFirstReceiveTimestamp": "1767225600012"
      },
      "messageAttributes": {},
      "md5OfBody": "433e52fa390986425d0de36ea2c8e067",
      "eventSource": "aws:sqs",
      "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:NAME",
      "awsRegion": "us-east-1"
    }
  ]
}
"#;

/// Writes an event. The kind of API and the format are those of a route.
pub(super) fn event(kind: &HandlerKind, (api, format): (ApiKind, PayloadFormat)) -> Option<String> {
    match kind {
        HandlerKind::Function => Some("{\n  \"input\": \"hello world\"\n}\n".to_owned()),
        HandlerKind::Queue(QueueName(queue)) => Some(MESSAGE.replace("NAME", queue)),
        HandlerKind::Route(route) => {
            let mut request = Request::builder()
                .method(method(route).as_str())
                .header("accept", "application/json")
                .header("user-agent", "example/1.0");
            let body = body(route).unwrap_or_default();
            if !body.is_empty() {
                request = request.header("content-type", "application/json");
            }
            let request = request.uri(route.example()).body(body).ok()?;
            let method = Method::from_bytes(method(route).as_bytes()).ok();
            let method = method.filter(|_| route.method != "any");
            let event = sample_events::http_event(api, format, (method, &route.path), request)?;
            Some(pretty(std::str::from_utf8(&event).ok()?))
        }
    }
}

/// Returns a method of requests for the route.
pub(super) fn method(route: &NewRoute) -> String {
    if route.method == "any" { "GET".to_owned() } else { route.method.to_ascii_uppercase() }
}

/// Returns the body of a request for the route.
pub(super) fn body(route: &NewRoute) -> Option<String> {
    route.has_body().then(|| format!("{{\"{}\":\"{NAME}\"}}", body_field(route)))
}

/// Breaks JSON without spaces into lines, and keeps the order of its members.
fn pretty(json: &str) -> String {
    let mut text = String::new();
    let mut depth = 0_usize;
    let (mut is_in_string, mut is_escaped) = (false, false);
    let mut characters = json.trim().chars().peekable();
    while let Some(character) = characters.next() {
        if is_in_string {
            text.push(character);
            is_in_string = is_escaped || character != '"';
            is_escaped = !is_escaped && character == '\\';
            continue;
        }
        match character {
            '{' | '[' => {
                text.push(character);
                if characters.peek().is_some_and(|next| !['}', ']'].contains(next)) {
                    depth += 1;
                    new_line(&mut text, depth);
                }
            }
            '}' | ']' => {
                if !text.ends_with(['{', '[']) {
                    depth = depth.saturating_sub(1);
                    new_line(&mut text, depth);
                }
                text.push(character);
            }
            ',' => {
                text.push(character);
                new_line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            character => {
                text.push(character);
                is_in_string = character == '"';
            }
        }
    }
    text + "\n"
}

fn new_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_json_into_lines_in_its_order() {
        let json = r#"{"b":"{\"x\":[1,2]}\\","a":{},"c":[],"d":[1,{"e":null}]}"#;
        insta::assert_snapshot!(pretty(json), @r#"
        {
          "b": "{\"x\":[1,2]}\\",
          "a": {},
          "c": [],
          "d": [
            1,
            {
              "e": null
            }
          ]
        }
        "#);
    }

    #[test]
    fn an_event_of_a_route_has_its_parameters_and_its_body() {
        let route = HandlerKind::Route("PUT /items/{id}".parse().unwrap());
        for api in [
            (ApiKind::Http, PayloadFormat::V2),
            (ApiKind::Rest, PayloadFormat::V1),
            (ApiKind::FunctionUrl { stream: false }, PayloadFormat::V2),
        ] {
            let event: serde_json::Value =
                serde_json::from_str(&event(&route, api).unwrap()).unwrap();
            assert_eq!(event.pointer("/body").unwrap(), r#"{"name":"Ada"}"#);
            let id = event.pointer("/pathParameters/id").and_then(|it| it.as_str());
            let is_url = matches!(api.0, ApiKind::FunctionUrl { .. });
            assert_eq!(id, (!is_url).then_some("1"), "{event}");
        }
    }
}
