//! The functions of an account in a region.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Iso8601;
use time::macros::format_description;

use super::project::RemoteProject;
use super::{failed, warn};
use crate::aws::aws_cli::{AwsCli, CallError, Service};
use crate::term::error::Result;
use crate::term::escape;
use crate::term::style::{COMMAND, LABEL};

/// The tags of a function that tell where it comes from: `CloudFormation` sets the first two, and `scaffold deploy
/// --direct` the third.
const STACK_TAG: &str = "aws:cloudformation:stack-name";
const ID_TAG: &str = "aws:cloudformation:logical-id";
const DIRECT_TAG: &str = "lambda-native:function";

/// The functions of an account in a region.
#[derive(Debug, Serialize)]
pub(crate) struct Listing {
    /// `None` if there are no functions, which name it.
    pub(crate) region: Option<String>,
    pub(crate) functions: Vec<ListedFunction>,
    /// The number of functions of others, which are left out.
    pub(crate) others: usize,
}

/// A deployed function.
#[derive(Debug, Serialize)]
pub(crate) struct ListedFunction {
    pub(crate) name: String,
    #[serde(skip)]
    arn: String,
    /// `None` for a container image.
    runtime: Option<String>,
    architecture: String,
    memory_mb: u64,
    timeout_seconds: u64,
    package_type: String,
    /// In UTC, as in RFC 3339.
    last_modified: Option<String>,
    stack: Option<String>,
    /// Its name in the template of the stack.
    logical_id: Option<String>,
    /// It was deployed by `scaffold deploy --direct`.
    is_direct: bool,
}

/// Lists all functions, without the tags.
pub(super) async fn all(aws: &AwsCli) -> std::result::Result<Vec<ListedFunction>, CallError> {
    let output = aws.call(Service::Lambda, "list-functions", &json!({})).await?;
    let all = output.get("Functions").and_then(Value::as_array);
    Ok(all.into_iter().flatten().filter_map(ListedFunction::parse).collect())
}

impl ListedFunction {
    fn parse(function: &Value) -> Option<Self> {
        let text = |name: &str| function.get(name)?.as_str().map(str::to_owned);
        let number = |name: &str| function.get(name).and_then(Value::as_u64).unwrap_or_default();
        let architecture = function.pointer("/Architectures/0").and_then(Value::as_str);
        Some(Self {
            name: text("FunctionName")?,
            arn: text("FunctionArn").unwrap_or_default(),
            runtime: text("Runtime").filter(|runtime| !runtime.is_empty()),
            architecture: architecture.unwrap_or("x86_64").to_owned(),
            memory_mb: number("MemorySize"),
            timeout_seconds: number("Timeout"),
            package_type: text("PackageType").unwrap_or_else(|| "Zip".to_owned()),
            last_modified: text("LastModified").as_deref().and_then(parse_time),
            stack: None,
            logical_id: None,
            is_direct: false,
        })
    }

    fn add_tags(&mut self, tags: &BTreeMap<String, String>) {
        self.stack = tags.get(STACK_TAG).cloned();
        self.logical_id = tags.get(ID_TAG).cloned();
        self.is_direct = tags.contains_key(DIRECT_TAG);
    }

    /// Returns whether it is one of the project: a function of its stack, or one that was deployed directly under a
    /// name of the template.
    fn is_of(&self, project: &RemoteProject, in_stack: &BTreeMap<String, String>) -> bool {
        let is_named = || project.functions.iter().any(|function| function.is_named(&self.name));
        in_stack.contains_key(&self.name) || self.stack.is_none() && is_named()
    }
}

impl Listing {
    /// Lists the functions of the project, or all of the account if there is no project or `is_all` is set.
    pub(crate) async fn read(project: &RemoteProject, is_all: bool) -> Result<Self> {
        let aws = &project.aws;
        let (functions, tags, in_stack) = tokio::join!(all(aws), tags(aws), in_stack(project));
        let mut functions = functions
            .map_err(|error| failed("cannot list the functions", Service::Lambda, &error))?;
        let in_stack = in_stack?;
        let tags = tags.unwrap_or_else(|error| {
            let message = "the stacks of other functions are unknown";
            warn(&failed(message, Service::Tagging, &error));
            BTreeMap::new()
        });
        for function in &mut functions {
            if let Some(tags) = tags.get(&function.arn) {
                function.add_tags(tags);
            }
            if let Some(path) = in_stack.get(&function.name) {
                function.logical_id = Some(path.clone());
                function.stack.clone_from(&project.stack);
            }
        }
        let region = functions.first().and_then(|it| it.arn.split(':').nth(3)).map(str::to_owned);
        let count = functions.len();
        if !is_all && (project.stack.is_some() || !project.functions.is_empty()) {
            functions.retain(|function| function.is_of(project, &in_stack));
        }
        functions.sort_by(|a, b| a.name.cmp(&b.name));
        let others = count - functions.len();
        Ok(Self { region, functions, others })
    }

