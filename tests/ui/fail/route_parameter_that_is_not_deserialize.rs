use lambda_native::lambda_handler;

struct Page(u32);

#[lambda_handler(get = "/orders")]
async fn orders(#[query] page: Page) -> String {
    page.0.to_string()
}
