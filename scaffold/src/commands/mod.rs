//! The commands: each reads its arguments, calls the room that does the work, and prints the result.

pub(crate) mod add;
pub(crate) mod build;
pub(crate) mod completions;
pub(crate) mod convert;
pub(crate) mod delete;
pub(crate) mod deploy;
pub(crate) mod dev;
pub(crate) mod doctor;
pub(crate) mod inspect;
pub(crate) mod invoke;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod man;
pub(crate) mod new;
pub(crate) mod openapi;
pub(crate) mod package;
pub(crate) mod sync;
