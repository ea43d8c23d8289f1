use lambda_native::lambda_handler;

#[lambda_handler(get = "/orders")]
async fn orders(#[authorizer] user: &str) -> String {
    user.to_owned()
}
