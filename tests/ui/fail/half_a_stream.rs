use lambda_native::lambda_handler;

#[lambda_handler(stream)]
async fn count(end: u32, reply: &mut ) {}
