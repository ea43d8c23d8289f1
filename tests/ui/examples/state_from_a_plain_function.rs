//! Takes its state through `Deref`, from a function that is not async.

// event: "tea"
// reply: 3

use std::collections::BTreeMap;

use lambda_native::{Context, lambda_handler};

mod prices {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    pub(super) fn load() -> Arc<BTreeMap<String, u32>> {
        Arc::new([("tea".to_owned(), 3)].into())
    }
}

#[lambda_handler(init = self::prices::load)]
fn price(item: String, _: &Context, prices: &BTreeMap<String, u32>) -> Option<u32> {
    prices.get(&item).copied()
}
