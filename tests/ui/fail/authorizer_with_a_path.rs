use lambda_native::http::{Allow, Deny};
use lambda_native::lambda_handler;

#[lambda_handler(authorizer)]
async fn check(#[path] id: u64, #[authorizer] user: String) -> Result<Allow, Deny> {
    Ok(Allow::new(format!("{id}{user}")))
}
