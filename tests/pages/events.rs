pub use std::borrow::Cow;
pub use std::time::Instant;

pub use lambda_native::events::{cognito, s3, sqs};
pub use lambda_native::metrics::{Metrics, Unit};
pub use lambda_native::{Context, Error, lambda_handler};
pub use serde::Deserialize;

#[derive(Deserialize)]
pub struct Order<'e> {
    #[serde(borrow)]
    pub articles: Vec<Cow<'e, str>>,
}

pub struct Store;

impl Store {
    pub async fn connect() -> Self {
        Self
    }

    pub async fn ship(&self, _order: &Order<'_>) -> Result<(), Error> {
        Ok(())
    }

    pub async fn make_thumbnail(&self, _bucket: &str, _key: &str) -> Result<(), Error> {
        Ok(())
    }
}
