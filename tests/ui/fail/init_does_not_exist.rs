use lambda_native::lambda_handler;

#[lambda_handler(init = conect)]
async fn checkout(order: String) -> String {
    order
}

fn connect() {}
