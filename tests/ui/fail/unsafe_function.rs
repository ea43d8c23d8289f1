use lambda_native::lambda_handler;

#[lambda_handler]
unsafe fn checkout(order: u32) -> u32 {
    order
}
