use lambda_native::lambda_handler;

struct Order {
    item: String,
}

#[lambda_handler(post = "/orders")]
async fn place(#[body] order: Order) -> String {
    order.item
}
