//! Hands a whole HTTP handler with a state to `macro_rules`.

// event: {"requestContext":{"http":{"method":"GET"}},"version":"2.0","rawPath":"/tea"}
// reply: {"statusCode":200,"headers":{"content-type":"text/plain; charset=utf-8"},"cookies":[],"body":"/tea has 12","isBase64Encoded":false}

use lambda_native::http::Request;
use lambda_native::{Context, lambda_handler};

fn stock() -> u32 {
    12
}

macro_rules! handler {
    ($function:item) => {
        #[lambda_handler(http, init = stock)]
        $function
    };
}

handler! {
    async fn item(request: Request<'_>, _: &Context, stock: &u32) -> Result<String, std::io::Error> {
        Ok(format!("{} has {stock}", request.path()))
    }
}
