//! Fails with a `&'static str`, as its `init` can.

// event: 0
// error: {"errorType":"Error","errorMessage":"nothing is ordered","stackTrace":[]}
// event: 2
// reply: 2

use lambda_native::lambda_handler;

fn prepare() -> Result<(), &'static str> {
    if std::env::args().len() == 1 { Ok(()) } else { Err("no arguments are known") }
}

#[lambda_handler(init = prepare)]
async fn order(count: u32) -> Result<u32, &'static str> {
    if count == 0 { Err("nothing is ordered") } else { Ok(count) }
}
