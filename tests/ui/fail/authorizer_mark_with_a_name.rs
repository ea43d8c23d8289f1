use lambda_native::lambda_handler;

#[lambda_handler(get = "/orders")]
async fn orders(#[authorizer("sub")] user: String) -> String {
    user
}
