use lambda_native::lambda_handler;
use lambda_native::ReplyWriter;

#[lambda_handler(stream)]
async fn count(end: u32, writer: &mut ReplyWriter<'_>) -> std::io::Result<()> {
    writer.write(end.to_string().as_bytes()).await
}
