//! The application that a template describes, as the rest of the program sees it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use regex::Regex;

use super::deployment::DeploymentSettings;
use super::diagnostics::{Diagnostic, Diagnostics};
use crate::aws::{Architecture, DEFAULT_MEMORY_MB, DEFAULT_TIMEOUT};
use crate::term::error::Result;

/// The functions of a template and of the applications nested in it.
#[derive(Debug)]
pub(crate) struct Application {
    /// In the template's order, which decides between equal routes; nested functions come last.
    pub(crate) functions: Vec<TemplateFunction>,
    /// The logical ids and types of the resources that are neither functions nor their APIs.
    pub(crate) others: Vec<(String, String)>,
    pub(super) diagnostics: Diagnostics,
}

/// One function.
#[derive(Debug)]
pub(crate) struct TemplateFunction {
    /// Its logical id, after the ids of the applications that it is nested in: `Shop/Orders`.
    pub(crate) name: String,
    /// `FunctionName`: its name on AWS.
    pub(crate) function_name: Option<String>,
    pub(crate) handler: Option<String>,
    /// The folder of its code, or the build context of its image.
    pub(crate) code: PathBuf,
    /// An error if only a deployment determines it.
    pub(crate) architecture: std::result::Result<Architecture, Diagnostic>,
    /// `PackageType: Image`: a container image instead of a zip.
    pub(crate) is_image: bool,
    /// The name of its container image, which `sam build` writes into the template that it produces.
    pub(crate) image_uri: Option<String>,
    pub(crate) timeout: Duration,
    pub(crate) memory_mb: u32,
    /// The number of invocations that one process handles at a time, if the function has
    /// `CapacityProviderConfig` and runs on Lambda Managed Instances.
    pub(crate) max_concurrency: Option<u16>,
    /// `TenancyConfig`: each execution environment is for one tenant.
    pub(crate) isolates_tenants: bool,
    /// `DurableConfig: ExecutionTimeout`, if it is a durable function: the time for a whole execution.
    pub(crate) execution_timeout: Option<Duration>,
    /// The variables whose values are known before a deployment.
    pub(crate) environment: BTreeMap<String, String>,
    /// The other variables, with what the template says in place of a value: `!Ref Table`.
    pub(crate) unresolved_variables: BTreeMap<String, String>,
    /// `Metadata: BuildProperties: Binary`: its binary in the workspace.
    pub(crate) binary: Option<String>,
    pub(crate) endpoints: Vec<Endpoint>,
    /// The queues and streams that Lambda polls for it.
    pub(crate) mappings: Vec<EventSourceMapping>,
    /// The settings that only a deployment needs.
    pub(crate) deployment: DeploymentSettings,
}

/// A queue or a stream that Lambda polls for a function, and how. The fields are the properties of an event
/// source mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EventSourceMapping {
    pub(crate) kind: SourceKind,
    /// The logical id of the queue, table or stream, or the parameter that has its ARN, or its name.
    pub(crate) name: String,
    /// The ARN, if it is known before a deployment.
    pub(crate) arn: Option<String>,
    /// The resource of the template with this logical id.
    pub(crate) resource: Option<SourceResource>,
    pub(crate) batch_size: usize,
    pub(crate) batching_window: Duration,
    /// `ReportBatchItemFailures`: the function reports which records failed.
    pub(crate) reports_failures: bool,
    /// Patterns in JSON. A record must match one of them, unless there is none.
    pub(crate) filters: Vec<String>,
    /// `StartingPosition: TRIM_HORIZON`: starts at the oldest record instead of the newest.
    pub(crate) from_start: bool,
    /// `None` stands for no limit.
    pub(crate) maximum_retries: Option<u32>,
    pub(crate) maximum_age: Option<Duration>,
    /// `BisectBatchOnFunctionError`.
    pub(crate) bisects: bool,
    /// The properties that only AWS has.
    pub(crate) not_emulated: Vec<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SourceKind {
    Queue,
    TableStream,
    KinesisStream,
}

