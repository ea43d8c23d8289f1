//! The project's `template.yaml` as SAM reads it: its functions, and the endpoints that lead to them.

mod api;
mod arn;
mod authorizer;
pub(crate) mod config_file;
mod deployment;
mod diagnostics;
mod event_source_mapping;
mod function;
mod intrinsics;
mod load;
mod location;
mod model;
mod nested;
mod openapi;
mod parameter_overrides;
mod resource;
mod scalar;
mod schema;
#[cfg(test)]
mod tests;
mod yaml;

pub(crate) use self::config_file::{ConfigChoice, SamConfig};
pub(crate) use self::deployment::{ImageSource, SamPart};
pub(crate) use self::load::{TEMPLATE_NAMES, find_template, project_root, read_template};
pub(crate) use self::model::{
    Api, ApiAuthorizer, ApiKind, Application, Cors, Endpoint, EventSourceMapping, IdentitySource,
    JwtAuthorizer, LambdaAuthorizer, PayloadFormat, SourceKind, SourceResource, TemplateFunction,
    logical_id,
};
