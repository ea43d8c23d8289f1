//! `package.metadata.scaffold`: the settings of a function that no template has.

use serde_json::Value;

use crate::aws::Architecture;
use crate::term::error::{Error, Result};

/// Settings in the manifest of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PackageSettings {
    architecture: Option<Value>,
    memory: Option<Value>,
    timeout: Option<Value>,
}

impl PackageSettings {
    /// Reads `package.metadata`.
    pub(crate) fn of(metadata: &Value) -> Self {
        let setting = |name: &str| metadata.get("scaffold")?.get(name).cloned();
        Self {
            architecture: setting("architecture"),
            memory: setting("memory"),
            timeout: setting("timeout"),
        }
    }

    /// Returns the processor.
    pub(crate) fn architecture(&self) -> Result<Option<Architecture>> {
        let expected = "`x86_64` or `arm64`";
        let parse = |value: &Value| Architecture::from_name(value.as_str()?);
        read("architecture", self.architecture.as_ref(), parse, expected)
    }

    /// Returns the memory in MB.
    pub(crate) fn memory_mb(&self) -> Result<Option<u32>> {
        read("memory", self.memory.as_ref(), number, "a whole number of MB")
    }

    /// Returns the timeout in seconds.
    pub(crate) fn timeout(&self) -> Result<Option<u32>> {
        read("timeout", self.timeout.as_ref(), number, "a whole number of seconds")
    }
}

fn number(value: &Value) -> Option<u32> {
    u32::try_from(value.as_u64()?).ok().filter(|number| *number > 0)
}

fn read<T>(
    name: &str,
    value: Option<&Value>,
    parse: impl Fn(&Value) -> Option<T>,
    expected: &str,
) -> Result<Option<T>> {
    let Some(value) = value else { return Ok(None) };
    parse(value).map(Some).ok_or_else(|| {
        let message =
            format!("invalid value `{value}` for `{name}` in `package.metadata.scaffold`");
        Error::new(message).hint(format!("expected {expected}"))
    })
}
