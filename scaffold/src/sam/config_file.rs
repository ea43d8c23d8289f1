//! The configuration file of SAM beside a template: `samconfig.toml`, or else `samconfig.yaml` or `samconfig.yml`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::yaml;
use crate::files;
use crate::term::error::{Error, Result};
use crate::term::{nearest, quote};

/// The names of the file. SAM takes the first one that exists.
const NAMES: [&str; 3] = ["samconfig.toml", "samconfig.yaml", "samconfig.yml"];

/// The environment that counts unless the user chooses another.
const DEFAULT: &str = "default";

/// The largest file that is read, in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// The user's choice of an environment, and of a file with another name: `--config-env` and `--config-file`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ConfigChoice {
    pub(crate) environment: Option<String>,
    /// Relative to the folder of the template.
    pub(crate) file: Option<String>,
}

/// The settings of one environment of the file.
#[derive(Debug, Default)]
pub(crate) struct SamConfig {
    commands: Value,
}

impl SamConfig {
    /// Reads the file beside a template. A file that cannot be read sets nothing: `sam` reports what is wrong with
    /// it.
    pub(crate) fn beside(template: &Path, choice: &ConfigChoice) -> Self {
        let environment = choice.environment.as_deref().unwrap_or(DEFAULT);
        let mut file = read(template, choice).map(|(_, file)| file).unwrap_or_default();
        Self { commands: file.get_mut(environment).map(Value::take).unwrap_or_default() }
    }

    /// Returns a parameter of a command such as `deploy`, or else that of all commands.
    pub(crate) fn parameter(&self, command: &str, name: &str) -> Option<&Value> {
        [command, "global"]
            .iter()
            .find_map(|command| self.commands.get(command)?.get("parameters")?.get(name))
    }

    /// Returns a parameter that is a text.
    pub(crate) fn text(&self, command: &str, name: &str) -> Option<String> {
        let text = self.parameter(command, name)?.as_str()?;
        Some(text.to_owned()).filter(|text| !text.is_empty())
    }

    /// Returns whether it says where to deploy to: `sam deploy --guided` keeps the region among its answers.
    pub(crate) fn is_complete(&self) -> bool {
        self.parameter("deploy", "region").is_some()
    }
}

/// Fails if the file does not have the environment that the user has chosen.
pub(crate) fn check(template: &Path, choice: &ConfigChoice) -> Result<()> {
    let Some(environment) = &choice.environment else { return Ok(()) };
    let Some((path, file)) = read(template, choice) else {
        return Err(Error::new(format!("`--config-env {environment}` needs a `samconfig.toml`"))
            .hint(format!("`sam deploy --guided --config-env {environment}` writes one")));
    };
    let is_environment =
        |(name, value): &(&String, &Value)| value.is_object() && *name != "version";
    let all = file.as_object().into_iter().flatten().filter(is_environment);
    let names: Vec<&str> = all.map(|(name, _)| name.as_str()).collect();
    if names.contains(&environment.as_str()) {
        return Ok(());
    }
    let hint = match nearest::nearest(environment, &names) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("the environments are: {}", quote::list_quoted(&names, "and")),
    };
    let file = quote::relative(&path);
    Err(Error::new(format!("no environment `{environment}` in `{file}`")).hint(hint))
}

/// Reads the whole file, if there is one, and returns its path too.
fn read(template: &Path, choice: &ConfigChoice) -> Option<(PathBuf, Value)> {
    let path = match &choice.file {
        Some(file) => template.with_file_name(".").join(file),
        None => {
            NAMES.map(|name| template.with_file_name(name)).into_iter().find(|it| it.is_file())?
        }
    };
    let text = files::read_text(&path, MAX_SIZE).ok()?;
    let is_yaml =
        path.extension().is_some_and(|it| it == OsStr::new("yaml") || it == OsStr::new("yml"));
    let file = if is_yaml {
        yaml::parse(&text).ok().map(|file| file.json())
    } else {
        toml::from_str(&text).ok()
    };
    Some((path, file.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn stack_name(folder: &Path, environment: Option<&str>) -> Option<String> {
        let choice =
            ConfigChoice { environment: environment.map(str::to_owned), ..ConfigChoice::default() };
        SamConfig::beside(&folder.join("template.yaml"), &choice).text("deploy", "stack_name")
    }

    #[test]
    fn reads_the_first_file_that_exists() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        assert_eq!(stack_name(folder.path(), None), None);
        write(
            "samconfig.yml",
            "version: 0.1\ndefault:\n  global:\n    parameters: {stack_name: one, region: eu-west-1}\n\
             prod:\n  deploy:\n    parameters:\n      stack_name: one-prod\n",
        );
        assert_eq!(stack_name(folder.path(), None).as_deref(), Some("one"));
        assert_eq!(stack_name(folder.path(), Some("prod")).as_deref(), Some("one-prod"));
        write("samconfig.yaml", "default: {deploy: {parameters: {stack_name: two}}}");
        assert_eq!(stack_name(folder.path(), None).as_deref(), Some("two"));
        write("samconfig.toml", "[default.global.parameters]\nstack_name = 'three'\n");
        assert_eq!(stack_name(folder.path(), None).as_deref(), Some("three"));
        assert_eq!(stack_name(folder.path(), Some("prod")), None);
        for broken in ["", "[", "default = 5", "default.deploy = 'x'"] {
            write("samconfig.toml", broken);
            assert_eq!(stack_name(folder.path(), None), None, "{broken}");
        }
    }

    #[test]
    fn names_the_nearest_environment() {
        let folder = tempfile::tempdir().unwrap();
        let template = folder.path().join("template.yaml");
        let error = |environment: &str| {
            let choice = ConfigChoice { environment: Some(environment.to_owned()), file: None };
            check(&template, &choice).err().map(|error| error.fix().to_owned())
        };
        let hint = "`sam deploy --guided --config-env prod` writes one";
        assert_eq!(error("prod").as_deref(), Some(hint));
        let config = "version = 0.1\n[default.deploy]\n[staging.deploy]\n";
        fs::write(folder.path().join("samconfig.toml"), config).unwrap();
        assert_eq!(error("staging"), None);
        assert_eq!(error("stagin").as_deref(), Some("did you mean `staging`?"));
        let hint = "the environments are: `default` and `staging`";
        assert_eq!(error("prod").as_deref(), Some(hint));
    }
}
