//! Takes its state as a trait object.

// event: "tea"
// reply: 3

use std::collections::BTreeMap;

use lambda_native::{Context, lambda_handler};

trait Prices {
    fn of(&self, item: &str) -> Option<u32>;
}

impl Prices for BTreeMap<&'static str, u32> {
    fn of(&self, item: &str) -> Option<u32> {
        self.get(item).copied()
    }
}

fn load() -> BTreeMap<&'static str, u32> {
    [("tea", 3)].into()
}

#[lambda_handler(init = load)]
async fn price<'p>(item: String, _: &Context, prices: &'p (dyn Prices + 'p)) -> Option<u32> {
    prices.of(&item)
}
