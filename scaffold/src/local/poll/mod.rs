//! `scaffold dev --poll`: polls queues and streams, and invokes the functions as Lambda's event source
//! mappings do.
//!
//! A [`Poller`] has a task for each event source of the template. [`resource`] finds what it polls, [`queue`]
//! and [`stream`] poll it, [`filter`] leaves out records, and [`batch`] invokes the function.

mod batch;
mod filter;
mod queue;
mod resource;
mod source;
mod stream;

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::task::JoinSet;

use self::filter::Filters;
use self::source::{PolledSource, Trouble};
use super::application::LocalApplication;
use super::console::Console;
use super::durable::Executions;
use super::lambda::Log;
use super::server::deployment::CurrentDeployment;
use crate::aws::aws_cli::AwsCli;
use crate::sam::{EventSourceMapping, SourceKind};
use crate::term::error::Result;
use crate::term::{message, quote};

/// The name on AWS of a queue, table or stream of the template: `Orders=orders-queue`.
#[derive(Clone, Debug)]
pub(crate) struct SourceName {
    /// The logical id or the parameter.
    id: String,
    /// The name or the ARN.
    name: String,
}

impl FromStr for SourceName {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text.split_once('=') {
            Some((id, name)) if !id.is_empty() && !name.is_empty() => {
                Ok(Self { id: id.to_owned(), name: name.to_owned() })
            }
            _ => Err("expected ID=NAME, such as `Orders=orders-queue`".to_owned()),
        }
    }
}

/// Polls the event sources of a template. Dropping this stops it.
#[derive(Debug)]
pub(crate) struct Poller {
    aws: Arc<AwsCli>,
    names: Vec<SourceName>,
    current: CurrentDeployment,
    executions: Arc<Executions>,
    log: Arc<Log>,
    console: Option<Arc<Console>>,
    wait: bool,
    sources: Vec<PollTask>,
    has_checked: bool,
}

#[derive(Debug)]
struct PollTask {
    function: String,
    mapping: EventSourceMapping,
    /// Ends its task when it is dropped.
    _task: JoinSet<()>,
}

impl Poller {
    pub(crate) fn new(
        names: Vec<SourceName>,
        current: CurrentDeployment,
        executions: Arc<Executions>,
        log: Arc<Log>,
        console: Option<Arc<Console>>,
        wait: bool,
    ) -> Result<Self> {
        let aws = Arc::new(AwsCli::find()?);
        let sources = Vec::new();
        Ok(Self {
            aws,
            names,
            current,
            executions,
            log,
            console,
            wait,
            sources,
            has_checked: false,
        })
    }

    /// Polls the event sources of these functions from now on. Those that have not changed go on.
    pub(crate) fn update(&mut self, application: &LocalApplication) {
        let functions = application.functions();
        let wanted: Vec<_> = functions
            .flat_map(|(function, _)| function.mappings.iter().map(move |it| (function, it)))
            .collect();
        self.sources.retain(|polled| {
            wanted.iter().any(|(function, mapping)| {
                function.name == polled.function && **mapping == polled.mapping
            })
        });
        if !std::mem::replace(&mut self.has_checked, true) {
            self.check(&wanted.iter().map(|(_, mapping)| *mapping).collect::<Vec<_>>());
        }
        for (function, mapping) in wanted {
            let is_polled =
                |polled: &PollTask| polled.function == function.name && polled.mapping == *mapping;
            if self.sources.iter().any(is_polled) {
                continue;
            }
            let given = self.names.iter().find(|given| given.id == mapping.name);
            let source = Arc::new(PolledSource {
                aws: Arc::clone(&self.aws),
                current: self.current.clone(),
                executions: Arc::clone(&self.executions),
                log: Arc::clone(&self.log),
                console: self.console.clone(),
                wait: self.wait,
                function: function.name.clone(),
                timeout: function.timeout,
                given: given.map(|given| given.name.clone()),
                label: format!("{} {}", mapping.kind.name(), mapping.name),
                mapping: mapping.clone(),
                has_warned: AtomicBool::new(false),
            });
            let mut task = JoinSet::new();
            task.spawn(poll(source));
            let function = function.name.clone();
            self.sources.push(PollTask { function, mapping: mapping.clone(), _task: task });
        }
    }

    /// Warns if there is nothing to poll, or if a name is given for nothing.
    fn check(&self, mappings: &[&EventSourceMapping]) {
        let names: Vec<_> = mappings.iter().map(|mapping| mapping.name.as_str()).collect();
        if names.is_empty() {
            message::warn_with_hint(
                "nothing to poll: no function has an event of the type `SQS`, `DynamoDB` or `Kinesis`",
                "add one to `Events` in `template.yaml`; it is polled once the file is saved",
            );
        }
        for SourceName { id, .. } in self.names.iter().filter(|it| !names.contains(&it.id.as_str()))
        {
            message::warn_with_hint(
                &format!("`--source {id}=…` is not used: no event source has this name"),
                &format!("the event sources are: {}", quote::list_quoted(&names, "and")),
            );
        }
    }
}

async fn poll(source: Arc<PolledSource>) {
    if !source.mapping.not_emulated.is_empty() {
        let names = quote::list_quoted(&source.mapping.not_emulated, "and");
        source.warn(
            &format!("not emulated: {names}"),
            "one batch of each queue and of each shard is handled at a time",
        );
    }
    match Filters::parse(&source.mapping.filters, source.mapping.kind) {
        Ok(filters) if source.mapping.kind == SourceKind::Queue => {
            queue::poll(&source, &filters).await;
        }
        Ok(filters) => stream::poll(source, Arc::new(filters)).await,
        Err(reason) => {
            let hint = "only the operators of Lambda's event filters are known";
            source.report(&Trouble::fatal(reason, hint));
        }
    }
}
