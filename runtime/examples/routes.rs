//! An API with several routes: parameters in the signature, and one state for all handlers.
//!
//! Lambda starts it with any `Handler`, for example `bootstrap`. `Handler: get_order` serves that route
//! alone.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use lambda_native::http::{Created, Json, Problem};
use lambda_native::lambda_handler;
use serde::{Deserialize, Serialize};

/// The orders so far.
#[derive(Default)]
struct Store(Mutex<BTreeMap<u64, Order>>);

#[derive(Clone, Serialize)]
struct Order {
    id: u64,
    item: String,
    count: u32,
}

#[derive(Deserialize)]
struct NewOrder<'r> {
    #[serde(borrow)]
    item: Cow<'r, str>,
    count: u32,
}

/// Returns one order.
#[lambda_handler(named, get = "/orders/{id}")]
async fn get_order(id: u64, store: &Store) -> Option<Json<Order>> {
    let orders = store.0.lock().unwrap_or_else(PoisonError::into_inner);
    orders.get(&id).cloned().map(Json)
}

/// Lists the orders of an item, or all.
#[lambda_handler(named, get = "/orders")]
async fn list_orders(#[query] item: Option<&str>, store: &Store) -> Json<Vec<Order>> {
    let orders = store.0.lock().unwrap_or_else(PoisonError::into_inner);
    let is_wanted = |order: &&Order| item.is_none_or(|item| order.item == item);
    Json(orders.values().filter(is_wanted).cloned().collect())
}

/// Places an order.
#[lambda_handler(named, post = "/orders")]
async fn place_order(
    #[body] order: NewOrder<'_>,
    store: &Store,
) -> Result<Created<Json<Order>>, Problem> {
    if order.count == 0 {
        return Err(Problem::new(409).with_detail("an order has at least one item"));
    }
    let mut orders = store.0.lock().unwrap_or_else(PoisonError::into_inner);
    let id = orders.keys().next_back().map_or(1, |last| last + 1);
    let order = Order { id, item: order.item.into_owned(), count: order.count };
    orders.insert(id, order.clone());
    Ok(Created::at(format!("/orders/{id}"), Json(order)))
}

lambda_native::main!(get_order, list_orders, place_order, init = Store::default);
