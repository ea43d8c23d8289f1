use lambda_native::lambda_handler;

async fn connect() {}

#[lambda_handler(init = connect, init = connect)]
async fn checkout(order: String) -> String {
    order
}
