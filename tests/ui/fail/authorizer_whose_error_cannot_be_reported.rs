use lambda_native::http::Allow;
use lambda_native::lambda_handler;

struct Refused;

#[lambda_handler(authorizer)]
async fn check(#[header] authorization: &str) -> Result<Allow, Refused> {
    match authorization {
        "ada" => Ok(Allow::new("ada")),
        _ => Err(Refused),
    }
}
