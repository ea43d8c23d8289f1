//! One operation of each kind.

use std::time::Duration;

use aws_durable_execution_sdk as durable;
use durable::{BoxError, Branch, DurableContext, RetryDecision};
use serde_json::{Value, json};

async fn handler(event: Value, context: DurableContext) -> Result<Value, BoxError> {
    let name = context.step(|_| async { Ok("tea".to_owned()) }).name("fetch-name").await?;
    context.wait(Duration::from_secs(1)).name("cooldown").await?;
    let attempt = context
        .step(|step| async move {
            match step.attempt() {
                attempt @ ..2 => Err(format!("attempt {attempt} fails").into()),
                attempt => Ok(attempt),
            }
        })
        .name("flaky")
        .retry_strategy(|_, attempt| match attempt {
            2.. => RetryDecision::Stop,
            _ => RetryDecision::Retry { delay: Duration::from_secs(1) },
        })
        .await?;
    let sizes = context
        .map(vec![1, 2, 3], |child, item: u32, _| async move {
            Ok(child.step(move |_| async move { Ok(item * 10) }).name("size").await?)
        })
        .name("sizes")
        .await?;
    let branches = vec![
        Branch::new("now", |_: DurableContext| async { Ok("now".to_owned()) }),
        Branch::new("later", |child: DurableContext| async move {
            child.wait(Duration::from_secs(1)).name("short").await?;
            Ok("later".to_owned())
        }),
    ];
    let branches: Vec<String> = context.parallel(branches).name("branches").await?;
    let price: Value = context.invoke("Price", json!(name)).name("price").await?;
    let approval: String = context
        .wait_for_callback::<String, _, _>(|_, _| async { Ok(()) })
        .name("approval")
        .timeout(Duration::from_mins(1))
        .await?;
    if approval != "yes" {
        return Err("not approved".into());
    }
    Ok(json!({
        "event": event, "name": name, "attempt": attempt, "sizes": sizes, "branches": branches, "price": price,
    }))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    durable::run(handler).await
}
