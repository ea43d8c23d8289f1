//! Keeps docs, attributes and visibility, and a test calls the function.

// event: 2
// reply: 4

use lambda_native::lambda_handler;

/// Doubles.
#[lambda_handler]
#[must_use]
#[inline]
#[cfg(not(target_family = "wasm"))]
#[deprecated = "handlers can be deprecated"]
pub fn double(#[allow(unused_mut)] mut number: u32) -> u32 {
    number * 2
}

#[cfg(test)]
#[test]
#[allow(deprecated)]
fn doubles() {
    assert_eq!(double(2), 4);
}
