use lambda_native::json_context;

#[json_context(Order)]
struct Json;

fn main() {}
