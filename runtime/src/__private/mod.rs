//! The functions and traits that the code of the macros uses; not part of the public API.

#[cfg(feature = "http")]
pub mod authorizer;
#[cfg(feature = "events")]
mod events;
mod function;
#[cfg(feature = "http")]
pub mod http;
mod json;
#[cfg(feature = "openapi")]
pub mod openapi;
mod output;
mod parameter;
mod program;
#[cfg(feature = "http")]
mod routed;

#[cfg(feature = "events")]
pub use self::events::*;
pub use self::function::*;
pub use self::json::*;
pub use self::output::*;
pub use self::parameter::*;
pub use self::program::*;
#[cfg(fuzzing)]
pub(crate) use self::routed::Routed;
#[cfg(feature = "http")]
pub use self::routed::{main_with_routes, response, wrapped};
pub use crate::json::{decode, encode};
pub use crate::record::{
    Description, Kind, ParameterDescription, RouteDescription, SourceDescription,
};
#[cfg(feature = "http")]
pub use crate::routes::{Arguments, Matched, Route};
pub use serde;

#[cfg(feature = "macros")]
pub use lambda_native_macros::write_main;

/// The traits that describe types, without names.
#[cfg(feature = "openapi")]
pub mod openapi_traits {
    pub use super::openapi::{
        HasResponses as _, HasSchema as _, IsAnyResponse as _, IsOtherError as _, IsTextError as _,
        ValueOnly as _, WithoutSchema as _,
    };
}

/// The traits whose methods the emitted code calls, without names that could hide the user's.
pub mod traits {
    pub use super::{ConvertsError as _, DescribesError as _, ReturnsValue as _, WrapsError as _};
}

/// The same traits for handlers of HTTP requests, whose errors can be responses.
#[cfg(feature = "http")]
pub mod http_traits {
    pub use super::http::{IsResponse as _, RespondsWithError as _};
    pub use super::traits::*;
}
