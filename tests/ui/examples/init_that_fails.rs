//! Has an `init` that fails, which Lambda learns before the process ends.

// stops: {"errorType":"ParseIntError","errorMessage":"invalid digit found in string","stackTrace":[]}

use std::num::ParseIntError;

use lambda_native::{Context, lambda_handler};

async fn factor() -> Result<u32, ParseIntError> {
    "three".parse()
}

#[lambda_handler(init = factor)]
async fn times(number: u32, _: &Context, factor: &u32) -> u32 {
    number * factor
}
