use lambda_native::{Context, lambda_handler};

use std::sync::{Mutex, MutexGuard};

static SHARED: Mutex<u32> = Mutex::new(0);

fn connect() -> MutexGuard<'static, u32> {
    SHARED.lock().unwrap()
}

#[lambda_handler(init = connect)]
async fn checkout(order: String, _: &Context, _: &MutexGuard<'_, u32>) -> String {
    order
}
