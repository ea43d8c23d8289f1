//! Reads a JSON string with or without escapes.

// event: "tea"
// reply: "TEA"
// event: "a\tb"
// reply: "A\tB"

use std::borrow::Cow;

use lambda_native::lambda_handler;

#[lambda_handler]
async fn shout(text: Cow<'_, str>) -> String {
    text.to_uppercase()
}
