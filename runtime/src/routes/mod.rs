//! Routes: which handler gets a request, and its parameters as Rust values.
//!
//! `route` is a method and a path, `router` chooses the route of a request, `arguments` reads its
//! parameters, and `value` parses one of them.

mod arguments;
mod route;
mod router;
mod value;

pub use self::arguments::Arguments;
pub use self::route::Route;
pub(crate) use self::route::assert_new_routes;
pub use self::router::Matched;
pub(crate) use self::router::Router;
