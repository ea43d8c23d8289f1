//! The AWS command line, `aws`: the client of every AWS service that this program calls.
//!
//! Its users have it, because it is what signs them in: it knows all kinds of profiles, SSO and `aws login`.
//! The AWS SDK for Rust with its TLS library would add 85 crates and a C compiler to this program, for calls
//! that are few, or wait for 20 seconds. A call takes about half a second longer this way.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use serde_json::Value;
use tempfile::{NamedTempFile, TempPath};
use tokio::process::Command;

use super::credentials;
use crate::process::programs;
use crate::term::error::{Error, Result};

/// A way to install it.
pub(crate) const INSTALL: &str = "run `pip install awscli`";

/// A service of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    ApiGatewayV2,
    CloudFormation,
    DynamoDb,
    DynamoDbStreams,
    Ecr,
    Iam,
    Kinesis,
    Lambda,
    Logs,
    Sqs,
    Tagging,
}

/// The program.
#[derive(Debug)]
pub(crate) struct AwsCli {
    program: PathBuf,
    /// The region that takes precedence over that of the environment and of the profile.
    region: Option<String>,
    /// The profile that takes precedence over that of the environment.
    profile: Option<String>,
}

/// The failure of a call.
#[derive(Debug)]
pub(crate) struct CallError {
    kind: CallErrorKind,
    /// The output of the program.
    message: String,
}

#[derive(Debug, PartialEq, Eq)]
enum CallErrorKind {
    /// The service returned an error with this code.
    Service(String),
    /// There is nobody at the endpoint, or the connection broke.
    Unreachable,
    /// There are no credentials, or they have expired.
    Credentials,
    NoRegion,
    Other,
}

impl Service {
    /// Its name as a command of the program.
    fn command(self) -> &'static str {
        match self {
            Self::ApiGatewayV2 => "apigatewayv2",
            Self::CloudFormation => "cloudformation",
            Self::DynamoDb => "dynamodb",
            Self::DynamoDbStreams => "dynamodbstreams",
            Self::Ecr => "ecr",
            Self::Iam => "iam",
            Self::Kinesis => "kinesis",
            Self::Lambda => "lambda",
            Self::Logs => "logs",
            Self::Sqs => "sqs",
            Self::Tagging => "resourcegroupstaggingapi",
        }
    }

    /// Returns the endpoint in the environment: "Service-specific endpoints" in the AWS SDKs and Tools
    /// Reference Guide.
    pub(crate) fn endpoint(self) -> Option<String> {
        let own = match self {
            Self::ApiGatewayV2 => "AWS_ENDPOINT_URL_APIGATEWAYV2",
            Self::CloudFormation => "AWS_ENDPOINT_URL_CLOUDFORMATION",
            Self::DynamoDb => "AWS_ENDPOINT_URL_DYNAMODB",
            Self::DynamoDbStreams => "AWS_ENDPOINT_URL_DYNAMODB_STREAMS",
            Self::Ecr => "AWS_ENDPOINT_URL_ECR",
            Self::Iam => "AWS_ENDPOINT_URL_IAM",
            Self::Kinesis => "AWS_ENDPOINT_URL_KINESIS",
            Self::Lambda => "AWS_ENDPOINT_URL_LAMBDA",
            Self::Logs => "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",
            Self::Sqs => "AWS_ENDPOINT_URL_SQS",
            Self::Tagging => "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API",
        };
        let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
        if variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").as_deref() == Some("true") {
            return None;
        }
        variable(own).or_else(|| variable("AWS_ENDPOINT_URL"))
    }

    /// Returns whether its endpoint is an emulator: a server on this machine, or in a container beside it.
    pub(crate) fn is_local(self) -> bool {
        self.endpoint().is_some_and(|url| is_local(&url))
    }
}

/// Returns whether a URL leads to this machine, or to a name without a domain, which no server of AWS has.
fn is_local(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let authority = rest.split('/').next().unwrap_or(rest);
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next(),
        None => authority.split(':').next(),
    };
    host.is_some_and(|host| match host.parse::<std::net::IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => !host.is_empty() && !host.contains('.') || host == "localhost.localstack.cloud",
    })
}

