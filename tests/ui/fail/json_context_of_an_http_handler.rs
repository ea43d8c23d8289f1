use lambda_native::http::Request;
use lambda_native::{json_context, lambda_handler};

#[json_context(String)]
struct Json;

#[lambda_handler(http, json = Json)]
async fn checkout(request: Request<'_>) -> String {
    request.path().to_owned()
}
