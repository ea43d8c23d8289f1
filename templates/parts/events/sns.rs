//! Passes on the alerts of a topic.

use lambda_native::events::sns::Notification;
use lambda_native::{Context, Error, lambda_handler};
use serde::Deserialize;

/// The message of a notification.
#[derive(Deserialize)]
struct Alert {
    host: String,
    free_percent: u8,
}

/// Passes on one alert. If it fails, Lambda tries again twice.
#[lambda_handler(sns = "Alerts")]
async fn notify(notification: Notification<'_, Alert>, context: &Context) -> Result<(), Error> {
    let Alert { host, free_percent } = notification.message;
    if free_percent > 100 {
        let message = format!("{host} has {free_percent} % of its disk free");
        return Err(Error::new("ImpossibleAlert", message));
    }
    let request = context.request_id();
    println!("{request}: {host} has only {free_percent} % of its disk free");
    Ok(())
}

#[cfg(test)]
mod tests {
    use lambda_native::events::sns;
    use lambda_native::testing;

    use super::*;

    const EVENT: &str = include_str!("../events/event.json");

    fn call(event: &str) -> Result<Vec<u8>, Error> {
        testing::call(&sns::handler_fn(notify), event, &testing::context())
    }

    #[test]
    fn passes_on_the_alert_of_the_sample_event() {
        assert!(call(EVENT).is_ok());
    }

    #[test]
    fn fails_if_the_alert_is_impossible() {
        let error = call(&EVENT.replace(":4}", ":101}")).expect_err("an error");
        assert_eq!(error.error_type(), "ImpossibleAlert");
    }

    #[test]
    fn rejects_a_message_that_is_no_alert() {
        let error = call(&EVENT.replace("host", "node")).expect_err("an error");
        assert_eq!(error.error_type(), "Runtime.UnmarshalError");
    }
}
