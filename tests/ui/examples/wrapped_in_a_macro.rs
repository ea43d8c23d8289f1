//! Writes handlers with `macro_rules`, whole or in pieces.

// env: _HANDLER=double
// event: 2
// reply: 4

use lambda_native::{Context, lambda_handler};

macro_rules! handler {
    ($function:item) => {
        #[lambda_handler(named)]
        $function
    };
}

macro_rules! bytes {
    ($name:ident, $event:ty, $context:ty, $reply:ty) => {
        #[lambda_handler(named, init = start)]
        async fn $name(event: $event, _: $context, start: &$reply) -> Result<$reply, String> {
            Ok(event.len() + start)
        }
    };
}

fn start() -> usize {
    1
}

handler! {
    async fn double(number: u32) -> Result<u32, String> {
        number.checked_mul(2).ok_or("too large".to_owned())
    }
}

bytes!(length, &[u8], &Context, usize);

lambda_native::main!(double, length);
