//! Checks the readings of sensors in a stream.

use lambda_native::events::kinesis::Record;
use lambda_native::{Context, Error, lambda_handler};
use serde::Deserialize;

/// The data of a record.
#[derive(Deserialize)]
struct Reading {
    sensor: String,
    celsius: f64,
}

/// Checks one reading. If it fails, Lambda goes on from its record, until it has tried that one three more times.
#[lambda_handler(kinesis = "Readings")]
async fn check(record: Record<'_, Reading>, context: &Context) -> Result<(), Error> {
    let Reading { sensor, celsius } = record.data;
    if celsius < -273.15 {
        let message = format!("sensor {sensor} reports {celsius} °C");
        return Err(Error::new("ImpossibleReading", message));
    }
    let request = context.request_id();
    println!("{request}: sensor {sensor} reports {celsius} °C");
    Ok(())
}

#[cfg(test)]
mod tests {
    use lambda_native::events::kinesis;
    use lambda_native::testing;

    use super::*;

    fn call(event: &str) -> Result<String, Error> {
        let response = testing::call(&kinesis::handler_fn(check), event, &testing::context())?;
        Ok(String::from_utf8(response).expect("JSON"))
    }

    #[test]
    fn checks_every_reading() {
        let response = call(include_str!("../events/event.json")).expect("a response");
        assert_eq!(response, r#"{"batchItemFailures":[]}"#);
    }

    /// One reading is impossible, and the record after it is not a reading.
    #[test]
    fn goes_on_from_the_first_record_that_fails() {
        let response = call(include_str!("../events/failures.json")).expect("a response");
        let expected = concat!(
            r#"{"batchItemFailures":[{"itemIdentifier":"#,
            r#""49645000000000000000000000000000000000000000000000000002"}]}"#,
        );
        assert_eq!(response, expected);
    }

    #[test]
    fn says_why_a_reading_fails() {
        let (sensor, celsius) = ("boiler".to_owned(), -400.0);
        let record = Record::new(Reading { sensor, celsius });
        let outcome = testing::block_on(check(record, &testing::context()));
        let error = outcome.expect_err("an error");
        assert_eq!(error.message(), "sensor boiler reports -400 °C");
    }
}