/// A queue, table or stream that the template creates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceResource {
    /// Its logical id.
    pub(crate) id: String,
    /// Its name on AWS, if the template sets it.
    pub(crate) name: Option<String>,
    /// Its properties as JSON, in which all scalars are strings.
    pub(crate) properties: serde_json::Value,
    /// The dead-letter queue of a queue.
    pub(crate) dead_letters: Option<Box<SourceResource>>,
}

/// A route of an API, or a function URL, that leads to a function.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) api: Arc<Api>,
    /// `None` stands for any method.
    pub(crate) method: Option<Method>,
    /// `/orders/{id}`, `/{proxy+}` or `$default`, as in the template.
    pub(crate) path: String,
    pub(crate) payload_format: PayloadFormat,
    /// The route of a REST API sends the response while the function produces it.
    pub(crate) is_streamed: bool,
    /// The time for which the API waits for the function, if the template sets it.
    pub(crate) integration_timeout: Option<Duration>,
    pub(crate) authorizer: Option<Arc<ApiAuthorizer>>,
    /// The authorizer of the `OPTIONS` method that SAM adds to the paths of a REST API with CORS.
    pub(crate) preflight_authorizer: Option<Arc<ApiAuthorizer>>,
}

/// The payload format version of events and responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PayloadFormat {
    V1,
    V2,
}

/// An API of API Gateway, or a function URL.
#[derive(Debug)]
pub(crate) struct Api {
    /// Its logical id, or that of the function URL's function.
    pub(crate) name: String,
    pub(crate) kind: ApiKind,
    /// `$default`, or the first segment of its paths on AWS.
    pub(crate) stage: String,
    pub(crate) stage_variables: BTreeMap<String, String>,
    pub(crate) cors: Option<Cors>,
    /// The media types that a REST API encodes in base64.
    pub(crate) binary_media_types: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ApiKind {
    Http,
    Rest,
    FunctionUrl {
        /// `InvokeMode: RESPONSE_STREAM`.
        stream: bool,
    },
}

/// The CORS configuration of an API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cors {
    pub(crate) allow_origins: Vec<String>,
    pub(crate) allow_methods: Vec<String>,
    pub(crate) allow_headers: Vec<String>,
    pub(crate) expose_headers: Vec<String>,
    pub(crate) allow_credentials: bool,
    /// In seconds.
    pub(crate) max_age: Option<i64>,
}

