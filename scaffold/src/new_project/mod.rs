//! Creates projects: from the answers to a template's questions to files.

pub(crate) mod answers;
pub(crate) mod cargo_workspace;
mod child;
pub(crate) mod command_line;
pub(crate) mod destination;
mod dialogue;
pub(crate) mod expand;
pub(crate) mod file_tree;
pub(crate) mod generate;
pub(crate) mod git;
pub(crate) mod name;
pub(crate) mod preview;
pub(crate) mod prompt;
pub(crate) mod question;
mod resolver;
pub(crate) mod runtime_source;
pub(crate) mod schema;
mod scripts;
pub(crate) mod settings;
pub(crate) mod staging;
pub(crate) mod template;
