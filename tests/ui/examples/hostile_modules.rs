//! Has modules and types with the names that the emitted code uses.

// event: "tea"
// reply: ["tea"]

#![forbid(unsafe_code)]
#![deny(warnings)]

use ::lambda_native::{Context, json_context, lambda_handler};

mod core {}
mod std {}
mod alloc {}
mod serde {}
mod serde_json {}
mod lambda_native {}

#[json_context(String, Vec<String>)]
struct Json;

#[expect(non_camel_case_types, dead_code)]
struct str;
#[expect(dead_code)]
enum Option {
    None,
    Some,
}
#[expect(dead_code)]
enum Result {
    Ok,
    Err,
}
#[expect(non_camel_case_types, dead_code)]
struct u8;

fn made() -> u16 {
    0
}

#[lambda_handler(json = Json, init = made)]
async fn state(event: String, _: &Context, made: &u16) -> Vec<String> {
    assert_eq!(*made, 0);
    vec![event]
}
