use lambda_native::lambda_handler;

#[lambda_handler]
async fn checkout(items: Vec<(u32, &'static str)>) -> usize {
    items.len()
}
