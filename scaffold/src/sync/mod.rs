//! `scaffold sync`: brings the events of a template in step with the routes and sources of the code.
//!
//! [`code`] tells the routes that each function serves and the sources of its events, and [`synchronize`] compares
//! them with the template and edits it; [`authorizers`] gives the events the authorizers of the code. It owns the
//! events that it has written itself and remembers in `Metadata`; everything else in the template stays as it is, byte
//! for byte. [`addition`] adds the function, the queue and the event of a new handler for `scaffold add`.

mod addition;
mod authorizers;
mod code;
mod compare;
mod document;
mod edit;
mod events;
mod outline;
mod permissions;
mod project;
mod route;
mod source;
mod style;
#[cfg(test)]
mod tests;
mod trigger;
mod value;

pub(crate) use self::addition::{
    Added, Addition, AdditionFunction, NewQueue, NewSource, add, add_source,
};
pub(crate) use self::authorizers::AuthorizerChange;
pub(crate) use self::code::FunctionTriggers;
pub(crate) use self::compare::{EventChange, Remark, Synchronized, synchronize};
pub(crate) use self::events::EventKind;
pub(crate) use self::project::{HINT, build, compare, read, warn};
pub(crate) use self::route::Route;
pub(crate) use self::source::Source;
pub(crate) use self::trigger::Trigger;
