//! Docs, attributes and visibility stay, and a test calls the function as it is.

// event: 2
// reply: 4

use lambda_native::lambda_handler;

/// Doubles.
#[lambda_handler]
#[must_use]
#[inline]
#[cfg(not(target_family = "wasm"))]
#[deprecated = "to see that it is no matter"]
pub fn double(#[allow(unused_mut)] mut number: u32) -> u32 {
    number * 2
}

#[cfg(test)]
#[test]
#[allow(deprecated)]
fn doubles() {
    assert_eq!(double(2), 4);
}
