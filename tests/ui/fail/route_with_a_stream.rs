use lambda_native::lambda_handler;

#[lambda_handler(get = "/orders", stream)]
async fn orders(reply: &mut lambda_native::Reply) {
    let _ = reply;
}
