use lambda_native::http::{Allow, Deny, Request};
use lambda_native::lambda_handler;

#[lambda_handler(http, authorizer)]
async fn check(request: Request<'_>) -> Result<Allow, Deny> {
    Ok(Allow::new(request.path().to_owned()))
}
