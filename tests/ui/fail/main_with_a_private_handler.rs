mod orders {
    use lambda_native::lambda_handler;

    #[lambda_handler(named)]
    async fn list(page: u32) -> Vec<u32> {
        vec![page]
    }
}

lambda_native::main!(orders::list);
