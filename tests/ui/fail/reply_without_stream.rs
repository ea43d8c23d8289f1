use lambda_native::{Reply, lambda_handler};

#[lambda_handler]
async fn count(end: u32, reply: &mut Reply) -> std::io::Result<()> {
    reply.stream("text/plain").write(end.to_string().as_bytes()).await
}
