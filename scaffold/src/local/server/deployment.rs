//! The functions that are served, and their replacement by the next build.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hyper::StatusCode;
use hyper::http::request::Parts;
use tempfile::TempPath;
use tokio::sync::watch;

use crate::artifact::HandlerSignature;
use crate::local::gateway::Router;
use crate::local::lambda::{FunctionConfiguration, Log, Pool};
use crate::local::token_keys::TokenKeys;
use crate::sam::{Application, logical_id};
use crate::term::quote;

/// The kind of endpoint of a function without a route.
pub(crate) const INVOKE_API: &str = "Invoke API";

/// One build of all functions, with their routes.
#[derive(Debug)]
pub(crate) struct Deployment {
    pub(crate) router: Router,
    /// The routes and the functions, for people.
    pub(crate) listing: Vec<ListedRoute>,
    /// By the names in the template.
    functions: BTreeMap<String, Arc<Pool>>,
    /// The names in the template by those on AWS.
    function_names: BTreeMap<String, String>,
    /// The keys of the issuers of tokens.
    pub(crate) keys: TokenKeys,
    /// The handlers of each function, by the names in the template.
    pub(crate) handlers: BTreeMap<String, Vec<HandlerSignature>>,
}

/// A route or a function, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListedRoute {
    pub(crate) method: String,
    pub(crate) path: String,
    /// The function's name in the template.
    pub(crate) function: String,
    /// The kind of endpoint, such as `HTTP API`.
    pub(crate) kind: String,
}

impl ListedRoute {
    /// Returns whether it is a function that only the Invoke API reaches.
    pub(crate) fn is_invocation(&self) -> bool {
        self.kind.starts_with(INVOKE_API)
    }
}

impl Deployment {
    /// Deploys the `functions` of an application, each with its executable. A function whose
    /// configuration has not changed since `previous` keeps its instances.
    pub(crate) fn new(
        application: &Application,
        functions: impl IntoIterator<Item = (FunctionConfiguration, Arc<TempPath>)>,
        previous: Option<&Self>,
        concurrency: usize,
        log: &Arc<Log>,
    ) -> Self {
        let functions: BTreeMap<_, _> = functions
            .into_iter()
            .map(|(function, executable)| {
                let name = function.name.clone();
                let unchanged = previous
                    .and_then(|previous| previous.function(&name))
                    .filter(|pool| *pool.function == function);
                let pool = unchanged.cloned().unwrap_or_else(|| {
                    Pool::new(function, executable, concurrency, Arc::clone(log))
                });
                (name, pool)
            })
            .collect();
        let named = application.functions.iter().filter(|it| functions.contains_key(&it.name));
        let function_names =
            named.filter_map(|it| Some((it.function_name.clone()?, it.name.clone()))).collect();
        Self {
            router: Router::new(application),
            listing: Vec::new(),
            functions,
            function_names,
            keys: TokenKeys::default(),
            handlers: BTreeMap::new(),
        }
    }

    /// Explains the gateway's own response to a request; `None` if it is not an error.
    pub(crate) fn explain(&self, request: &Parts, status: StatusCode) -> Option<String> {
        /// The number of routes that are listed.
        const LISTED: usize = 6;
        match status {
            StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => {}
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
                return Some("the headers are larger than API Gateway accepts".to_owned());
            }
            StatusCode::BAD_REQUEST => return Some("not a request to an API".to_owned()),
            _ => return None,
        }
        let methods = self.router.methods(request.uri.path());
        if !methods.is_empty() {
            let methods = quote::list(&methods, "and");
            return Some(format!("no route for this method; the path has {methods}"));
        }
        let routes: Vec<_> = self.listing.iter().filter(|route| !route.is_invocation()).collect();
        let named = routes.iter().take(LISTED);
        let mut named: Vec<_> =
            named.map(|route| format!("{} {}", route.method, route.path)).collect();
        if let more @ 1.. = routes.len().saturating_sub(LISTED) {
            named.push(format!("{more} more"));
        }
        Some(match (routes.len(), self.listing.first()) {
            (0, None) => "no route; the project has no function".to_owned(),
            (0, Some(ListedRoute { function, .. })) => {
                format!("no route; there is none, use `scaffold invoke {function}`")
            }
            (1, _) => format!("no route; there is {}", quote::list(&named, "and")),
            _ => format!("no route; there are {}", quote::list(&named, "and")),
        })
    }

    /// All functions, in the order of their names.
    pub(crate) fn functions(&self) -> impl Iterator<Item = &FunctionConfiguration> {
        self.functions.values().map(|pool| &*pool.function)
    }

    /// The function of this name in the template.
    pub(crate) fn function(&self, name: &str) -> Option<&Arc<Pool>> {
        self.functions.get(name)
    }

    /// The function that a client of Lambda names: by a name or an ARN, with or without a version. The
    /// name can be that on AWS, that in the template, or the logical id in a nested template.
    pub(crate) fn named(&self, name: &str) -> Option<&Arc<Pool>> {
        let name = name.split_once(":function:").map_or(name, |(_, name)| name);
        let name = name.split(':').next().unwrap_or(name);
        let own = self.function_names.get(name).map_or(name, String::as_str);
        self.function(own).or_else(|| {
            let mut nested = self.functions.iter().filter(|(own, _)| logical_id(own) == name);
            nested.next().map(|(_, pool)| pool)
        })
    }

    fn has(&self, pool: &Arc<Pool>) -> bool {
        self.function(&pool.function.name).is_some_and(|own| Arc::ptr_eq(own, pool))
    }
}

