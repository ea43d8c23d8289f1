use lambda_native::lambda_handler;

mod users {
    use lambda_native::lambda_handler;

    #[lambda_handler(named)]
    pub(crate) async fn list() {}
}

mod orders {
    use lambda_native::lambda_handler;

    #[lambda_handler(named)]
    pub(crate) async fn list() {}
}

#[lambda_handler(named = "users.get")]
async fn get() {}

lambda_native::main!(users::list, get, orders::list);
