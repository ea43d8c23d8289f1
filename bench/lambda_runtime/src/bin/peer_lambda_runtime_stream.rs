//! Streams 5 MB in chunks of 64 kB, on `lambda_runtime`.

use lambda_runtime::streaming::{Body, Response, channel};
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};
use serde_json::Value;

async fn stream(_: LambdaEvent<Value>) -> Result<Response<Body>, Error> {
    let (mut sender, body) = channel();
    tokio::spawn(async move {
        let chunk = vec![b'x'; 64 * 1024];
        for _ in 0..80 {
            if sender.send_data(chunk.clone().into()).await.is_err() {
                break;
            }
        }
    });
    Ok(Response::from(body))
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    run(service_fn(stream)).await
}