/// The deployment that serves requests, until the next one replaces it. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct CurrentDeployment(watch::Sender<State>);

#[derive(Debug, Default)]
struct State {
    deployment: Option<Arc<Deployment>>,
    is_building: bool,
    /// The errors of the last build, if it has failed.
    failure: Option<Arc<str>>,
    /// The number of builds that have succeeded.
    version: u64,
    /// The duration of the last of them.
    took: Duration,
}

/// What happens to a request while the deployment is older than the files of the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OldVersion {
    /// The deployment serves it.
    Serve,
    /// It waits for the build that is running.
    Wait,
    /// It waits, and gets the errors of a build that fails.
    Refuse,
}

/// What serves a request.
#[derive(Debug)]
pub(crate) struct Serving {
    /// `None` if nothing has been built.
    pub(crate) deployment: Option<Arc<Deployment>>,
    /// The files of the project have changed since it was built.
    pub(crate) is_old: bool,
    /// The errors of the last build, if it has failed.
    pub(crate) failure: Option<Arc<str>>,
    /// The number of the build that it is.
    pub(crate) version: u64,
    /// The duration of that build.
    pub(crate) took: Duration,
    pub(crate) is_building: bool,
}

impl State {
    fn serving(&self) -> Serving {
        let Self { deployment, is_building, failure, version, took } = self;
        Serving {
            deployment: deployment.clone(),
            is_old: *is_building || failure.is_some(),
            failure: failure.clone(),
            version: *version,
            took: *took,
            is_building: *is_building,
        }
    }
}

impl CurrentDeployment {
    /// No deployment yet; the first one is being built.
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(State { is_building: true, ..State::default() }))
    }

    pub(crate) fn get(&self) -> Option<Arc<Deployment>> {
        self.0.borrow().deployment.clone()
    }

    /// Returns what serves requests now.
    pub(crate) fn serving(&self) -> Serving {
        self.0.borrow().serving()
    }

    /// Returns a receiver that tells when a build starts, fails or is served.
    pub(crate) fn changes(&self) -> watch::Receiver<impl Sized + use<>> {
        self.0.subscribe()
    }

    /// Returns what serves a request. Waits for the deployment that is being built if there is no other, or
    /// if `wait` is set.
    pub(crate) async fn for_request(&self, wait: bool) -> Serving {
        let is_ready = |state: &State| !state.is_building || (state.deployment.is_some() && !wait);
        {
            let state = self.0.borrow();
            if is_ready(&state) {
                return state.serving();
            }
        }
        let mut states = self.0.subscribe();
        // Waiting fails only without the sender, and `self` has it.
        match states.wait_for(is_ready).await {
            Ok(state) => state.serving(),
            Err(_) => State::default().serving(),
        }
    }

    /// Waits until a deployment has been built.
    pub(crate) async fn built(&self) -> Arc<Deployment> {
        let mut states = self.0.subscribe();
        loop {
            if let Ok(state) = states.wait_for(|state| state.deployment.is_some()).await
                && let Some(deployment) = &state.deployment
            {
                return Arc::clone(deployment);
            }
        }
    }

    /// Waits until another deployment has replaced this one.
    pub(crate) async fn replaced(&self, previous: &Arc<Deployment>) {
        let mut states = self.0.subscribe();
        let is_other = |other: &Arc<Deployment>| !Arc::ptr_eq(other, previous);
        // Waiting fails only without the sender, and `self` has it.
        let _ = states.wait_for(|state| state.deployment.as_ref().is_some_and(is_other)).await;
    }

    /// Announces that another deployment is being built.
    pub(crate) fn start_build(&self) {
        self.0.send_modify(|state| state.is_building = true);
    }

    /// Announces that the console has something new to show.
    pub(crate) fn announce(&self) {
        self.0.send_modify(|_| ());
    }

    /// Announces that the build has failed with these errors: the previous deployment stays.
    pub(crate) fn fail_build(&self, errors: &str) {
        self.0.send_modify(|state| {
            state.is_building = false;
            state.failure = Some(errors.into());
        });
    }

    /// Replaces the deployment with one that took so long to build; returns the names of the functions that
    /// have changed.
    pub(crate) fn replace(&self, deployment: Deployment, took: Duration) -> Vec<String> {
        let deployment = Arc::new(deployment);
        let mut previous = None;
        self.0.send_modify(|state| {
            state.is_building = false;
            state.failure = None;
            state.version += 1;
            state.took = took;
            previous = state.deployment.replace(Arc::clone(&deployment));
        });
        let previous = previous.as_deref();
        let retired = previous.iter().flat_map(|previous| previous.functions.values());
        retired.filter(|pool| !deployment.has(pool)).for_each(|pool| pool.retire().detach_all());
        let changed = deployment
            .functions
            .iter()
            .filter(|(_, pool)| !previous.is_some_and(|previous| previous.has(pool)));
        changed.map(|(name, _)| name.clone()).collect()
    }

    /// Stops the functions that are not busy, as Lambda does.
    pub(crate) async fn shut_down(&self) {
        let Some(deployment) = self.get() else { return };
        let retired: Vec<_> = deployment.functions.values().map(|pool| pool.retire()).collect();
        for stopping in retired {
            stopping.join_all().await;
        }
    }
}
