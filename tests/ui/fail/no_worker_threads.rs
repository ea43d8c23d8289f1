use lambda_native::lambda_handler;

#[lambda_handler(flavor = "multi_thread", worker_threads = 0)]
async fn checkout(order: String) -> String {
    order
}
