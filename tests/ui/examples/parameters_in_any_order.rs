//! Takes the state, the context and the event, in this order.

// event: 2
// reply: 21

use lambda_native::{Context, lambda_handler};

struct Factor(u32);

impl Default for Factor {
    fn default() -> Self {
        Self(10)
    }
}

#[lambda_handler(init = <Factor as Default>::default)]
async fn times(factor: &Factor, context: &Context, number: u32) -> u32 {
    number * factor.0 + u32::from(!context.request_id().is_empty())
}
