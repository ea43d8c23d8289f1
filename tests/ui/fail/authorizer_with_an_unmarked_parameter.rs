use lambda_native::http::{Allow, Deny};
use lambda_native::lambda_handler;

#[lambda_handler(authorizer)]
async fn check(authorization: &str) -> Result<Allow, Deny> {
    Ok(Allow::new(authorization.to_owned()))
}
