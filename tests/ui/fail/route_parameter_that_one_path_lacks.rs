use lambda_native::lambda_handler;

#[lambda_handler(get = ["/hello", "/hello/{name}"])]
async fn hello(name: String) -> String {
    name
}
