//! Is not async.

// event: [1,2,3]
// reply: 6

use lambda_native::lambda_handler;

#[lambda_handler]
fn sum(numbers: Vec<u64>) -> u64 {
    numbers.iter().sum()
}
