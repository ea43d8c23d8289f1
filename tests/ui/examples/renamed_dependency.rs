//! Uses the library under another name.

// env: _HANDLER=wrap
// event: "tea"
// reply: ["tea"]

use lambda_native as renamed;

mod handlers {
    use renamed::{json_context, lambda_handler};

    use super::renamed;

    #[json_context(String, Vec<String>, crate = "renamed")]
    struct Json;

    #[lambda_handler(named, json = Json, crate = renamed)]
    pub(super) async fn wrap(item: String) -> Vec<String> {
        vec![item]
    }
}

renamed::main!(handlers::wrap);
