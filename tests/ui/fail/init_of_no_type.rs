use lambda_native::{Context, lambda_handler};

#[derive(Default)]
struct Prices;

#[lambda_handler(init = Default::default)]
async fn price(item: String, _: &Context, _: &Prices) -> String {
    item
}
