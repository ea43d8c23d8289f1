use lambda_native::json_context;

#[json_context(String)]
struct Json {
    text: String,
}

fn main() {}
