//! The loop of `scaffold dev`: build, serve, wait for a change.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::executables::{BuiltExecutable, FunctionBuilder};
use super::watch::Watcher;
use super::{routes, suggestion};
use crate::artifact;
use crate::artifact::HandlerSignature;
use crate::local::application::{LocalApplication, configuration};
use crate::local::environment::GivenEnvironment;
use crate::local::lambda::{DEBUG_TIMEOUT, DurableConfiguration, FunctionConfiguration};
use crate::local::poll::Poller;
use crate::local::server::deployment::Deployment;
use crate::local::server::http::Server;
use crate::local::token_keys::{KeyLocation, TokenKeys};
use crate::local::warnings::Warnings;
use crate::sam::{Application, ConfigChoice};
use crate::sync;
use crate::sync::Synchronized;
use crate::term::error::Result;
use crate::term::{message, quote};

/// A project that is rebuilt whenever one of its files changes.
#[derive(Debug)]
pub(super) struct Rebuild {
    pub(super) application: LocalApplication,
    pub(super) builder: FunctionBuilder,
    pub(super) watcher: Watcher,
    pub(super) server: Arc<Server>,
    /// Polls queues and streams.
    pub(super) poller: Option<Poller>,
    pub(super) concurrency: usize,
    /// The number of invocations that one process handles at a time; `None` for the template's.
    pub(super) max_concurrency: Option<u16>,
    /// The keys of the issuers of tokens, and where the user says that they are.
    pub(super) keys: TokenKeys,
    pub(super) jwks: Option<KeyLocation>,
    pub(super) environment: GivenEnvironment,
    pub(super) no_credentials: bool,
    pub(super) manifest_path: Option<PathBuf>,
    pub(super) config: ConfigChoice,
    /// The warnings about the project that were printed.
    pub(super) warnings: Warnings,
    pub(super) address: SocketAddr,
    /// The table of routes that was last printed.
    pub(super) table: Vec<String>,
    /// The first build has succeeded, and the user knows what to try.
    pub(super) has_been_ready: bool,
    /// The difference between the template and the code that was last printed.
    pub(super) difference: Option<String>,
}

impl Rebuild {
    pub(super) async fn run(mut self) -> Infallible {
        let mut read = Ok(());
        loop {
            let built = match read {
                Ok(()) => self.build().await,
                Err(error) => Err(error),
            };
            if let Err(error) = built {
                // Watched before the error is printed: the user can fix the file at once.
                if let Some(file) = error.file() {
                    self.watcher.watch_description(file);
                }
                let _ = message::report(&error);
                let still_serving = match self.server.current.get() {
                    Some(_) => "still serving the previous version; ",
                    None => "",
                };
                self.server.log.line(format_args!("{still_serving}fix the error and save"));
                self.server.current.fail_build(&error.full_text());
            }

            let first = self.watcher.changed().await;
            self.server.current.start_build();
            self.server.log.line(format_args!("changed: {}", quote::relative(&first)));
            let mut changed = vec![first];
            changed.extend(self.watcher.quiet().await);
            read = if changed.iter().any(|path| self.watcher.is_manifest(path)) {
                self.read().await
            } else {
                Ok(())
            };
        }
    }

    /// Reads the project again.
    async fn read(&mut self) -> Result<()> {
        let mut application = LocalApplication::read(
            self.manifest_path.as_deref(),
            &self.config,
            &mut self.warnings,
        )?;
        self.keys.read(&application.template, self.jwks.as_ref()).await?;
        application.warn_open_routes(&self.keys, &mut self.warnings);
        application.read_environment(&self.environment, &mut self.warnings)?;
        self.application = application;
        Ok(())
    }

