//! Returns an `impl Future`.

// event: "tea"
// reply: 3

use lambda_native::lambda_handler;

#[lambda_handler]
fn length(item: String) -> impl Future<Output = usize> {
    let length = item.len();
    async move { length }
}
