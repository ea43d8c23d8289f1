use lambda_native::json_context;
use serde::Serialize;

#[derive(Serialize)]
struct Order {
    count: u32,
}

#[json_context(u32, Order)]
struct Json;

fn main() {}
