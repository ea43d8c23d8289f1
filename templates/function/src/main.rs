//! Turns text into upper case.
{%- if outbound == "yes" %}

mod check_ip;
{%- endif %}

{% if outbound == "yes" -%}
use lambda_native::{Context, Failure, json_context, lambda_handler};
{%- else -%}
use lambda_native::{json_context, lambda_handler};
{%- endif %}
use serde::{Deserialize, Serialize};
{%- if outbound == "yes" %}

use crate::check_ip::CheckIp;
{%- endif %}

/// The event.
#[derive(Debug, Deserialize, Serialize)]
struct Text {
    input: String,
}

/// The answer.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
struct UpperCase {
    output: String,
{%- if outbound == "yes" %}
    /// Where the function's own requests come from.
    location: String,
{%- endif %}
}

/// The types that are read and written as JSON.
#[json_context(Text, UpperCase)]
struct Json;

{% if outbound == "yes" -%}
#[lambda_handler(json = Json, init = CheckIp::from_env)]
async fn upper_case(text: Text, _: &Context, check_ip: &CheckIp) -> Result<UpperCase, Failure> {
    Ok(UpperCase {
        output: text.input.to_uppercase(),
        location: check_ip.address().await?,
    })
}
{%- else -%}
#[lambda_handler(json = Json)]
async fn upper_case(text: Text) -> UpperCase {
    UpperCase {
        output: text.input.to_uppercase(),
    }
}
{%- endif %}

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

    fn answer(text: Text) -> UpperCase {
{%- if outbound == "yes" %}
        let check_ip = stub("200 OK", "198.51.100.7\n");
        block_on(upper_case(text, &context(), &check_ip)).expect("an answer")
{%- else %}
        block_on(upper_case(text))
{%- endif %}
    }

    #[test]
    fn turns_letters_of_any_language() {
        let input = "straße, ελλάδα".to_owned();
        assert_eq!(answer(Text { input }).output, "STRASSE, ΕΛΛΆΔΑ");
    }

    #[test]
    fn answers_the_sample_event() {
        let event = include_bytes!("../events/event.json");
        let text = Json::from_slice(event).expect("a text");
        assert_eq!(
            answer(text),
            UpperCase {
                output: "HELLO WORLD".to_owned(),
{%- if outbound == "yes" %}
                location: "198.51.100.7".to_owned(),
{%- endif %}
            }
        );
    }

    #[test]
    fn refuses_what_is_no_text() {
        assert!(Json::from_str::<Text>(r#"{"input":7}"#).is_err());
    }
{%- if outbound == "yes" %}

    #[test]
    fn fails_with_the_service_that_it_asks() {
        let text = Text {
            input: "hello".to_owned(),
        };
        let check_ip = stub("500 Internal Server Error", "");
        assert!(block_on(upper_case(text, &context(), &check_ip)).is_err());
    }
{%- endif %}
}
