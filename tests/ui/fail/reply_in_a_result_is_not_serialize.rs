use lambda_native::lambda_handler;

struct Receipt;

#[lambda_handler]
async fn checkout(order: String) -> Result<Receipt, std::num::ParseIntError> {
    order.parse::<u32>()?;
    Ok(Receipt)
}
