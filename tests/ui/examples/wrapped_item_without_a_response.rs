//! Hands a handler that returns nothing to `macro_rules`.

// event: 2
// reply: null

use lambda_native::lambda_handler;

macro_rules! handler {
    ($function:item) => {
        #[lambda_handler]
        $function
    };
}

handler! {
    async fn nothing(_: u32) {}
}