/// An authorizer, which decides whether a request may reach a function.
#[derive(Clone, Debug)]
pub(crate) enum ApiAuthorizer {
    /// A function that is invoked for each request.
    Lambda(LambdaAuthorizer),
    /// The tokens of an issuer, which an HTTP API checks.
    Jwt(JwtAuthorizer),
    /// An authorizer that only AWS can evaluate.
    Remote {
        /// `JWT` of a REST API, `Cognito`, `IAM` or `Lambda`.
        kind: &'static str,
        /// Its name in the template; for IAM always `AWS_IAM`.
        name: String,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct JwtAuthorizer {
    /// Its name in the template.
    pub(crate) name: String,
    /// The part of a request that contains the token.
    pub(crate) identity_source: IdentitySource,
    /// `None` if only a deployment determines it.
    pub(crate) issuer: Option<String>,
    /// `None` if only a deployment determines it.
    pub(crate) audience: Option<Vec<String>>,
    /// The scopes of the route, of which a token must have at least one, unless there are none.
    pub(crate) scopes: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct LambdaAuthorizer {
    /// Its name in the template.
    pub(crate) name: String,
    /// The name of its function, as clients of Lambda use it.
    pub(crate) function: String,
    /// Its type is `TOKEN`: it receives only the value of one header.
    pub(crate) is_token: bool,
    /// The parts that a request must have for the authorizer to be invoked.
    pub(crate) identity_sources: Vec<IdentitySource>,
    /// The expression that a token must match.
    pub(crate) validation: Option<Regex>,
    pub(crate) payload_format: PayloadFormat,
    /// `EnableSimpleResponses`: it responds with `isAuthorized` instead of a policy.
    pub(crate) simple_responses: bool,
}

/// A part of a request that identifies the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IdentitySource {
    Header(String),
    Query(String),
    /// A field of the event's `requestContext`.
    Context(String),
    StageVariable(String),
}

impl Application {
    /// The application of a project without a template: the function `name` receives every request,
    /// through the route `$default` of an HTTP API.
    pub(crate) fn single_function(name: &str, folder: &Path) -> Self {
        let function = TemplateFunction {
            name: name.to_owned(),
            function_name: None,
            handler: None,
            code: folder.to_owned(),
            architecture: Ok(Architecture::host().unwrap_or(Architecture::X86_64)),
            is_image: false,
            image_uri: None,
            timeout: DEFAULT_TIMEOUT,
            memory_mb: DEFAULT_MEMORY_MB,
            max_concurrency: None,
            isolates_tenants: false,
            execution_timeout: None,
            environment: BTreeMap::new(),
            unresolved_variables: BTreeMap::new(),
            binary: None,
            endpoints: vec![Endpoint::default()],
            mappings: Vec::new(),
            deployment: DeploymentSettings::default(),
        };
        Self { functions: vec![function], others: Vec::new(), diagnostics: Diagnostics::default() }
    }

    /// The files that the application was read from, the template first.
    pub(crate) fn files(&self) -> &[PathBuf] {
        &self.diagnostics.files
    }

    /// Warnings about the parts that are left out, each with its fix.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = (String, &str)> {
        self.diagnostics.warnings.iter().map(Diagnostic::text)
    }

    /// Fails if the application cannot run as the template says.
    pub(crate) fn check(&self) -> Result<()> {
        self.diagnostics.errors.first().map_or(Ok(()), |error| Err(error.clone().into()))
    }

    /// The distinct architectures of the functions; fails if only a deployment determines one.
    pub(crate) fn architectures(&self) -> Result<Vec<Architecture>> {
        let mut architectures = Vec::new();
        for function in &self.functions {
            let architecture = function.architecture.clone()?;
            if !architectures.contains(&architecture) {
                architectures.push(architecture);
            }
        }
        Ok(architectures)
    }
}

impl TemplateFunction {
    /// Checks whether `name` is its path, its logical id or its name on AWS.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        [&self.name, self.logical_id()].contains(&name)
            || self.function_name.as_deref() == Some(name)
    }

    /// Its logical id in its own template.
    pub(crate) fn logical_id(&self) -> &str {
        logical_id(&self.name)
    }
}

/// Returns the last segment of a name such as `Shop/Orders`.
pub(crate) fn logical_id(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

impl Endpoint {
    /// `GET /orders/{id}`, `ANY /{proxy+}` or `$default`.
    pub(crate) fn route_key(&self) -> String {
        match self.path.as_str() {
            "$default" => "$default".to_owned(),
            path => format!("{} {path}", self.method.as_ref().map_or("ANY", Method::as_str)),
        }
    }
}

impl Default for Endpoint {
    /// The route `$default` of an HTTP API.
    fn default() -> Self {
        Self {
            api: Arc::default(),
            method: None,
            path: "$default".to_owned(),
            payload_format: PayloadFormat::V2,
            is_streamed: false,
            integration_timeout: None,
            authorizer: None,
            preflight_authorizer: None,
        }
    }
}

impl Default for Api {
    /// An HTTP API with the stage `$default`.
    fn default() -> Self {
        Self {
            name: "HttpApi".to_owned(),
            kind: ApiKind::Http,
            stage: "$default".to_owned(),
            stage_variables: BTreeMap::new(),
            cors: None,
            binary_media_types: Vec::new(),
        }
    }
}