impl AwsCli {
    /// Finds the program on `PATH`.
    pub(crate) fn find() -> Result<Self> {
        let program = programs::find("aws");
        program
            .map(|program| Self { program, region: None, profile: None })
            .ok_or_else(|| Error::new("`aws`, the AWS CLI, is not on `PATH`").hint(INSTALL))
    }

    /// Uses this region and this profile, if they are given, in place of those of the environment.
    pub(crate) fn with(self, region: Option<String>, profile: Option<String>) -> Self {
        Self { region, profile, ..self }
    }

    /// Calls an operation, such as `receive-message`, and returns its result; null if it has none. If the
    /// result has pages, it is that of all of them.
    pub(crate) async fn call(
        &self,
        service: Service,
        operation: &str,
        input: &Value,
    ) -> std::result::Result<Value, CallError> {
        self.run(service, operation, input, &[]).await
    }

    /// Calls an operation with a file as its parameter `ZipFile`. In JSON, version 1 of the program takes bytes
    /// as text and version 2 takes base64; both read a file after `fileb://` as it is.
    pub(crate) async fn upload(
        &self,
        service: Service,
        operation: &str,
        input: &Value,
        zip: &Path,
    ) -> std::result::Result<Value, CallError> {
        let zip = file_url("fileb", zip);
        self.run(service, operation, input, &["--zip-file".as_ref(), &zip]).await
    }

    /// Calls an operation and returns one page of its result.
    pub(crate) async fn call_for_page(
        &self,
        service: Service,
        operation: &str,
        input: &Value,
    ) -> std::result::Result<Value, CallError> {
        self.run(service, operation, input, &["--no-paginate".as_ref()]).await
    }

    /// Invokes a function, however long it takes, and asks for the end of its log. Returns the result of the call and
    /// the payload of the response, which the program writes to a file.
    pub(crate) async fn invoke(
        &self,
        function: &str,
        qualifier: Option<&str>,
        tenant_id: Option<&str>,
        event: &[u8],
    ) -> std::result::Result<(Value, Vec<u8>), CallError> {
        let event = write(event).map_err(CallError::other)?;
        let response = write(&[]).map_err(CallError::other)?;
        let mut command = self.command(Service::Lambda);
        // `--cli-input-json` does not work together with the file.
        command
            .args(["lambda", "invoke", "--invocation-type=RequestResponse", "--log-type=Tail"])
            .arg(format!("--function-name={function}"))
            .args(qualifier.map(|qualifier| format!("--qualifier={qualifier}")))
            .args(tenant_id.map(|tenant_id| format!("--tenant-id={tenant_id}")))
            .args(["--cli-read-timeout", "0", "--payload"])
            .args([file_url("fileb", &event).as_os_str(), response.as_os_str()]);
        let result = finish(command).await?;
        let payload = std::fs::read(&response).map_err(CallError::other)?;
        Ok((result, payload))
    }

    async fn run(
        &self,
        service: Service,
        operation: &str,
        input: &Value,
        arguments: &[&OsStr],
    ) -> std::result::Result<Value, CallError> {
        // In a file: a command line is limited, and shows its arguments to other users.
        let file = write(input.to_string().as_bytes()).map_err(CallError::other)?;
        let mut command = self.command(service);
        command.args([service.command(), operation]).args(arguments);
        // The last argument, for those who read it.
        command.arg("--cli-input-json").arg(file_url("file", &file));
        finish(command).await
    }

    /// Returns the program with its options for this service.
    fn command(&self, service: Service) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(["--output", "json", "--cli-connect-timeout", "10"])
            .env("AWS_PAGER", "")
            .env("AWS_CLI_AUTO_PROMPT", "off")
            // The caller repeats a call that has failed, and reports it before.
            .env("AWS_MAX_ATTEMPTS", "1")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        // Ctrl-C in the terminal reaches only this program, which ends that one.
        #[cfg(unix)]
        command.process_group(0);
        let region =
            ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().any(|it| env::var_os(it).is_some());
        if let Some(region) = &self.region {
            command.args(["--region", region]);
        } else if region || service.is_local() {
            // Version 1 ignores `AWS_REGION`.
            command.args(["--region", &super::region()]);
        }
        if let Some(profile) = &self.profile {
            command.args(["--profile", profile]);
        }
        if let Some(endpoint) = service.endpoint() {
            // Version 1 ignores `AWS_ENDPOINT_URL` for SQS.
            command.args(["--endpoint-url", &endpoint]);
        }
        if service.is_local() && self.profile.is_none() && credentials::find().is_err() {
            // Emulators take any, and the program does not send a request without some.
            command.envs([("AWS_ACCESS_KEY_ID", "local"), ("AWS_SECRET_ACCESS_KEY", "local")]);
        }
        command
    }
}

