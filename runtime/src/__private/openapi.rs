//! Descriptions of handlers, in debug builds with the feature `openapi`.

pub use crate::openapi::document::Document;
pub use crate::openapi::operation::Operation;
pub use crate::openapi::program::print_if_asked;
pub use crate::openapi::schemars::{Schema, SchemaGenerator};
pub use crate::openapi::types::{
    HasResponses, HasSchema, IsAnyResponse, IsOtherError, IsTextError, Of, SchemaOf, Type,
    ValueOnly, WithoutSchema,
};
