//! Serves one route, whose parameters have the names of the macro's variables and of the function.

// env: _HANDLER=bootstrap
// event: {"rawPath":"/7","rawQueryString":"request=a&context=b&output=c&event=d","requestContext":{"http":{"method":"GET"}}}
// reply: {"statusCode":200,"headers":{"content-type":"text/plain; charset=utf-8"},"cookies":[],"body":"7abcd id-1","isBase64Encoded":false}

use lambda_native::lambda_handler;

#[lambda_handler(get = "/{arguments}")]
async fn event(
    arguments: u8,
    #[query] request: &str,
    #[query] context: &str,
    #[query] output: &str,
    #[query] event: &str,
    invocation: &lambda_native::Context,
) -> String {
    format!("{arguments}{request}{context}{output}{event} {}", invocation.request_id())
}