/// Runs the program and returns the JSON that it prints.
async fn finish(mut command: Command) -> std::result::Result<Value, CallError> {
    let output = command.output().await.map_err(CallError::other)?;
    let Output { status, stdout, stderr } = output;
    if !status.success() {
        return Err(CallError::parse(&String::from_utf8_lossy(&stderr)));
    }
    if stdout.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&stdout).map_err(CallError::other)
}

/// Returns an argument that the program reads from a file.
fn file_url(scheme: &str, path: &Path) -> OsString {
    let mut url = OsString::from(format!("{scheme}://"));
    url.push(path);
    url
}

fn write(contents: &[u8]) -> std::io::Result<TempPath> {
    let mut file = NamedTempFile::with_prefix("scaffold-aws-")?;
    file.write_all(contents)?;
    Ok(file.into_temp_path())
}

impl CallError {
    fn other(error: impl fmt::Display) -> Self {
        Self { kind: CallErrorKind::Other, message: format!("cannot run `aws`: {error}") }
    }

    /// Parses what the program printed when it failed.
    fn parse(printed: &str) -> Self {
        // Warnings can come before the error, and version 2 labels it.
        let line = printed.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
        let line = line.trim();
        let message = line.strip_prefix("aws: [ERROR]: ").unwrap_or(line).to_owned();
        let has = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
        let code = message.split_once("An error occurred (").and_then(|(_, it)| it.split_once(')'));
        let kind = match code {
            Some((code, _)) if EXPIRED.contains(&code) => CallErrorKind::Credentials,
            Some((code, _)) => CallErrorKind::Service(code.to_owned()),
            None if has(&UNREACHABLE) => CallErrorKind::Unreachable,
            None if has(&["You must specify a region"]) => CallErrorKind::NoRegion,
            None if has(&NO_CREDENTIALS) => CallErrorKind::Credentials,
            None => CallErrorKind::Other,
        };
        Self { kind, message }
    }

    /// Returns whether the service returned an error whose code ends so: SQS has codes with and without the
    /// prefix `AWS.SimpleQueueService.`.
    pub(crate) fn is(&self, code: &str) -> bool {
        matches!(&self.kind, CallErrorKind::Service(own) if own.ends_with(code))
    }

    /// Returns whether the resource does not exist.
    pub(crate) fn is_not_found(&self) -> bool {
        // The second one is the end of the codes of several services, such as `ResourceNotFoundException`.
        ["QueueDoesNotExist", "NonExistentQueue", "NotFoundException", "NoSuchEntity"]
            .iter()
            .any(|code| self.is(code))
    }

    /// Returns whether the service refused the call because there were too many, or is too busy for it.
    pub(crate) fn is_throttled(&self) -> bool {
        [
            "RequestLimitExceeded",
            "ServiceUnavailable",
            "ServiceUnavailableException",
            "Throttling",
            "ThrottlingException",
            "TooManyRequestsException",
        ]
        .iter()
        .any(|code| self.is(code))
    }

    /// Returns the action that the credentials are not allowed to perform, such as `iam:CreateRole`.
    fn missing_permission(&self) -> Option<&str> {
        let (_, rest) = self.message.split_once("is not authorized to perform: ")?;
        rest.split_whitespace().next().map(|action| action.trim_end_matches([',', '.']))
    }

