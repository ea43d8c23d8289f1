//! Questions about types that the compiler answers where the macro has written them: method resolution finds
//! the trait with the most references whose bounds hold, as in `__private::output`.

use std::any::type_name;
use std::borrow::Cow;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::responses::{DescribeResponses, Responses};
use super::schemas::no_schema;
use crate::__private::http::Text;
use crate::http::IntoResponse;

/// A type.
#[derive(Debug)]
pub struct Type<T: ?Sized>(PhantomData<fn() -> PhantomData<T>>);

impl<T: ?Sized> Type<T> {
    /// The type.
    pub const NEW: Self = Self(PhantomData);
}

/// A type with a schema.
pub trait HasSchema {
    /// Returns the schema, or a reference to it. `name` is the type as it is written.
    fn schema(&self, name: &str, generator: &mut SchemaGenerator) -> Schema;
}

impl<T: JsonSchema + ?Sized> HasSchema for &Type<T> {
    fn schema(&self, _: &str, generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

/// A type without one.
pub trait WithoutSchema {
    /// Returns a schema that allows everything.
    fn schema(&self, name: &str, generator: &mut SchemaGenerator) -> Schema;
}

impl<T: ?Sized> WithoutSchema for Type<T> {
    fn schema(&self, name: &str, _: &mut SchemaGenerator) -> Schema {
        no_schema(name)
    }
}

/// The schema of a type in the source of a handler. The macro implements it for a type that stands for that one.
pub trait SchemaOf {
    /// Returns the schema, or a reference to it.
    fn schema(generator: &mut SchemaGenerator) -> Schema;
}

/// A type with the schema that `S` tells. It takes the place of another one in the type of a response.
#[derive(Debug)]
pub struct Of<S>(PhantomData<fn() -> S>);

impl<S: SchemaOf> JsonSchema for Of<S> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        type_name::<S>().into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        S::schema(generator)
    }
}

impl<T, E> Type<Result<T, E>> {
    /// Returns the types of the value and of the error.
    #[must_use]
    pub fn parts(&self) -> (Type<T>, Type<E>) {
        (Type::NEW, Type::NEW)
    }
}

/// A type that is not a `Result`.
pub trait ValueOnly<T> {
    /// Returns the type itself, and one that does not occur.
    fn parts(&self) -> (Type<T>, Type<NoError>);
}

impl<T> ValueOnly<T> for Type<T> {
    fn parts(&self) -> (Type<T>, Type<NoError>) {
        (Type::NEW, Type::NEW)
    }
}

/// The error of a handler that returns no `Result`.
#[derive(Debug)]
pub enum NoError {}

impl DescribeResponses for NoError {
    fn describe(_: &mut Responses<'_>) {}
}

/// A value or an error whose responses are known.
pub trait HasResponses {
    /// Adds them.
    fn describe(&self, responses: &mut Responses<'_>);
}

impl<T: DescribeResponses> HasResponses for &&Type<T> {
    fn describe(&self, responses: &mut Responses<'_>) {
        T::describe(responses);
    }
}

/// A value or an error that is a response of which nothing is known.
pub trait IsAnyResponse {
    /// Allows any response.
    fn describe(&self, responses: &mut Responses<'_>);
}

impl<T: IntoResponse> IsAnyResponse for &Type<T> {
    fn describe(&self, responses: &mut Responses<'_>) {
        responses.undescribed(type_name::<T>());
    }
}

/// An error that becomes a [`crate::Error`].
pub trait IsOtherError {
    /// Allows any problem.
    fn describe(&self, responses: &mut Responses<'_>);
}

impl<T> IsOtherError for Type<T> {
    fn describe(&self, responses: &mut Responses<'_>) {
        responses.any_problem();
    }
}

/// Text, which is an error without a status, although it is a response as well.
pub trait IsTextError {
    /// Allows any problem.
    fn describe(&self, responses: &mut Responses<'_>);
}

impl<T: Text> IsTextError for &&&Type<T> {
    fn describe(&self, responses: &mut Responses<'_>) {
        responses.any_problem();
    }
}
