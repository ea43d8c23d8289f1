//! The schemas of problem documents (RFC 9457).

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::http::Problem;

/// A request that was refused because of its parameters.
pub(super) struct RequestProblem;

/// A response of API Gateway itself.
pub(super) struct GatewayMessage;

impl JsonSchema for GatewayMessage {
    fn schema_name() -> Cow<'static, str> {
        "GatewayMessage".into()
    }

    fn schema_id() -> Cow<'static, str> {
        "lambda_native::openapi::GatewayMessage".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An error, as API Gateway reports it.",
            "type": "object",
            "properties": {
                "message": { "type": "string", "description": "A description of the error." }
            },
            "required": ["message"]
        })
    }
}

impl JsonSchema for Problem {
    fn schema_name() -> Cow<'static, str> {
        "Problem".into()
    }

    fn schema_id() -> Cow<'static, str> {
        "lambda_native::http::Problem".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An error, in the form of RFC 9457.",
            "type": "object",
            "properties": {
                "type": {
                    "type": "string",
                    "description": "A URI that identifies the kind of problem; without it, the status does."
                },
                "title": { "type": "string", "description": "A summary of the kind of problem." },
                "status": { "type": "integer", "description": "The status of the response." },
                "detail": { "type": "string", "description": "An explanation of this occurrence." }
            },
            "required": ["title", "status"]
        })
    }
}

impl JsonSchema for RequestProblem {
    fn schema_name() -> Cow<'static, str> {
        "RequestProblem".into()
    }

    fn schema_id() -> Cow<'static, str> {
        "lambda_native::openapi::RequestProblem".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Everything that is wrong with the parameters of a request, in the form of RFC 9457.",
            "type": "object",
            "properties": {
                "title": { "type": "string", "description": "The reason phrase of the status." },
                "status": { "type": "integer", "description": "The status of the response." },
                "detail": { "type": "string", "description": "A summary." },
                "errors": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "in": {
                                "type": "string",
                                "enum": ["path", "query", "header", "cookie", "body"],
                                "description": "The place of the parameter."
                            },
                            "name": {
                                "type": "string",
                                "description": "The name of the parameter, or the path of a member of the body."
                            },
                            "reason": { "type": "string", "description": "Why it cannot be read." }
                        },
                        "required": ["in", "name", "reason"]
                    }
                }
            },
            "required": ["title", "status", "detail", "errors"]
        })
    }
}
