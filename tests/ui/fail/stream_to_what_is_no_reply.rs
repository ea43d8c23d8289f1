use lambda_native::lambda_handler;
use lambda_native::stream::Writer;

#[lambda_handler(stream)]
async fn count(end: u32, writer: &mut Writer<'_>) -> std::io::Result<()> {
    writer.write(end.to_string().as_bytes()).await
}
