pub use lambda_native::events::sqs::Message;
pub use lambda_native::{Error, lambda_handler};
pub use serde::Deserialize;

#[derive(Deserialize)]
pub struct Order;
