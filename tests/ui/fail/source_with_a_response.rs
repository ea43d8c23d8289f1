use lambda_native::events::sqs::Message;
use lambda_native::{Error, lambda_handler};

#[lambda_handler(sqs)]
async fn ship(message: Message<'_, String>) -> Result<String, Error> {
    Ok(message.body)
}
