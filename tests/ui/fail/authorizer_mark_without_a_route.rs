use lambda_native::lambda_handler;

#[lambda_handler]
async fn orders(#[authorizer] user: String) -> String {
    user
}
