//! Two functions in one program, each with state and a JSON context. `_HANDLER=order` or
//! `_HANDLER=price` selects one.

use std::borrow::Cow;
use std::collections::BTreeMap;

use lambda_native::{Context, Error, json_context, lambda_handler};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
struct Order<'a> {
    #[serde(borrow)]
    item: Cow<'a, str>,
    count: u32,
}

#[derive(Deserialize, Serialize)]
struct Receipt {
    request: String,
    total: u32,
}

#[json_context(Order<'_>, Receipt, &str, Option<u32>, BTreeMap<String, u32>)]
struct Json;

struct Prices(BTreeMap<String, u32>);

async fn load() -> Result<Prices, Error> {
    Ok(Prices(Json::from_str(r#"{"tea":3,"ink":5}"#)?))
}

#[lambda_handler(named, json = Json, init = load)]
async fn order(order: Order<'_>, context: &Context, prices: &Prices) -> Result<Receipt, Error> {
    let price = prices.0.get(&*order.item);
    let price = price.ok_or_else(|| Error::new("UnknownItem", "there is no such item"))?;
    Ok(Receipt { request: context.request_id().to_owned(), total: price * order.count })
}

#[lambda_handler(named, json = Json, init = load)]
async fn price(item: &str, _: &Context, prices: &Prices) -> Option<u32> {
    prices.0.get(item).copied()
}

lambda_native::main!(order, price);
