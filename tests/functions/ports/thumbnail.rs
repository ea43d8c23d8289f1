//! The example `basic-s3-thumbnail` of aws-lambda-rust-runtime, without its client of Amazon S3 and its images.

use lambda_native::events::s3::Event;
use lambda_native::{Error, lambda_handler};
use tokio::task::yield_now;

#[lambda_handler(s3 = "PhotoBucket", init = Store::connect)]
async fn thumbnail(event: Event<'_>, store: &Store) {
    for record in event.records.iter().filter(|record| record.is_created()) {
        if let Err(error) = store.shrink(&record.bucket, &record.key).await {
            eprintln!("no thumbnail of {}: {error}", record.key);
        }
    }
}

/// Stands for the client.
struct Store;

impl Store {
    async fn connect() -> Result<Self, Error> {
        yield_now().await;
        Ok(Self)
    }

    /// Gets an object, and puts its thumbnail into the other bucket.
    async fn shrink(&self, bucket: &str, key: &str) -> Result<(), Error> {
        yield_now().await;
        println!("{bucket}/{key} to {bucket}-thumbs/{key}");
        Ok(())
    }
}
