//! Compares a function with its settings, and carries out the difference.

use std::cell::RefCell;

use serde::Serialize;
use serde_json::{Value, json};

use super::alias::AliasPlan;
use super::artifacts::{BuildOptions, BuiltCode, BuiltContent};
use super::client::Client;
use super::function::{Code, DeployedFunction, FunctionPlan};
use super::http_api::{ApiPlan, DeployedApi};
use super::image::Repository;
use super::log_group;
use super::permission;
use super::plan::{self, Action, Change};
use super::project::Project;
use super::role::{self, Role};
use super::settings::Settings;
use super::url::{DeployedUrl, UrlPlan};
use crate::cli::DirectArgs;
use crate::term::error::{Error, Result};
use crate::term::style::STATUS;
use crate::term::{escape, message, progress, quote};

/// A deployment as the command line asks for it.
#[derive(Debug)]
pub(crate) struct DirectDeployment {
    project: Project,
    settings: Settings,
    options: BuildOptions,
    dry_run: bool,
}

/// The result of a deployment.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    pub(crate) function: String,
    pub(crate) region: String,
    pub(crate) changes: Vec<Change>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// The addresses of the function.
    pub(crate) urls: Vec<String>,
}

/// The parts of a deployment that are complete.
#[derive(Debug, Default)]
pub(crate) struct Completed(RefCell<Vec<String>>);

/// The plans for everything that belongs to a function.
struct Plans {
    role: Option<RolePlan>,
    repository: Option<Change>,
    function: FunctionPlan,
    alias: Option<AliasPlan>,
    url: Option<UrlPlan>,
    api: Option<ApiPlan>,
    /// The endpoints that are no longer wanted.
    deletes_url: bool,
    deletes_api: bool,
}

/// The change of an execution role that belongs to the function.
struct RolePlan {
    change: Change,
    role: Option<Role>,
    /// The policies to attach.
    missing: Vec<&'static str>,
}

/// A function on AWS, with what leads to it.
struct Deployed {
    function: Option<DeployedFunction>,
    url: Option<DeployedUrl>,
    api: Option<DeployedApi>,
    /// The ids of the statements of its policy.
    policy: Vec<String>,
}

impl DirectDeployment {
    /// Decides what to deploy.
    pub(crate) fn resolve(arguments: DirectArgs) -> Result<Self> {
        let project = Project::find(&arguments)?;
        let architecture = match (arguments.arch, project.has_template) {
            (Some(architecture), _) => architecture,
            (None, true) => project.function.architecture.clone()?,
            (None, false) => match project.source.architecture()? {
                Some(architecture) => architecture,
                None => project.function.architecture.clone()?,
            },
        };
        let settings = Settings::resolve(&project, arguments.settings, architecture)?;
        let options = BuildOptions {
            method: arguments.method.into(),
            add_target: arguments.add_target,
            include: arguments.include,
            allow: arguments.allow,
            more: arguments.more,
        };
        Ok(Self { project, settings, options, dry_run: arguments.dry_run })
    }

    /// Builds the code, and changes what differs on AWS.
    pub(crate) async fn run(self, completed: &Completed) -> Result<Outcome> {
        let Self { project, mut settings, options, dry_run } = self;
        // Before the build, which takes long.
        let client = Client::find().await?;
        let function = DeployedFunction::read(&client, &settings.name).await?;
        check_owner(function.as_ref())?;
        let Project { function: source, source: code, .. } = project;
        let built = if settings.is_image {
            code.image(&settings.name, &source, settings.architecture, options).await?
        } else {
            code.zip(&source, settings.architecture, options).await?
        };
        settings.complete(&built.handlers)?;

        let deployed = Deployed::read(&client, &settings, function).await?;
        let repository = match &built.content {
            BuiltContent::Image(_) => Repository::read(&client, &settings.name).await?,
            BuiltContent::Zip(_) => None,
        };
        let repository = repository.map(Repository::check).transpose()?;
        let plans = Plans::new(&client, &settings, &deployed, &built, repository.as_ref()).await?;
        let changes = plans.changes(&settings);
        let is_changed = changes.iter().any(Change::is_change);
        if dry_run || is_changed {
            let Settings { name, .. } = &settings;
            plan::print(&format!("plan for `{name}` in {}:", client.region), &changes);
        }
        let mut outcome = Outcome {
            function: settings.name.clone(),
            region: client.region.clone(),
            changes,
            arn: deployed.function.as_ref().map(|it| it.text("/FunctionArn").to_owned()),
            version: None,
            urls: deployed.addresses(&plans),
        };
        if dry_run {
            return Ok(outcome);
        }
        if !is_changed {
            let name = escape::line(&settings.name);
            message::note(format_args!("{STATUS}ok:{STATUS:#} `{name}` is up to date"));
            return Ok(outcome);
        }
        let work = Work { client: &client, settings: &settings, completed };
        work.apply(plans, deployed, built, repository, &mut outcome).await?;
        Ok(outcome)
    }
}

