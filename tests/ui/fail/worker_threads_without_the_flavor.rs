use lambda_native::lambda_handler;

#[lambda_handler(worker_threads = 2)]
async fn checkout(order: String) -> String {
    order
}