    /// Returns the fix; `service` is the one that was called.
    pub(crate) fn fix(&self, service: Service) -> String {
        match &self.kind {
            CallErrorKind::Service(code) if code.contains("AccessDenied") => {
                let permission = self.missing_permission();
                let permission = permission
                    .map_or("this permission".to_owned(), |it| format!("the permission `{it}`"));
                format!(
                    "your credentials need {permission}; `aws sts get-caller-identity` prints whose they are"
                )
            }
            CallErrorKind::Other if self.message.contains("Unknown parameter in input") => {
                "this AWS CLI is too old: update it".to_owned()
            }
            CallErrorKind::Service(_) | CallErrorKind::Other => String::new(),
            CallErrorKind::Unreachable => match service.endpoint() {
                Some(endpoint) => format!("start the server at {endpoint}, or change `AWS_ENDPOINT_URL`"),
                None => "check the network connection, or set `AWS_ENDPOINT_URL` to an emulator".to_owned(),
            },
            CallErrorKind::Credentials => {
                "run `aws sso login`, `aws login` or `aws configure`, or set `AWS_PROFILE`; with an \
                 emulator, set `AWS_ENDPOINT_URL`"
                    .to_owned()
            }
            CallErrorKind::NoRegion => "set `AWS_REGION`, or run `aws configure`".to_owned(),
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.message.trim_end_matches('.'))
    }
}

/// Codes of services for credentials that were right once, or never.
const EXPIRED: [&str; 5] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "RequestExpired",
    "UnrecognizedClientException",
];
const UNREACHABLE: [&str; 5] = [
    "Could not connect to the endpoint URL",
    "Connect timeout on endpoint URL",
    "Connection was closed",
    "Connection reset",
    "Read timeout on endpoint URL",
];
const NO_CREDENTIALS: [&str; 6] = [
    "Error loading SSO Token",
    "SSO session",
    "Token has expired",
    "Unable to locate credentials",
    "could not be found",
    "credentials",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_emulators_are_local() {
        for url in [
            "http://127.0.0.1:5000",
            "http://[::1]:5000/",
            "http://localhost:4566",
            "http://localstack:4566",
            "http://localhost.localstack.cloud:4566",
        ] {
            assert!(is_local(url), "{url}");
        }
        for url in [
            "",
            "http://",
            "https://localhost:4566",
            "https://sqs.eu-west-1.amazonaws.com",
            "http://sqs.eu-west-1.amazonaws.com",
            "http://10.0.0.7:4566",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
        ] {
            assert!(!is_local(url), "{url}");
        }
    }

    #[test]
    fn errors_have_a_kind_and_a_fix() {
        let service = |code: &str| CallErrorKind::Service(code.to_owned());
        for (printed, kind) in [
            (
                "\nAn error occurred (AWS.SimpleQueueService.NonExistentQueue) when calling the \
                 GetQueueUrl operation: The specified queue does not exist.\n",
                service("AWS.SimpleQueueService.NonExistentQueue"),
            ),
            (
                "\naws: [ERROR]: An error occurred (AccessDenied) when calling the ReceiveMessage \
                 operation: User: arn:aws:iam::1:user/ada is not authorized\n\n",
                service("AccessDenied"),
            ),
            (
                "An error occurred (ExpiredToken) when calling the GetQueueUrl operation: expired",
                CallErrorKind::Credentials,
            ),
            (
                "Could not connect to the endpoint URL: \"http://127.0.0.1:1/\"",
                CallErrorKind::Unreachable,
            ),
            (
                "Connection was closed before we received a valid response from endpoint URL: \"x\".",
                CallErrorKind::Unreachable,
            ),
            ("Unable to locate credentials. You can configure…", CallErrorKind::Credentials),
            ("Error loading SSO Token: Token for x does not exist", CallErrorKind::Credentials),
            ("The config profile (x) could not be found", CallErrorKind::Credentials),
            ("You must specify a region.", CallErrorKind::NoRegion),
            ("Unknown options: --x", CallErrorKind::Other),
            ("", CallErrorKind::Other),
        ] {
            assert_eq!(CallError::parse(printed).kind, kind, "{printed}");
        }
        let missing = CallError::parse("An error occurred (QueueDoesNotExist) when calling X: no");
        assert!(missing.is_not_found());
        let denied = CallError::parse(
            "An error occurred (AccessDenied) when calling the CreateRole operation: User: \
             arn:aws:iam::1:user/ada is not authorized to perform: iam:CreateRole on resource: role hello",
        );
        assert_eq!(
            denied.fix(Service::Lambda),
            "your credentials need the permission `iam:CreateRole`; `aws sts get-caller-identity` prints whose \
             they are"
        );
    }
}