    /// Formats the functions as a table.
    pub(crate) fn table(&self) -> String {
        let header =
            ["name", "runtime", "processor", "memory", "timeout", "package", "changed", "stack"];
        let mut rows = vec![header.map(str::to_owned)];
        rows.extend(self.functions.iter().map(row));
        let mut widths = [0; 8];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let mut table = String::new();
        for (index, row) in rows.iter().enumerate() {
            let mut line = String::new();
            for ((column, cell), width) in row.iter().enumerate().zip(widths) {
                let style = match (index, column) {
                    (0, _) => LABEL,
                    (_, 0) => COMMAND,
                    _ => anstyle::Style::new(),
                };
                // Writing to a string does not fail.
                let _ = write!(
                    line,
                    "{style}{cell}{style:#}{:1$}",
                    "",
                    width - cell.chars().count() + 2
                );
            }
            table.push_str(line.trim_end());
            table.push('\n');
        }
        table
    }
}

fn row(function: &ListedFunction) -> [String; 8] {
    let changed = function.last_modified.as_deref().unwrap_or("–");
    let changed = changed.get(..16).unwrap_or(changed).replace('T', " ");
    let from = match (&function.stack, &function.logical_id) {
        (Some(stack), Some(id)) => format!("{stack} ({id})"),
        (Some(stack), None) => stack.clone(),
        (None, _) if function.is_direct => "– (direct)".to_owned(),
        (None, _) => "–".to_owned(),
    };
    let ListedFunction { name, runtime, architecture, memory_mb, timeout_seconds, .. } = function;
    [
        name.clone(),
        runtime.clone().unwrap_or_else(|| "–".to_owned()),
        architecture.clone(),
        format!("{memory_mb} MB"),
        format!("{timeout_seconds} s"),
        function.package_type.to_lowercase(),
        changed,
        from,
    ]
    .map(|cell| escape::line(&cell).into_owned())
}

/// Reads the functions of the project's stack: their names in the template, by their names on AWS.
async fn in_stack(project: &RemoteProject) -> Result<BTreeMap<String, String>> {
    match project.stack().await? {
        Some(mut stack) => stack.functions().await,
        None => Ok(BTreeMap::new()),
    }
}

/// Parses a time of Lambda's API, such as `2026-11-30T12:00:00.000+0000`.
fn parse_time(text: &str) -> Option<String> {
    let time = OffsetDateTime::parse(text, &Iso8601::DEFAULT).ok()?;
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    time.to_offset(time::UtcOffset::UTC).format(&format).ok()
}

/// Reads the tags of all functions, by the ARN of the function.
async fn tags(
    aws: &AwsCli,
) -> std::result::Result<BTreeMap<String, BTreeMap<String, String>>, CallError> {
    let input = json!({ "ResourceTypeFilters": ["lambda:function"] });
    let output = aws.call(Service::Tagging, "get-resources", &input).await?;
    let all = output.get("ResourceTagMappingList").and_then(Value::as_array);
    let resource = |resource: &Value| {
        let arn = resource.get("ResourceARN")?.as_str()?.to_owned();
        let tag = |tag: &Value| {
            let text = |name: &str| tag.get(name)?.as_str().map(str::to_owned);
            Some((text("Key")?, text("Value")?))
        };
        Some((arn, resource.get("Tags")?.as_array()?.iter().filter_map(tag).collect()))
    };
    Ok(all.into_iter().flatten().filter_map(resource).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_times_of_lambda() {
        let time = |text| parse_time(text).unwrap_or_default();
        assert_eq!(time("2026-11-30T12:00:01.123+0000"), "2026-11-30T12:00:01Z");
        assert_eq!(time("2026-11-30T12:00:01.123+0130"), "2026-11-30T10:30:01Z");
        assert_eq!(time("yesterday"), "");
    }
}
