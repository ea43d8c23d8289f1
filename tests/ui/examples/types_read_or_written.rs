//! Registers a type that is only read and one that is only written.

// event: {"count":2}
// reply: {"total":6}

use lambda_native::{json_context, lambda_handler};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Order {
    count: u32,
}

#[derive(Serialize)]
struct Receipt {
    total: u32,
}

#[json_context(Order, Receipt)]
struct Json;

#[lambda_handler(json = Json)]
async fn checkout(order: Order) -> Receipt {
    Receipt { total: order.count * 3 }
}
