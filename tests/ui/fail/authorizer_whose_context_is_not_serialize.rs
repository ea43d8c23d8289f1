use lambda_native::http::Allow;
use lambda_native::lambda_handler;

struct User {
    name: String,
}

#[lambda_handler(authorizer)]
async fn check() -> Allow<User> {
    Allow::new("ada").with_context(User { name: "Ada".to_owned() })
}
