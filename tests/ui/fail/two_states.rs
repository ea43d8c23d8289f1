use lambda_native::lambda_handler;

fn connect() -> u32 {
    7
}

#[lambda_handler(init = connect)]
async fn checkout(number: u32, one: &u32, other: &u32) -> u32 {
    number + one + other
}
