use lambda_native::lambda_handler;

struct Missing;

#[lambda_handler(get = "/orders/{id}")]
async fn order(id: u64) -> Result<String, Missing> {
    if id == 7 { Ok("tea".to_owned()) } else { Err(Missing) }
}
