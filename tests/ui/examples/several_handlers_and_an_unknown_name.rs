//! Has several handlers, and a setting that names none of them.

// env: _HANDLER=bootstrap
// stops: {"errorType":"Runtime.HandlerNotFound","errorMessage":"unknown handler `bootstrap`; this program has `create`, `list`","stackTrace":[]}

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
