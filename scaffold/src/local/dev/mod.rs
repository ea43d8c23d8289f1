//! `scaffold dev`: serves the functions of a project on one port and rebuilds them when a file changes.
//!
//! [`LocalApplication`] names the functions and their binaries, [`FunctionBuilder`] builds them with cargo,
//! and [`Server`] serves them as a [`Deployment`](super::server::deployment::Deployment). [`Rebuild`]
//! replaces that deployment when [`Watcher`] reports a change.

mod executables;
mod rebuild;
mod routes;
pub(crate) mod running;
mod suggestion;
mod watch;

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;

use self::executables::FunctionBuilder;
use self::rebuild::Rebuild;
use self::running::RunningServer;
use self::watch::Watcher;
use super::access::{AccessPolicy, HostName};
use super::application::LocalApplication;
use super::console::Console;
use super::durable::Executions;
use super::environment::GivenEnvironment;
use super::lambda::{Log, LogFormat};
use super::poll::{Poller, SourceName};
use super::server::PATH as CONSOLE;
use super::server::deployment::{CurrentDeployment, OldVersion};
use super::server::http::Server;
use super::token_keys::{KeyLocation, TokenKeys};
use super::warnings::Warnings;
use crate::sam::ConfigChoice;
use crate::term::error::{Error, Result};
use crate::term::message;

/// What happens with the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConsoleUse {
    Off,
    Served,
    /// It is served, and opened in a browser.
    Opened,
}

/// The settings of `scaffold dev`.
#[derive(Debug)]
pub(crate) struct Dev {
    pub(crate) host: IpAddr,
    pub(crate) port: u16,
    /// Further names in `Host` headers of requests.
    pub(crate) allowed_hosts: Vec<HostName>,
    /// The maximum number of instances per function.
    pub(crate) concurrency: usize,
    /// The number of invocations that one process handles at a time; `None` for the template's.
    pub(crate) max_concurrency: Option<u16>,
    /// The keys of the issuers of tokens; `None` for those that they publish.
    pub(crate) jwks: Option<KeyLocation>,
    /// Queues and streams are polled; the names on AWS of some of them.
    pub(crate) poll: Option<Vec<SourceName>>,
    pub(crate) old_version: OldVersion,
    pub(crate) log: LogFormat,
    pub(crate) console: ConsoleUse,
    pub(crate) environment: GivenEnvironment,
    /// Functions do not get the user's AWS credentials.
    pub(crate) no_credentials: bool,
    pub(crate) debug: bool,
    pub(crate) profile: &'static str,
    pub(crate) manifest_path: Option<PathBuf>,
    /// The configuration of SAM that gives the parameters their values.
    pub(crate) config: ConfigChoice,
}

impl Dev {
    /// Serves what is `current` until the future is dropped. Fails if it cannot start.
    pub(crate) async fn run(mut self, current: CurrentDeployment) -> Result<Infallible> {
        let mut warnings = Warnings::default();
        let mut application =
            LocalApplication::read(self.manifest_path.as_deref(), &self.config, &mut warnings)?;
        let functions = application.functions().map(|(function, _)| function);
        self.environment.read_stack(functions).await?;
        let mut keys = TokenKeys::default();
        keys.read(&application.template, self.jwks.as_ref()).await?;
        application.warn_open_routes(&keys, &mut warnings);
        application.read_environment(&self.environment, &mut warnings)?;
        let (listener, address) = self.listen().await?;
        let reachable = reachable(address);
        let running = RunningServer::announce(
            application.workspace.target(),
            &application.project(),
            reachable,
        )?;
        let log = Arc::new(Log::new(self.log));
        let wait = self.old_version != OldVersion::Serve;
        let console = (self.console != ConsoleUse::Off).then(|| {
            let root = application.workspace.root().to_owned();
            Arc::new(Console::new(root, self.manifest_path.clone()))
        });
        let executions = Executions::new(current.clone(), Arc::clone(&log), wait);
        let poller = self.poll.map(|names| {
            let executions = Arc::clone(&executions);
            Poller::new(names, current.clone(), executions, Arc::clone(&log), console.clone(), wait)
        });
        let server = Arc::new(Server {
            access: AccessPolicy::new(self.host, self.allowed_hosts),
            current,
            executions,
            log: Arc::clone(&log),
            old_version: self.old_version,
            debug: self.debug,
            console,
        });
        if self.console != ConsoleUse::Off {
            let console = format!("http://{reachable}{CONSOLE}");
            log.line(format_args!("console: {console}"));
            if self.console == ConsoleUse::Opened
                && let Err(error) = open::that_detached(&console)
            {
                message::warn(format_args!("cannot open a browser: {error}"));
            }
        }
        log.line(format_args!("listening on http://{address}"));
        let rebuild = Rebuild {
            builder: FunctionBuilder::new(running.folder().to_owned(), self.profile),
            watcher: Watcher::new()?,
            server: Arc::clone(&server),
            poller: poller.transpose()?,
            // A debugger attaches to one instance.
            concurrency: if self.debug { 1 } else { self.concurrency },
            max_concurrency: self.max_concurrency,
            jwks: self.jwks,
            keys,
            environment: self.environment,
            no_credentials: self.no_credentials,
            manifest_path: self.manifest_path,
            config: self.config,
            warnings,
            address: reachable,
            table: Vec::new(),
            has_been_ready: false,
            difference: None,
            application,
        };
        tokio::select! {
            () = server.serve(listener) => std::future::pending().await,
            never = rebuild.run() => match never {},
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
                    "stop the other program, or use `--port {other}` (`--port 0` picks a free port)"
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

/// Returns the address at which this machine reaches a server that listens on `address`.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}
