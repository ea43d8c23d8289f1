//! The functions that are served, and their replacement by the next build.

use std::collections::BTreeMap;
use std::sync::Arc;

use tempfile::TempPath;
use tokio::sync::watch;

use crate::local::gateway::Router;
use crate::local::lambda::{FunctionConfiguration, Log, Pool};
use crate::sam::{Application, logical_id};

/// One build of all functions, with their routes.
#[derive(Debug)]
pub(crate) struct Deployment {
    pub(crate) router: Router,
    /// By the names in the template.
    functions: BTreeMap<String, Arc<Pool>>,
    /// The names in the template by those on AWS.
    function_names: BTreeMap<String, String>,
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
        Self { router: Router::new(application), functions, function_names }
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
}

impl CurrentDeployment {
    /// No deployment yet; the first one is being built.
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(State { deployment: None, is_building: true }))
    }

    pub(crate) fn get(&self) -> Option<Arc<Deployment>> {
        self.0.borrow().deployment.clone()
    }

    /// The deployment for a request. Waits for the one that is being built if there is no other, or if
    /// `wait` is set. `None` if nothing has been built.
    pub(crate) async fn for_request(&self, wait: bool) -> Option<Arc<Deployment>> {
        {
            let state = self.0.borrow();
            if let (Some(deployment), false) = (&state.deployment, wait && state.is_building) {
                return Some(Arc::clone(deployment));
            }
        }
        let mut states = self.0.subscribe();
        let state =
            states.wait_for(|state| !state.is_building || (state.deployment.is_some() && !wait));
        // Waiting fails only without the sender, and `self` has it.
        state.await.ok()?.deployment.clone()
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

    /// Announces that the build has failed: the previous deployment stays.
    pub(crate) fn fail_build(&self) {
        self.0.send_modify(|state| state.is_building = false);
    }

    /// Replaces the deployment; returns the names of the functions that have changed.
    pub(crate) fn replace(&self, deployment: Deployment) -> Vec<String> {
        let deployment = Arc::new(deployment);
        let mut previous = None;
        self.0.send_modify(|state| {
            state.is_building = false;
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
