//! One route, to measure what each costs.

use lambda_native::http::{Json, Request};
use lambda_native::lambda_handler;

macro_rules! routes {
    ($($handler:ident $path:tt)*) => {
        $(
            #[lambda_handler(named, get = $path)]
            async fn $handler(
                request: &Request<'_>,
                #[query] name: &str,
                #[query] page: Option<u32>,
            ) -> Json<(String, Option<u32>)> {
                Json((format!("{name} at {}", request.path()), page))
            }
        )*

        lambda_native::main!($($handler),*);
    };
}

routes! {
    hello "/hello"
}
