//! The stream of changes to an open page: server-sent events ("Server-sent events" in the HTML standard).

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, header};
use http_body_util::Either;
use http_body_util::channel::{Channel, Sender};
use hyper::body::Bytes;
use serde::Serialize;
use tokio::time::{interval, sleep};

use super::application;
use crate::local::console::Console;
use crate::local::server::body::HttpResponse;
use crate::local::server::http::Server;

/// The time for which invocations are collected before they are sent.
const COLLECT: Duration = Duration::from_millis(100);
/// The pause between comments that show whether the page is still there.
const ALIVE: Duration = Duration::from_secs(15);

/// Responds with the stream, which ends when the page is closed.
pub(super) fn respond(server: &Arc<Server>, console: &Arc<Console>) -> HttpResponse {
    let (sender, channel) = Channel::new(1);
    let (server, console) = (Arc::clone(server), Arc::clone(console));
    tokio::spawn(async move {
        // It ends when the page is closed.
        let _ = PageStream { sender }.run(&server, &console).await;
    });
    let mut response = HttpResponse::new(Either::Right(channel));
    for (name, value) in
        [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")]
    {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The page has been closed.
struct Closed;

struct PageStream {
    sender: Sender<Bytes, io::Error>,
}

impl PageStream {
    async fn run(mut self, server: &Server, console: &Console) -> Result<(), Closed> {
        let mut application = server.current.changes();
        self.application(server, console).await?;
        let mut seen = 0;
        let mut alive = interval(ALIVE);
        loop {
            if application.has_changed().map_err(|_| Closed)? {
                application.mark_unchanged();
                self.application(server, console).await?;
            }
            // Before reading them, so that none is missed.
            let more = console.history.changed();
            let (changed, now) = console.history.changes(seen);
            if seen == 0 || !changed.is_empty() {
                // The first are all that the page shows.
                let event = if seen == 0 { "invocations" } else { "changed" };
                self.send(event, &changed).await?;
                seen = now.max(1);
                sleep(COLLECT).await;
                continue;
            }
            tokio::select! {
                changed = application.changed() => {
                    changed.map_err(|_| Closed)?;
                    application.mark_changed();
                }
                () = more => {}
                _ = alive.tick() => self.write(": alive\n\n".to_owned()).await?,
            }
        }
    }

    async fn application(&mut self, server: &Server, console: &Console) -> Result<(), Closed> {
        let serving = server.current.serving();
        self.send("application", &application::application(console, &serving)).await?;
        self.send("build", &application::build(&serving)).await
    }

    async fn send(&mut self, event: &str, data: &impl Serialize) -> Result<(), Closed> {
        // JSON has no line breaks, which would end the data.
        let data = serde_json::to_string(data).map_err(|_| Closed)?;
        self.write(format!("event: {event}\ndata: {data}\n\n")).await
    }

    async fn write(&mut self, text: String) -> Result<(), Closed> {
        self.sender.send_data(text.into()).await.map_err(|_| Closed)
    }
}
