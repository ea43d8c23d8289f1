use lambda_native::events::sqs::Message;
use lambda_native::{json_context, lambda_handler};

#[derive(serde::Deserialize)]
struct Order;

#[derive(serde::Deserialize)]
struct Note;

#[json_context(Order)]
struct Json;

#[lambda_handler(named, sqs, json = Json)]
async fn ship(message: Message<'_, Order>) {
    drop(message.body);
}

#[lambda_handler(named, sqs, json = Json)]
async fn note(message: Message<'_, Note>) {
    drop(message.body);
}

lambda_native::main!(ship, note);
