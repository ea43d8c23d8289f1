//! The container image of a function: building it, and pushing it to a repository of Amazon ECR.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::client::Client;
use super::function::Code;
use super::tag;
use crate::artifact::{self, Artifact, Expected};
use crate::aws::aws_cli::Service;
use crate::aws::{Architecture, BOOTSTRAP, IMAGE_BOOTSTRAP};
use crate::build::container::{self, Engine, EngineChoice, ImageBuild};
use crate::process::{interrupt, programs};
use crate::sam::ImageSource;
use crate::term::error::{Error, ErrorContext, Result};
use crate::term::progress;

/// The stage of the project's `Dockerfile` that is an image for Lambda, unless the template names another one.
const STAGE: &str = "function";

/// An image that was built on this machine.
#[derive(Debug)]
pub(crate) struct LocalImage {
    engine: Engine,
    /// Its name on this machine.
    name: String,
    /// The name in the repository: a part of the digest, so that the same image has the same name.
    tag: String,
}

/// A repository of images.
#[derive(Debug)]
pub(crate) struct Repository {
    pub(crate) name: String,
    pub(crate) uri: String,
    /// A deployment without SAM created it.
    pub(crate) is_own: bool,
}

impl LocalImage {
    /// Builds the image of a function from the folder of its code.
    pub(crate) async fn build(
        function: &str,
        folder: &Path,
        source: &ImageSource,
        architecture: Architecture,
        engine: EngineChoice,
    ) -> Result<Self> {
        let engine = container::find(&engine).await.map_err(|none| {
            let fix = none.fix();
            none.into_error().hint(fix)
        })?;
        let name = format!("lambda-native/{}:latest", repository_part(function));
        let build = ImageBuild {
            name: &name,
            folder,
            dockerfile: source.dockerfile.as_deref().unwrap_or("Dockerfile"),
            target: source.target.as_deref().unwrap_or(STAGE),
            arguments: &source.build_arguments,
            architecture,
        };
        engine.build_image(&build).await?;
        let format = ["image", "inspect", "--format", "{{.Id}}", &name];
        let id = programs::ask(&engine.program, format)
            .await
            .map_err(|why| Error::new(format!("{} {why}", engine.name)))?;
        let digest = id.trim_start_matches("sha256:");
        let tag: String = digest.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
        Ok(Self { engine, name, tag })
    }

    /// Inspects the executable in it.
    pub(crate) async fn inspect(
        &self,
        architecture: Architecture,
        expected: &Expected,
    ) -> Result<Artifact> {
        let cannot_inspect = || format!("cannot inspect the image `{}`", self.name);
        let staging = interrupt::temporary_folder("executable")?;
        let file: PathBuf = staging.path().join(BOOTSTRAP);
        let has_it = self
            .engine
            .copy_out(&self.name, Some(architecture), IMAGE_BOOTSTRAP, &file)
            .await
            .map_err(|why| format!("{} {why}", self.engine.name))
            .context(cannot_inspect)?;
        artifact::inspect_image(&self.name, has_it.then_some(&*file), expected)
    }

    /// Returns the code of a function with this image.
    pub(crate) fn code(&self, repository: Option<&Repository>) -> Code {
        Code::Image { uri: repository.map(|it| format!("{}:{}", it.uri, self.tag)) }
    }

    /// Pushes it to a repository, unless that has it.
    pub(crate) async fn push(&self, client: &Client, repository: &Repository) -> Result<()> {
        let input = json!({
            "repositoryName": repository.name,
            "imageIds": [{ "imageTag": self.tag }],
        });
        let what = format!("read the repository `{}`", repository.name);
        let found = client.find_one(Service::Ecr, "describe-images", &input, &what).await?;
        if found.is_some() {
            return Ok(());
        }
        self.log_in(client, repository).await?;
        let remote = format!("{}:{}", repository.uri, self.tag);
        programs::ask(&self.engine.program, ["tag", &self.name, &remote])
            .await
            .map_err(|why| Error::new(format!("{} {why}", self.engine.name)))?;
        let mut command = Command::new(&self.engine.program);
        command.args(["push", &remote]);
        let push = progress::run(command, self.engine.name);
        let status = push.await.context(|| format!("cannot run `{}`", self.engine.name))?;
        if status.success() {
            return Ok(());
        }
        interrupt::check_child(status)?;
        Err(Error::new(format!("{} could not push the image `{remote}`", self.engine.name)))
    }

