{% if outbound == "yes" -%}
//! Converts text to upper case and adds the function's public IP address.

mod ip_lookup;

use lambda_native::{Context, Error, json_context, lambda_handler};
use serde::{Deserialize, Serialize};

use crate::ip_lookup::IpLookup;

/// The event.
#[derive(Debug, Deserialize, Serialize)]
struct Text {
    input: String,
}

/// The response.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
struct UpperCase {
    output: String,
    /// The address from which the function calls other services.
    outbound_ip: String,
}

/// The types that the function reads and writes as JSON.
#[json_context(Text, UpperCase)]
struct Json;

#[lambda_handler(json = Json, init = IpLookup::from_env)]
async fn upper_case(text: Text, _: &Context, lookup: &IpLookup) -> Result<UpperCase, Error> {
    Ok(UpperCase {
        output: text.input.to_uppercase(),
        outbound_ip: lookup.address().await?,
    })
}

#[cfg(test)]
mod tests {
    use lambda_native::testing::{block_on, context};

    use super::*;
    use crate::ip_lookup::tests::stub;

    fn call(event: &str, status: &str) -> Result<UpperCase, Error> {
        let text = Json::from_str(event).expect("a valid event");
        block_on(async {
            let lookup = stub(status, "198.51.100.7\n").await;
            upper_case(text, &context(), &lookup).await
        })
    }

    #[test]
    fn handles_the_sample_event() {
        let event = include_str!("../events/event.json");
        let expected = UpperCase {
            output: "HELLO WORLD".to_owned(),
            outbound_ip: "198.51.100.7".to_owned(),
        };
        assert_eq!(call(event, "200 OK").expect("a response"), expected);
    }

    #[test]
    fn converts_escapes_and_letters_of_any_language() {
        let event = r#"{"input":"\"stra\u00dfe\", ελλάδα"}"#;
        let response = call(event, "200 OK").expect("a response");
        assert_eq!(response.output, "\"STRASSE\", ΕΛΛΆΔΑ");
    }

    #[test]
    fn fails_if_the_lookup_fails() {
        assert!(call(r#"{"input":"hello"}"#, "503 Service Unavailable").is_err());
    }
}
{%- else -%}
//! Converts text to upper case.

use lambda_native::{json_context, lambda_handler};
use serde::{Deserialize, Serialize};

/// The event.
#[derive(Debug, Deserialize, Serialize)]
struct Text {
    input: String,
}

/// The response.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
struct UpperCase {
    output: String,
}

/// The types that the function reads and writes as JSON.
#[json_context(Text, UpperCase)]
struct Json;

#[lambda_handler(json = Json)]
async fn upper_case(text: Text) -> UpperCase {
    UpperCase {
        output: text.input.to_uppercase(),
    }
}

#[cfg(test)]
mod tests {
    use lambda_native::testing::block_on;

    use super::*;

    fn output(event: &str) -> String {
        let text = Json::from_str(event).expect("a valid event");
        block_on(upper_case(text)).output
    }

    #[test]
    fn handles_the_sample_event() {
        let event = include_str!("../events/event.json");
        assert_eq!(output(event), "HELLO WORLD");
    }

    #[test]
    fn converts_escapes_and_letters_of_any_language() {
        let event = r#"{"input":"\"stra\u00dfe\", ελλάδα"}"#;
        assert_eq!(output(event), "\"STRASSE\", ΕΛΛΆΔΑ");
    }

    #[test]
    fn rejects_an_event_whose_input_is_not_text() {
        assert!(Json::from_str::<Text>(r#"{"input":7}"#).is_err());
    }
}
{%- endif %}
