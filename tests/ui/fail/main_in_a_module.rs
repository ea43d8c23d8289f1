mod orders {
    use lambda_native::lambda_handler;

    #[lambda_handler(named)]
    async fn list() -> Vec<String> {
        Vec::new()
    }

    lambda_native::main!(list);
}
