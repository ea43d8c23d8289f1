//! `scaffold sync`: brings the events of a template in step with the routes of the code.
//!
//! [`code`] tells the routes that each function serves, and [`synchronize`] compares them with the template and
//! edits it. It owns the events that it has written itself and remembers in `Metadata`; everything
//! else in the template stays as it is, byte for byte.

mod code;
mod compare;
mod document;
mod edit;
mod events;
mod outline;
mod project;
mod route;
mod style;
#[cfg(test)]
mod tests;
mod value;

pub(crate) use self::code::{CodeRoute, FunctionRoutes};
pub(crate) use self::compare::{EventChange, Remark, Synchronized, synchronize};
pub(crate) use self::events::EventKind;
pub(crate) use self::project::{HINT, build, compare, read, warn};
