//! Functions of events that come whole, one event an invocation.

use aws_lambda_events::cognito::CognitoEventUserPoolsPostConfirmation;
use aws_lambda_events::s3::S3Event;
use lambda_native::events::ses::Disposition;
use lambda_native::events::{cloudwatch_logs, cognito, s3, ses};
use lambda_native::metrics::{Metrics, Unit};
use lambda_native::{Context, Error, lambda_handler};

/// Lets only some users sign up.
#[lambda_handler(named)]
async fn sign_up<'e>(
    mut event: cognito::PreSignUp<'e>,
    context: &Context,
) -> Result<cognito::PreSignUp<'e>, Error> {
    let email = event.request.user_attributes.get("email").unwrap_or_default();
    if !email.ends_with("@example.com") {
        return Err(Error::new("NotInvited", format!("{}: `{email}`", context.request_id())));
    }
    event.response.auto_confirm_user = true;
    Ok(event)
}

/// Answers with the event as it is.
#[lambda_handler(named)]
async fn confirmed(event: cognito::PostConfirmation<'_>) -> cognito::PostConfirmation<'_> {
    event
}

/// As `confirmed`, with the type of `aws_lambda_events`.
#[lambda_handler(named)]
async fn confirmed_too(
    event: CognitoEventUserPoolsPostConfirmation,
) -> CognitoEventUserPoolsPostConfirmation {
    event
}

/// Returns the log group and the messages.
#[lambda_handler(named)]
async fn lines(event: cloudwatch_logs::Event) -> (String, Vec<String>) {
    (event.log_group, event.log_events.into_iter().map(|it| it.message).collect())
}

/// Returns the bucket and the key of each object.
#[lambda_handler(named, s3 = "UploadBucket")]
async fn uploads(event: s3::Event<'_>) -> Vec<(String, String)> {
    let records = event.records.into_iter();
    records.map(|record| (record.bucket.into_owned(), record.key.into_owned())).collect()
}

/// As `uploads`, with the type of `aws_lambda_events`.
#[lambda_handler(named, s3)]
async fn uploads_too(event: S3Event) -> Vec<(Option<String>, Option<String>)> {
    let records = event.records.into_iter();
    records.map(|record| (record.s3.bucket.name, record.s3.object.key)).collect()
}

#[lambda_handler(named)]
async fn mail(event: ses::Event<'_>) -> Disposition {
    let is_spam = event.records.iter().any(|record| record.receipt.spam_verdict.is("FAIL"));
    if is_spam { Disposition::StopRule } else { Disposition::Continue }
}

/// Writes metrics, some of which are hostile.
#[lambda_handler(named)]
async fn metered(names: Vec<String>, context: &Context) -> Result<(), Error> {
    let mut metrics = Metrics::new("Shop").with_dimension("Service", "orders");
    metrics.cold_start();
    metrics.property("requestId", context.request_id());
    for (number, name) in names.iter().enumerate() {
        metrics.count(name, number);
        metrics.add(name, Unit::None, f64::NAN);
        metrics.property(format!("property {name}"), name);
    }
    match names.len() {
        0 => Err(Error::new("NoNames", "no names")),
        1 => panic!("on purpose"),
        _ => Ok(()),
    }
}

lambda_native::main!(sign_up, confirmed, confirmed_too, lines, uploads, uploads_too, mail, metered);
