use lambda_native::lambda_handler;

fn connect() {}

#[lambda_handler(init = connect())]
async fn checkout(order: String) -> String {
    order
}
