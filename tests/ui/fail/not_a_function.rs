use lambda_native::lambda_handler;

#[lambda_handler]
struct Order;
