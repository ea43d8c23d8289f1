use lambda_native::lambda_handler;

struct Store;

#[lambda_handler(named, get = "/orders")]
async fn orders(_: &Store) -> String {
    String::new()
}

lambda_native::main!(orders);
