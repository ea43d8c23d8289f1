use lambda_native::http::{Deny, Json};
use lambda_native::lambda_handler;

#[lambda_handler(authorizer)]
async fn check(#[header] authorization: &str) -> Result<Json<String>, Deny> {
    Ok(Json(authorization.to_owned()))
}