/// Refuses functions that `CloudFormation` manages, and mentions those of somebody else.
fn check_owner(function: Option<&DeployedFunction>) -> Result<()> {
    let Some(function) = function else { return Ok(()) };
    let name = function.text("/FunctionName");
    if let Some(stack) = function.stack() {
        return Err(Error::new(format!(
            "the function `{name}` belongs to the CloudFormation stack `{stack}`"
        ))
        .hint("run `scaffold deploy` to update it with SAM, or choose another name with `--function-name`"));
    }
    if !function.is_own() {
        let text = format!("`{name}` exists, and `scaffold deploy --direct` did not create it");
        let text = escape::line(&text);
        message::note(format_args!("{STATUS}note:{STATUS:#} {text}"));
    }
    Ok(())
}

impl Deployed {
    async fn read(
        client: &Client,
        settings: &Settings,
        function: Option<DeployedFunction>,
    ) -> Result<Self> {
        let Some(function) = function else {
            let api = match settings.endpoints.api {
                Some(_) => DeployedApi::read(client, &settings.name).await?,
                None => None,
            };
            return Ok(Self { function: None, url: None, api, policy: Vec::new() });
        };
        let input = qualified(settings);
        let (url, policy) =
            tokio::join!(DeployedUrl::read(client, &input), permission::read(client, &input),);
        let policy = policy?;
        // The permission to read APIs is needed only if there is one.
        let may_have_api = policy.iter().any(|id| id.starts_with(&permission::http_api_id("")));
        let api = if settings.endpoints.api.is_some() || may_have_api {
            DeployedApi::read(client, &settings.name).await?
        } else {
            None
        };
        Ok(Self { function: Some(function), url: url?, api, policy })
    }

    /// Returns the addresses that stay.
    fn addresses(&self, plans: &Plans) -> Vec<String> {
        let url = self.url.as_ref().filter(|_| !plans.deletes_url).map(DeployedUrl::address);
        let api = self.api.as_ref().filter(|_| !plans.deletes_api).map(|api| api.address.as_str());
        url.into_iter().chain(api).map(str::to_owned).collect()
    }
}

/// Returns the function or its alias, as operations take it.
fn qualified(settings: &Settings) -> Value {
    match &settings.alias {
        Some(alias) => json!({ "FunctionName": settings.name, "Qualifier": alias }),
        None => json!({ "FunctionName": settings.name }),
    }
}

/// Returns the ARN of the function or its alias.
fn target(settings: &Settings, arn: &str) -> String {
    match &settings.alias {
        Some(alias) => format!("{arn}:{alias}"),
        None => arn.to_owned(),
    }
}

