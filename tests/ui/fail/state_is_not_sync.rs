use lambda_native::{Context, lambda_handler};

use std::rc::Rc;

fn connect() -> Rc<str> {
    "shared".into()
}

#[lambda_handler(init = connect)]
async fn checkout(order: String, _: &Context, _: &Rc<str>) -> String {
    order
}
