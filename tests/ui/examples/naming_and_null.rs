//! Names fields and treats `null` with attributes of `serde`.

// event: {"orderId":7,"note":null}
// reply: {"order-id":7,"tags":[]}
// event: {"orderId":null}
// error: {"errorType":"Runtime.UnmarshalError","errorMessage":"cannot read the event at `orderId`: invalid type: null, expected u64 at line 1 column 15","stackTrace":[]}

use lambda_native::lambda_handler;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    order_id: u64,
    note: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Receipt {
    order_id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    tags: Vec<String>,
}

#[lambda_handler]
async fn checkout(Order { order_id, note, tags }: Order) -> Receipt {
    Receipt { order_id, note, tags }
}
