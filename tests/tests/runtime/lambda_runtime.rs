//! Functions for the crate `lambda_runtime`, as handlers.

use std::time::Duration;

use ::lambda_runtime::{Context, Diagnostic, Error, LambdaEvent};
use lambda_native::testing::{self, ContextBuilder};
use lambda_native::{CognitoIdentity, lambda_runtime::handler_fn};
use serde_json::{Value, json};

async fn echo(event: LambdaEvent<Value>) -> Result<(Value, Context), Error> {
    Ok(event.into_parts())
}

#[test]
fn the_function_gets_the_event_and_the_whole_context() {
    let identity = CognitoIdentity { identity_id: "ada".into(), identity_pool_id: "pool".into() };
    let context = ContextBuilder::new()
        .request_id("7")
        .remaining_time(Duration::from_secs(30))
        .trace_id("Root=1-2-3")
        .client_context(r#"{"custom":{"name":"Ada"},"environment":{"locale":"en"}}"#)
        .cognito_identity(&identity)
        .tenant_id("blue")
        .build();
    let reply = testing::call(&handler_fn(echo), r#"{"item":"tea"}"#, &context).unwrap();
    let deadline = context.deadline().unwrap();
    let deadline = deadline.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    let expected = json!([
        { "item": "tea" },
        {
            "request_id": "7",
            "deadline": u64::try_from(deadline).unwrap(),
            "invoked_function_arn": "arn:aws:lambda:us-east-1:123456789012:function:test",
            "xray_trace_id": "Root=1-2-3",
            "client_context": {
                "client": {
                    "appPackageName": "",
                    "appTitle": "",
                    "appVersionCode": "",
                    "appVersionName": "",
                    "installationId": "",
                },
                "custom": { "name": "Ada" },
                "environment": { "locale": "en" },
            },
            "identity": { "identityId": "ada", "identityPoolId": "pool" },
            "tenant_id": "blue",
            "env_config": {
                "function_name": "test",
                "memory": 128,
                "version": "$LATEST",
                "log_stream": "2026/01/31/[$LATEST]test",
                "log_group": "/aws/lambda/test",
            },
        },
    ]);
    assert_eq!(serde_json::from_slice::<Value>(&reply).unwrap(), expected);
}

#[test]
fn errors_have_the_types_that_lambda_runtime_reports() {
    let fails = handler_fn(async |_: LambdaEvent<Value>| {
        Err::<(), _>(Diagnostic { error_type: "OutOfStock".into(), error_message: "no tea".into() })
    });
    let error = testing::call(&fails, "null", &testing::context()).unwrap_err();
    assert_eq!((error.error_type(), error.message()), ("OutOfStock", "no tea"));

    let fails = handler_fn(async |_: LambdaEvent<Value>| Err::<(), Error>("no tea".into()));
    let error = testing::call(&fails, "null", &testing::context()).unwrap_err();
    let expected = Diagnostic::from(Error::from("no tea"));
    assert_eq!((error.error_type(), error.message()), (expected.error_type.as_str(), "no tea"));
}

#[test]
fn an_unreadable_event_or_context_is_an_error() {
    let call = |event, context: &_| testing::call(&handler_fn(echo), event, context).unwrap_err();
    let error = call("{", &testing::context());
    assert_eq!(error.error_type(), "Runtime.UnmarshalError");

    let context = ContextBuilder::new().client_context("[1]").build();
    let error = call("null", &context);
    assert_eq!(error.error_type(), "Runtime.MalformedContext");
    assert_eq!(
        error.message(),
        "cannot read the client context: invalid type: integer `1`, expected struct ClientApplication at line 1 \
         column 2"
    );
}
