//! Runs on several threads, with a future that is not `Send`.

// event: 2
// reply: "3 of 3"

use std::rc::Rc;

use lambda_native::lambda_handler;

#[lambda_handler(flavor = "multi_thread", worker_threads = 2)]
async fn add(number: u32) -> String {
    let kept = Rc::new(number);
    let spawned = tokio::spawn(async { 1 }).await.unwrap_or_default();
    let sum = *kept + spawned;
    format!("{sum} of {}", kept.as_ref() + 1)
}
