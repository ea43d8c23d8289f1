use lambda_native::lambda_handler;

#[lambda_handler]
async fn checkout(item: &'static str) -> String {
    item.to_owned()
}
