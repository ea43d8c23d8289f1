use lambda_native::{Context, lambda_handler};

#[lambda_handler(http, init = connect)]
async fn hello(request: Request<'_>, _: &Context, _: &Database) -> Json<String> {
    Json(request.path().to_owned())
}

fn connect() {}
