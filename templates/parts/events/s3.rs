//! Lists the files that are uploaded to a bucket.

use lambda_native::events::s3::Event;
use lambda_native::{Error, lambda_handler};

/// Lists the new objects. S3 usually sends one at a time.
#[lambda_handler(s3 = "Uploads")]
async fn index(event: Event<'_>) -> Result<(), Error> {
    for record in event.records.iter().filter(|record| record.is_created()) {
        let (bucket, key) = (&record.bucket, &record.key);
        match record.size {
            None | Some(0) => {
                let message = format!("`{key}` in the bucket {bucket} is empty");
                return Err(Error::new("EmptyFile", message));
            }
            Some(size) => println!("new in the bucket {bucket}: `{key}`, {size} bytes"),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use lambda_native::testing::block_on;

    use super::*;

    const EVENT: &str = include_str!("../events/event.json");

    fn call(event: &str) -> Result<(), Error> {
        let event = serde_json::from_str(event).expect("a valid event");
        block_on(index(event))
    }

    #[test]
    fn decodes_the_key_of_the_sample_event() {
        let event: Event<'_> = serde_json::from_str(EVENT).expect("a valid event");
        assert_eq!(event.records[0].key, "2026/on the beach.jpg");
        assert!(call(EVENT).is_ok());
    }

    #[test]
    fn fails_if_the_file_is_empty() {
        let event = EVENT.replace("482133", "0");
        let error = call(&event).expect_err("an error");
        assert_eq!(error.error_type(), "EmptyFile");
    }

    #[test]
    fn ignores_the_test_event_of_a_new_bucket() {
        let event = r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"uploads"}"#;
        assert!(call(event).is_ok());
    }
}
