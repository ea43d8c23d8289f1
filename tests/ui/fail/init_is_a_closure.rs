use lambda_native::{Context, lambda_handler};

#[lambda_handler(init = || 3)]
async fn times(number: u32, _: &Context, factor: &u32) -> u32 {
    number * factor
}
