//! State that an async `init` makes and all invocations share, and nested events.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use lambda_native::{Context, Error, handler_fn, start_with};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Basket {
    items: Vec<Item>,
    #[serde(default, rename = "by name")]
    by_name: BTreeMap<String, Item>,
}

#[derive(Deserialize)]
struct Item {
    price: u32,
    #[serde(default, rename = "size")]
    _size: Option<(f64, f64)>,
    #[serde(default, rename = "kind")]
    _kind: Kind,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    #[default]
    Tea,
    Ink,
}

#[derive(Serialize)]
struct Total {
    total: u32,
    call: u32,
}

fn main() -> ExitCode {
    start_with(async || {
        let rate = load().await?;
        let calls = AtomicU32::new(0);
        Ok(handler_fn(async move |basket: Basket, _: &Context| {
            let prices = basket.items.iter().chain(basket.by_name.values()).map(|item| item.price);
            let total = prices.sum::<u32>() * rate;
            let call = calls.fetch_add(1, Ordering::Relaxed) + 1;
            tokio::task::yield_now().await;
            Ok(Total { total, call })
        }))
    })
}

/// Is slow, like loading a table or a secret.
async fn load() -> Result<u32, Error> {
    tokio::time::sleep(Duration::from_millis(20)).await;
    let rate = std::env::var("RATE")
        .map_err(|error| Error::new("NoRate", "the rate is not known").caused_by(&error))?;
    Ok(rate.parse()?)
}
