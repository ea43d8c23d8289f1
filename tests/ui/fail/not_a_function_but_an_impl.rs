use lambda_native::lambda_handler;

struct Shop;

#[lambda_handler]
impl Shop {
    fn checkout(_: String) {}
}
