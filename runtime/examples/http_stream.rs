//! A page that is sent while it is being made, through a Function URL with the invoke mode
//! `RESPONSE_STREAM`.

use lambda_native::http::{self, Request, Response};
use lambda_native::{Error, Reply, lambda_handler};

#[lambda_handler(http, stream)]
async fn page(request: Request<'_>, reply: &mut Reply) -> Result<(), Error> {
    let mut page = http::stream(Response::html("<ol>\n"), reply).await?;
    for (name, value) in request.headers() {
        page.write(format!("<li>{}: {}\n", escape(name), escape(value)).as_bytes()).await?;
    }
    page.write(b"</ol>\n").await?;
    Ok(())
}

/// Escapes text for HTML.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
