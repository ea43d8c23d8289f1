//! Borrows a JSON string without escapes.

// event: "tea"
// reply: "TEA"
// event: "a\tb"
// error: {"errorType":"Runtime.UnmarshalError","errorMessage":"cannot read the event: invalid type: string \"a\\tb\", expected a borrowed string at line 1 column 6","stackTrace":[]}

use lambda_native::lambda_handler;

#[lambda_handler]
async fn shout(text: &str) -> String {
    text.to_uppercase()
}
