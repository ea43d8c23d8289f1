use lambda_native::{Context, lambda_handler};

async fn connect() {}

#[lambda_handler(init = connect)]
async fn checkout(order: String, _: &Context, _: &(), _: u32) -> String {
    order
}
