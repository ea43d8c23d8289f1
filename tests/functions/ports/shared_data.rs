//! The example `advanced-sqs-multiple-functions-shared-data` of aws-lambda-rust-runtime: two functions in one program,
//! with `Handler: order` and `Handler: bake`. A stand-in takes the place of the AWS SDK.

use lambda_native::events::sqs::Message;
use lambda_native::{Error, lambda_handler, logging};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
struct Pizza {
    name: String,
    toppings: Vec<String>,
}

struct Queue {
    client: aws_sdk_sqs::Client,
    url: String,
}

async fn connect() -> Result<Queue, Error> {
    logging::init();
    let config = aws_config::load_from_env().await;
    let url = std::env::var("QUEUE_URL")?;
    Ok(Queue { client: aws_sdk_sqs::Client::new(&config), url })
}

/// Sends an order to the queue.
#[lambda_handler(named)]
async fn order(_: IgnoredAny, queue: &Queue) -> Result<(), Error> {
    let toppings = ["San Marzano Tomatoes", "Fresh Mozzarella", "Basil"].map(str::to_owned);
    let pizza = Pizza { name: "margherita".to_owned(), toppings: toppings.into() };
    let body = serde_json::to_string(&pizza)?;
    queue.client.send_message().queue_url(&queue.url).message_body(body).send().await?;
    Ok(())
}

/// Receives the orders.
#[lambda_handler(named, sqs = "PizzaQueue")]
async fn bake(message: Message<'_, Pizza>) {
    let Pizza { name, toppings } = message.body;
    tracing::info!(name, ?toppings, "pizza order received");
}

lambda_native::main!(order, bake, init = connect);

/// Stands in for the crate of that name, which takes minutes to compile.
mod aws_sdk_sqs {
    #[derive(Clone)]
    pub struct Client;

    impl Client {
        pub fn new((): &()) -> Self {
            Self
        }

        pub fn send_message(&self) -> Self {
            Self
        }

        pub fn queue_url(self, _: &str) -> Self {
            self
        }

        pub fn message_body(self, body: String) -> Self {
            println!("{body}");
            self
        }

        pub async fn send(self) -> std::io::Result<()> {
            Ok(())
        }
    }
}

mod aws_config {
    pub async fn load_from_env() {}
}
