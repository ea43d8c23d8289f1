use lambda_native::json_context;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
struct Order<'a> {
    item: &'a str,
}

#[json_context(Order)]
struct Json;

fn main() {}
