use lambda_native::lambda_handler;

#[lambda_handler]
async fn checkout(item: String) -> Result<String, (u16, &'static str)> {
    if item.is_empty() { Err((404, "no such item")) } else { Ok(item) }
}
