use lambda_native::http::Request;
use lambda_native::{Context, lambda_handler};

struct Shop;

impl Shop {
    #[lambda_handler(http, init = Self::open)]
    async fn checkout(request: Request<'_>, _: &Context, _: &Self) -> String {
        request.path().to_owned()
    }

    fn open() -> Self {
        Self
    }
}
