//! Is a whole program, with parameters that have the names of the macro's variables.

// event: {"type":"TOKEN","authorizationToken":"ada","methodArn":"arn:aws:execute-api:eu-central-1:1:api/live/GET/orders"}
// reply: {"policyDocument":{"Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"arn:aws:execute-api:eu-central-1:1:api/live/*"}],"Version":"2012-10-17"},"principalId":"ada"}
// event: {"version":"2.0","type":"REQUEST","rawPath":"/","rawQueryString":"event=%261","headers":{"asked":"bob"},"requestContext":{"http":{"method":"GET"}}}
// reply: {"context":{"principalId":"bob&1"},"isAuthorized":true}

use lambda_native::http::Allow;
use lambda_native::lambda_handler;

#[lambda_handler(authorizer)]
fn reply(#[header] asked: &str, #[query] event: Option<String>) -> Allow {
    Allow::new(format!("{asked}{}", event.unwrap_or_default()))
}