impl Plans {
    async fn new(
        client: &Client,
        settings: &Settings,
        deployed: &Deployed,
        built: &BuiltCode,
        repository: Option<&Repository>,
    ) -> Result<Self> {
        let existing = deployed.function.as_ref();
        let role = RolePlan::new(client, settings, existing).await?;
        let (image_code, code);
        let code = match &built.content {
            BuiltContent::Zip(code) => code,
            BuiltContent::Image(image) => {
                image_code = image.code(repository);
                code = &image_code;
                code
            }
        };
        let function = FunctionPlan::new(settings, code, existing)?;
        let alias = match &settings.alias {
            Some(alias) => {
                let changes = function.change.is_change();
                let name = &settings.name;
                Some(AliasPlan::read(client, alias, name, existing, changes).await?)
            }
            None => None,
        };
        let endpoints = &settings.endpoints;
        let (url, policy) = (deployed.url.as_ref(), &deployed.policy);
        let arn = existing.map(|it| target(settings, it.text("/FunctionArn")));
        let api = deployed.api.as_ref();
        let removes = !endpoints.keep && existing.is_some_and(DeployedFunction::is_own);
        let is_image = matches!(built.content, BuiltContent::Image(_));
        let repository = (is_image && repository.is_none()).then(|| Change {
            action: Action::Create,
            resource: "repository",
            name: Repository::name_for(&settings.name),
            differences: Vec::new(),
        });
        Ok(Self {
            role,
            repository,
            function,
            alias,
            url: endpoints.url.as_ref().map(|it| UrlPlan::new(it, url, policy)),
            api: endpoints.api.as_ref().map(|it| ApiPlan::new(it, api, arn.as_deref(), policy)),
            deletes_url: removes && endpoints.url.is_none() && url.is_some(),
            deletes_api: removes && endpoints.api.is_none() && api.is_some(),
        })
    }

    /// Returns all changes, in the order in which they are made.
    fn changes(&self, settings: &Settings) -> Vec<Change> {
        let copy = |change: &Change| Change {
            name: change.name.clone(),
            differences: change.differences.clone(),
            ..*change
        };
        let is_new = self.function.change.action == Action::Create;
        let log_group = is_new.then(|| Change {
            action: Action::Create,
            resource: "log group",
            name: log_group::name(&settings.name),
            differences: Vec::new(),
        });
        let mut changes: Vec<Change> =
            self.role.iter().map(|role| copy(&role.change)).chain(log_group).collect();
        changes.extend(self.repository.iter().map(copy));
        changes.push(copy(&self.function.change));
        changes.extend(self.alias.iter().map(|alias| copy(&alias.change)));
        changes.extend(self.url.iter().map(|url| copy(&url.change)));
        changes.extend(self.api.iter().map(|api| copy(&api.change)));
        changes.extend(self.deletes_url.then(|| Change::deletion("function URL", "")));
        changes.extend(self.deletes_api.then(|| Change::deletion("HTTP API", "")));
        changes
    }
}

impl RolePlan {
    /// Compares the role of the function with what it needs; `None` if the user names one, or the function has one
    /// of somebody else.
    async fn new(
        client: &Client,
        settings: &Settings,
        existing: Option<&DeployedFunction>,
    ) -> Result<Option<Self>> {
        let name = role::name(&settings.name, &client.region);
        if settings.role.is_some() {
            return Ok(None);
        }
        if let Some(function) = existing
            && (!function.text("/Role").ends_with(&format!("/{name}"))
                || settings.tracing != Some(true))
        {
            return Ok(None);
        }
        let role = Role::read(client, &name, &settings.name).await?.map(Role::check).transpose()?;
        let tracing = settings.tracing == Some(true);
        let (action, missing) = match &role {
            Some(role) => {
                let missing = role.missing(tracing);
                (if missing.is_empty() { Action::Unchanged } else { Action::Update }, missing)
            }
            None => (Action::Create, Role::needed(tracing)),
        };
        let differences = missing.iter().map(|policy| format!("attach `{policy}`")).collect();
        let change = Change { action, resource: "role", name, differences };
        Ok(Some(Self { change, role, missing }))
    }

