use lambda_native::json_context;

#[json_context(String)]
enum Json {}

fn main() {}
