//! Makes its state with a function of a trait.

// event: 2
// reply: 2

use lambda_native::{Context, lambda_handler};

#[derive(Default)]
struct Counts(Vec<u32>);

#[lambda_handler(init = <Counts as Default>::default)]
async fn add(number: u32, _: &Context, counts: &Counts) -> u32 {
    counts.0.iter().sum::<u32>() + number
}
