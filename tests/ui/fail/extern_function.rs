use lambda_native::lambda_handler;

#[lambda_handler]
extern "C" fn checkout(order: u32) -> u32 {
    order
}
