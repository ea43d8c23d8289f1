//! Has handlers of the same name in two modules, and chooses one by its full name.

// env: _HANDLER=orders.list
// event: null
// reply: "orders"

mod users {
    use lambda_native::lambda_handler;

    #[lambda_handler(named = "users.list")]
    pub(super) async fn list() -> &'static str {
        "users"
    }
}

mod orders {
    use lambda_native::lambda_handler;

    #[lambda_handler(named = "orders.list")]
    pub(super) async fn list() -> &'static str {
        "orders"
    }
}

#[lambda_native::lambda_handler(named)]
async fn list() -> &'static str {
    "all"
}

lambda_native::main!(users::list, orders::list, list);
