//! Processes: starting and stopping children, finding programs, and interrupts.

pub(crate) mod background;
#[cfg(target_os = "linux")]
pub(crate) mod debuggee;
#[cfg(target_os = "linux")]
mod descendants;
pub(crate) mod interrupt;
#[cfg(unix)]
pub(crate) mod keeper;
pub(crate) mod programs;
pub(crate) mod this_program;
pub(crate) mod tree;
