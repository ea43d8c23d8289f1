use lambda_native::lambda_handler;

#[lambda_handler]
async fn checkout(order: String) -> Result<String, Error> {
    Ok(order)
}
