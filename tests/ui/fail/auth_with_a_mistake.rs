use lambda_native::http::{Allow, Deny};
use lambda_native::lambda_handler;

#[lambda_handler(named, authorizer)]
async fn check(#[body] authorization: &str) -> Result<Allow, Deny> {
    Ok(Allow::new(authorization.to_owned()))
}

#[lambda_handler(named, get = "/orders", auth = check)]
async fn orders() -> &'static str {
    "[]"
}

lambda_native::main!(check, orders);
