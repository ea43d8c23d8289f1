use lambda_native::lambda_handler;

#[lambda_handler]
async fn serve(_: String) -> ! {
    loop {}
}
