//! `scaffold deploy --direct` and `scaffold delete`: functions without SAM and `CloudFormation`.
//!
//! [`settings`] decides how the function should be, each resource compares that with what is on AWS and has a
//! [`plan`], and [`deploy`] carries the plans out. Everything that it creates has a [`tag`], by which
//! [`delete`] knows it.

mod alias;
mod artifacts;
mod client;
pub(crate) mod delete;
pub(crate) mod deploy;
mod function;
mod http_api;
mod image;
mod log_group;
mod permission;
pub(crate) mod plan;
mod project;
mod role;
mod settings;
mod tag;
mod url;
