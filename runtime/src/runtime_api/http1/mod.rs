//! HTTP/1.1, as far as the Runtime API needs it.

pub(crate) mod connection;
pub(crate) mod parser;
