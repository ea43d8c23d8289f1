//! The example `basic-cognito-post-confirmation` of aws-lambda-rust-runtime, without its client of Amazon SES.

use lambda_native::events::cognito::PostConfirmation;
use lambda_native::{Error, lambda_handler};
use tokio::task::yield_now;

#[lambda_handler(init = Mailer::connect)]
async fn welcome<'e>(
    event: PostConfirmation<'e>,
    mailer: &Mailer,
) -> Result<PostConfirmation<'e>, Error> {
    let attributes = &event.request.user_attributes;
    if let Some(email) = attributes.get("email") {
        let name = attributes.get("name").unwrap_or("new user");
        mailer.send(email, &format!("Welcome, {name}!")).await?;
    }
    Ok(event)
}

/// Stands for the client.
struct Mailer;

impl Mailer {
    async fn connect() -> Result<Self, Error> {
        yield_now().await;
        Ok(Self)
    }

    async fn send(&self, to: &str, text: &str) -> Result<(), Error> {
        yield_now().await;
        println!("to {to}: {text}");
        Ok(())
    }
}
