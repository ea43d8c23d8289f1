//! Invocations, as the Runtime API hands them out.

use super::http1::parser::ParsedResponse;
use super::request::InvocationIds;
use crate::context::Context;
use crate::error::RuntimeError;

/// An event with the headers that came with it, borrowed from the client's buffer.
#[derive(Debug, Default)]
pub(crate) struct Invocation<'c> {
    request_id: &'c str,
    deadline_ms: Option<u64>,
    invoked_function_arn: Option<&'c str>,
    trace_id: Option<&'c str>,
    invocation_id: Option<&'c str>,
    client_context: Option<&'c str>,
    cognito_identity: Option<&'c str>,
    tenant_id: Option<&'c str>,
    pub(crate) payload: &'c [u8],
}

impl<'c> Invocation<'c> {
    /// Takes an invocation out of the response to `next`.
    ///
    /// # Errors
    /// If the request id is missing or cannot be a part of a path.
    pub(crate) fn parse(response: &ParsedResponse<'c>) -> Result<Self, RuntimeError> {
        let mut invocation = Invocation { payload: response.body, ..Self::default() };
        for (name, value) in response.headers() {
            let Some(name) = strip_prefix_ignore_case(name, b"lambda-runtime-") else { continue };
            let Ok(value) = std::str::from_utf8(value) else { continue };
            let optional = [
                (&b"invoked-function-arn"[..], &mut invocation.invoked_function_arn),
                (&b"trace-id"[..], &mut invocation.trace_id),
                (&b"invocation-id"[..], &mut invocation.invocation_id),
                (&b"client-context"[..], &mut invocation.client_context),
                (&b"cognito-identity"[..], &mut invocation.cognito_identity),
                (&b"aws-tenant-id"[..], &mut invocation.tenant_id),
            ];
            if name.eq_ignore_ascii_case(b"aws-request-id") {
                invocation.request_id = value;
            } else if name.eq_ignore_ascii_case(b"deadline-ms") {
                invocation.deadline_ms = value.parse().ok();
            } else {
                for (known, field) in optional {
                    if name.eq_ignore_ascii_case(known) {
                        *field = Some(value);
                    }
                }
            }
        }
        if is_token(invocation.request_id) {
            Ok(invocation)
        } else {
            Err(RuntimeError::no_request_id())
        }
    }

    /// Describes the invocation in `context`, whose strings keep their memory.
    pub(crate) fn fill(&self, context: &mut Context) {
        self.request_id.clone_into(&mut context.request_id);
        context.deadline_ms = self.deadline_ms;
        assign(&mut context.invoked_function_arn, self.invoked_function_arn);
        assign(&mut context.trace_id, self.trace_id);
        assign(&mut context.invocation_id, self.invocation_id);
        assign(&mut context.client_context, self.client_context);
        assign(&mut context.cognito_identity, self.cognito_identity);
        assign(&mut context.tenant_id, self.tenant_id);
    }

    pub(crate) fn ids(&self) -> InvocationIds<'c> {
        InvocationIds { request_id: self.request_id, invocation_id: self.invocation_id }
    }
}

impl<'a> From<&'a Context> for InvocationIds<'a> {
    fn from(context: &'a Context) -> Self {
        Self { request_id: &context.request_id, invocation_id: context.invocation_id.as_deref() }
    }
}

/// Sets `slot` to `value`, in the memory that it already has.
pub(super) fn assign(slot: &mut Option<String>, value: Option<&str>) {
    match (slot, value) {
        (Some(text), Some(value)) => value.clone_into(text),
        (slot, value) => *slot = value.map(str::to_owned),
    }
}

/// Tells whether `text` can stand in a request line: visible ASCII.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Returns what follows `prefix` in `text`.
fn strip_prefix_ignore_case<'a>(text: &'a [u8], prefix: &[u8]) -> Option<&'a [u8]> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}
