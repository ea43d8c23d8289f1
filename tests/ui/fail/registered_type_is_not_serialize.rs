use lambda_native::json_context;
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    count: u32,
}

#[json_context(u32, Order)]
struct Json;

fn main() {}
