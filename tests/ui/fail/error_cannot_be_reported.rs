use lambda_native::lambda_handler;

struct Refused;

#[lambda_handler]
async fn checkout(_: String) -> Result<u32, Refused> {
    Err(Refused)
}
