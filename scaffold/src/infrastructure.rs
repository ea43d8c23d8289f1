//! Projects that AWS CDK or Terraform deploys, instead of AWS SAM.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::sam::project_root;
use crate::term::error::Error;
use crate::term::quote;

/// The folder that `scaffold new` creates.
const FOLDER: &str = "infrastructure";

/// The description of a deployment for a tool other than SAM.
#[derive(Debug)]
pub(crate) struct Infrastructure {
    tool: Tool,
    /// The folder in which the tool runs.
    folder: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tool {
    Cdk,
    Terraform,
}

impl Tool {
    /// Recognizes the tool that runs in a folder by its files.
    fn of(folder: &Path) -> Option<Self> {
        if folder.join("cdk.json").is_file() {
            return Some(Self::Cdk);
        }
        let entries = fs::read_dir(folder).ok()?.flatten();
        let mut paths = entries.map(|entry| entry.path());
        paths.any(|path| path.extension().is_some_and(|it| it == "tf")).then_some(Self::Terraform)
    }
}

impl Infrastructure {
    /// Finds the description in a folder or in the nearest folder above it, up to the root of the project.
    pub(crate) fn near(folder: &Path) -> Option<Self> {
        let root = project_root(folder);
        let inside = folder.ancestors().take_while(|folder| folder.starts_with(&root));
        let mut folders = inside.flat_map(|folder| [folder.join(FOLDER), folder.to_owned()]);
        folders.find_map(|folder| Some(Self { tool: Tool::of(&folder)?, folder }))
    }

    /// Returns the name of the tool.
    pub(crate) fn tool(&self) -> &'static str {
        match self.tool {
            Tool::Cdk => "AWS CDK",
            Tool::Terraform => "Terraform",
        }
    }

    /// Returns the program that deploys, and how to install it.
    pub(crate) fn program(&self) -> (&'static str, &'static str) {
        match self.tool {
            Tool::Cdk => ("npx", "install Node.js: https://nodejs.org"),
            Tool::Terraform => {
                ("terraform", "install it: https://developer.hashicorp.com/terraform/install")
            }
        }
    }

    /// Returns the folder in which the tool runs, as the user would type it.
    pub(crate) fn folder(&self) -> String {
        let folder = quote::relative(&self.folder);
        if folder.is_empty() { ".".to_owned() } else { folder }
    }

    /// Returns the command that deploys the built project.
    pub(crate) fn deploy(&self) -> &'static str {
        match self.tool {
            Tool::Cdk => "npx cdk deploy",
            Tool::Terraform => "terraform apply",
        }
    }

    /// Returns the commands that deploy the built project from the current folder.
    pub(crate) fn deploy_from_here(&self) -> Vec<String> {
        let folder = self.folder();
        let cd = (folder != ".").then(|| format!("cd {}", quote::quote(&folder)));
        cd.into_iter().chain([self.deploy().to_owned()]).collect()
    }

    /// Returns the commands of the first deployment, which run in the folder of the project.
    pub(crate) fn first_deployment(&self, program: &str, is_image: bool) -> Vec<String> {
        let prepare = match self.tool {
            Tool::Cdk => "npm install",
            Tool::Terraform => "terraform init",
        };
        let deploy = match self.tool {
            // Before there is an image, there must be a repository for it.
            Tool::Terraform if is_image => "terraform apply -target=aws_ecr_repository.program",
            _ => self.deploy(),
        };
        let package = (!is_image).then(|| format!("{program} package"));
        let cd = format!("cd {FOLDER}");
        package.into_iter().chain([cd, prepare.to_owned(), deploy.to_owned()]).collect()
    }
}

/// The error of a command that needs a `template.yaml`. Its hint is `instead`, a clause, if another tool deploys the
/// project, whose folder follows it.
pub(crate) fn no_template(manifest_path: Option<&Path>, instead: &str) -> Error {
    let manifest = manifest_path.and_then(|path| dunce::canonicalize(path).ok());
    let folder = manifest.as_deref().and_then(Path::parent).map(Path::to_owned);
    let folder = folder.or_else(|| env::current_dir().ok());
    match folder.as_deref().and_then(Infrastructure::near) {
        Some(infrastructure) => Error::new(format!(
            "{} deploys this project, which has no `template.yaml`",
            infrastructure.tool()
        ))
        .hint(format!("{instead} `{}`", infrastructure.folder())),
        None => Error::new("no `template.yaml` in this folder or a folder above it")
            .hint("run the command in a project, or create one with `scaffold new`"),
    }
}
