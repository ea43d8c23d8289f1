//! One module for each command, each a plain function.

pub(crate) mod invoke;
pub(crate) mod new;
