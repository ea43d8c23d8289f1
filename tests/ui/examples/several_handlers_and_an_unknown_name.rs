//! Several functions, and a setting that names none of them.

// env: _HANDLER=bootstrap
// stops: {"errorType":"Runtime.HandlerNotFound","errorMessage":"there is no handler `bootstrap`; those of this program are `create`, `list`","stackTrace":[]}

use lambda_native::lambda_handler;

#[lambda_handler(named)]
async fn create(item: String) -> String {
    item
}

#[lambda_handler(named)]
fn list() -> Vec<String> {
    Vec::new()
}

lambda_native::main!(create, list);
