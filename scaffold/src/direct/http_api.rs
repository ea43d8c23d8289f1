//! The HTTP API of a function: its routes, its stage, and the permission to invoke the function.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::client::Client;
use super::permission;
use super::permission::merged;
use super::plan::{Action, Change};
use super::settings::ApiSettings;
use super::tag;
use super::url;
use crate::aws::aws_cli::Service;
use crate::sam::PayloadFormat;
use crate::term::error::Result;
use crate::term::progress;

const STAGE: &str = "$default";

/// An HTTP API that a deployment has created for a function.
#[derive(Debug)]
pub(crate) struct DeployedApi {
    pub(crate) id: String,
    pub(crate) address: String,
    cors: Value,
    /// By payload format: the id and the ARN of the function.
    integrations: BTreeMap<String, (String, String)>,
    /// By route key: the id and the target.
    routes: BTreeMap<String, (String, String)>,
    has_stage: bool,
}

/// The change of an HTTP API.
#[derive(Debug)]
pub(crate) struct ApiPlan {
    pub(crate) change: Change,
    cors: Value,
    changes_cors: bool,
}

impl DeployedApi {
    /// Finds the API of a function.
    pub(crate) async fn read(client: &Client, function: &str) -> Result<Option<Self>> {
        let what = "read the HTTP APIs";
        let apis = client.call(Service::ApiGatewayV2, "get-apis", &json!({}), what).await?;
        let is_own = |api: &&Value| tag::is_in_map(api.get("Tags"), function);
        let Some(api) = items(&apis).find(is_own) else { return Ok(None) };
        let id = text(api, "ApiId");
        let input = json!({ "ApiId": id });
        let (integrations, routes, stages) = tokio::join!(
            client.call(Service::ApiGatewayV2, "get-integrations", &input, what),
            client.call(Service::ApiGatewayV2, "get-routes", &input, what),
            client.call(Service::ApiGatewayV2, "get-stages", &input, what),
        );
        let by_name = |list: &Value, [name, id, value]: [&str; 3]| {
            let entry = |it: &Value| (text(it, name), (text(it, id), text(it, value)));
            items(list).map(entry).collect()
        };
        Ok(Some(Self {
            address: text(api, "ApiEndpoint"),
            cors: api.get("CorsConfiguration").cloned().unwrap_or_else(|| json!({})),
            integrations: by_name(
                &integrations?,
                ["PayloadFormatVersion", "IntegrationId", "IntegrationUri"],
            ),
            routes: by_name(&routes?, ["RouteKey", "RouteId", "Target"]),
            has_stage: items(&stages?).any(|stage| text(stage, "StageName") == STAGE),
            id,
        }))
    }

    /// Deletes it, and the permission to invoke the function.
    pub(crate) async fn delete(&self, client: &Client) -> Result<()> {
        let input = json!({ "ApiId": self.id });
        let what = format!("delete the HTTP API `{}`", self.id);
        let delete = client.find_one(Service::ApiGatewayV2, "delete-api", &input, &what);
        progress::step("deleting", &format!("the HTTP API {}", self.id), delete).await.map(drop)
    }
}

impl ApiPlan {
    /// Compares an API with the one on AWS. `target` is the ARN of the function or its alias, if it exists, and
    /// `policy` has the ids of the statements of its policy.
    pub(crate) fn new(
        settings: &ApiSettings,
        deployed: Option<&DeployedApi>,
        target: Option<&str>,
        policy: &[String],
    ) -> Self {
        let cors = settings.cors.as_ref().map_or_else(|| json!({}), url::cors);
        let mut differences = Vec::new();
        let mut changes_cors = settings.cors.is_some();
        if let Some(deployed) = deployed {
            let formats = |key: &str| settings.routes.iter().find(|(other, _)| other == key);
            for (key, format) in &settings.routes {
                let integration = deployed.integrations.get(version(*format));
                let is_reached = integration.is_some_and(|(id, uri)| {
                    Some(uri.as_str()) == target
                        && deployed
                            .routes
                            .get(key)
                            .is_some_and(|(_, target)| *target == format!("integrations/{id}"))
                });
                match deployed.routes.get(key) {
                    None => differences.push(format!("add `{key}`")),
                    Some(_) if !is_reached => differences.push(format!("change `{key}`")),
                    Some(_) => {}
                }
            }
            let superfluous = deployed.routes.keys().filter(|key| formats(key).is_none());
            differences.extend(superfluous.map(|key| format!("remove `{key}`")));
            changes_cors = url::normalized(&deployed.cors) != url::normalized(&cors);
            if changes_cors {
                differences.push("CORS".to_owned());
            }
            if !deployed.has_stage {
                differences.push(format!("add the stage `{STAGE}`"));
            }
            let id = permission::http_api_id(&deployed.id);
            if !policy.contains(&id) {
                differences.push(format!("add the statement `{id}`"));
            }
        } else {
            differences.extend(settings.routes.iter().map(|(key, _)| format!("`{key}`")));
        }
        let action = match deployed {
            Some(_) => Action::for_existing(&differences),
            None => Action::Create,
        };
        let change = Change { action, resource: "HTTP API", name: String::new(), differences };
        Self { change, cors, changes_cors }
    }

