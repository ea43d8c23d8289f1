use lambda_native::{Context, lambda_handler};

#[lambda_handler(after = flush())]
async fn double(number: u64) -> u64 {
    number * 2
}

async fn flush(_: &Context) {}
