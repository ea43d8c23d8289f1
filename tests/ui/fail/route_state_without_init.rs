use lambda_native::lambda_handler;

#[lambda_handler(get = "/orders")]
async fn orders(store: &Vec<String>) -> String {
    store.concat()
}
