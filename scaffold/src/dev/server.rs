//! The port: every request, on its way to a function and back.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use http_body_util::channel::{Channel, Sender};
use http_body_util::{BodyExt, Either, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::lambda_api;
use super::version::{Current, Version};
use crate::application::{Authorizer, Kind};
use crate::emulator::{self, Event, Log, Part};
use crate::gateway::{self, Caller, Failure, Prelude, Refusal, Route, Routed};

/// The most bytes that API Gateway takes in a body; an event of Lambda's has room for less.
const MAX_BODY: usize = 10 * 1024 * 1024;

pub(super) type Body = Either<Full<Bytes>, Channel<Bytes, io::Error>>;
pub(super) type Response = hyper::Response<Body>;

/// The server of all functions.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) current: Current,
    pub(crate) log: Arc<Log>,
    /// Whether requests wait for the version that is being built.
    pub(crate) wait: bool,
    /// Whether everything may take its time.
    pub(crate) debug: bool,
}

impl Server {
    /// Serves until the future is dropped, connections and all.
    pub(crate) async fn serve(self: Arc<Self>, listener: TcpListener) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, client)) => {
                        connections.spawn(Arc::clone(&self).serve_connection(stream, client.ip()));
                    }
                    // Too many are open: the next one is taken once some have ended.
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }

    async fn serve_connection(self: Arc<Self>, stream: TcpStream, client: IpAddr) {
        // Losing it costs time only.
        let _ = stream.set_nodelay(true);
        let service = service_fn(|request| {
            let server = Arc::clone(&self);
            async move { Ok::<_, Infallible>(server.answer(request, client).await) }
        });
        // A client may go away at any time.
        let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
    }

    async fn answer(&self, request: Request<Incoming>, client: IpAddr) -> Response {
        let started = Instant::now();
        let (head, body) = request.into_parts();
        let wait = self.wait || head.headers.contains_key(super::WAIT);
        let Some(version) = self.current.for_request(wait).await else {
            return plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "nothing is built yet: cargo's errors are in the log of `scaffold dev`\n",
            );
        };
        if let Some(call) = lambda_api::Call::find(&head) {
            return call.answer(&version, &head, body, &self.log).await;
        }
        let (function, response) = match version.router.route(&head) {
            Routed::Answer(answer) => (None, whole(answer)),
            Routed::Function(mut route) => {
                let response = self.call(&version, &mut route, &head, body, client).await;
                (Some(route.function), response)
            }
        };
        self.log.line(Line {
            head: &head,
            function: function.as_deref(),
            status: response.status(),
            took: started.elapsed(),
        });
        response
    }

    async fn call(
        &self,
        version: &Version,
        route: &mut Route,
        head: &Parts,
        body: Incoming,
        client: IpAddr,
    ) -> Response {
        let asked = self.authorize(version, route, head, client).await;
        let refusal = asked.map(|caller| route.caller = caller).err();
        let route = &*route;
        let refuse = |failure| whole(gateway::failure(route, failure));
        let body = match read(body, MAX_BODY).await {
            Ok(body) => body,
            Err(TooLarge(true)) => return refuse(Failure::RequestTooLarge),
            // The client has gone away.
            Err(TooLarge(false)) => return plain(StatusCode::BAD_REQUEST, ""),
        };
        if let Some(failure) = refusal {
            return refuse(failure);
        }
        let event = gateway::event(route, head, &body, client, SystemTime::now());
        if event.len() > emulator::MAX_EVENT {
            return refuse(Failure::RequestTooLarge);
        }
        let mut event = Event::new(event);
        event.trace(&route.ids.trace);
        event.streams = route.api.kind == Kind::FunctionUrl { stream: true };
        let Some(pool) = version.function(&route.function) else {
            return refuse(Failure::Function);
        };
        let invoked = match self.limit(route.api.kind) {
            None => pool.invoke(event).await,
            Some(limit) => match tokio::time::timeout(limit, pool.invoke(event)).await {
                Ok(invoked) => invoked,
                Err(_) => return refuse(Failure::TimedOut),
            },
        };
        let malformed = |why: &gateway::Malformed| {
            self.log.line(format_args!("{}: not a response: {why}", route.function));
            refuse(Failure::Function)
        };
        match invoked.result {
            Ok(emulator::Response::Whole(payload)) => {
                gateway::response(route, &payload).map_or_else(|why| malformed(&why), whole)
            }
            Ok(emulator::Response::Stream(stream)) => {
                self.stream(route, stream).await.unwrap_or_else(|why| match why {
                    Broken::Malformed(why) => malformed(&why),
                    Broken::Failed => refuse(Failure::Function),
                })
            }
            Err(_) => refuse(Failure::Function),
        }
    }

    /// Asks the authorizer of a route, where it has one that can be asked here.
    async fn authorize(
        &self,
        version: &Version,
        route: &Route,
        head: &Parts,
        client: IpAddr,
    ) -> Result<Option<Caller>, Failure> {
        let Some(Authorizer::Lambda(authorizer)) = route.authorizer.as_deref() else {
            return Ok(None);
        };
        let Some(pool) = version.named(&authorizer.function) else { return Ok(None) };
        let asked = async {
            let event =
                gateway::authorizer_event(authorizer, route, head, client, SystemTime::now())?;
            let mut event = Event::new(event);
            event.trace(&route.ids.trace);
            let id = event.request_id.clone();
            let invoked = match self.limit(route.api.kind) {
                None => pool.invoke(event).await,
                Some(limit) => tokio::time::timeout(limit, pool.invoke(event))
                    .await
                    .map_err(|_| Failure::Authorizer)?,
            };
            match invoked.result {
                Ok(emulator::Response::Whole(answer)) => {
                    gateway::granted(authorizer, route, head, &answer)
                }
                // It was not asked for.
                Ok(emulator::Response::Stream(_)) => Err(Failure::Authorizer.into()),
                Err(failure) => Err(Refusal::of_error(route, &failure.payload(&id))),
            }
        };
        asked.await.map(Some).map_err(|Refusal { failure, why }| {
            if let Some(why) = why {
                let function = &authorizer.function;
                self.log.line(format_args!("{function}: not an authorizer's answer: {why}"));
            }
            failure
        })
    }

    /// How long the gateway waits for a function.
    fn limit(&self, kind: Kind) -> Option<Duration> {
        match kind {
            _ if self.debug => None,
            Kind::Http => Some(Duration::from_secs(30)),
            Kind::Rest => Some(Duration::from_secs(29)),
            Kind::FunctionUrl { .. } => None,
        }
    }

    /// Waits for the head of a streamed response; the rest follows as it comes.
    async fn stream(
        &self,
        route: &Route,
        mut stream: emulator::Stream,
    ) -> Result<Response, Broken> {
        let mut prelude = Prelude::new(stream.content_type.as_deref());
        loop {
            let (part, is_end) = match stream.parts.recv().await {
                Some(Part::Data(part)) => (part, false),
                Some(Part::End(Ok(()))) => (Bytes::new(), true),
                Some(Part::End(Err(_))) | None => return Err(Broken::Failed),
            };
            if let Some((head, rest)) = prelude.push(route, &part).map_err(Broken::Malformed)? {
                let (sender, channel) = Channel::new(1);
                tokio::spawn(forward(stream, sender, rest.into(), is_end));
                return Ok(Response::from_parts(head, Either::Right(channel)));
            }
            if is_end {
                return Err(Broken::Malformed(prelude.end()));
            }
        }
    }
}

