use lambda_native::{Context, lambda_handler};

#[lambda_handler]
async fn add(one: u32, other: u32, _: &Context) -> u32 {
    one + other
}
