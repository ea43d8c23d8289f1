//! The functions of a project on one port, built anew when a file changes.
//!
//! [`Plan`](plan::Plan) says which functions there are and which binaries they are,
//! [`Builder`](build::Builder) has cargo build them, a [`Version`](version::Version) runs them,
//! [`Server`](server::Server) brings requests to it, and [`Watcher`](watch::Watcher) tells when the
//! next one is due.

pub(crate) mod build;
mod event_stream;
mod lambda_api;
pub(crate) mod plan;
mod routes;
pub(crate) mod running;
mod server;
mod version;
mod watch;

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use tokio::net::TcpListener;

use self::build::Builder;
use self::plan::Plan;
use self::running::Running;
use self::server::Server;
use self::version::{Current, Settings, Version};
use self::watch::Watcher;
use crate::emulator::Log;
use crate::error::{Error, Result};
use crate::shell;

/// The header of a request that waits for the version that is being built, if one is.
pub(crate) const WAIT: &str = "x-scaffold-wait";

/// What was asked for.
#[derive(Debug)]
pub(crate) struct Dev {
    pub(crate) host: IpAddr,
    pub(crate) port: u16,
    pub(crate) concurrency: usize,
    pub(crate) wait: bool,
    pub(crate) debug: bool,
    pub(crate) profile: &'static str,
    pub(crate) manifest_path: Option<PathBuf>,
}

impl Dev {
    /// Serves until the future is dropped, or cannot begin.
    pub(crate) async fn run(self) -> Result<Infallible> {
        let plan = Plan::read(self.manifest_path.as_deref())?;
        let (listener, address) = self.listen().await?;
        let running = Running::announce(plan.workspace.target(), address)?;
        let log = Arc::new(Log::new());
        let server = Arc::new(Server {
            current: Current::new(),
            log: Arc::clone(&log),
            wait: self.wait,
            debug: self.debug,
        });
        log.line(format_args!("listening on http://{address}"));
        let project = Project {
            builder: Builder::new(running.folder().to_owned(), self.profile),
            watcher: Watcher::new()?,
            settings: Settings { concurrency: self.concurrency, debug: self.debug, log },
            server: Arc::clone(&server),
            manifest_path: self.manifest_path,
            address,
            table: String::new(),
            plan,
        };
        tokio::select! {
            () = server.serve(listener) => std::future::pending().await,
            never = project.develop() => match never {},
        }
    }

    async fn listen(&self) -> Result<(TcpListener, SocketAddr)> {
        let Self { host, port, .. } = *self;
        let cannot_listen = |error: std::io::Error| {
            let in_use = error.kind() == std::io::ErrorKind::AddrInUse;
            let error =
                Error::new(format!("cannot listen on port {port} of {host}")).because(error);
            if in_use {
                let other = port.checked_add(1).unwrap_or(3000);
                error.hint(format!(
                    "end the program that uses it, or choose another port: `--port {other}`; \
                     `--port 0` is any that is free"
                ))
            } else {
                error
            }
        };
        let listener = TcpListener::bind((host, port)).await.map_err(cannot_listen)?;
        let address = listener.local_addr().map_err(cannot_listen)?;
        Ok((listener, address))
    }
}

/// A project while it is worked on.
#[derive(Debug)]
struct Project {
    plan: Plan,
    builder: Builder,
    watcher: Watcher,
    settings: Settings,
    server: Arc<Server>,
    manifest_path: Option<PathBuf>,
    address: SocketAddr,
    /// The routes as they were last printed.
    table: String,
}

impl Project {
    async fn develop(mut self) -> Infallible {
        let mut read = Ok(());
        loop {
            let built = match read {
                Ok(()) => self.build().await,
                Err(error) => Err(error),
            };
            if let Err(error) = built {
                // Before somebody is told that may mend it.
                if let Some(file) = error.file() {
                    self.watcher.watch_description(file);
                }
                let _ = error.report();
                let goes_on = match self.server.current.version() {
                    Some(_) => "the version before answers; ",
                    None => "",
                };
                self.settings.log.line(format_args!("{goes_on}waiting for changes"));
                self.server.current.failed();
            }

            let first = self.watcher.changed().await;
            self.server.current.building();
            let mut changed = vec![first];
            changed.extend(self.watcher.quiet().await);
            if let Some(path) = changed.first() {
                self.settings.log.line(format_args!("changed: {}", shell::relative(path)));
            }
            read = if changed.iter().any(|path| self.watcher.is_manifest(path)) {
                Plan::read(self.manifest_path.as_deref()).map(|plan| self.plan = plan)
            } else {
                Ok(())
            };
        }
    }

    /// Builds, and has what was built answer.
    async fn build(&mut self) -> Result<()> {
        let started = Instant::now();
        self.watcher.watch(&self.plan, &[]);
        let built = self.builder.build(&self.plan).await?;
        let took = started.elapsed();
        let before = self.server.current.version();
        let version = Version::new(&self.plan, &built, before.as_deref(), &self.settings);
        self.watcher.watch(&self.plan, &built);
        let table = routes::table(&self.plan.application, &version.router, self.address);
        let new = self.server.current.serve(version);

        let log = &self.settings.log;
        let new = if new.is_empty() { "nothing new".to_owned() } else { new.join(", ") };
        log.line(format_args!("ready in {:.2} s: {new}", took.as_secs_f64()));
        if table != self.table {
            log.line(&table);
            self.table = table;
        }
        Ok(())
    }
}
