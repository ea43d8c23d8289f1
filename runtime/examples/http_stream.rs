//! A page that is sent while it is being made, through a Function URL in the invoke mode
//! `RESPONSE_STREAM`.

use std::process::ExitCode;

use lambda_native::http::{self, Request, Response};
use lambda_native::{Context, Failure, Handler, Reply, start};

struct Page;

impl Handler for Page {
    async fn call(&self, event: &[u8], _: &Context, reply: &mut Reply<'_>) -> Result<(), Failure> {
        let request = Request::from_slice(event)?;
        let mut page = http::stream(Response::html("<ol>\n"), reply).await?;
        for (name, value) in request.headers() {
            page.write(format!("<li>{}: {}\n", escape(name), escape(value)).as_bytes()).await?;
        }
        page.write(b"</ol>\n").await?;
        Ok(())
    }
}

/// Text as HTML has it.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn main() -> ExitCode {
    start(Page)
}