    /// Builds the functions and serves them.
    async fn build(&mut self) -> Result<()> {
        let Self { application, builder, watcher, server, no_credentials, .. } = self;
        let started = Instant::now();
        watcher.watch(application, &[]);
        let built = builder.build(application).await?;
        let handlers = handlers(application, &built)?;
        let functions = application.functions().zip(&built);
        let functions =
            functions.map(|((function, _), built)| (function, built.copy.to_path_buf()));
        // The routes of a program that a newer `lambda-native` has built cannot be read.
        let code = sync::read(&functions.collect::<Vec<_>>()).unwrap_or_default();
        let synchronized = sync::compare(&application.template, &code);
        let with_routes =
            synchronized.as_ref().and_then(|it| with_routes(application, it, &self.config));
        let template = with_routes.as_ref().unwrap_or(&application.template);
        let took = started.elapsed();
        let max_concurrency = self.max_concurrency;
        let endpoint = format!("http://{}", self.address);
        let functions = application.functions().zip(&built).map(|((function, binary), built)| {
            let executable = built.copy.to_path_buf();
            let environment = &application.environment;
            let (no_credentials, debug) = (*no_credentials, server.debug);
            let configuration = FunctionConfiguration {
                max_concurrency: max_concurrency.or(function.max_concurrency),
                durable: function.execution_timeout.map(|timeout| DurableConfiguration {
                    execution_timeout: if debug { DEBUG_TIMEOUT.max(timeout) } else { timeout },
                    endpoint: endpoint.clone(),
                }),
                ..configuration(function, binary, executable, environment, no_credentials, debug)
            };
            (configuration, Arc::clone(&built.copy))
        });
        let mut deployment = Deployment::new(
            template,
            functions,
            server.current.get().as_deref(),
            self.concurrency,
            &server.log,
        );
        watcher.watch(application, &built);
        deployment.listing = routes::list(template, &deployment.router, &code);
        deployment.handlers = handlers;
        deployment.keys = self.keys.clone();
        let table = routes::table(&deployment.listing, self.address);
        let suggestion =
            suggestion::command(application, &deployment.router, &deployment.listing, self.address);
        let changed = server.current.replace(deployment, took);

        let changed = if changed.is_empty() {
            "routes reloaded (code unchanged)".to_owned()
        } else {
            changed.join(", ")
        };
        server.log.line(format_args!("ready in {:.2} s: {changed}", took.as_secs_f64()));
        if table != self.table {
            for row in &table {
                server.log.line(row);
            }
            self.table = table;
        }
        if let Some(poller) = &mut self.poller {
            poller.update(&self.application);
        }
        if !std::mem::replace(&mut self.has_been_ready, true) {
            if let Some(command) = suggestion {
                server.log.line(format_args!("try: {command}"));
            }
            server.log.line("press Ctrl-C to stop");
        }
        let name = self.application.template.files().first().map(|path| quote::relative(path));
        let difference = synchronized.and_then(|it| it.difference(&name?));
        if let Some(difference) = difference.as_ref().filter(|_| difference != self.difference) {
            message::warn_with_hint(difference, sync::HINT);
        }
        self.difference = difference;
        Ok(())
    }
}

/// Returns the handlers of each function. If some do not have the one that the template names, prints all of these
/// errors but the last, which it returns with the text of the others.
fn handlers(
    application: &LocalApplication,
    built: &[BuiltExecutable],
) -> Result<BTreeMap<String, Vec<HandlerSignature>>> {
    let mut handlers = BTreeMap::new();
    let mut errors = Vec::new();
    for ((function, _), built) in application.functions().zip(built) {
        match artifact::check_handler(function, &built.copy) {
            Ok(own) => drop(handlers.insert(function.name.clone(), own)),
            Err(error) => errors.push(error),
        }
    }
    let Some(last) = errors.pop() else { return Ok(handlers) };
    let mut others = String::new();
    for error in errors {
        let _ = message::report(&error);
        others.push_str(&error.full_text());
    }
    Err(last.with_log(others))
}

/// Reads the application with the routes of the code that its template lacks.
fn with_routes(
    application: &LocalApplication,
    synchronized: &Synchronized,
    config: &ConfigChoice,
) -> Option<Application> {
    let path = application.template.files().first()?;
    let is_different = !synchronized.changes.is_empty() || !synchronized.authorizers.is_empty();
    is_different.then(|| Application::parse_with(&synchronized.text, path, config).ok()).flatten()
}
