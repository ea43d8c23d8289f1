//! Looking for AWS credentials where AWS's tools do, without using a secret.

use std::env;
use std::fs;
use std::path::PathBuf;

use crate::term::error::{Error, Result};

/// The environment variables that provide credentials.
const VARIABLES: [&str; 5] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/// Finds the first source of credentials that AWS's tools would use.
pub(crate) fn find() -> Result<String> {
    source().ok_or_else(|| {
        Error::new("no AWS credentials found").hint(
            "run `aws configure sso` or `aws configure`, or set `AWS_PROFILE` or `AWS_ACCESS_KEY_ID`",
        )
    })
}

fn source() -> Option<String> {
    let is_set = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
    if let Some(name) = VARIABLES.iter().find(|name| is_set(name)) {
        return Some(format!("`{name}`"));
    }
    let home = env::home_dir().unwrap_or_default().join(".aws");
    let files = [("AWS_SHARED_CREDENTIALS_FILE", "credentials"), ("AWS_CONFIG_FILE", "config")];
    for (variable, name) in files {
        let path = env::var_os(variable).map_or_else(|| home.join(name), PathBuf::from);
        if fs::read_to_string(&path).is_ok_and(|text| has_credentials(&text)) {
            return Some(format!("`{}`", path.display()));
        }
    }
    is_on_ec2().then(|| "the role of this EC2 instance".to_owned())
}

/// Returns whether a configuration file has a profile with credentials, not only with a region.
fn has_credentials(file: &str) -> bool {
    const KEYS: [&str; 5] =
        ["aws_access_key_id", "credential_process", "role_arn", "sso_session", "sso_start_url"];
    file.lines()
        .filter_map(|line| line.split_once('='))
        .any(|(key, value)| KEYS.contains(&key.trim()) && !value.trim().is_empty())
}

fn is_on_ec2() -> bool {
    fs::read_to_string("/sys/devices/virtual/dmi/id/sys_vendor")
        .is_ok_and(|vendor| vendor.trim() == "Amazon EC2")
}

#[cfg(test)]
mod tests {
    use super::has_credentials;

    #[test]
    fn a_profile_may_have_none() {
        assert!(!has_credentials("[default]\nregion = eu-central-1\n"));
        assert!(has_credentials("[default]\naws_access_key_id = AKIA\n"));
        assert!(has_credentials("[profile a]\nsso_session=b\n"));
        assert!(!has_credentials("[default]\naws_access_key_id =\n"));
    }
}
