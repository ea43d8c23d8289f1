//! What answers: one version of all functions, and the next one.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

use super::build::Built;
use super::plan::Plan;
use crate::application::logical_id;
use crate::emulator::{DEBUG_TIMEOUT, Function, Log, Pool};
use crate::gateway::Router;

/// All functions, built at one time.
#[derive(Debug)]
pub(crate) struct Version {
    pub(crate) router: Router,
    /// By the names in the template.
    functions: BTreeMap<String, Arc<Pool>>,
    /// The names that they have on AWS.
    names: BTreeMap<String, String>,
}

/// How the functions are run.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) concurrency: usize,
    pub(crate) debug: bool,
    pub(crate) log: Arc<Log>,
}

impl Version {
    /// Functions that are as they were before stay, with their instances.
    pub(crate) fn new(
        plan: &Plan,
        built: &[Built],
        before: Option<&Self>,
        settings: &Settings,
    ) -> Self {
        let router = Router::new(&plan.application);
        let mut functions = BTreeMap::new();
        let mut names = BTreeMap::new();
        for ((index, binary), built) in plan.binaries.iter().zip(built) {
            let Some(described) = plan.application.functions.get(*index) else { continue };
            let function = Function {
                name: described.name.clone(),
                executable: built.copy.to_path_buf(),
                folder: binary.folder().to_owned(),
                handler: described.handler.clone().unwrap_or_else(|| binary.name.clone()),
                memory_mb: described.memory_mb,
                timeout: if settings.debug { DEBUG_TIMEOUT } else { described.timeout },
                environment: described.environment.clone(),
                debug: settings.debug,
            };
            let same = before
                .and_then(|before| before.functions.get(&described.name))
                .filter(|pool| *pool.function == function);
            let pool = same.cloned().unwrap_or_else(|| {
                let concurrency = if settings.debug { 1 } else { settings.concurrency };
                Pool::new(function, Arc::clone(&built.copy), concurrency, Arc::clone(&settings.log))
            });
            functions.insert(described.name.clone(), pool);
            if let Some(name) = &described.function_name {
                names.insert(name.clone(), described.name.clone());
            }
        }
        Self { router, functions, names }
    }

    /// The function that the template calls so.
    pub(crate) fn function(&self, name: &str) -> Option<&Arc<Pool>> {
        self.functions.get(name)
    }

    /// The function that clients of Lambda call so: by a name, or by an ARN, with or without a
    /// version; one that is nested by its own name as well.
    pub(crate) fn named(&self, name: &str) -> Option<&Arc<Pool>> {
        let name = name.split_once(":function:").map_or(name, |(_, name)| name);
        let name = name.split(':').next().unwrap_or(name);
        let own = self.names.get(name).map_or(name, String::as_str);
        self.function(own).or_else(|| {
            let mut nested = self.functions.iter().filter(|(own, _)| logical_id(own) == name);
            nested.next().map(|(_, pool)| pool)
        })
    }

    /// Which functions are other ones than before.
    fn changed(&self, before: &Self) -> Vec<&str> {
        let is_new = |name: &str, pool: &Arc<Pool>| {
            before.functions.get(name).is_none_or(|old| !Arc::ptr_eq(old, pool))
        };
        let new = self.functions.iter().filter(|(name, pool)| is_new(name, pool));
        new.map(|(name, _)| name.as_str()).collect()
    }
}

/// The version that answers, and whether another is on its way.
#[derive(Debug)]
pub(crate) struct Current(watch::Sender<State>);

#[derive(Debug, Default)]
struct State {
    version: Option<Arc<Version>>,
    building: bool,
}

impl Current {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(State { version: None, building: true }))
    }

    pub(crate) fn version(&self) -> Option<Arc<Version>> {
        self.0.borrow().version.clone()
    }

    /// The version that is to answer a request that is there now: the next one, where it is on its
    /// way and there is none before it, or `wait` is set. `None` where nothing could be built.
    pub(crate) async fn for_request(&self, wait: bool) -> Option<Arc<Version>> {
        {
            let state = self.0.borrow();
            if let (Some(version), false) = (&state.version, wait && state.building) {
                return Some(Arc::clone(version));
            }
        }
        let mut states = self.0.subscribe();
        let state = states.wait_for(|state| !state.building || (state.version.is_some() && !wait));
        // It fails only without the sender, which is in `self`.
        state.await.ok()?.version.clone()
    }

    /// A file has changed.
    pub(crate) fn building(&self) {
        self.0.send_modify(|state| state.building = true);
    }

    /// The old version goes on.
    pub(crate) fn failed(&self) {
        self.0.send_modify(|state| state.building = false);
    }

    /// From now on `version` answers; gives the names of the functions that are new.
    pub(crate) fn serve(&self, version: Version) -> Vec<String> {
        let version = Arc::new(version);
        let mut before = None;
        self.0.send_modify(|state| {
            state.building = false;
            before = state.version.replace(Arc::clone(&version));
        });
        let Some(before) = before else {
            return version.functions.keys().cloned().collect();
        };
        let is_kept =
            |pool: &Arc<Pool>| version.functions.values().any(|new| Arc::ptr_eq(new, pool));
        for pool in before.functions.values().filter(|pool| !is_kept(pool)) {
            pool.retire();
        }
        version.changed(&before).into_iter().map(str::to_owned).collect()
    }
}
