//! Returns nothing, which becomes `null`.

// event: "tea"
// reply: null
// event: 7
// error: {"errorType":"Runtime.UnmarshalError","errorMessage":"cannot read the event: invalid type: integer `7`, expected a string at line 1 column 1","stackTrace":[]}

use lambda_native::lambda_handler;

#[lambda_handler]
async fn note(item: String) {
    drop(item);
}
