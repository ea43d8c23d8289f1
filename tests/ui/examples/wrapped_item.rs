//! Hands a whole handler to `macro_rules`.

// event: 2
// reply: 4

use lambda_native::lambda_handler;

macro_rules! handler {
    ($function:item) => {
        #[lambda_handler]
        $function
    };
}

handler! {
    async fn double(number: u32) -> u32 {
        number * 2
    }
}
