use lambda_native::{Reply, lambda_handler};

#[lambda_handler(stream)]
async fn count(end: u32, reply: &mut Reply) -> std::io::Result<u32> {
    reply.stream("text/plain").write(end.to_string().as_bytes()).await?;
    Ok(end)
}
