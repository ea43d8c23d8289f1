use lambda_native::lambda_handler;

struct User;

#[lambda_handler(get = "/orders")]
async fn orders(#[authorizer] _user: User) -> &'static str {
    "[]"
}