    /// Creates the role or attaches policies, and returns its ARN.
    async fn apply(self, client: &Client, function: &str, completed: &Completed) -> Result<String> {
        let Self { change, role, missing } = self;
        let what = format!("the role `{}`", change.name);
        let role = match role {
            Some(role) => role,
            None => {
                let create = Role::create(client, &change.name, function);
                progress::step("creating", &what, create).await?
            }
        };
        completed.add(what);
        role.attach(client, &missing).await?;
        Ok(role.arn)
    }
}

/// The changes while they are made.
struct Work<'a> {
    client: &'a Client,
    settings: &'a Settings,
    completed: &'a Completed,
}

impl Work<'_> {
    /// Makes the changes, in an order in which each can be repeated if a later one fails.
    async fn apply(
        &self,
        plans: Plans,
        deployed: Deployed,
        built: BuiltCode,
        repository: Option<Repository>,
        outcome: &mut Outcome,
    ) -> Result<()> {
        let Self { client, settings, completed } = *self;
        let name = &settings.name;
        let Plans { role, function, alias, url, api, deletes_url, deletes_api, .. } = plans;
        let mut role_arn = settings.role.clone().unwrap_or_default();
        if let Some(plan) = role.filter(|it| it.change.is_change() || deployed.function.is_none()) {
            role_arn = plan.apply(client, name, completed).await?;
        }
        let code = self.code(built, repository).await?;
        if function.change.is_change() {
            if deployed.function.is_none() {
                log_group::create(client, name).await;
            }
            function.apply(client, settings, &code, &role_arn).await?;
            completed.add(format!("the function `{name}`"));
        }
        let configuration = client.settle(&json!({ "FunctionName": name })).await?;
        let arn = configuration.get("FunctionArn").and_then(Value::as_str).unwrap_or_default();
        outcome.arn = Some(arn.to_owned());
        if let Some(alias) = alias.filter(|it| it.change.is_change()) {
            outcome.version = Some(alias.apply(client, name).await?);
            completed.add(format!("the alias `{}`", alias.change.name));
        }
        let input = qualified(settings);
        let mut urls = Vec::new();
        match url {
            Some(plan) if plan.change.is_change() => {
                urls.push(plan.apply(client, &input).await?);
                completed.add("the function URL".to_owned());
            }
            Some(_) => urls.extend(deployed.url.as_ref().map(|it| it.address().to_owned())),
            None if deletes_url => DeployedUrl::delete(client, &input, &deployed.policy).await?,
            None => urls.extend(deployed.url.as_ref().map(|it| it.address().to_owned())),
        }
        match (api, &settings.endpoints.api) {
            (Some(plan), Some(api)) if plan.change.is_change() => {
                let target = target(settings, arn);
                urls.push(plan.apply(client, api, deployed.api, &input, &target).await?);
                completed.add("the HTTP API".to_owned());
            }
            _ => match deployed.api {
                Some(api) if deletes_api => {
                    api.delete(client).await?;
                    permission::remove(client, &input, &permission::http_api_id(&api.id)).await?;
                }
                api => urls.extend(api.map(|api| api.address)),
            },
        }
        outcome.urls = urls;
        Ok(())
    }

    /// Pushes an image to the repository of the function, which is created if there is none.
    async fn code(&self, built: BuiltCode, repository: Option<Repository>) -> Result<Code> {
        let image = match built.content {
            BuiltContent::Zip(code) => return Ok(code),
            BuiltContent::Image(image) => image,
        };
        let repository = match repository {
            Some(repository) => repository,
            None => Repository::create(self.client, &self.settings.name).await?,
        };
        self.completed.add(format!("the repository `{}`", repository.name));
        image.push(self.client, &repository).await?;
        Ok(image.code(Some(&repository)))
    }
}

impl Completed {
    fn add(&self, what: String) {
        self.0.borrow_mut().push(what);
    }

    /// Prints what a deployment has done before it failed, and how to go on.
    pub(crate) fn print(&self) {
        let completed = self.0.borrow();
        if completed.is_empty() {
            return;
        }
        let list = quote::list(&completed, "and");
        message::warn_with_hint(
            &format!("the deployment is not complete; done: {list}"),
            "run the same command again: it continues with the rest",
        );
    }
}