/// Why a streamed response has not begun.
enum Broken {
    Malformed(gateway::Malformed),
    Failed,
}

/// Hands on what comes, at the client's pace. Where the function breaks off, so does the connection;
/// where the client goes away, the function still goes on to its end.
async fn forward(
    mut stream: emulator::Stream,
    mut sender: Sender<Bytes, io::Error>,
    first: Bytes,
    is_end: bool,
) {
    let mut here = first.is_empty() || sender.send_data(first).await.is_ok();
    if is_end {
        return;
    }
    loop {
        match stream.parts.recv().await {
            Some(Part::Data(part)) => here = here && sender.send_data(part).await.is_ok(),
            Some(Part::End(Ok(()))) => return,
            Some(Part::End(Err(_))) | None => {
                // What came before is on its way to the client first.
                tokio::task::yield_now().await;
                sender.abort(io::Error::other("the function broke off"));
                return;
            }
        }
    }
}

/// Whether a body that could not be read was too large.
pub(super) struct TooLarge(pub(super) bool);

/// Reads a body of at most this many bytes.
pub(super) async fn read(body: Incoming, limit: usize) -> Result<Bytes, TooLarge> {
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) => Err(TooLarge(error.is::<LengthLimitError>())),
    }
}

fn whole(response: gateway::Response) -> Response {
    response.map(|body| Either::Left(Full::from(body)))
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(Either::Left(Full::from(text)));
    *response.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}

/// A request in the log.
struct Line<'a> {
    head: &'a Parts,
    function: Option<&'a str>,
    status: StatusCode,
    took: Duration,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        use anstyle::AnsiColor::{Green, Red, Yellow};
        let color = match self.status.as_u16() {
            500.. => Red,
            400.. => Yellow,
            _ => Green,
        };
        let style = color.on_default();
        let Parts { method, uri, .. } = self.head;
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        write!(formatter, "{method} {target} {style}{}{style:#}", self.status.as_u16())?;
        if let Some(function) = self.function {
            write!(formatter, " {function}")?;
        }
        write!(formatter, " {:.1} ms", self.took.as_secs_f64() * 1000.0)
    }
}
