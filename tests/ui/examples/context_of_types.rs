//! Uses a JSON context for the function's own types and for those in its body.

// event: {"item":"tea","note":"{\"gift\":true}"}
// reply: {"text":"[\"Order<'_>\",\"Note\",\"Receipt\",\"&str\",\"BTreeMap<String, u32>\",\"Vec<&str>\"]","gift":true}

use std::collections::BTreeMap;

use lambda_native::{json, json_context, lambda_handler};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
struct Order<'a> {
    item: &'a str,
    note: String,
}

#[derive(Deserialize, Serialize)]
struct Note {
    gift: bool,
}

#[derive(Deserialize, Serialize)]
struct Receipt {
    text: String,
    gift: bool,
}

#[json_context(Order<'_>, Note, Receipt, &str, BTreeMap<String, u32>, Vec<&'a str>)]
struct Json;

#[lambda_handler(json = Json)]
async fn checkout(order: Order<'_>) -> Result<Receipt, json::Error> {
    let note: Note = Json::from_str(&order.note)?;
    let copy = Json::to_vec(&order)?;
    assert_eq!(Json::from_slice::<Order<'_>>(&copy)?.item, order.item);
    let text = Json::to_string(&Json::TYPES.to_vec())?.replace("&'a ", "&");
    Ok(Receipt { text, gift: note.gift })
}
