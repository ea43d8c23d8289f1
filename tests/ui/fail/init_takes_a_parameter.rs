use lambda_native::lambda_handler;

fn connect(_: &str) {}

#[lambda_handler(init = connect)]
async fn checkout(order: String) -> String {
    order
}
