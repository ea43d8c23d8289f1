//! Writes a report every five minutes.

use lambda_native::events::eventbridge::Event;
use lambda_native::{Context, Error, lambda_handler};

/// Writes one report. If it fails, Lambda tries again twice.
#[lambda_handler(schedule = "rate(5 minutes)")]
async fn report(event: Event<'_>, context: &Context) -> Result<(), Error> {
    let Some((date, time)) = event.time.split_once('T') else {
        let message = format!("`{}` is not a time", event.time);
        return Err(Error::new("WrongTime", message));
    };
    let request = context.request_id();
    println!("{request}: report of {date}, {time}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use lambda_native::events::eventbridge;
    use lambda_native::testing;

    use super::*;

    const EVENT: &str = include_str!("../events/event.json");

    fn call(event: &str) -> Result<Vec<u8>, Error> {
        testing::call(&eventbridge::handler_fn(report), event, &testing::context())
    }

    #[test]
    fn reports_at_the_time_of_the_sample_event() {
        assert!(call(EVENT).is_ok());
    }

    #[test]
    fn fails_without_a_time() {
        let error = call(&EVENT.replace("T00:00", " 00:00")).expect_err("an error");
        assert_eq!(error.error_type(), "WrongTime");
    }
}
