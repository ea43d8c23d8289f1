//! Takes and returns generic types.

// event: [{"tea":2},{"ink":1,"tea":1}]
// reply: {"ink":1,"tea":3}

use std::collections::BTreeMap;

use lambda_native::lambda_handler;

#[lambda_handler]
async fn total(baskets: Vec<BTreeMap<String, u32>>) -> BTreeMap<String, u32> {
    let mut total = BTreeMap::new();
    for (item, count) in baskets.into_iter().flatten() {
        *total.entry(item).or_default() += count;
    }
    total
}
