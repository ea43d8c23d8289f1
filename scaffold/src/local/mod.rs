//! AWS on this machine: API Gateway, Lambda, and the commands that use them.

pub(crate) mod access;
pub(crate) mod application;
mod connections;
pub(crate) mod console;
mod deployed_stack;
pub(crate) mod dev;
pub(crate) mod durable;
pub(crate) mod environment;
pub(crate) mod gateway;
pub(crate) mod invoke;
pub(crate) mod lambda;
pub(crate) mod poll;
pub(crate) mod sample_events;
pub(crate) mod server;
pub(crate) mod token_keys;
pub(crate) mod warnings;