    /// Creates or changes the API, and returns its address. `function` is the function or its alias, as operations
    /// take it, and `target` its ARN.
    pub(crate) async fn apply(
        &self,
        client: &Client,
        settings: &ApiSettings,
        deployed: Option<DeployedApi>,
        function: &Value,
        target: &str,
    ) -> Result<String> {
        let name = function.get("FunctionName").and_then(Value::as_str).unwrap_or_default();
        let mut api = match deployed {
            Some(api) => {
                if self.changes_cors {
                    self.change_cors(client, &api).await?;
                }
                api
            }
            None => self.create(client, name).await?,
        };
        for (key, format) in &settings.routes {
            let id = integrate(client, &mut api, *format, target).await?;
            route(client, &api, key, &format!("integrations/{id}")).await?;
        }
        for (key, (id, _)) in &api.routes {
            if settings.routes.iter().all(|(other, _)| other != key) {
                let input = json!({ "ApiId": api.id, "RouteId": id });
                let what = format!("delete the route `{key}`");
                let delete = client.find_one(Service::ApiGatewayV2, "delete-route", &input, &what);
                progress::step("deleting", &format!("the route `{key}`"), delete).await?;
            }
        }
        if !api.has_stage {
            let input = json!({ "ApiId": api.id, "StageName": STAGE, "AutoDeploy": true });
            let what = format!("create the stage `{STAGE}`");
            let create = client.call(Service::ApiGatewayV2, "create-stage", &input, &what);
            progress::step("creating", &format!("the stage `{STAGE}`"), create).await?;
        }
        permission::add(client, function, &permission::http_api(&api.id, target)).await?;
        Ok(api.address)
    }

    async fn create(&self, client: &Client, name: &str) -> Result<DeployedApi> {
        let input = json!({ "Name": name, "ProtocolType": "HTTP", "Tags": tag::map(name) });
        let cors = json!({ "CorsConfiguration": self.cors });
        let input = if self.changes_cors { merged(&input, &cors) } else { input };
        let create =
            client.call(Service::ApiGatewayV2, "create-api", &input, "create the HTTP API");
        let api = progress::step("creating", "the HTTP API", create).await?;
        Ok(DeployedApi {
            id: text(&api, "ApiId"),
            address: text(&api, "ApiEndpoint"),
            cors: self.cors.clone(),
            integrations: BTreeMap::new(),
            routes: BTreeMap::new(),
            has_stage: false,
        })
    }

    async fn change_cors(&self, client: &Client, api: &DeployedApi) -> Result<()> {
        let what = "change the CORS configuration of the HTTP API";
        let is_removed = url::normalized(&self.cors) == json!({});
        let (operation, input) = if is_removed {
            ("delete-cors-configuration", json!({ "ApiId": api.id }))
        } else {
            ("update-api", json!({ "ApiId": api.id, "CorsConfiguration": self.cors }))
        };
        client.call(Service::ApiGatewayV2, operation, &input, what).await.map(drop)
    }
}

/// Creates or changes the integration for a payload format, and returns its id.
async fn integrate(
    client: &Client,
    api: &mut DeployedApi,
    format: PayloadFormat,
    target: &str,
) -> Result<String> {
    let format = version(format);
    let input = json!({
        "ApiId": api.id,
        "IntegrationType": "AWS_PROXY",
        "IntegrationMethod": "POST",
        "IntegrationUri": target,
        "PayloadFormatVersion": format,
    });
    let (operation, input) = match api.integrations.get(format) {
        Some((id, uri)) if uri == target => return Ok(id.clone()),
        Some((id, _)) => ("update-integration", merged(&input, &json!({ "IntegrationId": id }))),
        None => ("create-integration", input),
    };
    let what = "lead the HTTP API to the function";
    let output = client.call(Service::ApiGatewayV2, operation, &input, what).await?;
    let id = text(&output, "IntegrationId");
    api.integrations.insert(format.to_owned(), (id.clone(), target.to_owned()));
    Ok(id)
}

/// Creates a route, or changes its target.
async fn route(client: &Client, api: &DeployedApi, key: &str, target: &str) -> Result<()> {
    let input = json!({ "ApiId": api.id, "RouteKey": key, "Target": target });
    let (operation, verb, input) = match api.routes.get(key) {
        Some((_, old)) if old == target => return Ok(()),
        Some((id, _)) => ("update-route", "updating", merged(&input, &json!({ "RouteId": id }))),
        None => ("create-route", "creating", input),
    };
    let what = format!("set the route `{key}`");
    let set = client.call(Service::ApiGatewayV2, operation, &input, &what);
    progress::step(verb, &format!("the route `{key}`"), set).await.map(drop)
}

fn version(format: PayloadFormat) -> &'static str {
    match format {
        PayloadFormat::V1 => "1.0",
        PayloadFormat::V2 => "2.0",
    }
}

fn items(output: &Value) -> impl Iterator<Item = &Value> {
    output.get("Items").and_then(Value::as_array).into_iter().flatten()
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}
