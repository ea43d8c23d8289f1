use lambda_native::json_context;

#[json_context]
struct Json;

fn main() {}
