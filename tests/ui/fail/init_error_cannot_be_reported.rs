use lambda_native::lambda_handler;

struct Refused;

async fn connect() -> Result<(), Refused> {
    Err(Refused)
}

#[lambda_handler(init = connect)]
async fn checkout(order: String) -> String {
    order
}
