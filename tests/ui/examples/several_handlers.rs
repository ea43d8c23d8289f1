//! Has several handlers, of which Lambda's setting `Handler` chooses one.

// env: _HANDLER=orders.list
// event: null
// reply: ["tea"]

use lambda_native::{Context, lambda_handler};

mod orders {
    use lambda_native::{Context, lambda_handler};

    pub(super) fn load() -> Vec<String> {
        vec!["tea".to_owned()]
    }

    #[lambda_handler(named, init = load)]
    pub(super) async fn list((): (), _: &Context, orders: &[String]) -> Vec<String> {
        orders.to_vec()
    }
}

#[lambda_handler(named)]
async fn create(item: String, context: &Context) -> String {
    format!("{item} {}", context.request_id())
}

lambda_native::main!(create, orders::list);
