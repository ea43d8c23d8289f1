use lambda_native::{Context, lambda_handler};

#[lambda_handler]
async fn checkout(_: &Context, item: String, _: &Context) -> String {
    item
}
