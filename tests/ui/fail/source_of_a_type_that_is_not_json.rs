use lambda_native::events::sqs::Message;
use lambda_native::lambda_handler;

struct Order;

#[lambda_handler(sqs)]
async fn ship(message: Message<'_, Order>) {
    drop(message);
}
