//! The project's `template.yaml`, as far as building and checking need it.

use std::fs;
use std::path::{Path, PathBuf};

use saphyr::{LoadableYamlNode, Yaml};

use crate::error::{Error, Result};
use crate::lambda::Architecture;

/// The names that SAM looks for.
pub(crate) const NAMES: [&str; 3] = ["template.yaml", "template.yml", "template.json"];

/// A template of AWS SAM, or of `CloudFormation`, with functions in it.
#[derive(Debug)]
pub(crate) struct SamTemplate {
    pub(crate) path: PathBuf,
    /// In the template's order.
    pub(crate) functions: Vec<Function>,
}

/// One function.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) logical_id: String,
    pub(crate) architecture: Architecture,
    /// Whether it is a container image, and not a zip.
    pub(crate) is_image: bool,
    /// Its container image, which `sam build` writes into the template that it leaves.
    pub(crate) image: Option<String>,
}

impl SamTemplate {
    /// The one in `folder` or the nearest above it that has one; others' templates of that name,
    /// which have no function, do not count.
    pub(crate) fn nearest(folder: &Path) -> Result<Option<Self>> {
        for folder in folder.ancestors() {
            for path in NAMES.map(|name| folder.join(name)) {
                if path.is_file() {
                    let template = Self::read(path)?;
                    return Ok(Some(template).filter(|template| !template.functions.is_empty()));
                }
            }
        }
        Ok(None)
    }

    /// Reads the template at `path`.
    pub(crate) fn read(path: PathBuf) -> Result<Self> {
        let fail = || Error::new(format!("cannot read `{}`", path.display()));
        let text = fs::read_to_string(&path).map_err(|error| fail().because(error))?;
        let documents = Yaml::load_from_str(&text).map_err(|error| fail().because(error))?;
        let functions = documents.first().map(functions).transpose().map_err(|why| {
            fail().because(why).hint("`sam validate --lint` says more about the template")
        })?;
        Ok(Self { path, functions: functions.unwrap_or_default() })
    }

    /// What its functions run on, each once.
    pub(crate) fn architectures(&self) -> Vec<Architecture> {
        let mut architectures: Vec<_> =
            self.functions.iter().map(|function| function.architecture).collect();
        architectures.dedup();
        architectures
    }
}

fn functions(template: &Yaml<'_>) -> std::result::Result<Vec<Function>, String> {
    let globals = get(template, "Globals").and_then(|globals| get(globals, "Function"));
    let Some(resources) = get(template, "Resources").and_then(Yaml::as_mapping) else {
        return Ok(Vec::new());
    };
    let mut functions = Vec::new();
    for (logical_id, resource) in resources {
        let kind = get(resource, "Type").and_then(Yaml::as_str);
        if !matches!(kind, Some("AWS::Serverless::Function" | "AWS::Lambda::Function")) {
            continue;
        }
        let logical_id = logical_id.as_str().unwrap_or_default().to_owned();
        let property = |name| {
            let own = get(resource, "Properties").and_then(|properties| get(properties, name));
            own.or_else(|| globals.and_then(|globals| get(globals, name)))
        };
        let architecture = match property("Architectures").map(|list| list.as_sequence()) {
            // Lambda's own default.
            None => Architecture::X86_64,
            Some(list) => list
                .and_then(|list| list.first()?.as_str())
                .and_then(Architecture::from_name)
                .ok_or_else(|| {
                    format!("`Architectures` of `{logical_id}` is not `[x86_64]` or `[arm64]`")
                })?,
        };
        let is_image = property("PackageType").and_then(Yaml::as_str) == Some("Image");
        let image = property("ImageUri").and_then(Yaml::as_str).map(str::to_owned);
        functions.push(Function { logical_id, architecture, is_image, image });
    }
    Ok(functions)
}

fn get<'a, 'input>(yaml: &'a Yaml<'input>, key: &str) -> Option<&'a Yaml<'input>> {
    yaml.as_mapping_get(key)
}