    /// Gives the engine the password of the registry, on its standard input.
    async fn log_in(&self, client: &Client, repository: &Repository) -> Result<()> {
        let what = "get the password of the registry";
        let operation = "get-authorization-token";
        let output = client.call(Service::Ecr, operation, &json!({}), what).await?;
        let token = output.pointer("/authorizationData/0/authorizationToken");
        let token = token.and_then(Value::as_str).unwrap_or_default();
        let token = BASE64_STANDARD.decode(token).ok().and_then(|it| String::from_utf8(it).ok());
        let (user, password) =
            token.as_deref().and_then(|it| it.split_once(':')).ok_or_else(|| {
                Error::new("AWS has returned a password of the registry that cannot be read")
            })?;
        let registry = repository.uri.split('/').next().unwrap_or_default();
        let cannot_log_in = || format!("{} cannot log in to `{registry}`", self.engine.name);
        let mut child = Command::new(&self.engine.program)
            .args(["login", "--username", user, "--password-stdin", registry])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context(cannot_log_in)?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(password.as_bytes()).await.context(cannot_log_in)?;
        }
        let output = child.wait_with_output().await.context(cannot_log_in)?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(Error::new(cannot_log_in()).because(said))
    }
}

impl Repository {
    /// Reads the repository of a function; `None` if it does not exist.
    pub(crate) async fn read(client: &Client, function: &str) -> Result<Option<Self>> {
        let name = Self::name_for(function);
        let input = json!({ "repositoryNames": [name] });
        let what = format!("read the repository `{name}`");
        let found = client.find_one(Service::Ecr, "describe-repositories", &input, &what).await?;
        let found = found.as_ref().and_then(|it| it.pointer("/repositories/0"));
        let Some(found) = found else { return Ok(None) };
        let input = json!({ "resourceArn": found.get("repositoryArn") });
        let tags = client.call(Service::Ecr, "list-tags-for-resource", &input, &what).await?;
        let is_own = tag::is_on_list(tags.get("tags"), function);
        Ok(Some(Self { is_own, ..Self::parse(name, found) }))
    }

    /// Refuses a repository of somebody else.
    pub(crate) fn check(self) -> Result<Self> {
        if self.is_own {
            return Ok(self);
        }
        Err(Error::new(format!(
            "there is a repository `{}`, which `scaffold deploy --direct` did not create",
            self.name
        ))
        .hint("choose another name of the function with `--function-name`"))
    }

    /// Creates the repository of a function.
    pub(crate) async fn create(client: &Client, function: &str) -> Result<Self> {
        let name = Self::name_for(function);
        let input = json!({ "repositoryName": name, "tags": tag::list(function) });
        let what = format!("create the repository `{name}`");
        let create = client.call(Service::Ecr, "create-repository", &input, &what);
        let output =
            progress::step("creating", &format!("the repository `{name}`"), create).await?;
        Ok(Self::parse(name, output.get("repository").unwrap_or(&Value::Null)))
    }

    /// Returns the name of the repository of a function.
    pub(crate) fn name_for(function: &str) -> String {
        format!("lambda-native/{}", repository_part(function))
    }

    /// Deletes it with its images.
    pub(crate) async fn delete(&self, client: &Client) -> Result<()> {
        let input = json!({ "repositoryName": self.name, "force": true });
        let what = format!("delete the repository `{}`", self.name);
        let delete = client.find_one(Service::Ecr, "delete-repository", &input, &what);
        progress::step("deleting", &format!("the repository `{}`", self.name), delete)
            .await
            .map(drop)
    }

    fn parse(name: String, repository: &Value) -> Self {
        let uri = repository.get("repositoryUri").and_then(Value::as_str).unwrap_or_default();
        Self { name, uri: uri.to_owned(), is_own: true }
    }
}

/// Returns the name of a function as ECR accepts it: lower case, with single separators between letters and digits.
fn repository_part(function: &str) -> String {
    let lower = function.to_lowercase();
    let parts = lower.split(['-', '_']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-")
}
