//! The code that is deployed: building it, checking it, and packing it.

use std::ffi::OsString;
use std::path::PathBuf;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use sha2::{Digest, Sha256};

use super::function::Code;
use super::image::LocalImage;
use crate::artifact::{self, Artifact, Expected, FindingCode, HandlerSignature, Include, report};
use crate::aws::Architecture;
use crate::build::cargo::{Binary, Selection};
use crate::build::container::EngineChoice;
use crate::build::{BuildMethod, BuildRequest};
use crate::files;
use crate::process::interrupt;
use crate::sam::TemplateFunction;
use crate::term::error::{Error, Result};

/// The origin of the code.
#[derive(Debug)]
pub(crate) enum CodeSource {
    /// A binary of the workspace, which is built.
    Package(Box<Binary>),
    /// An executable or a zip.
    File(PathBuf),
}

/// The way to build, and the problems that the user allows.
#[derive(Debug)]
pub(crate) struct BuildOptions {
    pub(crate) method: Option<BuildMethod>,
    pub(crate) add_target: bool,
    pub(crate) include: Vec<Include>,
    pub(crate) allow: Vec<FindingCode>,
    pub(crate) more: Vec<OsString>,
}

/// The code, ready to be uploaded.
#[derive(Debug)]
pub(crate) struct BuiltCode {
    pub(crate) content: BuiltContent,
    /// The handlers of the executable.
    pub(crate) handlers: Vec<HandlerSignature>,
}

#[derive(Debug)]
pub(crate) enum BuiltContent {
    Zip(Code),
    Image(LocalImage),
}

impl CodeSource {
    /// Returns the processor of an executable that exists.
    pub(crate) fn architecture(&self) -> Result<Option<Architecture>> {
        let Self::File(path) = self else { return Ok(None) };
        let artifact = artifact::inspect(path, &Expected::any())?;
        let executable = artifact.executable.as_ref();
        Ok(executable.and_then(|it| Architecture::from_name(&it.architecture)))
    }

    /// Builds a zip, and checks it.
    pub(crate) async fn zip(
        self,
        function: &TemplateFunction,
        architecture: Architecture,
        options: BuildOptions,
    ) -> Result<BuiltCode> {
        let BuildOptions { method, add_target, include, allow, more } = options;
        // Before the build, which takes long.
        let included = artifact::collect(&include)?;
        let (executable, expected, folder) = match self {
            Self::File(path) => {
                let folder = interrupt::temporary_folder("zip")?;
                (path, Expected::new(architecture, "the function"), Some(folder))
            }
            Self::Package(binary) => {
                let selection = Selection {
                    manifest_path: Some(binary.manifest_path().to_owned()),
                    package: Some(binary.package.clone()),
                    bin: binary.name.clone(),
                };
                let request = BuildRequest {
                    selection,
                    method,
                    architecture: Some(architecture),
                    linking: None,
                    add_target,
                    profile: "release".to_owned(),
                    more,
                };
                let (executable, expected) = request.resolve().await?.run().await?;
                (executable, expected, None)
            }
        };
        let expected = expected.with_functions([function]);
        let is_zip = executable.extension().is_some_and(|it| it.eq_ignore_ascii_case("zip"));
        let zip = match &folder {
            Some(_) if is_zip => executable,
            Some(folder) => pack(folder.path().join("bootstrap.zip"), executable, included)?,
            None => pack(artifact::zip_beside(&executable), executable, included)?,
        };
        let mut artifact = artifact::inspect(&zip, &expected)?;
        check(&mut artifact, &allow)?;
        let digest = Sha256::digest(files::read(&zip)?);
        let sha256 = BASE64_STANDARD.encode(digest);
        let content = BuiltContent::Zip(Code::Zip { path: zip, sha256, _folder: folder });
        Ok(BuiltCode { content, handlers: handlers(artifact) })
    }

    /// Builds an image, and checks it. `name` is that of the function on AWS.
    pub(crate) async fn image(
        self,
        name: &str,
        function: &TemplateFunction,
        architecture: Architecture,
        options: BuildOptions,
    ) -> Result<BuiltCode> {
        let engine = match options.method {
            None => EngineChoice::Any,
            Some(BuildMethod::Container(choice)) => choice,
            Some(_) => {
                return Err(Error::new("an image is built in a container")
                    .hint("leave out `--native` and `--zig`")
                    .usage());
            }
        };
        if let Self::File(_) = self {
            return Err(Error::new("`--binary` is not for images")
                .hint("leave it out: the `Dockerfile` builds the executable")
                .usage());
        }
        let source = &function.deployment.image;
        let image = LocalImage::build(name, &function.code, source, architecture, engine).await?;
        let expected = Expected::new(architecture, "the function").with_functions([function]);
        let mut artifact = image.inspect(architecture, &expected).await?;
        check(&mut artifact, &options.allow)?;
        let handlers = handlers(artifact);
        Ok(BuiltCode { content: BuiltContent::Image(image), handlers })
    }
}

fn pack(
    output: PathBuf,
    executable: PathBuf,
    included: Vec<artifact::InputFile>,
) -> Result<PathBuf> {
    artifact::write_zip(&output, executable, included)?;
    Ok(output)
}

fn handlers(artifact: Artifact) -> Vec<HandlerSignature> {
    artifact.executable.map(|executable| executable.handlers).unwrap_or_default()
}

/// Refuses code that Lambda cannot run.
fn check(artifact: &mut Artifact, allow: &[FindingCode]) -> Result<()> {
    artifact.allow(allow);
    if artifact.findings.is_empty() {
        return Ok(());
    }
    report::print_findings(artifact);
    Err(Error::new("nothing was deployed, because the build has problems")
        .hint("pass `--allow CODE` to deploy anyway; see `scaffold deploy --help`"))
}
