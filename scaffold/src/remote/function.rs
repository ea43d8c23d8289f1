//! One deployed function.

use serde_json::{Value, json};

use super::failed;
use super::list;
use super::project::RemoteProject;
use crate::aws::aws_cli::{CallError, Service};
use crate::term::error::{Error, Result};
use crate::term::{nearest, quote};

/// The number of names that a hint lists.
const MAX_NAMES: usize = 5;

/// A deployed function.
#[derive(Clone, Debug)]
pub(crate) struct RemoteFunction {
    /// Its name on AWS, or its ARN.
    pub(crate) name: String,
    /// The stack in which its name was looked up.
    pub(crate) stack: Option<String>,
}

impl RemoteFunction {
    /// Reads its configuration.
    pub(crate) async fn configuration(&self, project: &RemoteProject) -> Result<Value> {
        let input = json!({ "FunctionName": self.name });
        let output = project.aws.call(Service::Lambda, "get-function-configuration", &input).await;
        match output {
            Ok(configuration) => Ok(configuration),
            Err(error) => {
                let message = format!("cannot read the function `{}`", self.name);
                Err(self.failed(project, message, None, &error).await)
            }
        }
    }

    /// Describes the failure of a call for this function. If there is no such function, the fix has the names
    /// that are most like it.
    pub(super) async fn failed(
        &self,
        project: &RemoteProject,
        message: String,
        qualifier: Option<&str>,
        error: &CallError,
    ) -> Error {
        let failed = failed(message, Service::Lambda, error);
        if !error.is("ResourceNotFoundException") {
            return failed;
        }
        // Without the permission to list the functions, the error is still clear.
        let Ok(all) = list::all(&project.aws).await else { return failed };
        let names: Vec<&str> = all.iter().map(|function| function.name.as_str()).collect();
        failed.hint(match qualifier.filter(|_| names.contains(&self.name.as_str())) {
            Some(qualifier) => format!(
                "`{qualifier}` is not a version or an alias of it: `aws lambda list-aliases --function-name {}` \
                 lists them",
                quote::quote(&self.name)
            ),
            None => suggestion(&self.name, &names),
        })
    }
}

/// Returns the fix for a name that no function has.
fn suggestion(name: &str, names: &[&str]) -> String {
    let lower = name.to_lowercase();
    // The names that CloudFormation gives contain the logical id.
    let mut similar: Vec<&str> =
        names.iter().copied().filter(|it| it.to_lowercase().contains(&lower)).collect();
    if similar.is_empty() {
        similar.extend(nearest::nearest(name, names));
    }
    similar.truncate(MAX_NAMES);
    if names.is_empty() {
        "there are no functions in this region; `--region` and `--profile` choose another"
            .to_owned()
    } else if similar.is_empty() {
        "`scaffold list --remote --all` lists the functions; `--region` and `--profile` choose others"
            .to_owned()
    } else {
        format!("did you mean {}?", quote::list_quoted(&similar, "or"))
    }
}

#[cfg(test)]
mod tests {
    use super::suggestion;

    #[test]
    fn suggests_names_that_contain_the_name_or_are_like_it() {
        let names = ["shop-Orders-1AB", "shop-OrdersDead-2", "hello"];
        for (name, hint) in [
            ("orders", "did you mean `shop-Orders-1AB` or `shop-OrdersDead-2`?"),
            ("helo", "did you mean `hello`?"),
        ] {
            assert_eq!(suggestion(name, &names), hint);
        }
        assert!(suggestion("zzz", &names).starts_with("`scaffold list --remote --all`"));
        assert!(suggestion("zzz", &[]).starts_with("there are no functions"));
    }
}
