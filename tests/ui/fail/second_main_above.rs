use lambda_native::lambda_handler;

fn main() {
    println!("starting");
}

#[lambda_handler]
async fn checkout(order: String) -> String {
    order
}
