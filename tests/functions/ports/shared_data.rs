//! The example `advanced-sqs-multiple-functions-shared-data` of aws-lambda-rust-runtime: two functions in one program,
//! with `Handler: order` and `Handler: bake`, without its client of Amazon SQS.

use lambda_native::events::sqs::Message;
use lambda_native::{Error, lambda_handler, logging};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use tokio::task::yield_now;

#[derive(Deserialize, Serialize)]
struct Pizza {
    name: String,
    toppings: Vec<String>,
}

async fn connect() -> Result<Queue, Error> {
    logging::init();
    yield_now().await;
    let url = std::env::var("QUEUE_URL")?;
    Ok(Queue { url })
}

/// Sends an order to the queue.
#[lambda_handler(named)]
async fn order(_: IgnoredAny, queue: &Queue) -> Result<(), Error> {
    let toppings = ["San Marzano Tomatoes", "Fresh Mozzarella", "Basil"].map(str::to_owned);
    let pizza = Pizza { name: "margherita".to_owned(), toppings: toppings.into() };
    let body = serde_json::to_string(&pizza)?;
    queue.send(&body).await
}

/// Receives the orders.
#[lambda_handler(named, sqs = "PizzaQueue")]
async fn bake(message: Message<'_, Pizza>) {
    let Pizza { name, toppings } = message.body;
    tracing::info!(name, ?toppings, "pizza order received");
}

lambda_native::main!(order, bake, init = connect);

/// Stands for the client of the AWS SDK.
struct Queue {
    url: String,
}

impl Queue {
    async fn send(&self, body: &str) -> Result<(), Error> {
        yield_now().await;
        println!("{body} to {}", self.url);
        Ok(())
    }
}
