//! The resource-based policy of a function: who else may invoke it.

use serde_json::{Value, json};

use super::client::{Client, explain};
use crate::aws::aws_cli::Service;
use crate::term::error::Result;

/// The ids of the statements for a public function URL. The console gives them the same ids.
pub(crate) const PUBLIC_URL: [&str; 2] =
    ["FunctionURLAllowPublicAccess", "FunctionURLAllowInvokeAction"];

/// A statement, as `AddPermission` takes it.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) id: String,
    fields: Value,
}

/// Returns the statements for a function URL that anybody can call. Since October 2025, new URLs need both:
/// "Control access to Lambda function URLs" in the AWS Lambda Developer Guide. `InvokedViaFunctionUrl` of the
/// operation `AddPermission` keeps the second one from allowing anybody to invoke the function in other ways.
pub(crate) fn public_url() -> [Statement; 2] {
    let [url, invoke] = PUBLIC_URL.map(str::to_owned);
    [
        Statement {
            id: url,
            fields: json!({
                "Action": "lambda:InvokeFunctionUrl",
                "Principal": "*",
                "FunctionUrlAuthType": "NONE",
            }),
        },
        Statement {
            id: invoke,
            fields: json!({
                "Action": "lambda:InvokeFunction",
                "Principal": "*",
                "InvokedViaFunctionUrl": true,
            }),
        },
    ]
}

/// Returns the statement for an HTTP API. `function` is the ARN of the function.
pub(crate) fn http_api(api: &str, function: &str) -> Statement {
    // arn:aws:lambda:eu-central-1:123456789012:function:hello
    let mut parts = function.split(':').skip(1);
    let partition = parts.next().unwrap_or("aws");
    let (region, account) = (parts.nth(1).unwrap_or_default(), parts.next().unwrap_or_default());
    Statement {
        id: http_api_id(api),
        fields: json!({
            "Action": "lambda:InvokeFunction",
            "Principal": "apigateway.amazonaws.com",
            // Any stage and any route.
            "SourceArn": format!("arn:{partition}:execute-api:{region}:{account}:{api}/*"),
        }),
    }
}

/// Returns the id of the statement for an HTTP API.
pub(crate) fn http_api_id(api: &str) -> String {
    format!("lambda-native-http-api-{api}")
}

/// Reads the ids of the statements of a function or of its alias.
pub(crate) async fn read(client: &Client, function: &Value) -> Result<Vec<String>> {
    let what = "read the resource-based policy of the function";
    let policy = client.find_one(Service::Lambda, "get-policy", function, what).await?;
    let policy = policy.as_ref().and_then(|policy| policy.get("Policy")?.as_str());
    let policy: Value = policy.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let statements = policy.get("Statement").and_then(Value::as_array);
    let id = |statement: &Value| statement.get("Sid")?.as_str().map(str::to_owned);
    Ok(statements.into_iter().flatten().filter_map(id).collect())
}

/// Adds a statement to a function or its alias, unless it has it.
pub(crate) async fn add(client: &Client, function: &Value, statement: &Statement) -> Result<()> {
    let mut input = merged(function, &statement.fields);
    if let Some(input) = input.as_object_mut() {
        input.insert("StatementId".to_owned(), json!(statement.id));
    }
    match client.attempt(Service::Lambda, "add-permission", &input, None).await {
        Err(error) if !error.is("ResourceConflictException") => {
            let what =
                format!("add the statement `{}` to the policy of the function", statement.id);
            Err(explain(&error, Service::Lambda, &what))
        }
        _ => Ok(()),
    }
}

/// Removes a statement from a function or its alias.
pub(crate) async fn remove(client: &Client, function: &Value, id: &str) -> Result<()> {
    let input = merged(function, &json!({ "StatementId": id }));
    let what = format!("remove the statement `{id}` from the policy of the function");
    client.find_one(Service::Lambda, "remove-permission", &input, &what).await.map(drop)
}

/// Merges two JSON objects.
pub(crate) fn merged(one: &Value, other: &Value) -> Value {
    let all = [one, other].into_iter().filter_map(Value::as_object).flatten();
    Value::Object(all.map(|(name, value)| (name.clone(), value.clone())).collect())
}
